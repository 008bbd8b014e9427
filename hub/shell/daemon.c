#include "hub/shell/daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hub/shell/api.h"
#include "hub/shell/doors.h"
#include "hub/shell/region.h"
#include "hub/shell/say.h"
#include "hub/shell/turns.h"
#include "shared/base/limits.h"
#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"
#include "shared/io/daemon.h"
#include "shared/io/log.h"
#include "shared/store/env.h"

enum {
    KEYS_BYTES = 64 << 10,
    STOP_PATIENCE_S = 10,
};

struct daemon {
    const struct cli_call *call;
    struct settings settings;
    struct clock clock;
#ifdef VANGNET_TEST_CLOCK
    struct test_clock *test_clock;
#endif
    struct region_facts region;
    struct keys *keys;
    struct store *store;
    struct crash_file *crash;
    struct doors doors;
    struct ring *ring;
    struct vitals *vitals;
    struct routes *routes;
    struct records *records;
    struct copies *copies;
    struct backup *backup;
    struct turns *turns;
    struct api api;
    struct http_server *http;
    int signal_fd;
};

/* What stopped the start: a sentence for people, then the error's own. */
static int fail(const struct daemon *daemon, int error, const struct cli_text *text,
                const char *about) {
    say(daemon->call, daemon->call->err, text, TEXT_ARGS(about));
    (void)say_error(daemon->call, error);
    return error;
}

/* -- files -- */

static int open_settings(struct daemon *daemon) {
    struct config_error wrong;
    const char *dir = say_dir(daemon->call);
    int r = settings_read(dir, &daemon->settings, &wrong);
    if (r == ERR_NOT_FOUND) {
        say(daemon->call, daemon->call->err,
            SAY("In {0} staat geen hub. Maak er een met: vangnet-hub init --dir {0} ...",
                "There is no hub in {0}. Make one with: vangnet-hub init --dir {0} ...",
                "Il n'y a pas de hub dans {0}. Créez-en un avec : vangnet-hub init --dir {0} ..."),
            TEXT_ARGS(dir));
    } else if (r < 0) {
        fprintf(daemon->call->err, "%s\n", wrong.text);
        (void)say_error(daemon->call, r);
    }
    return r;
}

static int open_keys(struct daemon *daemon) {
    char hub[SETTINGS_PATH_SIZE];
    char director[SETTINGS_PATH_SIZE];
    if (!daemon->settings.unlocked_keys && !secret_can_lock(KEYS_BYTES)) {
        say(daemon->call, daemon->call->err,
            SAY("Sleutels kunnen hier niet in het geheugen vastgezet worden, en zouden op de "
                "schijf "
                "kunnen belanden. Verhoog LimitMEMLOCK (of ulimit -l), of zet \"unlocked = yes\" "
                "onder [keys] in hub.conf.",
                "Keys can't be locked in memory here, and could end up on the disk. Raise "
                "LimitMEMLOCK (or ulimit -l), or set \"unlocked = yes\" under [keys] in hub.conf.",
                "Les clés ne peuvent être verrouillées en mémoire ici et pourraient aboutir sur le "
                "disque. Augmentez LimitMEMLOCK (ou ulimit -l), ou mettez « unlocked = yes » sous "
                "[keys] dans hub.conf."),
            NULL);
        return ERR_DENIED;
    }
    int r = settings_path(&daemon->settings, SETTINGS_HUB_KEY, hub);
    if (r == 0) {
        r = settings_path(&daemon->settings, daemon->settings.director_key, director);
    }
    if (r == 0) {
        r = keys_load(hub, director, &daemon->keys);
    }
    if (r < 0) {
        return fail(daemon, r,
                    SAY("De sleutels kunnen niet gelezen worden (alleen de eigenaar mag erbij, "
                        "chmod 600): {0}",
                        "The keys can't be read (only their owner may, chmod 600): {0}",
                        "Les clés ne peuvent être lues (seul leur propriétaire y a accès, chmod "
                        "600) : {0}"),
                    hub);
    }
    return 0;
}

