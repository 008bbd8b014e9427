/* The record keys of the families that a hub knows: the master key, the keyring that it opens, and
 * the keys in it that nothing uses yet.
 *
 * What a hub knows of a family lies sealed under a key of its own, in the database and in the
 * journal; destroying that key destroys it there and in every copy of the database (DESIGN 3). The
 * daemon and the commands that run while it's stopped open them here; what a turn asks of them is
 * in turns.c, copies for a backup are in copies.h. */
#pragma once

#include "hub/core/family_store.h"
#include "hub/shell/settings.h"
#include "shared/vault/keyring.h"

struct records;
struct store;

enum {
    RECORDS_POOL = 2048,            /* unused keys that a full pool has */
    RECORDS_LOW = RECORDS_POOL / 2, /* from here on it's filled: a turn takes fewer (512 events) */
};

/* Makes the master key and an empty keyring where they're missing. Errors: ERR_NOT_FOUND (a keyring
 * without its master key), ERR_NO_ROOM, ERR_IO, ERR_NO_MEMORY. */
MUST_CHECK int records_make(const struct settings *settings);

/* Opens both. `last_key`: the highest record key that the database ever used; a database that used
 * none gets files that are missing (a hub from before there were families). Errors: ERR_NOT_FOUND
 * (one is missing that must be there), ERR_CHAIN (the keyring is older than the database: keys that
 * it used aren't known to it), ERR_CRYPTO (torn, or another master key's), ERR_DENIED (others may
 * read the master key), ERR_MALFORMED, ERR_UNSUPPORTED, ERR_NO_ROOM, ERR_IO, ERR_NO_MEMORY. */
MUST_CHECK int records_open(const struct settings *settings, uint64_t last_key,
                            struct records **ret);
/* Opens what is there and asks nothing of it. Errors: ERR_NOT_FOUND; as above, but for ERR_CHAIN.
 */
MUST_CHECK int records_open_there(const struct settings *settings, struct records **ret);
/* As records_open, for that database. Errors: those of store_begin_read too. */
MUST_CHECK int records_open_for(const struct settings *settings, struct store *store,
                                struct records **ret);
/* Wipes; takes NULL. */
void records_close(struct records *records);

/* For the core; valid as long as the records are open. */
struct family_keys records_keys(const struct records *records);

/* The next run of keys above `after` that are there: of the pool of an earlier start, which nothing
 * used. False: there are none. */
bool records_next_run(const struct records *records, uint64_t after, uint64_t *ret_first,
                      uint64_t *ret_count);
/* New ones, durable when it returns. Errors: as keyring_reserve. */
MUST_CHECK int records_reserve(const struct records *records, uint32_t count, uint64_t *ret_first);
/* Destroys keys. Errors: as keyring_shred: shred again. */
MUST_CHECK int records_shred(const struct records *records, const uint64_t *keys, size_t count);
/* A copy of the keyring. Errors: as keyring_copy. */
MUST_CHECK int records_copy(const struct records *records, const char *path);
