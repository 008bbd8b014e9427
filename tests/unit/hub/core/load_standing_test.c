#include "hub/core/load.h"
#include "shared/base/limits.h"
#include "tests/unit/hub/core/load_world.h"

/* What stands beside the figures, and what of the past. The figures themselves are in load_test.c.
 */

/* Small organisations lead with what staff say (DESIGN 4). */
static void a_status_without_figures_is_shown_all_the_same(void **state) {
    struct world world = pair_begin();
    world_set_status(&world, 150, 250);
    struct load_query query = world_query(world.fixture, LOAD_BY_SERVICE);
    struct load_page page = world_page(world.fixture, &query);
    assert_int_equal(page.count, 2);
    for (size_t i = 0; i < page.count; i++) {
        assert_false(page.rows[i].has_figures);
        assert_true(page.rows[i].has_status);
        assert_int_equal(page.rows[i].freshness, FRESHNESS_UNKNOWN);
        assert_false(page.rows[i].open.known);
        assert_false(page.rows[i].per_fte.known);
    }
    assert_string_equal(page.rows[0].service.text, "buddy");
    world_publish_all(&world, first_day(), 7, 30);
    page = world_page(world.fixture, &query);
    assert_int_equal(page.count, 2);
    assert_false(page.rows[0].has_figures);
    assert_true(page.rows[1].has_figures);
    assert_string_equal(page.rows[1].service.text, "intake");
    pair_end(&world);
}

/* One service's hours unknown: the sum would make the others look busier than they are. */
static void hours_that_are_missing_leave_the_whole_unknown(void **state) {
    struct world world = pair_begin();
    world_set_status(&world, 0, 250);
    world_publish_all(&world, first_day(), 7, 30);
    assert_true(world_row(world.fixture, LOAD_BY_SERVICE).per_fte.known);
    assert_false(world_row(world.fixture, LOAD_BY_ORGANISATION).per_fte.known);
    pair_end(&world);
}

/* What was is shown as it was: a week asked for isn't old, and a series keeps its old weeks. */
static void a_past_week_and_a_series_do_not_fade(void **state) {
    struct world world = pair_begin();
    world_publish_all(&world, first_day() - 70, 7, 20);
    world_publish_all(&world, first_day(), 7, 30);
    struct load_query query = world_query(world.fixture, LOAD_BY_SERVICE);
    query.until_day = first_day() - 68;
    struct load_page page = world_page(world.fixture, &query);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.rows[0].age_days, 2);
    assert_int_equal(page.rows[0].freshness, FRESHNESS_FRESH);
    assert_interval(&page.rows[0].queue, 20, 20);
    query.until_day = first_day();
    query.org = world.a.org;
    struct store_txn *view = fixture_read(world.fixture);
    assert_int_equal(load_series(view, &query, 0, world.fixture->arena, &page), 0);
    store_abort(view);
    assert_int_equal(page.count, 2);
    assert_int_equal(page.rows[1].freshness, FRESHNESS_UNKNOWN);
    assert_interval(&page.rows[1].queue, 20, 20);
    pair_end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_without_figures_is_shown_all_the_same),
        cmocka_unit_test(hours_that_are_missing_leave_the_whole_unknown),
        cmocka_unit_test(a_past_week_and_a_series_do_not_fade),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
