#include "shared/wire/family.h"

#include "shared/wire/family_codec.h"

enum {
    SCOPE_BITS_ALL = (1 << SCOPE_WELCOME) - 1,
    END_MONTH_MAX = (2200 - 1970) * 12 + 11, /* the last month of civil.h */
};

/* -- sealed, proven -- */

static void check_sealed(struct check *check, const Vangnet__Sealed *from, struct sealed *ret) {
    ret->box = check_bytes(check, from->box);
    check_fixed(check, from->key, false, ret->key, sizeof(ret->key));
    check_that(check, ret->box.length > 0, REFUSAL_MALFORMED);
    check_that(check, ret->box.length <= SEALED_BYTES_MAX, REFUSAL_TOO_LARGE);
}
FAMILY_DECODER(sealed, sealed, Vangnet__Sealed, SEALED_BODY_BYTES_MAX)

int sealed_encode(const struct sealed *sealed, struct arena *arena, struct bytes *ret) {
    Vangnet__Sealed message = VANGNET__SEALED__INIT;
    (void)sealed_part(sealed, &message);
    return codec_pack(&message.base, arena, ret);
}

static void check_proven(struct check *check, const Vangnet__Proven *from, struct proven *ret) {
    check_proven_part(check, from, false, ret);
}
FAMILY_DECODER(proven, proven, Vangnet__Proven, SMALL_BODY_BYTES_MAX)

int proven_encode(const struct proven *proven, struct arena *arena, struct bytes *ret) {
    Vangnet__Proven message = VANGNET__PROVEN__INIT;
    (void)proven_part(proven, &message);
    return codec_pack(&message.base, arena, ret);
}

/* -- consent -- */

static void check_consent_token(struct check *check, const Vangnet__ConsentToken *from,
                                struct consent_token *ret) {
    check_that(check, from->version == FAMILY_VERSION, REFUSAL_UNKNOWN_VERSION);
    *ret = (struct consent_token){
        .version = from->version,
        .number = from->number,
        .scopes = {.bits = from->scopes},
        .end_month = from->end_month,
    };
    check_that(check, (from->scopes & ~(uint32_t)SCOPE_BITS_ALL) == 0, REFUSAL_UNKNOWN_VALUE);
    check_that(check, from->number > 0, REFUSAL_MALFORMED);
    check_that(check, from->end_month <= END_MONTH_MAX, REFUSAL_MALFORMED);
    check_hub(check, from->hub, &ret->hub);
    check_handle(check, from->handle, &ret->handle);
    check_fixed(check, from->commitment, false, ret->commitment.bytes,
                sizeof(ret->commitment.bytes));
    check_org(check, from->issuer, false, &ret->issuer);
    check_fixed(check, from->family_key, false, ret->family_key, PUBLIC_KEY_BYTES);
    check_fixed(check, from->presence_key, false, ret->presence_key, PUBLIC_KEY_BYTES);
    check_org(check, from->fallback_first, true, &ret->fallback_first);
    check_org(check, from->fallback_second, true, &ret->fallback_second);
}
FAMILY_DECODER(consent_token, consent_token, Vangnet__ConsentToken, TOKEN_BYTES_MAX)

int consent_token_encode(const struct consent_token *token, struct arena *arena,
                         struct bytes *ret) {
    Vangnet__ConsentToken message = VANGNET__CONSENT_TOKEN__INIT;
    message.version = token->version;
    message.hub = codec_text(token->hub.text);
    message.handle = codec_data(BYTES_OF(token->handle));
    message.number = token->number;
    message.scopes = token->scopes.bits;
    message.end_month = token->end_month;
    message.commitment = codec_data(BYTES_OF(token->commitment));
    message.issuer = codec_text(token->issuer.text);
    message.family_key = codec_data(BYTES_OF(token->family_key));
    message.presence_key = codec_data(BYTES_OF(token->presence_key));
    message.fallback_first = codec_text(token->fallback_first.text);
    message.fallback_second = codec_text(token->fallback_second.text);
    return codec_pack(&message.base, arena, ret);
}

static void check_envelopes(struct check *check, const Vangnet__Consent *from,
                            struct consent_message *ret) {
    if (from->n_envelopes > CONSENT_ENVELOPES_MAX) {
        check_that(check, false, REFUSAL_TOO_LARGE);
        return;
    }
    for (size_t i = 0; i < from->n_envelopes; i++) {
        check_org(check, from->envelopes[i]->organisation, false, &ret->envelopes[i].org);
        check_contact_part(check, from->envelopes[i]->sealed, false, &ret->envelopes[i].sealed);
        for (size_t before = 0; before < i; before++) {
            bool same = org_id_equal(&ret->envelopes[before].org, &ret->envelopes[i].org);
            check_that(check, !same, REFUSAL_MALFORMED);
        }
    }
    ret->envelope_count = from->n_envelopes;
}

