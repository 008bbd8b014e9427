#include "tests/unit/hub/core/flags_world.h"

/* Supporters who fall silent, and the one that is left. The calendar is that of flags_test.c. */

#define NEAR_PRO SUPPORT_PROFESSIONAL, SUPPORT_NEAR
#define BUDDY    SUPPORT_INFORMAL, SUPPORT_NEAR

static void silence_begins_on_the_43rd_day_without_a_contact(void **state) {
    struct stage *stage = stage_new("2026-10-12");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_judge(stage);
    stage_date(stage, "2026-11-10");
    stage_support(stage, "caw", NEAR_PRO);
    stage_judge(stage);
    stage_on(stage, "2026-11-23"); /* 42 days */
    assert_false(stage->family.supports[0].silent);
    assert_int_equal(stage->family.flag_count, 0);
    stage_on(stage, "2026-11-24"); /* 43 */
    assert_true(stage->family.supports[0].silent);
    const struct family_flag *flag = stage_flag(stage, FLAG_SILENT);
    assert_turn(flag, "ocmw", "2026-11-27", "2026-12-08");
    assert_org(&flag->line[1], "agii");
    assert_org(&flag->about_org, "ocmw");
    assert_null(stage_flag(stage, FLAG_ONE_LEFT)); /* the silent one is asked first */
    stage_date(stage, "2026-11-25");
    stage_contact(stage, "ocmw");
    stage_judge(stage);
    assert_int_equal(flag->reason, FLAG_REASON_SUPPORTED);
    assert_int_equal(stage_open_flags(stage), 0);
    test_free(stage);
}

static void a_second_silence_is_a_flag_of_its_own_once_the_first_is_over(void **state) {
    struct stage *stage = stage_new("2026-10-12");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_support(stage, "dmw", NEAR_PRO);
    stage_date(stage, "2026-11-20");
    stage_support(stage, "caw", NEAR_PRO);
    stage_judge(stage);
    stage_on(stage, "2026-11-24");
    assert_org(&stage_flag(stage, FLAG_SILENT)->about_org, "ocmw");
    stage_contact(stage, "ocmw");
    stage_judge(stage);
    assert_org(&stage_flag(stage, FLAG_SILENT)->about_org, "dmw");
    assert_int_equal(stage_open_flags(stage), 1);
    test_free(stage);
}

static void the_last_near_supporter_falling_silent_is_no_local(void **state) {
    struct stage *stage = stage_new("2026-10-12");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_judge(stage);
    stage_date(stage, "2026-10-20");
    stage_support(stage, "caw", NEAR_PRO);
    stage_judge(stage);
    stage_daily(stage, "2026-11-24");
    const struct message_id id = stage_flag(stage, FLAG_SILENT)->id;
    stage_daily(stage, "2026-12-02"); /* caw: 43 days after 20 October */
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_non_null(flag);
    assert_true(message_id_equal(&flag->id, &id));
    assert_int_equal(stage->family.flag_count, 1);
    assert_day(stage->family.near_ended_day, "2026-12-02");
    test_free(stage);
}

static void one_left_rises_when_one_of_two_goes_and_ends_with_a_second(void **state) {
    struct stage *stage = stage_new("2026-11-16");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_support(stage, "buddies", BUDDY);
    stage_judge(stage);
    stage_date(stage, "2026-11-23");
    stage_ended(stage, "buddies", "2026-11-23", "");
    stage_judge(stage);
    const struct family_flag *flag = stage_flag(stage, FLAG_ONE_LEFT);
    assert_turn(flag, "ocmw", "2026-11-26", "2026-12-07");
    assert_org(&flag->line[1], "agii");
    stage_date(stage, "2026-11-24");
    stage_support(stage, "church", SUPPORT_INFORMAL, SUPPORT_DISTANT);
    stage_judge(stage);
    assert_int_equal(flag->reason, FLAG_REASON_SUPPORTED);
    assert_int_equal(stage_open_flags(stage), 0);
    test_free(stage);
}

static void who_never_had_two_supporters_has_not_one_left(void **state) {
    struct stage *stage = stage_new("2026-11-16");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_judge(stage);
    stage_daily(stage, "2026-11-30");
    assert_int_equal(stage->family.flag_count, 0);
    test_free(stage);
}

static void one_left_waits_for_the_successor_of_who_went_and_rises_when_none_comes(void **state) {
    struct stage *stage = stage_new("2026-11-16");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_support(stage, "caw", NEAR_PRO);
    stage_judge(stage);
    stage_date(stage, "2026-11-23");
    stage_ended(stage, "caw", "2026-11-23", "dmw");
    stage_judge(stage);
    stage_daily(stage, "2026-11-30"); /* 24, 25, 26, 27, 30 */
    assert_int_equal(stage->family.flag_count, 0);
    assert_true(stage->family.due_ms <= stage->world.now_ms + 12 * 3600 * 1000);
    stage_on(stage, "2026-12-01");
    assert_non_null(stage_flag(stage, FLAG_ONE_LEFT));
    test_free(stage);
}

/* While both are there they hold one place, so nobody is missed when the first one goes, even if
 * its last word doesn't name the other any more. Two who aren't handing over hold two. */
