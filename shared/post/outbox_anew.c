#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/limits.h"
#include "shared/post/outbox_inside.h"

/* Beginning a stream anew, and putting copies back, where the peer isn't where we thought. */

enum {
    SCRATCH_BYTES = 8 << 20,           /* for one message at a time */
    LIST_BYTES = OUTBOX_KEEP_BYTES_MAX /* of struct missing: each is smaller than its copy */
};

/* -- beginning anew -- */

struct anew {
    struct store_txn *txn;
    const struct stream *stream;
    struct stream_key key;
    const struct outbox_keys *keys;
    uint64_t incarnation;
    struct arena *scratch; /* reset after each message */
};

/* The envelope of an item, or what goes out in its place. */
static int envelope_of(const struct anew *anew, const struct outbox_item *item,
                       struct envelope *ret, bool *ret_signed, bool *ret_gone) {
    struct bytes bytes;
    struct packet packet;
    int r = outbox_item_open(item, anew->keys, anew->scratch, &bytes);
    *ret_gone = r == ERR_NOT_FOUND;
    if (*ret_gone) {
        *ret = outbox_item_emptied(item, anew->stream, anew->incarnation);
        *ret_signed = true;
        return 0;
    }
    if (r < 0) {
        return r;
    }
    enum refusal refusal = packet_decode(bytes, anew->scratch, &packet);
    if (refusal == REFUSAL_NONE) {
        refusal = envelope_decode(packet.posting.envelope, anew->scratch, ret);
    }
    *ret_signed = refusal == REFUSAL_NONE && packet.posting.signature.length > 0;
    return refusal == REFUSAL_NONE ? 0 : outbox_decode_error(refusal);
}

/* The same message under the new incarnation and another number, signed again where it was signed,
 * and sealed again where it was sealed. Its value is in the scratch. */
static int renumber(const struct anew *anew, struct bytes value, uint64_t number) {
    const struct outbox_seal open = {.record_key = 0};
    struct outbox_item item;
    struct envelope envelope;
    struct signature signature;
    struct posting posting = {.envelope = {0}};
    bool is_signed = false;
    bool gone = false;
    int r = outbox_item_parse(value, &item);
    if (r == 0) {
        r = envelope_of(anew, &item, &envelope, &is_signed, &gone);
    }
    if (r < 0) {
        return r;
    }
    envelope.incarnation = anew->incarnation;
    envelope.number = number;
    r = envelope_encode(&envelope, anew->scratch, &posting.envelope);
    if (r < 0) {
        return r;
    }
    if (is_signed) {
        signature = sign_bytes(anew->keys->sign, ENVELOPE_DOMAIN, posting.envelope);
        posting.signature = BYTES_OF(signature);
    }
    const struct outbox_putting to = {.txn = anew->txn,
                                      .key = &anew->key,
                                      .keys = anew->keys,
                                      .seal = gone ? &open : &item.seal,
                                      .arena = anew->scratch};
    r = outbox_item_put(&to, &envelope, &posting);
    arena_reset(anew->scratch);
    return r;
}

static int move(const struct anew *anew, uint64_t from, uint64_t number) {
    const struct stream_message_key old = stream_message_key(&anew->key, from);
    struct bytes value;
    int r = store_get(anew->txn, TABLE_OUTBOX, BYTES_OF(old), &value);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? ERR_STORAGE : r;
    }
    value = arena_copy(anew->scratch, value);
    if (value.data == NULL) {
        return ERR_NO_MEMORY;
    }
    store_delete(anew->txn, TABLE_OUTBOX, BYTES_OF(old));
    return renumber(anew, value, number);
}

/* Numbers what waits from `first` on. Downwards in order, so a new number never meets a message not
 * yet moved; then upwards from the last. */
static int move_all(const struct anew *anew, uint64_t first, uint64_t *ret_count) {
    struct outbox_item item = {0};
    uint64_t count = 0;
    int r;
    for (r = outbox_find(anew->txn, anew->stream, 0, &item); r == 0;
         r = outbox_find(anew->txn, anew->stream, item.number + 1, &item)) {
        int failed = move(anew, item.number, ++count);
        if (failed < 0) {
            return failed;
        }
    }
    if (r != ERR_NOT_FOUND) {
        return r;
    }
    for (uint64_t number = count; first > 1 && number > 0; number--) {
        r = move(anew, number, number + first - 1);
        if (r < 0) {
            return r;
        }
    }
    *ret_count = count;
    return 0;
}

static int restart(struct anew *anew) {
    uint64_t count;
    int r = arena_new(SCRATCH_BYTES, &anew->scratch);
    if (r < 0) {
        return r;
    }
    r = move_all(anew, 1, &count);
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
                   const struct outbox_keys *keys) {
    struct anew anew = {.txn = txn,
                        .stream = stream,
                        .key = stream_key(stream, STREAM_OUT),
                        .keys = keys,
                        .incarnation = incarnation};
    struct outbox_state state;
    int r = outbox_state_get(txn, &anew.key, &state);
    if (r < 0) {
        return r;
    }
    assert(incarnation > state.incarnation);
    return restart(&anew);
}

/* -- putting back -- */

struct missing {
    struct outbox_kept_key key;
    uint64_t incarnation;
    uint64_t number;
};

struct list {
    struct missing *items; /* in the order in which they were sent */
    size_t count;
};

static bool is_missing(const struct stream_key *key, const struct receipt *receipt,
                       const struct outbox_kept *kept) {
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
        struct outbox_kept kept;
        r = outbox_kept_parse(&cursor, &kept);
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

/* Under the number that it had. */
static int put_same(const struct anew *anew, const struct missing *missing, uint64_t *count) {
    struct stream_message_key key = stream_message_key(&anew->key, missing->number);
    struct bytes value;
    struct bytes waiting;
    int r = outbox_kept_take(anew->txn, &missing->key, anew->scratch, &value);
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
    int r = outbox_kept_take(anew->txn, &missing->key, anew->scratch, &value);
    return r < 0 ? r : renumber(anew, value, number);
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

static int put_list(struct anew *anew, const struct receipt *receipt, const struct list *list,
                    struct outbox_state *state) {
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
    int r = move_all(anew, 1 + older, &moved);
    for (size_t i = 0; r == 0 && i < older; i++) {
        r = put_anew(anew, &list->items[i], 1 + i);
    }
    *state = (struct outbox_state){
        .incarnation = anew->incarnation, .last_number = moved + older, .waiting = moved + older};
    return r;
}

int outbox_put_back(struct store_txn *txn, const struct stream *stream,
                    const struct receipt *receipt, const struct outbox_keys *keys,
                    uint64_t *ret_count) {
    struct anew anew = {
        .txn = txn, .stream = stream, .key = stream_key(stream, STREAM_OUT), .keys = keys};
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
        r = put_list(&anew, receipt, &list, &state);
    }
    if (r == 0) {
        outbox_state_put(txn, &anew.key, &state);
        *ret_count = list.count;
    }
    arena_free(anew.scratch);
    arena_free(arena);
    return r;
}
