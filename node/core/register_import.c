#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "node/core/register.h"
#include "node/core/state.h"
#include "shared/crypto/secret.h"

/* From a staged generation to the register: what the import worker asks, and the garbage after. */

enum {
    VERSION = 1,
    GENERATION_BYTES_MAX = 128,
    STANDING_BYTES_MAX = GENERATION_BYTES_MAX + sizeof(struct register_changes),
    META_KEY_BYTES = 16,
};

/* -- the records in TABLE_REGISTER_META -- */

static void generation_write(struct buf *buf, const struct register_generation *generation) {
    buf_u8(buf, VERSION);
    buf_u64(buf, generation->generation);
    buf_u64(buf, generation->record_key);
    buf_raw(buf, BYTES_OF(generation->file));
    buf_u64(buf, generation->cases);
    buf_u64(buf, generation->rejected);
    buf_i64(buf, generation->time_ms);
}

static void generation_read(struct reader *reader, struct register_generation *ret) {
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

static void changes_write(struct buf *buf, const struct register_changes *changes) {
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
    generation_read(&reader, &generation);
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
    generation_read(&reader, &generation);
    if (reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    *ret = generation;
    return 0;
}

static void staged_put(struct store_txn *txn, const struct register_generation *staged) {
    uint8_t memory[GENERATION_BYTES_MAX];
    struct buf buf = buf_over(memory, sizeof(memory));
    generation_write(&buf, staged);
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

static void list_add(struct store_txn *txn, const char *name, uint64_t number) {
    static const uint8_t version = VERSION;
    struct meta_key key = meta_key(name, number);
    store_put(txn, TABLE_REGISTER_META, (struct bytes){key.bytes, key.length}, BYTES_OF(version));
}

static void list_delete(struct store_txn *txn, const char *name, uint64_t number) {
    struct meta_key key = meta_key(name, number);
    store_delete(txn, TABLE_REGISTER_META, (struct bytes){key.bytes, key.length});
}

static int list_read(struct store_txn *view, const char *name, uint64_t *ret, size_t limit,
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
    return list_read(view, "shred/", ret_keys, limit, ret_count);
}

/* The highest generation that ever was. */
static int last_generation(struct store_txn *view, uint64_t *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_REGISTER_META, bytes_from_text("last"), &value);
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

/* -- decide -- */

/* Which generations there are; numbers 0 where there's none. */
struct generations {
    struct register_generation standing;
    struct register_generation staged;
};

static int generations_get(struct store_txn *view, struct generations *ret) {
    *ret = (struct generations){0};
    int r = register_standing(view, &ret->standing, NULL);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    r = register_staged(view, &ret->staged);
    return r == ERR_NOT_FOUND ? 0 : r;
}

/* A key serves one generation: shredding it must destroy that one and nothing else. */
static int key_usable(const struct node *node, const struct generations *known, uint64_t id,
                      enum refusal *ret) {
    struct record_key key;
    const struct vault_keys *keys = &node->params.keys.records;
    if (id == known->standing.record_key || id == known->staged.record_key) {
        *ret = REFUSAL_CONFLICT;
        return 0;
    }
    int r = keys->get(keys->context, id, &key);
    secret_wipe(&key, sizeof(key));
    *ret = r == ERR_NOT_FOUND ? REFUSAL_NOT_FOUND : REFUSAL_NONE;
    return r == ERR_NOT_FOUND ? 0 : r;
}

static int decide_begin(struct node *node, const struct turn_view *view,
                        const struct import_begin_arguments *arguments, struct decision *ret) {
    struct generations known;
    uint64_t last = 0;
    int r = generations_get(view->txn, &known);
    if (r == 0) {
        r = last_generation(view->txn, &last);
    }
    if (r < 0) {
        return r;
    }
    if (known.standing.generation != 0 && digest_equal(&known.standing.file, &arguments->file)) {
        ret->refusal = REFUSAL_EXISTS;
        return 0;
    }
    r = key_usable(node, &known, arguments->record_key, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    struct register_generation staged = {
        .generation = last + 1,
        .record_key = arguments->record_key,
        .file = arguments->file,
        .time_ms = view->now_ms,
    };
    struct buf buf = node_buf(view, GENERATION_BYTES_MAX);
    generation_write(&buf, &staged);
    r = node_decision_add(ret, NODE_FACT_STAGED, &buf);
    return r < 0 ? r : node_result(view, ret, "{\"generation\":%" PRIu64 "}", staged.generation);
}

/* Whether that generation is the staged one. */
static int find_staged(const struct turn_view *view, uint64_t generation, struct decision *ret,
                       struct register_generation *ret_staged) {
    int r = register_staged(view->txn, ret_staged);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    if (r == ERR_NOT_FOUND || ret_staged->generation != generation) {
        ret->refusal = REFUSAL_NOT_FOUND;
    }
    return 0;
}

static bool rows_valid(const struct import_rows_arguments *arguments) {
    for (size_t i = 0; i < arguments->count; i++) {
        if (!register_case_valid(&arguments->cases[i])) {
            return false;
        }
    }
    return true;
}

static int seal_rows(const struct node *node, const struct turn_view *view,
                     const struct import_rows_arguments *arguments,
                     const struct record_key *record_key, struct decision *ret) {
    const struct node_keys *keys = &node->params.keys;
    size_t row_bytes = REGISTER_KEY_BYTES + 4 + REGISTER_SEALED_BYTES_MAX;
    struct buf buf = node_buf(view, 8 + 4 + arguments->count * row_bytes);
    buf_u64(&buf, arguments->generation);
    buf_u32(&buf, (uint32_t)arguments->count);
    for (size_t i = 0; i < arguments->count; i++) {
        uint8_t memory[REGISTER_SEALED_BYTES_MAX];
        struct buf sealed = buf_over(memory, sizeof(memory));
        struct register_key place =
            register_key(keys->index, arguments->generation, arguments->cases[i].id);
        register_seal(record_key, &place, &arguments->cases[i], &sealed);
        if (sealed.error < 0) {
            return sealed.error;
        }
        buf_raw(&buf, BYTES_OF(place));
        buf_run(&buf, buf_bytes(&sealed));
    }
    return node_decision_add(ret, NODE_FACT_ROWS, &buf);
}

static int decide_rows(struct node *node, const struct turn_view *view,
                       const struct import_rows_arguments *arguments, struct decision *ret) {
    struct register_generation staged = {0};
    struct record_key key;
    const struct vault_keys *keys = &node->params.keys.records;
    if (arguments->count > IMPORT_BATCH_ROWS) {
        ret->refusal = REFUSAL_TOO_LARGE;
        return 0;
    }
    int r = find_staged(view, arguments->generation, ret, &staged);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    if (!rows_valid(arguments)) {
        ret->refusal = REFUSAL_MALFORMED;
        return 0;
    }
    if (staged.cases + arguments->count > IMPORT_ROWS_MAX) {
        ret->refusal = REFUSAL_TOO_LARGE;
        return 0;
    }
    r = keys->get(keys->context, staged.record_key, &key);
    if (r < 0) {
        ret->refusal = REFUSAL_NOT_FOUND;
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    r = seal_rows(node, view, arguments, &key, ret);
    secret_wipe(&key, sizeof(key));
    return r < 0 ? r : node_result(view, ret, "{\"rows\":%zu}", arguments->count);
}

static int count_change(void *context, const struct register_change *change) {
    struct register_changes *changes = context;
    changes->opened += (change->what & REGISTER_OPENED) != 0;
    changes->contacted += (change->what & REGISTER_CONTACTED) != 0;
    changes->moved += (change->what & REGISTER_MOVED) != 0;
    changes->reopened += (change->what & REGISTER_REOPENED) != 0;
    changes->vanished += (change->what & REGISTER_VANISHED) != 0;
    if ((change->what & REGISTER_CLOSED) != 0) {
        changes->closed[change->after->close_reason]++;
    }
    return 0;
}

static int write_closed(const struct turn_view *view, const struct register_changes *changes,
                        const char **ret) {
    enum { SIZE = 512 };
    char *text = arena_alloc(view->arena, SIZE, 1);
    size_t length = 0;
    if (text == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i <= CLOSE_REASON_OTHER; i++) {
        const char *name = i == 0 ? "not-given" : close_reason_text((enum close_reason)i);
        if (changes->closed[i] == 0) {
            continue;
        }
        int written = snprintf(text + length, SIZE - length, "%s\"%s\":%" PRIu64,
                               length == 0 ? "" : ",", name, changes->closed[i]);
        length += (size_t)written; /* the names are ours: SIZE holds them all */
    }
    *ret = text;
    return 0;
}

static int switch_result(const struct turn_view *view, const struct register_generation *now,
                         const struct register_changes *changes, struct decision *ret) {
    const char *closed;
    int r = write_closed(view, changes, &closed);
    if (r < 0) {
        return r;
    }
    return node_result(view, ret,
                       "{\"generation\":%" PRIu64 ",\"cases\":%" PRIu64 ",\"rejected\":%" PRIu64
                       ",\"opened\":%" PRIu64 ",\"contacted\":%" PRIu64 ",\"moved\":%" PRIu64
                       ",\"closed\":{%s},\"reopened\":%" PRIu64 ",\"vanished\":%" PRIu64 "}",
                       now->generation, now->cases, now->rejected, changes->opened,
                       changes->contacted, changes->moved, closed, changes->reopened,
                       changes->vanished);
}

static int decide_switch(struct node *node, const struct turn_view *view,
                         const struct import_end_arguments *arguments, struct decision *ret) {
    struct generations known;
    struct register_changes changes = {0};
    struct register_generation now = {0};
    int r = find_staged(view, arguments->generation, ret, &now);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = generations_get(view->txn, &known);
    if (r < 0) {
        return r;
    }
    struct register_pair pair = {.old = known.standing.generation == 0 ? NULL : &known.standing,
                                 .new = &now};
    struct register_listener listener = {.hear = count_change, .context = &changes};
    r = register_diff(view->txn, &node->params.keys.records, &pair, &listener, &now.cases);
    if (r == ERR_NOT_FOUND || r == ERR_CRYPTO) {
        ret->refusal = REFUSAL_INTERNAL_FAULT; /* the staged rows can't be read: import again */
        return 0;
    }
    if (r < 0) {
        return r;
    }
    now.rejected = arguments->rejected;
    now.time_ms = view->now_ms;
    struct buf buf = node_buf(view, STANDING_BYTES_MAX);
    generation_write(&buf, &now);
    changes_write(&buf, &changes);
    r = node_decision_add(ret, NODE_FACT_SWITCHED, &buf);
    return r < 0 ? r : switch_result(view, &now, &changes, ret);
}

static int decide_drop(const struct turn_view *view, const struct import_end_arguments *arguments,
                       struct decision *ret) {
    struct register_generation staged = {0};
    int r = find_staged(view, arguments->generation, ret, &staged);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    struct buf buf = node_buf(view, 8);
    buf_u64(&buf, staged.generation);
    return node_decision_add(ret, NODE_FACT_DROPPED, &buf);
}

static int decide_shredded(const struct turn_view *view, const struct shredded_arguments *arguments,
                           struct decision *ret) {
    struct buf buf = node_buf(view, 8 * arguments->count);
    for (size_t i = 0; i < arguments->count; i++) {
        buf_u64(&buf, arguments->keys[i]);
    }
    return node_decision_add(ret, NODE_FACT_SHREDDED, &buf);
}

int register_decide(struct node *node, const struct turn_view *view, const struct command *command,
                    struct decision *ret) {
    switch ((int)command->kind) {
    case NODE_COMMAND_IMPORT_BEGIN:
        return decide_begin(node, view, command->arguments, ret);
    case NODE_COMMAND_IMPORT_ROWS:
        return decide_rows(node, view, command->arguments, ret);
    case NODE_COMMAND_IMPORT_SWITCH:
        return decide_switch(node, view, command->arguments, ret);
    case NODE_COMMAND_IMPORT_DROP:
        return decide_drop(view, command->arguments, ret);
    case NODE_COMMAND_SHREDDED:
        return decide_shredded(view, command->arguments, ret);
    default:
        ret->refusal = REFUSAL_UNKNOWN_KIND;
        return 0;
    }
}

int register_decide_sweep(const struct turn_view *view, struct decision *ret) {
    uint64_t generation;
    size_t count = 0;
    int r = list_read(view->txn, "garbage/", &generation, 1, &count);
    if (r < 0 || count == 0) {
        return r;
    }
    struct buf buf = node_buf(view, 8);
    buf_u64(&buf, generation);
    return node_decision_add(ret, NODE_FACT_SWEPT, &buf);
}

/* -- apply -- */

static void discard(struct store_txn *txn, const struct register_generation *generation) {
    list_add(txn, "garbage/", generation->generation);
    list_add(txn, "shred/", generation->record_key);
}

static int apply_staged(const struct turn_view *view, struct reader *reader) {
    struct register_generation staged;
    struct generations known;
    uint8_t last[8];
    generation_read(reader, &staged);
    int r = reader_end(reader) < 0 ? ERR_STORAGE : generations_get(view->txn, &known);
    if (r < 0) {
        return r;
    }
    if (known.staged.generation != 0) { /* an import that nobody ended */
        discard(view->txn, &known.staged);
    }
    be64_write(last, staged.generation);
    store_put(view->txn, TABLE_REGISTER_META, bytes_from_text("last"), BYTES_OF(last));
    staged_put(view->txn, &staged);
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
    staged_put(view->txn, &staged);
    return reader_end(reader) < 0 ? ERR_STORAGE : 0;
}

static int apply_switched(const struct turn_view *view, struct reader *reader) {
    struct generations known;
    struct bytes standing = reader->rest;
    int r = generations_get(view->txn, &known);
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
        list_delete(view->txn, "garbage/", generation);
    }
    return 0;
}

static int apply_shredded(const struct turn_view *view, struct reader *reader) {
    while (reader->rest.length > 0 && reader->error == 0) {
        list_delete(view->txn, "shred/", read_u64(reader));
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
