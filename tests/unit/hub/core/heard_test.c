#include <stdio.h>

#include "shared/places/working_days.h"
#include "tests/unit/hub/core/family_fixture.h"

/* Four organisations; D falls silent, or leaves. B is the fallback. */
struct world {
    struct fixture *fixture;
    struct party a, b, c, d;
    struct household one;
};

static struct world begin(void) {
    struct world world = {.fixture = fixture_new()};
    world.a = party_make("ocmw-a", 1);
    world.b = party_make("ocmw-b", 2);
    world.c = party_make("caw-c", 3);
    world.d = party_make("caw-d", 4);
    fixture_join(world.fixture, &world.a);
    fixture_join(world.fixture, &world.b);
    fixture_join(world.fixture, &world.c);
    fixture_join(world.fixture, &world.d);
    world.one = household_make(world.fixture, 1);
    fixture_tick(world.fixture);
    return world;
}

static void end(struct world *world) {
    fixture_free(world->fixture);
}

/* D alone supports the family. */
static void give(struct world *world) {
    const struct consent_token token =
        token_plain(world->fixture, &world->one, &world->a, &world->b, NULL);
    struct consent_message message = consent_plain(world->fixture, &world->one, &world->a, &token);
    message.support_expected = true;
    struct mail mail = consent_mail(world->fixture, &world->a, &message);
    assert_taken(fixture_post(world->fixture, &world->a, &mail));
    assert_taken(fixture_support(world->fixture, &world->one, &world->d));
}

static void greet_all_but_d(struct world *world) {
    fixture_hello(world->fixture, &world->a, 0);
    fixture_hello(world->fixture, &world->b, 0);
    fixture_hello(world->fixture, &world->c, 0);
}

static void tick(struct world *world, int times) {
    for (int i = 0; i < times; i++) {
        world->fixture->now_ms += 2 * MINUTE_MS;
        fixture_tick(world->fixture);
    }
}

/* A leap of the clock; the others say that it's right. */
static void leap(struct world *world, int64_t by_ms) {
    fixture_forget(world->fixture);
    world->fixture->now_ms += by_ms;
    fixture_tick(world->fixture);
    greet_all_but_d(world);
    tick(world, 3);
}

/* Days in which D says nothing; the last two hours of each have no leap in them. */
static void silent_days(struct world *world, int days) {
    for (int i = 0; i < days; i++) {
        leap(world, DAY_MS - 2 * (int64_t)HOUR_MS);
        world->fixture->now_ms += 50 * (int64_t)MINUTE_MS;
        tick(world, 1);
        world->fixture->now_ms += 50 * (int64_t)MINUTE_MS;
        tick(world, 6);
    }
}

static int32_t today(const struct world *world) {
    return brussels_day(world->fixture->now_ms);
}

static bool flag_of_kind(struct world *world, enum flag_kind kind, struct flag_row *ret) {
    struct store_txn *view = fixture_read(world->fixture);
    struct flag_cursor cursor;
    int r = flag_first(view, &cursor, ret);
    while (r == 0 && ret->kind != kind) {
        r = flag_next(&cursor, ret);
    }
    store_abort(view);
    return r == 0;
}

static void who_was_heard_is_written_once_a_day(void **state) {
    struct world world = begin();
    uint64_t facts = fixture_facts(world.fixture, FACT_HEARD);
    assert_int_equal(facts, 4);
    fixture_hello(world.fixture, &world.d, 0);
    tick(&world, 5);
    assert_int_equal(fixture_facts(world.fixture, FACT_HEARD), facts);
    silent_days(&world, 1);
    assert_int_equal(fixture_facts(world.fixture, FACT_HEARD), facts + 3);
    end(&world);
}

/* DESIGN 5: after 8 days, and 10 working days later. */
enum { QUIET_DAYS = 8, QUIET_WORKING_DAYS = 10 };

static void a_node_that_is_not_heard_for_eight_days_raises_one_flag_of_its_own(void **state) {
    struct world world = begin();
    struct flag_row row;
    give(&world);
    silent_days(&world, QUIET_DAYS);
    assert_false(flag_of_kind(&world, FLAG_NODE_QUIET, &row));
    silent_days(&world, 1);
    assert_true(flag_of_kind(&world, FLAG_NODE_QUIET, &row));
    assert_true(org_id_equal(&row.about_org, &world.d.org));
    assert_int_equal(row.turn.text[0], '\0'); /* the coordinator's board */
    assert_int_equal(row.opened_day, today(&world));
    assert_int_equal(fixture_count(world.fixture, TABLE_FLAGS), 1);
    silent_days(&world, 3);
    assert_int_equal(fixture_count(world.fixture, TABLE_FLAGS), 1);
    fixture_hello(world.fixture, &world.d, 0);
    tick(&world, 1);
    assert_int_equal(fixture_count(world.fixture, TABLE_FLAGS), 0);
    end(&world);
}

