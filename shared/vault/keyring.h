/* The keyring: a small file of record keys, apart from the database, so that a record can be
 * destroyed by destroying its key (DESIGN 3, Storage). For shells; cores get struct vault_keys.
 *
 * Order that the caller keeps: reserve, then the commit that uses the keys; commit, then shred,
 * then a turn that records it. Both may be repeated after a crash: keys reserved and never used
 * only take room, shredding a key that's gone is fine.
 *
 * The file is sealed whole, under a key derived from the master key and a fresh salt at each
 * writing. It's written beside itself, synced and renamed, so a crash leaves the old or the new
 * one. After a shredding the old file is overwritten before it's unlinked, at the next opening if
 * the machine died between; a file system or disk that keeps old blocks keeps them, and whoever
 * holds such a block and the master key can open it, as with any backup of this file, so those
 * expire. The key of each writing is derived, never written. All functions may be called from any
 * thread, but one process at a time opens the file (the store's lock sees to that). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"
#include "shared/vault/vault.h"

struct keyring;

enum {
    KEYRING_SEED_BYTES = 32,
    KEYRING_KEYS_MAX = 4000000, /* 160 MB of file and of secret memory */
};

/* In memory from secret_new. */
struct keyring_master {
    uint8_t bytes[32];
};

/* The master key's file: exactly 32 bytes, a regular file that nobody but its owner may read.
 * Errors: ERR_NOT_FOUND, ERR_DENIED (others may read it), ERR_MALFORMED (another length), ERR_IO.
 */
MUST_CHECK int keyring_master_load(const char *path, struct keyring_master *ret);
/* Makes the file (0600) and syncs it. Errors: ERR_EXISTS, ERR_NO_ROOM, ERR_IO. */
MUST_CHECK int keyring_master_save(const char *path, const struct keyring_master *master);

/* Makes an empty keyring file. `seed`: random, as everywhere below, used once.
 * Errors: ERR_EXISTS, ERR_NO_ROOM, ERR_IO, ERR_NO_MEMORY. */
MUST_CHECK int keyring_create(const char *path, const struct keyring_master *master,
                              const uint8_t seed[static KEYRING_SEED_BYTES]);

/* Copies the master key. Finishes what a crash left half done.
 * Errors: ERR_NOT_FOUND, ERR_CRYPTO (torn, altered, or under another master key; the file is left
 * as it is), ERR_UNSUPPORTED (a later version), ERR_IO, ERR_NO_MEMORY. */
MUST_CHECK int keyring_open(const char *path, const struct keyring_master *master,
                            struct keyring **ret);
/* Wipes; takes NULL. */
void keyring_close(struct keyring *keyring);

/* Makes `count` new keys with consecutive ids from `ret_first_id`; they are on disk when it
 * returns. Errors (nothing changed): ERR_TOO_LARGE (KEYRING_KEYS_MAX), ERR_NO_ROOM, ERR_IO,
 * ERR_NO_MEMORY. */
MUST_CHECK int keyring_reserve(struct keyring *keyring,
                               const uint8_t seed[static KEYRING_SEED_BYTES], uint32_t count,
                               uint64_t *ret_first_id);

/* Errors: ERR_NOT_FOUND. The caller wipes the copy. */
MUST_CHECK int keyring_get(struct keyring *keyring, uint64_t id, struct record_key *ret);

/* Destroys keys; ids that aren't there are skipped. When it returns, the file without them is on
 * disk and the old one is overwritten and gone. Errors: ERR_NO_ROOM, ERR_IO, ERR_NO_MEMORY; after
 * an error the keys may be gone or not: shred again. */
MUST_CHECK int keyring_shred(struct keyring *keyring, const uint8_t seed[static KEYRING_SEED_BYTES],
                             const uint64_t *ids, size_t count);

/* Writes all of it, sealed anew, into a file that isn't there yet: a copy for a backup, which opens
 * what is shredded later, so it expires. Errors: ERR_EXISTS, ERR_NO_ROOM, ERR_IO (also: no such
 * directory), ERR_NO_MEMORY. */
MUST_CHECK int keyring_copy(struct keyring *keyring, const uint8_t seed[static KEYRING_SEED_BYTES],
                            const char *path);

size_t keyring_count(struct keyring *keyring);
/* The id that the next key will get: above every id that ever was. */
uint64_t keyring_next_id(struct keyring *keyring);

/* Looks up in this keyring; valid as long as the keyring is open. */
struct vault_keys keyring_keys(struct keyring *keyring);
