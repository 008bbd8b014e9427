/* How families, items and consents lie in a node's tables: values sealed each under a record key of
 * its own kind, keys keyed hashes (vault.h).
 *
 * TABLE_CARDS: lookup of the handle -> row; also "n" be32 number -> lookup; "l" -> the last number
 * given. TABLE_CARD_CASES: lookup of the case id -> lookup of the handle. TABLE_ITEMS: "n" be32
 * number -> item; "i" id -> number; "h" lookup of the handle, be32 number -> 1; "l". TABLE_SENT:
 * "w" message id -> what it's about, "s" once the hub's receipt settled it; no handle.
 * TABLE_CONSENTS: lookup -> our own record, salt and last token, under a record key of its own that
 * outlives the family's row. TABLE_STONES (stones.h): "o" tombstone id -> what of it is still to be
 * done; "h" lookup -> the day on which it may be forgotten. What we say of a family waits in
 * TABLE_OUTBOX, and is kept in TABLE_OUTBOX_KEPT, under the same record keys (family_post). */
#pragma once

#include "node/core/family.h"
#include "shared/store/txn.h"
#include "shared/vault/vault.h"

struct family_vault {
    struct vault_keys records;
    const struct vault_index_key *index; /* borrowed */
};

/* Copies in the arena. What was sealed under a key that's gone isn't there any more: a store put
 * back from a backup that is older than its keyring is full of it. Errors: ERR_NOT_FOUND,
 * ERR_CRYPTO (another value than what stood there), ERR_STORAGE, ERR_NO_MEMORY. */
MUST_CHECK int family_find(struct store_txn *view, const struct family_vault *vault,
                           const struct family_handle *handle, struct arena *arena,
                           struct family_row **ret);
MUST_CHECK int family_by_number(struct store_txn *view, const struct family_vault *vault,
                                uint32_t number, struct arena *arena, struct family_row **ret);
MUST_CHECK int family_by_case(struct store_txn *view, const struct family_vault *vault,
                              const char *case_id, struct arena *arena, struct family_row **ret);
/* All, by number, but those whose key is gone. The row is valid during the call, which must not
 * write; a visitor's negative result ends the walk and is returned. So too item_each and
 * consent_each. */
MUST_CHECK int family_each(struct store_txn *view, const struct family_vault *vault,
                           struct arena *arena,
                           int (*visit)(void *context, const struct family_row *row),
                           void *context);

MUST_CHECK int item_get(struct store_txn *view, const struct family_vault *vault, uint32_t number,
                        struct arena *arena, struct item **ret);
/* By the notice's id. */
MUST_CHECK int item_by_id(struct store_txn *view, const struct family_vault *vault,
                          const struct message_id *id, struct arena *arena, struct item **ret);
MUST_CHECK int item_each(struct store_txn *view, const struct family_vault *vault,
                         struct arena *arena, int (*visit)(void *context, const struct item *item),
                         void *context);
/* Of that family alone. */
MUST_CHECK int item_each_of(struct store_txn *view, const struct family_vault *vault,
                            const struct family_handle *handle, struct arena *arena,
                            int (*visit)(void *context, const struct item *item), void *context);

/* Our own record of a family's consent. */
struct consent_kept {
    uint64_t record_key;
    struct family_handle handle;
    struct consent_salt salt;
    struct consent_record record;
    struct signed_token token;        /* the last one */
    char paper[CONSENT_TEXT_MAX + 1]; /* that withdrew it: what it is and where it lies */
};
MUST_CHECK int consent_find(struct store_txn *view, const struct family_vault *vault,
                            const struct family_handle *handle, struct arena *arena,
                            struct consent_kept **ret);
MUST_CHECK int consent_each(struct store_txn *view, const struct family_vault *vault,
                            struct arena *arena,
                            int (*visit)(void *context, const struct consent_kept *kept),
                            void *context);

/* -- for family_facts.c -- */

struct digest family_lookup(const struct family_vault *vault, const struct family_handle *handle);
struct digest family_case_lookup(const struct family_vault *vault, const char *case_id);
/* "n" and a number. */
struct family_number_key {
    uint8_t bytes[5];
};
struct family_number_key family_number_key(uint32_t number);
struct family_id_key {
    uint8_t bytes[17];
};
/* A letter and an id. */
struct family_id_key family_id_key(char letter, const struct message_id *id);
struct family_item_key {
    uint8_t bytes[37];
};
/* "h", a lookup and a number. */
struct family_item_key family_item_key(const struct digest *lookup, uint32_t number);
