/* The database as files: opening, closing, space, backup. For shells and tests; cores see txn.h
 * only.
 *
 * One process opens a store, once: LMDB doesn't survive a second opening. The directory holds
 * data.mdb and lock.mdb (LMDB's own) and owner.lock (ours); nobody else may open or close those
 * files while the store is open. After fork only exec is allowed. */
#pragma once

#include <stdint.h>

#include "shared/base/err.h"

struct store;

enum store_durability {
    STORE_DURABLE = 0,  /* a commit that returned survives a power cut */
    STORE_VOLATILE = 1, /* tests only: a commit survives the process, not the machine */
};

struct store_params {
    const char *path; /* directory; made (0700) where its parent exists; borrowed by the call */
    enum store_durability durability;
    uint64_t map_bytes; /* the most the store may grow to; 0 is STORE_MAP_GIB */
};

/* Makes all tables where they are missing.
 * Errors: ERR_LOCKED (another opening, this process's included), ERR_UNSUPPORTED (a network or FUSE
 * file system, where LMDB's locks or maps don't hold), ERR_IO (no such directory, no rights),
 * ERR_NO_ROOM, ERR_NO_MEMORY, ERR_STORAGE (not a database, or the disk failed). */
MUST_CHECK int store_open(const struct store_params *params, struct store **ret);

/* All transactions must have ended. Takes NULL. */
void store_close(struct store *store);

struct store_space {
    uint64_t disk_free_bytes; /* what this process may still write on that file system */
    uint64_t map_bytes;
    uint64_t used_bytes; /* of the map: pages in use, without those that wait for reuse */
    uint64_t file_bytes; /* of the map: highest page ever used; never shrinks */
};

/* Any thread. Errors: ERR_STORAGE. */
MUST_CHECK int store_space(struct store *store, struct store_space *ret);

/* Frees the reader slots of processes that died. Each minute; any thread. Errors: ERR_STORAGE. */
MUST_CHECK int store_reader_check(struct store *store);

/* Writes a compact copy (no deleted data in it) as the file `path`: a temporary file beside it,
 * synced, renamed, directory synced, so `path` is the old backup or the new one, never half. Holds
 * a read transaction as long as it lasts: the caller holds the long-reader token. Any thread. To
 * restore, put the file in an empty directory as data.mdb.
 * Errors: ERR_IO, ERR_NO_ROOM, ERR_STORAGE. */
MUST_CHECK int store_backup(struct store *store, const char *path);
