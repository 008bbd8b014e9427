#include "hub/core/families.h"
#include "hub/core/notices.h"
#include "shared/base/civil.h"
#include "shared/consent/consent.h"

/* A supporter is told of a family's new card by who made it: sealed, so that the hub passes on what
 * it can't open and learns of neither handle. */

int new_cards_decide(struct hub *hub, const struct turn_view *view, const struct office_mail *mail,
                     struct decision *ret) {
    struct new_card message;
    bool member = false;
    if (mail->envelope_bytes.length > RELAYED_BYTES_MAX) {
        ret->refusal = REFUSAL_TOO_LARGE;
        return 0;
    }
    ret->refusal = new_card_decode(mail->envelope.body, view->arena, &message);
    if (ret->refusal != REFUSAL_NONE) {
        return arena_judged(ret->refusal);
    }
    ret->refusal = consent_purpose_check(MESSAGE_KIND_NEW_CARD, message.purpose);
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    int r = member_is_active(view->txn, &message.to, &member);
    if (r < 0 || !member) {
        ret->refusal = REFUSAL_NOT_FOUND;
        return r;
    }
    struct peer *peer =
        peers_today(hub->peers, &mail->envelope.sender.org, brussels_day(view->now_ms));
    if (peer == NULL) {
        return ERR_NO_MEMORY;
    }
    families_judge_quota(peer->new_cards, NEW_CARDS_A_DAY_MAX, ret);
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    peer->new_cards++;
    struct notice notice = {
        .kind = NOTICE_NEW_CARD,
        .purpose = PURPOSE_SUPPORT,
        .origin = {.envelope = mail->envelope_bytes, .signature = mail->signature},
    };
    rng_fill(view->rng, notice.id.bytes, sizeof(notice.id.bytes));
    r = families_taken(view, mail, ret);
    return r < 0 ? r : notices_post(hub, view, &message.to, &notice, ret);
}
