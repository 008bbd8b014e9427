/* The one backup under way: a worker copies the store while the hub goes on, then the keyring into
 * a file of its own (copies.h), and then a command tells the journal how far the copy reaches. The
 * keyring goes last: it has every key that the copied store uses.
 *
 * There is one at a time: a copy holds a long reader, and the database file grows meanwhile. */
#pragma once

#include "hub/shell/copies.h"
#include "hub/shell/request.h"
#include "shared/io/clock.h"
#include "shared/io/ring.h"

enum { BACKUP_PATH_SIZE = 4096 };

enum backup_state { BACKUP_NONE, BACKUP_RUNNING, BACKUP_DONE, BACKUP_FAILED };

struct backup_view {
    enum backup_state state;
    char file[BACKUP_PATH_SIZE];
    char keyring[BACKUP_PATH_SIZE]; /* the keyring's copy; empty until it stands */
    int32_t keyring_expires_day;    /* from which on that must be gone */
    uint64_t sequence;              /* the journal up to here is in it */
    int64_t ended_ms;
    int error; /* of the table, where it failed */
};

struct backup;

struct backup_params {
    struct store *store;
    struct ring *ring;
    struct clock clock;
    struct copies *copies;
};

/* Borrows the parts. Errors: ERR_NO_MEMORY. */
MUST_CHECK int backup_new(const struct backup_params *params, struct backup **ret);
/* Waits for one under way; takes NULL. */
void backup_free(struct backup *backup);

/* Takes `request` (HUB_COMMAND_BACKED_UP; its sequence is filled in) whatever happens, and sends it
 * on when the copy stands; the keyring's goes into the directory `keyring_dir`, NULL: beside it.
 * Errors: ERR_LOCKED (one is under way), ERR_TOO_LARGE (a path), ERR_NO_MEMORY. */
MUST_CHECK int backup_start(struct backup *backup, const char *path, const char *keyring_dir,
                            struct request *request);
/* Any thread. */
void backup_get(struct backup *backup, struct backup_view *ret);
const char *backup_state_text(enum backup_state state);
