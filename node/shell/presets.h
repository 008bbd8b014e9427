/* Finding a preset by name and reading it.
 *
 * A name with a '/' in it or ending in .ini is a path. Any other is looked for as NAME.ini in the
 * node's own presets/, then in what is installed, then in what this build was made from. */
#pragma once

#include "node/import/preset.h"
#include "shared/io/config.h"

/* `dir` is the node's directory. Errors: ERR_NOT_FOUND (none of that name), as config_read and
 * preset_new; each with its sentence in `ret_error`. The caller frees. */
MUST_CHECK int presets_load(const char *dir, const char *name, struct preset **ret,
                            struct config_error *ret_error);

enum { PRESETS_NAMES_SIZE = 400 };
/* The names that there are, with commas between, each once; as many as fit. */
void presets_names(const char *dir, char ret_names[static PRESETS_NAMES_SIZE]);
