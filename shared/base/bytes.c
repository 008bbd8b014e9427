#include "shared/base/bytes.h"

#include <string.h>

#include "shared/base/err.h"

struct bytes bytes_from_text(const char *text) {
    return (struct bytes){.data = (const uint8_t *)text, .length = strlen(text)};
}

bool bytes_equal(struct bytes a, struct bytes b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

int bytes_compare(struct bytes a, struct bytes b) {
    size_t shared = a.length < b.length ? a.length : b.length;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
    if (order != 0) {
        return order;
    }
    return (a.length > b.length) - (a.length < b.length);
}

void hex_encode(struct bytes in, char *ret_text) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < in.length; i++) {
        ret_text[2 * i] = digits[in.data[i] >> 4];
        ret_text[2 * i + 1] = digits[in.data[i] & 15];
    }
    ret_text[2 * in.length] = '\0';
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

int hex_decode(const char *text, uint8_t *ret_data, size_t length) {
    if (strlen(text) != 2 * length) {
        return ERR_MALFORMED;
    }
    for (size_t i = 0; i < 2 * length; i++) {
        if (hex_digit(text[i]) < 0) {
            return ERR_MALFORMED;
        }
    }
    for (size_t i = 0; i < length; i++) {
        unsigned high = (unsigned)hex_digit(text[2 * i]);
        unsigned low = (unsigned)hex_digit(text[2 * i + 1]);
        ret_data[i] = (uint8_t)(high << 4 | low);
    }
    return 0;
}

void be32_write(uint8_t out[static 4], uint32_t value) {
    for (int i = 0; i < 4; i++) {
        out[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

void be64_write(uint8_t out[static 8], uint64_t value) {
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (56 - 8 * i));
    }
}

uint32_t be32_read(const uint8_t in[static 4]) {
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        value = value << 8 | in[i];
    }
    return value;
}

uint64_t be64_read(const uint8_t in[static 8]) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value = value << 8 | in[i];
    }
    return value;
}
