#include "shared/post/outbox.h"

#include <assert.h>
#include <string.h>

#include "shared/base/limits.h"
#include "shared/crypto/sign.h"

enum { VERSION = 1, KEPT_KEY_BYTES = 8 + STREAM_MESSAGE_KEY_BYTES, ITEM_HEAD_BYTES = 64 };

static int state_read(struct store_txn *view, const struct stream_key *key,
                      struct outbox_state *ret) {
    struct bytes value;
    *ret = (struct outbox_state){0};
    int r = store_get(view, TABLE_STREAMS, BYTES_OF(*key), &value);
    if (r == ERR_NOT_FOUND) {
        return 0;
    }
    if (r < 0) {
        return r;
    }
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    ret->incarnation = read_u64(&reader);
    ret->last_number = read_u64(&reader);
    ret->waiting = read_u64(&reader);
    return version != VERSION || reader_end(&reader) < 0 ? ERR_STORAGE : 0;
}

static void state_write(struct store_txn *txn, const struct stream_key *key,
                        const struct outbox_state *state) {
    uint8_t memory[1 + 8 + 8 + 8];
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_u8(&buf, VERSION);
    buf_u64(&buf, state->incarnation);
    buf_u64(&buf, state->last_number);
    buf_u64(&buf, state->waiting);
    store_put(txn, TABLE_STREAMS, BYTES_OF(*key), buf_bytes(&buf));
}

int outbox_state(struct store_txn *view, const struct stream *stream, struct outbox_state *ret) {
    struct stream_key key = stream_key(stream, STREAM_OUT);
    return state_read(view, &key, ret);
}

int outbox_compose(struct store_txn *view, const struct stream *stream,
                   const struct outbox_draft *draft, uint64_t ahead, struct arena *arena,
                   struct bytes *ret_envelope) {
    struct outbox_state state;
    if (draft->body.length > ENVELOPE_BODY_BYTES_MAX) {
        return ERR_TOO_LARGE; /* nobody would take it, and what follows would wait for it */
    }
    int r = outbox_state(view, stream, &state);
    if (r < 0) {
        return r;
    }
    struct envelope envelope = {
        .version = WIRE_VERSION,
        .sender = stream->sender,
        .recipient = stream->recipient,
        .lane = stream->lane,
        .incarnation = state.incarnation == 0 ? 1 : state.incarnation,
        .number = state.last_number + 1 + ahead,
        .id = draft->id,
        .created_ms = draft->created_ms,
        .expires_ms = draft->expires_ms,
        .kind = draft->kind,
        .directory = draft->directory,
        .body = draft->body,
    };
    return envelope_encode(&envelope, arena, ret_envelope);
}

static int item_parse(struct bytes value, struct outbox_item *ret) {
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    ret->kind = (enum message_kind)read_u32(&reader);
    read_raw(&reader, ret->id.bytes, sizeof(ret->id.bytes));
    ret->created_ms = read_i64(&reader);
    ret->packet = read_run(&reader);
    return version != VERSION || reader_end(&reader) < 0 ? ERR_STORAGE : 0;
}

/* Puts the message under its number, without touching the stream's state. */
static int item_write(struct store_txn *txn, const struct stream_key *key,
                      const struct envelope *envelope, const struct posting *posting,
                      struct arena *arena) {
    struct packet packet = {.content = PACKET_POSTING, .posting = *posting};
    struct bytes encoded;
    int r = packet_encode(&packet, arena, &encoded);
    if (r < 0) {
        return r;
    }
    size_t size = ITEM_HEAD_BYTES + encoded.length;
    uint8_t *memory = arena_alloc(arena, size, 1);
    if (memory == NULL) {
        return ERR_NO_MEMORY;
    }
    struct buf buf = buf_over(memory, size);
    buf_u8(&buf, VERSION);
    buf_u32(&buf, envelope->kind);
    buf_raw(&buf, BYTES_OF(envelope->id));
    buf_i64(&buf, envelope->created_ms);
    buf_run(&buf, encoded);
    struct stream_message_key message = stream_message_key(key, envelope->number);
    store_put(txn, TABLE_OUTBOX, BYTES_OF(message), buf_bytes(&buf));
    return 0;
}

