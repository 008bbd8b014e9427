#include "hub/shell/api.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/civil.h"

enum { READ_ARENA_BYTES = 32 << 20 };

#define JSON_TYPE "application/json"

static const struct http_route table[] = {
    {.method = HTTP_GET, .pattern = "/api/v1/load", .handle = api_load},
    {.method = HTTP_GET, .pattern = "/api/v1/load/series", .handle = api_series},
    {.method = HTTP_GET, .pattern = "/api/v1/load/region", .handle = api_totals},
    {.method = HTTP_GET, .pattern = "/api/v1/load/export", .handle = api_export},
    {.method = HTTP_GET, .pattern = "/api/v1/flags", .handle = api_flags},
    {.method = HTTP_GET, .pattern = "/api/v1/flags/weeks", .handle = api_flag_weeks},
    {.method = HTTP_GET, .pattern = "/api/v1/flags/quarters", .handle = api_flag_quarters},
    {.method = HTTP_GET, .pattern = "/api/v1/erasures", .handle = api_erasures},
    {.method = HTTP_GET, .pattern = "/api/v1/members", .handle = api_members},
    {.method = HTTP_GET, .pattern = "/api/v1/members/{id}", .handle = api_member},
    {.method = HTTP_POST,
     .pattern = "/api/v1/members/{id}/approve",
     .consumes = JSON_TYPE,
     .handle = api_approve},
    {.method = HTTP_POST,
     .pattern = "/api/v1/members/{id}/decline",
     .consumes = JSON_TYPE,
     .handle = api_decline},
    {.method = HTTP_POST,
     .pattern = "/api/v1/members/{id}/revoke",
     .consumes = JSON_TYPE,
     .handle = api_revoke},
    {.method = HTTP_POST,
     .pattern = "/api/v1/members/{id}/leave",
     .consumes = JSON_TYPE,
     .handle = api_leave},
    {.method = HTTP_POST,
     .pattern = "/api/v1/members/{id}/set",
     .consumes = JSON_TYPE,
     .handle = api_member_set},
    {.method = HTTP_POST,
     .pattern = "/api/v1/invitations",
     .consumes = JSON_TYPE,
     .handle = api_invite},
    {.method = HTTP_POST,
     .pattern = "/api/v1/entries",
     .consumes = "application/octet-stream",
     .handle = api_entry},
    {.method = HTTP_POST, .pattern = "/api/v1/users", .consumes = JSON_TYPE, .handle = api_user},
    {.method = HTTP_POST, .pattern = "/api/v1/tokens", .consumes = JSON_TYPE, .handle = api_token},
    {.method = HTTP_POST,
     .pattern = "/api/v1/tokens/revoke",
     .consumes = JSON_TYPE,
     .handle = api_token_revoke},
    {.method = HTTP_GET, .pattern = "/api/v1/backup", .handle = api_get_backup},
    {.method = HTTP_POST, .pattern = "/api/v1/backup", .consumes = JSON_TYPE, .handle = api_backup},
    {.method = HTTP_GET, .pattern = "/api/v1/commands/{id}", .handle = api_command},
    {.method = HTTP_GET, .pattern = "/api/v1/status", .handle = api_status},
    {.method = HTTP_GET, .pattern = "/api/v1/openapi.json", .handle = api_openapi},
    {.method = HTTP_GET, .pattern = "/metrics", .handle = api_metrics},
    {.method = HTTP_GET, .pattern = "/healthz", .handle = api_health},
};

size_t api_routes(struct api *api) {
    const size_t count = sizeof(table) / sizeof(table[0]);
    static_assert(sizeof(table) / sizeof(table[0]) <= API_ROUTES_MAX, "room for every route");
    for (size_t i = 0; i < count; i++) {
        api->routes_table[i] = table[i];
        api->routes_table[i].ctx = api;
    }
    return count;
}

/* -- who asks -- */

static const struct api_problem UNKNOWN_CALLER = {
    .status = 401,
    .code = "token-needed",
    .text = {TEXT_HUB_TOKEN_NEEDED, TEXT_HUB_TOKEN_NEEDED_NEXT},
    .detail = TEXT_HUB_TOKEN_NEEDED_DETAIL};
static const struct api_problem OTHER_USER = {
    .status = 403, .code = "not-allowed", .text = {TEXT_HUB_OTHER_USER, TEXT_HUB_OTHER_USER_NEXT}};

static bool local_actor(const struct http_request *request, struct actor *ret,
                        struct http_response *response) {
    if (!request->has_peer || (request->peer_uid != 0 && request->peer_uid != geteuid())) {
        api_problem(response, &OTHER_USER);
        return false;
    }
    *ret = (struct actor){.user = {.text = "admin"}, .role = ROLE_ADMINISTRATOR};
    return true;
}

