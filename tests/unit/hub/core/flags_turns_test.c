#include "tests/unit/hub/core/flags_world.h"

/* Whose turn it is: clocks, closure days, deputies, members that leave. Monday 23 November 2026
 * begins an ordinary week; 25 and 26 December (Friday, Saturday) and 1 January aren't working days.
 */

static struct stage *nobody_near(const char *date) {
    struct stage *stage = stage_new(date);
    stage_judge(stage);
    assert_int_equal(stage_open_flags(stage), 1);
    return stage;
}

static void past_the_clock_of_acknowledging_the_next_has_its_turn_with_new_clocks(void **state) {
    struct stage *stage = nobody_near("2026-11-23");
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    stage_daily(stage, "2026-11-26");
    assert_turn(flag, "agii", "2026-11-26", "2026-12-07");
    stage_on(stage, "2026-11-27");
    assert_turn(flag, "caw", "2026-12-02", "2026-12-11");
    assert_org(&stage_notice(stage, "agii", NOTICE_FLAG_OVER)->by, "caw");
    assert_true(stage_notice(stage, "caw", NOTICE_FLAG)->yours);
    assert_true(stage_notice(stage, "caw", NOTICE_FLAG)->with_contact);
    stage_daily(stage, "2026-12-02");
    stage_on(stage, "2026-12-03");
    assert_on_board(flag);
    assert_int_equal(stage_counted(stage, COUNT_FLAG_ESCALATED, NULL), 1);
    assert_org(&stage_notice(stage, "caw", NOTICE_FLAG_OVER)->by, "");
    stage_daily(stage, "2027-02-01");
    assert_on_board(flag);
    assert_int_equal(stage->effects.notice_count, 0);
    test_free(stage);
}

static void past_the_clock_of_contact_who_took_it_loses_it(void **state) {
    struct stage *stage = nobody_near("2026-11-23");
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_TAKE), REFUSAL_NONE);
    stage_daily(stage, "2026-12-07");
    assert_int_equal(flag->state, FLAG_ACKNOWLEDGED);
    stage_on(stage, "2026-12-08");
    assert_turn(flag, "caw", "2026-12-11", "2026-12-22");
    assert_int_equal(flag->state, FLAG_OPEN);
    assert_int_equal(stage_told(stage, "agii", NOTICE_FLAG_OVER), 1);
    assert_int_equal(stage_answer(stage, "caw", FLAG_NO_LOCAL, FLAG_CONTACT), REFUSAL_NONE);
    stage_daily(stage, "2027-02-01"); /* who spoke with the family has no clock any more */
    assert_org(&flag->taken_by, "caw");
    assert_int_equal(flag->state, FLAG_CONTACTED);
    test_free(stage);
}

static void a_weekend_or_holiday_stretches_a_clock_but_never_stops_it(void **state) {
    /* Wednesday 23 December: 24, 28, 29 | 30, 31, 4, 5, 6, 7, 8 */
    struct stage *stage = nobody_near("2026-12-23");
    assert_turn(stage_flag(stage, FLAG_NO_LOCAL), "agii", "2026-12-29", "2027-01-08");
    test_free(stage);
}

static void a_late_judge_gives_the_next_its_full_time(void **state) {
    struct stage *stage = nobody_near("2026-11-23");
    stage_on(stage, "2027-01-18"); /* the hub was off for weeks: one step, not all at once */
    assert_turn(stage_flag(stage, FLAG_NO_LOCAL), "caw", "2027-01-21", "2027-02-01");
    test_free(stage);
}

static void on_a_closure_day_the_deputy_has_it_without_a_new_clock(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_closed(stage, "agii", "2026-11-25", "2026-11-27", "agii-south");
    stage_judge(stage);
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    stage_on(stage, "2026-11-24");
    assert_turn(flag, "agii", "2026-11-26", "2026-12-07");
    stage_on(stage, "2026-11-25");
    assert_turn(flag, "agii-south", "2026-11-26", "2026-12-07");
    assert_org(&stage_notice(stage, "agii", NOTICE_FLAG_OVER)->by, "agii-south");
    assert_true(stage_notice(stage, "agii-south", NOTICE_FLAG)->yours);
    assert_false(stage_notice(stage, "agii-south", NOTICE_FLAG)->with_contact);
    stage_on(stage, "2026-11-26");
    assert_int_equal(stage->effects.notice_count, 0);
    stage_on(stage, "2026-11-27"); /* the same clock ran out */
    assert_turn(flag, "caw", "2026-12-02", "2026-12-11");
    test_free(stage);
}

