#include "node/shell/import_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "node/shell/commands.h"
#include "node/shell/preview_words.h"
#include "shared/io/json.h"

enum { NUMBER_SIZE = 24, LINES_SIZE = 96, JSON_BYTES_MAX = 64 << 10, NAMES_SIZE = 700 };

struct number {
    char text[NUMBER_SIZE];
};

static struct number number_of(uint64_t value) {
    struct number number;
    (void)snprintf(number.text, sizeof(number.text), "%" PRIu64, value);
    return number;
}

static void tell_reasons(const struct cli_call *call, const struct importer_options *options,
                         const struct importer_report *report) {
    for (int i = 1; i < ROW_REASON_COUNT; i++) {
        const struct importer_reason *reason = &report->reasons[i];
        char lines[LINES_SIZE] = "";
        if (reason->rows == 0) {
            continue;
        }
        for (size_t n = 0; n < IMPORTER_LINES && n < reason->rows; n++) {
            const size_t at = strlen(lines);
            (void)snprintf(lines + at, sizeof(lines) - at, "%s%" PRIu32, n == 0 ? "" : ", ",
                           reason->lines[n]);
        }
        if (reason->rows > IMPORTER_LINES) {
            const size_t at = strlen(lines);
            (void)snprintf(lines + at, sizeof(lines) - at, ", ...");
        }
        const struct number rows = number_of(reason->rows);
        const char *why = row_reason_text((enum row_reason)i, options->tongue);
        if (reason->column[0] == '\0') {
            say_line(call, TEXT_NODE_IMPORT_REASON, TEXT_ARGS(rows.text, why, lines));
        } else {
            say_line(call, TEXT_NODE_IMPORT_REASON_COLUMN,
                     TEXT_ARGS(rows.text, why, lines, reason->column));
        }
    }
}

static void tell_columns(const struct cli_call *call, const struct importer_report *report) {
    char names[NAMES_SIZE] = "";
    for (size_t i = 0; i < report->identity_count; i++) {
        const size_t at = strlen(names);
        (void)snprintf(names + at, sizeof(names) - at, "%s%s", i == 0 ? "" : ", ",
                       report->identity[i]);
    }
    if (names[0] != '\0') {
        say_line(call, TEXT_NODE_IMPORT_IDENTITY, TEXT_ARGS(names));
    }
    if (report->ignored_count > 0) {
        const struct number count = number_of(report->ignored_count);
        say_line(call,
                 report->ignored_count == 1 ? TEXT_NODE_IMPORT_IGNORED_ONE
                                            : TEXT_NODE_IMPORT_IGNORED,
                 TEXT_ARGS(count.text));
    }
}

static struct number need(struct json_reader *reader, const char *path) {
    return number_of((uint64_t)json_need_int(reader, json_root(reader), path));
}

static void tell_changes(const struct cli_call *call, const char *result) {
    struct json_reader reader;
    json_open(bytes_from_text(result), JSON_BYTES_MAX, &reader);
    const struct json_value *closed = json_need_object(&reader, json_root(&reader), "closed");
    const struct number opened = need(&reader, "opened");
    const struct number contacted = need(&reader, "contacted");
    const struct number moved = need(&reader, "moved");
    const struct number reopened = need(&reader, "reopened");
    const struct number vanished = need(&reader, "vanished");
    say_line(call, TEXT_NODE_IMPORT_CHANGES,
             TEXT_ARGS(opened.text, contacted.text, moved.text, reopened.text, vanished.text));
    for (int reason = CLOSE_REASON_FINISHED; reason <= CLOSE_REASON_OTHER; reason++) {
        const char *word = close_reason_text((enum close_reason)reason);
        if (json_find(closed, word) != NULL) {
            const struct number count = number_of((uint64_t)json_need_int(&reader, closed, word));
            say_line(call, TEXT_NODE_IMPORT_CLOSED,
                     TEXT_ARGS(count.text, preview_reason(call->lang, (enum close_reason)reason)));
        }
    }
    if (json_find(json_root(&reader), "held") != NULL) {
        say_line(call, TEXT_NODE_HELD, NULL);
    }
    json_close(&reader);
}

static bool tell_shrunk(const struct cli_call *call, const struct importer_options *options,
                        const struct importer_report *report) {
    const struct text_pair pair = {.what = TEXT_NODE_IMPORT_SHRUNK,
                                   .next = TEXT_NODE_IMPORT_SHRUNK_NEXT};
    const struct number rows = number_of(report->rows);
    const struct number standing = number_of(options->standing_cases);
    tell_reasons(call, options, report);
    cli_say(call, pair, TEXT_ARGS(options->path, rows.text, standing.text));
    if (report->rejected_path[0] != '\0') {
        say_line(call, TEXT_NODE_IMPORT_REJECTED_FILE, TEXT_ARGS(report->rejected_path));
    }
    return false;
}

static bool tell_useless(const struct cli_call *call, const struct importer_options *options,
                         const struct importer_report *report) {
    const struct text_pair pair = report->refused
                                      ? (struct text_pair){.what = TEXT_NODE_IMPORT_REFUSED,
                                                           .next = TEXT_NODE_IMPORT_REFUSED_NEXT}
                                      : (struct text_pair){.what = TEXT_NODE_IMPORT_HOLLOW,
                                                           .next = TEXT_NODE_IMPORT_HOLLOW_NEXT};
    const struct number rejected = number_of(report->rejected);
    tell_reasons(call, options, report);
    if (report->headings[0] != '\0') {
        say_line(call, TEXT_NODE_IMPORT_HEADINGS, TEXT_ARGS(report->headings));
    }
    cli_say(call, pair, TEXT_ARGS(options->path, rejected.text));
    if (report->rejected_path[0] != '\0') {
        say_line(call, TEXT_NODE_IMPORT_REJECTED_FILE, TEXT_ARGS(report->rejected_path));
    }
    return false;
}

bool import_report(const struct cli_call *call, const struct importer_options *options,
                   const struct importer_report *report, const char *result) {
    if (report->unchanged) {
        say_line(call, TEXT_NODE_IMPORT_UNCHANGED, TEXT_ARGS(options->path));
        return true;
    }
    if (report->refused || report->hollow) {
        return tell_useless(call, options, report);
    }
    if (report->shrunk) {
        return tell_shrunk(call, options, report);
    }
    const struct number rows = number_of(report->rows);
    const struct number rejected = number_of(report->rejected);
    const struct number periods = number_of(report->periods);
    if (options->figures) {
        say_line(call, TEXT_NODE_IMPORT_FIGURES, TEXT_ARGS(rows.text, periods.text, rejected.text));
    } else {
        say_line(call, options->port == NULL ? TEXT_NODE_IMPORT_DRY : TEXT_NODE_IMPORT_DONE,
                 TEXT_ARGS(rows.text, rejected.text));
    }
    tell_reasons(call, options, report);
    tell_columns(call, report);
    if (result != NULL) {
        tell_changes(call, result);
    }
    if (report->rejected_path[0] != '\0') {
        say_line(call, TEXT_NODE_IMPORT_REJECTED_FILE, TEXT_ARGS(report->rejected_path));
    }
    return true;
}
