#include "node/shell/import_session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/shell/batch.h"
#include "node/shell/figures.h"
#include "shared/base/civil.h"
#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"
#include "shared/io/json.h"

enum { BUSY_TRIES = 50, BUSY_PAUSE_MS = 200, JSON_BYTES_MAX = 1 << 20 };

static void keep_refusal(struct import_session *session, struct client_response *response) {
    if (session->has_refused) {
        client_response_deinit(&session->refused);
    }
    session->refused = *response;
    session->has_refused = true;
}

static bool has_code(const struct client_response *response, enum refusal refusal) {
    struct json_reader reader;
    json_open((struct bytes){.data = (const uint8_t *)response->body, .length = response->length},
              JSON_BYTES_MAX, &reader);
    const struct json_value *root = json_root(&reader);
    const bool same = json_find(root, "code") != NULL &&
                      strcmp(json_need_text(&reader, root, "code"), refusal_text(refusal)) == 0;
    json_close(&reader);
    return same;
}

/* One request; a busy daemon is asked again, under the same key, so it's done once. */
static int ask(struct import_session *session, const char *path, const char *content_type,
               struct bytes body, struct client_response *ret) {
    uint8_t random[16];
    char key[COMMAND_KEY_TEXT_SIZE];
    random_fill(random, sizeof(random));
    command_key_format(random, key);
    const struct control_request request = {.method = body.data == NULL ? "GET" : "POST",
                                            .path = path,
                                            .content_type = content_type,
                                            .key = body.data == NULL ? NULL : key,
                                            .body = body};
    for (int i = 0;; i++) {
        int r = control_try(session->control, &request, ret);
        if (r < 0) {
            return r;
        }
        if (ret->status >= 200 && ret->status < 300) {
            return 0;
        }
        if (i >= BUSY_TRIES || !has_code(ret, REFUSAL_BUSY)) {
            break;
        }
        client_response_deinit(ret);
        const struct timespec pause = {.tv_nsec = BUSY_PAUSE_MS * 1000000L};
        nanosleep(&pause, NULL);
    }
    const int r = has_code(ret, REFUSAL_EXISTS) ? ERR_EXISTS : ERR_DENIED;
    keep_refusal(session, ret);
    return r;
}

static int ask_json(struct import_session *session, const char *path, struct json_writer *writer,
                    struct client_response *ret) {
    char *text;
    size_t length;
    int r = json_take(writer, &text, &length);
    if (r < 0) {
        json_deinit(writer);
        return r;
    }
    r = ask(session, path, NULL, (struct bytes){.data = (const uint8_t *)text, .length = length},
            ret);
    free(text);
    return r;
}

static int begin(void *ctx, const struct digest *file) {
    struct import_session *session = ctx;
    struct client_response response;
    struct json_reader reader;
    struct json_writer writer = json_over(JSON_BYTES_MAX);
    json_open_object(&writer);
    json_put_key(&writer, "file");
    json_put_hex(&writer, BYTES_OF(*file));
    json_close_object(&writer);
    int r = ask_json(session, "/api/v1/import/begin", &writer, &response);
    if (r < 0) {
        return r;
    }
    json_open((struct bytes){.data = (const uint8_t *)response.body, .length = response.length},
              JSON_BYTES_MAX, &reader);
    session->generation = (uint64_t)json_need_int(&reader, json_root(&reader), "generation");
    r = reader.error;
    json_close(&reader);
    client_response_deinit(&response);
    return r;
}

static int send_rows(void *ctx, const struct register_case *cases, size_t count) {
    struct import_session *session = ctx;
    struct client_response response;
    struct register_case *list = (struct register_case *)cases;
    const struct batch batch = {.generation = session->generation, .cases = list, .count = count};
    struct buf buf = buf_over(session->memory, BATCH_BYTES_MAX);
    batch_encode(&buf, &batch);
    if (buf.error < 0) {
        return buf.error;
    }
    int r =
        ask(session, "/api/v1/import/rows", "application/octet-stream", buf_bytes(&buf), &response);
    if (r == 0) {
        client_response_deinit(&response);
    }
    return r;
}

static int end(struct import_session *session, const char *path, uint64_t rejected,
               struct client_response *ret) {
    struct json_writer writer = json_over(JSON_BYTES_MAX);
    json_open_object(&writer);
    json_field_int(&writer, "generation", (int64_t)session->generation);
    json_field_int(&writer, "rejected", (int64_t)rejected);
    json_close_object(&writer);
    return ask_json(session, path, &writer, ret);
}

static int finish(void *ctx, uint64_t rejected) {
    struct import_session *session = ctx;
    struct client_response response;
    int r = end(session, "/api/v1/import/switch", rejected, &response);
    if (r < 0) {
        return r;
    }
    free(session->result);
    session->result = response.body;
    return 0;
}

static void drop(void *ctx) {
    struct import_session *session = ctx;
    struct client_response response;
    struct client_response kept = session->refused;
    const bool had = session->has_refused;
    session->has_refused = false;
    int r = end(session, "/api/v1/import/drop", 0, &response);
    if (r == 0) {
        client_response_deinit(&response);
    } else if (session->has_refused) {
        client_response_deinit(&session->refused);
    }
    /* What ended the import is what counts, not that it couldn't be tidied up. */
    session->refused = kept;
    session->has_refused = had;
}

static int send_figures(void *ctx, const struct import_figures_arguments *arguments) {
    struct import_session *session = ctx;
    struct client_response response;
    struct json_writer writer = json_over(JSON_BYTES_MAX);
    figures_write(&writer, arguments);
    int r = ask_json(session, "/api/v1/import/figures", &writer, &response);
    if (r == 0) {
        client_response_deinit(&response);
    }
    return r == ERR_EXISTS ? 0 : r;
}

static int read_session(struct import_session *session, const struct client_response *response) {
    struct json_reader reader;
    json_open((struct bytes){.data = (const uint8_t *)response->body, .length = response->length},
              JSON_BYTES_MAX, &reader);
    const struct json_value *root = json_root(&reader);
    const char *version = json_need_text(&reader, root, "version");
    int r = reader.error < 0 || strcmp(version, VANGNET_VERSION) != 0 ? ERR_UNSUPPORTED : 0;
    if (r == 0) {
        r = date_parse(json_need_text(&reader, root, "today"), &session->today);
    }
    if (r == 0) {
        r = hex_decode(json_need_text(&reader, root, "worker_key"), session->workers.bytes,
                       sizeof(session->workers.bytes));
    }
    if (r == 0) {
        session->standing_cases = (uint64_t)json_need_int(&reader, root, "cases");
        r = reader.error;
    }
    json_close(&reader);
    return r;
}

int import_session_init(struct control *control, struct import_session *ret) {
    *ret = (struct import_session){
        .control = control,
        .memory = malloc(BATCH_BYTES_MAX),
        .port = {.begin = begin,
                 .rows = send_rows,
                 .finish = finish,
                 .drop = drop,
                 .figures = send_figures},
    };
    ret->port.ctx = ret;
    if (ret->memory == NULL) {
        return ERR_NO_MEMORY;
    }
    struct client_response response;
    int r = ask(ret, "/api/v1/import", NULL, (struct bytes){0}, &response);
    if (r < 0) {
        return r;
    }
    r = read_session(ret, &response);
    client_response_deinit(&response);
    return r;
}

void import_session_deinit(struct import_session *session) {
    free(session->memory);
    free(session->result);
    if (session->has_refused) {
        client_response_deinit(&session->refused);
    }
    secret_wipe(&session->workers, sizeof(session->workers));
}
