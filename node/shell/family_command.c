#include <string.h>

#include "node/shell/family_form.h"
#include "node/shell/family_words.h"
#include "node/shell/preview_words.h"
#include "shared/crypto/secret.h"

/* -- a new card, and the page that bears it -- */

static enum cli_status keep_card(const struct cli_call *call, struct client_response *response,
                                 struct page_file *file) {
    struct json_reader reader;
    talk_open(response, &reader);
    const struct json_value *root = json_root(&reader);
    int r = page_file_keep(call, file, talk_text(root, "page"));
    if (r == 0) {
        const struct talk_number family = talk_number(root, "family");
        say_line(call, TEXT_FAMILY_PAGE_WRITTEN,
                 TEXT_ARGS(family.text, talk_text(root, "until"), file->path));
        say_line(call, TEXT_FAMILY_PAGE_PRINT, NULL);
    }
    talk_close(response, &reader);
    return r < 0 ? CLI_FAILED : CLI_OK;
}

/* Sends what the writer holds once there's a file for the page. */
static enum cli_status make_card(const struct cli_call *call, const char *path,
                                 struct json_writer *writer) {
    struct client_response response;
    struct page_file file;
    if (page_file_open(call, cli_text(call, "out", NULL), "vangnet-card", &file) < 0) {
        json_deinit(writer);
        return CLI_FAILED;
    }
    enum cli_status status = CLI_FAILED;
    if (talk_send(call, path, writer, &response) == 0) {
        status = keep_card(call, &response, &file);
    }
    page_file_drop(&file);
    return status;
}

enum cli_status family_new_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct family_form *form = family_form_new(call);
    if (form == NULL || !family_form_fill(call, form)) {
        family_form_free(form);
        return CLI_FAILED;
    }
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    family_form_write(call, form, &writer);
    json_close_object(&writer);
    family_form_free(form);
    return make_card(call, "/api/v1/cards/new", &writer);
}

/* The old one by its number here, else the card itself. */
static bool put_old(const struct cli_call *call, struct json_writer *writer) {
    const char *family = cli_text(call, "family", NULL);
    char card[CARD_TEXT_SIZE];
    int64_t number;
    if (family != NULL) {
        if (!talk_whole(call, "family", family, &number)) {
            return false;
        }
        json_field_int(writer, "family", number);
        return true;
    }
    const char *given = call->argument_count > 0 ? call->arguments[0] : NULL;
    if (!prompt_card(call, given, TEXT_FAMILY_ASK_OLD_CARD, card)) {
        return false;
    }
    json_field_text(writer, "old_card", card);
    secret_wipe(card, sizeof(card));
    return true;
}

enum cli_status family_new_card_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    const char *reason = cli_text(call, "reason", NULL);
    if (reason == NULL) {
        return talk_missing(call, "--reason");
    }
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    struct family_form *form = family_form_new(call);
    if (form == NULL || !put_old(call, &writer) || !family_form_fill(call, form)) {
        family_form_free(form);
        json_deinit(&writer);
        return CLI_FAILED;
    }
    json_field_text(&writer, "reason", reason);
    talk_list(&writer, "tell", cli_text(call, "tell", NULL));
    family_form_write(call, form, &writer);
    json_close_object(&writer);
    family_form_free(form);
    return make_card(call, "/api/v1/cards/renew", &writer);
}

/* -- families known here -- */

/* A line where there's something to say. */
static void say_list(const struct cli_call *call, const struct json_value *family) {
    const struct talk_number number = talk_number(family, "family");
    const char *until = talk_text(family, "until");
    say_line(call, TEXT_FAMILY_HEAD, TEXT_ARGS(number.text, until[0] == '\0' ? "-" : until));
    if (talk_text(family, "support.kind")[0] != '\0') {
        say_line(call, TEXT_FAMILY_OWN_SUPPORT,
                 TEXT_ARGS(word_support_kind(call->lang, talk_text(family, "support.kind")),
                           word_support_distance(call->lang, talk_text(family, "support.distance")),
                           word_support_state(call->lang, talk_text(family, "support.state"))));
    }
    struct json_reader trial = {0};
    const struct json_value *support = json_find(family, "support");
    if (support != NULL && json_need_bool(&trial, support, "given_up")) {
        say_line(call, TEXT_FAMILY_GIVEN_UP, NULL);
    } else if (support != NULL && json_need_bool(&trial, support, "waits_for_consent")) {
        say_line(call, TEXT_FAMILY_WAITS, NULL);
    }
    if (json_need_bool(&trial, family, "withdrawn")) {
        say_line(call, TEXT_FAMILY_IS_WITHDRAWN, NULL);
    }
    if (talk_text(family, "refused")[0] != '\0') {
        say_line(call, TEXT_FAMILY_REFUSED,
                 TEXT_ARGS(talk_refusal(call, talk_text(family, "refused"))));
    }
}

