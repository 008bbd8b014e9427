#include "node/shell/api.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/civil.h"
#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"
#include "shared/io/control.h"
#include "shared/io/json.h"
#include "shared/places/services.h"
#include "shared/store/txn.h"

static const struct user_id LOCAL_USER = {.text = "local"};

enum lang api_lang(const struct http_request *request) {
    return request->lang;
}

bool api_local(const struct http_request *request, struct http_response *response) {
    if (request->local) {
        return true;
    }
    reply_refusal(response, REFUSAL_NOT_ALLOWED, api_lang(request),
                  text_get(api_lang(request), TEXT_NODE_ONLY_LOCAL));
    return false;
}

static int actor_of_token(struct desk *desk, const char *bearer, struct actor *ret) {
    struct store_txn *view;
    int r = store_begin_read(desk->store, &view);
    if (r < 0) {
        return r;
    }
    const struct digest token = token_digest(bytes_from_text(bearer));
    r = token_actor(view, &token, clock_now_ms(&desk->clock), ret);
    store_abort(view);
    return r;
}

bool api_actor(struct desk *desk, const struct http_request *request,
               struct http_response *response, struct actor *ret) {
    if (request->local && request->bearer == NULL) {
        if (request->has_peer && (request->peer_uid == geteuid() || request->peer_uid == 0)) {
            *ret = (struct actor){.user = LOCAL_USER, .role = ROLE_ADMINISTRATOR};
            return true;
        }
        reply_error(response, ERR_DENIED, api_lang(request), NULL);
        return false;
    }
    int r = request->bearer == NULL ? ERR_DENIED : actor_of_token(desk, request->bearer, ret);
    if (r == 0) {
        return true;
    }
    if (r != ERR_DENIED) {
        reply_error(response, r, api_lang(request), NULL);
        return false;
    }
    const struct text_pair pair = text_of_error(ERR_DENIED);
    const struct http_problem problem = {
        .status = 401,
        .title = text_get(api_lang(request), pair.what),
        .detail = text_get(api_lang(request), TEXT_NODE_WRONG_BEARER),
        .next = text_get(api_lang(request), TEXT_NODE_WRONG_BEARER_NEXT),
        .code = "unauthorized",
    };
    http_reply_problem(response, &problem);
    http_set_header(response, "WWW-Authenticate", "Bearer");
    return false;
}

struct job *api_job(struct desk *desk, const struct http_request *request,
                    struct http_response *response, enum node_command kind) {
    struct actor actor;
    if (!api_actor(desk, request, response, &actor)) {
        return NULL;
    }
    struct job *job = job_new(kind);
    if (job == NULL) {
        reply_error(response, ERR_NO_MEMORY, api_lang(request), NULL);
        return NULL;
    }
    job->lang = api_lang(request);
    job->token = request->token;
    job->command.actor = actor;
    job->command.deadline_ms = clock_now_ms(&desk->clock) + API_WAIT_MS;
    if (request->idempotency_key != NULL) {
        job->command.id = command_id(&actor.user, request->idempotency_key);
    } else {
        random_fill(&job->command.id, sizeof(job->command.id));
    }
    return job;
}

void api_push(struct desk *desk, const struct http_request *request, struct http_response *response,
              struct job *job) {
    http_reply_pending(response, API_WAIT_MS);
    int r = ring_push(desk->ring, job);
    if (r < 0) {
        job_free(job);
        reply_refusal(response, REFUSAL_BUSY, api_lang(request), NULL);
    }
}

bool api_close_json(const struct http_request *request, struct http_response *response,
                    struct json_reader *reader) {
    const bool good = reader->error == 0;
    if (!good) {
        reply_error(response, ERR_MALFORMED, api_lang(request), reader->reason);
    }
    json_close(reader);
    return good;
}

void api_fault(const struct api_reading *reading, enum text_id id, const char *name) {
    char reason[160];
    text_format(reading->lang, id, TEXT_ARGS(name), reason, sizeof(reason));
    json_fail(reading->reader, reason);
}

int32_t api_need_day(const struct api_reading *reading, const struct json_value *from,
                     const char *name) {
    int32_t day = 0;
    if (date_parse(json_need_text(reading->reader, from, name), &day) < 0) {
        api_fault(reading, TEXT_FAMILY_WRONG_DATE, name);
    }
    return day;
}

static void api_publish(void *ctx, const struct http_request *request,
                        struct http_response *response) {
    struct desk *desk = ctx;
    struct job *job = api_job(desk, request, response, NODE_COMMAND_PUBLISH);
    if (job != NULL) {
        api_push(desk, request, response, job);
    }
}

static int32_t read_day(const struct api_reading *reading, const struct json_value *from,
                        const char *name) {
    return json_find(from, name) == NULL ? 0 : api_need_day(reading, from, name);
}

