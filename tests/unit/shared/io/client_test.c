#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "shared/io/client.h"
#include "shared/io/http.h"

static void handle_echo(void *ctx, const struct http_request *request, struct http_response *ret) {
    (void)ctx;
    http_reply_copy(ret, 200, "text/plain", request->body);
    http_set_header(ret, "ETag", "\"e\"");
}

static void handle_moved(void *ctx, const struct http_request *request, struct http_response *ret) {
    (void)ctx;
    (void)request;
    http_reply_copy(ret, 302, "text/plain", bytes_from_text("elsewhere"));
    http_set_header(ret, "Location", "/echo");
}

static void handle_big(void *ctx, const struct http_request *request, struct http_response *ret) {
    (void)ctx;
    (void)request;
    char *body = calloc(1, 5000);
    http_reply_take(ret, 200, "application/octet-stream", body, 5000);
}

static void handle_problem(void *ctx, const struct http_request *request,
                           struct http_response *ret) {
    (void)ctx;
    (void)request;
    http_reply_problem(
        ret, &(struct http_problem){.status = 409, .title = "Taken", .next = "Take another."});
}

static void handle_never(void *ctx, const struct http_request *request, struct http_response *ret) {
    (void)ctx;
    (void)request;
    http_reply_pending(ret, 0);
}

static const struct http_route routes[] = {
    {HTTP_POST, "/echo", "*", handle_echo, NULL},
    {HTTP_GET, "/echo", NULL, handle_echo, NULL},
    {HTTP_GET, "/moved", NULL, handle_moved, NULL},
    {HTTP_GET, "/big", NULL, handle_big, NULL},
    {HTTP_GET, "/taken", NULL, handle_problem, NULL},
    {HTTP_GET, "/never", NULL, handle_never, NULL},
};

static struct http_server *server;
static char url[64];

static int setup(void **state) {
    const struct http_config config = {.routes = routes,
                                       .route_count = sizeof(routes) / sizeof(routes[0]),
                                       .address = "127.0.0.1"};
    (void)state;
    if (http_start(&config, &server) < 0) {
        return -1;
    }
    snprintf(url, sizeof(url), "http://127.0.0.1:%u", http_port(server));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    http_stop(server);
    return 0;
}

static struct client *open_client(struct client_config config) {
    struct client *client = NULL;
    config.base_url = config.base_url == NULL ? url : config.base_url;
    assert_int_equal(client_open(&config, &client), 0);
    return client;
}

static int get(struct client *client, const char *path, struct client_response *ret) {
    return client_send(client, &(struct client_request){.method = "GET", .path = path}, ret);
}

static void a_body_goes_there_and_back(void **state) {
    (void)state;
    struct client *client = open_client((struct client_config){0});
    struct client_response response = {0};
    const uint8_t body[] = {'a', 0, 'b'};
    const struct client_request request = {
        .method = "POST", .path = "/echo", .body = {.data = body, .length = sizeof(body)}};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(client_send(client, &request, &response), 0);
        assert_int_equal(response.status, 200);
        assert_int_equal(response.length, 3);
        assert_memory_equal(response.body, "a\0b", 4);
        assert_string_equal(response.content_type, "text/plain");
        assert_string_equal(response.etag, "\"e\"");
        client_response_deinit(&response);
        /* Nothing of the request before is left in the next one. */
        const struct client_request head = {.method = "HEAD", .path = "/moved"};
        assert_int_equal(client_send(client, &head, &response), 0);
        assert_int_equal(response.status, 302);
        client_response_deinit(&response);
        assert_int_equal(get(client, "/echo", &response), 0);
        assert_int_equal(response.length, 0);
        client_response_deinit(&response);
    }
    client_close(client);
}

static void a_redirect_is_an_answer_like_any_other(void **state) {
    (void)state;
    struct client *client = open_client((struct client_config){0});
    struct client_response response = {0};
    assert_int_equal(get(client, "/moved", &response), 0);
    assert_int_equal(response.status, 302);
    assert_string_equal(response.body, "elsewhere");
    client_response_deinit(&response);
    client_close(client);
}

