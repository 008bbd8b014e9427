#include "node/core/publish.h"

#include "node/core/memory.h"
#include "node/core/state.h"
#include "shared/base/civil.h"
#include "shared/post/outbox.h"

enum { VERSION = 1, RECORD_HEAD_BYTES = 64 };

/* -- records -- */

static int record_read(struct bytes value, struct freeze_record *ret) {
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    ret->decided_ms = read_i64(&reader);
    ret->generation = read_u64(&reader);
    ret->withheld = read_u64(&reader);
    read_raw(&reader, ret->message.bytes, sizeof(ret->message.bytes));
    ret->body = read_run(&reader);
    return version != VERSION || reader_end(&reader) < 0 ? ERR_STORAGE : 0;
}

static int record_put(const struct turn_view *view, const struct freeze_record *record) {
    uint8_t key[4];
    struct buf buf = decision_buf(view, RECORD_HEAD_BYTES + record->body.length);
    be32_write(key, (uint32_t)record->freeze_day);
    buf_u8(&buf, VERSION);
    buf_i64(&buf, record->decided_ms);
    buf_u64(&buf, record->generation);
    buf_u64(&buf, record->withheld);
    buf_raw(&buf, BYTES_OF(record->message));
    buf_run(&buf, record->body);
    if (buf.error < 0) {
        return buf.error;
    }
    store_put(view->txn, TABLE_FREEZE, BYTES_OF(key), buf_bytes(&buf));
    return 0;
}

int freeze_get(struct store_txn *view, int32_t freeze_day, struct freeze_record *ret) {
    uint8_t key[4];
    struct bytes value;
    be32_write(key, (uint32_t)freeze_day);
    int r = store_get(view, TABLE_FREEZE, BYTES_OF(key), &value);
    ret->freeze_day = freeze_day;
    return r < 0 ? r : record_read(value, ret);
}

int freeze_last(struct store_txn *view, struct freeze_record *ret) {
    struct store_cursor cursor;
    int r = store_last(view, TABLE_FREEZE, &cursor);
    if (r < 0) {
        return r;
    }
    ret->freeze_day = (int32_t)be32_read(cursor.key.data);
    return record_read(cursor.value, ret);
}

int64_t publish_due_ms(const struct org_id *own, int64_t freeze_ms) {
    return freeze_ms + (int64_t)publish_offset_minutes(own) * MINUTE_MS;
}

int publish_released(struct store_txn *view, bool *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_SETTINGS, bytes_from_text("released"), &value);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    *ret = r == 0;
    return 0;
}

/* -- decide -- */

/* What a limit or the guard took out; not what merely isn't due, or is nobody. */
static uint64_t count_withheld(const struct preview *preview) {
    uint64_t count = 0;
    for (size_t i = 0; i < preview->count; i++) {
        enum withheld why = preview->lines[i].withheld;
        count += why != WITHHELD_NOT && why != WITHHELD_NOT_DUE && why != WITHHELD_NONE_TO_SHOW;
    }
    return count;
}

static int add_frozen(struct node *node, const struct turn_view *view, struct freeze_record *record,
                      struct decision *ret) {
    struct node_draft draft = {.kind = MESSAGE_KIND_SIGNAL, .body = record->body};
    struct bytes envelope;
    int r = node_compose(node, view, &draft, &envelope);
    if (r < 0) {
        return r;
    }
    struct buf buf = decision_buf(view, 128 + record->body.length + envelope.length);
    buf_u32(&buf, (uint32_t)record->freeze_day);
    buf_u64(&buf, record->generation);
    buf_u64(&buf, record->withheld);
    buf_raw(&buf, BYTES_OF(draft.id));
    buf_run(&buf, record->body);
    buf_run(&buf, envelope);
    return decision_add(ret, NODE_FACT_FROZEN, &buf);
}

/* A register that can't be counted is told as a refusal: the node goes on without publishing. */
static int refuse(int error, struct decision *ret) {
    switch (error) {
    case ERR_TOO_LARGE:
        ret->refusal = REFUSAL_TOO_LARGE;
        return 0;
    case ERR_AGAIN:
        ret->refusal = REFUSAL_BUSY;
        return 0;
    case ERR_NOT_FOUND:
    case ERR_CRYPTO:
        ret->refusal = REFUSAL_INTERNAL_FAULT;
        return 0;
    default:
        return error;
    }
}

