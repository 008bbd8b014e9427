#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "shared/io/clock.h"

#ifndef VANGNET_TEST_CLOCK
#error "this test is of the build that has the test clock"
#endif

struct fixture {
    char dir[64];
    struct sockaddr_un clock_address;
    struct sockaddr_un own_address;
    struct test_clock *clock;
    int fd;
};

static int setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    char where[128];
    snprintf(fixture->dir, sizeof(fixture->dir), "/tmp/clock-test-XXXXXX");
    if (fixture == NULL || mkdtemp(fixture->dir) == NULL) {
        return -1;
    }
    fixture->clock_address.sun_family = AF_UNIX;
    fixture->own_address.sun_family = AF_UNIX;
    snprintf(fixture->clock_address.sun_path, 100, "%s/clock", fixture->dir);
    snprintf(fixture->own_address.sun_path, 100, "%s/test", fixture->dir);
    snprintf(where, sizeof(where), "%s@1764000000000", fixture->clock_address.sun_path);
    if (clock_test_open(where, &fixture->clock) < 0) {
        return -1;
    }
    fixture->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    *state = fixture;
    return bind(fixture->fd, (const struct sockaddr *)&fixture->own_address,
                sizeof(fixture->own_address));
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    clock_test_close(fixture->clock);
    close(fixture->fd);
    unlink(fixture->own_address.sun_path);
    const int gone = rmdir(fixture->dir); /* fails where the socket was left behind */
    free(fixture);
    return gone;
}

static void say(const struct fixture *fixture, const char *text) {
    assert_int_equal(sendto(fixture->fd, text, strlen(text), 0,
                            (const struct sockaddr *)&fixture->clock_address,
                            sizeof(fixture->clock_address)),
                     strlen(text));
}

static void assert_heard(const struct fixture *fixture, const char *wanted) {
    char text[64] = "";
    const ssize_t length = recv(fixture->fd, text, sizeof(text) - 1, MSG_DONTWAIT);
    assert_true(length > 0);
    assert_string_equal(text, wanted);
}

static void it_starts_at_the_time_it_was_given_and_stands_still(void **state) {
    const struct fixture *fixture = *state;
    const struct clock clock = clock_test(fixture->clock);
    const int64_t begin_ms = clock_monotonic_ms(&clock);
    while (clock_monotonic_ms(&clock) - begin_ms < 5) {
        assert_int_equal(clock_now_ms(&clock), 1764000000000);
    }
}

static void a_setting_holds_once_it_is_answered(void **state) {
    const struct fixture *fixture = *state;
    const struct clock clock = clock_test(fixture->clock);
    struct pollfd ready = {.fd = clock_test_fd(fixture->clock), .events = POLLIN};
    assert_int_equal(poll(&ready, 1, 0), 0);
    say(fixture, "now 1764000060000");
    assert_int_equal(poll(&ready, 1, 0), 1);
    assert_int_equal(clock_now_ms(&clock), 1764000000000);
    assert_int_equal(clock_test_read(fixture->clock), 1);
    assert_int_equal(clock_now_ms(&clock), 1764000060000);
    assert_heard(fixture, "ok 1764000060000");
    assert_int_equal(poll(&ready, 1, 0), 0);
}

static void the_last_of_several_settings_holds_also_a_backward_one(void **state) {
    const struct fixture *fixture = *state;
    const struct clock clock = clock_test(fixture->clock);
    say(fixture, "now 1764000060000");
    say(fixture, "now 1763996400000");
    assert_int_equal(clock_test_read(fixture->clock), 2);
    assert_int_equal(clock_now_ms(&clock), 1763996400000);
}

static void anything_else_changes_nothing(void **state) {
    const struct fixture *fixture = *state;
    const struct clock clock = clock_test(fixture->clock);
    static const char *const bad[] = {"now",
                                      "now ",
                                      "now -1",
                                      "now 1x",
                                      "then 5",
                                      "now 9007199254740993",
                                      "now 99999999999999999999999999999999999999999999999999999"
                                      "99999999999999999999"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        say(fixture, bad[i]);
        assert_int_equal(clock_test_read(fixture->clock), 0);
        assert_heard(fixture, "bad");
    }
    assert_int_equal(clock_now_ms(&clock), 1764000000000);
}

static void a_sender_without_a_name_is_heard_and_not_answered(void **state) {
    const struct fixture *fixture = *state;
    const struct clock clock = clock_test(fixture->clock);
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(sendto(fd, "now 7", 5, 0, (const struct sockaddr *)&fixture->clock_address,
                            sizeof(fixture->clock_address)),
                     5);
    close(fd);
    assert_int_equal(clock_test_read(fixture->clock), 1);
    assert_int_equal(clock_now_ms(&clock), 7);
}

static void a_crashed_daemons_socket_is_replaced(void **state) {
    struct fixture *fixture = *state;
    struct test_clock *crashed = fixture->clock; /* its file stands there still */
    assert_int_equal(clock_test_open(fixture->clock_address.sun_path, &fixture->clock), 0);
    say(fixture, "now 8");
    assert_int_equal(clock_test_read(crashed), 0);
    assert_int_equal(clock_test_read(fixture->clock), 1);
    clock_test_close(crashed);
}

static void a_place_that_cannot_be_is_refused(void **state) {
    const struct fixture *fixture = *state;
    struct test_clock *clock = NULL;
    char path[256];
    snprintf(path, sizeof(path), "%s/other@noon", fixture->dir);
    assert_int_equal(clock_test_open(path, &clock), ERR_MALFORMED);
    assert_int_equal(clock_test_open("", &clock), ERR_MALFORMED);
    memset(path, 'a', 200);
    path[200] = '\0';
    assert_int_equal(clock_test_open(path, &clock), ERR_TOO_LARGE);
    assert_int_equal(clock_test_open(fixture->dir, &clock), ERR_EXISTS);
    assert_int_equal(clock_test_open("/nonexistent/clock", &clock), ERR_IO);
    assert_null(clock);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_starts_at_the_time_it_was_given_and_stands_still, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_setting_holds_once_it_is_answered, setup, teardown),
        cmocka_unit_test_setup_teardown(the_last_of_several_settings_holds_also_a_backward_one,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(anything_else_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_sender_without_a_name_is_heard_and_not_answered, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_crashed_daemons_socket_is_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(a_place_that_cannot_be_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