static void a_proxy_of_the_environment_is_not_asked(void **state) {
    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    struct client *client = open_client((struct client_config){0});
    struct client_response response = {0};
    assert_int_equal(get(client, "/echo", &response), 0);
    client_response_deinit(&response);
    client_close(client);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
}

static void an_answer_larger_than_allowed_is_not_kept(void **state) {
    (void)state;
    struct client *exact = open_client((struct client_config){.body_bytes_max = 5000});
    struct client *small = open_client((struct client_config){.body_bytes_max = 4999});
    struct client_response response = {0};
    assert_int_equal(get(exact, "/big", &response), 0);
    client_response_deinit(&response);
    assert_int_equal(get(small, "/big", &response), ERR_TOO_LARGE);
    assert_null(response.body);
    client_close(exact);
    client_close(small);
}

static void waiting_has_an_end(void **state) {
    (void)state;
    struct client *client = open_client((struct client_config){.timeout_ms = 100});
    struct client_response response = {0};
    assert_int_equal(get(client, "/never", &response), ERR_TIMEOUT);
    client_close(client);
}

static int stop_at_once(void *ctx, struct bytes piece) {
    *(size_t *)ctx += piece.length;
    return -1;
}

static void a_stream_can_be_stopped_and_errors_bypass_it(void **state) {
    (void)state;
    struct client *client = open_client((struct client_config){0});
    struct client_response response = {0};
    size_t taken = 0;
    struct client_request request = {
        .method = "GET", .path = "/big", .on_data = stop_at_once, .ctx = &taken};
    assert_int_equal(client_send(client, &request, &response), ERR_CANCELLED);
    assert_true(taken > 0);
    taken = 0;
    request.path = "/taken";
    assert_int_equal(client_send(client, &request, &response), 0);
    assert_int_equal(response.status, 409);
    assert_int_equal(taken, 0);
    assert_non_null(strstr(response.body, "\"next\":\"Take another.\""));
    client_response_deinit(&response);
    client_close(client);
}

static void nobody_listening_is_told_apart(void **state) {
    (void)state;
    struct client_response response = {0};
    struct client *absent = open_client((struct client_config){.unix_path = "/nonexistent/socket"});
    assert_int_equal(get(absent, "/echo", &response), ERR_NOT_FOUND);
    client_close(absent);

    /* Bound and not listening: nobody else gets the port, and nobody answers. */
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);
    char closed_url[64];
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    snprintf(closed_url, sizeof(closed_url), "http://127.0.0.1:%u", ntohs(address.sin_port));
    struct client *refused = open_client((struct client_config){.base_url = closed_url});
    assert_int_equal(get(refused, "/echo", &response), ERR_NOT_FOUND);
    client_close(refused);
    close(fd);
}

static void another_protocol_is_refused(void **state) {
    (void)state;
    struct client *client = open_client((struct client_config){.base_url = "file:///etc"});
    struct client_response response = {0};
    assert_int_equal(get(client, "/hostname", &response), ERR_NETWORK);
    client_close(client);
}

static void a_path_no_socket_can_have_is_refused(void **state) {
    (void)state;
    char path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1];
    struct client *client = NULL;
    memset(path, 'a', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(client_open(&(struct client_config){.unix_path = path}, &client),
                     ERR_TOO_LARGE);
    assert_null(client);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_goes_there_and_back),
        cmocka_unit_test(a_redirect_is_an_answer_like_any_other),
        cmocka_unit_test(a_proxy_of_the_environment_is_not_asked),
        cmocka_unit_test(an_answer_larger_than_allowed_is_not_kept),
        cmocka_unit_test(waiting_has_an_end),
        cmocka_unit_test(a_stream_can_be_stopped_and_errors_bypass_it),
        cmocka_unit_test(nobody_listening_is_told_apart),
        cmocka_unit_test(another_protocol_is_refused),
        cmocka_unit_test(a_path_no_socket_can_have_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
