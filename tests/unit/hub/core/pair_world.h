/* Two members of a hub, for the tests of what they send and are told. */
#pragma once

#include "tests/unit/hub/core/fixture.h"

struct world {
    struct fixture *fixture;
    struct party a;
    struct party b;
};

/* Both have joined and have what was there for them. */
struct world pair_begin(void);
void pair_end(struct world *world);
/* A's next message: a signal of that day with so many open cases. */
struct mail signal_mail(struct world *world, int32_t day, uint32_t open);
