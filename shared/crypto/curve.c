#include "shared/crypto/curve.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "shared/crypto/hash.h"

static_assert(sizeof(struct curve_public) == crypto_scalarmult_curve25519_BYTES, "RFC 7748");
static_assert(sizeof(struct curve_secret) == crypto_scalarmult_curve25519_SCALARBYTES, "RFC 7748");

void curve_keys_from_seed(const uint8_t seed[static 32], const char *domain,
                          struct curve_public *ret_public, struct curve_secret *ret_secret) {
    struct digest secret = hash_of(domain, (struct bytes){.data = seed, .length = 32});
    memcpy(ret_secret->bytes, secret.bytes, sizeof(ret_secret->bytes));
    sodium_memzero(&secret, sizeof(secret));
    *ret_public = curve_public_of(ret_secret);
}

struct curve_public curve_public_of(const struct curve_secret *secret) {
    struct curve_public public_key;
    crypto_scalarmult_curve25519_base(public_key.bytes, secret->bytes);
    return public_key;
}
