#include "hub/core/counts.h"
#include "shared/base/civil.h"
#include "tests/unit/hub/core/ending_world.h"

/* They say that our clock is ahead by that much. */
static void greet_late(struct world *world, int64_t by_ms) {
    fixture_hello(world->fixture, &world->a, -by_ms);
    fixture_hello(world->fixture, &world->b, -by_ms);
    fixture_hello(world->fixture, &world->c, -by_ms);
}

/* -- withdrawing -- */

static void a_withdrawal_by_card_erases_at_once_and_tells_every_holder(void **state) {
    struct world world = ending_begin();
    struct tombstone tombstone;
    give(&world);
    assert_taken(fixture_withdraw(world.fixture, &world.b, &world.one, WITHDRAWAL_CARD));
    assert_nothing_left(&world);
    assert_int_equal(count(&world, TABLE_TOMBSTONES), 1);
    const struct party *holders[] = {&world.a, &world.b, &world.c};
    for (size_t i = 0; i < 3; i++) {
        assert_true(fixture_tombstone(world.fixture, holders[i], 0, &tombstone));
        assert_true(family_handle_equal(&tombstone.handle, &world.one.handle));
        assert_int_equal(tombstone.basis, WITHDRAWAL_CARD);
        assert_false(fixture_tombstone(world.fixture, holders[i], 1, &tombstone));
    }
    assert_int_equal(count(&world, TABLE_ERASURES), 3);
    assert_int_equal(fixture_health(world.fixture).erasures_owed, 3);
    three_end(&world);
}

static void a_paper_or_a_new_card_is_proven_by_the_presence_key(void **state) {
    static const enum withdrawal_basis bases[] = {WITHDRAWAL_PAPER, WITHDRAWAL_NEW_CARD};
    for (size_t i = 0; i < 2; i++) {
        struct world world = ending_begin();
        give(&world);
        assert_taken(fixture_withdraw(world.fixture, &world.c, &world.one, bases[i]));
        assert_nothing_left(&world);
        three_end(&world);
    }
}

/* A supporter has the presence key too; but its new card would bring no consent. */
static void who_may_not_take_consent_ends_none_for_a_new_card(void **state) {
    struct world world = ending_begin();
    struct party buddy = party_make("buddies", 4);
    buddy.member.may_take_consent = CONSENT_RIGHT_NO;
    fixture_join(world.fixture, &buddy);
    give(&world);
    assert_taken(fixture_support(world.fixture, &world.one, &buddy));
    assert_refused(fixture_withdraw(world.fixture, &buddy, &world.one, WITHDRAWAL_NEW_CARD),
                   REFUSAL_NEEDS_AUTHORITY);
    assert_int_equal(count(&world, TABLE_FAMILIES), 1);
    assert_taken(fixture_withdraw(world.fixture, &buddy, &world.one, WITHDRAWAL_PAPER));
    assert_nothing_left(&world);
    three_end(&world);
}

static void the_presence_key_does_not_stand_for_the_card(void **state) {
    struct world world = ending_begin();
    struct household thief = world.one;
    give(&world);
    thief.family = thief.presence; /* what each supporter has */
    assert_refused(fixture_withdraw(world.fixture, &world.c, &thief, WITHDRAWAL_CARD),
                   REFUSAL_NO_CONSENT);
    assert_int_equal(count(&world, TABLE_FAMILIES), 1);
    assert_int_equal(count(&world, TABLE_TOMBSTONES), 0);
    three_end(&world);
}

static void nobody_withdraws_in_the_name_of_another(void **state) {
    struct world world = ending_begin();
    give(&world);
    struct mail mail = withdrawal_mail(world.fixture, &world.b, &world.one, WITHDRAWAL_CARD);
    const struct bytes body = mail.envelope.body;
    mail = mail_next(world.fixture, &world.c, MESSAGE_KIND_WITHDRAWAL, body);
    assert_refused(fixture_post(world.fixture, &world.c, &mail), REFUSAL_NOT_YOURS);
    assert_int_equal(count(&world, TABLE_FAMILIES), 1);
    three_end(&world);
}

