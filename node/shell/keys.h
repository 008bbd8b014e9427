/* A node's keys: files of 32 random bytes below keys/, and what is made of them.
 *
 * identity.seed gives transport (CURVE) and signing keys; seal.seed and contact.seed one X25519
 * pair each, apart because they're replaced on their own days; disclosure.key is the secret of the
 * noise; master.key opens the keyring. All secrets lie in locked memory. */
#pragma once

#include "node/core/node.h"
#include "node/import/siphash.h"
#include "node/shell/place.h"
#include "shared/crypto/curve.h"
#include "shared/crypto/sign.h"
#include "shared/crypto/words.h"
#include "shared/io/link.h"
#include "shared/vault/keyring.h"

enum { KEYS_SECRET_BYTES = 4096 }; /* what a start asks the system to lock */

struct keys_secret {
    struct sign_secret sign;
    struct link_keys transport;
    struct disclosure_key disclosure;
    struct vault_index_key index;
    struct keyring_master master;
    struct siphash_key workers; /* under which an import keeps workers' names as numbers */
};

struct keys {
    struct keys_secret *secret; /* owned */
    struct sign_public sign;
    struct curve_public transport;
    struct curve_public seal;
    struct curve_public contact;
};

/* Makes what is missing, the keyring too, and leaves what is there. Errors: as keyring_master_save
 * and keyring_create. */
MUST_CHECK int keys_make(const struct place *place);
/* Errors: ERR_NOT_FOUND, ERR_DENIED (others may read one), ERR_MALFORMED, ERR_IO, ERR_NO_MEMORY. */
MUST_CHECK int keys_load(const struct place *place, struct keys *ret);
/* The six words that coordinator and applicant compare. */
void keys_words(const struct keys *keys, const struct org_id *org,
                char ret_text[static WORDS_TEXT_SIZE]);
/* Wipes; takes NULL and zeroed ones. */
void keys_deinit(struct keys *keys);
