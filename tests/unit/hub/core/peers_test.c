#include "hub/core/peers.h"
#include "shared/base/limits.h"
#include "tests/unit/hub/core/fixture.h"

static struct peers *peers_begin(void) {
    struct peers *peers;
    assert_int_equal(peers_new(&peers), 0);
    return peers;
}

static struct org_id org_numbered(int number) {
    char text[16];
    snprintf(text, sizeof(text), "org-%d", number);
    return org_named(text);
}

/* -- the list -- */

static void peers_are_walked_in_order_of_first_appearance(void **state) {
    struct peers *peers = peers_begin();
    static const int order[] = {5, 2, 9, 1, 7};
    struct peer *found[5];
    for (size_t i = 0; i < 5; i++) {
        struct org_id org = org_numbered(order[i]);
        assert_null(peers_find(peers, &org));
        found[i] = peers_get(peers, &org);
        assert_non_null(found[i]);
    }
    for (size_t i = 5; i-- > 0;) {
        struct org_id org = org_numbered(order[i]);
        assert_ptr_equal(peers_get(peers, &org), found[i]);
        assert_ptr_equal(peers_find(peers, &org), found[i]);
    }
    assert_int_equal(peers_count(peers), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_ptr_equal(peers_at(peers, i), found[i]);
        struct org_id org = org_numbered(order[i]);
        assert_true(org_id_equal(&peers_at(peers, i)->org, &org));
    }
    peers_free(peers);
}

static void as_many_peers_fit_as_there_may_be_members_and_none_more(void **state) {
    struct peers *peers = peers_begin();
    struct peer *first = NULL;
    for (int i = 0; i < MEMBERS_MAX; i++) {
        struct org_id org = org_numbered(i);
        struct peer *peer = peers_get(peers, &org);
        assert_non_null(peer);
        first = i == 0 ? peer : first;
    }
    struct org_id more = org_numbered(MEMBERS_MAX);
    assert_null(peers_get(peers, &more));
    assert_null(peers_find(peers, &more));
    for (int i = 0; i < MEMBERS_MAX; i++) {
        struct org_id org = org_numbered(i);
        struct peer *peer = peers_find(peers, &org);
        assert_non_null(peer);
        assert_true(org_id_equal(&peer->org, &org));
    }
    assert_ptr_equal(peers_at(peers, 0), first);
    peers_free(peers);
    peers_free(NULL);
}

/* -- the median of the clocks -- */

static bool median_of(const int64_t *skews_ms, size_t count, int64_t *ret_ms) {
    struct peers *peers = peers_begin();
    for (size_t i = 0; i < count; i++) {
        struct org_id org = org_numbered((int)i);
        struct peer *peer = peers_get(peers, &org);
        peer->skew_ms = skews_ms[i];
        peer->has_skew = true;
    }
    struct org_id silent = org_named("silent"); /* never said what time it has */
    peers_get(peers, &silent)->skew_ms = 999999;
    bool known = peers_median_skew(peers, ret_ms);
    peers_free(peers);
    return known;
}

static void the_median_of_three_or_more_clocks_is_known(void **state) {
    int64_t median_ms = 0;
    assert_false(median_of((int64_t[]){5}, 1, &median_ms));
    assert_false(median_of((int64_t[]){5, 6}, 2, &median_ms));
    assert_true(median_of((int64_t[]){900, -7, 40}, 3, &median_ms));
    assert_int_equal(median_ms, 40);
    assert_true(median_of((int64_t[]){-5, -9000000000, -3, -4, -1}, 5, &median_ms));
    assert_int_equal(median_ms, -4);
    assert_true(median_of((int64_t[]){10, 400, 20, 0}, 4, &median_ms));
    assert_int_equal(median_ms, 15); /* between the two in the middle */
}

/* -- a clock that's an hour off -- */

enum { MEMBERS = 3 };

struct world {
    struct fixture *fixture;
    struct party parties[MEMBERS];
};

static struct world begin(void) {
    struct world world = {.fixture = fixture_new()};
    for (int i = 0; i < MEMBERS; i++) {
        char name[16];
        snprintf(name, sizeof(name), "ocmw-%d", i);
        world.parties[i] = party_make(name, i + 1);
        fixture_join(world.fixture, &world.parties[i]);
    }
    return world;
}

static void end(struct world *world) {
    fixture_free(world->fixture);
}

