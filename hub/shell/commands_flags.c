#include <stdio.h>
#include <string.h>

#include "hub/shell/commands.h"
#include "hub/shell/flag_words.h"
#include "hub/shell/say.h"
#include "hub/shell/table.h"
#include "hub/shell/talk.h"

enum { PATH_SIZE = 128, NUMBER_SIZE = 24, ID_SHOWN = 8 };

#define FIRST_PAGE "/api/v1/flags?limit=40"
#define ALL_PAGE   "/api/v1/flags?limit=200"

static const char *number(char ret[static NUMBER_SIZE], int64_t value) {
    (void)snprintf(ret, NUMBER_SIZE, "%lld", (long long)value);
    return ret;
}

/* -- flags -- */

static const struct cli_text the_board = {{"coördinator", "coordinator", "coordinateur"}};

static void add_turn(const struct cli_call *call, struct json_reader *answer,
                     const struct json_value *row, struct text_table *table) {
    if (json_find(row, "turn") == NULL) {
        table_cell(table, cli_pick(&the_board, call->lang));
    } else if (json_find(row, "turn_name") != NULL) {
        table_cell(table, json_need_text(answer, row, "turn_name"));
    } else {
        table_cell(table, json_need_text(answer, row, "turn"));
    }
}

static void add_kind(const struct cli_call *call, struct json_reader *answer,
                     const struct json_value *row, struct text_table *table) {
    const char *kind = flag_word_kind(call->lang, json_need_text(answer, row, "kind"));
    if (json_find(row, "about") == NULL) {
        table_cell(table, kind);
    } else {
        table_cellf(table, "%s (%s)", kind, json_need_text(answer, row, "about"));
    }
}

/* What is due next: acknowledging, then contacting the family, then nothing but closing. */
static void add_due(struct json_reader *answer, const struct json_value *row,
                    struct text_table *table) {
    const char *state = json_need_text(answer, row, "state");
    const char *next = strcmp(state, "open") == 0           ? "acknowledge_by"
                       : strcmp(state, "acknowledged") == 0 ? "contact_by"
                                                            : NULL;
    const char *mark = json_need_bool(answer, row, "overdue") ? " !" : "";
    if (next == NULL || json_find(row, next) == NULL) {
        table_cell(table, "-");
    } else {
        table_cellf(table, "%s%s", json_need_text(answer, row, next), mark);
    }
}

static void add_notes(const struct cli_call *call, struct json_reader *answer,
                      const struct json_value *row, struct text_table *table) {
    static const struct cli_text escalated = {{"geëscaleerd", "escalated", "escaladé"}};
    static const struct cli_text reopened = {{"heropend", "reopened", "rouvert"}};
    const bool was_escalated = json_need_bool(answer, row, "escalated");
    const int64_t times = json_need_int(answer, row, "reopened");
    char again[64] = "";
    if (times > 0) {
        (void)snprintf(again, sizeof(again), "%s%s %lldx", was_escalated ? ", " : "",
                       cli_pick(&reopened, call->lang), (long long)times);
    }
    table_cellf(table, "%s%s", was_escalated ? cli_pick(&escalated, call->lang) : "", again);
}

static void add_flag(const struct cli_call *call, struct json_reader *answer,
                     const struct json_value *row, struct text_table *table) {
    table_cellf(table, "%.*s", ID_SHOWN, json_need_text(answer, row, "id"));
    add_kind(call, answer, row, table);
    table_cellf(table, "%lld", (long long)json_need_int(answer, row, "age_days"));
    table_cell(table, flag_word_state(call->lang, json_need_text(answer, row, "state")));
    add_turn(call, answer, row, table);
    add_due(answer, row, table);
    add_notes(call, answer, row, table);
}

struct shown {
    int64_t total;
    int64_t on_board;
    int64_t overdue;
    size_t rows;
    char next[PATH_SIZE]; /* "" after the last page */
};

static void add_rows(const struct cli_call *call, struct json_reader *answer,
                     struct text_table *table, struct shown *shown) {
    const struct json_value *root = json_root(answer);
    const struct json_value *rows = json_need_array(answer, root, "rows");
    for (size_t i = 0; i < json_count(rows); i++) {
        add_flag(call, answer, json_at(rows, i), table);
    }
    shown->rows += json_count(rows);
    shown->total = json_need_int(answer, root, "open.total");
    shown->on_board = json_need_int(answer, root, "open.on_board");
    shown->overdue = json_need_int(answer, root, "open.overdue");
    shown->next[0] = '\0';
    if (json_find(root, "next") != NULL) {
        (void)snprintf(shown->next, PATH_SIZE, ALL_PAGE "&cursor=%s",
                       json_need_text(answer, root, "next"));
    }
}

static enum cli_status add_pages(const struct cli_call *call, struct text_table *table,
                                 struct shown *shown) {
    const bool all = cli_flag(call, "all");
    (void)snprintf(shown->next, PATH_SIZE, "%s", all ? ALL_PAGE : FIRST_PAGE);
    do {
        struct json_reader answer;
        const struct talk_request request = {.method = "GET", .path = shown->next};
        enum cli_status status = talk(call, &request, &answer);
        if (status != CLI_OK) {
            return status;
        }
        add_rows(call, &answer, table, shown);
        int r = answer.error;
        json_close(&answer);
        if (r < 0) {
            return say_error(call, r);
        }
    } while (all && shown->next[0] != '\0');
    return CLI_OK;
}

