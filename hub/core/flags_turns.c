#include <string.h>

#include "hub/core/flags_rules.h"
#include "shared/places/working_days.h"

enum { LINE_BEGIN_MAX = FLAG_LINE_MAX / 2 }; /* each may be followed by its deputy */

/* ---- the line ---- */

static bool in_line(const struct family_flag *flag, const struct org_id *org) {
    for (uint8_t i = 0; i < flag->line_count; i++) {
        if (org_id_equal(&flag->line[i], org)) {
            return true;
        }
    }
    return false;
}

static void line_add(const struct judging *judging, struct family_flag *flag,
                     const struct org_id *org) {
    if (flag->line_count < LINE_BEGIN_MAX && org_is_set(org) && !in_line(flag, org) &&
        !org_is_gone(judging, org)) {
        flag->line[flag->line_count++] = *org;
    }
}

static void line_add_fallbacks(const struct judging *judging, struct family_flag *flag) {
    const struct consent_token *token = &judging->family->token;
    const struct org_id *const fallbacks[] = {&token->fallback_first, &token->fallback_second};
    for (size_t i = 0; i < 2 && family_has_scope(judging->family, SCOPE_FALLBACK); i++) {
        if (!org_may_sanction(judging, fallbacks[i])) {
            line_add(judging, flag, fallbacks[i]);
        }
    }
}

static void line_add_last(const struct judging *judging, struct family_flag *flag) {
    const struct family_support *last[FLAG_LAST_SUPPORTERS];
    const size_t count = flag_last_supporters(judging->family, last);
    for (size_t i = 0; i < count; i++) {
        line_add(judging, flag, &last[i]->org);
    }
}

/* At most `limit` near professional supporters, the one with the latest contact first. */
static void line_add_near(const struct judging *judging, struct family_flag *flag, size_t limit) {
    for (size_t n = 0; n < limit; n++) {
        const struct family_support *latest = NULL;
        for (size_t i = 0; i < judging->family->support_count; i++) {
            const struct family_support *support = &judging->family->supports[i];
            if (support_is_near(support, judging->world->today) && !in_line(flag, &support->org) &&
                !org_is_gone(judging, &support->org) &&
                (latest == NULL || support->confirmed_day > latest->confirmed_day)) {
                latest = support;
            }
        }
        if (latest == NULL) {
            return;
        }
        line_add(judging, flag, &latest->org);
    }
}

static void line_add_leaver(const struct judging *judging, struct family_flag *flag) {
    const struct family_support *last = NULL;
    for (size_t i = 0; i < judging->family->support_count; i++) {
        const struct family_support *support = &judging->family->supports[i];
        if (support_is_near(support, judging->world->today) && support->state == SUPPORT_ENDING &&
            (last == NULL || support->end_day > last->end_day)) {
            last = support;
        }
    }
    if (last != NULL) {
        line_add(judging, flag, &last->org);
    }
}

static void put_last(struct family_flag *flag, const struct org_id *org) {
    for (uint8_t i = 0; i + 1 < flag->line_count; i++) {
        if (org_id_equal(&flag->line[i], org)) {
            memmove(&flag->line[i], &flag->line[i + 1],
                    (size_t)(flag->line_count - i - 1) * sizeof(flag->line[0]));
            flag->line[flag->line_count - 1] = *org;
            return;
        }
    }
}

static void line_of_ask(const struct judging *judging, struct family_flag *flag) {
    line_add_fallbacks(judging, flag);
    if (flag->line_count == 0) {
        line_add_near(judging, flag, LINE_BEGIN_MAX);
    }
    const struct family_ask *ask = family_ask_find(judging->family, &flag->about);
    if (ask != NULL) {
        put_last(flag, &ask->to);
    }
}

