/* One small file replaced whole: beside it, synced, renamed. For keyring.c only.
 *
 * `path`.new is what is being written; `path`.old is what a shredding replaced and still has to
 * overwrite. Neither means anything to a reader: file_finish clears them away. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/bytes.h"
#include "shared/base/err.h"

enum file_old { FILE_OLD_DROP, FILE_OLD_OVERWRITE };

/* Errors: ERR_NO_ROOM, ERR_IO; the file is then the old or the new one, whole. */
MUST_CHECK int file_replace(const char *path, struct bytes data, enum file_old old);
/* Makes a file that isn't there, 0600. Errors: ERR_EXISTS, ERR_NO_ROOM, ERR_IO. */
MUST_CHECK int file_create(const char *path, struct bytes data);
/* Overwrites and removes what a crash left of file_replace. Errors: ERR_NO_ROOM, ERR_IO. */
MUST_CHECK int file_finish(const char *path);
/* Reads all into memory that the caller frees (free). Where `is_private`, a file that others than
 * its owner may read or write is ERR_DENIED. A file longer than `size_max` is ERR_TOO_LARGE;
 * others: ERR_NOT_FOUND, ERR_IO, ERR_NO_MEMORY. */
MUST_CHECK int file_read(const char *path, size_t size_max, bool is_private, struct bytes *ret);
