#include "tests/unit/hub/core/flags_world.h"

/* What raises a flag and what ends it by itself, one rule at a time; silence and who is left alone
 * are in flags_left_test.c. November 2026: Monday 2 and Wednesday 11 aren't working days; Monday 23
 * begins an ordinary week. */

#define NEAR_PRO    SUPPORT_PROFESSIONAL, SUPPORT_NEAR
#define DISTANT_PRO SUPPORT_PROFESSIONAL, SUPPORT_DISTANT
#define BUDDY       SUPPORT_INFORMAL, SUPPORT_NEAR

static struct stage *supported(const char *date) {
    struct stage *stage = stage_new(date);
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_judge(stage);
    assert_int_equal(stage->family.flag_count, 0);
    return stage;
}

/* ---- no-local-professional ---- */

static void a_family_with_no_supporter_raises_one_flag(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_judge(stage);
    assert_turn(stage_flag(stage, FLAG_NO_LOCAL), "agii", "2026-11-26", "2026-12-07");
    assert_true(stage_notice(stage, "agii", NOTICE_FLAG)->with_contact);
    assert_int_equal(stage->effects.notice_count, 1);
    test_free(stage);
}

static void
informal_and_distant_support_and_that_of_a_quiet_node_do_not_count_as_near(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_support(stage, "buddies", BUDDY);
    stage_support(stage, "far", DISTANT_PRO);
    stage_support(stage, "quiet", NEAR_PRO)->quiet = true;
    stage_judge(stage);
    assert_non_null(stage_flag(stage, FLAG_NO_LOCAL));
    assert_int_equal(stage_told(stage, "buddies", NOTICE_FLAG), 1);
    assert_int_equal(stage_told(stage, "far", NOTICE_FLAG), 1);
    assert_int_equal(stage_told(stage, "quiet", NOTICE_FLAG), 1);
    /* its node is heard again */
    stage->family.supports[2].quiet = false;
    stage_judge(stage);
    assert_int_equal(stage_open_flags(stage), 0);
    assert_int_equal(stage_told(stage, "agii", NOTICE_FLAG_OVER), 1);
    test_free(stage);
}

static void without_the_scope_no_flag_about_support_rises(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_without(stage, SCOPE_LOST_SUPPORT);
    stage_judge(stage);
    stage_date(stage, "2026-11-24");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_support(stage, "caw", NEAR_PRO);
    stage_ending(stage, "ocmw", "2026-12-01", "");
    stage_judge(stage);
    stage_daily(stage, "2027-03-01");
    assert_int_equal(stage->family.flag_count, 0);
    assert_int_equal(stage_counted(stage, COUNT_WITHOUT_LOCAL, NULL), 0);
    test_free(stage);
}

static void a_scope_taken_back_ends_its_flag(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_judge(stage);
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    stage_without(stage, SCOPE_LOST_SUPPORT);
    stage_judge(stage);
    assert_int_equal(flag->state, FLAG_CLOSED);
    assert_int_equal(flag->reason, FLAG_REASON_CONSENT_ENDED);
    assert_int_equal(stage_told(stage, "agii", NOTICE_FLAG_OVER), 1);
    test_free(stage);
}

static void near_support_ends_the_flag_and_the_days_without_it_are_counted(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_judge(stage);
    stage_daily(stage, "2026-12-02");
    stage_date(stage, "2026-12-03");
    stage_support(stage, "ocmw-y", NEAR_PRO);
    stage_judge(stage);
    uint32_t days = 0;
    assert_int_equal(stage_open_flags(stage), 0);
    assert_int_equal(stage->family.flags[0].reason, FLAG_REASON_SUPPORTED);
    assert_int_equal(stage_counted(stage, COUNT_WITHOUT_LOCAL, &days), 1);
    assert_int_equal(days, 10);
    assert_int_equal(stage_counted(stage, COUNT_FLAG_CLOSED, NULL), 1);
    test_free(stage);
}