static void line_of_concern(const struct judging *judging, struct family_flag *flag) {
    line_add_near(judging, flag, LINE_BEGIN_MAX - CONSENT_ENVELOPES_MAX);
    line_add_fallbacks(judging, flag);
    if (!flag->by_family && flag->raiser_count > 0) {
        put_last(flag, &flag->raisers[0].org);
    }
}

void flag_line_make(const struct judging *judging, struct family_flag *flag) {
    memset(flag->line, 0, sizeof(flag->line));
    flag->line_count = 0;
    flag->turn = 0;
    flag->deputised = false;
    switch (flag->kind) {
    case FLAG_GAP_AHEAD:
        line_add_leaver(judging, flag);
        line_add_fallbacks(judging, flag);
        break;
    case FLAG_NO_LOCAL:
        line_add_fallbacks(judging, flag);
        if (flag->line_count == 0) {
            line_add_last(judging, flag);
        }
        break;
    case FLAG_SILENT:
        line_add(judging, flag, &flag->about_org);
        line_add_fallbacks(judging, flag);
        break;
    case FLAG_ONE_LEFT:
        line_add_near(judging, flag, 1);
        line_add_fallbacks(judging, flag);
        break;
    case FLAG_ASKED_NOT_TAKEN:
        line_of_ask(judging, flag);
        break;
    case FLAG_CONCERN:
        line_of_concern(judging, flag);
        break;
    case FLAG_KIND_NONE:
    case FLAG_NODE_QUIET:
    case FLAG_CALL_BACK:
        break;
    }
}

/* ---- turns ---- */

static bool on_board(const struct family_flag *flag) {
    return flag->turn >= flag->line_count;
}

struct org_id flag_owner(const struct family_flag *flag) {
    if (org_is_set(&flag->taken_by) || on_board(flag)) {
        return flag->taken_by;
    }
    return flag->line[flag->turn];
}

/* Whether it's closed on a day on which others work. */
static enum desk desk_on(const struct judging *judging, const struct org_id *org, int32_t day,
                         struct org_id *ret_deputy) {
    const struct family_world *world = judging->world;
    *ret_deputy = (struct org_id){0};
    if (org_is_barred(judging, org)) {
        return DESK_GONE;
    }
    const enum desk desk = world->desk(world->context, org, day, ret_deputy);
    return desk == DESK_CLOSED && !working_day(day) ? DESK_OPEN : desk;
}

/* Puts the deputy behind whose turn it is; it may stand further on, but not have had its turn. */
static bool line_add_deputy(const struct judging *judging, struct family_flag *flag,
                            const struct org_id *deputy) {
    struct org_id none;
    if (!org_is_set(deputy) ||
        desk_on(judging, deputy, judging->world->today, &none) != DESK_OPEN) {
        return false;
    }
    uint8_t at = 0;
    while (at < flag->line_count && !org_id_equal(&flag->line[at], deputy)) {
        at++;
    }
    if (at <= flag->turn || (at == flag->line_count && flag->line_count == FLAG_LINE_MAX)) {
        return false;
    }
    if (at == flag->line_count) {
        flag->line_count++;
    }
    memmove(&flag->line[flag->turn + 2], &flag->line[flag->turn + 1],
            (size_t)(at - flag->turn - 1) * sizeof(flag->line[0]));
    flag->line[flag->turn + 1] = *deputy;
    return true;
}

static void pass(struct family_flag *flag, const struct org_id *not_to) {
    flag->deputised = false;
    do {
        flag->turn++;
    } while (!on_board(flag) && org_id_equal(&flag->line[flag->turn], not_to));
}

/* From whose turn it is to somebody who is there; each step goes one further in the line. Returns
 * whether clocks begin anew. */
static bool settle(const struct judging *judging, struct family_flag *flag) {
    static const struct org_id nobody = {0};
    bool anew = false;
    while (!on_board(flag)) {
        struct org_id deputy;
        const enum desk desk =
            desk_on(judging, &flag->line[flag->turn], judging->world->today, &deputy);
        if (desk == DESK_OPEN) {
            return anew;
        }
        if (desk == DESK_CLOSED && !flag->deputised && line_add_deputy(judging, flag, &deputy)) {
            flag->deputised = true;
            flag->turn++;
            return anew;
        }
        pass(flag, &nobody);
        anew = true;
    }
    return anew;
}

