#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hub/shell/routes.h"
#include "hub/shell/vitals.h"
#include "shared/base/limits.h"

static struct org_id numbered(int number) {
    struct org_id org = {0};
    snprintf(org.text, sizeof(org.text), "org-%d", number);
    return org;
}

static struct link_route by(uint8_t number) {
    return (struct link_route){.length = 2, .bytes = {7, number}};
}

static void the_latest_connection_is_the_way_back(void **state) {
    struct routes *routes;
    struct org_id org = numbered(1);
    struct link_route found;
    struct link_route first = by(1);
    struct link_route second = by(2);
    assert_int_equal(routes_new(&routes), 0);
    assert_int_equal(routes_find(routes, &org, &found), ERR_NOT_FOUND);
    assert_int_equal(routes_heard_ms(routes, &org), 0);
    routes_note(routes, &org, &first, 1000);
    routes_note(routes, &org, &second, 2000);
    assert_int_equal(routes_find(routes, &org, &found), 0);
    assert_memory_equal(&found, &second, sizeof(found));
    assert_int_equal(routes_heard_ms(routes, &org), 2000);
    routes_free(routes);
}

static void a_dropped_route_is_gone_but_not_when_it_was_heard(void **state) {
    struct routes *routes;
    struct org_id org = numbered(1);
    struct link_route route = by(1);
    assert_int_equal(routes_new(&routes), 0);
    routes_note(routes, &org, &route, 1000);
    routes_drop(routes, &org);
    assert_int_equal(routes_find(routes, &org, &route), ERR_NOT_FOUND);
    assert_int_equal(routes_heard_ms(routes, &org), 1000);
    routes_free(routes);
}

static void every_member_keeps_its_own_and_no_more_are_taken(void **state) {
    struct routes *routes;
    struct link_route found;
    assert_int_equal(routes_new(&routes), 0);
    for (int i = 0; i <= MEMBERS_MAX; i++) {
        struct org_id org = numbered(i);
        struct link_route route = {.length = 4};
        be32_write(route.bytes, (uint32_t)i);
        routes_note(routes, &org, &route, i + 1);
    }
    for (int i = 0; i < MEMBERS_MAX; i++) {
        struct org_id org = numbered(i);
        assert_int_equal(routes_find(routes, &org, &found), 0);
        assert_int_equal(be32_read(found.bytes), i);
    }
    struct org_id last = numbered(MEMBERS_MAX);
    assert_int_equal(routes_find(routes, &last, &found), ERR_NOT_FOUND);
    routes_free(routes);
}

/* Nearest rank, by hand: of 1..10 the 50th percentile is 5 and the 99th is 10. */
static void percentiles_are_by_nearest_rank(void **state) {
    uint64_t values[] = {10, 1, 9, 2, 8, 3, 7, 4, 6, 5};
    uint64_t one[] = {42};
    assert_int_equal(vitals_percentile(values, 10, 50), 5);
    assert_int_equal(vitals_percentile(values, 10, 99), 10);
    assert_int_equal(vitals_percentile(values, 10, 0), 1);
    assert_int_equal(vitals_percentile(one, 1, 50), 42);
    assert_int_equal(vitals_percentile(one, 0, 50), 0);
}

static void only_the_latest_turns_are_told(void **state) {
    struct vitals *vitals;
    struct vitals_view view;
    assert_int_equal(vitals_new(&vitals), 0);
    vitals_turn(vitals, 1000000);
    for (int i = 0; i < VITALS_TURNS; i++) {
        vitals_turn(vitals, 7);
    }
    vitals_get(vitals, &view);
    assert_int_equal(view.turn_p99_us, 7);
    assert_int_equal(view.turn_count, VITALS_TURNS + 1);
    assert_int_equal(view.turn_us_sum, 1000000 + 7 * VITALS_TURNS);
    vitals_free(vitals);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_latest_connection_is_the_way_back),
        cmocka_unit_test(a_dropped_route_is_gone_but_not_when_it_was_heard),
        cmocka_unit_test(every_member_keeps_its_own_and_no_more_are_taken),
        cmocka_unit_test(percentiles_are_by_nearest_rank),
        cmocka_unit_test(only_the_latest_turns_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
