/* The calendar of the Belgian public sector in Flanders: on which days somebody is at work, and on
 * which day a clock of so many working days runs out (DESIGN 5, the clocks of flags).
 *
 * Computed, never read from a file and never asked of the system. Nothing is known here of who
 * stands in for whom: a clock doesn't stop for an organisation's own closure days, they only move
 * its owner (DESIGN 5). What a service gives its staff in return for a holiday in the weekend, and
 * bridge days, are closure days too.
 *
 * Days are day numbers of shared/base/civil.h and must lie in WORKING_DAYS_FIRST to
 * WORKING_DAYS_LAST; a caller with a day from outside asks working_days_cover first. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    WORKING_DAYS_FIRST = 0,    /* 1970-01-01 */
    WORKING_DAYS_LAST = 47846, /* 2100-12-31 */
};

/* The ten legal holidays: Royal Decree of 18 April 1974 on the general implementation of the law of
 * 4 January 1974 on holidays, article 1. The four others: statute of the staff of the Flemish
 * public services (Vlaams Personeelsstatuut, decree of the Flemish Government of 13 January 2006),
 * part X, title 2; 11 July is the feast of the Flemish Community. Local authorities may give fewer
 * (decree of the Flemish Government of 20 January 2023, article 55): for them a clock then runs a
 * day longer, never shorter. */
enum holiday {
    HOLIDAY_NONE = 0,
    HOLIDAY_NEW_YEAR,          /* 1 January */
    HOLIDAY_EASTER_MONDAY,     /* the day after Easter */
    HOLIDAY_LABOUR_DAY,        /* 1 May */
    HOLIDAY_ASCENSION,         /* the Thursday 39 days after Easter */
    HOLIDAY_WHIT_MONDAY,       /* 50 days after Easter */
    HOLIDAY_FLEMISH_COMMUNITY, /* 11 July */
    HOLIDAY_NATIONAL_DAY,      /* 21 July */
    HOLIDAY_ASSUMPTION,        /* 15 August */
    HOLIDAY_ALL_SAINTS,        /* 1 November */
    HOLIDAY_ALL_SOULS,         /* 2 November */
    HOLIDAY_ARMISTICE,         /* 11 November */
    HOLIDAY_KINGS_FEAST,       /* 15 November */
    HOLIDAY_CHRISTMAS,         /* 25 December */
    HOLIDAY_SECOND_CHRISTMAS,  /* 26 December */
};

/* Whether the calendar reaches that day. */
bool working_days_cover(int32_t day);

/* Easter Sunday of a year 1970 to 2100, by the anonymous Gregorian computus (Nature, 20 April 1876;
 * J. Meeus, Astronomical Algorithms, 2nd edition, chapter 8; also called Meeus/Jones/Butcher). */
int32_t easter_sunday(int32_t year);

/* Which holiday falls on the day, also in a weekend. When two meet (Ascension on 1 May, as in 2008)
 * the one of the fixed date. */
enum holiday holiday_on(int32_t day);

/* Neither Saturday, Sunday nor a holiday. */
bool working_day(int32_t day);

/* The count-th working day strictly after `day`; `day` itself for a count of 0. */
int32_t working_days_after(int32_t day, unsigned count);
