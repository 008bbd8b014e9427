#include <string.h>

#include "hub/shell/api_command.h"
#include "shared/base/civil.h"
#include "shared/crypto/secret.h"

enum { DAYS_MAX = 3660 };

static const char *read_user(struct api_body *body, struct user_record *user) {
    const char *id = json_need_text(&body->reader, body->root, "user");
    const char *role = json_need_text(&body->reader, body->root, "role");
    const char *team = api_body_text(body, "team");
    const char *deputy = api_body_text(body, "deputy");
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

/* One who stands in has to be there; a deputy who comes later is named by a later call. */
static int check_deputy(struct api *api, const struct user_id *deputy) {
    struct store_txn *view;
    struct user_record unused;
    if (deputy->text[0] == '\0') {
        return 0;
    }
    int r = store_begin_read(api->store, &view);
    if (r == 0) {
        r = user_get(view, deputy, &unused);
        store_abort(view);
    }
    return r;
}

void api_user(void *ctx, const struct http_request *http, struct http_response *response) {
    static const char *const names[] = {"user", "role", "team", "deputy", NULL};
    struct api *api = ctx;
    struct api_body body;
    struct request *request = api_command_new(api, http, HUB_COMMAND_USER_ADD, response);
    if (request == NULL) {
        return;
    }
    api_body_open(http, names, &body);
    const char *wrong = read_user(&body, &request->arguments.user);
    int r = api_body_wrong(&body, wrong) == NULL
                ? check_deputy(api, &request->arguments.user.deputy)
                : 0;
    if (r == ERR_NOT_FOUND) {
        wrong = "deputy: there's no such user; add that one first (user add)";
    } else if (r < 0) {
        request_free(request);
        json_close(&body.reader);
        api_fail(response, r);
        return;
    }
    api_command_end(api, request, &body, wrong, response);
}

static const char *read_token(struct api *api, struct api_body *body, struct request *request) {
    struct token_arguments *token = &request->arguments.token;
    const char *user = json_need_text(&body->reader, body->root, "user");
    const char *label = api_body_text(body, "label");
    int64_t days = api_body_int(body, "days", 0);
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
    struct api_body body;
    struct request *request = api_command_new(api, http, HUB_COMMAND_TOKEN_CREATE, response);
    if (request == NULL) {
        return;
    }
    api_body_open(http, names, &body);
    const char *wrong = read_token(api, &body, request);
    api_command_end(api, request, &body, wrong, response);
}

/* By the id that its making gave, or by the token itself. */
static const char *read_revoked_token(struct api_body *body, struct token_arguments *token) {
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
    struct api_body body;
    struct request *request = api_command_new(api, http, HUB_COMMAND_TOKEN_REVOKE, response);
    if (request == NULL) {
        return;
    }
    api_body_open(http, names, &body);
    const char *wrong = read_revoked_token(&body, &request->arguments.token);
    api_command_end(api, request, &body, wrong, response);
}
