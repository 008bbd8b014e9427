/* A node as a whole, without sockets, files or clock: one organisation's register, what of it may
 * leave, and its post with one hub. What comes in is queued, a turn decides and applies it, and
 * what goes out is handed to callbacks after the commit.
 *
 * The shell drives one over ZeroMQ and HTTP; the simulator drives the same objects over virtual
 * links. Single thread, but for the functions that take a transaction of their own. */
#pragma once

#include "node/core/commands.h"
#include "shared/base/ids.h"
#include "shared/crypto/curve.h"
#include "shared/crypto/sign.h"
#include "shared/figures/cellkey.h"
#include "shared/turn/turn.h"
#include "shared/vault/vault.h"
#include "shared/wire/family.h"
#include "shared/wire/packet.h"

struct node;

/* Where the core finds the secrets that open what others sealed to us: current and old sealing
 * keys, contact keys. `get` gives a copy that the caller wipes, or ERR_NOT_FOUND (never ours, or
 * destroyed when its time was over). */
struct sealing_keys {
    int (*get)(void *context, const uint8_t public_key[static 32], struct curve_secret *ret);
    void *context;
};

struct node_keys {
    struct sign_public sign_public;
    const struct sign_secret *sign_secret; /* borrowed, in secret memory, as the next two */
    const struct disclosure_key *disclosure;
    const struct vault_index_key *index;
    struct vault_keys records; /* the keyring */
    struct sealing_keys sealing;
};

struct node_links {
    void *context;
    /* To the hub: 0; ERR_AGAIN (full), ERR_NOT_FOUND (no link now). */
    int (*send)(void *context, struct bytes packet);
    /* A command is done; `result` is borrowed. */
    void (*command_done)(void *context, const struct command *command, enum refusal refusal,
                         struct bytes result);
    /* Record keys that no row uses any more: to be shredded after the commit (DESIGN 3). */
    void (*shred)(void *context, const uint64_t *ids, size_t count);
    /* A look is over: command_done is not called for it. `answer` (borrowed) with REFUSAL_NONE,
     * else NULL. NULL itself where nobody looks. */
    void (*looked)(void *context, const struct command *command, const struct look_answer *answer,
                   enum refusal refusal);
};

struct node_params {
    struct store *store; /* borrowed */
    struct address own;  /* organisation@hub */
    struct node_keys keys;
    struct node_links links;
    struct turn_marker marker;
    struct turn_faults faults;
    char software[32]; /* told in Hello */
    /* The clock publishes nothing before somebody did once by command: nobody has seen the first
     * preview yet. Set where people use the node. */
    bool hold_until_released;
};

/* What `join` writes into an empty store, once approved or not: who we are, on which hub, by which
 * fingerprint we know its directory. Errors: ERR_EXISTS, ERR_STORAGE, ERR_NO_ROOM. */
struct node_founding {
    struct address own;
    struct digest fingerprint;   /* of the directory's first entry */
    struct sign_public hub_sign; /* zeros until the first entry tells it */
    int64_t now_ms;
};
MUST_CHECK int node_found(struct store *store, const struct node_founding *founding);
/* Errors: ERR_NOT_FOUND (no node stands there), ERR_STORAGE. */
MUST_CHECK int node_founded(struct store *store, struct node_founding *ret);

/* Errors: ERR_NO_MEMORY, ERR_STORAGE, ERR_NOT_FOUND. */
MUST_CHECK int node_new(const struct node_params *params, struct node **ret);
void node_free(struct node *node);

/* A frame from the hub's link. Errors: ERR_AGAIN (run a turn first), ERR_TOO_LARGE, ERR_NO_MEMORY.
 */
MUST_CHECK int node_receive(struct node *node, struct bytes frame);
/* The command is borrowed until command_done. Errors: ERR_AGAIN, ERR_NO_MEMORY. */
MUST_CHECK int node_command(struct node *node, const struct command *command);
/* Record keys of the keyring, durable and never used: the pool that family-level records are sealed
 * under. More may be offered while some are left; without any, who needs one hears BUSY. */
void node_offer_keys(struct node *node, uint64_t first_id, uint32_t count);
uint32_t node_keys_left(const struct node *node);
/* The highest record key that anything lies or ever lay under; 0: none. A keyring that hasn't given
 * it out is older than the database. Errors: ERR_STORAGE. */
MUST_CHECK int node_last_key(struct store_txn *view, uint64_t *ret);

/* Which keys of ours that others seal to are due to be renewed (DESIGN 3): the shell makes a pair
 * and gives KEYS_ROTATE. Both false before the directory names us. Errors: ERR_STORAGE. */
struct node_keys_due {
    bool clock_doubted; /* the hub hasn't confirmed `now_ms`: nothing is due, or old, by it */
    bool sealing;       /* monthly */
    bool contact;       /* each quarter */
};
MUST_CHECK int node_keys_due(struct node *node, int64_t now_ms, struct node_keys_due *ret);

/* The link came up: greet. The link went down: keep what waits. */
void node_connected(struct node *node);
void node_lost(struct node *node);

/* Runs all that is queued. Errors as turn_run. */
MUST_CHECK int node_turn(struct node *node, int64_t now_ms, struct rng *rng, bool short_of_room);
bool node_has_work(const struct node *node);
/* About each second: greets while unanswered, resends, publishes a freeze that is due, trims.
 * Errors as turn_run. */
MUST_CHECK int node_tick(struct node *node, int64_t now_ms, struct rng *rng, bool short_of_room);

/* What `status` says in plain words. */
struct node_health {
    bool connected;     /* the hub answered our greeting */
    int64_t heard_ms;   /* last word of the hub; 0: never */
    int64_t receipt_ms; /* last receipt that settled something; 0: never */
    struct position hub_position;
    bool hub_went_back; /* it forked or went back: nothing is sent until a directors' `restore` */
    bool member;        /* the directory names us as an active member */
    enum consent_right may_take_consent; /* by the directory; NONE: it doesn't say, or no member */
    bool may_sanction;                   /* as above */
    struct directory_head directory;
    bool directory_withheld; /* the hub announced a head over an hour ago that it didn't send */
    bool directory_forked;   /* it announced another entry than one that we have */
    int64_t clock_skew_ms;   /* the hub's signed time less ours */
    bool clock_warn;
    bool clock_halted;
    uint64_t waiting;          /* messages without a receipt */
    int64_t oldest_waiting_ms; /* when it was made; 0: none */
    uint64_t refused;          /* messages finally refused, with the last one's reason */
    enum refusal last_refusal;
    enum message_kind last_refused_kind;
    uint64_t generation; /* of the register; 0: nothing imported */
    uint64_t cases;      /* in that generation */
    int64_t imported_ms;
    int32_t freeze_day; /* of the last freeze published; 0: none */
    int64_t next_freeze_ms;
    bool held;         /* the clock publishes nothing before a `publish` (node_params) */
    uint64_t withheld; /* cells of the last freeze that the leak guard or a limit kept back */
    enum refusal hello_refusal; /* why the hub did not welcome us, as a version not in common */
    struct turn_counts turns;
};
/* Errors: ERR_STORAGE. */
MUST_CHECK int node_health(struct node *node, int64_t now_ms, struct node_health *ret);
