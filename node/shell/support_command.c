#include <stdio.h>
#include <string.h>
#include <time.h>

#include "node/shell/family_talk.h"
#include "node/shell/family_words.h"
#include "shared/base/civil.h"
#include "shared/crypto/secret.h"
#include "shared/places/municipalities.h"
#include "shared/places/services.h"

enum { NIS_TEXT_SIZE = 12 };

static const char *const family_member[] = {"family", NULL};
static const char *const item_member[] = {"item", NULL};
static const char *const call_members[] = {"item", "desk", NULL};

/* Who is meant: --family or --item where given, else the card. Into an open object. */
static bool put_who(const struct cli_call *call, struct json_writer *writer, bool has_item) {
    const char *family = cli_text(call, "family", NULL);
    const char *item = has_item ? cli_text(call, "item", NULL) : NULL;
    char card[CARD_TEXT_SIZE];
    int64_t number;
    if (family != NULL || item != NULL) {
        const char *name = family != NULL ? "family" : "item";
        if (!talk_whole(call, name, family != NULL ? family : item, &number)) {
            return false;
        }
        json_field_int(writer, name, number);
        return true;
    }
    if (!prompt_card(call, call->argument_count > 0 ? call->arguments[0] : NULL,
                     TEXT_FAMILY_ASK_CARD, card)) {
        return false;
    }
    json_field_text(writer, "card", card);
    secret_wipe(card, sizeof(card));
    return true;
}

/* Closes the object and sends it. */
static enum cli_status send(const struct cli_call *call, const char *path,
                            struct json_writer *writer, enum text_id line,
                            const char *const *members) {
    json_close_object(writer);
    return talk_say(call, path, writer, line, members);
}

static enum cli_status drop(struct json_writer *writer) {
    json_deinit(writer);
    return CLI_FAILED;
}

enum cli_status support_start_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    if (!put_who(call, &writer, true)) {
        return drop(&writer);
    }
    json_field_text(&writer, "kind", cli_text(call, "kind", "professional"));
    json_field_text(&writer, "distance", cli_text(call, "distance", "near"));
    talk_option(call, &writer, "case", NULL);
    json_field_bool(&writer, "named", cli_flag(call, "named"));
    return send(call, "/api/v1/supports/start", &writer, TEXT_FAMILY_SUPPORT_NOTED, family_member);
}

static enum cli_status end_support(const struct cli_call *call, const char *path) {
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    if (!put_who(call, &writer, false)) {
        return drop(&writer);
    }
    json_field_text(&writer, "why", cli_text(call, "why", "finished"));
    talk_option(call, &writer, "on", NULL);
    talk_option(call, &writer, "moving-to", "moving_to");
    talk_option(call, &writer, "successor", NULL);
    return send(call, path, &writer, TEXT_FAMILY_SUPPORT_NOTED, family_member);
}

enum cli_status support_ending_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    return end_support(call, "/api/v1/supports/ending");
}

enum cli_status support_end_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    return end_support(call, "/api/v1/supports/end");
}

/* -- a question that a family put to an organisation -- */

enum cli_status asked_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    const char *to = cli_text(call, "to", NULL);
    const char *service = cli_text(call, "service", NULL);
    if (to == NULL || service == NULL) {
        return talk_missing(call, to == NULL ? "--to" : "--service");
    }
    const struct service *known = service_find(service);
    if (known == NULL && strncmp(service, "x-", 2) != 0) {
        const struct text_pair pair = {.what = TEXT_FAMILY_NO_SERVICE,
                                       .next = TEXT_FAMILY_NO_SERVICE_NEXT};
        cli_say(call, pair, TEXT_ARGS(service));
        return CLI_USAGE;
    }
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    if (!put_who(call, &writer, false)) {
        return drop(&writer);
    }
    json_field_text(&writer, "to", to);
    json_field_text(&writer, "service", known == NULL ? service : known->id.text);
    talk_option(call, &writer, "on", "asked");
    talk_option(call, &writer, "contact", NULL);
    json_field_bool(&writer, "with_presence", cli_flag(call, "may-support"));
    return send(call, "/api/v1/asks", &writer, TEXT_FAMILY_ITEM_NOTED, item_member);
}

static bool put_item(const struct cli_call *call, struct json_writer *writer) {
    int64_t item;
    if (!talk_whole(call, "ITEM", call->arguments[0], &item)) {
        return false;
    }
    json_field_int(writer, "item", item);
    return true;
}

enum cli_status asked_revoke_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    if (!put_item(call, &writer)) {
        return drop(&writer);
    }
    return send(call, "/api/v1/asks/revoke", &writer, TEXT_FAMILY_ITEM_NOTED, item_member);
}

enum cli_status asked_answer_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    const enum ask_state state = ask_state_parse(call->arguments[1]);
    if (state == ASK_REFUSED && cli_text(call, "reason", NULL) == NULL) {
        return talk_missing(call, "--reason");
    }
    if (state == ASK_PASSED_ON && cli_text(call, "to", NULL) == NULL) {
        return talk_missing(call, "--to");
    }
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    if (!put_item(call, &writer)) {
        return drop(&writer);
    }
    json_field_text(&writer, "state", call->arguments[1]);
    talk_option(call, &writer, "reason", NULL);
    talk_option(call, &writer, "to", "passed_to");
    return send(call, "/api/v1/asks/answer", &writer, TEXT_FAMILY_ITEM_NOTED, item_member);
}

/* -- a concern, and a volunteer who wants to be called -- */

