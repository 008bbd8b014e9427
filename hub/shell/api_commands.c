#include <stdlib.h>
#include <string.h>

#include "hub/core/people.h"
#include "hub/shell/api_answers.h"
#include "shared/base/civil.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"
#include "shared/members/members.h"

enum {
    COMMAND_PATIENCE_MS = 30000,
    DAYS_MAX = 3660,
    INVITATION_DAYS_MAX = 31,
    KEY_HEX = 2 * sizeof(struct message_id),
};

/* -- a request's body -- */

struct body {
    struct json_reader reader;
    const struct json_value *root;
};

/* None at all stands for an empty object. Closed by json_close(&body->reader). */
static void body_open(const struct http_request *request, const char *const *names,
                      struct body *ret) {
    struct bytes text = request->body.length > 0 ? request->body : bytes_from_text("{}");
    json_open(text, HTTP_BODY_BYTES_MAX, &ret->reader);
    ret->root = json_need_object(&ret->reader, json_root(&ret->reader), "");
    json_only(&ret->reader, ret->root, names);
}

static const char *body_text(struct body *body, const char *name) {
    return json_find(body->root, name) == NULL ? NULL
                                               : json_need_text(&body->reader, body->root, name);
}

static bool body_bool(struct body *body, const char *name) {
    return json_find(body->root, name) != NULL && json_need_bool(&body->reader, body->root, name);
}

static int64_t body_int(struct body *body, const char *name, int64_t otherwise) {
    return json_find(body->root, name) == NULL ? otherwise
                                               : json_need_int(&body->reader, body->root, name);
}