/* A count with `scale` parts in one, such as tenths. */
static uint32_t read_parts(const struct api_reading *reading, const struct json_value *from,
                           const char *name, double scale) {
    if (json_find(from, name) == NULL) {
        return 0;
    }
    const double value = json_need_real(reading->reader, from, name) * scale + 0.5;
    if (!(value >= 0.0 && value <= 1e9)) {
        api_fault(reading, TEXT_NODE_WRONG_NUMBER, name);
        return 0;
    }
    return (uint32_t)value;
}

static void read_state(const struct api_reading *reading, const struct json_value *from,
                       struct service_state *ret) {
    static const char *const names[] = {"service", "status", "first",   "third",
                                        "intakes", "fte",    "reopens", NULL};
    struct json_reader *reader = reading->reader;
    json_only(reader, from, names);
    *ret = (struct service_state){
        .status = service_status_parse(json_need_text(reader, from, "status")),
        .first_free_day = read_day(reading, from, "first"),
        .third_free_day = read_day(reading, from, "third"),
        .reopens_day = read_day(reading, from, "reopens"),
        .intakes_per_week_tenths = read_parts(reading, from, "intakes", 10.0),
        .fte_hundredths = read_parts(reading, from, "fte", 100.0),
    };
    if (service_id_parse(json_need_text(reader, from, "service"), &ret->service) < 0) {
        api_fault(reading, TEXT_NODE_WRONG_ID, "service");
    }
    if (ret->status == SERVICE_STATUS_NONE) {
        api_fault(reading, TEXT_NODE_WRONG_STATUS, "status");
    }
}

static int compare_states(const void *a, const void *b) {
    const struct service_state *left = a;
    const struct service_state *right = b;
    return strcmp(left->service.text, right->service.text);
}

static void read_states(const struct api_reading *reading, struct service_state *states,
                        struct status_arguments *ret) {
    struct json_reader *reader = reading->reader;
    const struct json_value *list = json_need_array(reader, json_root(reader), "services");
    const size_t count = json_count(list);
    if (count == 0 || count > SIGNAL_SERVICES_MAX) {
        api_fault(reading, TEXT_NODE_WRONG_SERVICES, "services");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        read_state(reading, json_at(list, i), &states[i]);
    }
    qsort(states, count, sizeof(*states), compare_states);
    for (size_t i = 1; i < count; i++) {
        if (compare_states(&states[i - 1], &states[i]) == 0) {
            api_fault(reading, TEXT_NODE_WRONG_SERVICES, "services");
        }
    }
    *ret = (struct status_arguments){.services = states, .count = count};
}

static void api_status_set(void *ctx, const struct http_request *request,
                           struct http_response *response) {
    struct desk *desk = ctx;
    struct json_reader reader;
    struct job *job = api_job(desk, request, response, NODE_COMMAND_STATUS_SET);
    if (job == NULL) {
        return;
    }
    struct service_state *states = calloc(SIGNAL_SERVICES_MAX, sizeof(*states));
    job->memory = states;
    json_open(request->body, HTTP_BODY_BYTES_MAX, &reader);
    if (states == NULL) {
        json_fail(&reader, text_get(job->lang, text_of_error(ERR_NO_MEMORY).what));
    } else {
        const struct api_reading reading = {.reader = &reader, .lang = job->lang};
        read_states(&reading, states, &job->arguments.status);
    }
    if (!api_close_json(request, response, &reader)) {
        job_free(job);
        return;
    }
    api_push(desk, request, response, job);
}

static void read_user(const struct api_reading *reading, struct user_record *ret) {
    struct json_reader *reader = reading->reader;
    const struct json_value *root = json_root(reader);
    *ret = (struct user_record){.role = role_parse(json_need_text(reader, root, "role"))};
    if (user_id_parse(json_need_text(reader, root, "user"), &ret->user) < 0) {
        api_fault(reading, TEXT_NODE_WRONG_ID, "user");
    }
    if (ret->role == ROLE_NONE || ret->role == ROLE_COORDINATOR) {
        api_fault(reading, TEXT_NODE_WRONG_ROLE, "role");
    }
    if (json_find(root, "team") != NULL &&
        team_id_parse(json_need_text(reader, root, "team"), &ret->team) < 0) {
        api_fault(reading, TEXT_NODE_WRONG_ID, "team");
    }
    if (json_find(root, "deputy") != NULL &&
        user_id_parse(json_need_text(reader, root, "deputy"), &ret->deputy) < 0) {
        api_fault(reading, TEXT_NODE_WRONG_ID, "deputy");
    }
}

static void api_user(void *ctx, const struct http_request *request,
                     struct http_response *response) {
    struct desk *desk = ctx;
    struct json_reader reader;
    struct job *job = api_job(desk, request, response, NODE_COMMAND_USER_ADD);
    if (job == NULL) {
        return;
    }
    json_open(request->body, HTTP_BODY_BYTES_MAX, &reader);
    read_user(&(struct api_reading){.reader = &reader, .lang = job->lang}, &job->arguments.user);
    if (!api_close_json(request, response, &reader)) {
        job_free(job);
        return;
    }
    api_push(desk, request, response, job);
}

