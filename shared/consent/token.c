#include <string.h>

#include "shared/base/civil.h"
#include "shared/consent/consent.h"

static struct sign_public key_of(const uint8_t key[static PUBLIC_KEY_BYTES]) {
    struct sign_public public_key;
    _Static_assert(sizeof(public_key.bytes) == PUBLIC_KEY_BYTES, "the same key");
    memcpy(public_key.bytes, key, sizeof(public_key.bytes));
    return public_key;
}

struct proven consent_prove(const struct sign_secret *key, const char *domain,
                            struct bytes statement, struct signature *memory) {
    *memory = sign_bytes(key, domain, statement);
    return (struct proven){.statement = statement, .proof = BYTES_OF(*memory)};
}

bool consent_proved(const struct proven *proven, const char *domain,
                    const struct sign_public *key) {
    struct signature signature;
    if (proven->proof.length != sizeof(signature.bytes)) {
        return false;
    }
    memcpy(signature.bytes, proven->proof.data, sizeof(signature.bytes));
    return sign_check(key, domain, proven->statement, &signature);
}

static bool both_signed(const struct signed_token *from, const struct consent_token *token,
                        const struct sign_public *issuer_sign) {
    const struct sign_public family = key_of(token->family_key);
    const struct proven by_family = {from->token, from->family_signature};
    const struct proven by_organisation = {from->token, from->organisation_signature};
    return consent_proved(&by_family, CONSENT_DOMAIN, &family) &&
           consent_proved(&by_organisation, CONSENT_DOMAIN, issuer_sign);
}

static enum refusal decode(const struct signed_token *from, struct arena *arena,
                           struct consent_token *ret) {
    const enum refusal refusal = consent_token_decode(from->token, arena, ret);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    return ret->version == FAMILY_VERSION ? REFUSAL_NONE : REFUSAL_UNKNOWN_VERSION;
}

enum refusal consent_token_read(const struct signed_token *from,
                                const struct sign_public *issuer_sign, struct arena *arena,
                                struct consent_token *ret) {
    struct consent_token token;
    const enum refusal refusal = decode(from, arena, &token);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    if (!both_signed(from, &token, issuer_sign)) {
        return REFUSAL_BAD_SIGNATURE;
    }
    *ret = token;
    return REFUSAL_NONE;
}

/* ---- a token against the one that stands ---- */

static bool same_family(const struct consent_token *a, const struct consent_token *b) {
    return family_handle_equal(&a->handle, &b->handle) &&
           memcmp(a->family_key, b->family_key, sizeof(a->family_key)) == 0 &&
           memcmp(a->presence_key, b->presence_key, sizeof(a->presence_key)) == 0;
}

bool consent_names_fallback(const struct consent_token *token, const struct org_id *org) {
    return org->text[0] != '\0' && (org_id_equal(org, &token->fallback_first) ||
                                    org_id_equal(org, &token->fallback_second));
}

static bool fallback_known(const struct org_id *org, const struct consent_token *before) {
    return org->text[0] == '\0' || consent_names_fallback(before, org);
}

static bool adds_nothing(const struct consent_token *token, const struct consent_token *before) {
    return (token->scopes.bits & ~before->scopes.bits) == 0 &&
           token->end_month <= before->end_month &&
           fallback_known(&token->fallback_first, before) &&
           fallback_known(&token->fallback_second, before);
}

static bool takes_nothing(const struct consent_token *token, const struct consent_token *before) {
    return (before->scopes.bits & ~token->scopes.bits) == 0 &&
           before->end_month <= token->end_month &&
           fallback_known(&before->fallback_first, token) &&
           fallback_known(&before->fallback_second, token);
}

static enum consent_state state_after(const struct consent_token *token,
                                      const struct consent_check *check) {
    if (check->before == NULL || !adds_nothing(token, check->before)) {
        return CONSENT_GIVEN;
    }
    return takes_nothing(token, check->before) ? check->state : CONSENT_NARROWED;
}

