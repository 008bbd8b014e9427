#include "tests/unit/hub/core/flags_world.h"

/* The family of the policy brief "Onderbroken ondersteuning": moved from X to Y, nobody in Y opened
 * a file, a buddy 40 km away did what she could, the OCMW of Y said that they had to arrange it
 * themselves, and five months on a school raised the alarm. The days are worked out by hand on the
 * calendar of 2026 and 2027. */

/* What a rule "nobody supports this family" would say: the alternative that this one replaces. */
static bool somebody_supports(const struct stage *stage) {
    for (size_t i = 0; i < stage->family.support_count; i++) {
        if (support_counts(&stage->family.supports[i], stage->world.today)) {
            return true;
        }
    }
    return false;
}

/* Monday 2 March 2026: the OCMW of X near, a buddy at 40 km. */
static struct stage *in_x(void) {
    struct stage *stage = stage_new("2026-03-02");
    stage_support(stage, "ocmw-x", SUPPORT_PROFESSIONAL, SUPPORT_NEAR);
    stage_support(stage, "buddies", SUPPORT_INFORMAL, SUPPORT_DISTANT);
    stage_judge(stage);
    assert_int_equal(stage->effects.notice_count, 0);
    assert_int_equal(stage->family.flag_count, 0);
    return stage;
}

static void in_touch(struct stage *stage, const char *date) {
    stage_date(stage, date);
    stage_contact(stage, "buddies");
    if (stage->family.supports[0].state != SUPPORT_ENDED) {
        stage_contact(stage, "ocmw-x");
    }
    stage_judge(stage);
}

/* X says in July that the family moves in September. */
static void announce(struct stage *stage) {
    in_touch(stage, "2026-04-10");
    in_touch(stage, "2026-05-20");
    in_touch(stage, "2026-06-29");
    assert_int_equal(stage_open_flags(stage), 0);
    stage_date(stage, "2026-07-06");
    stage_ending(stage, "ocmw-x", "2026-09-01", "");
    stage_judge(stage);
}

static void the_announced_move_raises_a_flag_two_months_before_anything_is_lost(void **state) {
    struct stage *stage = in_x();
    announce(stage);
    struct family_flag *flag = stage_flag(stage, FLAG_GAP_AHEAD);
    assert_turn(flag, "ocmw-x", "2026-07-09", "2026-07-20");
    assert_true(stage_notice(stage, "ocmw-x", NOTICE_FLAG)->yours);
    assert_false(stage_notice(stage, "buddies", NOTICE_FLAG)->yours);
    assert_int_equal(stage->effects.notice_count, 2);
    assert_int_equal(stage_counted(stage, COUNT_FLAG_OPENED, NULL), 1);
    assert_true(somebody_supports(stage));

    /* X does nothing; AgII takes it and calls nobody; CAW doesn't look. 21 July is no working day.
     */
    stage_daily(stage, "2026-07-09");
    assert_org(&flag->line[flag->turn], "ocmw-x");
    stage_on(stage, "2026-07-10");
    assert_turn(flag, "agii", "2026-07-15", "2026-07-27");
    assert_int_equal(stage_told(stage, "ocmw-x", NOTICE_FLAG_OVER), 1);
    assert_false(stage_notice(stage, "agii", NOTICE_FLAG)->with_contact); /* X is still there */
    stage_on(stage, "2026-07-13");
    assert_int_equal(stage_answer(stage, "agii", FLAG_GAP_AHEAD, FLAG_TAKE), REFUSAL_NONE);
    stage_contact(stage, "buddies");
    stage_daily(stage, "2026-07-27");
    assert_org(&flag->taken_by, "agii");
    stage_on(stage, "2026-07-28");
    assert_turn(flag, "caw", "2026-07-31", "2026-08-11");
    stage_daily(stage, "2026-07-31");
    assert_int_equal(stage_counted(stage, COUNT_FLAG_ESCALATED, NULL), 0);
    stage_on(stage, "2026-08-01");
    assert_on_board(flag);
    assert_int_equal(stage_counted(stage, COUNT_FLAG_ESCALATED, NULL), 1);
    test_free(stage);
}

