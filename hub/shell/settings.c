#include "hub/shell/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PORT_MAX = 65535 };

int settings_default(const char *dir, struct settings *ret) {
    *ret = (struct settings){
        .members = "tcp://127.0.0.1:5670",
        .enrol = "tcp://127.0.0.1:5671",
        .api_address = "127.0.0.1",
        .api_port = 8670,
        .director_key = SETTINGS_DIRECTOR_KEY,
    };
    if (strlen(dir) >= sizeof(ret->dir)) {
        return ERR_TOO_LARGE;
    }
    strcpy(ret->dir, dir);
    return 0;
}

int settings_path(const struct settings *settings, const char *name,
                  char ret[static SETTINGS_PATH_SIZE]) {
    int length = name[0] == '/' ? snprintf(ret, SETTINGS_PATH_SIZE, "%s", name)
                                : snprintf(ret, SETTINGS_PATH_SIZE, "%s/%s", settings->dir, name);
    return length < 0 || length >= SETTINGS_PATH_SIZE ? ERR_TOO_LARGE : 0;
}

static int check_ids(const struct settings *settings, const char *path,
                     struct config_error *ret_error) {
    struct hub_id hub;
    if (hub_id_parse(settings->hub, &hub) == 0) {
        return 0;
    }
    snprintf(ret_error->text, sizeof(ret_error->text),
             "%.200s: id: only lower-case letters, digits and '-', at most %d of them", path,
             HUB_ID_MAX);
    return ERR_CONFIG;
}

int settings_read(const char *dir, struct settings *ret, struct config_error *ret_error) {
    char path[SETTINGS_PATH_SIZE];
    struct settings read;
    *ret_error = (struct config_error){0};
    int r = settings_default(dir, &read);
    if (r == 0) {
        r = settings_path(&read, SETTINGS_FILE, path);
    }
    if (r < 0) {
        snprintf(ret_error->text, sizeof(ret_error->text), "%s", err_text(r));
        return r;
    }
#define TEXT_KEY(in, called, field)                                                                \
    {                                                                                              \
        .section = in, .name = called, .kind = CONFIG_TEXT, .target = read.field,                  \
        .size = sizeof(read.field)                                                                 \
    }
    struct config_key keys[] = {
        TEXT_KEY("hub", "id", hub),
        TEXT_KEY("hub", "name", name),
        TEXT_KEY("members", "listen", members),
        TEXT_KEY("members", "public", public_members),
        TEXT_KEY("enrol", "listen", enrol),
        TEXT_KEY("enrol", "public", public_enrol),
        TEXT_KEY("api", "address", api_address),
        TEXT_KEY("keys", "director_key", director_key),
        {.section = "api",
         .name = "port",
         .kind = CONFIG_INT,
         .target = &read.api_port,
         .most = PORT_MAX},
        {.section = "keys", .name = "unlocked", .kind = CONFIG_BOOL, .target = &read.unlocked_keys},
    };
#undef TEXT_KEY
    keys[0].required = true;
    keys[1].required = true;
    const struct config_table table = {.keys = keys, .count = sizeof(keys) / sizeof(keys[0])};
    r = config_read_table(path, &table, ret_error);
    if (r == 0) {
        r = check_ids(&read, path, ret_error);
    }
    if (r == 0) {
        *ret = read;
    }
    return r;
}

static const char FORM[] =
    "# Instellingen van deze hub. Herstart de hub na een wijziging.\n"
    "# Settings of this hub. Restart the hub after a change.\n"
    "\n"
    "[hub]\n"
    "# The id can't change any more: members know the hub by it.\n"
    "id = %s\n"
    "name = %s\n"
    "\n"
    "[members]\n"
    "# Where members are heard. Use tcp://0.0.0.0:PORT (or tcp://[::]:PORT) to be reached from\n"
    "# outside; only keys of members get in.\n"
    "listen = %s\n"
    "# What invitations say instead, when members reach this hub under another name or port.\n"
    "%spublic = %s\n"
    "\n"
    "[enrol]\n"
    "# Where organisations with an invitation ask to join.\n"
    "listen = %s\n"
    "%spublic = %s\n"
    "\n"
    "[api]\n"
    "# HTTP without TLS: keep it on the loopback, and put a proxy with TLS before it where it "
    "must\n"
    "# be reached from outside.\n"
    "address = %s\n"
    "port = %d\n"
    "\n"
    "[keys]\n"
    "# Signs the directory. May be moved elsewhere, such as a stick that is only there when "
    "members\n"
    "# are approved; without it nobody joins or leaves. A path, from this directory or absolute.\n"
    "director_key = %s\n"
    "# yes: start also where the system doesn't let keys be locked in memory (LimitMEMLOCK).\n"
    "unlocked = %s\n";

int settings_format(const struct settings *settings, char **ret_text) {
    bool has_members = settings->public_members[0] != '\0';
    bool has_enrol = settings->public_enrol[0] != '\0';
    char *text = NULL;
    int length = asprintf(
        &text, FORM, settings->hub, settings->name, settings->members, has_members ? "" : "# ",
        has_members ? settings->public_members : "tcp://hub.example.org:5670", settings->enrol,
        has_enrol ? "" : "# ", has_enrol ? settings->public_enrol : "tcp://hub.example.org:5671",
        settings->api_address, (int)settings->api_port, settings->director_key,
        settings->unlocked_keys ? "yes" : "no");
    if (length < 0) {
        return ERR_NO_MEMORY;
    }
    *ret_text = text;
    return 0;
}

int settings_parse_api(const char *text, struct settings *settings) {
    const char *colon = strrchr(text, ':');
    bool bracketed = text[0] == '[';
    if (colon == NULL || colon == text || colon[1] == '\0' ||
        colon[1 + strspn(colon + 1, "0123456789")] != '\0' || strlen(colon + 1) > 5) {
        return ERR_MALFORMED;
    }
    long port = strtol(colon + 1, NULL, 10);
    const char *from = bracketed ? text + 1 : text;
    const char *to = bracketed ? colon - 1 : colon;
    if (port > PORT_MAX || to <= from || (bracketed && *to != ']') ||
        (size_t)(to - from) >= sizeof(settings->api_address) ||
        (!bracketed && memchr(from, ':', (size_t)(to - from)) != NULL)) {
        return ERR_MALFORMED;
    }
    memset(settings->api_address, 0, sizeof(settings->api_address));
    memcpy(settings->api_address, from, (size_t)(to - from));
    settings->api_port = port;
    return 0;
}

bool settings_value_ok(const char *value) {
    size_t length = strlen(value);
    if (length == 0 || value[0] == ' ' || value[length - 1] == ' ') {
        return false;
    }
    for (const char *c = value; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            return false;
        }
    }
    return true;
}

bool settings_is_loopback(const char *endpoint) {
    static const char *const hosts[] = {"tcp://127.", "tcp://localhost:", "tcp://[::1]:"};
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        if (strncmp(endpoint, hosts[i], strlen(hosts[i])) == 0) {
            return true;
        }
    }
    return false;
}
