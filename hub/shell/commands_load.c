#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hub/shell/commands.h"
#include "hub/shell/load_cells.h"
#include "hub/shell/load_query.h"
#include "hub/shell/say.h"
#include "hub/shell/table.h"
#include "hub/shell/talk.h"

enum { WATCH_S = 5 };

/* -- cells -- */

static void add_count(struct json_reader *answer, const struct json_value *row, const char *name,
                      struct text_table *table) {
    const struct json_value *count = json_find(row, name);
    if (count == NULL) {
        table_cell(table, LOAD_UNKNOWN);
    } else if (json_find(count, "band") != NULL) {
        table_cell(table, json_need_text(answer, count, "band"));
    } else {
        table_cellf(table, "%lld", (long long)json_need_int(answer, count, "value"));
    }
}

static void add_per_fte(struct json_reader *answer, const struct json_value *row,
                        struct text_table *table) {
    if (json_find(row, "load_per_fte") == NULL) {
        table_cell(table, LOAD_UNKNOWN);
        return;
    }
    double low = json_need_real(answer, row, "load_per_fte.low");
    double high = json_need_real(answer, row, "load_per_fte.high");
    if (low == high) {
        table_cellf(table, "%.0f", low);
    } else {
        table_cellf(table, "%.0f-%.0f", low, high);
    }
}

static void add_trend(struct json_reader *answer, const struct json_value *row,
                      struct text_table *table) {
    const char *direction = json_need_text(answer, row, "trend.direction");
    table_cell(table, strcmp(direction, "rising") == 0    ? "↑"
                      : strcmp(direction, "falling") == 0 ? "↓"
                      : strcmp(direction, "steady") == 0  ? "→"
                                                          : LOAD_UNKNOWN);
}

static void add_age(const struct cli_call *call, struct json_reader *answer,
                    const struct json_value *row, struct text_table *table) {
    static const struct cli_text days = {{"{0} d", "{0} d", "{0} j"}};
    if (json_find(row, "figures") == NULL) {
        table_cell(table, LOAD_UNKNOWN);
        return;
    }
    const char *freshness = json_need_text(answer, row, "figures.freshness");
    const char *unit = strchr(cli_pick(&days, call->lang), ' ');
    const char *mark = strcmp(freshness, "fresh") == 0 ? "" : "!";
    table_cellf(table, "%lld%s%s", (long long)json_need_int(answer, row, "figures.age_days"), unit,
                mark);
}

static void add_status(const struct cli_call *call, struct json_reader *answer,
                       const struct json_value *row, struct text_table *table) {
    if (json_find(row, "status") == NULL) {
        table_cell(table, "");
        return;
    }
    enum service_status status = service_status_parse(json_need_text(answer, row, "status.status"));
    const char *text = text_get(call->lang, text_of_service_status(status));
    if (json_find(row, "status.first_free") != NULL) {
        table_cellf(table, "%s (%s)", text, json_need_text(answer, row, "status.first_free"));
    } else {
        table_cell(table, text);
    }
}

static void add_row(const struct cli_call *call, struct json_reader *answer,
                    const struct json_value *row, struct text_table *table) {
    const char *name = json_need_text(answer, row, "name");
    table_cell(table, name[0] != '\0' ? name : json_need_text(answer, row, "organisation"));
    table_cell(table, load_part_name(call, answer, row));
    add_count(answer, row, "open", table);
    add_count(answer, row, "queue", table);
    load_cell_weeks(call, answer, row, "median", table);
    load_cell_weeks(call, answer, row, "p80", table);
    add_per_fte(answer, row, table);
    add_trend(answer, row, table);
    add_age(call, answer, row, table);
    add_status(call, answer, row, table);
}

/* -- pages -- */

