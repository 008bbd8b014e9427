#include "hub/shell/applicant.h"

#include <string.h>

#include "hub/shell/say.h"
#include "shared/places/languages.h"
#include "shared/places/municipalities.h"
#include "shared/places/services.h"

/* The name of a listed thing, or its code where we don't know it. */
static const char *municipality_name(enum lang lang, const char *code) {
    struct nis nis;
    const struct municipality *known = nis_parse(code, &nis) < 0 ? NULL : municipality_by_nis(nis);
    (void)lang;
    return known == NULL ? code : known->name;
}

static const char *service_name(enum lang lang, const char *code) {
    struct service_id id;
    const struct service *known = service_id_parse(code, &id) < 0 ? NULL : service_by_id(&id);
    const struct cli_text names =
        known == NULL ? (struct cli_text){{code, code, code}}
                      : (struct cli_text){{known->dutch, known->english, known->french}};
    return cli_pick(&names, lang);
}

static const char *language_name(enum lang lang, const char *code) {
    struct language language;
    const struct language_entry *known =
        language_parse(code, &language) < 0 ? NULL : language_by_code(language);
    if (known == NULL || lang == LANG_FR) {
        return code;
    }
    return lang == LANG_NL ? known->dutch : known->english;
}

static void print_list(const struct cli_call *call, struct json_reader *answer,
                       const struct json_value *list,
                       const char *(*name)(enum lang lang, const char *code)) {
    const size_t count = json_count(list);
    for (size_t i = 0; i < count; i++) {
        const char *code = json_need_text(answer, json_at(list, i), "");
        fprintf(call->out, "%s%s", i == 0 ? "" : ", ", name(call->lang, code));
    }
    fputs(count == 0 ? "-\n" : "\n", call->out);
}

static void print_head(const struct cli_call *call, const struct cli_text *head) {
    fprintf(call->out, "    %s: ", cli_pick(head, call->lang));
}

static const char *consent_text(enum lang lang, const char *right) {
    static const struct {
        enum consent_right right;
        struct cli_text text;
    } rights[] = {
        {CONSENT_RIGHT_NO, {{"nee", "no", "non"}}},
        {CONSENT_RIGHT_LIMITED, {{"beperkt", "limited", "limité"}}},
        {CONSENT_RIGHT_FULL, {{"volledig", "full", "complet"}}},
    };
    for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
        if (rights[i].right == consent_right_parse(right)) {
            return cli_pick(&rights[i].text, lang);
        }
    }
    return "-";
}

static const char *optional(struct json_reader *answer, const struct json_value *member,
                            const char *name) {
    return json_find(member, name) == NULL ? "" : json_need_text(answer, member, name);
}

void applicant_print_rights(const struct cli_call *call, struct json_reader *answer,
                            const struct json_value *member) {
    static const struct cli_text yes = {{"ja", "yes", "oui"}};
    static const struct cli_text no = {{"nee", "no", "non"}};
    bool sanctions = json_need_bool(answer, member, "may_sanction");
    print_head(call,
               SAY("mag sancties opleggen", "may impose sanctions", "peut imposer des sanctions"));
    fprintf(call->out, "%s\n", cli_pick(sanctions ? &yes : &no, call->lang));
    print_head(call, SAY("mag toestemming vragen", "may ask for consent",
                         "peut demander le consentement"));
    fprintf(call->out, "%s\n",
            consent_text(call->lang, optional(answer, member, "may_take_consent")));
    if (json_need_bool(answer, member, "hidden")) {
        print_head(call, SAY("adres", "address", "adresse"));
        fprintf(call->out, "%s\n", cli_pick(SAY("geheim", "secret", "secrète"), call->lang));
    }
}

void applicant_print(const struct cli_call *call, struct json_reader *answer,
                     const struct json_value *member) {
    enum org_kind kind = org_kind_parse(optional(answer, member, "kind"));
    fprintf(call->out, "%s (%s)\n", json_need_text(answer, member, "name"),
            json_need_text(answer, member, "organisation"));
    print_head(call, SAY("soort", "kind", "type"));
    fprintf(call->out, "%s\n", text_get(call->lang, text_of_org_kind(kind)));
    print_head(call, SAY("gemeenten", "municipalities", "communes"));
    print_list(call, answer, json_need_array(answer, member, "municipalities"), municipality_name);
    print_head(call, SAY("diensten", "services", "services"));
    print_list(call, answer, json_need_array(answer, member, "services"), service_name);
    print_head(call, SAY("talen", "languages", "langues"));
    print_list(call, answer, json_need_array(answer, member, "languages"), language_name);
    applicant_print_rights(call, answer, member);
    print_head(call, SAY("zes woorden", "six words", "six mots"));
    fprintf(call->out, "%s\n", json_need_text(answer, member, "words"));
}