static void a_deputy_that_is_closed_too_or_none_passes_it_to_the_next_at_once(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_closed(stage, "agii", "2026-11-23", "2026-11-27", "agii-south");
    stage_closed(stage, "agii-south", "2026-11-23", "2026-11-24", "agii-north");
    stage_judge(stage);
    assert_turn(stage_flag(stage, FLAG_NO_LOCAL), "caw", "2026-11-26", "2026-12-07");
    assert_int_equal(stage_told(stage, "agii", NOTICE_FLAG), 0);
    test_free(stage);

    stage = stage_new("2026-11-23");
    stage_closed(stage, "agii", "2026-11-23", "2026-11-27", "");
    stage_closed(stage, "caw", "2026-11-23", "2026-11-23", "caw-south");
    stage_judge(stage);
    assert_turn(stage_flag(stage, FLAG_NO_LOCAL), "caw-south", "2026-11-26", "2026-12-07");
    test_free(stage);
}

static void a_deputy_that_closes_later_passes_it_on_with_new_clocks(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_closed(stage, "agii", "2026-11-23", "2026-11-27", "agii-south");
    stage_closed(stage, "agii-south", "2026-11-25", "2026-11-25", "agii-north");
    stage_judge(stage);
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_turn(flag, "agii-south", "2026-11-26", "2026-12-07");
    stage_daily(stage, "2026-11-25"); /* once in a turn: no chain of deputies */
    assert_turn(flag, "caw", "2026-11-30", "2026-12-09");
    test_free(stage);
}

static void a_deputy_who_stands_further_on_in_the_line_has_its_turn_once(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_closed(stage, "agii", "2026-11-23", "2026-11-27", "caw");
    stage_judge(stage);
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_turn(flag, "caw", "2026-11-26", "2026-12-07");
    assert_int_equal(flag->line_count, 2);
    stage_daily(stage, "2026-11-27");
    assert_on_board(flag);
    test_free(stage);
}

static void a_closure_on_a_day_on_which_nobody_works_moves_nothing(void **state) {
    struct stage *stage = stage_new("2026-11-26");
    stage_closed(stage, "agii", "2026-11-28", "2026-11-29", ""); /* a weekend */
    stage_judge(stage);
    stage_daily(stage, "2026-12-01");
    assert_turn(stage_flag(stage, FLAG_NO_LOCAL), "agii", "2026-12-01", "2026-12-10");
    test_free(stage);
}

static void who_took_it_keeps_it_over_a_closure_that_leaves_time_to_call(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_closed(stage, "agii", "2026-11-25", "2026-12-04", "agii-south");
    stage_judge(stage);
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_TAKE), REFUSAL_NONE);
    stage_daily(stage, "2026-12-07"); /* there again on the last day of its clock */
    assert_org(&flag->taken_by, "agii");
    test_free(stage);
}

static void who_took_it_and_closes_until_its_clock_ran_out_gives_it_to_the_deputy(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_closed(stage, "agii", "2026-11-25", "2026-12-11", "agii-south");
    stage_judge(stage);
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_TAKE), REFUSAL_NONE);
    stage_on(stage, "2026-11-24");
    assert_org(&flag->taken_by, "agii");
    stage_on(stage, "2026-11-25");
    assert_turn(flag, "agii-south", "2026-11-26", "2026-12-07");
    assert_int_equal(flag->state, FLAG_OPEN);
    test_free(stage);
}

static void who_leaves_the_network_leaves_the_line(void **state) {
    struct stage *stage = nobody_near("2026-11-23");
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    stage_gone(stage, "agii");
    stage_on(stage, "2026-11-24");
    assert_turn(flag, "caw", "2026-11-27", "2026-12-08");
    assert_int_equal(stage_answer(stage, "caw", FLAG_NO_LOCAL, FLAG_CONTACT), REFUSAL_NONE);
    stage_gone(stage, "caw");
    stage_on(stage, "2026-11-25"); /* even after it spoke with the family: nobody would close it */
    assert_on_board(flag);
    assert_int_equal(flag->state, FLAG_OPEN);
    test_free(stage);
}

