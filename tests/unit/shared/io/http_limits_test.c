#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/shared/io/http_peer.h"

static int put_body(struct fixture *fixture, size_t length, const char *const *headers) {
    uint8_t *body = malloc(length);
    assert_non_null(body);
    memset(body, 'b', length);
    const struct client_request request = {.method = "PUT",
                                           .path = "/mirror/a/x/b",
                                           .headers = headers,
                                           .body = {.data = body, .length = length}};
    struct client_response response = {0};
    assert_int_equal(client_send(fixture->tcp, &request, &response), 0);
    const int status = response.status;
    if (status == 200) {
        char wanted[40];
        snprintf(wanted, sizeof(wanted), "\"length\":%zu,", length);
        assert_non_null(strstr(response.body, wanted));
    } else {
        assert_problem(&response, 413, "too-large");
    }
    client_response_deinit(&response);
    free(body);
    return status;
}

static void a_body_of_just_the_limit_passes_and_one_byte_more_does_not(void **state) {
    static const char *const chunked[] = {"Transfer-Encoding: chunked",
                                          "Content-Type: application/octet-stream", NULL};
    assert_int_equal(put_body(*state, HTTP_BODY_BYTES_MAX, NULL), 200);
    assert_int_equal(put_body(*state, HTTP_BODY_BYTES_MAX, chunked), 200);
    assert_int_equal(put_body(*state, HTTP_BODY_BYTES_MAX + 1, chunked), 413);
    const char *heard = ask_raw(*state, "PUT /mirror/a/x/b HTTP/1.1\r\nHost: h\r\n"
                                        "Content-Length: 1048577\r\n\r\n");
    assert_non_null(strstr(heard, "HTTP/1.1 413 "));
}

static void an_endless_body_is_cut_off(void **state) {
    struct fixture *fixture = *state;
    static char piece[64 << 10];
    memset(piece, 'x', sizeof(piece));
    const int fd = dial(fixture);
    say(fd, "PUT /mirror/a/x/b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            "40000000\r\n");
    size_t sent = 0;
    for (ssize_t more = 1; more > 0 && sent < ((size_t)64 << 20);) {
        more = send(fd, piece, sizeof(piece), MSG_NOSIGNAL);
        sent += more > 0 ? (size_t)more : 0;
    }
    close(fd);
    assert_true(sent < (size_t)64 << 20);
    struct client_response response = get(fixture->tcp, "GET", "/hello");
    assert_int_equal(response.status, 200);
    client_response_deinit(&response);
}

static void a_body_with_two_lengths_is_refused(void **state) {
    static const char *const headers[] = {
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 3x\r\n",
        "Content-Length: -3\r\n",
        "Content-Length: 3, 4\r\n",
    };
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        char text[200];
        snprintf(text, sizeof(text), "PUT /mirror/a/x/b HTTP/1.1\r\nHost: h\r\n%s\r\nabc",
                 headers[i]);
        const char *heard = ask_raw(*state, text);
        assert_true(strncmp(heard, "HTTP/1.1 400 ", 13) == 0);
        assert_null(strstr(heard, "HTTP/1.1 200 "));
    }
}

static void requests_in_one_packet_are_answered_in_order(void **state) {
    const char *heard = ask_raw(*state, "GET /mirror/one/x/b HTTP/1.1\r\nHost: h\r\n\r\n"
                                        "GET /at-once HTTP/1.1\r\nHost: h\r\n\r\n"
                                        "POST /at-once HTTP/1.1\r\nHost: h\r\n\r\n"
                                        "GET /mirror/two/x/b HTTP/1.1\r\nHost: h\r\n"
                                        "Connection: close\r\n\r\n");
    const char *one = strstr(heard, "\"name\":\"one\"");
    assert_non_null(one);
    const char *wrong = strstr(one, "HTTP/1.1 405 ");
    assert_non_null(wrong);
    const char *early = strstr(wrong, "HTTP/1.1 201 ");
    assert_non_null(early);
    assert_non_null(strstr(early, "\"name\":\"two\""));
}

