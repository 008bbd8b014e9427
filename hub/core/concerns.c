#include <string.h>

#include "hub/core/families.h"
#include "hub/core/flags.h"
#include "shared/base/civil.h"
#include "shared/consent/consent.h"

/* A concern, raised with the card on the table: it's proven by the family's key. It may have waited
 * for a network, so its own time decides whether it still says something. */

static enum refusal judge_time(const struct family_work *work, const struct concern *concern) {
    const int64_t now_ms = work->view->now_ms;
    if (work->hub->clock_halted) {
        return REFUSAL_NONE;
    }
    if (concern->at_ms > now_ms + (int64_t)CLOCK_HALT_MINUTES * MINUTE_MS) {
        return REFUSAL_FROM_THE_FUTURE;
    }
    return concern->at_ms < now_ms - (int64_t)CONCERN_AGE_DAYS * DAY_MS ? REFUSAL_EXPIRED
                                                                        : REFUSAL_NONE;
}

static enum refusal judge(const struct family_work *work, const struct office_mail *mail,
                          const struct proven *proven, const struct concern *concern) {
    struct sign_public family_key;
    memcpy(family_key.bytes, work->family->token.family_key, sizeof(family_key.bytes));
    if (!org_id_equal(&concern->org, &mail->envelope.sender.org)) {
        return REFUSAL_NOT_YOURS;
    }
    if (!family_handle_equal(&concern->handle, &work->family->handle) ||
        !consent_proved(proven, CONCERN_DOMAIN, &family_key)) {
        return REFUSAL_BAD_SIGNATURE;
    }
    return judge_time(work, concern);
}

int concerns_take(struct family_work *work, const struct office_mail *mail, enum refusal *ret) {
    struct proven proven;
    struct concern concern;
    *ret = proven_decode(mail->envelope.body, work->view->arena, &proven);
    if (*ret == REFUSAL_NONE) {
        *ret = concern_decode(proven.statement, work->view->arena, &concern);
    }
    if (*ret != REFUSAL_NONE) {
        return arena_judged(*ret);
    }
    *ret = judge(work, mail, &proven, &concern);
    if (*ret == REFUSAL_NONE) {
        *ret = flags_concern(work->family, &work->world, &concern, work->effects);
    }
    return 0;
}