static void an_end_told_weeks_later_has_no_grace_left(void **state) {
    struct stage *stage = supported("2026-10-01");
    stage_date(stage, "2026-11-05");
    stage_ended(stage, "ocmw", "2026-10-16", "ocmw-y");
    stage_judge(stage);
    assert_non_null(stage_flag(stage, FLAG_NO_LOCAL));
    assert_day(stage->family.near_ended_day, "2026-10-16");
    test_free(stage);
}

static void the_grace_is_fixed_when_near_support_first_ends(void **state) {
    struct stage *stage = supported("2026-11-16");
    stage_date(stage, "2026-11-23");
    stage_ended(stage, "ocmw", "2026-11-23", "ocmw-y");
    stage_judge(stage);
    assert_day(stage->family.grace_until_day, "2026-11-30");
    stage_date(stage, "2026-11-26"); /* another word about the same end */
    stage_ended(stage, "ocmw", "2026-11-26", "ocmw-z");
    stage_judge(stage);
    assert_day(stage->family.grace_until_day, "2026-11-30");
    stage_date(stage, "2026-11-27"); /* nor does taking the name back end it */
    stage_ended(stage, "ocmw", "2026-11-23", "");
    stage_judge(stage);
    stage_daily(stage, "2026-11-30");
    assert_int_equal(stage->family.flag_count, 0);
    stage_on(stage, "2026-12-01");
    assert_non_null(stage_flag(stage, FLAG_NO_LOCAL));
    test_free(stage);
}

/* One of those who ended last naming who comes is enough, whichever stands first in the row; one
 * that ended before them is not. */
