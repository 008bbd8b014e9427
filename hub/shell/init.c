#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hub/shell/commands.h"
#include "hub/shell/keys.h"
#include "hub/shell/records.h"
#include "hub/shell/say.h"
#include "hub/shell/settings.h"
#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"
#include "shared/io/clock.h"
#include "shared/store/env.h"

/* Everything is made in a directory beside the one that's wanted, which gets its name when it's
 * whole; into one that exists and is empty it's made directly, and taken away again if it fails. */

struct making {
    const struct cli_call *call;
    struct settings settings; /* `dir`: where it's made */
    const char *dir;          /* where it'll stand */
    bool made_dir;
    int64_t now_ms;
};

/* -- what the person asked for -- */

/* "tcp://HOST:PORT" of the address that is listened on, under another host. */
static int publish(const char *host, const char *listen,
                   char ret[static INVITATION_ENDPOINT_SIZE]) {
    const char *port = strrchr(listen, ':');
    int length = snprintf(ret, INVITATION_ENDPOINT_SIZE, "tcp://%s%s", host, port);
    return length < 0 || length >= INVITATION_ENDPOINT_SIZE ? ERR_TOO_LARGE : 0;
}

static bool copy_option(const struct cli_call *call, const char *name, size_t size, char *ret) {
    const char *value = cli_text(call, name, NULL);
    if (value == NULL) {
        return true;
    }
    if (!settings_value_ok(value) || strlen(value) >= size) {
        return false;
    }
    strcpy(ret, value);
    return true;
}

static bool is_endpoint(const char *text) {
    const char *colon = strrchr(text, ':');
    return strncmp(text, "tcp://", 6) == 0 && colon != NULL && colon > text + 6;
}

/* The name of the option at fault, or NULL. */
static const char *read_options(const struct cli_call *call, struct settings *settings) {
    const char *api = cli_text(call, "api", NULL);
    const char *host = cli_text(call, "public", NULL);
    struct hub_id hub;
    if (!copy_option(call, "hub", sizeof(settings->hub), settings->hub) ||
        hub_id_parse(settings->hub, &hub) < 0) {
        return "hub";
    }
    if (!copy_option(call, "name", sizeof(settings->name), settings->name)) {
        return "name";
    }
    if (!copy_option(call, "listen", sizeof(settings->members), settings->members) ||
        !is_endpoint(settings->members)) {
        return "listen";
    }
    if (!copy_option(call, "enrol", sizeof(settings->enrol), settings->enrol) ||
        !is_endpoint(settings->enrol)) {
        return "enrol";
    }
    if (api != NULL && settings_parse_api(api, settings) < 0) {
        return "api";
    }
    bool published =
        host == NULL || (settings_value_ok(host) && strchr(host, ' ') == NULL &&
                         publish(host, settings->members, settings->public_members) == 0 &&
                         publish(host, settings->enrol, settings->public_enrol) == 0);
    return published ? NULL : "public";
}

/* -- the directory -- */

static bool is_empty(const char *path) {
    DIR *dir = opendir(path);
    int count = 0;
    if (dir == NULL) {
        return false;
    }
    while (readdir(dir) != NULL) {
        count++;
    }
    (void)closedir(dir);
    return count == 2; /* "." and ".." */
}

static int begin_dir(struct making *making) {
    char *dir = making->settings.dir;
    struct stat stat;
    if (lstat(making->dir, &stat) == 0) {
        if (!is_empty(making->dir)) {
            return ERR_EXISTS;
        }
        return chmod(making->dir, 0700) < 0 ? ERR_IO : 0;
    }
    int length = snprintf(dir, SETTINGS_PATH_SIZE, "%s.new", making->dir);
    if (length < 0 || length >= SETTINGS_PATH_SIZE) {
        return ERR_TOO_LARGE;
    }
    making->made_dir = true;
    if (mkdir(dir, 0700) < 0) {
        making->made_dir = false;
        return errno == EEXIST ? ERR_EXISTS : ERR_IO;
    }
    return 0;
}

