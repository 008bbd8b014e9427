#include "node/shell/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char FORM[] =
    "; The node of one organisation. A comment is a line that starts with ';'.\n"
    ";\n"
    "; Long-term backup, kept safe: this file and keys/ (keys/disclosure.key above all: with a "
    "new\n"
    "; one the same figures would get other noise, and the difference would tell the truth).\n"
    "; Backup of at most 30 days: db/ and keyring.\n"
    "\n"
    "[organisation]\n"
    "id = %s\n"
    "name = %s\n"
    "; Where a family can call; stands on printed cards.\n"
    "; telephone = 056 12 34 56\n"
    "\n"
    "[hub]\n"
    "id = %s\n"
    "; Where members dial in, and where newcomers do.\n"
    "endpoint = %s\n"
    "join_endpoint = %s\n"
    "; The hub's transport key and the fingerprint of the region, from the invitation.\n"
    "key = %s\n"
    "fingerprint = %s\n"
    "\n"
    "[http]\n"
    "; The API on this machine's loopback too, with bearer tokens (vangnet-node token create).\n"
    "; Without it only the command line on this machine can ask.\n"
    "; address = 127.0.0.1\n"
    "; port = 8480\n"
    "\n"
    "[mail]\n"
    "; Mail without content (\"1 item waits\"), over the organisation's own server: at once for "
    "what\n"
    "; is urgent, else at 08:00 on working days. To team and deputy. The password stands alone in\n"
    "; a file of its own (0600). More: README.\n"
    "; url = smtp://mail.example:587\n"
    "; from = vangnet@ocmw.example\n"
    "; to = onthaal@ocmw.example, diensthoofd@ocmw.example\n"
    "; teams = onthaal: an@ocmw.example, bram@ocmw.example; gezin: carl@ocmw.example\n"
    "; user = vangnet\n"
    "; password_file = /etc/vangnet/mail-password\n"
    "; ca_file =\n"
    "; tls = by-address\n"
    "; language = nl\n"
    "\n"
    "[memory]\n"
    "; no: start also where keys can't be kept out of the swap file.\n"
    "lock = %s\n";

struct raw_settings {
    char org[ORG_ID_MAX + 1];
    char hub[HUB_ID_MAX + 1];
    char key[65];
    char fingerprint[65];
};

static int refuse(struct config_error *ret_error, const char *what) {
    (void)snprintf(ret_error->text, sizeof(ret_error->text), "%s: %s", PLACE_CONFIG, what);
    return ERR_CONFIG;
}

static int from_raw(const struct raw_settings *raw, struct settings *settings,
                    struct config_error *ret_error) {
    if (org_id_parse(raw->org, &settings->own.org) < 0) {
        return refuse(ret_error, "[organisation] id isn't an id");
    }
    if (hub_id_parse(raw->hub, &settings->own.hub) < 0) {
        return refuse(ret_error, "[hub] id isn't an id");
    }
    if (hex_decode(raw->key, settings->hub_key, 32) < 0) {
        return refuse(ret_error, "[hub] key isn't 64 hexadecimal digits");
    }
    if (hex_decode(raw->fingerprint, settings->fingerprint.bytes, 32) < 0) {
        return refuse(ret_error, "[hub] fingerprint isn't 64 hexadecimal digits");
    }
    return 0;
}

int settings_load(const struct place *place, struct settings *ret, struct config_error *ret_error) {
    struct settings settings = {.http_port = 8480, .lock_memory = true};
    struct raw_settings raw = {0};
#define TEXT_KEY(in, key, to, must)                                                                \
    {                                                                                              \
        .section = (in), .name = (key), .kind = CONFIG_TEXT, .target = (to), .size = sizeof(to),   \
        .required = (must)                                                                         \
    }
    const struct config_key keys[] = {
        TEXT_KEY("organisation", "id", raw.org, true),
        TEXT_KEY("organisation", "name", settings.name, true),
        TEXT_KEY("organisation", "telephone", settings.telephone, false),
        TEXT_KEY("mail", "url", settings.mail.url, false),
        TEXT_KEY("mail", "from", settings.mail.from, false),
        TEXT_KEY("mail", "to", settings.mail.to, false),
        TEXT_KEY("mail", "teams", settings.mail.teams, false),
        TEXT_KEY("mail", "user", settings.mail.user, false),
        TEXT_KEY("mail", "password_file", settings.mail.password_file, false),
        TEXT_KEY("mail", "ca_file", settings.mail.ca_file, false),
        TEXT_KEY("mail", "tls", settings.mail.tls, false),
        TEXT_KEY("mail", "language", settings.mail.language, false),
        TEXT_KEY("hub", "id", raw.hub, true),
        TEXT_KEY("hub", "endpoint", settings.endpoint, true),
        TEXT_KEY("hub", "join_endpoint", settings.join_endpoint, false),
        TEXT_KEY("hub", "key", raw.key, true),
        TEXT_KEY("hub", "fingerprint", raw.fingerprint, true),
        TEXT_KEY("http", "address", settings.http_address, false),
        {.section = "http",
         .name = "port",
         .kind = CONFIG_INT,
         .target = &settings.http_port,
         .least = 0,
         .most = 65535},
        {.section = "memory", .name = "lock", .kind = CONFIG_BOOL, .target = &settings.lock_memory},
    };
#undef TEXT_KEY
    const struct config_table table = {.keys = keys, .count = sizeof(keys) / sizeof(keys[0])};
    const struct place_path path = place_path(place, PLACE_CONFIG);
    int r = config_read_table(path.text, &table, ret_error);
    if (r < 0) {
        return r;
    }
    r = from_raw(&raw, &settings, ret_error);
    if (r < 0) {
        return r;
    }
    *ret = settings;
    return 0;
}

int settings_save(const struct place *place, const struct settings *settings) {
    char key[65];
    char fingerprint[65];
    hex_encode((struct bytes){.data = settings->hub_key, .length = 32}, key);
    hex_encode(BYTES_OF(settings->fingerprint), fingerprint);
    char *text = NULL;
    int length = asprintf(&text, FORM, settings->own.org.text, settings->name,
                          settings->own.hub.text, settings->endpoint, settings->join_endpoint, key,
                          fingerprint, settings->lock_memory ? "yes" : "no");
    if (length < 0) {
        return ERR_NO_MEMORY;
    }
    int r = place_write(place, PLACE_CONFIG,
                        (struct bytes){.data = (const uint8_t *)text, .length = (size_t)length});
    free(text);
    return r;
}
