/* A hub in a store of one test's own, with members that speak to it as nodes do: invited and joined
 * by real packets, with postings composed and signed as on the wire. What the hub sends is
 * captured.
 *
 * Keys are made of numbers and time stands still until a test moves it, so nothing is random. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "hub/core/commands.h"
#include "hub/core/facts.h"
#include "hub/core/hub.h"
#include "shared/base/civil.h"
#include "shared/crypto/curve.h"
#include "shared/members/invitation.h"
#include "shared/members/members.h"
#include "shared/store/env.h"
#include "shared/wire/signal.h"
#include "tests/unit/shared/store/scratch.h"

enum {
    CAPTURED_MAX = 16384,
    TOLD_MAX = 64,
    CUT_MAX = 16,
    FIXTURE_KEYS_MAX = 4096, /* record keys: ids 1 .. FIXTURE_KEYS_MAX - 1 */
    FIXTURE_KEYS_OFFERED = 512,
};

struct captured {
    struct org_id to; /* zeros: a stranger */
    void *token;      /* the stranger's */
    struct bytes packet;
};

struct fixture {
    struct scratch scratch;
    struct store *store;
    struct hub *hub;
    struct arena *arena; /* for what tests compose and what was captured */
    struct rng rng;
    struct hub_params params;
    struct sign_secret sign;
    struct sign_secret director;
    int64_t now_ms;
    bool short_of_room;
    uint64_t next_id;
    struct captured sent[CAPTURED_MAX];
    size_t sent_count;
    struct {
        struct message_id id;
        enum refusal refusal;
        size_t result_length;
        char result[32]; /* what fits of it */
    } told[TOLD_MAX];
    size_t told_count;
    struct org_id cut[CUT_MAX];
    size_t cut_count;
    /* The keyring: each key is made of its id, until it's shredded. */
    bool shredded[FIXTURE_KEYS_MAX];
    struct vault_index_key index_key;
    bool no_keys;          /* offer the hub none at its next start */
    uint64_t to_shred[64]; /* what the hub asked for last */
    size_t to_shred_count;
};

/* Who speaks to the hub: an organisation with its keys and the numbers that it has used. */
struct party {
    struct org_id org;
    struct sign_secret secret;
    struct curve_secret seal;    /* of member.seal */
    struct curve_secret contact; /* of member.contact */
    struct member member;
    uint64_t incarnation;
    uint64_t last[LANES];
};

/* A posting before it's encoded; every field may be spoilt by a test. */
struct mail {
    struct envelope envelope;
    bool is_signed;
    bool spoil_signature;
};

/* What became of a posting, by the acknowledgement that the hub sent after it. */
struct answer {
    bool acknowledged;      /* the hub answered at all */
    bool settled;           /* the number is used */
    enum refusal refused;   /* with `settled`: the reason in the receipt */
    enum refusal not_taken; /* without: why not now */
    uint32_t retry_after_s;
};

/* Monday 23 November 2026, 09:00 in Brussels. */
int32_t first_day(void);
int64_t first_ms(void);

/* A founded hub that runs. */
struct fixture *fixture_new(void);
void fixture_free(struct fixture *fixture);
/* Stops the hub and starts it on the same store, as after a restart of the process. */
void fixture_restart(struct fixture *fixture);
void fixture_stop(struct fixture *fixture);
void fixture_start(struct fixture *fixture);
void fixture_forget(struct fixture *fixture); /* what was captured so far */
void fixture_turn(struct fixture *fixture);
void fixture_tick(struct fixture *fixture);
struct hub_health fixture_health(struct fixture *fixture);
/* How many records the table has, and how many facts of that type the journal. */
uint64_t fixture_count(struct fixture *fixture, enum table table);
uint64_t fixture_facts(struct fixture *fixture, enum hub_fact type);
uint64_t fixture_refusals(struct fixture *fixture, enum refusal refusal);
struct message_id fixture_id(struct fixture *fixture);
struct store_txn *fixture_read(struct fixture *fixture); /* the caller ends it */

/* A command in a turn of its own, by somebody of that role. */
enum refusal fixture_command(struct fixture *fixture, enum role role, enum hub_command kind,
                             const void *arguments);

