/* Sealed records: how a family-level value stands in the database, and the keyed hash that is its
 * key there (PRIVACY 3 and 4.4). Pure: the keys come from the caller (keyring.h reads the file).
 *
 * Destroying the record key destroys the record, in the database and in every copy of it. */
#pragma once

#include <stdint.h>

#include "shared/base/buf.h"
#include "shared/base/bytes.h"
#include "shared/base/err.h"
#include "shared/base/ids.h"
#include "shared/crypto/aead.h"

enum {
    VAULT_VERSION = 1,
    VAULT_KEY_BYTES_MAX = 128, /* of an LMDB key, as in shared/store/txn.h */
    VAULT_OVERHEAD_BYTES = 1 + 8 + 24 + AEAD_TAG_BYTES,
};

/* A copy of a secret: the caller wipes it (secret_wipe). `id` is never 0 and never used again. */
struct record_key {
    uint64_t id;
    struct aead_key key;
};

/* Keys the LMDB keys are hashed under: the caller derives it from its master key, once. */
struct vault_index_key {
    uint8_t bytes[32];
};

/* Where cores find record keys: the keyring, or a test's array. `get` returns 0, or ERR_NOT_FOUND
 * for a key that was destroyed. */
struct vault_keys {
    int (*get)(void *context, uint64_t id, struct record_key *ret);
    void *context;
};

/* Where the record stands. Both borrowed. */
struct vault_place {
    const char *table;
    struct bytes key;
};

/* Appends all or nothing: version u8 | key id u64 | nonce 24 | XChaCha20-Poly1305(plaintext), with
 * as associated data the length-prefixed table and key, and version and key id;
 * VAULT_OVERHEAD_BYTES longer than the plaintext. What doesn't fit is the buffer's failure. */
void vault_seal(const struct record_key *key, const struct vault_place *place,
                struct bytes plaintext, const struct aead_nonce *nonce, struct buf *out);

/* Appends the plaintext. Errors: ERR_MALFORMED (too short), ERR_UNSUPPORTED (a later version),
 * ERR_CRYPTO (another key, moved from another place, altered), ERR_TOO_LARGE (doesn't fit). */
MUST_CHECK int vault_open(const struct record_key *key, const struct vault_place *place,
                          struct bytes sealed, struct buf *out);

/* Which key opens it. Errors: ERR_MALFORMED, ERR_UNSUPPORTED. */
MUST_CHECK int vault_key_id(struct bytes sealed, uint64_t *ret);

/* A nonce without randomness, so that rebuild writes the same bytes again: the first 24 bytes of
 * BLAKE2b-256 under the record key over table, key, the fact's sequence and the plaintext. Two
 * different plaintexts never share one, not even when a turn is replayed after an abort. */
struct aead_nonce vault_nonce(const struct record_key *key, const struct vault_place *place,
                              uint64_t sequence, struct bytes plaintext);

/* The LMDB key of a family-level record: keyed BLAKE2b-256 over table and raw id. */
struct digest vault_lookup_key(const struct vault_index_key *key, const char *table,
                               struct bytes raw_id);