/* A closed list whose values count from 1. */
struct choice {
    const char *option;
    enum text_id question;
    const char *otherwise; /* where nobody is there to ask */
    const char *(*code)(int value);
    const char *(*word)(enum lang lang, const char *code);
};

static const char *by_code(int value) {
    return concern_by_text((enum concern_by)value);
}

static const char *reason_code(int value) {
    return concern_reason_text((enum concern_reason)value);
}

static const char *urgency_code(int value) {
    return concern_urgency_text((enum concern_urgency)value);
}

static const struct choice concern_choices[] = {
    {"by", TEXT_FAMILY_ASK_BY, "volunteer", by_code, word_concern_by},
    {"reason", TEXT_FAMILY_ASK_CONCERN, "nobody-helps", reason_code, word_concern_reason},
    {"urgency", TEXT_FAMILY_ASK_URGENCY, "this-week", urgency_code, word_concern_urgency},
};
enum { CHOICES = sizeof(concern_choices) / sizeof(concern_choices[0]), WORDS_MAX = 16 };

/* What the option says, else what is chosen in the terminal; NULL at the end of the input. */
static const char *choose(const struct cli_call *call, const struct choice *choice) {
    const char *words[WORDS_MAX];
    size_t count = 0;
    const char *given = cli_text(call, choice->option, NULL);
    if (given != NULL || !prompt_possible()) {
        return given != NULL ? given : choice->otherwise;
    }
    while (count < WORDS_MAX && choice->code((int)count + 1) != NULL) {
        words[count] = choice->word(call->lang, choice->code((int)count + 1));
        count++;
    }
    const int place = prompt_choice(call, choice->question, words, count);
    return place < 0 ? NULL : choice->code(place + 1);
}

enum cli_status concern_raise_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    char card[CARD_TEXT_SIZE];
    json_open_object(&writer);
    if (!prompt_card(call, call->argument_count > 0 ? call->arguments[0] : NULL,
                     TEXT_FAMILY_ASK_CARD, card)) {
        return drop(&writer);
    }
    json_field_text(&writer, "card", card);
    secret_wipe(card, sizeof(card));
    for (size_t i = 0; i < CHOICES; i++) {
        const char *chosen = choose(call, &concern_choices[i]);
        if (chosen == NULL) {
            return drop(&writer);
        }
        json_field_text(&writer, concern_choices[i].option, chosen);
    }
    return send(call, "/api/v1/concerns", &writer, TEXT_FAMILY_CONCERN_RAISED, item_member);
}

/* Its code, by its name too; false, and said, where no municipality is meant. */
static bool read_municipality(const struct cli_call *call, const char *text,
                              char ret_code[static NIS_TEXT_SIZE]) {
    struct nis nis;
    const int32_t today = brussels_day((int64_t)time(NULL) * 1000);
    if (municipality_find(text, today, &nis) == PLACE_FOUND) {
        (void)snprintf(ret_code, NIS_TEXT_SIZE, "%05u", nis.code);
        return true;
    }
    if (strlen(text) == 5 && strspn(text, "0123456789") == 5) { /* of before a merger */
        (void)snprintf(ret_code, NIS_TEXT_SIZE, "%s", text);
        return true;
    }
    const struct text_pair pair = {.what = TEXT_FAMILY_NO_PLACE, .next = TEXT_FAMILY_NO_PLACE_NEXT};
    cli_say(call, pair, TEXT_ARGS(text));
    return false;
}

enum cli_status call_me_back_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    char contact[CONTACT_TEXT_BYTES_MAX + 1] = "";
    const char *given = cli_text(call, "contact", NULL);
    const char *municipality = cli_text(call, "municipality", NULL);
    char code[NIS_TEXT_SIZE];
    if (municipality == NULL) {
        return talk_missing(call, "--municipality");
    }
    if (!read_municipality(call, municipality, code)) {
        return CLI_USAGE;
    }
    if (given == NULL && prompt_possible()) {
        if (!prompt_line(call, text_get(call->lang, TEXT_FAMILY_ASK_OWN_CONTACT), contact,
                         sizeof(contact))) {
            return CLI_FAILED;
        }
        given = contact;
    }
    if (given == NULL) {
        return talk_missing(call, "--contact");
    }
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    json_field_text(&writer, "contact", given);
    secret_wipe(contact, sizeof(contact));
    json_field_text(&writer, "municipality", code);
    json_field_text(&writer, "language", cli_text(call, "language", "nld"));
    return send(call, "/api/v1/call-backs", &writer, TEXT_FAMILY_CALL_ASKED, call_members);
}

enum cli_status called_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    if (!put_item(call, &writer)) {
        return drop(&writer);
    }
    return send(call, "/api/v1/items/called", &writer, TEXT_FAMILY_ITEM_NOTED, item_member);
}

/* -- the neighbour, the buddy -- */

static enum cli_status informal(const struct cli_call *call, bool remove) {
    int64_t family;
    if (!talk_whole(call, "N", call->arguments[0], &family)) {
        return CLI_USAGE;
    }
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    json_field_int(&writer, "family", family);
    json_field_text(&writer, "name", call->arguments[1]);
    json_field_text(&writer, "what", call->argument_count > 2 ? call->arguments[2] : "");
    json_field_bool(&writer, "remove", remove);
    return send(call, "/api/v1/informal", &writer, TEXT_FAMILY_SUPPORT_NOTED, family_member);
}

enum cli_status informal_add_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    return informal(call, false);
}

enum cli_status informal_remove_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    return informal(call, true);
}
