/* The hub's secrets: its own key file, the director's, and what is derived of them, all in locked
 * memory.
 *
 * A key file is one line, "vangnet hub key v1 " and the 32 bytes of a seed in hexadecimal, mode
 * 0600. From the hub's seed come its signing key, its transport key and the key of draws; from the
 * director's only a signing key. The one place of the shell that reads or writes key files. */
#pragma once

#include "hub/core/hub.h"
#include "shared/base/ids.h"

struct keys {
    struct hub_keys hub; /* borrows the secrets below */
    struct sign_secret sign_secret;
    struct curve_secret curve_secret;
    struct sign_secret director_secret;
    /* What invitations and tokens are drawn from: the same command gives the same secret, so an
     * answer that was lost can be had again, though nobody keeps it. */
    struct digest draw;
    /* What the noise of quarterly counts is keyed with. It's of the hub's seed, which is kept for
     * good: another key would draw other noise over the same counts. */
    struct digest noise;
};

enum { KEY_HUB, KEY_DIRECTOR };

/* Draws a seed and writes the file (mode 0600, synced). Errors: ERR_EXISTS, ERR_IO, ERR_NO_ROOM. */
MUST_CHECK int keys_make(const char *path, int which);

/* In memory of secret_new; the director's file may be missing: hub.director is NULL then.
 * Errors: ERR_NOT_FOUND (the hub's file), ERR_DENIED (others may read it, or we may not),
 * ERR_MALFORMED, ERR_IO, ERR_NO_MEMORY. */
MUST_CHECK int keys_load(const char *hub_path, const char *director_path, struct keys **ret);
void keys_free(struct keys *keys); /* takes NULL */

/* 32 bytes that only this hub can make, for a purpose ("token/v1") and a command's id. */
struct digest keys_draw(const struct keys *keys, const char *purpose, const struct message_id *id);
