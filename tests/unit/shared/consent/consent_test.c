#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/base/civil.h"
#include "shared/consent/consent.h"

enum {
    PRESENCE = 1 << 0,
    LOST_SUPPORT = 1 << 1,
    CONCERN = 1 << 2,
    FALLBACK = 1 << 3,
    CONFERENCE = 1 << 4,
    WELCOME = 1 << 5,
    EVERYTHING = (1 << 6) - 1,
};

/* Rows and columns: none, given, narrowed, withdrawn, expired, superseded (DESIGN 5; a handle
 * doesn't outlive its consent, so nothing leads out of the last three). */
static void a_consent_moves_only_as_the_diagram_has_it(void **state) {
    static const char *const expected[] = {
        "-g----", "-gnwes", "-gnwes", "------", "------", "------",
    };
    for (int from = 0; from < 6; from++) {
        for (int to = 0; to < 6; to++) {
            assert_int_equal(consent_move_allowed((enum consent_state)from, (enum consent_state)to),
                             expected[from][to] != '-');
        }
    }
    assert_false(consent_move_allowed((enum consent_state)6, CONSENT_GIVEN));
    assert_false(consent_move_allowed(CONSENT_GIVEN, (enum consent_state)6));
    assert_false(consent_move_allowed((enum consent_state) - 1, CONSENT_GIVEN));
}

/* ---- months: days and instants by Python's datetime and zoneinfo ---- */

static void months_are_counted_from_january_1970(void **state) {
    static const struct {
        int32_t day;
        uint32_t month;
        int32_t first_day;
    } cases[] = {
        {0, 0, 0},           /* 1970-01-01 */
        {20484, 672, 20454}, /* 2026-01-31 */
        {21243, 697, 21215}, /* 2028-02-29 */
        {20818, 683, 20788}, /* 2026-12-31 */
        {20819, 684, 20819}, /* 2027-01-01 */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(month_of_day(cases[i].day), cases[i].month);
        assert_int_equal(month_first_day(cases[i].month), cases[i].first_day);
    }
    for (uint32_t month = 0; month < 12 * 230; month++) {
        assert_int_equal(month_of_day(month_first_day(month)), month);
        assert_int_equal(month_of_day(month_first_day(month + 1) - 1), month);
    }
}

static void a_month_from_outside_never_overflows(void **state) {
    assert_int_equal(month_of_day(-1), 0);
    assert_int_equal(month_of_day(INT32_MIN), 0);
    const int32_t last = day_from_date((struct date){.year = 2200, .month = 12, .day = 1});
    assert_int_equal(month_first_day(UINT32_MAX), last);
    assert_int_equal(month_first_day(230 * 12 + 12), last);
    assert_int_equal(month_first_day(230 * 12 + 11), last);
    assert_true(instant_valid(consent_end_ms(UINT32_MAX)));
}

static void a_consent_ends_at_midnight_in_brussels(void **state) {
    assert_true(consent_end_ms(683) == 1796079600000); /* December 2026: winter time */
    assert_true(consent_end_ms(686) == 1803855600000); /* March 2027: winter time */
    assert_true(consent_end_ms(687) == 1806530400000); /* April 2027: summer time */
    assert_true(consent_end_ms(682) == 1793487600000); /* November 2026: after the clock's change */
}

/* The day twelve months on is in the month that the consent may last to the beginning of: 31
 * January 2026 to 31 January 2027, 29 February 2028 to 28 February or 1 March 2029. */
static void a_consent_lasts_twelve_months_at_most(void **state) {
    assert_int_equal(consent_end_month_max(20484), 684);
    assert_int_equal(consent_end_month_max(21243), 709);
    assert_int_equal(consent_end_month_max(20818), 695);
    assert_int_equal(consent_end_month_max(20819), 696);
}

static void no_longest_consent_passes_its_day_a_year_on(void **state) {
    for (int32_t day = 20454; day < 20454 + 366 * 9; day++) {
        struct date year_on = date_from_day(day);
        year_on.year++;
        if (!date_valid(year_on)) {
            year_on.day--; /* 29 February */
        }
        const uint32_t end = consent_end_month_max(day);
        assert_true(month_first_day(end) <= day_from_date(year_on));
        assert_true(month_first_day(end + 1) > day_from_date(year_on));
    }
}

/* ---- scopes ---- */

static void a_right_covers_no_more_than_its_scopes(void **state) {
    assert_int_equal(consent_scopes_of_right(CONSENT_RIGHT_NONE).bits, 0);
    assert_int_equal(consent_scopes_of_right(CONSENT_RIGHT_NO).bits, 0);
    assert_int_equal(consent_scopes_of_right(CONSENT_RIGHT_LIMITED).bits, CONCERN | FALLBACK);
    assert_int_equal(consent_scopes_of_right(CONSENT_RIGHT_FULL).bits, EVERYTHING);
    assert_int_equal(consent_scopes_of_right((enum consent_right)4).bits, 0);
}

