#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/places/languages.h"

static void assert_finds(const char *text, const char *code) {
    const struct language_entry *entry = language_find(text);
    assert_non_null(entry);
    assert_string_equal(entry->language.code, code);
}

/* Codes by ISO 639-3 and 639-1. */
static void a_language_is_found_by_either_code(void **state) {
    (void)state;
    assert_finds("prs", "prs");
    assert_finds("UKR", "ukr");
    assert_finds("uk", "ukr");
    assert_finds("ti", "tir");
    assert_finds("NL", "nld");
}

static void a_language_is_found_by_its_dutch_or_english_name(void **state) {
    (void)state;
    assert_finds("Oekra\xC3\xAF"
                 "ens",
                 "ukr");
    assert_finds("oekraiens", "ukr");
    assert_finds("Ukrainian", "ukr");
    assert_finds("TIGRINYA", "tir");
    assert_finds("Dari", "prs");
    assert_finds("Vlaamse gebarentaal", "vgt");
}

static void a_common_other_name_is_understood(void **state) {
    (void)state;
    assert_finds("Farsi", "fas");
    assert_finds("Sorani", "ckb");
    assert_finds("Kurmanji", "kmr");
    assert_finds("Pushto", "pus");
    assert_finds("Modern Greek (1453-)", "ell");
}

static void a_shared_name_means_the_macrolanguage(void **state) {
    (void)state;
    assert_finds("Arabisch", "ara");
    assert_finds("Koerdisch", "kur");
    assert_finds("Chinees", "zho");
    assert_finds("Perzisch", "fas");
}

static void what_is_no_language_is_not_guessed(void **state) {
    (void)state;
    assert_null(language_find("Klingon"));
    assert_null(language_find("xx"));
    assert_null(language_find(""));
    assert_null(language_find("Arab"));
    assert_null(language_by_code((struct language){.code = "xxx"}));
}

static void every_language_is_found_by_all_that_the_list_says_of_it(void **state) {
    (void)state;
    size_t count = 0;
    const struct language_entry *all = language_all(&count);
    assert_int_equal(count, 89);
    for (size_t i = 0; i < count; i++) {
        struct language read;
        assert_int_equal(language_parse(all[i].language.code, &read), 0);
        assert_ptr_equal(language_by_code(read), &all[i]);
        assert_ptr_equal(language_find(all[i].dutch), &all[i]);
        assert_ptr_equal(language_find(all[i].english), &all[i]);
        if (all[i].iso639_1[0] != '\0') {
            assert_ptr_equal(language_find(all[i].iso639_1), &all[i]);
        }
        assert_true(i == 0 || strcmp(all[i - 1].language.code, all[i].language.code) < 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_language_is_found_by_either_code),
        cmocka_unit_test(a_language_is_found_by_its_dutch_or_english_name),
        cmocka_unit_test(a_common_other_name_is_understood),
        cmocka_unit_test(a_shared_name_means_the_macrolanguage),
        cmocka_unit_test(what_is_no_language_is_not_guessed),
        cmocka_unit_test(every_language_is_found_by_all_that_the_list_says_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
