#include "node/shell/family_form.h"
#include "shared/crypto/secret.h"

static const char *argument(const struct cli_call *call) {
    return call->argument_count > 0 ? call->arguments[0] : NULL;
}

/* The card on the table, into an open object. */
static bool put_card(const struct cli_call *call, struct json_writer *writer) {
    char card[CARD_TEXT_SIZE];
    if (!prompt_card(call, argument(call), TEXT_FAMILY_ASK_CARD, card)) {
        return false;
    }
    json_field_text(writer, "card", card);
    secret_wipe(card, sizeof(card));
    return true;
}

static const char *const family_until[] = {"family", "until", NULL};
static const char *const nothing[] = {NULL};

/* Whether this family can be asked anew here; said where it can't, before any question. */
static bool may_ask_anew(const struct cli_call *call, const char *card) {
    struct client_response response;
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    json_field_text(&writer, "card", card);
    json_close_object(&writer);
    if (talk_send(call, "/api/v1/consents/asking", &writer, &response) < 0) {
        return false;
    }
    client_response_deinit(&response);
    return true;
}

/* As put_card, of a family whose consent stands. */
static bool put_known_card(const struct cli_call *call, struct json_writer *writer) {
    char card[CARD_TEXT_SIZE];
    const bool good =
        prompt_card(call, argument(call), TEXT_FAMILY_ASK_CARD, card) && may_ask_anew(call, card);
    if (good) {
        json_field_text(writer, "card", card);
    }
    secret_wipe(card, sizeof(card));
    return good;
}

/* A blank card becomes this family's; or a standing consent covers more. */
static enum cli_status take(const struct cli_call *call, const char *path, bool known) {
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    struct family_form *form = family_form_new(call);
    if (form == NULL || !(known ? put_known_card(call, &writer) : put_card(call, &writer)) ||
        !family_form_fill(call, form)) {
        family_form_free(form);
        json_deinit(&writer);
        return CLI_FAILED;
    }
    family_form_write(call, form, &writer);
    json_close_object(&writer);
    family_form_free(form);
    return talk_say(call, path, &writer, TEXT_FAMILY_GIVEN, family_until);
}

enum cli_status consent_give_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    return take(call, "/api/v1/consents/give", false);
}

enum cli_status consent_widen_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    return take(call, "/api/v1/consents/change", true);
}

/* Who stands with the family must know where nobody could check it: no row shows a refusal. */
static enum cli_status narrow(const struct cli_call *call, struct json_writer *writer) {
    struct client_response response;
    struct json_reader reader;
    struct json_reader trial = {0};
    if (talk_send(call, "/api/v1/consents/change", writer, &response) < 0) {
        return CLI_FAILED;
    }
    talk_open(&response, &reader);
    const struct json_value *root = json_root(&reader);
    const bool checked = json_need_bool(&trial, root, "checked");
    if (cli_flag(call, "json")) {
        fprintf(call->out, "%s\n", response.body);
    } else {
        say_line(call, checked ? TEXT_FAMILY_NARROWED : TEXT_FAMILY_UNCHECKED,
                 TEXT_ARGS(talk_text(root, "until")));
    }
    talk_close(&response, &reader);
    return CLI_OK;
}

enum cli_status consent_narrow_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct scopes scopes;
    const char *given = cli_text(call, "scopes", NULL);
    if (given == NULL) {
        return talk_missing(call, "--scopes");
    }
    if (!family_form_scopes(call, given, &scopes)) {
        return CLI_USAGE;
    }
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    if (!put_card(call, &writer)) {
        json_deinit(&writer);
        return CLI_FAILED;
    }
    family_form_write_scopes(&writer, scopes);
    talk_option(call, &writer, "until", NULL);
    json_close_object(&writer);
    return narrow(call, &writer);
}

