#include "node/shell/organisations.h"

#include <string.h>

#include "node/shell/family_words.h"
#include "shared/base/buf.h"
#include "shared/consent/consent.h"

int organisations_open(const struct cli_call *call, const char *talk, struct organisations *ret) {
    char path[80];
    (void)snprintf(path, sizeof(path), "/api/v1/organisations%s%s",
                   talk == NULL ? "" : "?for=", talk == NULL ? "" : talk);
    int r = talk_send(call, path, NULL, &ret->response);
    if (r == 0) {
        talk_open(&ret->response, &ret->reader);
    }
    return r;
}

void organisations_close(struct organisations *organisations) {
    talk_close(&organisations->response, &organisations->reader);
}

struct scopes organisations_may_ask(const struct organisations *organisations) {
    const char *right = talk_text(json_root(&organisations->reader), "own.may_take_consent");
    return consent_scopes_of_right(consent_right_parse(right));
}

static const struct json_value *all_of(const struct organisations *organisations) {
    return json_find(json_root(&organisations->reader), "organisations");
}

static enum consent_right right_of(const struct json_value *one) {
    return consent_right_parse(talk_text(one, "may_take_consent"));
}

static bool can_be_fallback(const struct json_value *one) {
    struct json_reader trial = {0};
    return json_need_bool(&trial, one, "may_be_fallback");
}

bool organisations_can_be_fallback(const struct organisations *organisations, const char *id) {
    const struct json_value *list = all_of(organisations);
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *one = json_at(list, i);
        if (strcmp(talk_text(one, "id"), id) == 0) {
            return can_be_fallback(one);
        }
    }
    return false;
}

/* "Kortrijk (34022), Kuurne (34023)" */
static void join_desks(const struct json_value *desks, struct buf *to) {
    size_t length = 0;
    char *text = (char *)to->data;
    text[0] = '\0';
    for (size_t i = 0; i < json_count(desks) && length + 1 < to->size; i++) {
        const struct json_value *desk = json_at(desks, i);
        const int added =
            snprintf(text + length, to->size - length, "%s%s (%s)", i == 0 ? "" : ", ",
                     talk_text(desk, "name"), talk_text(desk, "nis"));
        length += added < 0 ? 0 : (size_t)added;
    }
}

static void say_one(const struct cli_call *call, const struct json_value *one, FILE *to) {
    char places[400];
    char desk[480] = "";
    char line[1000];
    const enum org_kind kind = org_kind_parse(talk_text(one, "kind"));
    join_desks(json_find(one, "onthaal"),
               &(struct buf){.data = (uint8_t *)places, .size = sizeof(places)});
    if (places[0] != '\0') {
        text_format(call->lang, TEXT_FAMILY_ORG_DESK, TEXT_ARGS(places), desk, sizeof(desk));
    }
    text_format(
        call->lang, TEXT_FAMILY_ORG,
        TEXT_ARGS(talk_text(one, "id"), talk_text(one, "name"),
                  text_get(call->lang, text_of_org_kind(kind)), desk,
                  can_be_fallback(one) ? "" : text_get(call->lang, TEXT_FAMILY_ORG_NO_FALLBACK),
                  right_of(one) == CONSENT_RIGHT_FULL
                      ? text_get(call->lang, TEXT_FAMILY_ORG_TAKES_CONSENT)
                      : ""),
        line, sizeof(line));
    fprintf(to, "  %s\n", line);
}

void organisations_say_fallbacks(const struct cli_call *call,
                                 const struct organisations *organisations, FILE *to) {
    const struct json_value *list = all_of(organisations);
    for (size_t i = 0; i < json_count(list); i++) {
        if (can_be_fallback(json_at(list, i))) {
            say_one(call, json_at(list, i), to);
        }
    }
}

/* The organisation's own; by who asks it may be less. */
static void say_own_right(const struct cli_call *call, const struct organisations *organisations) {
    const struct json_value *list = all_of(organisations);
    const char *own = talk_text(json_root(&organisations->reader), "own.id");
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *one = json_at(list, i);
        if (strcmp(talk_text(one, "id"), own) == 0) {
            say_line(call, text_of_own_right(right_of(one)), NULL);
        }
    }
}

enum cli_status organisations_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct organisations organisations;
    if (organisations_open(call, NULL, &organisations) < 0) {
        return CLI_FAILED;
    }
    const struct json_value *list = all_of(&organisations);
    if (cli_flag(call, "json")) {
        fprintf(call->out, "%s\n", organisations.response.body);
    } else if (json_count(list) == 0) {
        say_line(call, TEXT_FAMILY_ORGS_NONE, NULL);
    } else {
        for (size_t i = 0; i < json_count(list); i++) {
            say_one(call, json_at(list, i), call->out);
        }
        say_own_right(call, &organisations);
    }
    organisations_close(&organisations);
    return CLI_OK;
}
