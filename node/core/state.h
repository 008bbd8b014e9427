/* The inside of a node, for the files of node/core. */
#pragma once

#include "node/core/facts.h"
#include "node/core/node.h"
#include "shared/base/buf.h"
#include "shared/members/directory.h"
#include "shared/members/members.h"
#include "shared/post/office.h"
#include "shared/post/pump.h"
#include "shared/turn/decision.h"
#include "shared/wire/family.h"

enum { NODE_NOT_TAKEN_MAX = 64, KEY_RANGES_MAX = 8, LOOKS_WAITING_MAX = 8 };

/* Record keys that nobody used yet. */
struct key_range {
    uint64_t next;
    uint32_t left;
};

/* Looks that people wait for, first come first; only the first one is under way. */
struct look_wait {
    const struct command *command;
    int64_t since_ms; /* 0: not seen by a turn yet */
    bool sent;
    uint8_t id[16];
    struct family_handle handle;
};

/* The token that a look showed, for a change of that consent right after it. */
struct look_shown {
    struct consent_token token;
    int64_t at_ms; /* 0: none */
};

/* What the hub's signed words say of its directory, as of this life. */
struct announced_directory {
    struct directory_head highest;
    uint64_t missing_sequence; /* announced and not had; 0: none */
    int64_t missing_since_ms;
};

struct node {
    struct node_params params;
    struct address hub;
    struct turn *turn;
    int64_t now_ms; /* of the turn under way */

    /* The link, as of this life of the process. */
    bool linked;
    bool welcomed; /* by a signed welcome, on this link */
    bool greeted;  /* by a signed welcome, on any link */
    bool awaiting; /* a greeting is unanswered */
    int64_t silent_since_ms;
    int64_t hello_due_ms;
    int64_t hello_wait_ms;
    enum refusal hello_refusal;
    int64_t heard_ms;
    bool went_back;
    bool forked; /* went back; only the answer to a greeting clears it */
    struct announced_directory announced;
    bool directory_forked;
    int64_t clock_skew_ms;
    bool clock_halted;
    int64_t
        clock_doubted_ms; /* since we began or our clock jumped; the hub's greeting settles it */
    uint64_t unknown_fields;

    /* The post. */
    struct pump pump;
    uint64_t sent_to[LANES]; /* highest number sent in this life, in the lane's incarnation */
    bool owes;
    struct not_taken not_taken[NODE_NOT_TAKEN_MAX];
    size_t not_taken_count;

    /* A freeze that this generation can't give: not tried again each second. */
    int32_t skipped_freeze_day;
    uint64_t skipped_generation;

    /* Families. */
    struct key_range pool[KEY_RANGES_MAX];
    size_t pool_count;
    struct look_wait looks[LOOKS_WAITING_MAX];
    size_t look_count;
    struct look_shown shown[LOOKS_WAITING_MAX];
    size_t shown_next;   /* whose place the next one takes */
    bool has_look_nonce; /* the hub's, not used yet */
    uint8_t look_nonce[LOOK_NONCE_BYTES];
    int64_t swept_ms; /* retention of records and tombstones */

    int64_t ticked_ms;
    int64_t trimmed_ms;
    int64_t shred_told_ms;
    bool shred_due;
};

/* A command's result. Errors: ERR_NO_MEMORY, ERR_TOO_LARGE. */
MUST_CHECK int node_result(const struct turn_view *view, struct decision *ret, const char *format,
                           ...) __attribute__((format(printf, 3, 4)));

/* The next message to the hub; for decide. Errors: ERR_AGAIN (OUTBOX_MESSAGES_MAX wait), and as
 * outbox_compose. */
struct node_draft {
    enum message_kind kind;
    struct bytes body;
    uint64_t ahead;       /* of this decision's messages on the same lane */
    struct message_id id; /* filled in */
};
MUST_CHECK int node_compose(struct node *node, const struct turn_view *view,
                            struct node_draft *draft, struct bytes *ret_envelope);
/* For apply: the composed envelope waits for the hub. */
MUST_CHECK int node_push(const struct turn_view *view, struct bytes envelope);
struct stream node_stream(const struct node *node, enum lane lane);
/* What the outbox is given: our signature, the keyring, and the queue of keys to be shredded. */
struct outbox_keys node_outbox_keys(const struct node *node);

