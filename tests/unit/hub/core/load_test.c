#include "hub/core/load.h"
#include "shared/base/limits.h"
#include "tests/unit/hub/core/load_world.h"

/* Expected values are worked out by hand in the comments beside them; load_region_test.c holds a
 * whole region against another program's. */

static void assert_near(double value, double expected) {
    if (value < expected - 1e-9 || value > expected + 1e-9) {
        fail_msg("%.12f isn't %.12f", value, expected);
    }
}

/* -- counts -- */

static void a_value_is_read_as_itself(void **state) {
    struct world world = pair_begin();
    const struct signal signal = signal_plain(first_day());
    world_publish(&world, &signal);
    struct load_row row = world_row(world.fixture, LOAD_BY_ORGANISATION);
    assert_true(org_id_equal(&row.org, &world.a.org));
    assert_interval(&row.open, 100, 100);
    assert_interval(&row.queue, 40, 40);
    assert_false(row.open.is_band);
    assert_int_equal(row.as_of_day, first_day());
    assert_int_equal(row.period_days, 7);
    assert_int_equal(row.origin, FIGURES_ORIGIN_REGISTER);
    assert_int_equal(row.start_event, START_EVENT_ASKED);
    assert_false(row.has_status);
    assert_false(row.per_fte.known);
    assert_false(row.elapsed.known);
    pair_end(&world);
}

/* 1-9, 10-24 and 25-49, two of hysteresis and five of noise wider on both sides, but never below 1,
 * for a 0 is only ever shown as 0; and a 0 can be up to five. */
static void a_band_is_read_as_what_it_can_stand_for(void **state) {
    static const int64_t ends[COUNT_BANDS][2] = {{0, 5}, {1, 16}, {3, 31}, {18, 56}};
    struct world world = pair_begin();
    for (uint32_t band = 0; band < COUNT_BANDS; band++) {
        struct signal signal = signal_plain(first_day());
        signal.open = count_band(band);
        signal.waiting = count_band(COUNT_BANDS - 1 - band);
        world_publish(&world, &signal);
        struct load_row row = world_row(world.fixture, LOAD_BY_ORGANISATION);
        assert_interval(&row.open, ends[band][0], ends[band][1]);
        assert_true(row.open.is_band);
        assert_int_equal(row.open.band, band);
        assert_interval(&row.queue, ends[COUNT_BANDS - 1 - band][0],
                        ends[COUNT_BANDS - 1 - band][1]);
    }
    pair_end(&world);
}

static void a_withheld_count_is_unknown(void **state) {
    struct world world = pair_begin();
    struct signal signal = signal_plain(first_day());
    struct service_figures service = world_service("intake", 60, 30);
    service.waiting = (struct count){.form = COUNT_NONE};
    signal.services = &service;
    signal.service_count = 1;
    world_publish(&world, &signal);
    struct load_row row = world_row(world.fixture, LOAD_BY_SERVICE);
    assert_true(row.open.known);
    assert_false(row.queue.known);
    assert_false(row.elapsed.known);
    assert_int_equal(row.still_waiting.edge_count, 0);
    pair_end(&world);
}

/* -- elapsed waits -- */

static struct load_row with_bins(struct world *world, const uint32_t counts[7]) {
    struct signal signal = signal_plain(first_day());
    struct service_figures service = world_service("intake", 200, 100);
    service.still_waiting = world_bins(counts);
    service.since_contact = world_bins(counts);
    signal.services = &service;
    signal.service_count = 1;
    world_publish(world, &signal);
    return world_row(world->fixture, LOAD_BY_SERVICE);
}

/* 100 families. Half: 50; 10 + 10 + 20 = 40 wait at most 4 weeks, 30 more at most 8, so
 * 4 + 4 * (50 - 40) / 30 = 5 1/3. Four fifths: 80; 70 wait at most 8 weeks, 20 more at most 13, so
 * 8 + 5 * (80 - 70) / 20 = 10.5. */
