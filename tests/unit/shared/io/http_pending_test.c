#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/shared/io/http_peer.h"

/* ---- pending ---- */

static void *complete_when_asked(void *ctx) {
    struct fixture *fixture = ctx;
    const int64_t end_ms = monotonic_ms() + PATIENCE_MS;
    while (atomic_load(&fixture->pending_token) == 0 && monotonic_ms() < end_ms) {
        sched_yield();
    }
    struct http_response response = {0};
    http_reply_copy(&response, 202, "text/plain", bytes_from_text("done"));
    const int r = http_complete(fixture->server, atomic_load(&fixture->pending_token), &response);
    return (void *)(intptr_t)r;
}

static void another_thread_completes_a_pending_request(void **state) {
    struct fixture *fixture = *state;
    pthread_t thread;
    for (int i = 0; i < 50; i++) {
        atomic_store(&fixture->pending_token, 0);
        assert_int_equal(pthread_create(&thread, NULL, complete_when_asked, fixture), 0);
        struct client_response response = get(fixture->tcp, "GET", "/pending");
        void *completed = NULL;
        pthread_join(thread, &completed);
        assert_int_equal((intptr_t)completed, 0);
        assert_int_equal(response.status, 202);
        assert_string_equal(response.body, "done");
        client_response_deinit(&response);
    }
    struct http_response late = {0};
    http_reply_copy(&late, 200, "text/plain", bytes_from_text("again"));
    assert_int_equal(http_complete(fixture->server, atomic_load(&fixture->pending_token), &late),
                     ERR_NOT_FOUND);
    assert_null(late.body);
}

static void a_completion_before_the_handler_returns_counts(void **state) {
    struct fixture *fixture = *state;
    for (int i = 0; i < 20; i++) {
        struct client_response response = get(fixture->local, "POST", "/at-once");
        assert_int_equal(response.status, 201);
        assert_string_equal(response.body, "before");
        client_response_deinit(&response);
    }
}

static void a_pending_request_that_nobody_completes_is_answered_at_its_deadline(void **state) {
    struct fixture *fixture = *state;
    const int64_t begin_ms = monotonic_ms();
    struct client_response response = get(fixture->tcp, "GET", "/pending");
    assert_true(monotonic_ms() - begin_ms >= DEADLINE_MS);
    assert_problem(&response, 504, "overdue");
    client_response_deinit(&response);
    struct http_response late = {0};
    http_reply_copy(&late, 200, "text/plain", bytes_from_text("late"));
    assert_int_equal(http_complete(fixture->server, atomic_load(&fixture->pending_token), &late),
                     ERR_NOT_FOUND);
    assert_int_equal(http_counters_read(fixture->server).overdue, 1);
}

static void a_stop_answers_what_is_pending(void **state) {
    struct fixture *fixture = *state;
    const int fd = dial(fixture);
    say(fd, "GET /pending HTTP/1.1\r\nHost: h\r\n\r\n");
    const int64_t end_ms = monotonic_ms() + PATIENCE_MS;
    while (atomic_load(&fixture->pending_token) == 0) {
        assert_true(monotonic_ms() < end_ms);
        sched_yield();
    }
    http_stop(fixture->server);
    fixture->server = NULL;
    hear(fd, NULL, answer);
    close(fd);
    assert_non_null(strstr(answer, "HTTP/1.1 503 "));
    assert_non_null(strstr(answer, "\"stopping\""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(setup, another_thread_completes_a_pending_request),
        WITH(setup, a_completion_before_the_handler_returns_counts),
        WITH(setup_hasty, a_pending_request_that_nobody_completes_is_answered_at_its_deadline),
        WITH(setup, a_stop_answers_what_is_pending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