static void unknown_and_withdrawn_and_badly_signed_are_refused_alike(void **state) {
    struct world world = ending_begin();
    struct household liar = world.one;
    give(&world);
    liar.family = world.two.family;
    assert_refused(fixture_withdraw(world.fixture, &world.b, &liar, WITHDRAWAL_CARD),
                   REFUSAL_NO_CONSENT);
    assert_refused(fixture_withdraw(world.fixture, &world.b, &world.two, WITHDRAWAL_CARD),
                   REFUSAL_NO_CONSENT);
    assert_taken(fixture_withdraw(world.fixture, &world.b, &world.one, WITHDRAWAL_CARD));
    assert_refused(fixture_withdraw(world.fixture, &world.b, &world.one, WITHDRAWAL_CARD),
                   REFUSAL_NO_CONSENT);
    three_end(&world);
}

static void a_withdrawal_that_comes_twice_counts_once(void **state) {
    struct world world = ending_begin();
    give(&world);
    struct mail mail = withdrawal_mail(world.fixture, &world.b, &world.one, WITHDRAWAL_CARD);
    assert_taken(fixture_post(world.fixture, &world.b, &mail));
    uint64_t sequence = fixture_health(world.fixture).position.sequence;
    assert_taken(fixture_post(world.fixture, &world.b, &mail));
    assert_int_equal(fixture_health(world.fixture).position.sequence, sequence);
    three_end(&world);
}

static void a_withdrawn_consent_does_not_come_back(void **state) {
    struct world world = ending_begin();
    give(&world);
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_CARD));
    assert_refused(fixture_consent(world.fixture, &world.one, &world.a, NULL, NULL),
                   REFUSAL_NO_CONSENT);
    world.one.token_number = 8; /* a later one, that was under way */
    assert_refused(fixture_consent(world.fixture, &world.one, &world.b, NULL, NULL),
                   REFUSAL_NO_CONSENT);
    assert_refused(fixture_support(world.fixture, &world.one, &world.c), REFUSAL_NO_CONSENT);
    assert_nothing_left(&world);
    three_end(&world);
}

static void the_tombstone_stands_until_the_latest_end_of_any_token(void **state) {
    struct world world = ending_begin();
    struct consent_token token =
        token_plain(world.fixture, &world.one, &world.a, NULL, NULL); /* until November 2027 */
    assert_taken(fixture_consent(world.fixture, &world.one, &world.a, NULL, NULL));
    const struct consent_message first = consent_plain(world.fixture, &world.one, &world.a, &token);
    token.number = 2;
    token.end_month -= 9; /* until February 2027 */
    const struct consent_message shorter =
        consent_plain(world.fixture, &world.one, &world.a, &token);
    struct mail mail = consent_mail(world.fixture, &world.a, &shorter);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_CARD));
    world.fixture->now_ms = consent_end_ms(token.end_month) + DAY_MS;
    fixture_tick(world.fixture);
    assert_int_equal(count(&world, TABLE_TOMBSTONES), 1);
    mail = consent_mail(world.fixture, &world.a, &first);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_NO_CONSENT);
    go_to(&world, consent_end_ms(token.end_month + 9) - 1);
    assert_int_equal(count(&world, TABLE_TOMBSTONES), 1);
    mail = consent_mail(world.fixture, &world.a, &first);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_NO_CONSENT);
    go_to(&world, consent_end_ms(token.end_month + 9));
    assert_int_equal(count(&world, TABLE_TOMBSTONES), 0);
    mail = consent_mail(world.fixture, &world.a, &first);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_EXPIRED);
    three_end(&world);
}

/* -- withdrawals that overtake -- */

static void a_withdrawal_that_overtakes_its_consent_wins(void **state) {
    struct world world = ending_begin();
    struct tombstone tombstone;
    const struct consent_message message = consent_of_one(&world);
    assert_refused(fixture_withdraw(world.fixture, &world.b, &world.one, WITHDRAWAL_CARD),
                   REFUSAL_NO_CONSENT);
    fixture_restart(world.fixture);
    greet(&world);
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_NO_CONSENT);
    assert_nothing_left(&world);
    assert_true(fixture_tombstone(world.fixture, &world.a, 0, &tombstone));
    assert_int_equal(tombstone.basis, WITHDRAWAL_CARD);
    assert_int_equal(count(&world, TABLE_TOMBSTONES), 1); /* what waited is one now */
    mail = consent_mail(world.fixture, &world.a, &message);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_NO_CONSENT);
    three_end(&world);
}