int outbox_push(struct store_txn *txn, struct bytes envelope_bytes, struct bytes signature,
                struct arena *arena) {
    struct envelope envelope;
    if (envelope_decode(envelope_bytes, arena, &envelope) != REFUSAL_NONE) {
        return ERR_NO_MEMORY; /* our own bytes: only a full arena can stop them */
    }
    struct stream stream = {
        .sender = envelope.sender, .recipient = envelope.recipient, .lane = envelope.lane};
    struct stream_key key = stream_key(&stream, STREAM_OUT);
    struct outbox_state state;
    int r = state_read(txn, &key, &state);
    if (r < 0) {
        return r;
    }
    assert(envelope.number == state.last_number + 1);
    struct posting posting = {.envelope = envelope_bytes, .signature = signature};
    r = item_write(txn, &key, &envelope, &posting, arena);
    if (r < 0) {
        return r;
    }
    state.incarnation = envelope.incarnation;
    state.last_number = envelope.number;
    state.waiting++;
    state_write(txn, &key, &state);
    return 0;
}

static bool receipt_settles(const struct receipt *receipt, uint64_t number) {
    if (number <= receipt->contiguous) {
        return true;
    }
    if (number < receipt->contiguous + 2) {
        return false;
    }
    uint64_t bit = number - receipt->contiguous - 2;
    return bit / 8 < receipt->beyond_bytes && (receipt->beyond[bit / 8] >> (bit % 8) & 1) != 0;
}

/* The highest number that it speaks of. A peer may say any number: this must not overflow. */
static uint64_t receipt_end(const struct receipt *receipt) {
    uint64_t beyond = 1 + 8 * (uint64_t)receipt->beyond_bytes;
    return receipt->contiguous > UINT64_MAX - beyond ? UINT64_MAX : receipt->contiguous + beyond;
}

static const struct refused *receipt_refusal(const struct receipt *receipt, uint64_t number) {
    for (size_t i = 0; i < receipt->refused_count; i++) {
        if (receipt->refused[i].number == number) {
            return &receipt->refused[i];
        }
    }
    return NULL;
}

static int keep_copy(struct store_txn *txn, struct bytes message_key, struct bytes value,
                     uint64_t keep_at, struct arena *arena) {
    uint8_t key[KEPT_KEY_BYTES];
    be64_write(key, keep_at);
    memcpy(key + 8, message_key.data, STREAM_MESSAGE_KEY_BYTES);
    /* A value may not point into the transaction that it's written to. */
    struct bytes copy = arena_copy(arena, value);
    if (copy.data == NULL) {
        return ERR_NO_MEMORY;
    }
    store_put(txn, TABLE_OUTBOX_KEPT, BYTES_OF(key), copy);
    return 0;
}

static int note_refusal(const struct receipt *receipt, const struct outbox_item *item,
                        struct arena *arena, struct outbox_settled *settled) {
    const struct refused *refused = receipt_refusal(receipt, item->number);
    if (refused == NULL) {
        return 0;
    }
    if (settled->refused == NULL) {
        settled->refused = ARENA_ARRAY(arena, struct outbox_refused, receipt->refused_count);
        if (settled->refused == NULL) {
            return ERR_NO_MEMORY;
        }
    }
    settled->refused[settled->refused_count++] = (struct outbox_refused){
        .number = item->number,
        .id = item->id,
        .kind = item->kind,
        .refusal = refused->refusal,
    };
    return 0;
}

/* One waiting message that the receipt covers. */
static int settle_one(struct store_txn *txn, struct store_cursor *cursor,
                      const struct receipt *receipt, uint64_t keep_at, struct arena *arena,
                      struct outbox_settled *settled) {
    struct outbox_item item = {0};
    struct stream_message_key key;
    if (cursor->key.length != sizeof(key.bytes) || item_parse(cursor->value, &item) < 0) {
        return ERR_STORAGE;
    }
    memcpy(key.bytes, cursor->key.data, sizeof(key.bytes));
    item.number = be64_read(key.bytes + STREAM_KEY_BYTES);
    int r = note_refusal(receipt, &item, arena, settled);
    if (r < 0) {
        return r;
    }
    bool taken = receipt_refusal(receipt, item.number) == NULL;
    if (keep_at != 0 && taken) {
        r = keep_copy(txn, BYTES_OF(key), cursor->value, keep_at, arena);
        if (r < 0) {
            return r;
        }
    }
    store_delete(txn, TABLE_OUTBOX, BYTES_OF(key));
    settled->settled++;
    return 0;
}

