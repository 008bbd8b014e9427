#include <string.h>

#include "hub/core/counts.h"
#include "hub/core/families.h"
#include "hub/core/family_store.h"
#include "hub/core/tombstones.h"
#include "shared/consent/consent.h"

/* The end of a consent: by the family, by a new card, or by its own time. */

/* What was still open is counted before nobody knows of it any more. */
static void count_end(struct family_work *work, enum withdrawal_basis basis) {
    struct family *family = work->family;
    if (basis == WITHDRAWAL_BASIS_NONE) {
        effects_count(work->effects, COUNT_CONSENT_LAPSED, 0, 0);
    } else if (basis == WITHDRAWAL_NEW_CARD) {
        effects_count(work->effects, COUNT_CARD_REPLACED, 0, 0);
    } else {
        effects_count(work->effects, COUNT_CONSENT_WITHDRAWN, basis, 0);
    }
    for (size_t i = 0; i < family->flag_count; i++) {
        if (family->flags[i].state != FLAG_CLOSED) {
            effects_count(work->effects, COUNT_FLAG_CLOSED, FLAG_REASON_CONSENT_ENDED, 0);
        }
    }
}

int families_erase(struct family_work *work, enum withdrawal_basis basis, struct decision *ret) {
    const struct family *family = work->family;
    const struct digest lookup =
        family_lookup_key(work->hub->params.families.index, &family->handle);
    const struct tombstone_draft draft = {
        .lookup = &lookup,
        .handle = &family->handle,
        .basis = basis,
        .until_ms = consent_end_ms(family->end_month_max),
        .holders = family->holders,
        .holder_count = family->holder_count,
    };
    count_end(work, basis);
    int r = counts_decide(work->view, work->effects->counts, work->effects->count_count, ret);
    if (r == 0) {
        r = family_decide_erased(work->view, &lookup, family->record_key, ret);
    }
    return r < 0 ? r : tombstones_decide(work->hub, work->view, &draft, ret);
}

static bool proved(const struct family *family, const struct withdrawal *withdrawal,
                   const struct proven *proven) {
    struct sign_public key;
    bool card = withdrawal->basis == WITHDRAWAL_CARD;
    memcpy(key.bytes, card ? family->token.family_key : family->token.presence_key,
           sizeof(key.bytes));
    return consent_proved(proven, WITHDRAWAL_DOMAIN, &key);
}

/* A new card brings a consent of its own. Who may take none (any more) would leave the family with
 * neither; a card on the table or a paper ends a consent whoever sends it. */
static int may_replace(const struct turn_view *view, const struct org_id *org, bool *ret) {
    struct membership membership;
    int r = member_get(view->txn, org, view->arena, &membership);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? ERR_STORAGE : r; /* the office knew it */
    }
    *ret = consent_scopes_of_right(membership.member.may_take_consent).bits != 0;
    return 0;
}

/* One that nothing stands for, that is withdrawn already, or that was badly signed: all the same to
 * who sent it. */
static int refuse(struct hub *hub, const struct turn_view *view,
                  const struct withdrawal *withdrawal, const struct proven *proven,
                  struct decision *ret) {
    const struct digest lookup = family_lookup_key(hub->params.families.index, &withdrawal->handle);
    bool stands = false;
    ret->refusal = REFUSAL_NO_CONSENT;
    int r = tombstone_stands(view->txn, &lookup, &stands);
    return r < 0 || stands ? r : waiting_decide(view, &lookup, withdrawal, proven, ret);
}

static enum refusal decode(const struct hub *hub, const struct turn_view *view,
                           const struct office_mail *mail, struct proven *ret_proven,
                           struct withdrawal *ret) {
    enum refusal refusal = proven_decode(mail->envelope.body, view->arena, ret_proven);
    if (refusal == REFUSAL_NONE) {
        refusal = withdrawal_decode(ret_proven->statement, view->arena, ret);
    }
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    if (!hub_id_equal(&ret->hub, &hub->params.hub)) {
        return REFUSAL_NOT_ALLOWED; /* another hub's, whoever sends it here */
    }
    return org_id_equal(&ret->org, &mail->envelope.sender.org) ? REFUSAL_NONE : REFUSAL_NOT_YOURS;
}

int withdrawals_decide(struct hub *hub, const struct turn_view *view,
                       const struct office_mail *mail, struct decision *ret) {
    struct proven proven;
    struct withdrawal withdrawal;
    struct family_work work = {0};
    ret->refusal = decode(hub, view, mail, &proven, &withdrawal);
    if (ret->refusal != REFUSAL_NONE) {
        return arena_judged(ret->refusal);
    }
    int r = families_load(hub, view, &withdrawal.handle, &work);
    if (r == ERR_NOT_FOUND) {
        return refuse(hub, view, &withdrawal, &proven, ret);
    }
    if (r < 0) {
        return r;
    }
    if (!proved(work.family, &withdrawal, &proven)) {
        ret->refusal = REFUSAL_NO_CONSENT;
        return 0;
    }
    bool may = true;
    if (withdrawal.basis == WITHDRAWAL_NEW_CARD) {
        r = may_replace(view, &withdrawal.org, &may);
    }
    if (r < 0 || !may) {
        ret->refusal = may ? REFUSAL_NONE : REFUSAL_NEEDS_AUTHORITY;
        return r;
    }
    r = families_taken(view, mail, ret);
    return r < 0 ? r : families_erase(&work, withdrawal.basis, ret);
}
