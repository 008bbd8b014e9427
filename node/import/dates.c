#include "node/import/dates.h"

#include <string.h>

#include "shared/base/civil.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_between(char c) {
    return c != '\0' && strchr("/-. ", c) != NULL;
}

static size_t same_letters(const char *pattern) {
    size_t length = 1;
    while (pattern[length] == pattern[0]) {
        length++;
    }
    return length;
}

bool date_pattern_valid(const char *pattern) {
    int days = 0;
    int months = 0;
    int years = 0;
    if (strnlen(pattern, DATE_PATTERN_BYTES_MAX + 1) > DATE_PATTERN_BYTES_MAX) {
        return false;
    }
    while (*pattern != '\0') {
        size_t length = same_letters(pattern);
        if (*pattern == 'd' && length == 2) {
            days++;
        } else if (*pattern == 'm' && length == 2) {
            months++;
        } else if (*pattern == 'y' && (length == 2 || length == 4)) {
            years++;
        } else if (!is_between(*pattern)) {
            return false;
        }
        pattern += length;
    }
    return days == 1 && months == 1 && years == 1;
}

/* Gives how many digits were read: between `low` and `high`, else 0. */
static size_t read_number(const char *text, size_t rest, size_t low, size_t high, int32_t *ret) {
    size_t length = 0;
    int32_t value = 0;
    while (length < rest && length < high && is_digit(text[length])) {
        value = value * 10 + (text[length] - '0');
        length++;
    }
    *ret = value;
    return length >= low ? length : 0;
}

static bool is_time_of_day(const char *text, size_t length) {
    bool start = length >= 5 && (text[0] == ' ' || text[0] == 'T') && is_digit(text[1]);
    for (size_t i = 1; i < length && start; i++) {
        start = is_digit(text[i]) || strchr(":.,+-Z", text[i]) != NULL;
    }
    return start && memchr(text, ':', length) != NULL;
}

int date_read(const char *pattern, const char *text, size_t length, int32_t *ret_day) {
    struct date date = {0};
    bool parted = strpbrk(pattern, "/-. ") != NULL;
    size_t at = 0;
    while (*pattern != '\0') {
        size_t letters = same_letters(pattern);
        if (is_between(*pattern)) {
            if (length - at < letters || memcmp(text + at, pattern, letters) != 0) {
                return ERR_MALFORMED;
            }
            at += letters;
            pattern += letters;
            continue;
        }
        int32_t *part = *pattern == 'd' ? &date.day : *pattern == 'm' ? &date.month : &date.year;
        size_t low = *pattern != 'y' && parted ? 1 : letters;
        size_t digits = read_number(text + at, length - at, low, letters, part);
        if (digits == 0) {
            return ERR_MALFORMED;
        }
        date.year += *pattern == 'y' && letters == 2 ? 2000 : 0;
        at += digits;
        pattern += letters;
    }
    if ((at < length && !is_time_of_day(text + at, length - at)) || !date_valid(date)) {
        return ERR_MALFORMED;
    }
    *ret_day = day_from_date(date);
    return 0;
}