static void the_median_and_p80_lie_within_their_bins(void **state) {
    struct world world = pair_begin();
    struct load_row row = with_bins(&world, (uint32_t[]){10, 10, 20, 30, 20, 6, 4});
    assert_true(row.elapsed.known);
    assert_int_equal(row.elapsed.families, 100);
    assert_near(row.elapsed.median_weeks, 16.0 / 3.0);
    assert_near(row.elapsed.p80_weeks, 10.5);
    assert_false(row.elapsed.median_beyond);
    assert_false(row.elapsed.p80_beyond);
    assert_int_equal(row.still_waiting.counts[3], 30);
    assert_int_equal(row.since_contact.edge_count, 6);
    assert_int_equal(row.since_contact.counts[6], 4);
    pair_end(&world);
}

/* Half of 10 is 5: all five in the first bin, so exactly its edge. Four fifths is 8:
 * 4 + 4 * (8 - 5) / 5 = 6.4. */
static void a_quantile_may_lie_on_an_edge(void **state) {
    struct world world = pair_begin();
    struct load_row row = with_bins(&world, (uint32_t[]){5, 0, 0, 5, 0, 0, 0});
    assert_near(row.elapsed.median_weeks, 1.0);
    assert_near(row.elapsed.p80_weeks, 6.4);
    pair_end(&world);
}

/* 20 families: half is 10, of whom 6 are in bins with an end. */
static void beyond_the_last_bin_one_only_knows_its_edge(void **state) {
    struct world world = pair_begin();
    struct load_row row = with_bins(&world, (uint32_t[]){0, 0, 0, 0, 3, 3, 14});
    assert_true(row.elapsed.median_beyond);
    assert_true(row.elapsed.p80_beyond);
    assert_near(row.elapsed.median_weeks, 26.0);
    assert_near(row.elapsed.p80_weeks, 26.0);
    /* Half of 20 is 10, all within 13 to 26: 13 + 13 * 10 / 12; four fifths beyond. */
    row = with_bins(&world, (uint32_t[]){0, 0, 0, 0, 0, 12, 8});
    assert_false(row.elapsed.median_beyond);
    assert_near(row.elapsed.median_weeks, 13.0 + 130.0 / 12.0);
    assert_true(row.elapsed.p80_beyond);
    pair_end(&world);
}

static void of_nobody_there_is_no_median(void **state) {
    struct world world = pair_begin();
    struct load_row row = with_bins(&world, (uint32_t[]){0, 0, 0, 0, 0, 0, 0});
    assert_false(row.elapsed.known);
    assert_int_equal(row.elapsed.families, 0);
    pair_end(&world);
}

/* -- age -- */

