#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hub/shell/applicant.h"
#include "hub/shell/commands.h"
#include "hub/shell/say.h"
#include "hub/shell/settings.h"
#include "hub/shell/table.h"
#include "hub/shell/talk.h"
#include "shared/base/ids.h"

enum { BODY_SIZE = 1024, LINE_SIZE = 64 };

/* -- invite -- */

static char *invite_body(const struct cli_call *call) {
    struct json_writer writer = json_over(BODY_SIZE);
    char *text;
    size_t length;
    json_open_object(&writer);
    if (cli_text(call, "org", NULL) != NULL) {
        json_field_text(&writer, "organisation", cli_text(call, "org", NULL));
    }
    json_field_int(&writer, "days", cli_int(call, "days", INVITATION_DAYS));
    json_field_bool(&writer, "approve", cli_flag(call, "approve"));
    json_close_object(&writer);
    return json_take(&writer, &text, &length) < 0 ? NULL : text;
}

static void print_invitation(const struct cli_call *call, struct json_reader *answer) {
    const struct json_value *root = json_root(answer);
    char expires[SAY_TIME_SIZE];
    say_time(call->lang, json_need_text(answer, root, "expires_at"), expires);
    fprintf(call->out, "%s\n", json_need_text(answer, root, "invitation"));
    say(call, call->err,
        SAY("Geef deze regel aan de organisatie, langs een weg die u vertrouwt. Ze geldt één keer, "
            "tot {0} ({1}), en wordt niet opnieuw getoond.",
            "Give this line to the organisation, by a way that you trust. It works once, until "
            "{0} ({1}), and isn't shown again.",
            "Donnez cette ligne à l'organisation, par une voie sûre. Elle vaut une fois, jusqu'au "
            "{0} ({1}), et ne sera plus affichée."),
        TEXT_ARGS(expires, cli_pick(&say_time_zone, call->lang)));
    say(call, call->err,
        SAY("Daar: vangnet-node join UITNODIGING. Daarna hier: vangnet-hub approve ORGANISATIE.",
            "There: vangnet-node join INVITATION. Then here: vangnet-hub approve ORGANISATION.",
            "Là-bas : vangnet-node join INVITATION. Puis ici : vangnet-hub approve ORGANISATION."),
        NULL);
}

static void warn_of_loopback(const struct cli_call *call) {
    struct json_reader answer;
    const struct talk_request request = {.method = "GET", .path = "/api/v1/status"};
    if (talk(call, &request, &answer) == CLI_OK) {
        const char *endpoint = json_need_text(&answer, json_root(&answer), "members_endpoint");
        if (settings_is_loopback(endpoint)) {
            say_loopback(call, endpoint);
        }
        json_close(&answer);
    }
}

enum cli_status command_invite(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct json_reader answer;
    char *body = invite_body(call);
    const struct talk_request request = {
        .method = "POST", .path = "/api/v1/invitations", .body = body};
    if (body == NULL) {
        return say_error(call, ERR_TOO_LARGE);
    }
    enum cli_status status = talk(call, &request, &answer);
    free(body);
    if (status == CLI_OK) {
        print_invitation(call, &answer);
        json_close(&answer);
        warn_of_loopback(call);
    }
    return status;
}

/* -- approve, decline, revoke -- */

const struct cli_text command_member_unknown = {
    {"De hub kent geen lid \"{0}\". Zie vangnet-hub members.",
     "The hub knows no member \"{0}\". See vangnet-hub members.",
     "Le hub ne connaît pas de membre « {0} ». Voyez vangnet-hub members."}};
static const struct cli_text nobody_waits = {
    {"Van {0} wacht geen aanvraag. Zie vangnet-hub members.",
     "No request of {0} waits. See vangnet-hub members.",
     "Aucune demande de {0} n'attend. Voyez vangnet-hub members."}};

bool command_member_path(const struct cli_call *call, const char *verb,
                         char ret[static MEMBER_PATH_SIZE]) {
    struct org_id org;
    const char *id = call->arguments[0];
    if (org_id_parse(id, &org) < 0) {
        say(call, call->err,
            SAY("\"{0}\" is geen id van een organisatie: kleine letters, cijfers en '-'. Zie "
                "vangnet-hub members.",
                "\"{0}\" isn't an organisation's id: lower-case letters, digits and '-'. See "
                "vangnet-hub members.",
                "« {0} » n'est pas l'id d'une organisation : minuscules, chiffres et '-'. Voyez "
                "vangnet-hub members."),
            TEXT_ARGS(id));
        return false;
    }
    snprintf(ret, MEMBER_PATH_SIZE, "/api/v1/members/%s%s%s", id, verb[0] == '\0' ? "" : "/", verb);
    return true;
}

