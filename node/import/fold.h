/* One spelling of what people write in headings and cells, so that "Datum_aanvraag", "DATUM
 * AANVRAAG" and " datum  aanvraag " are the same word.
 *
 * For comparing only: what is stored or shown keeps its own spelling. Used by the preset, the
 * heading checks and the row reader. */
#pragma once

#include <stddef.h>

#include "shared/base/err.h"

enum { FOLD_BYTES_MAX = 95 };

/* Lower case, Latin-1 letters without accents, and every run of blanks, '_', '-' and '.' as one
 * space, none at either end; other UTF-8 is copied. `text` is UTF-8 of `length` bytes, `ret` gets a
 * NUL. Gives the folded length. Errors: ERR_TOO_LARGE past FOLD_BYTES_MAX, `ret` is then empty. */
MUST_CHECK int fold_text(const char *text, size_t length, char ret[static FOLD_BYTES_MAX + 1]);
