#include "hub/core/totals.h"

#include <string.h>

#include "shared/base/limits.h"

enum { PARTS_MAX = 1024, PAGE_BYTES = 8 << 20 };

struct adding {
    struct total_row *rows; /* in order of part */
    struct wait_bins *bins; /* of each row */
    size_t count;
    struct org_id last; /* the organisation of the last row that had a figure */
    uint32_t cut;       /* organisations that had one */
};

static int compare(const struct total_row *total, const struct load_row *row) {
    int order = memcmp(&total->service, &row->service, sizeof(row->service));
    if (order == 0) {
        order = memcmp(&total->language, &row->language, sizeof(row->language));
    }
    if (order == 0) {
        order = (total->nis.code > row->nis.code) - (total->nis.code < row->nis.code);
    }
    return order;
}

/* The part's place, made where it's new; PARTS_MAX where there are too many. */
static size_t place_of(struct adding *totals, const struct load_row *row) {
    size_t low = 0;
    size_t high = totals->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&totals->rows[middle], row) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < totals->count && compare(&totals->rows[low], row) == 0) {
        return low;
    }
    if (totals->count == PARTS_MAX) {
        return PARTS_MAX;
    }
    size_t behind = totals->count - low;
    memmove(&totals->rows[low + 1], &totals->rows[low], behind * sizeof(totals->rows[0]));
    memmove(&totals->bins[low + 1], &totals->bins[low], behind * sizeof(totals->bins[0]));
    totals->rows[low] =
        (struct total_row){.service = row->service, .nis = row->nis, .language = row->language};
    totals->bins[low] = (struct wait_bins){0};
    totals->count++;
    return low;
}

static bool merge(struct wait_bins *into, const struct wait_bins *from) {
    if (from->edge_count == 0) {
        return false;
    }
    if (into->edge_count == 0) {
        *into = *from;
        return true;
    }
    bool same = into->edge_count == from->edge_count &&
                memcmp(into->edges_weeks, from->edges_weeks,
                       from->edge_count * sizeof(from->edges_weeks[0])) == 0;
    for (size_t i = 0; same && i <= from->edge_count; i++) {
        uint64_t sum = (uint64_t)into->counts[i] + from->counts[i];
        into->counts[i] = sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
    }
    return same;
}

static void add(struct total_row *total, struct wait_bins *bins, const struct load_row *row) {
    if (!row->open.known) {
        total->missing++;
        return;
    }
    total->organisations++;
    total->open = interval_sum(total->open, row->open.interval);
    if (row->queue.known) {
        total->queue = interval_sum(total->queue, row->queue.interval);
    } else {
        total->queue_missing++;
    }
    total->elapsed_missing += merge(bins, &row->still_waiting) ? 0 : 1;
    if (total->oldest_day == 0 || row->as_of_day < total->oldest_day) {
        total->oldest_day = row->as_of_day;
    }
}

static int add_page(struct adding *totals, const struct load_page *page) {
    for (size_t i = 0; i < page->count; i++) {
        size_t place = place_of(totals, &page->rows[i]);
        if (place == PARTS_MAX) {
            return ERR_TOO_LARGE;
        }
        add(&totals->rows[place], &totals->bins[place], &page->rows[i]);
        if (page->rows[i].open.known && !org_id_equal(&totals->last, &page->rows[i].org)) {
            totals->last = page->rows[i].org; /* rows come by organisation */
            totals->cut++;
        }
    }
    return 0;
}

/* Calls `take` for each page of the query. */
static int each_page(struct store_txn *view, struct load_query query, struct arena *scratch,
                     int (*take)(struct adding *totals, const struct load_page *page),
                     struct adding *totals) {
    struct load_page page = {.more = true};
    query.limit = PAGE_ROWS_MAX;
    query.without_trend = true;
    while (page.more) {
        arena_reset(scratch);
        int r = load_page(view, &query, scratch, &page);
        r = r < 0 ? r : take(totals, &page);
        if (r < 0) {
            return r;
        }
        if (page.count > 0) {
            load_continue(&query, &page.rows[page.count - 1]);
        }
    }
    return 0;
}

static int count_standing(struct adding *standing, const struct load_page *page) {
    for (size_t i = 0; i < page->count; i++) {
        standing->cut += page->rows[i].open.known ? 1 : 0;
    }
    return 0;
}

static int add_all(struct store_txn *view, const struct load_query *query, struct adding *totals,
                   uint32_t *ret_standing) {
    struct load_query whole = {.by = LOAD_BY_ORGANISATION,
                               .org = query->org,
                               .until_day = query->until_day,
                               .now_ms = query->now_ms};
    struct adding standing = {0};
    struct arena *scratch;
    int r = arena_new(PAGE_BYTES, &scratch);
    if (r < 0) {
        return r;
    }
    r = each_page(view, *query, scratch, add_page, totals);
    r = r < 0 ? r : each_page(view, whole, scratch, count_standing, &standing);
    arena_free(scratch);
    *ret_standing = standing.cut;
    return r;
}

int totals_read(struct store_txn *view, const struct load_query *query, struct arena *arena,
                struct totals *ret) {
    uint32_t standing = 0;
    struct adding totals = {.rows = ARENA_ARRAY(arena, struct total_row, PARTS_MAX),
                            .bins = ARENA_ARRAY(arena, struct wait_bins, PARTS_MAX)};
    if (totals.rows == NULL || totals.bins == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = add_all(view, query, &totals, &standing);
    if (r < 0) {
        return r;
    }
    for (size_t i = 0; i < totals.count; i++) {
        totals.rows[i].elapsed = load_elapsed_of(&totals.bins[i]);
    }
    *ret = (struct totals){.rows = totals.rows,
                           .count = totals.count,
                           .uncut = standing > totals.cut ? standing - totals.cut : 0};
    return 0;
}
