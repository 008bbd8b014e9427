#include "hub/shell/load_cells.h"

#include <string.h>

#include "hub/shell/load_query.h"
#include "hub/shell/say.h"
#include "shared/places/languages.h"
#include "shared/places/municipalities.h"
#include "shared/places/services.h"

/* Weeks in the person's notation; "> 26" where it lies beyond the last bin. */
void load_cell_weeks(const struct cli_call *call, struct json_reader *answer,
                     const struct json_value *row, const char *part, struct text_table *table) {
    char weeks[64];
    char beyond[64];
    snprintf(weeks, sizeof(weeks), "elapsed.%s_weeks", part);
    snprintf(beyond, sizeof(beyond), "elapsed.%s_beyond_last_bin", part);
    if (json_find(row, weeks) == NULL) {
        table_cell(table, LOAD_UNKNOWN);
        return;
    }
    bool is_beyond = json_need_bool(answer, row, beyond);
    char text[32];
    snprintf(text, sizeof(text), is_beyond ? "> %.0f" : "%.1f", json_need_real(answer, row, weeks));
    char *point = strchr(text, '.');
    if (point != NULL && call->lang != LANG_EN) {
        *point = ',';
    }
    table_cell(table, text);
}

static const char *service_name(enum lang lang, const char *id) {
    struct service_id service;
    const struct service *known =
        service_id_parse(id, &service) < 0 ? NULL : service_by_id(&service);
    if (known == NULL) {
        return id;
    }
    return lang == LANG_NL ? known->dutch : lang == LANG_FR ? known->french : known->english;
}

const char *load_part_name(const struct cli_call *call, struct json_reader *answer,
                           const struct json_value *row) {
    struct nis nis;
    struct language language;
    if (json_find(row, "service") != NULL) {
        return service_name(call->lang, json_need_text(answer, row, "service"));
    }
    if (json_find(row, "municipality") != NULL) {
        const char *code = json_need_text(answer, row, "municipality");
        const struct municipality *known =
            nis_parse(code, &nis) < 0 ? NULL : municipality_by_nis(nis);
        return known == NULL ? code : known->name;
    }
    if (json_find(row, "language") != NULL) {
        const char *code = json_need_text(answer, row, "language");
        const struct language_entry *known =
            language_parse(code, &language) < 0 ? NULL : language_by_code(language);
        return known == NULL ? code : call->lang == LANG_NL ? known->dutch : known->english;
    }
    return "";
}

/* Everything in a query of ours is letters, digits, '-' and ':', which stand for themselves; what
 * isn't is refused here with the daemon's own words. */
static bool add_filter(char path[static LOAD_PATH_SIZE], const char *name, const char *value) {
    size_t length = strlen(path);
    if (value == NULL) {
        return true;
    }
    bool plain =
        strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-:") ==
        strlen(value);
    int added = snprintf(path + length, LOAD_PATH_SIZE - length, "&%s=%s", name, value);
    return plain && added >= 0 && (size_t)added < LOAD_PATH_SIZE - length;
}

bool load_path(const struct cli_call *call, const char *base, const char *cursor,
               char ret[static LOAD_PATH_SIZE]) {
    static const char *const names[] = {"by",           "service",  "municipality",
                                        "organisation", "language", "week"};
    snprintf(ret, LOAD_PATH_SIZE, "%s?limit=200", base);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!add_filter(ret, names[i], cli_text(call, names[i], NULL))) {
            say(call, call->err,
                SAY("De waarde van --{0} is geen id, code of dag.",
                    "The value of --{0} isn't an id, code or day.",
                    "La valeur de --{0} n'est ni un id, ni un code, ni un jour."),
                TEXT_ARGS(names[i]));
            return false;
        }
    }
    return add_filter(ret, "cursor", cursor);
}

const char *load_part_head(const struct cli_call *call) {
    static const struct cli_text heads[] = {
        [LOAD_BY_ORGANISATION] = {{"", "", ""}},
        [LOAD_BY_SERVICE] = {{"dienst", "service", "service"}},
        [LOAD_BY_MUNICIPALITY] = {{"gemeente", "municipality", "commune"}},
        [LOAD_BY_LANGUAGE] = {{"taal", "language", "langue"}},
    };
    const char *by = cli_text(call, "by", NULL);
    enum load_view view = by == NULL ? LOAD_BY_SERVICE : load_view_parse(by);
    if (by == NULL && cli_text(call, "municipality", NULL) != NULL) {
        view = LOAD_BY_MUNICIPALITY;
    } else if (by == NULL && cli_text(call, "language", NULL) != NULL) {
        view = LOAD_BY_LANGUAGE;
    }
    return cli_pick(&heads[view == 0 ? LOAD_BY_SERVICE : view], call->lang);
}
