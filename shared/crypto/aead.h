/* XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with a given nonce and associated data.
 *
 * Not key-committing: one ciphertext may open under two keys, so where several receivers share
 * one, commit to the key apart (PRIVACY 4.2). A nonce is used once under a key. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "shared/base/bytes.h"
#include "shared/base/err.h"

enum { AEAD_TAG_BYTES = 16 };

/* In memory from secret_new; the caller wipes it. */
struct aead_key {
    uint8_t bytes[32];
};

struct aead_nonce {
    uint8_t bytes[24];
};

/* Writes plaintext.length + AEAD_TAG_BYTES bytes; may work in place. */
void aead_seal(const struct aead_key *key, const struct aead_nonce *nonce, struct bytes ad,
               struct bytes plaintext, uint8_t *ret_sealed);

/* Writes sealed.length - AEAD_TAG_BYTES bytes; may work in place. Errors: ERR_CRYPTO (too short,
 * another key, nonce or associated data, altered); what `ret_plaintext` points at may then be
 * zeroed. */
MUST_CHECK int aead_open(const struct aead_key *key, const struct aead_nonce *nonce,
                         struct bytes ad, struct bytes sealed, uint8_t *ret_plaintext);