static void unmake(const struct making *making) {
    static const char *const names[] = {SETTINGS_STORE "/data.mdb",
                                        SETTINGS_STORE "/lock.mdb",
                                        SETTINGS_STORE "/owner.lock",
                                        SETTINGS_STORE,
                                        SETTINGS_HUB_KEY,
                                        SETTINGS_DIRECTOR_KEY,
                                        SETTINGS_MASTER_KEY,
                                        SETTINGS_KEYRING,
                                        SETTINGS_FILE};
    char path[SETTINGS_PATH_SIZE];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (settings_path(&making->settings, names[i], path) == 0) {
            (void)remove(path);
        }
    }
    if (making->made_dir) {
        (void)rmdir(making->settings.dir);
    }
}

static int sync_dir(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return ERR_IO;
    }
    int r = fsync(fd) < 0 ? ERR_IO : 0;
    (void)close(fd);
    return r;
}

static int end_dir(const struct making *making) {
    char parent[SETTINGS_PATH_SIZE];
    int r = sync_dir(making->settings.dir);
    if (r < 0 || !making->made_dir) {
        return r;
    }
    if (rename(making->settings.dir, making->dir) < 0) {
        return ERR_IO;
    }
    snprintf(parent, sizeof(parent), "%s", making->dir);
    char *slash = strrchr(parent, '/');
    if (slash == NULL) {
        strcpy(parent, ".");
    } else {
        slash[slash == parent ? 1 : 0] = '\0';
    }
    return sync_dir(parent);
}

/* -- what stands in it -- */