static struct consent_token token_with(uint32_t bits, const char *first, const char *second) {
    struct consent_token token = {.version = FAMILY_VERSION, .scopes = {bits}, .end_month = 690};
    if (first[0] != '\0') {
        assert_int_equal(org_id_parse(first, &token.fallback_first), 0);
    }
    if (second[0] != '\0') {
        assert_int_equal(org_id_parse(second, &token.fallback_second), 0);
    }
    return token;
}

static enum refusal scopes(uint32_t bits, const char *first, const char *second) {
    const struct consent_token token = token_with(bits, first, second);
    return consent_scopes_check(&token);
}

static void a_consent_to_nothing_or_only_to_a_fallback_is_refused(void **state) {
    assert_int_equal(scopes(0, "", ""), REFUSAL_NO_SCOPE);
    assert_int_equal(scopes(FALLBACK, "caw", ""), REFUSAL_NO_SCOPE);
    assert_int_equal(scopes(CONCERN, "", ""), REFUSAL_NONE);
    assert_int_equal(scopes(WELCOME, "", ""), REFUSAL_NONE);
}

static void a_scope_off_the_list_is_refused(void **state) {
    for (int bit = 6; bit < 32; bit++) {
        assert_int_equal(scopes(PRESENCE | (uint32_t)1 << bit, "", ""), REFUSAL_UNKNOWN_VALUE);
    }
}

static void lost_support_without_presence_is_refused(void **state) {
    assert_int_equal(scopes(LOST_SUPPORT, "", ""), REFUSAL_OUT_OF_SCOPE);
    assert_int_equal(scopes(LOST_SUPPORT | CONCERN, "", ""), REFUSAL_OUT_OF_SCOPE);
    assert_int_equal(scopes(LOST_SUPPORT | PRESENCE, "", ""), REFUSAL_NONE);
}

static void a_fallback_and_its_scope_come_together(void **state) {
    assert_int_equal(scopes(PRESENCE, "caw", ""), REFUSAL_OUT_OF_SCOPE);
    assert_int_equal(scopes(PRESENCE, "", "caw"), REFUSAL_OUT_OF_SCOPE);
    assert_int_equal(scopes(PRESENCE | FALLBACK, "", ""), REFUSAL_OUT_OF_SCOPE);
    assert_int_equal(scopes(PRESENCE | FALLBACK, "", "caw"), REFUSAL_OUT_OF_SCOPE);
    assert_int_equal(scopes(PRESENCE | FALLBACK, "caw", ""), REFUSAL_NONE);
    assert_int_equal(scopes(EVERYTHING, "caw", "ocmw"), REFUSAL_NONE);
}

/* ---- what a consent covers ---- */

/* Column s: the scope that it needs, '.' for none, '-' where it isn't about a family. */
static const struct {
    enum message_kind kind;
    char purpose;
    char scope;
} table[] = {
    {MESSAGE_KIND_SIGNAL, '-', '-'},      {MESSAGE_KIND_STATUS, '-', '-'},
    {MESSAGE_KIND_DIRECTORY, '-', '-'},   {MESSAGE_KIND_MEMBER_UPDATE, '-', '-'},
    {MESSAGE_KIND_CONSENT, 's', '.'},     {MESSAGE_KIND_WITHDRAWAL, '-', '-'},
    {MESSAGE_KIND_SUPPORT, 's', 'p'},     {MESSAGE_KIND_ASK, 's', 'p'},
    {MESSAGE_KIND_ASK_ANSWER, 's', 'p'},  {MESSAGE_KIND_CONCERN, 'c', 'c'},
    {MESSAGE_KIND_FLAG_ANSWER, 's', '.'}, {MESSAGE_KIND_CALL_BACK, 'c', '-'},
    {MESSAGE_KIND_CALLED_BACK, 'c', '-'}, {MESSAGE_KIND_NEW_CARD, 's', 'p'},
    {MESSAGE_KIND_ERASED, '-', '-'},      {MESSAGE_KIND_NOTICE, 's', '.'},
    {MESSAGE_KIND_TOMBSTONE, '-', '-'},
};
enum { KINDS = sizeof(table) / sizeof(table[0]) };

static uint32_t purpose_of(char letter) {
    return letter == 's' ? PURPOSE_SUPPORT : letter == 'c' ? PURPOSE_CONCERN : 0;
}

static void the_table_names_every_kind_of_message_once(void **state) {
    for (int kind = 1; kind <= KINDS; kind++) {
        assert_int_equal(table[kind - 1].kind, kind);
        assert_non_null(message_kind_text((enum message_kind)kind));
        const struct consent_need *need = consent_need_of((enum message_kind)kind);
        assert_int_equal(need != NULL, table[kind - 1].scope != '-');
    }
    assert_null(message_kind_text((enum message_kind)(KINDS + 1)));
    assert_null(consent_need_of(MESSAGE_KIND_NONE));
}

static enum refusal expected_of(int row, uint32_t bits, int standing, bool by_family) {
    const char scope = table[row].scope;
    if (scope == '-') {
        return REFUSAL_NOT_ALLOWED;
    }
    if (standing != CONSENT_GIVEN && standing != CONSENT_NARROWED) {
        return REFUSAL_NO_CONSENT;
    }
    const uint32_t wanted = scope == 'p' ? PRESENCE : scope == 'c' ? CONCERN : 0;
    const bool own = by_family && table[row].kind == MESSAGE_KIND_CONCERN;
    return wanted == 0 || own || (bits & wanted) != 0 ? REFUSAL_NONE : REFUSAL_OUT_OF_SCOPE;
}