static void start_clocks(const struct judging *judging, struct family_flag *flag) {
    const int32_t today = judging->world->today;
    const bool urgent = flag->kind == FLAG_CONCERN && flag->urgency == CONCERN_TODAY;
    flag->acknowledge_by_day = working_days_after(
        today, urgent ? FLAG_TODAY_ACKNOWLEDGE_WORKING_DAYS : FLAG_ACKNOWLEDGE_WORKING_DAYS);
    flag->contact_by_day = working_days_after(today, urgent ? FLAG_TODAY_CONTACT_WORKING_DAYS
                                                            : FLAG_CONTACT_WORKING_DAYS);
}

void flag_turn_hasten(const struct judging *judging, struct family_flag *flag) {
    const int32_t acknowledge_by_day = flag->acknowledge_by_day;
    const int32_t contact_by_day = flag->contact_by_day;
    if (on_board(flag) || contact_by_day == FAMILY_DAY_NONE) {
        return;
    }
    start_clocks(judging, flag);
    if (acknowledge_by_day < flag->acknowledge_by_day) {
        flag->acknowledge_by_day = acknowledge_by_day;
    }
    if (contact_by_day < flag->contact_by_day) {
        flag->contact_by_day = contact_by_day;
    }
}

static void begin_turn(const struct judging *judging, struct family_flag *flag, bool anew) {
    static const struct org_id nobody = {0};
    if (on_board(flag)) {
        flag->acknowledge_by_day = FAMILY_DAY_NONE;
        flag->contact_by_day = FAMILY_DAY_NONE;
    } else {
        if (anew) {
            start_clocks(judging, flag);
        }
        flag_tell_owner(judging, flag);
    }
    flag_tell_raisers(judging, flag, &nobody);
}

static void drop_taker(struct family_flag *flag) {
    flag->taken_by = (struct org_id){0};
    flag->state = FLAG_OPEN;
}

void flag_turn_first(const struct judging *judging, struct family_flag *flag) {
    flag->turn = 0;
    flag->deputised = false;
    drop_taker(flag);
    (void)settle(judging, flag);
    if (on_board(flag)) {
        effects_count(judging->effects, COUNT_FLAG_ESCALATED, flag->kind, 0);
    }
    begin_turn(judging, flag, true);
}

/* What follows of a turn that moved. */
static void moved(const struct judging *judging, struct family_flag *flag,
                  const struct org_id *from, bool anew) {
    if (on_board(flag) && flag->contact_by_day != FAMILY_DAY_NONE) {
        effects_count(judging->effects, COUNT_FLAG_ESCALATED, flag->kind, 0);
    }
    flag_tell_moved(judging, flag, from);
    begin_turn(judging, flag, anew);
}

void flag_turn_next(const struct judging *judging, struct family_flag *flag) {
    const struct org_id from = flag_owner(flag);
    drop_taker(flag);
    if (!on_board(flag)) {
        pass(flag, &from);
        (void)settle(judging, flag);
    }
    moved(judging, flag, &from, true);
}

/* ---- who is wanted no more ---- */

static void line_remove(struct family_flag *flag, const struct org_id *org) {
    uint8_t kept = flag->turn + 1;
    for (uint8_t i = kept; i < flag->line_count; i++) {
        if (!org_id_equal(&flag->line[i], org)) {
            flag->line[kept++] = flag->line[i];
        }
    }
    flag->line_count = on_board(flag) ? flag->line_count : kept;
}

