#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/base/limits.h"
#include "shared/post/flight.h"

enum { NOW_MS = 1000000 };

/* Sends all that is due; the number of messages. */
static uint64_t send_due(struct flight *flight, uint64_t first, uint64_t last, int64_t now_ms) {
    struct flight_range due;
    if (!flight_due(flight, (struct flight_range){.from = first, .to = last}, now_ms, &due)) {
        return 0;
    }
    for (uint64_t number = due.from; number <= due.to; number++) {
        flight_sent(flight, number, now_ms);
    }
    return due.to - due.from + 1;
}

static void nothing_is_due_where_nothing_waits(void **state) {
    struct flight flight;
    flight_reset(&flight);
    assert_true(send_due(&flight, 1, 0, NOW_MS) == 0);
    assert_true(flight_wake_ms(&flight) == INT64_MAX);
}

static void a_message_is_sent_once_and_again_after_silence(void **state) {
    struct flight flight;
    flight_reset(&flight);
    assert_true(send_due(&flight, 1, 3, NOW_MS) == 3);
    assert_true(send_due(&flight, 1, 3, NOW_MS + FLIGHT_WAIT_MIN_MS - 1) == 0);
    assert_true(send_due(&flight, 1, 3, NOW_MS + FLIGHT_WAIT_MIN_MS) == 3);
}

static void silence_is_waited_for_longer_each_time_up_to_a_minute(void **state) {
    struct flight flight;
    int64_t now_ms = NOW_MS;
    flight_reset(&flight);
    assert_true(send_due(&flight, 1, 1, now_ms) == 1);
    for (int64_t wait_ms = FLIGHT_WAIT_MIN_MS; wait_ms < 10 * FLIGHT_WAIT_MAX_MS; wait_ms *= 2) {
        int64_t waited_ms = wait_ms < FLIGHT_WAIT_MAX_MS ? wait_ms : FLIGHT_WAIT_MAX_MS;
        assert_true(send_due(&flight, 1, 1, now_ms + waited_ms - 1) == 0);
        now_ms += waited_ms;
        assert_true(send_due(&flight, 1, 1, now_ms) == 1);
    }
}

static void no_more_than_a_window_flies(void **state) {
    struct flight flight;
    flight_reset(&flight);
    assert_true(send_due(&flight, 1, 1000, NOW_MS) == OUTBOX_FLIGHT_MAX);
    assert_true(send_due(&flight, 1, 1000, NOW_MS + 1) == 0);
    assert_true(send_due(&flight, 11, 1000, NOW_MS + 2) == 10);
}

/* The first message was lost; new ones keep coming. It must not wait until they stop. */
static void a_lost_message_is_sent_again_while_new_ones_go_out(void **state) {
    struct flight flight;
    uint64_t last = 1;
    flight_reset(&flight);
    assert_true(send_due(&flight, 1, last, NOW_MS) == 1);
    for (int64_t passed_ms = 500; passed_ms < FLIGHT_WAIT_MIN_MS; passed_ms += 500) {
        assert_true(send_due(&flight, 1, ++last, NOW_MS + passed_ms) == 1);
    }
    assert_true(send_due(&flight, 1, last, NOW_MS + FLIGHT_WAIT_MIN_MS) == last);
}

/* A peer may name any number; a lane mustn't stand still for years over one. */
static void no_pause_is_longer_than_an_hour(void **state) {
    struct flight flight;
    flight_reset(&flight);
    assert_true(send_due(&flight, 1, 1, NOW_MS) == 1);
    flight_pause(&flight, NOW_MS, (int64_t)UINT32_MAX * 1000);
    assert_true(send_due(&flight, 1, 1, NOW_MS + 3600000 - 1) == 0);
    assert_true(send_due(&flight, 1, 1, NOW_MS + 3600000) == 1);
}

static void a_settled_message_starts_the_silence_anew(void **state) {
    struct flight flight;
    flight_reset(&flight);
    assert_true(send_due(&flight, 1, 10, NOW_MS) == 10);
    assert_true(send_due(&flight, 5, 10, NOW_MS + 1900) == 0);
    assert_true(send_due(&flight, 5, 10, NOW_MS + 1900 + FLIGHT_WAIT_MIN_MS - 1) == 0);
    assert_true(send_due(&flight, 5, 10, NOW_MS + 1900 + FLIGHT_WAIT_MIN_MS) == 6);
}

static void a_pause_is_kept_and_what_flew_is_sent_again(void **state) {
    struct flight flight;
    flight_reset(&flight);
    flight.waiting = true;
    assert_true(send_due(&flight, 1, 2, NOW_MS) == 2);
    flight_pause(&flight, NOW_MS, 60000);
    assert_true(send_due(&flight, 1, 2, NOW_MS + 59999) == 0);
    assert_true(flight_wake_ms(&flight) == NOW_MS + 60000);
    assert_true(send_due(&flight, 1, 2, NOW_MS + 60000) == 2);
}

static void a_peer_that_keeps_saying_not_now_is_asked_ever_less(void **state) {
    struct flight flight;
    int64_t now_ms = NOW_MS;
    int64_t expected_ms = FLIGHT_WAIT_MIN_MS;
    flight_reset(&flight);
    for (int i = 0; i < 10; i++) {
        assert_true(send_due(&flight, 1, 2, now_ms) == 2);
        flight_pause(&flight, now_ms, 0);
        flight_pause(&flight, now_ms, 0); /* the other message of the same flight */
        assert_true(send_due(&flight, 1, 2, now_ms + expected_ms - 1) == 0);
        now_ms += expected_ms;
        expected_ms = 2 * expected_ms < FLIGHT_WAIT_MAX_MS ? 2 * expected_ms : FLIGHT_WAIT_MAX_MS;
    }
    /* Something was settled: from the start again. */
    assert_true(send_due(&flight, 2, 2, now_ms) == 1);
    flight_pause(&flight, now_ms, 0);
    assert_true(send_due(&flight, 2, 2, now_ms + FLIGHT_WAIT_MIN_MS) == 1);
}

static void a_peer_that_comes_back_gets_everything_at_once(void **state) {
    struct flight flight;
    flight_reset(&flight);
    assert_true(send_due(&flight, 1, 4, NOW_MS) == 4);
    flight_pause(&flight, NOW_MS, 3600000);
    flight_reset(&flight);
    assert_true(send_due(&flight, 1, 4, NOW_MS + 1) == 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_due_where_nothing_waits),
        cmocka_unit_test(a_message_is_sent_once_and_again_after_silence),
        cmocka_unit_test(silence_is_waited_for_longer_each_time_up_to_a_minute),
        cmocka_unit_test(no_more_than_a_window_flies),
        cmocka_unit_test(a_lost_message_is_sent_again_while_new_ones_go_out),
        cmocka_unit_test(no_pause_is_longer_than_an_hour),
        cmocka_unit_test(a_settled_message_starts_the_silence_anew),
        cmocka_unit_test(a_pause_is_kept_and_what_flew_is_sent_again),
        cmocka_unit_test(a_peer_that_keeps_saying_not_now_is_asked_ever_less),
        cmocka_unit_test(a_peer_that_comes_back_gets_everything_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
