#include <string.h>

#include "hub/core/families.h"
#include "shared/consent/consent.h"

/* "We support this family": an organisation's own word about itself, proven by the presence key. */

static enum refusal judge(const struct family_work *work, const struct support *support) {
    const struct family_support *standing = family_support_of(work->family, &support->org);
    const int32_t tomorrow = work->world.today + 1; /* where a clock is a little ahead */
    if (standing != NULL && support->number <= standing->number) {
        return REFUSAL_STALE;
    }
    bool early = support->confirmed_day > tomorrow ||
                 (support->state == SUPPORT_ENDED && support->end_day > tomorrow);
    return early && !work->hub->clock_halted ? REFUSAL_FROM_THE_FUTURE : REFUSAL_NONE;
}

/* A place for a new one: that of who ended first, when all are taken. NULL where nobody has. */
static struct family_support *place_for(struct family *family) {
    struct family_support *oldest = NULL;
    if (family->support_count < FAMILY_SUPPORTS_MAX) {
        return &family->supports[family->support_count++];
    }
    for (size_t i = 0; i < family->support_count; i++) {
        struct family_support *support = &family->supports[i];
        if (support->state == SUPPORT_ENDED &&
            (oldest == NULL || support->end_day < oldest->end_day)) {
            oldest = support;
        }
    }
    return oldest;
}

static void write(struct family_support *place, const struct support *support, int32_t since_day) {
    *place = (struct family_support){
        .org = support->org,
        .number = support->number,
        .kind = support->kind,
        .distance = support->distance,
        .state = support->state,
        .why = support->why,
        .since_day = since_day,
        .end_day = support->state == SUPPORT_ACTIVE ? FAMILY_DAY_NONE : support->end_day,
        .moving_to = support->moving_to,
        .successor = support->successor,
        .confirmed_day = support->confirmed_day,
        .named = support->named,
    };
}

static enum refusal put(struct family_work *work, const struct support *support) {
    enum refusal refusal = judge(work, support);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    struct family_support *place = family_support_of(work->family, &support->org);
    bool goes_on = place != NULL && place->state != SUPPORT_ENDED;
    int32_t since_day = goes_on ? place->since_day : work->world.today;
    if (!family_admit(work->family, &support->org)) {
        return REFUSAL_OVER_QUOTA;
    }
    place = place != NULL ? place : place_for(work->family);
    if (place == NULL) {
        return REFUSAL_OVER_QUOTA;
    }
    write(place, support, since_day);
    return REFUSAL_NONE;
}

int supports_put(struct family_work *work, const struct org_id *sender, const struct proven *proven,
                 enum refusal *ret) {
    struct support support;
    struct sign_public presence;
    *ret = support_decode(proven->statement, work->view->arena, &support);
    if (*ret != REFUSAL_NONE) {
        return arena_judged(*ret);
    }
    const struct family *family = work->family;
    bool leaving = false;
    const struct consent_question question = {.kind = MESSAGE_KIND_SUPPORT,
                                              .purpose = support.purpose,
                                              .now_ms = work->view->now_ms,
                                              .clock_off = work->hub->clock_halted};
    *ret = consent_covers(&family->token, family->state, &question);
    if (*ret != REFUSAL_NONE) {
        return 0;
    }
    memcpy(presence.bytes, family->token.presence_key, sizeof(presence.bytes));
    if (!org_id_equal(&support.org, sender)) {
        *ret = REFUSAL_NOT_YOURS;
    } else if (!family_handle_equal(&support.handle, &family->handle) ||
               !consent_proved(proven, SUPPORT_DOMAIN, &presence)) {
        *ret = REFUSAL_BAD_SIGNATURE;
    } else {
        int r = heard_is_leaving(work->view->txn, sender, &leaving);
        if (r < 0) {
            return r;
        }
        *ret = leaving ? REFUSAL_BUSY : put(work, &support);
    }
    return 0;
}

int supports_take(struct family_work *work, const struct office_mail *mail, enum refusal *ret) {
    struct proven proven;
    *ret = proven_decode(mail->envelope.body, work->view->arena, &proven);
    return *ret != REFUSAL_NONE ? arena_judged(*ret)
                                : supports_put(work, &mail->envelope.sender.org, &proven, ret);
}

/* Each is told why its word no longer stands; the questions that nobody has answered are taken
 * back, for their answers would be about a presence that the family no longer tells. */
void supports_narrow(struct family_work *work) {
    struct family *family = work->family;
    if (family_has_scope(family, SCOPE_PRESENCE)) {
        return;
    }
    for (size_t i = 0; i < family->support_count; i++) {
        const struct family_notice notice = {
            .to = family->supports[i].org, .kind = NOTICE_SUPPORT_OVER, .why = END_FAMILY_WISH};
        if (family->supports[i].state != SUPPORT_ENDED) {
            effects_notice(work->effects, &notice);
        }
    }
    family->support_count = 0;
    for (size_t i = 0; i < family->ask_count; i++) {
        struct family_ask *ask = &family->asks[i];
        if (ask->state != ASK_TAKEN && ask->state != ASK_REVOKED) {
            ask->state = ASK_REVOKED;
            ask->answered_day = work->world.today;
        }
    }
}