int outbox_settle(struct store_txn *txn, const struct stream *stream, const struct receipt *receipt,
                  uint64_t keep_at, struct arena *arena, struct outbox_settled *ret) {
    struct stream_key key = stream_key(stream, STREAM_OUT);
    struct outbox_state state;
    struct outbox_settled settled = {0};
    int r = state_read(txn, &key, &state);
    if (r < 0) {
        return r;
    }
    if (receipt->incarnation != state.incarnation) {
        *ret = settled;
        return 0;
    }
    uint64_t highest = receipt_end(receipt);
    struct store_cursor cursor;
    for (r = store_seek(txn, TABLE_OUTBOX, BYTES_OF(key), &cursor);
         r == 0 && store_under(&cursor, BYTES_OF(key)); r = store_next(&cursor)) {
        uint64_t number = 0;
        if (stream_number_of(cursor.key, &number) < 0) {
            return ERR_STORAGE;
        }
        if (number > highest) {
            break;
        }
        if (receipt_settles(receipt, number)) {
            int failed = settle_one(txn, &cursor, receipt, keep_at, arena, &settled);
            if (failed < 0) {
                return failed;
            }
        }
    }
    store_cursor_close(&cursor);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    state.waiting -= settled.settled;
    if (settled.settled > 0) {
        state_write(txn, &key, &state);
    }
    *ret = settled;
    return 0;
}

