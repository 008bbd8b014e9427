#include "shared/crypto/words.h"

#include <assert.h>
#include <string.h>

#include "shared/base/bytes.h"

static const char words[][WORD_LETTERS_MAX + 1] = {
#include "shared/crypto/words.inc"
};
static_assert(sizeof(words) / sizeof(words[0]) == WORD_COUNT, "ten bits to a word");

const char *word_at(uint32_t index) {
    assert(index < WORD_COUNT);
    return words[index];
}

void words_format(const struct digest *digest, char ret_text[static WORDS_TEXT_SIZE]) {
    uint64_t bits = be64_read(digest->bytes);
    char *at = ret_text;
    for (int i = 0; i < WORDS_IN_FINGERPRINT; i++) {
        const char *word = word_at((uint32_t)(bits >> (54 - 10 * i)) & (WORD_COUNT - 1));
        if (i > 0) {
            *at++ = ' ';
        }
        size_t length = strlen(word);
        memcpy(at, word, length);
        at += length;
    }
    *at = '\0';
}
