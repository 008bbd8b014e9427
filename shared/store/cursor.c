#include <assert.h>
#include <string.h>

#include "shared/store/internal.h"
#include "shared/store/txn.h"

/* Moves the table's one LMDB cursor; `ret_key` also gives the key to search where `op` wants one.
 */
static int move(struct store_txn *txn, enum table table, MDB_cursor_op op, MDB_val *ret_key,
                MDB_val *ret_value) {
    if (txn->error < 0) {
        return txn->error;
    }
    struct store_place *place = &txn->places[table];
    place->walk = 0;
    if (place->cursor == NULL) {
        int code = mdb_cursor_open(txn->txn, txn->store->tables[table], &place->cursor);
        if (code != 0) {
            return store_fail(txn, code);
        }
    }
    int code = mdb_cursor_get(place->cursor, ret_key, ret_value, op);
    if (code == MDB_NOTFOUND) {
        return ERR_NOT_FOUND;
    }
    return code == 0 ? 0 : store_fail(txn, code);
}

/* The cursor stands at a key: from here this walk may go on without searching. */
static void arrive(struct store_cursor *cursor, MDB_val key, MDB_val value) {
    struct store_place *place = &cursor->txn->places[cursor->table];
    place->walk = cursor->walk;
    place->writes = cursor->txn->writes_done;
    cursor->key = (struct bytes){.data = key.mv_data, .length = key.mv_size};
    cursor->value = (struct bytes){.data = value.mv_data, .length = value.mv_size};
    assert(key.mv_size <= sizeof(cursor->seen));
    memcpy(cursor->seen, key.mv_data, key.mv_size);
    cursor->seen_length = (uint32_t)key.mv_size;
}

static int start(struct store_txn *txn, enum table table, MDB_cursor_op op, struct bytes key,
                 struct store_cursor *ret) {
    assert(key.length <= STORE_KEY_BYTES_MAX);
    MDB_val at = {.mv_size = key.length, .mv_data = (void *)(uintptr_t)key.data};
    MDB_val value;
    int r = move(txn, table, op, &at, &value);
    if (r < 0) {
        return r;
    }
    ret->txn = txn;
    ret->table = table;
    ret->walk = ++txn->walks;
    arrive(ret, at, value);
    return 0;
}

int store_seek(struct store_txn *txn, enum table table, struct bytes key,
               struct store_cursor *ret) {
    return start(txn, table, key.length == 0 ? MDB_FIRST : MDB_SET_RANGE, key, ret);
}

int store_first(struct store_txn *txn, enum table table, struct store_cursor *ret) {
    return start(txn, table, MDB_FIRST, (struct bytes){0}, ret);
}

int store_last(struct store_txn *txn, enum table table, struct store_cursor *ret) {
    return start(txn, table, MDB_LAST, (struct bytes){0}, ret);
}

static bool stands_there(const struct store_cursor *cursor) {
    const struct store_place *place = &cursor->txn->places[cursor->table];
    return place->walk == cursor->walk && place->writes == cursor->txn->writes_done;
}

int store_next(struct store_cursor *cursor) {
    struct store_txn *txn = cursor->txn;
    bool there = stands_there(cursor);
    MDB_val key = {.mv_size = cursor->seen_length, .mv_data = cursor->seen};
    MDB_val value;
    int r = move(txn, cursor->table, there ? MDB_NEXT : MDB_SET_RANGE, &key, &value);
    bool again = r == 0 && !there && key.mv_size == cursor->seen_length &&
                 memcmp(key.mv_data, cursor->seen, key.mv_size) == 0;
    if (again) {
        r = move(txn, cursor->table, MDB_NEXT, &key, &value);
    }
    if (r == 0) {
        arrive(cursor, key, value);
    }
    return r;
}

int store_previous(struct store_cursor *cursor) {
    struct store_txn *txn = cursor->txn;
    MDB_val key = {.mv_size = cursor->seen_length, .mv_data = cursor->seen};
    MDB_val value;
    MDB_cursor_op op = MDB_PREV;
    if (!stands_there(cursor)) {
        int r = move(txn, cursor->table, MDB_SET_RANGE, &key, &value);
        if (r < 0 && r != ERR_NOT_FOUND) {
            return r;
        }
        op = r == 0 ? MDB_PREV : MDB_LAST;
    }
    int r = move(txn, cursor->table, op, &key, &value);
    if (r == 0) {
        arrive(cursor, key, value);
    }
    return r;
}

void store_cursor_close(struct store_cursor *cursor) {
    if (cursor != NULL) {
        *cursor = (struct store_cursor){0};
    }
}

/* The least key above all keys with this prefix; false where there's none (all bytes 0xff). */
static bool above(struct bytes prefix, uint8_t ret[static STORE_KEY_BYTES_MAX],
                  size_t *ret_length) {
    size_t length = prefix.length;
    while (length > 0 && prefix.data[length - 1] == 0xff) {
        length--;
    }
    if (length == 0) {
        return false;
    }
    memcpy(ret, prefix.data, length);
    ret[length - 1]++;
    *ret_length = length;
    return true;
}

int store_last_under(struct store_txn *txn, enum table table, struct bytes prefix,
                     struct store_cursor *ret) {
    assert(prefix.length <= STORE_KEY_BYTES_MAX);
    uint8_t bound[STORE_KEY_BYTES_MAX];
    size_t length = 0;
    struct store_cursor cursor;
    int r = ERR_NOT_FOUND;
    if (above(prefix, bound, &length)) {
        r = store_seek(txn, table, (struct bytes){.data = bound, .length = length}, &cursor);
    }
    if (r == 0) {
        r = store_previous(&cursor);
    } else if (r == ERR_NOT_FOUND) {
        r = store_last(txn, table, &cursor);
    }
    if (r < 0) {
        return r;
    }
    if (!store_under(&cursor, prefix)) {
        return ERR_NOT_FOUND;
    }
    *ret = cursor;
    return 0;
}

bool store_under(const struct store_cursor *cursor, struct bytes prefix) {
    return cursor->seen_length >= prefix.length &&
           (prefix.length == 0 || memcmp(cursor->seen, prefix.data, prefix.length) == 0);
}