/* The hub as the office wants it. Errors: ERR_STORAGE. */
MUST_CHECK int node_office_peer(const struct node *node, struct store_txn *view,
                                struct office_peer *ret);
/* How the directory names us; `known` false: it doesn't, yet. */
struct node_standing {
    bool known;
    bool active;
};
MUST_CHECK int node_standing(const struct node *node, struct store_txn *view,
                             struct node_standing *ret);

/* Who we are, in the store (founding.c). Errors: ERR_NOT_FOUND, ERR_STORAGE. */
MUST_CHECK int founding_get(struct store_txn *view, struct node_founding *ret);
void founding_put(struct store_txn *txn, const struct node_founding *founding);

/* What comes over the hub's link (arrivals.c). */
MUST_CHECK int node_arrivals_decide(struct node *node, const struct turn_view *view,
                                    const struct event *event, struct decision *ret);
void node_arrivals_outcome(struct node *node, const struct event *event,
                           const struct decision *decision);
MUST_CHECK int node_arrivals_apply(const struct turn_view *view, const struct fact *fact);

/* What a signed acknowledgement tells (hearing.c). */
struct hearing {
    bool verified;  /* signed by the hub, to us */
    bool late;      /* overtaken by a newer one: it says nothing more */
    bool went_back; /* the hub isn't where it was: it settles nothing */
    bool forked;    /* went back: its journal has lost what we heard last */
    bool restored;  /* went back by the directors' word, which we follow now */
    bool restarted[LANES];
    uint64_t own_sequence; /* of our directory */
    bool directory_forked; /* the hub has another entry where we have one */
    struct acknowledgement acknowledgement;
};
MUST_CHECK int hearing_decide(struct node *node, const struct turn_view *view,
                              const struct signed_acknowledgement *packet, struct hearing *hearing,
                              struct decision *ret);
void hearing_outcome(struct node *node, const struct hearing *hearing);
MUST_CHECK int hearing_apply(struct node *node, const struct turn_view *view,
                             const struct fact *fact);
/* What the node last knew of the hub. */
struct hearing_record {
    struct position position; /* epoch 0: never heard */
    int64_t hub_ms;           /* the hub's own time at that position */
    uint64_t backed_up_to;
    struct position restored; /* the restore that was last followed */
    int64_t receipt_ms;
    uint64_t refused;
    enum refusal last_refusal;
    enum message_kind last_refused_kind;
};
MUST_CHECK int hearing_record_get(struct store_txn *view, struct hearing_record *ret);

/* By kind of command. */
MUST_CHECK int register_decide(struct node *node, const struct turn_view *view,
                               const struct command *command, struct decision *ret);
MUST_CHECK int node_people_decide(const struct turn_view *view, const struct command *command,
                                  struct decision *ret);
MUST_CHECK int status_decide(struct node *node, const struct turn_view *view,
                             const struct status_arguments *arguments, struct decision *ret);
MUST_CHECK int figures_decide(struct node *node, const struct turn_view *view,
                              const struct import_figures_arguments *arguments,
                              struct decision *ret);
MUST_CHECK int publish_decide_command(struct node *node, const struct turn_view *view,
                                      struct decision *ret);

/* When time has passed. A refusal of publish_decide_due is no sender's: it says why not. */
MUST_CHECK int publish_decide_due(struct node *node, const struct turn_view *view,
                                  struct decision *ret);
void publish_outcome(struct node *node, const struct decision *decision);
MUST_CHECK int register_decide_sweep(const struct turn_view *view, struct decision *ret);

/* Facts into tables. */
MUST_CHECK int register_apply(const struct turn_view *view, const struct fact *fact);
MUST_CHECK int publish_apply(const struct turn_view *view, const struct fact *fact);
MUST_CHECK int publish_apply_released(const struct turn_view *view, const struct fact *fact);
MUST_CHECK int status_apply(const struct turn_view *view, const struct fact *fact);
MUST_CHECK int memory_apply(const struct turn_view *view, const struct fact *fact);
MUST_CHECK int node_people_apply(const struct turn_view *view, const struct fact *fact);

/* After the commit: greeting, acknowledgement, post, keys to shred. */
void node_replies_send(struct node *node, int64_t now_ms, struct arena *arena);
