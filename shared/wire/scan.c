#include "shared/wire/scan.h"

#include <stddef.h>

#include "shared/base/limits.h"

/* Submessages still to be looked at: an explicit stack, for input must not drive recursion. */
struct level {
    struct bytes rest;
    const struct wire_shape *shape;
};

bool wire_varint_take_long(struct bytes *rest, uint64_t *ret) {
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

bool wire_field_take(struct bytes *rest, struct wire_field *ret) {
    uint64_t tag;
    uint64_t length;
    if (!wire_varint_take(rest, &tag) || tag >> 3 == 0 || tag >> 3 > UINT32_MAX) {
        return false;
    }
    ret->number = (uint32_t)(tag >> 3);
    ret->type = (enum wire_type)(tag & 7);
    switch (tag & 7) {
    case WIRE_VARINT:
        return wire_varint_take(rest, &ret->value);
    case WIRE_FIXED64:
        return skip(rest, 8);
    case WIRE_FIXED32:
        return skip(rest, 4);
    case WIRE_RUN:
        if (!wire_varint_take(rest, &length) || length > rest->length) {
            return false;
        }
        ret->run = (struct bytes){.data = rest->data, .length = (size_t)length};
        return skip(rest, length);
    default:
        return false;
    }
}

/* Takes one field; where it's a submessage, `ret_inner` gets its bytes and shape. */
static bool take_field(struct level *level, struct level *ret_inner, uint32_t *unknown) {
    struct wire_field field;
    const struct wire_shape *shape = level->shape;
    *ret_inner = (struct level){0};
    if (!wire_field_take(&level->rest, &field)) {
        return false;
    }
    *unknown += field.number >= shape->field_count ? 1 : 0;
    bool known = field.type == WIRE_RUN && field.number < shape->field_count;
    if (known && shape->fields[field.number] != NULL) {
        *ret_inner = (struct level){.rest = field.run, .shape = shape->fields[field.number]};
    }
    return true;
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
        if (++fields > WIRE_FIELDS_MAX || unknown > WIRE_UNKNOWN_MAX) {
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
    struct bytes rest = message;
    while (rest.length > 0) {
        struct bytes before = rest;
        struct wire_field field;
        if (!wire_field_take(&rest, &field)) {
            return message;
        }
        if (rest.length == 0 && field.number == number && field.type == WIRE_RUN) {
            return (struct bytes){.data = message.data, .length = message.length - before.length};
        }
    }
    return message;
}