static void what_waits_under_another_key_means_nothing(void **state) {
    struct world world = ending_begin();
    struct household liar = world.one;
    liar.family = world.two.family;
    assert_refused(fixture_withdraw(world.fixture, &world.c, &liar, WITHDRAWAL_CARD),
                   REFUSAL_NO_CONSENT);
    give(&world);
    assert_int_equal(count(&world, TABLE_FAMILIES), 1);
    three_end(&world);
}

static void the_good_one_counts_beside_a_bad_one_that_came_first(void **state) {
    struct world world = ending_begin();
    struct household liar = world.one;
    liar.family = world.two.family;
    assert_refused(fixture_withdraw(world.fixture, &world.b, &liar, WITHDRAWAL_CARD),
                   REFUSAL_NO_CONSENT);
    assert_refused(fixture_withdraw(world.fixture, &world.c, &world.one, WITHDRAWAL_CARD),
                   REFUSAL_NO_CONSENT);
    assert_refused(fixture_consent(world.fixture, &world.one, &world.a, NULL, NULL),
                   REFUSAL_NO_CONSENT);
    assert_int_equal(count(&world, TABLE_TOMBSTONES), 1);
    three_end(&world);
}

static void an_organisation_has_so_many_that_wait_and_no_more(void **state) {
    struct world world = ending_begin();
    for (int i = 0; i < WAITING_PER_MEMBER_MAX + 5; i++) {
        const struct household household = household_make(world.fixture, 100 + i);
        assert_refused(fixture_withdraw(world.fixture, &world.c, &household, WITHDRAWAL_CARD),
                       REFUSAL_NO_CONSENT);
    }
    assert_int_equal(count(&world, TABLE_TOMBSTONES), WAITING_PER_MEMBER_MAX);
    assert_refused(fixture_withdraw(world.fixture, &world.b, &world.one, WITHDRAWAL_CARD),
                   REFUSAL_NO_CONSENT);
    assert_int_equal(count(&world, TABLE_TOMBSTONES), WAITING_PER_MEMBER_MAX + 1);
    three_end(&world);
}

static void what_waits_is_dropped_when_no_consent_can_come_any_more(void **state) {
    struct world world = ending_begin();
    assert_refused(fixture_withdraw(world.fixture, &world.b, &world.one, WITHDRAWAL_CARD),
                   REFUSAL_NO_CONSENT);
    go_to(&world, consent_end_ms(consent_end_month_max(first_day()))); /* of one given today */
    assert_int_equal(count(&world, TABLE_TOMBSTONES), 1);
    go_to(&world, world.fixture->now_ms + 31 * (int64_t)DAY_MS);
    assert_int_equal(count(&world, TABLE_TOMBSTONES), 0);
    assert_int_equal(count(&world, TABLE_FAMILY_DUE), 0);
    three_end(&world);
}

/* -- time -- */

static void a_consent_that_ends_is_erased_and_its_holders_are_told(void **state) {
    struct world world = ending_begin();
    struct tombstone tombstone;
    give(&world);
    const int64_t end_ms = consent_end_ms(consent_end_month_max(first_day()));
    go_to(&world, end_ms - 1);
    assert_int_equal(count(&world, TABLE_FAMILIES), 1);
    fixture_forget(world.fixture);
    go_to(&world, end_ms);
    assert_nothing_left(&world);
    assert_int_equal(count(&world, TABLE_TOMBSTONES), 0); /* no token of it is in time */
    assert_true(fixture_tombstone(world.fixture, &world.c, 0, &tombstone));
    assert_int_equal(tombstone.basis, WITHDRAWAL_BASIS_NONE);
    three_end(&world);
}

static void by_a_halted_clock_no_consent_ends(void **state) {
    struct world world = ending_begin();
    give(&world);
    world.fixture->now_ms = consent_end_ms(consent_end_month_max(first_day())) + DAY_MS;
    greet_late(&world, 400 * (int64_t)DAY_MS);
    for (int i = 0; i < 3; i++) {
        fixture_tick(world.fixture);
    }
    assert_true(fixture_health(world.fixture).clock_halted);
    assert_int_equal(count(&world, TABLE_FAMILIES), 1);
    assert_taken(fixture_withdraw(world.fixture, &world.b, &world.one, WITHDRAWAL_CARD));
    assert_int_equal(count(&world, TABLE_FAMILIES), 0);
    three_end(&world);
}

