#include <string.h>

#include "node/core/hearing.h"
#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/post/outbox.h"

/* The hub's signed word: where it stands, what it took of ours, what time it has.
 *
 * Links may repeat, delay and reorder, so an acknowledgement that is behind the last one by the
 * hub's own clock is late and says nothing. One that's behind and yet newer is a hub that went back
 * (DESIGN 3). One whose journal no longer holds what we heard last has gone back too, however far
 * it has come since: only an answer to that question clears it. */

enum { VERSION = 1, RECORD_BYTES_MAX = 256 };

/* -- the record: TABLE_META "hub" -- */

static void position_write(struct buf *buf, const struct position *position) {
    buf_u64(buf, position->epoch);
    buf_u64(buf, position->sequence);
    buf_raw(buf, BYTES_OF(position->head));
}

static void position_read(struct reader *reader, struct position *ret) {
    ret->epoch = read_u64(reader);
    ret->sequence = read_u64(reader);
    read_raw(reader, ret->head.bytes, sizeof(ret->head.bytes));
}

static bool position_equal(const struct position *a, const struct position *b) {
    return a->epoch == b->epoch && a->sequence == b->sequence && digest_equal(&a->head, &b->head);
}

int hearing_record_get(struct store_txn *view, struct hearing_record *ret) {
    struct bytes value;
    struct hearing_record record = {.receipt_ms = 0};
    int r = store_get(view, TABLE_META, bytes_from_text("hub"), &value);
    if (r == ERR_NOT_FOUND) {
        *ret = record;
        return 0;
    }
    if (r < 0) {
        return r;
    }
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    position_read(&reader, &record.position);
    record.hub_ms = read_i64(&reader);
    record.backed_up_to = read_u64(&reader);
    position_read(&reader, &record.restored);
    record.receipt_ms = read_i64(&reader);
    record.refused = read_u64(&reader);
    record.last_refusal = (enum refusal)read_u32(&reader);
    record.last_refused_kind = (enum message_kind)read_u32(&reader);
    if (version != VERSION || reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    *ret = record;
    return 0;
}

void hearing_record_put(struct store_txn *txn, const struct hearing_record *record) {
    uint8_t memory[RECORD_BYTES_MAX];
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_u8(&buf, VERSION);
    position_write(&buf, &record->position);
    buf_i64(&buf, record->hub_ms);
    buf_u64(&buf, record->backed_up_to);
    position_write(&buf, &record->restored);
    buf_i64(&buf, record->receipt_ms);
    buf_u64(&buf, record->refused);
    buf_u32(&buf, record->last_refusal);
    buf_u32(&buf, record->last_refused_kind);
    store_put(txn, TABLE_META, bytes_from_text("hub"), buf_bytes(&buf));
}

/* -- decide: where the hub stands -- */

enum judgement { HUB_GOOD = 1, HUB_LATE, HUB_BACK, HUB_RESTORED };

static bool goes_on(const struct position *from, const struct position *to) {
    return from->epoch == 0 || position_equal(from, to) ||
           (from->epoch == to->epoch && to->sequence > from->sequence);
}

/* A restore that the directors signed, that we haven't followed yet, and that the hub now stands
 * on. */
static int follows_restore(struct store_txn *view, const struct hearing_record *known,
                           const struct position *now, bool *ret) {
    struct position kept;
    int r = directory_restored(view, &kept);
    *ret = false;
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    bool same_head = now->epoch != kept.epoch || now->sequence != kept.sequence ||
                     digest_equal(&now->head, &kept.head);
    *ret = !position_equal(&kept, &known->restored) && now->sequence >= kept.sequence && same_head;
    return 0;
}

/* Its answer to our greeting: whether its journal holds what we heard of it last. */
enum answer { ANSWER_NONE = 0, ANSWER_HOLDS, ANSWER_LOST };

static enum answer answer_of(const struct hearing_record *known,
                             const struct acknowledgement *heard) {
    bool asked = heard->has_asked && known->position.epoch != 0 &&
                 position_equal(&heard->asked, &known->position);
    if (!asked) {
        return ANSWER_NONE;
    }
    return heard->holds_asked ? ANSWER_HOLDS : ANSWER_LOST;
}

static int judge(const struct node *node, struct store_txn *view,
                 const struct hearing_record *known, struct hearing *hearing, enum judgement *ret) {
    const struct acknowledgement *heard = &hearing->acknowledgement;
    enum answer answer = answer_of(known, heard);
    bool follows;
    bool same_place = known->position.epoch == heard->position.epoch &&
                      known->position.sequence == heard->position.sequence;
    hearing->forked = answer == ANSWER_LOST || (node->forked && answer == ANSWER_NONE);
    if (!hearing->forked && goes_on(&known->position, &heard->position)) {
        *ret = HUB_GOOD;
        return 0;
    }
    int r = follows_restore(view, known, &heard->position, &follows);
    if (r < 0) {
        return r;
    }
    /* A restored hub's clock may be behind: its answer tells it from what the old one said. */
    bool newer = same_place || heard->now_ms > known->hub_ms;
    if (follows && (answer == ANSWER_LOST || newer)) {
        *ret = HUB_RESTORED;
        return 0;
    }
    *ret = answer != ANSWER_LOST && !newer ? HUB_LATE : HUB_BACK;
    return 0;
}

/* -- decide: the directory it speaks of -- */

/* The same sequence with another hash than ours is another directory. */
static int compare_directory(const struct node *node, struct store_txn *view,
                             struct hearing *hearing) {
    const struct directory_head *heard = &hearing->acknowledgement.directory;
    const struct directory_head *highest = &node->announced.highest;
    const struct directory_head *heads[] = {heard, highest};
    struct directory_head own;
    int r = directory_head(view, &own);
    if (r < 0) {
        return r;
    }
    hearing->own_sequence = own.sequence;
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        struct digest hash;
        if (heads[i]->sequence == 0 || heads[i]->sequence > own.sequence) {
            continue;
        }
        r = directory_hash_at(view, heads[i]->sequence, &hash);
        if (r < 0) {
            return r;
        }
        hearing->directory_forked =
            hearing->directory_forked || !digest_equal(&hash, &heads[i]->hash);
    }
    return 0;
}

