/* A fingerprint that two people can read to each other by telephone: six words out of 1024.
 *
 * Sixty bits. It backs a comparison at joining, where an attacker must hit one given digest within
 * the week that an invitation lives; it isn't an identifier and never goes over the wire. The list
 * is fixed: its order is part of the meaning. */
#pragma once

#include <stdint.h>

#include "shared/base/ids.h"

enum {
    WORD_COUNT = 1024,
    WORDS_IN_FINGERPRINT = 6,
    WORD_LETTERS_MAX = 7,
    WORDS_TEXT_SIZE = WORDS_IN_FINGERPRINT * (WORD_LETTERS_MAX + 1), /* with a NUL */
};

/* Six words with a space between: the digest's first 60 bits, big-endian, ten to a word. The same
 * digest always gives the same words. */
void words_format(const struct digest *digest, char ret_text[static WORDS_TEXT_SIZE]);

/* The word itself; index < WORD_COUNT. */
const char *word_at(uint32_t index);