static void after_ten_working_days_its_supports_stop_counting_until_it_is_heard(void **state) {
    struct world world = begin();
    struct flag_row row;
    give(&world);
    silent_days(&world, QUIET_DAYS + 1);
    assert_true(flag_of_kind(&world, FLAG_NODE_QUIET, &row));
    const int32_t last = working_days_after(row.opened_day, QUIET_WORKING_DAYS);
    silent_days(&world, last - today(&world));
    assert_false(fixture_family(world.fixture, &world.one)->supports[0].quiet);
    assert_false(flag_of_kind(&world, FLAG_NO_LOCAL, &row));
    silent_days(&world, 1);
    assert_true(fixture_family(world.fixture, &world.one)->supports[0].quiet);
    assert_true(flag_of_kind(&world, FLAG_NO_LOCAL, &row));
    assert_true(org_id_equal(&row.turn, &world.b.org));
    fixture_restart(world.fixture);
    silent_days(&world, 1);
    assert_true(flag_of_kind(&world, FLAG_NODE_QUIET, &row));

    fixture_hello(world.fixture, &world.d, 0);
    tick(&world, 4);
    assert_false(fixture_family(world.fixture, &world.one)->supports[0].quiet);
    assert_false(flag_of_kind(&world, FLAG_NODE_QUIET, &row));
    assert_false(flag_of_kind(&world, FLAG_NO_LOCAL, &row));
    end(&world);
}

static void a_member_that_is_revoked_supports_nobody_any_more(void **state) {
    struct world world = begin();
    struct notice notice;
    struct flag_row row;
    give(&world);
    assert_int_equal(fixture_command_on(world.fixture, HUB_COMMAND_REVOKE, &world.d), REFUSAL_NONE);
    fixture_forget(world.fixture);
    tick(&world, 3);
    const struct family *family = fixture_family(world.fixture, &world.one);
    assert_int_equal(family->supports[0].state, SUPPORT_ENDED);
    assert_int_equal(family->supports[0].why, END_ORGANISATION_LEFT);
    assert_int_equal(family->supports[0].end_day, today(&world));
    assert_true(flag_of_kind(&world, FLAG_NO_LOCAL, &row));
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_int_equal(notice.flag.kind, FLAG_NO_LOCAL);
    uint64_t sequence = fixture_health(world.fixture).position.sequence;
    tick(&world, 3);
    assert_int_equal(fixture_health(world.fixture).position.sequence, sequence);
    end(&world);
}

static void a_member_that_left_before_its_first_minute_is_gone_too(void **state) {
    struct world world = begin();
    struct party late = party_make("caw-l", 5);
    fixture_join(world.fixture, &late);
    assert_taken(fixture_consent(world.fixture, &world.one, &world.a, NULL, NULL));
    assert_taken(fixture_support(world.fixture, &world.one, &late));
    assert_int_equal(fixture_command_on(world.fixture, HUB_COMMAND_LEAVE, &late), REFUSAL_NONE);
    tick(&world, 4);
    assert_int_equal(fixture_family(world.fixture, &world.one)->supports[0].state, SUPPORT_ENDED);
    end(&world);
}

enum { FAMILIES = 300 };

/* More families than one slice looks into, and more notices than one decision holds. */
static void give_many(struct world *world) {
    for (int i = 0; i < FAMILIES; i++) {
        struct household household = household_make(world->fixture, 1000 + i);
        const struct consent_token token =
            token_plain(world->fixture, &household, &world->a, &world->b, NULL);
        struct consent_message message =
            consent_plain(world->fixture, &household, &world->a, &token);
        message.support_expected = true;
        struct mail mail = consent_mail(world->fixture, &world->a, &message);
        assert_taken(fixture_post(world->fixture, &world->a, &mail));
        assert_taken(fixture_support(world->fixture, &household, &world->d));
    }
    assert_int_equal(fixture_count(world->fixture, TABLE_FLAGS), 0);
    fixture_forget(world->fixture);
}

