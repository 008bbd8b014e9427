#include "shared/base/limits.h"
#include "tests/unit/hub/core/fixture.h"

enum { MEMBERS = 4, PATIENCE_TICKS = 600 };

static const int64_t HOUR_OFF_MS = 61 * (int64_t)MINUTE_MS;

struct world {
    struct fixture *fixture;
    struct party parties[MEMBERS];
};

/* Members that have greeted, and one figure of the first one, fifty-six weeks old to the day. */
static struct world begin(void) {
    static const char *const names[MEMBERS] = {"ocmw-a", "ocmw-b", "ocmw-c", "ocmw-d"};
    struct world world = {.fixture = fixture_new()};
    for (int i = 0; i < MEMBERS; i++) {
        world.parties[i] = party_make(names[i], i + 1);
        fixture_join(world.fixture, &world.parties[i]);
    }
    struct signal signal = signal_plain(first_day() - 56 * 7);
    assert_taken(fixture_publish(world.fixture, &world.parties[0], &signal));
    return world;
}

static void end(struct world *world) {
    fixture_free(world->fixture);
}

static void greet(struct world *world, int count, int64_t skew_ms) {
    for (int i = 0; i < count; i++) {
        fixture_hello(world->fixture, &world->parties[i], skew_ms);
    }
    fixture_tick(world->fixture);
}

static uint64_t figures(struct world *world) {
    return fixture_count(world->fixture, TABLE_SIGNALS);
}

static void one_wrong_member_says_nothing_of_our_clock(void **state) {
    struct world world = begin();
    greet(&world, MEMBERS, 0);
    greet(&world, 1, HOUR_OFF_MS);
    assert_false(fixture_health(world.fixture).clock_halted);
    assert_int_equal(fixture_health(world.fixture).clock_skew_ms, 0);
    end(&world);
}

static void five_minutes_are_told_and_halt_nothing(void **state) {
    struct world world = begin();
    greet(&world, MEMBERS, 6 * (int64_t)MINUTE_MS);
    assert_int_equal(fixture_health(world.fixture).clock_skew_ms, 6 * MINUTE_MS);
    assert_false(fixture_health(world.fixture).clock_halted);
    end(&world);
}

static void an_hour_off_its_members_the_hub_lets_nothing_expire(void **state) {
    struct world world = begin();
    fixture_restart(world.fixture);
    world.fixture->now_ms += DAY_MS;
    greet(&world, MEMBERS, -DAY_MS);
    assert_true(fixture_health(world.fixture).clock_halted);
    fixture_tick(world.fixture);
    assert_int_equal(figures(&world), 1);
    greet(&world, MEMBERS, 0);
    assert_false(fixture_health(world.fixture).clock_halted);
    fixture_tick(world.fixture);
    assert_int_equal(figures(&world), 0);
    end(&world);
}

static void a_hub_that_starts_with_a_wrong_date_waits_for_its_members(void **state) {
    struct world world = begin();
    fixture_restart(world.fixture);
    world.fixture->now_ms += 3650 * (int64_t)DAY_MS;
    for (int i = 0; i < PATIENCE_TICKS - 1; i++) {
        fixture_tick(world.fixture);
    }
    assert_int_equal(figures(&world), 1);
    fixture_tick(world.fixture); /* nobody came to say so */
    assert_int_equal(figures(&world), 0);
    end(&world);
}

static void leave(struct world *world, int party) {
    assert_int_equal(fixture_command_on(world->fixture, HUB_COMMAND_LEAVE, &world->parties[party]),
                     REFUSAL_NONE);
}

/* Who left has no clock to ask. */
static void only_members_of_now_are_waited_for(void **state) {
    struct world world = begin();
    leave(&world, 2);
    fixture_restart(world.fixture);
    world.fixture->now_ms += DAY_MS;
    fixture_tick(world.fixture);
    assert_int_equal(figures(&world), 1); /* three are still there */
    leave(&world, 3);
    fixture_tick(world.fixture);
    assert_int_equal(figures(&world), 0);
    end(&world);
}

/* The answers that people may still ask for, too: else a command sent twice would be done twice. */
static void a_hub_that_starts_with_a_wrong_date_keeps_results(void **state) {
    struct world world = begin();
    uint64_t results = fixture_count(world.fixture, TABLE_COMMANDS);
    assert_true(results > 0);
    fixture_restart(world.fixture);
    world.fixture->now_ms += 3650 * (int64_t)DAY_MS;
    fixture_tick(world.fixture);
    world.fixture->now_ms += 11 * (int64_t)MINUTE_MS;
    fixture_tick(world.fixture);
    assert_int_equal(fixture_count(world.fixture, TABLE_COMMANDS), results);
    greet(&world, MEMBERS, 0);
    world.fixture->now_ms += 11 * (int64_t)MINUTE_MS;
    fixture_tick(world.fixture);
    assert_int_equal(fixture_count(world.fixture, TABLE_COMMANDS), 0);
    end(&world);
}

static enum refusal invite_by(struct world *world, uint8_t number, int64_t deadline_ms) {
    const struct invite_arguments invite = {.invitation = {number}};
    struct fixture *fixture = world->fixture;
    const struct command command = {.id = fixture_id(fixture),
                                    .actor = {.role = ROLE_COORDINATOR},
                                    .deadline_ms = deadline_ms,
                                    .kind = HUB_COMMAND_INVITE,
                                    .arguments = &invite};
    fixture_forget(fixture);
    assert_int_equal(hub_command(fixture->hub, &command), 0);
    fixture_turn(fixture);
    assert_int_equal(fixture->told_count, 1);
    return fixture->told[0].refusal;
}

