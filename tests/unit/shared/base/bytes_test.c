#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/base/bytes.h"

static void empty_runs_are_equal_whatever_they_point_at(void **state) {
    assert_true(bytes_equal((struct bytes){0}, bytes_from_text("")));
    assert_false(bytes_equal((struct bytes){0}, bytes_from_text("a")));
}

static void a_prefix_sorts_before_what_it_begins(void **state) {
    assert_true(bytes_compare(bytes_from_text("ab"), bytes_from_text("abc")) < 0);
    assert_true(bytes_compare(bytes_from_text("abc"), bytes_from_text("ab")) > 0);
    assert_int_equal(bytes_compare(bytes_from_text("abc"), bytes_from_text("abc")), 0);
    assert_true(bytes_compare((struct bytes){0}, bytes_from_text("a")) < 0);
    assert_int_equal(bytes_compare((struct bytes){0}, (struct bytes){0}), 0);
}

static void bytes_sort_as_unsigned_numbers(void **state) {
    static const uint8_t high[] = {0x80};
    static const uint8_t low[] = {0x7f, 0xff};
    assert_true(bytes_compare(BYTES_OF(high), BYTES_OF(low)) > 0);
}

/* RFC 4648, section 10: BASE16("foobar") = "666F6F626172". */
static void hex_agrees_with_rfc_4648(void **state) {
    char text[13];
    hex_encode(bytes_from_text("foobar"), text);
    assert_string_equal(text, "666f6f626172");
    uint8_t data[6];
    assert_int_equal(hex_decode("666F6F626172", data, sizeof(data)), 0);
    assert_memory_equal(data, "foobar", 6);
    assert_int_equal(hex_decode("666f6f626172", data, sizeof(data)), 0);
    assert_memory_equal(data, "foobar", 6);
}

static void every_byte_survives_hex_and_back(void **state) {
    for (unsigned i = 0; i < 256; i++) {
        uint8_t byte = (uint8_t)i;
        char text[3];
        hex_encode(BYTES_OF(byte), text);
        uint8_t back = (uint8_t)~byte;
        assert_int_equal(hex_decode(text, &back, 1), 0);
        assert_int_equal(back, byte);
    }
}

static void mistyped_hex_is_refused_and_leaves_the_output_alone(void **state) {
    static const char *const wrong[] = {"",     "0",    "00",    "000",       "00000", "000000",
                                        "00g0", "000G", " 000",  "0x00",      "00 0",  "-000",
                                        "000:", "/000", "000\n", "00\xc3\xa9"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        uint8_t data[2] = {1, 2};
        assert_int_equal(hex_decode(wrong[i], data, sizeof(data)), ERR_MALFORMED);
        assert_int_equal(data[0], 1);
        assert_int_equal(data[1], 2);
    }
}

static void hex_of_nothing_is_the_empty_text(void **state) {
    char text[1] = {'x'};
    hex_encode((struct bytes){0}, text);
    assert_string_equal(text, "");
    assert_int_equal(hex_decode("", (uint8_t *)text, 0), 0);
}

static void numbers_are_written_with_the_high_byte_first(void **state) {
    uint8_t out[8];
    be32_write(out, 0x01020380);
    assert_memory_equal(out, "\x01\x02\x03\x80", 4);
    assert_int_equal(be32_read(out), 0x01020380);
    be64_write(out, 0xfedcba9876543210);
    assert_memory_equal(out, "\xfe\xdc\xba\x98\x76\x54\x32\x10", 8);
    assert_int_equal(be64_read(out), 0xfedcba9876543210);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_runs_are_equal_whatever_they_point_at),
        cmocka_unit_test(a_prefix_sorts_before_what_it_begins),
        cmocka_unit_test(bytes_sort_as_unsigned_numbers),
        cmocka_unit_test(hex_agrees_with_rfc_4648),
        cmocka_unit_test(every_byte_survives_hex_and_back),
        cmocka_unit_test(mistyped_hex_is_refused_and_leaves_the_output_alone),
        cmocka_unit_test(hex_of_nothing_is_the_empty_text),
        cmocka_unit_test(numbers_are_written_with_the_high_byte_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