static int open_store(struct daemon *daemon) {
    char path[SETTINGS_PATH_SIZE];
    char crash[SETTINGS_PATH_SIZE];
    struct store_params params = {.path = path, .durability = STORE_DURABLE};
    int r = settings_path(&daemon->settings, SETTINGS_STORE, path);
    if (r == 0) {
        r = settings_path(&daemon->settings, SETTINGS_CRASH, crash);
    }
    if (r == 0) {
        r = store_open(&params, &daemon->store);
    }
    if (r == 0) {
        r = crash_file_open(crash, &daemon->crash);
    }
    if (r < 0) {
        return fail(daemon, r,
                    SAY("De databank kan niet geopend worden: {0}",
                        "The database can't be opened: {0}",
                        "La base de données ne peut être ouverte : {0}"),
                    path);
    }
    r = region_read(daemon->store, &daemon->region);
    if (r == 0) {
        r = region_check(&daemon->region, &daemon->settings, daemon->keys);
    }
    if (r < 0) {
        return fail(daemon, r,
                    SAY("De sleutels of de id in hub.conf horen niet bij deze databank: {0}",
                        "The keys or the id in hub.conf don't belong to this database: {0}",
                        "Les clés ou l'id de hub.conf n'appartiennent pas à cette base : {0}"),
                    path);
    }
    if (daemon->keys->hub.director == NULL) {
        log_line(LOG_LEVEL_WARNING, "director_key_missing", "path", daemon->settings.director_key,
                 "next", "without it nobody can be approved or revoked", NULL);
    }
    daemon->keys->hub.director_public = daemon->region.director;
    return 0;
}

/* What stops the start, in words: it's mended by putting the right file back. */
static const struct cli_text *records_fault(int error) {
    static const struct cli_text missing = {
        {"De sleutelbos of haar hoofdsleutel ontbreekt; zonder is wat de hub van gezinnen weet "
         "niet te lezen. Zet master.key en keyring terug in {0}.",
         "The keyring or its master key is missing; without them what the hub knows of families "
         "can't be read. Put master.key and keyring back into {0}.",
         "Le trousseau ou sa clé principale manque ; sans eux ce que le hub sait des familles est "
         "illisible. Remettez master.key et keyring dans {0}."}};
    static const struct cli_text older = {
        {"De sleutelbos in {0} is ouder dan de databank: sleutels die zij gebruikt staan er niet "
         "in. Zet de jongste kopie terug, of anders ook de databank van diezelfde dag.",
         "The keyring in {0} is older than the database: keys that it uses aren't in it. Put the "
         "newest copy back, or else the database of that same day too.",
         "Le trousseau dans {0} est plus ancien que la base : des clés qu'elle utilise n'y sont "
         "pas. Remettez la copie la plus récente, ou sinon aussi la base du même jour."}};
    static const struct cli_text other = {
        {"De sleutelbos in {0} kan niet geopend worden: beschadigd, van een andere master.key, of "
         "leesbaar voor anderen (chmod 600).",
         "The keyring in {0} can't be opened: damaged, of another master.key, or readable by "
         "others (chmod 600).",
         "Le trousseau dans {0} ne peut être ouvert : abîmé, d'une autre master.key, ou lisible "
         "par d'autres (chmod 600)."}};
    return error == ERR_NOT_FOUND ? &missing : error == ERR_CHAIN ? &older : &other;
}

static int open_records(struct daemon *daemon) {
    int r = records_open_for(&daemon->settings, daemon->store, &daemon->records);
    r = r < 0 ? r : copies_new(&daemon->settings, daemon->records, &daemon->copies);
    return r < 0 ? fail(daemon, r, records_fault(r), daemon->settings.dir) : 0;
}

/* -- doors -- */

static int fail_doors(const struct daemon *daemon, int error, enum doors_fault fault) {
    static const struct cli_text texts[] = {
        [DOORS_NO_PUBLIC_ADDRESS] =
            {{"Wie op alle adressen luistert, moet in hub.conf zeggen onder welk adres leden hem "
              "bereiken: \"public\" onder [members] en onder [enrol].",
              "A hub that listens on all addresses must say in hub.conf under which address "
              "members "
              "reach it: \"public\" under [members] and under [enrol].",
              "Un hub qui écoute sur toutes les adresses doit dire dans hub.conf sous quelle "
              "adresse "
              "les membres le joignent : « public » sous [members] et sous [enrol]."}},
        [DOORS_NO_ZEROMQ] = {{"ZeroMQ start niet ({1}).", "ZeroMQ doesn't start ({1}).",
                              "ZeroMQ ne démarre pas ({1})."}},
        [DOORS_NO_MEMBERS] =
            {{"Op {0} kan niet geluisterd worden ({1}). Gebruikt een ander programma die poort? "
              "Kies dan een andere in hub.conf.",
              "{0} can't be listened on ({1}). Does another program have that port? If so, choose "
              "another one in hub.conf.",
              "Impossible d'écouter sur {0} ({1}). Un autre programme occupe-t-il ce port ? Si "
              "oui, "
              "choisissez-en un autre dans hub.conf."}},
        [DOORS_OPEN] = {{"De proef of een onbekende sleutel op {0} geweigerd wordt, is mislukt "
                         "({1}). De hub start niet; meld dit.",
                         "The trial whether an unknown key is refused on {0} failed ({1}). The hub "
                         "doesn't start; report this.",
                         "L'essai de refus d'une clé inconnue sur {0} a échoué ({1}). Le hub ne "
                         "démarre pas ; signalez-le."}},
    };
    const char *endpoint =
        fault == DOORS_NO_ENROL ? daemon->settings.enrol : daemon->settings.members;
    say(daemon->call, daemon->call->err, &texts[fault == DOORS_NO_ENROL ? DOORS_NO_MEMBERS : fault],
        TEXT_ARGS(endpoint, err_text(error)));
    return error;
}

