#include "hub/core/flags.h"

#include <string.h>

#include "hub/core/flags_rules.h"
#include "shared/base/civil.h"
#include "shared/consent/consent.h"
#include "shared/crypto/rng.h"
#include "shared/places/working_days.h"

/* ---- opening and ending ---- */

static bool is_about(const struct family_flag *flag, const struct flag_subject *subject) {
    return flag->kind == subject->kind && message_id_equal(&flag->about, &subject->ask) &&
           org_id_equal(&flag->about_org, &subject->org) && flag->concern == subject->concern;
}

/* The open one, else the one that closed last. */
static struct family_flag *standing(struct family *family, const struct flag_subject *subject) {
    struct family_flag *found = NULL;
    for (size_t i = 0; i < family->flag_count; i++) {
        struct family_flag *flag = &family->flags[i];
        if (!is_about(flag, subject)) {
            continue;
        }
        if (flag->state != FLAG_CLOSED) {
            return flag;
        }
        found = found == NULL || flag->closed_day > found->closed_day ? flag : found;
    }
    return found;
}

/* Which closed flag is least worth keeping: what is over; else one of the silent, of which there
 * can be as many as supporters, where of all others there's room for each. */
static int worth(const struct family_flag *flag) {
    if (flag->cured) {
        return 0;
    }
    return flag->kind == FLAG_SILENT ? 1 : 2;
}

static struct family_flag *free_slot(struct family *family) {
    if (family->flag_count < FAMILY_FLAGS_MAX) {
        return &family->flags[family->flag_count++];
    }
    struct family_flag *least = NULL;
    for (size_t i = 0; i < family->flag_count; i++) {
        struct family_flag *flag = &family->flags[i];
        if (flag->state == FLAG_CLOSED &&
            (least == NULL || worth(flag) < worth(least) ||
             (worth(flag) == worth(least) && flag->closed_day < least->closed_day))) {
            least = flag;
        }
    }
    return least;
}

struct family_flag *flag_open(const struct judging *judging, const struct flag_subject *subject) {
    const int32_t today = judging->world->today;
    struct family_flag *flag = standing(judging->family, subject);
    struct message_id id;
    uint8_t reopened = 0;
    if (flag != NULL && (flag->state != FLAG_CLOSED || !flag->cured)) {
        return NULL;
    }
    if (flag != NULL && today - flag->closed_day <= FLAG_REOPEN_DAYS) {
        id = flag->id;
        reopened = (uint8_t)(flag->reopened + (flag->reopened < UINT8_MAX));
    } else {
        flag = flag != NULL ? flag : free_slot(judging->family); /* it takes the old one's place */
        if (flag == NULL) {
            return NULL;
        }
        rng_fill(judging->world->rng, id.bytes, sizeof(id.bytes));
    }
    *flag = (struct family_flag){
        .id = id,
        .kind = subject->kind,
        .state = FLAG_OPEN,
        .opened_day = today,
        .about = subject->ask,
        .about_org = subject->org,
        .concern = subject->concern,
        .acknowledge_by_day = FAMILY_DAY_NONE,
        .contact_by_day = FAMILY_DAY_NONE,
        .acknowledged_day = FAMILY_DAY_NONE,
        .contacted_day = FAMILY_DAY_NONE,
        .closed_day = FAMILY_DAY_NONE,
        .reopened = reopened,
    };
    return flag;
}

void flag_begin(const struct judging *judging, struct family_flag *flag) {
    effects_count(judging->effects, COUNT_FLAG_OPENED, flag->kind, 0);
    flag_line_make(judging, flag);
    flag_turn_first(judging, flag);
    flag_tell_beside(judging, flag);
}

void flag_end(const struct judging *judging, struct family_flag *flag, enum flag_reason reason,
              const struct org_id *by) {
    flag->state = FLAG_CLOSED;
    flag->closed_day = judging->world->today;
    flag->reason = reason;
    flag->cured = !org_is_set(by) || flag->kind == FLAG_CONCERN;
    effects_count(judging->effects, COUNT_FLAG_CLOSED, reason, 0);
    flag_tell_over(judging, flag, by);
    flag_tell_raisers(judging, flag, by);
}

