/* A node's directory: which file stands where in it, and writing a small file whole.
 *
 * The database is the store's, the keyring the vault's; here are only their paths. Who else reads
 * the directory: nobody, it is its owner's alone (0700). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/bytes.h"
#include "shared/base/err.h"

enum { PLACE_PATH_SIZE = 512 };

#define PLACE_CONFIG     "node.ini"
#define PLACE_KEYS       "keys"
#define PLACE_IDENTITY   "keys/identity.seed"
#define PLACE_SEAL       "keys/seal.seed"
#define PLACE_CONTACT    "keys/contact.seed"
#define PLACE_DISCLOSURE "keys/disclosure.key"
#define PLACE_MASTER     "keys/master.key"
#define PLACE_KEYRING    "keyring"
#define PLACE_STORE      "db"
#define PLACE_CRASH      "last-event"
#define PLACE_SOCKET     "control.sock"
#define PLACE_JOINING    "joining"
#define PLACE_WATCH      "watch.ini"

struct place {
    char dir[PLACE_PATH_SIZE];
};

struct place_path {
    char text[PLACE_PATH_SIZE];
};

/* Errors: ERR_TOO_LARGE (a path so long that names in it wouldn't fit). */
MUST_CHECK int place_init(const char *dir, struct place *ret);
struct place_path place_path(const struct place *place, const char *name);
bool place_has(const struct place *place, const char *name);

/* Makes it and its keys/ (0700) where they are missing. Errors: ERR_EXISTS (it holds other things
 * than a node's), ERR_NOT_FOUND (its parent is missing), ERR_DENIED, ERR_IO, ERR_NO_ROOM. */
MUST_CHECK int place_make(const struct place *place);

/* The old file or the new one, never half; 0600, synced. Errors: ERR_NO_ROOM, ERR_IO, ERR_DENIED.
 */
MUST_CHECK int place_write(const struct place *place, const char *name, struct bytes data);
/* Into memory that the caller frees, with a NUL after it. Errors: ERR_NOT_FOUND, ERR_TOO_LARGE,
 * ERR_DENIED, ERR_IO, ERR_NO_MEMORY. */
MUST_CHECK int place_read(const struct place *place, const char *name, size_t size_max,
                          struct bytes *ret);
/* A file that isn't there is fine. Errors: ERR_IO. */
MUST_CHECK int place_remove(const struct place *place, const char *name);
