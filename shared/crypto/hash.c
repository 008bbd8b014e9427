#include "shared/crypto/hash.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert(sizeof(struct hash) >= sizeof(crypto_generichash_blake2b_state),
              "room for the state");
static_assert(_Alignof(struct hash) >= _Alignof(crypto_generichash_blake2b_state), "its alignment");

static crypto_generichash_blake2b_state *state_of(struct hash *hash) {
    return (crypto_generichash_blake2b_state *)(void *)hash->opaque;
}

static void add(struct hash *hash, const void *data, size_t length) {
    if (length > 0) {
        crypto_generichash_blake2b_update(state_of(hash), data, length);
    }
}

void hash_begin(struct hash *hash, const char *domain) {
    crypto_generichash_blake2b_init(state_of(hash), NULL, 0, sizeof(struct digest));
    hash_run(hash, bytes_from_text(domain));
}

void hash_begin_keyed(struct hash *hash, struct bytes key, const char *domain) {
    assert(key.length >= 1 && key.length <= HASH_KEY_BYTES_MAX);
    int r = crypto_generichash_blake2b_init(state_of(hash), key.data, key.length,
                                            sizeof(struct digest));
    assert(r == 0);
    (void)r;
    hash_run(hash, bytes_from_text(domain));
}

void hash_run(struct hash *hash, struct bytes part) {
    hash_u64(hash, part.length);
    add(hash, part.data, part.length);
}

void hash_u64(struct hash *hash, uint64_t value) {
    uint8_t number[8];
    be64_write(number, value);
    add(hash, number, sizeof(number));
}

struct digest hash_end(struct hash *hash) {
    struct digest digest;
    crypto_generichash_blake2b_final(state_of(hash), digest.bytes, sizeof(digest.bytes));
    sodium_memzero(hash, sizeof(*hash));
    return digest;
}

struct digest hash_of(const char *domain, struct bytes part) {
    struct hash hash;
    hash_begin(&hash, domain);
    hash_run(&hash, part);
    return hash_end(&hash);
}

struct digest hash_keyed(struct bytes key, const char *domain, struct bytes part) {
    struct hash hash;
    hash_begin_keyed(&hash, key, domain);
    hash_run(&hash, part);
    return hash_end(&hash);
}

void blake2b(uint8_t *ret, size_t length, struct bytes in, struct bytes key) {
    int r = crypto_generichash_blake2b(ret, length, in.data, in.length, key.data, key.length);
    assert(r == 0 && "lengths are the caller's constants");
    (void)r;
}

uint64_t blake2b_u64(struct bytes in, struct bytes key) {
    uint8_t out[8];
    blake2b(out, sizeof(out), in, key);
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--) {
        value = value << 8 | out[i];
    }
    sodium_memzero(out, sizeof(out));
    return value;
}

bool secret_equal(const void *a, const void *b, size_t length) {
    return length == 0 || sodium_memcmp(a, b, length) == 0;
}
