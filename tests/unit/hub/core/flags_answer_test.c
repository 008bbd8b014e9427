#include "tests/unit/hub/core/flags_world.h"

/* What people do with a flag, and concerns. */

#define NEAR_PRO SUPPORT_PROFESSIONAL, SUPPORT_NEAR

static struct stage *nobody_near(void) {
    struct stage *stage = stage_new("2026-11-23");
    stage_support(stage, "buddies", SUPPORT_INFORMAL, SUPPORT_DISTANT);
    stage_support(stage, "far", SUPPORT_PROFESSIONAL, SUPPORT_DISTANT);
    stage_judge(stage);
    return stage;
}

static enum refusal raise_concern(struct stage *stage, const char *org, uint8_t id) {
    return stage_concern(stage, org, CONCERN_BY_VOLUNTEER, CONCERN_ALONE, CONCERN_THIS_WEEK, id);
}

static void take_contact_and_close_end_a_flag_and_count_its_days(void **state) {
    struct stage *stage = nobody_near();
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    uint32_t days = 0;
    stage_on(stage, "2026-11-25");
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_TAKE), REFUSAL_NONE);
    assert_int_equal(stage_counted(stage, COUNT_FLAG_ACKNOWLEDGED, &days), 1);
    assert_int_equal(days, 2);
    stage_on(stage, "2026-11-30");
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_CONTACT), REFUSAL_NONE);
    assert_int_equal(stage_counted(stage, COUNT_FLAG_CONTACTED, &days), 1);
    assert_int_equal(days, 7);
    assert_int_equal(stage_close(stage, "agii", FLAG_NO_LOCAL, FLAG_REASON_HELPED), REFUSAL_NONE);
    assert_int_equal(flag->state, FLAG_CLOSED);
    assert_int_equal(stage_counted(stage, COUNT_FLAG_CLOSED, NULL), 1);
    assert_int_equal(stage_told(stage, "buddies", NOTICE_FLAG_OVER), 1); /* who was told of it */
    assert_org(&stage_notice(stage, "far", NOTICE_FLAG_OVER)->by, "agii");
    assert_int_equal(stage_told(stage, "caw", NOTICE_FLAG_OVER), 0); /* it never was */
    test_free(stage);
}

static void an_answer_by_a_clock_that_was_set_back_counts_as_no_day(void **state) {
    struct stage *stage = stage_new("2026-11-24");
    stage_judge(stage);
    stage_date(stage, "2026-11-23");
    uint32_t days = 1;
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_CONTACT), REFUSAL_NONE);
    assert_int_equal(stage_counted(stage, COUNT_FLAG_ACKNOWLEDGED, &days), 1);
    assert_int_equal(days, 0);
    assert_int_equal(stage_counted(stage, COUNT_FLAG_CONTACTED, &days), 1);
    assert_int_equal(days, 0);
    test_free(stage);
}

static void who_was_never_told_of_a_flag_cannot_answer_it(void **state) {
    struct stage *stage = nobody_near();
    const struct flag_answer unknown = {.flag = id_of(77), .action = FLAG_TAKE};
    const struct org_id agii = org_of("agii");
    const struct family before = stage->family;
    assert_int_equal(stage_answer(stage, "stranger", FLAG_NO_LOCAL, FLAG_TAKE), REFUSAL_NOT_YOURS);
    assert_int_equal(stage_answer(stage, "caw", FLAG_NO_LOCAL, FLAG_TAKE), REFUSAL_NOT_YOURS);
    assert_int_equal(flags_answer(&stage->family, &stage->world, &agii, &unknown, &stage->effects),
                     REFUSAL_NOT_FOUND);
    assert_memory_equal(&stage->family, &before, sizeof(before)); /* a refusal changes nothing */
    assert_int_equal(stage->effects.notice_count, 0);
    stage_daily(stage, "2026-11-27");
    assert_int_equal(stage_answer(stage, "caw", FLAG_NO_LOCAL, FLAG_TAKE), REFUSAL_NONE);
    test_free(stage);
}

