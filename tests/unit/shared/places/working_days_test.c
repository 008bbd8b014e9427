#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "shared/base/civil.h"
#include "shared/places/working_days.h"

/* The feasts that move, 2025 to 2035: Easter by `ncal -e` (Debian's ncal 12.1.8) and, the same, by
 * python3-dateutil 2.8.2, which uses Oudin's method and not the one here; the three holidays by
 * Python's datetime from it. */
struct moving_year {
    const char *easter;
    const char *easter_monday;
    const char *ascension;
    const char *whit_monday;
    unsigned working_days; /* of the whole year, counted by Python from these and the fixed dates */
};

enum {
    YEAR_FIRST = 2025,
    YEARS = 11,
};

static const struct moving_year years[YEARS] = {
    {"2025-04-20", "2025-04-21", "2025-05-29", "2025-06-09", 250},
    {"2026-04-05", "2026-04-06", "2026-05-14", "2026-05-25", 252},
    {"2027-03-28", "2027-03-29", "2027-05-06", "2027-05-17", 252},
    {"2028-04-16", "2028-04-17", "2028-05-25", "2028-06-05", 248},
    {"2029-04-01", "2029-04-02", "2029-05-10", "2029-05-21", 249},
    {"2030-04-21", "2030-04-22", "2030-05-30", "2030-06-10", 249},
    {"2031-04-13", "2031-04-14", "2031-05-22", "2031-06-02", 250},
    {"2032-03-28", "2032-03-29", "2032-05-06", "2032-05-17", 253},
    {"2033-04-17", "2033-04-18", "2033-05-26", "2033-06-06", 249},
    {"2034-04-09", "2034-04-10", "2034-05-18", "2034-05-29", 248},
    {"2035-03-25", "2035-03-26", "2035-05-03", "2035-05-14", 249},
};

/* Written by hand from the decrees that the header names. */
static const struct fixed_date {
    const char *month_day;
    enum holiday holiday;
} fixed_dates[] = {
    {"01-01", HOLIDAY_NEW_YEAR},          {"05-01", HOLIDAY_LABOUR_DAY},
    {"07-11", HOLIDAY_FLEMISH_COMMUNITY}, {"07-21", HOLIDAY_NATIONAL_DAY},
    {"08-15", HOLIDAY_ASSUMPTION},        {"11-01", HOLIDAY_ALL_SAINTS},
    {"11-02", HOLIDAY_ALL_SOULS},         {"11-11", HOLIDAY_ARMISTICE},
    {"11-15", HOLIDAY_KINGS_FEAST},       {"12-25", HOLIDAY_CHRISTMAS},
    {"12-26", HOLIDAY_SECOND_CHRISTMAS},
};

/* Days from 21 March to Easter, each year of 1970 to 2100, by `ncal -e` as above. */
static const int8_t easters[] = {
    // clang-format off
    8, 21, 12, 32, 24, 9, 28, 20, 5, 25, 16, 29, 21, 13, 32, 17, 9, 29, 13, 5,
    25, 10, 29, 21, 13, 26, 17, 9, 22, 14, 33, 25, 10, 30, 21, 6, 26, 18, 2, 22,
    14, 34, 18, 10, 30, 15, 6, 26, 11, 31, 22, 14, 27, 19, 10, 30, 15, 7, 26, 11,
    31, 23, 7, 27, 19, 4, 23, 15, 35, 20, 11, 31, 16, 8, 27, 19, 4, 24, 15, 28,
    20, 12, 31, 16, 8, 28, 12, 32, 24, 9, 28, 20, 5, 25, 16, 8, 21, 13, 32, 24,
    9, 29, 20, 5, 25, 17, 29, 21, 13, 33, 17, 9, 29, 14, 5, 25, 10, 30, 21, 13,
    26, 18, 9, 22, 14, 34, 25, 10, 30, 22, 7,
    // clang-format on
};

static int32_t day_of(const char *text) {
    int32_t day = -1;
    assert_int_equal(date_parse(text, &day), 0);
    return day;
}

static enum holiday expected_holiday(const struct moving_year *year, const char *date) {
    for (size_t i = 0; i < sizeof(fixed_dates) / sizeof(fixed_dates[0]); i++) {
        if (strcmp(fixed_dates[i].month_day, date + strlen("2025-")) == 0) {
            return fixed_dates[i].holiday;
        }
    }
    if (strcmp(date, year->easter_monday) == 0) {
        return HOLIDAY_EASTER_MONDAY;
    }
    if (strcmp(date, year->ascension) == 0) {
        return HOLIDAY_ASCENSION;
    }
    return strcmp(date, year->whit_monday) == 0 ? HOLIDAY_WHIT_MONDAY : HOLIDAY_NONE;
}

static void easter_is_that_of_other_programs_from_1970_to_2100(void **state) {
    assert_int_equal(sizeof(easters), 2100 - 1970 + 1);
    for (int32_t year = 1970; year <= 2100; year++) {
        const struct date equinox = {.year = year, .month = 3, .day = 21};
        assert_int_equal(easter_sunday(year) - day_from_date(equinox), easters[year - 1970]);
    }
    for (int32_t i = 0; i < YEARS; i++) {
        assert_int_equal(easter_sunday(YEAR_FIRST + i), day_of(years[i].easter));
    }
}

