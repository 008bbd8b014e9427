#include "tests/unit/hub/core/flags_world.h"

#include <string.h>

#include "shared/base/civil.h"
#include "shared/consent/consent.h"

enum { NOON = 12 * 60 };

int32_t day_of(const char *date) {
    int32_t day = 0;
    assert_int_equal(date_parse(date, &day), 0);
    return day;
}

struct org_id org_of(const char *text) {
    struct org_id org = {0};
    if (text[0] != '\0') {
        assert_int_equal(org_id_parse(text, &org), 0);
    }
    return org;
}

struct message_id id_of(uint8_t id) {
    return (struct message_id){.bytes = {id}};
}

static enum desk desk(void *context, const struct org_id *org, int32_t day,
                      struct org_id *ret_deputy) {
    const struct stage *stage = context;
    for (size_t i = 0; i < stage->gone_count; i++) {
        if (org_id_equal(&stage->gone[i], org)) {
            return DESK_GONE;
        }
    }
    for (size_t i = 0; i < stage->closure_count; i++) {
        const struct stage_closure *closure = &stage->closures[i];
        if (org_id_equal(&closure->org, org) && day >= closure->from_day &&
            day <= closure->until_day) {
            *ret_deputy = closure->deputy;
            return DESK_CLOSED;
        }
    }
    return DESK_OPEN;
}

static bool may_sanction(void *context, const struct org_id *org) {
    const struct stage *stage = context;
    return org_id_equal(&stage->sanctions, org);
}

struct stage *stage_new(const char *date) {
    static const uint8_t seed[32] = {7};
    struct stage *stage = test_calloc(1, sizeof(*stage));
    family_init(&stage->family, &(struct family_handle){.bytes = {1}});
    stage->family.state = CONSENT_GIVEN;
    stage->family.given_day = day_of(date);
    stage->family.token = (struct consent_token){
        .scopes = {0x3f},
        .end_month = consent_end_month_max(day_of(date)),
        .fallback_first = org_of("agii"),
        .fallback_second = org_of("caw"),
    };
    rng_init(&stage->rng, seed);
    stage->world = (struct family_world){
        .rng = &stage->rng, .desk = desk, .may_sanction = may_sanction, .context = stage};
    stage_date(stage, date);
    return stage;
}

void stage_without(struct stage *stage, enum scope scope) {
    stage->family.token.scopes.bits &= ~scope_bit(scope);
}

void stage_at(struct stage *stage, int32_t day) {
    stage->world.today = day;
    stage->world.now_ms = brussels_instant(day, NOON);
}

void stage_date(struct stage *stage, const char *date) {
    stage_at(stage, day_of(date));
}

void stage_judge(struct stage *stage) {
    stage->effects = (struct family_effects){0};
    flags_judge(&stage->family, &stage->world, &stage->effects);
}

void stage_on(struct stage *stage, const char *date) {
    stage_date(stage, date);
    stage_judge(stage);
}

void stage_daily(struct stage *stage, const char *until) {
    for (int32_t day = stage->world.today + 1; day <= day_of(until); day++) {
        stage_at(stage, day);
        stage_judge(stage);
    }
}

void stage_closed(struct stage *stage, const char *org, const char *from, const char *until,
                  const char *deputy) {
    assert_true(stage->closure_count < STAGE_CLOSURES_MAX);
    stage->closures[stage->closure_count++] = (struct stage_closure){
        .org = org_of(org),
        .from_day = day_of(from),
        .until_day = day_of(until),
        .deputy = org_of(deputy),
    };
}

void stage_gone(struct stage *stage, const char *org) {
    assert_true(stage->gone_count < STAGE_GONE_MAX);
    stage->gone[stage->gone_count++] = org_of(org);
}

void stage_may_sanction(struct stage *stage, const char *org) {
    stage->sanctions = org_of(org);
}

static struct family_support *support_of(struct stage *stage, const char *org) {
    const struct org_id id = org_of(org);
    struct family_support *support = family_support_of(&stage->family, &id);
    if (support == NULL) {
        assert_true(stage->family.support_count < FAMILY_SUPPORTS_MAX);
        support = &stage->family.supports[stage->family.support_count++];
        *support = (struct family_support){.org = id, .since_day = stage->world.today};
    }
    return support;
}

struct family_support *stage_support(struct stage *stage, const char *org, enum support_kind kind,
                                     enum support_distance distance) {
    struct family_support *support = support_of(stage, org);
    support->kind = kind;
    support->distance = distance;
    support->state = SUPPORT_ACTIVE;
    support->end_day = FAMILY_DAY_NONE;
    support->successor = (struct org_id){0};
    support->confirmed_day = stage->world.today;
    return support;
}

void stage_contact(struct stage *stage, const char *org) {
    support_of(stage, org)->confirmed_day = stage->world.today;
}

void stage_ending(struct stage *stage, const char *org, const char *end, const char *successor) {
    struct family_support *support = support_of(stage, org);
    support->state = SUPPORT_ENDING;
    support->end_day = day_of(end);
    support->successor = org_of(successor);
    support->confirmed_day = stage->world.today;
}

void stage_ended(struct stage *stage, const char *org, const char *end, const char *successor) {
    stage_ending(stage, org, end, successor);
    support_of(stage, org)->state = SUPPORT_ENDED;
}

