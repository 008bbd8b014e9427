/* A preset: what the columns of an export are called, how it writes dates, and which of its words
 * stand for which of ours. An editable text file (deploy/presets/README.md shows the format).
 *
 * The shell reads the file (shared/io sees the INI library) and hands over each key and value; here
 * it's only checked and kept. The row reader asks it. Comparing is by fold.h: neither case nor
 * accents nor the kind of gap matter. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"

/* The columns of a case, by their key in section [columns]. */
#define CASE_COLUMN_LIST(X)                                                                        \
    X(CASE_COLUMN_ID, "id")                                                                        \
    X(CASE_COLUMN_MUNICIPALITY, "municipality")                                                    \
    X(CASE_COLUMN_POSTCODE, "postcode")                                                            \
    X(CASE_COLUMN_SERVICE, "service")                                                              \
    X(CASE_COLUMN_LANGUAGE, "language")                                                            \
    X(CASE_COLUMN_ASKED, "asked")                                                                  \
    X(CASE_COLUMN_FIRST_APPOINTMENT, "first_appointment")                                          \
    X(CASE_COLUMN_LAST_CONTACT, "last_contact")                                                    \
    X(CASE_COLUMN_CLOSED, "closed")                                                                \
    X(CASE_COLUMN_CLOSE_REASON, "close_reason")                                                    \
    X(CASE_COLUMN_WORKER, "worker")

#define X(name, key) name,
enum case_column { CASE_COLUMN_NONE = 0, CASE_COLUMN_LIST(X) CASE_COLUMN_COUNT };
#undef X

/* Whose words are mapped to ours: the sections of that name. */
enum preset_list {
    PRESET_LIST_COLUMNS,
    PRESET_LIST_SERVICES,       /* to a service id */
    PRESET_LIST_LANGUAGES,      /* to an ISO 639-3 code */
    PRESET_LIST_MUNICIPALITIES, /* to a NIS code */
    PRESET_LIST_CLOSE_REASONS,  /* to a word of CLOSE_REASON_LIST */
    PRESET_LIST_EMPTY,          /* cells that mean nothing: "nvt", "01/01/1900" */
};

enum { PRESET_WORDS_MAX = 1024, PRESET_FORMATS_MAX = 8 };

struct preset;

/* Errors: ERR_NO_MEMORY. */
MUST_CHECK int preset_new(struct preset **ret);
void preset_free(struct preset *preset);

/* One line of the file; copies. A value holds alternatives with '|' between them; a key given again
 * adds to what it has. Gives NULL, or why the line can't be taken: an English text, static. */
MUST_CHECK const char *preset_set(struct preset *preset, const char *section, const char *key,
                                  const char *value);

/* After the last line: NULL, or what is still missing (English, static). */
MUST_CHECK const char *preset_check(const struct preset *preset);

/* ',', ';', tab, or 0 for what the file shows. */
char preset_delimiter(const struct preset *preset);

/* `folded` as by fold_text. CASE_COLUMN_NONE for a heading without a meaning. */
enum case_column preset_column(const struct preset *preset, const char *folded);
/* Our word for theirs, valid as long as the preset; NULL where there is none. */
const char *preset_word(const struct preset *preset, enum preset_list list, const char *folded);
/* Whether a cell, folded, counts as not filled in. */
bool preset_is_empty(const struct preset *preset, const char *folded);
/* What stands for an empty cell or an absent column; NULL where there is none. */
const char *preset_default(const struct preset *preset, enum case_column column);

/* By the first of the preset's patterns that fits. Errors: ERR_MALFORMED. */
MUST_CHECK int preset_read_date(const struct preset *preset, const char *text, size_t length,
                                int32_t *ret_day);

/* The key in section [columns], also our name for the column in an error about its absence. */
const char *case_column_key(enum case_column column);
