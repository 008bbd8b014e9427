#include <string.h>

#include "hub/core/families.h"
#include "shared/consent/consent.h"

/* "This family asked organisation O for service S": recorded by who heard it, answered by O, passed
 * on to P. What the rules make of one that nobody takes is in flags.c. */

enum { ASKED_BEFORE_DAYS_MAX = 366, PASSES_MAX = 4 };

/* What an ask or its answer brought, as its sender signed it: for the notice's `origin`. */
static const struct posting *origin_of(const struct family_work *work,
                                       const struct office_mail *mail) {
    struct posting *posting = ARENA_NEW(work->view->arena, struct posting);
    if (posting != NULL) {
        *posting = (struct posting){.envelope = mail->envelope_bytes, .signature = mail->signature};
    }
    return posting;
}

static void tell(const struct family_work *work, const struct org_id *to, enum notice_kind kind,
                 const struct message_id *about, const struct posting *origin) {
    const struct family_notice notice = {
        .to = *to, .kind = kind, .about = *about, .origin = origin};
    effects_notice(work->effects, &notice);
}

static bool same_question_stands(const struct family *family, const struct ask *ask) {
    for (size_t i = 0; i < family->ask_count; i++) {
        const struct family_ask *other = &family->asks[i];
        if (other->state == ASK_OPEN && org_id_equal(&other->to, &ask->to) &&
            service_id_equal(&other->service, &ask->service)) {
            return true;
        }
    }
    return false;
}

/* The oldest in one of these states; `ask_count`: none is. */
static size_t oldest(const struct family *family, enum ask_state one, enum ask_state other) {
    size_t at = 0;
    while (at < family->ask_count && family->asks[at].state != one &&
           family->asks[at].state != other) {
        at++;
    }
    return at;
}

/* A place for one more: the oldest that somebody took or that was taken back makes room; where
 * there's none, one that was refused, though its flag may still be to come. NULL: all are open. */
static struct family_ask *place_for(struct family *family) {
    if (family->ask_count < FAMILY_ASKS_MAX) {
        return &family->asks[family->ask_count++];
    }
    size_t at = oldest(family, ASK_TAKEN, ASK_REVOKED);
    if (at == family->ask_count) {
        at = oldest(family, ASK_REFUSED, ASK_PASSED_ON);
    }
    if (at == family->ask_count) {
        return NULL;
    }
    memmove(&family->asks[at], &family->asks[at + 1],
            (family->ask_count - at - 1) * sizeof(family->asks[0]));
    return &family->asks[family->ask_count - 1];
}

/* Taking a question back wins over everything but an end that it already has. */
static enum refusal revoke(struct family_work *work, const struct ask *ask,
                           const struct posting *origin) {
    struct family_ask *standing = family_ask_find(work->family, &ask->id);
    if (standing == NULL) {
        return REFUSAL_NOT_FOUND;
    }
    if (!org_id_equal(&standing->org, &ask->org)) {
        return REFUSAL_NOT_YOURS;
    }
    if (standing->state == ASK_REVOKED || standing->state == ASK_REFUSED) {
        return REFUSAL_WRONG_MOVE;
    }
    standing->state = ASK_REVOKED;
    standing->answered_day = work->world.today;
    tell(work, &standing->to, NOTICE_ASK_NEWS, &ask->id, origin);
    return REFUSAL_NONE;
}

static enum refusal record(struct family_work *work, const struct ask *ask,
                           const struct posting *origin) {
    const int32_t today = work->world.today;
    if (family_ask_find(work->family, &ask->id) != NULL ||
        same_question_stands(work->family, ask)) {
        return REFUSAL_EXISTS;
    }
    if (ask->asked_day > today + 1 && !work->hub->clock_halted) {
        return REFUSAL_FROM_THE_FUTURE;
    }
    if (ask->asked_day < today - ASKED_BEFORE_DAYS_MAX && !work->hub->clock_halted) {
        return REFUSAL_IMPLAUSIBLE;
    }
    if (!family_admit(work->family, &ask->org) || !family_admit(work->family, &ask->to)) {
        return REFUSAL_OVER_QUOTA; /* no tombstone would reach it */
    }
    struct family_ask *place = place_for(work->family);
    if (place == NULL) {
        return REFUSAL_OVER_QUOTA;
    }
    *place = (struct family_ask){
        .id = ask->id,
        .org = ask->org,
        .to = ask->to,
        .service = ask->service,
        .state = ASK_OPEN,
        .asked_day = ask->asked_day,
        .received_day = today,
        .answered_day = FAMILY_DAY_NONE,
    };
    tell(work, &ask->to, NOTICE_ASK, &ask->id, origin);
    return REFUSAL_NONE;
}

