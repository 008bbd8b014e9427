#include "node/shell/preview_words.h"

#include <string.h>

#include "shared/io/cli.h"
#include "shared/places/languages.h"
#include "shared/places/municipalities.h"
#include "shared/places/services.h"

static const struct {
    const char *code;
    struct cli_text words;
} measures[] = {
    {"open", {{"open dossiers", "open cases", "dossiers ouverts"}}},
    {"waiting", {{"wachtend", "waiting", "en attente"}}},
    {"still-waiting", {{"wacht nog (weken)", "still waiting (weeks)", "attend encore (sem.)"}}},
    {"started-this-quarter", {{"gestart dit kwartaal", "started this quarter", "débuté ce trim."}}},
    {"started-last-quarter",
     {{"gestart vorig kwart.", "started last quarter", "débuté trim. préc."}}},
    {"left", {{"afgehaakt", "left", "parti"}}},
    {"since-contact",
     {{"sinds contact (weken)", "since contact (weeks)", "depuis contact (sem.)"}}},
};

const char *preview_measure(enum lang lang, const char *code) {
    for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++) {
        if (strcmp(measures[i].code, code) == 0) {
            return cli_pick(&measures[i].words, lang);
        }
    }
    return code;
}

static const char *service_name(enum lang lang, const char *code) {
    struct service_id id;
    const struct service *known = service_id_parse(code, &id) < 0 ? NULL : service_by_id(&id);
    if (known == NULL) {
        return code;
    }
    return lang == LANG_NL ? known->dutch : lang == LANG_FR ? known->french : known->english;
}

static const char *municipality_name(const char *code) {
    struct nis nis;
    const struct municipality *known = nis_parse(code, &nis) < 0 ? NULL : municipality_by_nis(nis);
    return known == NULL ? code : known->name;
}

static const char *language_name(enum lang lang, const char *code) {
    struct language language;
    const struct language_entry *known =
        language_parse(code, &language) < 0 ? NULL : language_by_code(language);
    return known == NULL ? code : lang == LANG_NL ? known->dutch : known->english;
}

const char *preview_category(enum lang lang, const char *dimension, const char *code) {
    static const struct cli_text total = {{"totaal", "total", "total"}};
    if (code[0] == '\0') {
        return cli_pick(&total, lang);
    }
    if (strcmp(dimension, "service") == 0) {
        return service_name(lang, code);
    }
    return strcmp(dimension, "language") == 0 ? language_name(lang, code) : municipality_name(code);
}

const char *preview_reason(enum lang lang, enum close_reason reason) {
    static const enum text_id ids[] = {
        [CLOSE_REASON_FINISHED] = TEXT_NODE_CLOSED_FINISHED,
        [CLOSE_REASON_MOVED] = TEXT_NODE_CLOSED_MOVED,
        [CLOSE_REASON_ELSEWHERE] = TEXT_NODE_CLOSED_ELSEWHERE,
        [CLOSE_REASON_UNREACHABLE] = TEXT_NODE_CLOSED_UNREACHABLE,
        [CLOSE_REASON_REFUSED] = TEXT_NODE_CLOSED_REFUSED,
        [CLOSE_REASON_NOT_COMPETENT] = TEXT_NODE_CLOSED_NOT_COMPETENT,
        [CLOSE_REASON_OTHER] = TEXT_NODE_CLOSED_OTHER,
    };
    bool known = reason > CLOSE_REASON_NONE && (size_t)reason < sizeof(ids) / sizeof(ids[0]);
    return known ? text_get(lang, ids[reason]) : "";
}