static void of_several_that_end_on_one_day_one_that_names_a_successor_is_enough(void **state) {
    static const struct {
        const char *successors[2];
        const char *first_end;
        bool grace;
    } cases[] = {
        {{"ocmw-y", ""}, "2026-11-23", true}, {{"", "ocmw-y"}, "2026-11-23", true},
        {{"", ""}, "2026-11-23", false},      {{"ocmw-y", ""}, "2026-11-20", false},
        {{"", "ocmw-y"}, "2026-11-20", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stage *stage = supported("2026-11-16");
        stage_support(stage, "dmw", SUPPORT_PROFESSIONAL, SUPPORT_NEAR);
        stage_judge(stage);
        stage_date(stage, "2026-11-23");
        stage_ended(stage, "ocmw", cases[i].first_end, cases[i].successors[0]);
        stage_ended(stage, "dmw", "2026-11-23", cases[i].successors[1]);
        stage_judge(stage);
        assert_int_equal(stage_flag(stage, FLAG_NO_LOCAL) == NULL, cases[i].grace);
        test_free(stage);
    }
}

static void a_successor_who_is_no_member_or_the_same_organisation_gives_no_grace(void **state) {
    struct stage *stage = supported("2026-11-16");
    stage_gone(stage, "nowhere");
    stage_date(stage, "2026-11-23");
    stage_ended(stage, "ocmw", "2026-11-23", "nowhere");
    stage_judge(stage);
    assert_non_null(stage_flag(stage, FLAG_NO_LOCAL));
    test_free(stage);
    stage = supported("2026-11-16");
    stage_date(stage, "2026-11-23");
    stage_ended(stage, "ocmw", "2026-11-23", "ocmw");
    stage_judge(stage);
    assert_non_null(stage_flag(stage, FLAG_NO_LOCAL));
    test_free(stage);
}

static void a_new_consent_whose_supporters_are_on_their_way_waits_five_working_days(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    flags_expect_support(&stage->family, &stage->world);
    stage_judge(stage);
    flags_expect_support(&stage->family, &stage->world); /* said again: nothing moves */
    stage_daily(stage, "2026-11-30");
    assert_int_equal(stage->family.flag_count, 0);
    stage_on(stage, "2026-12-01");
    assert_non_null(stage_flag(stage, FLAG_NO_LOCAL));
    flags_expect_support(&stage->family, &stage->world);
    stage_judge(stage);
    assert_non_null(stage_flag(stage, FLAG_NO_LOCAL));
    test_free(stage);
}

static void without_the_scope_fallback_the_last_supporters_have_the_turn(void **state) {
    struct stage *stage = stage_new("2026-10-01");
    static const char *const names[] = {"one", "two", "three", "four"};
    static const char *const ends[] = {"2026-11-09", "2026-11-20", "2026-11-10", "2026-11-16"};
    stage_without(stage, SCOPE_FALLBACK);
    for (int i = 0; i < 4; i++) {
        stage_support(stage, names[i], NEAR_PRO);
    }
    stage_judge(stage);
    stage_date(stage, "2026-11-05");
    for (int i = 0; i < 4; i++) {
        stage_ending(stage, names[i], ends[i], "");
    }
    stage_daily(stage, "2026-11-20");
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_non_null(flag);
    assert_int_equal(flag->line_count, 3);
    assert_org(&flag->line[0], "two");
    assert_org(&flag->line[1], "four");
    assert_org(&flag->line[2], "three");
    assert_false(stage_notice(stage, "two", NOTICE_FLAG)->with_contact);
    assert_false(stage_notice(stage, "four", NOTICE_FLAG)->yours);
    assert_int_equal(stage_told(stage, "one", NOTICE_FLAG), 0);
    test_free(stage);
}

static void a_line_of_nobody_is_the_board_at_once(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_gone(stage, "agii");
    stage_gone(stage, "caw");
    stage_judge(stage);
    assert_on_board(stage_flag(stage, FLAG_NO_LOCAL));
    assert_int_equal(stage_counted(stage, COUNT_FLAG_ESCALATED, NULL), 1);
    assert_int_equal(stage->effects.notice_count, 0);
    test_free(stage);
}

/* ---- gap-ahead ---- */

static void an_end_ahead_raises_gap_ahead_unless_another_stays_or_comes(void **state) {
    struct stage *stage = supported("2026-11-16");
    stage_date(stage, "2026-11-23");
    stage_ending(stage, "ocmw", "2026-12-31", "");
    stage_support(stage, "caw", NEAR_PRO);
    stage_judge(stage);
    assert_null(stage_flag(stage, FLAG_GAP_AHEAD)); /* caw stays */
    stage_date(stage, "2026-11-24");
    stage_ending(stage, "caw", "2026-12-24", "agii");
    stage_judge(stage);
    assert_null(stage_flag(stage, FLAG_GAP_AHEAD)); /* agii comes after it */
    stage_date(stage, "2026-11-25");
    stage_ending(stage, "caw", "2026-12-24", "");
    stage_judge(stage);
    const struct family_flag *flag = stage_flag(stage, FLAG_GAP_AHEAD);
    assert_turn(flag, "ocmw", "2026-11-30", "2026-12-09"); /* who leaves last */
    assert_org(&flag->line[1], "agii");
    assert_org(&flag->line[2], "caw");
    stage_date(stage, "2026-11-26");
    stage_ending(stage, "ocmw", "2026-12-31", "ocmw-y");
    stage_judge(stage);
    assert_int_equal(flag->state, FLAG_CLOSED);
    assert_int_equal(flag->reason, FLAG_REASON_SUPPORTED);
    test_free(stage);
}

static void gap_ahead_becomes_no_local_with_its_id_and_a_new_line(void **state) {
    struct stage *stage = supported("2026-11-16");
    stage_date(stage, "2026-11-23");
    stage_ending(stage, "ocmw", "2026-12-01", "");
    stage_judge(stage);
    const struct message_id id = stage_flag(stage, FLAG_GAP_AHEAD)->id;
    assert_int_equal(stage_answer(stage, "ocmw", FLAG_GAP_AHEAD, FLAG_TAKE), REFUSAL_NONE);
    stage_daily(stage, "2026-12-01");
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_turn(flag, "agii", "2026-12-04", "2026-12-15"); /* who had it is leaving */
    assert_true(message_id_equal(&flag->id, &id));
    assert_int_equal(flag->state, FLAG_OPEN);
    assert_int_equal(stage->family.flag_count, 1);
    assert_int_equal(stage_told(stage, "ocmw", NOTICE_FLAG_OVER), 1);
    test_free(stage);
}

static void who_took_the_gap_and_stays_keeps_it_and_its_clock(void **state) {
    struct stage *stage = supported("2026-11-16");
    stage_date(stage, "2026-11-23");
    stage_ending(stage, "ocmw", "2026-12-04", "");
    stage_judge(stage);
    stage_on(stage, "2026-11-27"); /* ocmw didn't look: agii's turn */
    assert_int_equal(stage_answer(stage, "agii", FLAG_GAP_AHEAD, FLAG_TAKE), REFUSAL_NONE);
    stage_daily(stage, "2026-12-04");
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_non_null(flag);
    assert_int_equal(flag->state, FLAG_ACKNOWLEDGED);
    assert_org(&flag->taken_by, "agii");
    assert_day(flag->contact_by_day, "2026-12-11");
    assert_true(stage_notice(stage, "agii", NOTICE_FLAG)->with_contact);
    stage_daily(stage, "2026-12-12"); /* and calls nobody: the line goes on behind it */
    assert_turn(flag, "caw", "2026-12-16", "2026-12-28");
    test_free(stage);
}

/* ---- asked-not-taken ---- */

static void a_question_is_missed_after_its_tenth_working_day_whatever_was_said(void **state) {
    static const enum ask_state states[] = {ASK_OPEN, ASK_REFUSED, ASK_PASSED_ON};
    for (size_t i = 0; i < 3; i++) {
        struct stage *stage = supported("2026-11-09");
        struct family_ask *ask = stage_ask(stage, "buddies", "dmw", 5);
        ask->state = states[i];
        ask->asked_day = day_of("2026-10-01"); /* heard late: who was asked didn't know either */
        stage_judge(stage);
        /* Monday 9; then 10, 12, 13, 16 .. 20, 23, 24 */
        stage_daily(stage, "2026-11-24");
        assert_int_equal(stage->family.flag_count, 0);
        stage_on(stage, "2026-11-25");
        assert_org(&stage_flag(stage, FLAG_ASKED_NOT_TAKEN)->line[0], "agii");
        test_free(stage);
    }
}

static void a_question_that_is_taken_or_taken_back_raises_nothing_and_ends_its_flag(void **state) {
    struct stage *stage = supported("2026-11-09");
    struct family_ask *taken = stage_ask(stage, "buddies", "dmw", 5);
    struct family_ask *back = stage_ask(stage, "buddies", "vdab", 6);
    struct family_ask *open = stage_ask(stage, "buddies", "nt2", 7);
    struct family_ask *soon = stage_ask(stage, "buddies", "school", 8);
    taken->state = ASK_TAKEN;
    back->state = ASK_REVOKED;
    stage_daily(stage, "2026-11-25");
    assert_int_equal(stage_open_flags(stage), 2); /* one for each question */
    open->state = ASK_TAKEN;
    soon->state = ASK_REVOKED;
    stage_judge(stage);
    assert_int_equal(stage_open_flags(stage), 0);
    assert_int_equal(stage->family.flags[0].reason, FLAG_REASON_SUPPORTED);
    assert_int_equal(stage->family.flags[1].reason, FLAG_REASON_NOT_WANTED);
    assert_int_equal(stage_told(stage, "buddies", NOTICE_ANSWER), 2);
    test_free(stage);
}

static void who_refused_a_question_is_the_last_to_get_its_flag(void **state) {
    struct stage *stage = supported("2026-11-09");
    stage_ask(stage, "buddies", "agii", 5)->state = ASK_REFUSED;
    stage_daily(stage, "2026-11-25");
    const struct family_flag *flag = stage_flag(stage, FLAG_ASKED_NOT_TAKEN);
    assert_non_null(flag);
    assert_org(&flag->line[0], "caw");
    assert_org(&flag->line[1], "agii");
    test_free(stage);
}

static void without_fallbacks_near_supporters_get_the_question(void **state) {
    struct stage *stage = supported("2026-11-09");
    stage_without(stage, SCOPE_FALLBACK);
    stage_ask(stage, "buddies", "dmw", 5);
    stage_daily(stage, "2026-11-25");
    assert_org(&stage_flag(stage, FLAG_ASKED_NOT_TAKEN)->line[0], "ocmw");
    test_free(stage);
}

/* ---- a consent that ends ---- */

/* Given on 23 November 2026 until 1 November 2027: 60 days before is 2 September, 14 days 18
 * October. */
static void supporters_and_fallbacks_hear_60_and_14_days_before_a_consent_ends_once(void **state) {
    struct stage *stage = supported("2026-11-23");
    size_t told = 0;
    for (int32_t day = day_of("2027-08-01"); day < day_of("2027-11-01"); day++) {
        stage_at(stage, day);
        stage_contact(stage, "ocmw");
        stage_judge(stage);
        const size_t now = stage_told(stage, "ocmw", NOTICE_ENDING);
        assert_int_equal(now, stage_told(stage, "agii", NOTICE_ENDING));
        assert_int_equal(now, stage_told(stage, "caw", NOTICE_ENDING));
        assert_int_equal(now, day == day_of("2027-09-02") || day == day_of("2027-10-18"));
        told += now;
        stage_judge(stage);
        assert_int_equal(stage_told(stage, "ocmw", NOTICE_ENDING), 0);
    }
    assert_int_equal(told, 2);
    test_free(stage);
}

static void a_consent_for_two_months_is_not_said_to_end_when_it_is_given(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage->family.token.end_month -= 10; /* 1 January 2027: 39 days */
    stage_judge(stage);
    assert_int_equal(stage->effects.notice_count, 0);
    stage_daily(stage, "2026-12-17");
    assert_int_equal(stage->effects.notice_count, 0);
    stage_on(stage, "2026-12-18");
    assert_int_equal(stage_told(stage, "ocmw", NOTICE_ENDING), 1);
    test_free(stage);
}

static void a_consent_made_longer_is_told_of_again(void **state) {
    struct stage *stage = supported("2026-11-23");
    stage_on(stage, "2027-10-20");
    assert_int_equal(stage_told(stage, "agii", NOTICE_ENDING), 1); /* both days passed at once */
    stage->family.token.end_month += 11;                           /* 1 October 2028 */
    stage_judge(stage);
    assert_int_equal(stage_told(stage, "agii", NOTICE_ENDING), 0);
    stage_on(stage, "2028-08-02");
    assert_int_equal(stage_told(stage, "agii", NOTICE_ENDING), 1);
    test_free(stage);
}

/* ---- bounds ---- */

static void however_much_happens_at_once_nothing_that_must_be_told_is_dropped(void **state) {
    struct stage *stage = stage_new("2026-10-12");
    char name[] = "org-a";
    for (int i = 0; i < FAMILY_SUPPORTS_MAX; i++, name[4]++) {
        stage_support(stage, name, i < 12 ? SUPPORT_PROFESSIONAL : SUPPORT_INFORMAL, SUPPORT_NEAR);
    }
    for (uint8_t i = 0; i < FAMILY_ASKS_MAX; i++) {
        stage_ask(stage, "org-a", "dmw", i);
    }
    for (uint8_t i = 0; i < FLAG_RAISERS_MAX; i++) {
        assert_int_equal(stage_concern(stage, "school", CONCERN_BY_VOLUNTEER, CONCERN_ALONE,
                                       CONCERN_CAN_WAIT, i),
                         REFUSAL_NONE);
    }
    stage_on(stage, "2027-10-20"); /* after a year without us: all of it at once */
    assert_int_equal(stage_open_flags(stage), 2 + FAMILY_ASKS_MAX);
    assert_true(stage->effects.notice_count < FAMILY_NOTICES_MAX);
    assert_true(stage->effects.count_count < FAMILY_COUNTS_MAX);
    test_free(stage);
}

/* Twelve questions kept closed by hand fill half of the row, silences that are kept closed the
 * rest: the one that was closed longest ago goes. */
static void where_the_row_is_full_a_closed_flag_makes_place(void **state) {
    struct stage *stage = supported("2026-11-23");
    struct family *family = &stage->family;
    for (uint8_t i = 0; i < FAMILY_FLAGS_MAX; i++) {
        family->flags[family->flag_count++] = (struct family_flag){
            .id = id_of((uint8_t)(100 + i)),
            .kind = i < FAMILY_ASKS_MAX ? FLAG_ASKED_NOT_TAKEN : FLAG_SILENT,
            .state = FLAG_CLOSED,
            .closed_day = 20000 - i,
        };
    }
    for (uint8_t i = 0; i < FAMILY_ASKS_MAX; i++) {
        family->flags[i].about = id_of((uint8_t)(50 + i));
        stage_ask(stage, "school", "dmw", (uint8_t)(50 + i));
    }
    stage_ended(stage, "ocmw", "2026-11-23", "");
    stage_judge(stage);
    assert_non_null(stage_flag(stage, FLAG_NO_LOCAL));
    assert_ptr_equal(stage_flag(stage, FLAG_NO_LOCAL), &family->flags[FAMILY_FLAGS_MAX - 1]);
    test_free(stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_family_with_no_supporter_raises_one_flag),
        cmocka_unit_test(
            informal_and_distant_support_and_that_of_a_quiet_node_do_not_count_as_near),
        cmocka_unit_test(without_the_scope_no_flag_about_support_rises),
        cmocka_unit_test(a_scope_taken_back_ends_its_flag),
        cmocka_unit_test(near_support_ends_the_flag_and_the_days_without_it_are_counted),
        cmocka_unit_test(an_end_told_weeks_later_has_no_grace_left),
        cmocka_unit_test(the_grace_is_fixed_when_near_support_first_ends),
        cmocka_unit_test(of_several_that_end_on_one_day_one_that_names_a_successor_is_enough),
        cmocka_unit_test(a_successor_who_is_no_member_or_the_same_organisation_gives_no_grace),
        cmocka_unit_test(a_new_consent_whose_supporters_are_on_their_way_waits_five_working_days),
        cmocka_unit_test(without_the_scope_fallback_the_last_supporters_have_the_turn),
        cmocka_unit_test(a_line_of_nobody_is_the_board_at_once),
        cmocka_unit_test(an_end_ahead_raises_gap_ahead_unless_another_stays_or_comes),
        cmocka_unit_test(gap_ahead_becomes_no_local_with_its_id_and_a_new_line),
        cmocka_unit_test(who_took_the_gap_and_stays_keeps_it_and_its_clock),
        cmocka_unit_test(a_question_is_missed_after_its_tenth_working_day_whatever_was_said),
        cmocka_unit_test(a_question_that_is_taken_or_taken_back_raises_nothing_and_ends_its_flag),
        cmocka_unit_test(who_refused_a_question_is_the_last_to_get_its_flag),
        cmocka_unit_test(without_fallbacks_near_supporters_get_the_question),
        cmocka_unit_test(supporters_and_fallbacks_hear_60_and_14_days_before_a_consent_ends_once),
        cmocka_unit_test(a_consent_for_two_months_is_not_said_to_end_when_it_is_given),
        cmocka_unit_test(a_consent_made_longer_is_told_of_again),
        cmocka_unit_test(however_much_happens_at_once_nothing_that_must_be_told_is_dropped),
        cmocka_unit_test(where_the_row_is_full_a_closed_flag_makes_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
