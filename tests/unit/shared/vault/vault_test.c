#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/vault/vault.h"

enum { SEALED_BYTES = 5 + VAULT_OVERHEAD_BYTES };

static struct record_key counting_key(void) {
    struct record_key key = {.id = 7};
    for (size_t i = 0; i < sizeof(key.key.bytes); i++) {
        key.key.bytes[i] = (uint8_t)i;
    }
    return key;
}

static struct aead_nonce counting_nonce(void) {
    struct aead_nonce nonce;
    for (size_t i = 0; i < sizeof(nonce.bytes); i++) {
        nonce.bytes[i] = (uint8_t)(0x40 + i);
    }
    return nonce;
}

static const uint8_t place_key[3] = {1, 2, 3};

static struct vault_place here(void) {
    return (struct vault_place){.table = "tokens", .key = BYTES_OF(place_key)};
}

static void seal(uint8_t ret[static SEALED_BYTES]) {
    struct record_key key = counting_key();
    struct vault_place place = here();
    struct aead_nonce nonce = counting_nonce();
    struct buf out = buf_over(ret, SEALED_BYTES);
    vault_seal(&key, &place, bytes_from_text("hello"), &nonce, &out);
    assert_int_equal(out.error, 0);
    assert_int_equal(out.length, SEALED_BYTES);
}

static int open_with(const struct record_key *key, const struct vault_place *place,
                     struct bytes sealed) {
    uint8_t memory[64];
    struct buf out = buf_over(memory, sizeof(memory));
    int r = vault_open(key, place, sealed, &out);
    if (r == 0) {
        assert_true(bytes_equal(buf_bytes(&out), bytes_from_text("hello")));
    } else {
        assert_int_equal(out.length, 0);
    }
    return r;
}

/* Python: HChaCha20 written out from draft-irtf-cfrg-xchacha-03 section 2.2, the rest by
 * ChaCha20Poly1305 of the package cryptography (OpenSSL). Key bytes(range(32)), id 7, nonce
 * bytes(range(0x40, 0x58)), associated data 00000006 'tokens' 00000003 010203 01 0000000000000007.
 */
static void a_sealed_record_is_as_the_header_says(void **state) {
    uint8_t sealed[SEALED_BYTES];
    char text[2 * SEALED_BYTES + 1];
    seal(sealed);
    hex_encode(BYTES_OF(sealed), text);
    assert_string_equal(text, "010000000000000007404142434445464748494a4b4c4d4e4f5051525354555657"
                              "bc5c691cbf934ab842acde912fff085637c31eae8d");
}

static void a_record_opens_where_it_was_sealed(void **state) {
    uint8_t sealed[SEALED_BYTES];
    struct record_key key = counting_key();
    struct vault_place place = here();
    uint64_t id;
    seal(sealed);
    assert_int_equal(vault_key_id(BYTES_OF(sealed), &id), 0);
    assert_int_equal(id, 7);
    assert_int_equal(open_with(&key, &place, BYTES_OF(sealed)), 0);
}

static void a_record_moved_to_another_place_doesnt_open(void **state) {
    uint8_t sealed[SEALED_BYTES];
    struct record_key key = counting_key();
    struct vault_place tables = {.table = "token", .key = BYTES_OF(place_key)};
    uint8_t other_key[3] = {1, 2, 4};
    struct vault_place keys = {.table = "tokens", .key = BYTES_OF(other_key)};
    seal(sealed);
    assert_int_equal(open_with(&key, &tables, BYTES_OF(sealed)), ERR_CRYPTO);
    assert_int_equal(open_with(&key, &keys, BYTES_OF(sealed)), ERR_CRYPTO);
}

static void another_key_doesnt_open_it_even_under_the_same_id(void **state) {
    uint8_t sealed[SEALED_BYTES];
    struct vault_place place = here();
    struct record_key key = counting_key();
    seal(sealed);
    key.key.bytes[0] ^= 1;
    assert_int_equal(open_with(&key, &place, BYTES_OF(sealed)), ERR_CRYPTO);
    key = counting_key();
    key.id = 8;
    assert_int_equal(open_with(&key, &place, BYTES_OF(sealed)), ERR_CRYPTO);
}

