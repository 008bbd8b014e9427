/* Writing a name the way names are compared: without case, accents and punctuation.
 *
 * "Sint-Joost-ten-Node" and "SINT JOOST TEN NODE" become "sint joost ten node", "Oekraïens" becomes
 * "oekraiens". Only Latin letters: a text in another script has no folded form. This is how
 * people's spellings are looked up in the tables of this room; it isn't for showing and keeps
 * nothing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/err.h"

enum { PLACE_FOLD_SIZE = 128 };

/* Reads UTF-8, composed or not. False where it isn't UTF-8, has a letter of another script, holds
 * no letter or digit at all, or the folded text is longer than the room for it. */
MUST_CHECK bool place_fold(const char *text, char ret_text[static PLACE_FOLD_SIZE]);