static void a_buddy_cannot_silence_the_alarm_that_only_a_buddy_is_there(void **state) {
    struct stage *stage = nobody_near();
    assert_int_equal(stage_answer(stage, "buddies", FLAG_NO_LOCAL, FLAG_TAKE), REFUSAL_NOT_YOURS);
    assert_int_equal(stage_answer(stage, "buddies", FLAG_NO_LOCAL, FLAG_CONTACT),
                     REFUSAL_NOT_YOURS);
    assert_int_equal(stage_answer(stage, "far", FLAG_NO_LOCAL, FLAG_TAKE), REFUSAL_NONE);
    assert_int_equal(raise_concern(stage, "school", 1), REFUSAL_NONE);
    assert_int_equal(stage_answer(stage, "buddies", FLAG_CONCERN, FLAG_TAKE), REFUSAL_NONE);
    test_free(stage);
}

static void a_supporter_who_takes_it_relieves_whose_turn_it_is(void **state) {
    struct stage *stage = nobody_near();
    assert_int_equal(stage_answer(stage, "far", FLAG_NO_LOCAL, FLAG_TAKE), REFUSAL_NONE);
    assert_org(&stage_notice(stage, "agii", NOTICE_FLAG_OVER)->by, "far");
    assert_true(stage_notice(stage, "far", NOTICE_FLAG)->yours);
    assert_false(stage_notice(stage, "far", NOTICE_FLAG)->with_contact);
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_TAKE), REFUSAL_NOT_YOURS);
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_CONTACT), REFUSAL_NOT_YOURS);
    stage_daily(stage, "2026-12-07");
    assert_org(&stage_flag(stage, FLAG_NO_LOCAL)->taken_by, "far");
    stage_on(stage, "2026-12-08"); /* and calls nobody */
    assert_turn(stage_flag(stage, FLAG_NO_LOCAL), "caw", "2026-12-11", "2026-12-22");
    test_free(stage);
}

static void closing_takes_who_has_it_and_spoke_with_the_family(void **state) {
    struct stage *stage = nobody_near();
    assert_int_equal(stage_close(stage, "agii", FLAG_NO_LOCAL, FLAG_REASON_HELPED),
                     REFUSAL_NOT_YOURS);
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_TAKE), REFUSAL_NONE);
    assert_int_equal(stage_close(stage, "agii", FLAG_NO_LOCAL, FLAG_REASON_HELPED),
                     REFUSAL_NOT_CONTACTED);
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_CONTACT), REFUSAL_NONE);
    assert_int_equal(stage_close(stage, "far", FLAG_NO_LOCAL, FLAG_REASON_HELPED),
                     REFUSAL_NOT_YOURS);
    static const enum flag_reason never[] = {FLAG_REASON_NONE, FLAG_REASON_CONSENT_ENDED,
                                             FLAG_REASON_MERGED};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(stage_close(stage, "agii", FLAG_NO_LOCAL, never[i]), REFUSAL_NOT_ALLOWED);
    }
    assert_int_equal(stage_close(stage, "agii", FLAG_NO_LOCAL, FLAG_REASON_NOT_WANTED),
                     REFUSAL_NONE);
    test_free(stage);
}

static void contacted_also_takes_and_twice_is_a_wrong_move(void **state) {
    struct stage *stage = nobody_near();
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_CONTACT), REFUSAL_NONE);
    assert_int_equal(stage_counted(stage, COUNT_FLAG_ACKNOWLEDGED, NULL), 1);
    assert_int_equal(stage_counted(stage, COUNT_FLAG_CONTACTED, NULL), 1);
    assert_org(&flag->taken_by, "agii");
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_CONTACT), REFUSAL_WRONG_MOVE);
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_TAKE), REFUSAL_NONE);
    assert_int_equal(flag->state, FLAG_CONTACTED); /* taken once is enough */
    assert_int_equal(stage->effects.notice_count, 0);
    test_free(stage);
}

