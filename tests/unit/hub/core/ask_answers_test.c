#include "tests/unit/hub/core/asks_world.h"

static void a_question_that_is_taken_comes_back_to_who_asked(void **state) {
    struct world world = asks_begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    const struct ask_answer answer = {
        .purpose = PURPOSE_SUPPORT, .id = ask.id, .handle = ask.handle, .state = ASK_TAKEN};
    const struct mail mail = answer_mail(&world, &world.b, &answer);
    assert_taken(fixture_post(world.fixture, &world.b, &mail));
    const struct notice notice =
        relayed(&world, &world.a, NOTICE_ASK_NEWS, &world.b, mail.envelope.body);
    assert_true(message_id_equal(&notice.about, &ask.id));
    assert_unchanged(&world, &ask, ASK_TAKEN, &world.b);
    assert_int_equal(standing(&world, &ask)->answered_day, first_day());
    asks_end(&world);
}

static void a_refusal_comes_back_with_its_reason_and_is_counted(void **state) {
    struct world world = asks_begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    struct ask_answer got;
    struct envelope envelope;
    assert_taken(post_ask(&world, &world.a, &ask));
    const uint64_t counted = fixture_facts(world.fixture, FACT_COUNTED);
    const struct ask_answer answer = {.purpose = PURPOSE_SUPPORT,
                                      .id = ask.id,
                                      .handle = ask.handle,
                                      .state = ASK_REFUSED,
                                      .reason = ASK_NOT_COMPETENT};
    const struct mail mail = answer_mail(&world, &world.b, &answer);
    assert_taken(fixture_post(world.fixture, &world.b, &mail));
    const struct notice notice =
        relayed(&world, &world.a, NOTICE_ASK_NEWS, &world.b, mail.envelope.body);
    struct arena *arena = world.fixture->arena;
    assert_int_equal(envelope_decode(notice.origin.envelope, arena, &envelope), REFUSAL_NONE);
    assert_int_equal(ask_answer_decode(envelope.body, arena, &got), REFUSAL_NONE);
    assert_int_equal(got.reason, ASK_NOT_COMPETENT);
    assert_int_equal(standing(&world, &ask)->reason, ASK_NOT_COMPETENT);
    assert_int_equal(fixture_facts(world.fixture, FACT_COUNTED), counted + 1);
    asks_end(&world);
}

static void only_who_is_asked_answers(void **state) {
    struct world world = asks_begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_refused(post_answer(&world, &world.c, &ask, ASK_TAKEN), REFUSAL_NOT_YOURS);
    assert_refused(post_answer(&world, &world.a, &ask, ASK_TAKEN), REFUSAL_NOT_YOURS);
    assert_unchanged(&world, &ask, ASK_OPEN, &world.b);
    asks_end(&world);
}

static void an_answer_without_a_question_is_refused(void **state) {
    struct world world = asks_begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_refused(post_answer(&world, &world.b, &ask, ASK_TAKEN), REFUSAL_NOT_FOUND);
    asks_end(&world);
}

static void an_answer_after_the_familys_withdrawal_finds_no_consent(void **state) {
    struct world world = asks_begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    struct tombstone tombstone;
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_CARD));
    assert_true(fixture_tombstone(world.fixture, &world.b, 0, &tombstone));
    assert_refused(post_answer(&world, &world.b, &ask, ASK_TAKEN), REFUSAL_NO_CONSENT);
    asks_end(&world);
}

static void a_question_is_answered_once(void **state) {
    struct world world = asks_begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_taken(post_answer(&world, &world.b, &ask, ASK_TAKEN));
    assert_refused(post_answer(&world, &world.b, &ask, ASK_REFUSED), REFUSAL_WRONG_MOVE);
    assert_unchanged(&world, &ask, ASK_TAKEN, &world.b);
    asks_end(&world);
}

