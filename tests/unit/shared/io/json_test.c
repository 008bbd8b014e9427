#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "shared/io/json.h"
#include "shared/io/utf8.h"

static void assert_written(struct json_writer *writer, const char *wanted) {
    char *text = NULL;
    size_t length = 0;
    assert_int_equal(json_take(writer, &text, &length), 0);
    assert_string_equal(text, wanted);
    assert_int_equal(length, strlen(wanted));
    free(text);
}

static void nesting_puts_commas_and_colons_where_they_belong(void **state) {
    (void)state;
    struct json_writer writer = json_over(1000);
    json_open_object(&writer);
    json_field_text(&writer, "a", "x");
    json_put_key(&writer, "b");
    json_open_array(&writer);
    json_put_int(&writer, INT64_MIN);
    json_open_object(&writer);
    json_close_object(&writer);
    json_open_array(&writer);
    json_close_array(&writer);
    json_open_array(&writer);
    json_put_int(&writer, 1);
    json_put_int(&writer, 2);
    json_close_array(&writer);
    json_open_array(&writer);
    json_put_int(&writer, 3);
    json_close_array(&writer);
    json_put_null(&writer);
    json_close_array(&writer);
    json_field_bool(&writer, "c", false);
    json_put_key(&writer, "d");
    json_put_hex(&writer, (struct bytes){(const uint8_t *)"\x00\xfe", 2});
    json_field_text(&writer, "e", NULL);
    json_close_object(&writer);
    assert_written(&writer,
                   "{\"a\":\"x\",\"b\":[-9223372036854775808,{},[],[1,2],[3],null],\"c\":false,"
                   "\"d\":\"00fe\",\"e\":null}");
}

/* RFC 8259, section 7, lists what must be escaped and the short forms. */
static void texts_are_escaped_and_always_utf8(void **state) {
    (void)state;
    struct json_writer writer = json_over(1000);
    json_put_bytes(&writer,
                   (struct bytes){(const uint8_t *)"\"\\/\b\f\n\r\t\x01\x1f\x7f\x00\xc3\xa9", 14});
    assert_written(&writer, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\\u0000\xc3\xa9\"");
    /* Overlong, a surrogate, beyond U+10FFFF, cut off: each byte is replaced. */
    json_put_text(&writer, "\xc0\xaf|\xed\xa0\x80|\xf4\x90\x80\x80|\xe2\x82");
#define R "\xef\xbf\xbd"
    assert_written(&writer, "\"" R R "|" R R R "|" R R R R "|" R R "\"");
#undef R
}

/* The well-formed sequences at the ends of each row of RFC 3629's table in section 4. */
static void well_formed_utf8_is_known_at_its_borders(void **state) {
    (void)state;
    static const char *const good[] = {"\x7f",         "\xc2\x80",         "\xdf\xbf",
                                       "\xe0\xa0\x80", "\xed\x9f\xbf",     "\xee\x80\x80",
                                       "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(utf8_character_bytes(good[i], strlen(good[i])), strlen(good[i]));
        if (strlen(good[i]) > 1) {
            assert_int_equal(utf8_character_bytes(good[i], strlen(good[i]) - 1), 0);
        }
    }
    assert_int_equal(utf8_count("caf\xc3\xa9\xff"), 5);
}

static void numbers_take_their_shortest_form(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.1, "0.1"},       {1.0 / 3, "0.3333333333333333"},
        {100, "100"},       {-2.5, "-2.5"},
        {1e300, "1e+300"},  {0.1 + 0.2, "0.30000000000000004"}, /* the classic of IEEE 754 */
        {INFINITY, "null"}, {NAN, "null"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct json_writer writer = json_over(100);
        json_put_real(&writer, cases[i].value);
        assert_written(&writer, cases[i].text);
    }
}

static void a_long_answer_streams_through_a_small_buffer(void **state) {
    (void)state;
    struct json_writer writer = json_over(64);
    size_t total = 0;
    json_open_array(&writer);
    for (int i = 0; i < 1000; i++) {
        json_put_int(&writer, 7);
        total += json_bytes(&writer).length;
        json_drop(&writer, json_bytes(&writer).length);
    }
    json_close_array(&writer);
    assert_written(&writer, "]");
    assert_int_equal(total, 1 + 1000 + 999);
}

static void the_first_failure_stays(void **state) {
    (void)state;
    struct json_writer writer = json_over(8);
    char *text = NULL;
    size_t length = 0;
    json_open_array(&writer);
    json_put_text(&writer, "123456789");
    json_put_int(&writer, 1);
    json_close_array(&writer);
    assert_int_equal(json_take(&writer, &text, &length), ERR_TOO_LARGE);
    assert_null(text);
    json_deinit(&writer);
}

