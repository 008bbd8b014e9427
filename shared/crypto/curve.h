/* X25519 key pairs (RFC 7748) for transport (CURVE), sealing and contact keys.
 *
 * One seed may serve several purposes: the domain ("transport/v1") keeps them apart. Not for
 * signing; never converted from or to Ed25519. */
#pragma once

#include <stdint.h>

struct curve_public {
    uint8_t bytes[32];
};

/* The caller keeps it in memory from secret_new and wipes it. */
struct curve_secret {
    uint8_t bytes[32];
};

/* secret = BLAKE2b-256 of (domain, seed) as hash_of makes it. */
void curve_keys_from_seed(const uint8_t seed[static 32], const char *domain,
                          struct curve_public *ret_public, struct curve_secret *ret_secret);

/* X25519(secret, 9), RFC 7748 section 6.1. */
struct curve_public curve_public_of(const struct curve_secret *secret);
