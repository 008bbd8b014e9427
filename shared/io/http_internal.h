/* What the parts of the HTTP server share: its state, and how a request lives. For http*.c alone.
 *
 * http.c opens, closes and watches the deadlines; http_exchange.c hears a request out and hands it
 * to its handler; http_answer.c sends what came of it. */
#pragma once

#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/io/http.h"

struct connection {
    struct connection *previous;
    struct connection *next;
    int fd;
    int64_t deadline_ms;
    bool cut;
};

/* The life of a request:
 *
 *   RECEIVING --whole--> HANDLING --pending--> WAITING --http_complete, overdue, stop--> ANSWERED
 *                          |  |                                                            ^  ^
 *                          |  +--http_complete, before its handler has returned------------+  |
 *                          +--an answer at once-----------------------------------------------+
 */
enum exchange_state {
    RECEIVING,
    HANDLING,
    WAITING, /* its connection is suspended */
    ANSWERED,
};

struct exchange {
    struct exchange *previous;
    struct exchange *next;
    struct MHD_Connection *mhd;
    uint64_t token;
    enum exchange_state state;
    bool headers_seen;
    bool options; /* answered with what the path allows */
    enum http_method method;
    char *raw;
    struct http_target target;
    const struct http_route *route;
    struct http_pair params[HTTP_SEGMENTS_MAX];
    size_t param_count;
    const struct http_problem *problem; /* answered instead of the handler's answer */
    char *body;
    size_t body_length;
    size_t body_size;
    size_t discarded;
    int64_t due_ms;
    struct http_response response;
};

struct listener {
    struct http_server *server;
    struct MHD_Daemon *daemon;
    int fd;
    bool local;
};

struct http_server {
    struct http_config config;
    struct listener listeners[2];
    size_t listener_count;
    uint16_t port;
    char *unix_path;
    pthread_t sweeper;
    pthread_mutex_t lock; /* everything below; taken before any lock of libmicrohttpd's */
    pthread_cond_t wake;
    bool stopping;
    int64_t wake_ms; /* when the sweeper looks again */
    uint64_t last_token;
    size_t bodies_bytes;
    struct connection *connections;
    struct exchange *exchanges;
    struct http_counters counters;
};

/* 503, for what a stop leaves unanswered. */
extern const struct http_problem HTTP_STOPPING;

int64_t http_monotonic_ms(void);

/* Under the lock: the sweeper looks no later than `when_ms`. */
void http_wake_by(struct http_server *server, int64_t when_ms);
/* Under the lock: moves the deadline of the request's connection to that long from now. */
void http_give_time(struct http_server *server, struct MHD_Connection *mhd, int64_t more_ms);

/* The access handler that libmicrohttpd calls for each piece of a request. */
enum MHD_Result http_on_access(void *ctx, struct MHD_Connection *mhd, const char *url,
                               const char *method, const char *version, const char *data,
                               size_t *data_length, void **request_ctx);
/* Without the lock: frees the body and gives its share back. */
void http_drop_body(struct http_server *server, struct exchange *exchange);
/* Without the lock, of an answered request: sends the answer, which is empty after it. */
enum MHD_Result http_queue_answer(struct http_server *server, struct exchange *exchange);
