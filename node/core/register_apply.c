#include "node/core/register_meta.h"
#include "node/core/state.h"

/* The register's facts into its tables. */

static void discard(struct store_txn *txn, const struct register_generation *generation) {
    register_list_add(txn, "garbage/", generation->generation);
    register_list_add(txn, "shred/", generation->record_key);
}

static int apply_staged(const struct turn_view *view, struct reader *reader) {
    struct register_generation staged;
    struct register_generations known;
    uint8_t last[8];
    register_generation_read(reader, &staged);
    int r = reader_end(reader) < 0 ? ERR_STORAGE : register_generations_get(view->txn, &known);
    if (r < 0) {
        return r;
    }
    if (known.staged.generation != 0) { /* an import that nobody ended */
        discard(view->txn, &known.staged);
    }
    be64_write(last, staged.generation);
    store_put(view->txn, TABLE_REGISTER_META, bytes_from_text("last"), BYTES_OF(last));
    register_staged_put(view->txn, &staged);
    register_key_used(view->txn, staged.record_key);
    return 0;
}

static int apply_rows(const struct turn_view *view, struct reader *reader) {
    struct register_generation staged;
    uint64_t generation = read_u64(reader);
    uint32_t count = read_u32(reader);
    int r = register_staged(view->txn, &staged);
    if (r < 0 || staged.generation != generation) {
        return r < 0 ? r : ERR_STORAGE;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct register_key place;
        read_raw(reader, place.bytes, sizeof(place.bytes));
        struct bytes sealed = read_run(reader);
        if (reader->error < 0) {
            return ERR_STORAGE;
        }
        store_put(view->txn, TABLE_REGISTER, BYTES_OF(place), sealed);
    }
    staged.cases += count;
    register_staged_put(view->txn, &staged);
    return reader_end(reader) < 0 ? ERR_STORAGE : 0;
}

static int apply_switched(const struct turn_view *view, struct reader *reader) {
    struct register_generations known;
    struct bytes standing = reader->rest;
    int r = register_generations_get(view->txn, &known);
    if (r < 0) {
        return r;
    }
    if (known.standing.generation != 0) {
        discard(view->txn, &known.standing);
    }
    store_put(view->txn, TABLE_REGISTER_META, bytes_from_text("standing"), standing);
    store_delete(view->txn, TABLE_REGISTER_META, bytes_from_text("staged"));
    return 0;
}

static int apply_dropped(const struct turn_view *view) {
    struct register_generation staged;
    int r = register_staged(view->txn, &staged);
    if (r < 0) {
        return r;
    }
    discard(view->txn, &staged);
    store_delete(view->txn, TABLE_REGISTER_META, bytes_from_text("staged"));
    return 0;
}

static int apply_swept(const struct turn_view *view, struct reader *reader) {
    uint8_t prefix[8];
    struct store_cursor cursor;
    size_t rows = 0;
    uint64_t generation = read_u64(reader);
    if (reader_end(reader) < 0) {
        return ERR_STORAGE;
    }
    be64_write(prefix, generation);
    int r = store_seek(view->txn, TABLE_REGISTER, BYTES_OF(prefix), &cursor);
    while (r == 0 && rows < REGISTER_SWEEP_ROWS && store_under(&cursor, BYTES_OF(prefix))) {
        store_delete(view->txn, TABLE_REGISTER, cursor.key);
        rows++;
        r = store_next(&cursor);
    }
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    if (rows < REGISTER_SWEEP_ROWS) {
        register_list_delete(view->txn, "garbage/", generation);
    }
    return 0;
}

static int apply_shredded(const struct turn_view *view, struct reader *reader) {
    while (reader->rest.length > 0 && reader->error == 0) {
        register_list_delete(view->txn, "shred/", read_u64(reader));
    }
    return reader_end(reader) < 0 ? ERR_STORAGE : 0;
}

int register_apply(const struct turn_view *view, const struct fact *fact) {
    struct reader reader = reader_over(fact->body);
    switch ((int)fact->type) {
    case NODE_FACT_STAGED:
        return apply_staged(view, &reader);
    case NODE_FACT_ROWS:
        return apply_rows(view, &reader);
    case NODE_FACT_SWITCHED:
        return apply_switched(view, &reader);
    case NODE_FACT_DROPPED:
        return apply_dropped(view);
    case NODE_FACT_SWEPT:
        return apply_swept(view, &reader);
    case NODE_FACT_SHREDDED:
        return apply_shredded(view, &reader);
    default:
        return ERR_UNSUPPORTED;
    }
}
