#include <stdio.h>
#include <string.h>

#include "hub/shell/commands.h"
#include "hub/shell/flag_words.h"
#include "hub/shell/period.h"
#include "hub/shell/say.h"
#include "hub/shell/table.h"
#include "hub/shell/talk.h"

enum { PATH_SIZE = 128, WEEKS_SHOWN = 8, WEEKS_MAX = 104 };

/* -- per week -- */

static const struct {
    const char *path;
    struct cli_text head;
} weekly[] = {
    {"opened.no-local-professional", {{"niemand", "nobody", "personne"}}},
    {"opened.gap-ahead", {{"loopt af", "ending", "fin proche"}}},
    {"opened.asked-not-taken", {{"gevraagd", "asked", "demandé"}}},
    {"opened.silent", {{"stil", "silent", "silence"}}},
    {"opened.concern", {{"bezorgdheid", "concern", "souci"}}},
    {"opened.one-left", {{"één", "one left", "un seul"}}},
    {"escalated", {{"geëscaleerd", "escalated", "escaladés"}}},
    {"consents_given", {{"toestemming", "consents", "consent."}}},
    {"consents_replaced", {{"vervangen", "replaced", "remplacés"}}},
    {"consents_withdrawn", {{"ingetrokken", "withdrawn", "retirés"}}},
    {"consents_lapsed", {{"vervallen", "lapsed", "échus"}}},
};

enum { WEEKLY = sizeof(weekly) / sizeof(weekly[0]), WEEK_COLUMNS = WEEKLY + 1 };

_Static_assert((int)WEEK_COLUMNS <= (int)TABLE_COLUMNS_MAX, "a table has room for every count");

static enum cli_status print_weeks(const struct cli_call *call, struct json_reader *answer) {
    struct table_column columns[WEEK_COLUMNS];
    const struct json_value *rows = json_need_array(answer, json_root(answer), "rows");
    columns[0] =
        (struct table_column){.head = cli_pick(SAY("week", "week", "semaine"), call->lang)};
    for (size_t i = 0; i < WEEKLY; i++) {
        columns[i + 1] =
            (struct table_column){.head = cli_pick(&weekly[i].head, call->lang), .right = true};
    }
    struct text_table table = table_of(columns, WEEK_COLUMNS);
    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json_value *row = json_at(rows, i);
        table_cell(&table, json_need_text(answer, row, "week"));
        for (size_t j = 0; j < WEEKLY; j++) {
            table_cellf(&table, "%lld", (long long)json_need_int(answer, row, weekly[j].path));
        }
    }
    int r = answer->error < 0 ? answer->error : table_print(&table, call->out);
    table_deinit(&table);
    if (r < 0) {
        return say_error(call, r);
    }
    say(call, call->out,
        SAY("Een nieuwe kaart telt als toestemming en de oude als vervangen: toestemming min "
            "vervangen zijn nieuwe gezinnen.",
            "A new card counts as a consent and the old one as replaced: consents less replaced "
            "are new families.",
            "Une nouvelle carte compte comme consentement et l'ancienne comme remplacée : "
            "consentements moins remplacés donne les nouvelles familles."),
        NULL);
    return CLI_OK;
}

/* -- per quarter -- */

static void print_days(const struct cli_call *call, struct json_reader *answer,
                       const struct json_value *quarter, const char *key,
                       const struct cli_text *head) {
    static const struct cli_text few = {
        {"te weinig (minder dan 5)", "too few (fewer than 5)", "trop peu (moins de 5)"}};
    const struct json_value *days = json_find(quarter, key);
    fprintf(call->out, "  %s: ", cli_pick(head, call->lang));
    if (days == NULL || json_find(days, "median_days") == NULL) {
        fprintf(call->out, "%s\n", cli_pick(&few, call->lang));
        return;
    }
    const struct cli_text *cases = SAY("keer", "cases", "fois");
    const struct cli_text *median = SAY("mediaan", "median", "médiane");
    fprintf(call->out, "%s %lld, P90 %lld (%lld %s)\n", cli_pick(median, call->lang),
            (long long)json_need_int(answer, days, "median_days"),
            (long long)json_need_int(answer, days, "p90_days"),
            (long long)json_need_int(answer, days, "cases"), cli_pick(cases, call->lang));
}

static void print_reasons(const struct cli_call *call, struct json_reader *answer,
                          const struct json_value *quarter, const char *key,
                          const char *(*word)(enum lang lang, const char *code)) {
    const struct json_value *reasons = json_need_array(answer, quarter, key);
    bool any = false;
    for (size_t i = 0; i < json_count(reasons); i++) {
        const struct json_value *reason = json_at(reasons, i);
        const int64_t count = json_need_int(answer, reason, "count");
        if (count > 0) {
            any = true;
            fprintf(call->out, "    %5lld  %s\n", (long long)count,
                    word(call->lang, json_need_text(answer, reason, "reason")));
        }
    }
    if (!any) {
        fprintf(call->out, "        -\n");
    }
}