static void a_closed_flag_is_answered_no_more(void **state) {
    struct stage *stage = nobody_near();
    const struct message_id id = stage_flag(stage, FLAG_NO_LOCAL)->id;
    const struct org_id agii = org_of("agii");
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_CONTACT), REFUSAL_NONE);
    assert_int_equal(stage_close(stage, "agii", FLAG_NO_LOCAL, FLAG_REASON_HELPED), REFUSAL_NONE);
    for (enum flag_action action = FLAG_TAKE; action <= FLAG_HAND_BACK; action++) {
        assert_int_equal(flags_answer(&stage->family, &stage->world, &agii,
                                      &(struct flag_answer){.flag = id, .action = action},
                                      &stage->effects),
                         REFUSAL_WRONG_MOVE);
    }
    test_free(stage);
}

static void handing_back_gives_the_next_its_turn(void **state) {
    struct stage *stage = nobody_near();
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_int_equal(stage_answer(stage, "far", FLAG_NO_LOCAL, FLAG_HAND_BACK), REFUSAL_NOT_YOURS);
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_TAKE), REFUSAL_NONE);
    stage_on(stage, "2026-11-24");
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_HAND_BACK), REFUSAL_NONE);
    assert_turn(flag, "caw", "2026-11-27", "2026-12-08");
    assert_int_equal(stage_told(stage, "agii", NOTICE_FLAG_OVER), 1);
    assert_int_equal(stage_answer(stage, "caw", FLAG_NO_LOCAL, FLAG_HAND_BACK), REFUSAL_NONE);
    assert_on_board(flag);
    assert_int_equal(stage_counted(stage, COUNT_FLAG_ESCALATED, NULL), 1);
    /* from the board anybody who was told may still take it */
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_CONTACT), REFUSAL_NONE);
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_HAND_BACK), REFUSAL_NONE);
    assert_on_board(flag);
    assert_int_equal(flag->state, FLAG_OPEN);
    assert_int_equal(stage_counted(stage, COUNT_FLAG_ESCALATED, NULL), 0);
    test_free(stage);
}

/* ---- closed, and what then ---- */

static void closed_as_not_wanted_it_stays_closed_until_it_was_over_once(void **state) {
    struct stage *stage = nobody_near();
    const struct message_id id = stage_flag(stage, FLAG_NO_LOCAL)->id;
    assert_int_equal(stage_answer(stage, "agii", FLAG_NO_LOCAL, FLAG_CONTACT), REFUSAL_NONE);
    assert_int_equal(stage_close(stage, "agii", FLAG_NO_LOCAL, FLAG_REASON_NOT_WANTED),
                     REFUSAL_NONE);
    assert_false(stage->family.flags[0].cured);
    stage_daily(stage, "2026-12-10");
    assert_int_equal(stage_open_flags(stage), 0);
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_judge(stage);
    assert_true(stage->family.flags[0].cured);
    stage_date(stage, "2026-12-21"); /* 28 days after it was closed */
    stage_ended(stage, "ocmw", "2026-12-21", "");
    stage_judge(stage);
    const struct family_flag *flag = stage_flag(stage, FLAG_NO_LOCAL);
    assert_non_null(flag);
    assert_true(message_id_equal(&flag->id, &id));
    assert_int_equal(flag->reopened, 1);
    assert_day(flag->opened_day, "2026-12-21");
    assert_int_equal(flag->state, FLAG_OPEN);
    assert_int_equal(flag->contacted_day, FAMILY_DAY_NONE);
    test_free(stage);
}

static void after_28_days_the_same_thing_is_a_new_flag(void **state) {
    struct stage *stage = nobody_near();
    const struct message_id id = stage_flag(stage, FLAG_NO_LOCAL)->id;
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_judge(stage); /* closed on 23 November, by itself */
    stage_date(stage, "2026-12-22");
    stage_ended(stage, "ocmw", "2026-12-22", "");
    stage_judge(stage);
    assert_false(message_id_equal(&stage_flag(stage, FLAG_NO_LOCAL)->id, &id));
    assert_int_equal(stage_flag(stage, FLAG_NO_LOCAL)->reopened, 0);
    test_free(stage);
}