/* As the brief tells it, to February. */
static void in_y_the_flags_rise_although_a_buddy_supports_the_family_all_along(void **state) {
    struct stage *stage = in_x();
    announce(stage);
    const struct message_id announced = stage_flag(stage, FLAG_GAP_AHEAD)->id;
    stage_daily(stage, "2026-08-10");
    in_touch(stage, "2026-08-31");
    assert_on_board(stage_flag(stage, FLAG_GAP_AHEAD));

    /* Tuesday 1 September: nobody near is left. The same flag, a new line, and how to reach them.
     */
    stage_on(stage, "2026-09-01");
    struct family_flag *gap = stage_flag(stage, FLAG_NO_LOCAL);
    assert_turn(gap, "agii", "2026-09-04", "2026-09-15");
    assert_true(message_id_equal(&gap->id, &announced));
    assert_int_equal(stage_open_flags(stage), 1);
    assert_true(stage_notice(stage, "agii", NOTICE_FLAG)->with_contact);
    assert_false(stage_notice(stage, "ocmw-x", NOTICE_FLAG)->yours); /* who ended last knows */
    assert_int_equal(stage_told(stage, "buddies", NOTICE_FLAG), 1);
    assert_true(somebody_supports(stage)); /* "zero supporters" would be silent */
    assert_day(stage->family.near_ended_day, "2026-09-01");

    /* Monday 14 September: the mother asks the OCMW of Y, which says on Wednesday that they must
     * arrange it themselves. The 10th working day after is Monday 28 September. */
    stage_date(stage, "2026-09-14");
    struct family_ask *ask = stage_ask(stage, "buddies", "ocmw-y", 9);
    stage_judge(stage);
    stage_date(stage, "2026-09-16");
    ask->state = ASK_REFUSED;
    ask->reason = ASK_NO_RIGHT;
    stage_contact(stage, "buddies");
    stage_judge(stage);
    stage_daily(stage, "2026-09-28");
    assert_null(stage_flag(stage, FLAG_ASKED_NOT_TAKEN));
    stage_on(stage, "2026-09-29");
    assert_turn(stage_flag(stage, FLAG_ASKED_NOT_TAKEN), "agii", "2026-10-02", "2026-10-13");
    assert_true(message_id_equal(&stage_notice(stage, "buddies", NOTICE_ANSWER)->about, &ask->id));
    assert_true(somebody_supports(stage));

    /* Monday 1 February 2027: the school calls, after five months in which nobody answered. */
    in_touch(stage, "2026-10-20");
    in_touch(stage, "2026-11-25");
    in_touch(stage, "2026-12-30");
    in_touch(stage, "2027-01-29");
    stage_on(stage, "2027-02-01");
    assert_on_board(stage_flag(stage, FLAG_NO_LOCAL));
    assert_on_board(stage_flag(stage, FLAG_ASKED_NOT_TAKEN));
    assert_int_equal(stage_concern(stage, "school-y", CONCERN_BY_PROFESSIONAL, CONCERN_SCHOOL,
                                   CONCERN_THIS_WEEK, 3),
                     REFUSAL_NONE);
    assert_turn(stage_flag(stage, FLAG_CONCERN), "agii", "2027-02-04", "2027-02-15");
    assert_int_equal(stage_open_flags(stage), 3);
    assert_org(&stage_notice(stage, "school-y", NOTICE_ANSWER)->by, "agii");
    assert_true(somebody_supports(stage));
    test_free(stage);
}

/* The same move, and X names who comes after it. 1 September + 5 working days: Tuesday 8. */
static void the_same_family_with_a_successor_who_comes_raises_nothing_at_all(void **state) {
    struct stage *stage = in_x();
    in_touch(stage, "2026-04-10");
    in_touch(stage, "2026-05-20");
    in_touch(stage, "2026-06-29");
    stage_date(stage, "2026-07-06");
    stage_ending(stage, "ocmw-x", "2026-09-01", "ocmw-y");
    stage_judge(stage);
    in_touch(stage, "2026-08-03");
    stage_daily(stage, "2026-08-31");
    in_touch(stage, "2026-09-01");
    assert_day(stage->family.grace_until_day, "2026-09-08");
    stage_daily(stage, "2026-09-07");
    stage_date(stage, "2026-09-08");
    stage_support(stage, "ocmw-y", SUPPORT_PROFESSIONAL, SUPPORT_NEAR);
    stage_judge(stage);
    uint32_t days = 0;
    assert_int_equal(stage_counted(stage, COUNT_WITHOUT_LOCAL, &days), 1);
    assert_int_equal(days, 7);
    stage_daily(stage, "2026-10-10");
    assert_int_equal(stage->family.flag_count, 0);
    test_free(stage);
}

/* With days together, and nobody else there: two supporters become one, as it should. */
static void a_hand_over_with_an_overlap_raises_nothing_either(void **state) {
    struct stage *stage = stage_new("2026-06-01");
    stage_support(stage, "ocmw-x", SUPPORT_PROFESSIONAL, SUPPORT_NEAR);
    stage_judge(stage);
    stage_date(stage, "2026-07-06");
    stage_support(stage, "ocmw-y", SUPPORT_PROFESSIONAL, SUPPORT_NEAR);
    stage_judge(stage); /* a few days on which X didn't say yet that it leaves */
    stage_date(stage, "2026-07-08");
    stage_ending(stage, "ocmw-x", "2026-07-20", "ocmw-y");
    stage_judge(stage);
    stage_daily(stage, "2026-08-10");
    assert_int_equal(stage->family.supports[0].state, SUPPORT_ENDED);
    assert_int_equal(stage->family.flag_count, 0);
    test_free(stage);
}

static void a_successor_who_does_not_come_is_missed_after_five_working_days(void **state) {
    struct stage *stage = in_x();
    in_touch(stage, "2026-04-10");
    stage_date(stage, "2026-04-20");
    stage_ending(stage, "ocmw-x", "2026-05-04", "ocmw-y"); /* Monday */
    stage_judge(stage);
    in_touch(stage, "2026-05-04");
    stage_daily(stage, "2026-05-11"); /* 5, 6, 7, 8, 11 May */
    assert_int_equal(stage->family.flag_count, 0);
    stage_on(stage, "2026-05-12");
    assert_turn(stage_flag(stage, FLAG_NO_LOCAL), "agii", "2026-05-18", "2026-05-28");
    assert_day(stage->family.near_ended_day, "2026-05-04");
    test_free(stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_announced_move_raises_a_flag_two_months_before_anything_is_lost),
        cmocka_unit_test(in_y_the_flags_rise_although_a_buddy_supports_the_family_all_along),
        cmocka_unit_test(the_same_family_with_a_successor_who_comes_raises_nothing_at_all),
        cmocka_unit_test(a_hand_over_with_an_overlap_raises_nothing_either),
        cmocka_unit_test(a_successor_who_does_not_come_is_missed_after_five_working_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