static void three_hundred_families_of_one_that_left_are_seen_to_in_slices(void **state) {
    struct world world = begin();
    give_many(&world);
    assert_int_equal(fixture_command_on(world.fixture, HUB_COMMAND_LEAVE, &world.d), REFUSAL_NONE);
    tick(&world, 2);
    uint64_t some = fixture_count(world.fixture, TABLE_FLAGS);
    assert_in_range(some, 1, FAMILIES - 1);
    for (int i = 0; i < 30; i++) {
        fixture_forget(world.fixture);
        tick(&world, 1);
    }
    assert_int_equal(fixture_count(world.fixture, TABLE_FLAGS), FAMILIES);
    end(&world);
}

/* As another: it joins with keys of its own. */
static struct party rejoin(struct world *world) {
    struct party again = party_make("caw-d", 6);
    again.incarnation = 2;
    fixture_join(world->fixture, &again);
    return again;
}

static unsigned supported_by(struct world *world, const struct party *party) {
    unsigned count = 0;
    for (int i = 0; i < FAMILIES; i++) {
        const struct household household = household_make(world->fixture, 1000 + i);
        const struct family_support *support =
            family_support_of(fixture_family(world->fixture, &household), &party->org);
        count += support->state == SUPPORT_ACTIVE ? 1 : 0;
        arena_reset(world->fixture->arena);
    }
    return count;
}

static void who_joins_again_within_a_minute_supports_nobody_of_before(void **state) {
    struct world world = begin();
    give(&world);
    assert_int_equal(fixture_command_on(world.fixture, HUB_COMMAND_LEAVE, &world.d), REFUSAL_NONE);
    struct party again = rejoin(&world);
    assert_not_taken(fixture_support(world.fixture, &world.one, &again), REFUSAL_BUSY);
    tick(&world, 4);
    assert_int_equal(fixture_family(world.fixture, &world.one)->supports[0].state, SUPPORT_ENDED);
    assert_taken(fixture_support(world.fixture, &world.one, &again));
    tick(&world, 4);
    assert_int_equal(fixture_family(world.fixture, &world.one)->supports[0].state, SUPPORT_ACTIVE);
    end(&world);
}

static void who_joins_again_half_way_through_its_sweep_is_swept_to_the_end(void **state) {
    struct world world = begin();
    give_many(&world);
    assert_int_equal(fixture_command_on(world.fixture, HUB_COMMAND_LEAVE, &world.d), REFUSAL_NONE);
    tick(&world, 2);
    assert_in_range(fixture_count(world.fixture, TABLE_FLAGS), 1, FAMILIES - 1);
    fixture_forget(world.fixture);
    struct party again = rejoin(&world);
    fixture_restart(world.fixture);
    greet_all_but_d(&world);
    for (int i = 0; i < 30; i++) {
        fixture_forget(world.fixture);
        tick(&world, 1);
    }
    assert_int_equal(supported_by(&world, &again), 0);
    end(&world);
}

/* Nothing else would look at it before the consent ends. */
static void a_flag_whose_holder_spoke_with_the_family_and_left_gets_another(void **state) {
    struct world world = begin();
    struct flag_row row;
    assert_taken(fixture_consent(world.fixture, &world.one, &world.a, &world.d, &world.b));
    assert_true(flag_of_kind(&world, FLAG_NO_LOCAL, &row));
    const struct flag_answer answer = {.purpose = PURPOSE_SUPPORT,
                                       .handle = world.one.handle,
                                       .flag = row.id,
                                       .action = FLAG_CONTACT};
    struct bytes body;
    assert_int_equal(flag_answer_encode(&answer, world.fixture->arena, &body), 0);
    struct mail mail = mail_next(world.fixture, &world.d, MESSAGE_KIND_FLAG_ANSWER, body);
    assert_taken(fixture_post(world.fixture, &world.d, &mail));
    assert_int_equal(fixture_command_on(world.fixture, HUB_COMMAND_LEAVE, &world.d), REFUSAL_NONE);
    tick(&world, 4);
    assert_true(flag_of_kind(&world, FLAG_NO_LOCAL, &row));
    assert_true(org_id_equal(&row.turn, &world.b.org));
    end(&world);
}

/* Heard again in the midst of it: those that were marked already are marked no more. */
static void who_is_heard_half_way_counts_again_everywhere(void **state) {
    struct world world = begin();
    struct flag_row row;
    give_many(&world);
    silent_days(&world, QUIET_DAYS + 1);
    assert_true(flag_of_kind(&world, FLAG_NODE_QUIET, &row));
    const int32_t last = working_days_after(row.opened_day, QUIET_WORKING_DAYS);
    silent_days(&world, last - today(&world));
    leap(&world, DAY_MS);
    uint64_t some = 1;
    for (int i = 0; i < 40 && some < 2; i++) {
        tick(&world, 1);
        some = fixture_count(world.fixture, TABLE_FLAGS);
    }
    assert_in_range(some, 2, FAMILIES - 1);
    fixture_forget(world.fixture);
    fixture_hello(world.fixture, &world.d, 0);
    for (int i = 0; i < 30; i++) {
        fixture_forget(world.fixture);
        tick(&world, 1);
    }
    assert_int_equal(fixture_count(world.fixture, TABLE_FLAGS), 0);
    end(&world);
}