static void a_question_closed_by_hand_stays_closed_though_nobody_takes_it(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_ask(stage, "ocmw", "dmw", 4);
    stage_daily(stage, "2026-12-08"); /* 10 working days after 23 November: 7 December */
    assert_int_equal(stage_answer(stage, "agii", FLAG_ASKED_NOT_TAKEN, FLAG_CONTACT), REFUSAL_NONE);
    assert_int_equal(stage_close(stage, "agii", FLAG_ASKED_NOT_TAKEN, FLAG_REASON_LEFT),
                     REFUSAL_NONE);
    stage_daily(stage, "2026-12-31");
    assert_int_equal(stage->family.flag_count, 1);
    assert_int_equal(stage_open_flags(stage), 0);
    test_free(stage);
}

/* ---- concerns ---- */

static void who_raised_a_concern_hears_whose_turn_it_is_and_what_became_of_it(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_judge(stage);
    assert_int_equal(raise_concern(stage, "school", 1), REFUSAL_NONE);
    const struct family_notice *said = stage_notice(stage, "school", NOTICE_ANSWER);
    assert_org(&said->by, "ocmw");
    assert_true(message_id_equal(&said->about, &(struct message_id){.bytes = {1}}));
    assert_int_equal(stage_answer(stage, "ocmw", FLAG_CONCERN, FLAG_TAKE), REFUSAL_NONE);
    assert_int_equal(stage_told(stage, "school", NOTICE_ANSWER), 1);
    assert_int_equal(stage_answer(stage, "ocmw", FLAG_CONCERN, FLAG_CONTACT), REFUSAL_NONE);
    assert_int_equal(stage_told(stage, "school", NOTICE_ANSWER), 1);
    assert_int_equal(stage_close(stage, "ocmw", FLAG_CONCERN, FLAG_REASON_HELPED), REFUSAL_NONE);
    assert_org(&stage_notice(stage, "school", NOTICE_ANSWER)->by, "ocmw");
    test_free(stage);
}

static void concerns_merge_and_the_more_urgent_stands(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_judge(stage);
    assert_int_equal(raise_concern(stage, "school", 1), REFUSAL_NONE);
    assert_int_equal(
        stage_concern(stage, "buddies", CONCERN_BY_VOLUNTEER, CONCERN_HOUSING, CONCERN_CAN_WAIT, 2),
        REFUSAL_NONE);
    assert_int_equal(stage_told(stage, "buddies", NOTICE_ANSWER), 1);
    assert_int_equal(stage_told(stage, "school", NOTICE_ANSWER), 0); /* knows it already */
    const struct family_flag *flag = stage_flag(stage, FLAG_CONCERN);
    assert_int_equal(flag->raiser_count, 2);
    assert_int_equal(flag->concern, CONCERN_ALONE);
    assert_int_equal(flag->urgency, CONCERN_THIS_WEEK);
    assert_int_equal(stage_told(stage, "ocmw", NOTICE_FLAG), 0);
    assert_int_equal(
        stage_concern(stage, "clinic", CONCERN_BY_PROFESSIONAL, CONCERN_HEALTH, CONCERN_TODAY, 3),
        REFUSAL_NONE);
    assert_int_equal(flag->concern, CONCERN_HEALTH);
    assert_int_equal(flag->urgency, CONCERN_TODAY);
    assert_int_equal(stage_told(stage, "ocmw", NOTICE_FLAG), 1);
    assert_int_equal(stage_told(stage, "school", NOTICE_ANSWER), 1);
    assert_int_equal(stage_told(stage, "buddies", NOTICE_ANSWER), 1);
    assert_int_equal(stage->family.flag_count, 1);
    assert_int_equal(stage_counted(stage, COUNT_CONCERN, NULL), 1); /* each is counted */
    assert_int_equal(raise_concern(stage, "school", 1), REFUSAL_EXISTS);
    assert_int_equal(flag->raiser_count, 3);
    test_free(stage);
}

