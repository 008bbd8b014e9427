#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/post/outbox_inside.h"

/* Copies of what was settled, and beginning anew.
 *
 * TABLE_OUTBOX_KEPT: the hub's sequence at the receipt, incarnation and message key, so that the
 * oldest are in front and no copy has the key of another incarnation's. The value: version, when it
 * was settled, and the value it had in TABLE_OUTBOX. How many bytes there are stands in TABLE_META.
 */

enum {
    VERSION = 1,
    KEPT_KEY_BYTES = 8 + 8 + STREAM_MESSAGE_KEY_BYTES,
    KEPT_HEAD_BYTES = 1 + 8 + 4,
    SCRATCH_BYTES = 8 << 20,           /* for one message at a time */
    LIST_BYTES = OUTBOX_KEEP_BYTES_MAX /* of struct missing: each is smaller than its copy */
};

struct kept_key {
    uint8_t bytes[KEPT_KEY_BYTES];
};

struct kept {
    uint64_t at;
    uint64_t incarnation;
    struct bytes message_key;
    int64_t settled_ms;
    struct bytes value;
};

static struct kept_key kept_key(uint64_t at, uint64_t incarnation,
                                const struct stream_message_key *message) {
    struct kept_key key;
    be64_write(key.bytes, at);
    be64_write(key.bytes + 8, incarnation);
    memcpy(key.bytes + 16, message->bytes, STREAM_MESSAGE_KEY_BYTES);
    return key;
}

static int kept_value_parse(struct bytes value, struct kept *ret) {
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    ret->settled_ms = read_i64(&reader);
    ret->value = read_run(&reader);
    return version != VERSION || reader_end(&reader) < 0 ? ERR_STORAGE : 0;
}

static int kept_parse(const struct store_cursor *cursor, struct kept *ret) {
    if (cursor->key.length != KEPT_KEY_BYTES) {
        return ERR_STORAGE;
    }
    ret->at = be64_read(cursor->key.data);
    ret->incarnation = be64_read(cursor->key.data + 8);
    ret->message_key =
        (struct bytes){.data = cursor->key.data + 16, .length = STREAM_MESSAGE_KEY_BYTES};
    return kept_value_parse(cursor->value, ret);
}

/* -- how much there is -- */

static const char bytes_name[] = "outbox_kept_bytes";

static int kept_bytes_get(struct store_txn *view, uint64_t *ret) {
    struct bytes value;
    *ret = 0;
    int r = store_get(view, TABLE_META, bytes_from_text(bytes_name), &value);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    if (value.length != 8) {
        return ERR_STORAGE;
    }
    *ret = be64_read(value.data);
    return 0;
}

static void kept_bytes_put(struct store_txn *txn, uint64_t bytes) {
    uint8_t value[8];
    be64_write(value, bytes);
    store_put(txn, TABLE_META, bytes_from_text(bytes_name), BYTES_OF(value));
}

/* -- keeping and trimming -- */

int outbox_copy_keep(struct store_txn *txn, const struct outbox_copy *copy,
                     const struct outbox_keep *keep, struct arena *arena) {
    struct kept_key key = kept_key(keep->at, copy->incarnation, copy->key);
    size_t size = KEPT_HEAD_BYTES + copy->value.length;
    uint8_t *memory = arena_alloc(arena, size, 1);
    struct bytes before;
    uint64_t bytes;
    if (memory == NULL) {
        return ERR_NO_MEMORY;
    }
    struct buf buf = buf_over(memory, size);
    buf_u8(&buf, VERSION);
    buf_i64(&buf, keep->now_ms);
    buf_run(&buf, copy->value);
    int r = kept_bytes_get(txn, &bytes);
    if (r == 0) {
        r = store_get(txn, TABLE_OUTBOX_KEPT, BYTES_OF(key), &before);
        bytes -= r == 0 ? before.length : 0;
    }
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    store_put(txn, TABLE_OUTBOX_KEPT, BYTES_OF(key), buf_bytes(&buf));
    kept_bytes_put(txn, bytes + size);
    return 0;
}