static bool halted_by(struct world *world, int64_t first_ms, int64_t second_ms, int64_t third_ms) {
    fixture_hello(world->fixture, &world->parties[0], first_ms);
    fixture_hello(world->fixture, &world->parties[1], second_ms);
    fixture_hello(world->fixture, &world->parties[2], third_ms);
    fixture_tick(world->fixture);
    return fixture_health(world->fixture).clock_halted;
}

static void the_hub_stands_still_when_its_members_agree_that_it_is_an_hour_off(void **state) {
    struct world world = begin();
    const int64_t hour = HOUR_MS;
    assert_false(halted_by(&world, 0, 0, 0));
    assert_false(halted_by(&world, hour - 1, hour - 1, hour - 1));
    assert_int_equal(fixture_health(world.fixture).clock_skew_ms, hour - 1);
    assert_true(halted_by(&world, hour, hour, hour));
    assert_true(halted_by(&world, -hour, -hour, -hour));
    assert_int_equal(fixture_health(world.fixture).clock_skew_ms, -hour);
    assert_true(halted_by(&world, 0, hour, 24 * hour));
    assert_false(halted_by(&world, 0, 0, 1000 * hour)); /* one wrong member can't stop it */
    end(&world);
}

static void the_clock_of_who_was_revoked_counts_no_more(void **state) {
    struct world world = begin();
    assert_true(halted_by(&world, 0, 2 * (int64_t)HOUR_MS, 2 * (int64_t)HOUR_MS));
    const struct member_arguments arguments = {.org = world.parties[1].org};
    assert_int_equal(
        fixture_command(world.fixture, ROLE_COORDINATOR, HUB_COMMAND_REVOKE, &arguments),
        REFUSAL_NONE);
    fixture_tick(world.fixture);
    assert_false(fixture_health(world.fixture).clock_halted);
    assert_int_equal(fixture_health(world.fixture).clock_skew_ms, 0);
    end(&world);
}

/* Times that no calendar has, at both ends of the number. */
static void a_greeting_with_an_impossible_time_says_nothing_of_our_clock(void **state) {
    struct world world = begin();
    const int64_t now_ms = world.fixture->now_ms;
    assert_false(halted_by(&world, 0, INT64_MAX - now_ms, INT64_MAX - now_ms));
    assert_false(halted_by(&world, 0, INT64_MIN, INT64_MIN));
    assert_int_equal(fixture_health(world.fixture).clock_skew_ms, 0);
    assert_false(halted_by(&world, 0, 5, 5));
    assert_int_equal(fixture_health(world.fixture).clock_skew_ms, 5);
    end(&world);
}

static struct mail expired_mail(struct world *world) {
    const struct signal signal = signal_plain(first_day());
    struct mail mail = mail_next(world->fixture, &world->parties[0], MESSAGE_KIND_SIGNAL,
                                 signal_body(world->fixture, &signal));
    mail.envelope.expires_ms = world->fixture->now_ms - 1;
    return mail;
}

static struct mail early_mail(struct world *world) {
    struct mail mail = expired_mail(world);
    mail.envelope.expires_ms = 0;
    mail.envelope.created_ms = world->fixture->now_ms + 2 * (int64_t)HOUR_MS;
    return mail;
}

static void nothing_expires_while_the_clock_stands_still_and_it_does_again_after(void **state) {
    struct world world = begin();
    const int64_t off_ms = -2 * (int64_t)HOUR_MS; /* the hub's clock is two hours ahead */
    struct party waiting = party_make("ocmw-w", 9);
    struct party late = party_make("ocmw-l", 10);
    struct invitation invitation = fixture_invite(world.fixture, NULL, true);
    struct invitation other = fixture_invite(world.fixture, NULL, true);
    world.fixture->now_ms = invitation.expires_ms + HOUR_MS;
    assert_true(halted_by(&world, off_ms, off_ms, off_ms));
    struct mail expired = expired_mail(&world);
    assert_taken(fixture_post(world.fixture, &world.parties[0], &expired));
    struct mail early = early_mail(&world);
    assert_taken(fixture_post(world.fixture, &world.parties[0], &early));
    struct bytes request = fixture_request(world.fixture, &waiting, &invitation);
    /* The invitation holds, but an entry would be dated by that clock: a person approves it. */
    assert_int_equal(fixture_apply(world.fixture, request).state, JOIN_WAITING);
    assert_false(halted_by(&world, 0, 0, 0));
    expired = expired_mail(&world);
    assert_refused(fixture_post(world.fixture, &world.parties[0], &expired), REFUSAL_EXPIRED);
    early = early_mail(&world);
    assert_not_taken(fixture_post(world.fixture, &world.parties[0], &early), REFUSAL_CLOCK_OFF);
    request = fixture_request(world.fixture, &late, &other);
    assert_int_equal(fixture_apply(world.fixture, request).refusal, REFUSAL_EXPIRED);
    end(&world);
}

