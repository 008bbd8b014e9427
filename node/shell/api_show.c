#include <stdlib.h>

#include "node/core/publish.h"
#include "node/shell/api.h"
#include "node/shell/openapi.h"
#include "node/shell/preview_json.h"
#include "shared/io/control.h"
#include "shared/turn/results.h"

enum { PREVIEW_ARENA_BYTES = 64 << 20 };

static void reply_writer(const struct http_request *request, struct http_response *response,
                         struct json_writer *writer) {
    char *text;
    size_t length;
    if (json_take(writer, &text, &length) < 0) {
        json_deinit(writer);
        reply_error(response, ERR_NO_MEMORY, api_lang(request), NULL);
        return;
    }
    http_reply_take(response, 200, "application/json", text, length);
}

void api_healthz(void *ctx, const struct http_request *request, struct http_response *response) {
    (void)ctx;
    (void)request;
    http_reply_copy(response, 200, "application/json", bytes_from_text("{\"up\":true}"));
}

void api_openapi(void *ctx, const struct http_request *request, struct http_response *response) {
    (void)ctx;
    (void)request;
    http_reply_copy(response, 200, "application/json", openapi_text());
}

/* Asked of the turn thread, which alone knows. */
void api_status(void *ctx, const struct http_request *request, struct http_response *response) {
    struct desk *desk = ctx;
    struct job *job = api_job(desk, request, response, NODE_COMMAND_NONE);
    if (job != NULL) {
        api_push(desk, request, response, job);
    }
}

void api_words(void *ctx, const struct http_request *request, struct http_response *response) {
    struct desk *desk = ctx;
    struct actor actor;
    if (!api_actor(desk, request, response, &actor)) {
        return;
    }
    struct json_writer writer = json_over(API_TEXT_BYTES_MAX);
    json_open_object(&writer);
    json_field_text(&writer, "organisation", desk->settings.own.org.text);
    json_field_text(&writer, "words", desk->words);
    json_close_object(&writer);
    reply_writer(request, response, &writer);
}

static int get_key(void *context, uint64_t id, struct record_key *ret) {
    return keyring_get(context, id, ret);
}

static int read_preview(struct desk *desk, struct arena *arena, struct publish_preview *ret) {
    struct store_txn *view;
    int r = store_begin_read(desk->store, &view);
    if (r < 0) {
        return r;
    }
    const struct publish_preview_of of = {
        .own = desk->settings.own.org,
        .keys = {.sign_public = desk->keys.sign,
                 .sign_secret = &desk->keys.secret->sign,
                 .disclosure = &desk->keys.secret->disclosure,
                 .index = &desk->keys.secret->index,
                 .records = {.get = get_key, .context = desk->keyring}},
        .now_ms = clock_now_ms(&desk->clock),
    };
    r = publish_preview(view, &of, arena, ret);
    store_abort(view);
    return r;
}

void api_preview(void *ctx, const struct http_request *request, struct http_response *response) {
    struct desk *desk = ctx;
    struct actor actor;
    if (!api_actor(desk, request, response, &actor)) {
        return;
    }
    if (actor.role != ROLE_ADMINISTRATOR && actor.role != ROLE_CASEWORKER) {
        reply_refusal(response, REFUSAL_NOT_ALLOWED, api_lang(request), NULL);
        return;
    }
    struct arena *arena;
    struct publish_preview preview;
    int r = arena_new(PREVIEW_ARENA_BYTES, &arena);
    if (r < 0) {
        reply_error(response, r, api_lang(request), NULL);
        return;
    }
    r = read_preview(desk, arena, &preview);
    if (r == ERR_NOT_FOUND) {
        const struct http_problem problem = {
            .status = 404,
            .title = text_get(api_lang(request), TEXT_NODE_NO_REGISTER),
            .next = text_get(api_lang(request), TEXT_NODE_NO_REGISTER_NEXT),
            .code = "no-register",
        };
        http_reply_problem(response, &problem);
    } else if (r < 0) {
        reply_error(response, r, api_lang(request), NULL);
    } else {
        struct json_writer writer = json_over(API_TEXT_BYTES_MAX);
        preview_write(&writer, &preview, api_lang(request));
        reply_writer(request, response, &writer);
    }
    arena_free(arena);
}

/* What became of a command, by the key under which it was sent. */
void api_command(void *ctx, const struct http_request *request, struct http_response *response) {
    struct desk *desk = ctx;
    struct actor actor;
    struct store_txn *view;
    struct command_outcome outcome;
    if (!api_actor(desk, request, response, &actor)) {
        return;
    }
    int r = store_begin_read(desk->store, &view);
    if (r < 0) {
        reply_error(response, r, api_lang(request), NULL);
        return;
    }
    const struct message_id id = command_id(&actor.user, http_param(request, "key"));
    r = results_find(view, &id, &outcome);
    if (r < 0) {
        reply_error(response, r, api_lang(request), NULL);
    } else if (outcome.refusal != REFUSAL_NONE) {
        reply_refusal(response, outcome.refusal, api_lang(request), NULL);
    } else {
        const struct bytes empty = bytes_from_text("{}");
        http_reply_copy(response, 200, "application/json",
                        outcome.result.length == 0 ? empty : outcome.result);
    }
    store_abort(view);
}
