/* Families in the hub of fixture.h: cards made of a number, and what organisations send about them,
 * composed, proven and signed as nodes do. */
#pragma once

#include "hub/core/families.h"
#include "hub/core/family_store.h"
#include "hub/core/tombstones.h"
#include "shared/consent/consent.h"
#include "tests/unit/hub/core/fixture.h"

/* A family with its card on the table. */
struct household {
    struct card card;
    struct family_handle handle;
    struct presence_seed seed;
    struct sign_public presence_public;
    struct sign_secret presence;
    struct sign_public family_public;
    struct sign_secret family;
    uint32_t token_number;   /* of the last token */
    uint32_t support_number; /* of the last support, whoever's */
};

struct household household_make(const struct fixture *fixture, int number);

/* Presence, lost-support and concern; the fallbacks too where they're given (NULL: none). */
struct consent_token token_plain(const struct fixture *fixture, const struct household *household,
                                 const struct party *issuer, const struct party *first,
                                 const struct party *second);
/* Signed by the family and the issuer. */
struct signed_token token_sign(struct fixture *fixture, const struct household *household,
                               const struct party *issuer, const struct consent_token *token);

/* A consent message with that token and nothing else; spoil it, then encode it. */
struct consent_message consent_plain(struct fixture *fixture, const struct household *household,
                                     const struct party *issuer, const struct consent_token *token);
struct mail consent_mail(struct fixture *fixture, struct party *issuer,
                         const struct consent_message *message);
/* A plain consent, numbered on, sent by the issuer. */
struct answer fixture_consent(struct fixture *fixture, struct household *household,
                              struct party *issuer, const struct party *first,
                              const struct party *second);

/* Active, professional, near, in contact today; numbered on. */
struct support support_plain(const struct fixture *fixture, struct household *household,
                             const struct party *org);
struct proven support_proof(struct fixture *fixture, const struct household *household,
                            const struct support *support);
struct mail support_mail(struct fixture *fixture, struct party *sender,
                         const struct household *household, const struct support *support);
struct answer fixture_support(struct fixture *fixture, struct household *household,
                              struct party *org);
/* As given: an end, another kind. */
struct answer fixture_support_as(struct fixture *fixture, struct household *household,
                                 struct party *org, const struct support *support);

/* Signed by the family's key with basis CARD, else by the presence key. */
struct mail withdrawal_mail(struct fixture *fixture, struct party *sender,
                            const struct household *household, enum withdrawal_basis basis);
struct answer fixture_withdraw(struct fixture *fixture, struct party *sender,
                               const struct household *household, enum withdrawal_basis basis);
struct answer fixture_erased(struct fixture *fixture, struct party *sender,
                             const struct message_id *tombstone);

/* A body proven by `key` under `domain`, for other kinds: encode the statement yourself. */
struct bytes proven_body(struct fixture *fixture, const struct sign_secret *key, const char *domain,
                         struct bytes statement);

/* The row as it lies there now, in the fixture's arena; NULL: none. */
struct family *fixture_family(struct fixture *fixture, const struct household *household);
/* Whether these bytes stand in any key or value of the store. */
bool fixture_holds(struct fixture *fixture, struct bytes needle);

/* What the hub sent to the party since fixture_forget, opened with its sealing key: of all postings
 * of that kind the `index`-th. False: there are fewer. */
bool fixture_notice(struct fixture *fixture, const struct party *party, size_t index,
                    struct notice *ret);
bool fixture_tombstone(struct fixture *fixture, const struct party *party, size_t index,
                       struct tombstone *ret);

/* Moves the clock and ticks: once at each step of at most a day. */
void fixture_days(struct fixture *fixture, int days);
