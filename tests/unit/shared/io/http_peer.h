/* A server with a handler for each thing that a test does, and a peer that isn't a library.
 *
 * Each test of the HTTP server includes it; nobody else does. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "shared/base/limits.h"
#include "shared/io/client.h"
#include "shared/io/http.h"
#include "shared/io/json.h"

enum {
    PATIENCE_MS = 20000, /* how long a test waits for what must come */
    DEADLINE_MS = 700,   /* of the servers whose deadlines are tested */
    ANSWER_BYTES_MAX = 1 << 16,
};

struct fixture {
    char dir[64];
    char socket_path[96];
    struct http_server *server;
    struct client *tcp;
    struct client *local;
    _Atomic uint64_t pending_token;
    atomic_int streams_freed;
    uint64_t stream_bytes;
};

static inline int64_t monotonic_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* ---- handlers ---- */

static void handle_hello(void *ctx, const struct http_request *request, struct http_response *ret) {
    (void)ctx;
    (void)request;
    http_reply_copy(ret, 200, "text/plain", bytes_from_text("hello"));
    http_set_header(ret, "ETag", "\"v1\"");
}

/* What the request looked like from inside, as JSON. */
static void handle_mirror(void *ctx, const struct http_request *request,
                          struct http_response *ret) {
    (void)ctx;
    struct json_writer writer = json_over(4 << 20);
    json_open_object(&writer);
    json_field_text(&writer, "name", http_param(request, "name"));
    json_field_text(&writer, "part", http_param(request, "part"));
    json_field_text(&writer, "q", http_query(request, "q"));
    json_field_text(&writer, "bearer", request->bearer);
    json_field_text(&writer, "key", request->idempotency_key);
    json_field_int(&writer, "length", (int64_t)request->body.length);
    json_field_bool(&writer, "local", request->local);
    json_field_bool(&writer, "own_uid", request->has_peer && request->peer_uid == getuid());
    json_put_key(&writer, "body");
    if (request->body.length < 100) {
        json_put_bytes(&writer, request->body);
    } else {
        json_put_null(&writer);
    }
    json_close_object(&writer);
    char *text = NULL;
    size_t length = 0;
    assert_int_equal(json_take(&writer, &text, &length), 0);
    http_reply_take(ret, 200, "application/json", text, length);
}

static void handle_pending(void *ctx, const struct http_request *request,
                           struct http_response *ret) {
    struct fixture *fixture = ctx;
    http_reply_pending(ret, 0);
    atomic_store(&fixture->pending_token, request->token);
}

static void handle_at_once(void *ctx, const struct http_request *request,
                           struct http_response *ret) {
    struct fixture *fixture = ctx;
    struct http_response early = {0};
    http_reply_copy(&early, 201, "text/plain", bytes_from_text("before"));
    assert_int_equal(http_complete(fixture->server, request->token, &early), 0);
    http_reply_pending(ret, 0);
}

static ssize_t read_letters(void *ctx, uint64_t position, char *ret, size_t max) {
    struct fixture *fixture = ctx;
    const uint64_t rest = fixture->stream_bytes - position;
    const size_t length = rest < max ? (size_t)rest : max;
    for (size_t i = 0; i < length; i++) {
        ret[i] = (char)('a' + (position + i) % 26);
    }
    return (ssize_t)length;
}

static void count_freed(void *ctx) {
    struct fixture *fixture = ctx;
    atomic_fetch_add(&fixture->streams_freed, 1);
}

static void handle_stream(void *ctx, const struct http_request *request,
                          struct http_response *ret) {
    (void)request;
    http_reply_stream(ret, "text/plain",
                      (struct http_stream){.read = read_letters, .free = count_freed, .ctx = ctx});
}

static ssize_t read_broken(void *ctx, uint64_t position, char *ret, size_t max) {
    (void)ctx;
    memset(ret, 'x', max < 10 ? max : 10);
    return position == 0 ? 10 : -1;
}

static void handle_broken(void *ctx, const struct http_request *request,
                          struct http_response *ret) {
    (void)request;
    http_reply_stream(ret, "text/plain",
                      (struct http_stream){.read = read_broken, .free = count_freed, .ctx = ctx});
}

/* ---- fixture ---- */

