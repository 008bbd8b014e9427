/* The words of the printed card in every language that it speaks, and dates in words. Data only;
 * used by the print files of this room. The scripts have words of their own (print_script.c). */
#pragma once

#include <stdint.h>

#include "shared/base/ids.h"
#include "shared/io/print.h"

/* The Dutch table is the list of texts; a test holds every other language to it. {0} and {1} are
 * replaced: in DATE by day, month and year, elsewhere by what the page is given. The months stand
 * in the form that DATE wants. */
enum print_key {
#define PRINT_TEXT(key, text) PRINT_##key,
#include "shared/io/print_texts_nld.inc"
#undef PRINT_TEXT
    PRINT_KEYS,
};

enum { PRINT_DATE_SIZE = 96 };

extern const struct language PRINT_DUTCH;
extern const struct language PRINT_ENGLISH;

/* By enum print_key; for an entry that print_language_for or print_language_all gave. */
const char *const *print_texts(const struct print_language *language);
/* The key's own name, "CARD_TITLE". */
const char *print_key_name(enum print_key key);
/* "Ontwerp: ..." in the language itself and in Dutch; NULL where it's no draft. */
const char *print_draft_note(const struct print_language *language);
const char *print_draft_note_dutch(const struct print_language *language);

/* Day, month in words and year in the language, in Western digits; `day` is a valid one. */
void print_date(const struct print_language *language, int32_t day,
                char ret_text[static PRINT_DATE_SIZE]);
