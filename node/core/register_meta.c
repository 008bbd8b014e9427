#include "node/core/register_meta.h"
#include "node/core/node.h"

#include <string.h>

/* Writing and reading the records of TABLE_REGISTER_META. */

enum { VERSION = 1, META_KEY_BYTES = 16 };

void register_generation_write(struct buf *buf, const struct register_generation *generation) {
    buf_u8(buf, VERSION);
    buf_u64(buf, generation->generation);
    buf_u64(buf, generation->record_key);
    buf_raw(buf, BYTES_OF(generation->file));
    buf_u64(buf, generation->cases);
    buf_u64(buf, generation->rejected);
    buf_i64(buf, generation->time_ms);
}

void register_generation_read(struct reader *reader, struct register_generation *ret) {
    if (read_u8(reader) != VERSION) {
        reader->error = ERR_MALFORMED;
    }
    ret->generation = read_u64(reader);
    ret->record_key = read_u64(reader);
    read_raw(reader, ret->file.bytes, sizeof(ret->file.bytes));
    ret->cases = read_u64(reader);
    ret->rejected = read_u64(reader);
    ret->time_ms = read_i64(reader);
}

void register_changes_write(struct buf *buf, const struct register_changes *changes) {
    buf_u64(buf, changes->opened);
    buf_u64(buf, changes->contacted);
    buf_u64(buf, changes->moved);
    buf_u64(buf, changes->reopened);
    buf_u64(buf, changes->vanished);
    for (size_t i = 0; i <= CLOSE_REASON_OTHER; i++) {
        buf_u64(buf, changes->closed[i]);
    }
}

static void changes_read(struct reader *reader, struct register_changes *ret) {
    ret->opened = read_u64(reader);
    ret->contacted = read_u64(reader);
    ret->moved = read_u64(reader);
    ret->reopened = read_u64(reader);
    ret->vanished = read_u64(reader);
    for (size_t i = 0; i <= CLOSE_REASON_OTHER; i++) {
        ret->closed[i] = read_u64(reader);
    }
}

int register_standing(struct store_txn *view, struct register_generation *ret,
                      struct register_changes *ret_changes) {
    struct bytes value;
    struct register_generation generation;
    struct register_changes changes;
    int r = store_get(view, TABLE_REGISTER_META, bytes_from_text("standing"), &value);
    if (r < 0) {
        return r;
    }
    struct reader reader = reader_over(value);
    register_generation_read(&reader, &generation);
    changes_read(&reader, &changes);
    if (reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    *ret = generation;
    if (ret_changes != NULL) {
        *ret_changes = changes;
    }
    return 0;
}

int register_staged(struct store_txn *view, struct register_generation *ret) {
    struct bytes value;
    struct register_generation generation;
    int r = store_get(view, TABLE_REGISTER_META, bytes_from_text("staged"), &value);
    if (r < 0) {
        return r;
    }
    struct reader reader = reader_over(value);
    register_generation_read(&reader, &generation);
    if (reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    *ret = generation;
    return 0;
}

void register_staged_put(struct store_txn *txn, const struct register_generation *staged) {
    uint8_t memory[REGISTER_GENERATION_BYTES_MAX];
    struct buf buf = buf_over(memory, sizeof(memory));
    register_generation_write(&buf, staged);
    store_put(txn, TABLE_REGISTER_META, bytes_from_text("staged"), buf_bytes(&buf));
}

/* A name and a number behind it. */
struct meta_key {
    uint8_t bytes[META_KEY_BYTES];
    size_t length;
};

static struct meta_key meta_key(const char *name, uint64_t number) {
    struct meta_key key = {.length = strlen(name) + 8};
    memcpy(key.bytes, name, strlen(name));
    be64_write(key.bytes + strlen(name), number);
    return key;
}

void register_list_add(struct store_txn *txn, const char *name, uint64_t number) {
    static const uint8_t version = VERSION;
    struct meta_key key = meta_key(name, number);
    store_put(txn, TABLE_REGISTER_META, (struct bytes){key.bytes, key.length}, BYTES_OF(version));
}

void register_list_delete(struct store_txn *txn, const char *name, uint64_t number) {
    struct meta_key key = meta_key(name, number);
    store_delete(txn, TABLE_REGISTER_META, (struct bytes){key.bytes, key.length});
}

int register_list_read(struct store_txn *view, const char *name, uint64_t *ret, size_t limit,
                       size_t *ret_count) {
    struct bytes prefix = bytes_from_text(name);
    struct store_cursor cursor;
    size_t count = 0;
    int r;
    for (r = store_seek(view, TABLE_REGISTER_META, prefix, &cursor);
         r == 0 && count < limit && store_under(&cursor, prefix); r = store_next(&cursor)) {
        if (cursor.key.length != prefix.length + 8) {
            return ERR_STORAGE;
        }
        ret[count++] = be64_read(cursor.key.data + prefix.length);
    }
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    *ret_count = count;
    return 0;
}

int register_to_shred(struct store_txn *view, uint64_t *ret_keys, size_t limit, size_t *ret_count) {
    return register_list_read(view, "shred/", ret_keys, limit, ret_count);
}

int register_last_to_shred(struct store_txn *view, uint64_t *ret) {
    const struct bytes prefix = bytes_from_text("shred/");
    struct store_cursor cursor;
    int r = store_last_under(view, TABLE_REGISTER_META, prefix, &cursor);
    if (r == ERR_NOT_FOUND) {
        *ret = 0;
        return 0;
    }
    if (r < 0 || cursor.key.length != prefix.length + 8) {
        return r < 0 ? r : ERR_STORAGE;
    }
    *ret = be64_read(cursor.key.data + prefix.length);
    return 0;
}

static int last_get(struct store_txn *view, const char *name, uint64_t *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_REGISTER_META, bytes_from_text(name), &value);
    if (r == ERR_NOT_FOUND) {
        *ret = 0;
        return 0;
    }
    if (r < 0 || value.length != 8) {
        return r < 0 ? r : ERR_STORAGE;
    }
    *ret = be64_read(value.data);
    return 0;
}

int register_last_generation(struct store_txn *view, uint64_t *ret) {
    return last_get(view, "last", ret);
}

int node_last_key(struct store_txn *view, uint64_t *ret) {
    return last_get(view, "key-last", ret);
}

void register_key_used(struct store_txn *txn, uint64_t record_key) {
    uint64_t last;
    uint8_t value[8];
    if (node_last_key(txn, &last) == 0 && record_key > last) {
        be64_write(value, record_key);
        store_put(txn, TABLE_REGISTER_META, bytes_from_text("key-last"), BYTES_OF(value));
    }
}

void register_sealed_used(struct store_txn *txn, struct bytes sealed) {
    uint64_t record_key;
    if (vault_key_id(sealed, &record_key) == 0) {
        register_key_used(txn, record_key);
    }
}

int register_generations_get(struct store_txn *view, struct register_generations *ret) {
    *ret = (struct register_generations){0};
    int r = register_standing(view, &ret->standing, NULL);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    r = register_staged(view, &ret->staged);
    return r == ERR_NOT_FOUND ? 0 : r;
}
