#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "node/import/rejected.h"
#include "node/import/rows.h"
#include "shared/base/civil.h"

struct written {
    size_t length;
    size_t rows;
    char text[8192];
};

struct import {
    struct rejected *rejected;
    struct written written;
};

static int write_text(void *context, struct bytes text) {
    struct written *out = context;
    assert_true(out->length + text.length < sizeof(out->text));
    memcpy(out->text + out->length, text.data, text.length);
    out->length += text.length;
    out->text[out->length] = '\0';
    return 0;
}

static int pass_heading(void *context, const struct file_heading *heading) {
    struct import *import = context;
    return rejected_heading(import->rejected, heading);
}

static int pass_rejection(void *context, const struct row_rejection *rejection) {
    struct import *import = context;
    return rejected_row(import->rejected, rejection);
}

static int count_row(void *context, const struct case_row *row, uint32_t line) {
    struct import *import = context;
    (void)row;
    (void)line;
    import->written.rows++;
    return 0;
}

static int find_municipality(const void *context, const char *text, int32_t day, struct nis *ret) {
    (void)context;
    (void)day;
    return nis_parse(text, ret) < 0 ? ERR_NOT_FOUND : 0;
}

static int find_language(const void *context, const char *text, struct language *ret) {
    (void)context;
    return language_parse(text, ret) < 0 ? ERR_NOT_FOUND : 0;
}

static int find_service(const void *context, const char *text, struct service_id *ret) {
    (void)context;
    return service_id_parse(text, ret) < 0 ? ERR_NOT_FOUND : 0;
}

static struct preset *small_preset(void) {
    static const char *const lines[][3] = {
        {"file", "dates", "yyyy-mm-dd"},    {"columns", "id", "id"},
        {"columns", "municipality", "nis"}, {"columns", "service", "dienst"},
        {"columns", "asked", "asked"},
    };
    struct preset *preset;
    assert_int_equal(preset_new(&preset), 0);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_null(preset_set(preset, lines[i][0], lines[i][1], lines[i][2]));
    }
    return preset;
}

static void import(const char *text, enum row_tongue tongue, struct written *ret) {
    struct import context = {0};
    struct preset *preset = small_preset();
    struct rows_options options = {
        .preset = preset,
        .lookups = {find_municipality, find_language, find_service, NULL},
    };
    struct rows_sink sink = {
        .heading = pass_heading,
        .row = count_row,
        .rejected = pass_rejection,
        .context = &context,
    };
    struct rejected_sink out = {.write = write_text, .context = &context.written};
    struct rows *rows;
    assert_int_equal(date_parse("2026-11-23", &options.today), 0);
    assert_int_equal(rejected_new(tongue, out, &context.rejected), 0);
    assert_int_equal(rows_new(&options, &sink, &rows), 0);
    assert_int_equal(rows_feed(rows, bytes_from_text(text)), 0);
    assert_int_equal(rows_end(rows), 0);
    rows_free(rows);
    rejected_free(context.rejected);
    preset_free(preset);
    *ret = context.written;
}

static void a_refused_row_stands_there_with_line_column_and_reason(void **state) {
    (void)state;
    struct written out;
    import("id;nis;dienst;asked\n1;34022;a;2026-01-05\n2;34022;a;2026-13-05\n", ROW_TONGUE_NL,
           &out);
    assert_int_equal(out.rows, 1);
    assert_string_equal(out.text,
                        "\xEF\xBB\xBFid;nis;dienst;asked;"
                        "rejected_line;rejected_column;rejected_reason\r\n"
                        "2;34022;a;2026-13-05;3;4;asked: onleesbare of onbestaande datum\r\n");
}

static void nothing_is_written_when_nothing_is_refused(void **state) {
    (void)state;
    struct written out;
    import("id;nis;dienst;asked\n1;34022;a;2026-01-05\n", ROW_TONGUE_NL, &out);
    assert_int_equal(out.length, 0);
}

static void all_reasons_of_a_row_are_named(void **state) {
    (void)state;
    struct written out;
    import("id,nis,dienst,asked\n,x,a,2026-01-05\n", ROW_TONGUE_FR, &out);
    assert_non_null(strstr(out.text, "\r\n,x,a,2026-01-05,2,1,\"id: n'est pas rempli; nis: "
                                     "commune inconnue\"\r\n"));
}

static void columns_that_are_not_stored_are_left_empty(void **state) {
    (void)state;
    struct written out;
    import("id;naam;nis;dienst;asked;opmerking\n1;Jansen;x;a;2026-01-05;belt vaak\n", ROW_TONGUE_EN,
           &out);
    assert_null(strstr(out.text, "Jansen"));
    assert_null(strstr(out.text, "belt vaak"));
    assert_non_null(strstr(out.text, "id;naam;nis;dienst;asked;opmerking;rejected_line"));
    assert_non_null(strstr(out.text, "\r\n1;;x;a;2026-01-05;;2;3;nis: unknown municipality\r\n"));
}

static void a_row_whose_columns_have_shifted_shows_no_cell(void **state) {
    (void)state;
    struct written out;
    import("id;nis;dienst;asked\nJansen;1;34022;a;2026-01-05\n2;\"a\"Jansen;a;b\n", ROW_TONGUE_EN,
           &out);
    assert_null(strstr(out.text, "Jansen"));
    assert_non_null(
        strstr(out.text, "\r\n;;;;2;0;the row hasn't as many columns as the heading\r\n"));
    assert_non_null(strstr(out.text, "\r\n;;;;3;2;nis: text after the closing quote\r\n"));
}

static void a_cell_cannot_become_a_formula(void **state) {
    (void)state;
    static const char *const starts[] = {"=", "+", "-", "@", " =", "\t="};
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        char text[128];
        char expected[64];
        struct written out;
        const char *sign = starts[i] + strlen(starts[i]) - 1;
        snprintf(text, sizeof(text), "id,nis,dienst,asked\n%sHYPERLINK(1),x,a,2026-01-05\n",
                 starts[i]);
        snprintf(expected, sizeof(expected), "\r\n'%sHYPERLINK(1),x,", sign);
        import(text, ROW_TONGUE_EN, &out);
        assert_non_null(strstr(out.text, expected));
    }
}

static void cells_with_separators_and_quotes_keep_their_text(void **state) {
    (void)state;
    struct written out;
    import("id,nis,dienst,asked\n\"a;b\",\"x\"\"y,\r\nz\",a,2026-01-05\n", ROW_TONGUE_EN, &out);
    assert_non_null(strstr(out.text, "\r\n\"a;b\",\"x\"\"y,\r\nz\",a,2026-01-05,2,2,"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_row_stands_there_with_line_column_and_reason),
        cmocka_unit_test(nothing_is_written_when_nothing_is_refused),
        cmocka_unit_test(all_reasons_of_a_row_are_named),
        cmocka_unit_test(columns_that_are_not_stored_are_left_empty),
        cmocka_unit_test(a_row_whose_columns_have_shifted_shows_no_cell),
        cmocka_unit_test(a_cell_cannot_become_a_formula),
        cmocka_unit_test(cells_with_separators_and_quotes_keep_their_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
