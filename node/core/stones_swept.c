#include <string.h>

#include "node/core/stones.h"
#include "shared/base/civil.h"

/* What is kept no longer: by its retention, by its age, or by the end of its consent. */

enum { SWEPT_AT_ONCE = 32, ENDED_AT_ONCE = 8, ENDED_WAIT_DAYS = 1, REMNANT_DAYS = 30 };

/* -- consents whose end came without the hub's word -- */

/* The hub's tombstone comes the day that a consent ends; who hears nothing of the hub for so long
 * erases by itself, and receipts the tombstone when it comes. */
struct ended {
    const struct turn_view *view;
    struct family_handle handles[ENDED_AT_ONCE];
    size_t count;
};

static int note_ended(struct ended *ended, const struct family_handle *handle, uint32_t end_month) {
    if (end_month == 0 || ended->count == ENDED_AT_ONCE ||
        ended->view->now_ms < consent_end_ms(end_month) + (int64_t)ENDED_WAIT_DAYS * DAY_MS) {
        return 0;
    }
    for (size_t i = 0; i < ended->count; i++) {
        if (family_handle_equal(&ended->handles[i], handle)) {
            return 0;
        }
    }
    ended->handles[ended->count++] = *handle;
    return 0;
}

static int find_ended_row(void *context, const struct family_row *row) {
    return note_ended(context, &row->handle, row->end_month);
}

static int find_ended_item(void *context, const struct item *item) {
    struct ended *ended = context;
    struct consent_token token;
    const struct arena_mark mark = arena_mark(ended->view->arena);
    if (item->token.token.length == 0) {
        return 0;
    }
    const enum refusal refusal =
        consent_token_decode(item->token.token, ended->view->arena, &token);
    arena_rewind(ended->view->arena, &mark);
    return refusal == REFUSAL_NONE ? note_ended(ended, &item->handle, token.end_month) : 0;
}

static int decide_ended(struct node *node, const struct turn_view *view, struct decision *ret) {
    const struct family_vault vault = node_family_vault(node);
    struct ended ended = {.view = view};
    int r = family_each(view->txn, &vault, view->arena, find_ended_row, &ended);
    if (r == 0) {
        r = item_each(view->txn, &vault, view->arena, find_ended_item, &ended);
    }
    for (size_t i = 0; r == 0 && i < ended.count; i++) {
        const struct tombstone own = {.handle = ended.handles[i], .at_ms = view->now_ms};
        r = stones_take(node, view, &own, ret);
    }
    if (ended.count == ENDED_AT_ONCE) {
        node->swept_ms = 0; /* there may be more */
    }
    return r;
}

/* -- by age -- */

struct sweep {
    struct node *node;
    const struct turn_view *view;
    struct decision *decision;
    int32_t today;
    size_t swept;
};

static int sweep_record(void *context, const struct consent_kept *kept) {
    struct sweep *sweep = context;
    if (sweep->swept == SWEPT_AT_ONCE || kept->record.retention_until_day > sweep->today) {
        return 0;
    }
    sweep->swept++;
    return consent_decide_gone(sweep->node, sweep->view, kept, sweep->decision);
}

static int forget(struct sweep *sweep, struct bytes key, uint64_t shred) {
    sweep->swept++;
    return stone_decide_forgotten(sweep->view, key, shred, sweep->decision);
}

/* Of a remnant: it goes REMNANT_DAYS after the tombstone that made it. */
static int sweep_remnant(struct sweep *sweep, const struct digest *lookup, int32_t until_day) {
    const struct stone_key key = stone_key('m', lookup);
    struct bytes sealed;
    uint64_t record_key;
    if (sweep->today < until_day - STONE_DAYS + REMNANT_DAYS) {
        return 0;
    }
    int r = store_get(sweep->view->txn, TABLE_STONES, BYTES_OF(key), &sealed);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    if (vault_key_id(sealed, &record_key) < 0) {
        return ERR_STORAGE;
    }
    return forget(sweep, BYTES_OF(key), record_key);
}

static int sweep_stones(struct sweep *sweep) {
    const uint8_t handles = 'h';
    struct store_cursor cursor;
    int r;
    for (r = store_seek(sweep->view->txn, TABLE_STONES, BYTES_OF(handles), &cursor);
         r == 0 && sweep->swept < SWEPT_AT_ONCE && store_under(&cursor, BYTES_OF(handles));
         r = store_next(&cursor)) {
        struct digest lookup;
        if (cursor.key.length != sizeof(struct stone_key) || cursor.value.length != 4) {
            return ERR_STORAGE;
        }
        const int32_t until_day = (int32_t)be32_read(cursor.value.data);
        memcpy(lookup.bytes, cursor.key.data + 1, sizeof(lookup.bytes));
        int failed = sweep_remnant(sweep, &lookup, until_day);
        if (failed == 0 && until_day <= sweep->today) {
            failed = forget(sweep, cursor.key, 0);
        }
        if (failed < 0) {
            return failed;
        }
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

int stones_decide_swept(struct node *node, const struct turn_view *view, struct decision *ret) {
    const struct family_vault vault = node_family_vault(node);
    struct sweep sweep = {
        .node = node, .view = view, .decision = ret, .today = brussels_day(view->now_ms)};
    int r = consent_each(view->txn, &vault, view->arena, sweep_record, &sweep);
    if (r == 0) {
        r = sweep_stones(&sweep);
    }
    if (sweep.swept >= SWEPT_AT_ONCE) {
        node->swept_ms = 0; /* there's more */
    }
    return r < 0 ? r : decide_ended(node, view, ret);
}