/* One page into the table; `ret_next` is "" after the last. */
static enum cli_status add_page(const struct cli_call *call, const char *path,
                                struct text_table *table, char ret_next[static LOAD_CURSOR_SIZE]) {
    struct json_reader answer;
    const struct talk_request request = {.method = "GET", .path = path};
    enum cli_status status = talk(call, &request, &answer);
    if (status != CLI_OK) {
        return status;
    }
    const struct json_value *root = json_root(&answer);
    const struct json_value *rows = json_need_array(&answer, root, "rows");
    if (table->cell_count == 0) {
        char at[20];
        const char *generated = json_need_text(&answer, root, "generated_at");
        snprintf(at, sizeof(at), "%.10s %.5s", generated,
                 strlen(generated) > 15 ? generated + 11 : "");
        fprintf(call->out, "%s, %s UTC\n\n", json_need_text(&answer, root, "region"), at);
    }
    for (size_t i = 0; i < json_count(rows); i++) {
        add_row(call, &answer, json_at(rows, i), table);
    }
    bool more = json_find(root, "next") != NULL;
    snprintf(ret_next, LOAD_CURSOR_SIZE, "%s", more ? json_need_text(&answer, root, "next") : "");
    if (answer.error < 0) {
        fprintf(call->err, "%s\n", answer.reason);
        status = CLI_FAILED;
    }
    json_close(&answer);
    return status;
}

static enum cli_status gather(const struct cli_call *call, struct text_table *table) {
    char next[LOAD_CURSOR_SIZE] = "";
    char path[LOAD_PATH_SIZE];
    do {
        if (!load_path(call, "/api/v1/load", next[0] == '\0' ? NULL : next, path)) {
            return CLI_USAGE;
        }
        enum cli_status status = add_page(call, path, table, next);
        if (status != CLI_OK) {
            return status;
        }
    } while (next[0] != '\0');
    return CLI_OK;
}

static void print_legend(const struct cli_call *call) {
    fputc('\n', call->out);
    say(call, call->out,
        SAY("Wachtend: open dossiers zonder eerste afspraak. Mediaan, P80: hoelang wie nu wacht "
            "al\n"
            "wacht, in weken. Per VTE: open dossiers per voltijdse medewerker. Leeftijd: hoe oud "
            "de\n"
            "cijfers zijn; !: ouder dan een periode. ?: achtergehouden, te oud of niet gezegd.\n"
            "Getallen dragen ruis om niemand te tonen, dus delen tellen niet op tot het geheel;\n"
            "1-9, 10-24, 25-49 staan voor een klasse, en per VTE rekent met alles wat die kan "
            "zijn.",
            "Waiting: open cases without a first appointment. Median, P80: how long those who "
            "wait\n"
            "now have waited, in weeks. Per FTE: open cases per full-time worker. Age: how old "
            "the\n"
            "figures are; !: older than one period. ?: withheld, too old, or not said.\n"
            "Numbers carry noise so that they show nobody, so parts don't add up to the whole;\n"
            "1-9, 10-24, 25-49 are bands, and per FTE reckons with all that a band can be.",
            "En attente : dossiers ouverts sans premier rendez-vous. Médiane, P80 : depuis "
            "combien\n"
            "de semaines attendent ceux qui attendent. Par ETP : dossiers ouverts par temps "
            "plein.\n"
            "Âge : celui des chiffres ; ! : plus d'une période. ? : retenu, trop vieux ou non "
            "dit.\n"
            "Les nombres portent du bruit pour ne montrer personne : les parties ne font pas le\n"
            "tout ; 1-9, 10-24, 25-49 sont des classes, et par ETP compte tout ce qu'elles "
            "peuvent."),
        NULL);
}