/* -- decide: what it took -- */

struct receipt *hearing_receipt_of(struct acknowledgement *heard, enum lane lane) {
    for (size_t i = 0; i < heard->receipt_count; i++) {
        if (heard->receipts[i].lane == lane) {
            return &heard->receipts[i];
        }
    }
    return NULL;
}

/* No backup holds what isn't in the journal yet. */
uint64_t hearing_backed_up_to(const struct acknowledgement *heard) {
    return heard->backed_up_to < heard->position.sequence ? heard->backed_up_to
                                                          : heard->position.sequence;
}

uint64_t hearing_highest_settled(const struct receipt *receipt) {
    for (size_t i = receipt->beyond_bytes; i > 0; i--) {
        for (unsigned bit = 8; receipt->beyond[i - 1] != 0 && bit > 0; bit--) {
            if ((receipt->beyond[i - 1] >> (bit - 1) & 1) != 0) {
                return receipt->contiguous + 2 + 8 * (i - 1) + bit - 1;
            }
        }
    }
    return receipt->contiguous;
}

void hearing_cap_receipt(struct receipt *receipt, uint64_t sent_to) {
    if (receipt->contiguous >= sent_to) {
        receipt->contiguous = sent_to;
        receipt->beyond_bytes = 0;
        return;
    }
    for (size_t k = 0; k < 8 * receipt->beyond_bytes; k++) {
        if (receipt->contiguous + 2 + k > sent_to) {
            receipt->beyond[k / 8] &= (uint8_t) ~(1U << (k % 8));
        }
    }
}

bool hearing_in_conflict(const struct acknowledgement *heard, enum lane lane,
                         uint64_t incarnation) {
    for (size_t i = 0; i < heard->not_taken_count; i++) {
        const struct not_taken *not_taken = &heard->not_taken[i];
        if (not_taken->lane == lane && not_taken->incarnation == incarnation &&
            (not_taken->refusal == REFUSAL_CONFLICT ||
             not_taken->refusal == REFUSAL_OLD_INCARNATION)) {
            return true;
        }
    }
    return false;
}

/* The incarnation to begin a lane anew with, or 0: the hub has settled what we don't know of. */
static int find_restart(const struct node *node, struct store_txn *view,
                        struct acknowledgement *heard, enum lane lane, uint64_t *ret) {
    struct stream stream = node_stream(node, lane);
    struct outbox_state state;
    const struct receipt *receipt = hearing_receipt_of(heard, lane);
    int r = outbox_state(view, &stream, &state);
    if (r < 0) {
        return r;
    }
    uint64_t theirs = receipt == NULL ? 0 : receipt->incarnation;
    bool behind =
        theirs > state.incarnation || (receipt != NULL && theirs == state.incarnation &&
                                       hearing_highest_settled(receipt) > state.last_number);
    behind =
        behind || (state.incarnation != 0 && hearing_in_conflict(heard, lane, state.incarnation));
    uint64_t above = theirs > state.incarnation ? theirs : state.incarnation;
    *ret = behind ? above + 1 : 0;
    return 0;
}

