/* A made-up region of thirty organisations, against what another program reads from its figures. */
#include "hub/core/load.h"
#include "shared/base/limits.h"
#include "tests/unit/hub/core/fixture.h"

struct given_signal {
    const char *org;
    int32_t age_days;
    struct count open;
    struct count waiting;
};

struct given_service {
    const char *org;
    int32_t age_days;
    const char *service;
    struct count open;
    struct count waiting;
    bool has_bins;
    uint32_t bins[7];
};

struct given_fte {
    const char *org;
    const char *service;
    uint32_t hundredths;
};

struct pair {
    bool known;
    double low;
    double high;
};

struct wait {
    bool known;
    double weeks;
    bool beyond;
};

struct expected_row {
    const char *org;
    const char *service;
    enum freshness freshness;
    struct pair open;
    struct pair queue;
    struct wait median;
    struct wait p80;
    uint64_t families;
    struct pair per_fte;
    enum trend_direction direction;
    double slope;
};

#include "tests/unit/hub/core/load_expected.inc"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum { ORGANISATIONS = 30, SERVICES = 3, PARTS = 2 };

static struct service_figures figures_of(const struct given_service *given) {
    struct service_figures figures = {
        .service = service_named(given->service), .open = given->open, .waiting = given->waiting};
    if (given->has_bins) {
        figures.still_waiting =
            (struct wait_bins){.edge_count = 6, .edges_weeks = {1, 2, 4, 8, 13, 26}};
        memcpy(figures.still_waiting.counts, given->bins, sizeof(given->bins));
    }
    return figures;
}

/* With two municipalities and two languages where there may be tables, for the pages of those
 * views. */
static void publish(struct fixture *fixture, struct party *party,
                    const struct given_signal *given) {
    struct service_figures services[SERVICES];
    struct place_figures places[PARTS] = {{.nis = {34022}, .open = given->open},
                                          {.nis = {36015}, .open = given->open}};
    struct language_figures languages[PARTS] = {{.language = {"ara"}, .open = given->open},
                                                {.language = {"nld"}, .open = given->open}};
    struct signal signal = signal_plain(first_day() - given->age_days);
    signal.open = given->open;
    signal.waiting = given->waiting;
    for (size_t i = 0; i < COUNT_OF(given_services); i++) {
        const struct given_service *service = &given_services[i];
        if (strcmp(service->org, given->org) == 0 && service->age_days == given->age_days) {
            assert_true(signal.service_count < SERVICES);
            services[signal.service_count++] = figures_of(service);
        }
    }
    signal.services = services;
    if (given->open.form == COUNT_VALUE) {
        signal.places = places;
        signal.place_count = PARTS;
        signal.languages = languages;
        signal.language_count = PARTS;
    }
    assert_taken(fixture_publish(fixture, party, &signal));
}

static void set_status(struct fixture *fixture, struct party *party) {
    struct service_state services[SERVICES];
    struct status status = {.set_at_ms = fixture->now_ms, .services = services};
    for (size_t i = 0; i < COUNT_OF(given_ftes); i++) {
        if (strcmp(given_ftes[i].org, party->org.text) == 0) {
            assert_true(status.service_count < SERVICES);
            services[status.service_count++] =
                (struct service_state){.service = service_named(given_ftes[i].service),
                                       .status = SERVICE_STATUS_OPEN,
                                       .fte_hundredths = given_ftes[i].hundredths};
        }
    }
    if (status.service_count > 0) {
        assert_taken(fixture_set_status(fixture, party, &status));
    }
}

/* Newest first, as the file has them: the order of arrival is no order of days. */
static struct fixture *region(void) {
    struct fixture *fixture = fixture_new();
    for (int i = 0; i < ORGANISATIONS; i++) {
        char name[16];
        snprintf(name, sizeof(name), "org-%02d", i);
        struct party party = party_make(name, i + 1);
        fixture_join(fixture, &party);
        set_status(fixture, &party);
        for (size_t k = 0; k < COUNT_OF(given_signals); k++) {
            if (strcmp(given_signals[k].org, name) == 0) {
                publish(fixture, &party, &given_signals[k]);
            }
        }
    }
    assert_int_equal(fixture_count(fixture, TABLE_SIGNALS), COUNT_OF(given_signals));
    return fixture;
}

