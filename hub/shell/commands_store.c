#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hub/core/journal.h"
#include "hub/core/rebuild.h"
#include "hub/shell/commands.h"
#include "hub/shell/records.h"
#include "hub/shell/say.h"
#include "hub/shell/settings.h"
#include "hub/shell/talk.h"
#include "shared/crypto/random.h"
#include "shared/store/env.h"

enum { NUMBER_SIZE = 24, POLL_MS = 200 };

/* Under the store's exclusive lock: while the daemon runs this gives ERR_LOCKED. */
static int open_stopped(const struct cli_call *call, struct store **ret) {
    struct settings settings;
    struct config_error wrong;
    char path[SETTINGS_PATH_SIZE];
    int r = random_init();
    if (r < 0) {
        (void)say_error(call, r);
        return r;
    }
    r = settings_read(say_dir(call), &settings, &wrong);
    if (r < 0) {
        fprintf(call->err, "%s\n", wrong.text);
        (void)say_error(call, r);
        return r;
    }
    r = settings_path(&settings, SETTINGS_STORE, path);
    if (r == 0) {
        const struct store_params params = {.path = path, .durability = STORE_DURABLE};
        r = store_open(&params, ret);
    }
    if (r == ERR_LOCKED) {
        say(call, call->err,
            SAY("De hub draait. Stop hem eerst (systemctl stop vangnet-hub, of Ctrl-C waar hij "
                "draait), en start hem daarna weer.",
                "The hub runs. Stop it first (systemctl stop vangnet-hub, or Ctrl-C where it "
                "runs), "
                "and start it again afterwards.",
                "Le hub tourne. Arrêtez-le d'abord (systemctl stop vangnet-hub, ou Ctrl-C là où il "
                "tourne), puis redémarrez-le."),
            NULL);
    } else if (r < 0) {
        (void)say_error(call, r);
    }
    return r;
}

static const char *number(char ret[static NUMBER_SIZE], uint64_t value) {
    snprintf(ret, NUMBER_SIZE, "%llu", (unsigned long long)value);
    return ret;
}

enum cli_status command_verify(void *ctx, const struct cli_call *call) {
    struct store *store;
    struct store_txn *view;
    struct journal_verdict verdict;
    char text[NUMBER_SIZE];
    (void)ctx;
    if (open_stopped(call, &store) < 0) {
        return CLI_FAILED;
    }
    int r = store_begin_read(store, &view);
    if (r == 0) {
        r = journal_verify(view, &verdict);
        store_abort(view);
    }
    store_close(store);
    if (r < 0) {
        return say_error(call, r);
    }
    if (verdict.broken_at != 0) {
        say(call, call->err,
            SAY("Het journaal is gebroken bij {0} ({1}). Zet een back-up terug en meld het.",
                "The journal is broken at {0} ({1}). Restore a backup and report it.",
                "Le journal est rompu à {0} ({1}). Restaurez une sauvegarde et signalez-le."),
            TEXT_ARGS(number(text, verdict.broken_at), verdict.reason));
        return CLI_FAILED;
    }
    say(call, call->out,
        SAY("Het journaal klopt: {0} feiten, van de eerste tot de laatste.",
            "The journal holds: {0} facts, from the first to the last.",
            "Le journal est intact : {0} faits, du premier au dernier."),
        TEXT_ARGS(number(text, verdict.records)));
    return CLI_OK;
}

static int say_rebuild_failed(const struct cli_call *call, int error) {
    if (error == ERR_CRYPTO) {
        say(call, call->err,
            SAY("Een feit over een gezin gaat niet open: de sleutelbos is van een ander moment dan "
                "het journaal. Zet de jongste keyring en haar master.key terug. Er is niets "
                "veranderd.",
                "A fact about a family doesn't open: the keyring is of another time than the "
                "journal. Put the newest keyring and its master.key back. Nothing was changed.",
                "Un fait au sujet d'une famille ne s'ouvre pas : le trousseau n'est pas du même "
                "moment que le journal. Remettez le keyring le plus récent et sa master.key. Rien "
                "n'a été modifié."),
            NULL);
    } else {
        (void)say_error(call, error);
    }
    return error;
}

/* Tables may be all broken: the keyring is taken as it is, and the journal says whether it fits. */
static int rebuild_with_keys(const struct cli_call *call, struct store *store,
                             struct rebuild_report *ret) {
    struct settings settings;
    struct config_error wrong;
    struct records *records = NULL;
    struct vault_keys keys;
    int r = settings_read(say_dir(call), &settings, &wrong);
    r = r < 0 ? r : records_open_there(&settings, &records);
    if (r == 0) {
        keys = records_keys(records).records;
    }
    if (r == 0 || r == ERR_NOT_FOUND) { /* without a keyring: a hub that never knew a family */
        r = rebuild_run(store, r == 0 ? &keys : NULL, ret);
    }
    records_close(records);
    return r < 0 ? say_rebuild_failed(call, r) : 0;
}

