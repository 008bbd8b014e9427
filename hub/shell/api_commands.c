#include "hub/shell/api_command.h"

#include <stdlib.h>
#include <string.h>

#include "hub/core/people.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/random.h"

enum {
    COMMAND_PATIENCE_MS = 30000,
    KEY_HEX = 2 * sizeof(struct message_id),
};

/* -- a request's body -- */

void api_body_open(const struct http_request *request, const char *const *names,
                   struct api_body *ret) {
    struct bytes text = request->body.length > 0 ? request->body : bytes_from_text("{}");
    json_open(text, HTTP_BODY_BYTES_MAX, &ret->reader);
    ret->root = json_need_object(&ret->reader, json_root(&ret->reader), "");
    json_only(&ret->reader, ret->root, names);
}

const char *api_body_text(struct api_body *body, const char *name) {
    return json_find(body->root, name) == NULL ? NULL
                                               : json_need_text(&body->reader, body->root, name);
}

bool api_body_bool(struct api_body *body, const char *name) {
    return json_find(body->root, name) != NULL && json_need_bool(&body->reader, body->root, name);
}

int64_t api_body_int(struct api_body *body, const char *name, int64_t otherwise) {
    return json_find(body->root, name) == NULL ? otherwise
                                               : json_need_int(&body->reader, body->root, name);
}

const char *api_body_wrong(const struct api_body *body, const char *wrong) {
    return body->reader.error < 0 ? body->reader.reason : wrong;
}

/* -- a command's way -- */

/* Under whose name and key a command is known: a key of one person says nothing about another's. */
static struct message_id command_id(const struct actor *actor, const char *key) {
    struct hash hash;
    struct message_id id;
    hash_begin(&hash, "idempotency/v1");
    hash_run(&hash, bytes_from_text(actor->user.text));
    hash_run(&hash, bytes_from_text(key));
    struct digest digest = hash_end(&hash);
    memcpy(id.bytes, digest.bytes, sizeof(id.bytes));
    return id;
}

/* 32 hexadecimal digits, in lower case from here. */
static bool read_key(const char *text, char ret_key[static KEY_HEX + 1]) {
    struct message_id id;
    if (text == NULL) {
        random_fill(&id, sizeof(id));
    } else if (hex_decode(text, id.bytes, sizeof(id.bytes)) < 0) {
        return false;
    }
    hex_encode(BYTES_OF(id), ret_key);
    return true;
}

struct request *api_command_new(struct api *api, const struct http_request *http,
                                enum hub_command kind, struct http_response *response) {
    struct actor actor;
    char key[KEY_HEX + 1];
    if (!api_actor(api, http, &actor, response)) {
        return NULL;
    }
    if (!people_may(actor.role, kind)) {
        api_refuse(response, REFUSAL_NOT_ALLOWED);
        return NULL;
    }
    if (!read_key(http->idempotency_key, key)) {
        api_bad(response, "Idempotency-Key: 32 hexadecimal digits");
        return NULL;
    }
    struct request *request = request_new(kind);
    if (request == NULL) {
        api_fail(response, ERR_NO_MEMORY);
        return NULL;
    }
    memcpy(request->key, key, sizeof(key));
    request->command.id = command_id(&actor, key);
    request->command.actor = actor;
    request->command.deadline_ms = clock_now_ms(&api->clock) + COMMAND_PATIENCE_MS;
    request->http_token = http->token;
    request->lang = http->lang;
    request->done = api_answer_command;
    request->context = api;
    return request;
}

void api_command_send(struct api *api, struct request *request, struct http_response *response) {
    if (ring_push(api->ring, request) < 0) {
        request_free(request);
        api_refuse(response, REFUSAL_BUSY);
        http_set_header(response, "Retry-After", "1");
        return;
    }
    http_reply_pending(response, 0);
}

void api_command_end(struct api *api, struct request *request, struct api_body *body,
                     const char *wrong, struct http_response *response) {
    wrong = api_body_wrong(body, wrong);
    if (wrong != NULL) {
        request_free(request);
        api_bad(response, wrong);
    } else {
        api_command_send(api, request, response);
    }
    json_close(&body->reader);
}

/* -- backup -- */

struct backup_wanted {
    const char *file;
    const char *keyring_dir; /* or NULL */
};

static void start_backup(struct api *api, const struct backup_wanted *wanted,
                         struct request *request, struct http_response *response) {
    static const struct api_problem running = {
        .status = 409,
        .code = "backup-running",
        .text = {TEXT_HUB_BACKUP_RUNNING, TEXT_HUB_BACKUP_RUNNING_NEXT}};
    request->http_token = 0; /* the answer goes out now */
    request->command.deadline_ms = 0;
    int r = backup_start(api->backup, wanted->file, wanted->keyring_dir, request);
    if (r == ERR_LOCKED) {
        api_problem(response, &running);
    } else if (r < 0) {
        api_fail(response, r);
    } else {
        http_reply_copy(response, 202, "application/json",
                        bytes_from_text("{\"state\":\"running\"}"));
    }
}

void api_backup(void *ctx, const struct http_request *http, struct http_response *response) {
    static const char *const names[] = {"file", "keyring_dir", NULL};
    static const struct api_problem not_local = {
        .status = 403,
        .code = "not-allowed",
        .text = {TEXT_HUB_BACKUP_LOCAL, TEXT_HUB_BACKUP_LOCAL_NEXT}};
    struct api *api = ctx;
    struct api_body body;
    struct request *request = api_command_new(api, http, HUB_COMMAND_BACKED_UP, response);
    if (request == NULL) {
        return;
    }
    if (!http->local) { /* it names a file of this machine */
        request_free(request);
        api_problem(response, &not_local);
        return;
    }
    api_body_open(http, names, &body);
    const struct backup_wanted wanted = {
        .file = json_need_text(&body.reader, body.root, "file"),
        .keyring_dir = api_body_text(&body, "keyring_dir"),
    };
    const bool absolute =
        wanted.file[0] == '/' && (wanted.keyring_dir == NULL || wanted.keyring_dir[0] == '/');
    const char *wrong =
        api_body_wrong(&body, absolute ? NULL : "file, keyring_dir: absolute paths");
    if (wrong != NULL) {
        request_free(request);
        api_bad(response, wrong);
    } else {
        start_backup(api, &wanted, request, response);
    }
    json_close(&body.reader);
}

/* -- what became of one -- */

void api_command(void *ctx, const struct http_request *http, struct http_response *response) {
    struct api *api = ctx;
    struct actor actor;
    struct api_read read;
    char key[KEY_HEX + 1];
    if (!api_actor(api, http, &actor, response)) {
        return;
    }
    if (!read_key(http_param(http, "id"), key)) {
        api_bad(response, "the address: 32 hexadecimal digits, the command's Idempotency-Key");
        return;
    }
    if (!api_read_begin(api, &read, response)) {
        return;
    }
    struct message_id id = command_id(&actor, key);
    api_answer_result(&read, &id, key, response);
    api_read_end(&read);
}
