#include "shared/places/working_days.h"

#include <assert.h>
#include <stddef.h>

#include "shared/base/civil.h"

enum {
    WEEKDAY_SATURDAY = 6,
};

struct fixed_holiday {
    enum holiday holiday;
    int32_t month;
    int32_t day;
};

struct moving_holiday {
    enum holiday holiday;
    int32_t days_after_easter;
};

static const struct fixed_holiday fixed[] = {
    {HOLIDAY_NEW_YEAR, 1, 1},           {HOLIDAY_LABOUR_DAY, 5, 1},
    {HOLIDAY_NATIONAL_DAY, 7, 21},      {HOLIDAY_FLEMISH_COMMUNITY, 7, 11},
    {HOLIDAY_ASSUMPTION, 8, 15},        {HOLIDAY_ALL_SAINTS, 11, 1},
    {HOLIDAY_ALL_SOULS, 11, 2},         {HOLIDAY_ARMISTICE, 11, 11},
    {HOLIDAY_KINGS_FEAST, 11, 15},      {HOLIDAY_CHRISTMAS, 12, 25},
    {HOLIDAY_SECOND_CHRISTMAS, 12, 26},
};

static const struct moving_holiday moving[] = {
    {HOLIDAY_EASTER_MONDAY, 1},
    {HOLIDAY_ASCENSION, 39},
    {HOLIDAY_WHIT_MONDAY, 50},
};

bool working_days_cover(int32_t day) {
    return day >= WORKING_DAYS_FIRST && day <= WORKING_DAYS_LAST;
}

/* The single letters are those of the source, so that the two can be laid side by side. */
int32_t easter_sunday(int32_t year) {
    assert(year >= 1970 && year <= 2100);
    const int32_t a = year % 19;
    const int32_t b = year / 100;
    const int32_t c = year % 100;
    const int32_t d = b / 4;
    const int32_t e = b % 4;
    const int32_t f = (b + 8) / 25;
    const int32_t g = (b - f + 1) / 3;
    const int32_t h = (19 * a + b - d - g + 15) % 30;
    const int32_t i = c / 4;
    const int32_t k = c % 4;
    const int32_t l = (32 + 2 * e + 2 * i - h - k) % 7;
    const int32_t m = (a + 11 * h + 22 * l) / 451;
    const int32_t from_march = h + l - 7 * m + 114;
    return day_from_date(
        (struct date){.year = year, .month = from_march / 31, .day = from_march % 31 + 1});
}

enum holiday holiday_on(int32_t day) {
    assert(working_days_cover(day));
    const struct date date = date_from_day(day);
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        if (fixed[i].month == date.month && fixed[i].day == date.day) {
            return fixed[i].holiday;
        }
    }
    const int32_t after_easter = day - easter_sunday(date.year);
    for (size_t i = 0; i < sizeof(moving) / sizeof(moving[0]); i++) {
        if (moving[i].days_after_easter == after_easter) {
            return moving[i].holiday;
        }
    }
    return HOLIDAY_NONE;
}

bool working_day(int32_t day) {
    assert(working_days_cover(day));
    return weekday_of(day) < WEEKDAY_SATURDAY && holiday_on(day) == HOLIDAY_NONE;
}

int32_t working_days_after(int32_t day, unsigned count) {
    assert(working_days_cover(day));
    while (count > 0) {
        day++;
        count -= working_day(day) ? 1 : 0;
    }
    return day;
}
