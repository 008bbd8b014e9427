/* Transactions and tables: all that a core sees of the database.
 *
 * A transaction keeps its first failure: later writes do nothing, later reads return it, and
 * store_commit returns it after undoing everything. So a sequence of writes needs one test, at the
 * end. A view for reading and a transaction for writing have the same type, so decide can read
 * either. One thread uses a transaction at a time; writing transactions are begun by one thread
 * only, one at a time. A read transaction lives at most 100 ms, or the file grows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/bytes.h"
#include "shared/base/err.h"
#include "shared/store/tables.h"

struct store;
struct store_txn;

enum { STORE_KEY_BYTES_MAX = 128 };

/* Errors: ERR_STORAGE, ERR_NO_MEMORY; for reading also ERR_AGAIN (all reader slots in use). */
MUST_CHECK int store_begin_write(struct store *store, struct store_txn **ret);
MUST_CHECK int store_begin_read(struct store *store, struct store_txn **ret);

/* Takes the transaction, whatever it returns. For a read transaction: ends it.
 * Errors: the first failure of any call on it. ERR_NO_ROOM (map or disk full): nothing was written
 * and the store goes on. ERR_STORAGE: nothing may be trusted, exit and restart from disk. */
MUST_CHECK int store_commit(struct store_txn *txn);
/* Takes the transaction; takes NULL. */
void store_abort(struct store_txn *txn);

/* 0 or the first failure so far. */
int store_txn_error(const struct store_txn *txn);

/* Keys are 1 to STORE_KEY_BYTES_MAX bytes and ordered as bytes_compare orders; values up to 1 GiB
 * and may be empty. */

/* `ret` is valid until the transaction's next write (to any table) or its end.
 * Errors: ERR_NOT_FOUND (not kept as a failure), the transaction's failure. */
MUST_CHECK int store_get(struct store_txn *txn, enum table table, struct bytes key,
                         struct bytes *ret);
/* Copies both. `key` may be a cursor's; `value` may not be what this transaction gave (store_get, a
 * cursor): copy that out first. */
void store_put(struct store_txn *txn, enum table table, struct bytes key, struct bytes value);
/* A key that isn't there is fine. `key` may be a cursor's. */
void store_delete(struct store_txn *txn, enum table table, struct bytes key);
/* Empties the table. */
void store_clear(struct store_txn *txn, enum table table);
/* Errors: the transaction's failure. */
MUST_CHECK int store_count(struct store_txn *txn, enum table table, uint64_t *ret);

/* A place in a table, in the caller's memory; nothing needs closing. It dies with its transaction.
 * Writing while walking is allowed: next and previous go on from the last key seen, whatever became
 * of it. */
struct store_cursor {
    struct bytes key; /* both valid until the transaction's next write or its end */
    struct bytes value;
    /* the store's own */
    struct store_txn *txn;
    uint64_t walk;
    enum table table;
    uint32_t seen_length;
    uint8_t seen[STORE_KEY_BYTES_MAX];
};

/* Each moves to a key and gives it: 0, ERR_NOT_FOUND (none there; the cursor stays where it was) or
 * the transaction's failure. */
MUST_CHECK int store_seek(struct store_txn *txn, enum table table, struct bytes key,
                          struct store_cursor *ret); /* the first key >= `key` */
MUST_CHECK int store_first(struct store_txn *txn, enum table table, struct store_cursor *ret);
MUST_CHECK int store_last(struct store_txn *txn, enum table table, struct store_cursor *ret);
/* The last key that starts with `prefix`; `prefix` may be empty. */
MUST_CHECK int store_last_under(struct store_txn *txn, enum table table, struct bytes prefix,
                                struct store_cursor *ret);
MUST_CHECK int store_next(struct store_cursor *cursor);
MUST_CHECK int store_previous(struct store_cursor *cursor);
/* Says that a walk ends early; a walk may also just stop. Takes NULL. */
void store_cursor_close(struct store_cursor *cursor);

/* Whether the cursor's key starts with `prefix`. To walk a prefix:
 *
 *     for (r = store_seek(txn, table, prefix, &cursor);
 *          r == 0 && store_under(&cursor, prefix); r = store_next(&cursor)) { ... }
 *     if (r < 0 && r != ERR_NOT_FOUND) { return r; }
 */
bool store_under(const struct store_cursor *cursor, struct bytes prefix);
