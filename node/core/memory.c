#include "node/core/memory.h"

#include "node/core/publish.h"
#include "node/core/state.h"
#include "shared/base/civil.h"

/* TABLE_DISCLOSURE: "last" and "before" are bodies of signals, of two freezes; "told" is there once
 * the hub has said what it has. */

enum { FREEZE_WEEKDAY = 1 }; /* Monday (DESIGN 4) */

static const struct bytes nothing = {.data = (const uint8_t *)"", .length = 0};

int memory_known(struct store_txn *view, bool *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_DISCLOSURE, bytes_from_text("told"), &value);
    *ret = r == 0;
    return r == ERR_NOT_FOUND ? 0 : r;
}

static int memory_get(struct store_txn *view, const char *name, struct arena *arena,
                      struct signal *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_DISCLOSURE, bytes_from_text(name), &value);
    if (r < 0) {
        return r;
    }
    enum refusal refusal = signal_decode(value, arena, ret);
    if (refusal != REFUSAL_NONE) {
        return refusal == REFUSAL_NO_ROOM ? ERR_NO_MEMORY : ERR_STORAGE;
    }
    return 0;
}

int memory_before(struct store_txn *view, int32_t day, struct arena *arena, struct signal *ret) {
    int r = memory_get(view, "last", arena, ret);
    if (r < 0 || ret->as_of_day < day) {
        return r;
    }
    r = memory_get(view, "before", arena, ret);
    return r == 0 && ret->as_of_day >= day ? ERR_NOT_FOUND : r;
}

static int move_last(struct store_txn *txn, struct arena *arena) {
    struct bytes value;
    int r = store_get(txn, TABLE_DISCLOSURE, bytes_from_text("last"), &value);
    if (r < 0) {
        return r;
    }
    struct bytes copy = arena_copy(arena, value);
    if (copy.data == NULL) {
        return ERR_NO_MEMORY;
    }
    store_put(txn, TABLE_DISCLOSURE, bytes_from_text("before"), copy);
    return 0;
}

int memory_accept(struct store_txn *txn, struct bytes body, struct arena *arena) {
    struct signal accepted;
    struct signal last;
    if (signal_decode(body, arena, &accepted) != REFUSAL_NONE ||
        accepted.origin != FIGURES_ORIGIN_REGISTER) {
        return 0;
    }
    int r = memory_get(txn, "last", arena, &last);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    if (r == 0 && last.as_of_day > accepted.as_of_day) {
        return 0;
    }
    if (r == 0 && last.as_of_day < accepted.as_of_day) {
        r = move_last(txn, arena);
        if (r < 0) {
            return r;
        }
    }
    store_put(txn, TABLE_DISCLOSURE, bytes_from_text("last"), body);
    return 0;
}

bool memory_is_early(struct bytes body, int64_t now_ms, struct arena *arena) {
    struct signal signal;
    return body.length > 0 && signal_decode(body, arena, &signal) == REFUSAL_NONE &&
           signal.origin == FIGURES_ORIGIN_REGISTER &&
           signal.as_of_day > brussels_day(freeze_before(now_ms));
}

/* Figures of a register are of a freeze that has been, or they're none of ours. */
static bool is_ours(const struct turn_view *view, struct bytes body) {
    struct signal signal;
    return signal_decode(body, view->arena, &signal) == REFUSAL_NONE &&
           signal.origin == FIGURES_ORIGIN_REGISTER &&
           weekday_of(signal.as_of_day) == FREEZE_WEEKDAY &&
           signal.as_of_day <= brussels_day(freeze_before(view->now_ms));
}

/* The hub's word about a freeze counts as our decision where we have none: a store that was put
 * back from a backup must not look at that freeze a second time. */
int memory_apply(const struct turn_view *view, const struct fact *fact) {
    store_put(view->txn, TABLE_DISCLOSURE, bytes_from_text("told"), nothing);
    if (!is_ours(view, fact->body)) {
        return 0;
    }
    int r = publish_adopt(view, fact->body);
    return r < 0 ? r : memory_accept(view->txn, fact->body, view->arena);
}