/* What stands now, also where nobody has looked since its end. */
static enum consent_state state_before(const struct consent_check *check) {
    if (check->before == NULL) {
        return CONSENT_STATE_NONE;
    }
    const bool over =
        !check->clock_off && check->now_ms >= consent_end_ms(check->before->end_month);
    return over ? CONSENT_EXPIRED : check->state;
}

static enum refusal check_form(const struct signed_token *from, const struct consent_token *token,
                               const struct consent_check *check) {
    if (!hub_id_equal(&token->hub, check->hub)) {
        return REFUSAL_UNKNOWN_RECIPIENT;
    }
    if (!org_id_equal(&token->issuer, &check->issuer->org)) {
        return REFUSAL_NOT_YOURS;
    }
    if (!both_signed(from, token, &check->issuer->sign)) {
        return REFUSAL_BAD_SIGNATURE;
    }
    if (check->before != NULL && !same_family(token, check->before)) {
        return REFUSAL_BAD_SIGNATURE;
    }
    return consent_scopes_check(token);
}

static enum refusal check_end(const struct consent_token *token,
                              const struct consent_check *check) {
    const uint32_t latest = consent_end_month_max(brussels_day(check->now_ms));
    if (token->end_month > latest ||
        (check->before != NULL && token->end_month > check->before->end_month)) {
        return REFUSAL_TOO_LONG;
    }
    if (!check->clock_off && check->now_ms >= consent_end_ms(token->end_month)) {
        return REFUSAL_EXPIRED;
    }
    return REFUSAL_NONE;
}

static bool is_of_the_future(const struct consent_token *token, const struct consent_check *check) {
    const int64_t number_ms = (int64_t)token->number * 1000;
    return number_ms > check->now_ms + CONSENT_NUMBER_AHEAD_DAYS * (int64_t)DAY_MS;
}

/* Without `before` the first number may be any that isn't of the future: who lost all but the card
 * goes on above it. */
static enum refusal check_move(const struct consent_token *token,
                               const struct consent_check *check) {
    const enum consent_state after = state_after(token, check);
    if (!consent_move_allowed(state_before(check), after)) {
        return REFUSAL_NO_CONSENT;
    }
    const uint32_t number_before = check->before == NULL ? 0 : check->before->number;
    if (token->number <= number_before) {
        return REFUSAL_STALE;
    }
    if (is_of_the_future(token, check)) {
        return REFUSAL_FROM_THE_FUTURE;
    }
    const enum refusal refusal = check_end(token, check);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    const bool adds = check->before == NULL || !adds_nothing(token, check->before);
    const uint32_t may_take = consent_scopes_of_right(check->issuer->right).bits;
    return adds && (token->scopes.bits & ~may_take) != 0 ? REFUSAL_NEEDS_AUTHORITY : REFUSAL_NONE;
}

enum refusal consent_token_check(const struct signed_token *from, const struct consent_check *check,
                                 struct arena *arena, struct consent_token *ret,
                                 enum consent_state *ret_state) {
    struct consent_token token;
    enum refusal refusal = decode(from, arena, &token);
    if (refusal == REFUSAL_NONE) {
        refusal = check_form(from, &token, check);
    }
    if (refusal == REFUSAL_NONE) {
        refusal = check_move(&token, check);
    }
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    *ret = token;
    *ret_state = state_after(&token, check);
    return REFUSAL_NONE;
}

int consent_token_sign(const struct consent_token *token, const struct consent_signers *signers,
                       struct arena *arena, struct signed_token *ret) {
    struct bytes bytes;
    int r = consent_token_encode(token, arena, &bytes);
    if (r < 0) {
        return r;
    }
    struct signature *signatures = ARENA_ARRAY(arena, struct signature, 2);
    if (signatures == NULL) {
        return ERR_NO_MEMORY;
    }
    signatures[0] = sign_bytes(signers->family, CONSENT_DOMAIN, bytes);
    signatures[1] = sign_bytes(signers->organisation, CONSENT_DOMAIN, bytes);
    *ret = (struct signed_token){
        .token = bytes,
        .family_signature = BYTES_OF(signatures[0]),
        .organisation_signature = BYTES_OF(signatures[1]),
    };
    return 0;
}
