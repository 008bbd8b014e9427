#include "shared/post/stream.h"

#include <string.h>

#include "shared/base/limits.h"
#include "shared/crypto/hash.h"

struct stream_key stream_key(const struct stream *stream, enum stream_side side) {
    struct hash hash;
    hash_begin(&hash, "stream/v1");
    hash_run(&hash, BYTES_OF(stream->sender));
    hash_run(&hash, BYTES_OF(stream->recipient));
    struct digest digest = hash_end(&hash);
    struct stream_key key = {.bytes = {(uint8_t)side, (uint8_t)stream->lane}};
    memcpy(key.bytes + 2, digest.bytes, STREAM_KEY_BYTES - 2);
    return key;
}

struct stream_message_key stream_message_key(const struct stream_key *stream, uint64_t number) {
    struct stream_message_key key;
    memcpy(key.bytes, stream->bytes, STREAM_KEY_BYTES);
    be64_write(key.bytes + STREAM_KEY_BYTES, number);
    return key;
}

int stream_number_of(struct bytes message_key, uint64_t *ret) {
    if (message_key.length != STREAM_MESSAGE_KEY_BYTES) {
        return ERR_MALFORMED;
    }
    *ret = be64_read(message_key.data + STREAM_KEY_BYTES);
    return 0;
}

void stamp_of_envelope(const struct envelope *envelope, struct stamp *ret) {
    *ret = (struct stamp){
        .stream = {.sender = envelope->sender,
                   .recipient = envelope->recipient,
                   .lane = envelope->lane},
        .incarnation = envelope->incarnation,
        .number = envelope->number,
        .id = envelope->id,
    };
}

static void write_address(struct buf *buf, const struct address *address) {
    buf_text(buf, address->org.text);
    buf_text(buf, address->hub.text);
}

static void read_address(struct reader *reader, struct address *ret) {
    *ret = (struct address){0};
    read_text(reader, ret->org.text, sizeof(ret->org.text));
    read_text(reader, ret->hub.text, sizeof(ret->hub.text));
}

void stamp_write(struct buf *buf, const struct stamp *stamp) {
    write_address(buf, &stamp->stream.sender);
    write_address(buf, &stamp->stream.recipient);
    buf_u8(buf, (uint8_t)stamp->stream.lane);
    buf_u64(buf, stamp->incarnation);
    buf_u64(buf, stamp->number);
    buf_raw(buf, BYTES_OF(stamp->id));
}

void stamp_read(struct reader *reader, struct stamp *ret) {
    *ret = (struct stamp){0};
    read_address(reader, &ret->stream.sender);
    read_address(reader, &ret->stream.recipient);
    uint8_t lane = read_u8(reader);
    if (lane >= LANES) {
        reader->error = ERR_MALFORMED;
    }
    ret->stream.lane = (enum lane)lane;
    ret->incarnation = read_u64(reader);
    ret->number = read_u64(reader);
    read_raw(reader, ret->id.bytes, sizeof(ret->id.bytes));
}