static struct json_reader read_text(const char *text) {
    struct json_reader reader;
    json_open(bytes_from_text(text), 1000, &reader);
    return reader;
}

static void what_is_asked_for_by_path_is_found(void **state) {
    (void)state;
    struct json_reader reader =
        read_text("{\"rows\":[{\"n\":5,\"r\":2,\"t\":\"x\",\"b\":true},{\"n\":6}],\"z\":null}");
    const struct json_value *root = json_root(&reader);
    assert_int_equal(json_need_int(&reader, root, "rows.0.n"), 5);
    assert_true(json_need_real(&reader, root, "rows.0.r") == 2.0);
    assert_string_equal(json_need_text(&reader, root, "rows.0.t"), "x");
    assert_true(json_need_bool(&reader, root, "rows.0.b"));
    const struct json_value *rows = json_need_array(&reader, root, "rows");
    assert_int_equal(json_count(rows), 2);
    assert_int_equal(json_need_int(&reader, json_at(rows, 1), "n"), 6);
    assert_null(json_find(root, "z"));
    assert_null(json_find(root, "rows.2"));
    assert_null(json_find(root, "rows.x.n"));
    assert_null(json_find(root, "rows..n"));
    assert_int_equal(reader.error, 0);
    json_close(&reader);
}

static void what_is_missing_or_of_another_type_is_named(void **state) {
    (void)state;
    struct json_reader reader = read_text("{\"a\":{\"n\":\"5\"}}");
    assert_int_equal(json_need_int(&reader, json_root(&reader), "a.n"), 0);
    assert_int_equal(reader.error, ERR_MALFORMED);
    assert_string_equal(reader.reason, "\"a.n\" must be a whole number, not a text");
    assert_string_equal(json_need_text(&reader, json_root(&reader), "a.n"), ""); /* it has failed */
    json_close(&reader);
    reader = read_text("{}");
    assert_string_equal(json_need_text(&reader, json_root(&reader), "b"), "");
    assert_string_equal(reader.reason, "\"b\" is missing: it must be a text");
    json_close(&reader);
    reader = read_text("{\"a\":1,\"ax\":2}");
    json_only(&reader, json_root(&reader), (const char *const[]){"a", "b", NULL});
    assert_string_equal(reader.reason, "nothing is called \"ax\" here");
    json_close(&reader);
}

static void a_callers_own_failure_counts_where_nothing_failed_yet(void **state) {
    (void)state;
    struct json_reader reader = read_text("{\"a\":\"x\"}");
    json_fail(&reader, "a is on no list");
    json_fail(&reader, "a second one");
    assert_int_equal(reader.error, ERR_MALFORMED);
    assert_string_equal(reader.reason, "a is on no list");
    assert_string_equal(json_need_text(&reader, json_root(&reader), "a"), ""); /* it has failed */
    json_close(&reader);
}

static void what_is_not_strict_json_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "{",
        "{\"a\":1,\"a\":2}",
        "[1,]",
        "{} x",
        "[01]",
        "[1e999]",
        "\"\xff\"",
        "\"\\ud800\"",
        "[NaN]",
        "'a'",
        "{\"a\\u0000\":1}",
        "[9223372036854775808]",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct json_reader reader = read_text(bad[i]);
        assert_int_equal(reader.error, ERR_MALFORMED);
        assert_int_not_equal(reader.reason[0], '\0');
        assert_null(json_root(&reader));
        assert_int_equal(json_need_int(&reader, json_root(&reader), "a"), 0);
        json_close(&reader);
    }
    struct json_reader deep =
        read_text("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[[[[\\\"[\"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    assert_int_equal(deep.error, 0);
    json_close(&deep);
}

static void a_text_beyond_the_limit_is_not_read(void **state) {
    (void)state;
    struct json_reader reader;
    json_open(bytes_from_text("[1]"), 2, &reader);
    assert_int_equal(reader.error, ERR_TOO_LARGE);
    json_close(&reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nesting_puts_commas_and_colons_where_they_belong),
        cmocka_unit_test(texts_are_escaped_and_always_utf8),
        cmocka_unit_test(well_formed_utf8_is_known_at_its_borders),
        cmocka_unit_test(numbers_take_their_shortest_form),
        cmocka_unit_test(a_long_answer_streams_through_a_small_buffer),
        cmocka_unit_test(the_first_failure_stays),
        cmocka_unit_test(what_is_asked_for_by_path_is_found),
        cmocka_unit_test(what_is_missing_or_of_another_type_is_named),
        cmocka_unit_test(a_callers_own_failure_counts_where_nothing_failed_yet),
        cmocka_unit_test(what_is_not_strict_json_is_refused),
        cmocka_unit_test(a_text_beyond_the_limit_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
