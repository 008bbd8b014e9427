#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "node/import/dates.h"
#include "shared/base/civil.h"

static int32_t day_of(const char *iso) {
    int32_t day;
    assert_int_equal(date_parse(iso, &day), 0);
    return day;
}

static void expect(const char *pattern, const char *text, const char *iso) {
    int32_t day;
    assert_int_equal(date_read(pattern, text, strlen(text), &day), 0);
    assert_int_equal(day, day_of(iso));
}

static void refuse(const char *pattern, const char *text) {
    int32_t day = 77;
    assert_int_equal(date_read(pattern, text, strlen(text), &day), ERR_MALFORMED);
    assert_int_equal(day, 77);
}

static void belgian_dates_take_one_or_two_digits(void **state) {
    (void)state;
    expect("dd/mm/yyyy", "05/03/2026", "2026-03-05");
    expect("dd/mm/yyyy", "5/3/2026", "2026-03-05");
    expect("dd/mm/yyyy", "5/03/2026", "2026-03-05");
    expect("dd/mm/yy", "5/03/26", "2026-03-05");
    expect("dd.mm.yyyy", "31.12.2025", "2025-12-31");
}

static void iso_dates_are_read_with_and_without_dashes(void **state) {
    (void)state;
    expect("yyyy-mm-dd", "2024-02-29", "2024-02-29");
    expect("yyyymmdd", "20240229", "2024-02-29");
    refuse("yyyymmdd", "2024229");
}

static void a_time_of_day_behind_the_date_is_passed_over(void **state) {
    (void)state;
    expect("yyyy-mm-dd", "2026-03-05 00:00:00", "2026-03-05");
    expect("yyyy-mm-dd", "2026-03-05T08:30:00.000Z", "2026-03-05");
    expect("dd/mm/yyyy", "5/03/2026 9:15", "2026-03-05");
    refuse("dd/mm/yyyy", "5/03/2026 of later");
    refuse("dd/mm/yyyy", "5/03/20267");
}

static void days_that_do_not_exist_are_refused(void **state) {
    (void)state;
    refuse("dd/mm/yyyy", "29/02/2025");
    refuse("dd/mm/yyyy", "31/04/2026");
    refuse("dd/mm/yyyy", "03/13/2026");
    refuse("dd/mm/yyyy", "00/01/2026");
    refuse("dd/mm/yyyy", "01/01/0026");
}

static void another_form_is_never_guessed(void **state) {
    (void)state;
    refuse("dd/mm/yyyy", "2026-03-05");
    refuse("dd/mm/yyyy", "5-3-2026");
    refuse("dd/mm/yyyy", "5/3/26");
    refuse("dd/mm/yyyy", "");
    refuse("dd/mm/yyyy", "x5/3/2026");
    refuse("dd/mm/yyyy", "5/3/");
}

static void a_pattern_has_each_part_once(void **state) {
    (void)state;
    assert_true(date_pattern_valid("dd/mm/yyyy"));
    assert_true(date_pattern_valid("yyyymmdd"));
    assert_true(date_pattern_valid("dd. mm. yy"));
    assert_false(date_pattern_valid("dd/mm"));
    assert_false(date_pattern_valid("dd/mm/yyyy dd"));
    assert_false(date_pattern_valid("d/m/yyyy"));
    assert_false(date_pattern_valid("dd/MM/yyyy"));
    assert_false(date_pattern_valid(""));
    assert_false(date_pattern_valid("dd//////////mm//yyyy"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(belgian_dates_take_one_or_two_digits),
        cmocka_unit_test(iso_dates_are_read_with_and_without_dashes),
        cmocka_unit_test(a_time_of_day_behind_the_date_is_passed_over),
        cmocka_unit_test(days_that_do_not_exist_are_refused),
        cmocka_unit_test(another_form_is_never_guessed),
        cmocka_unit_test(a_pattern_has_each_part_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