enum cli_status consent_withdraw_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    const char *family = cli_text(call, "family", NULL);
    int64_t number;
    if (family != NULL && cli_text(call, "paper", NULL) == NULL) {
        return talk_missing(call, "--paper");
    }
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    if (family == NULL ? !put_card(call, &writer) : !talk_whole(call, "family", family, &number)) {
        json_deinit(&writer);
        return CLI_FAILED;
    }
    if (family != NULL) {
        json_field_int(&writer, "family", number);
        talk_option(call, &writer, "paper", "note");
    }
    json_close_object(&writer);
    return talk_say(call, "/api/v1/consents/withdraw", &writer, TEXT_FAMILY_WITHDRAWN, nothing);
}

enum cli_status consent_show_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct client_response response;
    struct json_reader reader;
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    if (!put_card(call, &writer)) {
        json_deinit(&writer);
        return CLI_FAILED;
    }
    json_close_object(&writer);
    if (talk_send(call, "/api/v1/consents/show", &writer, &response) < 0) {
        return CLI_FAILED;
    }
    talk_open(&response, &reader);
    const struct json_value *root = json_root(&reader);
    if (cli_flag(call, "json")) {
        fprintf(call->out, "%s\n", response.body);
    } else {
        talk_consent(call, root);
    }
    talk_close(&response, &reader);
    return CLI_OK;
}

/* -- what is printed -- */

static enum cli_status print_page(const struct cli_call *call, const char *path,
                                  struct json_writer *writer, const char *stem) {
    struct client_response response;
    struct json_reader reader;
    struct page_file file;
    if (page_file_open(call, cli_text(call, "out", NULL), stem, &file) < 0) {
        json_deinit(writer);
        return CLI_FAILED;
    }
    int r = talk_send(call, path, writer, &response);
    if (r == 0) {
        talk_open(&response, &reader);
        r = page_file_keep(call, &file, talk_text(json_root(&reader), "page"));
        talk_close(&response, &reader);
    }
    if (r == 0) {
        say_line(call, TEXT_FAMILY_FILE_WRITTEN, TEXT_ARGS(file.path));
    }
    page_file_drop(&file);
    return r < 0 ? CLI_FAILED : CLI_OK;
}

enum cli_status consent_script_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct scopes scopes;
    /* Whom a family may choose to be reached by is asked with a proposal, or not at all. */
    const char *all = cli_text(call, "fallback-first", NULL) == NULL
                          ? "presence,lost-support,concern,conference,welcome"
                          : "presence,lost-support,concern,fallback,conference,welcome";
    if (!family_form_scopes(call, cli_text(call, "scopes", all), &scopes)) {
        return CLI_USAGE;
    }
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    json_field_text(&writer, "language", cli_text(call, "language", "nld"));
    family_form_write_scopes(&writer, scopes);
    talk_option(call, &writer, "fallback-first", "fallback_first");
    talk_option(call, &writer, "fallback-second", "fallback_second");
    talk_option(call, &writer, "until", NULL);
    talk_option(call, &writer, "telephone", NULL);
    json_close_object(&writer);
    return print_page(call, "/api/v1/consents/script", &writer, "vangnet-script");
}

enum cli_status pack_print_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    int64_t count;
    struct organisations known;
    if (!talk_whole(call, "N", argument(call), &count)) {
        return CLI_USAGE;
    }
    /* Who can't make them valid with a family has no use for them. */
    if (organisations_open(call, "consent-give", &known) < 0) {
        return CLI_FAILED;
    }
    organisations_close(&known);
    struct json_writer writer = json_over(TALK_JSON_BYTES_MAX);
    json_open_object(&writer);
    json_field_int(&writer, "count", count);
    json_field_text(&writer, "language", cli_text(call, "language", "nld"));
    talk_option(call, &writer, "telephone", NULL);
    json_close_object(&writer);
    const enum cli_status status = print_page(call, "/api/v1/cards/pack", &writer, "vangnet-cards");
    if (status == CLI_OK) {
        say_line(call, TEXT_FAMILY_PACK_PRINT, NULL);
    }
    return status;
}
