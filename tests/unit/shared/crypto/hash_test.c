#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/crypto/hash.h"

static void expect_hex(struct digest digest, const char *hex) {
    char text[65];
    hex_encode(BYTES_OF(digest), text);
    assert_string_equal(text, hex);
}

static struct bytes text_bytes(const char *text) {
    return bytes_from_text(text);
}

static void counting(uint8_t *ret, size_t length) {
    for (size_t i = 0; i < length; i++) {
        ret[i] = (uint8_t)i;
    }
}

/* RFC 7693, appendix A. */
static void the_raw_function_gives_the_rfcs_answer(void **state) {
    uint8_t out[64];
    char text[129];
    blake2b(out, sizeof(out), text_bytes("abc"), (struct bytes){0});
    hex_encode(BYTES_OF(out), text);
    assert_string_equal(text, "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                              "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

/* Computed by Python's hashlib:
 * r = lambda b: len(b).to_bytes(8, 'big') + b
 * hashlib.blake2b(r(b'test/v1') + r(b'abc'), digest_size=32).hexdigest() */
static void domain_and_part_are_prefixed_by_their_lengths(void **state) {
    expect_hex(hash_of("test/v1", text_bytes("abc")),
               "0b9aa0ae801b8ebd43ea1ed5457fb3a954f4a5dfd45a4678d6401bde39800b0d");
    expect_hex(hash_of("test/v1", (struct bytes){0}),
               "a1349e929549a74638dc5b20a772ee5194a1cc191b4f3634af782064f9e6fd98");
}

/* As above, with key=bytes(range(32)). */
static void a_key_goes_in_by_blake2bs_own_mode(void **state) {
    uint8_t key[32];
    counting(key, sizeof(key));
    expect_hex(hash_keyed(BYTES_OF(key), "test/v1", text_bytes("abc")),
               "69c673ab3a60825fb5a0102c7d56636ff47558e03d1f01b7468824f67b9456a6");
}

/* hashlib.blake2b(r(b'test/v1') + r(b'a') + r(b'bc') + (0x0102030405060708).to_bytes(8, 'big'),
 * digest_size=32).hexdigest() */
static void parts_and_numbers_follow_each_other(void **state) {
    struct hash hash;
    hash_begin(&hash, "test/v1");
    hash_run(&hash, text_bytes("a"));
    hash_run(&hash, text_bytes("bc"));
    hash_u64(&hash, 0x0102030405060708);
    expect_hex(hash_end(&hash), "3b50ecf218ce5208d0b83eb8a113e23b3261da43eb77c5ef07a43d2f2f27edfa");
}

static void two_ways_to_cut_the_same_bytes_give_two_hashes(void **state) {
    struct digest digests[2];
    const char *cuts[2][2] = {{"ab", "c"}, {"a", "bc"}};
    for (int i = 0; i < 2; i++) {
        struct hash hash;
        hash_begin(&hash, "test/v1");
        hash_run(&hash, text_bytes(cuts[i][0]));
        hash_run(&hash, text_bytes(cuts[i][1]));
        digests[i] = hash_end(&hash);
    }
    assert_false(digest_equal(&digests[0], &digests[1]));
}

static void two_domains_give_two_hashes_of_one_message(void **state) {
    struct digest a = hash_of("signal/v1", text_bytes("abc"));
    struct digest b = hash_of("signal/v2", text_bytes("abc"));
    assert_false(digest_equal(&a, &b));
}

/* int.from_bytes(hashlib.blake2b(b'rk/v1' + bytes(range(16)), digest_size=8,
 * key=bytes(range(32))).digest(), 'little') */
static void a_record_key_for_disclosure_is_the_little_endian_64_bit_hash(void **state) {
    uint8_t key[32];
    uint8_t in[5 + 16] = {'r', 'k', '/', 'v', '1'};
    counting(key, sizeof(key));
    counting(in + 5, 16);
    assert_int_equal(blake2b_u64(BYTES_OF(in), BYTES_OF(key)), 17886021397056619752u);
}

static void what_was_hashed_under_a_key_is_wiped(void **state) {
    struct hash hash;
    static const uint8_t zeros[sizeof(hash.opaque)];
    hash_begin_keyed(&hash, text_bytes("a key of 32 bytes, more or less."), "test/v1");
    assert_memory_not_equal(hash.opaque, zeros, sizeof(zeros));
    hash_end(&hash);
    assert_memory_equal(hash.opaque, zeros, sizeof(zeros));
}

static void secrets_differ_when_any_byte_does(void **state) {
    uint8_t a[32] = {0};
    uint8_t b[32] = {0};
    assert_true(secret_equal(a, b, sizeof(a)));
    for (size_t i = 0; i < sizeof(a); i++) {
        b[i] = 1;
        assert_false(secret_equal(a, b, sizeof(a)));
        b[i] = 0;
    }
    assert_true(secret_equal(NULL, NULL, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_raw_function_gives_the_rfcs_answer),
        cmocka_unit_test(domain_and_part_are_prefixed_by_their_lengths),
        cmocka_unit_test(a_key_goes_in_by_blake2bs_own_mode),
        cmocka_unit_test(parts_and_numbers_follow_each_other),
        cmocka_unit_test(two_ways_to_cut_the_same_bytes_give_two_hashes),
        cmocka_unit_test(two_domains_give_two_hashes_of_one_message),
        cmocka_unit_test(a_record_key_for_disclosure_is_the_little_endian_64_bit_hash),
        cmocka_unit_test(what_was_hashed_under_a_key_is_wiped),
        cmocka_unit_test(secrets_differ_when_any_byte_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