static void say_scopes(const struct cli_call *call, const struct json_value *list) {
    char line[400] = "";
    for (size_t i = 0; i < json_count(list); i++) {
        const size_t length = strlen(line);
        (void)snprintf(line + length, sizeof(line) - length, "%s%s", i == 0 ? "" : "; ",
                       word_scope(call->lang, talk_text(json_at(list, i), "")));
    }
    say_line(call, TEXT_FAMILY_SCOPES, TEXT_ARGS(line[0] == '\0' ? "-" : line));
}

static void say_informal(const struct cli_call *call, const struct json_value *list) {
    if (json_count(list) > 0) {
        say_line(call, TEXT_FAMILY_AROUND, NULL);
    }
    for (size_t i = 0; i < json_count(list); i++) {
        fprintf(call->out, "  %s: %s\n", talk_text(json_at(list, i), "name"),
                talk_text(json_at(list, i), "what"));
    }
}

enum cli_status family_list_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct client_response response;
    struct json_reader reader;
    if (talk_send(call, "/api/v1/families", NULL, &response) < 0) {
        return CLI_FAILED;
    }
    talk_open(&response, &reader);
    const struct json_value *list = json_find(json_root(&reader), "families");
    if (cli_flag(call, "json")) {
        fprintf(call->out, "%s\n", response.body);
    } else if (json_count(list) == 0) {
        say_line(call, TEXT_FAMILY_NONE, NULL);
    } else {
        const bool own = strcmp(call->command->name, "support list") == 0;
        for (size_t i = 0; i < json_count(list); i++) {
            if (!own || json_find(json_at(list, i), "support") != NULL) {
                say_list(call, json_at(list, i));
            }
        }
    }
    talk_close(&response, &reader);
    return CLI_OK;
}

enum cli_status family_show_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct client_response response;
    struct json_reader reader;
    char path[64];
    int64_t number;
    if (!talk_whole(call, "N", call->arguments[0], &number)) {
        return CLI_USAGE;
    }
    (void)snprintf(path, sizeof(path), "/api/v1/families/%lld", (long long)number);
    if (talk_send(call, path, NULL, &response) < 0) {
        return CLI_FAILED;
    }
    talk_open(&response, &reader);
    const struct json_value *family = json_find(json_root(&reader), "family");
    const struct json_value *consent = json_find(json_root(&reader), "consent");
    if (cli_flag(call, "json")) {
        fprintf(call->out, "%s\n", response.body);
    } else {
        say_list(call, family);
        say_scopes(call, json_find(family, "scopes"));
        say_informal(call, json_find(family, "informal"));
        if (consent != NULL) {
            talk_consent(call, consent);
        }
    }
    talk_close(&response, &reader);
    return CLI_OK;
}

/* -- who: the network map -- */

static const char *org_name(const struct cli_call *call, const struct json_value *from,
                            const char *key) {
    char path[64];
    (void)snprintf(path, sizeof(path), "%s.name", key);
    const char *name = talk_text(from, path);
    return name[0] == '\0' ? text_get(call->lang, TEXT_FAMILY_HIDDEN) : name;
}

static void say_supporter(const struct cli_call *call, const struct json_value *one) {
    char ends[80];
    struct json_reader trial = {0};
    const char *state = word_support_state(call->lang, talk_text(one, "state"));
    if (json_need_bool(&trial, one, "silent")) {
        state = text_get(call->lang, TEXT_FAMILY_SUPPORTER_SILENT);
    } else if (talk_text(one, "ends")[0] != '\0') {
        text_format(call->lang, TEXT_FAMILY_SUPPORTER_UNTIL, TEXT_ARGS(talk_text(one, "ends")),
                    ends, sizeof(ends));
        state = ends;
    }
    say_line(call, TEXT_FAMILY_SUPPORTER,
             TEXT_ARGS(org_name(call, one, "organisation"),
                       word_support_kind(call->lang, talk_text(one, "kind")),
                       word_support_distance(call->lang, talk_text(one, "distance")), state));
}

