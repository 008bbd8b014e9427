#include <stdlib.h>
#include <string.h>

#include "hub/shell/api_command.h"
#include "shared/base/civil.h"
#include "shared/crypto/secret.h"
#include "shared/members/members.h"

/* Who may join, who must go: invitations, approval and its opposites, signed entries. */

enum { INVITATION_DAYS_MAX = 31 };

static const char *read_invitation(struct api *api, struct api_body *body,
                                   struct request *request) {
    struct invite_arguments *invite = &request->arguments.invite;
    const char *org = api_body_text(body, "organisation");
    int64_t days = api_body_int(body, "days", INVITATION_DAYS);
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
    invite->approve_at_once = api_body_bool(body, "approve");
    return NULL;
}

void api_invite(void *ctx, const struct http_request *http, struct http_response *response) {
    static const char *const names[] = {"organisation", "days", "approve", NULL};
    struct api *api = ctx;
    struct api_body body;
    struct request *request = api_command_new(api, http, HUB_COMMAND_INVITE, response);
    if (request == NULL) {
        return;
    }
    api_body_open(http, names, &body);
    const char *wrong = read_invitation(api, &body, request);
    api_command_end(api, request, &body, wrong, response);
}

static const char *read_member(const struct http_request *http, struct api_body *body,
                               struct request *request) {
    struct member_arguments *member = &request->arguments.member;
    const char *reason = api_body_text(body, "reason");
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
    struct api_body body;
    struct request *request = api_command_new(api, http, kind, response);
    if (request == NULL) {
        return;
    }
    api_body_open(http, names, &body);
    const char *wrong = read_member(http, &body, request);
    api_command_end(api, request, &body, wrong, response);
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

/* What a person looked at before approving; each may be NULL. */
struct looked_at {
    const char *words;
    const char *application; /* its hash, as the member's page gave it */
};

static bool is_same(const char *given, const char *now) {
    return given == NULL || strcmp(given, now) == 0;
}

/* Whether that's still what waits: who waits may have corrected its application. */
static bool still_waits(struct api *api, const struct org_id *org, const struct looked_at *given) {
    struct api_read read;
    struct http_response unused = {0};
    struct pending_join pending;
    struct join_application application;
    char words[WORDS_TEXT_SIZE] = "";
    char hash[2 * sizeof(struct digest) + 1] = "";
    if (!api_read_begin(api, &read, &unused)) {
        http_response_deinit(&unused);
        return false;
    }
    int r = pending_get(read.view, org, read.arena, &pending);
    if (r == 0 &&
        join_application_decode(pending.application, read.arena, &application) == REFUSAL_NONE) {
        member_words(org, &application.member.sign, &application.member.curve, words);
        struct digest digest = join_application_hash(pending.application);
        hex_encode(BYTES_OF(digest), hash);
    }
    api_read_end(&read);
    return r == ERR_NOT_FOUND ||
           (is_same(given->words, words) &&
            is_same(given->application, hash)); /* the core says "not found" better */
}

void api_approve(void *ctx, const struct http_request *http, struct http_response *response) {
    static const char *const names[] = {"words", "application", NULL};
    static const struct api_problem other = {
        .status = 409,
        .code = "other-words",
        .text = {TEXT_HUB_OTHER_WORDS, TEXT_HUB_OTHER_WORDS_NEXT}};
    struct api *api = ctx;
    struct api_body body;
    struct request *request = api_command_new(api, http, HUB_COMMAND_APPROVE, response);
    if (request == NULL) {
        return;
    }
    api_body_open(http, names, &body);
    const char *wrong = read_member(http, &body, request);
    const struct looked_at given = {
        .words = api_body_text(&body, "words"),
        .application = api_body_text(&body, "application"),
    };
    if (api_body_wrong(&body, wrong) == NULL &&
        !still_waits(api, &request->arguments.member.org, &given)) {
        request_free(request);
        json_close(&body.reader);
        api_problem(response, &other);
        return;
    }
    api_command_end(api, request, &body, wrong, response);
}

void api_entry(void *ctx, const struct http_request *http, struct http_response *response) {
    struct api *api = ctx;
    struct request *request = api_command_new(api, http, HUB_COMMAND_ENTRY, response);
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
    api_command_send(api, request, response);
}
