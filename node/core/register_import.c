#include <inttypes.h>
#include <stdio.h>

#include "node/core/publish.h"
#include "node/core/register_meta.h"
#include "node/core/state.h"
#include "shared/crypto/secret.h"

/* From rows to the register: what the import worker asks, decided. */

/* A key serves one generation: shredding it must destroy that one and nothing else. */
static int key_usable(const struct node *node, const struct register_generations *known,
                      uint64_t id, enum refusal *ret) {
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
    struct register_generations known;
    uint64_t last = 0;
    int r = register_generations_get(view->txn, &known);
    if (r == 0) {
        r = register_last_generation(view->txn, &last);
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
    struct buf buf = decision_buf(view, REGISTER_GENERATION_BYTES_MAX);
    register_generation_write(&buf, &staged);
    r = decision_add(ret, NODE_FACT_STAGED, &buf);
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
    struct buf buf = decision_buf(view, 8 + 4 + arguments->count * row_bytes);
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
    return decision_add(ret, NODE_FACT_ROWS, &buf);
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

static int switch_result(const struct node *node, const struct turn_view *view,
                         const struct register_generation *now,
                         const struct register_changes *changes, struct decision *ret) {
    const char *closed;
    bool released = true;
    int r = write_closed(view, changes, &closed);
    if (r == 0 && node->params.hold_until_released) {
        r = publish_released(view->txn, &released);
    }
    if (r < 0) {
        return r;
    }
    return node_result(view, ret,
                       "{\"generation\":%" PRIu64 ",\"cases\":%" PRIu64 ",\"rejected\":%" PRIu64
                       ",\"opened\":%" PRIu64 ",\"contacted\":%" PRIu64 ",\"moved\":%" PRIu64
                       ",\"closed\":{%s},\"reopened\":%" PRIu64 ",\"vanished\":%" PRIu64 "%s}",
                       now->generation, now->cases, now->rejected, changes->opened,
                       changes->contacted, changes->moved, closed, changes->reopened,
                       changes->vanished, released ? "" : ",\"held\":true");
}

static int decide_switch(struct node *node, const struct turn_view *view,
                         const struct import_end_arguments *arguments, struct decision *ret) {
    struct register_generations known;
    struct register_changes changes = {0};
    struct register_generation now = {0};
    int r = find_staged(view, arguments->generation, ret, &now);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = register_generations_get(view->txn, &known);
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
    struct buf buf = decision_buf(view, REGISTER_STANDING_BYTES_MAX);
    register_generation_write(&buf, &now);
    register_changes_write(&buf, &changes);
    r = decision_add(ret, NODE_FACT_SWITCHED, &buf);
    return r < 0 ? r : switch_result(node, view, &now, &changes, ret);
}

static int decide_drop(const struct turn_view *view, const struct import_end_arguments *arguments,
                       struct decision *ret) {
    struct register_generation staged = {0};
    int r = find_staged(view, arguments->generation, ret, &staged);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    struct buf buf = decision_buf(view, 8);
    buf_u64(&buf, staged.generation);
    return decision_add(ret, NODE_FACT_DROPPED, &buf);
}

static int decide_shredded(const struct turn_view *view, const struct shredded_arguments *arguments,
                           struct decision *ret) {
    struct buf buf = decision_buf(view, 8 * arguments->count);
    for (size_t i = 0; i < arguments->count; i++) {
        buf_u64(&buf, arguments->keys[i]);
    }
    return decision_add(ret, NODE_FACT_SHREDDED, &buf);
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
    int r = register_list_read(view->txn, "garbage/", &generation, 1, &count);
    if (r < 0 || count == 0) {
        return r;
    }
    struct buf buf = decision_buf(view, 8);
    buf_u64(&buf, generation);
    return decision_add(ret, NODE_FACT_SWEPT, &buf);
}
