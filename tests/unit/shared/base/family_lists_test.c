#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/base/family_lists.h"
#include "tests/unit/shared/base/frozen.h"

ADAPT(purpose)
ADAPT(scope)
ADAPT(consent_state)
ADAPT(legal_ground)
ADAPT(interpreter)
ADAPT(withdrawal_basis)
ADAPT(support_kind)
ADAPT(support_distance)
ADAPT(support_state)
ADAPT(end_reason)
ADAPT(ask_state)
ADAPT(ask_reason)
ADAPT(flag_kind)
ADAPT(flag_state)
ADAPT(flag_action)
ADAPT(flag_reason)
ADAPT(concern_reason)
ADAPT(concern_urgency)
ADAPT(concern_by)
ADAPT(new_card_reason)
ADAPT(notice_kind)

/* A list's values are 1, 2, 3 ... without a hole, and all of them are frozen. */
static void hold(const struct frozen *frozen, text_function *text, parse_function *parse) {
    int count = 0;
    for (; frozen->text != NULL; frozen++) {
        count++;
        assert_int_equal(frozen->number, count);
        assert_string_equal(text(frozen->number), frozen->text);
        assert_int_equal(parse(frozen->text), frozen->number);
    }
    assert_null(text(0));
    assert_null(text(-1));
    for (int number = count + 1; number < 300; number++) {
        assert_null(text(number));
    }
    assert_int_equal(parse(""), 0);
    assert_int_equal(parse("none"), 0);
    assert_int_equal(parse("Support"), 0);
    assert_int_equal(parse("1"), 0);
}

static void what_a_family_agrees_to_keeps_its_numbers(void **state) {
    hold(
        (const struct frozen[]){
            {1, "support"}, {2, "conference"}, {3, "welcome"}, {4, "concern"}, {0, NULL}},
        purpose_text_of, purpose_number_of);
    hold((const struct frozen[]){{1, "presence"},
                                 {2, "lost-support"},
                                 {3, "concern"},
                                 {4, "fallback"},
                                 {5, "conference"},
                                 {6, "welcome"},
                                 {0, NULL}},
         scope_text_of, scope_number_of);
    hold((const struct frozen[]){{1, "given"},
                                 {2, "narrowed"},
                                 {3, "withdrawn"},
                                 {4, "expired"},
                                 {5, "superseded"},
                                 {0, NULL}},
         consent_state_text_of, consent_state_number_of);
    hold((const struct frozen[]){{1, "consent"},
                                 {2, "public-task"},
                                 {3, "legal-duty"},
                                 {4, "vital-interest"},
                                 {0, NULL}},
         legal_ground_text_of, legal_ground_number_of);
    hold((const struct frozen[]){{1, "not-needed"},
                                 {2, "phone"},
                                 {3, "video"},
                                 {4, "on-site"},
                                 {5, "colleague"},
                                 {6, "adult-chosen-by-family"},
                                 {7, "minor"},
                                 {0, NULL}},
         interpreter_text_of, interpreter_number_of);
    hold((const struct frozen[]){{1, "card"}, {2, "paper"}, {3, "new-card"}, {0, NULL}},
         withdrawal_basis_text_of, withdrawal_basis_number_of);
}

static void what_is_reported_and_asked_keeps_its_numbers(void **state) {
    hold((const struct frozen[]){{1, "professional"}, {2, "informal"}, {0, NULL}},
         support_kind_text_of, support_kind_number_of);
    hold((const struct frozen[]){{1, "near"}, {2, "distant"}, {0, NULL}}, support_distance_text_of,
         support_distance_number_of);
    hold((const struct frozen[]){{1, "active"}, {2, "ending"}, {3, "ended"}, {0, NULL}},
         support_state_text_of, support_state_number_of);
    hold((const struct frozen[]){{1, "moving"},
                                 {2, "finished"},
                                 {3, "capacity"},
                                 {4, "unreachable"},
                                 {5, "not-competent"},
                                 {6, "family-wish"},
                                 {7, "organisation-left"},
                                 {8, "other"},
                                 {0, NULL}},
         end_reason_text_of, end_reason_number_of);
    hold(
        (const struct frozen[]){
            {1, "open"}, {2, "taken"}, {3, "refused"}, {4, "passed-on"}, {5, "revoked"}, {0, NULL}},
        ask_state_text_of, ask_state_number_of);
    hold((const struct frozen[]){{1, "lack-of-capacity"},
                                 {2, "unable-to-contact"},
                                 {3, "family-declined"},
                                 {4, "not-competent"},
                                 {5, "no-right"},
                                 {6, "language"},
                                 {7, "other"},
                                 {0, NULL}},
         ask_reason_text_of, ask_reason_number_of);
}

