/* Ed25519 signatures (RFC 8032) over the BLAKE2b-256 of a domain and the received bytes.
 *
 * What is signed is never re-encoded: pass the bytes as they came. Signing hashes as hash_of
 * does, so a signature made under one domain doesn't verify under another. libsodium refuses
 * small-order keys and S >= L. Signatures are deterministic: no randomness is asked. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/bytes.h"

struct sign_public {
    uint8_t bytes[32];
};

struct signature {
    uint8_t bytes[64];
};

/* Seed and public key. The caller keeps it in memory from secret_new and wipes it. */
struct sign_secret {
    uint8_t bytes[64];
};

/* The same seed always gives the same pair; RFC 8032's private key is the seed. */
void sign_keys_from_seed(const uint8_t seed[static 32], struct sign_public *ret_public,
                         struct sign_secret *ret_secret);

struct signature sign_bytes(const struct sign_secret *secret, const char *domain,
                            struct bytes message);
bool sign_check(const struct sign_public *public_key, const char *domain, struct bytes message,
                const struct signature *signature);