static void a_hub_that_starts_before_its_own_journal_is_halted(void **state) {
    struct world world = begin();
    world.fixture->now_ms -= 10 * (int64_t)DAY_MS;
    fixture_restart(world.fixture);
    fixture_turn(world.fixture);
    assert_true(fixture_health(world.fixture).clock_halted);
    for (int i = 0; i < PATIENCE_TICKS + 1; i++) { /* it isn't forgiven for nobody speaking */
        fixture_tick(world.fixture);
    }
    assert_true(fixture_health(world.fixture).clock_halted);
    world.fixture->now_ms += 10 * (int64_t)DAY_MS;
    fixture_tick(world.fixture);
    assert_false(fixture_health(world.fixture).clock_halted);
    world.fixture->now_ms -= 10 * (int64_t)DAY_MS;
    fixture_restart(world.fixture);
    greet(&world, 1, 10 * (int64_t)DAY_MS); /* who says the same as the journal */
    assert_true(fixture_health(world.fixture).clock_halted);
    greet(&world, 1, 0); /* the journal was wrong then */
    assert_false(fixture_health(world.fixture).clock_halted);
    end(&world);
}

static void no_deadline_passes_by_a_halted_clock(void **state) {
    struct world world = begin();
    int64_t just_ms = world.fixture->now_ms;
    greet(&world, MEMBERS, 0);
    world.fixture->now_ms += DAY_MS;
    fixture_tick(world.fixture);
    assert_true(fixture_health(world.fixture).clock_halted);
    assert_int_equal(invite_by(&world, 1, just_ms), REFUSAL_NONE);
    greet(&world, MEMBERS, 0);
    assert_false(fixture_health(world.fixture).clock_halted);
    assert_int_equal(invite_by(&world, 2, just_ms), REFUSAL_DEADLINE);
    end(&world);
}

static void a_jump_is_seen_in_the_very_turn_that_it_would_spoil(void **state) {
    struct world world = begin();
    int64_t just_ms = world.fixture->now_ms;
    greet(&world, MEMBERS, 0);
    world.fixture->now_ms += DAY_MS; /* and no tick yet */
    assert_int_equal(invite_by(&world, 1, just_ms), REFUSAL_NONE);
    assert_true(fixture_health(world.fixture).clock_halted);
    end(&world);
}

static void a_clock_that_jumps_twice_is_doubted_still(void **state) {
    struct world world = begin();
    greet(&world, MEMBERS, 0);
    for (int i = 0; i < 2; i++) {
        world.fixture->now_ms += DAY_MS;
        fixture_tick(world.fixture);
        assert_true(fixture_health(world.fixture).clock_halted);
    }
    assert_int_equal(figures(&world), 1);
    greet(&world, 3, 0);
    assert_false(fixture_health(world.fixture).clock_halted);
    end(&world);
}

static void a_clock_that_jumps_is_not_believed_until_members_greet_again(void **state) {
    struct world world = begin();
    greet(&world, MEMBERS, 0);
    world.fixture->now_ms += DAY_MS;
    fixture_tick(world.fixture);
    assert_true(fixture_health(world.fixture).clock_halted);
    greet(&world, 2, 0);
    assert_true(fixture_health(world.fixture).clock_halted);
    assert_int_equal(figures(&world), 1);
    greet(&world, 3, 0);
    assert_false(fixture_health(world.fixture).clock_halted);
    fixture_tick(world.fixture);
    assert_int_equal(figures(&world), 0);
    end(&world);
}

static void what_waits_for_a_member_leaves_at_once_when_the_clock_is_set_back(void **state) {
    struct world world = begin();
    struct party late = party_make("ocmw-e", MEMBERS + 1);
    greet(&world, MEMBERS, 0);
    fixture_join(world.fixture, &late); /* its entry goes to the others, who don't receipt it */
    fixture_tick(world.fixture);
    fixture_forget(world.fixture);
    fixture_tick(world.fixture);
    assert_null(fixture_packet(world.fixture, &world.parties[0], PACKET_POSTING));
    world.fixture->now_ms -= 2 * HOUR_MS;
    fixture_tick(world.fixture);
    assert_non_null(fixture_packet(world.fixture, &world.parties[0], PACKET_POSTING));
    end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_wrong_member_says_nothing_of_our_clock),
        cmocka_unit_test(five_minutes_are_told_and_halt_nothing),
        cmocka_unit_test(an_hour_off_its_members_the_hub_lets_nothing_expire),
        cmocka_unit_test(a_hub_that_starts_with_a_wrong_date_waits_for_its_members),
        cmocka_unit_test(only_members_of_now_are_waited_for),
        cmocka_unit_test(a_hub_that_starts_with_a_wrong_date_keeps_results),
        cmocka_unit_test(a_hub_that_starts_before_its_own_journal_is_halted),
        cmocka_unit_test(no_deadline_passes_by_a_halted_clock),
        cmocka_unit_test(a_jump_is_seen_in_the_very_turn_that_it_would_spoil),
        cmocka_unit_test(a_clock_that_jumps_twice_is_doubted_still),
        cmocka_unit_test(a_clock_that_jumps_is_not_believed_until_members_greet_again),
        cmocka_unit_test(what_waits_for_a_member_leaves_at_once_when_the_clock_is_set_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