static enum cli_status print_load(const struct cli_call *call) {
    static const struct cli_text heads[] = {
        {{"organisatie", "organisation", "organisation"}},
        {{"", "", ""}},
        {{"open", "open", "ouverts"}},
        {{"wachtend", "waiting", "en attente"}},
        {{"mediaan", "median", "médiane"}},
        {{"P80", "P80", "P80"}},
        {{"per VTE", "per FTE", "par ETP"}},
        {{"trend", "trend", "tendance"}},
        {{"leeftijd", "age", "âge"}},
        {{"status", "status", "statut"}},
    };
    enum { COLUMNS = sizeof(heads) / sizeof(heads[0]), PART = 1, FIRST_RIGHT = 2, LAST = 9 };
    struct table_column columns[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i] = (struct table_column){.head = cli_pick(&heads[i], call->lang),
                                           .right = i >= FIRST_RIGHT && i < LAST};
    }
    columns[PART].head = load_part_head(call);
    struct text_table table = table_of(columns, COLUMNS);
    enum cli_status status = gather(call, &table);
    if (status == CLI_OK && table.cell_count == 0) {
        say(call, call->out,
            SAY("Nog geen cijfers. Een lid publiceert met: vangnet-node publish",
                "No figures yet. A member publishes with: vangnet-node publish",
                "Pas encore de chiffres. Un membre publie avec : vangnet-node publish"),
            NULL);
    } else if (status == CLI_OK) {
        int r = table_print(&table, call->out);
        status = r < 0 ? say_error(call, r) : CLI_OK;
        print_legend(call);
    }
    table_deinit(&table);
    return status;
}

static enum cli_status show(const struct cli_call *call) {
    return cli_flag(call, "region") ? totals_print(call) : print_load(call);
}

static enum cli_status watch(const struct cli_call *call) {
    const struct timespec pause = {.tv_sec = WATCH_S};
    enum cli_status status;
    do {
        fputs("\033[H\033[2J", call->out); /* ECMA-48: cursor home, erase the page */
        status = show(call);
        fflush(call->out);
    } while (status == CLI_OK && nanosleep(&pause, NULL) == 0);
    return status;
}

/* -- the command -- */

static enum load_view read_cut(const char *by) {
    static const struct {
        const char *word;
        enum load_view by;
    } others[] = {{"organisatie", LOAD_BY_ORGANISATION}, {"dienst", LOAD_BY_SERVICE},
                  {"gemeente", LOAD_BY_MUNICIPALITY},    {"taal", LOAD_BY_LANGUAGE},
                  {"commune", LOAD_BY_MUNICIPALITY},     {"langue", LOAD_BY_LANGUAGE}};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (strcmp(others[i].word, by) == 0) {
            return others[i].by;
        }
    }
    return load_view_parse(by);
}

/* The line as typed, but for the cut, which the API has only one word for. */
static bool settle_cut(const struct cli_call *typed, struct cli_call *ret) {
    *ret = *typed;
    for (size_t i = 0; i < ret->value_count; i++) {
        struct cli_value *value = &ret->values[i];
        if (strcmp(value->option->name, "by") != 0) {
            continue;
        }
        enum load_view by = read_cut(value->text);
        if (by == 0) {
            say(typed, typed->err,
                SAY("--by {0}: kies service (dienst), organisation (organisatie), municipality "
                    "(gemeente) of language (taal).",
                    "--by {0}: choose service, organisation, municipality or language.",
                    "--by {0} : choisissez service, organisation, municipality (commune) ou "
                    "language (langue)."),
                TEXT_ARGS(value->text));
            return false;
        }
        value->text = load_view_text(by);
    }
    return true;
}

enum cli_status command_load(void *ctx, const struct cli_call *typed) {
    char path[LOAD_PATH_SIZE];
    struct cli_call settled;
    const struct cli_call *call = &settled;
    if (!settle_cut(typed, &settled)) {
        return CLI_USAGE;
    }
    const char *base = cli_flag(call, "region") ? "/api/v1/load/region" : "/api/v1/load";
    (void)ctx;
    if (cli_flag(call, "json")) {
        return load_path(call, base, cli_text(call, "cursor", NULL), path) ? talk_print(call, path)
                                                                           : CLI_USAGE;
    }
    return cli_flag(call, "watch") ? watch(call) : show(call);
}
