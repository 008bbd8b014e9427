#include "shared/post/inbox.h"

#include <string.h>

#include "shared/base/limits.h"

enum { STATE_VERSION = 1, WINDOW_BYTES = INBOX_WINDOW / 8, MESSAGE_VERSION = 1 };

/* Bit k of `window`: number contiguous + 2 + k is settled, as in struct receipt. */
struct state {
    uint64_t incarnation;
    uint64_t contiguous;
    uint8_t window[WINDOW_BYTES];
};

static int state_read(struct store_txn *view, const struct stream_key *key, struct state *ret) {
    struct bytes value;
    *ret = (struct state){0};
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
    ret->contiguous = read_u64(&reader);
    struct bytes window = read_run(&reader);
    if (version != STATE_VERSION || reader_end(&reader) < 0 || window.length > WINDOW_BYTES) {
        return ERR_STORAGE;
    }
    if (window.length > 0) {
        memcpy(ret->window, window.data, window.length);
    }
    return 0;
}

/* Without the zero bytes at the end: nearly always there is no window at all. */
static size_t window_length(const struct state *state) {
    size_t length = WINDOW_BYTES;
    while (length > 0 && state->window[length - 1] == 0) {
        length--;
    }
    return length;
}

static void state_write(struct store_txn *txn, const struct stream_key *key,
                        const struct state *state) {
    uint8_t memory[1 + 8 + 8 + 4 + WINDOW_BYTES];
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_u8(&buf, STATE_VERSION);
    buf_u64(&buf, state->incarnation);
    buf_u64(&buf, state->contiguous);
    buf_run(&buf, (struct bytes){.data = state->window, .length = window_length(state)});
    store_put(txn, TABLE_STREAMS, BYTES_OF(*key), buf_bytes(&buf));
}

static bool window_has(const struct state *state, uint64_t number) {
    if (number < state->contiguous + 2 || number - state->contiguous - 2 >= INBOX_WINDOW) {
        return false;
    }
    uint64_t bit = number - state->contiguous - 2;
    return (state->window[bit / 8] >> (bit % 8) & 1) != 0;
}

static void window_shift(struct state *state) {
    for (size_t i = 0; i < WINDOW_BYTES; i++) {
        uint8_t carry = i + 1 < WINDOW_BYTES ? (uint8_t)(state->window[i + 1] << 7) : 0;
        state->window[i] = (uint8_t)(state->window[i] >> 1 | carry);
    }
}

/* Moves `contiguous` over what came early. */
static void state_settle(struct state *state, uint64_t number) {
    if (number > state->contiguous + 1) {
        uint64_t bit = number - state->contiguous - 2;
        state->window[bit / 8] = (uint8_t)(state->window[bit / 8] | 1U << (bit % 8));
        return;
    }
    bool next_is_settled;
    do {
        state->contiguous++;
        next_is_settled = (state->window[0] & 1) != 0;
        window_shift(state);
    } while (next_is_settled);
}

static int same_id(struct store_txn *view, const struct stream_key *key, const struct stamp *stamp,
                   bool *ret) {
    struct stream_message_key message = stream_message_key(key, stamp->number);
    struct bytes value;
    int r = store_get(view, TABLE_INBOX, BYTES_OF(message), &value);
    if (r == ERR_NOT_FOUND) {
        *ret = true; /* older than we keep ids: then the number alone decides */
        return 0;
    }
    if (r < 0) {
        return r;
    }
    *ret = bytes_equal(value, BYTES_OF(stamp->id));
    return 0;
}

int inbox_judge(struct store_txn *view, const struct stamp *stamp, enum inbox_verdict *ret) {
    struct stream_key key = stream_key(&stamp->stream, STREAM_IN);
    struct state state;
    int r = state_read(view, &key, &state);
    if (r < 0) {
        return r;
    }
    if (stamp->incarnation < state.incarnation) {
        *ret = INBOX_OLD_INCARNATION;
        return 0;
    }
    if (stamp->incarnation > state.incarnation) {
        state = (struct state){.incarnation = stamp->incarnation};
    }
    if (stamp->number <= state.contiguous || window_has(&state, stamp->number)) {
        bool same = true;
        r = same_id(view, &key, stamp, &same);
        *ret = same ? INBOX_DUPLICATE : INBOX_CONFLICT;
        return r;
    }
    if (stamp->number - state.contiguous > INBOX_WINDOW) {
        *ret = INBOX_TOO_FAR;
        return 0;
    }
    *ret = stamp->number == state.contiguous + 1 ? INBOX_NEW : INBOX_OUT_OF_ORDER;
    return 0;
}

