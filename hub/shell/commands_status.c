#include <string.h>

#include "hub/shell/commands.h"
#include "hub/shell/say.h"
#include "hub/shell/talk.h"
#include "shared/base/civil.h"

enum { NUMBER_SIZE = 24, PATH_SIZE = 256, FACTS_UNSAVED_MAX = 1000, SILENT_DAYS = 3 };

static const char *number(char ret[static NUMBER_SIZE], uint64_t value) {
    snprintf(ret, NUMBER_SIZE, "%llu", (unsigned long long)value);
    return ret;
}

static void print_line(const struct cli_call *call, const struct cli_text *head,
                       const char *value) {
    fprintf(call->out, "%s: %s\n", cli_pick(head, call->lang), value);
}

static void print_clock(const struct cli_call *call, struct json_reader *answer) {
    const struct json_value *root = json_root(answer);
    const char *state = json_need_text(answer, root, "clock.state");
    if (strcmp(state, "right") == 0) {
        return;
    }
    char text[NUMBER_SIZE];
    int64_t ahead_ms = json_need_int(answer, root, "clock.members_ahead_ms");
    snprintf(text, sizeof(text), "%lld", (long long)(ahead_ms / 60000));
    say(call, call->out,
        SAY("! De klok van deze machine wijkt {0} minuten af van die van de leden. Zet ze juist "
            "(NTP); vanaf een uur staan termijnen stil.",
            "! This machine's clock is {0} minutes off the members'. Set it right (NTP); from an "
            "hour on, terms stand still.",
            "! L'horloge de cette machine s'écarte de {0} minutes de celle des membres. Réglez-la "
            "(NTP) ; à partir d'une heure, les délais sont suspendus."),
        TEXT_ARGS(text));
}

static void print_status(const struct cli_call *call, struct json_reader *answer) {
    const struct json_value *root = json_root(answer);
    char text[NUMBER_SIZE];
    print_line(call, SAY("Regio", "Region", "Région"), json_need_text(answer, root, "region"));
    print_line(call, SAY("Hub", "Hub", "Hub"), json_need_text(answer, root, "hub"));
    char since[SAY_TIME_SIZE];
    say_time(call->lang, json_need_text(answer, root, "started_at"), since);
    fprintf(call->out, "%s: %s (%s)\n",
            cli_pick(SAY("Draait sinds", "Runs since", "Tourne depuis"), call->lang), since,
            cli_pick(&say_time_zone, call->lang));
    number(text, (uint64_t)json_need_int(answer, root, "members_present"));
    print_line(call, SAY("Leden aanwezig", "Members present", "Membres présents"), text);
    number(text, (uint64_t)json_need_int(answer, root, "position.sequence"));
    print_line(call, SAY("Feiten in het journaal", "Facts in the journal", "Faits au journal"),
               text);
    number(text, (uint64_t)json_need_int(answer, root, "backed_up_to"));
    print_line(call, SAY("Geback-upt tot en met", "Backed up to", "Sauvegardé jusqu'à"), text);
    number(text, (uint64_t)json_need_int(answer, root, "store.disk_free_bytes") >> 20);
    print_line(
        call, SAY("Vrij op de schijf (MiB)", "Free on the disk (MiB)", "Libre sur le disque (Mio)"),
        text);
    if (json_need_bool(answer, root, "store.short_of_room")) {
        say(call, call->out,
            SAY("! Te weinig plaats: er wordt niets nieuws meer aangenomen. Maak plaats; het gaat "
                "vanzelf verder.",
                "! Too little room: nothing new is taken. Make room; it goes on by itself.",
                "! Trop peu de place : plus rien de nouveau n'est accepté. Libérez de la place ; "
                "cela reprendra tout seul."),
            NULL);
    }
    if (!json_need_bool(answer, root, "director_key")) {
        say(call, call->out,
            SAY("! De sleutel van de directeur is er niet: niemand kan erbij of eraf.",
                "! The director's key isn't there: nobody can join or be removed.",
                "! La clé du directeur n'est pas là : personne ne peut entrer ni sortir."),
            NULL);
    }
    print_clock(call, answer);
    fputc('\n', call->out);
}

/* -- the judgement: what asks for somebody, with what to do -- */

