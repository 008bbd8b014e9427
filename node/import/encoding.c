#include "node/import/encoding.h"

#include <stdint.h>

/* Bytes 80 to 9F; the others are the code points of the same number. */
static const uint16_t windows_1252_high[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

static bool is_tail(uint8_t byte) {
    return byte >= 0x80 && byte <= 0xBF;
}

/* Length of the well-formed sequence at `text`, 0 where there is none. */
static size_t sequence_length(const uint8_t *text, size_t rest) {
    uint8_t first = text[0];
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return rest >= 2 && is_tail(text[1]) ? 2 : 0;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        uint8_t low = first == 0xE0 ? 0xA0 : 0x80;
        uint8_t high = first == 0xED ? 0x9F : 0xBF;
        return rest >= 3 && text[1] >= low && text[1] <= high && is_tail(text[2]) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        uint8_t low = first == 0xF0 ? 0x90 : 0x80;
        uint8_t high = first == 0xF4 ? 0x8F : 0xBF;
        bool whole = rest >= 4 && text[1] >= low && text[1] <= high;
        return whole && is_tail(text[2]) && is_tail(text[3]) ? 4 : 0;
    }
    return 0;
}

bool utf8_valid(const char *text, size_t length) {
    const uint8_t *bytes = (const uint8_t *)text;
    for (size_t i = 0; i < length;) {
        size_t step = sequence_length(bytes + i, length - i);
        if (step == 0) {
            return false;
        }
        i += step;
    }
    return true;
}

static size_t put_code_point(uint16_t code_point, char *out) {
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xC0 | (code_point >> 6));
        out[1] = (char)(0x80 | (code_point & 0x3F));
        return 2;
    }
    out[0] = (char)(0xE0 | (code_point >> 12));
    out[1] = (char)(0x80 | ((code_point >> 6) & 0x3F));
    out[2] = (char)(0x80 | (code_point & 0x3F));
    return 3;
}

size_t utf8_from_windows_1252(const char *text, size_t length, char *ret) {
    size_t written = 0;
    for (size_t i = 0; i < length; i++) {
        uint8_t byte = (uint8_t)text[i];
        uint16_t code_point = byte >= 0x80 && byte <= 0x9F ? windows_1252_high[byte - 0x80] : byte;
        written += put_code_point(code_point, ret + written);
    }
    return written;
}
