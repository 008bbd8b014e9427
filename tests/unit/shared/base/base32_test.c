#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/base/base32.h"

/* D. Crockford, Base 32: the symbols, and what a reader takes for them. */
static void symbols_are_crockfords(void **state) {
    static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    static const char lower[] = "0123456789abcdefghjkmnpqrstvwxyz";
    int known = 0;
    for (uint8_t i = 0; i < 32; i++) {
        assert_int_equal(base32_char(i), symbols[i]);
        assert_int_equal(base32_symbol(symbols[i]), i);
        assert_int_equal(base32_symbol(lower[i]), i);
    }
    assert_int_equal(base32_symbol('O'), 0);
    assert_int_equal(base32_symbol('o'), 0);
    assert_int_equal(base32_symbol('i'), 1);
    assert_int_equal(base32_symbol('I'), 1);
    assert_int_equal(base32_symbol('l'), 1);
    assert_int_equal(base32_symbol('L'), 1);
    for (int c = -128; c < 128; c++) {
        known += base32_symbol((char)c) != BASE32_NO_SYMBOL;
    }
    assert_int_equal(known, 32 + 22 + 6);
}

/* RFC 4648, section 10, by its alphabet's numbers: "f" is MY, "foobar" is MZXW6YTBOI. */
static void bits_go_five_to_a_symbol_the_first_highest(void **state) {
    static const uint8_t foobar[] = {12, 25, 23, 22, 30, 24, 19, 1, 14, 8};
    uint8_t symbols[10];
    uint8_t bytes[6];
    size_t length = 0;
    assert_int_equal(base32_from_bytes(bytes_from_text("foobar"), symbols), 10);
    assert_memory_equal(symbols, foobar, 10);
    assert_true(base32_to_bytes(symbols, 10, bytes, &length));
    assert_int_equal(length, 6);
    assert_memory_equal(bytes, "foobar", 6);
    assert_int_equal(base32_from_bytes(bytes_from_text("f"), symbols), 2);
    assert_int_equal(symbols[0], 12);
    assert_int_equal(symbols[1], 24);
}

static void bits_left_over_are_refused(void **state) {
    const uint8_t not_zero[] = {12, 13};
    const uint8_t whole_symbol[] = {12, 12, 0};
    uint8_t bytes[8];
    size_t length = 0;
    assert_false(base32_to_bytes(not_zero, 2, bytes, &length));
    assert_false(base32_to_bytes(whole_symbol, 3, bytes, &length));
    assert_false(base32_to_bytes(whole_symbol, 1, bytes, &length));
    assert_true(base32_to_bytes(whole_symbol, 2, bytes, &length));
    assert_true(base32_to_bytes(whole_symbol, 0, bytes, &length));
    assert_int_equal(length, 0);
}

/* Worked by hand in GF(32) with alpha^5 = alpha^2 + 1: of the word 1 the checks x and y fulfil
 * x + y = 1 and 2x + 4y = 1, so y (2 + 4) = 1 + 2, y = 3 / 6 = 1 / 2 = 18 and x = 19. */
static void checks_are_those_worked_by_hand(void **state) {
    uint8_t word[3] = {1};
    base32_add_checks(word, 1);
    assert_int_equal(word[1], 19);
    assert_int_equal(word[2], 18);
}

static void one_wrong_symbol_is_found_at_every_length(void **state) {
    for (size_t data = 1; data <= BASE32_WORD_MAX - BASE32_CHECKS; data++) {
        uint8_t word[BASE32_WORD_MAX];
        const size_t count = data + BASE32_CHECKS;
        for (size_t i = 0; i < data; i++) {
            word[i] = (uint8_t)((i * 11 + data) % 32);
        }
        base32_add_checks(word, data);
        assert_true(base32_whole(word, count));
        for (size_t at = 0; at < count; at++) {
            for (uint8_t error = 1; error < 32; error++) {
                word[at] ^= error;
                assert_false(base32_whole(word, count));
                assert_int_equal(base32_fault(word, count), at);
                word[at] ^= error;
            }
        }
    }
}

static void what_no_single_error_explains_has_no_place(void **state) {
    uint8_t word[6] = {3, 1, 4, 1};
    base32_add_checks(word, 4);
    word[0] = 1;
    word[1] = 3;
    assert_false(base32_whole(word, 6));
    assert_int_equal(base32_fault(word, 6), 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbols_are_crockfords),
        cmocka_unit_test(bits_go_five_to_a_symbol_the_first_highest),
        cmocka_unit_test(bits_left_over_are_refused),
        cmocka_unit_test(checks_are_those_worked_by_hand),
        cmocka_unit_test(one_wrong_symbol_is_found_at_every_length),
        cmocka_unit_test(what_no_single_error_explains_has_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
