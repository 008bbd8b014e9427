/* What must hold, kept apart from the code under test: what each party sent, as seen on its link;
 * what the hub's journal says happened; what anybody was told is safe. A naive list of each.
 *
 * The first broken promise ends the run. */
#pragma once

#include <stddef.h>

#include "shared/base/arena.h"
#include "shared/base/ids.h"
#include "shared/base/lists.h"
#include "shared/store/txn.h"
#include "shared/wire/packet.h"
#include "shared/wire/signal.h"

#define VIOLATION_LIST(X)                                                                          \
    X(VIOLATION_LOST, "acknowledged, and not durable")                                             \
    X(VIOLATION_DOUBLE, "applied twice")                                                           \
    X(VIOLATION_ORDER, "applied out of order")                                                     \
    X(VIOLATION_FORGED, "applied, and nobody sent it")                                             \
    X(VIOLATION_CHAIN, "the journal's chain is broken")                                            \
    X(VIOLATION_REVOKED, "a revoked member's message was applied")                                 \
    X(VIOLATION_REFUSED, "refused, and it was in order")                                           \
    X(VIOLATION_STUCK, "doesn't drain after healing")                                              \
    X(VIOLATION_DIFFERS, "hub and node differ after healing")                                      \
    X(VIOLATION_REBUILD, "a rebuild reaches another state")                                        \
    X(VIOLATION_ERROR, "a core gave up")                                                           \
    X(VIOLATION_CONSENT, "something about a family without a consent that covers it")              \
    X(VIOLATION_KEPT, "a consent has ended, and something of it can be opened")                    \
    X(VIOLATION_OPEN, "something about a family isn't sealed")                                     \
    X(VIOLATION_FLAG, "a flag that should stand doesn't, or the other way round")                  \
    X(VIOLATION_CLOCK, "a flag's clock ran out and nothing moved")                                 \
    X(VIOLATION_SECRET, "the hub has what tells who somebody is")

enum violation {
    VIOLATION_NONE = 0,
#define X(name, text) name,
    VIOLATION_LIST(X)
#undef X
};

enum { MODEL_PARTIES = 12, MODEL_LANES = 3, VIOLATION_TEXT_SIZE = 300, STATES_MAX = 8 };

struct model_message {
    bool sent; /* seen on the sender's link */
    struct message_id id;
    uint32_t kind;
    struct digest body;
    int32_t as_of_day; /* signals */
    bool emptied; /* its sender can't open it any more: it says nothing, and expired long ago */
    bool applied;
    bool acked;
    enum refusal refusal;
    struct bytes copy; /* malloced: the body */
};

/* One stream and incarnation towards the hub; index is number - 1. */
struct model_stream {
    uint64_t incarnation;
    struct model_message *list;
    size_t count;
    size_t room;
    uint64_t settled_to;
    uint64_t acked_to;
};

struct model_streams {
    struct model_stream *list;
    size_t count;
};

/* Directory messages from the hub: up to which entry each number leads. */
struct model_directory {
    uint64_t *leads_to;
    size_t count;
    uint64_t acked_to; /* number */
    uint64_t held_to;  /* entry that the node said it has */
};

struct model_party {
    struct org_id org;
    bool honest;
    bool revoked; /* by the journal */
    bool anew;    /* it began again with an empty store: the hub may have what it said before */
    struct model_streams streams[MODEL_LANES];
    struct model_directory directory;
    struct service_state states[STATES_MAX]; /* as told by the last status command that was done */
    size_t state_count;
};

struct model_user {
    struct user_id user;
    uint64_t facts;
};

struct model_invitation {
    uint8_t id[16];
    uint64_t facts;
};

struct model {
    struct model_party parties[MODEL_PARTIES];
    int party_count;
    struct arena *arena;
    uint64_t seen;  /* journal records looked at */
    int64_t now_ms; /* of the last of them */
    struct digest head;
    struct model_user *users;
    size_t user_count;
    struct model_invitation *invitations;
    size_t invitation_count;
    uint64_t entries;              /* of the directory */
    struct family_model *families; /* NULL: none live here */
    enum violation violation;
    char text[VIOLATION_TEXT_SIZE];
};

const char *violation_text(enum violation violation);
/* -1: nobody. */
int model_party_of(const struct model *model, const struct org_id *org);

void model_init(struct model *model);
void model_deinit(struct model *model);
__attribute__((format(printf, 3, 4))) void
model_broken(struct model *model, enum violation violation, const char *format, ...);

/* A node put this on its link; `store` is the node's. */
void model_node_sent(struct model *model, int party, struct bytes frame, struct store *store);
/* The hub put this on the link to a node; `store` is the hub's: the moment of acknowledging. */
void model_hub_sent(struct model *model, int party, struct bytes frame, struct store *store);
/* What the journal has anew. */
void model_journal(struct model *model, struct store *store);
/* After the hub's death and opening anew. */
void model_hub_again(struct model *model, struct store *store);
void model_node_again(struct model *model, int party, struct store *store);

/* Somebody was told that it's done. */
void model_user_done(struct model *model, const struct user_id *user);
void model_invited_done(struct model *model, const uint8_t id[static 16]);
void model_status_done(struct model *model, int party, const struct service_state *states,
                       size_t count);
/* An organisation begins anew with an empty store. */
void model_anew(struct model *model, int party);

/* After the liveness phase, all stores open: NULL or what isn't equal yet. The text is valid until
 * the next call. */
const char *model_unequal(struct model *model, int party, struct store *hub, struct store *node);
