#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/import/csv.h"

enum { TRANSCRIPT_SIZE = IMPORT_LINE_BYTES_MAX + 64 };

/* What came out, as text: "<line>[a|b|c]", or "<line>!<fault>@<line>,<column>". */
struct transcript {
    char text[TRANSCRIPT_SIZE];
    size_t length;
    char delimiter;
};

static void say(struct transcript *out, const char *text) {
    size_t length = strlen(text);
    assert_true(out->length + length < TRANSCRIPT_SIZE);
    memcpy(out->text + out->length, text, length + 1);
    out->length += length;
}

static int write_record(void *context, const struct csv_record *record) {
    struct transcript *out = context;
    char number[64];
    if (record->fault != CSV_FAULT_NONE) {
        snprintf(number, sizeof(number), "%u!%d@%u,%u ", record->line, (int)record->fault,
                 record->fault_line, record->fault_column);
        say(out, number);
        return 0;
    }
    snprintf(number, sizeof(number), "%u[", record->line);
    say(out, number);
    for (size_t i = 0; i < record->count; i++) {
        assert_int_equal(strlen(record->fields[i].text), record->fields[i].length);
        say(out, i > 0 ? "|" : "");
        say(out, record->fields[i].text);
    }
    say(out, "] ");
    return 0;
}

static void read_in_two(const char *data, size_t length, size_t cut, struct transcript *ret) {
    struct csv *csv;
    *ret = (struct transcript){0};
    struct csv_sink sink = {.record = write_record, .context = ret};
    assert_int_equal(csv_new('\0', sink, &csv), 0);
    struct bytes first = {.data = (const uint8_t *)data, .length = cut};
    struct bytes second = {.data = (const uint8_t *)data + cut, .length = length - cut};
    assert_int_equal(csv_feed(csv, first), 0);
    assert_int_equal(csv_feed(csv, second), 0);
    assert_int_equal(csv_end(csv), 0);
    ret->delimiter = csv_delimiter(csv);
    csv_free(csv);
}

/* Reads it cut at every place, which must never matter. */
static void expect_bytes(const char *data, size_t length, const char *expected) {
    for (size_t cut = 0; cut <= length; cut++) {
        struct transcript *out = malloc(sizeof(*out));
        assert_non_null(out);
        read_in_two(data, length, cut, out);
        assert_string_equal(out->text, expected);
        free(out);
    }
}

static void expect(const char *data, const char *expected) {
    expect_bytes(data, strlen(data), expected);
}

static void rfc4180_rule_1_each_record_is_a_line_that_ends_in_crlf(void **state) {
    (void)state;
    expect("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n", "1[aaa|bbb|ccc] 2[zzz|yyy|xxx] ");
}

static void rfc4180_rule_2_the_last_line_needs_no_line_end(void **state) {
    (void)state;
    expect("aaa,bbb,ccc\r\nzzz,yyy,xxx", "1[aaa|bbb|ccc] 2[zzz|yyy|xxx] ");
}

static void rfc4180_rule_3_a_heading_is_a_record_like_another(void **state) {
    (void)state;
    expect("field_name,field_name,field_name\r\naaa,bbb,ccc\r\nzzz,yyy,xxx\r\n",
           "1[field_name|field_name|field_name] 2[aaa|bbb|ccc] 3[zzz|yyy|xxx] ");
}

static void rfc4180_rule_4_blanks_belong_to_the_field(void **state) {
    (void)state;
    expect("aaa,bbb,ccc\r\n a , b, \r\n", "1[aaa|bbb|ccc] 2[ a | b| ] ");
}

static void rfc4180_rule_5_fields_may_stand_in_quotes(void **state) {
    (void)state;
    expect("\"aaa\",\"bbb\",\"ccc\"\r\nzzz,yyy,xxx", "1[aaa|bbb|ccc] 2[zzz|yyy|xxx] ");
}

static void rfc4180_rule_6_quotes_hold_line_ends_and_separators(void **state) {
    (void)state;
    expect("\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,\"y,y\",xxx", "1[aaa|b\r\nbb|ccc] 3[zzz|y,y|xxx] ");
}

static void rfc4180_rule_7_a_quote_in_quotes_is_doubled(void **state) {
    (void)state;
    expect("\"aaa\",\"b\"\"bb\",\"ccc\"", "1[aaa|b\"bb|ccc] ");
    expect("\"\",\"\"\"\",\"\"\"\"\"\"", "1[|\"|\"\"] ");
}

static void empty_fields_are_fields(void **state) {
    (void)state;
    expect("a,b,c\n,,\n,x,\n", "1[a|b|c] 2[||] 3[|x|] ");
}

static void lines_end_in_lf_or_cr_too(void **state) {
    (void)state;
    expect("a,b\n1,2\n3,4", "1[a|b] 2[1|2] 3[3|4] ");
    expect("a,b\r1,2\r3,4\r", "1[a|b] 2[1|2] 3[3|4] ");
}