static void no_bit_of_a_record_can_be_changed(void **state) {
    uint8_t sealed[SEALED_BYTES];
    struct record_key key = counting_key();
    struct vault_place place = here();
    seal(sealed);
    for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        int r = open_with(&key, &place, BYTES_OF(sealed));
        assert_int_equal(r, bit < 8 ? ERR_UNSUPPORTED : ERR_CRYPTO);
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void a_record_that_was_cut_is_malformed_or_doesnt_verify(void **state) {
    uint8_t sealed[SEALED_BYTES];
    struct record_key key = counting_key();
    struct vault_place place = here();
    uint64_t id;
    seal(sealed);
    for (size_t length = 0; length < sizeof(sealed); length++) {
        struct bytes cut = {.data = sealed, .length = length};
        int expected = length < VAULT_OVERHEAD_BYTES ? ERR_MALFORMED : ERR_CRYPTO;
        assert_int_equal(open_with(&key, &place, cut), expected);
        assert_int_equal(vault_key_id(cut, &id), length < 9 ? ERR_MALFORMED : 0);
    }
}

static void what_doesnt_fit_is_neither_sealed_nor_opened(void **state) {
    struct record_key key = counting_key();
    struct vault_place place = here();
    struct aead_nonce nonce = counting_nonce();
    uint8_t memory[SEALED_BYTES];
    struct buf out = buf_over(memory, SEALED_BYTES - 1);
    vault_seal(&key, &place, bytes_from_text("hello"), &nonce, &out);
    assert_int_equal(out.error, ERR_TOO_LARGE);
    assert_int_equal(out.length, 0);

    uint8_t opened[4];
    seal(memory);
    out = buf_over(opened, sizeof(opened));
    assert_int_equal(vault_open(&key, &place, BYTES_OF(memory), &out), ERR_TOO_LARGE);
}

/* hashlib.blake2b over the parts as in shared/crypto/hash_test.c: domain b'vault-nonce/v1',
 * b'tokens', b'\1\2\3', (5).to_bytes(8, 'big'), b'hello', key=bytes(range(32)); first 24 bytes. */
static void a_derived_nonce_is_the_keyed_hash_of_all_it_depends_on(void **state) {
    struct record_key key = counting_key();
    struct vault_place place = here();
    struct aead_nonce nonce = vault_nonce(&key, &place, 5, bytes_from_text("hello"));
    char text[49];
    hex_encode(BYTES_OF(nonce.bytes), text);
    assert_string_equal(text, "1face1651b18a6c0a66617f8f84d351f901dd065a051b07e");
}

static void two_plaintexts_or_sequences_never_share_a_nonce(void **state) {
    struct record_key key = counting_key();
    struct vault_place place = here();
    struct aead_nonce a = vault_nonce(&key, &place, 5, bytes_from_text("hello"));
    struct aead_nonce b = vault_nonce(&key, &place, 5, bytes_from_text("hellp"));
    struct aead_nonce c = vault_nonce(&key, &place, 6, bytes_from_text("hello"));
    assert_memory_not_equal(a.bytes, b.bytes, sizeof(a.bytes));
    assert_memory_not_equal(a.bytes, c.bytes, sizeof(a.bytes));
}

/* hashlib.blake2b as above: domain b'vault-lookup/v1', b'tokens', b'\1\2\3'. */
static void a_lookup_key_is_the_keyed_hash_of_table_and_id(void **state) {
    struct vault_index_key key;
    for (size_t i = 0; i < sizeof(key.bytes); i++) {
        key.bytes[i] = (uint8_t)i;
    }
    struct digest digest = vault_lookup_key(&key, "tokens", BYTES_OF(place_key));
    char text[65];
    hex_encode(BYTES_OF(digest), text);
    assert_string_equal(text, "716bcf85b681250d6017189f912bd2cc16fff6d6f3b57ce826d67df897d6a74f");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sealed_record_is_as_the_header_says),
        cmocka_unit_test(a_record_opens_where_it_was_sealed),
        cmocka_unit_test(a_record_moved_to_another_place_doesnt_open),
        cmocka_unit_test(another_key_doesnt_open_it_even_under_the_same_id),
        cmocka_unit_test(no_bit_of_a_record_can_be_changed),
        cmocka_unit_test(a_record_that_was_cut_is_malformed_or_doesnt_verify),
        cmocka_unit_test(what_doesnt_fit_is_neither_sealed_nor_opened),
        cmocka_unit_test(a_derived_nonce_is_the_keyed_hash_of_all_it_depends_on),
        cmocka_unit_test(two_plaintexts_or_sequences_never_share_a_nonce),
        cmocka_unit_test(a_lookup_key_is_the_keyed_hash_of_table_and_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