enum cli_status command_rebuild(void *ctx, const struct cli_call *call) {
    struct store *store;
    struct rebuild_report report;
    char text[NUMBER_SIZE];
    (void)ctx;
    if (open_stopped(call, &store) < 0) {
        return CLI_FAILED;
    }
    int r = rebuild_with_keys(call, store, &report);
    store_close(store);
    if (r < 0) {
        return CLI_FAILED;
    }
    bool same = digest_equal(&report.before, &report.after);
    char hash[2 * sizeof(report.after) + 1];
    hex_encode(BYTES_OF(report.after), hash);
    say(call, call->out,
        same ? SAY("Herbouwd uit {0} feiten: alles was gelijk. Toestand {1}",
                   "Rebuilt from {0} facts: everything was the same. State {1}",
                   "Reconstruit de {0} faits : tout était identique. État {1}")
             : SAY("Herbouwd uit {0} feiten. De tabellen weken af en zijn hersteld; meld dit. "
                   "Toestand {1}",
                   "Rebuilt from {0} facts. The tables differed and are mended; report this. State "
                   "{1}",
                   "Reconstruit de {0} faits. Les tables différaient et sont réparées ; "
                   "signalez-le. État {1}"),
        TEXT_ARGS(number(text, report.facts), hash));
    return CLI_OK;
}

/* -- backup -- */

/* The daemon stands in another directory: an absolute path, malloc'd, or NULL. */
static char *absolute(const char *path) {
    char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
    char *full = NULL;
    if (path[0] != '/' && here == NULL) {
        return NULL;
    }
    if (asprintf(&full, "%s%s%s", here == NULL ? "" : here, here == NULL ? "" : "/", path) < 0) {
        full = NULL;
    }
    free(here);
    return full;
}

static bool put_path(FILE *body, const char *name, const char *path) {
    char *full = absolute(path);
    char *quoted = full == NULL ? NULL : talk_quote(full);
    bool fits = quoted != NULL;
    if (fits) {
        fprintf(body, "%s%s", name, quoted);
    }
    free(full);
    free(quoted);
    return fits;
}

static enum cli_status begin_backup(const struct cli_call *call) {
    const char *keyring_dir = cli_text(call, "keyring", NULL);
    char *text = NULL;
    size_t length = 0;
    FILE *body = open_memstream(&text, &length);
    if (body == NULL) {
        return say_error(call, ERR_NO_MEMORY);
    }
    bool fits = put_path(body, "{\"file\":", call->arguments[0]) &&
                (keyring_dir == NULL || put_path(body, ",\"keyring_dir\":", keyring_dir));
    fputc('}', body);
    if (fclose(body) != 0 || !fits) {
        free(text);
        return say_error(call, ERR_NO_MEMORY);
    }
    const struct talk_request request = {.method = "POST", .path = "/api/v1/backup", .body = text};
    enum cli_status status = talk(call, &request, NULL);
    free(text);
    return status;
}

static enum cli_status end_backup(const struct cli_call *call, struct json_reader *answer) {
    const struct json_value *root = json_root(answer);
    char text[NUMBER_SIZE];
    if (strcmp(json_need_text(answer, root, "state"), "done") != 0) {
        const char *error =
            json_find(root, "error") == NULL ? "-" : json_need_text(answer, root, "error");
        say(call, call->err,
            SAY("De back-up is mislukt ({0}). Kijk of de map bestaat, of de hub er mag schrijven "
                "en "
                "of er plaats is.",
                "The backup failed ({0}). See that the directory exists, that the hub may write "
                "there, and that there is room.",
                "La sauvegarde a échoué ({0}). Vérifiez que le dossier existe, que le hub peut y "
                "écrire et qu'il y a de la place."),
            TEXT_ARGS(error));
        return CLI_FAILED;
    }
    const uint64_t sequence = (uint64_t)json_need_int(answer, root, "sequence");
    say(call, call->out,
        SAY("De back-up staat in {0}, tot en met feit {1}. Sleutels (hub.key, director.key, "
            "master.key) zitten er niet in: bewaar die apart.\n"
            "De sleutelbos staat in {2}, een bestand apart. Vernietig het op {3} (shred -u) en "
            "bewaar het nergens langer, ook niet in een archief: het opent wat gezinnen intussen "
            "laten wissen.",
            "The backup stands in {0}, up to fact {1}. Keys (hub.key, director.key, master.key) "
            "aren't in it: keep those apart.\n"
            "The keyring stands in {2}, a file of its own. Destroy it on {3} (shred -u) and keep "
            "it nowhere longer, nor in an archive: it opens what families have erased meanwhile.",
            "La sauvegarde est dans {0}, jusqu'au fait {1}. Les clés (hub.key, director.key, "
            "master.key) n'y sont pas : conservez-les à part.\n"
            "Le trousseau est dans {2}, un fichier à part. Détruisez-le le {3} (shred -u) et ne le "
            "gardez nulle part plus longtemps, pas même dans une archive : il ouvre ce que des "
            "familles font effacer entre-temps."),
        TEXT_ARGS(json_need_text(answer, root, "file"), number(text, sequence),
                  json_need_text(answer, root, "keyring"),
                  json_need_text(answer, root, "keyring_expires")));
    return CLI_OK;
}

enum cli_status command_backup(void *ctx, const struct cli_call *call) {
    const struct talk_request request = {.method = "GET", .path = "/api/v1/backup"};
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000};
    (void)ctx;
    enum cli_status status = begin_backup(call);
    while (status == CLI_OK) {
        struct json_reader answer;
        status = talk(call, &request, &answer);
        if (status != CLI_OK) {
            return status;
        }
        bool running = strcmp(json_need_text(&answer, json_root(&answer), "state"), "running") == 0;
        status = running ? CLI_OK : end_backup(call, &answer);
        json_close(&answer);
        if (!running) {
            return status;
        }
        (void)nanosleep(&pause, NULL);
    }
    return status;
}
