#include "hub/core/flags_rules.h"

/* ---- what people do with a flag ----
 *
 *   open ── take ──> acknowledged ── contacted ──> contacted ── close ──> closed
 *    │                                                 ▲
 *    └──────────────── contacted ──────────────────────┘
 *
 * Hand-back leads from each to open, in the next one's turn. */

/* A clock that was set back over midnight is no reason to count four billion. */
static uint32_t days_since(const struct judging *judging, int32_t day) {
    const int32_t today = judging->world->today;
    return today > day ? (uint32_t)(today - day) : 0;
}

static void acknowledge(const struct judging *judging, struct family_flag *flag,
                        const struct org_id *org) {
    const struct org_id before = flag_owner(flag);
    flag->taken_by = *org;
    flag->state = FLAG_ACKNOWLEDGED;
    if (flag->acknowledged_day == FAMILY_DAY_NONE) {
        flag->acknowledged_day = judging->world->today;
        effects_count(judging->effects, COUNT_FLAG_ACKNOWLEDGED, flag->kind,
                      days_since(judging, flag->opened_day));
    }
    if (!org_id_equal(&before, org)) {
        flag_tell_moved(judging, flag, &before);
        flag_tell_owner(judging, flag);
    }
}

static enum refusal take(const struct judging *judging, struct family_flag *flag,
                         const struct org_id *org) {
    if (org_is_set(&flag->taken_by)) {
        return org_id_equal(&flag->taken_by, org) ? REFUSAL_NONE : REFUSAL_NOT_YOURS;
    }
    acknowledge(judging, flag, org);
    flag_tell_raisers(judging, flag, org);
    return REFUSAL_NONE;
}

static enum refusal contact(const struct judging *judging, struct family_flag *flag,
                            const struct org_id *org) {
    if (org_is_set(&flag->taken_by) && !org_id_equal(&flag->taken_by, org)) {
        return REFUSAL_NOT_YOURS;
    }
    if (flag->state == FLAG_CONTACTED) {
        return REFUSAL_WRONG_MOVE;
    }
    if (!org_is_set(&flag->taken_by)) {
        acknowledge(judging, flag, org);
    }
    flag->state = FLAG_CONTACTED;
    if (flag->contacted_day == FAMILY_DAY_NONE) {
        flag->contacted_day = judging->world->today;
        effects_count(judging->effects, COUNT_FLAG_CONTACTED, flag->kind,
                      days_since(judging, flag->opened_day));
    }
    flag_tell_raisers(judging, flag, org);
    return REFUSAL_NONE;
}

static bool is_peoples_reason(enum flag_reason reason) {
    return reason != FLAG_REASON_NONE && reason != FLAG_REASON_CONSENT_ENDED &&
           reason != FLAG_REASON_MERGED;
}

static enum refusal close_flag(const struct judging *judging, struct family_flag *flag,
                               const struct org_id *org, enum flag_reason reason) {
    if (!org_id_equal(&flag->taken_by, org)) {
        return REFUSAL_NOT_YOURS;
    }
    if (flag->state != FLAG_CONTACTED) {
        return REFUSAL_NOT_CONTACTED;
    }
    if (!is_peoples_reason(reason)) {
        return REFUSAL_NOT_ALLOWED;
    }
    flag_end(judging, flag, reason, org);
    return REFUSAL_NONE;
}

static enum refusal hand_back(const struct judging *judging, struct family_flag *flag,
                              const struct org_id *org) {
    const struct org_id owner = flag_owner(flag);
    if (!org_id_equal(&owner, org)) {
        return REFUSAL_NOT_YOURS;
    }
    flag_turn_next(judging, flag);
    return REFUSAL_NONE;
}