static void rise(const struct judging *judging, const struct flag_subject *subject) {
    struct family_flag *flag = flag_open(judging, subject);
    if (flag != NULL) {
        flag_begin(judging, flag);
    }
}

/* ---- merging ---- */

static bool taker_stays(const struct family *family, const struct family_flag *flag) {
    if (!org_is_set(&flag->taken_by)) {
        return false;
    }
    for (size_t i = 0; i < family->support_count; i++) {
        if (org_id_equal(&family->supports[i].org, &flag->taken_by)) {
            return family->supports[i].state == SUPPORT_ACTIVE;
        }
    }
    return true;
}

/* The one that becomes no-local-professional: taken by somebody who stays, else the first kind. */
static struct family_flag *to_merge(struct family *family) {
    static const enum flag_kind kinds[] = {FLAG_GAP_AHEAD, FLAG_SILENT, FLAG_ONE_LEFT};
    struct family_flag *found = NULL;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        for (size_t i = 0; i < family->flag_count; i++) {
            struct family_flag *flag = &family->flags[i];
            if (flag->kind != kinds[k] || flag->state == FLAG_CLOSED) {
                continue;
            }
            if (found == NULL || (taker_stays(family, flag) && !taker_stays(family, found))) {
                found = flag;
            }
        }
    }
    return found;
}

static void put_first(struct family_flag *flag, const struct org_id *org) {
    uint8_t at = 0;
    while (at < flag->line_count && !org_id_equal(&flag->line[at], org)) {
        at++;
    }
    if (at == flag->line_count && flag->line_count < FLAG_LINE_MAX) {
        flag->line_count++;
    }
    memmove(&flag->line[1], &flag->line[0], at * sizeof(flag->line[0]));
    flag->line[0] = *org;
}

static void merge(const struct judging *judging, struct family_flag *flag) {
    const struct org_id before = flag_owner(flag);
    const bool kept = taker_stays(judging->family, flag);
    flag->kind = FLAG_NO_LOCAL;
    flag->about_org = (struct org_id){0};
    effects_count(judging->effects, COUNT_FLAG_OPENED, flag->kind, 0);
    flag_line_make(judging, flag);
    if (kept) {
        put_first(flag, &flag->taken_by);
        flag_tell_owner(judging, flag);
    } else {
        flag->opened_day = judging->world->today;
        flag->acknowledged_day = FAMILY_DAY_NONE;
        flag->contacted_day = FAMILY_DAY_NONE;
        flag_turn_first(judging, flag);
        flag_tell_moved(judging, flag, &before);
    }
    flag_tell_beside(judging, flag);
}

/* ---- the kinds ---- */

static void judge_no_local(const struct judging *judging, const struct picture *picture) {
    if (!picture->no_local || flags_kind_is_open(judging->family, FLAG_NO_LOCAL)) {
        return;
    }
    struct family_flag *flag = to_merge(judging->family);
    if (flag != NULL) {
        merge(judging, flag);
    } else {
        rise(judging, &(struct flag_subject){.kind = FLAG_NO_LOCAL});
    }
}

static bool is_silent_near(const struct family_support *support) {
    return support_is_close(support) && support->silent && !support->quiet;
}

/* Why what a flag is about is over; NONE while it goes on. */
static enum flag_reason over_support(const struct judging *judging, const struct picture *picture,
                                     const struct family_flag *flag) {
    if (!picture->alert) {
        return FLAG_REASON_CONSENT_ENDED;
    }
    if (flag->kind == FLAG_NO_LOCAL) {
        return picture->near > 0 ? FLAG_REASON_SUPPORTED : FLAG_REASON_NONE;
    }
    if (picture->no_local || (flag->kind == FLAG_ONE_LEFT && picture->gap_ahead)) {
        return FLAG_REASON_MERGED;
    }
    bool goes_on = false;
    if (flag->kind == FLAG_GAP_AHEAD) {
        goes_on = picture->gap_ahead;
    } else if (flag->kind == FLAG_ONE_LEFT) {
        goes_on = picture->counting <= 1;
    } else {
        const struct family_support *silent = family_support_of(judging->family, &flag->about_org);
        goes_on = silent != NULL && is_silent_near(silent);
    }
    return goes_on ? FLAG_REASON_NONE : FLAG_REASON_SUPPORTED;
}

