#include "shared/crypto/box.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "shared/crypto/hash.h"

static_assert(BOX_OVERHEAD_BYTES == crypto_box_SEALBYTES, "libsodium's sealed box");

static void nonce_of(const struct curve_public *ephemeral, const struct curve_public *receiver,
                     uint8_t ret_nonce[static crypto_box_NONCEBYTES]) {
    uint8_t both[64];
    memcpy(both, ephemeral->bytes, 32);
    memcpy(both + 32, receiver->bytes, 32);
    blake2b(ret_nonce, crypto_box_NONCEBYTES, BYTES_OF(both), (struct bytes){0});
}

int box_seal(const struct curve_public *receiver, const uint8_t seed[static 32],
             struct bytes plaintext, uint8_t *ret_sealed) {
    struct curve_secret secret;
    struct curve_public ephemeral;
    curve_keys_from_seed(seed, "box-ephemeral/v1", &ephemeral, &secret);
    uint8_t nonce[crypto_box_NONCEBYTES];
    nonce_of(&ephemeral, receiver, nonce);
    int failed = crypto_box_easy(ret_sealed + sizeof(ephemeral.bytes), plaintext.data,
                                 plaintext.length, nonce, receiver->bytes, secret.bytes);
    sodium_memzero(&secret, sizeof(secret));
    if (failed != 0) {
        return ERR_CRYPTO;
    }
    memcpy(ret_sealed, ephemeral.bytes, sizeof(ephemeral.bytes));
    return 0;
}

int box_open(const struct curve_secret *secret, struct bytes sealed, uint8_t *ret_plaintext) {
    if (sealed.length < BOX_OVERHEAD_BYTES) {
        return ERR_CRYPTO;
    }
    struct curve_public receiver = curve_public_of(secret);
    return crypto_box_seal_open(ret_plaintext, sealed.data, sealed.length, receiver.bytes,
                                secret->bytes) == 0
               ? 0
               : ERR_CRYPTO;
}
