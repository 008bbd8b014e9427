#include "hub/core/totals.h"
#include "shared/base/limits.h"
#include "tests/unit/hub/core/fixture.h"

/* Three organisations and what they say of two services, added up by hand in the comments. */

struct world {
    struct fixture *fixture;
    struct party parties[3];
};

static struct world begin(void) {
    struct world world = {
        .fixture = fixture_new(),
        .parties = {party_make("ocmw-a", 1), party_make("ocmw-b", 2), party_make("ocmw-c", 3)}};
    for (int i = 0; i < 3; i++) {
        fixture_join(world.fixture, &world.parties[i]);
    }
    return world;
}

static struct wait_bins bins_of(uint32_t first, uint32_t second) {
    return (struct wait_bins){.edge_count = 2, .edges_weeks = {4, 8}, .counts = {first, second, 0}};
}

static void publish(struct world *world, int party, int32_t days_ago, struct signal *signal) {
    signal->as_of_day = first_day() - days_ago;
    assert_taken(fixture_publish(world->fixture, &world->parties[party], signal));
}

static struct totals all_totals(struct world *world, enum load_view by) {
    struct load_query query = {.by = by, .until_day = first_day(), .now_ms = first_ms()};
    struct store_txn *view = fixture_read(world->fixture);
    struct totals totals;
    assert_int_equal(totals_read(view, &query, world->fixture->arena, &totals), 0);
    store_abort(view);
    return totals;
}

static struct total_row *totals_of(struct world *world, enum load_view by, size_t count) {
    struct totals totals = all_totals(world, by);
    assert_int_equal(totals.count, count);
    return totals.rows;
}

/* intake: a 60 open, 30 waiting in bins 10 20; b 40 open, waiting withheld, no bins. Together 100
 * open, 30 waiting; the median of 10 up to 4 weeks and 20 up to 8: rank 15, 4 + 4 * 5/20 = 5.0;
 * P80: rank 24, 4 + 4 * 14/20 = 6.8. nt2: only b, 50 open and 12 waiting. */
static void figures_add_up_and_what_is_withheld_is_missing(void **state) {
    struct world world = begin();
    struct service_figures a = {.service = service_named("intake"),
                                .open = count_value(60),
                                .waiting = count_value(30),
                                .still_waiting = bins_of(10, 20)};
    struct service_figures b[2] = {
        {.service = service_named("intake"), .open = count_value(40)},
        {.service = service_named("nt2"), .open = count_value(50), .waiting = count_value(12)}};
    struct signal signal = signal_plain(first_day());
    signal.services = &a;
    signal.service_count = 1;
    publish(&world, 0, 0, &signal);
    signal.services = b;
    signal.service_count = 2;
    publish(&world, 1, 3, &signal);
    struct total_row *rows = totals_of(&world, LOAD_BY_SERVICE, 2);
    assert_string_equal(rows[0].service.text, "intake");
    assert_int_equal(rows[0].organisations, 2);
    assert_int_equal(rows[0].missing, 0);
    assert_int_equal(rows[0].open.low, 100);
    assert_int_equal(rows[0].open.high, 100);
    assert_int_equal(rows[0].queue.low, 30);
    assert_int_equal(rows[0].queue_missing, 1);
    assert_int_equal(rows[0].elapsed_missing, 1);
    assert_int_equal(rows[0].elapsed.families, 30);
    assert_true(rows[0].elapsed.median_weeks > 4.999 && rows[0].elapsed.median_weeks < 5.001);
    assert_true(rows[0].elapsed.p80_weeks > 6.799 && rows[0].elapsed.p80_weeks < 6.801);
    assert_int_equal(rows[0].oldest_day, first_day() - 3);
    assert_string_equal(rows[1].service.text, "nt2");
    assert_int_equal(rows[1].organisations, 1);
    assert_int_equal(rows[1].open.low, 50);
    assert_false(rows[1].elapsed.known);
    fixture_free(world.fixture);
}