int outbox_forget(struct store_txn *txn, struct bytes part, enum message_kind but) {
    struct store_cursor cursor;
    uint64_t bytes;
    int r = kept_bytes_get(txn, &bytes);
    if (r < 0) {
        return r;
    }
    uint64_t left = bytes;
    for (r = store_first(txn, TABLE_OUTBOX_KEPT, &cursor); r == 0; r = store_next(&cursor)) {
        struct kept kept;
        struct outbox_item item;
        if (kept_parse(&cursor, &kept) < 0 || outbox_item_parse(kept.value, &item) < 0) {
            return ERR_STORAGE;
        }
        const bool named =
            memmem(kept.value.data, kept.value.length, part.data, part.length) != NULL;
        if (item.kind == but || !named) {
            continue;
        }
        left -= cursor.value.length;
        store_delete(txn, TABLE_OUTBOX_KEPT, cursor.key);
    }
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    if (left != bytes) {
        kept_bytes_put(txn, left);
    }
    return 0;
}

int outbox_trim(struct store_txn *txn, uint64_t backed_up_to, int64_t now_ms, uint64_t max_bytes) {
    const int64_t since_ms = now_ms - (int64_t)OUTBOX_KEEP_DAYS * DAY_MS;
    struct store_cursor cursor;
    uint64_t bytes;
    int r = kept_bytes_get(txn, &bytes);
    if (r < 0) {
        return r;
    }
    uint64_t left = bytes;
    for (r = store_first(txn, TABLE_OUTBOX_KEPT, &cursor); r == 0; r = store_next(&cursor)) {
        struct kept kept;
        r = kept_parse(&cursor, &kept);
        if (r < 0) {
            return r;
        }
        if (kept.at > backed_up_to && left <= max_bytes && kept.settled_ms >= since_ms) {
            break;
        }
        left -= cursor.value.length;
        store_delete(txn, TABLE_OUTBOX_KEPT, cursor.key);
    }
    store_cursor_close(&cursor);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    if (left != bytes) {
        kept_bytes_put(txn, left);
    }
    return 0;
}

/* -- beginning anew -- */

struct anew {
    struct store_txn *txn;
    struct stream_key key;
    const struct sign_secret *sign;
    uint64_t incarnation;
    struct arena *scratch; /* reset after each message */
};

/* The same message under the new incarnation and another number, signed again where it was signed.
 * `packet` is in the scratch. */
static int renumber(const struct anew *anew, struct bytes packet_bytes, uint64_t number) {
    struct packet packet;
    struct envelope envelope;
    enum refusal refusal = packet_decode(packet_bytes, anew->scratch, &packet);
    if (refusal == REFUSAL_NONE) {
        refusal = envelope_decode(packet.posting.envelope, anew->scratch, &envelope);
    }
    if (refusal != REFUSAL_NONE) {
        return outbox_decode_error(refusal);
    }
    envelope.incarnation = anew->incarnation;
    envelope.number = number;
    struct posting posting = packet.posting;
    int r = envelope_encode(&envelope, anew->scratch, &posting.envelope);
    if (r < 0) {
        return r;
    }
    struct signature signature;
    if (posting.signature.length > 0) {
        signature = sign_bytes(anew->sign, "envelope/v1", posting.envelope);
        posting.signature = BYTES_OF(signature);
    }
    r = outbox_item_put(anew->txn, &anew->key, &envelope, &posting, anew->scratch);
    arena_reset(anew->scratch);
    return r;
}

static int move(const struct anew *anew, const struct outbox_item *item, uint64_t number) {
    struct stream_message_key old = stream_message_key(&anew->key, item->number);
    struct bytes packet = arena_copy(anew->scratch, item->packet);
    if (packet.data == NULL) {
        return ERR_NO_MEMORY;
    }
    store_delete(anew->txn, TABLE_OUTBOX, BYTES_OF(old));
    return renumber(anew, packet, number);
}

/* Numbers what waits from `first` on. Downwards in order, so a new number never meets a message not
 * yet moved; then upwards from the last. */
static int move_all(const struct anew *anew, const struct stream *stream, uint64_t first,
                    uint64_t *ret_count) {
    struct outbox_item item = {0};
    uint64_t count = 0;
    int r;
    for (r = outbox_find(anew->txn, stream, 0, &item); r == 0;
         r = outbox_find(anew->txn, stream, item.number + 1, &item)) {
        int failed = move(anew, &item, ++count);
        if (failed < 0) {
            return failed;
        }
    }
    if (r != ERR_NOT_FOUND) {
        return r;
    }
    for (uint64_t number = count; first > 1 && number > 0; number--) {
        r = outbox_find(anew->txn, stream, number, &item);
        if (r == 0) {
            r = move(anew, &item, number + first - 1);
        }
        if (r < 0) {
            return r == ERR_NOT_FOUND ? ERR_STORAGE : r;
        }
    }
    *ret_count = count;
    return 0;
}

