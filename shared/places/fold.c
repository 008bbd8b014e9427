#include "shared/places/fold.h"

#include <stdint.h>
#include <string.h>

enum {
    LETTERS_FIRST = 0xC0, /* Latin-1 Supplement and Latin Extended-A: all of Western Europe */
    LETTERS_END = 0x180,
    COMBINING_FIRST = 0x300,
    COMBINING_END = 0x370,
    PUNCTUATION_FIRST = 0x2000, /* General Punctuation: the dashes and apostrophes of editors */
    PUNCTUATION_END = 0x2070,
};

/* From LETTERS_FIRST on; '*' stands for two letters, '-' for no letter. */
static const char letters[] = "aaaaaa*ceeeeiiiidnooooo-ouuuuy**aaaaaa*ceeeeiiiidnooooo-ouuuuy*y"
                              "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii**jjkkklllllll"
                              "lllnnnnnnnnnoooooo**rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
_Static_assert(sizeof(letters) == LETTERS_END - LETTERS_FIRST + 1, "one for each letter");

struct folded {
    char *text;
    size_t length;
    bool gap; /* something stood here that isn't a letter or digit */
    bool full;
};

static void put(struct folded *folded, char c) {
    size_t needed = folded->gap && folded->length > 0 ? 2 : 1;
    if (folded->length + needed >= PLACE_FOLD_SIZE) {
        folded->full = true;
        return;
    }
    if (needed == 2) {
        folded->text[folded->length++] = ' ';
    }
    folded->text[folded->length++] = c;
    folded->gap = false;
}

static const char *two_letters(uint32_t point) {
    switch (point) {
    case 0xC6: /* AE */
    case 0xE6:
        return "ae";
    case 0xDE: /* thorn */
    case 0xFE:
        return "th";
    case 0xDF: /* sharp s */
        return "ss";
    case 0x132: /* IJ */
    case 0x133:
        return "ij";
    default: /* OE, 0x152 and 0x153 */
        return "oe";
    }
}

static void put_ascii(struct folded *folded, char c) {
    if (c >= 'A' && c <= 'Z') {
        put(folded, (char)(c - 'A' + 'a'));
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
        put(folded, c);
    } else {
        folded->gap = true;
    }
}

static void put_letter(struct folded *folded, uint32_t point) {
    char c = letters[point - LETTERS_FIRST];
    if (c == '-') {
        folded->gap = true;
    } else if (c == '*') {
        const char *two = two_letters(point);
        put(folded, two[0]);
        put(folded, two[1]);
    } else {
        put(folded, c);
    }
}

static bool put_point(struct folded *folded, uint32_t point) {
    if (point < 0x80) {
        put_ascii(folded, (char)point);
    } else if (point < LETTERS_FIRST || (point >= PUNCTUATION_FIRST && point < PUNCTUATION_END)) {
        folded->gap = true;
    } else if (point < LETTERS_END) {
        put_letter(folded, point);
    } else if (point < COMBINING_FIRST || point >= COMBINING_END) {
        return false;
    }
    return true;
}

/* One character of two or three bytes (RFC 3629); four are never Latin. Its length, or 0. */
static size_t decode(const unsigned char *at, uint32_t *ret_point) {
    if (at[0] < 0x80) {
        *ret_point = at[0];
        return 1;
    }
    if (at[0] >= 0xC2 && at[0] < 0xE0 && (at[1] & 0xC0) == 0x80) {
        *ret_point = (uint32_t)(at[0] & 0x1F) << 6 | (at[1] & 0x3F);
        return 2;
    }
    if ((at[0] & 0xF0) == 0xE0 && (at[1] & 0xC0) == 0x80 && (at[2] & 0xC0) == 0x80) {
        *ret_point =
            (uint32_t)(at[0] & 0x0F) << 12 | (uint32_t)(at[1] & 0x3F) << 6 | (at[2] & 0x3F);
        return *ret_point < 0x800 ? 0 : 3;
    }
    return 0;
}

bool place_fold(const char *text, char ret_text[static PLACE_FOLD_SIZE]) {
    char memory[PLACE_FOLD_SIZE];
    struct folded folded = {.text = memory};
    const unsigned char *at = (const unsigned char *)text;
    while (*at != '\0') {
        uint32_t point = 0;
        size_t length = decode(at, &point);
        if (length == 0 || !put_point(&folded, point) || folded.full) {
            return false;
        }
        at += length;
    }
    if (folded.length == 0) {
        return false;
    }
    memcpy(ret_text, memory, folded.length);
    ret_text[folded.length] = '\0';
    return true;
}
