/* The configuration of a hub: the INI file `hub.conf` in its directory, and where everything else
 * in that directory stands.
 *
 * `init` writes it with comments, an administrator edits it, `run` reads it. No secrets: those are
 * in the key files (keys.h). */
#pragma once

#include <limits.h>
#include <stdint.h>

#include "shared/base/ids.h"
#include "shared/io/config.h"
#include "shared/io/link.h"
#include "shared/members/invitation.h"

enum { SETTINGS_PATH_SIZE = PATH_MAX, SETTINGS_ADDRESS_SIZE = 64 };

struct settings {
    char dir[SETTINGS_PATH_SIZE];
    char hub[HUB_ID_MAX + 1];
    char name[NAME_BYTES_MAX + 1];
    char members[LINK_ENDPOINT_SIZE]; /* where members are heard */
    char enrol[LINK_ENDPOINT_SIZE];   /* where strangers may ask to join */
    /* What invitations say instead of the two above, for a hub behind a name or a router. */
    char public_members[INVITATION_ENDPOINT_SIZE];
    char public_enrol[INVITATION_ENDPOINT_SIZE];
    char api_address[SETTINGS_ADDRESS_SIZE];
    int64_t api_port; /* 0: the system chooses */
    char director_key[SETTINGS_PATH_SIZE];
    bool unlocked_keys; /* start even where key memory can't be locked */
};

/* Everything that may be left out, under the directory `dir`. Errors: ERR_TOO_LARGE (the path). */
MUST_CHECK int settings_default(const char *dir, struct settings *ret);

/* Errors: as config_read_table, each with its sentence; ERR_CONFIG also for an id that isn't one.
 */
MUST_CHECK int settings_read(const char *dir, struct settings *ret, struct config_error *ret_error);

/* The file's text, with comments, malloc'd. Errors: ERR_NO_MEMORY. */
MUST_CHECK int settings_format(const struct settings *settings, char **ret_text);

/* "127.0.0.1:8670" or "[::1]:8670". Errors: ERR_MALFORMED. */
MUST_CHECK int settings_parse_api(const char *text, struct settings *settings);

/* Whether a value can stand in the file: one line of printable UTF-8, not empty, trimmed. */
bool settings_value_ok(const char *value);

/* Whether nobody outside this machine can reach an endpoint ("tcp://127.0.0.1:5670"): 127.0.0.0/8,
 * [::1] (RFC 6890) and localhost (RFC 6761). */
bool settings_is_loopback(const char *endpoint);

/* `name` below the hub's directory; an absolute name stays as it is. `ret` as large as a path.
 * Errors: ERR_TOO_LARGE. */
MUST_CHECK int settings_path(const struct settings *settings, const char *name,
                             char ret[static SETTINGS_PATH_SIZE]);

#define SETTINGS_FILE         "hub.conf"
#define SETTINGS_HUB_KEY      "hub.key"
#define SETTINGS_DIRECTOR_KEY "director.key"
#define SETTINGS_MASTER_KEY   "master.key"
#define SETTINGS_KEYRING      "keyring"
#define SETTINGS_COPIES       "keyring-copies" /* where backups put copies of it */
#define SETTINGS_STORE        "store"
#define SETTINGS_CRASH        "last-event" /* read after a crash: what was being done */
#define SETTINGS_SOCKET       "control.sock"