static int restart(struct anew *anew, const struct stream *stream) {
    uint64_t count;
    int r = arena_new(SCRATCH_BYTES, &anew->scratch);
    if (r < 0) {
        return r;
    }
    r = move_all(anew, stream, 1, &count);
    if (r == 0) {
        outbox_state_put(anew->txn, &anew->key,
                         &(struct outbox_state){.incarnation = anew->incarnation,
                                                .last_number = count,
                                                .waiting = count});
    }
    arena_free(anew->scratch);
    return r;
}

int outbox_restart(struct store_txn *txn, const struct stream *stream, uint64_t incarnation,
                   const struct sign_secret *sign) {
    struct anew anew = {.txn = txn,
                        .key = stream_key(stream, STREAM_OUT),
                        .sign = sign,
                        .incarnation = incarnation};
    struct outbox_state state;
    int r = outbox_state_get(txn, &anew.key, &state);
    if (r < 0) {
        return r;
    }
    assert(incarnation > state.incarnation);
    return restart(&anew, stream);
}

/* -- putting back -- */

struct missing {
    struct kept_key key;
    uint64_t incarnation;
    uint64_t number;
};

struct list {
    struct missing *items; /* in the order in which they were sent */
    size_t count;
};

static bool is_missing(const struct stream_key *key, const struct receipt *receipt,
                       const struct kept *kept) {
    if (memcmp(kept->message_key.data, key->bytes, sizeof(key->bytes)) != 0 ||
        kept->incarnation < receipt->incarnation) {
        return false; /* it has begun with what came after */
    }
    uint64_t number = be64_read(kept->message_key.data + STREAM_KEY_BYTES);
    return kept->incarnation > receipt->incarnation || !outbox_receipt_settles(receipt, number);
}

static int compare_missing(const void *left, const void *right) {
    const struct missing *a = left;
    const struct missing *b = right;
    if (a->incarnation != b->incarnation) {
        return a->incarnation < b->incarnation ? -1 : 1;
    }
    return (a->number > b->number) - (a->number < b->number);
}

