#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "node/import/figures_file.h"
#include "shared/base/civil.h"

enum { KEPT_MAX = 4, TRANSCRIPT_SIZE = 2048 };

struct outcome {
    size_t row_count;
    struct figures_row rows[KEPT_MAX];
    int result;
    char errors[TRANSCRIPT_SIZE];
    char notes[512];
};

static int keep_row(void *context, const struct figures_row *row, uint32_t line) {
    struct outcome *out = context;
    (void)line;
    if (out->row_count < KEPT_MAX) {
        out->rows[out->row_count] = *row;
    }
    out->row_count++;
    return 0;
}

static int keep_errors(void *context, const struct row_rejection *rejection) {
    struct outcome *out = context;
    for (size_t i = 0; i < rejection->count; i++) {
        const struct row_error *error = &rejection->errors[i];
        size_t length = strlen(out->errors);
        snprintf(out->errors + length, TRANSCRIPT_SIZE - length, "%u,%u %s: %s\n", error->line,
                 error->column, error->column_name, row_reason_text(error->reason, ROW_TONGUE_EN));
    }
    return 0;
}

static int keep_note(void *context, const struct row_note *note) {
    struct outcome *out = context;
    size_t length = strlen(out->notes);
    snprintf(out->notes + length, sizeof(out->notes) - length, "%u %s\n", note->column,
             note->column_name);
    return 0;
}

static int find_municipality(const void *context, const char *text, int32_t day, struct nis *ret) {
    (void)context;
    (void)day;
    return nis_parse(text, ret) < 0 ? ERR_NOT_FOUND : 0;
}

static int32_t day_of(const char *iso) {
    int32_t day;
    assert_int_equal(date_parse(iso, &day), 0);
    return day;
}

static void read_cut(const char *text, size_t cut, struct outcome *ret) {
    struct figures_options options = {
        .lookups = {.municipality = find_municipality},
        .today = day_of("2026-11-23"),
    };
    struct figures_sink sink = {
        .note = keep_note, .row = keep_row, .rejected = keep_errors, .context = ret};
    struct figures_file *file;
    memset(ret, 0, sizeof(*ret));
    assert_int_equal(figures_file_new(&options, &sink, &file), 0);
    struct bytes all = bytes_from_text(text);
    struct bytes first = {.data = all.data, .length = cut};
    struct bytes second = {.data = all.data + cut, .length = all.length - cut};
    int r = figures_file_feed(file, first);
    assert_true(r == 0 || r == ERR_MALFORMED);
    r = figures_file_feed(file, second);
    assert_true(r == 0 || r == ERR_MALFORMED);
    ret->result = figures_file_end(file);
    figures_file_free(file);
}

static void read_text(const char *text, struct outcome *ret) {
    read_cut(text, 0, ret);
}

/* The first lines of the published file (NHS England, RTT incomplete pathways, Open Government
 * Licence v3.0), with all of its columns. */
static const char NHS[] =
    "month,org_code,specialty_code,waiting_total,w0_4,w4_8,w8_13,w13_18,w18_26,w26_39,w39_52,"
    "w52_plus,median_weeks,p95_weeks\n"
    "2014-12,00C,IP100,521,178,135,127,52,23,5,1,0,6.5,18.6\n"
    "2014-12,00C,IP101,217,69,67,55,14,6,6,0,0,6.3,19.0\n";

static void the_published_nhs_file_is_read_as_it_stands(void **state) {
    (void)state;
    static const uint16_t edges[] = {4, 8, 13, 18, 26, 39, 52};
    static const int64_t counts[] = {178, 135, 127, 52, 23, 5, 1, 0};
    struct outcome out;
    read_text(NHS, &out);
    assert_int_equal(out.result, 0);
    assert_string_equal(out.errors, "");
    assert_int_equal(out.row_count, 2);
    const struct figures_row *row = &out.rows[0];
    assert_int_equal(row->period_first_day, day_of("2014-12-01"));
    assert_int_equal(row->period_days, 31);
    assert_string_equal(row->service.text, "ip100");
    assert_int_equal(row->nis.code, 0);
    assert_int_equal(row->waiting_total, 521);
    assert_int_equal(row->waits.edge_count, 7);
    assert_memory_equal(row->waits.edges_weeks, edges, sizeof(edges));
    assert_memory_equal(row->waits.counts, counts, sizeof(counts));
    assert_int_equal(row->open_cases, FIGURES_NOT_GIVEN);
    assert_int_equal(row->fte_hundredths, FIGURES_NOT_GIVEN);
    assert_int_equal(histogram_check(&row->waits), REFUSAL_NONE);
    assert_string_equal(out.notes, "2 org_code\n13 median_weeks\n14 p95_weeks\n");
}

