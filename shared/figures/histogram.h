/* Waits counted in bins, and what one can honestly read from them: a median, a P80, or "longer than
 * the last edge".
 *
 * The edges travel with the counts, so that figures with other bins stay readable. This is not
 * where counts are perturbed (node/core) and it keeps no identity of cases. The node fills
 * histograms, the hub merges and reads them.
 *
 * Bins are closed above: edges 1 2 4 mean [0, 1], (1, 2], (2, 4] and (4, ...) weeks, so that seven
 * days is "at most one week" (PRIVACY 2.3 writes "<=1w, 1-2, ..., >26"; the NHS "Gt 00 To 01 Weeks"
 * bins are cut the same way). The last bin is open ended. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/limits.h"
#include "shared/base/lists.h"

enum {
    HISTOGRAM_BINS_MAX = HISTOGRAM_EDGES_MAX + 1,
    HISTOGRAM_EDGE_WEEKS_MAX = 1040,  /* twenty years: beyond it an edge is a mistake */
    HISTOGRAM_COUNT_MAX = 1000000000, /* a bin; the sum of all members' bins stays far below 2^63 */
    HISTOGRAM_OWN_EDGES = 6,
};

/* counts[i] belongs to edges_weeks[i] and counts[edge_count] to the open bin; the rest is zero. */
struct histogram {
    uint8_t edge_count; /* 1 .. HISTOGRAM_EDGES_MAX */
    uint16_t edges_weeks[HISTOGRAM_EDGES_MAX];
    int64_t counts[HISTOGRAM_BINS_MAX];
};

enum quantile_state {
    QUANTILE_UNKNOWN = 0, /* nobody was counted */
    QUANTILE_WITHIN,
    QUANTILE_BEYOND, /* in the open bin: all one knows is "more than `weeks`" */
};

struct quantile {
    enum quantile_state state;
    double weeks; /* 0 when unknown, the last edge when beyond */
};

/* The edges that our own nodes use: 1 2 4 8 13 26 weeks (DESIGN 4). */
extern const uint16_t HISTOGRAM_EDGES_WEEKS[HISTOGRAM_OWN_EDGES];

/* All counts zero. Copies the edges; they must pass histogram_check. */
void histogram_init(struct histogram *histogram, const uint16_t *edges_weeks, size_t edge_count);

/* What a peer sent: REFUSAL_MALFORMED where the edges don't rise from at least 1, are too many or
 * none, or a count stands outside the bins; REFUSAL_IMPLAUSIBLE where an edge or a count is
 * negative or beyond its bound. REFUSAL_NONE when all other functions may be called. */
enum refusal histogram_check(const struct histogram *histogram);

/* The bin of our own edges that counts a wait of so many days. */
size_t histogram_own_bin(int64_t wait_days);

int64_t histogram_total(const struct histogram *histogram);

bool histogram_same_edges(const struct histogram *a, const struct histogram *b);

/* Adds `from` bin by bin; the edges must be the same (ask histogram_same_edges first). */
void histogram_merge(struct histogram *into, const struct histogram *from);

/* The wait that `percent` (1 .. 99) of the counted stay at or under, by linear interpolation within
 * the bin: lower edge + width * (percent/100 * total - counted below) / counted in the bin. This is
 * the quantile of the cumulative polygon (ogive) of grouped data, as in any statistics textbook and
 * as NHS England takes medians from its weekly bins. */
struct quantile histogram_quantile(const struct histogram *histogram, int percent);
