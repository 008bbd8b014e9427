#include "shared/store/txn.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shared/store/internal.h"

int store_translate(const struct store *store, int code) {
    uint64_t free_bytes;
    switch (code) {
    case 0:
        return 0;
    case MDB_NOTFOUND:
        return ERR_NOT_FOUND;
    case MDB_MAP_FULL:
    case ENOSPC:
    case EDQUOT:
        return ERR_NO_ROOM;
    case EIO:
        return store->disk_free_bytes(store, &free_bytes) == 0 && free_bytes < STORE_FULL_BYTES
                   ? ERR_NO_ROOM
                   : ERR_STORAGE;
    case ENOMEM:
        return ERR_NO_MEMORY;
    case MDB_READERS_FULL:
        return ERR_AGAIN;
    default:
        return ERR_STORAGE;
    }
}

int store_fail(struct store_txn *txn, int code) {
    if (txn->error == 0) {
        txn->error = store_translate(txn->store, code);
    }
    return txn->error;
}

static int begin(struct store *store, unsigned flags, struct store_txn **ret) {
    struct store_txn *txn = calloc(1, sizeof(*txn));
    if (txn == NULL) {
        return ERR_NO_MEMORY;
    }
    txn->store = store;
    txn->writes = (flags & MDB_RDONLY) == 0;
    int code = mdb_txn_begin(store->env, NULL, flags, &txn->txn);
    if (code != 0) {
        free(txn);
        return store_translate(store, code);
    }
    *ret = txn;
    return 0;
}

int store_begin_write(struct store *store, struct store_txn **ret) {
    bool already = atomic_exchange(&store->writing, true);
    assert(!already && "one writing transaction at a time");
    (void)already;
    int r = begin(store, 0, ret);
    if (r < 0) {
        atomic_store(&store->writing, false);
    }
    return r;
}

static struct store_txn *take_idle(struct store *store) {
    for (int i = 0; i < STORE_IDLE_MAX; i++) {
        struct store_txn *txn = atomic_exchange(&store->idle[i], NULL);
        if (txn != NULL) {
            return txn;
        }
    }
    return NULL;
}

static bool keep_idle(struct store_txn *txn) {
    for (int i = 0; i < STORE_IDLE_MAX; i++) {
        struct store_txn *none = NULL;
        if (atomic_compare_exchange_strong(&txn->store->idle[i], &none, txn)) {
            return true;
        }
    }
    return false;
}

int store_begin_read(struct store *store, struct store_txn **ret) {
    struct store_txn *txn = take_idle(store);
    if (txn == NULL) {
        return begin(store, MDB_RDONLY, ret);
    }
    int code = mdb_txn_renew(txn->txn);
    if (code != 0) {
        store_txn_discard(txn);
        return store_translate(store, code);
    }
    *ret = txn;
    return 0;
}

static void close_places(struct store_txn *txn) {
    for (int i = 0; i < TABLE_COUNT; i++) {
        if (txn->places[i].cursor != NULL) {
            mdb_cursor_close(txn->places[i].cursor);
        }
    }
    memset(txn->places, 0, sizeof(txn->places));
}

void store_txn_discard(struct store_txn *txn) {
    if (txn != NULL) {
        mdb_txn_abort(txn->txn);
        free(txn);
    }
}

static void end_read(struct store_txn *txn) {
    close_places(txn);
    mdb_txn_reset(txn->txn);
    txn->error = 0;
    txn->walks = 0;
    if (!keep_idle(txn)) {
        store_txn_discard(txn);
    }
}

int store_commit(struct store_txn *txn) {
    int r = txn->error;
    if (r < 0 || !txn->writes) {
        store_abort(txn);
        return r;
    }
    struct store *store = txn->store;
    close_places(txn);
    r = store_translate(store, mdb_txn_commit(txn->txn));
    free(txn);
    atomic_store(&store->writing, false);
    return r;
}

void store_abort(struct store_txn *txn) {
    if (txn == NULL) {
        return;
    }
    if (!txn->writes) {
        end_read(txn);
        return;
    }
    struct store *store = txn->store;
    close_places(txn);
    store_txn_discard(txn);
    atomic_store(&store->writing, false);
}

int store_txn_error(const struct store_txn *txn) {
    return txn->error;
}

static MDB_val value_of(struct bytes bytes) {
    return (MDB_val){.mv_size = bytes.length, .mv_data = (void *)(uintptr_t)bytes.data};
}

static void check_key(struct bytes key) {
    assert(key.length >= 1 && key.length <= STORE_KEY_BYTES_MAX);
    (void)key;
}

int store_get(struct store_txn *txn, enum table table, struct bytes key, struct bytes *ret) {
    check_key(key);
    if (txn->error < 0) {
        return txn->error;
    }
    MDB_val name = value_of(key);
    MDB_val value;
    int code = mdb_get(txn->txn, txn->store->tables[table], &name, &value);
    if (code == MDB_NOTFOUND) {
        return ERR_NOT_FOUND;
    }
    if (code != 0) {
        return store_fail(txn, code);
    }
    *ret = (struct bytes){.data = value.mv_data, .length = value.mv_size};
    return 0;
}

/* True when there's something to do; what callers took from the pages is dead from here. */
static bool begin_change(struct store_txn *txn) {
    assert(txn->writes);
    txn->writes_done++;
    return txn->error == 0;
}

void store_put(struct store_txn *txn, enum table table, struct bytes key, struct bytes value) {
    check_key(key);
    if (!begin_change(txn)) {
        return;
    }
    /* A walk's own key points into the page that the put may rearrange. */
    uint8_t copy[STORE_KEY_BYTES_MAX];
    memcpy(copy, key.data, key.length);
    MDB_val name = {.mv_size = key.length, .mv_data = copy};
    MDB_val data = value_of(value);
    int code = mdb_put(txn->txn, txn->store->tables[table], &name, &data, 0);
    if (code != 0) {
        store_fail(txn, code);
    }
}

void store_delete(struct store_txn *txn, enum table table, struct bytes key) {
    check_key(key);
    if (!begin_change(txn)) {
        return;
    }
    uint8_t copy[STORE_KEY_BYTES_MAX];
    memcpy(copy, key.data, key.length);
    MDB_val name = {.mv_size = key.length, .mv_data = copy};
    int code = mdb_del(txn->txn, txn->store->tables[table], &name, NULL);
    if (code != 0 && code != MDB_NOTFOUND) {
        store_fail(txn, code);
    }
}

void store_clear(struct store_txn *txn, enum table table) {
    if (!begin_change(txn)) {
        return;
    }
    int code = mdb_drop(txn->txn, txn->store->tables[table], 0);
    if (code != 0) {
        store_fail(txn, code);
    }
}

int store_count(struct store_txn *txn, enum table table, uint64_t *ret) {
    if (txn->error < 0) {
        return txn->error;
    }
    MDB_stat stat;
    int code = mdb_stat(txn->txn, txn->store->tables[table], &stat);
    if (code != 0) {
        return store_fail(txn, code);
    }
    *ret = stat.ms_entries;
    return 0;
}