static void by_a_halted_clock_nobody_is_called_quiet(void **state) {
    struct world world = begin();
    give(&world);
    world.fixture->now_ms += 30 * (int64_t)DAY_MS;
    for (int i = 0; i < 5; i++) {
        fixture_hello(world.fixture, &world.a, -30 * (int64_t)DAY_MS);
        fixture_hello(world.fixture, &world.b, -30 * (int64_t)DAY_MS);
        fixture_hello(world.fixture, &world.c, -30 * (int64_t)DAY_MS);
        tick(&world, 1);
    }
    assert_true(fixture_health(world.fixture).clock_halted);
    assert_int_equal(fixture_count(world.fixture, TABLE_FLAGS), 0);
    end(&world);
}

/* The hub itself was away: who couldn't reach it isn't quiet. */
static void after_a_long_night_of_the_hub_members_get_an_hour_to_be_heard(void **state) {
    struct world world = begin();
    fixture_restart(world.fixture);
    world.fixture->now_ms += 20 * (int64_t)DAY_MS;
    greet_all_but_d(&world);
    tick(&world, 5);
    assert_int_equal(fixture_count(world.fixture, TABLE_FLAGS), 0);
    fixture_hello(world.fixture, &world.d, 0);
    tick(&world, 40);
    assert_int_equal(fixture_count(world.fixture, TABLE_FLAGS), 0);
    end(&world);
}

/* Suspended, not stopped. */
static void a_hub_that_slept_gives_members_an_hour_to_be_heard(void **state) {
    struct world world = begin();
    struct flag_row row;
    leap(&world, 20 * (int64_t)DAY_MS);
    tick(&world, 25);
    assert_int_equal(fixture_count(world.fixture, TABLE_FLAGS), 0);
    fixture_hello(world.fixture, &world.d, 0);
    tick(&world, 10);
    assert_int_equal(fixture_count(world.fixture, TABLE_FLAGS), 0);
    leap(&world, 20 * (int64_t)DAY_MS);
    tick(&world, 30);
    assert_true(flag_of_kind(&world, FLAG_NODE_QUIET, &row));
    assert_int_equal(fixture_count(world.fixture, TABLE_FLAGS), 1);
    end(&world);
}

static void the_working_days_that_the_hub_slept_end_no_supports_at_once(void **state) {
    struct world world = begin();
    struct flag_row row;
    give(&world);
    silent_days(&world, QUIET_DAYS + 1);
    assert_true(flag_of_kind(&world, FLAG_NODE_QUIET, &row));
    leap(&world, 20 * (int64_t)DAY_MS);
    tick(&world, 25);
    assert_false(fixture_family(world.fixture, &world.one)->supports[0].quiet);
    tick(&world, 10);
    assert_true(fixture_family(world.fixture, &world.one)->supports[0].quiet);
    end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_was_heard_is_written_once_a_day),
        cmocka_unit_test(a_node_that_is_not_heard_for_eight_days_raises_one_flag_of_its_own),
        cmocka_unit_test(after_ten_working_days_its_supports_stop_counting_until_it_is_heard),
        cmocka_unit_test(a_member_that_is_revoked_supports_nobody_any_more),
        cmocka_unit_test(a_member_that_left_before_its_first_minute_is_gone_too),
        cmocka_unit_test(three_hundred_families_of_one_that_left_are_seen_to_in_slices),
        cmocka_unit_test(who_joins_again_within_a_minute_supports_nobody_of_before),
        cmocka_unit_test(who_joins_again_half_way_through_its_sweep_is_swept_to_the_end),
        cmocka_unit_test(a_flag_whose_holder_spoke_with_the_family_and_left_gets_another),
        cmocka_unit_test(who_is_heard_half_way_counts_again_everywhere),
        cmocka_unit_test(by_a_halted_clock_nobody_is_called_quiet),
        cmocka_unit_test(after_a_long_night_of_the_hub_members_get_an_hour_to_be_heard),
        cmocka_unit_test(a_hub_that_slept_gives_members_an_hour_to_be_heard),
        cmocka_unit_test(the_working_days_that_the_hub_slept_end_no_supports_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
