/* Walking over UTF-8 that somebody else wrote (RFC 3629: no overlong forms, no surrogates).
 *
 * For what puts foreign text on a line, in JSON or on a screen; nothing here changes text. */
#pragma once

#include <stddef.h>

/* Bytes of the well-formed character that starts `text` (of `length` bytes): 1 to 4, or 0 where
 * none starts there (also at the end). */
size_t utf8_character_bytes(const char *text, size_t length);

/* Characters (code points) of a NUL-terminated text; a malformed byte counts as one. */
size_t utf8_count(const char *text);
