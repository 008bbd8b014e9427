/* What a region sees: the members' figures as load, by organisation, service, municipality or
 * language (DESIGN 4, At the hub).
 *
 * Reads only, with the caller's transaction: HTTP pages, the terminal's table and the tests ask
 * here. Every figure carries the day its data describe, and fades: fresh until one period and a day
 * after it, ageing until two periods and a day, then unknown and no longer shown. A past day is
 * read as it stood then; a series shows what was. */
#pragma once

#include "hub/core/signals.h"
#include "shared/base/arena.h"
#include "shared/figures/interval.h"
#include "shared/figures/trend.h"

enum freshness { FRESHNESS_FRESH = 1, FRESHNESS_AGEING, FRESHNESS_UNKNOWN };

/* How the rows are cut. One-way tables only: nobody publishes crossed ones. */
enum load_view {
    LOAD_BY_ORGANISATION = 1, /* each organisation's totals */
    LOAD_BY_SERVICE,          /* each organisation and service: the default */
    LOAD_BY_MUNICIPALITY,     /* each organisation and municipality */
    LOAD_BY_LANGUAGE,         /* each organisation and contact language */
};

struct load_query {
    enum load_view by;
    struct org_id org; /* zeros: all; as the next three */
    struct service_id service;
    struct nis nis;
    struct language language;
    int32_t until_day; /* the newest figures that describe a day <= this one */
    int64_t now_ms;
    size_t limit;            /* rows, at most PAGE_ROWS_MAX */
    struct org_id after_org; /* where the page before ended; zeros: from the start */
    char after_part[32];     /* service, municipality or language code of its last row */
    bool without_trend;      /* the trend stays unknown: a thirteenth of the reading */
};

/* A count as the hub reads it: an exact published value, or what a band can stand for. */
struct load_count {
    bool known;
    bool is_band;
    uint32_t band;            /* index, where is_band */
    struct interval interval; /* low == high for a value */
};

struct load_elapsed {
    bool known;
    uint64_t families; /* in the bins */
    double median_weeks;
    bool median_beyond; /* it lies beyond the last edge, which `median_weeks` is then */
    double p80_weeks;
    bool p80_beyond;
};

struct load_row {
    struct org_id org;
    struct service_id service; /* "": not by service; as the next two */
    struct nis nis;
    struct language language;
    bool has_figures; /* false: staff said their status, and published nothing else */
    enum figures_origin origin;
    enum start_event start_event;
    int32_t as_of_day;
    uint32_t period_days;
    int32_t age_days;
    enum freshness freshness;
    struct load_count open;
    struct load_count queue; /* families waiting: open cases without a first appointment */
    struct load_elapsed elapsed;
    struct wait_bins still_waiting; /* edge_count 0: none */
    struct wait_bins since_contact;
    struct load per_fte; /* open cases per full-time equivalent */
    struct trend trend;  /* of the queue, per week */
    bool has_status;
    struct service_state status;
    int64_t status_set_ms;
    /* `expected` (what someone asking today will wait) has its place in the answers and isn't
     * computed yet. */
};

struct load_page {
    struct load_row *rows; /* in the arena */
    size_t count;
    bool more;
};

/* Rows in order of organisation, then part. Errors: ERR_STORAGE, ERR_NO_MEMORY. */
MUST_CHECK int load_page(struct store_txn *view, const struct load_query *query,
                         struct arena *arena, struct load_page *ret);

/* All figures of one organisation (query->org), newest first, that describe days in [from_day,
 * query->until_day], cut as `query` says: each with the trend up to its own day. Errors as above.
 */
MUST_CHECK int load_series(struct store_txn *view, const struct load_query *query, int32_t from_day,
                           struct arena *arena, struct load_page *ret);

/* The query whose page begins behind `last`. */
void load_continue(struct load_query *query, const struct load_row *last);

/* Median and P80 of those in the bins; unknown where there are none. */
struct load_elapsed load_elapsed_of(const struct wait_bins *bins);

enum freshness load_freshness(int32_t age_days, uint32_t period_days);