static struct load_query query_by(enum load_view by) {
    return (struct load_query){
        .by = by, .until_day = first_day(), .now_ms = first_ms(), .limit = PAGE_ROWS_MAX};
}

static struct load_page page_of(struct fixture *fixture, const struct load_query *query) {
    struct store_txn *view = fixture_read(fixture);
    struct load_page page;
    assert_int_equal(load_page(view, query, fixture->arena, &page), 0);
    store_abort(view);
    return page;
}

/* -- every figure -- */

/* Who failed, for thirty organisations look alike. */
static void check(bool holds, const struct expected_row *expected, const char *what) {
    if (!holds) {
        fail_msg("%s %s: another %s", expected->org, expected->service, what);
    }
}

static bool near(double a, double b) {
    return a - b < 1e-9 && b - a < 1e-9;
}

static bool count_is(const struct load_count *count, struct pair expected) {
    return count->known == expected.known && (double)count->interval.low == expected.low &&
           (double)count->interval.high == expected.high;
}

static void assert_row(const struct load_row *row, const struct expected_row *expected) {
    const struct load_elapsed *elapsed = &row->elapsed;
    check(strcmp(row->org.text, expected->org) == 0, expected, "organisation");
    check(strcmp(row->service.text, expected->service) == 0, expected, "service");
    check(row->freshness == expected->freshness, expected, "freshness");
    check(count_is(&row->open, expected->open), expected, "count of open cases");
    check(count_is(&row->queue, expected->queue), expected, "queue");
    check(elapsed->known == expected->median.known && elapsed->known == expected->p80.known &&
              elapsed->families == expected->families,
          expected, "number of waiting families");
    check(near(elapsed->median_weeks, expected->median.weeks) &&
              elapsed->median_beyond == expected->median.beyond,
          expected, "median");
    check(near(elapsed->p80_weeks, expected->p80.weeks) &&
              elapsed->p80_beyond == expected->p80.beyond,
          expected, "P80");
    check(row->per_fte.known == expected->per_fte.known &&
              near(row->per_fte.low, expected->per_fte.low) &&
              near(row->per_fte.high, expected->per_fte.high),
          expected, "load per full-time equivalent");
    check(row->trend.direction == expected->direction &&
              near(row->trend.slope_per_week, expected->slope),
          expected, "trend");
}

static void every_figure_of_the_region_is_what_another_program_computes(void **state) {
    struct fixture *fixture = region();
    struct load_query query = query_by(LOAD_BY_ORGANISATION);
    struct load_page page = page_of(fixture, &query);
    assert_int_equal(page.count, COUNT_OF(expected_by_organisation));
    for (size_t i = 0; i < page.count; i++) {
        assert_row(&page.rows[i], &expected_by_organisation[i]);
    }
    query.by = LOAD_BY_SERVICE;
    page = page_of(fixture, &query);
    assert_int_equal(page.count, COUNT_OF(expected_by_service));
    for (size_t i = 0; i < page.count; i++) {
        assert_row(&page.rows[i], &expected_by_service[i]);
    }
    fixture_free(fixture);
}

/* -- pages -- */

static void part_of(const struct load_row *row, enum load_view by, char ret[static 32]) {
    memset(ret, 0, 32);
    if (by == LOAD_BY_SERVICE) {
        memcpy(ret, row->service.text, sizeof(row->service.text));
    } else if (by == LOAD_BY_LANGUAGE) {
        memcpy(ret, row->language.code, sizeof(row->language.code));
    } else if (by == LOAD_BY_MUNICIPALITY) {
        snprintf(ret, 32, "%05u", (unsigned)row->nis.code);
    }
}

