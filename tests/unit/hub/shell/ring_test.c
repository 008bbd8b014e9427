#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "hub/shell/ring.h"
#include "shared/base/limits.h"

static bool wakes(const struct ring *ring) {
    struct pollfd item = {.fd = ring_fd(ring), .events = POLLIN};
    return poll(&item, 1, 0) == 1;
}

static struct request *numbered(uint64_t number) {
    struct request *request = request_new(HUB_COMMAND_BACKED_UP);
    assert_non_null(request);
    request->http_token = number;
    return request;
}

static void requests_come_out_in_their_order_and_wake_the_reader(void **state) {
    struct ring *ring;
    assert_int_equal(ring_new(&ring), 0);
    assert_false(wakes(ring));
    for (uint64_t i = 1; i <= 3; i++) {
        assert_int_equal(ring_push(ring, numbered(i)), 0);
    }
    for (uint64_t i = 1; i <= 3; i++) {
        assert_true(wakes(ring));
        struct request *request = ring_pop(ring);
        assert_int_equal(request->http_token, i);
        assert_ptr_equal(request->command.arguments, &request->arguments);
        request_free(request);
    }
    assert_false(wakes(ring));
    assert_null(ring_pop(ring));
    ring_free(ring);
}

static void a_full_or_closed_ring_takes_nothing(void **state) {
    struct ring *ring;
    struct request *late = numbered(0);
    assert_int_equal(ring_new(&ring), 0);
    for (int i = 0; i < COMMAND_RING; i++) {
        assert_int_equal(ring_push(ring, numbered(1)), 0);
    }
    assert_int_equal(ring_push(ring, late), ERR_AGAIN);
    request_free(ring_pop(ring));
    assert_int_equal(ring_push(ring, late), 0);
    request_free(ring_pop(ring));
    ring_close(ring);
    late = numbered(0);
    assert_int_equal(ring_push(ring, late), ERR_AGAIN);
    request_free(late);
    ring_free(ring); /* with what is in it */
}

enum { THREADS = 4, EACH = 2000 };

static void *push_many(void *argument) {
    struct ring *ring = argument;
    for (int i = 0; i < EACH; i++) {
        struct request *request = request_new(HUB_COMMAND_BACKED_UP);
        while (ring_push(ring, request) < 0) {
            struct pollfd nothing = {.fd = -1};
            (void)poll(&nothing, 1, 1);
        }
    }
    return NULL;
}

static void nothing_is_lost_between_threads(void **state) {
    struct ring *ring;
    pthread_t threads[THREADS];
    int count = 0;
    assert_int_equal(ring_new(&ring), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, push_many, ring), 0);
    }
    while (count < THREADS * EACH) {
        struct pollfd item = {.fd = ring_fd(ring), .events = POLLIN};
        assert_int_equal(poll(&item, 1, 20000), 1);
        struct request *request = ring_pop(ring);
        assert_non_null(request);
        request_free(request);
        count++;
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_null(ring_pop(ring));
    ring_free(ring);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_come_out_in_their_order_and_wake_the_reader),
        cmocka_unit_test(a_full_or_closed_ring_takes_nothing),
        cmocka_unit_test(nothing_is_lost_between_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