#define HEADING                                                                                    \
    "period_end;period_days;service;municipality;waiting_total;w0_2;w2_plus;"                      \
    "open_cases;fte\n"

static void refused(const char *row, const char *errors) {
    char text[512];
    struct outcome out;
    snprintf(text, sizeof(text), HEADING "%s\n", row);
    read_text(text, &out);
    assert_int_equal(out.result, 0);
    assert_int_equal(out.row_count, 0);
    assert_string_equal(out.errors, errors);
}

static void a_week_of_ones_own_bins_is_read(void **state) {
    (void)state;
    struct outcome out;
    read_text(HEADING "22/11/2026;7;Leefloon;34022;5;2;3;80;12,5\n"
                      "2026-11-22;7;leefloon;;9;2;7;;3.25\n",
              &out);
    assert_string_equal(out.errors, "");
    assert_int_equal(out.row_count, 2);
    assert_int_equal(out.rows[0].period_first_day, day_of("2026-11-16"));
    assert_int_equal(out.rows[0].period_days, 7);
    assert_int_equal(out.rows[0].nis.code, 34022);
    assert_int_equal(out.rows[0].waits.edge_count, 1);
    assert_int_equal(out.rows[0].waits.edges_weeks[0], 2);
    assert_int_equal(out.rows[0].open_cases, 80);
    assert_int_equal(out.rows[0].fte_hundredths, 1250);
    assert_int_equal(out.rows[1].nis.code, 0);
    assert_int_equal(out.rows[1].open_cases, FIGURES_NOT_GIVEN);
    assert_int_equal(out.rows[1].fte_hundredths, 325);
}

static void february_has_as_many_days_as_its_year_gives_it(void **state) {
    (void)state;
    struct outcome out;
    read_text("month,service,waiting_total,w0_1,w1_plus\n2024-02,a,0,0,0\n2025-02,a,0,0,0\n"
              "2025-12,a,0,0,0\n",
              &out);
    assert_int_equal(out.row_count, 3);
    assert_int_equal(out.rows[0].period_days, 29);
    assert_int_equal(out.rows[1].period_days, 28);
    assert_int_equal(out.rows[2].period_days, 31);
}

static void bins_must_add_up_to_the_total(void **state) {
    (void)state;
    refused("2026-11-22;7;a;;6;2;3;;", "2,5 waiting_total: the waits don't add up to the total\n");
}

static void numbers_must_be_whole_and_not_negative(void **state) {
    (void)state;
    refused("2026-11-22;7;a;;-5;2;x;1,5;1,234",
            "2,5 waiting_total: not a number, negative or too large\n"
            "2,7 w2_plus: not a number, negative or too large\n"
            "2,8 open_cases: not a number, negative or too large\n"
            "2,9 fte: not a number, negative or too large\n");
    refused("2026-11-22;7;a;;99999999999999999999999;2;;;",
            "2,5 waiting_total: not a number, negative or too large\n"
            "2,7 w2_plus: isn't filled in\n");
}

static void a_period_that_cannot_be_is_refused(void **state) {
    (void)state;
    refused("2026-11-24;7;a;;5;2;3;;", "2,1 period_end: date in the future\n");
    refused("2026-02-30;7;a;;5;2;3;;", "2,1 period_end: unreadable or impossible date\n");
    refused("2026-11-22;0;a;;5;2;3;;",
            "2,2 period_days: the period is longer than 400 days or shorter than one\n");
    refused("2026-11-22;401;a;;5;2;3;;",
            "2,2 period_days: the period is longer than 400 days or shorter than one\n");
    refused(";7;a;;5;2;3;;", "2,1 period_end: isn't filled in\n");
    struct outcome out;
    read_text("month,service,waiting_total,w0_1,w1_plus\n2026-11,a,0,0,0\n2026-13,a,0,0,0\n", &out);
    assert_string_equal(out.errors, "2,1 month: date in the future\n"
                                    "3,1 month: unreadable or impossible date\n");
}

