/* The one backup under way: a worker copies the store while the hub goes on, then a command tells
 * the journal how far the copy reaches.
 *
 * There is one at a time: a copy holds a long reader, and the database file grows meanwhile. */
#pragma once

#include "hub/shell/request.h"
#include "shared/io/clock.h"
#include "shared/io/ring.h"

enum { BACKUP_PATH_SIZE = 4096 };

enum backup_state { BACKUP_NONE, BACKUP_RUNNING, BACKUP_DONE, BACKUP_FAILED };

struct backup_view {
    enum backup_state state;
    char file[BACKUP_PATH_SIZE];
    uint64_t sequence; /* the journal up to here is in it */
    int64_t ended_ms;
    int error; /* of the table, where it failed */
};

struct backup;

struct backup_params {
    struct store *store;
    struct ring *ring;
    struct clock clock;
};

/* Borrows the parts. Errors: ERR_NO_MEMORY. */
MUST_CHECK int backup_new(const struct backup_params *params, struct backup **ret);
/* Waits for one under way; takes NULL. */
void backup_free(struct backup *backup);

/* Takes `request` (HUB_COMMAND_BACKED_UP; its sequence is filled in) whatever happens, and sends it
 * on when the copy stands. Errors: ERR_LOCKED (one is under way), ERR_TOO_LARGE (the path),
 * ERR_NO_MEMORY. */
MUST_CHECK int backup_start(struct backup *backup, const char *path, struct request *request);
/* Any thread. */
void backup_get(struct backup *backup, struct backup_view *ret);
const char *backup_state_text(enum backup_state state);
