#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "node/import/lookups.h"
#include "shared/base/civil.h"

static uint32_t municipality(const char *text) {
    struct nis nis = {0};
    int32_t today;
    const struct import_lookups *places = &import_lookups_places;
    assert_int_equal(date_parse("2026-11-23", &today), 0);
    int r = places->municipality(places->context, text, today, &nis);
    assert_true(r == 0 || r == ERR_NOT_FOUND);
    return nis.code;
}

/* data: the registers of Flemish municipalities, mergers of 2019 and 2025. */
static void codes_from_before_a_merger_become_todays(void **state) {
    (void)state;
    assert_int_equal(municipality("34022"), 34022);
    assert_int_equal(municipality("Kortrijk"), 34022);
    assert_int_equal(municipality("8500"), 34022);
    assert_int_equal(municipality("11007"), 11002); /* Borsbeek, into Antwerpen in 2025 */
    assert_int_equal(municipality("Kotrijk"), 0);
    assert_int_equal(municipality("99999"), 0);
}

static void languages_and_services_are_found_by_name(void **state) {
    (void)state;
    const struct import_lookups *places = &import_lookups_places;
    struct language language;
    struct service_id service;
    assert_int_equal(places->language(NULL, "Nederlands", &language), 0);
    assert_string_equal(language.code, "nld");
    assert_int_equal(places->language(NULL, "Klingon", &language), ERR_NOT_FOUND);
    assert_int_equal(places->service(NULL, "Leefloon", &service), 0);
    assert_string_equal(service.text, "leefloon");
    assert_int_equal(places->service(NULL, "fietslessen", &service), ERR_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_from_before_a_merger_become_todays),
        cmocka_unit_test(languages_and_services_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