struct family_ask *stage_ask(struct stage *stage, const char *org, const char *to, uint8_t id) {
    assert_true(stage->family.ask_count < FAMILY_ASKS_MAX);
    struct family_ask *ask = &stage->family.asks[stage->family.ask_count++];
    *ask = (struct family_ask){
        .id = id_of(id),
        .org = org_of(org),
        .to = org_of(to),
        .state = ASK_OPEN,
        .asked_day = stage->world.today,
        .received_day = stage->world.today,
        .answered_day = FAMILY_DAY_NONE,
    };
    return ask;
}

enum refusal stage_concern(struct stage *stage, const char *org, enum concern_by by,
                           enum concern_reason reason, enum concern_urgency urgency, uint8_t id) {
    stage->effects = (struct family_effects){0};
    const enum refusal refusal = flags_concern(&stage->family, &stage->world,
                                               &(struct concern){
                                                   .id = id_of(id),
                                                   .org = org_of(org),
                                                   .by = by,
                                                   .reason = reason,
                                                   .urgency = urgency,
                                                   .at_ms = stage->world.now_ms,
                                               },
                                               &stage->effects);
    if (refusal == REFUSAL_NONE) {
        flags_judge(&stage->family, &stage->world, &stage->effects);
    }
    return refusal;
}

static enum refusal answer(struct stage *stage, const char *org, enum flag_kind kind,
                           const struct flag_answer *said) {
    struct flag_answer answer = *said;
    const struct family_flag *flag = stage_flag(stage, kind);
    const struct org_id id = org_of(org);
    assert_non_null(flag);
    answer.flag = flag->id;
    stage->effects = (struct family_effects){0};
    const enum refusal refusal =
        flags_answer(&stage->family, &stage->world, &id, &answer, &stage->effects);
    if (refusal == REFUSAL_NONE) {
        flags_judge(&stage->family, &stage->world, &stage->effects);
    }
    return refusal;
}

enum refusal stage_answer(struct stage *stage, const char *org, enum flag_kind kind,
                          enum flag_action action) {
    return answer(stage, org, kind, &(struct flag_answer){.action = action});
}

enum refusal stage_close(struct stage *stage, const char *org, enum flag_kind kind,
                         enum flag_reason reason) {
    return answer(stage, org, kind, &(struct flag_answer){.action = FLAG_CLOSE, .reason = reason});
}

struct family_flag *stage_flag(struct stage *stage, enum flag_kind kind) {
    struct family_flag *found = NULL;
    for (size_t i = 0; i < stage->family.flag_count; i++) {
        struct family_flag *flag = &stage->family.flags[i];
        if (flag->kind == kind && flag->state != FLAG_CLOSED) {
            assert_null(found);
            found = flag;
        }
    }
    return found;
}

size_t stage_open_flags(const struct stage *stage) {
    size_t count = 0;
    for (size_t i = 0; i < stage->family.flag_count; i++) {
        count += stage->family.flags[i].state != FLAG_CLOSED;
    }
    return count;
}

const struct family_notice *stage_notice(const struct stage *stage, const char *org,
                                         enum notice_kind kind) {
    const struct org_id to = org_of(org);
    const struct family_notice *found = NULL;
    for (size_t i = 0; i < stage->effects.notice_count; i++) {
        const struct family_notice *notice = &stage->effects.notices[i];
        if (org_id_equal(&notice->to, &to) && notice->kind == kind) {
            found = notice;
        }
    }
    assert_non_null(found);
    return found;
}

size_t stage_told(const struct stage *stage, const char *org, enum notice_kind kind) {
    const struct org_id to = org_of(org);
    size_t count = 0;
    for (size_t i = 0; i < stage->effects.notice_count; i++) {
        const struct family_notice *notice = &stage->effects.notices[i];
        count += org_id_equal(&notice->to, &to) && notice->kind == kind;
    }
    return count;
}

size_t stage_counted(const struct stage *stage, enum family_count_kind kind, uint32_t *ret_days) {
    size_t count = 0;
    for (size_t i = 0; i < stage->effects.count_count; i++) {
        if (stage->effects.counts[i].kind == kind) {
            count++;
            if (ret_days != NULL) {
                *ret_days = stage->effects.counts[i].days;
            }
        }
    }
    return count;
}

void assert_org(const struct org_id *org, const char *text) {
    assert_string_equal(org->text, text);
}

void assert_day(int32_t day, const char *date) {
    char text[DATE_TEXT_SIZE];
    date_format(day, text);
    assert_string_equal(text, date);
}

void assert_turn(const struct family_flag *flag, const char *org, const char *acknowledge_by,
                 const char *contact_by) {
    assert_non_null(flag);
    assert_true(flag->turn < flag->line_count);
    assert_org(&flag->line[flag->turn], org);
    assert_day(flag->acknowledge_by_day, acknowledge_by);
    assert_day(flag->contact_by_day, contact_by);
}

void assert_on_board(const struct family_flag *flag) {
    assert_non_null(flag);
    assert_int_equal(flag->turn, flag->line_count);
    assert_int_equal(flag->contact_by_day, FAMILY_DAY_NONE);
}
