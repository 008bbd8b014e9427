#include "node/import/fold.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* U+00C0 to U+00FF, which UTF-8 writes as C3 80 to C3 BF; '\0' stays as it is (sharp s, signs). */
static const char latin1_plain[] = "aaaaaa\0ceeeeiiii\0nooooo\0ouuuuy\0\0"
                                   "aaaaaa\0ceeeeiiii\0nooooo\0ouuuuy\0y";
static_assert(sizeof(latin1_plain) - 1 == 64, "one letter for each of 64 code points");

static bool is_gap(const char *text, size_t rest, size_t *ret_length) {
    char c = *text;
    *ret_length = 1;
    if (c == ' ' || c == '_' || c == '-' || c == '.' || c == '\t' || c == '\r' || c == '\n') {
        return true;
    }
    *ret_length = 2;
    return (uint8_t)c == 0xC2 && rest >= 2 && (uint8_t)text[1] == 0xA0;
}

/* Writes the letter at `text` to `out`, which holds 2 bytes; gives how many were read. */
static size_t fold_letter(const char *text, size_t rest, char *out, size_t *ret_written) {
    uint8_t first = (uint8_t)text[0];
    *ret_written = 1;
    if (first >= 'A' && first <= 'Z') {
        out[0] = (char)(first - 'A' + 'a');
        return 1;
    }
    if (first != 0xC3 || rest < 2 || (uint8_t)text[1] < 0x80 || (uint8_t)text[1] > 0xBF) {
        out[0] = text[0];
        return 1;
    }
    uint8_t second = (uint8_t)text[1];
    char plain = latin1_plain[second - 0x80];
    if (plain != '\0') {
        out[0] = plain;
        return 2;
    }
    bool upper = second >= 0x80 && second <= 0x9E && second != 0x97;
    out[0] = text[0];
    out[1] = (char)(upper ? second + 0x20 : second);
    *ret_written = 2;
    return 2;
}

int fold_text(const char *text, size_t length, char ret[static FOLD_BYTES_MAX + 1]) {
    size_t written = 0;
    bool gap = false;
    for (size_t i = 0; i < length;) {
        size_t gap_length;
        if (is_gap(text + i, length - i, &gap_length)) {
            gap = written > 0;
            i += gap_length;
            continue;
        }
        if (written + 3 > FOLD_BYTES_MAX) {
            ret[0] = '\0';
            return ERR_TOO_LARGE;
        }
        if (gap) {
            ret[written++] = ' ';
            gap = false;
        }
        size_t letter;
        i += fold_letter(text + i, length - i, ret + written, &letter);
        written += letter;
    }
    ret[written] = '\0';
    return (int)written;
}
