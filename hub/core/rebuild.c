#include "hub/core/rebuild.h"

#include "hub/core/journal.h"
#include "hub/core/state.h"
#include "shared/crypto/hash.h"

enum { REBUILD_ARENA_BYTES = 32 << 20 };

static int hash_table(struct store_txn *view, enum table table, struct hash *hash) {
    struct store_cursor cursor;
    int r;
    hash_run(hash, bytes_from_text(table_name(table)));
    for (r = store_first(view, table, &cursor); r == 0; r = store_next(&cursor)) {
        hash_run(hash, cursor.key);
        hash_run(hash, cursor.value);
    }
    store_cursor_close(&cursor);
    return r == ERR_NOT_FOUND ? 0 : r;
}

int rebuild_state_hash(struct store_txn *view, struct digest *ret) {
    struct hash hash;
    hash_begin(&hash, "state/v1");
    for (int table = 0; table < TABLE_COUNT; table++) {
        if (!table_from_journal((enum table)table)) {
            continue;
        }
        int r = hash_table(view, (enum table)table, &hash);
        if (r < 0) {
            return r;
        }
    }
    *ret = hash_end(&hash);
    return 0;
}

/* What a later fact erased is passed over: apply takes it as never written. */
static int replay(struct store_txn *txn, uint64_t records, const struct vault_keys *keys,
                  struct arena *arena) {
    for (uint64_t sequence = 1; sequence <= records; sequence++) {
        struct journal_record record;
        int r = journal_read(txn, sequence, &record);
        if (r < 0) {
            return r;
        }
        if (record.erased) {
            continue;
        }
        struct turn_view view = {.txn = txn, .now_ms = record.time_ms, .arena = arena};
        struct fact fact;
        r = journal_open(&record, keys, arena, &fact);
        if (r == 0) {
            r = facts_apply(NULL, &view, &fact);
        }
        if (r < 0) {
            return r;
        }
        arena_reset(arena);
    }
    return store_txn_error(txn);
}

static int rebuild_in(struct store_txn *txn, const struct vault_keys *keys, struct arena *arena,
                      struct rebuild_report *ret) {
    struct journal_verdict verdict;
    int r = journal_verify(txn, &verdict);
    if (r < 0) {
        return r;
    }
    if (verdict.broken_at != 0) {
        return ERR_CHAIN;
    }
    r = rebuild_state_hash(txn, &ret->before);
    if (r < 0) {
        return r;
    }
    for (int table = 0; table < TABLE_COUNT; table++) {
        if (table_from_journal((enum table)table)) {
            store_clear(txn, (enum table)table);
        }
    }
    r = replay(txn, verdict.records, keys, arena);
    if (r < 0) {
        return r;
    }
    ret->facts = verdict.records;
    return rebuild_state_hash(txn, &ret->after);
}

int rebuild_run(struct store *store, const struct vault_keys *keys, struct rebuild_report *ret) {
    struct arena *arena;
    struct store_txn *txn;
    struct rebuild_report report = {0};
    int r = arena_new(REBUILD_ARENA_BYTES, &arena);
    if (r < 0) {
        return r;
    }
    r = store_begin_write(store, &txn);
    if (r == 0) {
        r = rebuild_in(txn, keys, arena, &report);
        if (r < 0) {
            store_abort(txn);
        } else {
            r = store_commit(txn);
        }
    }
    arena_free(arena);
    if (r == 0) {
        *ret = report;
    }
    return r;
}
