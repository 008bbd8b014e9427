/* Why a call on a file failed, as an error of ours: for place.c and importer_file.c, which call the
 * system's files by themselves. */
#pragma once

#include "shared/base/err.h"

/* Of errno: ERR_NOT_FOUND, ERR_DENIED, ERR_NO_ROOM, else ERR_IO. */
MUST_CHECK int file_error_now(void);