static bool judge_backup(const struct cli_call *call, struct json_reader *status) {
    const struct json_value *root = json_root(status);
    int64_t held = json_need_int(status, root, "backed_up_to");
    int64_t all = json_need_int(status, root, "position.sequence");
    struct json_reader answer;
    char made[SAY_TIME_SIZE] = "-";
    char behind[NUMBER_SIZE];
    const struct talk_request request = {.method = "GET", .path = "/api/v1/backup"};
    if (held == 0) {
        say(call, call->out,
            SAY("! Er is nog geen reservekopie: maak ze met vangnet-hub backup FILE.",
                "! There is no backup yet: make one with vangnet-hub backup FILE.",
                "! Il n'y a pas encore de sauvegarde : vangnet-hub backup FILE."),
            NULL);
        return true;
    }
    if (all - held < FACTS_UNSAVED_MAX) {
        return false;
    }
    if (talk(call, &request, &answer) == CLI_OK) {
        const struct json_value *view = json_root(&answer);
        say_time(call->lang,
                 json_find(view, "ended_at") == NULL ? NULL
                                                     : json_need_text(&answer, view, "ended_at"),
                 made);
        json_close(&answer);
    }
    say(call, call->out,
        SAY("! {0} feiten staan niet in de reservekopie (sinds de start gemaakt: {1}): maak een "
            "nieuwe met vangnet-hub backup FILE.",
            "! {0} facts aren't in the backup (made since the start: {1}): make a new one with "
            "vangnet-hub backup FILE.",
            "! {0} faits ne sont pas dans la sauvegarde (faite depuis le démarrage : {1}) : "
            "refaites-la avec vangnet-hub backup FILE."),
        TEXT_ARGS(number(behind, (uint64_t)(all - held)), made));
    return true;
}

/* A copy past its time opens what families had erased since. */
static bool judge_keyring(const struct cli_call *call, struct json_reader *status) {
    const struct json_value *root = json_root(status);
    const struct json_value *overdue = json_need_array(status, root, "keyring.overdue");
    char days[NUMBER_SIZE];
    if (!json_need_bool(status, root, "keyring.readable")) {
        say(call, call->out,
            SAY("! De lijst van kopieën van de sleutelbos (keyring-copies) is niet te lezen. Ga na "
                "welke kopieën er nog zijn, vernietig de oude, en verwijder dan de lijst.",
                "! The list of copies of the keyring (keyring-copies) can't be read. See which "
                "copies there are, destroy the old ones, then remove the list.",
                "! La liste des copies du trousseau (keyring-copies) est illisible. Voyez quelles "
                "copies existent, détruisez les anciennes, puis supprimez la liste."),
            NULL);
        return true;
    }
    for (size_t i = 0; i < json_count(overdue); i++) {
        const struct json_value *copy = json_at(overdue, i);
        say(call, call->out,
            SAY("! De kopie van de sleutelbos {0} is {1} dagen oud: vernietig ze (shred -u {0}). "
                "Ze opent wat gezinnen sindsdien lieten wissen.",
                "! The copy of the keyring {0} is {1} days old: destroy it (shred -u {0}). It "
                "opens what families had erased since.",
                "! La copie du trousseau {0} a {1} jours : détruisez-la (shred -u {0}). Elle ouvre "
                "ce que des familles ont fait effacer depuis."),
            TEXT_ARGS(json_need_text(status, copy, "file"),
                      number(days, (uint64_t)json_need_int(status, copy, "age_days"))));
    }
    return json_count(overdue) > 0;
}

static bool judge_flags(const struct cli_call *call) {
    struct json_reader answer;
    char text[NUMBER_SIZE];
    const struct talk_request request = {.method = "GET", .path = "/api/v1/flags?limit=1"};
    if (talk(call, &request, &answer) != CLI_OK) {
        return true;
    }
    const int64_t mine = json_need_int(&answer, json_root(&answer), "open.on_board");
    json_close(&answer);
    if (mine == 0) {
        return false;
    }
    say(call, call->out,
        SAY("! {0} vlaggen wachten op de coördinator: vangnet-hub flags.",
            "! {0} flags wait for the coordinator: vangnet-hub flags.",
            "! {0} signaux attendent le coordinateur : vangnet-hub flags."),
        TEXT_ARGS(number(text, (uint64_t)mine)));
    return true;
}

static bool judge_erasures(const struct cli_call *call) {
    struct json_reader answer;
    bool found = false;
    const struct talk_request request = {.method = "GET", .path = "/api/v1/erasures"};
    if (talk(call, &request, &answer) != CLI_OK) {
        return true;
    }
    const struct json_value *rows = json_need_array(&answer, json_root(&answer), "rows");
    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json_value *row = json_at(rows, i);
        if (json_need_int(&answer, row, "red") > 0) {
            found = true;
            say(call, call->out,
                SAY("! {0} bevestigde nog niet wat gewist moest worden: vangnet-hub erasures.",
                    "! {0} hasn't confirmed yet what had to be erased: vangnet-hub erasures.",
                    "! {0} n'a pas encore confirmé ce qui devait être effacé : vangnet-hub "
                    "erasures."),
                TEXT_ARGS(json_need_text(&answer, row, "organisation")));
        }
    }
    json_close(&answer);
    return found;
}

static bool judge_keys(const struct cli_call *call, struct json_reader *status) {
    if (json_need_int(status, json_root(status), "families.keys_left") > 0) {
        return false;
    }
    say(call, call->out,
        SAY("! Er zijn geen sleutels meer voor nieuwe gezinnen: kan de hub zijn sleutelbos "
            "schrijven, en is er plaats op de schijf?",
            "! No keys are left for new families: can the hub write its keyring, and is there room "
            "on the disk?",
            "! Il n'y a plus de clés pour de nouvelles familles : le hub peut-il écrire son "
            "trousseau, et reste-t-il de la place sur le disque ?"),
        NULL);
    return true;
}