bool api_actor(struct api *api, const struct http_request *request, struct actor *ret,
               struct http_response *response) {
    struct store_txn *view;
    if (request->local) {
        return local_actor(request, ret, response);
    }
    if (request->bearer == NULL) {
        api_problem(response, &UNKNOWN_CALLER);
        http_set_header(response, "WWW-Authenticate", "Bearer realm=\"vangnet\"");
        return false;
    }
    int r = store_begin_read(api->store, &view);
    if (r == 0) {
        struct digest token = token_digest(bytes_from_text(request->bearer));
        r = token_actor(view, &token, clock_now_ms(&api->clock), ret);
        store_abort(view);
    }
    if (r == ERR_DENIED) {
        api_problem(response, &UNKNOWN_CALLER);
        http_set_header(response, "WWW-Authenticate",
                        "Bearer realm=\"vangnet\", error=\"invalid_token\"");
    } else if (r < 0) {
        api_fail(response, r);
    }
    return r == 0;
}

bool api_may_read(struct api *api, const struct http_request *request,
                  struct http_response *response) {
    struct actor actor;
    return api_actor(api, request, &actor, response);
}

/* -- reading -- */

bool api_read_begin(struct api *api, struct api_read *ret, struct http_response *response) {
    int r = arena_new(READ_ARENA_BYTES, &ret->arena);
    if (r == 0) {
        r = store_begin_read(api->store, &ret->view);
        if (r < 0) {
            arena_free(ret->arena);
        }
    }
    if (r < 0) {
        api_fail(response, r);
        return false;
    }
    ret->now_ms = clock_now_ms(&api->clock);
    return true;
}

void api_read_end(struct api_read *read) {
    store_abort(read->view);
    arena_free(read->arena);
}

/* -- answering -- */

static void reply(struct http_response *response, const struct api_problem *from,
                  const char *detail) {
    const struct http_problem problem = {
        .status = from->status,
        .title = text_get(response->lang, from->text.what),
        .detail = detail,
        .next = text_get(response->lang, from->text.next),
        .code = from->code,
    };
    http_reply_problem(response, &problem);
}

void api_problem(struct http_response *response, const struct api_problem *problem) {
    reply(response, problem,
          problem->detail == TEXT_NONE ? NULL : text_get(response->lang, problem->detail));
}

void api_bad(struct http_response *response, const char *detail) {
    const struct api_problem bad = {.status = 400,
                                    .code = "malformed",
                                    .text = {TEXT_HUB_BAD_REQUEST, TEXT_HUB_BAD_REQUEST_NEXT}};
    reply(response, &bad, detail);
}

void api_fail(struct http_response *response, int error) {
    struct api_problem problem = {.status = 500, .code = "failed", .text = text_of_error(error)};
    switch (error) {
    case ERR_AGAIN:
    case ERR_NO_MEMORY:
        problem.status = 503;
        problem.code = "busy";
        break;
    case ERR_NO_ROOM:
        problem.status = 507;
        problem.code = "no-room";
        break;
    case ERR_NOT_FOUND:
        problem.status = 404;
        problem.code = "not-found";
        problem.text.next = TEXT_HUB_NOT_FOUND_NEXT; /* the other speaks of a command line */
        break;
    default:
        break;
    }
    api_problem(response, &problem);
    if (problem.status == 503) {
        http_set_header(response, "Retry-After", "5");
    }
}

static int status_of(enum refusal refusal) {
    static const struct {
        enum refusal refusal;
        int status;
    } statuses[] = {
        {REFUSAL_NOT_FOUND, 404}, {REFUSAL_EXISTS, 409},     {REFUSAL_NOT_ALLOWED, 403},
        {REFUSAL_NO_ROOM, 507},   {REFUSAL_BUSY, 503},       {REFUSAL_NOT_YET, 409},
        {REFUSAL_DEADLINE, 408},  {REFUSAL_NOT_MEMBER, 404}, {REFUSAL_REVOKED, 409},
    };
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (statuses[i].refusal == refusal) {
            return statuses[i].status;
        }
    }
    return 422;
}

void api_refuse(struct http_response *response, enum refusal refusal) {
    static const struct api_problem no_director_key = {
        .status = 409,
        .code = "no-director-key",
        .text = {TEXT_HUB_NO_DIRECTOR_KEY, TEXT_HUB_NO_DIRECTOR_KEY_NEXT},
        .detail = TEXT_HUB_NO_DIRECTOR_KEY_DETAIL};
    const struct api_problem refused = {.status = status_of(refusal),
                                        .code = refusal_text(refusal),
                                        .text = text_of_refusal(refusal)};
    api_problem(response, refusal == REFUSAL_NOT_YET ? &no_director_key : &refused);
}

void api_json(struct http_response *response, int status, struct json_writer *writer) {
    char *text;
    size_t length;
    int r = json_take(writer, &text, &length);
    if (r < 0) {
        json_deinit(writer);
        api_fail(response, r);
        return;
    }
    http_reply_take(response, status, JSON_TYPE, text, length);
}

void api_field_instant(struct json_writer *writer, const char *key, int64_t instant_ms) {
    char text[INSTANT_TEXT_SIZE];
    if (instant_ms == 0) {
        json_field_null(writer, key);
        return;
    }
    instant_format(instant_ms, text);
    json_field_text(writer, key, text);
}
