/* Looks over protobuf bytes before anything is unpacked: depth, number of fields, lengths.
 *
 * protobuf-c has no depth limit and turns each empty submessage into a struct of a hundred bytes,
 * so a small hostile frame could take the stack or sixty times its size in memory (RELIABILITY
 * 0.7). Every decoder of this room calls this first; nobody else needs to. */
#pragma once

#include "shared/base/bytes.h"
#include "shared/base/lists.h"

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_RUN = 2, WIRE_FIXED32 = 5 };

/* One field as it stands in a message; what isn't of its type isn't written. */
struct wire_field {
    uint32_t number;
    enum wire_type type;
    uint64_t value;   /* WIRE_VARINT */
    struct bytes run; /* WIRE_RUN, borrowed */
};

/* Takes one field off the front; false where the bytes aren't well-formed wire format. */
bool wire_field_take(struct bytes *rest, struct wire_field *ret);
bool wire_varint_take_long(struct bytes *rest, uint64_t *ret);

/* Nearly all are of one byte, and a signal has hundreds. */
static inline bool wire_varint_take(struct bytes *rest, uint64_t *ret) {
    if (rest->length == 0 || *rest->data > 0x7f) {
        return wire_varint_take_long(rest, ret);
    }
    *ret = *rest->data++;
    rest->length--;
    return true;
}

/* What the bytes claim to be, so that only true submessages are descended into: for each field
 * number, the shape of the message in it. A table of these mirrors vangnet.proto. */
struct wire_shape {
    uint32_t field_count; /* entries of `fields`: one more than the highest known number */
    const struct wire_shape *const *fields; /* by field number; NULL: not a message */
};

/* REFUSAL_NONE when the bytes are well-formed wire format within WIRE_DEPTH_MAX, WIRE_FIELDS_MAX,
 * WIRE_UNKNOWN_MAX and the given size; else REFUSAL_MALFORMED or REFUSAL_TOO_LARGE. Groups are
 * refused. Fields with a number above what we know are passed over and counted in `ret_unknown`. */
enum refusal wire_scan(struct bytes message, size_t max_bytes, const struct wire_shape *shape,
                       uint32_t *ret_unknown);

/* The part of a message before its last field, where that is a run with this number; else all of
 * it. For well-formed messages. */
struct bytes wire_cut_last(struct bytes message, uint32_t number);
