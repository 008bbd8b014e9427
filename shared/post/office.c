#include "shared/post/office.h"

#include <string.h>

#include "shared/base/civil.h"
#include "shared/base/limits.h"

static bool signature_holds(const struct office_peer *peer, const struct posting *posting) {
    struct signature signature;
    if (posting->signature.length != sizeof(signature.bytes)) {
        return false;
    }
    memcpy(signature.bytes, posting->signature.data, sizeof(signature.bytes));
    return sign_check(&peer->sign, ENVELOPE_DOMAIN, posting->envelope, &signature);
}

/* Before we know that the envelope is what it says: refusals that use no number. */
static enum refusal check_party(const struct office_peer *peer, const struct envelope *envelope) {
    if (peer->role == MEMBER_ROLE_NONE) {
        return REFUSAL_NOT_MEMBER;
    }
    if (!address_equal(&envelope->sender, &peer->peer)) {
        return REFUSAL_WRONG_SENDER;
    }
    if (!address_equal(&envelope->recipient, &peer->own)) {
        return REFUSAL_UNKNOWN_RECIPIENT;
    }
    return REFUSAL_NONE;
}

static bool is_early(int64_t created_ms, int64_t now_ms) {
    return created_ms > now_ms + (int64_t)CLOCK_HALT_MINUTES * MINUTE_MS;
}

/* Authentic and in its place; may still not be welcome. These use the number. */
static enum refusal check_content(const struct office_desk *desk, const struct posting *posting,
                                  const struct office_mail *mail) {
    const struct envelope *envelope = &mail->envelope;
    if (envelope->version != WIRE_VERSION) {
        return REFUSAL_UNKNOWN_VERSION;
    }
    if (mail->kind == NULL) {
        return REFUSAL_UNKNOWN_KIND;
    }
    if (mail->kind->sender != desk->peer->role || mail->kind->lane != envelope->lane) {
        return REFUSAL_NOT_ALLOWED;
    }
    if (mail->kind->must_be_signed && !signature_holds(desk->peer, posting)) {
        return REFUSAL_BAD_SIGNATURE;
    }
    bool expired = envelope->expires_ms != 0 && envelope->expires_ms <= desk->now_ms;
    if (expired && !desk->clock_off) {
        return REFUSAL_EXPIRED;
    }
    return REFUSAL_NONE;
}

static enum refusal refusal_of(enum inbox_verdict verdict) {
    switch (verdict) {
    case INBOX_CONFLICT:
        return REFUSAL_CONFLICT;
    case INBOX_TOO_FAR:
        return REFUSAL_TOO_FAR_AHEAD;
    case INBOX_OLD_INCARNATION:
        return REFUSAL_OLD_INCARNATION;
    case INBOX_OUT_OF_ORDER:
        return REFUSAL_NOT_YET;
    case INBOX_NEW:
    case INBOX_DUPLICATE:
    default:
        return REFUSAL_NONE;
    }
}

int office_open(const struct office_desk *desk, const struct posting *posting,
                struct office_mail *ret_mail, struct office_verdict *ret_verdict) {
    struct office_mail mail = {.envelope_bytes = posting->envelope,
                               .signature = posting->signature};
    enum refusal refusal = envelope_decode(posting->envelope, desk->arena, &mail.envelope);
    if (refusal == REFUSAL_NONE) {
        refusal = check_party(desk->peer, &mail.envelope);
    }
    if (refusal != REFUSAL_NONE) {
        *ret_mail = mail;
        *ret_verdict = (struct office_verdict){.refusal = refusal};
        return 0;
    }
    stamp_of_envelope(&mail.envelope, &mail.stamp);
    mail.kind = post_kind_find(mail.envelope.kind);
    enum inbox_verdict judged;
    int r = inbox_judge(desk->view, &mail.stamp, &judged);
    if (r < 0) {
        return r;
    }
    bool ordered = mail.kind != NULL && mail.kind->ordered;
    if (judged == INBOX_OUT_OF_ORDER && !ordered) {
        judged = INBOX_NEW;
    }
    *ret_mail = mail;
    *ret_verdict = (struct office_verdict){.refusal = refusal_of(judged),
                                           .duplicate = judged == INBOX_DUPLICATE};
    if (judged != INBOX_NEW) {
        return 0;
    }
    if (is_early(mail.envelope.created_ms, desk->now_ms) && !desk->clock_off) {
        ret_verdict->refusal = REFUSAL_CLOCK_OFF;
        return 0;
    }
    ret_verdict->numbered = true;
    r = inbox_known(desk->view, &mail.stamp, &ret_verdict->refusal);
    if (r != ERR_NOT_FOUND) {
        ret_verdict->known = r == 0;
        return r;
    }
    ret_verdict->refusal = check_content(desk, posting, &mail);
    return 0;
}

int office_acknowledge(const struct office_desk *desk, const struct office_notice *notice,
                       const struct sign_secret *sign, struct signed_acknowledgement *ret) {
    struct receipt receipts[LANES];
    struct acknowledgement acknowledgement = {
        .sender = desk->peer->own,
        .recipient = desk->peer->peer,
        .now_ms = desk->now_ms,
        .has_position = notice->has_position,
        .position = notice->position,
        .backed_up_to = notice->backed_up_to,
        .directory = notice->directory,
        .receipts = receipts,
        .not_taken = notice->not_taken,
        .not_taken_count = notice->not_taken_count,
        .has_asked = notice->has_asked,
        .asked = notice->asked,
        .holds_asked = notice->holds_asked,
    };
    for (int lane = 0; lane < LANES; lane++) {
        struct stream stream = {
            .sender = desk->peer->peer, .recipient = desk->peer->own, .lane = (enum lane)lane};
        struct receipt *receipt = &receipts[acknowledgement.receipt_count];
        int r = inbox_receipt(desk->view, &stream, desk->arena, receipt);
        if (r < 0) {
            return r;
        }
        acknowledgement.receipt_count += receipt->incarnation != 0 ? 1 : 0;
    }
    struct bytes encoded;
    int r = acknowledgement_encode(&acknowledgement, desk->arena, &encoded);
    if (r < 0) {
        return r;
    }
    struct signature signature = sign_bytes(sign, "acknowledgement/v1", encoded);
    struct bytes kept = arena_copy(desk->arena, BYTES_OF(signature));
    if (kept.data == NULL) {
        return ERR_NO_MEMORY;
    }
    *ret = (struct signed_acknowledgement){.acknowledgement = encoded, .signature = kept};
    return 0;
}

enum refusal office_read_acknowledgement(const struct office_peer *peer,
                                         const struct signed_acknowledgement *from,
                                         struct arena *arena, struct acknowledgement *ret) {
    struct signature signature;
    if (from->signature.length != sizeof(signature.bytes)) {
        return REFUSAL_BAD_SIGNATURE;
    }
    memcpy(signature.bytes, from->signature.data, sizeof(signature.bytes));
    if (!sign_check(&peer->sign, "acknowledgement/v1", from->acknowledgement, &signature)) {
        return REFUSAL_BAD_SIGNATURE;
    }
    struct acknowledgement decoded;
    enum refusal refusal = acknowledgement_decode(from->acknowledgement, arena, &decoded);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    if (!address_equal(&decoded.sender, &peer->peer) ||
        !address_equal(&decoded.recipient, &peer->own)) {
        return REFUSAL_WRONG_SENDER;
    }
    *ret = decoded;
    return REFUSAL_NONE;
}
