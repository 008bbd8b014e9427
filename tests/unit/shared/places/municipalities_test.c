#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/base/civil.h"
#include "shared/places/municipalities.h"

static int32_t day(int32_t year, int32_t month, int32_t day_of_month) {
    return day_from_date((struct date){.year = year, .month = month, .day = day_of_month});
}

static void assert_rebased(uint32_t from, int32_t on_day, uint32_t to) {
    struct nis nis = {0};
    assert_int_equal(municipality_rebase((struct nis){.code = from}, on_day, &nis), PLACE_FOUND);
    assert_int_equal(nis.code, to);
}

static void assert_finds(const char *text, int32_t on_day, uint32_t expected) {
    struct nis nis = {0};
    assert_int_equal(municipality_find(text, on_day, &nis), PLACE_FOUND);
    assert_int_equal(nis.code, expected);
}

static void assert_not_found(const char *text, enum place_match reason) {
    struct nis nis = {.code = 7};
    assert_int_equal(municipality_find(text, day(2026, 11, 23), &nis), reason);
    assert_int_equal(nis.code, 7);
}

/* Statbel: 285 Flemish municipalities since 2025, 300 from 2019 on, 308 before; 19 in Brussels. */
static void as_many_municipalities_stand_as_the_law_says(void **state) {
    (void)state;
    const int32_t days[] = {day(2018, 12, 31), day(2019, 1, 1), day(2024, 12, 31), day(2025, 1, 1)};
    static const size_t expected[] = {308 + 19, 300 + 19, 300 + 19, 285 + 19};
    size_t count = 0;
    const struct municipality *all = municipality_all(&count);
    for (size_t d = 0; d < 4; d++) {
        size_t standing = 0;
        for (size_t i = 0; i < count; i++) {
            standing += all[i].since_day <= days[d] && days[d] < all[i].until_day ? 1 : 0;
        }
        assert_int_equal(standing, expected[d]);
    }
}

static void a_merged_code_is_valid_until_the_day_of_the_merger(void **state) {
    (void)state;
    assert_rebased(44012, day(2024, 12, 31), 44012); /* De Pinte */
    assert_rebased(44012, day(2025, 1, 1), 44086);   /* Nazareth-De Pinte */
    assert_rebased(44001, day(2018, 12, 31), 44001); /* Aalter, as it was */
    assert_rebased(44001, day(2019, 1, 1), 44084);
    assert_rebased(72040, day(2026, 11, 23), 72042); /* Meeuwen-Gruitrode: Oudsbergen */
}

static void antwerpen_keeps_its_code_and_takes_borsbeek_in(void **state) {
    (void)state;
    assert_rebased(11002, day(2024, 6, 1), 11002);
    assert_rebased(11002, day(2026, 11, 23), 11002);
    assert_rebased(11007, day(2024, 6, 1), 11007);
    assert_rebased(11007, day(2026, 11, 23), 11002);
}

static void zwijndrecht_follows_into_another_province(void **state) {
    (void)state;
    assert_rebased(11056, day(2026, 11, 23), 46030);
    assert_int_equal(municipality_by_nis((struct nis){.code = 46030})->reference_region, 14);
}

static void a_new_code_says_nothing_about_the_time_before(void **state) {
    (void)state;
    struct nis nis = {.code = 7};
    assert_int_equal(municipality_rebase((struct nis){.code = 37022}, day(2024, 12, 31), &nis),
                     PLACE_AMBIGUOUS);
    assert_int_equal(nis.code, 7);
}

/* The five that got a new code under their old name. */
static void an_old_name_means_the_code_of_that_day(void **state) {
    (void)state;
    static const struct {
        const char *name;
        uint32_t before;
        uint32_t after;
    } renamed[] = {
        {"Tielt", 37015, 37022},   {"Wingene", 37018, 37021},   {"Lokeren", 46014, 46029},
        {"Hasselt", 71022, 71072}, {"Lochristi", 44034, 44087},
    };
    for (size_t i = 0; i < 5; i++) {
        assert_finds(renamed[i].name, day(2024, 12, 31), renamed[i].before);
        assert_finds(renamed[i].name, day(2025, 1, 1), renamed[i].after);
        assert_rebased(renamed[i].before, day(2025, 1, 1), renamed[i].after);
    }
}

static void a_name_that_is_gone_is_found_and_rebased(void **state) {
    (void)state;
    assert_finds("Ruiselede", day(2026, 11, 23), 37021);
    assert_finds("Zomergem", day(2026, 11, 23), 44085);
    assert_finds("Borsbeek", day(2024, 1, 1), 11007);
}

static void names_are_read_as_people_write_them(void **state) {
    (void)state;
    int32_t today = day(2026, 11, 23);
    assert_finds("GENT", today, 44021);
    assert_finds("sint niklaas", today, 46021);
    assert_finds("St.-Niklaas", today, 46021);
    assert_finds("Sint-Lambrechts-Woluwe", today, 21018);
    assert_finds("Heist op den Berg ", today, 12014);
}

