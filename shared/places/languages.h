/* The contact languages that a register may name: ISO 639-3 codes with a Dutch and an English name.
 *
 * The project's own choice of languages, not an agency's list; a macrolanguage ("Arabic") stands
 * beside its members, for a register often says no more. The form of a code is checked by
 * language_parse (shared/base/ids.h). Compiled in, written by deploy/places/generate.py. All
 * pointers are valid for ever. */
#pragma once

#include <stddef.h>

#include "shared/base/ids.h"

struct language_entry {
    struct language language;
    char iso639_1[3];    /* empty where there's none */
    const char *dutch;   /* UTF-8, unlike every other */
    const char *english; /* the same */
};

/* NULL where the language isn't on the list. */
const struct language_entry *language_by_code(struct language language);

/* Looks for an ISO 639-3 code, then a 639-1 code, then a Dutch or English name or a common other
 * spelling ("Farsi"), without regard to case and accents. A name that a macrolanguage shares with
 * one of its members means the macrolanguage. NULL where nothing fits. */
const struct language_entry *language_find(const char *text);

/* All of them, by rising code. */
const struct language_entry *language_all(size_t *ret_count);
