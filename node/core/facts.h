/* What can have happened at a node: the types of its facts.
 *
 * A node keeps no journal, but what changes its tables goes through decide and apply as at the hub.
 * The body of each is written and read in the file named here. Bodies of facts made of a message
 * begin with its stamp (shared/post/stream.h). */
#pragma once

#define NODE_FACT_LIST(X)                                                                          \
    X(NODE_FACT_STAGED, 1)       /* register_apply.c: a generation begins */                       \
    X(NODE_FACT_ROWS, 2)         /* register_apply.c: sealed rows of a staged generation */        \
    X(NODE_FACT_SWITCHED, 3)     /* register_apply.c: the staged generation is the register */     \
    X(NODE_FACT_DROPPED, 4)      /* register_apply.c: the staged generation is garbage */          \
    X(NODE_FACT_SWEPT, 5)        /* register_apply.c: a slice of garbage goes */                   \
    X(NODE_FACT_SHREDDED, 6)     /* register_apply.c: record keys that are no more */              \
    X(NODE_FACT_FROZEN, 7)       /* publish.c: what a freeze publishes */                          \
    X(NODE_FACT_POSTED, 8)       /* node.c: an envelope for the outbox */                          \
    X(NODE_FACT_STATUS, 9)       /* status.c: what staff say now */                                \
    X(NODE_FACT_MEMORY, 10)      /* memory.c: what the hub accepted last, by its own word */       \
    X(NODE_FACT_ENTRIES, 11)     /* arrivals.c: stamp, entries of the directory */                 \
    X(NODE_FACT_REFUSED, 12)     /* arrivals.c: stamp, refusal of what the hub sent */             \
    X(NODE_FACT_RECEIVED, 13)    /* hearing_apply.c: receipts and position of the hub */           \
    X(NODE_FACT_RESTARTED, 14)   /* hearing_apply.c: a lane's new incarnation */                   \
    X(NODE_FACT_USER, 15)        /* people.c */                                                    \
    X(NODE_FACT_TOKEN, 16)       /* people.c */                                                    \
    X(NODE_FACT_RELEASED, 17)    /* publish.c: somebody looked and let the figures go */           \
    X(NODE_FACT_FAMILY, 18)      /* family_store.c: a family's row as it is now, sealed */         \
    X(NODE_FACT_FAMILY_GONE, 19) /* family_store.c: its row and items go, keys to shred */         \
    X(NODE_FACT_ITEM, 20)        /* family_store.c: an item as it is now, sealed */                \
    X(NODE_FACT_CONSENT, 21)     /* family_store.c: our own record, sealed */                      \
    X(NODE_FACT_SENT, 22)        /* family_store.c: what a message on its way is about; or done */ \
    X(NODE_FACT_STONE, 23)       /* stones.c: a tombstone's steps */                               \
    X(NODE_FACT_TAKEN, 24)       /* arrivals.c: stamp of what the hub sent, settled */             \
    X(NODE_FACT_SWEPT_SUPPORTS, 25) /* supports.c: how far the register was followed */            \
    X(NODE_FACT_KEYS, 26)           /* own_entry.c: our own entry on its way, by kind */

#define X(name, number) name = number,
enum node_fact { NODE_FACT_NONE = 0, NODE_FACT_LIST(X) };
#undef X
