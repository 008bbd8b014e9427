/* The crash file: which event was being applied when this process last died.
 *
 * A small file, mapped and shared, so that it outlives the process (not the machine: a power cut
 * isn't the event's fault). The shell opens it once and gives its marker to turn_new. */
#pragma once

#include "shared/base/err.h"
#include "shared/turn/turn.h"

struct crash_file;

/* Makes the file where it's missing; counts the death that it tells of. A file that isn't ours or
 * is cut is begun anew: it must never stop a start. Errors: ERR_IO, ERR_NO_ROOM,
 * ERR_NO_MEMORY. */
MUST_CHECK int crash_file_open(const char *path, struct crash_file **ret);
void crash_file_close(struct crash_file *file);
/* Valid as long as the file is open. */
struct turn_marker crash_file_marker(struct crash_file *file);
