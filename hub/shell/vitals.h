/* How the hub fares, as the turn thread last said it: for the pages of other threads. */
#pragma once

#include <stdint.h>

#include "hub/core/hub.h"
#include "shared/io/link.h"
#include "shared/store/env.h"

enum { VITALS_TURNS = 1024 };

struct vitals_view {
    int64_t started_ms;
    struct hub_health health;
    struct store_space space;
    bool short_of_room;
    uint64_t strangers_limited; /* frames on the enrolment socket beyond its rate */
    struct link_counters members;
    struct link_counters enrol;
    /* Of the last VITALS_TURNS turns, commit included; 0 where there was none. */
    uint64_t turn_p50_us;
    uint64_t turn_p99_us;
    uint64_t turn_us_sum;
    uint64_t turn_count;
};

struct vitals;

/* Errors: ERR_NO_MEMORY. */
MUST_CHECK int vitals_new(struct vitals **ret);
void vitals_free(struct vitals *vitals); /* takes NULL */

/* The turn thread: one turn took so long; and every now and then everything but the turns. */
void vitals_turn(struct vitals *vitals, uint64_t took_us);
void vitals_set(struct vitals *vitals, const struct vitals_view *view);
/* Any thread. */
void vitals_get(struct vitals *vitals, struct vitals_view *ret);

/* The value that `percent` of the first `count` stay at or under: the nearest rank, as any
 * statistics textbook has it; 0 of none. Sorts in place. */
uint64_t vitals_percentile(uint64_t *values, size_t count, unsigned percent);
