#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/base/bytes.h"
#include "shared/crypto/rng.h"

static struct rng counting_rng(void) {
    uint8_t seed[32];
    for (size_t i = 0; i < sizeof(seed); i++) {
        seed[i] = (uint8_t)i;
    }
    struct rng rng;
    rng_init(&rng, seed);
    return rng;
}

static void expect_hex(const uint8_t *data, size_t length, const char *hex) {
    char text[129];
    hex_encode((struct bytes){.data = data, .length = length}, text);
    assert_string_equal(text, hex);
}

/* RFC 8439, appendix A.1, vectors 1 and 2 (key 0, blocks 0 and 1) and 3 (key 0..01, block 1). */
static void the_stream_is_the_rfcs(void **state) {
    uint8_t out[128];
    struct rng rng;
    rng_init(&rng, (const uint8_t[32]){0});
    rng_fill(&rng, out, sizeof(out));
    expect_hex(out, 64,
               "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
               "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586");
    expect_hex(out + 64, 64,
               "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
               "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f");
    rng_init(&rng, (const uint8_t[32]){[31] = 1});
    rng_fill(&rng, out, sizeof(out));
    expect_hex(out + 64, 64,
               "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a"
               "8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0");
}

/* Across the refill at byte 512; by algorithms.ChaCha20 of Python's package cryptography, key
 * bytes(range(32)), counter and nonce 0: bytes 500 to 524. */
static void the_stream_goes_on_where_the_buffer_ends(void **state) {
    struct rng rng = counting_rng();
    uint8_t out[524];
    rng_fill(&rng, out, sizeof(out));
    expect_hex(out + 500, 24, "acf0175b4fe41f026a6d9cf24b562eb04c19cb21e1625bd5");
}

static void how_the_stream_is_cut_doesnt_change_it(void **state) {
    uint8_t whole[2000];
    uint8_t pieces[2000];
    struct rng rng = counting_rng();
    rng_fill(&rng, whole, sizeof(whole));
    rng = counting_rng();
    for (size_t at = 0, step = 0; at < sizeof(pieces); at += step) {
        step = at % 97 + 1;
        step = step < sizeof(pieces) - at ? step : sizeof(pieces) - at;
        rng_fill(&rng, pieces + at, step);
    }
    assert_memory_equal(whole, pieces, sizeof(whole));
}

static void a_number_is_eight_bytes_of_the_stream_big_endian(void **state) {
    struct rng rng = counting_rng();
    assert_int_equal(rng_u64(&rng), 0x39fd2b7dd9c5196a);
    assert_int_equal(rng_u64(&rng), 0x8dbd0377b8dc4a49);
}

/* 6 doesn't divide 2^64. 60,000 draws: chi-square with 5 degrees of freedom is below 20.5 in
 * 99.9 % of seeds (NIST/SEMATECH handbook, 1.3.6.7.4); this seed is fixed. */
static void numbers_below_a_bound_are_even(void **state) {
    struct rng rng = counting_rng();
    uint32_t count[6] = {0};
    for (int i = 0; i < 60000; i++) {
        uint64_t value = rng_below(&rng, 6);
        assert_true(value < 6);
        count[value]++;
    }
    double chi_square = 0;
    for (int i = 0; i < 6; i++) {
        double off = (double)count[i] - 10000;
        chi_square += off * off / 10000;
    }
    assert_true(chi_square < 20.5);
}

/* With bound 3 * 2^62 a plain remainder gives the lowest third half of the draws. */
static void a_large_bound_has_no_favourites(void **state) {
    struct rng rng = counting_rng();
    uint64_t bound = UINT64_C(3) << 62;
    int low = 0;
    for (int i = 0; i < 10000; i++) {
        low += rng_below(&rng, bound) < bound / 3;
    }
    assert_in_range(low, 3144, 3523); /* a third, four standard deviations of 47 */
    assert_int_equal(rng_below(&rng, 1), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stream_is_the_rfcs),
        cmocka_unit_test(the_stream_goes_on_where_the_buffer_ends),
        cmocka_unit_test(how_the_stream_is_cut_doesnt_change_it),
        cmocka_unit_test(a_number_is_eight_bytes_of_the_stream_big_endian),
        cmocka_unit_test(numbers_below_a_bound_are_even),
        cmocka_unit_test(a_large_bound_has_no_favourites),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
