#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hub/core/tombstones.h"
#include "hub/shell/api.h"
#include "hub/shell/board.h"
#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/members/members.h"

/* What the coordinator sees of families: flags without handles, and which organisation still has to
 * say that it erased what it had. */

bool api_may_coordinate(struct api *api, const struct http_request *request,
                        struct http_response *response) {
    struct actor actor;
    if (!api_actor(api, request, &actor, response)) {
        return false;
    }
    if (actor.role != ROLE_ADMINISTRATOR && actor.role != ROLE_COORDINATOR) {
        api_refuse(response, REFUSAL_NOT_ALLOWED);
        return false;
    }
    return true;
}

void api_field_day(struct json_writer *writer, const char *key, int32_t day) {
    char text[DATE_TEXT_SIZE];
    if (day == FAMILY_DAY_NONE) {
        json_field_null(writer, key);
        return;
    }
    date_format(day, text);
    json_field_text(writer, key, text);
}

/* NULL where it's nobody, or of no name. */
static int put_org(struct json_writer *writer, const struct api_read *read, const char *key,
                   const struct org_id *org) {
    struct membership membership;
    char name_key[32];
    (void)snprintf(name_key, sizeof(name_key), "%s_name", key);
    if (org->text[0] == '\0') {
        json_field_null(writer, key);
        json_field_null(writer, name_key);
        return 0;
    }
    int r = member_get(read->view, org, read->arena, &membership);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    json_field_text(writer, key, org->text);
    json_field_text(writer, name_key, r == 0 ? membership.member.name : NULL);
    return 0;
}

static int put_flag(struct json_writer *writer, const struct api_read *read,
                    const struct flag_row *row, int32_t today) {
    json_open_object(writer);
    json_put_key(writer, "id");
    json_put_hex(writer, BYTES_OF(row->id.bytes));
    json_field_text(writer, "kind", flag_kind_text(row->kind));
    json_field_text(writer, "state", flag_state_text(row->state));
    api_field_day(writer, "opened_on", row->opened_day);
    json_field_int(writer, "age_days", today - row->opened_day);
    int r = put_org(writer, read, "turn", &row->turn);
    r = r < 0 ? r : put_org(writer, read, "about", &row->about_org);
    api_field_day(writer, "acknowledge_by", row->acknowledge_by_day);
    api_field_day(writer, "contact_by", row->contact_by_day);
    json_field_bool(writer, "overdue", board_overdue(row, today));
    json_field_bool(writer, "escalated", row->escalated);
    json_field_int(writer, "reopened", row->reopened);
    json_close_object(writer);
    return r;
}

static void put_summary(struct json_writer *writer, const struct board_page *page) {
    json_put_key(writer, "open");
    json_open_object(writer);
    json_field_int(writer, "total", (int64_t)page->total);
    json_field_int(writer, "on_board", (int64_t)page->on_board);
    json_field_int(writer, "overdue", (int64_t)page->overdue);
    api_field_day(writer, "oldest_on", page->oldest_day);
    json_close_object(writer);
}