/* One period and a day, two periods and a day. */
static void figures_fade_with_their_period(void **state) {
    static const struct {
        int32_t age_days;
        uint32_t period_days;
        enum freshness freshness;
    } expected[] = {
        {0, 7, FRESHNESS_FRESH},     {7, 7, FRESHNESS_FRESH},    {8, 7, FRESHNESS_AGEING},
        {14, 7, FRESHNESS_AGEING},   {15, 7, FRESHNESS_UNKNOWN}, {400, 7, FRESHNESS_UNKNOWN},
        {31, 31, FRESHNESS_FRESH},   {32, 31, FRESHNESS_AGEING}, {62, 31, FRESHNESS_AGEING},
        {63, 31, FRESHNESS_UNKNOWN}, {1, 1, FRESHNESS_FRESH},    {2, 1, FRESHNESS_AGEING},
        {3, 1, FRESHNESS_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_int_equal(load_freshness(expected[i].age_days, expected[i].period_days),
                         expected[i].freshness);
    }
}

static struct load_row after_days(struct world *world, int days) {
    world->fixture->now_ms = first_ms() + days * (int64_t)DAY_MS;
    return world_row(world->fixture, LOAD_BY_SERVICE);
}

static void an_old_figure_fades_to_unknown_and_says_no_more_than_its_age(void **state) {
    static const uint32_t periods[] = {7, 31};
    for (size_t i = 0; i < 2; i++) {
        struct world world = pair_begin();
        int period = (int)periods[i];
        world_set_status(&world, 100, 100);
        for (int32_t week = 4; week >= 0; week--) {
            world_publish_all(&world, first_day() - 7 * week, periods[i],
                              (uint32_t)(30 - 5 * week));
        }
        assert_int_equal(after_days(&world, period).freshness, FRESHNESS_FRESH);
        struct load_row ageing = after_days(&world, period + 1);
        assert_int_equal(ageing.freshness, FRESHNESS_AGEING);
        assert_int_equal(ageing.age_days, period + 1);
        assert_interval(&ageing.open, 60, 60);
        assert_true(ageing.elapsed.known);
        assert_true(ageing.per_fte.known);
        assert_int_equal(ageing.trend.direction, TREND_RISING);
        assert_int_equal(after_days(&world, 2 * period).freshness, FRESHNESS_AGEING);
        struct load_row unknown = after_days(&world, 2 * period + 1);
        assert_int_equal(unknown.freshness, FRESHNESS_UNKNOWN);
        assert_int_equal(unknown.as_of_day, first_day());
        assert_int_equal(unknown.age_days, 2 * period + 1);
        assert_false(unknown.open.known);
        assert_false(unknown.queue.known);
        assert_int_equal(unknown.open.interval.high, 0);
        assert_false(unknown.elapsed.known);
        assert_int_equal(unknown.still_waiting.edge_count, 0);
        assert_int_equal(unknown.since_contact.edge_count, 0);
        assert_false(unknown.per_fte.known);
        assert_int_equal(unknown.trend.direction, TREND_NOT_ENOUGH);
        pair_end(&world);
    }
}

/* -- per full-time equivalent -- */

/* 60 cases on 2.5 full-time equivalents are 24 each; 100 on 2.5 + 1.5 = 4 are 25. */
static void load_per_fte_is_of_the_service_or_of_all_services_together(void **state) {
    struct world world = pair_begin();
    world_set_status(&world, 150, 250);
    world_publish_all(&world, first_day(), 7, 30);
    struct load_row service = world_row(world.fixture, LOAD_BY_SERVICE);
    assert_true(service.per_fte.known);
    assert_near(service.per_fte.low, 24.0);
    assert_near(service.per_fte.high, 24.0);
    assert_true(service.has_status);
    assert_int_equal(service.status.status, SERVICE_STATUS_CLOSED);
    assert_int_equal(service.status.reopens_day, first_day() + 9);
    assert_int_equal(service.status_set_ms, world.fixture->now_ms - 5);
    struct load_row whole = world_row(world.fixture, LOAD_BY_ORGANISATION);
    assert_near(whole.per_fte.low, 25.0);
    assert_false(whole.has_status);
    pair_end(&world);
}

/* 10-24 reads 3 to 31; on 2.5 full-time equivalents 1.2 to 12.4. */
static void load_per_fte_of_a_band_is_an_interval(void **state) {
    struct world world = pair_begin();
    struct signal signal = signal_plain(first_day());
    signal.open = count_band(2);
    signal.waiting = count_band(1);
    world_set_status(&world, 150, 100);
    world_publish(&world, &signal);
    struct load_row row = world_row(world.fixture, LOAD_BY_ORGANISATION);
    assert_true(row.per_fte.known);
    assert_near(row.per_fte.low, 1.2);
    assert_near(row.per_fte.high, 12.4);
    pair_end(&world);
}

static void without_hours_load_per_fte_is_unknown(void **state) {
    struct world world = pair_begin();
    world_set_status(&world, 0, 0);
    world_publish_all(&world, first_day(), 7, 30);
    assert_false(world_row(world.fixture, LOAD_BY_ORGANISATION).per_fte.known);
    assert_false(world_row(world.fixture, LOAD_BY_SERVICE).per_fte.known);
    assert_true(world_row(world.fixture, LOAD_BY_SERVICE).has_status);
    pair_end(&world);
}

/* -- trend -- */

static void publish_queue(struct world *world, int weeks_ago, enum figures_origin origin,
                          struct count waiting) {
    struct signal signal = signal_plain(first_day() - 7 * weeks_ago);
    signal.origin = origin;
    signal.waiting = waiting;
    world_publish(world, &signal);
}

static struct trend trend_of_queue(enum figures_origin origin, const uint32_t *waiting,
                                   size_t count) {
    struct world world = pair_begin();
    for (size_t i = 0; i < count; i++) {
        publish_queue(&world, (int)(count - 1 - i), origin, count_value(waiting[i]));
    }
    struct trend trend = world_row(world.fixture, LOAD_BY_ORGANISATION).trend;
    pair_end(&world);
    return trend;
}

/* 40 43 46 50: slopes 3, 3, 3, 3.5, 10/3, 4; in order 3 3 3 10/3 3.5 4, the median (3 + 10/3) / 2 =
 * 19/6. 50 45 41 40: -5, -4.5, -10/3, -4, -2.5, -1; median (-4 - 10/3) / 2 = -11/3.
 * 40 40 41 41: 0, .5, 1/3, 1, .5, 0; in order 0 0 1/3 .5 .5 1, median 5/12: that much noise alone
 * can do to a register, and not to what is published unperturbed. */
static void the_trend_is_the_median_slope_of_the_queue(void **state) {
    struct trend rising = trend_of_queue(FIGURES_ORIGIN_REGISTER, (uint32_t[]){40, 43, 46, 50}, 4);
    assert_int_equal(rising.direction, TREND_RISING);
    assert_near(rising.slope_per_week, 19.0 / 6.0);
    struct trend falling = trend_of_queue(FIGURES_ORIGIN_REGISTER, (uint32_t[]){50, 45, 41, 40}, 4);
    assert_int_equal(falling.direction, TREND_FALLING);
    assert_near(falling.slope_per_week, -11.0 / 3.0);
    struct trend level = trend_of_queue(FIGURES_ORIGIN_REGISTER, (uint32_t[]){40, 40, 41, 41}, 4);
    assert_int_equal(level.direction, TREND_LEVEL);
    struct trend exact = trend_of_queue(FIGURES_ORIGIN_PUBLISHED, (uint32_t[]){40, 40, 41, 41}, 4);
    assert_int_equal(exact.direction, TREND_RISING);
    assert_near(exact.slope_per_week, 5.0 / 12.0);
    struct trend few = trend_of_queue(FIGURES_ORIGIN_REGISTER, (uint32_t[]){40, 43, 46}, 3);
    assert_int_equal(few.direction, TREND_NOT_ENOUGH);
}

/* Only the last quarter counts, only figures of the same origin, and a band is no point: what
 * remains is 30 40 50 60, ten a week. */
static void a_trend_is_of_comparable_figures_of_one_quarter(void **state) {
    struct world world = pair_begin();
    for (int week = 0; week < 4; week++) {
        publish_queue(&world, week, FIGURES_ORIGIN_REGISTER,
                      count_value((uint32_t)(60 - 10 * week)));
    }
    publish_queue(&world, 4, FIGURES_ORIGIN_REGISTER, count_band(2));
    for (int week = 5; week < 10; week++) {
        publish_queue(&world, week, FIGURES_ORIGIN_PUBLISHED, count_value(900));
    }
    for (int week = 14; week < 20; week++) {
        publish_queue(&world, week, FIGURES_ORIGIN_REGISTER, count_value(900));
    }
    struct trend trend = world_row(world.fixture, LOAD_BY_ORGANISATION).trend;
    assert_int_equal(trend.direction, TREND_RISING);
    assert_near(trend.slope_per_week, 10.0);
    pair_end(&world);
}

/* -- views, filters, pages -- */

static void publish_cut(struct world *world, struct party *party, int32_t day, uint32_t more) {
    struct service_figures services[] = {world_service("buddy", 50 + more, 10),
                                         world_service("intake", 60 + more, 20),
                                         world_service("nt2", 70 + more, 30)};
    struct place_figures places[] = {
        {.nis = {34022}, .open = count_value(30 + more), .waiting = count_value(7)},
        {.nis = {36015}, .open = count_value(40 + more), .waiting = count_value(8)}};
    struct language_figures languages[] = {
        {.language = {"ara"}, .open = count_value(10 + more), .waiting = count_value(5)},
        {.language = {"nld"}, .open = count_value(20 + more), .waiting = count_value(6)}};
    struct signal signal = signal_plain(day);
    signal.services = services;
    signal.service_count = 3;
    signal.places = places;
    signal.place_count = 2;
    signal.languages = languages;
    signal.language_count = 2;
    assert_taken(fixture_publish(world->fixture, party, &signal));
}

static void figures_are_cut_four_ways(void **state) {
    struct world world = pair_begin();
    world_set_status(&world, 100, 100);
    publish_cut(&world, &world.a, first_day(), 0);
    struct load_query query = world_query(world.fixture, LOAD_BY_SERVICE);
    struct load_page page = world_page(world.fixture, &query);
    assert_int_equal(page.count, 3);
    assert_string_equal(page.rows[2].service.text, "nt2");
    assert_interval(&page.rows[2].open, 70, 70);
    assert_int_equal(page.rows[2].nis.code, 0);
    query.by = LOAD_BY_MUNICIPALITY;
    page = world_page(world.fixture, &query);
    assert_int_equal(page.count, 2);
    assert_int_equal(page.rows[0].nis.code, 34022);
    assert_interval(&page.rows[0].queue, 7, 7);
    assert_false(page.rows[0].per_fte.known); /* hours aren't known by municipality */
    query.by = LOAD_BY_LANGUAGE;
    page = world_page(world.fixture, &query);
    assert_int_equal(page.count, 2);
    assert_string_equal(page.rows[1].language.code, "nld");
    assert_interval(&page.rows[1].queue, 6, 6);
    assert_false(page.rows[1].per_fte.known);
    query.by = LOAD_BY_ORGANISATION;
    page = world_page(world.fixture, &query);
    assert_int_equal(page.count, 1);
    assert_interval(&page.rows[0].open, 100, 100);
    pair_end(&world);
}

static void filters_leave_what_was_asked_for(void **state) {
    struct world world = pair_begin();
    publish_cut(&world, &world.a, first_day(), 0);
    publish_cut(&world, &world.b, first_day(), 100);
    struct load_query query = world_query(world.fixture, LOAD_BY_SERVICE);
    assert_int_equal(world_page(world.fixture, &query).count, 6);
    query.service = service_named("intake");
    struct load_page page = world_page(world.fixture, &query);
    assert_int_equal(page.count, 2);
    assert_interval(&page.rows[0].open, 60, 60);
    assert_interval(&page.rows[1].open, 160, 160);
    query.org = world.b.org;
    page = world_page(world.fixture, &query);
    assert_int_equal(page.count, 1);
    assert_interval(&page.rows[0].open, 160, 160);
    query = world_query(world.fixture, LOAD_BY_MUNICIPALITY);
    query.nis.code = 36015;
    page = world_page(world.fixture, &query);
    assert_int_equal(page.count, 2);
    assert_interval(&page.rows[1].open, 140, 140);
    query.nis.code = 11002;
    assert_int_equal(world_page(world.fixture, &query).count, 0);
    query = world_query(world.fixture, LOAD_BY_LANGUAGE);
    query.language = (struct language){"ara"};
    page = world_page(world.fixture, &query);
    assert_int_equal(page.count, 2);
    assert_string_equal(page.rows[0].language.code, "ara");
    query = world_query(world.fixture, LOAD_BY_SERVICE);
    query.org = org_named("nobody");
    assert_int_equal(world_page(world.fixture, &query).count, 0);
    pair_end(&world);
}

static void the_newest_figures_until_a_day_are_shown(void **state) {
    struct world world = pair_begin();
    publish_cut(&world, &world.a, first_day() - 7, 0);
    publish_cut(&world, &world.a, first_day(), 100);
    struct load_query query = world_query(world.fixture, LOAD_BY_SERVICE);
    struct load_page page = world_page(world.fixture, &query);
    assert_int_equal(page.count, 3);
    assert_int_equal(page.rows[0].as_of_day, first_day());
    query.until_day = first_day() - 1;
    page = world_page(world.fixture, &query);
    assert_int_equal(page.count, 3);
    assert_int_equal(page.rows[0].as_of_day, first_day() - 7);
    assert_interval(&page.rows[0].open, 50, 50);
    query.until_day = first_day() - 8;
    assert_int_equal(world_page(world.fixture, &query).count, 0);
    pair_end(&world);
}

static void a_series_goes_back_day_by_day(void **state) {
    struct world world = pair_begin();
    for (int32_t week = 0; week < 6; week++) {
        publish_cut(&world, &world.a, first_day() - 7 * week, (uint32_t)(100 - 10 * week));
    }
    publish_cut(&world, &world.b, first_day() - 1, 500);
    struct load_query query = world_query(world.fixture, LOAD_BY_SERVICE);
    query.org = world.a.org;
    query.service = service_named("intake");
    query.until_day = first_day() - 7;
    struct store_txn *view = fixture_read(world.fixture);
    struct load_page page;
    assert_int_equal(load_series(view, &query, first_day() - 28, world.fixture->arena, &page), 0);
    assert_int_equal(page.count, 4);
    assert_false(page.more);
    for (int32_t i = 0; i < 4; i++) {
        assert_int_equal(page.rows[i].as_of_day, first_day() - 7 * (i + 1));
        assert_true(org_id_equal(&page.rows[i].org, &world.a.org));
        assert_string_equal(page.rows[i].service.text, "intake");
    }
    query.limit = 3;
    assert_int_equal(load_series(view, &query, first_day() - 28, world.fixture->arena, &page), 0);
    assert_int_equal(page.count, 3);
    assert_true(page.more);
    query.org = org_named("nobody");
    assert_int_equal(load_series(view, &query, first_day() - 28, world.fixture->arena, &page), 0);
    assert_int_equal(page.count, 0);
    assert_false(page.more);
    store_abort(view);
    pair_end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_read_as_itself),
        cmocka_unit_test(a_band_is_read_as_what_it_can_stand_for),
        cmocka_unit_test(a_withheld_count_is_unknown),
        cmocka_unit_test(the_median_and_p80_lie_within_their_bins),
        cmocka_unit_test(a_quantile_may_lie_on_an_edge),
        cmocka_unit_test(beyond_the_last_bin_one_only_knows_its_edge),
        cmocka_unit_test(of_nobody_there_is_no_median),
        cmocka_unit_test(figures_fade_with_their_period),
        cmocka_unit_test(an_old_figure_fades_to_unknown_and_says_no_more_than_its_age),
        cmocka_unit_test(load_per_fte_is_of_the_service_or_of_all_services_together),
        cmocka_unit_test(load_per_fte_of_a_band_is_an_interval),
        cmocka_unit_test(without_hours_load_per_fte_is_unknown),
        cmocka_unit_test(the_trend_is_the_median_slope_of_the_queue),
        cmocka_unit_test(a_trend_is_of_comparable_figures_of_one_quarter),
        cmocka_unit_test(figures_are_cut_four_ways),
        cmocka_unit_test(filters_leave_what_was_asked_for),
        cmocka_unit_test(the_newest_figures_until_a_day_are_shown),
        cmocka_unit_test(a_series_goes_back_day_by_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
