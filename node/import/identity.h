/* What names a person: columns that are never stored, and ids that are a national number.
 *
 * A list of words, not a proof: a column that no preset maps isn't stored either, whatever its
 * name. The list decides which of them are called identity in the report, and which a preset may
 * not map at all. Used by the preset and the row reader. */
#pragma once

#include <stdbool.h>

/* Whether a heading (folded, see fold.h) has a word of the list: names, addresses, telephone, mail,
 * birth, national number; Dutch, French, English. */
bool identity_heading(const char *folded);

/* The part of the list that no column of a case may be read from, whatever a preset says ("naam" is
 * not in it, for "naam van de dienst" is a good heading for a service). */
bool identity_heading_strict(const char *folded);

/* Whether a text has the form of a Belgian national or BIS number: eleven digits, blanks and . - /
 * apart, a possible month, and check digits 97 - (first nine mod 97), the nine with a 2 in front
 * for who was born from 2000 on. Source: royal decree of 3 April 1984 on the identification number,
 * art. 1-3; BIS numbers (month + 20 or + 40): royal decree of 8 February 1991. */
bool is_national_number(const char *text);
