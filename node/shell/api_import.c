#include <inttypes.h>
#include <stdlib.h>

#include "node/core/register.h"
#include "node/shell/api.h"
#include "node/shell/batch.h"
#include "node/shell/figures.h"
#include "node/shell/watch.h"
#include "shared/base/civil.h"
#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"
#include "shared/vault/keyring.h"

static void reply_json(struct http_response *response, struct json_writer *writer, enum lang lang) {
    char *text;
    size_t length;
    if (json_take(writer, &text, &length) < 0) {
        json_deinit(writer);
        reply_error(response, ERR_NO_MEMORY, lang, NULL);
        return;
    }
    http_reply_take(response, 200, "application/json", text, length);
}

/* Errors: ERR_STORAGE. */
static int count_cases(struct desk *desk, uint64_t *ret) {
    struct store_txn *view;
    struct register_generation standing = {0};
    int r = store_begin_read(desk->store, &view);
    if (r < 0) {
        return r;
    }
    r = register_standing(view, &standing, NULL);
    store_abort(view);
    *ret = r == 0 ? standing.cases : 0;
    return r == ERR_NOT_FOUND ? 0 : r;
}

/* What an import must know beforehand: the day, the key that makes numbers of workers' names,
 * and how large the register is that it would replace. */
void api_import_session(void *ctx, const struct http_request *request,
                        struct http_response *response) {
    struct desk *desk = ctx;
    struct actor actor;
    if (!api_local(request, response) || !api_actor(desk, request, response, &actor)) {
        return;
    }
    uint64_t cases;
    int r = count_cases(desk, &cases);
    if (r < 0) {
        reply_error(response, r, api_lang(request), NULL);
        return;
    }
    char day[DATE_TEXT_SIZE];
    date_format(brussels_day(clock_now_ms(&desk->clock)), day);
    struct json_writer writer = json_over(API_TEXT_BYTES_MAX);
    json_open_object(&writer);
    json_field_text(&writer, "version", VANGNET_VERSION);
    json_field_text(&writer, "today", day);
    json_field_int(&writer, "cases", (int64_t)cases);
    json_put_key(&writer, "worker_key");
    json_put_hex(&writer, BYTES_OF(desk->keys.secret->workers));
    json_close_object(&writer);
    reply_json(response, &writer, api_lang(request));
}

/* A key that is durable before the commit that uses it; one that no generation took is used again.
 */
static int take_key(struct desk *desk, uint64_t *ret) {
    const uint64_t spare = atomic_exchange(&desk->spare_key, 0);
    if (spare != 0) {
        *ret = spare;
        return 0;
    }
    uint8_t seed[KEYRING_SEED_BYTES];
    random_fill(seed, sizeof(seed));
    int r = keyring_reserve(desk->keyring, seed, 1, ret);
    secret_wipe(seed, sizeof(seed));
    return r;
}

/* Reads the request's JSON; false: answered. */
static bool open_json(const struct http_request *request, struct http_response *response,
                      struct json_reader *reader) {
    json_open(request->body, HTTP_BODY_BYTES_MAX, reader);
    if (reader->error < 0) {
        reply_error(response, ERR_MALFORMED, api_lang(request), reader->reason);
        json_close(reader);
        return false;
    }
    return true;
}

static void wrong_hash(const struct http_request *request, struct http_response *response) {
    char detail[100];
    text_format(api_lang(request), TEXT_NODE_WRONG_HASH, TEXT_ARGS("file"), detail, sizeof(detail));
    reply_error(response, ERR_MALFORMED, api_lang(request), detail);
}

void api_import_begin(void *ctx, const struct http_request *request,
                      struct http_response *response) {
    struct desk *desk = ctx;
    struct json_reader reader;
    if (!api_local(request, response) || !open_json(request, response, &reader)) {
        return;
    }
    struct digest file;
    const char *hex = json_need_text(&reader, json_root(&reader), "file");
    const bool read = hex_decode(hex, file.bytes, sizeof(file.bytes)) == 0;
    if (!api_close_json(request, response, &reader)) {
        return;
    }
    if (!read) {
        wrong_hash(request, response);
        return;
    }
    struct job *job = api_job(desk, request, response, NODE_COMMAND_IMPORT_BEGIN);
    if (job == NULL) {
        return;
    }
    job->arguments.begin.file = file;
    int r = take_key(desk, &job->arguments.begin.record_key);
    if (r < 0) {
        job_free(job);
        reply_error(response, r, api_lang(request), NULL);
        return;
    }
    api_push(desk, request, response, job);
}

