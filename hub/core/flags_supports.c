#include <string.h>

#include "hub/core/flags_rules.h"
#include "shared/consent/consent.h"
#include "shared/places/working_days.h"

enum { STOP_DAYS_MAX = 366 }; /* how long ago an end may be told: a day from outside is bounded */

/* ---- small questions ---- */

bool org_is_set(const struct org_id *org) {
    return org->text[0] != '\0';
}

bool org_is_gone(const struct judging *judging, const struct org_id *org) {
    const struct family_world *world = judging->world;
    struct org_id deputy = {0};
    return world->desk(world->context, org, world->today, &deputy) == DESK_GONE;
}

bool org_may_sanction(const struct judging *judging, const struct org_id *org) {
    const struct family_world *world = judging->world;
    return org_is_set(org) && world->may_sanction(world->context, org);
}

bool org_is_barred(const struct judging *judging, const struct org_id *org) {
    return family_support_of(judging->family, org) == NULL && org_may_sanction(judging, org);
}

bool support_is_close(const struct family_support *support) {
    return support->kind == SUPPORT_PROFESSIONAL && support->distance == SUPPORT_NEAR;
}

bool flag_is_fallback(const struct family *family, const struct org_id *org) {
    return family_has_scope(family, SCOPE_FALLBACK) && consent_names_fallback(&family->token, org);
}

int32_t flag_sooner(const struct judging *judging, int32_t due, int32_t day) {
    return day > judging->world->today && day < due ? day : due;
}

size_t flag_last_supporters(const struct family *family,
                            const struct family_support *ret[static FLAG_LAST_SUPPORTERS]) {
    size_t count = 0;
    for (size_t i = 0; i < family->support_count; i++) {
        const struct family_support *support = &family->supports[i];
        if (!support_is_close(support) || support->state != SUPPORT_ENDED) {
            continue;
        }
        size_t at = count;
        while (at > 0 && ret[at - 1]->end_day < support->end_day) {
            at--;
        }
        if (at == FLAG_LAST_SUPPORTERS) {
            continue;
        }
        count += count < FLAG_LAST_SUPPORTERS;
        memmove(&ret[at + 1], &ret[at], (count - at - 1) * sizeof(*ret));
        ret[at] = support;
    }
    return count;
}

/* ---- supports on a day ---- */

static bool has_successor(const struct judging *judging, const struct family_support *support) {
    return org_is_set(&support->successor) && !org_id_equal(&support->successor, &support->org) &&
           !org_is_gone(judging, &support->successor);
}

static bool successor_counts(const struct judging *judging, const struct family_support *support) {
    const struct family_support *successor =
        org_is_set(&support->successor) && !org_id_equal(&support->successor, &support->org)
            ? family_support_of(judging->family, &support->successor)
            : NULL;
    return successor != NULL && support_counts(successor, judging->world->today);
}

void flags_age_supports(const struct judging *judging) {
    const int32_t today = judging->world->today;
    for (size_t i = 0; i < judging->family->support_count; i++) {
        struct family_support *support = &judging->family->supports[i];
        if (support->state == SUPPORT_ENDING && support->end_day <= today) {
            support->state = SUPPORT_ENDED;
        }
        if (support->state == SUPPORT_ENDED &&
            (support->end_day == FAMILY_DAY_NONE || support->end_day > today)) {
            support->end_day = today;
        }
        support->silent = support->state != SUPPORT_ENDED &&
                          (int64_t)today - support->confirmed_day > SUPPORT_SILENT_DAYS;
    }
}

/* The day on which a support that counts no more stopped counting. */
static int32_t stop_day(const struct family_support *support, int32_t today) {
    int32_t day = today;
    if (support->state == SUPPORT_ENDED) {
        day = support->end_day;
    } else if (support->silent) {
        day = support->confirmed_day + SUPPORT_SILENT_DAYS + 1;
    }
    return day < today - STOP_DAYS_MAX ? today - STOP_DAYS_MAX : day;
}