/* Since when nobody heard of a member: its own time, or the hub's start where it hasn't spoken. */
static bool is_silent(struct json_reader *answer, const struct json_value *row, int64_t started_ms,
                      int64_t now_ms) {
    int64_t heard_ms = started_ms;
    if (json_find(row, "last_heard") != NULL &&
        say_time_parse(json_need_text(answer, row, "last_heard"), &heard_ms) < 0) {
        return false;
    }
    return strcmp(json_need_text(answer, row, "state"), "active") == 0 &&
           now_ms - heard_ms > (int64_t)SILENT_DAYS * DAY_MS;
}

struct judged {
    int64_t started_ms;
    int64_t now_ms;
    bool found;
    char next[PATH_SIZE]; /* the next page's path, empty after the last */
};

static void judge_waiting(const struct cli_call *call, struct json_reader *answer,
                          struct judged *judged) {
    const struct json_value *waiting = json_need_array(answer, json_root(answer), "pending");
    for (size_t i = 0; i < json_count(waiting); i++) {
        judged->found = true;
        say(call, call->out,
            SAY("! {0} wacht op goedkeuring: vangnet-hub approve {0}.",
                "! {0} waits for approval: vangnet-hub approve {0}.",
                "! {0} attend l'approbation : vangnet-hub approve {0}."),
            TEXT_ARGS(json_need_text(answer, json_at(waiting, i), "organisation")));
    }
}

static void judge_page(const struct cli_call *call, struct json_reader *answer,
                       struct judged *judged) {
    const struct json_value *root = json_root(answer);
    const struct json_value *rows = json_need_array(answer, root, "rows");
    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json_value *row = json_at(rows, i);
        if (!is_silent(answer, row, judged->started_ms, judged->now_ms)) {
            continue;
        }
        judged->found = true;
        say(call, call->out,
            SAY("! {0} liet al meer dan drie dagen niets horen: bel of hun knooppunt draait.",
                "! {0} hasn't been heard for over three days: call to see that its node runs.",
                "! {0} ne s'est pas manifesté depuis plus de trois jours : vérifiez que son nœud "
                "tourne."),
            TEXT_ARGS(json_need_text(answer, row, "organisation")));
    }
    judged->next[0] = '\0';
    if (json_find(root, "next") != NULL) {
        snprintf(judged->next, PATH_SIZE, "/api/v1/members?limit=200&cursor=%s",
                 json_need_text(answer, root, "next"));
    }
}

/* Who waits comes with each page, so it's taken from the first. */
static bool judge_members(const struct cli_call *call, struct json_reader *status) {
    const struct json_value *root = json_root(status);
    struct judged judged = {.next = "/api/v1/members?limit=200"};
    if (say_time_parse(json_need_text(status, root, "started_at"), &judged.started_ms) < 0 ||
        say_time_parse(json_need_text(status, root, "now"), &judged.now_ms) < 0) {
        return true;
    }
    for (bool first = true; judged.next[0] != '\0'; first = false) {
        struct json_reader answer;
        const struct talk_request request = {.method = "GET", .path = judged.next};
        if (talk(call, &request, &answer) != CLI_OK) {
            return true;
        }
        if (first) {
            judge_waiting(call, &answer, &judged);
        }
        judge_page(call, &answer, &judged);
        json_close(&answer);
    }
    return judged.found;
}

static void print_judgement(const struct cli_call *call, struct json_reader *status) {
    const struct json_value *root = json_root(status);
    bool found = json_need_bool(status, root, "store.short_of_room") ||
                 !json_need_bool(status, root, "director_key") ||
                 strcmp(json_need_text(status, root, "clock.state"), "right") != 0;
    found = judge_backup(call, status) || found;
    found = judge_keyring(call, status) || found;
    found = judge_keys(call, status) || found;
    found = judge_flags(call) || found;
    found = judge_erasures(call) || found;
    found = judge_members(call, status) || found;
    if (!found) {
        say(call, call->out,
            SAY("Alles in orde: er is niets te doen.", "All is well: there is nothing to do.",
                "Tout va bien : il n'y a rien à faire."),
            NULL);
    }
}

enum cli_status command_status(void *ctx, const struct cli_call *call) {
    struct json_reader answer;
    const struct talk_request request = {.method = "GET", .path = "/api/v1/status"};
    (void)ctx;
    if (cli_flag(call, "json")) {
        return talk_print(call, "/api/v1/status");
    }
    enum cli_status status = talk(call, &request, &answer);
    if (status == CLI_OK) {
        print_status(call, &answer);
        print_judgement(call, &answer);
        json_close(&answer);
    }
    return status;
}
