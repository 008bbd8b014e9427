#include <stdlib.h>
#include <string.h>

#include "node/shell/applicant.h"
#include "node/shell/family_talk.h"
#include "shared/base/civil.h"
#include "shared/base/ids.h"

enum { JSON_BYTES_MAX = 64 << 10 };

static enum cli_status refuse(const struct cli_call *call, const char *option, const char *value) {
    const struct text_pair pair = {.what = TEXT_NODE_OPTION, .next = TEXT_NODE_OPTION_NEXT};
    cli_say(call, pair, TEXT_ARGS(option, value, call->command->name));
    return CLI_USAGE;
}

/* -- publish -- */

enum cli_status publish_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct client_response response;
    struct json_reader reader;
    struct asking asking;
    int r = asking_open(call, &asking);
    if (r < 0) {
        return CLI_FAILED;
    }
    r = asking_send(&asking, "/api/v1/publish", "", &response);
    asking_close(&asking);
    if (r < 0) {
        return CLI_FAILED;
    }
    if (cli_flag(call, "json")) {
        fprintf(call->out, "%s\n", response.body);
        client_response_deinit(&response);
        return CLI_OK;
    }
    talk_open(&response, &reader);
    const struct json_value *root = json_root(&reader);
    const char *freeze = json_need_text(&reader, root, "freeze");
    const bool again = json_find(root, "published") == NULL;
    say_line(call, again ? TEXT_NODE_PUBLISHED_BEFORE : TEXT_NODE_PUBLISHED, TEXT_ARGS(freeze));
    talk_close(&response, &reader);
    return CLI_OK;
}

/* -- status-set -- */

static bool put_date(const struct cli_call *call, struct json_writer *writer, const char *name) {
    const char *text = cli_text(call, name, NULL);
    int32_t day;
    if (text == NULL) {
        return true;
    }
    if (date_parse(text, &day) < 0) {
        (void)refuse(call, name, text);
        return false;
    }
    json_field_text(writer, name, text);
    return true;
}

/* "7,5" is what people write here. */
static bool put_number(const struct cli_call *call, struct json_writer *writer, const char *name) {
    const char *text = cli_text(call, name, NULL);
    char point[32] = "";
    char *end;
    if (text == NULL) {
        return true;
    }
    (void)snprintf(point, sizeof(point), "%s", text);
    for (char *comma = strchr(point, ','); comma != NULL; comma = NULL) {
        *comma = '.';
    }
    const double value = strtod(point, &end);
    if (end == point || *end != '\0' || !(value >= 0.0 && value <= 100000.0)) {
        (void)refuse(call, name, text);
        return false;
    }
    json_field_real(writer, name, value);
    return true;
}

enum cli_status status_set_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct service_id service;
    struct client_response response;
    struct json_writer writer = json_over(JSON_BYTES_MAX);
    if (service_id_parse(call->arguments[0], &service) < 0) {
        return refuse(call, "SERVICE", call->arguments[0]);
    }
    char nearest[160];
    if (!applicant_knows_service(&service, nearest)) {
        const struct text_pair pair = {.what = TEXT_NODE_SERVICE_NONE,
                                       .next = nearest[0] == '\0' ? TEXT_NODE_SERVICE_NONE_NEXT
                                                                  : TEXT_NODE_NEAREST};
        cli_say(call, pair, TEXT_ARGS("SERVICE", service.text, nearest));
        json_deinit(&writer);
        return CLI_USAGE;
    }
    if (service_status_parse(call->arguments[1]) == SERVICE_STATUS_NONE) {
        return refuse(call, "open|limited|closed", call->arguments[1]);
    }
    json_open_object(&writer);
    json_put_key(&writer, "services");
    json_open_array(&writer);
    json_open_object(&writer);
    json_field_text(&writer, "service", service.text);
    json_field_text(&writer, "status", call->arguments[1]);
    const bool good = put_date(call, &writer, "first") && put_date(call, &writer, "third") &&
                      put_date(call, &writer, "reopens") && put_number(call, &writer, "intakes") &&
                      put_number(call, &writer, "fte");
    json_close_object(&writer);
    json_close_array(&writer);
    json_close_object(&writer);
    if (!good) {
        json_deinit(&writer);
        return CLI_USAGE;
    }
    if (talk_send(call, "/api/v1/status", &writer, &response) < 0) {
        return CLI_FAILED;
    }
    client_response_deinit(&response);
    const enum text_id word = text_of_service_status(service_status_parse(call->arguments[1]));
    say_line(call, TEXT_NODE_STATUS_SET, TEXT_ARGS(service.text, text_get(call->lang, word)));
    return CLI_OK;
}

/* -- people -- */

enum cli_status user_add_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct client_response response;
    struct json_writer writer = json_over(JSON_BYTES_MAX);
    const char *const optional[] = {"team", "deputy"};
    json_open_object(&writer);
    json_field_text(&writer, "user", call->arguments[0]);
    json_field_text(&writer, "role", cli_text(call, "role", "reader"));
    for (size_t i = 0; i < 2; i++) {
        const char *value = cli_text(call, optional[i], NULL);
        if (value != NULL) {
            json_field_text(&writer, optional[i], value);
        }
    }
    json_close_object(&writer);
    if (talk_send(call, "/api/v1/users", &writer, &response) < 0) {
        return CLI_FAILED;
    }
    client_response_deinit(&response);
    say_line(call, TEXT_NODE_USER_ADDED,
             TEXT_ARGS(call->arguments[0], cli_text(call, "role", "reader")));
    return CLI_OK;
}

enum cli_status token_create_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct client_response response;
    struct json_reader reader;
    struct json_writer writer = json_over(JSON_BYTES_MAX);
    json_open_object(&writer);
    json_field_text(&writer, "user", call->arguments[0]);
    json_field_text(&writer, "label", cli_text(call, "label", ""));
    json_field_int(&writer, "days", cli_int(call, "days", 365));
    json_close_object(&writer);
    if (talk_send(call, "/api/v1/tokens", &writer, &response) < 0) {
        return CLI_FAILED;
    }
    talk_open(&response, &reader);
    fprintf(call->out, "%s\n", json_need_text(&reader, json_root(&reader), "token"));
    cli_say(call,
            (struct text_pair){.what = TEXT_NODE_TOKEN_ONCE, .next = TEXT_NODE_TOKEN_ONCE_NEXT},
            NULL);
    talk_close(&response, &reader);
    return CLI_OK;
}
