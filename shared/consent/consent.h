/* What a consent is: its token as hubs and supporters check it, the states it goes through, which
 * purposes and scopes each kind of message needs.
 *
 * One place for the rules that promise 3 speaks of; every party that handles a family-level message
 * calls consent_covers. The full record is in record.h and stays where it was taken. */
#pragma once

#include "shared/base/family_lists.h"
#include "shared/base/ids.h"
#include "shared/base/lists.h"
#include "shared/consent/card.h"
#include "shared/wire/family.h"

/* Whether that organisation is one of the token's fallbacks; an empty id is none. */
bool consent_names_fallback(const struct consent_token *token, const struct org_id *org);

/* From each state to each, as the diagram above the table in consent.c has it. */
bool consent_move_allowed(enum consent_state from, enum consent_state to);

/* Months are counted from January 1970 (0). A consent with end month M stands until that month
 * begins in Brussels. */
uint32_t month_of_day(int32_t day);
int32_t month_first_day(uint32_t month);
int64_t consent_end_ms(uint32_t end_month);
/* The latest end month for a consent given on `day`: at most CONSENT_MONTHS_MAX months on, to the
 * day. */
uint32_t consent_end_month_max(int32_t day);

/* Which scopes an organisation may take consent for: none (CONSENT_RIGHT_NO), concern and fallback
 * (LIMITED: a group's pack of cards), all of them (FULL). */
struct scopes consent_scopes_of_right(enum consent_right right);
/* NO_SCOPE (none, or only a fallback), UNKNOWN_VALUE (a bit that isn't on the list),
 * OUT_OF_SCOPE (lost-support without presence; a fallback named without its scope, or the other way
 * round). */
MUST_CHECK enum refusal consent_scopes_check(const struct consent_token *token);

/* Purpose and scope that a message about a family needs; NULL for kinds that aren't about one, and
 * for what ends a consent (withdrawal, tombstone, erased). */
struct consent_need {
    enum message_kind kind;
    enum purpose purpose;
    enum scope scope; /* SCOPE_NONE: the consent alone */
};
const struct consent_need *consent_need_of(enum message_kind kind);
/* The purpose alone, as the message names it: UNKNOWN_PURPOSE where it isn't on the list,
 * NOT_ALLOWED where it isn't that kind's. For a call-back too, which is about no family: its
 * purpose is the concern. */
MUST_CHECK enum refusal consent_purpose_check(enum message_kind kind, uint32_t purpose);

/* Whether a consent as it stands covers a message of that kind now: given or narrowed, in scope,
 * before its end. `token` may be NULL: none is known. Refusals: those of consent_purpose_check
 * (also NOT_ALLOWED for a kind without a need), then NO_CONSENT or OUT_OF_SCOPE. A concern of the
 * family itself needs no scope. With `clock_off` no end passes (DESIGN 3). */
struct consent_question {
    enum message_kind kind;
    uint32_t purpose; /* as received */
    bool by_family;
    int64_t now_ms;
    bool clock_off;
};
MUST_CHECK enum refusal consent_covers(const struct consent_token *token, enum consent_state state,
                                       const struct consent_question *question);

/* Who issues a token, as the directory has it at that moment. */
struct consent_issuer {
    struct org_id org;
    struct sign_public sign;
    enum consent_right right;
};

struct consent_check {
    const struct hub_id *hub;
    const struct consent_issuer *issuer; /* who sent it, and must have signed it */
    const struct consent_token *before;  /* of the same handle; NULL: none stands */
    enum consent_state state;            /* of `before` */
    int64_t now_ms;
    bool clock_off;
};

/* Judges a token that gives, narrows or widens a consent. `ret_state`: CONSENT_GIVEN, or
 * CONSENT_NARROWED where it takes away only. Its own number must be above that of `before`, handle,
 * family and presence key the same. Narrowing (fewer scopes, an earlier end, no new fallback) needs
 * the family's signature only; giving and widening need a right that covers all of its scopes.
 * Refusals: UNKNOWN_VERSION, UNKNOWN_VALUE, UNKNOWN_RECIPIENT (another hub's), WRONG_SENDER as
 * NOT_YOURS (the issuer named isn't who sends), BAD_SIGNATURE, NO_SCOPE, OUT_OF_SCOPE, TOO_LONG
 * (over 12 months, or beyond the end of `before`: whoever wants longer gets a new card, so that no
 * handle outlives the consent that it was made for), EXPIRED (its end has passed), NEEDS_AUTHORITY,
 * STALE (a number that isn't above), FROM_THE_FUTURE (numbers are seconds since 1970; more than
 * CONSENT_NUMBER_AHEAD_DAYS beyond now it would make all later ones stale, with `clock_off` too:
 * the caller decides whether that is for good), NO_CONSENT (`before` is withdrawn, superseded or
 * past its end: no token revives it), CONFLICT-like changes of keys as BAD_SIGNATURE. */
MUST_CHECK enum refusal consent_token_check(const struct signed_token *from,
                                            const struct consent_check *check, struct arena *arena,
                                            struct consent_token *ret,
                                            enum consent_state *ret_state);
/* Signatures and version only, for who gets a token from the hub: a supporter, a fallback.
 * `issuer_sign` is the issuer's key at that time. */
MUST_CHECK enum refusal consent_token_read(const struct signed_token *from,
                                           const struct sign_public *issuer_sign,
                                           struct arena *arena, struct consent_token *ret);

/* Signs with the family's key and the organisation's; the bytes are in the arena. The domain of
 * both is "consent/v1". Errors: ERR_NO_MEMORY, ERR_TOO_LARGE. */
struct consent_signers {
    const struct sign_secret *family;
    const struct sign_secret *organisation;
};
MUST_CHECK int consent_token_sign(const struct consent_token *token,
                                  const struct consent_signers *signers, struct arena *arena,
                                  struct signed_token *ret);

/* Domains under which statements about a family are signed, by the family's key or by the presence
 * key (wire/family.h says which). */
#define CONSENT_DOMAIN    "consent/v1"
#define WITHDRAWAL_DOMAIN "withdrawal/v1"
#define SUPPORT_DOMAIN    "support/v1"
#define ASK_DOMAIN        "ask/v1"
#define CONCERN_DOMAIN    "concern/v1"
#define LOOK_DOMAIN       "look/v1"
#define NEW_CARD_DOMAIN   "new-card/v1"

/* Signs a statement's bytes; checks one. */
struct proven consent_prove(const struct sign_secret *key, const char *domain,
                            struct bytes statement, struct signature *memory);
bool consent_proved(const struct proven *proven, const char *domain, const struct sign_public *key);
