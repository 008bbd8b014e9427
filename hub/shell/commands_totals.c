#include <string.h>

#include "hub/shell/load_cells.h"
#include "hub/shell/say.h"
#include "hub/shell/talk.h"

/* The region's totals as a table: a line for each service, municipality or language. */

static void add_interval(struct json_reader *answer, const struct json_value *row, const char *name,
                         struct text_table *table) {
    const struct json_value *interval = json_find(row, name);
    if (interval == NULL) {
        table_cell(table, LOAD_UNKNOWN);
        return;
    }
    long long low = (long long)json_need_int(answer, interval, "low");
    long long high = (long long)json_need_int(answer, interval, "high");
    if (low == high) {
        table_cellf(table, "%lld", low);
    } else {
        table_cellf(table, "%lld-%lld", low, high);
    }
}

static void add_row(const struct cli_call *call, struct json_reader *answer,
                    const struct json_value *row, struct text_table *table) {
    table_cell(table, load_part_name(call, answer, row));
    add_interval(answer, row, "open", table);
    add_interval(answer, row, "queue", table);
    load_cell_weeks(call, answer, row, "median", table);
    load_cell_weeks(call, answer, row, "p80", table);
    table_cellf(table, "%lld", (long long)json_need_int(answer, row, "organisations"));
    table_cellf(table, "%lld", (long long)json_need_int(answer, row, "missing"));
}

static void print_legend(const struct cli_call *call, int64_t uncut) {
    char number[24];
    snprintf(number, sizeof(number), "%lld", (long long)uncut);
    fputc('\n', call->out);
    say(call, call->out,
        SAY("Opgeteld over de organisaties die een cijfer gaven. Ontbreekt: achtergehouden of\n"
            "te oud; dat telt niet als nul. Nog {0} organisaties geven wel totalen maar geen\n"
            "cijfers van deze indeling: kleine, of waarvan de tabel iemand zou tonen.",
            "Added up over the organisations that gave a figure. Missing: withheld or too old;\n"
            "that doesn't count as zero. {0} more organisations give totals but no figures cut\n"
            "this way: small ones, or those whose table would show somebody.",
            "Total des organisations qui ont donné un chiffre. Manque : retenu ou trop vieux ;\n"
            "cela ne compte pas pour zéro. {0} autres organisations donnent des totaux mais pas\n"
            "de chiffres ainsi répartis : petites, ou dont le tableau montrerait quelqu'un."),
        TEXT_ARGS(number));
}

enum cli_status totals_print(const struct cli_call *call) {
    static const struct cli_text heads[] = {
        {{"", "", ""}},
        {{"open", "open", "ouverts"}},
        {{"wachtend", "waiting", "en attente"}},
        {{"mediaan", "median", "médiane"}},
        {{"P80", "P80", "P80"}},
        {{"organisaties", "organisations", "organisations"}},
        {{"ontbreekt", "missing", "manque"}},
    };
    enum { COLUMNS = sizeof(heads) / sizeof(heads[0]) };
    struct table_column columns[COLUMNS];
    struct json_reader answer;
    char path[LOAD_PATH_SIZE];
    if (!load_path(call, "/api/v1/load/region", NULL, path)) {
        return CLI_USAGE;
    }
    const struct talk_request request = {.method = "GET", .path = path};
    enum cli_status status = talk(call, &request, &answer);
    if (status != CLI_OK) {
        return status;
    }
    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i] = (struct table_column){.head = cli_pick(&heads[i], call->lang), .right = i > 0};
    }
    columns[0].head = load_part_head(call);
    struct text_table table = table_of(columns, COLUMNS);
    const struct json_value *rows = json_need_array(&answer, json_root(&answer), "rows");
    for (size_t i = 0; i < json_count(rows); i++) {
        add_row(call, &answer, json_at(rows, i), &table);
    }
    if (answer.error < 0) {
        fprintf(call->err, "%s\n", answer.reason);
        status = CLI_FAILED;
    } else {
        int r = table_print(&table, call->out);
        status = r < 0 ? say_error(call, r) : CLI_OK;
        print_legend(call, json_need_int(&answer, json_root(&answer), "uncut"));
    }
    table_deinit(&table);
    json_close(&answer);
    return status;
}
