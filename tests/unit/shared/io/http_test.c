#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/shared/io/http_peer.h"

static void a_route_answers_over_tcp_and_over_the_unix_socket(void **state) {
    struct fixture *fixture = *state;
    struct client *const clients[] = {fixture->tcp, fixture->local};
    for (size_t i = 0; i < 2; i++) {
        struct client_response response = get(clients[i], "GET", "/hello");
        assert_int_equal(response.status, 200);
        assert_string_equal(response.body, "hello");
        assert_string_equal(response.content_type, "text/plain");
        client_response_deinit(&response);
    }
}

static void the_socket_is_for_its_owner_alone(void **state) {
    const struct fixture *fixture = *state;
    struct stat status;
    assert_int_equal(stat(fixture->socket_path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void a_handler_sees_path_query_headers_and_body(void **state) {
    struct fixture *fixture = *state;
    const char *const headers[] = {"Content-Type: application/json; charset=utf-8",
                                   "Authorization: Bearer secret-7", "Idempotency-Key: k-1", NULL};
    const struct client_request request = {
        .method = "POST",
        .path = "/mirror/a%2Fb/x/%C3%A9?p=1&q=two+w%26rds&q=later",
        .headers = headers,
        .body = bytes_from_text("{\"a\":1}"),
    };
    struct client_response response = {0};
    assert_int_equal(client_send(fixture->local, &request, &response), 0);
    assert_int_equal(response.status, 200);
    assert_string_equal(response.body,
                        "{\"name\":\"a/b\",\"part\":\"\xc3\xa9\",\"q\":\"two w&rds\","
                        "\"bearer\":\"secret-7\",\"key\":\"k-1\",\"length\":7,\"local\":true,"
                        "\"own_uid\":true,\"body\":\"{\\\"a\\\":1}\"}");
    client_response_deinit(&response);
}

static void over_tcp_nobody_is_local(void **state) {
    struct fixture *fixture = *state;
    struct client_response response = get(fixture->tcp, "GET", "/mirror/a/x/b");
    assert_non_null(strstr(response.body, "\"local\":false,\"own_uid\":false"));
    client_response_deinit(&response);
}

static void an_unknown_address_is_told_with_what_to_do_next(void **state) {
    struct fixture *fixture = *state;
    static const char *const unknown[] = {"/", "/hell", "/hello/x", "/mirror/a/y/b", "/HELLO"};
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        struct client_response response = get(fixture->tcp, "GET", unknown[i]);
        assert_problem(&response, 404, "not-found");
        client_response_deinit(&response);
    }
}

static void an_address_that_could_be_read_two_ways_is_refused(void **state) {
    struct fixture *fixture = *state;
    static const char *const bad[] = {"/hello%00",  "/%zz",           "/mirror//x/b",
                                      "/hello/",    "/mirror/../x/b", "/mirror/%2e%2e/x/b",
                                      "/hello?a=%4"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct client_response response = get(fixture->tcp, "GET", bad[i]);
        assert_problem(&response, 400, "bad-target");
        client_response_deinit(&response);
    }
}

static void a_wrong_method_gets_the_right_ones(void **state) {
    const char *heard = ask_raw(*state, "DELETE /mirror/a/x/b HTTP/1.1\r\nHost: h\r\n"
                                        "Connection: close\r\n\r\n");
    assert_non_null(strstr(heard, "HTTP/1.1 405 "));
    assert_non_null(strstr(heard, "\r\nAllow: OPTIONS, GET, HEAD, POST, PUT\r\n"));
}

static void an_unknown_method_is_not_implemented(void **state) {
    const char *heard =
        ask_raw(*state, "BREW /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert_non_null(strstr(heard, "HTTP/1.1 501 "));
}

static void options_lists_what_an_address_takes(void **state) {
    const char *heard =
        ask_raw(*state, "OPTIONS /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert_non_null(strstr(heard, "HTTP/1.1 204 "));
    assert_non_null(strstr(heard, "\r\nAllow: OPTIONS, GET, HEAD\r\n"));
}

static void head_gives_the_headers_of_get_without_its_body(void **state) {
    const char *heard =
        ask_raw(*state, "HEAD /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert_non_null(strstr(heard, "HTTP/1.1 200 "));
    assert_non_null(strstr(heard, "\r\nContent-Length: 5\r\n"));
    assert_string_equal(strstr(heard, "\r\n\r\n"), "\r\n\r\n");
}

static void every_answer_carries_the_security_headers(void **state) {
    static const char *const asked[] = {
        "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        "GET /none HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    };
    for (size_t i = 0; i < 2; i++) {
        const char *heard = ask_raw(*state, asked[i]);
        assert_non_null(strstr(heard, "\r\nX-Content-Type-Options: nosniff\r\n"));
        assert_non_null(strstr(heard, "\r\nCache-Control: no-store\r\n"));
        assert_non_null(strstr(heard, "\r\nContent-Security-Policy: default-src 'none'"));
    }
}

static void an_unchanged_answer_is_not_sent_again(void **state) {
    const char *heard = ask_raw(*state, "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                                        "If-None-Match: \"v0\", \"v1\"\r\n\r\n");
    assert_non_null(strstr(heard, "HTTP/1.1 304 "));
    assert_non_null(strstr(heard, "\r\nETag: \"v1\"\r\n"));
    assert_null(strstr(heard, "hello"));
    heard = ask_raw(*state, "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                            "If-None-Match: \"v2\"\r\n\r\n");
    assert_non_null(strstr(heard, "HTTP/1.1 200 "));
}

static void a_body_of_the_wrong_type_or_where_none_belongs_is_refused(void **state) {
    struct fixture *fixture = *state;
    static const char *const text_plain[] = {"Content-Type: text/plain", NULL};
    struct client_request request = {.method = "POST",
                                     .path = "/mirror/a/x/b",
                                     .headers = text_plain,
                                     .body = bytes_from_text("x")};
    struct client_response response = {0};
    assert_int_equal(client_send(fixture->tcp, &request, &response), 0);
    assert_problem(&response, 415, "wrong-type");
    client_response_deinit(&response);
    request.method = "GET";
    assert_int_equal(client_send(fixture->tcp, &request, &response), 0);
    assert_problem(&response, 415, "wrong-type");
    client_response_deinit(&response);
}

/* ---- streams ---- */

struct letters {
    uint64_t count;
    bool right;
};

static int check_letters(void *ctx, struct bytes piece) {
    struct letters *letters = ctx;
    for (size_t i = 0; i < piece.length; i++, letters->count++) {
        letters->right = letters->right && piece.data[i] == 'a' + letters->count % 26;
    }
    return 0;
}

static void a_long_answer_streams_and_is_freed_once(void **state) {
    struct fixture *fixture = *state;
    struct letters letters = {.right = true};
    fixture->stream_bytes = 5000001;
    struct client_response response = {0};
    const struct client_request request = {
        .method = "GET", .path = "/stream", .on_data = check_letters, .ctx = &letters};
    assert_int_equal(client_send(fixture->tcp, &request, &response), 0);
    assert_int_equal(response.status, 200);
    assert_int_equal(letters.count, 5000001);
    assert_true(letters.right);
    assert_int_equal(response.length, 0);
    client_response_deinit(&response);
    http_stop(fixture->server);
    fixture->server = NULL;
    assert_int_equal(atomic_load(&fixture->streams_freed), 1);
}

static void a_stream_that_fails_is_seen_as_broken(void **state) {
    struct fixture *fixture = *state;
    struct client_response response = {0};
    const struct client_request request = {.method = "GET", .path = "/broken"};
    assert_int_equal(client_send(fixture->tcp, &request, &response), ERR_NETWORK);
}

static void a_reader_that_leaves_frees_the_stream(void **state) {
    struct fixture *fixture = *state;
    fixture->stream_bytes = (uint64_t)1 << 40;
    const int fd = dial(fixture);
    say(fd, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    hear(fd, "abc", answer);
    close(fd);
    const int64_t end_ms = monotonic_ms() + PATIENCE_MS;
    while (atomic_load(&fixture->streams_freed) == 0) {
        assert_true(monotonic_ms() < end_ms);
        sched_yield();
    }
}

/* ---- opening ---- */

static int start_at(const char *address, uint16_t port, const char *path) {
    struct http_server *server = NULL;
    const struct http_config config = {.address = address, .port = port, .unix_path = path};
    int r = http_start(&config, &server);
    if (r == 0) {
        http_stop(server);
    }
    return r;
}

static void what_is_taken_is_not_taken_over(void **state) {
    const struct fixture *fixture = *state;
    char path[120];
    assert_int_equal(start_at(NULL, 0, fixture->socket_path), ERR_LOCKED);
    assert_int_equal(start_at("127.0.0.1", http_port(fixture->server), NULL), ERR_LOCKED);
    snprintf(path, sizeof(path), "%s/file", fixture->dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(start_at(NULL, 0, path), ERR_EXISTS);
    unlink(path);
}

static void the_socket_of_a_crashed_daemon_is_replaced(void **state) {
    const struct fixture *fixture = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/stale", fixture->dir);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
    assert_int_equal(start_at(NULL, 0, address.sun_path), 0);
    assert_int_equal(access(address.sun_path, F_OK), -1); /* gone with its server */
}

static void an_address_must_be_given_and_numeric(void **state) {
    (void)state;
    static const char long_path[] =
        "/tmp/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    assert_int_equal(start_at(NULL, 0, NULL), ERR_CONFIG);
    assert_int_equal(start_at("localhost", 0, NULL), ERR_CONFIG);
    assert_int_equal(start_at(NULL, 0, long_path), ERR_TOO_LARGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(setup, a_route_answers_over_tcp_and_over_the_unix_socket),
        WITH(setup, the_socket_is_for_its_owner_alone),
        WITH(setup, a_handler_sees_path_query_headers_and_body),
        WITH(setup, over_tcp_nobody_is_local),
        WITH(setup, an_unknown_address_is_told_with_what_to_do_next),
        WITH(setup, an_address_that_could_be_read_two_ways_is_refused),
        WITH(setup, a_wrong_method_gets_the_right_ones),
        WITH(setup, an_unknown_method_is_not_implemented),
        WITH(setup, options_lists_what_an_address_takes),
        WITH(setup, head_gives_the_headers_of_get_without_its_body),
        WITH(setup, every_answer_carries_the_security_headers),
        WITH(setup, an_unchanged_answer_is_not_sent_again),
        WITH(setup, a_body_of_the_wrong_type_or_where_none_belongs_is_refused),
        WITH(setup, a_long_answer_streams_and_is_freed_once),
        WITH(setup, a_stream_that_fails_is_seen_as_broken),
        WITH(setup, a_reader_that_leaves_frees_the_stream),
        WITH(setup, what_is_taken_is_not_taken_over),
        WITH(setup, the_socket_of_a_crashed_daemon_is_replaced),
        cmocka_unit_test(an_address_must_be_given_and_numeric),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