static void every_kind_state_and_scope_is_covered_or_refused_as_the_table_says(void **state) {
    for (int row = 0; row < KINDS; row++) {
        struct consent_question question = {.kind = table[row].kind,
                                            .purpose = purpose_of(table[row].purpose),
                                            .now_ms = consent_end_ms(690) - 1};
        for (int standing = 0; standing < 7; standing++) {
            for (uint32_t bits = 0; bits <= EVERYTHING; bits++) {
                const struct consent_token token = token_with(bits, "", "");
                for (int by_family = 0; by_family < 2; by_family++) {
                    question.by_family = by_family == 1;
                    enum refusal expected = expected_of(row, bits, standing, by_family == 1);
                    if (question.purpose == 0) {
                        expected = REFUSAL_UNKNOWN_PURPOSE;
                    }
                    assert_int_equal(
                        consent_covers(&token, (enum consent_state)standing, &question), expected);
                }
            }
        }
    }
}

/* Promise 9: the list is closed, and none of it is control. */
static void no_purpose_but_the_kinds_own_passes(void **state) {
    const struct consent_token token = token_with(EVERYTHING, "caw", "");
    static const uint32_t far[] = {255, 256, 1 << 16, INT32_MAX, 0x80000000U, UINT32_MAX};
    for (int row = 0; row < KINDS; row++) {
        struct consent_question question = {.kind = table[row].kind, .now_ms = 0};
        for (uint32_t purpose = 0; purpose < 70; purpose++) {
            const bool own = purpose != 0 && purpose == purpose_of(table[row].purpose);
            const enum refusal expected = purpose == 0 || purpose > 4 ? REFUSAL_UNKNOWN_PURPOSE
                                          : own                       ? REFUSAL_NONE
                                                                      : REFUSAL_NOT_ALLOWED;
            question.purpose = purpose;
            assert_int_equal(consent_purpose_check(table[row].kind, purpose), expected);
            assert_int_equal(consent_covers(&token, CONSENT_GIVEN, &question),
                             own && table[row].scope == '-' ? REFUSAL_NOT_ALLOWED : expected);
        }
        for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
            assert_int_equal(consent_purpose_check(table[row].kind, far[i]),
                             REFUSAL_UNKNOWN_PURPOSE);
        }
    }
}

static void a_consent_covers_until_its_end_and_no_longer(void **state) {
    const struct consent_token token = token_with(PRESENCE, "", "");
    struct consent_question question = {.kind = MESSAGE_KIND_SUPPORT,
                                        .purpose = PURPOSE_SUPPORT,
                                        .now_ms = consent_end_ms(690) - 1};
    assert_int_equal(consent_covers(&token, CONSENT_GIVEN, &question), REFUSAL_NONE);
    question.now_ms++;
    assert_int_equal(consent_covers(&token, CONSENT_GIVEN, &question), REFUSAL_NO_CONSENT);
    question.clock_off = true;
    assert_int_equal(consent_covers(&token, CONSENT_GIVEN, &question), REFUSAL_NONE);
    assert_int_equal(consent_covers(&token, CONSENT_EXPIRED, &question), REFUSAL_NO_CONSENT);
}

static void an_unknown_family_is_answered_as_one_that_did_not_agree(void **state) {
    struct consent_question question = {.kind = MESSAGE_KIND_SUPPORT, .purpose = PURPOSE_SUPPORT};
    assert_int_equal(consent_covers(NULL, CONSENT_STATE_NONE, &question), REFUSAL_NO_CONSENT);
    assert_int_equal(consent_covers(NULL, CONSENT_GIVEN, &question), REFUSAL_NO_CONSENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_consent_moves_only_as_the_diagram_has_it),
        cmocka_unit_test(months_are_counted_from_january_1970),
        cmocka_unit_test(a_month_from_outside_never_overflows),
        cmocka_unit_test(a_consent_ends_at_midnight_in_brussels),
        cmocka_unit_test(a_consent_lasts_twelve_months_at_most),
        cmocka_unit_test(no_longest_consent_passes_its_day_a_year_on),
        cmocka_unit_test(a_right_covers_no_more_than_its_scopes),
        cmocka_unit_test(a_consent_to_nothing_or_only_to_a_fallback_is_refused),
        cmocka_unit_test(a_scope_off_the_list_is_refused),
        cmocka_unit_test(lost_support_without_presence_is_refused),
        cmocka_unit_test(a_fallback_and_its_scope_come_together),
        cmocka_unit_test(the_table_names_every_kind_of_message_once),
        cmocka_unit_test(every_kind_state_and_scope_is_covered_or_refused_as_the_table_says),
        cmocka_unit_test(no_purpose_but_the_kinds_own_passes),
        cmocka_unit_test(a_consent_covers_until_its_end_and_no_longer),
        cmocka_unit_test(an_unknown_family_is_answered_as_one_that_did_not_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
