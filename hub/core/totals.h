/* The region as a whole: the members' figures added up by service, municipality or language.
 *
 * Reads only. What a member withheld, or what has faded, isn't counted as nothing but as missing:
 * a total says how many organisations stand behind it and how many it lacks. Bands add up to an
 * interval. Waits are merged bin by bin, where all members use the same bins (DESIGN 4). */
#pragma once

#include "hub/core/load.h"

struct total_row {
    struct service_id service; /* one of the three, as the query says */
    struct nis nis;
    struct language language;
    uint32_t organisations; /* whose open cases are in `open` */
    uint32_t missing;       /* that have the part, but no figure of it that stands */
    struct interval open;
    struct interval queue;
    uint32_t queue_missing; /* organisations without a count of those waiting */
    struct load_elapsed elapsed;
    uint32_t elapsed_missing; /* organisations without bins, or with other bins than the first */
    int32_t oldest_day;       /* what the oldest of these figures describes; 0: none */
};

struct totals {
    struct total_row *rows; /* in order of part, in the arena */
    size_t count;
    /* Organisations whose figures stand but aren't cut this way: small ones that publish bands of
     * their totals only, and those whose table was withheld. None of the rows holds them. */
    uint32_t uncut;
};

/* `query->by` is service, municipality or language; its filters apply, its paging doesn't.
 * Errors: ERR_STORAGE, ERR_NO_MEMORY, ERR_TOO_LARGE (more parts than a region can have). */
MUST_CHECK int totals_read(struct store_txn *view, const struct load_query *query,
                           struct arena *arena, struct totals *ret);
