#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hub/core/counts.h"
#include "hub/shell/api.h"
#include "hub/shell/period.h"
#include "shared/base/civil.h"

/* Counts about families that outlive them, for whoever may read: per week, and per quarter. */

enum { WEEKS_DEFAULT = 13, WEEKS_MAX = 104, QUARTERS = 4 };

struct question {
    size_t weeks;
    int32_t quarter_day;
    bool one_quarter;
};

/* -- weeks -- */

static void put_week(struct json_writer *writer, const struct counts_week *week) {
    char text[PERIOD_TEXT_SIZE];
    week_format(week->monday, text);
    json_open_object(writer);
    json_field_text(writer, "week", text);
    api_field_day(writer, "monday", week->monday);
    json_put_key(writer, "opened");
    json_open_object(writer);
    for (int kind = FLAG_GAP_AHEAD; kind <= FLAG_CALL_BACK; kind++) {
        json_field_int(writer, flag_kind_text((enum flag_kind)kind), week->opened[kind]);
    }
    json_close_object(writer);
    json_field_int(writer, "escalated", week->escalated);
    json_field_int(writer, "consents_given", week->consents_given);
    json_field_int(writer, "consents_replaced", week->consents_replaced);
    json_field_int(writer, "consents_withdrawn", week->consents_withdrawn);
    json_field_int(writer, "consents_lapsed", week->consents_lapsed);
    json_field_int(writer, "call_backs", week->call_backs);
    json_close_object(writer);
}

static int put_weeks(struct json_writer *writer, const struct api *api, const struct api_read *read,
                     const struct question *question) {
    const int32_t today = brussels_day(read->now_ms);
    (void)api;
    for (size_t i = 0; i < question->weeks; i++) {
        struct counts_week week;
        int r = counts_week_read(read->view, today - 7 * (int32_t)i, &week);
        if (r < 0) {
            return r;
        }
        put_week(writer, &week);
    }
    return 0;
}

/* -- quarters -- */

static void put_days(struct json_writer *writer, const char *key, const struct counts_days *days) {
    json_put_key(writer, key);
    json_open_object(writer);
    if (days->known) {
        json_field_int(writer, "cases", days->cases);
        json_field_int(writer, "median_days", days->median_days);
        json_field_int(writer, "p90_days", days->p90_days);
    } else {
        json_field_null(writer, "cases");
        json_field_null(writer, "median_days");
        json_field_null(writer, "p90_days");
    }
    json_close_object(writer);
}

static const char *refusal_code(uint32_t which) {
    return ask_reason_text((enum ask_reason)which);
}

static const char *concern_code(uint32_t which) {
    return concern_reason_text((enum concern_reason)which);
}

struct reasons {
    const char *key;
    const struct counts_reason *list;
    size_t count;
    const char *(*code)(uint32_t which);
    bool over;
};

static void put_reasons(struct json_writer *writer, const struct reasons *reasons) {
    if (!reasons->over) {
        json_field_null(writer, reasons->key);
        return;
    }
    json_put_key(writer, reasons->key);
    json_open_array(writer);
    for (size_t i = 0; i < reasons->count; i++) {
        json_open_object(writer);
        json_field_text(writer, "reason", reasons->code(reasons->list[i].which));
        json_field_int(writer, "count", reasons->list[i].published);
        json_close_object(writer);
    }
    json_close_array(writer);
}

static void put_quarter(struct json_writer *writer, const struct counts_quarter *quarter) {
    char text[PERIOD_TEXT_SIZE];
    quarter_format(quarter->first_day, text);
    json_open_object(writer);
    json_field_text(writer, "quarter", text);
    api_field_day(writer, "first_day", quarter->first_day);
    json_field_bool(writer, "over", quarter->over);
    put_days(writer, "acknowledged", &quarter->acknowledged);
    put_days(writer, "contacted", &quarter->contacted);
    put_days(writer, "without_local", &quarter->without_local);
    put_days(writer, "called_back", &quarter->called_back);
    const struct reasons refusals = {.key = "refusals",
                                     .list = quarter->refusals,
                                     .count = quarter->refusal_count,
                                     .code = refusal_code,
                                     .over = quarter->over};
    const struct reasons concerns = {.key = "concerns",
                                     .list = quarter->concerns,
                                     .count = quarter->concern_count,
                                     .code = concern_code,
                                     .over = quarter->over};
    put_reasons(writer, &refusals);
    put_reasons(writer, &concerns);
    json_close_object(writer);
}

static int put_quarters(struct json_writer *writer, const struct api *api,
                        const struct api_read *read, const struct question *question) {
    struct counts_question asked = {.today = brussels_day(read->now_ms), .key = &api->keys->noise};
    asked.day = question->one_quarter ? question->quarter_day : asked.today;
    const size_t count = question->one_quarter ? 1 : QUARTERS;
    for (size_t i = 0; i < count; i++) {
        struct counts_quarter quarter;
        int r = counts_quarter_read(read->view, &asked, &quarter);
        if (r < 0) {
            return r;
        }
        if (quarter.counted || i == 0) { /* before there was a hub there's nothing to show */
            put_quarter(writer, &quarter);
        }
        asked.day = quarter_before(quarter_start(asked.day));
    }
    return 0;
}

/* -- both -- */

static void answer(struct api *api, const struct question *question,
                   int (*put)(struct json_writer *writer, const struct api *api,
                              const struct api_read *read, const struct question *question),
                   struct http_response *response) {
    struct api_read read;
    if (!api_read_begin(api, &read, response)) {
        return;
    }
    struct json_writer writer = json_over(API_JSON_BYTES_MAX);
    json_open_object(&writer);
    api_field_instant(&writer, "generated_at", read.now_ms);
    json_put_key(&writer, "rows");
    json_open_array(&writer);
    int r = put(&writer, api, &read, question);
    if (r < 0) {
        json_deinit(&writer);
        api_fail(response, r);
    } else {
        json_close_array(&writer);
        json_close_object(&writer);
        api_json(response, 200, &writer);
    }
    api_read_end(&read);
}

void api_flag_weeks(void *ctx, const struct http_request *request, struct http_response *response) {
    struct api *api = ctx;
    struct question question = {.weeks = WEEKS_DEFAULT};
    const char *weeks = http_query(request, "weeks");
    if (!api_may_read(api, request, response)) {
        return;
    }
    if (weeks != NULL) {
        question.weeks =
            strspn(weeks, "0123456789") == strlen(weeks) ? strtoul(weeks, NULL, 10) : 0;
    }
    if (question.weeks < 1 || question.weeks > WEEKS_MAX) {
        api_bad(response, "weeks: a number from 1 to 104");
        return;
    }
    answer(api, &question, put_weeks, response);
}

void api_flag_quarters(void *ctx, const struct http_request *request,
                       struct http_response *response) {
    struct api *api = ctx;
    const char *quarter = http_query(request, "quarter");
    struct question question = {.one_quarter = quarter != NULL};
    if (!api_may_read(api, request, response)) {
        return;
    }
    if (quarter != NULL && quarter_parse(quarter, &question.quarter_day) < 0) {
        api_bad(response, "quarter: as in 2026-Q4");
        return;
    }
    answer(api, &question, put_quarters, response);
}