static struct http_route routes[] = {
    {HTTP_GET, "/hello", NULL, handle_hello, NULL},
    {HTTP_GET, "/mirror/{name}/x/{part}", NULL, handle_mirror, NULL},
    {HTTP_POST, "/mirror/{name}/x/{part}", "application/json", handle_mirror, NULL},
    {HTTP_PUT, "/mirror/{name}/x/{part}", "*", handle_mirror, NULL},
    {HTTP_GET, "/pending", NULL, handle_pending, NULL},
    {HTTP_POST, "/at-once", NULL, handle_at_once, NULL},
    {HTTP_GET, "/stream", NULL, handle_stream, NULL},
    {HTTP_GET, "/broken", NULL, handle_broken, NULL},
};

static inline int open_fixture(void **state, int64_t deadline_ms) {
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    snprintf(fixture->dir, sizeof(fixture->dir), "/tmp/http-test-XXXXXX");
    if (fixture == NULL || mkdtemp(fixture->dir) == NULL) {
        return -1;
    }
    snprintf(fixture->socket_path, sizeof(fixture->socket_path), "%s/socket", fixture->dir);
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        routes[i].ctx = fixture;
    }
    const struct http_config config = {
        .routes = routes,
        .route_count = sizeof(routes) / sizeof(routes[0]),
        .address = "127.0.0.1",
        .unix_path = fixture->socket_path,
        .request_deadline_ms = deadline_ms,
    };
    char url[64];
    if (http_start(&config, &fixture->server) < 0) {
        return -1;
    }
    snprintf(url, sizeof(url), "http://127.0.0.1:%u", http_port(fixture->server));
    if (client_open(&(struct client_config){.base_url = url}, &fixture->tcp) < 0 ||
        client_open(&(struct client_config){.unix_path = fixture->socket_path}, &fixture->local) <
            0) {
        return -1;
    }
    *state = fixture;
    return 0;
}

static inline int setup(void **state) {
    return open_fixture(state, 0);
}

static inline int setup_hasty(void **state) {
    return open_fixture(state, DEADLINE_MS);
}

static inline int teardown(void **state) {
    struct fixture *fixture = *state;
    client_close(fixture->tcp);
    client_close(fixture->local);
    http_stop(fixture->server);
    unlink(fixture->socket_path);
    rmdir(fixture->dir);
    free(fixture);
    return 0;
}

static inline struct client_response get(struct client *client, const char *method,
                                         const char *path) {
    struct client_response response = {0};
    assert_int_equal(
        client_send(client, &(struct client_request){.method = method, .path = path}, &response),
        0);
    return response;
}

static inline void assert_problem(const struct client_response *response, int status,
                                  const char *code) {
    struct json_reader reader;
    assert_int_equal(response->status, status);
    assert_string_equal(response->content_type, "application/problem+json");
    json_open((struct bytes){(const uint8_t *)response->body, response->length}, 1 << 16, &reader);
    const struct json_value *root = json_root(&reader);
    assert_int_equal(json_need_int(&reader, root, "status"), status);
    assert_string_equal(json_need_text(&reader, root, "code"), code);
    assert_int_not_equal(strlen(json_need_text(&reader, root, "title")), 0);
    assert_int_not_equal(strlen(json_need_text(&reader, root, "next")), 0);
    assert_int_equal(reader.error, 0);
    json_close(&reader);
}

/* ---- a peer that isn't a library ---- */

static inline int dial(const struct fixture *fixture) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons(http_port(fixture->server)),
                                        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static inline void say(int fd, const char *text) {
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Reads until the server closes, or until `until` stands in what came. */
static inline void hear(int fd, const char *until, char *ret) {
    size_t length = 0;
    const int64_t end_ms = monotonic_ms() + PATIENCE_MS;
    ret[0] = '\0';
    while (length < ANSWER_BYTES_MAX - 1) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        const int64_t left_ms = end_ms - monotonic_ms();
        assert_true(left_ms > 0);
        assert_int_equal(poll(&ready, 1, (int)left_ms), 1);
        const ssize_t got = recv(fd, ret + length, ANSWER_BYTES_MAX - 1 - length, 0);
        if (got <= 0) {
            return;
        }
        length += (size_t)got;
        ret[length] = '\0';
        if (until != NULL && strstr(ret, until) != NULL) {
            return;
        }
    }
    fail_msg("an endless answer");
}

static char answer[ANSWER_BYTES_MAX];

static inline const char *ask_raw(const struct fixture *fixture, const char *text) {
    const int fd = dial(fixture);
    say(fd, text);
    hear(fd, NULL, answer);
    close(fd);
    return answer;
}

#define WITH(fixture, test) cmocka_unit_test_setup_teardown(test, fixture, teardown)
