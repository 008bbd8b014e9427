#include <stdlib.h>
#include <string.h>

#include "hub/shell/applicant.h"
#include "hub/shell/commands.h"
#include "hub/shell/say.h"
#include "hub/shell/talk.h"
#include "shared/base/lists.h"

enum { BODY_SIZE = 512 };

/* The words to choose from, each behind a comma. */
#define X(name, number, text) ", " text
static const char kinds[] = ORG_KIND_LIST(X);
static const char rights[] = CONSENT_RIGHT_LIST(X);
#undef X

static enum cli_status bad_choice(const struct cli_call *call, const char *option,
                                  const char *choices) {
    say(call, call->err,
        SAY("--{0} {1}: kies {2}. Zie vangnet-hub member set --help.",
            "--{0} {1}: choose {2}. See vangnet-hub member set --help.",
            "--{0} {1} : choisissez {2}. Voyez vangnet-hub member set --help."),
        TEXT_ARGS(option, cli_text(call, option, ""), choices));
    return CLI_USAGE;
}

/* 1 yes, 0 no, negative: neither. */
static int yes_or_no(const char *text) {
    static const char *const words[2][3] = {{"no", "nee", "non"}, {"yes", "ja", "oui"}};
    for (int answer = 0; answer < 2; answer++) {
        for (size_t i = 0; i < 3; i++) {
            if (strcmp(text, words[answer][i]) == 0) {
                return answer;
            }
        }
    }
    return ERR_MALFORMED;
}

static bool put_choice(const struct cli_call *call, const char *option, const char *key,
                       struct json_writer *writer) {
    const char *text = cli_text(call, option, NULL);
    const int answer = text == NULL ? 0 : yes_or_no(text);
    if (answer < 0) {
        (void)bad_choice(call, option, "yes, no");
        return false;
    }
    if (text != NULL) {
        json_field_bool(writer, key, answer == 1);
    }
    return true;
}

static bool put_word(const struct cli_call *call, const char *option, const char *key,
                     struct json_writer *writer) {
    const char *text = cli_text(call, option, NULL);
    const bool kind = strcmp(key, "kind") == 0;
    if (text == NULL) {
        return true;
    }
    if (kind && org_kind_parse(text) == ORG_KIND_NONE) {
        (void)bad_choice(call, option, kinds + strlen(", "));
        return false;
    }
    if (!kind && consent_right_parse(text) == CONSENT_RIGHT_NONE) {
        (void)bad_choice(call, option, rights + strlen(", "));
        return false;
    }
    json_field_text(writer, key, text);
    return true;
}

static bool gives_nothing(const struct cli_call *call) {
    return cli_text(call, "kind", NULL) == NULL &&
           cli_text(call, "may-take-consent", NULL) == NULL &&
           cli_text(call, "may-sanction", NULL) == NULL && cli_text(call, "hidden", NULL) == NULL;
}

/* NULL: something is wrong, and said. */
static char *body_of(const struct cli_call *call) {
    struct json_writer writer = json_over(BODY_SIZE);
    char *text;
    size_t length;
    json_open_object(&writer);
    const bool good = put_word(call, "kind", "kind", &writer) &&
                      put_word(call, "may-take-consent", "may_take_consent", &writer) &&
                      put_choice(call, "may-sanction", "may_sanction", &writer) &&
                      put_choice(call, "hidden", "hidden", &writer);
    json_close_object(&writer);
    if (!good) {
        json_deinit(&writer);
        return NULL;
    }
    int r = json_take(&writer, &text, &length);
    if (r < 0) {
        json_deinit(&writer);
        (void)say_error(call, r);
        return NULL;
    }
    return text;
}

static void tell_families(const struct cli_call *call, struct json_reader *answer) {
    char count[24];
    const int64_t families = json_need_int(answer, json_root(answer), "families");
    if (families == 0) {
        return;
    }
    (void)snprintf(count, sizeof(count), "%lld", (long long)families);
    say(call, call->out,
        SAY("Gezinnen die {0} als terugvalcontact kozen: {1}. {0} krijgt voor hen geen beurt en "
            "geen contactgegevens meer; de volgende in de rij wel, of uw bord. Welke gezinnen het "
            "zijn, weet de hub niet: vraag de leden om met hun gezinnen een ander te kiezen "
            "(vangnet-node consent widen).",
            "Families that chose {0} as a fallback: {1}. {0} gets no turn and no contact for them "
            "any more; the next in line does, or your board. Which families they are the hub "
            "doesn't know: ask the members to choose another one with theirs (vangnet-node consent "
            "widen).",
            "Familles qui ont choisi {0} comme contact de repli : {1}. {0} ne reçoit plus ni tour "
            "ni coordonnées pour elles ; le suivant de la file bien, ou votre tableau. Le hub ne "
            "sait pas quelles familles ce sont : demandez aux membres d'en choisir un autre avec "
            "les leurs (vangnet-node consent widen)."),
        TEXT_ARGS(call->arguments[0], count));
}

static void tell_standing(const struct cli_call *call, struct json_reader *answer) {
    const struct json_value *root = json_root(answer);
    const enum org_kind kind = org_kind_parse(json_need_text(answer, root, "kind"));
    fprintf(call->out, "%s (%s)\n", call->arguments[0],
            text_get(call->lang, text_of_org_kind(kind)));
    applicant_print_rights(call, answer, root);
    say(call, call->out,
        SAY("Dit geldt vanaf nu. De organisatie zelf en alle leden horen het meteen, of zodra hun "
            "node er weer is. Toestemmingen van vroeger blijven gelden tot hun eigen einde.",
            "This holds from now on. The organisation itself and all members hear of it at once, "
            "or as soon as their node is back. Consents from before stand until their own end.",
            "Ceci vaut dès maintenant. L'organisation et tous les membres l'apprennent aussitôt, "
            "ou dès le retour de leur node. Les consentements antérieurs valent jusqu'à leur "
            "propre fin."),
        NULL);
    tell_families(call, answer);
}

static enum cli_status send_set(const struct cli_call *call, const char *path, const char *body) {
    struct json_reader answer;
    const struct talk_request request = {.method = "POST",
                                         .path = path,
                                         .body = body,
                                         .unknown = &command_member_unknown,
                                         .name = call->arguments[0]};
    enum cli_status status = talk(call, &request, &answer);
    if (status == CLI_OK) {
        tell_standing(call, &answer);
        json_close(&answer);
    }
    return status;
}

enum cli_status command_member_set(void *ctx, const struct cli_call *call) {
    (void)ctx;
    char path[MEMBER_PATH_SIZE];
    if (!command_member_path(call, "set", path)) {
        return CLI_USAGE;
    }
    if (gives_nothing(call)) {
        say(call, call->err,
            SAY("Zeg wat er verandert: --may-take-consent, --may-sanction, --hidden of --kind. Zie "
                "vangnet-hub member set --help.",
                "Say what changes: --may-take-consent, --may-sanction, --hidden or --kind. See "
                "vangnet-hub member set --help.",
                "Dites ce qui change : --may-take-consent, --may-sanction, --hidden ou --kind. "
                "Voyez vangnet-hub member set --help."),
            NULL);
        return CLI_USAGE;
    }
    char *body = body_of(call);
    if (body == NULL) {
        return CLI_USAGE;
    }
    enum cli_status status = send_set(call, path, body);
    free(body);
    return status;
}
