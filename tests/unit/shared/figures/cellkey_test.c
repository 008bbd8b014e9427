/* Known answers: tests/data/cellkey_expected.py, which has its own BLAKE2b and its own table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared/figures/cellkey.h"

static struct disclosure_key counting_key(void) {
    struct disclosure_key key;
    for (unsigned i = 0; i < sizeof(key.bytes); i++) {
        key.bytes[i] = (uint8_t)i;
    }
    return key;
}

static uint64_t key_of(const struct disclosure_key *key, int number) {
    char own_id[16];
    (void)snprintf(own_id, sizeof(own_id), "D-%d", number);
    return cellkey_of_case(key, bytes_from_text(own_id));
}

static struct cell cell_of(const struct disclosure_key *key, int from, int to) {
    struct cell cell = {0};
    for (int i = from; i <= to; i++) {
        cell_add(&cell, key_of(key, i));
    }
    return cell;
}

static void a_case_key_is_the_64_bit_hash_of_its_own_id(void **state) {
    const struct disclosure_key key = counting_key();
    assert_true(key_of(&key, 1) == UINT64_C(0x3c48720ef17bd81b));
}

static void cells_of_known_cases_publish_the_known_numbers(void **state) {
    static const struct {
        int count;
        uint64_t key;
        int64_t published;
        int64_t linear;
    } known[] = {
        {1, 0x3c48720ef17bd81b, 0, 0},    {2, 0x2665ff89aab7ff8a, 3, 0},
        {3, 0xea513aae8b9d96c4, 6, 5},    {4, 0x69df161b721061c7, 4, 4},
        {5, 0x908b9692e6bbe9f1, 3, 5},    {6, 0x7c4fdbc25c153a52, 9, 6},
        {7, 0x2adefa95743e20e0, 8, 5},    {8, 0x7d7112ff77d3e3c9, 7, 8},
        {9, 0x6643bb4255a391e9, 8, 9},    {20, 0xbb98a974e93e83b5, 20, 21},
        {60, 0x86dd8e4c587c152b, 58, 60}, {200, 0xc88925ade5001a11, 200, 201},
    };
    const struct disclosure_key key = counting_key();
    for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const struct cell cell = cell_of(&key, 1, known[i].count);
        assert_int_equal(cell.count, known[i].count);
        assert_true(cell.key == known[i].key);
        assert_int_equal(cell_publish(&key, cell), known[i].published);
        assert_int_equal(cell_publish_linear(cell), known[i].linear);
    }
}

static void an_empty_cell_publishes_zero(void **state) {
    const struct disclosure_key key = counting_key();
    assert_int_equal(cell_publish(&key, (struct cell){0}), 0);
}

static void another_key_draws_other_noise(void **state) {
    const struct disclosure_key key = counting_key();
    struct disclosure_key other = key;
    other.bytes[31] ^= 1;
    int differing = 0;
    for (int i = 1; i <= 100; i++) {
        differing += cell_publish(&key, cell_of(&key, i, i + 10)) !=
                     cell_publish(&other, cell_of(&other, i, i + 10));
    }
    assert_true(differing > 50); /* two draws of variance 3 agree in about one of six */
}

/* Without the hardening the parts' keys tell the total's; with it they don't. */
static void the_sum_of_parts_doesnt_tell_the_noise_of_the_total(void **state) {
    const struct disclosure_key key = counting_key();
    const struct cell left = cell_of(&key, 1, 10);
    const struct cell right = cell_of(&key, 11, 20);
    const struct cell whole = cell_of(&key, 1, 20);
    assert_true(left.key + right.key == whole.key);
    int differing = 0;
    for (int i = 0; i < 100; i++) {
        const struct cell cell = cell_of(&key, i * 20 + 1, i * 20 + 20);
        differing += cell_publish(&key, cell) != cell_publish_linear(cell);
    }
    assert_true(differing > 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_key_is_the_64_bit_hash_of_its_own_id),
        cmocka_unit_test(cells_of_known_cases_publish_the_known_numbers),
        cmocka_unit_test(an_empty_cell_publishes_zero),
        cmocka_unit_test(another_key_draws_other_noise),
        cmocka_unit_test(the_sum_of_parts_doesnt_tell_the_noise_of_the_total),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
