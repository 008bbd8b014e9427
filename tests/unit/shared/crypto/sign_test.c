#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/crypto/sign.h"

/* RFC 8032, section 7.1, test 1: the private key and its public key. */
static const char seed_hex[] = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
static const char public_hex[] = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

struct keys {
    struct sign_public public_key;
    struct sign_secret secret;
};

static struct keys keys_of_the_rfc(void) {
    uint8_t seed[32];
    struct keys keys;
    assert_int_equal(hex_decode(seed_hex, seed, sizeof(seed)), 0);
    sign_keys_from_seed(seed, &keys.public_key, &keys.secret);
    return keys;
}

static void the_rfcs_private_key_has_its_public_key(void **state) {
    struct keys keys = keys_of_the_rfc();
    char text[65];
    hex_encode(BYTES_OF(keys.public_key.bytes), text);
    assert_string_equal(text, public_hex);
}

/* Python, with the package cryptography (OpenSSL): Ed25519PrivateKey.from_private_bytes(seed)
 * .sign(h), where h is hash_test.c's digest of ("test/v1", "abc") by hashlib. */
static void a_signature_is_ed25519_over_the_domains_hash(void **state) {
    struct keys keys = keys_of_the_rfc();
    struct signature signature = sign_bytes(&keys.secret, "test/v1", bytes_from_text("abc"));
    char text[129];
    hex_encode(BYTES_OF(signature.bytes), text);
    assert_string_equal(text, "c7db35e72711f21166e788026edbe3d661955be7398542ecb45ec568eda1de6e"
                              "ad6b41720a9797c08fb0af5ed6025b32c1b8df11bb9770ea81ddf17fc017a70e");
}

static void a_signature_verifies_for_its_own_key_domain_and_message_only(void **state) {
    struct keys keys = keys_of_the_rfc();
    struct keys other;
    sign_keys_from_seed((const uint8_t[32]){1}, &other.public_key, &other.secret);
    struct bytes message = bytes_from_text("abc");
    struct signature signature = sign_bytes(&keys.secret, "test/v1", message);
    assert_true(sign_check(&keys.public_key, "test/v1", message, &signature));
    assert_false(sign_check(&keys.public_key, "test/v2", message, &signature));
    assert_false(sign_check(&keys.public_key, "test/v1", bytes_from_text("abd"), &signature));
    assert_false(sign_check(&other.public_key, "test/v1", message, &signature));
}

static void every_bit_of_a_signature_matters(void **state) {
    struct keys keys = keys_of_the_rfc();
    struct bytes message = bytes_from_text("abc");
    struct signature signature = sign_bytes(&keys.secret, "test/v1", message);
    for (size_t bit = 0; bit < 8 * sizeof(signature.bytes); bit++) {
        signature.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(sign_check(&keys.public_key, "test/v1", message, &signature));
        signature.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(sign_check(&keys.public_key, "test/v1", message, &signature));
}

/* With the point of order 1 as key, S = 0 and R = that point verify anything by the bare equation
 * (RFC 8032 section 5.1.7 leaves the check to the implementation). */
static void a_key_of_small_order_signs_nothing(void **state) {
    struct sign_public identity = {{1}};
    struct signature forged = {{1}};
    assert_false(sign_check(&identity, "test/v1", bytes_from_text("abc"), &forged));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rfcs_private_key_has_its_public_key),
        cmocka_unit_test(a_signature_is_ed25519_over_the_domains_hash),
        cmocka_unit_test(a_signature_verifies_for_its_own_key_domain_and_message_only),
        cmocka_unit_test(every_bit_of_a_signature_matters),
        cmocka_unit_test(a_key_of_small_order_signs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
