#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/base/civil.h"

/* The days and instants below were computed by Python 3.11's datetime and zoneinfo with the IANA
 * zone Europe/Brussels:
 *   (date(y, m, d) - date(1970, 1, 1)).days, date(y, m, d).isoweekday()
 *   int(datetime(y, m, d, hh, mm, tzinfo=ZoneInfo("Europe/Brussels")).timestamp() * 1000)
 * and the clock changes by stepping utcoffset() through each year hour by hour. */
struct day_case {
    const char *text;
    int32_t day;
    int weekday;
};

static const struct day_case days[] = {
    {"1900-01-01", -25567, 1}, {"1900-02-28", -25509, 3}, {"1970-01-01", 0, 4},
    {"1999-12-31", 10956, 5},  {"2000-02-29", 11016, 2},  {"2015-12-31", 16800, 4},
    {"2020-12-31", 18627, 4},  {"2024-02-29", 19782, 4},  {"2026-11-23", 20780, 1},
    {"2100-03-01", 47541, 1},  {"2200-12-31", 84370, 3},
};

static void known_dates_have_their_day_and_weekday(void **state) {
    for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
        int32_t day = -1;
        assert_int_equal(date_parse(days[i].text, &day), 0);
        assert_int_equal(day, days[i].day);
        assert_int_equal(weekday_of(day), days[i].weekday);
        char text[DATE_TEXT_SIZE];
        date_format(day, text);
        assert_string_equal(text, days[i].text);
    }
}

/* Independent of the formula: the calendar is walked month by month, leap years by the rule of the
 * Gregorian reform (every fourth, not the hundredth, but the four-hundredth). */
static void the_calendar_has_no_hole_from_1900_to_2200(void **state) {
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int32_t day = -25567;
    for (int year = 1900; year <= 2200; year++) {
        bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
        for (int month = 1; month <= 12; month++) {
            int length = lengths[month - 1] + (month == 2 && leap ? 1 : 0);
            for (int d = 1; d <= length; d++, day++) {
                struct date date = {.year = year, .month = month, .day = d};
                assert_true(date_valid(date));
                assert_int_equal(day_from_date(date), day);
                struct date back = date_from_day(day);
                assert_true(back.year == year && back.month == month && back.day == d);
                assert_int_equal(weekday_of(day), (day + 25567) % 7 + 1);
            }
            assert_false(date_valid((struct date){year, month, length + 1}));
        }
    }
}

static void a_mistyped_date_is_refused(void **state) {
    static const char *const bad[] = {
        "",           "2026",       "2026-11",     "2026-11-2",   "2026-11-023", "2026-13-01",
        "2026-00-10", "2026-02-29", "1900-02-29",  "2026-04-31",  "2026-11-00",  "2026/11/23",
        "23-11-2026", "2026-1-023", "-026-11-23",  "+026-11-23",  " 2026-11-23", "2026-11-23 ",
        "2026-11-2x", "1899-12-31", "2201-01-01",  "2026-11-23T", "20261123",    "0000-00-00",
        "2026-11-",   "2026-",      "2026-11-23Z", "2026--1-23",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int32_t day = 77;
        assert_int_equal(date_parse(bad[i], &day), ERR_MALFORMED);
        assert_int_equal(day, 77);
    }
}