static void check_consent_message(struct check *check, const Vangnet__Consent *from,
                                  struct consent_message *ret) {
    ret->purpose = from->purpose;
    ret->support_expected = from->support_expected != 0;
    check_token_part(check, from->token, false, &ret->token);
    check_envelopes(check, from, ret);
    check_proven_part(check, from->support, true, &ret->support);
}
FAMILY_DECODER(consent_message, consent, Vangnet__Consent, CONSENT_BODY_BYTES_MAX)

int consent_message_encode(const struct consent_message *consent, struct arena *arena,
                           struct bytes *ret) {
    Vangnet__Consent message = VANGNET__CONSENT__INIT;
    Vangnet__SignedToken token;
    Vangnet__Proven support;
    Vangnet__ContactEnvelope envelopes[CONSENT_ENVELOPES_MAX];
    Vangnet__ContactEnvelope *list[CONSENT_ENVELOPES_MAX];
    Vangnet__Sealed sealed[CONSENT_ENVELOPES_MAX];
    if (consent->envelope_count > CONSENT_ENVELOPES_MAX) {
        return ERR_TOO_LARGE;
    }
    for (size_t i = 0; i < consent->envelope_count; i++) {
        vangnet__contact_envelope__init(&envelopes[i]);
        envelopes[i].organisation = codec_text(consent->envelopes[i].org.text);
        envelopes[i].sealed = sealed_part(&consent->envelopes[i].sealed, &sealed[i]);
        list[i] = &envelopes[i];
    }
    message.purpose = consent->purpose;
    message.token = token_part(&consent->token, &token);
    message.n_envelopes = consent->envelope_count;
    message.envelopes = list;
    message.support = proven_part(&consent->support, &support);
    message.support_expected = consent->support_expected;
    return codec_pack(&message.base, arena, ret);
}

static void check_withdrawal(struct check *check, const Vangnet__Withdrawal *from,
                             struct withdrawal *ret) {
    ret->basis = CHECK_WORD(check, withdrawal_basis, from->basis, false);
    ret->at_ms = check_instant(check, from->at_ms);
    check_hub(check, from->hub, &ret->hub);
    check_handle(check, from->handle, &ret->handle);
    check_org(check, from->organisation, false, &ret->org);
}
FAMILY_DECODER(withdrawal, withdrawal, Vangnet__Withdrawal, SMALL_BODY_BYTES_MAX)

int withdrawal_encode(const struct withdrawal *withdrawal, struct arena *arena, struct bytes *ret) {
    Vangnet__Withdrawal message = VANGNET__WITHDRAWAL__INIT;
    message.hub = codec_text(withdrawal->hub.text);
    message.handle = codec_data(BYTES_OF(withdrawal->handle));
    message.basis = withdrawal->basis;
    message.organisation = codec_text(withdrawal->org.text);
    message.at_ms = withdrawal->at_ms;
    return codec_pack(&message.base, arena, ret);
}

/* -- support -- */

/* What is only said of an end, and must be said of it. */
static void check_end(struct check *check, const struct support *support) {
    bool ends = support->state != SUPPORT_ACTIVE;
    check_that(check, ends == (support->why != END_REASON_NONE), REFUSAL_MALFORMED);
    check_that(check, ends == (support->end_day != 0), REFUSAL_MALFORMED);
    check_that(check, support->why != END_ORGANISATION_LEFT, REFUSAL_UNKNOWN_VALUE);
    bool moving = support->why == END_MOVING;
    check_that(check, moving || support->moving_to.code == 0, REFUSAL_MALFORMED);
}

static void check_support(struct check *check, const Vangnet__Support *from, struct support *ret) {
    *ret = (struct support){
        .purpose = from->purpose,
        .number = from->number,
        .kind = CHECK_WORD(check, support_kind, from->kind, false),
        .distance = CHECK_WORD(check, support_distance, from->distance, false),
        .state = CHECK_WORD(check, support_state, from->state, false),
        .why = CHECK_WORD(check, end_reason, from->why, true),
        .end_day = check_day(check, from->end_day),
        .moving_to = check_place(check, from->moving_to, true),
        .confirmed_day = check_day(check, from->confirmed_day),
        .named = from->named != 0,
    };
    check_that(check, ret->number > 0, REFUSAL_MALFORMED);
    check_handle(check, from->handle, &ret->handle);
    check_org(check, from->organisation, false, &ret->org);
    check_org(check, from->successor, true, &ret->successor);
    check_end(check, ret);
}
FAMILY_DECODER(support, support, Vangnet__Support, SMALL_BODY_BYTES_MAX)

int support_encode(const struct support *support, struct arena *arena, struct bytes *ret) {
    Vangnet__Support message = VANGNET__SUPPORT__INIT;
    message.purpose = support->purpose;
    message.handle = codec_data(BYTES_OF(support->handle));
    message.organisation = codec_text(support->org.text);
    message.number = support->number;
    message.kind = support->kind;
    message.distance = support->distance;
    message.state = support->state;
    message.why = support->why;
    message.end_day = support->end_day;
    message.moving_to = support->moving_to.code;
    message.successor = codec_text(support->successor.text);
    message.confirmed_day = support->confirmed_day;
    message.named = support->named;
    return codec_pack(&message.base, arena, ret);
}
