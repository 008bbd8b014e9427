#include "shared/wire/codec.h"

#include <stdint.h>
#include <string.h>

#include "shared/base/err.h"
#include "shared/base/limits.h"

/* protobuf-c doesn't tell a full arena from bad bytes. */
struct unpack_room {
    struct arena *arena;
    bool full;
};

static void *arena_allocate(void *data, size_t size) {
    struct unpack_room *room = data;
    void *memory = arena_alloc(room->arena, 1, size);
    room->full = room->full || memory == NULL;
    return memory;
}

static void arena_leave(void *data, void *pointer) {
    (void)data;
    (void)pointer;
}

enum refusal codec_unpack_counted(struct bytes bytes, const struct wire_shape *shape,
                                  const ProtobufCMessageDescriptor *descriptor, struct arena *arena,
                                  ProtobufCMessage **ret, uint32_t *ret_unknown) {
    enum refusal refusal = wire_scan(bytes, PACKET_BYTES_MAX, shape, ret_unknown);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    struct unpack_room room = {.arena = arena};
    ProtobufCAllocator allocator = {
        .alloc = arena_allocate,
        .free = arena_leave,
        .allocator_data = &room,
    };
    static const uint8_t nothing[1] = {0};
    ProtobufCMessage *message = protobuf_c_message_unpack(descriptor, &allocator, bytes.length,
                                                          bytes.length == 0 ? nothing : bytes.data);
    if (message == NULL) {
        /* The scan has judged the form; what is left is a wire type that doesn't fit its field. */
        return room.full ? REFUSAL_NO_ROOM : REFUSAL_MALFORMED;
    }
    *ret = message;
    return REFUSAL_NONE;
}

enum refusal codec_unpack(struct bytes bytes, const struct wire_shape *shape,
                          const ProtobufCMessageDescriptor *descriptor, struct arena *arena,
                          ProtobufCMessage **ret) {
    uint32_t unknown;
    return codec_unpack_counted(bytes, shape, descriptor, arena, ret, &unknown);
}

int codec_pack(const ProtobufCMessage *message, struct arena *arena, struct bytes *ret) {
    size_t size = protobuf_c_message_get_packed_size(message);
    if (size > PACKET_BYTES_MAX) {
        return ERR_TOO_LARGE;
    }
    uint8_t *data = arena_alloc(arena, size, 1);
    if (data == NULL) {
        return ERR_NO_MEMORY;
    }
    size_t length = protobuf_c_message_pack(message, data);
    *ret = (struct bytes){.data = data, .length = length};
    return 0;
}

/* 0 where there's none. One byte can't be filled up: a field takes two at least. */
static size_t padded_size(size_t size, const struct codec_padding *padding) {
    for (size_t i = 0; i < padding->count; i++) {
        if (size == padding->sizes[i] || size + 2 <= padding->sizes[i]) {
            return padding->sizes[i];
        }
    }
    return 0;
}

/* Writes the head of a padding field that takes up `room` bytes with the zeros after it. Where the
 * shortest length would be a byte too short (room 130, for one), the length is written longer than
 * it must be, which protobuf allows. */
static void write_padding(uint8_t *out, uint32_t field, size_t room) {
    size_t length_bytes = room - 2 <= 0x7f ? 1 : room - 3 <= 0x3fff ? 2 : 3;
    size_t length = room - 1 - length_bytes;
    out[0] = (uint8_t)(field << 3 | WIRE_RUN);
    for (size_t i = 0; i < length_bytes; i++) {
        size_t more = i + 1 < length_bytes ? 0x80 : 0;
        out[1 + i] = (uint8_t)((length >> (7 * i) & 0x7f) | more);
    }
}

int codec_pack_padded(const ProtobufCMessage *message, const struct codec_padding *padding,
                      struct arena *arena, struct bytes *ret) {
    size_t size = protobuf_c_message_get_packed_size(message);
    size_t padded = padded_size(size, padding);
    if (padded == 0) {
        return ERR_TOO_LARGE;
    }
    uint8_t *data = arena_alloc(arena, padded, 1);
    if (data == NULL) {
        return ERR_NO_MEMORY;
    }
    (void)protobuf_c_message_pack(message, data);
    if (padded > size) {
        write_padding(data + size, padding->field, padded - size);
    }
    *ret = (struct bytes){.data = data, .length = padded};
    return 0;
}

void check_that(struct check *check, bool holds, enum refusal otherwise) {
    if (!holds && check->refusal == REFUSAL_NONE) {
        check->refusal = otherwise;
    }
}

struct bytes check_bytes(struct check *check, ProtobufCBinaryData data) {
    (void)check;
    return (struct bytes){.data = data.data, .length = data.len};
}

void check_fixed(struct check *check, ProtobufCBinaryData data, bool optional, void *ret,
                 size_t length) {
    if (data.len == length) {
        memcpy(ret, data.data, length);
        return;
    }
    memset(ret, 0, length);
    check_that(check, optional && data.len == 0, REFUSAL_MALFORMED);
}

/* Well-formed UTF-8 (RFC 3629 section 4), one character; 0 where it isn't, or is a control. */
static size_t utf8_character(const uint8_t *text) {
    uint8_t first = text[0];
    if (first < 0x80) {
        return first >= 0x20 && first != 0x7f ? 1 : 0;
    }
    size_t length = first >= 0xc2 && first <= 0xdf   ? 2
                    : first >= 0xe0 && first <= 0xef ? 3
                    : first >= 0xf0 && first <= 0xf4 ? 4
                                                     : 0;
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (first == 0xe0 && text[1] < 0xa0) || (first == 0xf0 && text[1] < 0x90);
    bool outside = (first == 0xed && text[1] > 0x9f) || (first == 0xf4 && text[1] > 0x8f);
    bool c1_control = first == 0xc2 && text[1] < 0xa0;
    return overlong || outside || c1_control ? 0 : length;
}

void check_text(struct check *check, const char *text, char *ret_text, size_t size) {
    memset(ret_text, 0, size);
    size_t length = strlen(text);
    if (length >= size) {
        check_that(check, false, REFUSAL_TOO_LARGE);
        return;
    }
    for (size_t i = 0; i < length;) {
        size_t step = utf8_character((const uint8_t *)text + i);
        if (step == 0) {
            check_that(check, false, REFUSAL_MALFORMED);
            return;
        }
        i += step;
    }
    memcpy(ret_text, text, length);
}

void check_org(struct check *check, const char *text, bool optional, struct org_id *ret) {
    memset(ret, 0, sizeof(*ret));
    if (optional && text[0] == '\0') {
        return;
    }
    check_that(check, org_id_parse(text, ret) == 0, REFUSAL_MALFORMED);
}

void *check_array(struct check *check, size_t count, size_t size, size_t max) {
    if (count > max) {
        check_that(check, false, REFUSAL_TOO_LARGE);
        return NULL;
    }
    void *array = check->refusal == REFUSAL_NONE ? arena_alloc(check->arena, count, size) : NULL;
    check_that(check, array != NULL, REFUSAL_NO_ROOM);
    return array;
}

ProtobufCBinaryData codec_data(struct bytes bytes) {
    return (ProtobufCBinaryData){.len = bytes.length, .data = (uint8_t *)(uintptr_t)bytes.data};
}

ProtobufCBinaryData codec_data_or_none(struct bytes bytes) {
    for (size_t i = 0; i < bytes.length; i++) {
        if (bytes.data[i] != 0) {
            return codec_data(bytes);
        }
    }
    return (ProtobufCBinaryData){0};
}

char *codec_text(const char *text) {
    return (char *)(uintptr_t)text;
}