static void what_is_raised_and_told_keeps_its_numbers(void **state) {
    hold((const struct frozen[]){{1, "gap-ahead"},
                                 {2, "no-local-professional"},
                                 {3, "asked-not-taken"},
                                 {4, "silent"},
                                 {5, "concern"},
                                 {6, "one-left"},
                                 {7, "node-quiet"},
                                 {8, "call-back"},
                                 {0, NULL}},
         flag_kind_text_of, flag_kind_number_of);
    hold(
        (const struct frozen[]){
            {1, "open"}, {2, "acknowledged"}, {3, "contacted"}, {4, "closed"}, {0, NULL}},
        flag_state_text_of, flag_state_number_of);
    hold(
        (const struct frozen[]){
            {1, "take"}, {2, "contacted"}, {3, "close"}, {4, "hand-back"}, {0, NULL}},
        flag_action_text_of, flag_action_number_of);
    hold((const struct frozen[]){{1, "supported"},
                                 {2, "helped"},
                                 {3, "not-wanted"},
                                 {4, "mistaken"},
                                 {5, "left-region"},
                                 {6, "consent-ended"},
                                 {7, "merged"},
                                 {0, NULL}},
         flag_reason_text_of, flag_reason_number_of);
    hold((const struct frozen[]){{1, "nobody-helps"},
                                 {2, "no-answer"},
                                 {3, "waiting-too-long"},
                                 {4, "language"},
                                 {5, "housing"},
                                 {6, "income"},
                                 {7, "health"},
                                 {8, "school"},
                                 {9, "papers"},
                                 {10, "alone"},
                                 {11, "other"},
                                 {0, NULL}},
         concern_reason_text_of, concern_reason_number_of);
    hold((const struct frozen[]){{1, "today"}, {2, "this-week"}, {3, "can-wait"}, {0, NULL}},
         concern_urgency_text_of, concern_urgency_number_of);
    hold((const struct frozen[]){{1, "family"}, {2, "volunteer"}, {3, "professional"}, {0, NULL}},
         concern_by_text_of, concern_by_number_of);
    hold(
        (const struct frozen[]){
            {1, "renewal"}, {2, "lost"}, {3, "wrong-hands"}, {4, "split"}, {0, NULL}},
        new_card_reason_text_of, new_card_reason_number_of);
    hold((const struct frozen[]){{1, "flag"},
                                 {2, "flag-over"},
                                 {3, "answer"},
                                 {4, "ending"},
                                 {5, "ask"},
                                 {6, "ask-news"},
                                 {7, "call-back"},
                                 {8, "called"},
                                 {9, "new-card"},
                                 {10, "support-over"},
                                 {0, NULL}},
         notice_kind_text_of, notice_kind_number_of);
}

/* Promise 9: no purpose is control, sanction or enforcement. Whoever adds one comes past here. */
static void the_purposes_are_four(void **state) {
    assert_string_equal(purpose_text(PURPOSE_SUPPORT), "support");
    assert_string_equal(purpose_text(PURPOSE_CONFERENCE), "conference");
    assert_string_equal(purpose_text(PURPOSE_WELCOME), "welcome");
    assert_string_equal(purpose_text(PURPOSE_CONCERN), "concern");
    assert_null(purpose_text((enum purpose)5));
    assert_int_equal(purpose_parse("control"), PURPOSE_NONE);
    assert_int_equal(purpose_parse("sanction"), PURPOSE_NONE);
    assert_int_equal(purpose_parse("enforcement"), PURPOSE_NONE);
    assert_int_equal(purpose_parse("research"), PURPOSE_NONE);
}

static void a_scope_travels_as_the_bit_of_its_number(void **state) {
    assert_int_equal(scope_bit(SCOPE_PRESENCE), 1);
    assert_int_equal(scope_bit(SCOPE_LOST_SUPPORT), 2);
    assert_int_equal(scope_bit(SCOPE_CONCERN), 4);
    assert_int_equal(scope_bit(SCOPE_FALLBACK), 8);
    assert_int_equal(scope_bit(SCOPE_CONFERENCE), 16);
    assert_int_equal(scope_bit(SCOPE_WELCOME), 32);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_family_agrees_to_keeps_its_numbers),
        cmocka_unit_test(what_is_reported_and_asked_keeps_its_numbers),
        cmocka_unit_test(what_is_raised_and_told_keeps_its_numbers),
        cmocka_unit_test(the_purposes_are_four),
        cmocka_unit_test(a_scope_travels_as_the_bit_of_its_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
