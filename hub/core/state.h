/* The inside of a hub, for the files of hub/core. */
#pragma once

#include "hub/core/facts.h"
#include "hub/core/hub.h"
#include "hub/core/peers.h"
#include "shared/members/directory.h"
#include "shared/members/members.h"
#include "shared/post/office.h"
#include "shared/turn/decision.h"

/* Runs of durable record keys that nothing uses yet, the lowest first. */
enum { KEY_RUNS_MAX = 8 };
struct key_run {
    uint64_t first;
    uint64_t count;
};

/* A walk over all families for one organisation's sake (heard.c), in memory: after a restart it
 * begins again, and does nothing twice. */
struct sweep {
    struct org_id org;   /* zeros: none is under way */
    int state;           /* heard.c's: what it was begun for */
    struct digest next;  /* the family to go on with */
    struct digest ahead; /* where it will be once the turn that does a slice is durable */
    bool moved;
    bool over; /* with `moved`: that turn ended it */
};

struct hub {
    struct hub_params params;
    struct address own;
    struct turn *turn;
    struct peers *peers;
    int64_t now_ms; /* of the turn under way */
    bool clock_halted;
    bool clock_jumped; /* nobody has said yet whether it's right since */
    int64_t clock_skew_ms;
    int64_t journal_ms; /* of the last record when we started; 0: none */
    int64_t ticked_ms;
    uint32_t ticks; /* since the start, or since our clock jumped */
    uint64_t unknown_fields;
    uint64_t strangers_refused;
    uint64_t acknowledgements;
    int64_t trimmed_ms;
    int32_t call_backs_day;   /* on which all call-backs were last judged, */
    uint64_t call_backs_head; /* and the last entry of the directory by then */
    struct arena *scratch;    /* of one family at a time; reset before each event */
    struct key_run keys[KEY_RUNS_MAX];
    size_t key_runs;
    uint8_t due_next[80]; /* of TABLE_FAMILY_DUE: where to go on, while room is short */
    size_t due_next_length;
    struct sweep sweep;
    int64_t sweep_asked_ms; /* when we last looked whether one is needed */
    int64_t awake_ms;       /* of the first tick, or of the first after a jump of our clock */
    bool shred_due;
    int64_t shred_told_ms;
};

/* What a decoder says of a full arena isn't said of the message: the batch is done again in smaller
 * parts. */
static inline int arena_judged(enum refusal refusal) {
    return refusal == REFUSAL_NO_ROOM ? ERR_NO_MEMORY : 0;
}

/* The peer as the office wants it; role NONE where it isn't an active member. */
MUST_CHECK int hub_office_peer(const struct hub *hub, struct store_txn *view,
                               const struct org_id *org, struct office_peer *ret);

/* By kind of what came in (arrivals.c, joining.c, people.c). */
MUST_CHECK int arrivals_decide(struct hub *hub, const struct turn_view *view,
                               const struct event *event, struct decision *ret);
void arrivals_outcome(struct hub *hub, const struct event *event, const struct decision *decision);
MUST_CHECK int joining_decide_stranger(struct hub *hub, const struct turn_view *view,
                                       const struct event *event, struct decision *ret);
/* Cuts the connections of those whom the decision's entries made leave. */
void joining_outcome(struct hub *hub, const struct decision *decision);
void joining_answer(struct hub *hub, const struct event *event, const struct decision *decision);
MUST_CHECK int commands_decide(struct hub *hub, const struct turn_view *view,
                               const struct command *command, struct decision *ret);

/* What a body of the given kind gets, once the office let it through. */
MUST_CHECK int signals_decide(struct hub *hub, const struct turn_view *view,
                              const struct office_mail *mail, struct decision *ret);
MUST_CHECK int joining_decide_update(struct hub *hub, const struct turn_view *view,
                                     const struct office_mail *mail, struct decision *ret);

/* A member that greets with a directory behind what the hub believes delivered gets it again from
 * `theirs` + 1 on, in a stream begun anew, and behind it the tombstones that still waited. `stream`
 * is the hub's urgent one to it. */
