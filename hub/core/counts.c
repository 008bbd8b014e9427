#include "hub/core/counts.h"

#include <string.h>

#include "hub/core/facts.h"
#include "shared/base/civil.h"
#include "shared/crypto/rng.h"
#include "shared/figures/cellkey.h"
#include "shared/turn/decision.h"

/* TABLE_FAMILY_COUNTS holds three kinds of rows, told apart by the first byte of their keys:
 *
 *   'w' monday                  a week's counts: a u32 for each slot, later ones at the end
 *   'd' quarter kind            how many cases took 0, 1, .. 400, more days: u32 each
 *   'r' quarter kind which      a cell: u64 count, u64 sum of record keys
 *
 * Days as be32 with the sign bit turned, so that keys are in the order of time. */

enum { COUNTS_VERSION = 1, FACT_BYTES = 4 * 4 + 8, DAY_BINS = COUNTS_DAYS_MAX + 2 };

enum week_slot {
    SLOT_OPENED = 0, /* and one for each kind of flag */
    SLOT_ESCALATED = FLAG_CALL_BACK + 1,
    SLOT_GIVEN,
    SLOT_WITHDRAWN,
    SLOT_LAPSED,
    SLOT_CALL_BACKS,
    SLOT_REPLACED,
    SLOT_COUNT,
    SLOTS_WRITTEN = SLOT_CALL_BACKS + 1, /* always; what came later only where it counted */
};

struct counted {
    struct family_count count;
    int32_t day;
    uint64_t record_key;
};

/* ---- facts ---- */