/* Its own, or its deputy's in its place. */
static bool has_turn_of(const struct family_flag *flag, const struct org_id *org) {
    const struct org_id owner = flag_owner(flag);
    const bool deputised = flag->deputised && flag->turn > 0 && !org_is_set(&flag->taken_by) &&
                           org_id_equal(&flag->line[flag->turn - 1], org);
    return deputised || org_id_equal(&owner, org);
}

void flags_dismiss(struct family *family, const struct family_world *world,
                   const struct org_id *org, struct family_effects *effects) {
    const struct judging judging = {.family = family, .world = world, .effects = effects};
    const struct family_support *support = family_support_of(family, org);
    if (support != NULL && support->state != SUPPORT_ENDED) {
        return;
    }
    for (size_t i = 0; i < family->flag_count; i++) {
        struct family_flag *flag = &family->flags[i];
        if (flag->state == FLAG_CLOSED) {
            continue;
        }
        line_remove(flag, org);
        if (has_turn_of(flag, org)) {
            flag_turn_next(&judging, flag);
        }
    }
}

/* ---- clocks ---- */

static bool is_past(const struct family_flag *flag, int32_t today) {
    if (on_board(flag) || flag->state == FLAG_CONTACTED) {
        return false;
    }
    const bool unseen = flag->state == FLAG_OPEN && today > flag->acknowledge_by_day;
    return flag->contact_by_day != FAMILY_DAY_NONE && (unseen || today > flag->contact_by_day);
}

/* Who took it is closed from today until the clock has run out. */
static bool closed_until_contact(const struct judging *judging, const struct family_flag *flag) {
    const int32_t today = judging->world->today;
    if (flag->contact_by_day == FAMILY_DAY_NONE || !working_day(today)) {
        return false;
    }
    int32_t day = today; /* at most FLAG_CONTACT_WORKING_DAYS of them */
    while (day <= flag->contact_by_day) {
        struct org_id deputy;
        if (desk_on(judging, &flag->taken_by, day, &deputy) != DESK_CLOSED) {
            return false;
        }
        day = working_days_after(day, 1);
    }
    return true;
}

static bool raised_it(const struct family_flag *flag, const struct org_id *org) {
    for (uint8_t i = 0; i < flag->raiser_count; i++) {
        if (org_id_equal(&flag->raisers[i].org, org)) {
            return true;
        }
    }
    return false;
}

static bool taker_is_away(const struct judging *judging, const struct family_flag *flag) {
    const struct org_id *taker = &flag->taken_by;
    const bool spoke = flag->state != FLAG_ACKNOWLEDGED;
    return org_is_gone(judging, taker) || (!spoke && closed_until_contact(judging, flag)) ||
           (!spoke && !raised_it(flag, taker) && org_is_barred(judging, taker));
}

void flag_turn_judge(const struct judging *judging, struct family_flag *flag) {
    if (is_past(flag, judging->world->today)) {
        flag_turn_next(judging, flag);
        return;
    }
    const struct org_id from = flag_owner(flag);
    bool anew = false;
    if (org_is_set(&flag->taken_by)) {
        if (!taker_is_away(judging, flag)) {
            return;
        }
        drop_taker(flag);
        anew = on_board(flag) || !org_id_equal(&flag->line[flag->turn], &from);
    }
    anew = settle(judging, flag) || anew;
    const struct org_id to = flag_owner(flag);
    if (!org_id_equal(&from, &to)) {
        moved(judging, flag, &from, anew);
    }
}

int32_t flag_turn_due_day(const struct judging *judging, const struct family_flag *flag) {
    const int32_t today = judging->world->today;
    if (flag->state == FLAG_CLOSED || flag->state == FLAG_CONTACTED || on_board(flag) ||
        flag->contact_by_day == FAMILY_DAY_NONE) {
        return INT32_MAX;
    }
    int32_t due = working_days_after(today, 1);
    if (flag->state == FLAG_OPEN) {
        due = flag_sooner(judging, due, flag->acknowledge_by_day + 1);
    }
    return flag_sooner(judging, due, flag->contact_by_day + 1);
}