/* `number` makes the keys: 1 to 80, another for each party. */
struct party party_make(const char *org, int number);
struct org_id org_named(const char *text);
struct service_id service_named(const char *text);

/* An invitation as `invite` makes it; `org` NULL: for whoever holds it. */
struct invitation fixture_invite(struct fixture *fixture, const char *org, bool approve_at_once);
/* The frame of the party's request to join. */
struct bytes fixture_request(struct fixture *fixture, const struct party *party,
                             const struct invitation *invitation);
/* Sends it as a stranger does, and gives the hub's answer. */
struct join_answer fixture_apply(struct fixture *fixture, struct bytes request);
/* Invited with approval, joined, greeted; its directory messages are received and receipted. */
void fixture_join(struct fixture *fixture, struct party *party);
void fixture_hello(struct fixture *fixture, const struct party *party, int64_t skew_ms);
/* Receipts all that the hub has sent to the party on the urgent lane. */
void fixture_drain(struct fixture *fixture, struct party *party);
bool fixture_is_member(struct fixture *fixture, const struct party *party);

/* The next message of the party: numbered, dated now, unsigned unless its kind wants it. */
struct mail mail_next(struct fixture *fixture, struct party *party, enum message_kind kind,
                      struct bytes body);
struct bytes mail_frame(struct fixture *fixture, const struct party *party,
                        const struct mail *mail);
void fixture_push(struct fixture *fixture, const struct party *party, struct bytes frame);
/* Sends, runs a turn and says what became of it. */
struct answer fixture_post(struct fixture *fixture, const struct party *party,
                           const struct mail *mail);
/* By the last acknowledgement that the party got. */
struct answer fixture_answer(struct fixture *fixture, const struct party *party,
                             const struct mail *mail);
/* The last acknowledgement to the party, in a welcome or by itself, its signature checked; NULL:
 * none since the last fixture_forget. */
const struct acknowledgement *fixture_acknowledgement(struct fixture *fixture,
                                                      const struct party *party);
/* The last packet of that content to the party, decoded; NULL: none. */
const struct packet *fixture_packet(struct fixture *fixture, const struct party *party,
                                    enum packet_content content);

struct bytes signal_body(struct fixture *fixture, const struct signal *signal);
struct bytes status_body(struct fixture *fixture, const struct status *status);
/* Figures of an organisation of 100 open cases, 40 of them waiting, without tables. */
struct signal signal_plain(int32_t as_of_day);
struct answer fixture_publish(struct fixture *fixture, struct party *party,
                              const struct signal *signal);
struct answer fixture_set_status(struct fixture *fixture, struct party *party,
                                 const struct status *status);

static inline struct count count_value(uint32_t value) {
    return (struct count){.form = COUNT_VALUE, .value = value};
}

static inline struct count count_band(uint32_t band) {
    return (struct count){.form = COUNT_BAND, .band = band};
}

void check_answer(struct answer answer, bool settled, enum refusal refused, enum refusal not_taken,
                  int line);
#define assert_taken(answer) check_answer((answer), true, REFUSAL_NONE, REFUSAL_NONE, __LINE__)
#define assert_refused(answer, refusal)                                                            \
    check_answer((answer), true, (refusal), REFUSAL_NONE, __LINE__)
#define assert_not_taken(answer, refusal)                                                          \
    check_answer((answer), false, REFUSAL_NONE, (refusal), __LINE__)

/* A coordinator's command about one member. */
enum refusal fixture_command_on(struct fixture *fixture, enum hub_command kind,
                                const struct party *party);
/* The next entry of the hub's directory, with that key's signature. */
struct bytes fixture_signed_entry(struct fixture *fixture, struct directory_op *op,
                                  struct sign_public public_key, const struct sign_secret *secret);
/* Of what was sent to the party since fixture_forget. */
size_t fixture_postings_to(struct fixture *fixture, const struct party *party);
/* What `by` sends to change its own record, signed by `signer`. */
struct mail fixture_update_mail(struct fixture *fixture, struct party *by, struct directory_op *op,
                                const struct party *signer);
