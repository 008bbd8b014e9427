#include "shared/crypto/sign.h"

#include <assert.h>
#include <sodium.h>

#include "shared/crypto/hash.h"

static_assert(sizeof(struct sign_public) == crypto_sign_ed25519_PUBLICKEYBYTES, "RFC 8032");
static_assert(sizeof(struct sign_secret) == crypto_sign_ed25519_SECRETKEYBYTES, "RFC 8032");
static_assert(sizeof(struct signature) == crypto_sign_ed25519_BYTES, "RFC 8032");

void sign_keys_from_seed(const uint8_t seed[static 32], struct sign_public *ret_public,
                         struct sign_secret *ret_secret) {
    crypto_sign_ed25519_seed_keypair(ret_public->bytes, ret_secret->bytes, seed);
}

struct signature sign_bytes(const struct sign_secret *secret, const char *domain,
                            struct bytes message) {
    struct digest digest = hash_of(domain, message);
    struct signature signature;
    crypto_sign_ed25519_detached(signature.bytes, NULL, digest.bytes, sizeof(digest.bytes),
                                 secret->bytes);
    return signature;
}

bool sign_check(const struct sign_public *public_key, const char *domain, struct bytes message,
                const struct signature *signature) {
    struct digest digest = hash_of(domain, message);
    return crypto_sign_ed25519_verify_detached(signature->bytes, digest.bytes, sizeof(digest.bytes),
                                               public_key->bytes) == 0;
}
