#include "shared/vault/vault.h"

#include <assert.h>
#include <string.h>

#include "shared/crypto/hash.h"

enum {
    HEADER_BYTES = 1 + 8 + 24,
    TABLE_BYTES_MAX = 64,
    AD_BYTES_MAX = 4 + TABLE_BYTES_MAX + 4 + VAULT_KEY_BYTES_MAX + 1 + 8,
};

static struct bytes associated_data(const struct vault_place *place, uint64_t key_id,
                                    uint8_t memory[static AD_BYTES_MAX]) {
    struct buf ad = buf_over(memory, AD_BYTES_MAX);
    buf_text(&ad, place->table);
    buf_run(&ad, place->key);
    buf_u8(&ad, VAULT_VERSION);
    buf_u64(&ad, key_id);
    assert(ad.error == 0 && "a table's name or a key longer than any of ours");
    return buf_bytes(&ad);
}

/* All of the record or nothing: a buffer that holds half of one would look sealed. */
static bool has_room(struct buf *out, size_t length) {
    if (out->error == 0 && out->size - out->length < length) {
        out->error = ERR_TOO_LARGE;
    }
    return out->error == 0;
}

void vault_seal(const struct record_key *key, const struct vault_place *place,
                struct bytes plaintext, const struct aead_nonce *nonce, struct buf *out) {
    if (!has_room(out, plaintext.length + VAULT_OVERHEAD_BYTES)) {
        return;
    }
    uint8_t memory[AD_BYTES_MAX];
    struct bytes ad = associated_data(place, key->id, memory);
    buf_u8(out, VAULT_VERSION);
    buf_u64(out, key->id);
    buf_raw(out, BYTES_OF(nonce->bytes));
    aead_seal(&key->key, nonce, ad, plaintext, out->data + out->length);
    out->length += plaintext.length + AEAD_TAG_BYTES;
}

int vault_key_id(struct bytes sealed, uint64_t *ret) {
    struct reader reader = reader_over(sealed);
    uint8_t version = read_u8(&reader);
    uint64_t id = read_u64(&reader);
    if (reader.error != 0) {
        return ERR_MALFORMED;
    }
    if (version != VAULT_VERSION) {
        return ERR_UNSUPPORTED;
    }
    *ret = id;
    return 0;
}

int vault_open(const struct record_key *key, const struct vault_place *place, struct bytes sealed,
               struct buf *out) {
    uint64_t id;
    int r = vault_key_id(sealed, &id);
    if (r < 0) {
        return r;
    }
    if (sealed.length < VAULT_OVERHEAD_BYTES) {
        return ERR_MALFORMED;
    }
    if (id != key->id) {
        return ERR_CRYPTO;
    }
    size_t length = sealed.length - VAULT_OVERHEAD_BYTES;
    if (!has_room(out, length)) {
        return out->error;
    }
    struct aead_nonce nonce;
    memcpy(nonce.bytes, sealed.data + 1 + 8, sizeof(nonce.bytes));
    struct bytes body = {.data = sealed.data + HEADER_BYTES,
                         .length = sealed.length - HEADER_BYTES};
    uint8_t memory[AD_BYTES_MAX];
    struct bytes ad = associated_data(place, id, memory);
    r = aead_open(&key->key, &nonce, ad, body, out->data + out->length);
    if (r < 0) {
        return r;
    }
    out->length += length;
    return 0;
}

struct aead_nonce vault_nonce(const struct record_key *key, const struct vault_place *place,
                              uint64_t sequence, struct bytes plaintext) {
    struct hash hash;
    hash_begin_keyed(&hash, BYTES_OF(key->key.bytes), "vault-nonce/v1");
    hash_run(&hash, bytes_from_text(place->table));
    hash_run(&hash, place->key);
    hash_u64(&hash, sequence);
    hash_run(&hash, plaintext);
    struct digest digest = hash_end(&hash);
    struct aead_nonce nonce;
    memcpy(nonce.bytes, digest.bytes, sizeof(nonce.bytes));
    return nonce;
}

struct digest vault_lookup_key(const struct vault_index_key *key, const char *table,
                               struct bytes raw_id) {
    struct hash hash;
    hash_begin_keyed(&hash, BYTES_OF(key->bytes), "vault-lookup/v1");
    hash_run(&hash, bytes_from_text(table));
    hash_run(&hash, raw_id);
    return hash_end(&hash);
}
