#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/shell/commands.h"
#include "node/shell/import_report.h"
#include "node/shell/import_session.h"
#include "node/shell/presets.h"
#include "shared/base/civil.h"
#include "shared/crypto/random.h"
#include "shared/io/clock.h"
#include "shared/io/json.h"

enum { BAR_WIDTH = 40, JSON_BYTES_MAX = 64 << 10 };

struct bar {
    FILE *err; /* NULL: nobody looks */
    int drawn;
};

static void draw(void *ctx, uint64_t done_bytes, uint64_t all_bytes) {
    struct bar *bar = ctx;
    const int part = all_bytes == 0 ? 100 : (int)(done_bytes * 100 / all_bytes);
    if (bar->err == NULL || part == bar->drawn) {
        return;
    }
    bar->drawn = part;
    char line[BAR_WIDTH + 1];
    const int filled = part * BAR_WIDTH / 100;
    for (int i = 0; i < BAR_WIDTH; i++) {
        line[i] = i < filled ? '#' : '.';
    }
    line[BAR_WIDTH] = '\0';
    fprintf(bar->err, "\r[%s] %3d %%%s", line, part, part >= 100 ? "\n" : "");
    (void)fflush(bar->err);
}

static enum row_tongue tongue_of(enum lang lang) {
    return lang == LANG_EN ? ROW_TONGUE_EN : (lang == LANG_FR ? ROW_TONGUE_FR : ROW_TONGUE_NL);
}

static int fail(const struct cli_call *call, int error, const char *detail) {
    cli_say(call, text_of_error(error), NULL);
    if (detail != NULL) {
        fprintf(call->err, "%s\n", detail);
    }
    return error;
}

static int fill_options(const struct cli_call *call, struct importer_options *options,
                        struct preset **ret_preset) {
    struct config_error error = {0};
    const char *word = cli_text(call, "start-event", "asked");
    options->path = call->arguments[0];
    options->figures = cli_flag(call, "figures");
    options->force = cli_flag(call, "force");
    options->tongue = tongue_of(call->lang);
    options->start_event = start_event_parse(word);
    if (options->start_event == START_EVENT_NONE) {
        const struct text_pair pair = {.what = TEXT_NODE_OPTION, .next = TEXT_NODE_OPTION_NEXT};
        cli_say(call, pair, TEXT_ARGS("start-event", word, "import"));
        return ERR_CONFIG;
    }
    if (options->figures) {
        return 0;
    }
    const char *name = cli_text(call, "preset", "generic");
    struct place place = {.dir = "."};
    const bool is_anywhere = cli_flag(call, "dry-run") && cli_text(call, "dir", NULL) == NULL;
    int r = is_anywhere ? 0 : node_place(call, &place);
    if (r < 0) {
        return r;
    }
    r = presets_load(place.dir, name, ret_preset, &error);
    options->preset = *ret_preset;
    if (r == ERR_NOT_FOUND) {
        char names[PRESETS_NAMES_SIZE];
        const struct text_pair pair = {.what = TEXT_NODE_PRESET_NONE,
                                       .next = TEXT_NODE_PRESET_NONE_NEXT};
        presets_names(place.dir, names);
        cli_say(call, pair, TEXT_ARGS(name, names));
        return r;
    }
    return r < 0 ? fail(call, r, error.text) : 0;
}

static int import_dry(const struct cli_call *call, struct importer_options *options,
                      struct importer_report *report) {
    const struct clock clock = clock_system();
    options->today = brussels_day(clock_now_ms(&clock));
    random_fill(&options->workers, sizeof(options->workers));
    int r = importer_run(options, report);
    return r < 0 ? fail(call, r, options->path) : 0;
}

static void complain(const struct import_session *session, const struct cli_call *call, int error,
                     const char *path) {
    if (session->has_refused) {
        control_complain(session->control, 0, &session->refused);
    } else if (error == ERR_UNSUPPORTED) {
        const struct text_pair pair = {.what = TEXT_NODE_OTHER_VERSION,
                                       .next = TEXT_NODE_OTHER_VERSION_NEXT};
        cli_say(call, pair, NULL);
    } else {
        (void)fail(call, error, path);
    }
}

