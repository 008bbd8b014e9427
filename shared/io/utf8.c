#include "shared/io/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool continues(uint8_t byte, uint8_t low, uint8_t high) {
    return byte >= low && byte <= high;
}

/* The table of RFC 3629, section 4: only the second byte has a narrower range. */
static size_t length_of_lead(const uint8_t *text, size_t length) {
    const uint8_t lead = text[0];
    if (lead < 0x80) {
        return 1;
    }
    if (length < 2 || lead < 0xc2 || lead > 0xf4) {
        return 0;
    }
    if (lead < 0xe0) {
        return continues(text[1], 0x80, 0xbf) ? 2 : 0;
    }
    uint8_t low = 0x80;
    uint8_t high = 0xbf;
    if (lead == 0xe0) {
        low = 0xa0;
    } else if (lead == 0xed) {
        high = 0x9f;
    } else if (lead == 0xf0) {
        low = 0x90;
    } else if (lead == 0xf4) {
        high = 0x8f;
    }
    if (!continues(text[1], low, high)) {
        return 0;
    }
    return lead < 0xf0 ? 3 : 4;
}

size_t utf8_character_bytes(const char *text, size_t length) {
    if (length == 0) {
        return 0;
    }
    const uint8_t *bytes = (const uint8_t *)text;
    const size_t wanted = length_of_lead(bytes, length);
    if (wanted > length) {
        return 0;
    }
    for (size_t i = 2; i < wanted; i++) {
        if (!continues(bytes[i], 0x80, 0xbf)) {
            return 0;
        }
    }
    return wanted;
}

size_t utf8_count(const char *text) {
    size_t rest = strlen(text);
    size_t count = 0;
    while (rest > 0) {
        const size_t bytes = utf8_character_bytes(text, rest);
        text += bytes == 0 ? 1 : bytes;
        rest -= bytes == 0 ? 1 : bytes;
        count++;
    }
    return count;
}