static void forget(struct store_txn *txn, const struct stream_key *key, uint64_t number) {
    struct stream_message_key message = stream_message_key(key, number);
    store_delete(txn, TABLE_INBOX, BYTES_OF(message));
    store_delete(txn, TABLE_REFUSALS, BYTES_OF(message));
}

/* -- ids of earlier incarnations -- */

enum { KNOWN_KEY_BYTES = STREAM_KEY_BYTES + sizeof(struct message_id) };

struct known_key {
    uint8_t bytes[KNOWN_KEY_BYTES];
};

static struct known_key known_key(const struct stream *stream, struct bytes id) {
    struct known_key key;
    struct stream_key of = stream_key(stream, STREAM_KNOWN);
    memcpy(key.bytes, of.bytes, STREAM_KEY_BYTES);
    memcpy(key.bytes + STREAM_KEY_BYTES, id.data, sizeof(struct message_id));
    return key;
}

static enum refusal refusal_at(struct store_txn *view, struct bytes message_key) {
    struct bytes value;
    bool refused = store_get(view, TABLE_REFUSALS, message_key, &value) == 0 && value.length == 2;
    return refused ? (enum refusal)value.data[1] : REFUSAL_NONE;
}

/* The ids of an incarnation that the message itself will end. */
static int find_among_last(struct store_txn *view, const struct stamp *stamp, enum refusal *ret) {
    struct stream_key key = stream_key(&stamp->stream, STREAM_IN);
    struct store_cursor cursor;
    int r;
    for (r = store_seek(view, TABLE_INBOX, BYTES_OF(key), &cursor);
         r == 0 && store_under(&cursor, BYTES_OF(key)); r = store_next(&cursor)) {
        if (bytes_equal(cursor.value, BYTES_OF(stamp->id))) {
            *ret = refusal_at(view, cursor.key);
            return 0;
        }
    }
    return r < 0 ? r : ERR_NOT_FOUND;
}

int inbox_known(struct store_txn *view, const struct stamp *stamp, enum refusal *ret) {
    struct stream_key of = stream_key(&stamp->stream, STREAM_IN);
    struct known_key key = known_key(&stamp->stream, BYTES_OF(stamp->id));
    struct state state;
    struct bytes value;
    int r = state_read(view, &of, &state);
    if (r == 0) {
        r = store_get(view, TABLE_INBOX, BYTES_OF(key), &value);
    }
    if (r == ERR_NOT_FOUND && stamp->incarnation > state.incarnation) {
        return find_among_last(view, stamp, ret);
    }
    if (r < 0) {
        return r;
    }
    if (value.length != 2 || value.data[0] != MESSAGE_VERSION) {
        return ERR_STORAGE;
    }
    *ret = (enum refusal)value.data[1];
    return 0;
}

/* Room for what is moved there: one that begins anew time and again must not fill the table. */
static void trim_known(struct store_txn *txn, const struct stream *stream) {
    struct stream_key prefix = stream_key(stream, STREAM_KNOWN);
    struct store_cursor cursor;
    size_t count = 0;
    int r;
    for (r = store_seek(txn, TABLE_INBOX, BYTES_OF(prefix), &cursor);
         r == 0 && store_under(&cursor, BYTES_OF(prefix)); r = store_next(&cursor)) {
        count++;
    }
    if (count <= INBOX_KEPT) {
        return;
    }
    for (r = store_seek(txn, TABLE_INBOX, BYTES_OF(prefix), &cursor);
         r == 0 && store_under(&cursor, BYTES_OF(prefix)); r = store_next(&cursor)) {
        store_delete(txn, TABLE_INBOX, cursor.key);
    }
}

static void keep_known(struct store_txn *txn, const struct stream *stream,
                       const struct store_cursor *cursor) {
    uint8_t value[2] = {MESSAGE_VERSION, (uint8_t)refusal_at(txn, cursor->key)};
    if (cursor->value.length != sizeof(struct message_id)) {
        return;
    }
    struct known_key key = known_key(stream, cursor->value);
    store_put(txn, TABLE_INBOX, BYTES_OF(key), BYTES_OF(value));
}

/* A new incarnation counts from 1 again: ids of the old one must not be taken for conflicts, but
 * are known. */
