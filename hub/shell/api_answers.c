#include "hub/shell/api_answers.h"

#include <stdio.h>
#include <string.h>

#include "shared/crypto/secret.h"
#include "shared/turn/results.h"

enum { ANSWER_BYTES_MAX = 16 << 10 };

void api_token_text(const struct api *api, const struct message_id *command,
                    char ret_text[static TOKEN_TEXT_SIZE]) {
    struct digest drawn = keys_draw(api->keys, "token/v1", command);
    memcpy(ret_text, TOKEN_PREFIX, strlen(TOKEN_PREFIX));
    hex_encode(BYTES_OF(drawn), ret_text + strlen(TOKEN_PREFIX));
    secret_wipe(&drawn, sizeof(drawn));
}

static void write_invitation(const struct api *api, const struct invitation_record *record,
                             const struct message_id *command, struct json_writer *writer) {
    char text[INVITATION_TEXT_SIZE];
    struct digest secret = keys_draw(api->keys, "invitation-secret/v1", command);
    struct invitation invitation = {
        .id = record->id,
        .fingerprint = api->fingerprint,
        .expires_ms = record->expires_ms,
    };
    memcpy(invitation.secret, secret.bytes, sizeof(invitation.secret));
    memcpy(invitation.hub_curve.bytes, api->keys->hub.curve_public.bytes,
           sizeof(invitation.hub_curve.bytes));
    snprintf(invitation.hub.text, sizeof(invitation.hub.text), "%s", api->settings->hub);
    snprintf(invitation.join_endpoint, sizeof(invitation.join_endpoint), "%s", api->public_enrol);
    snprintf(invitation.endpoint, sizeof(invitation.endpoint), "%s", api->public_members);
    snprintf(invitation.region, sizeof(invitation.region), "%s", api->region);
    invitation_format(&invitation, text);
    json_field_text(writer, "invitation", text);
    json_put_key(writer, "id");
    json_put_hex(writer, BYTES_OF(record->id));
    json_field_text(writer, "organisation", record->org.text[0] == '\0' ? NULL : record->org.text);
    api_field_instant(writer, "expires_at", record->expires_ms);
    json_field_bool(writer, "approve", record->approve_at_once);
    secret_wipe(&invitation, sizeof(invitation));
    secret_wipe(&secret, sizeof(secret));
    secret_wipe(text, sizeof(text));
}

static int answer_invitation(const struct api *api, const struct api_read *read,
                             const struct request *request, struct json_writer *writer) {
    struct invitation_id id;
    struct invitation_record record;
    struct digest drawn = keys_draw(api->keys, "invitation-id/v1", &request->command.id);
    memcpy(id.bytes, drawn.bytes, sizeof(id.bytes));
    int r = invitation_get(read->view, &id, &record);
    if (r == 0) {
        write_invitation(api, &record, &request->command.id, writer);
    }
    return r;
}

static int answer_token(const struct api *api, const struct api_read *read,
                        const struct request *request, struct json_writer *writer) {
    char text[TOKEN_TEXT_SIZE];
    struct token_record record;
    api_token_text(api, &request->command.id, text);
    struct digest digest = token_digest(bytes_from_text(text));
    int r = token_get(read->view, &digest, &record);
    if (r == 0) {
        json_field_text(writer, "token", text);
        json_put_key(writer, "id");
        json_put_hex(writer, BYTES_OF(digest));
        json_field_text(writer, "user", record.user.text);
        json_field_text(writer, "label", record.label);
        api_field_instant(writer, "expires_at", record.expires_ms);
    }
    secret_wipe(text, sizeof(text));
    return r;
}

static int answer_kind(const struct api *api, const struct api_read *read,
                       const struct request *request, struct json_writer *writer) {
    switch ((int)request->command.kind) {
    case HUB_COMMAND_INVITE:
        return answer_invitation(api, read, request, writer);
    case HUB_COMMAND_TOKEN_CREATE:
        return answer_token(api, read, request, writer);
    case HUB_COMMAND_APPROVE:
    case HUB_COMMAND_DECLINE:
    case HUB_COMMAND_REVOKE:
    case HUB_COMMAND_LEAVE:
        json_field_text(writer, "organisation", request->arguments.member.org.text);
        return 0;
    case HUB_COMMAND_MEMBER_SET:
        return api_answer_standing(read, request, writer);
    case HUB_COMMAND_USER_ADD:
        json_field_text(writer, "user", request->arguments.user.user.text);
        return 0;
    default:
        return 0;
    }
}

static void answer_done(struct api *api, const struct request *request,
                        struct http_response *response) {
    struct api_read read;
    bool makes = request->command.kind == HUB_COMMAND_INVITE ||
                 request->command.kind == HUB_COMMAND_TOKEN_CREATE ||
                 request->command.kind == HUB_COMMAND_USER_ADD;
    if (!api_read_begin(api, &read, response)) {
        return;
    }
    struct json_writer writer = json_over(ANSWER_BYTES_MAX);
    json_open_object(&writer);
    json_field_text(&writer, "command", request->key);
    int r = answer_kind(api, &read, request, &writer);
    if (r < 0) {
        json_deinit(&writer);
        api_fail(response, r);
    } else {
        json_close_object(&writer);
        api_json(response, makes ? 201 : 200, &writer);
    }
    api_read_end(&read);
}

void api_answer_command(void *context, const struct request *request, enum refusal refusal) {
    struct api *api = context;
    struct http_response response = {.lang = request->lang};
    if (refusal == REFUSAL_NONE) {
        answer_done(api, request, &response);
    } else {
        api_refuse(&response, refusal);
    }
    /* Who left meanwhile asks again under the same key. */
    (void)!http_complete(atomic_load(&api->server), request->http_token, &response);
}

void api_answer_result(const struct api_read *read, const struct message_id *id, const char *key,
                       struct http_response *response) {
    struct command_outcome outcome;
    int r = results_find(read->view, id, &outcome);
    if (r < 0) {
        api_fail(response, r);
        return;
    }
    struct json_writer writer = json_over(ANSWER_BYTES_MAX);
    json_open_object(&writer);
    json_field_text(&writer, "command", key);
    api_field_instant(&writer, "finished_at", outcome.finished_ms);
    json_field_text(&writer, "refusal", refusal_text(outcome.refusal));
    json_close_object(&writer);
    api_json(response, 200, &writer);
}