static enum flag_reason over_ask(const struct judging *judging, const struct family_flag *flag) {
    const struct family_ask *ask = family_ask_find(judging->family, &flag->about);
    if (ask == NULL) { /* it left the row, which is no answer; but a closed flag needs no place */
        return flag->state == FLAG_CLOSED ? FLAG_REASON_NOT_WANTED : FLAG_REASON_NONE;
    }
    if (ask->state == ASK_REVOKED) {
        return FLAG_REASON_NOT_WANTED;
    }
    return ask->state == ASK_TAKEN ? FLAG_REASON_SUPPORTED : FLAG_REASON_NONE;
}

static enum flag_reason over(const struct judging *judging, const struct picture *picture,
                             const struct family_flag *flag) {
    if (flag->kind == FLAG_ASKED_NOT_TAKEN) {
        return over_ask(judging, flag);
    }
    if (flag->kind == FLAG_CONCERN) {
        return flag->by_family || family_has_scope(judging->family, SCOPE_CONCERN)
                   ? FLAG_REASON_NONE
                   : FLAG_REASON_CONSENT_ENDED;
    }
    return over_support(judging, picture, flag);
}

static void judge_ends(const struct judging *judging, const struct picture *picture) {
    static const struct org_id nobody = {0};
    for (size_t i = 0; i < judging->family->flag_count; i++) {
        struct family_flag *flag = &judging->family->flags[i];
        const enum flag_reason reason = over(judging, picture, flag);
        if (reason == FLAG_REASON_NONE) {
            continue;
        }
        if (flag->state != FLAG_CLOSED) {
            flag_end(judging, flag, reason, &nobody);
        } else if (reason != FLAG_REASON_MERGED) {
            flag->cured = true;
        }
    }
}

static void judge_silent(const struct judging *judging, const struct picture *picture) {
    if (!picture->alert || picture->near == 0) {
        return;
    }
    for (size_t i = 0; i < judging->family->support_count; i++) {
        const struct family_support *support = &judging->family->supports[i];
        if (is_silent_near(support) && !flags_kind_is_open(judging->family, FLAG_SILENT)) {
            rise(judging, &(struct flag_subject){.kind = FLAG_SILENT, .org = support->org});
        }
    }
}

static bool ask_waits(const struct family_ask *ask) {
    return ask->state != ASK_TAKEN && ask->state != ASK_REVOKED;
}

static size_t open_of_asks(const struct family *family) {
    size_t count = 0;
    for (size_t i = 0; i < family->flag_count; i++) {
        count +=
            family->flags[i].kind == FLAG_ASKED_NOT_TAKEN && family->flags[i].state != FLAG_CLOSED;
    }
    return count;
}

/* No more at a time than there are places for questions, so that all other kinds find theirs. */
static void judge_asks(const struct judging *judging) {
    for (size_t i = 0; i < judging->family->ask_count; i++) {
        const struct family_ask *ask = &judging->family->asks[i];
        if (!ask_waits(ask) || open_of_asks(judging->family) == FAMILY_ASKS_MAX ||
            judging->world->today <= working_days_after(ask->received_day, ASK_WORKING_DAYS)) {
            continue;
        }
        struct family_flag *flag = flag_open(
            judging, &(struct flag_subject){.kind = FLAG_ASKED_NOT_TAKEN, .ask = ask->id});
        if (flag != NULL) {
            flag->raisers[flag->raiser_count++] =
                (struct flag_raiser){.org = ask->org, .about = ask->id};
            flag_begin(judging, flag);
        }
    }
}

static void judge_kinds(const struct judging *judging, const struct picture *picture) {
    judge_no_local(judging, picture);
    judge_ends(judging, picture);
    if (picture->gap_ahead) {
        rise(judging, &(struct flag_subject){.kind = FLAG_GAP_AHEAD});
    }
    judge_silent(judging, picture);
    if (flags_one_is_left(judging, picture)) {
        rise(judging, &(struct flag_subject){.kind = FLAG_ONE_LEFT});
    }
    judge_asks(judging);
}

