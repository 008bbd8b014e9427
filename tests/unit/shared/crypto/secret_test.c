#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"

static int setup(void **state) {
    return random_init();
}

static void a_secret_can_be_written_read_and_freed(void **state) {
    uint8_t *secret = secret_new(32);
    assert_non_null(secret);
    memset(secret, 7, 32);
    assert_int_equal(secret[31], 7);
    secret_free(secret);
    secret_free(NULL);
}

static void wiping_leaves_zeros(void **state) {
    uint8_t key[32];
    static const uint8_t zeros[sizeof(key)];
    memset(key, 7, sizeof(key));
    secret_wipe(key, sizeof(key));
    assert_memory_equal(key, zeros, sizeof(key));
}

static void more_than_the_system_allows_cant_be_locked(void **state) {
    assert_false(secret_can_lock((size_t)1 << 50));
}

/* A generator that is stuck or unseeded gives one block twice. */
static void randomness_doesnt_repeat(void **state) {
    uint8_t blocks[64][16];
    random_fill(blocks, sizeof(blocks));
    for (size_t i = 0; i < 64; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(blocks[i], blocks[j], sizeof(blocks[0]));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_can_be_written_read_and_freed),
        cmocka_unit_test(wiping_leaves_zeros),
        cmocka_unit_test(more_than_the_system_allows_cant_be_locked),
        cmocka_unit_test(randomness_doesnt_repeat),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
