/* The one closed list of tables, for both programs.
 *
 * A table marked `from_journal` holds nothing but what apply made of the hub's journal: `rebuild`
 * empties it, replays, and must reach the same state hash (DESIGN 3). The names are on disk: they
 * never change and are never used again. New tables go at the end. */
#pragma once

#include <stdbool.h>

#define TABLE_LIST(X)                                                                              \
    /* both */                                                                                     \
    X(TABLE_META, "meta", false) /* format, incarnation, epoch, position: by name */               \
    X(TABLE_INBOX, "inbox", true)                                                                  \
    X(TABLE_OUTBOX, "outbox", true)                                                                \
    X(TABLE_STREAMS, "streams", true)                                                              \
    X(TABLE_REFUSALS, "refusals", true)                                                            \
    X(TABLE_DIRECTORY, "directory", true)     /* entries, by sequence */                           \
    X(TABLE_MEMBERS, "members", true)         /* by organisation */                                \
    X(TABLE_MEMBER_KEYS, "member_keys", true) /* CURVE key to organisation */                      \
    X(TABLE_USERS, "users", true)                                                                  \
    X(TABLE_TOKENS, "tokens", true)                                                                \
    X(TABLE_COUNTERS, "counters", false) /* reserved: nothing writes it */                         \
    X(TABLE_COMMANDS, "commands", false) /* results by command id, 24 hours */                     \
    /* hub */                                                                                      \
    X(TABLE_JOURNAL, "journal", false)                                                             \
    X(TABLE_JOURNAL_BODY, "journal_body", false)                                                   \
    X(TABLE_INVITATIONS, "invitations", true)                                                      \
    X(TABLE_SIGNALS, "signals", true)                                                              \
    X(TABLE_STATUS, "status", true)                                                                \
    /* node */                                                                                     \
    X(TABLE_REGISTER, "register", false)                                                           \
    X(TABLE_REGISTER_META, "register_meta", false)                                                 \
    X(TABLE_DISCLOSURE, "disclosure", false)                                                       \
    X(TABLE_FREEZE, "freeze", false)                                                               \
    X(TABLE_SETTINGS, "settings", false)                                                           \
    X(TABLE_OUTBOX_KEPT, "outbox_kept", false)                                                     \
    X(TABLE_STATE, "state", true) /* hub: small state that facts make, by name */                  \
    /* families, at the hub (hub/core/family_store.h) */                                           \
    X(TABLE_FAMILIES, "families", true)                                                            \
    X(TABLE_FAMILY_ENVELOPES, "family_envelopes", true)                                            \
    X(TABLE_FAMILY_DUE, "family_due", true)                                                        \
    X(TABLE_FLAGS, "flags", true)                                                                  \
    X(TABLE_TOMBSTONES, "tombstones", true)                                                        \
    X(TABLE_ERASURES, "erasures", true)                                                            \
    X(TABLE_HEARD, "heard", true)                                                                  \
    X(TABLE_CALL_BACKS, "call_backs", true)                                                        \
    X(TABLE_FAMILY_COUNTS, "family_counts", true)                                                  \
    X(TABLE_SHRED, "shred", true)                                                                  \
    X(TABLE_JOURNAL_FAMILY, "journal_family", false) /* lookup -> sequences of its facts */        \
    /* families, at a node (node/core/family_store.h) */                                           \
    X(TABLE_CARDS, "cards", false)           /* families that we know by their handle */           \
    X(TABLE_CARD_CASES, "card_cases", false) /* which case of the register is whose */             \
    X(TABLE_ITEMS, "items", false)           /* what waits for people */                           \
    X(TABLE_SENT, "sent", false)             /* which message is about what, until its receipt */  \
    X(TABLE_CONSENTS, "consents", false)     /* our own records */                                 \
    X(TABLE_STONES, "stones", false)         /* tombstones that were carried out */

#define X(id, name, from_journal) id,
enum table { TABLE_LIST(X) TABLE_COUNT };
#undef X

const char *table_name(enum table table);
bool table_from_journal(enum table table);
