/* Configuration and import presets: INI files, read strictly.
 *
 * What inih does leniently is refused here with the line: a name twice in a section (unless the
 * sink allows it), a line without '=', an unknown name, a line too long. No inline comments and no
 * continued lines, so that `delimiter = ;` means what it says; a comment is a line that starts with
 * ';' or '#'. Values are trimmed; names are compared exactly. Not for untrusted peers: the file is
 * the administrator's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"

enum {
    CONFIG_ERROR_SIZE = 400,
    CONFIG_REASON_SIZE = 160,
    CONFIG_FILE_BYTES_MAX = 256 << 10,
    CONFIG_LINE_BYTES_MAX = 4000,
    CONFIG_ENTRIES_MAX = 1024,
};

/* "FILE:LINE: reason", or "FILE: reason" where no line is to blame. */
struct config_error {
    char text[CONFIG_ERROR_SIZE];
};

/* Texts borrow, valid during the callback. `section` is "" above the first heading. */
struct config_entry {
    const char *section;
    const char *name;
    const char *value;
    int line;
};

/* Takes one entry. Gives 0, or ERR_CONFIG with the reason in `ret_reason` (English; without file
 * and line); reading stops there. */
struct config_sink {
    int (*entry)(void *ctx, const struct config_entry *entry, char ret_reason[CONFIG_REASON_SIZE]);
    void *ctx;
    bool repeats; /* a name may stand again in its section, as in presets */
};

/* Errors: ERR_NOT_FOUND, ERR_IO, ERR_TOO_LARGE (the file), ERR_NO_MEMORY, ERR_CONFIG (what it
 * says); each with its sentence in `ret_error`. */
MUST_CHECK int config_read(const char *path, const struct config_sink *sink,
                           struct config_error *ret_error);
/* The same over a text; `name` stands for the file in messages. */
MUST_CHECK int config_read_text(const char *name, const char *text, const struct config_sink *sink,
                                struct config_error *ret_error);

/* ---- a table of known names, for a program's own configuration ---- */

enum config_kind {
    CONFIG_TEXT, /* char[size]; at most size - 1 bytes */
    CONFIG_INT,  /* int64_t within least..most */
    CONFIG_BOOL, /* bool: yes/no, true/false, on/off, 1/0 */
};

struct config_key {
    const char *section;
    const char *name;
    enum config_kind kind;
    void *target;  /* borrows; holds the default before, and keeps it where the file is silent */
    size_t size;   /* CONFIG_TEXT */
    int64_t least; /* CONFIG_INT */
    int64_t most;
    bool required;
};

struct config_table {
    const struct config_key *keys;
    size_t count;
};

/* As config_read; a name that isn't in the table is refused by name, and so is a required one
 * that's missing. Targets may be half written when it fails. */
MUST_CHECK int config_read_table(const char *path, const struct config_table *table,
                                 struct config_error *ret_error);
MUST_CHECK int config_read_table_text(const char *name, const char *text,
                                      const struct config_table *table,
                                      struct config_error *ret_error);
