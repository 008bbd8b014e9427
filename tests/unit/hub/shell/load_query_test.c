#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "hub/shell/load_query.h"
#include "shared/base/civil.h"

/* 2026-11-21T22:30Z: in Brussels it's still the 21st. */
static const int64_t NOW_MS = INT64_C(1795300200000);

static const char *read_query(const struct http_pair *pairs, size_t count, struct load_query *ret) {
    const struct http_request request = {.query = pairs, .query_count = count};
    return load_query_read(&request, NULL, NOW_MS, ret);
}

static void by_itself_a_query_asks_for_the_latest_by_service(void **state) {
    struct load_query query;
    assert_null(read_query(NULL, 0, &query));
    assert_int_equal(query.by, LOAD_BY_SERVICE);
    assert_int_equal(query.limit, PAGE_ROWS_DEFAULT);
    assert_int_equal(query.until_day, brussels_day(NOW_MS));
    assert_int_equal(query.now_ms, NOW_MS);
    assert_string_equal(query.after_org.text, "");
}

static void a_filter_chooses_its_own_cut(void **state) {
    const struct http_pair place = {"municipality", "34022"};
    const struct http_pair language = {"language", "ukr"};
    const struct http_pair service = {"service", "budget"};
    struct load_query query;
    assert_null(read_query(&place, 1, &query));
    assert_int_equal(query.by, LOAD_BY_MUNICIPALITY);
    assert_int_equal(query.nis.code, 34022);
    assert_null(read_query(&language, 1, &query));
    assert_int_equal(query.by, LOAD_BY_LANGUAGE);
    assert_string_equal(query.language.code, "ukr");
    assert_null(read_query(&service, 1, &query));
    assert_int_equal(query.by, LOAD_BY_SERVICE);
    assert_string_equal(query.service.text, "budget");
}

static void what_nobody_publishes_is_refused(void **state) {
    const struct http_pair crossed[] = {{"service", "budget"}, {"municipality", "34022"}};
    const struct http_pair other_cut[] = {{"by", "language"}, {"service", "budget"}};
    struct load_query query;
    assert_non_null(read_query(crossed, 2, &query));
    assert_non_null(read_query(other_cut, 2, &query));
}

static void nonsense_is_refused_with_its_name(void **state) {
    static const struct http_pair wrong[] = {
        {"by", "family"},
        {"by", ""},
        {"organisation", "OCMW"},
        {"service", "a b"},
        {"limit", "0"},
        {"limit", "201"},
        {"limit", "-1"},
        {"limit", "1x"},
        {"limit", ""},
        {"municipality", "Kuurne"},
        {"language", "nl"},
        {"week", "soon"},
        {"cursor", "no-colon"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct load_query query;
        const char *said = read_query(&wrong[i], 1, &query);
        assert_non_null(said);
        assert_non_null(strstr(said, wrong[i].name));
    }
}

static void an_unknown_parameter_is_refused_unless_the_address_has_it(void **state) {
    static const char *const others[] = {"after", NULL};
    const struct http_pair pair = {"after", "x"};
    const struct http_request request = {.query = &pair, .query_count = 1};
    struct load_query query;
    assert_non_null(load_query_read(&request, NULL, NOW_MS, &query));
    assert_null(load_query_read(&request, others, NOW_MS, &query));
}

static int32_t week_of(const char *text) {
    int32_t day;
    assert_int_equal(load_week_parse(text, &day), 0);
    return day;
}

static int32_t day_of(const char *text) {
    int32_t day;
    assert_int_equal(date_parse(text, &day), 0);
    return day;
}

/* Days from Python's date.fromisocalendar(year, week, 7). */
static void a_week_is_its_sunday(void **state) {
    int32_t day;
    assert_int_equal(week_of("2026-W47"), day_of("2026-11-22"));
    assert_int_equal(week_of("2026-W01"), day_of("2026-01-04"));
    assert_int_equal(week_of("2026-W53"), day_of("2027-01-03"));
    assert_int_equal(week_of("2020-W53"), day_of("2021-01-03"));
    assert_int_equal(week_of("2026-11-19"), day_of("2026-11-19"));
    assert_int_equal(load_week_parse("2025-W53", &day), ERR_MALFORMED);
    assert_int_equal(load_week_parse("2026-W00", &day), ERR_MALFORMED);
    assert_int_equal(load_week_parse("2026-W4", &day), ERR_MALFORMED);
    assert_int_equal(load_week_parse("2026-W47 ", &day), ERR_MALFORMED);
    assert_int_equal(load_week_parse("9999-W01", &day), ERR_MALFORMED);
}

static void a_cursor_comes_back_as_it_went_out(void **state) {
    const struct load_row rows[] = {
        {.org = {"ocmw-a"}, .service = {"budget"}},
        {.org = {"ocmw-a"}, .nis = {34022}},
        {.org = {"ocmw-a"}, .language = {"ukr"}},
        {.org = {"ocmw-a"}},
    };
    static const char *const parts[] = {"budget", "34022", "ukr", ""};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[LOAD_CURSOR_SIZE];
        struct load_query query = {0};
        load_cursor_format(&rows[i], text);
        assert_int_equal(load_cursor_parse(text, &query), 0);
        assert_string_equal(query.after_org.text, "ocmw-a");
        assert_string_equal(query.after_part, parts[i]);
    }
}

static void an_overlong_cursor_is_refused(void **state) {
    struct load_query query = {0};
    assert_int_equal(load_cursor_parse("ocmw-a:0123456789012345678901234567890123", &query),
                     ERR_MALFORMED);
    assert_int_equal(load_cursor_parse("01234567890123456789012345678901234:x", &query),
                     ERR_MALFORMED);
    assert_int_equal(load_cursor_parse(":x", &query), ERR_MALFORMED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_itself_a_query_asks_for_the_latest_by_service),
        cmocka_unit_test(a_filter_chooses_its_own_cut),
        cmocka_unit_test(what_nobody_publishes_is_refused),
        cmocka_unit_test(nonsense_is_refused_with_its_name),
        cmocka_unit_test(an_unknown_parameter_is_refused_unless_the_address_has_it),
        cmocka_unit_test(a_week_is_its_sunday),
        cmocka_unit_test(a_cursor_comes_back_as_it_went_out),
        cmocka_unit_test(an_overlong_cursor_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
