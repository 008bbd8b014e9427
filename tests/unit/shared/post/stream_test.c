#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "tests/unit/shared/post/post_fixture.h"

static const struct address node = {{"ocmw-kortrijk"}, {"zuid-west"}};
static const struct address hub = {{"hub"}, {"zuid-west"}};

static void the_two_ends_and_the_lanes_of_a_stream_have_keys_of_their_own(void **state) {
    struct stream stream = {.sender = node, .recipient = hub, .lane = LANE_ORDINARY};
    struct stream back = {.sender = hub, .recipient = node, .lane = LANE_ORDINARY};
    struct stream urgent = {.sender = node, .recipient = hub, .lane = LANE_URGENT};
    struct stream_key key = stream_key(&stream, STREAM_IN);
    struct stream_key others[] = {stream_key(&stream, STREAM_OUT), stream_key(&back, STREAM_IN),
                                  stream_key(&urgent, STREAM_IN)};
    for (size_t i = 0; i < 3; i++) {
        assert_memory_not_equal(&key, &others[i], sizeof(key));
    }
    struct stream_key again = stream_key(&stream, STREAM_IN);
    assert_memory_equal(&key, &again, sizeof(key));
}

/* "ab" + "c" and "a" + "bc" must not be the same. */
static void names_that_read_the_same_in_a_row_are_different_streams(void **state) {
    struct stream one = {.sender = {{"ab"}, {"c"}}, .recipient = hub};
    struct stream other = {.sender = {{"a"}, {"bc"}}, .recipient = hub};
    struct stream_key keys[] = {stream_key(&one, STREAM_IN), stream_key(&other, STREAM_IN)};
    assert_memory_not_equal(&keys[0], &keys[1], sizeof(keys[0]));
}

static void messages_are_kept_in_order_of_their_numbers(void **state) {
    struct stream stream = {.sender = node, .recipient = hub, .lane = LANE_ORDINARY};
    struct stream_key key = stream_key(&stream, STREAM_OUT);
    const uint64_t numbers[] = {1, 2, 255, 256, 65536, UINT64_MAX};
    for (size_t i = 0; i < 6; i++) {
        struct stream_message_key message = stream_message_key(&key, numbers[i]);
        uint64_t number;
        assert_int_equal(stream_number_of(BYTES_OF(message), &number), 0);
        assert_true(number == numbers[i]);
        if (i > 0) {
            struct stream_message_key before = stream_message_key(&key, numbers[i - 1]);
            assert_true(bytes_compare(BYTES_OF(before), BYTES_OF(message)) < 0);
        }
    }
    uint64_t number;
    assert_int_equal(stream_number_of(BYTES_OF(key), &number), ERR_MALFORMED);
}

static void a_stamp_is_read_as_it_was_written(void **state) {
    uint8_t memory[256];
    struct buf buf = buf_over(memory, sizeof(memory));
    struct stamp stamp = {.stream = {.sender = node, .recipient = hub, .lane = LANE_ATTACHMENT},
                          .incarnation = 7,
                          .number = UINT64_MAX,
                          .id = post_id(9)};
    struct stamp read;
    stamp_write(&buf, &stamp);
    struct reader reader = reader_over(buf_bytes(&buf));
    stamp_read(&reader, &read);
    assert_int_equal(reader_end(&reader), 0);
    assert_memory_equal(&read.stream.sender, &node, sizeof(node));
    assert_memory_equal(&read.stream.recipient, &hub, sizeof(hub));
    assert_int_equal(read.stream.lane, LANE_ATTACHMENT);
    assert_true(read.incarnation == 7 && read.number == UINT64_MAX);
    assert_true(message_id_equal(&read.id, &stamp.id));
}

static void a_stamp_of_an_unknown_lane_or_cut_short_is_malformed(void **state) {
    uint8_t memory[256];
    struct stamp stamp = {.stream = {.sender = node, .recipient = hub, .lane = (enum lane)3}};
    struct stamp read;
    struct buf buf = buf_over(memory, sizeof(memory));
    stamp_write(&buf, &stamp);
    struct reader reader = reader_over(buf_bytes(&buf));
    stamp_read(&reader, &read);
    assert_int_equal(reader_end(&reader), ERR_MALFORMED);
    stamp.stream.lane = LANE_URGENT;
    buf = buf_over(memory, sizeof(memory));
    stamp_write(&buf, &stamp);
    for (size_t length = 0; length < buf.length; length++) {
        reader = reader_over((struct bytes){.data = memory, .length = length});
        stamp_read(&reader, &read);
        assert_int_equal(reader_end(&reader), ERR_MALFORMED);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_two_ends_and_the_lanes_of_a_stream_have_keys_of_their_own),
        cmocka_unit_test(names_that_read_the_same_in_a_row_are_different_streams),
        cmocka_unit_test(messages_are_kept_in_order_of_their_numbers),
        cmocka_unit_test(a_stamp_is_read_as_it_was_written),
        cmocka_unit_test(a_stamp_of_an_unknown_lane_or_cut_short_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