static void every_municipality_is_found_by_its_own_name_and_code(void **state) {
    (void)state;
    size_t count = 0;
    const struct municipality *all = municipality_all(&count);
    for (size_t i = 0; i < count; i++) {
        int32_t on_day = all[i].until_day == INT32_MAX ? day(2026, 11, 23) : all[i].until_day - 1;
        assert_finds(all[i].name, on_day, all[i].nis.code);
        assert_rebased(all[i].nis.code, on_day, all[i].nis.code);
        assert_true(i == 0 || all[i - 1].nis.code < all[i].nis.code);
    }
}

/* A point within Flanders and Brussels, and a region for all but the nineteen of Brussels. */
static void what_stands_has_a_place_and_a_region(void **state) {
    (void)state;
    size_t count = 0;
    const struct municipality *all = municipality_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (all[i].until_day != INT32_MAX) {
            assert_int_equal(all[i].lon_e5, 0);
            assert_non_null(municipality_by_nis(all[i].successor));
            continue;
        }
        assert_int_equal(all[i].successor.code, 0);
        assert_in_range(all[i].lon_e5, 254000, 592000);
        assert_in_range(all[i].lat_e5, 5067000, 5151000);
        bool brussels = all[i].nis.code / 1000 == 21;
        assert_int_equal(brussels, reference_region_at(all[i].reference_region) == NULL);
    }
}

/* bpost: 9000 Gent, 3500 Hasselt, 2150 Borsbeek, 2070 Zwijndrecht, 1000 Brussel. */
static void a_main_post_code_finds_todays_municipality(void **state) {
    (void)state;
    int32_t today = day(2026, 11, 23);
    assert_finds("9000", today, 44021);
    assert_finds("3500", today, 71072);
    assert_finds("2150", today, 11002);
    assert_finds("2070", today, 46030);
    assert_finds("1000", today, 21004);
    struct nis nis = {0};
    assert_int_equal(municipality_by_post_code("3500", day(2024, 1, 1), &nis), PLACE_AMBIGUOUS);
}

/* bpost: hamlets that carry the name of a municipality elsewhere. */
static void a_hamlet_of_the_same_name_is_not_the_municipality(void **state) {
    (void)state;
    int32_t today = day(2026, 11, 23);
    assert_finds("1785", today, 23052); /* Merchtem, with Hamme in it */
    assert_finds("9220", today, 42008); /* Hamme */
    assert_finds("9500", today, 41018); /* Geraardsbergen, with Moerbeke in it */
    assert_finds("9180", today, 46029); /* Moerbeke, now Lokeren */
    assert_finds("1830", today, 23047); /* Machelen */
    assert_finds("9870", today, 44081); /* Zulte, with Machelen in it */
    assert_finds("8301", today, 31043); /* Knokke-Heist, with Ramskapelle in it */
    assert_finds("3290", today, 24020); /* Diest */
}

static void what_is_no_place_says_why(void **state) {
    (void)state;
    assert_not_found("99999", PLACE_UNKNOWN);
    assert_not_found("01000", PLACE_MALFORMED);
    assert_not_found("0123", PLACE_MALFORMED);
    assert_not_found("123456", PLACE_MALFORMED);
    assert_not_found("2", PLACE_MALFORMED);
    assert_not_found("9999", PLACE_UNKNOWN);
    assert_not_found("Liège", PLACE_UNKNOWN);
    assert_not_found("", PLACE_UNKNOWN);
    assert_not_found("\xD0\x93\xD0\xB5\xD0\xBD\xD1\x82", PLACE_UNKNOWN);
    assert_null(municipality_by_nis((struct nis){.code = 0}));
}

static void there_are_fifteen_reference_regions(void **state) {
    (void)state;
    assert_null(reference_region_at(0));
    assert_string_equal(reference_region_at(1)->code, "REFREG01");
    assert_string_equal(reference_region_at(15)->name, "Limburg");
    assert_null(reference_region_at(16));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_municipalities_stand_as_the_law_says),
        cmocka_unit_test(a_merged_code_is_valid_until_the_day_of_the_merger),
        cmocka_unit_test(antwerpen_keeps_its_code_and_takes_borsbeek_in),
        cmocka_unit_test(zwijndrecht_follows_into_another_province),
        cmocka_unit_test(a_new_code_says_nothing_about_the_time_before),
        cmocka_unit_test(an_old_name_means_the_code_of_that_day),
        cmocka_unit_test(a_name_that_is_gone_is_found_and_rebased),
        cmocka_unit_test(names_are_read_as_people_write_them),
        cmocka_unit_test(every_municipality_is_found_by_its_own_name_and_code),
        cmocka_unit_test(what_stands_has_a_place_and_a_region),
        cmocka_unit_test(a_main_post_code_finds_todays_municipality),
        cmocka_unit_test(a_hamlet_of_the_same_name_is_not_the_municipality),
        cmocka_unit_test(what_is_no_place_says_why),
        cmocka_unit_test(there_are_fifteen_reference_regions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
