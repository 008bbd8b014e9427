#include "tests/unit/hub/core/asks_world.h"

static void who_is_asked_gets_the_question_as_the_asker_signed_it(void **state) {
    struct world world = asks_begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    const struct mail mail = ask_mail(&world, &world.a, &ask, &world.one.presence);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    const struct notice notice =
        relayed(&world, &world.b, NOTICE_ASK, &world.a, mail.envelope.body);
    assert_true(message_id_equal(&notice.about, &ask.id));
    assert_true(family_handle_equal(&notice.handle, &world.one.handle));
    assert_int_equal(notice.purpose, PURPOSE_SUPPORT);
    assert_true(notice.token.token.length > 0);
    assert_int_equal(fixture_postings_to(world.fixture, &world.c), 0);
    const struct family_ask *now = standing(&world, &ask);
    assert_int_equal(now->state, ASK_OPEN);
    assert_int_equal(now->received_day, first_day());
    assert_int_equal(now->answered_day, FAMILY_DAY_NONE);
    assert_true(holds(&world, &world.b));
    asks_end(&world);
}

static void a_question_that_stands_is_not_asked_twice(void **state) {
    struct world world = asks_begin();
    struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_EXISTS); /* the very same */
    assert_int_equal(fixture_postings_to(world.fixture, &world.b), 0);
    ask.id = fixture_id(world.fixture);
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_EXISTS); /* in another's words */
    ask = ask_plain(&world, &world.b, "leefloon");
    assert_taken(post_ask(&world, &world.a, &ask));
    ask = ask_plain(&world, &world.c, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_int_equal(fixture_family(world.fixture, &world.one)->ask_count, 3);
    asks_end(&world);
}

static void two_who_write_down_the_same_question_ask_it_once(void **state) {
    struct world world = asks_begin();
    struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    struct ask other = ask_plain(&world, &world.b, "onthaal");
    other.org = world.c.org;
    assert_refused(post_ask(&world, &world.c, &other), REFUSAL_EXISTS);
    asks_end(&world);
}

static void a_question_may_be_asked_again_once_it_was_refused(void **state) {
    struct world world = asks_begin();
    struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_taken(post_answer(&world, &world.b, &ask, ASK_REFUSED));
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_EXISTS); /* a new one has a new id */
    ask.id = fixture_id(world.fixture);
    assert_taken(post_ask(&world, &world.a, &ask));
    asks_end(&world);
}

static void a_question_has_a_day_that_can_be(void **state) {
    struct world world = asks_begin();
    struct ask ask = ask_plain(&world, &world.b, "onthaal");
    ask.asked_day = first_day() + 2;
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_FROM_THE_FUTURE);
    ask.asked_day = first_day() - 367;
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_IMPLAUSIBLE);
    ask.asked_day = first_day() - 366;
    assert_taken(post_ask(&world, &world.a, &ask));
    ask = ask_plain(&world, &world.c, "onthaal");
    ask.asked_day = first_day() + 1; /* a clock that is a little ahead */
    assert_taken(post_ask(&world, &world.a, &ask));
    asks_end(&world);
}

static void who_is_no_member_cannot_be_asked(void **state) {
    struct world world = asks_begin();
    const struct ask ask = ask_plain(&world, &world.e, "onthaal");
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_NOT_FOUND);
    assert_int_equal(fixture_family(world.fixture, &world.one)->ask_count, 0);
    asks_end(&world);
}

static void nobody_asks_in_anothers_name(void **state) {
    struct world world = asks_begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_refused(post_ask(&world, &world.c, &ask), REFUSAL_NOT_YOURS);
    asks_end(&world);
}

static void a_question_needs_the_presence_key(void **state) {
    struct world world = asks_begin();
    const struct household two = household_make(world.fixture, 2);
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    const struct mail mail = ask_mail(&world, &world.a, &ask, &two.presence);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_BAD_SIGNATURE);
    asks_end(&world);
}

