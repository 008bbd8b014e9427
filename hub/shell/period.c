#include "hub/shell/period.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/civil.h"

void week_format(int32_t day, char ret_text[static PERIOD_TEXT_SIZE]) {
    const int32_t thursday = day - (weekday_of(day) - 4);
    const struct date date = date_from_day(thursday);
    const int32_t first = day_from_date((struct date){.year = date.year, .month = 1, .day = 1});
    (void)snprintf(ret_text, PERIOD_TEXT_SIZE, "%04d-W%02d", (int)date.year,
                   (int)((thursday - first) / 7 + 1));
}

void quarter_format(int32_t day, char ret_text[static PERIOD_TEXT_SIZE]) {
    const struct date date = date_from_day(day);
    (void)snprintf(ret_text, PERIOD_TEXT_SIZE, "%04d-Q%d", (int)date.year,
                   (int)((date.month - 1) / 3 + 1));
}

int quarter_parse(const char *text, int32_t *ret_day) {
    int year;
    int quarter;
    int end = 0;
    if (strlen(text) != 7 || strspn(text, "0123456789") != 4 ||
        sscanf(text, "%4d-Q%1d%n", &year, &quarter, &end) != 2 || end != 7 || quarter < 1 ||
        quarter > 4) {
        return ERR_MALFORMED;
    }
    const struct date date = {.year = year, .month = 3 * (quarter - 1) + 1, .day = 1};
    if (!date_valid(date)) {
        return ERR_MALFORMED;
    }
    *ret_day = day_from_date(date);
    return 0;
}