static void who_hands_over_and_its_successor_are_not_two_supporters(void **state) {
    static const char *const successors[] = {"caw-y", ""};
    for (size_t i = 0; i < 2; i++) {
        struct stage *stage = stage_new("2026-11-02");
        stage_support(stage, "ocmw", NEAR_PRO);
        stage_judge(stage);
        stage_date(stage, "2026-11-03");
        stage_ending(stage, "ocmw", "2026-11-16", successors[i]);
        stage_support(stage, "caw-y", NEAR_PRO);
        stage_judge(stage);
        stage_daily(stage, "2026-11-13");
        stage_date(stage, "2026-11-16");
        stage_ended(stage, "ocmw", "2026-11-16", "");
        stage_judge(stage);
        stage_daily(stage, "2026-11-30");
        assert_int_equal(stage_flag(stage, FLAG_ONE_LEFT) == NULL, i == 0);
        test_free(stage);
    }
}

static void a_family_that_had_lost_everybody_begins_anew_with_its_first_supporter(void **state) {
    struct stage *stage = stage_new("2026-11-16");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_support(stage, "caw", NEAR_PRO);
    stage_judge(stage);
    stage_ended(stage, "ocmw", "2026-11-16", "");
    stage_ended(stage, "caw", "2026-11-16", "");
    stage_judge(stage);
    assert_non_null(stage_flag(stage, FLAG_NO_LOCAL));
    stage_date(stage, "2026-11-23");
    stage_support(stage, "dmw", NEAR_PRO);
    stage_judge(stage);
    assert_int_equal(stage_open_flags(stage), 0);
    test_free(stage);
}

static void one_left_closed_by_hand_stays_closed_through_a_gap_that_was_taken_back(void **state) {
    struct stage *stage = stage_new("2026-11-16");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_support(stage, "buddies", BUDDY);
    stage_judge(stage);
    stage_ended(stage, "buddies", "2026-11-16", "");
    stage_judge(stage);
    assert_int_equal(stage_answer(stage, "ocmw", FLAG_ONE_LEFT, FLAG_CONTACT), REFUSAL_NONE);
    assert_int_equal(stage_close(stage, "ocmw", FLAG_ONE_LEFT, FLAG_REASON_HELPED), REFUSAL_NONE);
    stage_ending(stage, "ocmw", "2026-12-24", "");
    stage_judge(stage);
    assert_non_null(stage_flag(stage, FLAG_GAP_AHEAD));
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_judge(stage);
    assert_int_equal(stage_open_flags(stage), 0);
    test_free(stage);
}

static void one_left_gives_way_to_gap_ahead_and_that_to_no_local(void **state) {
    struct stage *stage = stage_new("2026-11-16");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_support(stage, "caw", NEAR_PRO);
    stage_judge(stage);
    stage_date(stage, "2026-11-23");
    stage_ended(stage, "caw", "2026-11-23", "");
    stage_judge(stage);
    const struct family_flag *left = stage_flag(stage, FLAG_ONE_LEFT);
    stage_date(stage, "2026-11-24");
    stage_ending(stage, "ocmw", "2026-11-30", "");
    stage_judge(stage);
    assert_int_equal(left->reason, FLAG_REASON_MERGED);
    assert_non_null(stage_flag(stage, FLAG_GAP_AHEAD));
    assert_int_equal(stage_open_flags(stage), 1);
    stage_daily(stage, "2026-11-30");
    assert_non_null(stage_flag(stage, FLAG_NO_LOCAL));
    assert_int_equal(stage_open_flags(stage), 1);
    test_free(stage);
}

static void only_one_of_several_becomes_no_local_and_the_others_end_as_merged(void **state) {
    struct stage *stage = stage_new("2026-10-12");
    stage_support(stage, "dmw", NEAR_PRO);
    stage_date(stage, "2026-11-20");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_judge(stage);
    stage_on(stage, "2026-11-24"); /* dmw silent */
    stage_ending(stage, "ocmw", "2026-12-01", "");
    stage_judge(stage);
    assert_int_equal(stage_open_flags(stage), 2);
    stage_daily(stage, "2026-11-30");
    assert_int_equal(stage_answer(stage, "agii", FLAG_SILENT, FLAG_TAKE), REFUSAL_NONE);
    const struct family_flag *silent = stage_flag(stage, FLAG_SILENT);
    const struct family_flag *gap = stage_flag(stage, FLAG_GAP_AHEAD);
    stage_on(stage, "2026-12-01");
    assert_ptr_equal(stage_flag(stage, FLAG_NO_LOCAL), silent); /* somebody has it already */
    assert_int_equal(silent->state, FLAG_ACKNOWLEDGED);
    assert_int_equal(gap->reason, FLAG_REASON_MERGED);
    assert_int_equal(stage_open_flags(stage), 1);
    test_free(stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_begins_on_the_43rd_day_without_a_contact),
        cmocka_unit_test(a_second_silence_is_a_flag_of_its_own_once_the_first_is_over),
        cmocka_unit_test(the_last_near_supporter_falling_silent_is_no_local),
        cmocka_unit_test(one_left_rises_when_one_of_two_goes_and_ends_with_a_second),
        cmocka_unit_test(who_never_had_two_supporters_has_not_one_left),
        cmocka_unit_test(one_left_waits_for_the_successor_of_who_went_and_rises_when_none_comes),
        cmocka_unit_test(who_hands_over_and_its_successor_are_not_two_supporters),
        cmocka_unit_test(a_family_that_had_lost_everybody_begins_anew_with_its_first_supporter),
        cmocka_unit_test(one_left_closed_by_hand_stays_closed_through_a_gap_that_was_taken_back),
        cmocka_unit_test(one_left_gives_way_to_gap_ahead_and_that_to_no_local),
        cmocka_unit_test(only_one_of_several_becomes_no_local_and_the_others_end_as_merged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
