#include <inttypes.h>
#include <string.h>

#include "node/shell/commands.h"
#include "node/shell/preview_words.h"
#include "shared/io/json.h"

enum { ANSWER_BYTES_MAX = 16 << 20, CELL_SIZE = 160 };

/* Asks, and prints the JSON as it came where --json is given. 1: it's printed already. */
static int fetch(const struct cli_call *call, const char *path, bool may_be_json,
                 struct client_response *ret) {
    struct asking asking;
    int r = asking_open(call, &asking);
    if (r < 0) {
        return r;
    }
    r = asking_send(&asking, path, NULL, ret);
    asking_close(&asking);
    if (r < 0 || !may_be_json || !cli_flag(call, "json")) {
        return r;
    }
    fprintf(call->out, "%s\n", ret->body);
    return 1;
}

static void open_answer(const struct client_response *response, struct json_reader *ret) {
    json_open((struct bytes){.data = (const uint8_t *)response->body, .length = response->length},
              ANSWER_BYTES_MAX, ret);
}

/* -- status -- */

static void print_finding(const struct cli_call *call, struct json_reader *reader,
                          const struct json_value *finding) {
    const bool attention = json_need_bool(reader, finding, "attention");
    fprintf(call->out, "%s %s\n", attention ? "!!" : "ok", json_need_text(reader, finding, "text"));
    if (json_find(finding, "next") != NULL) {
        fprintf(call->out, "   -> %s\n", json_need_text(reader, finding, "next"));
    }
}

static int print_status(const struct cli_call *call, struct json_reader *reader, bool quiet) {
    const struct json_value *root = json_root(reader);
    const struct json_value *list = json_need_array(reader, root, "findings");
    for (size_t i = 0; !quiet && i < json_count(list); i++) {
        print_finding(call, reader, json_at(list, i));
    }
    const bool fine = json_need_bool(reader, root, "fine");
    return reader->error < 0 ? reader->error : (fine ? 0 : 1);
}

enum cli_status status_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct client_response response;
    struct json_reader reader;
    const int got = fetch(call, "/api/v1/status", true, &response);
    if (got < 0) {
        return CLI_FAILED;
    }
    open_answer(&response, &reader);
    const int r = print_status(call, &reader, got == 1);
    json_close(&reader);
    client_response_deinit(&response);
    return r == 0 ? CLI_OK : CLI_FAILED;
}

/* -- words -- */

enum cli_status words_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct client_response response;
    struct json_reader reader;
    if (fetch(call, "/api/v1/words", false, &response) < 0) {
        return CLI_FAILED;
    }
    open_answer(&response, &reader);
    const char *words = json_need_text(&reader, json_root(&reader), "words");
    say_line(call, TEXT_NODE_WORDS, TEXT_ARGS(words));
    json_close(&reader);
    client_response_deinit(&response);
    return CLI_OK;
}

/* -- preview -- */

struct cell_text {
    char text[CELL_SIZE];
};

static void append(struct cell_text *cell, const char *text) {
    const size_t length = strlen(cell->text);
    (void)snprintf(cell->text + length, sizeof(cell->text) - length, "%s", text);
}

static struct cell_text bins_text(struct json_reader *reader, const struct json_value *list) {
    struct cell_text cell = {0};
    char number[24];
    for (size_t i = 0; i < json_count(list); i++) {
        (void)snprintf(number, sizeof(number), "%s%" PRId64, i == 0 ? "" : " ",
                       json_need_int(reader, json_at(list, i), ""));
        append(&cell, number);
    }
    return cell;
}

static struct cell_text count_text(struct json_reader *reader, const struct json_value *line,
                                   const char *key) {
    struct cell_text cell = {0};
    const struct json_value *value = json_find(line, key);
    if (value == NULL) {
        append(&cell, "-");
        return cell;
    }
    if (json_count(value) > 0) {
        return bins_text(reader, value);
    }
    /* A band is text, a count a number. */
    struct json_reader trial = {0};
    const char *band = json_need_text(&trial, value, "");
    if (trial.error == 0) {
        append(&cell, band);
    } else {
        (void)snprintf(cell.text, sizeof(cell.text), "%" PRId64, json_need_int(reader, value, ""));
    }
    return cell;
}

/* The first `width` characters, filled up with spaces: never a part of a character. */
static void print_left(FILE *out, const char *text, int width) {
    for (; *text != '\0' && (width > 0 || ((unsigned char)*text & 0xc0) == 0x80); text++) {
        width -= ((unsigned char)*text & 0xc0) == 0x80 ? 0 : 1;
        (void)fputc(*text, out);
    }
    fprintf(out, "%*s ", width > 0 ? width : 0, "");
}

static void print_line(const struct cli_call *call, struct json_reader *reader,
                       const struct json_value *line) {
    const bool bins = json_find(line, "true_bins") != NULL;
    const struct cell_text truth = count_text(reader, line, bins ? "true_bins" : "true");
    const struct cell_text published =
        count_text(reader, line, bins ? "published_bins" : "published");
    const char *category = preview_category(call->lang, json_need_text(reader, line, "dimension"),
                                            json_need_text(reader, line, "category"));
    const char *measure = preview_measure(call->lang, json_need_text(reader, line, "measure"));
    const char *reason =
        json_find(line, "reason") == NULL
            ? ""
            : preview_reason(call->lang,
                             close_reason_parse(json_need_text(reader, line, "reason")));
    const char *withheld =
        json_find(line, "withheld") == NULL ? "" : json_need_text(reader, line, "withheld");
    print_left(call->out, category, 22);
    print_left(call->out, measure, 22);
    print_left(call->out, reason, 14);
    fprintf(call->out, "%20.20s %20.20s  %s\n", truth.text, published.text, withheld);
}

static void print_preview(const struct cli_call *call, struct json_reader *reader) {
    const struct json_value *root = json_root(reader);
    const struct json_value *list = json_need_array(reader, root, "lines");
    const bool decided = json_need_bool(reader, root, "decided");
    const bool released = json_need_bool(reader, root, "released");
    say_line(call,
             decided    ? TEXT_NODE_PREVIEW_DECIDED
             : released ? TEXT_NODE_PREVIEW_OPEN
                        : TEXT_NODE_PREVIEW_HELD,
             TEXT_ARGS(json_need_text(reader, root, "freeze"),
                       json_need_text(reader, root, "due_in_brussels")));
    fprintf(call->out, "\n%-22s %-22s %-14s %20s %20s  %s\n",
            text_get(call->lang, TEXT_NODE_PREVIEW_GROUP),
            text_get(call->lang, TEXT_NODE_PREVIEW_MEASURE), "",
            text_get(call->lang, TEXT_NODE_PREVIEW_TRUE),
            text_get(call->lang, TEXT_NODE_PREVIEW_LEAVES),
            text_get(call->lang, TEXT_NODE_PREVIEW_WHY));
    for (size_t i = 0; i < json_count(list); i++) {
        print_line(call, reader, json_at(list, i));
    }
}

enum cli_status preview_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct client_response response;
    struct json_reader reader;
    const int got = fetch(call, "/api/v1/preview", true, &response);
    if (got < 0) {
        return CLI_FAILED;
    }
    if (got == 0) {
        open_answer(&response, &reader);
        print_preview(call, &reader);
        json_close(&reader);
    }
    client_response_deinit(&response);
    return CLI_OK;
}
