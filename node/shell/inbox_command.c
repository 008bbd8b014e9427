#include <stdio.h>
#include <string.h>

#include "node/shell/family_talk.h"
#include "node/shell/family_words.h"
#include "node/shell/preview_words.h"

static const char *const item_member[] = {"item", NULL};

static bool is_flag(const struct json_value *item) {
    return talk_text(item, "flag.kind")[0] != '\0';
}

static void say_about_flag(const struct cli_call *call, const struct json_value *item) {
    struct json_reader trial = {0};
    fprintf(call->out, "  %s, %s", word_flag_kind(call->lang, talk_text(item, "flag.kind")),
            word_flag_state(call->lang, talk_text(item, "flag.state")));
    if (talk_text(item, "flag.concern")[0] != '\0') {
        fprintf(call->out, ": %s",
                word_concern_reason(call->lang, talk_text(item, "flag.concern")));
    }
    fprintf(call->out, "\n");
    if (!json_need_bool(&trial, json_find(item, "flag"), "yours")) {
        say_line(call, TEXT_FAMILY_ITEM_TOLD, NULL);
    } else if (talk_text(item, "flag.acknowledge_by")[0] != '\0') {
        say_line(
            call, TEXT_FAMILY_ITEM_CLOCK,
            TEXT_ARGS(talk_text(item, "flag.acknowledge_by"), talk_text(item, "flag.contact_by")));
    }
}

static void say_about_ask(const struct cli_call *call, const struct json_value *item) {
    if (talk_text(item, "service")[0] != '\0') {
        fprintf(call->out, "  %s",
                preview_category(call->lang, "service", talk_text(item, "service")));
    }
    if (talk_text(item, "ask_state")[0] != '\0') {
        const char *reason = word_ask_reason(call->lang, talk_text(item, "ask_reason"));
        fprintf(call->out, ": %s%s%s%s", word_ask_state(call->lang, talk_text(item, "ask_state")),
                reason[0] == '\0' ? "" : " (", reason, reason[0] == '\0' ? "" : ")");
    }
    if (json_find(item, "municipality") != NULL) {
        fprintf(
            call->out, "  %s, %s",
            preview_category(call->lang, "municipality", talk_number(item, "municipality").text),
            preview_category(call->lang, "language", talk_text(item, "language")));
    }
    fprintf(call->out, "\n");
}

static void say_if(const struct cli_call *call, enum text_id line, const char *text) {
    if (text[0] != '\0') {
        say_line(call, line, TEXT_ARGS(text));
    }
}

static void say_item(const struct cli_call *call, const struct json_value *item) {
    struct json_reader trial = {0};
    const struct talk_number number = talk_number(item, "item");
    const struct talk_number age = talk_number(item, "age_days");
    say_line(call, TEXT_FAMILY_ITEM_LINE,
             TEXT_ARGS(number.text, word_notice_kind(call->lang, talk_text(item, "kind"))));
    if (json_find(item, "family") != NULL) {
        say_line(call, TEXT_FAMILY_ITEM_ABOUT, TEXT_ARGS(talk_number(item, "family").text));
    }
    if (is_flag(item)) {
        say_about_flag(call, item);
    }
    if (talk_text(item, "service")[0] != '\0' || json_find(item, "municipality") != NULL) {
        say_about_ask(call, item);
    }
    const bool ours = notice_kind_parse(talk_text(item, "kind")) == NOTICE_ASK_NEWS;
    say_if(call, ours ? TEXT_FAMILY_ITEM_TO : TEXT_FAMILY_ITEM_FROM, talk_text(item, "from.name"));
    say_if(call, TEXT_FAMILY_ITEM_ENDS, talk_text(item, "ends"));
    say_if(call, TEXT_FAMILY_ITEM_TAKEN, talk_text(item, "taken_by"));
    if (talk_text(item, "refused")[0] != '\0') {
        say_line(call, TEXT_FAMILY_REFUSED,
                 TEXT_ARGS(talk_refusal(call, talk_text(item, "refused"))));
    }
    if (talk_text(item, "contact")[0] != '\0') {
        say_line(call, TEXT_FAMILY_ITEM_CONTACT, TEXT_ARGS(talk_text(item, "contact")));
    } else if (json_need_bool(&trial, item, "has_contact")) {
        say_line(call, TEXT_FAMILY_ITEM_HAS_CONTACT, TEXT_ARGS(number.text));
    }
    say_line(call,
             strcmp(age.text, "0") == 0   ? TEXT_FAMILY_AGE_TODAY
             : strcmp(age.text, "1") == 0 ? TEXT_FAMILY_AGE_ONE
                                          : TEXT_FAMILY_AGE,
             TEXT_ARGS(age.text));
}

static enum cli_status show_one(const struct cli_call *call, const char *which) {
    struct client_response response;
    struct json_reader reader;
    char path[64];
    int64_t number;
    if (!talk_whole(call, "ITEM", which, &number)) {
        return CLI_USAGE;
    }
    (void)snprintf(path, sizeof(path), "/api/v1/items/%lld", (long long)number);
    if (talk_send(call, path, NULL, &response) < 0) {
        return CLI_FAILED;
    }
    talk_open(&response, &reader);
    if (cli_flag(call, "json")) {
        fprintf(call->out, "%s\n", response.body);
    } else {
        say_item(call, json_root(&reader));
    }
    talk_close(&response, &reader);
    return CLI_OK;
}

static enum cli_status show_all(const struct cli_call *call, bool flags_only) {
    struct client_response response;
    struct json_reader reader;
    size_t said = 0;
    const char *path = cli_flag(call, "all") ? "/api/v1/items?all=1" : "/api/v1/items";
    if (talk_send(call, path, NULL, &response) < 0) {
        return CLI_FAILED;
    }
    talk_open(&response, &reader);
    const struct json_value *list = json_find(json_root(&reader), "items");
    for (size_t i = 0; !cli_flag(call, "json") && i < json_count(list); i++) {
        if (!flags_only || is_flag(json_at(list, i))) {
            say_item(call, json_at(list, i));
            said++;
        }
    }
    if (cli_flag(call, "json")) {
        fprintf(call->out, "%s\n", response.body);
    } else if (said == 0) {
        say_line(call, TEXT_FAMILY_NONE, NULL);
    }
    talk_close(&response, &reader);
    return CLI_OK;
}

enum cli_status inbox_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    return call->argument_count > 0 ? show_one(call, call->arguments[0]) : show_all(call, false);
}

enum cli_status flag_list_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    return show_all(call, true);
}

static enum cli_status answer(const struct cli_call *call, const char *path, const char *reason) {
    int64_t item;
    if (!talk_whole(call, "ITEM", call->arguments[0], &item)) {
        return CLI_USAGE;
    }
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    json_field_int(&writer, "item", item);
    if (reason != NULL) {
        json_field_text(&writer, "reason", reason);
    }
    json_close_object(&writer);
    return talk_say(call, path, &writer, TEXT_FAMILY_ITEM_NOTED, item_member);
}

enum cli_status flag_take_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    return answer(call, "/api/v1/items/take", NULL);
}

enum cli_status flag_contacted_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    return answer(call, "/api/v1/items/contacted", NULL);
}

enum cli_status flag_close_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    const char *reason = cli_text(call, "reason", NULL);
    return reason == NULL ? talk_missing(call, "--reason")
                          : answer(call, "/api/v1/items/close", reason);
}

enum cli_status flag_back_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    return answer(call, "/api/v1/items/hand-back", NULL);
}

enum cli_status inbox_done_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    return answer(call, "/api/v1/items/done", NULL);
}
