#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hub/shell/api.h"
#include "hub/shell/load_query.h"
#include "hub/shell/load_write.h"
#include "shared/base/civil.h"

/* Everything that is kept, a line of JSON a row, in chunks of one organisation's weeks: each chunk
 * has a read transaction of its own, so a slow reader holds none. A chunk ends with a line
 * {"after": "..."}: from there an export that broke off goes on. */

enum { CHUNK_ARENA_BYTES = 16 << 20, CHUNK_JSON_BYTES_MAX = 2 << 20 };

struct export {
    struct api *api;
    struct load_query query; /* org and until_day: where the next chunk begins */
    int32_t latest_day;
    bool whole; /* of query.org everything is sent */
    bool only;  /* of one organisation */
    bool ended;
    struct json_writer writer;
};

static int write_chunk(struct export *export, struct store_txn *view, struct arena *arena) {
    struct load_names_cache cache = {0};
    struct load_page page;
    char after[ORG_ID_MAX + 2 + DATE_TEXT_SIZE];
    char day[DATE_TEXT_SIZE];
    bool more;
    int r = load_chunk(view, &export->query, day_from_date((struct date){1900, 1, 1}), arena, &page,
                       &more);
    for (size_t i = 0; r == 0 && i < page.count; i++) {
        r = load_write_row(&export->writer, view, arena, &cache, &page.rows[i]);
        json_put_newline(&export->writer);
    }
    if (r < 0) {
        return r;
    }
    export->whole = !more;
    if (page.count > 0) {
        date_format(export->query.until_day + 1, day);
        snprintf(after, sizeof(after), "%s:%s", export->query.org.text, day);
        json_open_object(&export->writer);
        json_field_text(&export->writer, "after", after);
        json_close_object(&export->writer);
        json_put_newline(&export->writer);
    }
    return export->writer.error;
}

static int next_chunk(struct export *export, struct store_txn *view, struct arena *arena) {
    if (export->whole) {
        struct org_id org;
        int r = export->only ? ERR_NOT_FOUND : signals_next_org(view, &export->query.org, &org);
        if (r == ERR_NOT_FOUND) {
            export->ended = true;
            return 0;
        }
        if (r < 0) {
            return r;
        }
        export->query.org = org;
        export->query.until_day = export->latest_day;
        export->whole = false;
    }
    return write_chunk(export, view, arena);
}

static int fill(struct export *export) {
    struct arena *arena;
    struct store_txn *view;
    int r = arena_new(CHUNK_ARENA_BYTES, &arena);
    if (r < 0) {
        return r;
    }
    r = store_begin_read(export->api->store, &view);
    if (r == 0) {
        r = next_chunk(export, view, arena);
        store_abort(view);
    }
    arena_free(arena);
    return r;
}

static ssize_t read_export(void *ctx, uint64_t position, char *ret, size_t max) {
    struct export *export = ctx;
    (void)position;
    while (json_bytes(&export->writer).length == 0) {
        if (export->ended) {
            return 0;
        }
        int r = fill(export);
        if (r < 0) {
            return r;
        }
    }
    struct bytes ready = json_bytes(&export->writer);
    size_t length = ready.length < max ? ready.length : max;
    memcpy(ret, ready.data, length);
    json_drop(&export->writer, length);
    return (ssize_t)length;
}

static void free_export(void *ctx) {
    struct export *export = ctx;
    json_deinit(&export->writer);
    free(export);
}

/* "organisation:2026-11-22": that organisation's weeks before that day, then the others. */
static const char *read_after(const struct http_request *request, struct export *export) {
    static const char wrong[] = "after: not one that a line of an export gave";
    char org[ORG_ID_MAX + 1];
    const char *after = http_query(request, "after");
    if (after == NULL) {
        return NULL;
    }
    const char *colon = strchr(after, ':');
    if (colon == NULL || (size_t)(colon - after) >= sizeof(org)) {
        return wrong;
    }
    snprintf(org, sizeof(org), "%.*s", (int)(colon - after), after);
    if (org_id_parse(org, &export->query.org) < 0 ||
        date_parse(colon + 1, &export->query.until_day) < 0) {
        return wrong;
    }
    export->query.until_day--;
    export->whole = false;
    return NULL;
}

void api_export(void *ctx, const struct http_request *request, struct http_response *response) {
    static const char *const others[] = {"after", NULL};
    struct api *api = ctx;
    if (!api_may_read(api, request, response)) {
        return;
    }
    struct export *export = calloc(1, sizeof(*export));
    if (export == NULL) {
        api_fail(response, ERR_NO_MEMORY);
        return;
    }
    export->api = api;
    export->writer = json_over(CHUNK_JSON_BYTES_MAX);
    const char *wrong = load_query_read(request, others, clock_now_ms(&api->clock), &export->query);
    if (wrong == NULL) {
        export->latest_day = export->query.until_day;
        export->only = export->query.org.text[0] != '\0';
        export->whole = !export->only;
        wrong = read_after(request, export);
    }
    if (wrong != NULL) {
        free_export(export);
        api_bad(response, wrong);
        return;
    }
    http_reply_stream(
        response, "application/x-ndjson",
        (struct http_stream){.read = read_export, .free = free_export, .ctx = export});
}
