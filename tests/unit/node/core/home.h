/* A whole node, with its turns and its store, and a hub that the test plays: it signs and seals
 * what a hub would say, takes what the node posts, and gives receipts when the test wants them. The
 * test plays the shell too: keys for the pool, shredding, the clock, crashes.
 *
 * Four other organisations are in the directory. Keys are made of numbers. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "node/core/consents.h"
#include "node/core/stones.h"
#include "shared/base/civil.h"

enum { HOME_SENT_MAX = 256, HOME_KEYS_MAX = 1024, HOME_SHRED_MAX = 64, HOME_ORGS = 5 };

enum home_org { HOME_OURS, HOME_GENT, HOME_CAW, HOME_INSPECTION, HOME_GROUP };

struct home_sent {
    struct envelope envelope;
    struct bytes bytes; /* the envelope's */
    struct bytes signature;
};

struct fixture; /* tests/unit/shared/members/region.h */

struct home {
    struct fixture *region;
    struct arena *arena;
    struct node *node;
    struct node_params params;
    struct rng rng;
    int64_t now_ms;
    struct org_id orgs[HOME_ORGS];
    struct sign_secret signs[HOME_ORGS];
    struct curve_secret seals[HOME_ORGS];
    struct curve_secret contacts[HOME_ORGS];
    struct sign_public hub_public;
    struct sign_secret hub_sign;
    /* the shell */
    uint64_t next_key;
    bool destroyed[HOME_KEYS_MAX];
    uint64_t shred[HOME_SHRED_MAX]; /* what the core asked for last */
    size_t shred_count;
    enum refusal refusal; /* of the last command */
    char result[256];
    uint64_t commands;
    /* crashes: at the commit after so many; negative: never */
    int die_before;
    int die_after;
    bool died;
    /* the hub */
    struct home_sent sent[HOME_SENT_MAX]; /* each once */
    size_t sent_count;
    size_t emptied;    /* what was said again without a body */
    uint64_t sequence; /* of the hub's journal */
    uint64_t told[LANES];
    enum refusal refused; /* the last reason in the node's receipts; NONE: it took all */
    uint8_t nonce;
    struct look_request look; /* the last one asked */
    size_t look_count;
    /* what became of a look */
    bool looked;
    enum refusal looked_refusal;
    struct look_answer answer;
    size_t greetings;
};

struct home *home_new(enum consent_right ours);
void home_free(struct home *home);
/* As after a crash of the process; what was never committed is gone. Connected again. */
void home_restart(struct home *home);
void home_turn(struct home *home);
void home_tick(struct home *home);
/* Time passes in one step, with a tick after it. */
void home_pass(struct home *home, int64_t ms);
/* Ticks a few times, a second each. */
void home_settle_down(struct home *home);

enum refusal home_command(struct home *home, enum node_command kind, const void *arguments);
enum refusal home_command_by(struct home *home, enum role role, enum node_command kind,
                             const void *arguments);

/* The shell shreds what it was asked for, and says so. */
void home_shred(struct home *home);

/* The hub's word. A welcome with a new nonce; a receipt for all that was posted, in which the last
 * message of that kind is refused (MESSAGE_KIND_NONE: none is). */
void home_welcome(struct home *home);
void home_receipt(struct home *home, enum message_kind refused_kind, enum refusal refusal);
/* The same, with the last of each of these kinds refused, in the order that they were posted in; at
 * most HOME_REFUSED_MAX. */
enum { HOME_REFUSED_MAX = 4 };
struct home_refused {
    enum message_kind kind;
    enum refusal refusal;
};
void home_receipt_refusing(struct home *home, const struct home_refused *refused, size_t count);
/* The next number on the lane, or that one again. `body` is sealed to us. */
struct bytes home_posting(struct home *home, enum message_kind kind, uint64_t number,
                          struct bytes plain);
/* A body that isn't sealed: the directory's. */
struct bytes home_plain_posting(struct home *home, enum message_kind kind, struct bytes body);
void home_hear(struct home *home, struct bytes frame);
/* The hub made it the next entry of the directory, and sends it to all. */
void home_take_entry(struct home *home, struct bytes entry);
void home_tombstone(struct home *home, const struct tombstone *tombstone);
void home_notice(struct home *home, const struct notice *notice);

const struct home_sent *home_last(const struct home *home, enum message_kind kind);
size_t home_count(const struct home *home, enum message_kind kind);
/* How many were refused finally; how many the table has. */
uint64_t home_rows(struct home *home, enum table table);
struct store_txn *home_read(struct home *home);
/* What the directory says of us. */
struct member home_own_member(struct home *home);
/* NULL where there's none. In the test's arena. */
struct family_row *home_row(struct home *home, const struct family_handle *handle);
struct consent_kept *home_kept(struct home *home, const struct family_handle *handle);
struct item *home_item(struct home *home, uint32_t number);
/* Whether the bytes stand anywhere in the store, in a key or a value. */
bool home_holds(struct home *home, struct bytes secret);

struct card home_card(uint8_t number);
struct family_handle home_handle(const struct home *home, const struct card *card);
/* A token of that card, given by another organisation. */
struct signed_token home_token(struct home *home, const struct card *card, enum home_org issuer,
                               uint32_t scopes);
/* Explained, understood, for everything, with both fallbacks; ends in six months. */
struct consent_record home_record(const struct home *home);
struct consent_give_arguments home_give(const struct home *home, const struct card *card,
                                        const struct consent_record *record);
uint32_t home_end_month(const struct home *home);
uint32_t all_scopes(void);
/* The last one that was sent, decoded; of a withdrawal also what proves it. */
struct consent_message home_consent(struct home *home);
struct withdrawal home_withdrawal(struct home *home, struct proven *ret_proven);