/* Monday; 28 and 29 November are a weekend. */
static void a_concern_for_today_has_sooner_clocks_in_each_turn(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_on(stage, "2026-11-27");
    assert_int_equal(
        stage_concern(stage, "school", CONCERN_BY_VOLUNTEER, CONCERN_SCHOOL, CONCERN_TODAY, 1),
        REFUSAL_NONE);
    const struct family_flag *flag = stage_flag(stage, FLAG_CONCERN);
    assert_turn(flag, "ocmw", "2026-11-30", "2026-12-02");
    stage_daily(stage, "2026-11-30");
    assert_turn(flag, "ocmw", "2026-11-30", "2026-12-02");
    stage_on(stage, "2026-12-01");
    assert_turn(flag, "agii", "2026-12-02", "2026-12-04");
    assert_int_equal(stage_answer(stage, "agii", FLAG_CONCERN, FLAG_TAKE), REFUSAL_NONE);
    stage_daily(stage, "2026-12-04");
    assert_org(&flag->taken_by, "agii");
    stage_daily(stage, "2026-12-07"); /* its turn began on Saturday */
    assert_turn(flag, "caw", "2026-12-07", "2026-12-09");
    stage_on(stage, "2026-12-08");
    assert_on_board(flag);
    test_free(stage);
}

static void a_merged_concern_for_today_hastens_the_clocks_and_never_slows_them(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_judge(stage);
    assert_int_equal(raise_concern(stage, "school", 1), REFUSAL_NONE);
    const struct family_flag *flag = stage_flag(stage, FLAG_CONCERN);
    assert_turn(flag, "ocmw", "2026-11-26", "2026-12-07");
    stage_on(stage, "2026-11-24");
    assert_int_equal(
        stage_concern(stage, "clinic", CONCERN_BY_PROFESSIONAL, CONCERN_HEALTH, CONCERN_TODAY, 2),
        REFUSAL_NONE);
    assert_turn(flag, "ocmw", "2026-11-25", "2026-11-27");
    assert_int_equal(stage_told(stage, "ocmw", NOTICE_FLAG), 1);
    stage_on(stage, "2026-11-25");
    assert_int_equal(
        stage_concern(stage, "buddies", CONCERN_BY_VOLUNTEER, CONCERN_HOUSING, CONCERN_TODAY, 3),
        REFUSAL_NONE);
    assert_int_equal(raise_concern(stage, "school", 4), REFUSAL_NONE);
    assert_turn(flag, "ocmw", "2026-11-25", "2026-11-27");
    assert_int_equal(stage_answer(stage, "ocmw", FLAG_CONCERN, FLAG_TAKE), REFUSAL_NONE);
    stage_daily(stage, "2026-11-27");
    assert_org(&flag->taken_by, "ocmw");
    stage_on(stage, "2026-11-30");
    assert_turn(flag, "agii", "2026-12-01", "2026-12-03");
    test_free(stage);
}

static void a_concern_that_was_taken_keeps_a_clock_that_is_sooner(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_judge(stage);
    assert_int_equal(raise_concern(stage, "school", 1), REFUSAL_NONE);
    const struct family_flag *flag = stage_flag(stage, FLAG_CONCERN);
    assert_int_equal(stage_answer(stage, "ocmw", FLAG_CONCERN, FLAG_TAKE), REFUSAL_NONE);
    stage_daily(stage, "2026-12-04");
    assert_int_equal(
        stage_concern(stage, "clinic", CONCERN_BY_PROFESSIONAL, CONCERN_HEALTH, CONCERN_TODAY, 2),
        REFUSAL_NONE);
    stage_daily(stage, "2026-12-07");
    assert_org(&flag->taken_by, "ocmw"); /* the 10th working day after 23 November */
    stage_on(stage, "2026-12-08");
    assert_turn(flag, "agii", "2026-12-09", "2026-12-11");
    stage_daily(stage, "2026-12-31");
    assert_on_board(flag);
    assert_int_equal(
        stage_concern(stage, "clinic", CONCERN_BY_PROFESSIONAL, CONCERN_HEALTH, CONCERN_TODAY, 3),
        REFUSAL_NONE);
    assert_on_board(flag); /* it has no clock */
    test_free(stage);
}