static void an_answer_needs_its_purpose(void **state) {
    struct world world = asks_begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    struct ask_answer answer = {
        .purpose = PURPOSE_CONCERN, .id = ask.id, .handle = ask.handle, .state = ASK_TAKEN};
    assert_taken(post_ask(&world, &world.a, &ask));
    struct mail mail = answer_mail(&world, &world.b, &answer);
    assert_refused(fixture_post(world.fixture, &world.b, &mail), REFUSAL_NOT_ALLOWED);
    answer.purpose = 99;
    mail = answer_mail(&world, &world.b, &answer);
    assert_refused(fixture_post(world.fixture, &world.b, &mail), REFUSAL_UNKNOWN_PURPOSE);
    asks_end(&world);
}

/* -- taking back -- */

static void taking_back_wins_over_an_answer_that_comes_after(void **state) {
    struct world world = asks_begin();
    struct notice notice;
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_taken(post_revoke(&world, &ask));
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_ASK_NEWS);
    assert_true(message_id_equal(&notice.about, &ask.id));
    assert_refused(post_answer(&world, &world.b, &ask, ASK_TAKEN), REFUSAL_WRONG_MOVE);
    assert_unchanged(&world, &ask, ASK_REVOKED, &world.b);
    asks_end(&world);
}

static void taking_back_wins_over_an_answer_that_came_before(void **state) {
    struct world world = asks_begin();
    struct notice notice;
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_taken(post_answer(&world, &world.b, &ask, ASK_TAKEN));
    assert_taken(post_revoke(&world, &ask));
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_ASK_NEWS);
    assert_unchanged(&world, &ask, ASK_REVOKED, &world.b);
    asks_end(&world);
}