/* By our clock its end has passed; by everybody else's it can come back for months. */
static void what_is_withdrawn_by_a_halted_clock_does_not_come_back_either(void **state) {
    struct world world = ending_begin();
    const struct consent_message message = consent_of_one(&world);
    const int64_t right_ms = world.fixture->now_ms;
    give(&world);
    world.fixture->now_ms = consent_end_ms(consent_end_month_max(first_day())) + DAY_MS;
    greet_late(&world, world.fixture->now_ms - right_ms);
    fixture_tick(world.fixture);
    assert_true(fixture_health(world.fixture).clock_halted);
    assert_taken(fixture_withdraw(world.fixture, &world.b, &world.one, WITHDRAWAL_CARD));
    assert_int_equal(count(&world, TABLE_TOMBSTONES), 1);
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_NO_CONSENT);
    go_to(&world, right_ms + HOUR_MS);
    assert_false(fixture_health(world.fixture).clock_halted);
    mail = consent_mail(world.fixture, &world.a, &message);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_NO_CONSENT);
    assert_int_equal(count(&world, TABLE_TOMBSTONES), 1);
    three_end(&world);
}

static void without_room_withdrawals_and_receipts_are_taken_and_nothing_else(void **state) {
    struct world world = ending_begin();
    struct tombstone tombstone;
    give(&world);
    world.fixture->short_of_room = true;
    assert_not_taken(fixture_support(world.fixture, &world.one, &world.b), REFUSAL_NO_ROOM);
    const struct consent_token token = token_plain(world.fixture, &world.two, &world.a, NULL, NULL);
    const struct consent_message message =
        consent_plain(world.fixture, &world.two, &world.a, &token);
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_not_taken(fixture_post(world.fixture, &world.a, &mail), REFUSAL_NO_ROOM);
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_CARD));
    assert_true(fixture_tombstone(world.fixture, &world.c, 0, &tombstone));
    assert_taken(fixture_erased(world.fixture, &world.c, &tombstone.id));
    assert_int_equal(count(&world, TABLE_ERASURES), 2);
    three_end(&world);
}

static void without_room_time_still_erases_and_judges_nothing(void **state) {
    struct world world = ending_begin();
    struct fixture *fixture = world.fixture;
    give(&world);
    assert_taken(fixture_support(fixture, &world.one, &world.a));
    go_to(&world, fixture->now_ms);
    uint64_t families = fixture_facts(fixture, FACT_FAMILY);
    fixture->now_ms += 43 * (int64_t)DAY_MS; /* silent by now */
    assert_int_equal(hub_tick(fixture->hub, fixture->now_ms, &fixture->rng, true), 0);
    greet(&world);
    assert_int_equal(hub_tick(fixture->hub, fixture->now_ms, &fixture->rng, true), 0);
    assert_false(fixture_health(fixture).clock_halted);
    assert_int_equal(fixture_facts(fixture, FACT_FAMILY), families);
    fixture->now_ms = consent_end_ms(consent_end_month_max(first_day()));
    assert_int_equal(hub_tick(fixture->hub, fixture->now_ms, &fixture->rng, true), 0);
    greet(&world);
    assert_int_equal(hub_tick(fixture->hub, fixture->now_ms, &fixture->rng, true), 0);
    assert_nothing_left(&world);
    three_end(&world);
}

enum { WAITING = 70 }; /* more than one slice of what's due */

/* They are due, each working day, and can't be judged: what ends behind them mustn't wait. */
static void without_room_what_ends_is_not_held_up_by_what_is_only_due(void **state) {
    struct world world = ending_begin();
    struct fixture *fixture = world.fixture;
    for (int i = 0; i < WAITING; i++) {
        struct household other = household_make(fixture, 200 + i);
        assert_taken(fixture_consent(fixture, &other, &world.a, &world.b, NULL));
        fixture_forget(fixture);
    }
    struct consent_token token = token_plain(fixture, &world.one, &world.a, NULL, NULL);
    token.end_month -= 10;
    token.scopes.bits = scope_bit(SCOPE_PRESENCE); /* nothing to judge before its end */
    const struct consent_message message = consent_plain(fixture, &world.one, &world.a, &token);
    struct mail mail = consent_mail(fixture, &world.a, &message);
    assert_taken(fixture_post(fixture, &world.a, &mail));
    fixture->now_ms = consent_end_ms(token.end_month);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(hub_tick(fixture->hub, fixture->now_ms, &fixture->rng, true), 0);
        greet(&world);
    }
    assert_false(fixture_health(fixture).clock_halted);
    assert_int_equal(count(&world, TABLE_FAMILIES), WAITING);
    assert_null(fixture_family(fixture, &world.one));
    three_end(&world);
}

