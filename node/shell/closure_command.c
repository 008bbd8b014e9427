#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/shell/commands.h"
#include "shared/base/civil.h"
#include "shared/base/ids.h"
#include "shared/io/json.h"

/* `closure add`, `closure list` and `closure remove`: the daemon takes the whole list, so what is
 * there is asked first. */

enum { CLOSURES_BYTES_MAX = 256 << 10 };

#define PATH "/api/v1/closures"

struct asked {
    struct asking asking;
    struct client_response response;
    struct json_reader reader;
    const struct json_value *list;
};

static void close_asked(struct asked *asked) {
    json_close(&asked->reader);
    client_response_deinit(&asked->response);
    asking_close(&asked->asking);
}

static int open_asked(const struct cli_call *call, struct asked *ret) {
    int r = asking_open(call, &ret->asking);
    if (r < 0) {
        return r;
    }
    r = asking_send(&ret->asking, PATH, NULL, &ret->response);
    if (r < 0) {
        asking_close(&ret->asking);
        return r;
    }
    const struct bytes body = {.data = (const uint8_t *)ret->response.body,
                               .length = ret->response.length};
    json_open(body, CLOSURES_BYTES_MAX, &ret->reader);
    ret->list = json_need_array(&ret->reader, json_root(&ret->reader), "closures");
    return 0;
}

static enum cli_status refuse(const struct cli_call *call, const char *name, const char *value) {
    const struct text_pair pair = {.what = TEXT_NODE_OPTION, .next = TEXT_NODE_OPTION_NEXT};
    cli_say(call, pair, TEXT_ARGS(name, value, call->command->name));
    return CLI_USAGE;
}

struct line {
    const char *from;
    const char *until;
    const char *deputy; /* NULL: none */
};

static struct line line_at(struct asked *asked, size_t place) {
    const struct json_value *one = json_at(asked->list, place);
    return (struct line){
        .from = json_need_text(&asked->reader, one, "from"),
        .until = json_need_text(&asked->reader, one, "until"),
        .deputy =
            json_find(one, "deputy") == NULL ? NULL : json_need_text(&asked->reader, one, "deputy"),
    };
}

static void put_line(struct json_writer *writer, const struct line *line) {
    json_open_object(writer);
    json_field_text(writer, "from", line->from);
    json_field_text(writer, "until", line->until);
    if (line->deputy != NULL) {
        json_field_text(writer, "deputy", line->deputy);
    }
    json_close_object(writer);
}

/* What there is, without the one from `without` and with `added` (either may be NULL). Gives how
 * many were left out, or an error that was said. */
static int send_changed(const struct cli_call *call, struct asked *asked, const char *without,
                        const struct line *added) {
    struct client_response response;
    struct json_writer writer = json_over(CLOSURES_BYTES_MAX);
    char *text;
    size_t length;
    int left_out = 0;
    json_open_object(&writer);
    json_put_key(&writer, "closures");
    json_open_array(&writer);
    for (size_t i = 0; i < json_count(asked->list); i++) {
        const struct line line = line_at(asked, i);
        if (without != NULL && strcmp(line.from, without) == 0) {
            left_out++;
        } else {
            put_line(&writer, &line);
        }
    }
    if (added != NULL) {
        put_line(&writer, added);
    }
    json_close_array(&writer);
    json_close_object(&writer);
    int r = json_take(&writer, &text, &length);
    if (r < 0) {
        json_deinit(&writer);
        cli_say(call, text_of_error(r), NULL);
        return r;
    }
    const bool changes = added != NULL || left_out > 0;
    r = changes ? asking_send(&asked->asking, PATH, text, &response) : 0;
    free(text);
    if (changes && r == 0) {
        client_response_deinit(&response);
    }
    return r < 0 ? r : left_out;
}

enum cli_status closure_add_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct asked asked;
    struct org_id deputy;
    int32_t from_day;
    int32_t until_day;
    const struct line line = {
        .from = call->arguments[0],
        .until = call->argument_count > 1 ? call->arguments[1] : call->arguments[0],
        .deputy = cli_text(call, "deputy", NULL),
    };
    if (date_parse(line.from, &from_day) < 0) {
        return refuse(call, "FROM", line.from);
    }
    if (date_parse(line.until, &until_day) < 0 || until_day < from_day) {
        return refuse(call, "UNTIL", line.until);
    }
    if (until_day < brussels_day((int64_t)time(NULL) * 1000)) {
        const struct text_pair pair = {.what = TEXT_NODE_CLOSURE_PAST,
                                       .next = TEXT_NODE_CLOSURE_PAST_NEXT};
        cli_say(call, pair, NULL);
        return CLI_USAGE;
    }
    if (line.deputy != NULL && org_id_parse(line.deputy, &deputy) < 0) {
        return refuse(call, "deputy", line.deputy);
    }
    if (open_asked(call, &asked) < 0) {
        return CLI_FAILED;
    }
    const int r = send_changed(call, &asked, NULL, &line);
    close_asked(&asked);
    if (r < 0) {
        return CLI_FAILED;
    }
    say_line(call, line.deputy == NULL ? TEXT_NODE_CLOSURE_ADDED : TEXT_NODE_CLOSURE_ADDED_DEPUTY,
             TEXT_ARGS(line.from, line.until, line.deputy == NULL ? "" : line.deputy));
    return CLI_OK;
}

enum cli_status closure_remove_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct asked asked;
    int32_t day;
    const char *from = call->arguments[0];
    if (date_parse(from, &day) < 0) {
        return refuse(call, "FROM", from);
    }
    if (open_asked(call, &asked) < 0) {
        return CLI_FAILED;
    }
    const int r = send_changed(call, &asked, from, NULL);
    close_asked(&asked);
    if (r > 0) {
        say_line(call, TEXT_NODE_CLOSURE_REMOVED, TEXT_ARGS(from));
        return CLI_OK;
    }
    if (r == 0) {
        const struct text_pair pair = {.what = TEXT_NODE_CLOSURE_NONE_FROM,
                                       .next = TEXT_NODE_CLOSURE_NONE_FROM_NEXT};
        cli_say(call, pair, TEXT_ARGS(from));
    }
    return CLI_FAILED;
}

static void print_lines(const struct cli_call *call, struct asked *asked) {
    const size_t count = json_count(asked->list);
    if (count == 0) {
        say_line(call, TEXT_NODE_CLOSURE_NONE, NULL);
    }
    for (size_t i = 0; i < count; i++) {
        const struct line line = line_at(asked, i);
        say_line(call, line.deputy == NULL ? TEXT_NODE_CLOSURE_LINE : TEXT_NODE_CLOSURE_LINE_DEPUTY,
                 TEXT_ARGS(line.from, line.until, line.deputy == NULL ? "" : line.deputy));
    }
    if (json_need_bool(&asked->reader, json_root(&asked->reader), "under_way")) {
        say_line(call, TEXT_NODE_CLOSURE_UNDER_WAY, NULL);
    }
}

enum cli_status closure_list_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct asked asked;
    if (open_asked(call, &asked) < 0) {
        return CLI_FAILED;
    }
    if (cli_flag(call, "json")) {
        fprintf(call->out, "%s\n", asked.response.body);
    } else {
        print_lines(call, &asked);
    }
    close_asked(&asked);
    return CLI_OK;
}
