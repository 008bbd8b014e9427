#include "shared/wire/scan.h"

#include <stddef.h>

#include "shared/base/limits.h"

enum { TYPE_VARINT = 0, TYPE_FIXED64 = 1, TYPE_RUN = 2, TYPE_FIXED32 = 5 };

/* Submessages still to be looked at: an explicit stack, for input must not drive recursion. */
struct level {
    struct bytes rest;
    const struct wire_shape *shape;
};

static bool take_varint(struct bytes *rest, uint64_t *ret) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (rest->length == 0) {
            return false;
        }
        uint8_t byte = *rest->data++;
        rest->length--;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            *ret = value;
            return true;
        }
    }
    return false;
}

static bool skip(struct bytes *rest, uint64_t length) {
    if (length > rest->length) {
        return false;
    }
    rest->data += length;
    rest->length -= (size_t)length;
    return true;
}

/* Takes one field; where it's a submessage, `ret_inner` gets its bytes and shape. */
static bool take_field(struct level *level, struct level *ret_inner, uint32_t *unknown) {
    uint64_t tag;
    uint64_t value;
    if (!take_varint(&level->rest, &tag) || tag >> 3 == 0 || tag >> 3 > UINT32_MAX) {
        return false;
    }
    *ret_inner = (struct level){0};
    uint64_t number = tag >> 3;
    *unknown += number >= level->shape->field_count ? 1 : 0;
    switch (tag & 7) {
    case TYPE_VARINT:
        return take_varint(&level->rest, &value);
    case TYPE_FIXED64:
        return skip(&level->rest, 8);
    case TYPE_FIXED32:
        return skip(&level->rest, 4);
    case TYPE_RUN:
        if (!take_varint(&level->rest, &value) || value > level->rest.length) {
            return false;
        }
        if (number < level->shape->field_count && level->shape->fields[number] != NULL) {
            *ret_inner = (struct level){
                .rest = {.data = level->rest.data, .length = (size_t)value},
                .shape = level->shape->fields[number],
            };
        }
        return skip(&level->rest, value);
    default:
        return false;
    }
}

enum refusal wire_scan(struct bytes message, size_t max_bytes, const struct wire_shape *shape,
                       uint32_t *ret_unknown) {
    if (message.length > max_bytes) {
        return REFUSAL_TOO_LARGE;
    }
    struct level stack[WIRE_DEPTH_MAX];
    size_t depth = 0;
    size_t fields = 0;
    uint32_t unknown = 0;
    stack[0] = (struct level){.rest = message, .shape = shape};
    while (true) {
        if (stack[depth].rest.length == 0) {
            if (depth == 0) {
                *ret_unknown = unknown;
                return REFUSAL_NONE;
            }
            depth--;
            continue;
        }
        struct level inner;
        if (!take_field(&stack[depth], &inner, &unknown)) {
            return REFUSAL_MALFORMED;
        }
        if (++fields > WIRE_FIELDS_MAX) {
            return REFUSAL_TOO_LARGE;
        }
        if (inner.shape != NULL) {
            if (++depth == WIRE_DEPTH_MAX) {
                return REFUSAL_MALFORMED;
            }
            stack[depth] = inner;
        }
    }
}

struct bytes wire_cut_last(struct bytes message, uint32_t number) {
    static const struct wire_shape flat = {0};
    struct level level = {.rest = message, .shape = &flat};
    while (level.rest.length > 0) {
        struct bytes before = level.rest;
        struct bytes peeked = level.rest;
        struct level inner;
        uint64_t tag;
        uint32_t unknown = 0;
        if (!take_varint(&peeked, &tag) || !take_field(&level, &inner, &unknown)) {
            return message;
        }
        if (level.rest.length == 0 && tag == ((uint64_t)number << 3 | TYPE_RUN)) {
            return (struct bytes){.data = message.data, .length = message.length - before.length};
        }
    }
    return message;
}
