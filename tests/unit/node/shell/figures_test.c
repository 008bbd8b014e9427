#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "node/shell/figures.h"
#include "shared/base/civil.h"

static struct figures_row row_of(int32_t first_day, const char *service, uint32_t nis,
                                 int64_t waiting) {
    static const uint16_t edges[] = {4, 8};
    struct figures_row row = {
        .period_first_day = first_day,
        .period_days = 30,
        .nis = {.code = nis},
        .waiting_total = waiting,
        .open_cases = 2 * waiting,
        .fte_hundredths = FIGURES_NOT_GIVEN,
    };
    assert_int_equal(service_id_parse(service, &row.service), 0);
    histogram_init(&row.waits, edges, 2);
    row.waits.counts[0] = waiting - 3;
    row.waits.counts[2] = 3;
    return row;
}

static struct figures_gather *gather_of(const struct figures_row *rows, size_t count) {
    struct figures_gather *gather;
    assert_int_equal(figures_gather_new(&gather), 0);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(figures_gather_add(gather, &rows[i]), 0);
    }
    assert_int_equal(figures_gather_sort(gather), 0);
    return gather;
}

static void periods_come_oldest_first_with_services_in_order(void **state) {
    const struct figures_row rows[] = {
        row_of(20030, "b", 0, 10),
        row_of(20000, "b", 0, 8),
        row_of(20030, "a", 0, 9),
    };
    struct figures_gather *gather = gather_of(rows, 3);
    struct import_figures_arguments period;
    size_t at = 0;
    assert_true(figures_gather_next(gather, &at, &period));
    assert_int_equal(period.as_of_day, 20029);
    assert_int_equal(period.period_days, 30);
    assert_int_equal(period.count, 1);
    assert_int_equal(period.services[0].waiting_total, 8);
    assert_true(figures_gather_next(gather, &at, &period));
    assert_int_equal(period.as_of_day, 20059);
    assert_int_equal(period.count, 2);
    assert_string_equal(period.services[0].service.text, "a");
    assert_int_equal(period.services[1].still_waiting.counts[0], 7);
    assert_int_equal(period.services[1].still_waiting.counts[2], 3);
    assert_int_equal(period.services[1].open, 20);
    assert_false(figures_gather_next(gather, &at, &period));
    figures_gather_free(gather);
}

static void municipalities_are_added_up(void **state) {
    const struct figures_row rows[] = {row_of(20000, "a", 34022, 10), row_of(20000, "a", 34023, 5)};
    struct figures_gather *gather = gather_of(rows, 2);
    struct import_figures_arguments period;
    size_t at = 0;
    assert_true(figures_gather_next(gather, &at, &period));
    assert_int_equal(period.count, 1);
    assert_int_equal(period.services[0].waiting_total, 15);
    assert_int_equal(period.services[0].still_waiting.counts[0], 9);
    assert_int_equal(period.services[0].still_waiting.counts[2], 6);
    figures_gather_free(gather);
}

static void a_row_of_the_whole_organisation_is_not_counted_twice(void **state) {
    const struct figures_row rows[] = {row_of(20000, "a", 34022, 10), row_of(20000, "a", 0, 16),
                                       row_of(20000, "a", 34023, 5)};
    struct figures_gather *gather = gather_of(rows, 3);
    struct import_figures_arguments period;
    size_t at = 0;
    assert_true(figures_gather_next(gather, &at, &period));
    assert_int_equal(period.services[0].waiting_total, 16);
    figures_gather_free(gather);
}

static void a_sum_beyond_a_signal_is_refused(void **state) {
    struct figures_row rows[] = {row_of(20000, "a", 34022, 10), row_of(20000, "a", 34023, 10)};
    rows[0].waits.counts[0] = HISTOGRAM_COUNT_MAX;
    struct figures_gather *gather;
    assert_int_equal(figures_gather_new(&gather), 0);
    assert_int_equal(figures_gather_add(gather, &rows[0]), 0);
    assert_int_equal(figures_gather_add(gather, &rows[1]), 0);
    assert_int_equal(figures_gather_sort(gather), ERR_TOO_LARGE);
    figures_gather_free(gather);
}

