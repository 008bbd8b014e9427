/* Copies of the keyring that backups made: which, of what day, and which are past their time.
 *
 * A copy of the keyring opens what was erased after it, so after KEYRING_COPY_DAYS it must be gone
 * (DESIGN 3, Storage). A list beside the hub's data remembers each copy that was made here; one
 * whose file isn't at its place any more is forgotten: what was moved elsewhere can't be watched.
 * Called by the backup and by the pages that say how the hub fares, from any thread. */
#pragma once

#include <limits.h>
#include <stdint.h>

#include "hub/shell/records.h"

enum { KEYRING_COPY_DAYS = 30, COPIES_MAX = 64 };

struct copy {
    char file[PATH_MAX];
    int32_t day; /* of Brussels, on which it was made */
};

struct copies;

/* Borrows the records; the list stands in the settings' directory.
 * Errors: ERR_TOO_LARGE (the path), ERR_NO_MEMORY. */
MUST_CHECK int copies_new(const struct settings *settings, const struct records *records,
                          struct copies **ret);
void copies_free(struct copies *copies); /* takes NULL */

/* Copies the keyring into "keyring-2026-11-22" of that directory, with "-2" to "-9" behind it where
 * such a file stands there already. Errors: ERR_EXISTS (nine stand there), ERR_TOO_LARGE (the
 * path; or COPIES_MAX are there: destroy some), ERR_NO_ROOM, ERR_IO, ERR_NO_MEMORY. */
MUST_CHECK int copies_make(struct copies *copies, const char *dir, int32_t today,
                           char ret_file[static PATH_MAX]);

/* Those that still stand, in the order they were made; `ret` has room for COPIES_MAX.
 * Errors: ERR_IO, ERR_MALFORMED (the list was changed by somebody else). */
MUST_CHECK int copies_list(struct copies *copies, struct copy *ret, size_t *ret_count);
/* The day from which on a copy must be gone. */
int32_t copy_expires_day(const struct copy *copy);
