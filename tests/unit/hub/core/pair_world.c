#include "tests/unit/hub/core/pair_world.h"

struct world pair_begin(void) {
    struct world world = {
        .fixture = fixture_new(), .a = party_make("ocmw-a", 1), .b = party_make("ocmw-b", 2)};
    fixture_join(world.fixture, &world.a);
    fixture_join(world.fixture, &world.b);
    fixture_forget(world.fixture);
    return world;
}

void pair_end(struct world *world) {
    fixture_free(world->fixture);
}

struct mail signal_mail(struct world *world, int32_t day, uint32_t open) {
    struct signal signal = signal_plain(day);
    signal.open = count_value(open);
    return mail_next(world->fixture, &world->a, MESSAGE_KIND_SIGNAL,
                     signal_body(world->fixture, &signal));
}
