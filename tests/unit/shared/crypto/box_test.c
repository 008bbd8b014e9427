#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/crypto/box.h"

enum { SEALED_BYTES = 3 + BOX_OVERHEAD_BYTES };

struct pair {
    struct curve_public public_key;
    struct curve_secret secret;
};

static struct pair pair_of(uint8_t number) {
    struct pair pair;
    curve_keys_from_seed((const uint8_t[32]){number}, "test/v1", &pair.public_key, &pair.secret);
    return pair;
}

static void seal(const struct pair *receiver, uint8_t ret[static SEALED_BYTES]) {
    assert_int_equal(
        box_seal(&receiver->public_key, (const uint8_t[32]){9}, bytes_from_text("abc"), ret), 0);
}

/* box_open is libsodium's own crypto_box_seal_open, so this also proves the format. */
static void the_receiver_opens_what_was_sealed_from_a_given_seed(void **state) {
    struct pair receiver = pair_of(1);
    uint8_t sealed[SEALED_BYTES];
    uint8_t again[SEALED_BYTES];
    uint8_t opened[3];
    seal(&receiver, sealed);
    seal(&receiver, again);
    assert_memory_equal(sealed, again, sizeof(sealed));
    assert_int_equal(box_open(&receiver.secret, BYTES_OF(sealed), opened), 0);
    assert_memory_equal(opened, "abc", 3);
}

static void another_receiver_opens_nothing(void **state) {
    struct pair receiver = pair_of(1);
    struct pair other = pair_of(2);
    uint8_t sealed[SEALED_BYTES];
    uint8_t opened[3];
    seal(&receiver, sealed);
    assert_int_equal(box_open(&other.secret, BYTES_OF(sealed), opened), ERR_CRYPTO);
}

static void every_byte_of_a_box_matters_and_so_does_its_length(void **state) {
    struct pair receiver = pair_of(1);
    uint8_t sealed[SEALED_BYTES];
    uint8_t opened[3];
    seal(&receiver, sealed);
    for (size_t i = 0; i < sizeof(sealed); i++) {
        sealed[i] ^= 4;
        assert_int_equal(box_open(&receiver.secret, BYTES_OF(sealed), opened), ERR_CRYPTO);
        sealed[i] ^= 4;
    }
    for (size_t length = 0; length < sizeof(sealed); length++) {
        struct bytes cut = {.data = sealed, .length = length};
        assert_int_equal(box_open(&receiver.secret, cut, opened), ERR_CRYPTO);
    }
}

static void nobody_seals_for_a_key_of_small_order(void **state) {
    struct curve_public zero = {{0}};
    uint8_t sealed[SEALED_BYTES];
    assert_int_equal(box_seal(&zero, (const uint8_t[32]){9}, bytes_from_text("abc"), sealed),
                     ERR_CRYPTO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_receiver_opens_what_was_sealed_from_a_given_seed),
        cmocka_unit_test(another_receiver_opens_nothing),
        cmocka_unit_test(every_byte_of_a_box_matters_and_so_does_its_length),
        cmocka_unit_test(nobody_seals_for_a_key_of_small_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