static int write_flags(struct json_writer *writer, const struct api_read *read,
                       const struct board_query *query) {
    char next[BOARD_CURSOR_SIZE];
    struct board_page *page = malloc(sizeof(*page));
    if (page == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = board_read(read->view, query, page);
    if (r == 0) {
        put_summary(writer, page);
        json_put_key(writer, "rows");
        json_open_array(writer);
        for (size_t i = 0; i < page->count && r == 0; i++) {
            r = put_flag(writer, read, &page->rows[i], query->today);
        }
        json_close_array(writer);
    }
    if (r == 0 && page->more) {
        board_cursor_format(&page->rows[page->count - 1], next);
        json_field_text(writer, "next", next);
    } else {
        json_field_null(writer, "next");
    }
    free(page);
    return r;
}

/* A sentence about what is wrong, or NULL. */
static const char *read_query(const struct http_request *request, struct board_place *place,
                              struct board_query *ret) {
    const char *limit = http_query(request, "limit");
    const char *cursor = http_query(request, "cursor");
    *ret = (struct board_query){.limit = PAGE_ROWS_DEFAULT};
    if (cursor != NULL) {
        if (board_cursor_parse(cursor, place) < 0) {
            return "cursor: not one that an answer of ours gave as `next`";
        }
        ret->after = place;
    }
    if (limit != NULL) {
        ret->limit = strspn(limit, "0123456789") == strlen(limit) ? strtoul(limit, NULL, 10) : 0;
    }
    return ret->limit < 1 || ret->limit > BOARD_PAGE_MAX ? "limit: a number from 1 to 200" : NULL;
}

/* An object with when it was made, and what `write` puts into it. */
static void answer(struct api *api, const struct board_query *query,
                   int (*write)(struct json_writer *writer, const struct api_read *read,
                                const struct board_query *query),
                   struct http_response *response) {
    struct api_read read;
    if (!api_read_begin(api, &read, response)) {
        return;
    }
    struct board_query asked = *query;
    asked.today = brussels_day(read.now_ms);
    struct json_writer writer = json_over(API_JSON_BYTES_MAX);
    json_open_object(&writer);
    api_field_instant(&writer, "generated_at", read.now_ms);
    int r = write(&writer, &read, &asked);
    if (r < 0) {
        json_deinit(&writer);
        api_fail(response, r);
    } else {
        json_close_object(&writer);
        api_json(response, 200, &writer);
    }
    api_read_end(&read);
}

void api_flags(void *ctx, const struct http_request *request, struct http_response *response) {
    struct api *api = ctx;
    struct board_place place;
    struct board_query query;
    if (!api_may_coordinate(api, request, response)) {
        return;
    }
    const char *wrong = read_query(request, &place, &query);
    if (wrong != NULL) {
        api_bad(response, wrong);
        return;
    }
    answer(api, &query, write_flags, response);
}

/* -- erasures -- */

struct owing {
    struct org_id org;
    uint64_t owed;
    uint64_t red;
    int64_t oldest_ms;
};

static struct owing *owing_of(struct owing *list, size_t *count, const struct org_id *org) {
    for (size_t i = 0; i < *count; i++) {
        if (org_id_equal(&list[i].org, org)) {
            return &list[i];
        }
    }
    if (*count == MEMBERS_MAX) {
        return NULL;
    }
    list[*count] = (struct owing){.org = *org, .oldest_ms = INT64_MAX};
    return &list[(*count)++];
}

static int read_owing(const struct api_read *read, struct owing *list, size_t *ret_count) {
    struct erasure_cursor cursor;
    struct erasure_row row;
    int r;
    for (r = erasure_first(read->view, &cursor, &row); r == 0; r = erasure_next(&cursor, &row)) {
        struct owing *owing = owing_of(list, ret_count, &row.org);
        if (owing == NULL) {
            return ERR_TOO_LARGE;
        }
        owing->owed++;
        owing->red += read->now_ms - row.since_ms > (int64_t)ERASURE_RED_DAYS * DAY_MS ? 1 : 0;
        owing->oldest_ms = row.since_ms < owing->oldest_ms ? row.since_ms : owing->oldest_ms;
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

static int by_age(const void *a, const void *b) {
    const struct owing *left = a;
    const struct owing *right = b;
    return (left->oldest_ms > right->oldest_ms) - (left->oldest_ms < right->oldest_ms);
}

static int put_owing(struct json_writer *writer, const struct api_read *read,
                     const struct owing *owing) {
    json_open_object(writer);
    int r = put_org(writer, read, "organisation", &owing->org);
    json_field_int(writer, "owed", (int64_t)owing->owed);
    json_field_int(writer, "red", (int64_t)owing->red);
    api_field_instant(writer, "oldest", owing->oldest_ms);
    json_field_int(writer, "age_days", (read->now_ms - owing->oldest_ms) / DAY_MS);
    json_close_object(writer);
    return r;
}

static int write_erasures(struct json_writer *writer, const struct api_read *read,
                          const struct board_query *query) {
    size_t count = 0;
    struct owing *list = calloc(MEMBERS_MAX, sizeof(*list));
    (void)query;
    if (list == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = read_owing(read, list, &count);
    qsort(list, count, sizeof(list[0]), by_age);
    json_field_int(writer, "red_after_days", ERASURE_RED_DAYS);
    json_put_key(writer, "rows");
    json_open_array(writer);
    for (size_t i = 0; i < count && r == 0; i++) {
        r = put_owing(writer, read, &list[i]);
    }
    json_close_array(writer);
    free(list);
    return r;
}

void api_erasures(void *ctx, const struct http_request *request, struct http_response *response) {
    struct api *api = ctx;
    const struct board_query none = {.limit = 0};
    if (api_may_coordinate(api, request, response)) {
        answer(api, &none, write_erasures, response);
    }
}