static void print_quarter(const struct cli_call *call, struct json_reader *answer,
                          const struct json_value *quarter) {
    static const struct {
        const char *key;
        struct cli_text head;
    } days[] = {
        {"acknowledged",
         {{"dagen tot een vlag opgenomen is", "days until a flag is taken",
           "jours avant prise en charge"}}},
        {"contacted",
         {{"dagen tot het gezin gesproken is", "days until the family is contacted",
           "jours avant contact avec la famille"}}},
        {"without_local",
         {{"dagen zonder steun dichtbij", "days without near support", "jours sans aide proche"}}},
        {"called_back",
         {{"dagen tot teruggebeld is", "days until called back", "jours avant rappel"}}},
    };
    fprintf(call->out, "\n%s\n", json_need_text(answer, quarter, "quarter"));
    for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
        print_days(call, answer, quarter, days[i].key, &days[i].head);
    }
    if (!json_need_bool(answer, quarter, "over")) {
        fprintf(call->out, "  %s\n",
                cli_pick(SAY("redenen: als het kwartaal om is", "reasons: when the quarter is over",
                             "motifs : une fois le trimestre écoulé"),
                         call->lang));
        return;
    }
    fprintf(call->out, "  %s\n",
            cli_pick(SAY("vragen die geweigerd werden", "questions that were refused",
                         "demandes refusées"),
                     call->lang));
    print_reasons(call, answer, quarter, "refusals", flag_word_refusal);
    fprintf(call->out, "  %s\n", cli_pick(SAY("bezorgdheden", "concerns", "soucis"), call->lang));
    print_reasons(call, answer, quarter, "concerns", flag_word_concern);
}

static enum cli_status print_quarters(const struct cli_call *call, struct json_reader *answer) {
    const struct json_value *rows = json_need_array(answer, json_root(answer), "rows");
    for (size_t i = 0; i < json_count(rows); i++) {
        print_quarter(call, answer, json_at(rows, i));
    }
    fputc('\n', call->out);
    say(call, call->out,
        SAY("Redenen zijn met ruis geteld (celsleutelmethode, nooit 1 of 2, tot 5 ernaast), zodat "
            "ze niemand aanwijzen; sommen kloppen daarom niet precies.",
            "Reasons are counted with noise (cell-key method, never 1 or 2, up to 5 off), so that "
            "they point at nobody; so sums don't quite add up.",
            "Les motifs sont comptés avec du bruit (clés de cellule, jamais 1 ou 2, jusqu'à 5 "
            "d'écart), pour ne désigner personne ; les sommes ne sont donc pas exactes."),
        NULL);
    if (answer->error < 0) {
        fprintf(call->err, "%s\n", answer->reason);
        return CLI_FAILED;
    }
    return CLI_OK;
}

/* -- the command -- */

static enum cli_status show(const struct cli_call *call, const char *path,
                            enum cli_status (*print)(const struct cli_call *call,
                                                     struct json_reader *answer)) {
    struct json_reader answer;
    const struct talk_request request = {.method = "GET", .path = path};
    enum cli_status status = talk(call, &request, &answer);
    if (status == CLI_OK) {
        status = print(call, &answer);
        json_close(&answer);
    }
    return status;
}

static enum cli_status say_wrong(const struct cli_call *call) {
    say(call, call->err,
        SAY("--weeks is een getal van 1 tot 104, --quarter is zoals 2026-Q4.",
            "--weeks is a number from 1 to 104, --quarter is as in 2026-Q4.",
            "--weeks est un nombre de 1 à 104, --quarter comme 2026-Q4."),
        NULL);
    return CLI_USAGE;
}

enum cli_status command_flags_counts(void *ctx, const struct cli_call *call) {
    char weeks_path[PATH_SIZE];
    char quarters_path[PATH_SIZE] = "/api/v1/flags/quarters";
    const char *quarter = cli_text(call, "quarter", NULL);
    const int64_t weeks = cli_int(call, "weeks", WEEKS_SHOWN);
    int32_t day;
    (void)ctx;
    if (weeks < 1 || weeks > WEEKS_MAX || (quarter != NULL && quarter_parse(quarter, &day) < 0)) {
        return say_wrong(call);
    }
    (void)snprintf(weeks_path, sizeof(weeks_path), "/api/v1/flags/weeks?weeks=%d", (int)weeks);
    if (quarter != NULL) {
        (void)snprintf(quarters_path, sizeof(quarters_path), "/api/v1/flags/quarters?quarter=%s",
                       quarter);
    }
    if (cli_flag(call, "json")) {
        return talk_print(call, quarter != NULL ? quarters_path : weeks_path);
    }
    enum cli_status status = quarter != NULL ? CLI_OK : show(call, weeks_path, print_weeks);
    return status != CLI_OK ? status : show(call, quarters_path, print_quarters);
}