/* DESIGN 2, promise 9; whenever the directory says so. */
static void a_fallback_that_may_sanction_is_in_no_line(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_may_sanction(stage, "agii");
    stage_judge(stage);
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_turn(flag, "caw", "2026-11-26", "2026-12-07");
    assert_int_equal(stage_told(stage, "agii", NOTICE_FLAG), 0);
    stage_on(stage, "2026-11-27"); /* past the only one's clock */
    assert_on_board(flag);
    test_free(stage);
}

static void a_fallback_that_may_sanction_since_passes_on_what_it_took(void **state) {
    struct stage *stage = nobody_near("2026-11-23");
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_TAKE), REFUSAL_NONE);
    stage_may_sanction(stage, "agii");
    stage_on(stage, "2026-11-24");
    assert_turn(flag, "caw", "2026-11-27", "2026-12-08");
    assert_int_equal(stage_told(stage, "agii", NOTICE_FLAG_OVER), 1);
    assert_true(stage_notice(stage, "caw", NOTICE_FLAG)->with_contact);
    test_free(stage);
}

/* It would be rude to the family to change faces half-way. */
static void who_spoke_with_the_family_before_it_might_sanction_keeps_it(void **state) {
    struct stage *stage = nobody_near("2026-11-23");
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_CONTACT), REFUSAL_NONE);
    stage_may_sanction(stage, "agii");
    stage_on(stage, "2026-11-24");
    assert_org(&flag->taken_by, "agii");
    assert_int_equal(flag->state, FLAG_CONTACTED);
    test_free(stage);
}

/* The family knows it as who helps: last of all as a fallback that opens the envelope. */
static void a_supporter_that_may_sanction_has_its_turn_without_the_envelope(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage->family.token.fallback_second = org_of("");
    stage_may_sanction(stage, "agii");
    stage_support(stage, "agii", SUPPORT_PROFESSIONAL, SUPPORT_NEAR);
    stage_judge(stage);
    stage_ended(stage, "agii", "2026-11-24", "");
    stage_on(stage, "2026-11-24");
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_turn(flag, "agii", "2026-11-27", "2026-12-08");
    assert_false(stage_notice(stage, "agii", NOTICE_FLAG)->with_contact);
    test_free(stage);
}

static void a_deputy_that_may_sanction_gets_nothing(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_may_sanction(stage, "agii-south");
    stage_closed(stage, "agii", "2026-11-23", "2026-12-11", "agii-south");
    stage_judge(stage);
    assert_turn(stage_flag(stage, FLAG_NO_LOCAL), "caw", "2026-11-26", "2026-12-07");
    test_free(stage);
}

static void who_raised_a_flag_and_may_sanction_may_take_it(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_may_sanction(stage, "school");
    assert_int_equal(
        stage_concern(stage, "school", CONCERN_BY_PROFESSIONAL, CONCERN_SCHOOL, CONCERN_TODAY, 1),
        REFUSAL_NONE);
    stage_judge(stage);
    assert_int_equal(stage_answer(stage, "school", FLAG_CONCERN, FLAG_TAKE), REFUSAL_NONE);
    stage_on(stage, "2026-11-24");
    assert_org(&stage_flag(stage, FLAG_CONCERN)->taken_by, "school");
    test_free(stage);
}

/* Whose turn it was lost it to the taker, and gets its full time again. 30 November + 3 and 10. */
static void a_taker_from_outside_the_line_who_goes_leaves_new_clocks(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_support(stage, "dmw", SUPPORT_PROFESSIONAL, SUPPORT_DISTANT);
    stage_judge(stage);
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_turn(flag, "agii", "2026-11-26", "2026-12-07");
    assert_int_equal(stage_answer(stage, "dmw", FLAG_NO_LOCAL, FLAG_TAKE), REFUSAL_NONE);
    stage_gone(stage, "dmw");
    stage_on(stage, "2026-11-30");
    assert_turn(flag, "agii", "2026-12-03", "2026-12-14");
    assert_int_equal(flag->state, FLAG_OPEN);
    assert_int_equal(stage_told(stage, "agii", NOTICE_FLAG), 1);
    test_free(stage);
}

static void dismiss(struct stage *stage, const char *org) {
    const struct org_id whom = org_of(org);
    stage->effects = (struct family_effects){0};
    flags_dismiss(&stage->family, &stage->world, &whom, &stage->effects);
}

static void a_fallback_that_is_wanted_no_more_never_gets_its_turn(void **state) {
    struct stage *stage = nobody_near("2026-11-23");
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    dismiss(stage, "caw");
    assert_turn(flag, "agii", "2026-11-26", "2026-12-07");
    assert_int_equal(stage->effects.notice_count, 0);
    stage_on(stage, "2026-11-27"); /* past the first one's clock */
    assert_on_board(flag);
    assert_int_equal(stage_told(stage, "caw", NOTICE_FLAG), 0);
    test_free(stage);
}