static int import_live(const struct cli_call *call, struct importer_options *options,
                       struct importer_report *report, char **ret_result) {
    struct asking asking;
    struct import_session session;
    int r = asking_open(call, &asking);
    if (r < 0) {
        return r;
    }
    r = import_session_init(&asking.control, &session);
    if (r < 0 && !session.has_refused && r != ERR_UNSUPPORTED) {
        control_complain(&asking.control, r, NULL);
    } else if (r < 0) {
        complain(&session, call, r, options->path);
    } else {
        options->today = session.today;
        options->workers = session.workers;
        options->standing_cases = session.standing_cases;
        options->port = &session.port;
        r = importer_run(options, report);
        if (r < 0) {
            complain(&session, call, r, options->path);
        }
    }
    *ret_result = session.result;
    session.result = NULL;
    import_session_deinit(&session);
    asking_close(&asking);
    return r;
}

static enum cli_status import_file(const struct cli_call *call) {
    struct importer_options options = {0};
    struct preset *preset = NULL;
    char *result = NULL;
    struct bar bar = {.err = isatty(STDERR_FILENO) ? call->err : NULL, .drawn = -1};
    struct importer_report *report = calloc(1, sizeof(*report));
    if (report == NULL) {
        (void)fail(call, ERR_NO_MEMORY, NULL);
        return CLI_FAILED;
    }
    int r = fill_options(call, &options, &preset);
    options.progress = draw;
    options.progress_ctx = &bar;
    if (r == 0) {
        r = cli_flag(call, "dry-run") ? import_dry(call, &options, report)
                                      : import_live(call, &options, report, &result);
    }
    bool good = false;
    if (r == 0) {
        good = import_report(call, &options, report, result);
    }
    preset_free(preset);
    free(result);
    free(report);
    return good ? CLI_OK : CLI_FAILED;
}

static enum cli_status watch(const struct cli_call *call) {
    struct asking asking;
    struct client_response response;
    const char *dir = cli_text(call, "watch", "");
    char *whole = dir[0] == '\0' ? strdup("") : realpath(dir, NULL);
    if (whole == NULL) {
        (void)fail(call, ERR_NOT_FOUND, dir);
        return CLI_FAILED;
    }
    struct json_writer writer = json_over(JSON_BYTES_MAX);
    json_open_object(&writer);
    json_field_text(&writer, "dir", whole);
    json_field_text(&writer, "preset", cli_text(call, "preset", "generic"));
    json_close_object(&writer);
    char *text = NULL;
    size_t length;
    int r = json_take(&writer, &text, &length);
    if (r == 0 && (r = asking_open(call, &asking)) == 0) {
        r = asking_send(&asking, "/api/v1/import/watch", text, &response);
        asking_close(&asking);
    }
    if (r == 0) {
        client_response_deinit(&response);
        say_line(call, whole[0] == '\0' ? TEXT_NODE_WATCH_NONE : TEXT_NODE_WATCHING,
                 TEXT_ARGS(whole));
    }
    free(text);
    free(whole);
    return r == 0 ? CLI_OK : CLI_FAILED;
}

enum cli_status import_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    if (cli_text(call, "watch", NULL) != NULL) {
        return watch(call);
    }
    if (call->argument_count == 0) {
        const struct text_pair pair = {.what = TEXT_NODE_IMPORT_WHAT,
                                       .next = TEXT_NODE_IMPORT_WHAT_NEXT};
        cli_say(call, pair, NULL);
        return CLI_USAGE;
    }
    struct stat about;
    if (stat(call->arguments[0], &about) == 0 && S_ISDIR(about.st_mode)) {
        const struct text_pair pair = {.what = TEXT_NODE_IMPORT_DIRECTORY,
                                       .next = TEXT_NODE_IMPORT_DIRECTORY_NEXT};
        cli_say(call, pair, TEXT_ARGS(call->arguments[0]));
        return CLI_FAILED;
    }
    return import_file(call);
}