void api_import_rows(void *ctx, const struct http_request *request,
                     struct http_response *response) {
    struct desk *desk = ctx;
    if (!api_local(request, response)) {
        return;
    }
    struct job *job = api_job(desk, request, response, NODE_COMMAND_IMPORT_ROWS);
    if (job == NULL) {
        return;
    }
    struct register_case *cases = calloc(IMPORT_BATCH_ROWS, sizeof(*cases));
    struct batch batch;
    int r = cases == NULL ? ERR_NO_MEMORY : batch_decode(request->body, cases, &batch);
    job->memory = cases;
    if (r < 0) {
        job_free(job);
        reply_error(response, r, api_lang(request), NULL);
        return;
    }
    job->arguments.rows = (struct import_rows_arguments){
        .generation = batch.generation, .cases = batch.cases, .count = batch.count};
    api_push(desk, request, response, job);
}

static void end_import(struct desk *desk, const struct http_request *request,
                       struct http_response *response, enum node_command kind) {
    struct json_reader reader;
    if (!api_local(request, response) || !open_json(request, response, &reader)) {
        return;
    }
    const struct json_value *root = json_root(&reader);
    const int64_t generation = json_need_int(&reader, root, "generation");
    const int64_t rejected =
        json_find(root, "rejected") == NULL ? 0 : json_need_int(&reader, root, "rejected");
    if (!api_close_json(request, response, &reader)) {
        return;
    }
    struct job *job = api_job(desk, request, response, kind);
    if (job == NULL) {
        return;
    }
    job->arguments.end = (struct import_end_arguments){.generation = (uint64_t)generation,
                                                       .rejected = (uint64_t)rejected};
    api_push(desk, request, response, job);
}

void api_import_switch(void *ctx, const struct http_request *request,
                       struct http_response *response) {
    end_import(ctx, request, response, NODE_COMMAND_IMPORT_SWITCH);
}

void api_import_drop(void *ctx, const struct http_request *request,
                     struct http_response *response) {
    end_import(ctx, request, response, NODE_COMMAND_IMPORT_DROP);
}

void api_import_figures(void *ctx, const struct http_request *request,
                        struct http_response *response) {
    struct desk *desk = ctx;
    struct json_reader reader;
    if (!api_local(request, response) || !open_json(request, response, &reader)) {
        return;
    }
    struct job *job = api_job(desk, request, response, NODE_COMMAND_IMPORT_FIGURES);
    if (job == NULL) {
        json_close(&reader);
        return;
    }
    struct published_figures *services = calloc(SIGNAL_SERVICES_MAX, sizeof(*services));
    job->memory = services;
    if (services == NULL) {
        reader.error = ERR_NO_MEMORY;
    } else {
        figures_read(&reader, json_root(&reader), services, &job->arguments.figures);
    }
    if (!api_close_json(request, response, &reader)) {
        job_free(job);
        return;
    }
    api_push(desk, request, response, job);
}

void api_watch(void *ctx, const struct http_request *request, struct http_response *response) {
    struct desk *desk = ctx;
    struct json_reader reader;
    struct actor actor;
    if (!api_local(request, response) || !api_actor(desk, request, response, &actor) ||
        !open_json(request, response, &reader)) {
        return;
    }
    struct watch_order order;
    watch_order_read(&reader, json_root(&reader), &order);
    if (!api_close_json(request, response, &reader)) {
        return;
    }
    int r = watch_set(desk->watch, &order);
    if (r < 0) {
        reply_error(response, r, api_lang(request), order.dir);
        return;
    }
    http_reply_copy(response, 200, "application/json", bytes_from_text("{}"));
}
