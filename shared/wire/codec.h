/* What the decoders of this room share: protobuf-c over an arena, and checked copies out of it.
 *
 * Private to shared/wire: protobuf-c's types must not leave the room. */
#pragma once

#include <protobuf-c/protobuf-c.h>

#include "shared/base/arena.h"
#include "shared/base/ids.h"
#include "shared/base/lists.h"
#include "shared/wire/scan.h"
#include "shared/wire/vangnet.pb-c.h"

/* Scans, then unpacks into the arena; what comes back lives as long as the arena's contents. */
enum refusal codec_unpack(struct bytes bytes, const struct wire_shape *shape,
                          const ProtobufCMessageDescriptor *descriptor, struct arena *arena,
                          ProtobufCMessage **ret);
/* As codec_unpack, with the count of fields from a newer version. */
enum refusal codec_unpack_counted(struct bytes bytes, const struct wire_shape *shape,
                                  const ProtobufCMessageDescriptor *descriptor, struct arena *arena,
                                  ProtobufCMessage **ret, uint32_t *ret_unknown);
int codec_pack(const ProtobufCMessage *message, struct arena *arena, struct bytes *ret);
/* Fills up to the first of `sizes` (ascending) that it fits, with zeros in `field`, which is below
 * 16. Errors as codec_pack's, ERR_TOO_LARGE beyond the last size. */
struct codec_padding {
    uint32_t field;
    const size_t *sizes;
    size_t count;
};
int codec_pack_padded(const ProtobufCMessage *message, const struct codec_padding *padding,
                      struct arena *arena, struct bytes *ret);

/* A failed check is remembered: the caller tests `refusal` once, at the end. */
struct check {
    enum refusal refusal;
    struct arena *arena;
};

void check_that(struct check *check, bool holds, enum refusal otherwise);
struct bytes check_bytes(struct check *check, ProtobufCBinaryData data);
/* Exactly `length` bytes, or none at all where `optional` (then zeros). */
void check_fixed(struct check *check, ProtobufCBinaryData data, bool optional, void *ret,
                 size_t length);
/* Valid UTF-8 without control characters, at most size - 1 bytes. */
void check_text(struct check *check, const char *text, char *ret_text, size_t size);
/* An id of the given parser; an empty text gives zeros where `optional`. */
void check_org(struct check *check, const char *text, bool optional, struct org_id *ret);
void *check_array(struct check *check, size_t count, size_t size, size_t max);

ProtobufCBinaryData codec_data(struct bytes bytes);
/* Nothing where all of them are zeros: of a field that may be absent. */
ProtobufCBinaryData codec_data_or_none(struct bytes bytes);
/* protobuf-c wants mutable pointers to what it only reads. */
char *codec_text(const char *text);
