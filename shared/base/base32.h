/* Crockford's base32 with two check symbols: what people type over from paper or paste.
 *
 * A symbol is 0 to 31. The checks are those of a Reed-Solomon code over GF(32), distance 3, of
 * words of at most 31 symbols (I. Reed and G. Solomon, Polynomial Codes over Certain Finite
 * Fields, 1960): every error of one or two symbols shows, so every swap does too. It says where
 * one error would be, and never corrects. How a text is grouped and spaced is its own affair:
 * invitations (shared/members) and cards (shared/consent) differ. */
#pragma once

#include "shared/base/bytes.h"

enum {
    BASE32_CHECKS = 2,
    BASE32_WORD_MAX = 31, /* symbols with their checks */
    BASE32_NO_SYMBOL = 0xff,
};

char base32_char(uint8_t symbol);
/* Case doesn't matter; o is read as 0, i and l as 1. BASE32_NO_SYMBOL for any other character. */
uint8_t base32_symbol(char c);

/* The bytes' bits, most significant first, five to a symbol, the last filled up with zeros. Writes
 * and returns (8 * length + 4) / 5. */
size_t base32_from_bytes(struct bytes in, uint8_t *ret_symbols);
/* Writes 5 * count / 8 bytes. False where bits are left over that aren't the zeros of the last
 * symbol. */
bool base32_to_bytes(const uint8_t *symbols, size_t count, uint8_t *ret_bytes, size_t *ret_length);

/* Writes two symbols after the `count` there are; count + 2 is at most BASE32_WORD_MAX. */
void base32_add_checks(uint8_t *symbols, size_t count);
/* Of a word with its checks. */
bool base32_whole(const uint8_t *symbols, size_t count);
/* Of a word that isn't whole: the one symbol that, wrong, explains it; `count` where none does. */
size_t base32_fault(const uint8_t *symbols, size_t count);