static void empty_lines_are_passed_over_and_counted(void **state) {
    (void)state;
    expect("\r\n\na,b\r\n\r\n1,2\n\n\n3,4\n\n", "3[a|b] 5[1|2] 8[3|4] ");
    expect("", "");
    expect("\n\r\n\r", "");
}

static void lines_inside_quotes_are_counted_once_each(void **state) {
    (void)state;
    expect("a,b\n\"1\n\r\n\r\",2\n3,4\n", "1[a|b] 2[1\n\r\n\r|2] 6[3|4] ");
}

static void a_quote_inside_an_open_field_is_a_character(void **state) {
    (void)state;
    expect("a,b\n5\" buis,x\"y\n", "1[a|b] 2[5\" buis|x\"y] ");
}

static void the_heading_tells_the_separator(void **state) {
    (void)state;
    expect("id;naam, voornaam;dienst\n1;2,5;3\n", "1[id|naam, voornaam|dienst] 2[1|2,5|3] ");
    expect("id\tdienst\n1\tx;y\n", "1[id|dienst] 2[1|x;y] ");
    expect("id,\"a;b;c\",dienst\n1,2,3\n", "1[id|a;b;c|dienst] 2[1|2|3] ");
    expect("id\n1;2\n", "1[id] 2[1;2] ");
}

static void a_sep_line_of_excel_decides_the_separator(void **state) {
    (void)state;
    expect("sep=;\r\na,b;c\r\n1;2\r\n", "2[a,b|c] 3[1|2] ");
    expect("\xEF\xBB\xBFsep=,\na;b,c\n", "2[a;b|c] ");
    expect("sep=;x\n", "1[sep=|x] ");
}

static void a_byte_order_mark_is_no_part_of_the_first_field(void **state) {
    (void)state;
    expect("\xEF\xBB\xBFid;x\r\n1;2\r\n", "1[id|x] 2[1|2] ");
    expect("\xEF\xBB\xBF\"id\";x\r\n", "1[id|x] ");
    expect("\xEF\xBB\xBF", "");
}

static void a_field_that_is_not_utf8_is_read_as_windows_1252(void **state) {
    (void)state;
    expect("reden;x\nbe\xEB"
           "indigd;\x80\nbe\xC3\xAB"
           "indigd;caf\xE9\n",
           "1[reden|x] 2[be\xC3\xAB"
           "indigd|\xE2\x82\xAC] 3[be\xC3\xAB"
           "indigd|caf\xC3\xA9] ");
}

static void a_nul_is_refused_with_its_line_and_column(void **state) {
    (void)state;
    static const char data[] = "a,b\n1,x\0y\n3,4\n";
    expect_bytes(data, sizeof(data) - 1, "1[a|b] 2!1@2,2 3[3|4] ");
}

static void text_after_a_closing_quote_is_refused(void **state) {
    (void)state;
    expect("a,b\n1,\"x\"y\n3,4\n", "1[a|b] 2!4@2,2 3[3|4] ");
}

static void a_quote_that_nobody_closes_is_refused_where_it_opened(void **state) {
    (void)state;
    expect("a,b\n1,2\n3,\"4\n5,6\n", "1[a|b] 2[1|2] 3!5@3,2 ");
}

static void a_record_that_is_too_long_costs_that_line_only(void **state) {
    (void)state;
    size_t length = IMPORT_LINE_BYTES_MAX + 16;
    char *data = malloc(length);
    assert_non_null(data);
    memset(data, 'x', length);
    memcpy(data, "a,b\n", 4);
    memcpy(data + length - 5, "\n3,4\n", 5);
    for (size_t cut = 0; cut <= length; cut += cut < 8 || cut > length - 16 ? 1 : 8191) {
        struct transcript out;
        read_in_two(data, length, cut < length ? cut : length, &out);
        assert_string_equal(out.text, "1[a|b] 2!2@2,1 3[3|4] ");
    }
    free(data);
}

static size_t length_read(size_t length) {
    struct csv *csv;
    struct transcript *out = calloc(1, sizeof(*out));
    char *line = malloc(length);
    assert_non_null(out);
    assert_non_null(line);
    memset(line, 'x', length);
    struct csv_sink sink = {.record = write_record, .context = out};
    assert_int_equal(csv_new(',', sink, &csv), 0);
    assert_int_equal(csv_feed(csv, bytes_from_text("a,b\n")), 0);
    struct bytes bytes = {.data = (const uint8_t *)line, .length = length};
    assert_int_equal(csv_feed(csv, bytes), 0);
    assert_int_equal(csv_end(csv), 0);
    bool refused = strcmp(out->text, "1[a|b] 2!2@2,1 ") == 0;
    size_t read = refused ? 0 : out->length - strlen("1[a|b] 2[] ");
    csv_free(csv);
    free(out);
    free(line);
    return read;
}

