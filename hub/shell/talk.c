#include "hub/shell/talk.h"

#include <stdlib.h>
#include <string.h>

#include "hub/shell/say.h"
#include "hub/shell/settings.h"
#include "shared/crypto/random.h"

enum { TIMEOUT_MS = 60000, ANSWER_BYTES_MAX = 64 << 20 };

static int open_client(const struct cli_call *call, struct client **ret) {
    struct settings settings;
    char socket[SETTINGS_PATH_SIZE];
    int r = settings_default(say_dir(call), &settings);
    if (r == 0) {
        r = settings_path(&settings, SETTINGS_SOCKET, socket);
    }
    if (r < 0) {
        return r;
    }
    const struct client_config config = {.unix_path = socket, .timeout_ms = TIMEOUT_MS};
    return client_open(&config, ret);
}

static enum cli_status tell_failure(const struct cli_call *call, int error) {
    if (error == ERR_NOT_FOUND) {
        const struct text_pair pair = {TEXT_CLI_NOT_RUNNING, TEXT_CLI_NOT_RUNNING_NEXT};
        cli_say(call, pair, TEXT_ARGS(call->program->name, say_dir(call)));
        return CLI_FAILED;
    }
    return say_error(call, error);
}

/* As the daemon said it, in the person's language, but for a name that it doesn't know: that's said
 * with the name. */
static void tell_problem(const struct cli_call *call, const struct talk_request *request,
                         const struct client_response *response) {
    struct json_reader reader;
    json_open((struct bytes){(const uint8_t *)response->body, response->length}, ANSWER_BYTES_MAX,
              &reader);
    const struct json_value *root = json_root(&reader);
    const char *code = json_find(root, "code") == NULL ? "" : json_need_text(&reader, root, "code");
    bool detailed = json_find(root, "detail") != NULL;
    if (strcmp(code, "not-found") == 0 && request->unknown != NULL) {
        say(call, call->err, request->unknown, TEXT_ARGS(request->name));
    } else if (json_find(root, "title") != NULL) {
        fprintf(call->err, "%s%s%s\n", json_need_text(&reader, root, "title"), detailed ? ": " : "",
                detailed ? json_need_text(&reader, root, "detail") : "");
        if (json_find(root, "next") != NULL) {
            fprintf(call->err, "%s\n", json_need_text(&reader, root, "next"));
        }
    } else {
        fprintf(call->err, "HTTP %d\n", response->status);
    }
    json_close(&reader);
}

static int send(const struct cli_call *call, const struct talk_request *request, const char *key,
                struct client_response *ret) {
    struct client *client;
    char language[32];
    snprintf(language, sizeof(language), "Accept-Language: %s", lang_text(call->lang));
    const char *const headers[] = {key, language, "Content-Type: application/json", NULL};
    const char *const bare[] = {key, language, NULL};
    const struct client_request http = {
        .method = request->method,
        .path = request->path,
        .headers = request->body != NULL ? headers : bare,
        .body = request->body != NULL ? bytes_from_text(request->body) : (struct bytes){0},
        .on_data = request->on_data,
        .ctx = request->ctx,
    };
    int r = open_client(call, &client);
    if (r < 0) {
        return r;
    }
    r = client_send(client, &http, ret);
    client_close(client);
    return r;
}

enum cli_status talk(const struct cli_call *call, const struct talk_request *request,
                     struct json_reader *ret) {
    struct client_response response = {0};
    struct message_id id;
    char key[64] = "Idempotency-Key: ";
    int r = random_init();
    if (r < 0) {
        return say_error(call, r);
    }
    random_fill(&id, sizeof(id));
    hex_encode(BYTES_OF(id), key + strlen(key));
    r = send(call, request, key, &response);
    if (r == ERR_NETWORK && request->on_data == NULL) {
        r = send(call, request, key, &response);
    }
    if (r < 0) {
        return tell_failure(call, r);
    }
    enum cli_status status = CLI_OK;
    if (response.status / 100 != 2) {
        tell_problem(call, request, &response);
        status = CLI_FAILED;
    } else if (ret != NULL) {
        json_open((struct bytes){(const uint8_t *)response.body, response.length}, ANSWER_BYTES_MAX,
                  ret);
        if (ret->error < 0) {
            status = say_error(call, ret->error);
            json_close(ret);
        }
    }
    client_response_deinit(&response);
    return status;
}

static int print_piece(void *ctx, struct bytes piece) {
    return fwrite(piece.data, 1, piece.length, ctx) == piece.length ? 0 : ERR_IO;
}

enum cli_status talk_print(const struct cli_call *call, const char *path) {
    const struct talk_request request = {
        .method = "GET", .path = path, .on_data = print_piece, .ctx = call->out};
    enum cli_status status = talk(call, &request, NULL);
    if (status == CLI_OK) {
        fputc('\n', call->out);
    }
    return status;
}

char *talk_quote(const char *text) {
    struct json_writer writer = json_over(64 << 10);
    char *quoted;
    size_t length;
    json_put_text(&writer, text);
    if (json_take(&writer, &quoted, &length) < 0) {
        json_deinit(&writer);
        return NULL;
    }
    return quoted;
}