static void say_flags(const struct cli_call *call, const struct json_value *list) {
    if (json_count(list) > 0) {
        say_line(call, TEXT_FAMILY_FLAGS, NULL);
    }
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *one = json_at(list, i);
        const char *turn = talk_text(one, "turn.name");
        say_line(call, TEXT_FAMILY_FLAG_LINE,
                 TEXT_ARGS(word_flag_kind(call->lang, talk_text(one, "kind")),
                           word_flag_state(call->lang, talk_text(one, "state")),
                           talk_text(one, "opened"),
                           turn[0] == '\0' ? text_get(call->lang, TEXT_FAMILY_BOARD) : turn));
    }
}

static void say_asks(const struct cli_call *call, const struct json_value *list) {
    if (json_count(list) > 0) {
        say_line(call, TEXT_FAMILY_ASKS, NULL);
    }
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *one = json_at(list, i);
        const char *why = word_ask_reason(call->lang, talk_text(one, "reason"));
        char reason[80] = "";
        if (why[0] != '\0') {
            (void)snprintf(reason, sizeof(reason), " (%s)", why);
        }
        say_line(call, TEXT_FAMILY_ASK_LINE,
                 TEXT_ARGS(org_name(call, one, "to"),
                           preview_category(call->lang, "service", talk_text(one, "service")),
                           talk_text(one, "asked"),
                           word_ask_state(call->lang, talk_text(one, "state")), reason));
    }
}

static void say_looked(const struct cli_call *call, const struct json_value *list) {
    if (json_count(list) > 0) {
        say_line(call, TEXT_FAMILY_LOOKED, NULL);
    }
    for (size_t i = 0; i < json_count(list); i++) {
        fprintf(call->out, "  %s %s\n", talk_text(json_at(list, i), "day"),
                org_name(call, json_at(list, i), "organisation"));
    }
}

static enum cli_status say_map(const struct cli_call *call, const struct json_value *root) {
    struct json_reader trial = {0};
    if (!json_need_bool(&trial, root, "found")) {
        const struct text_pair pair = {.what = TEXT_FAMILY_NOT_FOUND,
                                       .next = TEXT_FAMILY_NOT_FOUND_NEXT};
        cli_say(call, pair, NULL);
        return CLI_FAILED;
    }
    const struct talk_number family = talk_number(root, "family");
    const struct json_value *supports = json_find(root, "supports");
    say_line(call, json_find(root, "family") == NULL ? TEXT_FAMILY_HEAD_UNKNOWN : TEXT_FAMILY_HEAD,
             TEXT_ARGS(family.text, talk_text(root, "until")));
    say_scopes(call, json_find(root, "scopes"));
    say_line(call, TEXT_FAMILY_SUPPORTERS, NULL);
    if (json_count(supports) == 0) {
        say_line(call, TEXT_FAMILY_NOBODY_SUPPORTS, NULL);
    }
    for (size_t i = 0; i < json_count(supports); i++) {
        say_supporter(call, json_at(supports, i));
    }
    say_informal(call, json_find(root, "informal"));
    say_asks(call, json_find(root, "asks"));
    say_flags(call, json_find(root, "flags"));
    say_looked(call, json_find(root, "looked"));
    return CLI_OK;
}

enum cli_status family_who_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct client_response response;
    struct json_reader reader;
    char card[CARD_TEXT_SIZE];
    if (!prompt_card(call, call->argument_count > 0 ? call->arguments[0] : NULL,
                     TEXT_FAMILY_ASK_CARD, card)) {
        return CLI_FAILED;
    }
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    json_field_text(&writer, "card", card);
    json_close_object(&writer);
    secret_wipe(card, sizeof(card));
    if (talk_send(call, "/api/v1/looks", &writer, &response) < 0) {
        return CLI_FAILED;
    }
    talk_open(&response, &reader);
    enum cli_status status = CLI_OK;
    if (cli_flag(call, "json")) {
        fprintf(call->out, "%s\n", response.body);
    } else {
        status = say_map(call, json_root(&reader));
    }
    talk_close(&response, &reader);
    return status;
}