static void garbage_closes_the_connection_and_hurts_nobody(void **state) {
    struct fixture *fixture = *state;
    static const char *const garbage[] = {
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        "GET\r\n\r\n",
        "GET /hello HTTP/9.9\r\n\r\n",
        "GET /hello HTTP/1.1\r\n\r\n", /* no Host */
        "hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
        const char *heard = ask_raw(fixture, garbage[i]);
        assert_null(strstr(heard, "HTTP/1.1 200"));
    }
    struct client_response response = get(fixture->tcp, "GET", "/hello");
    assert_int_equal(response.status, 200);
    client_response_deinit(&response);
}

static void headers_beyond_the_connections_memory_are_refused(void **state) {
    static char text[64 << 10];
    int length = snprintf(text, sizeof(text), "GET /hello HTTP/1.1\r\nHost: h\r\nX: ");
    memset(text + length, 'x', sizeof(text) - (size_t)length - 1);
    const struct fixture *fixture = *state;
    const int fd = dial(fixture);
    const ssize_t sent = send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL);
    assert_true(sent > 0);
    hear(fd, "\r\n\r\n", answer);
    close(fd);
    assert_non_null(strstr(answer, "HTTP/1.1 431 "));
}

static void one_address_gets_no_more_than_its_share_of_connections(void **state) {
    const struct fixture *fixture = *state;
    int fds[HTTP_PER_IP_MAX];
    for (size_t i = 0; i < HTTP_PER_IP_MAX; i++) {
        fds[i] = dial(fixture);
        say(fds[i], "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
        hear(fds[i], "hello", answer);
    }
    const int extra = dial(fixture);
    hear(extra, NULL, answer); /* closed without a word */
    assert_string_equal(answer, "");
    close(extra);
    struct client_response response = get(fixture->local, "GET", "/hello");
    assert_int_equal(response.status, 200);
    client_response_deinit(&response);
    for (size_t i = 0; i < HTTP_PER_IP_MAX; i++) {
        close(fds[i]);
    }
}

/* ---- slow ones ---- */

static void hear_the_end_while_dripping(const struct fixture *fixture, const char *begin) {
    const int fd = dial(fixture);
    const int64_t end_ms = monotonic_ms() + PATIENCE_MS;
    say(fd, begin);
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        assert_true(monotonic_ms() < end_ms);
        /* A byte each 20 ms: lively, and never done. */
        if (poll(&ready, 1, 20) == 1 || send(fd, "a", 1, MSG_NOSIGNAL) != 1) {
            break;
        }
    }
    char byte;
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    close(fd);
}

static void a_request_that_drips_in_is_cut_at_its_deadline(void **state) {
    const struct fixture *fixture = *state;
    hear_the_end_while_dripping(fixture, "GET /hel");
    hear_the_end_while_dripping(fixture, "GET /hello HTTP/1.1\r\nHost: h\r\nX: ");
    hear_the_end_while_dripping(fixture, "PUT /mirror/a/x/b HTTP/1.1\r\nHost: h\r\n"
                                         "Content-Length: 100000\r\n\r\n");
    assert_int_equal(http_counters_read(fixture->server).cut, 3);
}

static void a_client_that_says_nothing_is_cut_too(void **state) {
    struct fixture *fixture = *state;
    const int fd = dial(fixture);
    hear(fd, NULL, answer);
    assert_string_equal(answer, "");
    close(fd);
    struct client_response response = get(fixture->tcp, "GET", "/hello");
    assert_int_equal(response.status, 200);
    client_response_deinit(&response);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(setup, a_body_of_just_the_limit_passes_and_one_byte_more_does_not),
        WITH(setup, an_endless_body_is_cut_off),
        WITH(setup, a_body_with_two_lengths_is_refused),
        WITH(setup, requests_in_one_packet_are_answered_in_order),
        WITH(setup, garbage_closes_the_connection_and_hurts_nobody),
        WITH(setup, headers_beyond_the_connections_memory_are_refused),
        WITH(setup, one_address_gets_no_more_than_its_share_of_connections),
        WITH(setup_hasty, a_request_that_drips_in_is_cut_at_its_deadline),
        WITH(setup_hasty, a_client_that_says_nothing_is_cut_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
