#include <string.h>

#include "hub/shell/api_command.h"
#include "shared/members/members.h"

/* What a member is and may, said anew: asked for, and answered as it stands after it. */

static bool has(const struct api_body *body, const char *name) {
    return json_find(body->root, name) != NULL;
}

static const char *read_words(struct api_body *body, struct member_set_arguments *set) {
    const char *kind = api_body_text(body, "kind");
    const char *right = api_body_text(body, "may_take_consent");
    if (kind != NULL) {
        set->kind = org_kind_parse(kind);
        if (set->kind == ORG_KIND_NONE) {
            return "kind: not one of the list in openapi.json";
        }
    }
    if (right != NULL) {
        set->may_take_consent = consent_right_parse(right);
        if (set->may_take_consent == CONSENT_RIGHT_NONE) {
            return "may_take_consent: no, limited or full";
        }
    }
    return NULL;
}

static const char *read_set(const struct http_request *http, struct api_body *body,
                            struct member_set_arguments *set) {
    if (org_id_parse(http_param(http, "id"), &set->org) < 0) {
        return "the address: not an organisation's id";
    }
    set->gives_may_sanction = has(body, "may_sanction");
    set->may_sanction = api_body_bool(body, "may_sanction");
    set->gives_hidden = has(body, "hidden");
    set->hidden = api_body_bool(body, "hidden");
    const char *wrong = read_words(body, set);
    const bool nothing = !has(body, "kind") && !has(body, "may_take_consent") &&
                         !set->gives_may_sanction && !set->gives_hidden;
    return nothing ? "kind, may_take_consent, may_sanction, hidden: at least one of them" : wrong;
}

void api_member_set(void *ctx, const struct http_request *http, struct http_response *response) {
    static const char *const names[] = {"kind", "may_take_consent", "may_sanction", "hidden", NULL};
    struct api *api = ctx;
    struct api_body body;
    struct request *request = api_command_new(api, http, HUB_COMMAND_MEMBER_SET, response);
    if (request == NULL) {
        return;
    }
    api_body_open(http, names, &body);
    const char *wrong = read_set(http, &body, &request->arguments.set);
    api_command_end(api, request, &body, wrong, response);
}

/* How many families chose it as a fallback, by the core's own result. */
static int64_t families_of(const struct request *request) {
    struct json_reader reader;
    json_open(bytes_from_text(request->result), sizeof(request->result), &reader);
    const int64_t families = json_need_int(&reader, json_root(&reader), "families");
    const bool good = reader.error == 0;
    json_close(&reader);
    return good ? families : 0;
}

int api_answer_standing(const struct api_read *read, const struct request *request,
                        struct json_writer *writer) {
    const struct org_id *org = &request->arguments.set.org;
    struct membership membership;
    int r = member_get(read->view, org, read->arena, &membership);
    if (r < 0) {
        return r;
    }
    const struct member *member = &membership.member;
    json_field_text(writer, "organisation", org->text);
    json_field_text(writer, "kind", org_kind_text(member->kind));
    json_field_text(writer, "may_take_consent", consent_right_text(member->may_take_consent));
    json_field_bool(writer, "may_sanction", member->may_sanction);
    json_field_bool(writer, "hidden", member->hidden);
    json_field_int(writer, "families", families_of(request));
    return 0;
}
