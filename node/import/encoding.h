/* UTF-8 and Windows-1252, told apart field by field.
 *
 * The rule: a field whose bytes are well-formed UTF-8 is UTF-8, any other is Windows-1252. Deciding
 * for each field needs no look-ahead, gives the same answer however the file is cut, and reads
 * files that were pasted together from two programs. A Windows-1252 field that happens to be
 * well-formed UTF-8 ("Ã©" meant as two letters) is read as UTF-8; in Dutch and French that doesn't
 * occur. Used by the CSV reader only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Well-formed by table 3-7 of the Unicode Standard: shortest forms only, no surrogates, at most
 * U+10FFFF. */
bool utf8_valid(const char *text, size_t length);

/* Writes at most 3 * length bytes to `ret` (no NUL), gives how many. The five bytes without a
 * letter (81 8D 8F 90 9D) become the control characters U+0081.. as in the WHATWG Encoding
 * Standard, index-windows-1252. */
size_t utf8_from_windows_1252(const char *text, size_t length, char *ret);