/* ---- a consent that ends soon ---- */

struct ending {
    int32_t days;
    uint8_t bit;
};

static const struct ending ENDINGS[] = {
    {CONSENT_ENDING_FIRST_DAYS, 1},
    {CONSENT_ENDING_LAST_DAYS, 2},
};

enum { ENDING_COUNT = sizeof(ENDINGS) / sizeof(ENDINGS[0]) };

/* One notice, however many of its days passed at once; a consent that was made longer is told of
 * again. */
static void judge_consent_end(const struct judging *judging) {
    struct family *family = judging->family;
    const int32_t end = month_first_day(family->token.end_month);
    bool tell = false;
    for (size_t i = 0; i < ENDING_COUNT; i++) {
        const bool near = end - judging->world->today <= ENDINGS[i].days;
        const bool told = (family->endings_told & ENDINGS[i].bit) != 0;
        tell = tell || (near && !told && end - family->given_day > ENDINGS[i].days);
        family->endings_told = (uint8_t)(near ? family->endings_told | ENDINGS[i].bit
                                              : family->endings_told & ~ENDINGS[i].bit);
    }
    if (tell) {
        flag_tell_ending(judging);
    }
}

/* ---- when to look again ---- */

static int32_t supports_due_day(const struct judging *judging) {
    int32_t due = INT32_MAX;
    for (size_t i = 0; i < judging->family->support_count; i++) {
        const struct family_support *support = &judging->family->supports[i];
        if (support->state == SUPPORT_ENDED) {
            if (org_is_set(&support->successor)) {
                due = flag_sooner(judging, due,
                                  support_successor_until_day(support, judging->world->today) + 1);
            }
            continue;
        }
        if (support->state == SUPPORT_ENDING) {
            due = flag_sooner(judging, due, support->end_day);
        }
        if (!support->silent) {
            due = flag_sooner(judging, due, support->confirmed_day + SUPPORT_SILENT_DAYS + 1);
        }
    }
    return due;
}

static int32_t due_day(const struct judging *judging) {
    const struct family *family = judging->family;
    int32_t due = supports_due_day(judging);
    if (family->grace_until_day != FAMILY_DAY_NONE) {
        due = flag_sooner(judging, due, family->grace_until_day + 1);
    }
    for (size_t i = 0; i < family->ask_count; i++) {
        if (ask_waits(&family->asks[i])) {
            due =
                flag_sooner(judging, due,
                            working_days_after(family->asks[i].received_day, ASK_WORKING_DAYS) + 1);
        }
    }
    for (size_t i = 0; i < family->flag_count; i++) {
        due = flag_sooner(judging, due, flag_turn_due_day(judging, &family->flags[i]));
    }
    for (size_t i = 0; i < ENDING_COUNT; i++) {
        due = flag_sooner(judging, due, month_first_day(family->token.end_month) - ENDINGS[i].days);
    }
    return due;
}

/* ---- the whole ---- */

void flags_judge(struct family *family, const struct family_world *world,
                 struct family_effects *effects) {
    const struct judging judging = {.family = family, .world = world, .effects = effects};
    flags_age_supports(&judging);
    struct picture picture = flags_look(&judging);
    flags_follow_near(&judging, &picture);
    flags_conclude(family, &picture);
    family->had_two = picture.counting > 0 && (family->had_two || picture.places >= 2);
    judge_kinds(&judging, &picture);
    for (size_t i = 0; i < family->flag_count; i++) {
        if (family->flags[i].state != FLAG_CLOSED) {
            flag_turn_judge(&judging, &family->flags[i]);
        }
    }
    judge_consent_end(&judging);
    const int32_t due = due_day(&judging);
    family->due_ms = due == INT32_MAX ? INT64_MAX : brussels_instant(due, 0);
}

void flags_expect_support(struct family *family, const struct family_world *world) {
    if (family->near_ended_day == FAMILY_DAY_NONE && family->grace_until_day == FAMILY_DAY_NONE) {
        family->grace_until_day = working_days_after(world->today, SUCCESSOR_GRACE_WORKING_DAYS);
    }
}
