#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/places/services.h"

static const struct service *named(const char *id) {
    struct service_id parsed;
    assert_int_equal(service_id_parse(id, &parsed), 0);
    const struct service *service = service_by_id(&parsed);
    assert_non_null(service);
    return service;
}

static void a_service_is_found_by_id_and_by_dutch_name(void **state) {
    (void)state;
    assert_ptr_equal(service_find("leefloon"), named("leefloon"));
    assert_ptr_equal(service_find("Leefloon"), named("leefloon"));
    assert_ptr_equal(service_find("Lokaal opvanginitiatief (LOI)"), named("loi"));
    assert_ptr_equal(service_find("DMW rechten"), named("dmw-rechten"));
    assert_ptr_equal(service_find("Materiele hulp"), named("materiele-hulp"));
    assert_ptr_equal(service_find("NT2 A1, 's avonds"), named("nt2-a1-avond"));
}

static void a_service_of_the_regions_own_is_not_in_the_catalogue(void **state) {
    (void)state;
    struct service_id own;
    assert_int_equal(service_id_parse("fietslessen", &own), 0);
    assert_null(service_by_id(&own));
    assert_null(service_find("Fietslessen"));
    assert_null(service_find(""));
}

static void every_entry_is_well_formed_and_alone_with_its_names(void **state) {
    (void)state;
    size_t count = 0;
    const struct service *all = service_all(&count);
    for (size_t i = 0; i < count; i++) {
        struct service_id parsed;
        assert_int_equal(service_id_parse(all[i].id.text, &parsed), 0);
        assert_ptr_equal(service_by_id(&parsed), &all[i]);
        assert_ptr_equal(service_find(all[i].dutch), &all[i]);
        assert_true(strlen(all[i].english) > 0 && strlen(all[i].french) > 0);
        assert_int_not_equal(all[i].kinds, 0);
        assert_int_equal(all[i].level == COURSE_LEVEL_NONE || all[i].day_part != DAY_PART_NONE, 1);
    }
}

/* Law of 2 April 1965: it binds the OCMW, not a CAW that does the same. */
static void only_an_ocmws_own_task_is_tied_to_a_municipality(void **state) {
    (void)state;
    assert_true(service_is_territorial(named("leefloon"), ORG_KIND_OCMW));
    assert_true(service_is_territorial(named("huurwaarborg"), ORG_KIND_OCMW));
    assert_true(service_is_territorial(named("schuldbemiddeling"), ORG_KIND_OCMW));
    assert_false(service_is_territorial(named("schuldbemiddeling"), ORG_KIND_CAW));
    assert_false(service_is_territorial(named("huiswerk"), ORG_KIND_OCMW));
    assert_false(service_is_territorial(named("nt2-a1-dag"), ORG_KIND_NT2));
}

static void what_only_an_ocmw_gives_is_tied_there(void **state) {
    (void)state;
    size_t count = 0;
    const struct service *all = service_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (all[i].kinds == 1U << ORG_KIND_OCMW) {
            assert_true(service_is_territorial(&all[i], ORG_KIND_OCMW));
        }
        assert_true(!all[i].own_task || service_offered_by(&all[i], ORG_KIND_OCMW));
    }
}

static void the_catalogue_says_who_usually_offers_it(void **state) {
    (void)state;
    assert_true(service_offered_by(named("trajectbegeleiding"), ORG_KIND_AGII));
    assert_false(service_offered_by(named("trajectbegeleiding"), ORG_KIND_OCMW));
    assert_true(service_offered_by(named("onthaal"), ORG_KIND_DMW));
    assert_true(service_offered_by(named("verslavingszorg"), ORG_KIND_ADDICTION));
    assert_false(service_offered_by(named("leefloon"), ORG_KIND_NONE));
}

static void a_course_says_its_level_and_part_of_the_day(void **state) {
    (void)state;
    const struct service *course = named("nt2-alfa-a2-weekend");
    assert_int_equal(course->level, COURSE_LEVEL_ALFA_A2);
    assert_int_equal(course->day_part, DAY_PART_WEEKEND);
    assert_int_equal(named("nt2-a2-dag")->level, COURSE_LEVEL_A2);
    assert_int_equal(named("nt2-a2-dag")->day_part, DAY_PART_DAY);
    assert_int_equal(named("mo-avond")->day_part, DAY_PART_EVENING);
    assert_int_equal(named("mo-avond")->level, COURSE_LEVEL_NONE);
    assert_int_equal(named("leefloon")->day_part, DAY_PART_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_is_found_by_id_and_by_dutch_name),
        cmocka_unit_test(a_service_of_the_regions_own_is_not_in_the_catalogue),
        cmocka_unit_test(every_entry_is_well_formed_and_alone_with_its_names),
        cmocka_unit_test(only_an_ocmws_own_task_is_tied_to_a_municipality),
        cmocka_unit_test(what_only_an_ocmw_gives_is_tied_there),
        cmocka_unit_test(the_catalogue_says_who_usually_offers_it),
        cmocka_unit_test(a_course_says_its_level_and_part_of_the_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