static int write_settings(const struct making *making) {
    char path[SETTINGS_PATH_SIZE];
    char *text;
    int r = settings_path(&making->settings, SETTINGS_FILE, path);
    if (r == 0) {
        r = settings_format(&making->settings, &text);
    }
    if (r < 0) {
        return r;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool written =
        fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && fsync(fd) == 0;
    free(text);
    return (fd >= 0 && close(fd) < 0) || !written ? ERR_IO : 0;
}

static void done(void *context, const struct command *command, enum refusal refusal,
                 struct bytes result) {
    (void)command;
    (void)result;
    *(enum refusal *)context = refusal;
}

static void no_cut(void *context, const struct org_id *org) {
    (void)context;
    (void)org;
}

static int no_send(void *context, const struct address *peer, struct bytes packet) {
    (void)context;
    (void)peer;
    (void)packet;
    return ERR_NOT_FOUND;
}

/* The first user, by a command like any other, so that the journal knows. */
static int add_admin(struct store *store, const struct keys *keys, const struct making *making,
                     struct rng *rng) {
    enum refusal refusal = REFUSAL_BUSY;
    struct hub *hub;
    struct hub_params params = {
        .store = store,
        .keys = keys->hub,
        .links = {.context = &refusal, .send = no_send, .command_done = done, .cut = no_cut},
    };
    const struct user_record user = {.user = {.text = "admin"}, .role = ROLE_ADMINISTRATOR};
    struct command command = {
        .actor = {.user = user.user, .role = ROLE_ADMINISTRATOR},
        .kind = HUB_COMMAND_USER_ADD,
        .arguments = &user,
    };
    random_fill(&command.id, sizeof(command.id));
    int r = hub_id_parse(making->settings.hub, &params.hub);
    if (r == 0) {
        r = hub_new(&params, &hub);
    }
    if (r < 0) {
        return r;
    }
    r = hub_command(hub, &command);
    if (r == 0) {
        r = hub_turn(hub, making->now_ms, rng, false);
    }
    hub_free(hub);
    return r == 0 && refusal != REFUSAL_NONE ? ERR_STORAGE : r;
}

static int found(struct store *store, const struct keys *keys, const struct making *making) {
    uint8_t seed[32];
    struct rng rng;
    struct hub_founding founding = {.region_name = making->settings.name, .now_ms = making->now_ms};
    random_fill(seed, sizeof(seed));
    rng_init(&rng, seed);
    do {
        random_fill(&founding.epoch, sizeof(founding.epoch));
        founding.epoch >>= 1; /* fits every language's signed number */
    } while (founding.epoch == 0);
    int r = hub_id_parse(making->settings.hub, &founding.hub);
    if (r == 0) {
        r = hub_found(store, &founding, &keys->hub, &rng);
    }
    if (r == 0) {
        r = add_admin(store, keys, making, &rng);
    }
    secret_wipe(&rng, sizeof(rng));
    return r;
}

static int make_keys(const struct making *making, struct keys **ret) {
    char hub[SETTINGS_PATH_SIZE];
    char director[SETTINGS_PATH_SIZE];
    int r = settings_path(&making->settings, SETTINGS_HUB_KEY, hub);
    r = r < 0 ? r : settings_path(&making->settings, SETTINGS_DIRECTOR_KEY, director);
    r = r < 0 ? r : keys_make(hub, KEY_HUB);
    r = r < 0 ? r : keys_make(director, KEY_DIRECTOR);
    r = r < 0 ? r : records_make(&making->settings);
    return r < 0 ? r : keys_load(hub, director, ret);
}

static int make_store(const struct making *making, const struct keys *keys) {
    char path[SETTINGS_PATH_SIZE];
    struct store *store;
    int r = settings_path(&making->settings, SETTINGS_STORE, path);
    if (r < 0) {
        return r;
    }
    const struct store_params params = {.path = path, .durability = STORE_DURABLE};
    r = store_open(&params, &store);
    if (r < 0) {
        return r;
    }
    r = found(store, keys, making);
    store_close(store);
    return r;
}

static int make_all(struct making *making) {
    struct keys *keys = NULL;
    int r = begin_dir(making);
    if (r < 0) {
        return r;
    }
    r = make_keys(making, &keys);
    r = r < 0 ? r : make_store(making, keys);
    r = r < 0 ? r : write_settings(making);
    keys_free(keys);
    r = r < 0 ? r : end_dir(making);
    if (r < 0) {
        unmake(making);
    }
    return r;
}

/* -- what is said -- */

static void say_made(const struct making *making) {
    const struct cli_call *call = making->call;
    const char *dir = making->dir;
    say(call, call->out,
        SAY("De hub {0} van {1} is gemaakt in {2}:\n"
            "  hub.conf      instellingen, met uitleg; u mag ze aanpassen\n"
            "  hub.key       de sleutel van de hub; blijft hier, alleen voor de hub leesbaar\n"
            "  director.key  de sleutel waarmee leden worden toegelaten; bewaar een kopie op een\n"
            "                veilige plaats, en verplaats hem gerust (director_key in hub.conf)\n"
            "  master.key    opent de sleutelbos; bewaar een kopie op een veilige plaats\n"
            "  keyring       de sleutelbos: wat over een gezin bewaard wordt, ligt onder een "
            "eigen\n"
            "                sleutel; wordt die vernietigd, dan is het weg. Kopieën ervan mogen\n"
            "                hoogstens 30 dagen bestaan: vangnet-hub backup maakt ze met hun "
            "datum\n"
            "  store/        het journaal en de cijfers\n"
            "De eerste gebruiker is admin.\n"
            "Nu:\n"
            "  vangnet-hub run --dir {2}\n"
            "  vangnet-hub invite --dir {2} --org ocmw-kuurne",
            "The hub {0} of {1} is made in {2}:\n"
            "  hub.conf      settings, explained; you may change them\n"
            "  hub.key       the hub's key; stays here, readable by the hub alone\n"
            "  director.key  the key that lets members in; keep a copy in a safe place, and feel\n"
            "                free to move it (director_key in hub.conf)\n"
            "  master.key    opens the keyring; keep a copy in a safe place\n"
            "  keyring       what is kept about a family lies under a key of its own; once that "
            "is\n"
            "                destroyed, so is what it kept. Copies of the keyring may exist for "
            "30\n"
            "                days at most: vangnet-hub backup makes them, with their date\n"
            "  store/        the journal and the figures\n"
            "The first user is admin.\n"
            "Now:\n"
            "  vangnet-hub run --dir {2}\n"
            "  vangnet-hub invite --dir {2} --org ocmw-kuurne",
            "Le hub {0} de {1} est créé dans {2} :\n"
            "  hub.conf      les réglages, expliqués ; vous pouvez les modifier\n"
            "  hub.key       la clé du hub ; reste ici, lisible par le hub seul\n"
            "  director.key  la clé qui admet les membres ; gardez-en une copie en lieu sûr, et\n"
            "                déplacez-la si vous voulez (director_key dans hub.conf)\n"
            "  master.key    ouvre le trousseau ; gardez-en une copie en lieu sûr\n"
            "  keyring       le trousseau : ce qui est gardé d'une famille l'est sous une clé à\n"
            "                elle ; détruite, elle emporte tout. Ses copies ne peuvent exister "
            "que\n"
            "                30 jours : vangnet-hub backup les fait, avec leur date\n"
            "  store/        le journal et les chiffres\n"
            "Le premier utilisateur est admin.\n"
            "Maintenant :\n"
            "  vangnet-hub run --dir {2}\n"
            "  vangnet-hub invite --dir {2} --org ocmw-kuurne"),
        TEXT_ARGS(making->settings.hub, making->settings.name, dir));
}

static enum cli_status say_failed(const struct making *making, int error) {
    const struct cli_call *call = making->call;
    if (error != ERR_EXISTS) {
        return say_error(call, error);
    }
    say(call, call->err,
        SAY("In {0} staat al iets, of er bleef {0}.new staan van een vorige poging. Kies een "
            "andere "
            "map, of maak die leeg.",
            "Something stands in {0} already, or {0}.new was left by an earlier attempt. Choose "
            "another directory, or empty it.",
            "Il y a déjà quelque chose dans {0}, ou {0}.new est resté d'un essai précédent. "
            "Choisissez un autre dossier ou videz-le."),
        TEXT_ARGS(making->dir));
    return CLI_FAILED;
}

/* When the region was founded: nothing of its directory may be older. */
static int read_now(const struct cli_call *call, int64_t *ret_ms) {
    struct clock clock = clock_system();
    *ret_ms = clock_now_ms(&clock);
#ifdef VANGNET_TEST_CLOCK
    const char *where = cli_text(call, "test-clock", NULL);
    if (where != NULL) {
        return clock_test_once(where, ret_ms);
    }
#else
    (void)call;
#endif
    return 0;
}

static enum cli_status say_wrong(const struct cli_call *call, const char *option) {
    const char *value = cli_text(call, option, "");
    bool endpoint = strcmp(option, "listen") == 0 || strcmp(option, "enrol") == 0;
    if (endpoint && strncmp(value, "tcp://", 6) != 0) {
        say(call, call->err,
            SAY("--{0} {1}: schrijf tcp:// ervoor, zoals in tcp://0.0.0.0:5670.",
                "--{0} {1}: write tcp:// before it, as in tcp://0.0.0.0:5670.",
                "--{0} {1} : écrivez tcp:// devant, comme dans tcp://0.0.0.0:5670."),
            TEXT_ARGS(option, value));
    } else {
        say(call, call->err,
            SAY("De waarde van --{0} kan niet. Zie vangnet-hub init --help.",
                "The value of --{0} won't do. See vangnet-hub init --help.",
                "La valeur de --{0} ne convient pas. Voyez vangnet-hub init --help."),
            TEXT_ARGS(option));
    }
    return CLI_USAGE;
}

enum cli_status command_init(void *ctx, const struct cli_call *call) {
    char dir[SETTINGS_PATH_SIZE];
    struct making making = {.call = call, .dir = dir};
    (void)ctx;
    snprintf(dir, sizeof(dir), "%s", say_dir(call));
    for (size_t length = strlen(dir); length > 1 && dir[length - 1] == '/'; length--) {
        dir[length - 1] = '\0';
    }
    int r = settings_default(dir, &making.settings);
    if (r == 0) {
        r = read_now(call, &making.now_ms);
    }
    if (r == 0) {
        r = random_init();
    }
    if (r < 0) {
        return say_error(call, r);
    }
    const char *wrong = read_options(call, &making.settings);
    if (wrong != NULL) {
        return say_wrong(call, wrong);
    }
    umask(077);
    r = make_all(&making);
    if (r < 0) {
        return say_failed(&making, r);
    }
    say_made(&making);
    const struct settings *made = &making.settings;
    const char *reached = made->public_members[0] != '\0' ? made->public_members : made->members;
    if (settings_is_loopback(reached)) {
        say_loopback(call, reached);
    }
    return CLI_OK;
}