static int decide_freeze(struct node *node, const struct turn_view *view, int32_t freeze_day,
                         struct decision *ret) {
    struct register_generation standing;
    struct disclosure *disclosure = ARENA_NEW(view->arena, struct disclosure);
    struct freeze_record record = {.freeze_day = freeze_day};
    if (disclosure == NULL) {
        return ERR_NO_MEMORY;
    }
    struct publish_source source = {
        .keys = &node->params.keys, .standing = &standing, .freeze_day = freeze_day};
    int r = register_standing(view->txn, &standing, NULL);
    if (r == 0) {
        r = publish_disclose(view->txn, &source, view->arena, disclosure);
    }
    if (r == 0) {
        r = signal_encode(&disclosure->signal, view->arena, &record.body);
    }
    if (r == 0) {
        record.generation = standing.generation;
        record.withheld = count_withheld(&disclosure->preview);
        r = add_frozen(node, view, &record, ret);
    }
    return r < 0 ? refuse(r, ret) : 0;
}

/* Why nothing may be decided now; REFUSAL_NONE: it may. */
static int may_decide(const struct node *node, const struct turn_view *view, int64_t freeze_ms,
                      enum refusal *ret) {
    struct node_standing own;
    struct register_generation standing;
    bool known;
    int r = node_standing(node, view->txn, &own);
    if (r == 0) {
        r = memory_known(view->txn, &known);
    }
    if (r < 0) {
        return r;
    }
    if (node->clock_halted) {
        *ret = REFUSAL_CLOCK_OFF;
        return 0;
    }
    if (own.known && !own.active) {
        *ret = REFUSAL_NOT_MEMBER;
        return 0;
    }
    /* Also one that has a memory waits for its first welcome: it may have been put back from a
     * backup, and have published this freeze before. */
    if (!own.active || !known || !node->greeted) {
        *ret = REFUSAL_NOT_YET;
        return 0;
    }
    r = register_standing(view->txn, &standing, NULL);
    if (r < 0) {
        *ret = REFUSAL_NOT_FOUND;
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    bool stale = standing.time_ms < freeze_ms - (int64_t)PUBLISH_REGISTER_DAYS_MAX * DAY_MS;
    *ret = stale ? REFUSAL_STALE : REFUSAL_NONE;
    return 0;
}

/* Whether the clock may publish at all. */
static int is_held(const struct node *node, const struct turn_view *view, bool *ret) {
    bool released = true;
    int r = node->params.hold_until_released ? publish_released(view->txn, &released) : 0;
    *ret = !released;
    return r;
}

static int decide_release(const struct turn_view *view, struct decision *ret) {
    bool released;
    int r = publish_released(view->txn, &released);
    if (r < 0 || released) {
        return r;
    }
    struct buf buf = decision_buf(view, 1);
    buf_u8(&buf, VERSION);
    return decision_add(ret, NODE_FACT_RELEASED, &buf);
}

int publish_decide_due(struct node *node, const struct turn_view *view, struct decision *ret) {
    struct freeze_record record;
    struct register_generation standing = {0};
    int64_t freeze_ms = freeze_before(view->now_ms);
    int32_t freeze_day = brussels_day(freeze_ms);
    if (view->now_ms < publish_due_ms(&node->params.own.org, freeze_ms)) {
        return 0;
    }
    int r = freeze_get(view->txn, freeze_day, &record);
    if (r != ERR_NOT_FOUND) {
        return r;
    }
    bool held;
    r = is_held(node, view, &held);
    if (r < 0 || held) {
        return r;
    }
    enum refusal refusal;
    r = may_decide(node, view, freeze_ms, &refusal);
    if (r < 0 || refusal != REFUSAL_NONE) {
        return r;
    }
    r = register_standing(view->txn, &standing, NULL);
    bool skipped =
        node->skipped_freeze_day == freeze_day && node->skipped_generation == standing.generation;
    return r < 0 || skipped ? r : decide_freeze(node, view, freeze_day, ret);
}

/* After a turn in which a due freeze couldn't be decided: not again until another import. */
void publish_outcome(struct node *node, const struct decision *decision) {
    struct store_txn *view;
    struct register_generation standing;
    if (decision->refusal != REFUSAL_TOO_LARGE && decision->refusal != REFUSAL_INTERNAL_FAULT) {
        return;
    }
    if (store_begin_read(node->params.store, &view) < 0) {
        return;
    }
    if (register_standing(view, &standing, NULL) == 0) {
        node->skipped_freeze_day = brussels_day(freeze_before(node->now_ms));
        node->skipped_generation = standing.generation;
    }
    store_abort(view);
}

static int tell_result(const struct turn_view *view, int32_t freeze_day, const char *what,
                       struct decision *ret) {
    char date[DATE_TEXT_SIZE];
    date_format(freeze_day, date);
    return node_result(view, ret, "{\"freeze\":\"%s\",\"%s\":true}", date, what);
}

static int is_waiting(const struct node *node, const struct turn_view *view,
                      const struct message_id *id, bool *ret) {
    struct stream stream = node_stream(node, LANE_ORDINARY);
    struct outbox_item item = {0};
    *ret = false;
    int r;
    for (r = outbox_find(view->txn, &stream, 0, &item); r == 0;
         r = outbox_find(view->txn, &stream, item.number + 1, &item)) {
        if (message_id_equal(&item.id, id)) {
            *ret = true;
            return 0;
        }
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

/* The same body once more, unless it's on its way. */
static int decide_repeat(struct node *node, const struct turn_view *view,
                         struct freeze_record *record, struct decision *ret) {
    bool waits;
    int r = is_waiting(node, view, &record->message, &waits);
    if (r < 0) {
        return r;
    }
    if (waits) {
        return tell_result(view, record->freeze_day, "waiting", ret);
    }
    record->body = arena_copy(view->arena, record->body);
    if (record->body.data == NULL) {
        return ERR_NO_MEMORY;
    }
    r = add_frozen(node, view, record, ret);
    if (r < 0) {
        return refuse(r, ret);
    }
    return tell_result(view, record->freeze_day, "repeated", ret);
}

static int decide_publish(struct node *node, const struct turn_view *view, struct decision *ret) {
    struct freeze_record record;
    int64_t freeze_ms = freeze_before(view->now_ms);
    int32_t freeze_day = brussels_day(freeze_ms);
    if (node->clock_halted) {
        ret->refusal = REFUSAL_CLOCK_OFF;
        return 0;
    }
    int r = freeze_get(view->txn, freeze_day, &record);
    if (r == 0) {
        return decide_repeat(node, view, &record, ret);
    }
    if (r != ERR_NOT_FOUND) {
        return r;
    }
    r = may_decide(node, view, freeze_ms, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = decide_freeze(node, view, freeze_day, ret);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    return tell_result(view, freeze_day, "published", ret);
}

int publish_decide_command(struct node *node, const struct turn_view *view, struct decision *ret) {
    int r = decide_publish(node, view, ret);
    return r < 0 || ret->refusal != REFUSAL_NONE ? r : decide_release(view, ret);
}

/* -- apply -- */

static void forget_old(struct store_txn *txn, int32_t freeze_day) {
    struct store_cursor cursor;
    uint8_t before[4];
    be32_write(before, (uint32_t)(freeze_day - SIGNAL_KEEP_WEEKS * 7));
    int r;
    for (r = store_first(txn, TABLE_FREEZE, &cursor);
         r == 0 && bytes_compare(cursor.key, BYTES_OF(before)) < 0; r = store_next(&cursor)) {
        store_delete(txn, TABLE_FREEZE, cursor.key);
    }
}

int publish_apply(const struct turn_view *view, const struct fact *fact) {
    struct reader reader = reader_over(fact->body);
    struct freeze_record before;
    struct freeze_record record = {.freeze_day = (int32_t)read_u32(&reader),
                                   .decided_ms = view->now_ms};
    record.generation = read_u64(&reader);
    record.withheld = read_u64(&reader);
    read_raw(&reader, record.message.bytes, sizeof(record.message.bytes));
    record.body = read_run(&reader);
    struct bytes envelope = read_run(&reader);
    if (reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    int r = freeze_get(view->txn, record.freeze_day, &before);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    record.decided_ms = r == 0 ? before.decided_ms : view->now_ms;
    r = record_put(view, &record);
    if (r < 0) {
        return r;
    }
    forget_old(view->txn, record.freeze_day);
    return node_push(view, envelope);
}

int publish_apply_released(const struct turn_view *view, const struct fact *fact) {
    store_put(view->txn, TABLE_SETTINGS, bytes_from_text("released"), fact->body);
    return 0;
}

int publish_adopt(const struct turn_view *view, struct bytes body) {
    struct signal signal;
    struct freeze_record before;
    if (signal_decode(body, view->arena, &signal) != REFUSAL_NONE ||
        signal.origin != FIGURES_ORIGIN_REGISTER) {
        return 0;
    }
    int r = freeze_get(view->txn, signal.as_of_day, &before);
    if (r != ERR_NOT_FOUND) {
        return r;
    }
    struct freeze_record record = {.freeze_day = signal.as_of_day, .decided_ms = view->now_ms};
    r = signal_encode(&signal, view->arena, &record.body); /* the hub keeps no padding */
    return r < 0 ? r : record_put(view, &record);
}