/* Not byte by byte: between members a struct holds anything. */
static void assert_same(const struct load_row *a, const struct load_row *b) {
    assert_string_equal(a->org.text, b->org.text);
    assert_string_equal(a->service.text, b->service.text);
    assert_string_equal(a->language.code, b->language.code);
    assert_int_equal(a->nis.code, b->nis.code);
    assert_int_equal(a->as_of_day, b->as_of_day);
    assert_int_equal(a->freshness, b->freshness);
    assert_int_equal(a->open.interval.high, b->open.interval.high);
    assert_int_equal(a->queue.interval.high, b->queue.interval.high);
    assert_int_equal(a->elapsed.families, b->elapsed.families);
    assert_true(near(a->elapsed.median_weeks, b->elapsed.median_weeks));
    assert_true(near(a->per_fte.high, b->per_fte.high));
    assert_int_equal(a->trend.direction, b->trend.direction);
    assert_true(near(a->trend.slope_per_week, b->trend.slope_per_week));
    assert_int_equal(a->has_status, b->has_status);
    assert_int_equal(a->status.fte_hundredths, b->status.fte_hundredths);
}

/* Pages of that size, one behind the other, against all rows at once. */
static void assert_pages_add_up(struct fixture *fixture, struct load_query query,
                                const struct load_page *all) {
    size_t seen = 0;
    bool more = true;
    while (more) {
        struct load_page page = page_of(fixture, &query);
        assert_true(page.count <= query.limit && (page.count > 0 || all->count == 0));
        for (size_t i = 0; i < page.count; i++) {
            assert_true(seen < all->count);
            assert_same(&page.rows[i], &all->rows[seen]);
            seen++;
        }
        more = page.more;
        assert_int_equal(more, seen < all->count);
        if (page.count > 0) {
            query.after_org = page.rows[page.count - 1].org;
            part_of(&page.rows[page.count - 1], query.by, query.after_part);
        }
    }
    assert_int_equal(seen, all->count);
}

static void pages_of_every_size_add_up_to_the_same_rows(void **state) {
    struct fixture *fixture = region();
    for (int by = LOAD_BY_ORGANISATION; by <= LOAD_BY_LANGUAGE; by++) {
        struct load_query query = query_by((enum load_view)by);
        struct load_page all = page_of(fixture, &query);
        assert_false(all.more);
        assert_true(all.count >= ORGANISATIONS);
        for (size_t i = 1; i < all.count; i++) {
            char before[32];
            char name[32];
            part_of(&all.rows[i - 1], query.by, before);
            part_of(&all.rows[i], query.by, name);
            int order = strcmp(all.rows[i - 1].org.text, all.rows[i].org.text);
            assert_true(order < 0 || (order == 0 && strcmp(before, name) < 0));
        }
        for (size_t size = 1; size <= all.count + 1; size++) {
            query.limit = size;
            assert_pages_add_up(fixture, query, &all);
        }
    }
    fixture_free(fixture);
}

static void pages_add_up_under_a_filter_too(void **state) {
    struct fixture *fixture = region();
    for (size_t i = 0; i < 3; i++) {
        struct load_query query = query_by(LOAD_BY_SERVICE);
        if (i > 0) {
            query.service = service_named("nt2");
        }
        if (i > 1) {
            query.org = org_named("org-27");
        }
        struct load_page all = page_of(fixture, &query);
        assert_true(all.count > 0);
        for (size_t size = 1; size <= all.count + 1; size++) {
            query.limit = size;
            assert_pages_add_up(fixture, query, &all);
        }
    }
    struct load_query query = query_by(LOAD_BY_SERVICE);
    query.org = org_named("org-27");
    struct load_page all = page_of(fixture, &query);
    assert_int_equal(all.count, 3);
    query.limit = 2;
    assert_pages_add_up(fixture, query, &all);
    fixture_free(fixture);
}

/* Who asks for the next page of an organisation whose figures are gone meanwhile goes on behind
 * it. */
static void a_page_goes_on_behind_an_organisation_that_has_no_figures(void **state) {
    struct fixture *fixture = region();
    struct load_query query = query_by(LOAD_BY_ORGANISATION);
    query.after_org = org_named("org-04x");
    struct load_page page = page_of(fixture, &query);
    assert_int_equal(page.count, ORGANISATIONS - 5);
    assert_string_equal(page.rows[0].org.text, "org-05");
    fixture_free(fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_figure_of_the_region_is_what_another_program_computes),
        cmocka_unit_test(pages_of_every_size_add_up_to_the_same_rows),
        cmocka_unit_test(pages_add_up_under_a_filter_too),
        cmocka_unit_test(a_page_goes_on_behind_an_organisation_that_has_no_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
