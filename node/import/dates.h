/* Reading the dates of an export by a pattern from the preset ("dd/mm/yyyy").
 *
 * It never guesses between day and month: only the patterns that the preset names are tried. Pure;
 * used by the preset and the two file readers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"

enum { DATE_PATTERN_BYTES_MAX = 15 };

/* Whether `pattern` has each of dd, mm and yyyy (or yy) once, with one or more of / - . or a space
 * between them, or nothing (yyyymmdd). */
bool date_pattern_valid(const char *pattern);

/* Reads the whole text. dd and mm take one or two digits where something stands between the parts,
 * and exactly two in a pattern without; yyyy takes four; yy means 2000 to 2099. A time of day
 * behind it ("2026-03-05 00:00:00", "...T08:30Z") is passed over.
 * Errors: ERR_MALFORMED, also for a day that doesn't exist. */
MUST_CHECK int date_read(const char *pattern, const char *text, size_t length, int32_t *ret_day);
