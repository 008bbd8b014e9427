#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/places/fold.h"

static void assert_folded(const char *text, const char *expected) {
    char folded[PLACE_FOLD_SIZE];
    assert_true(place_fold(text, folded));
    assert_string_equal(folded, expected);
}

static void assert_refused(const char *text) {
    char folded[PLACE_FOLD_SIZE] = "untouched";
    assert_false(place_fold(text, folded));
    assert_string_equal(folded, "untouched");
}

static void case_and_punctuation_do_not_count(void **state) {
    (void)state;
    assert_folded("Sint-Joost-ten-Node", "sint joost ten node");
    assert_folded("  SINT JOOST  TEN NODE. ", "sint joost ten node");
    assert_folded("'s-Gravenvoeren", "s gravenvoeren");
    assert_folded("\xE2\x80\x99s\xC2\xA0Gravenvoeren", "s gravenvoeren");
    assert_folded("Servisch (Latijns)", "servisch latijns");
    assert_folded("NT2 A1", "nt2 a1");
}

static void accents_do_not_count_composed_or_not(void **state) {
    (void)state;
    assert_folded("Oekra\xC3\xAF"
                  "ens",
                  "oekraiens");
    assert_folded("Oekrai\xCC\x88"
                  "ens",
                  "oekraiens");
    assert_folded("\xC3\x89VORA \xC5\x81\xC3\xB3"
                  "d\xC5\xBA",
                  "evora lodz");
    assert_folded("\xC3\x80\xC3\x8F\xC5\xBF", "ais");
}

static void letters_that_are_two_become_two(void **state) {
    (void)state;
    assert_folded("Stra\xC3\x9F"
                  "e",
                  "strasse");
    assert_folded("\xC3\x86r\xC3\xB8 \xC5\x92uvre \xC3\x9Eing \xC4\xB2s", "aero oeuvre thing ijs");
}

static void another_script_has_no_folded_form(void **state) {
    (void)state;
    assert_refused("\xD0\x9A\xD0\xB8\xD1\x97\xD0\xB2"); /* Kyiv in Ukrainian */
    assert_refused("Gent \xD8\xBA");                    /* an Arabic letter */
    assert_refused("\xF0\x9F\x8F\xA0");                 /* a house */
}

static void what_is_not_utf_8_is_refused(void **state) {
    (void)state;
    assert_refused("Oekra\xEF"
                   "ens"); /* Windows-1252 */
    assert_refused("Gent\xC3");
    assert_refused("\xC1\xA1"); /* overlong */
    assert_refused("\xE0\x83\xA9");
    assert_refused("\xE2\x80");
}

static void nothing_and_only_punctuation_are_refused(void **state) {
    (void)state;
    assert_refused("");
    assert_refused(" - ");
}

static void a_text_fits_or_is_refused(void **state) {
    (void)state;
    char text[PLACE_FOLD_SIZE + 1];
    memset(text, 'a', sizeof(text));
    text[PLACE_FOLD_SIZE - 1] = '\0';
    assert_folded(text, text);
    text[PLACE_FOLD_SIZE - 1] = 'a';
    text[PLACE_FOLD_SIZE] = '\0';
    assert_refused(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_and_punctuation_do_not_count),
        cmocka_unit_test(accents_do_not_count_composed_or_not),
        cmocka_unit_test(letters_that_are_two_become_two),
        cmocka_unit_test(another_script_has_no_folded_form),
        cmocka_unit_test(what_is_not_utf_8_is_refused),
        cmocka_unit_test(nothing_and_only_punctuation_are_refused),
        cmocka_unit_test(a_text_fits_or_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
