#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "shared/base/limits.h"
#include "shared/io/http_internal.h"

enum {
    /* A sender past the body's limit is heard out so far, so that it gets to read the 413. */
    DISCARD_BYTES_MAX = 8 * HTTP_BODY_BYTES_MAX,
};

static const struct http_problem BAD_TARGET = {
    400, "The address isn't well formed",
    "the path or query has an empty part, a broken % code or too many parts",
    "Write the address as the API's description has it, each part percent-encoded.", "bad-target"};
static const struct http_problem BAD_FRAMING = {
    400, "The length of the body is ambiguous",
    "more than one Content-Length, or one beside Transfer-Encoding",
    "Send either one Content-Length or chunked encoding.", "bad-framing"};
static const struct http_problem NOT_THERE = {
    404, "Nothing stands at this address", NULL,
    "Look the address up in the API's description; it has no trailing slash.", "not-found"};
static const struct http_problem WRONG_METHOD = {
    405, "This address doesn't take that method", NULL,
    "Use one of the methods that the Allow header of this answer names.", "wrong-method"};
static const struct http_problem BODY_TOO_LARGE = {
    413, "The body is larger than 1 MiB", NULL,
    "Send less at a time; a register is imported with the command line.", "too-large"};
static const struct http_problem WRONG_TYPE = {
    415, "The body's type isn't the one this address takes", NULL,
    "Set Content-Type to what the API's description names, or leave the body out.", "wrong-type"};
static const struct http_problem UNKNOWN_METHOD = {
    501, "This server doesn't know that method or transfer encoding", NULL,
    "Use GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS, with at most chunked encoding.",
    "unknown-method"};
static const struct http_problem NO_MEMORY_LEFT = {
    503, "Too much is under way at once", NULL, "Send the same request again in a minute.", "busy"};
const struct http_problem HTTP_STOPPING = {
    503, "The server is stopping", "the request may have been carried out nonetheless",
    "Send the same request again, with the same Idempotency-Key, when the server runs again.",
    "stopping"};

static const char *header(struct MHD_Connection *mhd, const char *name) {
    return MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, name);
}

/* ---- a request's head ---- */

struct count {
    unsigned content_length;
    unsigned transfer_encoding;
};

static enum MHD_Result count_framing(void *ctx, enum MHD_ValueKind kind, const char *name,
                                     const char *value) {
    struct count *count = ctx;
    (void)kind;
    (void)value;
    count->content_length += strcasecmp(name, "Content-Length") == 0 ? 1 : 0;
    count->transfer_encoding += strcasecmp(name, "Transfer-Encoding") == 0 ? 1 : 0;
    return MHD_YES;
}

/* What makes it unsafe to read on: libmicrohttpd 0.9.75 is lenient where two parsers could
 * disagree about where a request ends (RFC 9112 section 6.3). */
static const struct http_problem *check_framing(struct MHD_Connection *mhd, bool *ret_has_body) {
    struct count count = {0};
    MHD_get_connection_values(mhd, MHD_HEADER_KIND, count_framing, &count);
    if (count.content_length + count.transfer_encoding > 1) {
        return &BAD_FRAMING;
    }
    const char *encoding = header(mhd, "Transfer-Encoding");
    if (encoding != NULL && strcasecmp(encoding, "chunked") != 0) {
        return &UNKNOWN_METHOD;
    }
    const char *length = header(mhd, "Content-Length");
    *ret_has_body = encoding != NULL || (length != NULL && strcmp(length, "0") != 0);
    if (length == NULL) {
        return NULL;
    }
    if (length[0] == '\0' || length[strspn(length, "0123456789")] != '\0') {
        return &BAD_FRAMING;
    }
    if (strlen(length) > 18 || strtoull(length, NULL, 10) > HTTP_BODY_BYTES_MAX) {
        return &BODY_TOO_LARGE;
    }
    return NULL;
}

