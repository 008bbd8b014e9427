#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "node/import/fold.h"

static void expect(const char *text, const char *folded) {
    char out[FOLD_BYTES_MAX + 1];
    assert_int_equal(fold_text(text, strlen(text), out), strlen(folded));
    assert_string_equal(out, folded);
}

static void case_and_gaps_do_not_matter(void **state) {
    (void)state;
    expect("Datum_aanvraag", "datum aanvraag");
    expect("  DATUM   aanvraag ", "datum aanvraag");
    expect("Datum-aanvraag.", "datum aanvraag");
    expect("Datum\xC2\xA0"
           "aanvraag",
           "datum aanvraag");
    expect("01/01/1900", "01/01/1900");
    expect("-", "");
}

static void accents_do_not_matter(void **state) {
    (void)state;
    expect("Be\xC3\xABindigd", "beeindigd");
    expect("D\xC3\x89M\xC3\x89NAG\xC3\x89", "demenage");
    expect("na\xC3\xAFve fa\xC3\xA7"
           "ade",
           "naive facade");
    expect("\xC3\x86gir \xC3\x9F \xC3\xA6", "\xC3\xA6gir \xC3\x9F \xC3\xA6");
}

static void other_scripts_are_left_alone(void **state) {
    (void)state;
    expect("\xD0\x9A\xD0\xBE", "\xD0\x9A\xD0\xBE");
}

static void what_is_too_long_is_said_so(void **state) {
    (void)state;
    char text[200];
    char out[FOLD_BYTES_MAX + 1];
    memset(text, 'a', sizeof(text));
    assert_int_equal(fold_text(text, sizeof(text), out), ERR_TOO_LARGE);
    assert_string_equal(out, "");
    assert_int_equal(fold_text(text, 90, out), 90);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_and_gaps_do_not_matter),
        cmocka_unit_test(accents_do_not_matter),
        cmocka_unit_test(other_scripts_are_left_alone),
        cmocka_unit_test(what_is_too_long_is_said_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