int outbox_would_settle(struct store_txn *view, const struct stream *stream,
                        const struct receipt *receipt, bool *ret) {
    struct outbox_state state;
    struct outbox_item item;
    *ret = false;
    int r = outbox_state(view, stream, &state);
    if (r < 0 || state.incarnation != receipt->incarnation || state.waiting == 0) {
        return r;
    }
    uint64_t number = 0;
    while ((r = outbox_find(view, stream, number, &item)) == 0) {
        if (receipt_settles(receipt, item.number)) {
            *ret = true;
            return 0;
        }
        if (item.number > receipt_end(receipt)) {
            return 0;
        }
        number = item.number + 1;
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

int outbox_trim(struct store_txn *txn, uint64_t backed_up_to, uint64_t max_bytes) {
    struct store_cursor cursor;
    uint64_t bytes = 0;
    int r;
    for (r = store_last(txn, TABLE_OUTBOX_KEPT, &cursor); r == 0; r = store_previous(&cursor)) {
        uint64_t kept_at = be64_read(cursor.key.data);
        bytes += cursor.value.length;
        if (kept_at <= backed_up_to || bytes > max_bytes) {
            store_delete(txn, TABLE_OUTBOX_KEPT, cursor.key);
        }
    }
    store_cursor_close(&cursor);
    return r == ERR_NOT_FOUND ? 0 : r;
}

/* The same message under another incarnation and number, signed again where it was signed. */
static int renumber(struct store_txn *txn, const struct stream_key *key,
                    const struct outbox_item *item, const struct sign_secret *sign,
                    const struct outbox_state *state, struct arena *arena) {
    struct packet packet;
    struct envelope envelope;
    if (packet_decode(item->packet, arena, &packet) != REFUSAL_NONE ||
        envelope_decode(packet.posting.envelope, arena, &envelope) != REFUSAL_NONE) {
        return ERR_STORAGE;
    }
    envelope.incarnation = state->incarnation;
    envelope.number = state->last_number;
    struct posting posting = packet.posting;
    int r = envelope_encode(&envelope, arena, &posting.envelope);
    if (r < 0) {
        return r;
    }
    struct signature signature;
    if (posting.signature.length > 0) {
        signature = sign_bytes(sign, "envelope/v1", posting.envelope);
        posting.signature = BYTES_OF(signature);
    }
    return item_write(txn, key, &envelope, &posting, arena);
}

int outbox_restart(struct store_txn *txn, const struct stream *stream, uint64_t incarnation,
                   const struct sign_secret *sign, struct arena *arena) {
    struct stream_key key = stream_key(stream, STREAM_OUT);
    struct outbox_state state;
    int r = state_read(txn, &key, &state);
    if (r < 0) {
        return r;
    }
    assert(incarnation > state.incarnation);
    /* Numbers only get smaller, in order, so a new one never meets a message not yet moved. */
    struct outbox_state begun = {.incarnation = incarnation, .waiting = state.waiting};
    uint64_t number = 0;
    struct outbox_item item;
    while ((r = outbox_find(txn, stream, number, &item)) == 0) {
        item.packet = arena_copy(arena, item.packet);
        if (item.packet.data == NULL) {
            return ERR_NO_MEMORY;
        }
        struct stream_message_key old = stream_message_key(&key, item.number);
        store_delete(txn, TABLE_OUTBOX, BYTES_OF(old));
        begun.last_number++;
        r = renumber(txn, &key, &item, sign, &begun, arena);
        if (r < 0) {
            return r;
        }
        number = item.number + 1;
    }
    if (r != ERR_NOT_FOUND) {
        return r;
    }
    state_write(txn, &key, &begun);
    return 0;
}

int outbox_find(struct store_txn *view, const struct stream *stream, uint64_t number,
                struct outbox_item *ret) {
    struct stream_key key = stream_key(stream, STREAM_OUT);
    struct stream_message_key from = stream_message_key(&key, number);
    struct store_cursor cursor;
    int r = store_seek(view, TABLE_OUTBOX, BYTES_OF(from), &cursor);
    if (r < 0) {
        return r;
    }
    struct outbox_item item = {0};
    bool found = store_under(&cursor, BYTES_OF(key));
    if (found) {
        r = stream_number_of(cursor.key, &item.number);
        r = r < 0 ? ERR_STORAGE : item_parse(cursor.value, &item);
    }
    store_cursor_close(&cursor);
    if (!found) {
        return ERR_NOT_FOUND;
    }
    if (r == 0) {
        *ret = item;
    }
    return r;
}

static int is_of_incarnation(struct bytes value, uint64_t incarnation, struct arena *arena,
                             bool *ret) {
    struct outbox_item item;
    struct packet packet;
    struct envelope envelope;
    int r = item_parse(value, &item);
    if (r < 0) {
        return r;
    }
    if (packet_decode(item.packet, arena, &packet) != REFUSAL_NONE ||
        envelope_decode(packet.posting.envelope, arena, &envelope) != REFUSAL_NONE) {
        return ERR_NO_MEMORY; /* our own bytes */
    }
    *ret = envelope.incarnation == incarnation;
    return 0;
}

int outbox_put_back(struct store_txn *txn, const struct stream *stream,
                    const struct receipt *receipt, struct arena *arena, uint64_t *ret_count) {
    struct stream_key key = stream_key(stream, STREAM_OUT);
    struct outbox_state state;
    int r = state_read(txn, &key, &state);
    if (r < 0) {
        return r;
    }
    *ret_count = 0;
    if (receipt->incarnation != state.incarnation) {
        return 0;
    }
    struct store_cursor cursor;
    for (r = store_first(txn, TABLE_OUTBOX_KEPT, &cursor); r == 0; r = store_next(&cursor)) {
        struct bytes message = {.data = cursor.key.data + 8, .length = cursor.key.length - 8};
        bool ours = cursor.key.length == KEPT_KEY_BYTES &&
                    memcmp(message.data, key.bytes, sizeof(key.bytes)) == 0;
        uint64_t number = ours ? be64_read(message.data + STREAM_KEY_BYTES) : 0;
        if (!ours || receipt_settles(receipt, number)) {
            continue;
        }
        uint8_t kept_key[KEPT_KEY_BYTES];
        memcpy(kept_key, cursor.key.data, sizeof(kept_key));
        struct bytes value = arena_copy(arena, cursor.value);
        if (value.data == NULL) {
            return ERR_NO_MEMORY;
        }
        bool current;
        r = is_of_incarnation(value, state.incarnation, arena, &current);
        if (r < 0) {
            return r;
        }
        if (!current) {
            continue; /* its number is another message's now */
        }
        struct bytes moved = {.data = kept_key + 8, .length = STREAM_MESSAGE_KEY_BYTES};
        store_put(txn, TABLE_OUTBOX, moved, value);
        store_delete(txn, TABLE_OUTBOX_KEPT, BYTES_OF(kept_key));
        (*ret_count)++;
    }
    store_cursor_close(&cursor);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    state.waiting += *ret_count;
    state_write(txn, &key, &state);
    return 0;
}