static bool method_parse(const char *text, enum http_method *ret) {
    static const char *const names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            *ret = (enum http_method)i;
            return true;
        }
    }
    *ret = HTTP_GET;
    return strcmp(text, "HEAD") == 0;
}

static bool media_type_fits(const char *given, const char *consumes) {
    if (strcmp(consumes, "*") == 0) {
        return true;
    }
    const size_t length = strlen(consumes);
    return given != NULL && strncasecmp(given, consumes, length) == 0 &&
           (given[length] == '\0' || given[length] == ';' || given[length] == ' ');
}

/* Finds the route, and lists the methods of all that fit the path for the Allow header. */
static const struct http_problem *find_route(const struct http_server *server,
                                             struct exchange *exchange) {
    bool path_known = false;
    for (size_t i = 0; i < server->config.route_count; i++) {
        const struct http_route *route = &server->config.routes[i];
        struct http_pair params[HTTP_SEGMENTS_MAX];
        size_t count = 0;
        if (!http_target_match(&exchange->target, route->pattern, params, &count)) {
            continue;
        }
        path_known = true;
        if (route->method == exchange->method && exchange->route == NULL) {
            exchange->route = route;
            exchange->param_count = count;
            memcpy(exchange->params, params, count * sizeof(params[0]));
        }
    }
    if (!path_known) {
        return &NOT_THERE;
    }
    return exchange->route == NULL && !exchange->options ? &WRONG_METHOD : NULL;
}

static const struct http_problem *check_request(const struct http_server *server,
                                                struct exchange *exchange, const char *method,
                                                bool has_body) {
    exchange->options = strcmp(method, "OPTIONS") == 0;
    if (!method_parse(method, &exchange->method) && !exchange->options) {
        return &UNKNOWN_METHOD;
    }
    const char *raw = exchange->raw;
    if (strncasecmp(raw, "http://", 7) == 0) { /* RFC 9112, 3.2.2 */
        raw = strchr(raw + 7, '/') == NULL ? "/" : strchr(raw + 7, '/');
    }
    int r = http_target_parse(raw, &exchange->target);
    if (r < 0) {
        return r == ERR_MALFORMED ? &BAD_TARGET : &NO_MEMORY_LEFT;
    }
    const struct http_problem *problem = find_route(server, exchange);
    if (problem != NULL || exchange->options || !has_body) {
        return problem;
    }
    const char *consumes = exchange->route->consumes;
    if (consumes == NULL || !media_type_fits(header(exchange->mhd, "Content-Type"), consumes)) {
        return &WRONG_TYPE;
    }
    return NULL;
}

/* ---- a request's body ---- */

void http_drop_body(struct http_server *server, struct exchange *exchange) {
    pthread_mutex_lock(&server->lock);
    server->bodies_bytes -= exchange->body_size;
    pthread_mutex_unlock(&server->lock);
    if (exchange->body != NULL) {
        explicit_bzero(exchange->body, exchange->body_length); /* it may hold a card */
    }
    free(exchange->body);
    exchange->body = NULL;
    exchange->body_length = 0;
    exchange->body_size = 0;
}

static bool reserve(struct http_server *server, size_t more) {
    pthread_mutex_lock(&server->lock);
    const bool fits = server->bodies_bytes + more <= HTTP_BODIES_BYTES_MAX;
    server->bodies_bytes += fits ? more : 0;
    pthread_mutex_unlock(&server->lock);
    return fits;
}

