/* Protobuf written by hand (protobuf.dev/programming-guides/encoding): what our encoders would
 * never write, and what they must write. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "shared/base/arena.h"
#include "shared/base/bytes.h"

enum { RAW_BYTES_MAX = 1 << 20 };

struct raw {
    uint8_t *data;
    size_t length;
};

static inline struct raw raw_new(struct arena *arena) {
    struct raw raw = {.data = arena_alloc(arena, RAW_BYTES_MAX, 1)};
    assert_non_null(raw.data);
    return raw;
}

static inline struct bytes raw_bytes(const struct raw *raw) {
    return (struct bytes){.data = raw->data, .length = raw->length};
}

static inline void raw_varint(struct raw *raw, uint64_t value) {
    for (; value > 0x7f; value >>= 7) {
        raw->data[raw->length++] = (uint8_t)(value | 0x80);
    }
    raw->data[raw->length++] = (uint8_t)value;
}

static inline void raw_number(struct raw *raw, uint32_t field, uint64_t value) {
    raw_varint(raw, (uint64_t)field << 3);
    raw_varint(raw, value);
}

static inline void raw_run(struct raw *raw, uint32_t field, struct bytes run) {
    raw_varint(raw, (uint64_t)field << 3 | 2);
    raw_varint(raw, run.length);
    if (run.length > 0) {
        memcpy(raw->data + raw->length, run.data, run.length);
    }
    raw->length += run.length;
}

static inline void raw_text(struct raw *raw, uint32_t field, const char *text) {
    raw_run(raw, field, bytes_from_text(text));
}
