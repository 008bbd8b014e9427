#include "tests/bench/limit.h"

#include <lmdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "shared/base/bytes.h"

/* One record of each kind that a signal makes (hub/core, shared/post). */
enum { HEADERS, BODIES, META, INBOX, STREAMS, SIGNALS, TABLES };

enum {
    HEADER_BYTES = 1 + 8 + 2 + 4 + 32 + 32,
    SALT_AND_STAMP_BYTES = 16 + 120,
    META_BYTES = 49,
    ID_BYTES = 16,
    STREAM_BYTES = 21,
    RECORD_HEAD_BYTES = 29,
    KEY_BYTES_MAX = 36,
};

static const char *const names[TABLES] = {"headers", "bodies",  "meta",
                                          "inbox",   "streams", "signals"};

struct limit {
    const struct limit_plan *plan;
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi tables[TABLES];
    uint8_t *value;
};

static int put(struct limit *limit, int table, const uint8_t *key, size_t key_bytes,
               size_t value_bytes) {
    MDB_val name = {.mv_size = key_bytes, .mv_data = (void *)(uintptr_t)key};
    MDB_val value = {.mv_size = value_bytes, .mv_data = limit->value};
    return mdb_put(limit->txn, limit->tables[table], &name, &value, 0);
}

static int put_message(struct limit *limit, size_t index) {
    size_t body_bytes = limit->plan->body_bytes;
    uint64_t sender = index % limit->plan->senders;
    uint64_t number = index / limit->plan->senders;
    uint8_t key[KEY_BYTES_MAX] = {0};
    be64_write(key, index);
    int code = put(limit, HEADERS, key, 8, HEADER_BYTES);
    code = code != 0 ? code : put(limit, BODIES, key, 8, SALT_AND_STAMP_BYTES + body_bytes);
    memset(key, 0, sizeof(key));
    code = code != 0 ? code : put(limit, META, key, 7, META_BYTES);
    be64_write(key, sender * 0x9e3779b97f4a7c15); /* spread, as by the hash in a stream's key */
    code = code != 0 ? code : put(limit, STREAMS, key, 18, STREAM_BYTES);
    be64_write(key + 18, number);
    code = code != 0 ? code : put(limit, INBOX, key, 26, ID_BYTES);
    be64_write(key, sender);
    be64_write(key + 28, UINT64_MAX - number); /* back in time, as the generator's days */
    return code != 0 ? code : put(limit, SIGNALS, key, 36, RECORD_HEAD_BYTES + body_bytes);
}

static int open_all(struct limit *limit) {
    int code = mdb_env_create(&limit->env);
    code = code != 0 ? code : mdb_env_set_mapsize(limit->env, (size_t)16 << 30);
    code = code != 0 ? code : mdb_env_set_maxdbs(limit->env, TABLES);
    code = code != 0 ? code : mdb_env_open(limit->env, limit->plan->path, MDB_NOTLS, 0600);
    code = code != 0 ? code : mdb_txn_begin(limit->env, NULL, 0, &limit->txn);
    for (int i = 0; i < TABLES && code == 0; i++) {
        code = mdb_dbi_open(limit->txn, names[i], MDB_CREATE, &limit->tables[i]);
    }
    return code != 0 ? code : mdb_txn_commit(limit->txn);
}

static int put_batch(struct limit *limit, size_t from) {
    const struct limit_plan *plan = limit->plan;
    size_t to = from + plan->batch < plan->messages ? from + plan->batch : plan->messages;
    int code = mdb_txn_begin(limit->env, NULL, 0, &limit->txn);
    for (size_t i = from; i < to && code == 0; i++) {
        code = put_message(limit, i);
    }
    return code != 0 ? code : mdb_txn_commit(limit->txn);
}

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

int limit_run(const struct limit_plan *plan, double *ret_seconds) {
    struct limit limit = {.plan = plan};
    limit.value = calloc(1, SALT_AND_STAMP_BYTES + plan->body_bytes);
    int code = limit.value == NULL ? -1 : open_all(&limit);
    double start = now();
    for (size_t i = 0; i < plan->messages && code == 0; i += plan->batch) {
        code = put_batch(&limit, i);
    }
    *ret_seconds = now() - start;
    mdb_env_close(limit.env);
    free(limit.value);
    return code != 0 ? ERR_STORAGE : 0;
}
