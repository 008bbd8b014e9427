#include "tests/unit/hub/core/load_world.h"

#include "shared/base/limits.h"

struct load_query world_query(const struct fixture *fixture, enum load_view by) {
    return (struct load_query){.by = by,
                               .until_day = brussels_day(fixture->now_ms),
                               .now_ms = fixture->now_ms,
                               .limit = PAGE_ROWS_MAX};
}

struct load_page world_page(struct fixture *fixture, const struct load_query *query) {
    struct store_txn *view = fixture_read(fixture);
    struct load_page page;
    assert_int_equal(load_page(view, query, fixture->arena, &page), 0);
    store_abort(view);
    return page;
}

struct load_row world_row(struct fixture *fixture, enum load_view by) {
    struct load_query query = world_query(fixture, by);
    if (by == LOAD_BY_SERVICE) {
        query.service = service_named("intake");
    }
    struct load_page page = world_page(fixture, &query);
    assert_int_equal(page.count, 1);
    assert_false(page.more);
    return page.rows[0];
}

struct wait_bins world_bins(const uint32_t counts[7]) {
    struct wait_bins bins = {.edge_count = 6, .edges_weeks = {1, 2, 4, 8, 13, 26}};
    memcpy(bins.counts, counts, 7 * sizeof(counts[0]));
    return bins;
}

struct service_figures world_service(const char *name, uint32_t open, uint32_t waiting) {
    return (struct service_figures){
        .service = service_named(name), .open = count_value(open), .waiting = count_value(waiting)};
}

void world_publish(struct world *world, const struct signal *signal) {
    assert_taken(fixture_publish(world->fixture, &world->a, signal));
}

void assert_interval(const struct load_count *count, int64_t low, int64_t high) {
    assert_true(count->known);
    assert_int_equal(count->interval.low, low);
    assert_int_equal(count->interval.high, high);
}

void world_set_status(struct world *world, uint32_t buddy_fte, uint32_t intake_fte) {
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

void world_publish_all(struct world *world, int32_t day, uint32_t period_days, uint32_t queue) {
    struct signal signal = signal_plain(day);
    struct service_figures service = world_service("intake", 60, queue);
    service.still_waiting = world_bins((uint32_t[]){3, 3, 3, 3, 3, 3, 3});
    service.since_contact = service.still_waiting;
    signal.services = &service;
    signal.service_count = 1;
    signal.period_days = period_days;
    world_publish(world, &signal);
}
