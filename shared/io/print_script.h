/* The words of the spoken consent script. Complete in Dutch, French and English; a draft would be
 * read aloud by somebody who can't see that it is one, so there are none. Used by print_script.c.
 */
#pragma once

#include "shared/io/print.h"

/* The Dutch table is the list; a test holds the others to it. */
enum script_key {
#define SCRIPT_TEXT(key, text) SCRIPT_##key,
#include "shared/io/print_script_nld.inc"
#undef SCRIPT_TEXT
    SCRIPT_KEYS,
};

/* By enum script_key; NULL where the script doesn't speak the language. */
const char *const *script_texts(const struct print_language *language);
const char *script_key_name(enum script_key key);