static void a_record_of_just_the_longest_length_is_read(void **state) {
    (void)state;
    assert_int_equal(length_read(IMPORT_LINE_BYTES_MAX), IMPORT_LINE_BYTES_MAX);
    assert_int_equal(length_read(IMPORT_LINE_BYTES_MAX + 1), 0);
}

static void more_columns_than_allowed_are_refused(void **state) {
    (void)state;
    char data[IMPORT_COLUMNS_MAX + 16];
    char expected[64];
    memset(data, ',', sizeof(data));
    memcpy(data + IMPORT_COLUMNS_MAX, "\n1\n", 4);
    snprintf(expected, sizeof(expected), "1!3@1,%d 2[1] ", IMPORT_COLUMNS_MAX + 1);
    expect(data, expected);
    /* one separator less is just as many columns as allowed */
    struct transcript out;
    memcpy(data + IMPORT_COLUMNS_MAX - 1, "\n1\n", 4);
    read_in_two(data, strlen(data), 3, &out);
    assert_null(strchr(out.text, '!'));
}

static void a_file_in_utf16_is_refused_as_a_whole(void **state) {
    (void)state;
    static const char little[] = "\xFF\xFEi\0d\0\n\0"
                                 "1\0\n\0";
    expect_bytes(little, sizeof(little) - 1, "1!6@1,1 ");
    static const char big[] = "\xFE\xFF\0i\0d\0\n\0"
                              "1\0\n";
    expect_bytes(big, sizeof(big) - 1, "1!6@1,1 ");
}

static int stop(void *context, const struct csv_record *record) {
    (void)record;
    ++*(int *)context;
    return ERR_CANCELLED;
}

static void a_sink_that_fails_ends_the_reading_for_good(void **state) {
    (void)state;
    int calls = 0;
    struct csv *csv;
    struct csv_sink sink = {.record = stop, .context = &calls};
    assert_int_equal(csv_new('\0', sink, &csv), 0);
    assert_int_equal(csv_feed(csv, bytes_from_text("a,b\n1,2\n3,4\n")), ERR_CANCELLED);
    assert_int_equal(csv_feed(csv, bytes_from_text("5,6\n")), ERR_CANCELLED);
    assert_int_equal(csv_end(csv), ERR_CANCELLED);
    assert_int_equal(calls, 1);
    csv_free(csv);
    csv_free(NULL);
}

static void the_separator_in_use_can_be_asked(void **state) {
    (void)state;
    struct transcript out;
    read_in_two("a;b\n1;2\n", 8, 2, &out);
    assert_int_equal(out.delimiter, ';');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc4180_rule_1_each_record_is_a_line_that_ends_in_crlf),
        cmocka_unit_test(rfc4180_rule_2_the_last_line_needs_no_line_end),
        cmocka_unit_test(rfc4180_rule_3_a_heading_is_a_record_like_another),
        cmocka_unit_test(rfc4180_rule_4_blanks_belong_to_the_field),
        cmocka_unit_test(rfc4180_rule_5_fields_may_stand_in_quotes),
        cmocka_unit_test(rfc4180_rule_6_quotes_hold_line_ends_and_separators),
        cmocka_unit_test(rfc4180_rule_7_a_quote_in_quotes_is_doubled),
        cmocka_unit_test(empty_fields_are_fields),
        cmocka_unit_test(lines_end_in_lf_or_cr_too),
        cmocka_unit_test(empty_lines_are_passed_over_and_counted),
        cmocka_unit_test(lines_inside_quotes_are_counted_once_each),
        cmocka_unit_test(a_quote_inside_an_open_field_is_a_character),
        cmocka_unit_test(the_heading_tells_the_separator),
        cmocka_unit_test(a_sep_line_of_excel_decides_the_separator),
        cmocka_unit_test(a_byte_order_mark_is_no_part_of_the_first_field),
        cmocka_unit_test(a_field_that_is_not_utf8_is_read_as_windows_1252),
        cmocka_unit_test(a_nul_is_refused_with_its_line_and_column),
        cmocka_unit_test(text_after_a_closing_quote_is_refused),
        cmocka_unit_test(a_quote_that_nobody_closes_is_refused_where_it_opened),
        cmocka_unit_test(a_record_that_is_too_long_costs_that_line_only),
        cmocka_unit_test(a_record_of_just_the_longest_length_is_read),
        cmocka_unit_test(more_columns_than_allowed_are_refused),
        cmocka_unit_test(a_file_in_utf16_is_refused_as_a_whole),
        cmocka_unit_test(a_sink_that_fails_ends_the_reading_for_good),
        cmocka_unit_test(the_separator_in_use_can_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
