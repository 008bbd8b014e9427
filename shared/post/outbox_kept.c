#include <string.h>

#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/post/outbox_inside.h"

/* Copies of what was settled.
 *
 * TABLE_OUTBOX_KEPT: the hub's sequence at the receipt, incarnation and message key, so that the
 * oldest are in front and no copy has the key of another incarnation's. The value: version, when it
 * was settled, and the value it had in TABLE_OUTBOX. How many bytes there are stands in TABLE_META.
 */

enum { VERSION = 1, KEPT_HEAD_BYTES = 1 + 8 + 4 };

static struct outbox_kept_key kept_key(uint64_t at, uint64_t incarnation,
                                       const struct stream_message_key *message) {
    struct outbox_kept_key key;
    be64_write(key.bytes, at);
    be64_write(key.bytes + 8, incarnation);
    memcpy(key.bytes + 16, message->bytes, STREAM_MESSAGE_KEY_BYTES);
    return key;
}

static int kept_value_parse(struct bytes value, struct outbox_kept *ret) {
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    ret->settled_ms = read_i64(&reader);
    ret->value = read_run(&reader);
    return version != VERSION || reader_end(&reader) < 0 ? ERR_STORAGE : 0;
}

int outbox_kept_parse(const struct store_cursor *cursor, struct outbox_kept *ret) {
    if (cursor->key.length != OUTBOX_KEPT_KEY_BYTES) {
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

/* -- keeping -- */

int outbox_copy_keep(struct store_txn *txn, const struct outbox_copy *copy,
                     const struct outbox_keep *keep, struct arena *arena) {
    struct outbox_kept_key key = kept_key(keep->at, copy->incarnation, copy->key);
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

/* -- forgetting -- */

struct forgetting {
    struct store_txn *txn;
    const struct outbox_keys *keys;
    struct bytes part;
    enum message_kind but;
    struct arena *arena;
};

/* Whether it says what is to be forgotten. One that can't be opened any more tells it nobody. */
static int is_named(const struct forgetting *forgetting, const struct outbox_item *item, bool *ret,
                    bool *ret_gone) {
    const struct bytes part = forgetting->part;
    const struct arena_mark mark = arena_mark(forgetting->arena);
    struct bytes packet = {0};
    int r = outbox_item_open(item, forgetting->keys, forgetting->arena, &packet);
    *ret_gone = r == ERR_NOT_FOUND;
    *ret = r == 0 && item->kind != forgetting->but &&
           memmem(packet.data, packet.length, part.data, part.length) != NULL;
    arena_rewind(forgetting->arena, &mark);
    return *ret_gone ? 0 : r;
}

static int forget_copies(const struct forgetting *forgetting, uint64_t *bytes) {
    struct store_txn *txn = forgetting->txn;
    struct store_cursor cursor;
    int r;
    for (r = store_first(txn, TABLE_OUTBOX_KEPT, &cursor); r == 0; r = store_next(&cursor)) {
        struct outbox_kept kept;
        struct outbox_item item;
        bool named;
        bool gone;
        if (outbox_kept_parse(&cursor, &kept) < 0 || outbox_item_parse(kept.value, &item) < 0) {
            return ERR_STORAGE;
        }
        int failed = is_named(forgetting, &item, &named, &gone);
        if (failed < 0) {
            return failed;
        }
        if (named || gone) {
            *bytes -= cursor.value.length;
            store_delete(txn, TABLE_OUTBOX_KEPT, cursor.key);
            outbox_item_spend(txn, &item, forgetting->keys);
        }
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

static int forget_waiting(const struct forgetting *forgetting) {
    struct store_cursor cursor;
    int r;
    for (r = store_first(forgetting->txn, TABLE_OUTBOX, &cursor); r == 0; r = store_next(&cursor)) {
        struct outbox_item item;
        bool named;
        bool gone;
        if (outbox_item_parse(cursor.value, &item) < 0) {
            return ERR_STORAGE;
        }
        if (!item.seal.alone) {
            continue;
        }
        int failed = is_named(forgetting, &item, &named, &gone);
        if (failed < 0) {
            return failed;
        }
        if (named) {
            outbox_item_spend(forgetting->txn, &item, forgetting->keys);
        }
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

int outbox_forget(struct store_txn *txn, const struct outbox_keys *keys, struct bytes part,
                  enum message_kind but, struct arena *arena) {
    const struct forgetting forgetting = {
        .txn = txn, .keys = keys, .part = part, .but = but, .arena = arena};
    uint64_t bytes;
    int r = kept_bytes_get(txn, &bytes);
    if (r < 0) {
        return r;
    }
    uint64_t left = bytes;
    r = forget_copies(&forgetting, &left);
    if (r == 0) {
        r = forget_waiting(&forgetting);
    }
    if (r == 0 && left != bytes) {
        kept_bytes_put(txn, left);
    }
    return r;
}

/* -- which keys are in use -- */

/* One pass counts, the other fills. */
static int walk_record_keys(struct store_txn *view, uint64_t *keys, size_t *ret_count) {
    const enum table tables[] = {TABLE_OUTBOX, TABLE_OUTBOX_KEPT};
    size_t count = 0;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        struct store_cursor cursor;
        int r;
        for (r = store_first(view, tables[i], &cursor); r == 0; r = store_next(&cursor)) {
            struct outbox_kept kept = {.value = cursor.value};
            struct outbox_item item;
            r = tables[i] == TABLE_OUTBOX_KEPT ? outbox_kept_parse(&cursor, &kept) : 0;
            r = r < 0 ? r : outbox_item_parse(kept.value, &item);
            if (r < 0) {
                return r;
            }
            if (item.seal.record_key != 0) {
                if (keys != NULL) {
                    keys[count] = item.seal.record_key;
                }
                count++;
            }
        }
        if (r != ERR_NOT_FOUND) {
            return r;
        }
    }
    *ret_count = count;
    return 0;
}

int outbox_record_keys(struct store_txn *view, struct arena *arena, const uint64_t **ret_keys,
                       size_t *ret_count) {
    uint64_t *keys = NULL;
    int r = walk_record_keys(view, NULL, ret_count);
    if (r == 0 && *ret_count > 0) {
        keys = ARENA_ARRAY(arena, uint64_t, *ret_count);
        r = keys == NULL ? ERR_NO_MEMORY : walk_record_keys(view, keys, ret_count);
    }
    if (r == 0) {
        *ret_keys = keys;
    }
    return r;
}

/* -- trimming -- */

int outbox_trim(struct store_txn *txn, const struct outbox_keys *keys, uint64_t backed_up_to,
                int64_t now_ms, uint64_t max_bytes) {
    const int64_t since_ms = now_ms - (int64_t)OUTBOX_KEEP_DAYS * DAY_MS;
    struct store_cursor cursor;
    uint64_t bytes;
    int r = kept_bytes_get(txn, &bytes);
    if (r < 0) {
        return r;
    }
    uint64_t left = bytes;
    for (r = store_first(txn, TABLE_OUTBOX_KEPT, &cursor); r == 0; r = store_next(&cursor)) {
        struct outbox_kept kept;
        struct outbox_item item;
        r = outbox_kept_parse(&cursor, &kept);
        r = r < 0 ? r : outbox_item_parse(kept.value, &item);
        if (r < 0) {
            return r;
        }
        if (kept.at > backed_up_to && left <= max_bytes && kept.settled_ms >= since_ms) {
            break;
        }
        left -= cursor.value.length;
        store_delete(txn, TABLE_OUTBOX_KEPT, cursor.key);
        outbox_item_spend(txn, &item, keys);
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

/* -- taking out -- */

int outbox_kept_take(struct store_txn *txn, const struct outbox_kept_key *key, struct arena *arena,
                     struct bytes *ret) {
    struct bytes value;
    struct outbox_kept kept;
    uint64_t bytes;
    int r = store_get(txn, TABLE_OUTBOX_KEPT, BYTES_OF(*key), &value);
    if (r == 0) {
        r = kept_value_parse(value, &kept);
    }
    if (r == 0) {
        r = kept_bytes_get(txn, &bytes);
    }
    if (r < 0) {
        return r == ERR_NOT_FOUND ? ERR_STORAGE : r;
    }
    const size_t length = value.length;
    *ret = arena_copy(arena, kept.value);
    if (ret->data == NULL) {
        return ERR_NO_MEMORY;
    }
    store_delete(txn, TABLE_OUTBOX_KEPT, BYTES_OF(*key));
    kept_bytes_put(txn, bytes - length);
    return 0;
}
