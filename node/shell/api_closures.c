#include <stdlib.h>

#include "node/core/hours.h"
#include "node/shell/api.h"
#include "shared/base/civil.h"
#include "shared/io/json.h"
#include "shared/store/txn.h"

/* Closure days as people say them: `until` is the last day that the desk is closed. The directory
 * has the first day that it's open again. */

enum { CLOSURES_ARENA_BYTES = 1 << 20 };

/* -- what was told -- */

static int read_told(struct desk *desk, struct arena *arena, struct hours_told *ret) {
    struct store_txn *view;
    int r = store_begin_read(desk->store, &view);
    if (r < 0) {
        return r;
    }
    r = hours_told(view, &desk->settings.own.org, arena, ret);
    store_abort(view);
    return r;
}

static void put_date(struct json_writer *writer, const char *key, int32_t day) {
    char text[DATE_TEXT_SIZE];
    date_format(day, text);
    json_field_text(writer, key, text);
}

static void write_told(struct json_writer *writer, const struct hours_told *told) {
    json_open_object(writer);
    json_put_key(writer, "closures");
    json_open_array(writer);
    for (size_t i = 0; i < told->count; i++) {
        const struct closure *closure = &told->closures[i];
        json_open_object(writer);
        put_date(writer, "from", closure->from_day);
        put_date(writer, "until", closure->until_day - 1);
        if (closure->deputy.text[0] != '\0') {
            json_field_text(writer, "deputy", closure->deputy.text);
        }
        json_close_object(writer);
    }
    json_close_array(writer);
    json_field_bool(writer, "under_way", told->under_way);
    json_close_object(writer);
}

static void reply_told(const struct http_request *request, struct http_response *response,
                       const struct hours_told *told) {
    struct json_writer writer = json_over(API_TEXT_BYTES_MAX);
    char *text;
    size_t length;
    write_told(&writer, told);
    if (json_take(&writer, &text, &length) < 0) {
        json_deinit(&writer);
        reply_error(response, ERR_NO_MEMORY, api_lang(request), NULL);
        return;
    }
    http_reply_take(response, 200, "application/json", text, length);
}

void api_closures(void *ctx, const struct http_request *request, struct http_response *response) {
    struct desk *desk = ctx;
    struct actor actor;
    struct arena *arena;
    struct hours_told told;
    if (!api_actor(desk, request, response, &actor)) {
        return;
    }
    int r = arena_new(CLOSURES_ARENA_BYTES, &arena);
    if (r < 0) {
        reply_error(response, r, api_lang(request), NULL);
        return;
    }
    r = read_told(desk, arena, &told);
    if (r < 0) {
        reply_error(response, r, api_lang(request), NULL);
    } else {
        reply_told(request, response, &told);
    }
    arena_free(arena);
}

/* -- telling -- */

static void read_closure(const struct api_reading *reading, const struct json_value *from,
                         struct closure *ret) {
    static const char *const names[] = {"from", "until", "deputy", NULL};
    json_only(reading->reader, from, names);
    *ret = (struct closure){
        .from_day = api_need_day(reading, from, "from"),
        .until_day = api_need_day(reading, from, "until") + 1,
    };
    if (ret->until_day <= ret->from_day) {
        api_fault(reading, TEXT_NODE_WRONG_UNTIL, "until");
    }
    if (json_find(from, "deputy") != NULL &&
        org_id_parse(json_need_text(reading->reader, from, "deputy"), &ret->deputy) < 0) {
        api_fault(reading, TEXT_FAMILY_WRONG_ORG, "deputy");
    }
}

static void read_closures(struct json_reader *reader, struct job *job) {
    static const char *const names[] = {"closures", NULL};
    json_only(reader, json_root(reader), names);
    const struct json_value *list = json_need_array(reader, json_root(reader), "closures");
    const size_t count = json_count(list);
    struct closure *closures = calloc(count + 1, sizeof(*closures));
    job->memory = closures;
    if (closures == NULL) {
        json_fail(reader, text_get(job->lang, text_of_error(ERR_NO_MEMORY).what));
        return;
    }
    const struct api_reading reading = {.reader = reader, .lang = job->lang};
    for (size_t i = 0; i < count; i++) {
        read_closure(&reading, json_at(list, i), &closures[i]);
    }
    job->arguments.hours = (struct hours_arguments){.closures = closures, .count = count};
}

void api_closures_set(void *ctx, const struct http_request *request,
                      struct http_response *response) {
    struct desk *desk = ctx;
    struct json_reader reader;
    struct job *job = api_job(desk, request, response, NODE_COMMAND_HOURS);
    if (job == NULL) {
        return;
    }
    json_open(request->body, HTTP_BODY_BYTES_MAX, &reader);
    read_closures(&reader, job);
    if (!api_close_json(request, response, &reader)) {
        job_free(job);
        return;
    }
    api_push(desk, request, response, job);
}