static void every_day_of_2025_to_2035_is_a_working_day_or_has_its_reason(void **state) {
    for (int32_t i = 0; i < YEARS; i++) {
        const int32_t first = day_from_date((struct date){YEAR_FIRST + i, 1, 1});
        const int32_t next = day_from_date((struct date){YEAR_FIRST + i + 1, 1, 1});
        unsigned holidays = 0;
        unsigned working_days = 0;
        for (int32_t day = first; day < next; day++) {
            char date[DATE_TEXT_SIZE];
            date_format(day, date);
            const enum holiday expected = expected_holiday(&years[i], date);
            assert_int_equal(holiday_on(day), expected);
            assert_int_equal(working_day(day), expected == HOLIDAY_NONE && weekday_of(day) <= 5);
            holidays += expected == HOLIDAY_NONE ? 0 : 1;
            working_days += working_day(day) ? 1 : 0;
        }
        assert_int_equal(holidays, 14);
        assert_int_equal(working_days, years[i].working_days);
    }
}

/* Worked by hand on a printed calendar; Python's datetime and zoneinfo (Europe/Brussels) give the
 * same days. */
static const struct deadline_case {
    const char *from;
    unsigned count;
    const char *last;
} deadlines[] = {
    {"2026-12-23", 3, "2026-12-29"},  /* Thursday 24, the 28th, the 29th */
    {"2026-12-31", 1, "2027-01-04"},  /* New Year on a Friday */
    {"2026-10-29", 3, "2026-11-04"},  /* All Souls on a Monday */
    {"2026-03-20", 10, "2026-04-03"}, /* across the change to summer time */
    {"2026-07-10", 10, "2026-07-27"}, /* 11 July in the weekend, 21 July not */
    {"2025-04-18", 1, "2025-04-22"},  /* Easter */
    {"2027-05-05", 3, "2027-05-11"},  /* Ascension, and no bridge after it */
    {"2026-10-23", 1, "2026-10-26"},  /* across the change to winter time */
    {"2027-03-25", 2, "2027-03-30"},  /* Easter in the weekend of the change */
    {"2026-03-27", 1, "2026-03-30"},
};

static void a_clock_of_working_days_ends_with_the_last_of_them(void **state) {
    for (size_t i = 0; i < sizeof(deadlines) / sizeof(deadlines[0]); i++) {
        const int32_t from = day_of(deadlines[i].from);
        assert_int_equal(working_days_after(from, deadlines[i].count), day_of(deadlines[i].last));
    }
}

static void a_clock_of_no_working_days_ends_with_its_own_day(void **state) {
    const int32_t christmas = day_of("2026-12-25");
    assert_int_equal(working_days_after(christmas, 0), christmas);
}

static void a_day_more_is_the_next_working_day(void **state) {
    const int32_t first = day_of("2025-01-01");
    const int32_t last = day_of("2035-12-31");
    for (int32_t day = first; day <= last; day++) {
        int32_t before = day;
        for (unsigned count = 1; count <= 15; count++) {
            const int32_t after = working_days_after(day, count);
            assert_true(after > before);
            assert_true(working_day(after));
            for (int32_t between = before + 1; between < after; between++) {
                assert_false(working_day(between));
            }
            before = after;
        }
    }
}

static void ascension_on_the_first_of_may_is_one_day_off(void **state) {
    const int32_t day = day_of("2008-05-01");
    assert_int_equal(day - easter_sunday(2008), 39);
    assert_int_equal(holiday_on(day), HOLIDAY_LABOUR_DAY);
    assert_false(working_day(day));
    assert_true(working_day(day + 1));
}

static void the_calendar_reaches_from_1970_to_2100(void **state) {
    assert_int_equal(day_of("1970-01-01"), WORKING_DAYS_FIRST);
    assert_int_equal(day_of("2100-12-31"), WORKING_DAYS_LAST);
    assert_true(working_days_cover(WORKING_DAYS_FIRST));
    assert_true(working_days_cover(WORKING_DAYS_LAST));
    assert_false(working_days_cover(WORKING_DAYS_FIRST - 1));
    assert_false(working_days_cover(WORKING_DAYS_LAST + 1));
    assert_false(working_day(WORKING_DAYS_FIRST));
    assert_true(working_day(WORKING_DAYS_LAST)); /* a Friday */
    assert_int_equal(working_days_after(WORKING_DAYS_LAST - 1, 1), WORKING_DAYS_LAST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(easter_is_that_of_other_programs_from_1970_to_2100),
        cmocka_unit_test(every_day_of_2025_to_2035_is_a_working_day_or_has_its_reason),
        cmocka_unit_test(a_clock_of_working_days_ends_with_the_last_of_them),
        cmocka_unit_test(a_clock_of_no_working_days_ends_with_its_own_day),
        cmocka_unit_test(a_day_more_is_the_next_working_day),
        cmocka_unit_test(ascension_on_the_first_of_may_is_one_day_off),
        cmocka_unit_test(the_calendar_reaches_from_1970_to_2100),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
