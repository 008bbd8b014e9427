/* Streams: (sender, recipient, lane, incarnation), numbered from 1 (DESIGN 3, Messages and post).
 *
 * Here are a stream's name, its key in the tables and the stamp by which a fact says which message
 * of which stream it came from. Inbox and outbox keep a stream's two ends; the office and the cores
 * use all three. */
#pragma once

#include "shared/base/buf.h"
#include "shared/base/ids.h"
#include "shared/base/lists.h"
#include "shared/store/txn.h"
#include "shared/wire/packet.h"

/* Without the incarnation: that's the stream's state. */
struct stream {
    struct address sender;
    struct address recipient;
    enum lane lane;
};

/* A side ('i' inbox, 'o' outbox), the lane, and 16 bytes of a hash over both addresses: fixed size
 * whatever the names. With a number behind it, it is the key of one message. */
enum { STREAM_KEY_BYTES = 18, STREAM_MESSAGE_KEY_BYTES = STREAM_KEY_BYTES + 8 };

struct stream_key {
    uint8_t bytes[STREAM_KEY_BYTES];
};

struct stream_message_key {
    uint8_t bytes[STREAM_MESSAGE_KEY_BYTES];
};

/* STREAM_KNOWN: what the inbox knows of incarnations before this one. */
enum stream_side { STREAM_IN = 'i', STREAM_OUT = 'o', STREAM_KNOWN = 'k' };

struct stream_key stream_key(const struct stream *stream, enum stream_side side);
struct stream_message_key stream_message_key(const struct stream_key *stream, uint64_t number);
/* The number in a message key. Errors: ERR_MALFORMED (another length). */
MUST_CHECK int stream_number_of(struct bytes message_key, uint64_t *ret);

/* Which message a fact came from, so that apply can settle its number. Stands at the head of the
 * body of every fact made of a message. */
struct stamp {
    struct stream stream;
    uint64_t incarnation;
    uint64_t number;
    struct message_id id;
};

void stamp_of_envelope(const struct envelope *envelope, struct stamp *ret);
void stamp_write(struct buf *buf, const struct stamp *stamp);
void stamp_read(struct reader *reader, struct stamp *ret);
