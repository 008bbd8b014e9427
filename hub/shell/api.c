#include "hub/shell/api.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/civil.h"
#include "shared/io/text.h"

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

static const struct http_problem UNKNOWN_CALLER = {
    401, "A token is needed", "no bearer token, or one that is unknown, revoked or expired",
    "Ask the hub's administrator for a token (vangnet-hub token create USER) and send it as "
    "Authorization: Bearer.",
    "token-needed"};
static const struct http_problem OTHER_USER = {
    403, "Only the user who runs the hub may use its control socket", NULL,
    "Run the command as that user or as root, or use a token on the HTTP port.", "not-allowed"};

static bool local_actor(const struct http_request *request, struct actor *ret,
                        struct http_response *response) {
    if (!request->has_peer || (request->peer_uid != 0 && request->peer_uid != geteuid())) {
        http_reply_problem(response, &OTHER_USER);
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
        http_reply_problem(response, &UNKNOWN_CALLER);
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
        http_reply_problem(response, &UNKNOWN_CALLER);
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

void api_bad(struct http_response *response, const char *detail) {
    const struct http_problem problem = {
        400, "The request can't be read", detail,
        "Correct what the detail names; GET /api/v1/openapi.json describes every address.",
        "malformed"};
    http_reply_problem(response, &problem);
}

void api_fail(struct http_response *response, int error) {
    struct http_problem problem = {500, NULL, NULL, NULL, "failed"};
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
        break;
    default:
        break;
    }
    struct text_pair pair = text_of_error(error);
    problem.title = text_get(LANG_EN, pair.what);
    problem.next = error == ERR_NOT_FOUND /* the catalogue's speaks of a command line */
                       ? "Check the id in the address; GET /api/v1/members lists organisations."
                       : text_get(LANG_EN, pair.next);
    http_reply_problem(response, &problem);
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
    struct text_pair pair = text_of_refusal(refusal);
    struct http_problem problem = {
        .status = status_of(refusal),
        .title = text_get(LANG_EN, pair.what),
        .next = text_get(LANG_EN, pair.next),
        .code = refusal_text(refusal),
    };
    if (refusal == REFUSAL_NOT_YET) {
        problem.title = "The director's key isn't there";
        problem.detail = "this must be signed by the region's director";
        problem.next = "Put the key file where hub.conf names it ([keys] director_key), restart "
                       "the hub, and try again.";
        problem.code = "no-director-key";
    }
    http_reply_problem(response, &problem);
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
