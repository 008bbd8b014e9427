/* What node.ini says: who we are, on which hub, and what the administrator chose.
 *
 * `join` writes the file, the administrator may edit it, the daemon reads it at its start. It holds
 * no secret. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "node/shell/place.h"
#include "shared/base/ids.h"
#include "shared/io/config.h"
#include "shared/io/link.h"
#include "shared/wire/packet.h"

struct settings {
    struct address own;
    char name[NAME_BYTES_MAX + 1];
    char endpoint[LINK_ENDPOINT_SIZE];      /* the hub's, for members */
    char join_endpoint[LINK_ENDPOINT_SIZE]; /* the hub's, for who isn't one yet */
    uint8_t hub_key[32];                    /* its CURVE key */
    struct digest fingerprint;              /* of the directory's first entry */
    char http_address[64];                  /* empty: no TCP */
    int64_t http_port;
    char telephone[121]; /* on printed cards: where a family can call; empty: none */
    struct mail_choice {
        char url[256]; /* empty: no mail */
        char from[256];
        char to[1024];    /* who hears of everything: team and deputy, addresses with commas */
        char teams[3000]; /* "onthaal: an@x, bram@x; sociaal: carl@x": by team, deputies too */
        char user[256];
        char password_file[256];
        char ca_file[256];
        char tls[16];     /* by-address, required, optional */
        char language[8]; /* of the mails: nl, fr, en */
    } mail;
    bool lock_memory; /* refuse to start where keys can't be kept out of swap */
};

/* Errors: as config_read, ERR_NOT_FOUND without a sentence where there's no file. */
MUST_CHECK int settings_load(const struct place *place, struct settings *ret,
                             struct config_error *ret_error);
/* With comments for who edits it. Errors: as place_write, ERR_NO_MEMORY. */
MUST_CHECK int settings_save(const struct place *place, const struct settings *settings);