static const struct http_problem *take_body(struct http_server *server, struct exchange *exchange,
                                            const char *data, size_t length) {
    if (length > HTTP_BODY_BYTES_MAX - exchange->body_length) {
        return &BODY_TOO_LARGE;
    }
    const size_t needed = exchange->body_length + length + 1;
    if (needed > exchange->body_size) {
        size_t size = needed < 4096 ? 4096 : needed * 2;
        size = size > HTTP_BODY_BYTES_MAX + 1 ? HTTP_BODY_BYTES_MAX + 1 : size;
        const size_t more = size - exchange->body_size;
        if (!reserve(server, more)) {
            return &NO_MEMORY_LEFT;
        }
        exchange->body_size += more;
        char *body = realloc(exchange->body, size);
        if (body == NULL) {
            return &NO_MEMORY_LEFT;
        }
        exchange->body = body;
    }
    memcpy(exchange->body + exchange->body_length, data, length);
    exchange->body_length += length;
    exchange->body[exchange->body_length] = '\0';
    return NULL;
}

static enum MHD_Result on_body(struct http_server *server, struct exchange *exchange,
                               const char *data, size_t length) {
    if (exchange->problem == NULL) {
        exchange->problem = take_body(server, exchange, data, length);
        if (exchange->problem == NULL) {
            return MHD_YES;
        }
        http_drop_body(server, exchange);
    }
    exchange->discarded += length;
    return exchange->discarded > DISCARD_BYTES_MAX ? MHD_NO : MHD_YES;
}

/* ---- handling ---- */

static const char *bearer_of(struct MHD_Connection *mhd) {
    const char *given = header(mhd, "Authorization");
    if (given == NULL || strncasecmp(given, "Bearer ", 7) != 0) {
        return NULL;
    }
    given += 7;
    while (*given == ' ') {
        given++;
    }
    return *given == '\0' ? NULL : given;
}

static void fill_peer(struct http_request *request, struct MHD_Connection *mhd) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct ucred peer;
    socklen_t length = sizeof(peer);
    if (info != NULL &&
        getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0) {
        request->has_peer = true;
        request->peer_uid = peer.uid;
    }
}

static void call_handler(const struct listener *listener, const struct exchange *exchange,
                         struct http_response *ret) {
    struct http_request request = {
        .method = exchange->method,
        .path = exchange->target.memory,
        .params = exchange->params,
        .param_count = exchange->param_count,
        .query = exchange->target.query,
        .query_count = exchange->target.query_count,
        .bearer = bearer_of(exchange->mhd),
        .idempotency_key = header(exchange->mhd, "Idempotency-Key"),
        .if_none_match = header(exchange->mhd, "If-None-Match"),
        .accept = header(exchange->mhd, "Accept"),
        .lang = lang_accepted(header(exchange->mhd, "Accept-Language")),
        .body = {.data = (const uint8_t *)exchange->body, .length = exchange->body_length},
        .local = listener->local,
        .token = exchange->token,
    };
    if (listener->local) {
        fill_peer(&request, exchange->mhd);
    }
    ret->lang = request.lang;
    exchange->route->handle(exchange->route->ctx, &request, ret);
}

static void set_allow(const struct http_server *server, struct exchange *exchange) {
    static const char *const names[] = {"GET, HEAD", "POST", "PUT", "PATCH", "DELETE"};
    bool seen[sizeof(names) / sizeof(names[0])] = {false};
    char allow[80] = "OPTIONS";
    for (size_t i = 0; i < server->config.route_count; i++) {
        const struct http_route *route = &server->config.routes[i];
        struct http_pair params[HTTP_SEGMENTS_MAX];
        size_t count = 0;
        if (!seen[route->method] &&
            http_target_match(&exchange->target, route->pattern, params, &count)) {
            seen[route->method] = true;
            const size_t length = strlen(allow);
            snprintf(allow + length, sizeof(allow) - length, ", %s", names[route->method]);
        }
    }
    http_set_header(&exchange->response, "Allow", allow);
}

/* What the server answers by itself. */
static void answer_alone(struct http_server *server, struct exchange *exchange) {
    if (exchange->problem == NULL) { /* OPTIONS */
        http_reply_take(&exchange->response, 204, NULL, NULL, 0);
        set_allow(server, exchange);
    } else {
        http_reply_problem(&exchange->response, exchange->problem);
        if (exchange->problem == &WRONG_METHOD) {
            set_allow(server, exchange);
        }
    }
    pthread_mutex_lock(&server->lock);
    server->counters.refused += exchange->problem != NULL ? 1 : 0;
    exchange->state = ANSWERED;
    pthread_mutex_unlock(&server->lock);
}

