/* What one run is made of, drawn from its seed: some runs have no crashes but heavy loss, others
 * the reverse (swarm testing, Groce et al., ISSTA 2012). Printed with a failure and settable one by
 * one. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "shared/base/err.h"

/* name, least, most, in how many of a hundred runs it isn't 0 */
#define OPTION_LIST(X)                                                                             \
    X(nodes, 2, 10, 100)                                                                           \
    X(weeks, 1, 3, 100)                                                                            \
    X(delay_ms, 1, 3000, 100)                                                                      \
    X(loss_ppm, 1000, 300000, 60)                                                                  \
    X(duplicate_ppm, 1000, 200000, 60)                                                             \
    X(reorder_ppm, 1000, 300000, 50)                                                               \
    X(link_frames, 1, 64, 30)           /* a direction holds no more: "full" */                    \
    X(break_minutes, 30, 3000, 60)      /* mean time between lost connections, each link */        \
    X(partition_minutes, 120, 4000, 50) /* mean time between partitions, each link */              \
    X(partition_length_minutes, 1, 90, 100)                                                        \
    X(crash_before_ppm, 200, 10000, 60) /* of turns */                                             \
    X(crash_after_ppm, 200, 10000, 60)                                                             \
    X(kill_minutes, 200, 6000, 50) /* mean time between deaths outside a turn, each party */       \
    X(drift_ppm, 1, 200, 50)                                                                       \
    X(jump_minutes, 1, 180, 30)                                                                    \
    X(hostile_minutes, 10, 600, 60)                                                                \
    X(revoke, 1, 1, 50)                                                                            \
    X(rejoin, 1, 1, 50)                                                                            \
    X(approve_by_hand, 1, 1, 30)                                                                   \
    X(work_minutes, 60, 700, 100) /* mean time between two things that people do, each party */    \
    /* months with families: only where families_draw asks for them */                             \
    X(families, 2, 6, 0)           /* households at the beginning; more come */                    \
    X(days, 35, 75, 0)             /* instead of weeks */                                          \
    X(family_minutes, 120, 900, 0) /* mean time between two things that people do about one */     \
    X(shred_crash_ppm, 1000, 200000, 0) /* deaths between the steps of erasing, each step */       \
    X(nap_hours, 24, 800, 0)            /* how long at most a node is off */                       \
    /* negative controls */                                                                        \
    X(early_ack, 1, 1, 0)          /* a message is acknowledged before the commit that holds it */ \
    X(skip_commit, 1, 1, 0)        /* what people ask is answered as done, and never written */    \
    X(no_dedupe, 1, 1, 0)          /* the hub forgets what it has settled */                       \
    X(forget_tombstone, 1, 1, 0)   /* a node says that it erased, and has it all still */          \
    X(keep_keys, 1, 1, 0)          /* keys are said to be shredded, and are there */               \
    X(skip_consent_check, 1, 1, 0) /* the hub thinks that every consent is to everything */        \
    X(lazy_flag, 1, 1, 0)          /* the hub forgets when to look at a family again */            \
    X(plain_name, 1, 1, 0)         /* a name stands at the hub */

enum option {
#define X(name, least, most, percent) OPTION_##name,
    OPTION_LIST(X)
#undef X
        OPTION_COUNT
};

struct options {
    uint64_t value[OPTION_COUNT];
};

void options_draw(uint64_t seed, struct options *ret);
/* For months with families: fewer faults a day, over more days. */
void options_draw_families(uint64_t seed, struct options *ret);
/* "name=value". Errors: ERR_MALFORMED. */
MUST_CHECK int options_set(struct options *options, const char *text);
/* As arguments that repeat them. */
void options_print(const struct options *options, FILE *out);