static void a_question_needs_a_consent_that_covers_it(void **state) {
    struct world world = asks_begin();
    const struct household two = household_make(world.fixture, 2);
    struct ask ask = ask_plain(&world, &world.b, "onthaal");
    ask.handle = two.handle;
    struct mail mail = ask_mail(&world, &world.a, &ask, &two.presence);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_NO_CONSENT);
    ask = ask_plain(&world, &world.b, "onthaal");
    ask.purpose = PURPOSE_CONCERN;
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_NOT_ALLOWED);
    ask.purpose = 99;
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_UNKNOWN_PURPOSE);
    struct consent_token token = token_plain(world.fixture, &world.one, &world.a, NULL, NULL);
    token.scopes.bits = scope_bit(SCOPE_CONCERN);
    const struct consent_message message =
        consent_plain(world.fixture, &world.one, &world.a, &token);
    mail = consent_mail(world.fixture, &world.a, &message);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    ask.purpose = PURPOSE_SUPPORT;
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_OUT_OF_SCOPE);
    asks_end(&world);
}

static void narrow_to_concern(struct world *world) {
    struct consent_token token = token_plain(world->fixture, &world->one, &world->a, NULL, NULL);
    token.scopes.bits = scope_bit(SCOPE_CONCERN);
    const struct consent_message message =
        consent_plain(world->fixture, &world->one, &world->a, &token);
    const struct mail mail = consent_mail(world->fixture, &world->a, &message);
    assert_taken(fixture_post(world->fixture, &world->a, &mail));
}

/* Open, refused, passed on: none of them may raise a flag that the family doesn't want. */
static void narrowing_presence_away_takes_back_whatever_waits_for_an_answer(void **state) {
    struct world world = asks_begin();
    const struct ask open = ask_plain(&world, &world.b, "onthaal");
    const struct ask refused = ask_plain(&world, &world.b, "housing");
    const struct ask passed = ask_plain(&world, &world.b, "school");
    const struct ask taken = ask_plain(&world, &world.b, "budget");
    assert_taken(post_ask(&world, &world.a, &open));
    assert_taken(post_ask(&world, &world.a, &refused));
    assert_taken(post_ask(&world, &world.a, &passed));
    assert_taken(post_ask(&world, &world.a, &taken));
    assert_taken(post_answer(&world, &world.b, &refused, ASK_REFUSED));
    assert_taken(post_pass(&world, &world.b, &passed, &world.c));
    assert_taken(post_answer(&world, &world.b, &taken, ASK_TAKEN));
    narrow_to_concern(&world);
    assert_int_equal(standing(&world, &open)->state, ASK_REVOKED);
    assert_int_equal(standing(&world, &refused)->state, ASK_REVOKED);
    assert_int_equal(standing(&world, &passed)->state, ASK_REVOKED);
    assert_int_equal(standing(&world, &taken)->state, ASK_TAKEN);
    fixture_days(world.fixture, 20);
    assert_int_equal(fixture_count(world.fixture, TABLE_FLAGS), 0);
    asks_end(&world);
}

static void what_no_notice_could_hold_is_not_relayed(void **state) {
    struct world world = asks_begin();
    static uint8_t box[RELAYED_BYTES_MAX];
    struct ask ask = ask_plain(&world, &world.b, "onthaal");
    ask.contact.box = BYTES_OF(box);
    memcpy(ask.contact.key, world.b.member.contact.bytes, sizeof(ask.contact.key));
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_TOO_LARGE);
    assert_null(standing(&world, &ask));
    asks_end(&world);
}

