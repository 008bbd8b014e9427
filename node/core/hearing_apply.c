#include "node/core/families.h"
#include "node/core/hearing.h"
#include "node/core/memory.h"
#include "shared/base/limits.h"
#include "shared/post/outbox.h"

/* The hub's receipts into outbox and memory. */

/* A message that waits and that somebody wants to know about: a signal, or one about a family, to
 * see whether a receipt takes it. */
struct waiting {
    uint64_t number;
    struct message_id id;
    bool signal;
    struct bytes body; /* of a signal */
    struct waiting *next;
};

static int body_of(struct bytes packet_bytes, struct arena *arena, struct bytes *ret) {
    struct packet packet;
    struct envelope envelope;
    if (packet_decode(packet_bytes, arena, &packet) != REFUSAL_NONE ||
        envelope_decode(packet.posting.envelope, arena, &envelope) != REFUSAL_NONE) {
        return ERR_NO_MEMORY; /* our own bytes */
    }
    *ret = envelope.body;
    return 0;
}

/* Whether somebody waits for what becomes of it. */
static int is_watched(struct store_txn *view, const struct outbox_item *item, bool *ret) {
    struct sent_note note;
    int r = item->kind == MESSAGE_KIND_SIGNAL ? 0 : sent_find(view, &item->id, &note);
    *ret = r == 0;
    return r == ERR_NOT_FOUND ? 0 : r;
}

