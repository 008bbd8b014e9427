#include "tests/unit/hub/core/three_world.h"

struct world three_begin(const char *a, const char *b, const char *c) {
    struct world world = {.fixture = fixture_new()};
    world.a = party_make(a, 1);
    world.b = party_make(b, 2);
    world.c = party_make(c, 3);
    fixture_join(world.fixture, &world.a);
    fixture_join(world.fixture, &world.b);
    fixture_join(world.fixture, &world.c);
    world.one = household_make(world.fixture, 1);
    world.two = household_make(world.fixture, 2);
    return world;
}

void three_end(struct world *world) {
    fixture_free(world->fixture);
}