static int open_links(struct daemon *daemon) {
    enum doors_fault fault = DOORS_NO_ZEROMQ;
    int r = doors_open(&daemon->settings, daemon->keys, daemon->store, &daemon->doors, &fault);
    return r < 0 ? fail_doors(daemon, r, fault) : 0;
}

/* -- the parts that meet -- */

static void read_test_clock(void *ctx) {
#ifdef VANGNET_TEST_CLOCK
    struct daemon *daemon = ctx;
    (void)clock_test_read(daemon->test_clock);
#else
    (void)ctx;
#endif
}

static int open_clock(struct daemon *daemon) {
    daemon->clock = clock_system();
#ifdef VANGNET_TEST_CLOCK
    const char *where = cli_text(daemon->call, "test-clock", NULL);
    if (where != NULL) {
        int r = clock_test_open(where, &daemon->test_clock);
        if (r < 0) {
            return fail(daemon, r,
                        SAY("--test-clock: {0}", "--test-clock: {0}", "--test-clock : {0}"), where);
        }
        daemon->clock = clock_test(daemon->test_clock);
    }
#endif
    return 0;
}

static int open_turns(struct daemon *daemon) {
    struct turns_params params = {
        .store = daemon->store,
        .keys = daemon->keys,
        .records = daemon->records,
        .clock = daemon->clock,
        .clock_fd = -1,
        .read_clock = read_test_clock,
        .clock_ctx = daemon,
        .crash = daemon->crash,
        .members = daemon->doors.members,
        .enrol = daemon->doors.enrol,
        .signal_fd = daemon->signal_fd,
    };
#ifdef VANGNET_TEST_CLOCK
    params.clock_fd = daemon->test_clock == NULL ? -1 : clock_test_fd(daemon->test_clock);
#endif
    struct backup_params backup = {
        .store = daemon->store, .clock = daemon->clock, .copies = daemon->copies};
    params.hub = daemon->region.hub;
    int r = ring_new(COMMAND_RING, &daemon->ring);
    r = r < 0 ? r : vitals_new(&daemon->vitals);
    r = r < 0 ? r : routes_new(&daemon->routes);
    backup.ring = daemon->ring;
    r = r < 0 ? r : backup_new(&backup, &daemon->backup);
    params.ring = daemon->ring;
    params.vitals = daemon->vitals;
    params.routes = daemon->routes;
    r = r < 0 ? r : turns_new(&params, &daemon->turns);
    return r < 0
               ? fail(daemon, r,
                      SAY("De hub start niet.", "The hub doesn't start.", "Le hub ne démarre pas."),
                      NULL)
               : 0;
}

static void fill_api(struct daemon *daemon) {
    struct api *api = &daemon->api;
    const char *members = daemon->settings.public_members;
    const char *enrol = daemon->settings.public_enrol;
    api->store = daemon->store;
    api->clock = daemon->clock;
    api->settings = &daemon->settings;
    api->keys = daemon->keys;
    api->ring = daemon->ring;
    api->vitals = daemon->vitals;
    api->routes = daemon->routes;
    api->backup = daemon->backup;
    api->copies = daemon->copies;
    api->zap = daemon->doors.zap;
    api->fingerprint = daemon->region.fingerprint;
    snprintf(api->region, sizeof(api->region), "%s", daemon->region.name);
    members = members[0] != '\0' ? members : link_server_endpoint(daemon->doors.members);
    enrol = enrol[0] != '\0' ? enrol : link_server_endpoint(daemon->doors.enrol);
    snprintf(api->public_members, sizeof(api->public_members), "%s", members);
    snprintf(api->public_enrol, sizeof(api->public_enrol), "%s", enrol);
}