/* Those up to `highest`: what lies above, no receipt speaks of. */
static int list_waiting(const struct turn_view *view, const struct stream *stream, uint64_t highest,
                        struct waiting **ret) {
    struct outbox_item item = {0};
    struct waiting **end = ret;
    *ret = NULL;
    int r;
    for (r = outbox_find(view->txn, stream, 0, &item); r == 0 && item.number <= highest;
         r = outbox_find(view->txn, stream, item.number + 1, &item)) {
        bool watched;
        int failed = is_watched(view->txn, &item, &watched);
        if (failed == 0 && !watched) {
            continue;
        }
        struct waiting *one = failed < 0 ? NULL : ARENA_NEW(view->arena, struct waiting);
        if (one == NULL) {
            return failed < 0 ? failed : ERR_NO_MEMORY;
        }
        one->number = item.number;
        one->id = item.id;
        one->signal = item.kind == MESSAGE_KIND_SIGNAL;
        failed = one->signal ? body_of(item.packet, view->arena, &one->body) : 0;
        if (failed < 0) {
            return failed;
        }
        *end = one;
        end = &one->next;
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

/* NONE: it wasn't. */
static enum refusal refusal_of(const struct outbox_settled *settled, uint64_t number) {
    for (size_t i = 0; i < settled->refused_count; i++) {
        if (settled->refused[i].number == number) {
            return settled->refused[i].refusal;
        }
    }
    return REFUSAL_NONE;
}

/* What was there before and isn't now, and wasn't refused, was taken. */
static int remember_settled(const struct turn_view *view, const struct stream *stream,
                            const struct waiting *waiting, const struct outbox_settled *settled) {
    for (const struct waiting *one = waiting; one != NULL; one = one->next) {
        struct outbox_item item = {0};
        const enum refusal refusal = refusal_of(settled, one->number);
        int r = outbox_find(view->txn, stream, one->number, &item);
        bool waits = r == 0 && item.number == one->number;
        if (r < 0 && r != ERR_NOT_FOUND) {
            return r;
        }
        if (waits || (one->signal && refusal != REFUSAL_NONE)) {
            continue;
        }
        r = one->signal ? memory_accept(view->txn, one->body, view->arena)
                        : sent_settle(view->txn, &one->id, refusal);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static void count_settled(struct hearing_record *record, const struct outbox_settled *settled,
                          int64_t now_ms) {
    record->receipt_ms = settled->settled > 0 ? now_ms : record->receipt_ms;
    record->refused += settled->refused_count;
    if (settled->refused_count > 0) {
        const struct outbox_refused *last = &settled->refused[settled->refused_count - 1];
        record->last_refusal = last->refusal;
        record->last_refused_kind = last->kind;
    }
}

static int settle(const struct node *node, const struct turn_view *view,
                  const struct receipt *receipt, struct hearing_record *record) {
    const struct stream stream = node_stream(node, receipt->lane);
    const struct outbox_keys keys = node_outbox_keys(node);
    struct waiting *waiting;
    struct outbox_settled settled;
    const struct outbox_keep keep = {.at = record->position.sequence, .now_ms = record->hub_ms};
    const struct outbox_receipt from = {
        .stream = &stream, .receipt = receipt, .keep = &keep, .keys = &keys};
    int r = list_waiting(view, &stream, hearing_highest_settled(receipt), &waiting);
    if (r == 0) {
        r = outbox_settle(view->txn, &from, view->arena, &settled);
    }
    if (r < 0) {
        return r;
    }
    count_settled(record, &settled, view->now_ms);
    return remember_settled(view, &stream, waiting, &settled);
}

/* A hub put back from its backup gets again what it had taken after that backup. */
static int put_back(const struct node *node, const struct turn_view *view,
                    struct acknowledgement *heard) {
    const struct outbox_keys keys = node_outbox_keys(node);
    for (int lane = 0; lane < LANES; lane++) {
        struct stream stream = node_stream(node, (enum lane)lane);
        uint64_t count;
        const struct receipt none = {.lane = (enum lane)lane};
        const struct receipt *receipt = hearing_receipt_of(heard, (enum lane)lane);
        int r =
            outbox_put_back(view->txn, &stream, receipt == NULL ? &none : receipt, &keys, &count);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static int follow_restore(const struct node *node, const struct turn_view *view,
                          struct acknowledgement *heard, struct hearing_record *record) {
    int r = directory_restored(view->txn, &record->restored);
    return r < 0 ? r : put_back(node, view, heard);
}

static int apply_received(struct node *node, const struct turn_view *view, struct bytes body) {
    struct reader reader = reader_over(body);
    struct acknowledgement heard;
    struct hearing_record record;
    uint64_t sent_to[LANES];
    bool restored = read_u8(&reader) != 0;
    for (int lane = 0; lane < LANES; lane++) {
        sent_to[lane] = read_u64(&reader);
    }
    struct bytes bytes = read_run(&reader);
    if (reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    if (acknowledgement_decode(bytes, view->arena, &heard) != REFUSAL_NONE) {
        return ERR_NO_MEMORY; /* it decoded before it became a fact */
    }
    int r = hearing_record_get(view->txn, &record);
    if (r == 0 && restored) {
        r = follow_restore(node, view, &heard, &record);
    }
    if (r < 0) {
        return r;
    }
    record.position = heard.position;
    record.hub_ms = heard.now_ms;
    record.backed_up_to = hearing_backed_up_to(&heard);
    for (size_t i = 0; i < heard.receipt_count; i++) {
        struct receipt *receipt = &heard.receipts[i];
        if (hearing_in_conflict(&heard, receipt->lane, receipt->incarnation)) {
            continue; /* its numbers are of other messages than ours */
        }
        hearing_cap_receipt(receipt, sent_to[receipt->lane]);
        r = settle(node, view, receipt, &record);
        if (r < 0) {
            return r;
        }
    }
    hearing_record_put(view->txn, &record);
    const struct outbox_keys keys = node_outbox_keys(node);
    return outbox_trim(view->txn, &keys, record.backed_up_to, record.hub_ms, OUTBOX_KEEP_BYTES_MAX);
}

static int apply_restarted(struct node *node, const struct turn_view *view, struct bytes body) {
    struct reader reader = reader_over(body);
    uint32_t lane = read_u32(&reader);
    uint64_t incarnation = read_u64(&reader);
    if (reader_end(&reader) < 0 || lane >= LANES) {
        return ERR_STORAGE;
    }
    struct stream stream = node_stream(node, (enum lane)lane);
    struct outbox_state state;
    int r = outbox_state(view->txn, &stream, &state);
    if (r < 0 || state.incarnation >= incarnation) {
        return r; /* what was put back in this turn has begun it anew already */
    }
    const struct outbox_keys keys = node_outbox_keys(node);
    return outbox_restart(view->txn, &stream, incarnation, &keys);
}

int hearing_apply(struct node *node, const struct turn_view *view, const struct fact *fact) {
    return fact->type == NODE_FACT_RECEIVED ? apply_received(node, view, fact->body)
                                            : apply_restarted(node, view, fact->body);
}
