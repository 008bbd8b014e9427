/* What the parts of this room share, and nobody else sees: LMDB's types and the two structs.
 *
 * txn.c and cursor.c belong to the cores' library, so they touch no file: what they must know of
 * the disk they ask through `disk_free_bytes`, which env.c fills in. */
#pragma once

#include <lmdb.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "shared/base/limits.h"
#include "shared/store/tables.h"

enum {
    STORE_IDLE_MAX = 16,           /* ended read transactions kept for the next reader */
    STORE_FULL_BYTES = 1024 * 1024 /* a disk with less left than this counts as full */
};

struct store {
    MDB_env *env;
    MDB_dbi tables[TABLE_COUNT];
    int directory_fd;
    int owner_fd;
    int (*disk_free_bytes)(const struct store *store, uint64_t *ret);
    atomic_bool writing;
    _Atomic(struct store_txn *) idle[STORE_IDLE_MAX];
};

/* One of LMDB's cursors for each table that was walked; whoever moved it last may go on from there,
 * any other walk searches its own place again. */
struct store_place {
    MDB_cursor *cursor;
    uint64_t walk;   /* which walk stands there, 0 for none */
    uint64_t writes; /* the transaction's count when it came there */
};

struct store_txn {
    struct store *store;
    MDB_txn *txn;
    int error; /* the first failure */
    bool writes;
    uint64_t writes_done;
    uint64_t walks; /* begun so far */
    struct store_place places[TABLE_COUNT];
};

/* LMDB's and the system's codes into ours; 0 stays 0. RELIABILITY 0 item 9: LMDB says EIO for a
 * full disk, so EIO is "no room" where the disk says so too, and a broken disk elsewhere. */
int store_translate(const struct store *store, int code);

/* Keeps the first failure and returns it. */
int store_fail(struct store_txn *txn, int code);

/* Ends a reader for good, when the store closes. Takes NULL. */
void store_txn_discard(struct store_txn *txn);