static void an_instant_is_written_as_rfc_3339(void **state) {
    char text[INSTANT_TEXT_SIZE];
    instant_format(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
    instant_format(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
    instant_format(1774745940123, text);
    assert_string_equal(text, "2026-03-29T00:59:00.123Z");
    assert_int_equal(day_of_instant(-1), -1);
    assert_int_equal(day_of_instant(-DAY_MS), -1);
    assert_int_equal(day_of_instant(DAY_MS - 1), 0);
}

struct change_case {
    int year;
    int64_t summer_s;
    int64_t winter_s;
};

static const struct change_case changes[] = {
    {2024, 1711846800, 1729990800}, {2025, 1743296400, 1761440400}, {2026, 1774746000, 1792890000},
    {2027, 1806195600, 1824944400}, {2028, 1837645200, 1856394000}, {2029, 1869094800, 1887843600},
    {2030, 1901149200, 1919293200}, {2031, 1932598800, 1950742800}, {2032, 1964048400, 1982797200},
    {2033, 1995498000, 2014246800}, {2034, 2026947600, 2045696400}, {2035, 2058397200, 2077146000},
};

static void the_clock_changes_on_the_last_sundays_of_march_and_october(void **state) {
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        int64_t summer = changes[i].summer_s * 1000;
        int64_t winter = changes[i].winter_s * 1000;
        assert_int_equal(brussels_offset_minutes(summer - 1), 60);
        assert_int_equal(brussels_offset_minutes(summer), 120);
        assert_int_equal(brussels_offset_minutes(winter - 1), 120);
        assert_int_equal(brussels_offset_minutes(winter), 60);
        assert_int_equal(weekday_of(brussels_day(summer)), 7);
        assert_int_equal(weekday_of(brussels_day(winter)), 7);
        assert_int_equal(date_from_day(brussels_day(summer)).year, changes[i].year);
        assert_int_equal(brussels_minute_of_day(summer - 1), 119);
        assert_int_equal(brussels_minute_of_day(summer), 180);
        assert_int_equal(brussels_minute_of_day(winter - 1), 179);
        assert_int_equal(brussels_minute_of_day(winter), 120);
    }
}

struct wall_case {
    const char *date;
    int32_t minute;
    int64_t instant_ms;
};

static const struct wall_case walls[] = {
    {"2026-01-01", 0, 1767222000000},
    {"2026-07-01", 0, 1782856800000},
    {"2026-03-29", 1 * 60 + 59, 1774745940000},
    {"2026-03-29", 2 * 60, 1774746000000},      /* skipped: 03:00 in summer time */
    {"2026-03-29", 2 * 60 + 30, 1774747800000}, /* skipped: 03:30 in summer time */
    {"2026-03-29", 3 * 60, 1774746000000},
    {"2026-10-25", 1 * 60 + 59, 1792886340000},
    {"2026-10-25", 2 * 60, 1792886400000},      /* doubled: the first, still summer time */
    {"2026-10-25", 2 * 60 + 30, 1792888200000}, /* doubled: the first */
    {"2026-10-25", 3 * 60, 1792893600000},
};

static void a_skipped_hour_moves_on_and_a_doubled_one_is_the_first(void **state) {
    for (size_t i = 0; i < sizeof(walls) / sizeof(walls[0]); i++) {
        int32_t day = 0;
        assert_int_equal(date_parse(walls[i].date, &day), 0);
        assert_true(brussels_instant(day, walls[i].minute) == walls[i].instant_ms);
    }
}

static void the_new_day_begins_at_midnight_in_brussels(void **state) {
    int64_t midnight = 1782856800000; /* 2026-07-01 00:00 in Brussels, 22:00 UTC the day before */
    assert_int_equal(brussels_day(midnight), day_of_instant(midnight) + 1);
    assert_int_equal(brussels_day(midnight - 1), day_of_instant(midnight));
    assert_int_equal(brussels_minute_of_day(midnight), 0);
    assert_int_equal(brussels_minute_of_day(midnight - 1), 24 * 60 - 1);
}

/* Mondays 06:00 around both changes of 2026. */
static const int64_t freezes_spring[] = {1774242000000, 1774843200000, 1775448000000};
static const int64_t freezes_autumn[] = {1792382400000, 1792990800000, 1793595600000};

static void hold_freezes(const int64_t freezes[3]) {
    for (int i = 0; i < 2; i++) {
        assert_true(freeze_before(freezes[i]) == freezes[i]); /* itself included */
        assert_true(freeze_before(freezes[i] + 1) == freezes[i]);
        assert_true(freeze_before(freezes[i + 1] - 1) == freezes[i]);
        assert_true(freeze_after(freezes[i]) == freezes[i + 1]); /* never itself */
        assert_true(freeze_after(freezes[i + 1] - 1) == freezes[i + 1]);
        for (int64_t at = freezes[i]; at < freezes[i + 1]; at += 17 * MINUTE_MS) {
            assert_true(freeze_before(at) == freezes[i]);
            assert_true(freeze_after(at) == freezes[i + 1]);
        }
    }
}

static void the_freeze_stands_at_six_across_both_clock_changes(void **state) {
    hold_freezes(freezes_spring);
    hold_freezes(freezes_autumn);
    assert_true(freezes_spring[1] - freezes_spring[0] == 7LL * DAY_MS - HOUR_MS);
    assert_true(freezes_autumn[1] - freezes_autumn[0] == 7LL * DAY_MS + HOUR_MS);
}

static void every_freeze_of_ten_years_is_a_monday_at_six(void **state) {
    int64_t freeze = freezes_spring[0];
    for (int week = 0; week < 520; week++) {
        assert_int_equal(weekday_of(brussels_day(freeze)), 1);
        assert_int_equal(brussels_minute_of_day(freeze), 6 * 60);
        int64_t next = freeze_after(freeze);
        assert_int_equal(brussels_day(next), brussels_day(freeze) + 7);
        freeze = next;
    }
}

static int32_t day_of(const char *text) {
    int32_t day = 0;
    assert_int_equal(date_parse(text, &day), 0);
    return day;
}

static void a_quarter_begins_in_january_april_july_and_october(void **state) {
    assert_int_equal(quarter_start(day_of("2026-01-01")), day_of("2026-01-01"));
    assert_int_equal(quarter_start(day_of("2026-03-31")), day_of("2026-01-01"));
    assert_int_equal(quarter_start(day_of("2026-04-01")), day_of("2026-04-01"));
    assert_int_equal(quarter_start(day_of("2024-06-30")), day_of("2024-04-01"));
    assert_int_equal(quarter_start(day_of("2026-09-30")), day_of("2026-07-01"));
    assert_int_equal(quarter_start(day_of("2026-12-31")), day_of("2026-10-01"));
    assert_int_equal(quarter_before(day_of("2026-01-01")), day_of("2025-10-01"));
    assert_int_equal(quarter_before(day_of("2026-10-01")), day_of("2026-07-01"));
}

/* A peer can send any number: it must be told apart, and computing with it must stay defined. */
static void days_and_instants_out_of_reach_are_told_apart(void **state) {
    assert_true(day_valid(-25567) && day_valid(84370));
    assert_false(day_valid(-25568) || day_valid(84371));
    assert_true(instant_valid(-25567LL * DAY_MS) && instant_valid(84371LL * DAY_MS - 1));
    assert_false(instant_valid(-25567LL * DAY_MS - 1) || instant_valid(84371LL * DAY_MS));
    static const int64_t wild[] = {INT64_MIN,        INT64_MIN + 1, -4000000000000000000,
                                   84371LL * DAY_MS, INT64_MAX - 1, INT64_MAX};
    char text[INSTANT_TEXT_SIZE];
    for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
        instant_format(wild[i], text);
        int nearest = wild[i] < 0 ? 1900 : 2200;
        assert_int_equal(date_from_day(day_of_instant(wild[i])).year, nearest);
        assert_int_equal(date_from_day(brussels_day(wild[i])).year, nearest);
        assert_in_range(brussels_minute_of_day(wild[i]), 0, 24 * 60 - 1);
        (void)freeze_before(wild[i]);
        (void)freeze_after(wild[i]);
    }
    assert_int_equal(date_from_day(INT32_MAX).year, 2200);
    assert_int_equal(date_from_day(INT32_MIN).year, 1900);
    assert_in_range(weekday_of(INT32_MAX), 1, 7);
    assert_in_range(weekday_of(INT32_MIN), 1, 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_dates_have_their_day_and_weekday),
        cmocka_unit_test(the_calendar_has_no_hole_from_1900_to_2200),
        cmocka_unit_test(a_mistyped_date_is_refused),
        cmocka_unit_test(an_instant_is_written_as_rfc_3339),
        cmocka_unit_test(the_clock_changes_on_the_last_sundays_of_march_and_october),
        cmocka_unit_test(a_skipped_hour_moves_on_and_a_doubled_one_is_the_first),
        cmocka_unit_test(the_new_day_begins_at_midnight_in_brussels),
        cmocka_unit_test(the_freeze_stands_at_six_across_both_clock_changes),
        cmocka_unit_test(every_freeze_of_ten_years_is_a_monday_at_six),
        cmocka_unit_test(a_quarter_begins_in_january_april_july_and_october),
        cmocka_unit_test(days_and_instants_out_of_reach_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