/* After its handler said "pending"; the lock is held. */
static void begin_waiting(struct http_server *server, struct exchange *exchange, int64_t wait_ms) {
    const int64_t most_ms = server->config.request_deadline_ms;
    if (server->stopping) {
        http_reply_problem(&exchange->response, &HTTP_STOPPING);
        exchange->state = ANSWERED;
        return;
    }
    wait_ms = wait_ms <= 0 || wait_ms > most_ms ? most_ms : wait_ms;
    exchange->due_ms = http_monotonic_ms() + wait_ms;
    exchange->state = WAITING;
    http_give_time(server, exchange->mhd, wait_ms + most_ms);
    http_wake_by(server, exchange->due_ms);
    /* Under the lock, so that nobody can resume before it's suspended. */
    MHD_suspend_connection(exchange->mhd);
}

static void handle(const struct listener *listener, struct exchange *exchange) {
    struct http_server *server = listener->server;
    struct http_response response = {0};
    pthread_mutex_lock(&server->lock);
    exchange->state = HANDLING;
    pthread_mutex_unlock(&server->lock);
    call_handler(listener, exchange, &response);
    pthread_mutex_lock(&server->lock);
    if (response.kind != HTTP_RESPONSE_PENDING) {
        http_response_deinit(&exchange->response);
        exchange->response = response;
        exchange->state = ANSWERED;
    } else if (exchange->state == HANDLING) {
        begin_waiting(server, exchange, response.wait_ms);
    }
    pthread_mutex_unlock(&server->lock);
    http_drop_body(server, exchange);
}

static enum exchange_state state_of(struct http_server *server, const struct exchange *exchange) {
    pthread_mutex_lock(&server->lock);
    const enum exchange_state state = exchange->state;
    pthread_mutex_unlock(&server->lock);
    return state;
}

/* Called when the request is whole, and again when its connection is resumed. */
static enum MHD_Result on_whole(const struct listener *listener, struct exchange *exchange) {
    struct http_server *server = listener->server;
    if (state_of(server, exchange) == RECEIVING) {
        if (exchange->problem != NULL || exchange->options) {
            answer_alone(server, exchange);
        } else {
            handle(listener, exchange);
        }
    }
    const bool answered = state_of(server, exchange) == ANSWERED;
    return answered ? http_queue_answer(server, exchange) : MHD_YES;
}

static enum MHD_Result on_headers(struct http_server *server, struct exchange *exchange,
                                  const char *method) {
    bool has_body = false;
    exchange->headers_seen = true;
    const struct http_problem *unsafe = check_framing(exchange->mhd, &has_body);
    if (unsafe == NULL) {
        exchange->problem = check_request(server, exchange, method, has_body);
        return MHD_YES;
    }
    /* An answer now, before the body, makes libmicrohttpd close the connection after it. */
    exchange->problem = unsafe;
    answer_alone(server, exchange);
    return http_queue_answer(server, exchange);
}

enum MHD_Result http_on_access(void *ctx, struct MHD_Connection *mhd, const char *url,
                               const char *method, const char *version, const char *data,
                               size_t *data_length, void **request_ctx) {
    const struct listener *listener = ctx;
    struct exchange *exchange = *request_ctx;
    (void)mhd;
    (void)url;
    (void)version;
    if (exchange == NULL) {
        return MHD_NO; /* there was no memory when it began */
    }
    if (!exchange->headers_seen) {
        return on_headers(listener->server, exchange, method);
    }
    if (*data_length > 0) {
        const size_t length = *data_length;
        *data_length = 0;
        return on_body(listener->server, exchange, data, length);
    }
    return on_whole(listener, exchange);
}