static void a_merged_concern_counts_each_of_its_reasons(void **state) {
    static const enum concern_reason reasons[] = {CONCERN_ALONE, CONCERN_HOUSING, CONCERN_ALONE};
    struct stage *stage = stage_new("2026-11-23");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_judge(stage);
    for (uint8_t i = 0; i < 3; i++) {
        assert_int_equal(stage_concern(stage, "school", CONCERN_BY_VOLUNTEER, reasons[i],
                                       CONCERN_CAN_WAIT, (uint8_t)(i + 1)),
                         REFUSAL_NONE);
        assert_int_equal(stage_counted(stage, COUNT_CONCERN, NULL), 1);
        for (size_t k = 0; k < stage->effects.count_count; k++) {
            const struct family_count *count = &stage->effects.counts[k];
            assert_true(count->kind != COUNT_CONCERN || count->which == reasons[i]);
        }
    }
    assert_int_equal(stage->family.flag_count, 1);
    test_free(stage);
}

static void a_concern_goes_to_near_supporters_with_the_latest_contact_first(void **state) {
    struct stage *stage = stage_new("2026-11-16");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_date(stage, "2026-11-20");
    stage_support(stage, "dmw", NEAR_PRO);
    stage_support(stage, "buddies", SUPPORT_INFORMAL, SUPPORT_NEAR);
    stage_on(stage, "2026-11-23");
    assert_int_equal(raise_concern(stage, "school", 1), REFUSAL_NONE);
    const struct family_flag *flag = stage_flag(stage, FLAG_CONCERN);
    static const char *const line[] = {"dmw", "ocmw", "agii", "caw"};
    assert_int_equal(flag->line_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_org(&flag->line[i], line[i]);
    }
    test_free(stage);
}

static void who_raises_a_concern_in_its_own_name_is_the_last_to_get_it(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_judge(stage);
    assert_int_equal(raise_concern(stage, "ocmw", 1), REFUSAL_NONE);
    assert_org(&stage_flag(stage, FLAG_CONCERN)->line[0], "agii");
    assert_org(&stage_flag(stage, FLAG_CONCERN)->line[2], "ocmw");
    test_free(stage);

    stage = stage_new("2026-11-23"); /* the family, at that organisation's page */
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_judge(stage);
    assert_int_equal(
        stage_concern(stage, "ocmw", CONCERN_BY_FAMILY, CONCERN_NOBODY_HELPS, CONCERN_TODAY, 1),
        REFUSAL_NONE);
    assert_org(&stage_flag(stage, FLAG_CONCERN)->line[0], "ocmw");
    test_free(stage);
}

static void a_concern_never_ends_by_itself_but_for_its_scope(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_judge(stage);
    assert_int_equal(raise_concern(stage, "school", 1), REFUSAL_NONE);
    stage_daily(stage, "2026-12-31");
    const struct family_flag *flag = stage_flag(stage, FLAG_CONCERN);
    assert_on_board(flag);
    stage_without(stage, SCOPE_CONCERN);
    stage_judge(stage);
    assert_int_equal(flag->reason, FLAG_REASON_CONSENT_ENDED);
    assert_int_equal(stage_told(stage, "school", NOTICE_ANSWER), 1);
    assert_int_equal(
        stage_concern(stage, "ocmw", CONCERN_BY_FAMILY, CONCERN_INCOME, CONCERN_TODAY, 2),
        REFUSAL_NONE);
    stage_judge(stage);
    assert_non_null(stage_flag(stage, FLAG_CONCERN)); /* the family's own needs none */
    test_free(stage);
}