enum refusal flags_answer(struct family *family, const struct family_world *world,
                          const struct org_id *org, const struct flag_answer *answer,
                          struct family_effects *effects) {
    const struct judging judging = {.family = family, .world = world, .effects = effects};
    struct family_flag *flag = family_flag_find(family, &answer->flag);
    if (flag == NULL) {
        return REFUSAL_NOT_FOUND;
    }
    if (!flag_may_answer(family, flag, org)) {
        return REFUSAL_NOT_YOURS;
    }
    if (flag->state == FLAG_CLOSED) {
        return REFUSAL_WRONG_MOVE;
    }
    switch (answer->action) {
    case FLAG_TAKE:
        return take(&judging, flag, org);
    case FLAG_CONTACT:
        return contact(&judging, flag, org);
    case FLAG_CLOSE:
        return close_flag(&judging, flag, org, answer->reason);
    case FLAG_HAND_BACK:
        return hand_back(&judging, flag, org);
    case FLAG_ACTION_NONE:
        break;
    }
    return REFUSAL_UNKNOWN_VALUE;
}

/* ---- concerns ---- */

static bool is_known(const struct family *family, const struct message_id *about) {
    for (size_t i = 0; i < family->flag_count; i++) {
        const struct family_flag *flag = &family->flags[i];
        for (uint8_t k = 0; k < flag->raiser_count; k++) {
            if (flag->kind == FLAG_CONCERN && message_id_equal(&flag->raisers[k].about, about)) {
                return true;
            }
        }
    }
    return false;
}

static struct family_flag *open_concern(struct family *family) {
    for (size_t i = 0; i < family->flag_count; i++) {
        if (family->flags[i].kind == FLAG_CONCERN && family->flags[i].state != FLAG_CLOSED) {
            return &family->flags[i];
        }
    }
    return NULL;
}

/* Whom else it answers to. Where the list is full the organisation's own earlier one makes place,
 * else the last one. */
static const struct flag_raiser *add_raiser(struct family_flag *flag,
                                            const struct concern *concern) {
    uint8_t at = flag->raiser_count;
    if (at == FLAG_RAISERS_MAX) {
        at = FLAG_RAISERS_MAX - 1;
        for (uint8_t i = 0; i < FLAG_RAISERS_MAX; i++) {
            if (org_id_equal(&flag->raisers[i].org, &concern->org)) {
                at = i;
            }
        }
    } else {
        flag->raiser_count++;
    }
    flag->raisers[at] = (struct flag_raiser){.org = concern->org, .about = concern->id};
    return &flag->raisers[at];
}

/* Who raised it before knows whose turn it is; a more urgent one may change that. */
static void join_concern(const struct judging *judging, struct family_flag *flag,
                         const struct concern *concern) {
    static const struct org_id nobody = {0};
    const struct org_id owner = flag_owner(flag);
    flag->by_family = flag->by_family || concern->by == CONCERN_BY_FAMILY;
    const struct flag_raiser *raiser = add_raiser(flag, concern);
    if (concern->urgency >= flag->urgency) {
        flag_tell_raiser(judging, flag, raiser, &nobody);
        return;
    }
    flag->urgency = concern->urgency;
    flag->concern = concern->reason;
    flag_turn_hasten(judging, flag);
    if (org_is_set(&owner)) {
        flag_tell_owner(judging, flag);
    }
    flag_tell_raisers(judging, flag, &nobody);
}

enum refusal flags_concern(struct family *family, const struct family_world *world,
                           const struct concern *concern, struct family_effects *effects) {
    const struct judging judging = {.family = family, .world = world, .effects = effects};
    if (is_known(family, &concern->id)) {
        return REFUSAL_EXISTS;
    }
    struct family_flag *flag = open_concern(family);
    if (flag != NULL) {
        effects_count(effects, COUNT_CONCERN, concern->reason, 0);
        join_concern(&judging, flag, concern);
        return REFUSAL_NONE;
    }
    flag = flag_open(&judging, &(struct flag_subject){
                                   .kind = FLAG_CONCERN,
                                   .concern = concern->reason,
                               });
    if (flag == NULL) {
        return REFUSAL_NO_ROOM;
    }
    effects_count(effects, COUNT_CONCERN, concern->reason, 0);
    flag->urgency = concern->urgency;
    flag->by_family = concern->by == CONCERN_BY_FAMILY;
    add_raiser(flag, concern);
    flag_begin(&judging, flag);
    return REFUSAL_NONE;
}