static void say_shown(const struct cli_call *call, const struct shown *shown) {
    char texts[4][NUMBER_SIZE];
    fputc('\n', call->out);
    say(call, call->out,
        SAY("{0} open, waarvan {1} bij de coördinator en {2} over hun termijn (!).",
            "{0} open, of which {1} with the coordinator and {2} past their term (!).",
            "{0} ouverts, dont {1} chez le coordinateur et {2} hors délai (!)."),
        TEXT_ARGS(number(texts[0], shown->total), number(texts[1], shown->on_board),
                  number(texts[2], shown->overdue)));
    if (shown->next[0] != '\0') {
        say(call, call->out,
            SAY("De {0} oudste staan hier; alle: vangnet-hub flags --all.",
                "These are the {0} oldest; all of them: vangnet-hub flags --all.",
                "Voici les {0} plus anciens ; tous : vangnet-hub flags --all."),
            TEXT_ARGS(number(texts[3], (int64_t)shown->rows)));
    }
}

static enum cli_status print_flags(const struct cli_call *call, const struct text_table *table,
                                   const struct shown *shown) {
    if (shown->total == 0) {
        say(call, call->out,
            SAY("Er staat geen vlag open.", "No flag is open.", "Aucun signal n'est ouvert."),
            NULL);
        return CLI_OK;
    }
    int r = table_print(table, call->out);
    if (r < 0) {
        return say_error(call, r);
    }
    say_shown(call, shown);
    return CLI_OK;
}

enum cli_status command_flags(void *ctx, const struct cli_call *call) {
    static const struct cli_text heads[] = {
        {{"vlag", "flag", "signal"}},
        {{"wat", "what", "quoi"}},
        {{"dagen", "days", "jours"}},
        {{"stand", "state", "état"}},
        {{"aan zet", "turn", "à qui"}},
        {{"uiterlijk", "due", "pour le"}},
        {{"", "", ""}},
    };
    enum { COLUMNS = sizeof(heads) / sizeof(heads[0]) };
    struct table_column columns[COLUMNS];
    struct shown shown = {0};
    (void)ctx;
    if (cli_flag(call, "json")) {
        return talk_print(call, ALL_PAGE);
    }
    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i] =
            (struct table_column){.head = cli_pick(&heads[i], call->lang), .right = i == 2};
    }
    struct text_table table = table_of(columns, COLUMNS);
    enum cli_status status = add_pages(call, &table, &shown);
    if (status == CLI_OK) {
        status = print_flags(call, &table, &shown);
    }
    table_deinit(&table);
    return status;
}

/* -- erasures -- */

static void add_owing(struct json_reader *answer, const struct json_value *row,
                      struct text_table *table) {
    const bool named = json_find(row, "organisation_name") != NULL;
    const int64_t red = json_need_int(answer, row, "red");
    table_cell(table, json_need_text(answer, row, named ? "organisation_name" : "organisation"));
    table_cellf(table, "%lld", (long long)json_need_int(answer, row, "owed"));
    table_cellf(table, "%lld", (long long)json_need_int(answer, row, "age_days"));
    table_cellf(table, red > 0 ? "%lld !" : "%lld", (long long)red);
}

static enum cli_status print_erasures(const struct cli_call *call, struct json_reader *answer) {
    static const struct cli_text heads[] = {
        {{"organisatie", "organisation", "organisation"}},
        {{"ontbreekt", "missing", "manque"}},
        {{"oudste (dagen)", "oldest (days)", "plus ancien (jours)"}},
        {{"te laat", "late", "en retard"}},
    };
    enum { COLUMNS = sizeof(heads) / sizeof(heads[0]) };
    struct table_column columns[COLUMNS];
    const struct json_value *rows = json_need_array(answer, json_root(answer), "rows");
    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i] = (struct table_column){.head = cli_pick(&heads[i], call->lang), .right = i > 0};
    }
    if (json_count(rows) == 0) {
        say(call, call->out,
            SAY("Wat gewist moest worden, is overal gewist.",
                "What had to be erased is erased everywhere.",
                "Ce qui devait être effacé l'est partout."),
            NULL);
        return CLI_OK;
    }
    struct text_table table = table_of(columns, COLUMNS);
    for (size_t i = 0; i < json_count(rows); i++) {
        add_owing(answer, json_at(rows, i), &table);
    }
    int r = answer->error < 0 ? answer->error : table_print(&table, call->out);
    table_deinit(&table);
    if (r < 0) {
        return say_error(call, r);
    }
    fputc('\n', call->out);
    say(call, call->out,
        SAY("Zolang een bewijs ontbreekt, kan daar nog iets staan van een gezin dat zijn "
            "toestemming introk. Bel wie te laat is: draait hun knooppunt?",
            "As long as a receipt is missing, something of a family that withdrew its consent may "
            "still stand there. Call who is late: does their node run?",
            "Tant qu'un accusé manque, il peut rester là quelque chose d'une famille qui a retiré "
            "son consentement. Appelez les retardataires : leur nœud tourne-t-il ?"),
        NULL);
    return CLI_OK;
}

enum cli_status command_erasures(void *ctx, const struct cli_call *call) {
    struct json_reader answer;
    const struct talk_request request = {.method = "GET", .path = "/api/v1/erasures"};
    (void)ctx;
    if (cli_flag(call, "json")) {
        return talk_print(call, request.path);
    }
    enum cli_status status = talk(call, &request, &answer);
    if (status == CLI_OK) {
        status = print_erasures(call, &answer);
        json_close(&answer);
    }
    return status;
}
