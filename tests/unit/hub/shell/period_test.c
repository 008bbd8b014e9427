#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/shell/period.h"
#include "shared/base/civil.h"

static int32_t day(const char *text) {
    int32_t found;
    assert_int_equal(date_parse(text, &found), 0);
    return found;
}

/* By Python's date.isocalendar(). */
static void weeks_are_those_of_the_standard(void **state) {
    (void)state;
    static const char *const known[][2] = {
        {"2026-11-22", "2026-W47"}, {"2026-11-23", "2026-W48"}, {"2027-01-01", "2026-W53"},
        {"2027-01-04", "2027-W01"}, {"2008-12-29", "2009-W01"}, {"2010-01-03", "2009-W53"},
        {"2026-01-01", "2026-W01"}, {"2025-12-29", "2026-W01"}, {"2024-12-31", "2025-W01"}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        char text[PERIOD_TEXT_SIZE];
        week_format(day(known[i][0]), text);
        assert_string_equal(text, known[i][1]);
    }
}

static void a_quarter_reads_as_it_is_written(void **state) {
    (void)state;
    static const char *const known[][2] = {{"2026-01-01", "2026-Q1"},
                                           {"2026-04-01", "2026-Q2"},
                                           {"2026-07-01", "2026-Q3"},
                                           {"2026-10-01", "2026-Q4"}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        char text[PERIOD_TEXT_SIZE];
        int32_t found;
        quarter_format(day(known[i][0]) + 89, text);
        assert_string_equal(text, known[i][1]);
        assert_int_equal(quarter_parse(text, &found), 0);
        assert_int_equal(found, day(known[i][0]));
    }
}

static void what_is_no_quarter_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"",        "2026",     "2026-Q5",  "2026-Q0", "2026-W1",
                                        "26-Q1",   "2026-Q11", "2026-q1",  "1-26-Q1", "+026-Q1",
                                        "0000-Q1", " 026-Q1",  "2026-Q1 ", "2026Q01"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        int32_t found = 7;
        assert_int_equal(quarter_parse(wrong[i], &found), ERR_MALFORMED);
        assert_int_equal(found, 7);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weeks_are_those_of_the_standard),
        cmocka_unit_test(a_quarter_reads_as_it_is_written),
        cmocka_unit_test(what_is_no_quarter_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
