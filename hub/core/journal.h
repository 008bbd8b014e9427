/* The journal: every fact of a hub, in order, chained by commitments (DESIGN 3).
 *
 * A record's header is {sequence, time, type, length, commitment}; the commitment is keyed BLAKE2b
 * over the body under a salt that lies beside the body, so that a body can be erased later and the
 * chain still holds. Each header is hashed with the head before it. Headers name nobody. Position
 * is (epoch, sequence, head): every acknowledgement carries it. */
#pragma once

#include "shared/base/ids.h"
#include "shared/store/txn.h"
#include "shared/turn/turn.h"
#include "shared/wire/packet.h"

enum { JOURNAL_SALT_BYTES = 16 };

struct journal_record {
    uint64_t sequence; /* from 1 */
    int64_t time_ms;
    uint16_t type;
    uint32_t length;
    struct digest commitment;
    struct digest head; /* the chain up to and with this record */
    struct bytes body;  /* valid as store_get's */
};

/* Begins an empty journal under an epoch (0 is not one). */
void journal_begin(struct store_txn *txn, uint64_t epoch);

/* Errors: ERR_STORAGE, also where the journal was never begun. */
MUST_CHECK int journal_position(struct store_txn *view, struct position *ret);

/* Adds a fact at the view's time, under a fresh salt. Failures of writing stick to the transaction.
 * Errors: ERR_STORAGE, ERR_NO_MEMORY. */
MUST_CHECK int journal_append(const struct turn_view *view, const struct fact *fact);

/* Errors: ERR_NOT_FOUND, ERR_STORAGE. */
MUST_CHECK int journal_read(struct store_txn *view, uint64_t sequence, struct journal_record *ret);

struct journal_verdict {
    uint64_t records;   /* that hold, from the first on */
    uint64_t broken_at; /* sequence of the first that doesn't; 0: all hold */
    const char *reason; /* a static sentence where one is broken */
};

/* Walks the whole chain. Errors: ERR_STORAGE (the database itself can't be read). */
MUST_CHECK int journal_verify(struct store_txn *view, struct journal_verdict *ret);

/* Whether our journal holds `position`: the same epoch, and at that sequence that head. */
MUST_CHECK int journal_holds(struct store_txn *view, const struct position *position, bool *ret);
