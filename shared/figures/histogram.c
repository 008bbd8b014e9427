#include "shared/figures/histogram.h"

#include <assert.h>
#include <string.h>

enum { WEEK_DAYS = 7 };

const uint16_t HISTOGRAM_EDGES_WEEKS[HISTOGRAM_OWN_EDGES] = {1, 2, 4, 8, 13, 26};

static enum refusal check_edges(const struct histogram *histogram) {
    if (histogram->edge_count == 0 || histogram->edge_count > HISTOGRAM_EDGES_MAX) {
        return REFUSAL_MALFORMED;
    }
    uint16_t previous = 0;
    for (size_t i = 0; i < histogram->edge_count; i++) {
        if (histogram->edges_weeks[i] <= previous) {
            return REFUSAL_MALFORMED;
        }
        previous = histogram->edges_weeks[i];
    }
    return previous > HISTOGRAM_EDGE_WEEKS_MAX ? REFUSAL_IMPLAUSIBLE : REFUSAL_NONE;
}

enum refusal histogram_check(const struct histogram *histogram) {
    enum refusal refusal = check_edges(histogram);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    for (size_t i = 0; i < HISTOGRAM_BINS_MAX; i++) {
        if (i > histogram->edge_count && histogram->counts[i] != 0) {
            return REFUSAL_MALFORMED;
        }
        if (histogram->counts[i] < 0 || histogram->counts[i] > HISTOGRAM_COUNT_MAX) {
            return REFUSAL_IMPLAUSIBLE;
        }
    }
    return REFUSAL_NONE;
}

void histogram_init(struct histogram *histogram, const uint16_t *edges_weeks, size_t edge_count) {
    assert(edge_count > 0 && edge_count <= HISTOGRAM_EDGES_MAX);
    *histogram = (struct histogram){.edge_count = (uint8_t)edge_count};
    memcpy(histogram->edges_weeks, edges_weeks, edge_count * sizeof(*edges_weeks));
    assert(histogram_check(histogram) == REFUSAL_NONE);
}

size_t histogram_own_bin(int64_t wait_days) {
    size_t bin = 0;
    while (bin < HISTOGRAM_OWN_EDGES && wait_days > HISTOGRAM_EDGES_WEEKS[bin] * WEEK_DAYS) {
        bin++;
    }
    return bin;
}

int64_t histogram_total(const struct histogram *histogram) {
    int64_t total = 0;
    for (size_t i = 0; i <= histogram->edge_count; i++) {
        total += histogram->counts[i];
    }
    return total;
}

bool histogram_same_edges(const struct histogram *a, const struct histogram *b) {
    return a->edge_count == b->edge_count &&
           memcmp(a->edges_weeks, b->edges_weeks, a->edge_count * sizeof(a->edges_weeks[0])) == 0;
}

void histogram_merge(struct histogram *into, const struct histogram *from) {
    assert(histogram_same_edges(into, from));
    for (size_t i = 0; i <= into->edge_count; i++) {
        into->counts[i] += from->counts[i];
    }
}

struct quantile histogram_quantile(const struct histogram *histogram, int percent) {
    assert(percent > 0 && percent < 100);
    int64_t total = histogram_total(histogram);
    if (total == 0) {
        return (struct quantile){.state = QUANTILE_UNKNOWN};
    }
    /* Ranks are kept in hundredths, so that which bin holds the quantile is decided exactly. */
    int64_t rank = total * percent;
    int64_t below = 0;
    double lower_weeks = 0;
    for (size_t i = 0; i < histogram->edge_count; i++) {
        int64_t inside = histogram->counts[i] * 100;
        double upper_weeks = histogram->edges_weeks[i];
        if (inside > 0 && below + inside >= rank) {
            double share = (double)(rank - below) / (double)inside;
            return (struct quantile){
                .state = QUANTILE_WITHIN,
                .weeks = lower_weeks + (upper_weeks - lower_weeks) * share,
            };
        }
        below += inside;
        lower_weeks = upper_weeks;
    }
    return (struct quantile){.state = QUANTILE_BEYOND, .weeks = lower_weeks};
}
