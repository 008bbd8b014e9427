#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "hub/shell/load_json.h"
#include "shared/base/civil.h"

static char *written(const struct load_row *row, const struct load_names *names) {
    struct json_writer writer = json_over(64 << 10);
    char *text;
    size_t length;
    json_open_object(&writer);
    load_json_fields(&writer, row, names);
    json_close_object(&writer);
    assert_int_equal(json_take(&writer, &text, &length), 0);
    return text;
}

static void check(const struct load_row *row, const struct load_names *names, const char *wanted) {
    char *text = written(row, names);
    assert_string_equal(text, wanted);
    free(text);
}

static const struct load_names kuurne = {.name = "OCMW Kuurne", .kind = ORG_KIND_OCMW};

/* The shapes are those of openapi.json, written out by hand. */
static void a_full_row_has_every_field_in_its_shape(void **state) {
    struct load_row row = {
        .has_figures = true,
        .org = {"ocmw-kuurne"},
        .service = {"budget"},
        .origin = FIGURES_ORIGIN_REGISTER,
        .start_event = START_EVENT_ASKED,
        .period_days = 7,
        .age_days = 3,
        .freshness = FRESHNESS_FRESH,
        .open = {.known = true, .interval = {120, 120}},
        .queue = {.known = true, .is_band = true, .band = 2, .interval = {3, 31}},
        .elapsed = {.known = true,
                    .families = 521,
                    .median_weeks = 6.5,
                    .p80_weeks = 26,
                    .p80_beyond = true},
        .per_fte = {.known = true, .low = 31.0 / 3, .high = 40},
        .trend = {.direction = TREND_RISING, .slope_per_week = 1.5},
        .has_status = true,
        .status = {.status = SERVICE_STATUS_LIMITED,
                   .intakes_per_week_tenths = 25,
                   .fte_hundredths = 250},
        .status_set_ms = INT64_C(1764000000000), /* date -u -d @1764000000 */
    };
    assert_int_equal(date_parse("2015-05-31", &row.as_of_day), 0);
    assert_int_equal(date_parse("2026-12-24", &row.status.first_free_day), 0);
    check(&row, &kuurne,
          "{\"organisation\":\"ocmw-kuurne\",\"name\":\"OCMW Kuurne\",\"kind\":\"ocmw\","
          "\"service\":\"budget\",\"municipality\":null,\"language\":null,"
          "\"figures\":{\"origin\":\"register\",\"as_of\":\"2015-05-31\",\"period_days\":7,"
          "\"start_event\":\"asked\",\"age_days\":3,\"freshness\":\"fresh\"},"
          "\"open\":{\"value\":120},\"queue\":{\"low\":3,\"high\":31,\"band\":\"10-24\"},"
          "\"elapsed\":{\"median_weeks\":6.5,\"median_beyond_last_bin\":false,\"p80_weeks\":26,"
          "\"p80_beyond_last_bin\":true,\"families\":521},\"expected\":null,"
          "\"load_per_fte\":{\"low\":10.33,\"high\":40},"
          "\"trend\":{\"direction\":\"rising\",\"per_week\":1.5},"
          "\"status\":{\"status\":\"limited\",\"first_free\":\"2026-12-24\",\"third_free\":null,"
          "\"intakes_per_week\":2.5,\"fte\":2.5,\"reopens\":null,"
          "\"set_at\":\"2025-11-24T16:00:00.000Z\"}}");
}

static void what_isnt_known_is_null(void **state) {
    struct load_row row = {
        .has_figures = true,
        .org = {"00c"},
        .nis = {34022},
        .origin = FIGURES_ORIGIN_PUBLISHED,
        .start_event = START_EVENT_REFERRED,
        .period_days = 31,
        .age_days = 99,
        .freshness = FRESHNESS_UNKNOWN,
    };
    const struct load_names nobody = {.name = ""};
    assert_int_equal(date_parse("2015-05-31", &row.as_of_day), 0);
    check(&row, &nobody,
          "{\"organisation\":\"00c\",\"name\":\"\",\"kind\":null,\"service\":null,"
          "\"municipality\":\"34022\",\"language\":null,"
          "\"figures\":{\"origin\":\"published\",\"as_of\":\"2015-05-31\",\"period_days\":31,"
          "\"start_event\":\"referred\",\"age_days\":99,\"freshness\":\"unknown\"},"
          "\"open\":null,\"queue\":null,\"elapsed\":null,\"expected\":null,"
          "\"load_per_fte\":null,\"trend\":{\"direction\":\"unknown\",\"per_week\":null},"
          "\"status\":null}");
}

/* Staff said their status of a service and published nothing: there are no figures to describe. */
static void a_status_alone_has_no_figures(void **state) {
    const struct load_row row = {.org = {"buddies"}, .service = {"buddy"}};
    const struct load_names names = {.name = "Buddies", .kind = ORG_KIND_VOLUNTEERS};
    char *text = written(&row, &names);
    assert_non_null(strstr(text, "\"figures\":null"));
    free(text);
}

/* Low and high are the same where every member published counts; bands open the interval. */
static void a_total_says_what_it_lacks(void **state) {
    const struct total_row row = {.service = {"intake"},
                                  .organisations = 2,
                                  .missing = 1,
                                  .open = {61, 76},
                                  .queue = {30, 30},
                                  .queue_missing = 1,
                                  .elapsed_missing = 2};
    struct json_writer writer = json_over(4096);
    json_open_object(&writer);
    total_json_fields(&writer, &row);
    json_close_object(&writer);
    char *text = NULL;
    size_t length;
    assert_int_equal(json_take(&writer, &text, &length), 0);
    assert_string_equal(text,
                        "{\"service\":\"intake\",\"municipality\":null,\"language\":null,"
                        "\"organisations\":2,\"missing\":1,\"open\":{\"low\":61,\"high\":76},"
                        "\"queue\":{\"low\":30,\"high\":30},\"queue_missing\":1,\"elapsed\":null,"
                        "\"elapsed_missing\":2,\"oldest\":null}");
    free(text);
}

static void words_tell_freshness_and_trend(void **state) {
    assert_string_equal(freshness_text(FRESHNESS_AGEING), "ageing");
    assert_string_equal(trend_text(TREND_FALLING), "falling");
    assert_string_equal(trend_text(TREND_LEVEL), "steady");
    assert_string_equal(trend_text(TREND_NOT_ENOUGH), "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_row_has_every_field_in_its_shape),
        cmocka_unit_test(what_isnt_known_is_null),
        cmocka_unit_test(a_status_alone_has_no_figures),
        cmocka_unit_test(a_total_says_what_it_lacks),
        cmocka_unit_test(words_tell_freshness_and_trend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