int counts_decide(const struct turn_view *view, const struct family_count *counts, size_t count,
                  struct decision *ret) {
    const int32_t today = brussels_day(view->now_ms);
    for (size_t i = 0; i < count; i++) {
        struct buf buf = decision_buf(view, FACT_BYTES);
        buf_u32(&buf, counts[i].kind);
        buf_u32(&buf, counts[i].which);
        buf_u32(&buf, (uint32_t)today);
        buf_u32(&buf, counts[i].days);
        buf_u64(&buf, rng_u64(view->rng));
        int r = decision_add(ret, FACT_COUNTED, &buf);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static int counted_read(struct bytes body, struct counted *ret) {
    struct reader reader = reader_over(body);
    ret->count.kind = (enum family_count_kind)read_u32(&reader);
    ret->count.which = read_u32(&reader);
    ret->day = (int32_t)read_u32(&reader);
    ret->count.days = read_u32(&reader);
    ret->record_key = read_u64(&reader);
    return reader_end(&reader) < 0 || !day_valid(ret->day) ? ERR_STORAGE : 0;
}

/* ---- rows ---- */

struct row_key {
    uint8_t bytes[1 + 3 * 4];
    size_t length;
};

static void key_add(struct row_key *key, uint32_t value) {
    be32_write(key->bytes + key->length, value);
    key->length += 4;
}

static struct row_key key_of(char what, int32_t day) {
    struct row_key key = {.bytes = {(uint8_t)what}, .length = 1};
    key_add(&key, (uint32_t)day ^ 0x80000000U);
    return key;
}

static struct row_key days_key(int32_t quarter, enum family_count_kind kind) {
    struct row_key key = key_of('d', quarter);
    key_add(&key, kind);
    return key;
}

static struct row_key reason_key(int32_t quarter, enum family_count_kind kind, uint32_t which) {
    struct row_key key = key_of('r', quarter);
    key_add(&key, kind);
    key_add(&key, which);
    return key;
}

static struct bytes key_bytes(const struct row_key *key) {
    return (struct bytes){.data = key->bytes, .length = key->length};
}

/* Counters of a row; zero what it doesn't have, for counters are added at the end. */
static int counters_get(struct store_txn *txn, const struct row_key *key, uint32_t *ret,
                        size_t count) {
    struct bytes value;
    int r = store_get(txn, TABLE_FAMILY_COUNTS, key_bytes(key), &value);
    memset(ret, 0, count * sizeof(*ret));
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    struct reader reader = reader_over(value);
    const uint8_t version = read_u8(&reader);
    for (size_t i = 0; i < count && reader.rest.length > 0; i++) {
        ret[i] = read_u32(&reader);
    }
    return reader_end(&reader) < 0 || version != COUNTS_VERSION ? ERR_STORAGE : 0;
}

static void counters_put(struct store_txn *txn, const struct row_key *key, const uint32_t *counters,
                         size_t count) {
    uint8_t memory[1 + 4 * DAY_BINS];
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_u8(&buf, COUNTS_VERSION);
    for (size_t i = 0; i < count; i++) {
        buf_u32(&buf, counters[i]);
    }
    store_put(txn, TABLE_FAMILY_COUNTS, key_bytes(key), buf_bytes(&buf));
}

static int cell_get(struct store_txn *txn, const struct row_key *key, struct cell *ret) {
    struct bytes value;
    int r = store_get(txn, TABLE_FAMILY_COUNTS, key_bytes(key), &value);
    *ret = (struct cell){0};
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    struct reader reader = reader_over(value);
    const uint8_t version = read_u8(&reader);
    ret->count = read_u64(&reader);
    ret->key = read_u64(&reader);
    return reader_end(&reader) < 0 || version != COUNTS_VERSION ? ERR_STORAGE : 0;
}

static void cell_put(struct store_txn *txn, const struct row_key *key, const struct cell *cell) {
    uint8_t memory[1 + 8 + 8];
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_u8(&buf, COUNTS_VERSION);
    buf_u64(&buf, cell->count);
    buf_u64(&buf, cell->key);
    store_put(txn, TABLE_FAMILY_COUNTS, key_bytes(key), buf_bytes(&buf));
}

/* ---- apply ---- */

static int32_t monday_of(int32_t day) {
    return day - (weekday_of(day) - 1);
}

static int add_to_week(struct store_txn *txn, const struct counted *counted, size_t slot) {
    const struct row_key key = key_of('w', monday_of(counted->day));
    uint32_t slots[SLOT_COUNT];
    int r = counters_get(txn, &key, slots, SLOT_COUNT);
    if (r < 0) {
        return r;
    }
    slots[slot]++;
    size_t count = SLOT_COUNT; /* a journal of before must give the rows of before */
    while (count > SLOTS_WRITTEN && slots[count - 1] == 0) {
        count--;
    }
    counters_put(txn, &key, slots, count);
    return 0;
}

static int add_days(struct store_txn *txn, const struct counted *counted) {
    const struct row_key key = days_key(quarter_start(counted->day), counted->count.kind);
    uint32_t bins[DAY_BINS];
    int r = counters_get(txn, &key, bins, DAY_BINS);
    if (r < 0) {
        return r;
    }
    bins[counted->count.days < DAY_BINS ? counted->count.days : DAY_BINS - 1]++;
    counters_put(txn, &key, bins, DAY_BINS);
    return 0;
}

static int add_reason(struct store_txn *txn, const struct counted *counted) {
    const struct row_key key =
        reason_key(quarter_start(counted->day), counted->count.kind, counted->count.which);
    struct cell cell;
    int r = cell_get(txn, &key, &cell);
    if (r < 0) {
        return r;
    }
    cell_add(&cell, counted->record_key);
    cell_put(txn, &key, &cell);
    return 0;
}

static int add_opened(struct store_txn *txn, const struct counted *counted) {
    const uint32_t kind = counted->count.which;
    return kind <= FLAG_CALL_BACK ? add_to_week(txn, counted, SLOT_OPENED + kind) : ERR_STORAGE;
}

/* A family that gets a new card goes on; the old one's end is no family that left. Journals have
 * such ends from before replaced cards were counted: they stay uncounted. */
static int add_withdrawn(struct store_txn *txn, const struct counted *counted) {
    return counted->count.which == WITHDRAWAL_NEW_CARD ? 0
                                                       : add_to_week(txn, counted, SLOT_WITHDRAWN);
}

int counts_apply(const struct turn_view *view, const struct fact *fact) {
    struct counted counted;
    int r = counted_read(fact->body, &counted);
    if (r < 0) {
        return r;
    }
    switch (counted.count.kind) {
    case COUNT_FLAG_OPENED:
        return add_opened(view->txn, &counted);
    case COUNT_FLAG_ESCALATED:
        return add_to_week(view->txn, &counted, SLOT_ESCALATED);
    case COUNT_CONSENT_GIVEN:
        return add_to_week(view->txn, &counted, SLOT_GIVEN);
    case COUNT_CONSENT_WITHDRAWN:
        return add_withdrawn(view->txn, &counted);
    case COUNT_CARD_REPLACED:
        return add_to_week(view->txn, &counted, SLOT_REPLACED);
    case COUNT_CONSENT_LAPSED:
        return add_to_week(view->txn, &counted, SLOT_LAPSED);
    case COUNT_CALL_BACK:
        return add_to_week(view->txn, &counted, SLOT_CALL_BACKS);
    case COUNT_FLAG_ACKNOWLEDGED:
    case COUNT_FLAG_CONTACTED:
    case COUNT_WITHOUT_LOCAL:
    case COUNT_CALLED_BACK:
        return add_days(view->txn, &counted);
    case COUNT_ASK_REFUSED:
    case COUNT_CONCERN:
    case COUNT_FLAG_CLOSED:
        return add_reason(view->txn, &counted);
    case FAMILY_COUNT_NONE:
        break;
    }
    return ERR_STORAGE;
}

/* ---- what the coordinator sees ---- */

int counts_week_read(struct store_txn *view, int32_t day, struct counts_week *ret) {
    const int32_t monday = monday_of(day);
    const struct row_key key = key_of('w', monday);
    uint32_t slots[SLOT_COUNT];
    int r = counters_get(view, &key, slots, SLOT_COUNT);
    if (r < 0) {
        return r;
    }
    *ret = (struct counts_week){
        .monday = monday,
        .escalated = slots[SLOT_ESCALATED],
        .consents_given = slots[SLOT_GIVEN],
        .consents_replaced = slots[SLOT_REPLACED],
        .consents_withdrawn = slots[SLOT_WITHDRAWN],
        .consents_lapsed = slots[SLOT_LAPSED],
        .call_backs = slots[SLOT_CALL_BACKS],
    };
    memcpy(ret->opened, slots + SLOT_OPENED, sizeof(ret->opened));
    return 0;
}

/* The days of the `rank`-th case, from 1. */
static uint32_t days_at(const uint32_t *bins, uint64_t rank) {
    uint64_t seen = 0;
    for (uint32_t days = 0; days < DAY_BINS; days++) {
        seen += bins[days];
        if (seen >= rank) {
            return days;
        }
    }
    return DAY_BINS - 1;
}

static int days_get(struct store_txn *view, int32_t quarter, enum family_count_kind kind,
                    struct counts_days *ret) {
    const struct row_key key = days_key(quarter, kind);
    uint32_t bins[DAY_BINS];
    uint64_t cases = 0;
    int r = counters_get(view, &key, bins, DAY_BINS);
    if (r < 0) {
        return r;
    }
    for (size_t i = 0; i < DAY_BINS; i++) {
        cases += bins[i];
    }
    *ret = (struct counts_days){.any = cases > 0};
    if (cases >= COUNTS_CASES_MIN) {
        ret->known = true;
        ret->cases = (uint32_t)cases;
        ret->median_days = days_at(bins, (cases + 1) / 2);
        ret->p90_days = days_at(bins, (9 * cases + 9) / 10);
    }
    return 0;
}

/* All reasons of a closed list, 1 to `count`, perturbed. */
static int reasons_get(struct store_txn *view, const struct counts_question *question,
                       enum family_count_kind kind, size_t count, struct counts_reason *ret) {
    struct disclosure_key secret;
    memcpy(secret.bytes, question->key->bytes, sizeof(secret.bytes));
    for (uint32_t which = 1; which <= count; which++) {
        const struct row_key key = reason_key(quarter_start(question->day), kind, which);
        struct cell cell;
        int r = cell_get(view, &key, &cell);
        if (r < 0) {
            return r;
        }
        ret[which - 1] = (struct counts_reason){
            .which = which,
            .published = (uint32_t)cell_publish(&secret, cell),
        };
    }
    return 0;
}

static int all_reasons_get(struct store_txn *view, const struct counts_question *question,
                           struct counts_quarter *ret) {
    ret->refusal_count = ASK_OTHER;
    ret->concern_count = CONCERN_OTHER;
    int r = reasons_get(view, question, COUNT_ASK_REFUSED, ret->refusal_count, ret->refusals);
    return r < 0 ? r
                 : reasons_get(view, question, COUNT_CONCERN, ret->concern_count, ret->concerns);
}

_Static_assert((int)ASK_OTHER <= COUNTS_REASONS_MAX && (int)CONCERN_OTHER <= COUNTS_REASONS_MAX,
               "the last of each list has its place");

/* By what is published of reasons, so that a small true count shows no more than before. */
static bool has_counts(const struct counts_quarter *quarter) {
    uint64_t published = 0;
    for (size_t i = 0; i < quarter->refusal_count; i++) {
        published += quarter->refusals[i].published;
    }
    for (size_t i = 0; i < quarter->concern_count; i++) {
        published += quarter->concerns[i].published;
    }
    return published > 0 || quarter->acknowledged.any || quarter->contacted.any ||
           quarter->without_local.any || quarter->called_back.any;
}

int counts_quarter_read(struct store_txn *view, const struct counts_question *question,
                        struct counts_quarter *ret) {
    const int32_t first = quarter_start(question->day);
    struct counts_quarter quarter = {
        .first_day = first,
        .over = quarter_start(question->today) > first,
    };
    int r = days_get(view, first, COUNT_FLAG_ACKNOWLEDGED, &quarter.acknowledged);
    if (r == 0) {
        r = days_get(view, first, COUNT_FLAG_CONTACTED, &quarter.contacted);
    }
    if (r == 0) {
        r = days_get(view, first, COUNT_WITHOUT_LOCAL, &quarter.without_local);
    }
    if (r == 0) {
        r = days_get(view, first, COUNT_CALLED_BACK, &quarter.called_back);
    }
    if (r == 0 && quarter.over) {
        r = all_reasons_get(view, question, &quarter);
    }
    if (r == 0) {
        quarter.counted = has_counts(&quarter);
        *ret = quarter;
    }
    return r;
}
