#include "shared/io/control.h"

#include <stdio.h>
#include <string.h>

#include "shared/crypto/hash.h"
#include "shared/io/json.h"

enum { PROBLEM_BYTES_MAX = 64 << 10 };

void command_key_format(const uint8_t random[static 16],
                        char ret_text[static COMMAND_KEY_TEXT_SIZE]) {
    hex_encode((struct bytes){.data = random, .length = 16}, ret_text);
}

struct message_id command_id(const struct user_id *user, const char *key) {
    struct hash hash;
    hash_begin(&hash, "idempotency-key/v1");
    hash_run(&hash, bytes_from_text(user->text));
    hash_run(&hash, bytes_from_text(key));
    const struct digest digest = hash_end(&hash);
    struct message_id id;
    memcpy(id.bytes, digest.bytes, sizeof(id.bytes));
    return id;
}

void token_format(const uint8_t random[static TOKEN_RANDOM_BYTES],
                  char ret_text[static TOKEN_TEXT_SIZE]) {
    memcpy(ret_text, "vgt_", 4);
    hex_encode((struct bytes){.data = random, .length = TOKEN_RANDOM_BYTES}, ret_text + 4);
}

int control_open(const struct cli_call *call, const char *socket_path, const char *dir,
                 struct control *ret) {
    const struct client_config config = {.unix_path = socket_path};
    struct client *client;
    int r = client_open(&config, &client);
    if (r < 0) {
        cli_say(call, text_of_error(r), NULL);
        return r;
    }
    *ret = (struct control){.client = client, .call = call, .dir = dir};
    return 0;
}

void control_close(struct control *control) {
    if (control == NULL) {
        return;
    }
    client_close(control->client);
    control->client = NULL;
}

int control_try(struct control *control, const struct control_request *request,
                struct client_response *ret) {
    char language[64];
    char type[96];
    char key[128];
    snprintf(language, sizeof(language), "Accept-Language: %s", lang_text(control->call->lang));
    snprintf(type, sizeof(type), "Content-Type: %s",
             request->content_type == NULL ? "application/json" : request->content_type);
    char bearer[128];
    const char *headers[5] = {language};
    size_t count = 1;
    if (request->body.data != NULL) {
        headers[count++] = type;
    }
    if (request->key != NULL) {
        snprintf(key, sizeof(key), "Idempotency-Key: %s", request->key);
        headers[count++] = key;
    }
    if (control->bearer != NULL) {
        snprintf(bearer, sizeof(bearer), "Authorization: Bearer %s", control->bearer);
        headers[count++] = bearer;
    }
    headers[count] = NULL;
    const struct client_request sent = {
        .method = request->method,
        .path = request->path,
        .headers = headers,
        .body = request->body,
    };
    return client_send(control->client, &sent, ret);
}

static void say_problem(const struct control *control, const struct client_response *response) {
    struct json_reader reader;
    json_open((struct bytes){.data = (const uint8_t *)response->body, .length = response->length},
              PROBLEM_BYTES_MAX, &reader);
    const struct json_value *root = json_root(&reader);
    const char *const names[] = {"title", "detail", "next"};
    bool said = false;
    for (size_t i = 0; i < 3; i++) {
        if (json_find(root, names[i]) != NULL) {
            fprintf(control->call->err, "%s\n", json_need_text(&reader, root, names[i]));
            said = true;
        }
    }
    json_close(&reader);
    if (!said) {
        cli_say(control->call, text_of_error(ERR_NETWORK), NULL);
    }
}

void control_complain(const struct control *control, int error,
                      const struct client_response *response) {
    const struct cli_call *call = control->call;
    if (error == ERR_NOT_FOUND) {
        const struct text_pair pair = {.what = TEXT_CLI_NOT_RUNNING,
                                       .next = TEXT_CLI_NOT_RUNNING_NEXT};
        cli_say(call, pair, TEXT_ARGS(call->program->name, control->dir));
        return;
    }
    if (error < 0) {
        cli_say(call, text_of_error(error), NULL);
        return;
    }
    say_problem(control, response);
}

int control_ask(struct control *control, const struct control_request *request,
                struct client_response *ret) {
    int r = control_try(control, request, ret);
    if (r < 0) {
        control_complain(control, r, NULL);
        return r;
    }
    if (ret->status >= 200 && ret->status < 300) {
        return 0;
    }
    control_complain(control, 0, ret);
    client_response_deinit(ret);
    return ERR_DENIED;
}