static void unknown_services_and_municipalities_are_refused(void **state) {
    (void)state;
    refused("2026-11-22;7;C_999;x;5;2;3;;", "2,3 service: unknown service\n"
                                            "2,4 municipality: unknown municipality\n");
}

static void the_same_figure_twice_is_refused(void **state) {
    (void)state;
    struct outcome out;
    read_text(HEADING "2026-11-22;7;a;;5;2;3;;\n2026-11-22;7;a;34022;5;2;3;;\n"
                      "2026-11-22;7;b;;5;2;3;;\n2026-11-15;7;a;;5;2;3;;\n"
                      "22/11/2026;7;A;;6;3;3;;\n",
              &out);
    assert_int_equal(out.row_count, 4);
    assert_string_equal(out.errors,
                        "6,0 : an earlier row has the same period, service and municipality\n");
}

static void whole(const char *heading, const char *errors) {
    struct outcome out;
    read_text(heading, &out);
    assert_int_equal(out.result, ERR_MALFORMED);
    assert_string_equal(out.errors, errors);
}

static void bins_must_follow_on_each_other(void **state) {
    (void)state;
#define WRONG ": the columns of waits don't follow on each other\n"
    whole("month,service,waiting_total,w1_4,w4_plus\n", "1,4 w1_4" WRONG);
    whole("month,service,waiting_total,w0_4,w5_plus\n", "1,5 w5_plus" WRONG);
    whole("month,service,waiting_total,w0_4,w4_4,w4_plus\n", "1,5 w4_4" WRONG);
    whole("month,service,waiting_total,w0_plus\n", "1,4 w0_plus" WRONG);
    whole("month,service,waiting_total,w0_4,w4_plus,w4_8\n", "1,6 w4_8" WRONG);
    whole("month,service,waiting_total,w0_9999\n", "1,4 w0_9999" WRONG);
    whole("month,service,waiting_total,w0_1,w1_2,w2_3,w3_4,w4_5,w5_6,w6_7,w7_8,w8_9,w9_10,w10_11,"
          "w11_12,w12_13,w13_14,w14_15,w15_16,w16_plus\n",
          "1,19 w15_16" WRONG);
}

static void a_file_without_its_columns_is_refused(void **state) {
    (void)state;
#define MISSING ": this column isn't in the heading\n"
    whole("service,waiting_total,w0_4,w4_plus\n", "1,0 period_end" MISSING);
    whole("period_end,service,waiting_total,w0_4,w4_plus\n", "1,0 period_days" MISSING);
    whole("month,waiting_total,w0_4,w4_plus\n", "1,0 service" MISSING);
    whole("month,service,w0_4,w4_plus\n", "1,0 waiting_total" MISSING);
    whole("month,service,waiting_total,w0_4\n", "1,0 w..._plus" MISSING);
    whole("month,service,specialty_code,waiting_total,w0_4,w4_plus\n",
          "1,3 specialty_code: this column stands twice in the heading\n");
    whole("", "1,0 : the file is empty\n");
}

static void it_does_not_matter_where_the_file_is_cut(void **state) {
    (void)state;
    struct outcome first;
    struct outcome out;
    read_cut(NHS, 0, &first);
    for (size_t cut = 1; cut < sizeof(NHS); cut++) {
        read_cut(NHS, cut, &out);
        assert_memory_equal(&out, &first, sizeof(out));
    }
}

static void rows_with_other_columns_are_refused(void **state) {
    (void)state;
    refused("2026-11-22;7;a;;5;2;3", "2,0 : the row hasn't as many columns as the heading\n");
    refused("2026-11-22;\"7\"x;a;;5;2;3;;", "2,2 period_days: text after the closing quote\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_nhs_file_is_read_as_it_stands),
        cmocka_unit_test(a_week_of_ones_own_bins_is_read),
        cmocka_unit_test(february_has_as_many_days_as_its_year_gives_it),
        cmocka_unit_test(bins_must_add_up_to_the_total),
        cmocka_unit_test(numbers_must_be_whole_and_not_negative),
        cmocka_unit_test(a_period_that_cannot_be_is_refused),
        cmocka_unit_test(unknown_services_and_municipalities_are_refused),
        cmocka_unit_test(the_same_figure_twice_is_refused),
        cmocka_unit_test(bins_must_follow_on_each_other),
        cmocka_unit_test(a_file_without_its_columns_is_refused),
        cmocka_unit_test(it_does_not_matter_where_the_file_is_cut),
        cmocka_unit_test(rows_with_other_columns_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