static void what_is_written_reads_back_the_same(void **state) {
    const struct figures_row rows[] = {row_of(20000, "a", 0, 10), row_of(20000, "b", 0, 5)};
    struct figures_gather *gather = gather_of(rows, 2);
    struct import_figures_arguments wanted = {.start_event = START_EVENT_REFERRED};
    struct import_figures_arguments found;
    static struct published_figures services[SIGNAL_SERVICES_MAX];
    struct json_reader reader;
    char *text;
    size_t length;
    size_t at = 0;
    assert_true(figures_gather_next(gather, &at, &wanted));
    struct json_writer writer = json_over(1 << 20);
    figures_write(&writer, &wanted);
    assert_int_equal(json_take(&writer, &text, &length), 0);
    json_open(bytes_from_text(text), 1 << 20, &reader);
    figures_read(&reader, json_root(&reader), services, &found);
    assert_int_equal(reader.error, 0);
    json_close(&reader);
    free(text);
    assert_int_equal(found.as_of_day, wanted.as_of_day);
    assert_int_equal(found.period_days, wanted.period_days);
    assert_int_equal(found.start_event, START_EVENT_REFERRED);
    assert_int_equal(found.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(services[i].service.text, wanted.services[i].service.text);
        assert_int_equal(services[i].waiting_total, wanted.services[i].waiting_total);
        assert_int_equal(services[i].open, wanted.services[i].open);
        assert_memory_equal(&services[i].still_waiting, &wanted.services[i].still_waiting,
                            sizeof(struct wait_bins));
    }
    figures_gather_free(gather);
}

static void what_does_not_fit_is_refused(void **state) {
    static const char *const texts[] = {
        "{}",
        "{\"as_of\":\"2026-13-01\",\"period_days\":30,\"start_event\":\"asked\",\"services\":[]}",
        "{\"as_of\":\"2026-10-01\",\"period_days\":0.5,\"start_event\":\"asked\",\"services\":[]}",
        "{\"as_of\":\"2026-10-01\",\"period_days\":30,\"start_event\":\"born\",\"services\":[]}",
        "{\"as_of\":\"2026-10-01\",\"period_days\":30,\"start_event\":\"asked\",\"services\":"
        "[{\"service\":\"a\",\"waiting_total\":-1,\"edges_weeks\":[4],\"counts\":[1,2]}]}",
        "{\"as_of\":\"2026-10-01\",\"period_days\":30,\"start_event\":\"asked\",\"services\":"
        "[{\"service\":\"a\",\"waiting_total\":1,\"edges_weeks\":[4],\"counts\":[1]}]}",
        "{\"as_of\":\"2026-10-01\",\"period_days\":30,\"start_event\":\"asked\",\"services\":"
        "[{\"service\":\"A A\",\"waiting_total\":1,\"edges_weeks\":[4],\"counts\":[1,0]}]}",
    };
    static struct published_figures services[SIGNAL_SERVICES_MAX];
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct import_figures_arguments found;
        struct json_reader reader;
        json_open(bytes_from_text(texts[i]), 1 << 20, &reader);
        figures_read(&reader, json_root(&reader), services, &found);
        assert_int_equal(reader.error, ERR_MALFORMED);
        assert_string_not_equal(reader.reason, "");
        json_close(&reader);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(periods_come_oldest_first_with_services_in_order),
        cmocka_unit_test(municipalities_are_added_up),
        cmocka_unit_test(a_row_of_the_whole_organisation_is_not_counted_twice),
        cmocka_unit_test(a_sum_beyond_a_signal_is_refused),
        cmocka_unit_test(what_is_written_reads_back_the_same),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