static void a_full_list_makes_place_for_a_new_question_only_where_one_has_ended(void **state) {
    static const char *const services[] = {"s-a", "s-b", "s-c", "s-d", "s-e", "s-f", "s-g",
                                           "s-h", "s-i", "s-j", "s-k", "s-l", "s-m"};
    struct world world = asks_begin();
    struct ask asks[FAMILY_ASKS_MAX + 1];
    _Static_assert(sizeof(services) / sizeof(services[0]) == FAMILY_ASKS_MAX + 1, "one too many");
    for (size_t i = 0; i < FAMILY_ASKS_MAX; i++) {
        asks[i] = ask_plain(&world, &world.b, services[i]);
        assert_taken(post_ask(&world, &world.a, &asks[i]));
    }
    struct ask *last = &asks[FAMILY_ASKS_MAX];
    *last = ask_plain(&world, &world.b, services[FAMILY_ASKS_MAX]);
    assert_refused(post_ask(&world, &world.a, last), REFUSAL_OVER_QUOTA);
    assert_taken(post_answer(&world, &world.b, &asks[0], ASK_REFUSED)); /* its flag is to come */
    assert_taken(post_answer(&world, &world.b, &asks[3], ASK_TAKEN));
    last->id = fixture_id(world.fixture);
    assert_taken(post_ask(&world, &world.a, last));
    assert_null(standing(&world, &asks[3]));
    assert_non_null(standing(&world, &asks[0]));
    assert_unchanged(&world, last, ASK_OPEN, &world.b);
    asks_end(&world);
}

/* Ours is a month behind; the question is of today. */
static void by_a_halted_clock_no_question_is_of_the_future(void **state) {
    struct world world = asks_begin();
    struct ask ask = ask_plain(&world, &world.b, "onthaal");
    const struct party *members[] = {&world.a, &world.b, &world.c, &world.d};
    world.fixture->now_ms -= 30 * (int64_t)DAY_MS;
    fixture_tick(world.fixture);
    for (size_t i = 0; i < 4; i++) {
        fixture_hello(world.fixture, members[i], 30 * (int64_t)DAY_MS);
    }
    fixture_tick(world.fixture);
    assert_true(fixture_health(world.fixture).clock_halted);
    assert_taken(post_ask(&world, &world.a, &ask));
    asks_end(&world);
}

static void who_could_not_be_told_of_the_end_is_not_asked(void **state) {
    struct world world = asks_begin();
    char name[ORG_ID_MAX + 1];
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    struct family *family = fixture_family(world.fixture, &world.one);
    /* The list of holders is filled by those who look: each gets the token. */
    while (family->holder_count < FAMILY_HOLDERS_MAX) {
        snprintf(name, sizeof(name), "looker-%zu", family->holder_count);
        const struct org_id org = org_named(name);
        assert_true(family_hold(family, &org));
    }
    struct turn_view view = {.now_ms = world.fixture->now_ms,
                             .arena = world.fixture->arena,
                             .rng = &world.fixture->rng,
                             .txn = fixture_read(world.fixture)};
    struct family_work work = {.hub = world.fixture->hub,
                               .view = &view,
                               .family = family,
                               .effects = ARENA_NEW(view.arena, struct family_effects)};
    work.world.today = first_day();
    struct mail mail = ask_mail(&world, &world.a, &ask, &world.one.presence);
    const struct office_mail office = {.envelope = mail.envelope};
    enum refusal refusal = REFUSAL_NONE;
    assert_int_equal(asks_take(&work, &office, &refusal), 0);
    assert_int_equal(refusal, REFUSAL_OVER_QUOTA);
    assert_int_equal(work.effects->notice_count, 0);
    store_abort(view.txn);
    asks_end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_asked_gets_the_question_as_the_asker_signed_it),
        cmocka_unit_test(a_question_that_stands_is_not_asked_twice),
        cmocka_unit_test(two_who_write_down_the_same_question_ask_it_once),
        cmocka_unit_test(a_question_may_be_asked_again_once_it_was_refused),
        cmocka_unit_test(a_question_has_a_day_that_can_be),
        cmocka_unit_test(who_is_no_member_cannot_be_asked),
        cmocka_unit_test(nobody_asks_in_anothers_name),
        cmocka_unit_test(a_question_needs_the_presence_key),
        cmocka_unit_test(a_question_needs_a_consent_that_covers_it),
        cmocka_unit_test(narrowing_presence_away_takes_back_whatever_waits_for_an_answer),
        cmocka_unit_test(what_no_notice_could_hold_is_not_relayed),
        cmocka_unit_test(a_full_list_makes_place_for_a_new_question_only_where_one_has_ended),
        cmocka_unit_test(by_a_halted_clock_no_question_is_of_the_future),
        cmocka_unit_test(who_could_not_be_told_of_the_end_is_not_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
