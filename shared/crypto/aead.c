#include "shared/crypto/aead.h"

#include <assert.h>
#include <sodium.h>

static_assert(AEAD_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "Poly1305's tag");
static_assert(sizeof(struct aead_key) == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the key");
static_assert(sizeof(struct aead_nonce) == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce");

void aead_seal(const struct aead_key *key, const struct aead_nonce *nonce, struct bytes ad,
               struct bytes plaintext, uint8_t *ret_sealed) {
    crypto_aead_xchacha20poly1305_ietf_encrypt(ret_sealed, NULL, plaintext.data, plaintext.length,
                                               ad.data, ad.length, NULL, nonce->bytes, key->bytes);
}

int aead_open(const struct aead_key *key, const struct aead_nonce *nonce, struct bytes ad,
              struct bytes sealed, uint8_t *ret_plaintext) {
    return crypto_aead_xchacha20poly1305_ietf_decrypt(ret_plaintext, NULL, NULL, sealed.data,
                                                      sealed.length, ad.data, ad.length,
                                                      nonce->bytes, key->bytes) == 0
               ? 0
               : ERR_CRYPTO;
}
