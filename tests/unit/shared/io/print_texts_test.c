#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "shared/base/civil.h"
#include "shared/io/print_script.h"
#include "shared/io/print_texts.h"
#include "shared/io/utf8.h"

/* Bit n for {n}; a text with another brace fails. */
static unsigned placeholders(const char *text) {
    unsigned found = 0;
    for (const char *at = strpbrk(text, "{}"); at != NULL; at = strpbrk(at + 3, "{}")) {
        assert_true(at[0] == '{' && at[1] >= '0' && at[1] <= '2' && at[2] == '}');
        found |= 1u << (at[1] - '0');
    }
    return found;
}

/* Well-formed, and nothing in it that steers text or markup. */
static void assert_plain(const char *text) {
    size_t rest = strlen(text);
    assert_true(rest > 0);
    assert_null(strpbrk(text, "<>&\t\n"));
    for (const char *at = text; rest > 0;) {
        const size_t bytes = utf8_character_bytes(at, rest);
        assert_true(bytes > 0);
        assert_false(bytes == 3 && (memcmp(at, "\xe2\x80\x8e", 3) == 0 || /* U+200E, 200F */
                                    memcmp(at, "\xe2\x80\x8f", 3) == 0));
        at += bytes;
        rest -= bytes;
    }
}

static void every_language_has_every_text_with_its_placeholders(void **state) {
    size_t count = 0;
    const struct print_language *all = print_language_all(&count);
    assert_int_equal(count, 11);
    const char *const *dutch = print_texts(print_language_for(PRINT_DUTCH));
    for (size_t i = 0; i < count; i++) {
        const char *const *words = print_texts(&all[i]);
        for (int key = 0; key < PRINT_KEYS; key++) {
            if (words[key] == NULL || placeholders(words[key]) != placeholders(dutch[key])) {
                fail_msg("%s in %s", print_key_name((enum print_key)key), all[i].tag);
            }
            assert_plain(words[key]);
        }
        assert_plain(all[i].own_name);
        assert_plain(all[i].dutch_name);
    }
}

static void only_dutch_french_and_english_are_no_drafts(void **state) {
    static const char *const complete[] = {"nld", "fra", "eng"};
    size_t count = 0;
    const struct print_language *all = print_language_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (i < 3) {
            assert_string_equal(all[i].language.code, complete[i]);
            assert_false(all[i].draft);
            assert_null(print_draft_note(&all[i]));
            assert_null(print_draft_note_dutch(&all[i]));
        } else {
            assert_true(all[i].draft);
            assert_plain(print_draft_note(&all[i]));
            assert_non_null(strstr(print_draft_note_dutch(&all[i]), all[i].dutch_name));
        }
    }
}

static void the_spoken_script_is_whole_in_three_languages(void **state) {
    size_t count = 0;
    const struct print_language *all = print_language_all(&count);
    const char *const *dutch = script_texts(print_language_for(PRINT_DUTCH));
    for (size_t i = 0; i < count; i++) {
        const char *const *words = script_texts(&all[i]);
        assert_int_equal(words != NULL, !all[i].draft);
        for (int key = 0; words != NULL && key < SCRIPT_KEYS; key++) {
            if (words[key] == NULL || placeholders(words[key]) != placeholders(dutch[key])) {
                fail_msg("%s in %s", script_key_name((enum script_key)key), all[i].tag);
            }
            assert_plain(words[key]);
        }
    }
}

static void a_date_is_written_as_its_language_writes_it(void **state) {
    /* Unicode CLDR 42, dateFormats long and months format wide, of the Gregorian calendar; Arabic
     * as in documents of the United Nations. */
    static const struct {
        const char *language;
        struct date date;
        const char *written;
    } cases[] = {
        {"nld", {2027, 3, 1}, "1 maart 2027"},
        {"nld", {2027, 11, 22}, "22 november 2027"},
        {"fra", {2027, 8, 1}, "1er août 2027"},
        {"fra", {2027, 12, 31}, "31 décembre 2027"},
        {"eng", {2027, 1, 2}, "2 January 2027"},
        {"ara", {2027, 11, 22}, "22 تشرين الثاني/نوفمبر 2027"},
        {"fas", {2027, 11, 22}, "22 نوامبر 2027"},
        {"prs", {2027, 11, 22}, "22 نومبر 2027"},
        {"pus", {2027, 2, 3}, "3 فبروري 2027"},
        {"tir", {2027, 9, 11}, "11 መስከረም 2027"},
        {"som", {2027, 11, 22}, "22 Nofembar 2027"},
        {"tur", {2027, 5, 19}, "19 Mayıs 2027"},
        {"ukr", {2027, 11, 22}, "22 листопада 2027 року"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct language code = {{0}};
        memcpy(code.code, cases[i].language, 3);
        char text[PRINT_DATE_SIZE];
        print_date(print_language_for(code), day_from_date(cases[i].date), text);
        assert_string_equal(text, cases[i].written);
    }
}

static void every_month_of_every_language_fits_a_date(void **state) {
    size_t count = 0;
    const struct print_language *all = print_language_all(&count);
    for (size_t i = 0; i < count; i++) {
        for (int32_t month = 1; month <= 12; month++) {
            char text[PRINT_DATE_SIZE];
            print_date(&all[i], day_from_date((struct date){2027, month, 28}), text);
            assert_non_null(strstr(text, print_texts(&all[i])[PRINT_JANUARY + month - 1]));
            assert_non_null(strstr(text, "28 "));
            assert_non_null(strstr(text, " 2027"));
        }
    }
}

static void who_speaks_a_form_of_a_language_gets_its_written_one(void **state) {
    assert_string_equal(print_language_for((struct language){"ary"})->language.code, "ara");
    assert_string_equal(print_language_for((struct language){"pes"})->language.code, "fas");
    assert_string_equal(print_language_for((struct language){"prs"})->language.code, "prs");
    assert_null(print_language_for((struct language){"kmr"}));
    assert_null(print_language_for((struct language){""}));
}

static void right_to_left_are_the_four_in_arabic_script(void **state) {
    size_t count = 0;
    const struct print_language *all = print_language_all(&count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(all[i].right_to_left,
                         strstr("ara fas prs pus", all[i].language.code) != NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_language_has_every_text_with_its_placeholders),
        cmocka_unit_test(only_dutch_french_and_english_are_no_drafts),
        cmocka_unit_test(the_spoken_script_is_whole_in_three_languages),
        cmocka_unit_test(a_date_is_written_as_its_language_writes_it),
        cmocka_unit_test(every_month_of_every_language_fits_a_date),
        cmocka_unit_test(who_speaks_a_form_of_a_language_gets_its_written_one),
        cmocka_unit_test(right_to_left_are_the_four_in_arabic_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
