/* The HTTP server: a table of routes over libmicrohttpd, on a loopback port, on a Unix socket, or
 * both. The only place that sees libmicrohttpd.
 *
 * It knows methods, paths, bodies, limits and deadlines; who may ask what, and what an answer says,
 * is the handlers' affair (shells). It sees neither LMDB nor cores, and never logs. Plain HTTP: put
 * a proxy with TLS before it where it must be reached from outside, on the Unix socket or loopback.
 *
 * Threads: each listener has one thread, in which its handlers run, one at a time; with two
 * listeners a handler can run twice at once. A handler answers at once, or answers `pending`, and
 * any thread completes it later. A connection that hasn't brought its whole request, or hasn't
 * taken its answer, by the deadline is cut, however lively it is (a byte every 14 s defeats idle
 * timeouts).
 *
 * Errors go out as application/problem+json (RFC 9457, formerly 7807) with `title`, `status`,
 * `detail`, and `next`: a sentence that says what to do. Every answer carries nosniff, no-store and
 * a policy that lets a browser load nothing, unless the handler set its own. HEAD and OPTIONS are
 * answered from the table. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "shared/base/bytes.h"
#include "shared/base/err.h"
#include "shared/io/http_target.h"
#include "shared/io/text.h"

enum {
    HTTP_REQUEST_DEADLINE_MS = 30000,
    HTTP_STREAM_DEADLINE_MS = 600000,
    HTTP_PER_IP_MAX = 20,
    HTTP_BODIES_BYTES_MAX = 32 << 20, /* of all requests under way together; beyond it, 503 */
    HTTP_HEADERS_MAX = 6,
    HTTP_HEADER_BYTES_MAX = 512,
    HTTP_ROUTES_MAX = 128,
};

struct http_server;

enum http_method {
    HTTP_GET, /* HEAD too: the body is left out behind the handler's back */
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
};

/* Everything borrows, valid until the handler returns, also when it answers `pending`. */
struct http_request {
    enum http_method method;
    const char *path; /* raw, without the query; for logs */
    const struct http_pair *params;
    size_t param_count;
    const struct http_pair *query;
    size_t query_count;
    const char *bearer;          /* the token of "Authorization: Bearer", or NULL */
    const char *idempotency_key; /* or NULL */
    const char *if_none_match;   /* or NULL */
    const char *accept;          /* or NULL */
    enum lang lang;              /* by Accept-Language; Dutch where it names none of ours */
    struct bytes body;
    bool local;    /* came over the Unix socket */
    bool has_peer; /* `peer_uid` is known (SO_PEERCRED) */
    uid_t peer_uid;
    uint64_t token; /* names this request for http_complete; never used twice */
};

/* The value of a {name} of the route's pattern; asserts that it is one. */
const char *http_param(const struct http_request *request, const char *name);
/* The first value of a query's name, or NULL; "" where it stands without '='. */
const char *http_query(const struct http_request *request, const char *name);

/* A body made piece by piece. `read` writes at most `max` bytes and gives their count; 0 ends the
 * body, a negative breaks it off so that the client notices. It never waits: it runs in the
 * listener's thread. `free` is called once, also when the client went away; may be NULL. */
struct http_stream {
    ssize_t (*read)(void *ctx, uint64_t position, char *ret, size_t max);
    void (*free)(void *ctx);
    void *ctx;
};

struct http_header {
    const char *name; /* borrows a constant */
    char value[HTTP_HEADER_BYTES_MAX];
};

enum http_response_kind {
    HTTP_RESPONSE_BODY,
    HTTP_RESPONSE_STREAM,
    HTTP_RESPONSE_PENDING,
};

/* Filled by the http_reply_* calls; zeroed it is an empty 200. */
struct http_response {
    enum lang lang; /* the request's, for who has the response alone; no reply changes it */
    enum http_response_kind kind;
    int status;
    const char *content_type; /* borrows a constant */
    char *body;               /* owned, malloc'd */
    size_t length;
    struct http_stream stream; /* owned */
    int64_t wait_ms;           /* HTTP_RESPONSE_PENDING */
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t header_count;
};

/* What a person reads when something is refused. */
struct http_problem {
    int status;
    const char *title;  /* what happened, the same for every case of it */
    const char *detail; /* this case; NULL for none */
    const char *next;   /* what to do now */
    const char *code;   /* a word for programs, such as a refusal's text; NULL for none */
};

/* Each replaces what the response held. Without memory they make it an empty 503. */
void http_reply_copy(struct http_response *response, int status, const char *content_type,
                     struct bytes body);
/* Takes `body`, which malloc gave. */
void http_reply_take(struct http_response *response, int status, const char *content_type,
                     char *body, size_t length);
void http_reply_stream(struct http_response *response, const char *content_type,
                       struct http_stream stream);
void http_reply_problem(struct http_response *response, const struct http_problem *problem);
/* The answer comes by http_complete within `wait_ms` (0: HTTP_REQUEST_DEADLINE_MS, which is also
 * the most); after that the client gets 504 and a later completion ERR_NOT_FOUND. */
void http_reply_pending(struct http_response *response, int64_t wait_ms);
/* After the reply; copies the value; one that doesn't fit or holds a control character is left out.
 * With "ETag", a GET whose If-None-Match names it is answered 304. Asserts the count. */
void http_set_header(struct http_response *response, const char *name, const char *value);
void http_response_deinit(struct http_response *response);

struct http_route {
    enum http_method method;
    const char *pattern;  /* "/api/v1/orgs/{org}" */
    const char *consumes; /* the body's media type, "*" for any, NULL where there must be no body */
    void (*handle)(void *ctx, const struct http_request *request, struct http_response *ret);
    void *ctx;
};

/* The table is borrowed as long as the server lives. The first route that fits is taken. */
struct http_config {
    const struct http_route *routes;
    size_t route_count;
    const char *address;   /* numeric, "127.0.0.1" or "::1"; NULL for no port */
    uint16_t port;         /* 0: the system chooses, see http_port */
    const char *unix_path; /* NULL for none; made with mode 0600 */
    /* Zeros take the constants above. */
    int64_t request_deadline_ms;
    int64_t stream_deadline_ms;
    unsigned per_ip_max;
};

/* Errors: ERR_CONFIG (neither listener, an address that isn't numeric), ERR_TOO_LARGE (the socket's
 * path), ERR_LOCKED (the port is taken, or somebody answers at the socket), ERR_DENIED, ERR_EXISTS
 * (something else than a socket stands at the path), ERR_NETWORK, ERR_NO_MEMORY. */
MUST_CHECK int http_start(const struct http_config *config, struct http_server **ret);
/* Answers 503 to what is pending, lets answers under way go out for at most two seconds, and ends
 * every thread. After it no handler runs; no other thread may call http_complete any more. */
void http_stop(struct http_server *server);

uint16_t http_port(const struct http_server *server); /* 0 without a port */

/* Answers a pending request, from any thread, also before its handler has returned. Takes what
 * `response` holds and zeroes it, also on failure; its kind may not be pending. Errors:
 * ERR_NOT_FOUND (answered already: the deadline passed, the client left, or the server stops). */
MUST_CHECK int http_complete(struct http_server *server, uint64_t token,
                             struct http_response *response);

struct http_counters {
    uint64_t requests;
    uint64_t refused; /* by the server itself: 4xx and 5xx that no handler made */
    uint64_t cut;     /* connections past their deadline */
    uint64_t overdue; /* pending requests past theirs */
    uint32_t connections;
};
struct http_counters http_counters_read(struct http_server *server);