static void read_token(const struct api_reading *reading, int64_t now_ms,
                       struct token_arguments *ret) {
    struct json_reader *reader = reading->reader;
    const struct json_value *root = json_root(reader);
    const int64_t days = json_find(root, "days") == NULL ? 0 : json_need_int(reader, root, "days");
    *ret = (struct token_arguments){0};
    if (user_id_parse(json_need_text(reader, root, "user"), &ret->user) < 0) {
        api_fault(reading, TEXT_NODE_WRONG_ID, "user");
    }
    if (days < 0 || days > 3660) {
        api_fault(reading, TEXT_NODE_WRONG_DAYS, "days");
    }
    ret->expires_ms = days <= 0 ? 0 : now_ms + days * DAY_MS;
    if (json_find(root, "label") != NULL) {
        (void)snprintf(ret->label, sizeof(ret->label), "%s", json_need_text(reader, root, "label"));
    }
}

/* The token is drawn here and shown once; the core keeps its hash. */
static void api_token(void *ctx, const struct http_request *request,
                      struct http_response *response) {
    struct desk *desk = ctx;
    struct json_reader reader;
    struct job *job = api_job(desk, request, response, NODE_COMMAND_TOKEN_CREATE);
    if (job == NULL) {
        return;
    }
    json_open(request->body, HTTP_BODY_BYTES_MAX, &reader);
    read_token(&(struct api_reading){.reader = &reader, .lang = job->lang},
               clock_now_ms(&desk->clock), &job->arguments.token);
    if (!api_close_json(request, response, &reader)) {
        job_free(job);
        return;
    }
    uint8_t random[TOKEN_RANDOM_BYTES];
    random_fill(random, sizeof(random));
    token_format(random, job->secret);
    secret_wipe(random, sizeof(random));
    job->arguments.token.token = token_digest(bytes_from_text(job->secret));
    api_push(desk, request, response, job);
}

size_t api_routes(struct desk *desk, struct http_route routes[static API_ROUTES_MAX]) {
    const struct http_route table[] = {
        {HTTP_GET, "/healthz", NULL, api_healthz, desk},
        {HTTP_GET, "/api/v1/status", NULL, api_status, desk},
        {HTTP_GET, "/api/v1/preview", NULL, api_preview, desk},
        {HTTP_GET, "/api/v1/words", NULL, api_words, desk},
        {HTTP_GET, "/api/v1/commands/{key}", NULL, api_command, desk},
        {HTTP_POST, "/api/v1/publish", NULL, api_publish, desk},
        {HTTP_POST, "/api/v1/status", "application/json", api_status_set, desk},
        {HTTP_POST, "/api/v1/users", "application/json", api_user, desk},
        {HTTP_POST, "/api/v1/tokens", "application/json", api_token, desk},
        {HTTP_GET, "/api/v1/closures", NULL, api_closures, desk},
        {HTTP_POST, "/api/v1/closures", "application/json", api_closures_set, desk},
        {HTTP_GET, "/api/v1/import", NULL, api_import_session, desk},
        {HTTP_POST, "/api/v1/import/begin", "application/json", api_import_begin, desk},
        {HTTP_POST, "/api/v1/import/rows", "application/octet-stream", api_import_rows, desk},
        {HTTP_POST, "/api/v1/import/switch", "application/json", api_import_switch, desk},
        {HTTP_POST, "/api/v1/import/drop", "application/json", api_import_drop, desk},
        {HTTP_POST, "/api/v1/import/figures", "application/json", api_import_figures, desk},
        {HTTP_POST, "/api/v1/import/watch", "application/json", api_watch, desk},
        {HTTP_GET, "/api/v1/openapi.json", NULL, api_openapi, desk},
        {HTTP_GET, "/api/v1/organisations", NULL, api_organisations, desk},
        {HTTP_GET, "/api/v1/families", NULL, api_families, desk},
        {HTTP_GET, "/api/v1/families/{number}", NULL, api_family_one, desk},
        {HTTP_GET, "/api/v1/items", NULL, api_items, desk},
        {HTTP_GET, "/api/v1/items/{number}", NULL, api_item_one, desk},
        {HTTP_POST, "/api/v1/consents/show", "application/json", api_consent_show, desk},
        {HTTP_POST, "/api/v1/consents/asking", "application/json", api_consent_asking, desk},
        {HTTP_POST, "/api/v1/consents/script", "application/json", api_script, desk},
        {HTTP_POST, "/api/v1/cards/pack", "application/json", api_pack, desk},
    };
    const size_t count = sizeof(table) / sizeof(table[0]);
    memcpy(routes, table, sizeof(table));
    const size_t more = api_family_routes(desk, routes + count);
    assert(count + more <= API_ROUTES_MAX);
    return count + more;
}
