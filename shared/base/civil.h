/* Days, weeks, quarters and Brussels time, computed and never asked of the system's time zone.
 *
 * A day is a count of days since 1970-01-01 (so day 0 is a Thursday); an instant is milliseconds
 * since then in UTC. Brussels is UTC+1, and UTC+2 between the last Sundays of March and October,
 * 01:00 UTC (directive 2000/84/EC, articles 2 and 3).
 *
 * Days and instants are of the years 1900 to 2200. Whoever gets one from outside refuses others
 * (day_valid, instant_valid); here they're taken as the nearest day that counts, never as a fault.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/err.h"

enum {
    DAY_MS = 86400000,
    HOUR_MS = 3600000,
    MINUTE_MS = 60000,
    DATE_TEXT_SIZE = 11,    /* 2026-11-23 and a NUL */
    INSTANT_TEXT_SIZE = 25, /* 2026-11-23T05:00:00.000Z and a NUL */
};

struct date {
    int32_t year;
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
};

/* Whether the day exists in the Gregorian calendar, years 1900 to 2200. */
bool date_valid(struct date date);
bool day_valid(int32_t day);
bool instant_valid(int64_t instant_ms);

int32_t day_from_date(struct date date); /* of a valid date */
struct date date_from_day(int32_t day);
int weekday_of(int32_t day); /* 1 Monday .. 7 Sunday (ISO 8601) */

/* yyyy-mm-dd, all of the text. Errors: ERR_MALFORMED, also for a day that doesn't exist. */
MUST_CHECK int date_parse(const char *text, int32_t *ret_day);
void date_format(int32_t day, char ret_text[static DATE_TEXT_SIZE]);
/* RFC 3339 in UTC with milliseconds. */
void instant_format(int64_t instant_ms, char ret_text[static INSTANT_TEXT_SIZE]);

int32_t day_of_instant(int64_t instant_ms); /* UTC, floor */

int32_t brussels_offset_minutes(int64_t instant_ms); /* 60 or 120 */
int32_t brussels_day(int64_t instant_ms);
int32_t brussels_minute_of_day(int64_t instant_ms);
/* The instant of a wall-clock time. In the hour that March skips, the offset from before the skip
 * counts (02:30 gives the instant of 03:30); in the hour that October has twice, the first is meant
 * (RFC 5545, 3.3.5). */
int64_t brussels_instant(int32_t day, int32_t minute_of_day);

/* The freeze that stands at `now_ms`: the last Monday 06:00 in Brussels, itself included
 * (DESIGN 4). */
int64_t freeze_before(int64_t now_ms);
int64_t freeze_after(int64_t now_ms); /* the next one, never `now_ms` itself */

/* First day of the quarter that holds `day`, and of the one before. */
int32_t quarter_start(int32_t day);
int32_t quarter_before(int32_t quarter_first_day);
