/* What the register says of a support's case, by itself: contacts, the end, a case that reopens. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "node/core/supports.h"

static const int32_t day_0 = 20000;

static struct own_support followed(void) {
    return (struct own_support){
        .exists = true,
        .follows_case = true,
        .said = {.number = 1, .state = SUPPORT_ACTIVE, .confirmed_day = day_0},
        .contact_day = day_0,
    };
}

static struct register_case seen_on(int32_t day) {
    return (struct register_case){.asked_day = day_0 - 30,
                                  .first_appointment_day = day_0 - 20,
                                  .last_contact_day = day,
                                  .closed_day = REGISTER_DAY_NONE};
}

static void a_newer_contact_is_told_only_when_the_told_one_is_28_days_old(void **state) {
    struct own_support own = followed();
    struct register_case one = seen_on(day_0 + 20);
    (void)state;
    struct support_step step = support_follow(&own, &one, day_0 + 27);
    assert_true(step.changed);
    assert_false(step.say);
    assert_int_equal(own.contact_day, day_0 + 20);
    assert_int_equal(own.said.confirmed_day, day_0);
    step = support_follow(&own, &one, day_0 + 28);
    assert_true(step.say);
    assert_int_equal(own.said.confirmed_day, day_0 + 20);
    assert_int_equal(own.said.number, 2);
    step = support_follow(&own, &one, day_0 + 29);
    assert_false(step.changed);
}

/* 42 days make it silent: what comes later is told at once. */
static void a_contact_after_a_silence_is_told_at_once(void **state) {
    struct own_support own = followed();
    struct register_case one = seen_on(day_0 + 60);
    (void)state;
    assert_true(support_follow(&own, &one, day_0 + 60).say);
    assert_int_equal(own.said.confirmed_day, day_0 + 60);
}

static void a_contact_that_lies_in_the_future_is_none_yet(void **state) {
    struct own_support own = followed();
    struct register_case one = seen_on(day_0 + 60);
    (void)state;
    assert_false(support_follow(&own, &one, day_0 + 40).changed);
    assert_int_equal(own.contact_day, day_0);
    one.first_appointment_day = day_0 + 35; /* a contact too */
    assert_true(support_follow(&own, &one, day_0 + 40).say);
    assert_int_equal(own.said.confirmed_day, day_0 + 35);
}

static void a_closed_case_ends_the_support_with_its_day_and_reason(void **state) {
    static const struct {
        enum close_reason closed;
        enum end_reason end;
    } reasons[] = {
        {CLOSE_REASON_NONE, END_OTHER},
        {CLOSE_REASON_FINISHED, END_FINISHED},
        {CLOSE_REASON_MOVED, END_MOVING},
        {CLOSE_REASON_ELSEWHERE, END_OTHER},
        {CLOSE_REASON_UNREACHABLE, END_UNREACHABLE},
        {CLOSE_REASON_REFUSED, END_FAMILY_WISH},
        {CLOSE_REASON_NOT_COMPETENT, END_NOT_COMPETENT},
        {CLOSE_REASON_OTHER, END_OTHER},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        struct own_support own = followed();
        struct register_case one = seen_on(day_0 + 3);
        one.closed_day = day_0 + 5;
        one.close_reason = reasons[i].closed;
        assert_false(support_follow(&own, &one, day_0 + 4).say); /* not closed yet */
        assert_true(support_follow(&own, &one, day_0 + 9).say);
        assert_int_equal(own.said.state, SUPPORT_ENDED);
        assert_int_equal(own.said.why, reasons[i].end);
        assert_int_equal(own.said.end_day, day_0 + 5);
        assert_int_equal(own.said.confirmed_day, day_0 + 3);
        assert_int_equal(own.said.number, 2);
        assert_false(support_follow(&own, &one, day_0 + 10).changed);
    }
}

static void a_closed_case_keeps_what_people_said_of_the_end(void **state) {
    struct own_support own = followed();
    struct register_case one = seen_on(day_0);
    (void)state;
    own.said.state = SUPPORT_ENDING;
    own.said.why = END_MOVING;
    own.said.end_day = day_0 + 30;
    own.said.moving_to.code = 44021;
    one.closed_day = day_0 + 28;
    one.close_reason = CLOSE_REASON_MOVED;
    assert_true(support_follow(&own, &one, day_0 + 28).say);
    assert_int_equal(own.said.state, SUPPORT_ENDED);
    assert_int_equal(own.said.moving_to.code, 44021);
    assert_int_equal(own.said.end_day, day_0 + 28);
}

static void a_reopened_case_starts_it_again_with_the_contact_that_is_known(void **state) {
    struct own_support own = followed();
    struct register_case one = seen_on(day_0 + 3);
    (void)state;
    one.closed_day = day_0 + 5;
    one.close_reason = CLOSE_REASON_FINISHED;
    assert_true(support_follow(&own, &one, day_0 + 6).say);
    one.closed_day = REGISTER_DAY_NONE;
    assert_true(support_follow(&own, &one, day_0 + 12).say);
    assert_int_equal(own.said.state, SUPPORT_ACTIVE);
    assert_int_equal(own.said.why, END_REASON_NONE);
    assert_int_equal(own.said.end_day, 0);
    assert_int_equal(own.said.confirmed_day, day_0 + 3);
    assert_int_equal(own.said.number, 3);
}

static void a_vanished_case_changes_nothing(void **state) {
    struct own_support own = followed();
    struct own_support before = own;
    (void)state;
    assert_false(support_follow(&own, NULL, day_0 + 100).changed);
    assert_memory_equal(&own, &before, sizeof(own));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_newer_contact_is_told_only_when_the_told_one_is_28_days_old),
        cmocka_unit_test(a_contact_after_a_silence_is_told_at_once),
        cmocka_unit_test(a_contact_that_lies_in_the_future_is_none_yet),
        cmocka_unit_test(a_closed_case_ends_the_support_with_its_day_and_reason),
        cmocka_unit_test(a_closed_case_keeps_what_people_said_of_the_end),
        cmocka_unit_test(a_reopened_case_starts_it_again_with_the_contact_that_is_known),
        cmocka_unit_test(a_vanished_case_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