/* -- counts -- */

static struct counts_week week_of(struct world *world) {
    struct store_txn *view = fixture_read(world->fixture);
    struct counts_week week;
    assert_int_equal(counts_week_read(view, brussels_day(world->fixture->now_ms), &week), 0);
    store_abort(view);
    return week;
}

static void what_begins_lapses_and_is_withdrawn_is_counted_once(void **state) {
    struct world world = ending_begin();
    assert_taken(fixture_consent(world.fixture, &world.one, &world.a, NULL, NULL));
    assert_taken(fixture_consent(world.fixture, &world.one, &world.a, NULL, NULL)); /* said again */
    assert_taken(fixture_consent(world.fixture, &world.two, &world.a, NULL, NULL));
    assert_int_equal(week_of(&world).consents_given, 2);
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_CARD));
    assert_int_equal(week_of(&world).consents_withdrawn, 1);
    const struct family *two = fixture_family(world.fixture, &world.two);
    go_to(&world, consent_end_ms(two->token.end_month) - 1);
    assert_int_equal(week_of(&world).consents_lapsed, 0);
    go_to(&world, consent_end_ms(two->token.end_month));
    assert_int_equal(week_of(&world).consents_lapsed, 1);
    assert_int_equal(week_of(&world).consents_withdrawn, 0);
    assert_int_equal(count(&world, TABLE_FAMILIES), 0);
    three_end(&world);
}

static void an_end_by_a_new_card_is_counted_as_replaced_alone(void **state) {
    struct world world = ending_begin();
    assert_taken(fixture_consent(world.fixture, &world.one, &world.a, NULL, NULL));
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_NEW_CARD));
    assert_int_equal(week_of(&world).consents_given, 1);
    assert_int_equal(week_of(&world).consents_replaced, 1);
    assert_int_equal(week_of(&world).consents_withdrawn, 0);
    three_end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_withdrawal_by_card_erases_at_once_and_tells_every_holder),
        cmocka_unit_test(a_paper_or_a_new_card_is_proven_by_the_presence_key),
        cmocka_unit_test(who_may_not_take_consent_ends_none_for_a_new_card),
        cmocka_unit_test(the_presence_key_does_not_stand_for_the_card),
        cmocka_unit_test(nobody_withdraws_in_the_name_of_another),
        cmocka_unit_test(unknown_and_withdrawn_and_badly_signed_are_refused_alike),
        cmocka_unit_test(a_withdrawal_that_comes_twice_counts_once),
        cmocka_unit_test(a_withdrawn_consent_does_not_come_back),
        cmocka_unit_test(the_tombstone_stands_until_the_latest_end_of_any_token),
        cmocka_unit_test(a_withdrawal_that_overtakes_its_consent_wins),
        cmocka_unit_test(what_waits_under_another_key_means_nothing),
        cmocka_unit_test(the_good_one_counts_beside_a_bad_one_that_came_first),
        cmocka_unit_test(an_organisation_has_so_many_that_wait_and_no_more),
        cmocka_unit_test(what_waits_is_dropped_when_no_consent_can_come_any_more),
        cmocka_unit_test(a_consent_that_ends_is_erased_and_its_holders_are_told),
        cmocka_unit_test(by_a_halted_clock_no_consent_ends),
        cmocka_unit_test(what_is_withdrawn_by_a_halted_clock_does_not_come_back_either),
        cmocka_unit_test(without_room_withdrawals_and_receipts_are_taken_and_nothing_else),
        cmocka_unit_test(without_room_time_still_erases_and_judges_nothing),
        cmocka_unit_test(without_room_what_ends_is_not_held_up_by_what_is_only_due),
        cmocka_unit_test(what_begins_lapses_and_is_withdrawn_is_counted_once),
        cmocka_unit_test(an_end_by_a_new_card_is_counted_as_replaced_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
