#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/shell/importer.h"
#include "node/shell/presets.h"
#include "shared/base/civil.h"

static const char HEADING[] = "id,municipality,service,language,asked\n";

struct desk {
    char top[64];
    char path[128];
    struct preset *preset;
    uint64_t cases;
    size_t batches;
    size_t largest;
    bool begun;
    bool finished;
    bool dropped;
    uint64_t rejected;
    struct digest file;
    int fail_rows; /* at the n-th batch; 0: never */
    int begin_gives;
    uint64_t standing_cases;
    bool force;
    size_t figures;
};

static int begin(void *ctx, const struct digest *file) {
    struct desk *desk = ctx;
    desk->begun = desk->begin_gives == 0;
    desk->file = *file;
    return desk->begin_gives;
}

static void write_file(const struct desk *desk, const char *text) {
    FILE *file = fopen(desk->path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int take(void *ctx, const struct register_case *cases, size_t count) {
    struct desk *desk = ctx;
    assert_string_not_equal(cases[0].id, "");
    desk->cases += count;
    desk->batches++;
    desk->largest = count > desk->largest ? count : desk->largest;
    return desk->fail_rows != 0 && desk->batches == (size_t)desk->fail_rows ? ERR_NETWORK : 0;
}

static int finish(void *ctx, uint64_t rejected) {
    struct desk *desk = ctx;
    desk->finished = true;
    desk->rejected = rejected;
    return 0;
}

static void drop(void *ctx) {
    struct desk *desk = ctx;
    desk->dropped = true;
}

static int figures(void *ctx, const struct import_figures_arguments *arguments) {
    struct desk *desk = ctx;
    desk->figures += arguments->count;
    assert_int_equal(arguments->start_event, START_EVENT_REFERRED);
    return 0;
}

static int set_up(void **state) {
    struct desk *desk = calloc(1, sizeof(*desk));
    struct config_error error;
    assert_non_null(desk);
    strcpy(desk->top, "/tmp/vangnet-import-XXXXXX");
    assert_non_null(mkdtemp(desk->top));
    (void)snprintf(desk->path, sizeof(desk->path), "%s/export.CSV", desk->top);
    assert_int_equal(presets_load(desk->top, "generic", &desk->preset, &error), 0);
    *state = desk;
    return 0;
}

static int tear_down(void **state) {
    struct desk *desk = *state;
    char command[128];
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", desk->top);
    const int r = system(command);
    preset_free(desk->preset);
    free(desk);
    return r;
}

static int run(struct desk *desk, struct importer_report *report, bool are_figures) {
    const struct import_port port = {.begin = begin,
                                     .rows = take,
                                     .finish = finish,
                                     .drop = drop,
                                     .figures = figures,
                                     .ctx = desk};
    const struct importer_options options = {
        .path = desk->path,
        .preset = desk->preset,
        .figures = are_figures,
        .start_event = START_EVENT_REFERRED,
        .today = day_from_date((struct date){.year = 2026, .month = 11, .day = 20}),
        .tongue = ROW_TONGUE_EN,
        .standing_cases = desk->standing_cases,
        .force = desk->force,
        .port = &port,
    };
    return importer_run(&options, report);
}

static char *many_rows(size_t count) {
    char *text = malloc(sizeof(HEADING) + count * 48);
    assert_non_null(text);
    size_t length = (size_t)sprintf(text, "%s", HEADING);
    for (size_t i = 0; i < count; i++) {
        length += (size_t)sprintf(text + length, "C-%zu,34022,onthaal,nld,2026-01-05\n", i);
    }
    return text;
}

static void rows_go_in_batches_and_the_register_is_switched(void **state) {
    struct desk *desk = *state;
    struct importer_report report;
    char *text = many_rows(2 * IMPORT_BATCH_ROWS + 7);
    write_file(desk, text);
    free(text);
    assert_int_equal(run(desk, &report, false), 0);
    assert_int_equal(report.rows, 2 * IMPORT_BATCH_ROWS + 7);
    assert_int_equal(desk->cases, report.rows);
    assert_int_equal(desk->batches, 3);
    assert_int_equal(desk->largest, IMPORT_BATCH_ROWS);
    assert_true(desk->finished);
    assert_false(desk->dropped);
    assert_string_equal(report.rejected_path, "");
}

static void the_same_file_has_the_same_hash_and_another_another(void **state) {
    struct desk *desk = *state;
    struct importer_report report;
    char *text = many_rows(10);
    write_file(desk, text);
    assert_int_equal(run(desk, &report, false), 0);
    const struct digest first = desk->file;
    assert_int_equal(run(desk, &report, false), 0);
    assert_true(digest_equal(&first, &desk->file));
    text[strlen(text) - 2] = '6';
    write_file(desk, text);
    free(text);
    assert_int_equal(run(desk, &report, false), 0);
    assert_false(digest_equal(&first, &desk->file));
}

static void a_file_that_is_known_is_not_read_again(void **state) {
    struct desk *desk = *state;
    struct importer_report report;
    char *text = many_rows(10);
    write_file(desk, text);
    free(text);
    desk->begin_gives = ERR_EXISTS;
    assert_int_equal(run(desk, &report, false), 0);
    assert_true(report.unchanged);
    assert_int_equal(desk->cases, 0);
    assert_false(desk->finished || desk->dropped);
}

static void refused_rows_are_counted_with_their_place_and_written_aside(void **state) {
    struct desk *desk = *state;
    struct importer_report report;
    char text[512];
    (void)snprintf(text, sizeof(text), "%s%s", HEADING,
                   "C-1,34022,onthaal,nld,2026-01-05\n"
                   "C-2,nowhere,onthaal,nld,2026-01-05\n"
                   "C-3,34022,onthaal,nld,2027-01-05\n"
                   "C-4,nowhere,onthaal,nld,2026-01-05\n");
    write_file(desk, text);
    assert_int_equal(run(desk, &report, false), 0);
    assert_int_equal(report.rows, 1);
    assert_int_equal(report.rejected, 3);
    assert_int_equal(desk->rejected, 3);
    const struct importer_reason *unknown = &report.reasons[ROW_REASON_UNKNOWN_MUNICIPALITY];
    assert_int_equal(unknown->rows, 2);
    assert_int_equal(unknown->lines[0], 3);
    assert_int_equal(unknown->lines[1], 5);
    assert_string_equal(unknown->column, "municipality");
    assert_int_equal(report.reasons[ROW_REASON_DATE_FUTURE].lines[0], 4);
    assert_non_null(strstr(report.rejected_path, "/export.rejected.csv"));
    assert_int_equal(access(report.rejected_path, F_OK), 0);
}

static void a_file_of_which_no_row_is_good_is_dropped(void **state) {
    struct desk *desk = *state;
    struct importer_report report;
    char text[256];
    (void)snprintf(text, sizeof(text), "%s%s", HEADING, "C-2,nowhere,onthaal,nld,2026-01-05\n");
    write_file(desk, text);
    assert_int_equal(run(desk, &report, false), 0);
    assert_true(report.hollow);
    assert_true(desk->dropped);
    assert_false(desk->finished);
}

static void a_file_without_the_columns_is_dropped(void **state) {
    struct desk *desk = *state;
    struct importer_report report;
    write_file(desk, "a,b\n1,2\n");
    assert_int_equal(run(desk, &report, false), 0);
    assert_true(report.refused);
    assert_true(desk->dropped);
    assert_false(desk->finished);
    assert_true(report.reasons[ROW_REASON_MISSING_COLUMN].rows > 0);
    assert_string_equal(report.headings, "a, b");
}

static void an_excel_file_is_refused_as_such(void **state) {
    struct desk *desk = *state;
    struct importer_report report;
    write_file(desk, "PK\x03\x04 and so on");
    assert_int_equal(run(desk, &report, false), 0);
    assert_true(report.refused);
    assert_int_equal(report.reasons[ROW_REASON_EXCEL].rows, 1);
    assert_false(desk->begun);
}

static void what_breaks_off_is_dropped(void **state) {
    struct desk *desk = *state;
    struct importer_report report;
    char *text = many_rows(2 * IMPORT_BATCH_ROWS);
    write_file(desk, text);
    free(text);
    desk->fail_rows = 2;
    assert_int_equal(run(desk, &report, false), ERR_NETWORK);
    assert_true(desk->dropped);
    assert_false(desk->finished);
}

static void a_register_of_nobody_is_taken(void **state) {
    struct desk *desk = *state;
    struct importer_report report;
    write_file(desk, HEADING);
    assert_int_equal(run(desk, &report, false), 0);
    assert_int_equal(report.rows, 0);
    assert_true(desk->finished);
}

/* The register had `standing` cases, the file has `rows`. */
static bool is_braked(struct desk *desk, uint64_t standing, size_t rows) {
    struct importer_report report;
    char *text = many_rows(rows);
    write_file(desk, text);
    free(text);
    desk->standing_cases = standing;
    desk->finished = desk->dropped = false;
    assert_int_equal(run(desk, &report, false), 0);
    assert_int_equal(desk->finished, !report.shrunk);
    assert_int_equal(desk->dropped, report.shrunk);
    return report.shrunk;
}

static void a_file_with_under_half_of_the_register_is_held_back_unless_forced(void **state) {
    struct desk *desk = *state;
    assert_true(is_braked(desk, 20, 9));
    assert_false(is_braked(desk, 20, 10));
    assert_true(is_braked(desk, 21, 10));
    assert_false(is_braked(desk, 19, 1));
    assert_true(is_braked(desk, 1, 0));
    desk->force = true;
    assert_false(is_braked(desk, 20, 0));
}

static void published_figures_go_by_period(void **state) {
    struct desk *desk = *state;
    struct importer_report report;
    write_file(desk, "period_end,period_days,service,waiting_total,w0_4,w4_plus\n"
                     "2026-10-31,31,onthaal,10,4,6\n"
                     "2026-09-30,30,onthaal,9,4,5\n"
                     "2026-10-31,31,leefloon,3,3,0\n");
    assert_int_equal(run(desk, &report, true), 0);
    assert_int_equal(report.periods, 2);
    assert_int_equal(desk->figures, 3);
    assert_false(desk->begun);
}

static void a_missing_file_and_a_directory_are_errors(void **state) {
    struct desk *desk = *state;
    struct importer_report report;
    assert_int_equal(run(desk, &report, false), ERR_NOT_FOUND);
    strcpy(desk->path, desk->top);
    assert_int_equal(run(desk, &report, false), ERR_IO);
    assert_false(desk->begun);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(rows_go_in_batches_and_the_register_is_switched),
        TEST(the_same_file_has_the_same_hash_and_another_another),
        TEST(a_file_that_is_known_is_not_read_again),
        TEST(refused_rows_are_counted_with_their_place_and_written_aside),
        TEST(a_file_of_which_no_row_is_good_is_dropped),
        TEST(a_file_without_the_columns_is_dropped),
        TEST(an_excel_file_is_refused_as_such),
        TEST(what_breaks_off_is_dropped),
        TEST(a_register_of_nobody_is_taken),
        TEST(a_file_with_under_half_of_the_register_is_held_back_unless_forced),
        TEST(published_figures_go_by_period),
        TEST(a_missing_file_and_a_directory_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
