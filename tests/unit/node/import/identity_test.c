#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdbool.h>

#include "node/import/identity.h"

static void headings_that_name_a_person_are_recognised(void **state) {
    (void)state;
    static const char *const identity[] = {
        "naam",
        "voornaam",
        "naam client",
        "rijksregisternummer",
        "insz",
        "geboortedatum",
        "gsm nummer",
        "e mail",
        "tel",
        "adres",
        "nom",
        "prenom",
        "last name",
        "date de naissance",
        "numero national",
    };
    for (size_t i = 0; i < sizeof(identity) / sizeof(identity[0]); i++) {
        assert_true(identity_heading(identity[i]));
    }
}

static void headings_of_a_case_are_not(void **state) {
    (void)state;
    static const char *const other[] = {"dossiernummer",  "gemeente", "dienst",
                                        "datum aanvraag", "naamloos", "hotel",
                                        "opmerkingen",    ""};
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        assert_false(identity_heading(other[i]));
    }
}

static void the_strict_list_lets_the_name_of_a_service_through(void **state) {
    (void)state;
    assert_false(identity_heading_strict("naam dienst"));
    assert_true(identity_heading("naam dienst"));
    assert_true(identity_heading_strict("voornaam"));
    assert_true(identity_heading_strict("rijksregisternummer"));
}

/* Test numbers with counter 999, which is never issued (npm stdnum 1.12.0, src/be specs). */
static void national_and_bis_numbers_are_recognised(void **state) {
    (void)state;
    assert_true(is_national_number("88022999990"));
    assert_true(is_national_number("88.02.29-999.90"));
    assert_true(is_national_number("88222999936"));
    assert_true(is_national_number("88422999979"));
    assert_true(is_national_number("08222999934"));
    assert_true(is_national_number("08422999977"));
}

static void other_numbers_are_not(void **state) {
    (void)state;
    assert_false(is_national_number("88022999991"));
    assert_false(is_national_number("08222999935"));
    assert_false(is_national_number("96331699989")); /* month 33 */
    assert_false(is_national_number("2026-000123"));
    assert_false(is_national_number("8802299999"));
    assert_false(is_national_number("880229999900"));
    assert_false(is_national_number("D88022999990"));
    assert_false(is_national_number(""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headings_that_name_a_person_are_recognised),
        cmocka_unit_test(headings_of_a_case_are_not),
        cmocka_unit_test(the_strict_list_lets_the_name_of_a_service_through),
        cmocka_unit_test(national_and_bis_numbers_are_recognised),
        cmocka_unit_test(other_numbers_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
