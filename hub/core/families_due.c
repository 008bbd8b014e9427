#include <string.h>

#include "hub/core/families.h"
#include "hub/core/family_store.h"
#include "hub/core/tombstones.h"
#include "shared/consent/consent.h"

/* What time brings: a slice each timer event, so that a thousand families due at once don't hold
 * the mail. */

enum {
    DUE_PER_TURN_MAX = 64,
    DUE_KEY_BYTES = 8 + sizeof(struct digest), /* of a family; longer ones are tombstones.h's */
};

bool families_room(const struct decision *decision) {
    return decision->fact_count < DECISION_FACTS_MAX - FAMILY_FACTS_MAX - FAMILIES_RESERVE;
}

int families_decide_unreadable(const struct turn_view *view, const struct digest *lookup,
                               struct decision *ret) {
    uint64_t key = 0;
    int r = family_record_key(view->txn, lookup, &key);
    return r < 0 ? r : family_decide_erased(view, lookup, key, ret);
}

static int decide_family(struct hub *hub, const struct turn_view *view, const struct digest *lookup,
                         struct decision *ret) {
    struct family *family = NULL;
    struct family_work work = {0};
    int r = family_get_by_lookup(view->txn, &hub->params.families, lookup, hub->scratch, &family);
    if (r == ERR_CRYPTO) {
        return families_decide_unreadable(view, lookup, ret);
    }
    if (r == 0) {
        r = families_begin(hub, view, family, &work);
    }
    if (r < 0) {
        return r;
    }
    if (view->now_ms >= consent_end_ms(family->token.end_month)) {
        return families_erase(&work, WITHDRAWAL_BASIS_NONE, ret);
    }
    return view->short_of_room ? 0 : families_finish(&work, CHANGE_TIME, ret);
}

/* Without room most of what's due stays so: go on behind what was seen, or what ends would wait
 * behind it. */
static int first_due(const struct hub *hub, const struct turn_view *view,
                     struct store_cursor *ret) {
    const struct bytes from = {.data = hub->due_next, .length = hub->due_next_length};
    int r = ERR_NOT_FOUND;
    if (view->short_of_room && from.length > 0) {
        r = store_seek(view->txn, TABLE_FAMILY_DUE, from, ret);
    }
    return r == ERR_NOT_FOUND ? store_first(view->txn, TABLE_FAMILY_DUE, ret) : r;
}

static int decide_rows(struct hub *hub, const struct turn_view *view, struct decision *ret) {
    struct store_cursor cursor;
    unsigned count = 0;
    int r = first_due(hub, view, &cursor);
    hub->due_next_length = 0;
    for (; r == 0 && count < DUE_PER_TURN_MAX && families_room(ret); r = store_next(&cursor)) {
        struct digest lookup;
        if (cursor.key.length < DUE_KEY_BYTES) {
            return ERR_STORAGE;
        }
        if ((int64_t)be64_read(cursor.key.data) > view->now_ms) {
            return 0;
        }
        memcpy(lookup.bytes, cursor.key.data + 8, sizeof(lookup.bytes));
        int failed = cursor.key.length == DUE_KEY_BYTES
                         ? decide_family(hub, view, &lookup, ret)
                         : tombstones_decide_over(view, cursor.key, ret);
        if (failed < 0) {
            return failed;
        }
        count++;
    }
    if (r == 0 && cursor.key.length <= sizeof(hub->due_next)) {
        memcpy(hub->due_next, cursor.key.data, cursor.key.length);
        hub->due_next_length = cursor.key.length;
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

int families_decide_time(struct hub *hub, const struct turn_view *view, struct decision *ret) {
    struct turn_view own = *view;
    own.arena = hub->scratch; /* what this decides is applied before the next event */
    int r = decide_rows(hub, &own, ret);
    if (r < 0 || view->short_of_room) {
        return r;
    }
    r = heard_decide_due(hub, &own, ret);
    return r < 0 ? r : call_backs_decide_due(hub, &own, ret);
}
