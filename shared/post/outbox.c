#include "shared/post/outbox_inside.h"

#include <assert.h>
#include <string.h>

#include "shared/base/limits.h"
#include "shared/crypto/sign.h"

enum { VERSION = 1 };

int outbox_state_get(struct store_txn *view, const struct stream_key *key,
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

void outbox_state_put(struct store_txn *txn, const struct stream_key *key,
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
    return outbox_state_get(view, &key, ret);
}

int outbox_compose(struct store_txn *view, const struct stream *stream,
                   const struct outbox_draft *draft, struct arena *arena,
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
        .number = state.last_number + 1 + draft->ahead,
        .id = draft->id,
        .created_ms = draft->created_ms,
        .expires_ms = draft->expires_ms,
        .kind = draft->kind,
        .directory = draft->directory,
        .body = draft->body,
    };
    return envelope_encode(&envelope, arena, ret_envelope);
}

static int push(const struct outbox_putting *to, const struct posting *posting) {
    struct envelope envelope;
    enum refusal refusal = envelope_decode(posting->envelope, to->arena, &envelope);
    if (refusal != REFUSAL_NONE) {
        return outbox_decode_error(refusal);
    }
    struct stream stream = {
        .sender = envelope.sender, .recipient = envelope.recipient, .lane = envelope.lane};
    struct stream_key key = stream_key(&stream, STREAM_OUT);
    struct outbox_putting here = *to;
    struct outbox_state state;
    int r = outbox_state_get(to->txn, &key, &state);
    if (r < 0) {
        return r;
    }
    assert(envelope.number == state.last_number + 1);
    here.key = &key;
    r = outbox_item_put(&here, &envelope, posting);
    if (r < 0) {
        return r;
    }
    state.incarnation = envelope.incarnation;
    state.last_number = envelope.number;
    state.waiting++;
    outbox_state_put(to->txn, &key, &state);
    return 0;
}

int outbox_push(struct store_txn *txn, struct bytes envelope, struct bytes signature,
                struct arena *arena) {
    const struct posting posting = {.envelope = envelope, .signature = signature};
    const struct outbox_seal open = {.record_key = 0};
    return push(&(struct outbox_putting){.txn = txn, .seal = &open, .arena = arena}, &posting);
}

int outbox_push_sealed(struct store_txn *txn, const struct posting *posting,
                       const struct outbox_keys *keys, const struct outbox_seal *seal,
                       struct arena *arena) {
    const struct outbox_putting to = {.txn = txn, .keys = keys, .seal = seal, .arena = arena};
    return push(&to, posting);
}

bool outbox_receipt_settles(const struct receipt *receipt, uint64_t number) {
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

struct settling {
    struct store_txn *txn;
    const struct receipt *receipt;
    const struct outbox_keep *keep;
    const struct outbox_keys *keys;
    struct arena *arena;
    struct outbox_settled *settled;
};

/* One waiting message that the receipt covers. */
static int settle_one(const struct settling *settling, const struct store_cursor *cursor) {
    struct outbox_item item = {0};
    struct stream_message_key key;
    struct store_txn *txn = settling->txn;
    if (cursor->key.length != sizeof(key.bytes) || outbox_item_parse(cursor->value, &item) < 0) {
        return ERR_STORAGE;
    }
    memcpy(key.bytes, cursor->key.data, sizeof(key.bytes));
    item.number = be64_read(key.bytes + STREAM_KEY_BYTES);
    int r = note_refusal(settling->receipt, &item, settling->arena, settling->settled);
    if (r < 0) {
        return r;
    }
    bool taken = receipt_refusal(settling->receipt, item.number) == NULL;
    if (settling->keep != NULL && taken) {
        struct outbox_copy copy = {
            .incarnation = settling->receipt->incarnation, .key = &key, .value = cursor->value};
        r = outbox_copy_keep(txn, &copy, settling->keep, settling->arena);
        if (r < 0) {
            return r;
        }
    } else {
        outbox_item_spend(txn, &item, settling->keys);
    }
    store_delete(txn, TABLE_OUTBOX, BYTES_OF(key));
    settling->settled->settled++;
    return 0;
}

static int settle_all(const struct settling *settling, const struct stream_key *key) {
    uint64_t highest = receipt_end(settling->receipt);
    struct store_cursor cursor;
    int r;
    for (r = store_seek(settling->txn, TABLE_OUTBOX, BYTES_OF(*key), &cursor);
         r == 0 && store_under(&cursor, BYTES_OF(*key)); r = store_next(&cursor)) {
        uint64_t number = 0;
        if (stream_number_of(cursor.key, &number) < 0) {
            return ERR_STORAGE;
        }
        if (number > highest) {
            break;
        }
        if (outbox_receipt_settles(settling->receipt, number)) {
            int failed = settle_one(settling, &cursor);
            if (failed < 0) {
                return failed;
            }
        }
    }
    store_cursor_close(&cursor);
    return r == ERR_NOT_FOUND ? 0 : r;
}

int outbox_settle(struct store_txn *txn, const struct outbox_receipt *from, struct arena *arena,
                  struct outbox_settled *ret) {
    struct stream_key key = stream_key(from->stream, STREAM_OUT);
    struct outbox_state state;
    struct outbox_settled settled = {0};
    const struct settling settling = {.txn = txn,
                                      .receipt = from->receipt,
                                      .keep = from->keep,
                                      .keys = from->keys,
                                      .arena = arena,
                                      .settled = &settled};
    int r = outbox_state_get(txn, &key, &state);
    if (r == 0 && from->receipt->incarnation == state.incarnation) {
        r = settle_all(&settling, &key);
    }
    if (r < 0) {
        return r;
    }
    state.waiting -= settled.settled;
    if (settled.settled > 0) {
        outbox_state_put(txn, &key, &state);
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
        if (outbox_receipt_settles(receipt, item.number)) {
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
        r = r < 0 ? ERR_STORAGE : outbox_item_parse(cursor.value, &item);
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