static void the_same_reason_within_28_days_reopens_a_concern_and_another_is_new(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_support(stage, "ocmw", NEAR_PRO);
    stage_judge(stage);
    assert_int_equal(raise_concern(stage, "school", 1), REFUSAL_NONE);
    const struct message_id id = stage_flag(stage, FLAG_CONCERN)->id;
    assert_int_equal(stage_answer(stage, "ocmw", FLAG_CONCERN, FLAG_CONTACT), REFUSAL_NONE);
    assert_int_equal(stage_close(stage, "ocmw", FLAG_CONCERN, FLAG_REASON_HELPED), REFUSAL_NONE);
    stage_on(stage, "2026-12-01");
    assert_int_equal(raise_concern(stage, "buddies", 2), REFUSAL_NONE);
    struct family_flag *flag = stage_flag(stage, FLAG_CONCERN);
    assert_true(message_id_equal(&flag->id, &id));
    assert_int_equal(flag->raiser_count, 1);
    assert_org(&flag->raisers[0].org, "buddies");
    assert_int_equal(stage_answer(stage, "ocmw", FLAG_CONCERN, FLAG_CONTACT), REFUSAL_NONE);
    assert_int_equal(stage_close(stage, "ocmw", FLAG_CONCERN, FLAG_REASON_HELPED), REFUSAL_NONE);
    assert_int_equal(
        stage_concern(stage, "buddies", CONCERN_BY_VOLUNTEER, CONCERN_PAPERS, CONCERN_CAN_WAIT, 3),
        REFUSAL_NONE);
    assert_false(message_id_equal(&stage_flag(stage, FLAG_CONCERN)->id, &id));
    test_free(stage);
}

static void a_ninth_raiser_takes_the_place_of_its_own_earlier_word(void **state) {
    struct stage *stage = stage_new("2026-11-23");
    stage_judge(stage);
    assert_int_equal(raise_concern(stage, "school", 1), REFUSAL_NONE);
    for (uint8_t i = 2; i <= FLAG_RAISERS_MAX; i++) {
        assert_int_equal(raise_concern(stage, "buddies", i), REFUSAL_NONE);
    }
    assert_int_equal(raise_concern(stage, "school", 20), REFUSAL_NONE);
    const struct family_flag *flag = stage_flag(stage, FLAG_CONCERN);
    assert_int_equal(flag->raiser_count, FLAG_RAISERS_MAX);
    assert_int_equal(flag->raisers[0].about.bytes[0], 20);
    assert_int_equal(raise_concern(stage, "clinic", 21), REFUSAL_NONE);
    assert_org(&flag->raisers[FLAG_RAISERS_MAX - 1].org, "clinic");
    test_free(stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(take_contact_and_close_end_a_flag_and_count_its_days),
        cmocka_unit_test(an_answer_by_a_clock_that_was_set_back_counts_as_no_day),
        cmocka_unit_test(who_was_never_told_of_a_flag_cannot_answer_it),
        cmocka_unit_test(a_buddy_cannot_silence_the_alarm_that_only_a_buddy_is_there),
        cmocka_unit_test(a_supporter_who_takes_it_relieves_whose_turn_it_is),
        cmocka_unit_test(closing_takes_who_has_it_and_spoke_with_the_family),
        cmocka_unit_test(contacted_also_takes_and_twice_is_a_wrong_move),
        cmocka_unit_test(a_closed_flag_is_answered_no_more),
        cmocka_unit_test(handing_back_gives_the_next_its_turn),
        cmocka_unit_test(closed_as_not_wanted_it_stays_closed_until_it_was_over_once),
        cmocka_unit_test(after_28_days_the_same_thing_is_a_new_flag),
        cmocka_unit_test(a_question_closed_by_hand_stays_closed_though_nobody_takes_it),
        cmocka_unit_test(who_raised_a_concern_hears_whose_turn_it_is_and_what_became_of_it),
        cmocka_unit_test(concerns_merge_and_the_more_urgent_stands),
        cmocka_unit_test(a_concern_for_today_has_sooner_clocks_in_each_turn),
        cmocka_unit_test(a_merged_concern_for_today_hastens_the_clocks_and_never_slows_them),
        cmocka_unit_test(a_concern_that_was_taken_keeps_a_clock_that_is_sooner),
        cmocka_unit_test(a_merged_concern_counts_each_of_its_reasons),
        cmocka_unit_test(a_concern_goes_to_near_supporters_with_the_latest_contact_first),
        cmocka_unit_test(who_raises_a_concern_in_its_own_name_is_the_last_to_get_it),
        cmocka_unit_test(a_concern_never_ends_by_itself_but_for_its_scope),
        cmocka_unit_test(the_same_reason_within_28_days_reopens_a_concern_and_another_is_new),
        cmocka_unit_test(a_ninth_raiser_takes_the_place_of_its_own_earlier_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