int asks_take(struct family_work *work, const struct office_mail *mail, enum refusal *ret) {
    struct proven proven;
    struct ask ask;
    struct sign_public presence;
    bool member = false;
    if (mail->envelope_bytes.length > RELAYED_BYTES_MAX) {
        *ret = REFUSAL_TOO_LARGE;
        return 0;
    }
    *ret = proven_decode(mail->envelope.body, work->view->arena, &proven);
    if (*ret == REFUSAL_NONE) {
        *ret = ask_decode(proven.statement, work->view->arena, &ask);
    }
    if (*ret != REFUSAL_NONE) {
        return arena_judged(*ret);
    }
    memcpy(presence.bytes, work->family->token.presence_key, sizeof(presence.bytes));
    if (!org_id_equal(&ask.org, &mail->envelope.sender.org)) {
        *ret = REFUSAL_NOT_YOURS;
        return 0;
    }
    if (!consent_proved(&proven, ASK_DOMAIN, &presence)) {
        *ret = REFUSAL_BAD_SIGNATURE;
        return 0;
    }
    const struct posting *origin = origin_of(work, mail);
    int r = member_is_active(work->view->txn, &ask.to, &member);
    if (r < 0 || origin == NULL) {
        return r < 0 ? r : ERR_NO_MEMORY;
    }
    if (!member) {
        *ret = REFUSAL_NOT_FOUND;
        return 0;
    }
    *ret = ask.revoked ? revoke(work, &ask, origin) : record(work, &ask, origin);
    return 0;
}

/* -- answers -- */

static enum refusal pass_on(struct family_work *work, struct family_ask *ask,
                            const struct ask_answer *answer, const struct posting *origin) {
    if (org_id_equal(&answer->passed_to, &ask->to) || ask->passes >= PASSES_MAX) {
        return REFUSAL_WRONG_MOVE; /* in a circle for ever is no answer */
    }
    if (answer->service.text[0] != '\0' && !service_id_equal(&answer->service, &ask->service)) {
        return REFUSAL_NOT_ALLOWED; /* that would be a question of the passer's own */
    }
    if (!family_admit(work->family, &answer->passed_to)) {
        return REFUSAL_OVER_QUOTA;
    }
    ask->to = answer->passed_to;
    ask->passes++;
    tell(work, &ask->to, NOTICE_ASK, &ask->id, origin);
    return REFUSAL_NONE;
}

static enum refusal answer_with(struct family_work *work, struct family_ask *ask,
                                const struct ask_answer *answer, const struct posting *origin) {
    enum refusal refusal = REFUSAL_NONE;
    if (answer->state == ASK_PASSED_ON) {
        refusal = pass_on(work, ask, answer, origin);
    } else {
        ask->state = answer->state;
        ask->reason = answer->reason;
        ask->answered_day = work->world.today;
    }
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    if (answer->state == ASK_REFUSED) {
        effects_count(work->effects, COUNT_ASK_REFUSED, answer->reason, 0);
    }
    tell(work, &ask->org, NOTICE_ASK_NEWS, &ask->id, origin);
    return REFUSAL_NONE;
}

int ask_answers_take(struct family_work *work, const struct office_mail *mail, enum refusal *ret) {
    struct ask_answer answer;
    bool member = true;
    int r = 0;
    if (mail->envelope_bytes.length > RELAYED_BYTES_MAX) {
        *ret = REFUSAL_TOO_LARGE;
        return 0;
    }
    *ret = ask_answer_decode(mail->envelope.body, work->view->arena, &answer);
    if (*ret != REFUSAL_NONE) {
        return arena_judged(*ret);
    }
    struct family_ask *ask = family_ask_find(work->family, &answer.id);
    if (ask == NULL) {
        *ret = REFUSAL_NOT_FOUND;
        return 0;
    }
    if (!org_id_equal(&ask->to, &mail->envelope.sender.org)) {
        *ret = REFUSAL_NOT_YOURS;
        return 0;
    }
    if (ask->state != ASK_OPEN) {
        *ret = REFUSAL_WRONG_MOVE; /* taken back meanwhile, or answered already */
        return 0;
    }
    const struct posting *origin = origin_of(work, mail);
    if (answer.state == ASK_PASSED_ON) {
        r = member_is_active(work->view->txn, &answer.passed_to, &member);
    }
    if (r < 0 || origin == NULL) {
        return r < 0 ? r : ERR_NO_MEMORY;
    }
    *ret = member ? answer_with(work, ask, &answer, origin) : REFUSAL_NOT_FOUND;
    return 0;
}