static void nothing_is_dropped_while_the_clock_stands_still_and_it_is_again_after(void **state) {
    struct world world = begin();
    const struct signal signal = signal_plain(first_day());
    const int64_t off_ms = -57 * 7 * (int64_t)DAY_MS;
    assert_taken(fixture_publish(world.fixture, &world.parties[0], &signal));
    fixture_tick(world.fixture);
    world.fixture->now_ms -= off_ms;
    fixture_tick(world.fixture); /* a jump: what members said before is forgotten */
    assert_true(halted_by(&world, off_ms, off_ms, off_ms));
    for (int i = 0; i < 1000; i++) {
        world.fixture->now_ms += 1000;
        fixture_tick(world.fixture);
    }
    assert_int_equal(fixture_count(world.fixture, TABLE_SIGNALS), 1);
    assert_int_equal(fixture_facts(world.fixture, FACT_RETENTION), 1);
    assert_false(halted_by(&world, 0, 0, 0));
    assert_int_equal(fixture_count(world.fixture, TABLE_SIGNALS), 0);
    assert_int_equal(fixture_facts(world.fixture, FACT_RETENTION), 2);
    end(&world);
}

/* A figure of a day that our own clock hasn't reached is no lie while our clock is the wrong one.
 */
static void figures_are_not_judged_by_a_clock_that_stands_still(void **state) {
    struct world world = begin();
    const int64_t off_ms = 3 * (int64_t)DAY_MS; /* the hub's clock is three days behind */
    const struct signal signal = signal_plain(first_day() + 3);
    assert_true(halted_by(&world, off_ms, off_ms, off_ms));
    assert_taken(fixture_publish(world.fixture, &world.parties[0], &signal));
    assert_false(halted_by(&world, 0, 0, 0));
    assert_refused(fixture_publish(world.fixture, &world.parties[0], &signal),
                   REFUSAL_FROM_THE_FUTURE);
    end(&world);
}

/* -- presence -- */

static void who_is_lost_is_sent_nothing_until_it_greets(void **state) {
    struct world world = begin();
    struct fixture *fixture = world.fixture;
    assert_int_equal(fixture_health(fixture).members_present, MEMBERS);
    hub_lost(fixture->hub, &world.parties[0].org);
    assert_int_equal(fixture_health(fixture).members_present, MEMBERS - 1);
    fixture_forget(fixture);
    struct party newcomer = party_make("ocmw-n", 9);
    fixture_join(fixture, &newcomer);
    fixture->now_ms += HOUR_MS;
    fixture_tick(fixture);
    assert_null(fixture_packet(fixture, &world.parties[0], PACKET_POSTING));
    assert_non_null(fixture_packet(fixture, &world.parties[1], PACKET_POSTING));
    fixture_hello(fixture, &world.parties[0], 0);
    assert_non_null(fixture_packet(fixture, &world.parties[0], PACKET_POSTING));
    assert_int_equal(fixture_health(fixture).members_present, MEMBERS + 1);
    end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peers_are_walked_in_order_of_first_appearance),
        cmocka_unit_test(as_many_peers_fit_as_there_may_be_members_and_none_more),
        cmocka_unit_test(the_median_of_three_or_more_clocks_is_known),
        cmocka_unit_test(the_hub_stands_still_when_its_members_agree_that_it_is_an_hour_off),
        cmocka_unit_test(the_clock_of_who_was_revoked_counts_no_more),
        cmocka_unit_test(a_greeting_with_an_impossible_time_says_nothing_of_our_clock),
        cmocka_unit_test(nothing_expires_while_the_clock_stands_still_and_it_does_again_after),
        cmocka_unit_test(nothing_is_dropped_while_the_clock_stands_still_and_it_is_again_after),
        cmocka_unit_test(figures_are_not_judged_by_a_clock_that_stands_still),
        cmocka_unit_test(who_is_lost_is_sent_nothing_until_it_greets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