static int open_http(struct daemon *daemon) {
    char socket[SETTINGS_PATH_SIZE];
    int r = settings_path(&daemon->settings, SETTINGS_SOCKET, socket);
    fill_api(daemon);
    const struct http_config config = {
        .route_count = api_routes(&daemon->api),
        .routes = daemon->api.routes_table,
        .address = daemon->settings.api_address,
        .port = (uint16_t)daemon->settings.api_port,
        .unix_path = socket,
    };
    if (r == 0) {
        r = http_start(&config, &daemon->http);
    }
    if (r < 0) {
        return fail(daemon, r,
                    SAY("HTTP start niet op {0} of op control.sock. Kijk [api] in hub.conf na; een "
                        "heel lange --dir kan ook niet.",
                        "HTTP doesn't start on {0} or on control.sock. Check [api] in hub.conf; a "
                        "very long --dir won't do either.",
                        "HTTP ne démarre pas sur {0} ou sur control.sock. Vérifiez [api] dans "
                        "hub.conf ; un --dir très long ne convient pas non plus."),
                    daemon->settings.api_address);
    }
    atomic_store(&daemon->api.server, daemon->http);
    return 0;
}

static int open_process(struct daemon *daemon) {
    int r = daemon_harden();
    r = r < 0 ? r : daemon_signals(&daemon->signal_fd);
    r = r < 0 ? r : random_init(); /* before any ZeroMQ context */
    return r < 0 ? fail(daemon, r,
                        SAY("Dit systeem laat de hub niet starten.",
                            "This system doesn't let the hub start.",
                            "Ce système ne laisse pas démarrer le hub."),
                        NULL)
                 : 0;
}

static int open_all(struct daemon *daemon) {
    static int (*const steps[])(struct daemon *) = {
        open_process, open_settings, open_clock, open_keys, open_store,
        open_records, open_links,    open_turns, open_http,
    };
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        int r = steps[i](daemon);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static void free_ring(struct ring *ring) {
    for (struct request *left; ring != NULL && (left = ring_take(ring)) != NULL;) {
        request_free(left);
    }
    ring_free(ring);
}

/* In reverse; half of it may never have been opened. */
static void close_all(struct daemon *daemon) {
    if (daemon->http != NULL) {
        http_stop(daemon->http);
    }
    backup_free(daemon->backup);
    turns_free(daemon->turns);
    copies_free(daemon->copies);
    records_close(daemon->records);
    free_ring(daemon->ring);
    routes_free(daemon->routes);
    vitals_free(daemon->vitals);
    doors_close(&daemon->doors);
    crash_file_close(daemon->crash);
    store_close(daemon->store);
    keys_free(daemon->keys);
#ifdef VANGNET_TEST_CLOCK
    clock_test_close(daemon->test_clock);
#endif
    doors_end(&daemon->doors);
}

static void say_ready(const struct daemon *daemon) {
    log_line(LOG_LEVEL_NOTICE, "ready", "hub", daemon->settings.hub, "members",
             link_server_endpoint(daemon->doors.members), "enrol",
             link_server_endpoint(daemon->doors.enrol), "api_address", daemon->settings.api_address,
             "api_port", LOG_INT(http_port(daemon->http)), NULL);
    daemon_notify(getenv("NOTIFY_SOCKET"), "READY=1");
}

enum cli_status daemon_run(const struct cli_call *call) {
    struct daemon *daemon = calloc(1, sizeof(*daemon));
    if (daemon == NULL) {
        return say_error(call, ERR_NO_MEMORY);
    }
    daemon->call = call;
    int r = open_all(daemon);
    if (r == 0) {
        say_ready(daemon);
        r = turns_run(daemon->turns);
        daemon_notify(getenv("NOTIFY_SOCKET"), "STOPPING=1");
        if (r < 0) {
            log_line(LOG_LEVEL_ERROR, "turn_failed", "error", err_text(r), "next",
                     "the hub ends; started again, it goes on from what is on disk", NULL);
            _exit(1); /* nothing in memory may be trusted, least of all to write */
        }
    }
    (void)alarm(STOP_PATIENCE_S); /* closing hangs: everything durable is on disk already */
    close_all(daemon);
    free(daemon);
    (void)alarm(0);
    if (r == 0) {
        log_line(LOG_LEVEL_NOTICE, "stopped", NULL);
    }
    return r < 0 ? CLI_FAILED : CLI_OK;
}
