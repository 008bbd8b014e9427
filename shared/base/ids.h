/* Names of parties and things, each its own type so that the compiler refuses a swap.
 *
 * Text ids are lower-case ASCII letters, digits and '-', starting with a letter or digit. All are
 * NUL-terminated and zero-padded, so that memcmp and struct assignment do what one expects. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/bytes.h"
#include "shared/base/err.h"
#include "shared/base/limits.h"

struct org_id {
    char text[ORG_ID_MAX + 1];
};

struct hub_id {
    char text[HUB_ID_MAX + 1];
};

struct service_id {
    char text[SERVICE_ID_MAX + 1];
};

struct user_id {
    char text[USER_ID_MAX + 1];
};

struct team_id {
    char text[TEAM_ID_MAX + 1];
};

/* ISO 639-3, three letters. */
struct language {
    char code[4];
};

/* A municipality by its NIS (REFNIS) code, five digits. 0 is "not known". */
struct nis {
    uint32_t code;
};

/* organisation@hub: a node may join several hubs. The hub itself is HUB_ORG@hub. */
struct address {
    struct org_id org;
    struct hub_id hub;
};

struct message_id {
    uint8_t bytes[16];
};

/* A family's pseudonym on one hub, as long as one consent lives (DESIGN 5). */
struct family_handle {
    uint8_t bytes[32];
};

/* A BLAKE2b-256 hash. */
struct digest {
    uint8_t bytes[32];
};

/* The organisation id under which a hub sends and receives; no member may carry it. */
extern const struct org_id HUB_ORG;

/* Each reads a whole text. Errors: ERR_MALFORMED (empty, too long, another character). */
MUST_CHECK int org_id_parse(const char *text, struct org_id *ret);
MUST_CHECK int hub_id_parse(const char *text, struct hub_id *ret);
MUST_CHECK int service_id_parse(const char *text, struct service_id *ret);
MUST_CHECK int user_id_parse(const char *text, struct user_id *ret);
MUST_CHECK int team_id_parse(const char *text, struct team_id *ret);
/* Only the form is looked at; the list of languages is in shared/places. */
MUST_CHECK int language_parse(const char *text, struct language *ret);
/* Only the form is looked at; the municipalities are in shared/places. */
MUST_CHECK int nis_parse(const char *text, struct nis *ret);

bool org_id_equal(const struct org_id *a, const struct org_id *b);
bool hub_id_equal(const struct hub_id *a, const struct hub_id *b);
bool service_id_equal(const struct service_id *a, const struct service_id *b);
bool address_equal(const struct address *a, const struct address *b);
bool message_id_equal(const struct message_id *a, const struct message_id *b);
bool family_handle_equal(const struct family_handle *a, const struct family_handle *b);
bool digest_equal(const struct digest *a, const struct digest *b);
bool digest_is_zero(const struct digest *digest);