/* The reader's own complaint first, then the handler's. */
static const char *body_wrong(const struct body *body, const char *wrong) {
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

/* NULL: the response says why. */
static struct request *command_new(struct api *api, const struct http_request *http,
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
    request->done = api_answer_command;
    request->context = api;
    return request;
}

/* Takes the request. */
static void command_send(struct api *api, struct request *request, struct http_response *response) {
    if (ring_push(api->ring, request) < 0) {
        request_free(request);
        api_refuse(response, REFUSAL_BUSY);
        http_set_header(response, "Retry-After", "1");
        return;
    }
    http_reply_pending(response, 0);
}

/* Ends a handler: sends the command, or says what's wrong with it. */
static void command_end(struct api *api, struct request *request, struct body *body,
                        const char *wrong, struct http_response *response) {
    wrong = body_wrong(body, wrong);
    if (wrong != NULL) {
        request_free(request);
        api_bad(response, wrong);
    } else {
        command_send(api, request, response);
    }
    json_close(&body->reader);
}

/* -- members -- */

static const char *read_invitation(struct api *api, struct body *body, struct request *request) {
    struct invite_arguments *invite = &request->arguments.invite;
    const char *org = body_text(body, "organisation");
    int64_t days = body_int(body, "days", INVITATION_DAYS);
    struct digest id = keys_draw(api->keys, "invitation-id/v1", &request->command.id);
    struct digest secret = keys_draw(api->keys, "invitation-secret/v1", &request->command.id);
    if (org != NULL && org_id_parse(org, &invite->org) < 0) {
        return "organisation: only lower-case letters, digits and '-', at most 31 of them";
    }
    if (days < 1 || days > INVITATION_DAYS_MAX) {
        return "days: a number from 1 to 31";
    }
    memcpy(invite->invitation, id.bytes, sizeof(invite->invitation));
    invite->key = invitation_key(secret.bytes);
    secret_wipe(&secret, sizeof(secret));
    invite->expires_ms = clock_now_ms(&api->clock) + days * DAY_MS;
    invite->approve_at_once = body_bool(body, "approve");
    return NULL;
}

void api_invite(void *ctx, const struct http_request *http, struct http_response *response) {
    static const char *const names[] = {"organisation", "days", "approve", NULL};
    struct api *api = ctx;
    struct body body;
    struct request *request = command_new(api, http, HUB_COMMAND_INVITE, response);
    if (request == NULL) {
        return;
    }
    body_open(http, names, &body);
    const char *wrong = read_invitation(api, &body, request);
    command_end(api, request, &body, wrong, response);
}

static const char *read_member(const struct http_request *http, struct body *body,
                               struct request *request) {
    struct member_arguments *member = &request->arguments.member;
    const char *reason = body_text(body, "reason");
    if (org_id_parse(http_param(http, "id"), &member->org) < 0) {
        return "the address: not an organisation's id";
    }
    if (reason != NULL && strlen(reason) >= sizeof(member->reason)) {
        return "reason: at most 199 bytes";
    }
    if (reason != NULL) {
        strcpy(member->reason, reason);
    }
    return NULL;
}

static void about_member(struct api *api, const struct http_request *http, enum hub_command kind,
                         struct http_response *response) {
    static const char *const names[] = {"reason", NULL};
    struct body body;
    struct request *request = command_new(api, http, kind, response);
    if (request == NULL) {
        return;
    }
    body_open(http, names, &body);
    const char *wrong = read_member(http, &body, request);
    command_end(api, request, &body, wrong, response);
}

void api_decline(void *ctx, const struct http_request *http, struct http_response *response) {
    about_member(ctx, http, HUB_COMMAND_DECLINE, response);
}

void api_revoke(void *ctx, const struct http_request *http, struct http_response *response) {
    about_member(ctx, http, HUB_COMMAND_REVOKE, response);
}

void api_leave(void *ctx, const struct http_request *http, struct http_response *response) {
    about_member(ctx, http, HUB_COMMAND_LEAVE, response);
}

/* Whether the words that were compared are those of who waits now. */
static bool same_words(struct api *api, const struct org_id *org, const char *words) {
    struct api_read read;
    struct http_response unused = {0};
    struct pending_join pending;
    struct join_application application;
    char now[WORDS_TEXT_SIZE] = "";
    if (!api_read_begin(api, &read, &unused)) {
        http_response_deinit(&unused);
        return false;
    }
    int r = pending_get(read.view, org, read.arena, &pending);
    if (r == 0 &&
        join_application_decode(pending.application, read.arena, &application) == REFUSAL_NONE) {
        member_words(org, &application.member.sign, &application.member.curve, now);
    }
    api_read_end(&read);
    return r == ERR_NOT_FOUND || strcmp(now, words) == 0; /* the core says "not found" better */
}

void api_approve(void *ctx, const struct http_request *http, struct http_response *response) {
    static const char *const names[] = {"words", NULL};
    static const struct http_problem other = {
        409, "These aren't the words of who waits", NULL,
        "Look at the request again: it may be another one, or not theirs.", "other-words"};
    struct api *api = ctx;
    struct body body;
    struct request *request = command_new(api, http, HUB_COMMAND_APPROVE, response);
    if (request == NULL) {
        return;
    }
    body_open(http, names, &body);
    const char *wrong = read_member(http, &body, request);
    const char *words = body_text(&body, "words");
    if (body_wrong(&body, wrong) == NULL && words != NULL &&
        !same_words(api, &request->arguments.member.org, words)) {
        request_free(request);
        json_close(&body.reader);
        http_reply_problem(response, &other);
        return;
    }
    command_end(api, request, &body, wrong, response);
}

void api_entry(void *ctx, const struct http_request *http, struct http_response *response) {
    struct api *api = ctx;
    struct request *request = command_new(api, http, HUB_COMMAND_ENTRY, response);
    if (request == NULL) {
        return;
    }
    if (http->body.length == 0 || http->body.length > DIRECTORY_ENTRY_BYTES_MAX) {
        request_free(request);
        api_bad(response, "the body: a signed entry of at most 16 KiB");
        return;
    }
    request->blob = malloc(http->body.length);
    if (request->blob == NULL) {
        request_free(request);
        api_fail(response, ERR_NO_MEMORY);
        return;
    }
    memcpy(request->blob, http->body.data, http->body.length);
    request->arguments.entry.signed_entry =
        (struct bytes){.data = request->blob, .length = http->body.length};
    command_send(api, request, response);
}

/* -- people -- */

static const char *read_user(struct body *body, struct user_arguments *user) {
    const char *id = json_need_text(&body->reader, body->root, "user");
    const char *role = json_need_text(&body->reader, body->root, "role");
    const char *team = body_text(body, "team");
    const char *deputy = body_text(body, "deputy");
    user->role = role_parse(role);
    if (user_id_parse(id, &user->user) < 0) {
        return "user: only lower-case letters, digits and '-', at most 31 of them";
    }
    if (user->role != ROLE_ADMINISTRATOR && user->role != ROLE_COORDINATOR &&
        user->role != ROLE_READER) {
        return "role: administrator, coordinator or reader";
    }
    if (team != NULL && team_id_parse(team, &user->team) < 0) {
        return "team: only lower-case letters, digits and '-', at most 31 of them";
    }
    if (deputy != NULL && user_id_parse(deputy, &user->deputy) < 0) {
        return "deputy: not a user's id";
    }
    return NULL;
}

void api_user(void *ctx, const struct http_request *http, struct http_response *response) {
    static const char *const names[] = {"user", "role", "team", "deputy", NULL};
    struct api *api = ctx;
    struct body body;
    struct request *request = command_new(api, http, HUB_COMMAND_USER_ADD, response);
    if (request == NULL) {
        return;
    }
    body_open(http, names, &body);
    const char *wrong = read_user(&body, &request->arguments.user);
    command_end(api, request, &body, wrong, response);
}

static const char *read_token(struct api *api, struct body *body, struct request *request) {
    struct token_arguments *token = &request->arguments.token;
    const char *user = json_need_text(&body->reader, body->root, "user");
    const char *label = body_text(body, "label");
    int64_t days = body_int(body, "days", 0);
    char text[TOKEN_TEXT_SIZE];
    if (user_id_parse(user, &token->user) < 0) {
        return "user: not a user's id";
    }
    if (days < 0 || days > DAYS_MAX) {
        return "days: a number from 1 to 3660, or 0 for no end";
    }
    if (label != NULL && strlen(label) >= sizeof(token->label)) {
        return "label: at most 63 bytes";
    }
    if (label != NULL) {
        strcpy(token->label, label);
    }
    api_token_text(api, &request->command.id, text);
    token->token = token_digest(bytes_from_text(text));
    secret_wipe(text, sizeof(text));
    token->expires_ms = days == 0 ? 0 : clock_now_ms(&api->clock) + days * DAY_MS;
    return NULL;
}

void api_token(void *ctx, const struct http_request *http, struct http_response *response) {
    static const char *const names[] = {"user", "days", "label", NULL};
    struct api *api = ctx;
    struct body body;
    struct request *request = command_new(api, http, HUB_COMMAND_TOKEN_CREATE, response);
    if (request == NULL) {
        return;
    }
    body_open(http, names, &body);
    const char *wrong = read_token(api, &body, request);
    command_end(api, request, &body, wrong, response);
}

/* By the id that its making gave, or by the token itself. */
static const char *read_revoked_token(struct body *body, struct token_arguments *token) {
    const char *text = json_need_text(&body->reader, body->root, "token");
    if (strncmp(text, TOKEN_PREFIX, strlen(TOKEN_PREFIX)) == 0) {
        token->token = token_digest(bytes_from_text(text));
        return NULL;
    }
    return hex_decode(text, token->token.bytes, sizeof(token->token.bytes)) < 0
               ? "token: neither a token nor a token's id"
               : NULL;
}

void api_token_revoke(void *ctx, const struct http_request *http, struct http_response *response) {
    static const char *const names[] = {"token", NULL};
    struct api *api = ctx;
    struct body body;
    struct request *request = command_new(api, http, HUB_COMMAND_TOKEN_REVOKE, response);
    if (request == NULL) {
        return;
    }
    body_open(http, names, &body);
    const char *wrong = read_revoked_token(&body, &request->arguments.token);
    command_end(api, request, &body, wrong, response);
}

/* -- backup -- */

static void start_backup(struct api *api, const char *path, struct request *request,
                         struct http_response *response) {
    static const struct http_problem running = {
        409, "A backup is under way", NULL,
        "Wait until GET /api/v1/backup says it's done, and ask again.", "backup-running"};
    request->http_token = 0; /* the answer goes out now */
    request->command.deadline_ms = 0;
    int r = backup_start(api->backup, path, request);
    if (r == ERR_LOCKED) {
        http_reply_problem(response, &running);
    } else if (r < 0) {
        api_fail(response, r);
    } else {
        http_reply_copy(response, 202, "application/json",
                        bytes_from_text("{\"state\":\"running\"}"));
    }
}

void api_backup(void *ctx, const struct http_request *http, struct http_response *response) {
    static const char *const names[] = {"file", NULL};
    static const struct http_problem not_local = {
        403, "A backup is asked for on the hub's own machine", NULL,
        "Run vangnet-hub backup FILE there.", "not-allowed"};
    struct api *api = ctx;
    struct body body;
    struct request *request = command_new(api, http, HUB_COMMAND_BACKED_UP, response);
    if (request == NULL) {
        return;
    }
    if (!http->local) { /* it names a file of this machine */
        request_free(request);
        http_reply_problem(response, &not_local);
        return;
    }
    body_open(http, names, &body);
    const char *file = json_need_text(&body.reader, body.root, "file");
    const char *wrong = body_wrong(&body, file[0] == '/' ? NULL : "file: an absolute path");
    if (wrong != NULL) {
        request_free(request);
        api_bad(response, wrong);
    } else {
        start_backup(api, file, request, response);
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