/* When near support ended, and whether who ended last named who comes after it. */
static int32_t near_end(const struct judging *judging, bool *ret_handed_over) {
    const int32_t today = judging->world->today;
    int32_t last = FAMILY_DAY_NONE;
    bool handed_over = false;
    for (size_t i = 0; i < judging->family->support_count; i++) {
        const struct family_support *support = &judging->family->supports[i];
        const int32_t day = stop_day(support, today);
        if (!support_is_close(support) || day < last) {
            continue;
        }
        const bool named = support->state == SUPPORT_ENDED && has_successor(judging, support);
        handed_over = named || (day == last && handed_over);
        last = day;
    }
    *ret_handed_over = handed_over;
    return last == FAMILY_DAY_NONE ? today : last;
}

struct picture flags_look(const struct judging *judging) {
    struct picture picture = {
        .today = judging->world->today,
        .alert = family_has_scope(judging->family, SCOPE_LOST_SUPPORT),
    };
    for (size_t i = 0; i < judging->family->support_count; i++) {
        const struct family_support *support = &judging->family->supports[i];
        if (!support_counts(support, picture.today)) {
            continue;
        }
        const bool leaves = support->state == SUPPORT_ENDING;
        picture.counting++;
        picture.places += !leaves || !successor_counts(judging, support);
        if (support_is_near(support, picture.today)) {
            picture.near++;
            picture.near_stays = picture.near_stays || !leaves || has_successor(judging, support);
        }
    }
    return picture;
}

void flags_follow_near(const struct judging *judging, const struct picture *picture) {
    struct family *family = judging->family;
    if (picture->near > 0) {
        if (picture->alert && family->near_ended_day != FAMILY_DAY_NONE &&
            picture->today > family->near_ended_day) {
            effects_count(judging->effects, COUNT_WITHOUT_LOCAL, 0,
                          (uint32_t)(picture->today - family->near_ended_day));
        }
        family->near_ended_day = FAMILY_DAY_NONE;
        family->grace_until_day = FAMILY_DAY_NONE;
        return;
    }
    if (family->near_ended_day != FAMILY_DAY_NONE) {
        return;
    }
    bool handed_over = false;
    family->near_ended_day = near_end(judging, &handed_over);
    if (family->grace_until_day == FAMILY_DAY_NONE && handed_over) {
        family->grace_until_day =
            working_days_after(family->near_ended_day, SUCCESSOR_GRACE_WORKING_DAYS);
    }
}

void flags_conclude(const struct family *family, struct picture *picture) {
    const bool grace = picture->today <= family->grace_until_day; /* never before NONE */
    picture->no_local = picture->alert && picture->near == 0 && !grace;
    picture->gap_ahead = picture->alert && picture->near > 0 && !picture->near_stays;
}

/* ---- one left ---- */

static const struct family_support *last_ended(const struct family *family) {
    const struct family_support *last = NULL;
    for (size_t i = 0; i < family->support_count; i++) {
        const struct family_support *support = &family->supports[i];
        if (support->state == SUPPORT_ENDED && (last == NULL || support->end_day > last->end_day)) {
            last = support;
        }
    }
    return last;
}

int32_t support_successor_until_day(const struct family_support *support, int32_t today) {
    return working_days_after(stop_day(support, today), SUCCESSOR_GRACE_WORKING_DAYS);
}

/* A hand-over explains that there's one: it came to the one that's left, or is under way. */
static bool handed_over(const struct judging *judging) {
    const struct family_support *last = last_ended(judging->family);
    if (last != NULL && successor_counts(judging, last)) {
        return true;
    }
    for (size_t i = 0; i < judging->family->support_count; i++) {
        const struct family_support *support = &judging->family->supports[i];
        if (support->state == SUPPORT_ENDED && has_successor(judging, support) &&
            !successor_counts(judging, support) &&
            judging->world->today <= support_successor_until_day(support, judging->world->today)) {
            return true;
        }
    }
    return false;
}

bool flags_kind_is_open(const struct family *family, enum flag_kind kind) {
    for (size_t i = 0; i < family->flag_count; i++) {
        if (family->flags[i].kind == kind && family->flags[i].state != FLAG_CLOSED) {
            return true;
        }
    }
    return false;
}

bool flags_one_is_left(const struct judging *judging, const struct picture *picture) {
    return picture->alert && picture->near > 0 && !picture->gap_ahead && picture->counting == 1 &&
           judging->family->had_two && !flags_kind_is_open(judging->family, FLAG_SILENT) &&
           !handed_over(judging);
}
