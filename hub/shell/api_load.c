#include <string.h>

#include "hub/shell/api.h"
#include "hub/shell/load_json.h"
#include "hub/shell/load_query.h"
#include "hub/shell/load_write.h"
#include "shared/base/civil.h"

static void open_answer(struct json_writer *writer, const struct api *api, int64_t now_ms) {
    json_open_object(writer);
    json_field_text(writer, "region", api->region);
    api_field_instant(writer, "generated_at", now_ms);
    json_put_key(writer, "rows");
    json_open_array(writer);
}

static int write_rows(struct json_writer *writer, const struct api_read *read,
                      const struct load_page *page) {
    struct load_names_cache cache = {0};
    for (size_t i = 0; i < page->count; i++) {
        int r = load_write_row(writer, read->view, read->arena, &cache, &page->rows[i]);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

void api_load(void *ctx, const struct http_request *request, struct http_response *response) {
    struct api *api = ctx;
    struct api_read read;
    struct load_query query;
    struct load_page page;
    if (!api_may_read(api, request, response)) {
        return;
    }
    const char *wrong = load_query_read(request, NULL, clock_now_ms(&api->clock), &query);
    if (wrong != NULL) {
        api_bad(response, wrong);
        return;
    }
    if (!api_read_begin(api, &read, response)) {
        return;
    }
    struct json_writer writer = json_over(API_JSON_BYTES_MAX);
    int r = load_page(read.view, &query, read.arena, &page);
    if (r == 0) {
        open_answer(&writer, api, read.now_ms);
        r = write_rows(&writer, &read, &page);
    }
    if (r < 0) {
        json_deinit(&writer);
        api_fail(response, r);
    } else {
        char cursor[LOAD_CURSOR_SIZE];
        json_close_array(&writer);
        if (page.more && page.count > 0) {
            load_cursor_format(&page.rows[page.count - 1], cursor);
            json_field_text(&writer, "next", cursor);
        } else {
            json_field_null(&writer, "next");
        }
        json_close_object(&writer);
        api_json(response, 200, &writer);
    }
    api_read_end(&read);
}

/* -- the region as a whole -- */

static int write_totals(struct json_writer *writer, const struct api *api,
                        const struct api_read *read, const struct load_query *query) {
    struct totals totals;
    int r = totals_read(read->view, query, read->arena, &totals);
    if (r < 0) {
        return r;
    }
    open_answer(writer, api, read->now_ms);
    for (size_t i = 0; i < totals.count; i++) {
        json_open_object(writer);
        total_json_fields(writer, &totals.rows[i]);
        json_close_object(writer);
    }
    json_close_array(writer);
    json_field_int(writer, "uncut", totals.uncut);
    json_close_object(writer);
    return 0;
}

void api_totals(void *ctx, const struct http_request *request, struct http_response *response) {
    struct api *api = ctx;
    struct api_read read;
    struct load_query query;
    if (!api_may_read(api, request, response)) {
        return;
    }
    const char *wrong = load_query_read(request, NULL, clock_now_ms(&api->clock), &query);
    if (wrong == NULL && query.by == LOAD_BY_ORGANISATION) {
        wrong = "by: a region is added up by service, municipality or language";
    }
    if (wrong != NULL) {
        api_bad(response, wrong);
        return;
    }
    if (!api_read_begin(api, &read, response)) {
        return;
    }
    struct json_writer writer = json_over(API_JSON_BYTES_MAX);
    int r = write_totals(&writer, api, &read, &query);
    if (r < 0) {
        json_deinit(&writer);
        api_fail(response, r);
    } else {
        api_json(response, 200, &writer);
    }
    api_read_end(&read);
}

/* -- one organisation over time -- */

struct span {
    int32_t from_day;
    const char *wrong;
};

static struct span read_span(const struct http_request *request, struct load_query *query) {
    struct span span = {.from_day = day_from_date((struct date){1900, 1, 1})};
    const char *from = http_query(request, "from");
    const char *before = http_query(request, "before");
    if (query->org.text[0] == '\0') {
        span.wrong = "organisation: say whose series you want";
    } else if (from != NULL && load_week_parse(from, &span.from_day) < 0) {
        span.wrong = "from: write 2026-W47, or a day as 2026-11-22";
    } else if (before != NULL) {
        span.wrong = date_parse(before, &query->until_day) < 0
                         ? "before: not a day that an answer of ours gave as `next`"
                         : NULL;
        query->until_day--;
    }
    return span;
}

static int write_series(struct json_writer *writer, const struct api *api,
                        const struct api_read *read, struct load_query *query, int32_t from_day) {
    struct load_page page;
    bool more;
    char next[DATE_TEXT_SIZE];
    int r = load_chunk(read->view, query, from_day, read->arena, &page, &more);
    if (r < 0) {
        return r;
    }
    open_answer(writer, api, read->now_ms);
    r = write_rows(writer, read, &page);
    json_close_array(writer);
    if (more) {
        date_format(query->until_day + 1, next);
        json_field_text(writer, "next", next);
    } else {
        json_field_null(writer, "next");
    }
    json_close_object(writer);
    return r;
}

void api_series(void *ctx, const struct http_request *request, struct http_response *response) {
    static const char *const others[] = {"from", "before", NULL};
    struct api *api = ctx;
    struct api_read read;
    struct load_query query;
    if (!api_may_read(api, request, response)) {
        return;
    }
    const char *wrong = load_query_read(request, others, clock_now_ms(&api->clock), &query);
    struct span span = {0};
    if (wrong == NULL) {
        span = read_span(request, &query);
        wrong = span.wrong;
    }
    if (wrong != NULL) {
        api_bad(response, wrong);
        return;
    }
    if (!api_read_begin(api, &read, response)) {
        return;
    }
    struct json_writer writer = json_over(API_JSON_BYTES_MAX);
    int r = write_series(&writer, api, &read, &query, span.from_day);
    if (r < 0) {
        json_deinit(&writer);
        api_fail(response, r);
    } else {
        api_json(response, 200, &writer);
    }
    api_read_end(&read);
}
