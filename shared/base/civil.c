#include "shared/base/civil.h"

#include <stdio.h>

#include "shared/base/err.h"

enum {
    FREEZE_WEEKDAY = 1,
    FREEZE_MINUTE = 6 * 60,
    DAYS_IN_ERA = 146097,
    UNIX_EPOCH_DAY = 719468,
    DAY_FIRST = -25567, /* 1900-01-01 */
    DAY_LAST = 84370,   /* 2200-12-31 */
};

static bool is_leap(int32_t year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int32_t days_in_month(int32_t year, int32_t month) {
    static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool date_valid(struct date date) {
    return date.year >= 1900 && date.year <= 2200 && date.month >= 1 && date.month <= 12 &&
           date.day >= 1 && date.day <= days_in_month(date.year, date.month);
}

bool day_valid(int32_t day) {
    return day >= DAY_FIRST && day <= DAY_LAST;
}

bool instant_valid(int64_t instant_ms) {
    return instant_ms >= (int64_t)DAY_FIRST * DAY_MS && instant_ms < (DAY_LAST + 1LL) * DAY_MS;
}

static int32_t nearest_day(int64_t day) {
    return (int32_t)(day < DAY_FIRST ? DAY_FIRST : day > DAY_LAST ? DAY_LAST : day);
}

/* Years are counted from March, so that the leap day comes last (Howard Hinnant, "chrono-compatible
 * low-level date algorithms"). */
int32_t day_from_date(struct date date) {
    int32_t year = date.year - (date.month <= 2 ? 1 : 0);
    int32_t era = year / 400;
    int32_t year_of_era = year - era * 400;
    int32_t month_from_march = (date.month + 9) % 12;
    int32_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
    int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_IN_ERA + day_of_era - UNIX_EPOCH_DAY;
}

struct date date_from_day(int32_t day) {
    int32_t shifted = nearest_day(day) + UNIX_EPOCH_DAY;
    int32_t era = shifted / DAYS_IN_ERA;
    int32_t day_of_era = shifted - era * DAYS_IN_ERA;
    int32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (DAYS_IN_ERA - 1)) /
        365;
    int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t month_from_march = (5 * day_of_year + 2) / 153;
    struct date date = {
        .year = year_of_era + era * 400,
        .month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9,
        .day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
    };
    date.year += date.month <= 2 ? 1 : 0;
    return date;
}

int weekday_of(int32_t day) {
    return (day % 7 + 10) % 7 + 1; /* day 0 is a Thursday, and % keeps the sign */
}

static int32_t digits(const char *text, int count) {
    int32_t value = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

int date_parse(const char *text, int32_t *ret_day) {
    int32_t year = digits(text, 4);
    if (year < 0 || text[4] != '-') {
        return ERR_MALFORMED;
    }
    int32_t month = digits(text + 5, 2);
    if (month < 0 || text[7] != '-') {
        return ERR_MALFORMED;
    }
    struct date date = {.year = year, .month = month, .day = digits(text + 8, 2)};
    if (date.day < 0 || text[10] != '\0' || !date_valid(date)) {
        return ERR_MALFORMED;
    }
    *ret_day = day_from_date(date);
    return 0;
}

/* Bounded by the years that date_valid accepts; the modulo tells the compiler so. */
void date_format(int32_t day, char ret_text[static DATE_TEXT_SIZE]) {
    struct date date = date_from_day(day);
    (void)snprintf(ret_text, DATE_TEXT_SIZE, "%04u-%02u-%02u", (unsigned)date.year % 10000,
                   (unsigned)date.month % 100, (unsigned)date.day % 100);
}

static int64_t floor_div(int64_t value, int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

void instant_format(int64_t instant_ms, char ret_text[static INSTANT_TEXT_SIZE]) {
    struct date date = date_from_day(day_of_instant(instant_ms));
    unsigned ms = (unsigned)((instant_ms % DAY_MS + DAY_MS) % DAY_MS);
    (void)snprintf(ret_text, INSTANT_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
                   (unsigned)date.year % 10000, (unsigned)date.month % 100,
                   (unsigned)date.day % 100, ms / HOUR_MS % 24, ms / MINUTE_MS % 60, ms / 1000 % 60,
                   ms % 1000);
}

int32_t day_of_instant(int64_t instant_ms) {
    return nearest_day(floor_div(instant_ms, DAY_MS));
}

/* 01:00 UTC on the last Sunday of a month of 31 days. */
static int64_t clock_change(int32_t year, int32_t month) {
    int32_t last = day_from_date((struct date){.year = year, .month = month, .day = 31});
    return (int64_t)(last - weekday_of(last) % 7) * DAY_MS + HOUR_MS;
}

int32_t brussels_offset_minutes(int64_t instant_ms) {
    int32_t year = date_from_day(day_of_instant(instant_ms)).year;
    bool summer = instant_ms >= clock_change(year, 3) && instant_ms < clock_change(year, 10);
    return summer ? 120 : 60;
}

static int64_t brussels_wall_ms(int64_t instant_ms) {
    if (!instant_valid(instant_ms)) {
        return (int64_t)day_of_instant(instant_ms) * DAY_MS;
    }
    return instant_ms + (int64_t)brussels_offset_minutes(instant_ms) * MINUTE_MS;
}

int32_t brussels_day(int64_t instant_ms) {
    return day_of_instant(brussels_wall_ms(instant_ms));
}

int32_t brussels_minute_of_day(int64_t instant_ms) {
    int64_t wall = brussels_wall_ms(instant_ms);
    return (int32_t)((wall - floor_div(wall, DAY_MS) * DAY_MS) / MINUTE_MS);
}

int64_t brussels_instant(int32_t day, int32_t minute_of_day) {
    int64_t wall = (int64_t)day * DAY_MS + (int64_t)minute_of_day * MINUTE_MS;
    int64_t as_summer = wall - 2 * (int64_t)HOUR_MS;
    int64_t as_winter = wall - (int64_t)HOUR_MS;
    return brussels_offset_minutes(as_summer) == 120 ? as_summer : as_winter;
}

int64_t freeze_before(int64_t now_ms) {
    int32_t today = brussels_day(now_ms);
    int32_t monday = today - (weekday_of(today) - FREEZE_WEEKDAY);
    int64_t freeze = brussels_instant(monday, FREEZE_MINUTE);
    return freeze <= now_ms ? freeze : brussels_instant(monday - 7, FREEZE_MINUTE);
}

int64_t freeze_after(int64_t now_ms) {
    return brussels_instant(brussels_day(freeze_before(now_ms)) + 7, FREEZE_MINUTE);
}

int32_t quarter_start(int32_t day) {
    struct date date = date_from_day(day);
    date.month = (date.month - 1) / 3 * 3 + 1;
    date.day = 1;
    return day_from_date(date);
}

int32_t quarter_before(int32_t quarter_first_day) {
    return quarter_start(quarter_first_day - 1);
}