static int decide_restarts(struct node *node, const struct turn_view *view, struct hearing *hearing,
                           struct decision *ret) {
    for (int lane = 0; lane < LANES; lane++) {
        uint64_t incarnation;
        int r =
            find_restart(node, view->txn, &hearing->acknowledgement, (enum lane)lane, &incarnation);
        if (r == 0 && incarnation != 0) {
            struct buf buf = decision_buf(view, 16);
            buf_u32(&buf, (uint32_t)lane);
            buf_u64(&buf, incarnation);
            hearing->restarted[lane] = true;
            r = decision_add(ret, NODE_FACT_RESTARTED, &buf);
        }
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static int would_settle(const struct node *node, struct store_txn *view,
                        const struct acknowledgement *heard, bool *ret) {
    *ret = false;
    for (size_t i = 0; i < heard->receipt_count && !*ret; i++) {
        struct receipt receipt = heard->receipts[i];
        struct stream stream = node_stream(node, receipt.lane);
        if (hearing_in_conflict(heard, receipt.lane, receipt.incarnation)) {
            continue;
        }
        hearing_cap_receipt(&receipt, node->sent_to[receipt.lane]);
        int r = outbox_would_settle(view, &stream, &receipt, ret);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static int add_received(struct node *node, const struct turn_view *view, bool restored,
                        struct bytes acknowledgement, struct decision *ret) {
    struct buf buf = decision_buf(view, 64 + acknowledgement.length);
    buf_u8(&buf, restored ? 1 : 0);
    for (int lane = 0; lane < LANES; lane++) {
        buf_u64(&buf, node->sent_to[lane]);
    }
    buf_run(&buf, acknowledgement);
    return decision_add(ret, NODE_FACT_RECEIVED, &buf);
}

int hearing_decide(struct node *node, const struct turn_view *view,
                   const struct signed_acknowledgement *packet, struct hearing *hearing,
                   struct decision *ret) {
    struct office_peer hub;
    struct hearing_record known;
    struct acknowledgement *heard = &hearing->acknowledgement;
    enum judgement judged;
    bool settles;
    int r = node_office_peer(node, view->txn, &hub);
    if (r == 0) {
        r = hearing_record_get(view->txn, &known);
    }
    if (r < 0) {
        return r;
    }
    ret->refusal = office_read_acknowledgement(&hub, packet, view->arena, heard);
    if (ret->refusal == REFUSAL_NONE && (!heard->has_position || heard->position.epoch == 0)) {
        ret->refusal = REFUSAL_MALFORMED;
    }
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    r = judge(node, view->txn, &known, hearing, &judged);
    if (r == 0) {
        r = compare_directory(node, view->txn, hearing);
    }
    if (r < 0) {
        return r;
    }
    hearing->verified = true;
    hearing->restored = judged == HUB_RESTORED;
    hearing->late = judged == HUB_LATE;
    hearing->went_back = judged == HUB_BACK;
    if (hearing->late || hearing->went_back) {
        ret->refusal = hearing->went_back ? REFUSAL_BROKEN_CHAIN : REFUSAL_NONE;
        return 0;
    }
    r = would_settle(node, view->txn, heard, &settles);
    bool news = !position_equal(&known.position, &heard->position) ||
                hearing_backed_up_to(heard) != known.backed_up_to;
    if (r == 0 && (settles || news)) {
        r = add_received(node, view, judged == HUB_RESTORED, packet->acknowledgement, ret);
    }
    return r < 0 ? r : decide_restarts(node, view, hearing, ret);
}

/* -- outcome -- */

/* Since when a head was announced that we don't have. Each time that we have caught up with it, the
 * hour begins anew with what was announced meanwhile. */
static void note_announced(struct node *node, const struct hearing *hearing) {
    struct announced_directory *announced = &node->announced;
    const struct directory_head *heard = &hearing->acknowledgement.directory;
    node->directory_forked = node->directory_forked || hearing->directory_forked;
    if (heard->sequence > announced->highest.sequence) {
        announced->highest = *heard;
    }
    if (announced->missing_sequence <= hearing->own_sequence) {
        bool missing = announced->highest.sequence > hearing->own_sequence;
        announced->missing_sequence = missing ? announced->highest.sequence : 0;
        announced->missing_since_ms = node->now_ms;
    }
}

void hearing_outcome(struct node *node, const struct hearing *hearing) {
    const struct acknowledgement *heard = &hearing->acknowledgement;
    if (!hearing->verified) {
        return;
    }
    note_announced(node, hearing);
    if (hearing->late) {
        return;
    }
    node->heard_ms = node->now_ms;
    node->went_back = hearing->went_back;
    node->forked = hearing->went_back && hearing->forked;
    if (hearing->went_back) {
        return;
    }
    node->clock_skew_ms = heard->now_ms - node->now_ms;
    int64_t off_ms = node->clock_skew_ms < 0 ? -node->clock_skew_ms : node->clock_skew_ms;
    node->clock_halted = off_ms >= (int64_t)CLOCK_HALT_MINUTES * MINUTE_MS;
    for (size_t i = 0; i < heard->not_taken_count; i++) {
        const struct not_taken *not_taken = &heard->not_taken[i];
        flight_pause(&node->pump.flights[not_taken->lane], node->now_ms,
                     (int64_t)not_taken->retry_after_s * 1000);
    }
    for (int lane = 0; lane < LANES; lane++) {
        /* Where copies were put back, the numbers may be others. */
        if (hearing->restarted[lane] || hearing->restored) {
            node->sent_to[lane] = 0;
            flight_reset(&node->pump.flights[lane]);
        }
    }
}
