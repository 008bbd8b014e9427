#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>

#include "shared/io/ring.h"

static int readable(const struct ring *ring) {
    struct pollfd item = {.fd = ring_fd(ring), .events = POLLIN};
    return poll(&item, 1, 0);
}

static void what_was_pushed_first_is_taken_first(void **state) {
    struct ring *ring;
    int things[5] = {0};
    assert_int_equal(ring_new(3, &ring), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ring_push(ring, &things[i]), 0);
    }
    assert_ptr_equal(ring_take(ring), &things[0]);
    assert_int_equal(ring_push(ring, &things[3]), 0);
    for (int i = 1; i < 4; i++) {
        assert_ptr_equal(ring_take(ring), &things[i]);
    }
    assert_null(ring_take(ring));
    ring_free(ring);
}

static void a_full_ring_gives_the_item_back(void **state) {
    struct ring *ring;
    int thing = 0;
    assert_int_equal(ring_new(1, &ring), 0);
    assert_int_equal(ring_push(ring, &thing), 0);
    assert_int_equal(ring_push(ring, &thing), ERR_AGAIN);
    assert_ptr_equal(ring_take(ring), &thing);
    assert_int_equal(ring_push(ring, &thing), 0);
    (void)ring_take(ring);
    ring_free(ring);
}

static void the_descriptor_is_readable_until_the_last_is_taken(void **state) {
    struct ring *ring;
    int thing = 0;
    assert_int_equal(ring_new(2, &ring), 0);
    assert_int_equal(readable(ring), 0);
    assert_int_equal(ring_push(ring, &thing), 0);
    assert_int_equal(ring_push(ring, &thing), 0);
    (void)ring_take(ring);
    assert_int_equal(readable(ring), 1);
    (void)ring_take(ring);
    assert_int_equal(readable(ring), 0);
    ring_free(ring);
}

static void a_closed_ring_takes_nothing_and_gives_what_it_has(void **state) {
    struct ring *ring;
    int thing = 0;
    assert_int_equal(ring_new(2, &ring), 0);
    assert_int_equal(ring_push(ring, &thing), 0);
    ring_close(ring);
    assert_int_equal(ring_push(ring, &thing), ERR_CANCELLED);
    assert_ptr_equal(ring_take(ring), &thing);
    ring_free(ring);
}

enum { EACH = 20000, PUSHERS = 2 };

static void *push_many(void *context) {
    struct ring *ring = context;
    static int thing;
    for (int i = 0; i < EACH;) {
        i += ring_push(ring, &thing) == 0;
    }
    return NULL;
}

static void many_threads_lose_nothing(void **state) {
    struct ring *ring;
    pthread_t threads[PUSHERS];
    assert_int_equal(ring_new(16, &ring), 0);
    for (int i = 0; i < PUSHERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, push_many, ring), 0);
    }
    for (int taken = 0; taken < PUSHERS * EACH;) {
        struct pollfd item = {.fd = ring_fd(ring), .events = POLLIN};
        assert_int_equal(poll(&item, 1, 10000), 1);
        while (ring_take(ring) != NULL) {
            taken++;
        }
    }
    for (int i = 0; i < PUSHERS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_null(ring_take(ring));
    ring_free(ring);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_pushed_first_is_taken_first),
        cmocka_unit_test(a_full_ring_gives_the_item_back),
        cmocka_unit_test(the_descriptor_is_readable_until_the_last_is_taken),
        cmocka_unit_test(a_closed_ring_takes_nothing_and_gives_what_it_has),
        cmocka_unit_test(many_threads_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
