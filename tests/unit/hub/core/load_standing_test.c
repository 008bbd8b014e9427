#include "hub/core/load.h"
#include "shared/base/limits.h"
#include "tests/unit/hub/core/fixture.h"

/* What stands beside the figures, and what of the past. The figures themselves are in load_test.c.
 */

struct world {
    struct fixture *fixture;
    struct party a;
    struct party b;
};

static struct world begin(void) {
    struct world world = {
        .fixture = fixture_new(), .a = party_make("ocmw-a", 1), .b = party_make("ocmw-b", 2)};
    fixture_join(world.fixture, &world.a);
    fixture_join(world.fixture, &world.b);
    fixture_forget(world.fixture);
    return world;
}

static void end(struct world *world) {
    fixture_free(world->fixture);
}

static struct load_query query_by(const struct fixture *fixture, enum load_view by) {
    return (struct load_query){.by = by,
                               .until_day = brussels_day(fixture->now_ms),
                               .now_ms = fixture->now_ms,
                               .limit = PAGE_ROWS_MAX};
}

static struct load_page page_of(struct fixture *fixture, const struct load_query *query) {
    struct store_txn *view = fixture_read(fixture);
    struct load_page page;
    assert_int_equal(load_page(view, query, fixture->arena, &page), 0);
    store_abort(view);
    return page;
}

static struct load_row row_by(struct fixture *fixture, enum load_view by) {
    struct load_query query = query_by(fixture, by);
    if (by == LOAD_BY_SERVICE) {
        query.service = service_named("intake");
    }
    struct load_page page = page_of(fixture, &query);
    assert_int_equal(page.count, 1);
    assert_false(page.more);
    return page.rows[0];
}

static struct wait_bins bins_of(const uint32_t counts[7]) {
    struct wait_bins bins = {.edge_count = 6, .edges_weeks = {1, 2, 4, 8, 13, 26}};
    memcpy(bins.counts, counts, 7 * sizeof(counts[0]));
    return bins;
}

static struct service_figures service_of(const char *name, uint32_t open, uint32_t waiting) {
    return (struct service_figures){
        .service = service_named(name), .open = count_value(open), .waiting = count_value(waiting)};
}

static void publish(struct world *world, const struct signal *signal) {
    assert_taken(fixture_publish(world->fixture, &world->a, signal));
}

static void assert_interval(const struct load_count *count, int64_t low, int64_t high) {
    assert_true(count->known);
    assert_int_equal(count->interval.low, low);
    assert_int_equal(count->interval.high, high);
}

static void set_status(struct world *world, uint32_t buddy_fte, uint32_t intake_fte) {
    struct service_state services[2] = {
        {.service = service_named("buddy"),
         .status = SERVICE_STATUS_OPEN,
         .fte_hundredths = buddy_fte},
        {.service = service_named("intake"),
         .status = SERVICE_STATUS_CLOSED,
         .fte_hundredths = intake_fte,
         .reopens_day = first_day() + 9},
    };
    const struct status status = {
        .set_at_ms = world->fixture->now_ms - 5, .services = services, .service_count = 2};
    assert_taken(fixture_set_status(world->fixture, &world->a, &status));
}

static void publish_all(struct world *world, int32_t day, uint32_t period_days, uint32_t queue) {
    struct signal signal = signal_plain(day);
    struct service_figures service = service_of("intake", 60, queue);
    service.still_waiting = bins_of((uint32_t[]){3, 3, 3, 3, 3, 3, 3});
    service.since_contact = service.still_waiting;
    signal.services = &service;
    signal.service_count = 1;
    signal.period_days = period_days;
    publish(world, &signal);
}

/* Small organisations lead with what staff say (DESIGN 4). */
static void a_status_without_figures_is_shown_all_the_same(void **state) {
    struct world world = begin();
    set_status(&world, 150, 250);
    struct load_query query = query_by(world.fixture, LOAD_BY_SERVICE);
    struct load_page page = page_of(world.fixture, &query);
    assert_int_equal(page.count, 2);
    for (size_t i = 0; i < page.count; i++) {
        assert_false(page.rows[i].has_figures);
        assert_true(page.rows[i].has_status);
        assert_int_equal(page.rows[i].freshness, FRESHNESS_UNKNOWN);
        assert_false(page.rows[i].open.known);
        assert_false(page.rows[i].per_fte.known);
    }
    assert_string_equal(page.rows[0].service.text, "buddy");
    publish_all(&world, first_day(), 7, 30);
    page = page_of(world.fixture, &query);
    assert_int_equal(page.count, 2);
    assert_false(page.rows[0].has_figures);
    assert_true(page.rows[1].has_figures);
    assert_string_equal(page.rows[1].service.text, "intake");
    end(&world);
}

/* One service's hours unknown: the sum would make the others look busier than they are. */
static void hours_that_are_missing_leave_the_whole_unknown(void **state) {
    struct world world = begin();
    set_status(&world, 0, 250);
    publish_all(&world, first_day(), 7, 30);
    assert_true(row_by(world.fixture, LOAD_BY_SERVICE).per_fte.known);
    assert_false(row_by(world.fixture, LOAD_BY_ORGANISATION).per_fte.known);
    end(&world);
}

/* What was is shown as it was: a week asked for isn't old, and a series keeps its old weeks. */
static void a_past_week_and_a_series_do_not_fade(void **state) {
    struct world world = begin();
    publish_all(&world, first_day() - 70, 7, 20);
    publish_all(&world, first_day(), 7, 30);
    struct load_query query = query_by(world.fixture, LOAD_BY_SERVICE);
    query.until_day = first_day() - 68;
    struct load_page page = page_of(world.fixture, &query);
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
    end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_without_figures_is_shown_all_the_same),
        cmocka_unit_test(hours_that_are_missing_leave_the_whole_unknown),
        cmocka_unit_test(a_past_week_and_a_series_do_not_fade),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
