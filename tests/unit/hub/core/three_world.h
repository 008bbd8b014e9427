/* Three members of a hub and two families, for the tests of what members say of families. */
#pragma once

#include "tests/unit/hub/core/family_fixture.h"

struct world {
    struct fixture *fixture;
    struct party a, b, c;
    struct household one, two;
};

/* They have joined under these names; nothing was said of a family yet. */
struct world three_begin(const char *a, const char *b, const char *c);
void three_end(struct world *world);