static void a_fallback_that_is_wanted_no_more_passes_on_what_it_has(void **state) {
    struct stage *stage = nobody_near("2026-11-23");
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_CONTACT), REFUSAL_NONE);
    stage_date(stage, "2026-11-24");
    dismiss(stage, "agii");
    assert_turn(flag, "caw", "2026-11-27", "2026-12-08");
    assert_int_equal(stage_told(stage, "agii", NOTICE_FLAG_OVER), 1);
    assert_int_equal(stage_told(stage, "caw", NOTICE_FLAG), 1);
    dismiss(stage, "caw");
    assert_on_board(flag);
    test_free(stage);
}

static void the_deputy_of_one_that_is_wanted_no_more_goes_with_it(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_closed(stage, "agii", "2026-11-23", "2026-12-11", "agii-south");
    stage_judge(stage);
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_turn(flag, "agii-south", "2026-11-26", "2026-12-07");
    dismiss(stage, "agii");
    assert_turn(flag, "caw", "2026-11-26", "2026-12-07");
    test_free(stage);
}

static void who_supports_the_family_stays_in_line(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_support(stage, "agii", SUPPORT_PROFESSIONAL, SUPPORT_DISTANT);
    stage_judge(stage);
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    dismiss(stage, "agii");
    assert_turn(flag, "agii", "2026-11-26", "2026-12-07");
    test_free(stage);
}

static void while_a_flag_is_in_somebodys_turn_it_is_judged_each_working_day(void **state) {
    struct stage *stage = nobody_near("2026-11-26");    /* Thursday */
    assert_true(stage->family.due_ms == 1795734000000); /* Friday 27 November 00:00 +01:00 */
    stage_on(stage, "2026-11-27");
    assert_true(stage->family.due_ms == 1795993200000); /* Monday 30 November 00:00 +01:00 */
    test_free(stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(past_the_clock_of_acknowledging_the_next_has_its_turn_with_new_clocks),
        cmocka_unit_test(past_the_clock_of_contact_who_took_it_loses_it),
        cmocka_unit_test(a_weekend_or_holiday_stretches_a_clock_but_never_stops_it),
        cmocka_unit_test(a_late_judge_gives_the_next_its_full_time),
        cmocka_unit_test(on_a_closure_day_the_deputy_has_it_without_a_new_clock),
        cmocka_unit_test(a_deputy_that_is_closed_too_or_none_passes_it_to_the_next_at_once),
        cmocka_unit_test(a_deputy_that_closes_later_passes_it_on_with_new_clocks),
        cmocka_unit_test(a_deputy_who_stands_further_on_in_the_line_has_its_turn_once),
        cmocka_unit_test(a_closure_on_a_day_on_which_nobody_works_moves_nothing),
        cmocka_unit_test(who_took_it_keeps_it_over_a_closure_that_leaves_time_to_call),
        cmocka_unit_test(who_took_it_and_closes_until_its_clock_ran_out_gives_it_to_the_deputy),
        cmocka_unit_test(who_leaves_the_network_leaves_the_line),
        cmocka_unit_test(a_fallback_that_may_sanction_is_in_no_line),
        cmocka_unit_test(a_fallback_that_may_sanction_since_passes_on_what_it_took),
        cmocka_unit_test(who_spoke_with_the_family_before_it_might_sanction_keeps_it),
        cmocka_unit_test(a_supporter_that_may_sanction_has_its_turn_without_the_envelope),
        cmocka_unit_test(a_deputy_that_may_sanction_gets_nothing),
        cmocka_unit_test(who_raised_a_flag_and_may_sanction_may_take_it),
        cmocka_unit_test(a_taker_from_outside_the_line_who_goes_leaves_new_clocks),
        cmocka_unit_test(a_fallback_that_is_wanted_no_more_never_gets_its_turn),
        cmocka_unit_test(a_fallback_that_is_wanted_no_more_passes_on_what_it_has),
        cmocka_unit_test(the_deputy_of_one_that_is_wanted_no_more_goes_with_it),
        cmocka_unit_test(who_supports_the_family_stays_in_line),
        cmocka_unit_test(while_a_flag_is_in_somebodys_turn_it_is_judged_each_working_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
