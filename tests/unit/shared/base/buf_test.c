#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/base/buf.h"

/* python3 -c "import struct; print(struct.pack('>BHIQqI2s3s', 1, 0x0203, 0x04050607,
 *     0x08090a0b0c0d0e0f, -2, 2, b'hi', b'raw').hex())" */
static const char packed[] = "01020304050607"
                             "08090a0b0c0d0e0f"
                             "fffffffffffffffe"
                             "000000026869"
                             "726177";

static struct bytes write_all(uint8_t *memory, size_t size, int *ret_error) {
    struct buf buf = buf_over(memory, size);
    buf_u8(&buf, 1);
    buf_u16(&buf, 0x0203);
    buf_u32(&buf, 0x04050607);
    buf_u64(&buf, 0x08090a0b0c0d0e0f);
    buf_i64(&buf, -2);
    buf_text(&buf, "hi");
    buf_raw(&buf, bytes_from_text("raw"));
    *ret_error = buf.error;
    return buf_bytes(&buf);
}

static void the_form_is_big_endian_and_length_prefixed(void **state) {
    uint8_t memory[32];
    int error = -1;
    struct bytes written = write_all(memory, sizeof(memory), &error);
    assert_int_equal(error, 0);
    char text[2 * sizeof(memory) + 1];
    hex_encode(written, text);
    assert_string_equal(text, packed);
}

static void what_was_written_is_read_back(void **state) {
    uint8_t data[(sizeof(packed) - 1) / 2];
    assert_int_equal(hex_decode(packed, data, sizeof(data)), 0);
    struct reader reader = reader_over(BYTES_OF(data));
    assert_int_equal(read_u8(&reader), 1);
    assert_int_equal(read_u16(&reader), 0x0203);
    assert_int_equal(read_u32(&reader), 0x04050607);
    assert_true(read_u64(&reader) == 0x08090a0b0c0d0e0f);
    assert_int_equal(read_i64(&reader), -2);
    char text[3];
    read_text(&reader, text, sizeof(text));
    assert_string_equal(text, "hi");
    assert_int_equal(reader_end(&reader), ERR_MALFORMED); /* three bytes are still unread */
    char raw[3];
    read_raw(&reader, raw, sizeof(raw));
    assert_memory_equal(raw, "raw", 3);
    assert_int_equal(reader_end(&reader), 0);
}

static void a_full_buffer_keeps_its_first_failure(void **state) {
    uint8_t memory[32];
    int whole = -1;
    size_t needed = write_all(memory, sizeof(memory), &whole).length;
    for (size_t size = 0; size < needed; size++) {
        int error = 0;
        memset(memory, 0xee, sizeof(memory));
        (void)write_all(memory, size, &error);
        assert_int_equal(error, ERR_TOO_LARGE);
        assert_int_equal(memory[size], 0xee); /* nothing behind the end is touched */
    }
}

static void nothing_is_written_after_a_failure(void **state) {
    uint8_t memory[4];
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_u64(&buf, 1);
    buf_u8(&buf, 1); /* would fit */
    assert_int_equal(buf_bytes(&buf).length, 0);
    assert_int_equal(buf.error, ERR_TOO_LARGE);
}

static void a_buffer_over_nothing_takes_only_nothing(void **state) {
    struct buf buf = buf_over(NULL, 0);
    buf_raw(&buf, (struct bytes){0});
    assert_int_equal(buf.error, 0);
    buf_text(&buf, "");
    assert_int_equal(buf.error, ERR_TOO_LARGE);
}

/* Each prefix of a whole form is cut somewhere: no value read from it may count. */
static void a_truncated_form_is_malformed(void **state) {
    uint8_t data[(sizeof(packed) - 1) / 2];
    assert_int_equal(hex_decode(packed, data, sizeof(data)), 0);
    for (size_t length = 0; length < sizeof(data); length++) {
        struct reader reader = reader_over((struct bytes){.data = data, .length = length});
        (void)read_u8(&reader);
        (void)read_u16(&reader);
        (void)read_u32(&reader);
        (void)read_u64(&reader);
        (void)read_i64(&reader);
        (void)read_run(&reader);
        char raw[3] = "xxx";
        read_raw(&reader, raw, sizeof(raw));
        assert_memory_equal(raw, "\0\0\0", 3);
        assert_int_equal(reader_end(&reader), ERR_MALFORMED);
    }
}

static void a_run_longer_than_what_is_left_is_malformed(void **state) {
    static const uint8_t data[] = {0xff, 0xff, 0xff, 0xff, 'a'};
    struct reader reader = reader_over(BYTES_OF(data));
    assert_int_equal(read_run(&reader).length, 0);
    assert_int_equal(reader_end(&reader), ERR_MALFORMED);
    assert_int_equal(read_u8(&reader), 0);
}

static void a_text_that_does_not_fit_is_malformed(void **state) {
    static const uint8_t data[] = {0, 0, 0, 3, 'a', 'b', 'c'};
    char text[4] = "zzz";
    struct reader fits = reader_over(BYTES_OF(data));
    read_text(&fits, text, 4);
    assert_string_equal(text, "abc");
    assert_int_equal(reader_end(&fits), 0);
    struct reader short_of_one = reader_over(BYTES_OF(data));
    read_text(&short_of_one, text, 3);
    assert_string_equal(text, "");
    assert_int_equal(reader_end(&short_of_one), ERR_MALFORMED);
}

static void a_text_with_a_nul_inside_is_malformed(void **state) {
    static const uint8_t data[] = {0, 0, 0, 3, 'a', 0, 'c'};
    char text[8];
    struct reader reader = reader_over(BYTES_OF(data));
    read_text(&reader, text, sizeof(text));
    assert_string_equal(text, "");
    assert_int_equal(reader_end(&reader), ERR_MALFORMED);
}

static void a_reader_over_nothing_ends_well(void **state) {
    struct reader reader = reader_over((struct bytes){0});
    read_raw(&reader, NULL, 0);
    assert_int_equal(reader_end(&reader), 0);
    assert_int_equal(read_u16(&reader), 0);
    assert_int_equal(reader_end(&reader), ERR_MALFORMED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_form_is_big_endian_and_length_prefixed),
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test(a_full_buffer_keeps_its_first_failure),
        cmocka_unit_test(nothing_is_written_after_a_failure),
        cmocka_unit_test(a_buffer_over_nothing_takes_only_nothing),
        cmocka_unit_test(a_truncated_form_is_malformed),
        cmocka_unit_test(a_run_longer_than_what_is_left_is_malformed),
        cmocka_unit_test(a_text_that_does_not_fit_is_malformed),
        cmocka_unit_test(a_text_with_a_nul_inside_is_malformed),
        cmocka_unit_test(a_reader_over_nothing_ends_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