/* Three weeks old weekly figures stand no more: c is missing, not zero. */
static void what_has_faded_is_missing(void **state) {
    struct world world = begin();
    struct service_figures service = {
        .service = service_named("intake"), .open = count_value(70), .waiting = count_value(9)};
    struct signal signal = signal_plain(first_day());
    signal.services = &service;
    signal.service_count = 1;
    publish(&world, 0, 0, &signal);
    publish(&world, 2, 21, &signal);
    struct total_row *rows = totals_of(&world, LOAD_BY_SERVICE, 1);
    assert_int_equal(rows[0].organisations, 1);
    assert_int_equal(rows[0].missing, 1);
    assert_int_equal(rows[0].open.high, 70);
    fixture_free(world.fixture);
}

/* Bins with other edges can't be merged: they're missing from the waits, not from the counts. */
static void bins_with_other_edges_are_not_merged(void **state) {
    struct world world = begin();
    struct service_figures service = {.service = service_named("intake"),
                                      .open = count_value(60),
                                      .waiting = count_value(30),
                                      .still_waiting = bins_of(10, 20)};
    struct signal signal = signal_plain(first_day());
    signal.services = &service;
    signal.service_count = 1;
    publish(&world, 0, 0, &signal);
    service.still_waiting.edges_weeks[1] = 9;
    publish(&world, 1, 0, &signal);
    struct total_row *rows = totals_of(&world, LOAD_BY_SERVICE, 1);
    assert_int_equal(rows[0].open.low, 120);
    assert_int_equal(rows[0].elapsed.families, 30);
    assert_int_equal(rows[0].elapsed_missing, 1);
    fixture_free(world.fixture);
}

static void municipalities_add_up_over_organisations(void **state) {
    struct world world = begin();
    struct place_figures places[2] = {
        {.nis = {34022}, .open = count_value(40), .waiting = count_value(10)},
        {.nis = {36015}, .open = count_value(20), .waiting = count_value(5)}};
    struct signal signal = signal_plain(first_day());
    signal.places = places;
    signal.place_count = 2;
    publish(&world, 0, 0, &signal);
    signal.place_count = 1;
    publish(&world, 1, 0, &signal);
    struct total_row *rows = totals_of(&world, LOAD_BY_MUNICIPALITY, 2);
    assert_int_equal(rows[0].nis.code, 34022);
    assert_int_equal(rows[0].open.low, 80);
    assert_int_equal(rows[0].queue.low, 20);
    assert_int_equal(rows[1].nis.code, 36015);
    assert_int_equal(rows[1].organisations, 1);
    fixture_free(world.fixture);
}

/* a has a table of municipalities, b none (withheld), c only a band of its total. */
static void who_gives_no_table_is_counted_beside_it(void **state) {
    struct world world = begin();
    struct place_figures places[2] = {{.nis = {34022}, .open = count_value(40)},
                                      {.nis = {36015}, .open = count_value(20)}};
    struct signal signal = signal_plain(first_day());
    publish(&world, 1, 0, &signal);
    signal.places = places;
    signal.place_count = 2;
    publish(&world, 0, 0, &signal);
    signal.place_count = 0;
    signal.open = count_band(2);
    signal.waiting = count_band(1);
    publish(&world, 2, 0, &signal);
    struct totals totals = all_totals(&world, LOAD_BY_MUNICIPALITY);
    assert_int_equal(totals.count, 2);
    assert_int_equal(totals.rows[0].organisations, 1);
    assert_int_equal(totals.uncut, 2);
    fixture_free(world.fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_add_up_and_what_is_withheld_is_missing),
        cmocka_unit_test(what_has_faded_is_missing),
        cmocka_unit_test(bins_with_other_edges_are_not_merged),
        cmocka_unit_test(municipalities_add_up_over_organisations),
        cmocka_unit_test(who_gives_no_table_is_counted_beside_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
