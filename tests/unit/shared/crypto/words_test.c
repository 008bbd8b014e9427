#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/base/bytes.h"
#include "shared/crypto/words.h"

static void the_list_is_sorted_so_no_word_stands_twice(void **state) {
    for (uint32_t i = 1; i < WORD_COUNT; i++) {
        assert_true(strcmp(word_at(i - 1), word_at(i)) < 0);
    }
}

/* Who hears half a word knows which one it is. */
static void the_first_four_letters_tell_a_word(void **state) {
    for (uint32_t i = 1; i < WORD_COUNT; i++) {
        assert_true(strncmp(word_at(i - 1), word_at(i), 4) < 0);
    }
}

static void words_are_four_to_seven_plain_letters(void **state) {
    for (uint32_t i = 0; i < WORD_COUNT; i++) {
        size_t length = strlen(word_at(i));
        assert_in_range(length, 4, WORD_LETTERS_MAX);
        assert_int_equal(strspn(word_at(i), "abcdefghijklmnopqrstuvwxyz"), length);
    }
}

/* The list is part of the meaning: two builds must say the same words. Ten bits a word, by hand:
 * 0000000000 0000000001 1111111111 0100100011 0000001001 0000000000, then four bits left over:
 * 00000000 00000000 00011111 11111101 00100011 00000010 01000000 0000xxxx. */
static void ten_bits_name_a_word_and_the_first_bits_come_first(void **state) {
    struct digest digest = {{0x00, 0x00, 0x1f, 0xfd, 0x23, 0x02, 0x40, 0x0f, 0xff}};
    char text[WORDS_TEXT_SIZE];
    words_format(&digest, text);
    assert_string_equal(text, "aanbod abdij zwerm gebied afstand aanbod");
}

static void six_of_the_longest_words_fit(void **state) {
    uint32_t longest = 0;
    while (strlen(word_at(longest)) < WORD_LETTERS_MAX) {
        longest++;
    }
    uint64_t bits = 0;
    for (int i = 0; i < WORDS_IN_FINGERPRINT; i++) {
        bits = bits << 10 | longest;
    }
    struct digest digest = {{0}};
    be64_write(digest.bytes, bits << 4);
    char text[WORDS_TEXT_SIZE];
    words_format(&digest, text);
    assert_int_equal(strlen(text), WORDS_TEXT_SIZE - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_is_sorted_so_no_word_stands_twice),
        cmocka_unit_test(the_first_four_letters_tell_a_word),
        cmocka_unit_test(words_are_four_to_seven_plain_letters),
        cmocka_unit_test(ten_bits_name_a_word_and_the_first_bits_come_first),
        cmocka_unit_test(six_of_the_longest_words_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
