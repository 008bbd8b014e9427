/* A turn is a transaction: what arrived is decided and applied in ONE write transaction, committed,
 * and only then answered (DESIGN 3).
 *
 * `decide` reads and returns facts or a refusal; `apply` writes what a fact says. Between them here
 * are: the batch, the refusal of an event that the disk has no room for while its neighbours go on,
 * the marker of what was being applied when a process died, and the results of people's commands.
 * The cores give the two halves; shells and the simulator push events and run turns. Single
 * thread; no clock: `now_ms` and randomness come with each turn. */
#pragma once

#include "shared/base/arena.h"
#include "shared/base/ids.h"
#include "shared/base/lists.h"
#include "shared/crypto/rng.h"
#include "shared/store/txn.h"

enum event_kind {
    EVENT_PACKET = 1, /* a frame from an authenticated peer */
    EVENT_COMMAND,    /* a person's, or the shell's own worker's */
    EVENT_TIMER,      /* time has passed: look what is due */
};

/* People are senders too: who asks, until when, and an id under which the result can be asked for
 * (the Idempotency-Key). */
struct actor {
    struct user_id user;
    enum role role;
    struct team_id team;
};

struct command {
    struct message_id id;
    struct actor actor;
    int64_t deadline_ms;   /* 0: none; later it's refused REFUSAL_DEADLINE */
    uint32_t kind;         /* a core's own list */
    const void *arguments; /* a core's struct for that kind; borrowed until its outcome */
};

struct event {
    enum event_kind kind;
    struct address peer;           /* EVENT_PACKET: as the link authenticated it */
    struct bytes frame;            /* EVENT_PACKET: copied by turn_push */
    const struct command *command; /* EVENT_COMMAND: borrowed until its outcome */
    void *token;                   /* the pusher's own, comes back with the outcome */
    bool deadly; /* set by turn_run: the process died of it TURN_DEATHS_MAX times; decide must
                  * refuse it with REFUSAL_INTERNAL_FAULT and look at its body no more */
};

/* Something that happened. The type is a core's own list; a type's meaning never changes. */
struct fact {
    uint16_t type;
    struct bytes body; /* borrowed from the turn's arena */
    /* A hub's fact about a family: the journal seals the body under this record key. 0: plain. */
    uint64_t record_key;
};

enum { DECISION_FACTS_MAX = 512 };

/* What decide found. A refusal may come with facts (the number that it uses is one). */
struct decision {
    enum refusal refusal;
    uint32_t retry_after_s; /* of a refusal that isn't final */
    struct fact *facts;     /* in `arena`, grown by decision.h; most decisions have one or two */
    size_t fact_count;
    size_t fact_room;
    struct arena *arena; /* the turn's; who makes a decision of its own gives one */
    struct bytes result; /* EVENT_COMMAND: kept for 24 hours under the command's id, unless the
                          * refusal isn't final; no secrets */
    bool repeated;       /* the same command id came before: `result` is what it gave then */
    void *core;          /* what decide wants to hand to outcome; in the arena */
};

/* What decide and apply get. */
struct turn_view {
    struct store_txn *txn;
    int64_t now_ms;
    struct rng *rng;
    struct arena *arena; /* reset after the turn's outcomes, before `committed` */
    bool short_of_room;  /* take only withdrawals, receipts and deletions */
};

struct turn_core {
    void *core;
    /* Reads only. Errors are the world's (ERR_STORAGE ...), never the sender's. */
    int (*decide)(void *core, const struct turn_view *view, const struct event *event,
                  struct decision *ret);
    /* Writes; never refuses. Failures stick to the transaction, ERR_NO_MEMORY is returned. */
    int (*apply)(void *core, const struct turn_view *view, const struct fact *fact);
    /* After the commit, or for a refusal that changed nothing. Must not write. */
    void (*outcome)(void *core, const struct event *event, const struct decision *decision);
    /* The whole batch is durable: time to answer. May read by a transaction of its own. */
    void (*committed)(void *core, int64_t now_ms, struct arena *arena);
};

/* Where the id of the event being applied stands while it's applied, in memory that outlives the
 * process (crash.h); NULL members: none. */
struct turn_marker {
    void *context;
    /* How often a process died while applying what has this id. */
    unsigned (*deaths)(void *context, const struct digest *id);
    void (*begin)(void *context, const struct digest *id);
    void (*end)(void *context);
};

enum { TURN_DEATHS_MAX = 2 };

/* For the simulator: what happens around the commit. NULL: nothing. */
struct turn_faults {
    void *context;
    bool (*die_before_commit)(void *context);
    bool (*die_after_commit)(void *context);
    bool (*skip_commit)(void *context); /* negative control: answer what was never written */
};

struct turn;

struct turn_params {
    struct store *store; /* borrowed */
    struct turn_core core;
    struct turn_marker marker;
    struct turn_faults faults;
};

/* Errors: ERR_NO_MEMORY. */
MUST_CHECK int turn_new(const struct turn_params *params, struct turn **ret);
void turn_free(struct turn *turn);

/* Queues an event for the next turn; the frame is copied. Errors: ERR_AGAIN (the batch is full: run
 * a turn first; or a turn is under way: not from its callbacks), ERR_TOO_LARGE (frame above
 * PACKET_BYTES_MAX), ERR_NO_MEMORY. */
MUST_CHECK int turn_push(struct turn *turn, const struct event *event);
size_t turn_waiting(const struct turn *turn);
/* Until it's said again: whether the clock is in doubt. By such a clock no deadline passes. */
void turn_doubt_clock(struct turn *turn, bool in_doubt);

struct turn_counts {
    uint64_t turns;
    uint64_t events;
    uint64_t facts;
    uint64_t refusals[64]; /* by enum refusal */
    uint64_t batches_replayed;
};

/* Runs all that is queued. Errors: ERR_STORAGE (exit and restart from disk), ERR_CANCELLED (a
 * simulated death), ERR_NO_MEMORY. With ERR_NO_ROOM nothing is returned: who needed room was
 * refused. */
MUST_CHECK int turn_run(struct turn *turn, int64_t now_ms, struct rng *rng, bool short_of_room);
const struct turn_counts *turn_counts(const struct turn *turn);