/* All of the answer, for whoever begins to type something else hasn't compared. */
static bool is_yes(const char *answer) {
    static const char *const words[] = {"j", "ja", "y", "yes", "o", "oui"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasecmp(answer, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool said_yes(const struct cli_call *call) {
    char line[LINE_SIZE];
    fflush(call->out); /* what it's about, before the question */
    say(call, call->err,
        SAY("Klopt dit, en zijn het de zes woorden die de organisatie u voorleest? [j/N]",
            "Is this right, and are these the six words that the organisation reads to you? [y/N]",
            "Est-ce exact, et sont-ce les six mots que l'organisation vous lit ? [o/N]"),
        NULL);
    fflush(call->err);
    if (fgets(line, sizeof(line), stdin) == NULL) {
        return false;
    }
    line[strcspn(line, " \t\r\n")] = '\0';
    return is_yes(line);
}

/* 1 to go on, 0 where the person said no, negative where there was nobody to approve. */
static int compare_words(const struct cli_call *call, struct json_reader *answer) {
    const struct json_value *root = json_root(answer);
    if (strcmp(json_need_text(answer, root, "state"), "pending") != 0) {
        say(call, call->err, &nobody_waits, TEXT_ARGS(call->arguments[0]));
        return ERR_NOT_FOUND;
    }
    applicant_print(call, answer, root);
    return cli_flag(call, "yes") || said_yes(call) ? 1 : 0;
}

/* Of exactly what was shown: a correction that came meanwhile isn't approved unseen. */
static enum cli_status send_approval(const struct cli_call *call, struct json_reader *shown) {
    const struct json_value *root = json_root(shown);
    char path[MEMBER_PATH_SIZE];
    char body[BODY_SIZE];
    if (!command_member_path(call, "approve", path)) {
        return CLI_USAGE;
    }
    snprintf(body, sizeof(body), "{\"words\":\"%s\",\"application\":\"%s\"}",
             json_need_text(shown, root, "words"), json_need_text(shown, root, "application"));
    const struct talk_request request = {.method = "POST",
                                         .path = path,
                                         .body = body,
                                         .unknown = &nobody_waits,
                                         .name = call->arguments[0]};
    enum cli_status status = talk(call, &request, NULL);
    if (status == CLI_OK) {
        say(call, call->out,
            SAY("{0} is nu lid van de regio.", "{0} is a member of the region now.",
                "{0} est maintenant membre de la région."),
            TEXT_ARGS(call->arguments[0]));
    }
    return status;
}

enum cli_status command_approve(void *ctx, const struct cli_call *call) {
    (void)ctx;
    char path[MEMBER_PATH_SIZE];
    struct json_reader answer;
    if (!command_member_path(call, "", path)) {
        return CLI_USAGE;
    }
    const struct talk_request request = {
        .method = "GET", .path = path, .unknown = &nobody_waits, .name = call->arguments[0]};
    enum cli_status status = talk(call, &request, &answer);
    if (status != CLI_OK) {
        return status;
    }
    int r = compare_words(call, &answer);
    if (r == 0) {
        say(call, call->err,
            SAY("Niet goedgekeurd. Vertrouwt u het niet: vangnet-hub decline {0}.",
                "Not approved. If you don't trust it: vangnet-hub decline {0}.",
                "Pas approuvée. En cas de doute : vangnet-hub decline {0}."),
            TEXT_ARGS(call->arguments[0]));
    }
    status = r > 0 ? send_approval(call, &answer) : CLI_FAILED;
    json_close(&answer);
    return status;
}

static enum cli_status about_member(const struct cli_call *call, const char *verb,
                                    const char *reason, const struct cli_text *done) {
    char path[MEMBER_PATH_SIZE];
    char body[BODY_SIZE] = "{}";
    if (!command_member_path(call, verb, path)) {
        return CLI_USAGE;
    }
    if (reason != NULL) {
        char *quoted = talk_quote(reason);
        int length = quoted == NULL ? -1 : snprintf(body, sizeof(body), "{\"reason\":%s}", quoted);
        free(quoted);
        if (length < 0 || length >= (int)sizeof(body)) {
            return say_error(call, ERR_TOO_LARGE);
        }
    }
    const struct talk_request request = {.method = "POST",
                                         .path = path,
                                         .body = body,
                                         .unknown = reason == NULL ? &nobody_waits
                                                                   : &command_member_unknown,
                                         .name = call->arguments[0]};
    enum cli_status status = talk(call, &request, NULL);
    if (status == CLI_OK) {
        say(call, call->out, done, TEXT_ARGS(call->arguments[0]));
    }
    return status;
}

enum cli_status command_decline(void *ctx, const struct cli_call *call) {
    (void)ctx;
    return about_member(call, "decline", NULL,
                        SAY("De aanvraag van {0} is geweigerd.", "The request of {0} is declined.",
                            "La demande de {0} est refusée."));
}

enum cli_status command_revoke(void *ctx, const struct cli_call *call) {
    (void)ctx;
    return about_member(call, "revoke", cli_text(call, "reason", ""),
                        SAY("De toegang van {0} is ingetrokken, vanaf nu.",
                            "Access of {0} is revoked, from now on.",
                            "L'accès de {0} est retiré, dès maintenant."));
}

/* -- members -- */

static const char *state_text(enum lang lang, const char *state) {
    static const struct {
        const char *state;
        struct cli_text text;
    } states[] = {
        {"active", {{"lid", "member", "membre"}}},
        {"pending", {{"wacht op goedkeuring", "waits for approval", "attend l'approbation"}}},
        {"revoked", {{"ingetrokken", "revoked", "retiré"}}},
        {"left", {{"vertrokken", "left", "parti"}}},
    };
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        if (strcmp(states[i].state, state) == 0) {
            return cli_pick(&states[i].text, lang);
        }
    }
    return state;
}

static void short_time(const struct cli_call *call, struct json_reader *answer,
                       const struct json_value *row, const char *name,
                       char ret[static SAY_TIME_SIZE]) {
    say_time(call->lang, json_find(row, name) == NULL ? NULL : json_need_text(answer, row, name),
             ret);
}

static void add_member(const struct cli_call *call, struct json_reader *answer,
                       const struct json_value *row, struct text_table *table) {
    char since[SAY_TIME_SIZE];
    char heard[SAY_TIME_SIZE];
    const char *state = json_need_text(answer, row, "state");
    const char *kind = json_find(row, "kind") == NULL ? "" : json_need_text(answer, row, "kind");
    short_time(call, answer, row, "since", since);
    short_time(call, answer, row, "last_heard", heard);
    table_cell(table, json_need_text(answer, row, "organisation"));
    table_cell(table, json_need_text(answer, row, "name"));
    table_cell(table, text_get(call->lang, text_of_org_kind(org_kind_parse(kind))));
    table_cell(table, state_text(call->lang, state));
    table_cell(table, since);
    table_cell(table, heard);
    table_cell(table, strcmp(state, "pending") == 0 ? json_need_text(answer, row, "words") : "");
}

static void add_members(const struct cli_call *call, struct json_reader *answer, const char *list,
                        struct text_table *table) {
    const struct json_value *rows = json_need_array(answer, json_root(answer), list);
    for (size_t i = 0; i < json_count(rows); i++) {
        add_member(call, answer, json_at(rows, i), table);
    }
}

static void print_waiting(const struct cli_call *call, struct json_reader *answer) {
    const struct json_value *rows = json_need_array(answer, json_root(answer), "pending");
    if (json_count(rows) > 0) {
        say(call, call->out,
            SAY("Wachten op goedkeuring (vangnet-hub approve ID, of decline ID):",
                "Wait for approval (vangnet-hub approve ID, or decline ID):",
                "Attendent l'approbation (vangnet-hub approve ID, ou decline ID) :"),
            NULL);
    }
    for (size_t i = 0; i < json_count(rows); i++) {
        applicant_print(call, answer, json_at(rows, i));
    }
    if (json_count(rows) > 0) {
        fputc('\n', call->out);
    }
}

/* Page by page; the requests that wait come with each page, so they're taken from the first. */
static enum cli_status gather_members(const struct cli_call *call, struct text_table *table) {
    char path[MEMBER_PATH_SIZE] = "/api/v1/members?limit=200";
    bool more = true;
    for (bool first = true; more; first = false) {
        struct json_reader answer;
        const struct talk_request request = {.method = "GET", .path = path};
        enum cli_status status = talk(call, &request, &answer);
        if (status != CLI_OK) {
            return status;
        }
        if (first) {
            print_waiting(call, &answer);
            add_members(call, &answer, "pending", table);
        }
        add_members(call, &answer, "rows", table);
        more = json_find(json_root(&answer), "next") != NULL;
        if (more) {
            snprintf(path, sizeof(path), "/api/v1/members?limit=200&cursor=%s",
                     json_need_text(&answer, json_root(&answer), "next"));
        }
        json_close(&answer);
    }
    return CLI_OK;
}

enum cli_status command_members(void *ctx, const struct cli_call *call) {
    static const struct cli_text heads[] = {
        {{"id", "id", "id"}},           {{"naam", "name", "nom"}},
        {{"soort", "kind", "type"}},    {{"toestand", "state", "état"}},
        {{"sinds", "since", "depuis"}}, {{"laatst gehoord", "last heard", "vu la dernière fois"}},
        {{"woorden", "words", "mots"}},
    };
    enum { COLUMNS = sizeof(heads) / sizeof(heads[0]) };
    struct table_column columns[COLUMNS] = {0};
    (void)ctx;
    if (cli_flag(call, "json")) {
        return talk_print(call, "/api/v1/members?limit=200");
    }
    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i].head = cli_pick(&heads[i], call->lang);
    }
    struct text_table table = table_of(columns, COLUMNS);
    enum cli_status status = gather_members(call, &table);
    if (status == CLI_OK) {
        int r = table_print(&table, call->out);
        status = r < 0 ? say_error(call, r) : CLI_OK;
        fprintf(call->out, "\n(%s)\n", cli_pick(&say_time_zone, call->lang));
    }
    table_deinit(&table);
    return status;
}
