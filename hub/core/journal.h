/* The journal: every fact of a hub, in order, chained by commitments (DESIGN 3).
 *
 * A record's header is {sequence, time, type, length, commitment}; the commitment is keyed BLAKE2b
 * over the body under a salt that lies beside the body, so that a body can be erased later and the
 * chain still holds. Each header is hashed with the head before it. Headers name nobody. Position
 * is (epoch, sequence, head): every acknowledgement carries it.
 *
 * A body about a family (FACT_FAMILY) lies sealed under the record key of its consent and begins
 * with the family's lookup key, under which its sequences are found. FACT_FAMILY_ERASED names
 * sequences whose bodies go in that same transaction; a body that's missing without such a later
 * fact breaks the journal. */
#pragma once

#include "shared/base/arena.h"
#include "shared/base/buf.h"
#include "shared/base/ids.h"
#include "shared/store/txn.h"
#include "shared/turn/turn.h"
#include "shared/vault/vault.h"
#include "shared/wire/packet.h"

enum { JOURNAL_SALT_BYTES = 16 };

struct journal_record {
    uint64_t sequence; /* from 1 */
    int64_t time_ms;
    uint16_t type;
    uint32_t length;
    struct digest commitment;
    struct digest head; /* the chain up to and with this record */
    struct bytes body;  /* as it lies there, valid as store_get's; empty where erased */
    bool erased;
};

/* Begins an empty journal under an epoch (0 is not one). */
void journal_begin(struct store_txn *txn, uint64_t epoch);

/* Errors: ERR_STORAGE, also where the journal was never begun. */
MUST_CHECK int journal_position(struct store_txn *view, struct position *ret);

/* Adds a fact at the view's time, under a fresh salt; one with a record key is sealed under it (the
 * nonce is vault_nonce's). `keys` may be NULL where no fact has one. Failures of writing stick to
 * the transaction. Errors: ERR_STORAGE (also a fact of a family without its key, or a key where
 * none belongs), ERR_CRYPTO (the key is gone), ERR_NO_MEMORY. */
MUST_CHECK int journal_append(const struct turn_view *view, const struct fact *fact,
                              const struct vault_keys *keys);

/* Errors: ERR_NOT_FOUND, ERR_STORAGE (also a body that's missing and no later fact erased). */
MUST_CHECK int journal_read(struct store_txn *view, uint64_t sequence, struct journal_record *ret);

/* The fact as it was appended, in the arena; of a record that isn't erased. `keys` may be NULL.
 * Errors: ERR_CRYPTO (sealed, and its key isn't there or doesn't fit), ERR_STORAGE, ERR_NO_MEMORY.
 */
MUST_CHECK int journal_open(const struct journal_record *record, const struct vault_keys *keys,
                            struct arena *arena, struct fact *ret);

/* The sequences of a family's facts, ascending from `from` on, at most `limit`.
 * Errors: ERR_STORAGE. */
MUST_CHECK int journal_family(struct store_txn *view, const struct digest *lookup, uint64_t from,
                              size_t limit, uint64_t *ret_sequences, size_t *ret_count);

/* The body of FACT_FAMILY_ERASED: which family, the record key that nothing uses any more, which
 * sequences, ascending. */
enum { JOURNAL_ERASED_MAX = 4096 };
struct journal_erased {
    struct digest lookup;
    uint64_t record_key;
    struct bytes sequences; /* be64 each; borrowed */
};
MUST_CHECK int journal_erased_read(struct bytes body, struct journal_erased *ret);
void journal_erased_write(struct buf *buf, const struct journal_erased *erased);

struct journal_verdict {
    uint64_t records;   /* that hold, from the first on */
    uint64_t broken_at; /* sequence of the first that doesn't; 0: all hold */
    const char *reason; /* a static sentence where one is broken */
};

/* Walks the whole chain. Errors: ERR_STORAGE (the database itself can't be read). */
MUST_CHECK int journal_verify(struct store_txn *view, struct journal_verdict *ret);

/* Whether our journal holds `position`: the same epoch, and at that sequence that head. */
MUST_CHECK int journal_holds(struct store_txn *view, const struct position *position, bool *ret);
