/* A family whose consent ends, for the tests of withdrawing and of erasing. */
#pragma once

#include "hub/core/journal.h"
#include "tests/unit/hub/core/three_world.h"

/* OCMW A that took the consent of family 1, its fallback B, CAW C. */
struct world ending_begin(void);
uint64_t count(struct world *world, enum table table);
/* All members greet, by the hub's own clock. */
void greet(struct world *world);
/* The members say that the clock is right. */
void go_to(struct world *world, int64_t now_ms);
/* Of family 1, with an envelope for its fallback B. */
struct consent_message consent_of_one(struct world *world);
/* A consent with an envelope, supported by C. */
struct signed_token give(struct world *world);
struct journal_verdict verify(struct world *world);
/* No row, no flag, no readable fact of a family; and the journal holds. */
void assert_nothing_left(struct world *world);