MUST_CHECK int spread_decide_again(const struct hub *hub, const struct turn_view *view,
                                   const struct stream *stream, uint64_t theirs,
                                   struct decision *ret);
/* A member that was one before and joins again: the tombstones that still waited for it, sealed to
 * the key that it had, come behind the directory that the entry will bring it. `entry` is the next
 * one, decided and not applied yet; `signed_entry` its bytes. */
MUST_CHECK int spread_decide_joined(const struct hub *hub, const struct turn_view *view,
                                    const struct directory_entry *entry, struct bytes signed_entry,
                                    struct decision *ret);
MUST_CHECK int spread_apply_again(const struct turn_view *view, const struct fact *fact);

/* A new entry on its way to the members; the directory holds it already. */
struct spread {
    const struct turn_view *view;
    struct hub *hub; /* NULL in a rebuild */
    const struct directory_entry *entry;
    struct bytes signed_entry;
    struct directory_head head;
    struct address own;
    int64_t now_ms;
};
MUST_CHECK int spread_entry(const struct spread *spread);

/* The entry that ends a membership, to whom it ends, as the next message on its urgent lane: it
 * hears why the door is shut. Sent once and kept nowhere, for it gets nothing more from then on; a
 * member that comes back begins that lane anew. Errors: what links.send says, ERR_NO_MEMORY,
 * ERR_STORAGE. */
struct farewell {
    const struct org_id *org;
    uint64_t sequence; /* of the entry, which the directory holds */
    struct bytes signed_entry;
};
MUST_CHECK int spread_farewell(const struct hub *hub, struct store_txn *view,
                               const struct farewell *farewell, struct arena *arena);

/* At most once a day: figures past their time. */
MUST_CHECK int signals_decide_retention(struct hub *hub, const struct turn_view *view,
                                        struct decision *ret);

/* The body of the last accepted Signal, in the arena. Errors: ERR_NOT_FOUND. */
MUST_CHECK int signals_last_body(struct store_txn *view, const struct org_id *org,
                                 struct arena *arena, struct bytes *ret);
/* The body of FACT_ENTRY. */
void joining_write_entry(struct buf *buf, int64_t now_ms, struct bytes signed_entry);
/* The journal sequence that backups hold; 0: none. */
MUST_CHECK int people_backed_up_to(struct store_txn *view, uint64_t *ret);

/* Takes a record key for a new family; false where none is left (families.c). */
MUST_CHECK bool hub_take_key(struct hub *hub, uint64_t *ret);
/* FACT_HEARD and what follows from who isn't heard any more, or isn't a member (heard.c). */
MUST_CHECK int heard_decide_due(struct hub *hub, const struct turn_view *view,
                                struct decision *ret);
/* Who an entry makes leave: its supports end, family by family, even if it joins again meanwhile.
 */
MUST_CHECK int heard_decide_left(const struct turn_view *view, const struct org_id *org,
                                 struct decision *ret);
/* Whether that is still under way: a support that it gives now would be ended with the others. */
MUST_CHECK int heard_is_leaving(struct store_txn *view, const struct org_id *org, bool *ret);
/* The slice of a sweep that this turn did is durable. */
void heard_outcome(struct hub *hub, const struct decision *decision);
MUST_CHECK int heard_apply(const struct turn_view *view, const struct fact *fact);

/* Facts into tables. Read no clock, no randomness, no rule: rebuild runs these alone. `view` has
 * the fact's own time. `hub` may be told who has post; it is NULL in a rebuild. */
MUST_CHECK int facts_apply(struct hub *hub, const struct turn_view *view, const struct fact *fact);
MUST_CHECK int signals_apply(const struct turn_view *view, const struct fact *fact);
MUST_CHECK int joining_apply(struct hub *hub, const struct turn_view *view,
                             const struct fact *fact);
MUST_CHECK int people_apply(const struct turn_view *view, const struct fact *fact);
MUST_CHECK int arrivals_apply(const struct turn_view *view, const struct fact *fact);

/* After the commit: welcomes, acknowledgements, post. */
void replies_send(struct hub *hub, int64_t now_ms, struct arena *arena);