static void begin_anew(struct store_txn *txn, const struct stream *stream,
                       const struct stream_key *key) {
    struct store_cursor cursor;
    int r;
    trim_known(txn, stream);
    for (r = store_seek(txn, TABLE_INBOX, BYTES_OF(*key), &cursor);
         r == 0 && store_under(&cursor, BYTES_OF(*key)); r = store_next(&cursor)) {
        uint64_t number = 0;
        if (stream_number_of(cursor.key, &number) == 0) {
            keep_known(txn, stream, &cursor);
            forget(txn, key, number);
        }
    }
    store_cursor_close(&cursor);
}

static void remember(struct store_txn *txn, const struct stream_key *key, const struct stamp *stamp,
                     enum refusal refusal) {
    struct stream_message_key message = stream_message_key(key, stamp->number);
    store_put(txn, TABLE_INBOX, BYTES_OF(message), BYTES_OF(stamp->id));
    if (refusal != REFUSAL_NONE) {
        uint8_t value[2] = {MESSAGE_VERSION, (uint8_t)refusal};
        store_put(txn, TABLE_REFUSALS, BYTES_OF(message), BYTES_OF(value));
    }
}

void inbox_settle(struct store_txn *txn, const struct stamp *stamp, enum refusal refusal) {
    struct stream_key key = stream_key(&stamp->stream, STREAM_IN);
    struct state state;
    if (state_read(txn, &key, &state) < 0) {
        return; /* the failure sticks to the transaction */
    }
    if (stamp->incarnation > state.incarnation) {
        begin_anew(txn, &stamp->stream, &key);
        state = (struct state){.incarnation = stamp->incarnation};
    }
    state_settle(&state, stamp->number);
    remember(txn, &key, stamp, refusal);
    if (stamp->number > INBOX_KEPT) {
        forget(txn, &key, stamp->number - INBOX_KEPT);
    }
    state_write(txn, &key, &state);
}

void inbox_refused_write(struct buf *buf, const struct stamp *stamp, enum refusal refusal) {
    stamp_write(buf, stamp);
    buf_u32(buf, refusal);
}

int inbox_apply_taken(struct store_txn *txn, struct bytes body) {
    struct reader reader = reader_over(body);
    struct stamp stamp;
    stamp_read(&reader, &stamp);
    if (reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    inbox_settle(txn, &stamp, REFUSAL_NONE);
    return 0;
}

int inbox_apply_refused(struct store_txn *txn, struct bytes body) {
    struct reader reader = reader_over(body);
    struct stamp stamp;
    stamp_read(&reader, &stamp);
    enum refusal refusal = (enum refusal)read_u32(&reader);
    if (reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    inbox_settle(txn, &stamp, refusal);
    return 0;
}

/* One pass to count, so that the usual stream without refusals asks for no memory. */
static int read_refusals(struct store_txn *view, const struct stream_key *key, struct arena *arena,
                         struct receipt *receipt) {
    struct store_cursor cursor;
    size_t count = 0;
    int r;
    for (int pass = 0; pass < 2; pass++) {
        size_t found = 0;
        for (r = store_seek(view, TABLE_REFUSALS, BYTES_OF(*key), &cursor);
             r == 0 && store_under(&cursor, BYTES_OF(*key)) && found < INBOX_KEPT;
             r = store_next(&cursor)) {
            uint64_t number;
            if (stream_number_of(cursor.key, &number) < 0 || cursor.value.length != 2) {
                return ERR_STORAGE;
            }
            if (pass == 1) {
                receipt->refused[found] = (struct refused){
                    .number = number, .refusal = (enum refusal)cursor.value.data[1]};
            }
            found++;
        }
        store_cursor_close(&cursor);
        if (r < 0 && r != ERR_NOT_FOUND) {
            return r;
        }
        if (found == 0) {
            return 0;
        }
        if (pass == 0) {
            receipt->refused = ARENA_ARRAY(arena, struct refused, found);
            if (receipt->refused == NULL) {
                return ERR_NO_MEMORY;
            }
        }
        count = found;
    }
    receipt->refused_count = count;
    return 0;
}

int inbox_receipt(struct store_txn *view, const struct stream *stream, struct arena *arena,
                  struct receipt *ret) {
    struct stream_key key = stream_key(stream, STREAM_IN);
    struct state state;
    int r = state_read(view, &key, &state);
    if (r < 0) {
        return r;
    }
    struct receipt receipt = {
        .lane = stream->lane,
        .incarnation = state.incarnation,
        .contiguous = state.contiguous,
        .beyond_bytes = window_length(&state),
    };
    memcpy(receipt.beyond, state.window, receipt.beyond_bytes);
    r = read_refusals(view, &key, arena, &receipt);
    if (r == 0) {
        *ret = receipt;
    }
    return r;
}