static void who_has_it_by_then_hears_that_it_was_taken_back(void **state) {
    struct world world = asks_begin();
    struct notice notice;
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_taken(post_pass(&world, &world.b, &ask, &world.c));
    assert_taken(post_revoke(&world, &ask));
    assert_true(fixture_notice(world.fixture, &world.c, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_ASK_NEWS);
    asks_end(&world);
}

static void what_has_ended_is_not_taken_back(void **state) {
    struct world world = asks_begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    const struct ask other = ask_plain(&world, &world.c, "onthaal");
    assert_refused(post_revoke(&world, &ask), REFUSAL_NOT_FOUND);
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_taken(post_revoke(&world, &ask));
    assert_refused(post_revoke(&world, &ask), REFUSAL_WRONG_MOVE);
    assert_taken(post_ask(&world, &world.a, &other));
    assert_taken(post_answer(&world, &world.c, &other, ASK_REFUSED));
    assert_refused(post_revoke(&world, &other), REFUSAL_WRONG_MOVE);
    asks_end(&world);
}

static void only_who_asked_takes_back(void **state) {
    struct world world = asks_begin();
    struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    ask.revoked = true;
    ask.org = world.c.org;
    assert_refused(post_ask(&world, &world.c, &ask), REFUSAL_NOT_YOURS);
    ask.org = world.b.org;
    assert_refused(post_ask(&world, &world.b, &ask), REFUSAL_NOT_YOURS);
    ask.revoked = false;
    assert_unchanged(&world, &ask, ASK_OPEN, &world.b);
    asks_end(&world);
}

/* -- passing on -- */

static void a_question_that_is_passed_on_stays_open_at_the_next(void **state) {
    struct world world = asks_begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    const struct ask_answer answer = {.purpose = PURPOSE_SUPPORT,
                                      .id = ask.id,
                                      .handle = ask.handle,
                                      .state = ASK_PASSED_ON,
                                      .passed_to = world.c.org};
    const struct mail mail = answer_mail(&world, &world.b, &answer);
    assert_taken(fixture_post(world.fixture, &world.b, &mail));
    const struct notice next = relayed(&world, &world.c, NOTICE_ASK, &world.b, mail.envelope.body);
    assert_true(message_id_equal(&next.about, &ask.id));
    (void)relayed(&world, &world.a, NOTICE_ASK_NEWS, &world.b, mail.envelope.body);
    assert_unchanged(&world, &ask, ASK_OPEN, &world.c);
    assert_true(holds(&world, &world.c));
    assert_refused(post_answer(&world, &world.b, &ask, ASK_TAKEN), REFUSAL_NOT_YOURS);
    assert_taken(post_answer(&world, &world.c, &ask, ASK_TAKEN));
    asks_end(&world);
}

static void passing_on_does_not_begin_the_clock_anew(void **state) {
    struct world world = asks_begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    fixture_days(world.fixture, 2);
    assert_taken(post_pass(&world, &world.b, &ask, &world.c));
    assert_int_equal(standing(&world, &ask)->received_day, first_day());
    asks_end(&world);
}

static void nobody_passes_on_to_itself_or_to_who_is_no_member(void **state) {
    struct world world = asks_begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_refused(post_pass(&world, &world.b, &ask, &world.b), REFUSAL_WRONG_MOVE);
    assert_refused(post_pass(&world, &world.b, &ask, &world.e), REFUSAL_NOT_FOUND);
    assert_unchanged(&world, &ask, ASK_OPEN, &world.b);
    asks_end(&world);
}

static void passing_on_does_not_change_the_question(void **state) {
    struct world world = asks_begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    struct ask_answer answer = {.purpose = PURPOSE_SUPPORT,
                                .id = ask.id,
                                .handle = ask.handle,
                                .state = ASK_PASSED_ON,
                                .passed_to = world.c.org,
                                .service = service_named("leefloon")};
    assert_taken(post_ask(&world, &world.a, &ask));
    struct mail mail = answer_mail(&world, &world.b, &answer);
    assert_refused(fixture_post(world.fixture, &world.b, &mail), REFUSAL_NOT_ALLOWED);
    assert_unchanged(&world, &ask, ASK_OPEN, &world.b);
    answer.service = ask.service;
    mail = answer_mail(&world, &world.b, &answer);
    assert_taken(fixture_post(world.fixture, &world.b, &mail));
    asks_end(&world);
}

static void a_question_bounces_four_times_and_then_needs_an_answer(void **state) {
    struct world world = asks_begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_taken(post_pass(&world, &world.b, &ask, &world.c));
    assert_taken(post_pass(&world, &world.c, &ask, &world.d));
    assert_taken(post_pass(&world, &world.d, &ask, &world.b));
    assert_taken(post_pass(&world, &world.b, &ask, &world.c));
    assert_refused(post_pass(&world, &world.c, &ask, &world.d), REFUSAL_WRONG_MOVE);
    assert_unchanged(&world, &ask, ASK_OPEN, &world.c);
    assert_taken(post_answer(&world, &world.c, &ask, ASK_REFUSED));
    asks_end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_that_is_taken_comes_back_to_who_asked),
        cmocka_unit_test(a_refusal_comes_back_with_its_reason_and_is_counted),
        cmocka_unit_test(only_who_is_asked_answers),
        cmocka_unit_test(an_answer_without_a_question_is_refused),
        cmocka_unit_test(an_answer_after_the_familys_withdrawal_finds_no_consent),
        cmocka_unit_test(a_question_is_answered_once),
        cmocka_unit_test(an_answer_needs_its_purpose),
        cmocka_unit_test(taking_back_wins_over_an_answer_that_comes_after),
        cmocka_unit_test(taking_back_wins_over_an_answer_that_came_before),
        cmocka_unit_test(who_has_it_by_then_hears_that_it_was_taken_back),
        cmocka_unit_test(what_has_ended_is_not_taken_back),
        cmocka_unit_test(only_who_asked_takes_back),
        cmocka_unit_test(a_question_that_is_passed_on_stays_open_at_the_next),
        cmocka_unit_test(passing_on_does_not_begin_the_clock_anew),
        cmocka_unit_test(nobody_passes_on_to_itself_or_to_who_is_no_member),
        cmocka_unit_test(passing_on_does_not_change_the_question),
        cmocka_unit_test(a_question_bounces_four_times_and_then_needs_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
