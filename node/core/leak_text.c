#include "node/core/leak_guard.h"

#include <stdbool.h>
#include <string.h>

enum { DIGITS_MAX = 32, WORD_MAX = 24, NATIONAL_DIGITS = 11 };

/* After these comes a name. */
static const char *const addresses[] = {
    "dhr",      "fam",      "heer",   "juffrouw", "mej", "mevr", "mevrouw", "meneer",
    "mijnheer", "monsieur", "madame", "mme",      "mr",  "mrs",  "mw",
};

/* Frequent first names of people living in Flanders (Statbel lists them by year) and of people who
 * asked for protection here: those that aren't also an everyday word. */
static const char *const first_names[] = {
    "abdullah", "ahmad",     "ahmed",    "aisha",    "aleksandr", "ali",     "amina",   "amir",
    "andriy",   "anna",      "annelies", "bart",     "berhane",   "bilal",   "carine",  "chantal",
    "christel", "daan",      "dirk",     "elena",    "elke",      "emma",    "erik",    "fatima",
    "fatma",    "filip",     "francine", "geert",    "hamza",     "hans",    "hassan",  "hatice",
    "hussein",  "ibrahim",   "ilse",     "ingrid",   "iryna",     "ivan",    "jan",     "jeroen",
    "johan",    "jozef",     "karel",    "karim",    "katrien",   "khadija", "khalid",  "koen",
    "kristof",  "lieve",     "louise",   "lucas",    "mahmoud",   "maria",   "mariam",  "mehmet",
    "mohamed",  "mohammad",  "mohammed", "muhammad", "mustafa",   "nadia",   "natalia", "noah",
    "oksana",   "oleksandr", "olena",    "omar",     "patrick",   "peter",   "pieter",  "rachid",
    "rahel",    "samira",    "sofia",    "stefaan",  "svitlana",  "tatiana", "tesfay",  "thomas",
    "tom",      "veerle",    "viktor",   "walter",   "wim",       "yusuf",   "yasmin",  "zahra",
};

static bool is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

static bool is_upper(uint8_t c) {
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(uint8_t c) {
    return (c >= 'a' && c <= 'z') || c >= 0x80;
}

/* Up to two of these may stand between the digits of one number. */
static bool is_separator(uint8_t c) {
    return c == ' ' || c == '.' || c == '-' || c == '/' || c == '(' || c == ')';
}

static bool checks_out(const char *digits) {
    int64_t nine = 0;
    for (int i = 0; i < 9; i++) {
        nine = nine * 10 + (digits[i] - '0');
    }
    const int64_t check = (digits[9] - '0') * 10 + (digits[10] - '0');
    return check == 97 - nine % 97 || check == 97 - (INT64_C(2000000000) + nine) % 97;
}

static bool holds_national_number(const char *digits, size_t length) {
    for (size_t i = 0; i + NATIONAL_DIGITS <= length; i++) {
        if (checks_out(digits + i)) {
            return true;
        }
    }
    return false;
}

static bool is_phone(const char *digits, size_t length) {
    if (length >= 2 && digits[0] == '0' && digits[1] == '0') {
        digits += 2;
        length -= 2;
    }
    if (length >= 10 && length <= 12 && digits[0] == '3' && digits[1] == '2') {
        return true;
    }
    return (length == 9 || length == 10) && digits[0] == '0' && digits[1] != '0';
}

/* Collects one run of digits from `at`; gives where it ends. */
static size_t digit_run(struct bytes text, size_t at, char *digits, size_t *length) {
    *length = 0;
    for (size_t i = at; i < text.length; i++) {
        if (is_digit(text.data[i])) {
            if (*length < DIGITS_MAX) {
                digits[(*length)++] = (char)text.data[i];
            }
            at = i + 1;
        } else if (!is_separator(text.data[i]) || i >= at + 2) {
            break;
        }
    }
    return at;
}

static enum withheld leak_in_digits(struct bytes text) {
    for (size_t i = 0; i < text.length; i++) {
        if (!is_digit(text.data[i])) {
            continue;
        }
        char digits[DIGITS_MAX];
        size_t length;
        i = digit_run(text, i, digits, &length);
        /* In a longer run one window of 49 checks out by chance, so a whole phone number first. */
        if (length == NATIONAL_DIGITS && checks_out(digits)) {
            return WITHHELD_LIKE_NATIONAL_NUMBER;
        }
        if (is_phone(digits, length)) {
            return WITHHELD_LIKE_PHONE;
        }
        if (holds_national_number(digits, length)) {
            return WITHHELD_LIKE_NATIONAL_NUMBER;
        }
    }
    return WITHHELD_NOT;
}

static bool listed(const char *const *list, size_t count, const char *word) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], word) == 0) {
            return true;
        }
    }
    return false;
}

#define LISTED(list, word) listed((list), sizeof(list) / sizeof((list)[0]), (word))

struct word {
    char folded[WORD_MAX + 1];
    bool capital; /* one capital, then small letters */
    size_t end;
};

static struct word read_word(struct bytes text, size_t at) {
    struct word word = {.capital = is_upper(text.data[at])};
    size_t length = 0;
    size_t i = at;
    for (; i < text.length && (is_upper(text.data[i]) || is_lower(text.data[i])); i++) {
        word.capital = word.capital && (i == at || is_lower(text.data[i]));
        if (length < WORD_MAX) {
            const uint8_t c = text.data[i];
            word.folded[length++] = (char)(is_upper(c) ? c + ('a' - 'A') : c);
        }
    }
    word.capital = word.capital && i - at >= 2;
    word.end = i;
    return word;
}

/* A form of address or a first name with a word beside it, or two capitalised words in a row. */
static bool holds_name(struct bytes text) {
    bool was_address = false;
    bool was_first_name = false;
    bool was_capital = false;
    bool any_before = false;
    for (size_t i = 0; i < text.length;) {
        if (!is_upper(text.data[i]) && !is_lower(text.data[i])) {
            was_capital = was_capital && text.data[i] == ' ';
            i++;
            continue;
        }
        const struct word word = read_word(text, i);
        const bool first_name = LISTED(first_names, word.folded);
        if (was_address || was_first_name || (first_name && any_before) ||
            (word.capital && was_capital)) {
            return true;
        }
        was_address = LISTED(addresses, word.folded);
        was_first_name = first_name;
        was_capital = word.capital;
        any_before = true;
        i = word.end;
    }
    return false;
}

enum withheld leak_text(struct bytes text) {
    const enum withheld digits = leak_in_digits(text);
    if (digits != WITHHELD_NOT) {
        return digits;
    }
    if (text.length > 0 && memchr(text.data, '@', text.length) != NULL) {
        return WITHHELD_LIKE_NAME;
    }
    return holds_name(text) ? WITHHELD_LIKE_NAME : WITHHELD_NOT;
}