/* One pass counts, the other fills. */
static int walk_missing(struct store_txn *view, const struct stream_key *key,
                        const struct receipt *receipt, struct list *list) {
    struct store_cursor cursor;
    int r;
    list->count = 0;
    for (r = store_first(view, TABLE_OUTBOX_KEPT, &cursor); r == 0; r = store_next(&cursor)) {
        struct kept kept;
        r = kept_parse(&cursor, &kept);
        if (r < 0) {
            return r;
        }
        if (!is_missing(key, receipt, &kept)) {
            continue;
        }
        if (list->items != NULL) {
            struct missing *one = &list->items[list->count];
            memcpy(one->key.bytes, cursor.key.data, sizeof(one->key.bytes));
            one->incarnation = kept.incarnation;
            one->number = be64_read(kept.message_key.data + STREAM_KEY_BYTES);
        }
        list->count++;
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

static int list_missing(struct store_txn *view, const struct stream_key *key,
                        const struct receipt *receipt, struct arena *arena, struct list *ret) {
    struct list list = {.items = NULL};
    int r = walk_missing(view, key, receipt, &list);
    if (r < 0 || list.count == 0) {
        *ret = list;
        return r;
    }
    list.items = ARENA_ARRAY(arena, struct missing, list.count);
    if (list.items == NULL) {
        return ERR_NO_MEMORY;
    }
    r = walk_missing(view, key, receipt, &list);
    if (r == 0) {
        qsort(list.items, list.count, sizeof(list.items[0]), compare_missing);
        *ret = list;
    }
    return r;
}

/* Takes a copy out; the value it had in TABLE_OUTBOX is in the scratch. */
static int take_copy(const struct anew *anew, const struct missing *missing, struct bytes *ret) {
    struct bytes value;
    struct kept kept;
    uint64_t bytes;
    int r = store_get(anew->txn, TABLE_OUTBOX_KEPT, BYTES_OF(missing->key), &value);
    if (r == 0) {
        r = kept_value_parse(value, &kept);
    }
    if (r == 0) {
        r = kept_bytes_get(anew->txn, &bytes);
    }
    if (r < 0) {
        return r == ERR_NOT_FOUND ? ERR_STORAGE : r;
    }
    size_t length = value.length;
    *ret = arena_copy(anew->scratch, kept.value);
    if (ret->data == NULL) {
        return ERR_NO_MEMORY;
    }
    store_delete(anew->txn, TABLE_OUTBOX_KEPT, BYTES_OF(missing->key));
    kept_bytes_put(anew->txn, bytes - length);
    return 0;
}

/* Under the number that it had. */
static int put_same(const struct anew *anew, const struct missing *missing, uint64_t *count) {
    struct stream_message_key key = stream_message_key(&anew->key, missing->number);
    struct bytes value;
    struct bytes waiting;
    int r = take_copy(anew, missing, &value);
    if (r < 0) {
        return r;
    }
    r = store_get(anew->txn, TABLE_OUTBOX, BYTES_OF(key), &waiting);
    if (r == ERR_NOT_FOUND) {
        store_put(anew->txn, TABLE_OUTBOX, BYTES_OF(key), value);
        (*count)++;
        r = 0;
    }
    arena_reset(anew->scratch);
    return r;
}

/* Under a number of the new incarnation. */
static int put_anew(const struct anew *anew, const struct missing *missing, uint64_t number) {
    struct bytes value;
    struct outbox_item item;
    int r = take_copy(anew, missing, &value);
    if (r == 0) {
        r = outbox_item_parse(value, &item);
    }
    return r < 0 ? r : renumber(anew, item.packet, number);
}

/* How many numbers of ours the peer hasn't settled. */
static uint64_t count_unsettled(const struct outbox_state *state, const struct receipt *receipt) {
    if (receipt->incarnation != state->incarnation) {
        return state->last_number;
    }
    if (receipt->contiguous >= state->last_number) {
        return 0;
    }
    uint64_t count = state->last_number - receipt->contiguous;
    for (uint64_t k = 0; k < 8 * (uint64_t)receipt->beyond_bytes; k++) {
        bool settled = (receipt->beyond[k / 8] >> (k % 8) & 1) != 0;
        count -= settled && receipt->contiguous + 2 + k <= state->last_number ? 1 : 0;
    }
    return count;
}

static int put_list(struct anew *anew, const struct stream *stream, const struct receipt *receipt,
                    const struct list *list, struct outbox_state *state) {
    size_t older = 0;
    uint64_t moved;
    while (older < list->count && list->items[older].incarnation < state->incarnation) {
        older++;
    }
    for (size_t i = older; i < list->count; i++) {
        int r = put_same(anew, &list->items[i], &state->waiting);
        if (r < 0) {
            return r;
        }
    }
    if (older == 0 && count_unsettled(state, receipt) <= state->waiting) {
        return 0;
    }
    /* Older ones have no number in this incarnation, and a number of which there's no copy (it was
     * refused, say) would keep all above it waiting for ever. */
    anew->incarnation = state->incarnation + 1;
    int r = move_all(anew, stream, 1 + older, &moved);
    for (size_t i = 0; r == 0 && i < older; i++) {
        r = put_anew(anew, &list->items[i], 1 + i);
    }
    *state = (struct outbox_state){
        .incarnation = anew->incarnation, .last_number = moved + older, .waiting = moved + older};
    return r;
}

int outbox_put_back(struct store_txn *txn, const struct stream *stream,
                    const struct receipt *receipt, const struct sign_secret *sign,
                    uint64_t *ret_count) {
    struct anew anew = {.txn = txn, .key = stream_key(stream, STREAM_OUT), .sign = sign};
    struct outbox_state state;
    struct arena *arena = NULL;
    struct list list = {.items = NULL};
    int r = outbox_state_get(txn, &anew.key, &state);
    if (r < 0) {
        return r;
    }
    *ret_count = 0;
    if (state.incarnation == 0 || receipt->incarnation > state.incarnation) {
        return 0;
    }
    r = arena_new(LIST_BYTES, &arena);
    if (r == 0) {
        r = arena_new(SCRATCH_BYTES, &anew.scratch);
    }
    if (r == 0) {
        r = list_missing(txn, &anew.key, receipt, arena, &list);
    }
    if (r == 0) {
        r = put_list(&anew, stream, receipt, &list, &state);
    }
    if (r == 0) {
        outbox_state_put(txn, &anew.key, &state);
        *ret_count = list.count;
    }
    arena_free(anew.scratch);
    arena_free(arena);
    return r;
}
