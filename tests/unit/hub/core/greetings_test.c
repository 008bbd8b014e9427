/* The hub's answers to a node that greets. */
#include "tests/unit/hub/core/pair_world.h"

static struct bytes encoded(struct fixture *fixture, const struct packet *packet) {
    struct bytes frame;
    assert_int_equal(packet_encode(packet, fixture->arena, &frame), 0);
    return frame;
}

static const struct welcome *greet(struct world *world, const struct hello *hello) {
    const struct packet packet = {.content = PACKET_HELLO, .hello = *hello};
    fixture_forget(world->fixture);
    fixture_push(world->fixture, &world->a, encoded(world->fixture, &packet));
    fixture_turn(world->fixture);
    const struct packet *answer = fixture_packet(world->fixture, &world->a, PACKET_WELCOME);
    return answer == NULL ? NULL : &answer->welcome;
}

static void a_greeting_is_welcomed_in_the_version_that_both_speak(void **state) {
    static const struct {
        uint32_t min;
        uint32_t max;
        bool common;
    } ranges[] = {{1, 1, true},  {0, 1, true},  {1, 9, true}, {0, 9, true},
                  {2, 9, false}, {0, 0, false}, {2, 1, false}};
    struct world world = pair_begin();
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        const struct hello hello = {.version_min = ranges[i].min,
                                    .version_max = ranges[i].max,
                                    .organisation = world.a.org,
                                    .now_ms = world.fixture->now_ms};
        const struct welcome *welcome = greet(&world, &hello);
        assert_non_null(welcome);
        assert_int_equal(welcome->version, ranges[i].common ? 1 : 0);
        assert_int_equal(welcome->refusal,
                         ranges[i].common ? REFUSAL_NONE : REFUSAL_UNKNOWN_VERSION);
    }
    pair_end(&world);
}

static void a_welcome_says_whether_we_hold_the_position_that_a_greeting_names(void **state) {
    struct world world = pair_begin();
    struct hello hello = {.version_min = 1,
                          .version_max = 1,
                          .organisation = world.a.org,
                          .now_ms = world.fixture->now_ms};
    assert_non_null(greet(&world, &hello));
    assert_false(fixture_acknowledgement(world.fixture, &world.a)->has_asked);
    hello.has_position = true;
    hello.position = fixture_health(world.fixture).position;
    for (int i = 0; i < 3; i++) {
        hello.position.head.bytes[3] ^= i == 1 ? 1 : 0;
        hello.position.sequence += i == 2 ? 1000 : 0;
        assert_non_null(greet(&world, &hello));
        const struct acknowledgement *said = fixture_acknowledgement(world.fixture, &world.a);
        assert_true(said->has_asked);
        assert_memory_equal(&said->asked, &hello.position, sizeof(said->asked));
        assert_int_equal(said->holds_asked, i == 0);
    }
    pair_end(&world);
}

static void who_speaks_another_version_gets_no_post(void **state) {
    struct world world = pair_begin();
    struct hello hello = {.version_min = 2,
                          .version_max = 2,
                          .organisation = world.a.org,
                          .now_ms = world.fixture->now_ms};
    struct party late = party_make("ocmw-late", 9);
    assert_non_null(greet(&world, &hello));
    fixture_join(world.fixture, &late);
    assert_non_null(greet(&world, &hello));
    assert_null(fixture_packet(world.fixture, &world.a, PACKET_POSTING));
    hello.version_min = 1;
    assert_non_null(greet(&world, &hello));
    assert_non_null(fixture_packet(world.fixture, &world.a, PACKET_POSTING));
    pair_end(&world);
}

static void a_welcome_tells_the_position_the_directory_and_the_time(void **state) {
    struct world world = pair_begin();
    fixture_hello(world.fixture, &world.a, 0);
    struct hub_health health = fixture_health(world.fixture);
    const struct acknowledgement *got = fixture_acknowledgement(world.fixture, &world.a);
    assert_non_null(got);
    assert_true(got->has_position);
    assert_int_equal(got->position.epoch, 7);
    assert_int_equal(got->position.sequence, health.position.sequence);
    assert_true(digest_equal(&got->position.head, &health.position.head));
    assert_int_equal(got->directory.sequence, 3);
    assert_int_equal(got->now_ms, world.fixture->now_ms);
    assert_int_equal(got->receipt_count, 0);
    pair_end(&world);
}

static void a_greeting_in_another_name_is_not_answered(void **state) {
    struct world world = pair_begin();
    const struct hello hello = {.version_min = 1,
                                .version_max = 1,
                                .organisation = world.b.org,
                                .now_ms = world.fixture->now_ms};
    assert_null(greet(&world, &hello));
    assert_int_equal(world.fixture->sent_count, 0);
    assert_int_equal(fixture_refusals(world.fixture, REFUSAL_WRONG_SENDER), 1);
    pair_end(&world);
}

static void a_node_that_lost_its_memory_gets_its_last_figures_back(void **state) {
    struct world world = pair_begin();
    struct hello hello = {.version_min = 1,
                          .version_max = 1,
                          .organisation = world.a.org,
                          .wants_last_signal = true,
                          .now_ms = world.fixture->now_ms};
    assert_int_equal(greet(&world, &hello)->last_signal.length, 0);
    struct mail earlier = signal_mail(&world, first_day() - 7, 90);
    struct mail last = signal_mail(&world, first_day(), 100);
    assert_taken(fixture_post(world.fixture, &world.a, &last));
    assert_taken(fixture_post(world.fixture, &world.a, &earlier));
    struct signal signal;
    struct bytes back = greet(&world, &hello)->last_signal;
    assert_int_equal(signal_decode(back, world.fixture->arena, &signal), REFUSAL_NONE);
    assert_int_equal(signal.as_of_day, first_day());
    assert_int_equal(signal.open.value, 100);
    assert_true(back.length < last.envelope.body.length); /* kept without padding */
    hello.wants_last_signal = false;
    assert_int_equal(greet(&world, &hello)->last_signal.length, 0);
    pair_end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_greeting_is_welcomed_in_the_version_that_both_speak),
        cmocka_unit_test(a_welcome_says_whether_we_hold_the_position_that_a_greeting_names),
        cmocka_unit_test(who_speaks_another_version_gets_no_post),
        cmocka_unit_test(a_welcome_tells_the_position_the_directory_and_the_time),
        cmocka_unit_test(a_greeting_in_another_name_is_not_answered),
        cmocka_unit_test(a_node_that_lost_its_memory_gets_its_last_figures_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
