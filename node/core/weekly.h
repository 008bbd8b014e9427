/* Adds up an organisation's cases as they stood at a freeze: one pass, nothing kept of a case.
 *
 * Knows which case counts where and until when; doesn't perturb, doesn't decide what may leave
 * (disclosure.h). The register feeds it case by case, open and closed ones, in any order. Its sums
 * are true figures: they live in the caller's scratch arena and never leave the node. */
#pragma once

#include "shared/base/arena.h"
#include "shared/base/ids.h"
#include "shared/base/limits.h"
#include "shared/base/lists.h"
#include "shared/figures/cellkey.h"
#include "shared/figures/histogram.h"

enum {
    WEEKLY_BINS = HISTOGRAM_OWN_EDGES + 1,
    WEEKLY_REASONS = CLOSE_REASON_OTHER + 1, /* by number; 0 isn't used */
    DAY_NONE = INT32_MIN,                    /* it didn't happen, or isn't known */
};

/* One case of the register. Borrows; read during weekly_add only. A service or language with an
 * empty text, or nis 0, isn't known: such a case counts in the totals alone. */
struct disclosure_case {
    struct bytes own_id;
    struct nis nis;
    struct service_id service;
    struct language language;
    int32_t asked_day;
    int32_t first_appointment_day; /* or DAY_NONE, as the next two */
    int32_t last_contact_day;
    int32_t closed_day;
    enum close_reason close_reason; /* NONE on a closed case counts as OTHER */
};

/* The days that the figures of a freeze cover, half open: `from` is in it, `until` isn't. */
struct weekly_dates {
    int32_t freeze_day; /* what happened before this day counts, what happened on it doesn't */
    int32_t this_from;  /* the quarter of freeze_day; until == from while nothing is due */
    int32_t this_until;
    int32_t last_from; /* the quarter before, whole */
    int32_t last_until;
};

/* The freeze is on a Monday at 06:00, before anybody works: days before it are whole, the day
 * itself hasn't begun. Starts and leavings of a quarter are cut after its fifth and ninth week (35
 * and 63 days) and at its end, whichever was last; between two cuts nothing moves (DESIGN 4). */
struct weekly_dates weekly_dates(int32_t freeze_day);

/* Whether starts and leavings cover the same days at both freezes. */
bool weekly_same_cut(int32_t freeze_day, int32_t other_freeze_day);

struct wait_cells {
    struct cell all;
    struct cell bins[WEEKLY_BINS]; /* by HISTOGRAM_EDGES_WEEKS */
};

/* One category of one dimension: its open cases, and those of them without a first appointment. */
struct category_cells {
    union {
        struct service_id service;
        struct nis nis;
        struct language language;
    } id;
    struct cell open;
    struct cell waiting;
};

struct service_cells {
    struct wait_cells still_waiting; /* days from asking to the freeze */
    struct wait_cells started_this;  /* days from asking to the first appointment */
    struct wait_cells started_last;
    struct wait_cells since_contact;        /* open cases; from asking where there was no contact */
    struct wait_cells left[WEEKLY_REASONS]; /* days from asking to closing, both quarters */
};

enum dimension { DIMENSION_TOTAL = 0, DIMENSION_SERVICE, DIMENSION_PLACE, DIMENSION_LANGUAGE };

struct category_list {
    struct category_cells *items; /* ascending by id */
    size_t count;
    size_t limit;
};

struct weekly {
    const struct disclosure_key *key; /* borrows */
    struct weekly_dates dates;
    struct category_cells total;                        /* no id */
    struct category_list lists[DIMENSION_LANGUAGE + 1]; /* by dimension; TOTAL is empty */
    struct service_cells *services; /* services[i] belongs to lists[DIMENSION_SERVICE].items[i] */
};

/* All sums zero; valid as long as the arena's memory and the key. Errors: ERR_NO_MEMORY. */
MUST_CHECK int weekly_new(struct arena *arena, const struct disclosure_key *key, int32_t freeze_day,
                          struct weekly **ret);

/* Counts one case wherever it belongs. A case is open at the freeze if it was asked before that
 * day and not closed before it; it waits if no first appointment was before that day.
 * Errors: ERR_TOO_LARGE where the register has more services, municipalities or languages than a
 * signal can carry; the sums are then useless. */
MUST_CHECK int weekly_add(struct weekly *weekly, const struct disclosure_case *one);

/* Makes a category exist with nothing in it; `id` holds the member of the dimension. Errors as
 * weekly_add. */
MUST_CHECK int weekly_mention(struct weekly *weekly, enum dimension dimension,
                              const struct category_cells *id);
