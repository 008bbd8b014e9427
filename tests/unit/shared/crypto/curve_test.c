#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/base/bytes.h"
#include "shared/crypto/curve.h"

static struct curve_secret secret_of(const char *hex) {
    struct curve_secret secret;
    assert_int_equal(hex_decode(hex, secret.bytes, sizeof(secret.bytes)), 0);
    return secret;
}

static void expect_hex(const uint8_t bytes[static 32], const char *hex) {
    char text[65];
    hex_encode((struct bytes){.data = bytes, .length = 32}, text);
    assert_string_equal(text, hex);
}

/* RFC 7748, section 6.1: Alice and Bob. */
static void the_rfcs_secrets_have_their_public_keys(void **state) {
    struct curve_secret alice =
        secret_of("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    struct curve_secret bob =
        secret_of("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    expect_hex(curve_public_of(&alice).bytes,
               "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    expect_hex(curve_public_of(&bob).bytes,
               "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
}

/* Seed bytes(range(32)), domain b'transport/v1': the secret by Python's hashlib.blake2b (as in
 * hash_test.c), the public key by X25519PrivateKey of the package cryptography (OpenSSL). */
static void a_pair_is_made_from_the_hash_of_domain_and_seed(void **state) {
    uint8_t seed[32];
    for (size_t i = 0; i < sizeof(seed); i++) {
        seed[i] = (uint8_t)i;
    }
    struct curve_public public_key;
    struct curve_secret secret;
    curve_keys_from_seed(seed, "transport/v1", &public_key, &secret);
    expect_hex(secret.bytes, "f20e8cc8ee4810b2a75f5a8b0c9a89a8968f6c5b8d24aef1ece0a52dd7d40f1c");
    expect_hex(public_key.bytes,
               "d93557bfe243efe597a60f4468836e31f496ba00f56ad8827c52036c45bbe843");
}

static void two_domains_give_two_pairs_from_one_seed(void **state) {
    uint8_t seed[32] = {1};
    struct curve_public a;
    struct curve_public b;
    struct curve_secret secret;
    curve_keys_from_seed(seed, "transport/v1", &a, &secret);
    curve_keys_from_seed(seed, "sealing/v1", &b, &secret);
    assert_memory_not_equal(a.bytes, b.bytes, sizeof(a.bytes));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rfcs_secrets_have_their_public_keys),
        cmocka_unit_test(a_pair_is_made_from_the_hash_of_domain_and_seed),
        cmocka_unit_test(two_domains_give_two_pairs_from_one_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
