#include "shared/io/http.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "shared/base/limits.h"
#include "shared/io/http_internal.h"
#include "shared/io/http_listen.h"

enum {
    LOCAL_CONNECTIONS_MAX = 64,
    IDLE_TIMEOUT_S = 15,
    CONNECTION_MEMORY_BYTES = 32 << 10,
    STOP_WAIT_MS = 2000,
};

static const struct http_problem OVERDUE = {
    504, "No answer came in time", "the request may still be carried out",
    "Ask for its result by its Idempotency-Key, or send it again with the same one.", "overdue"};

int64_t http_monotonic_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* ---- deadlines; the lock is held ---- */

void http_wake_by(struct http_server *server, int64_t when_ms) {
    if (when_ms < server->wake_ms) {
        server->wake_ms = when_ms;
        pthread_cond_broadcast(&server->wake);
    }
}

static struct connection *connection_of(struct MHD_Connection *mhd) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

void http_give_time(struct http_server *server, struct MHD_Connection *mhd, int64_t more_ms) {
    struct connection *connection = connection_of(mhd);
    if (connection != NULL) {
        connection->deadline_ms = http_monotonic_ms() + more_ms;
        http_wake_by(server, connection->deadline_ms);
    }
}

static void finish_waiting(struct exchange *exchange, const struct http_problem *problem) {
    http_reply_problem(&exchange->response, problem);
    exchange->state = ANSWERED;
    MHD_resume_connection(exchange->mhd);
}

/* Cuts and answers what is past its time; gives the next instant at which something will be. */
static int64_t sweep(struct http_server *server, int64_t now_ms) {
    int64_t next_ms = INT64_MAX;
    for (struct connection *c = server->connections; c != NULL; c = c->next) {
        if (c->cut) {
            continue;
        }
        if (c->deadline_ms <= now_ms) {
            /* Its thread sees the end of the stream and closes; the number stays taken till then.
             */
            shutdown(c->fd, SHUT_RDWR);
            c->cut = true;
            server->counters.cut++;
        } else if (c->deadline_ms < next_ms) {
            next_ms = c->deadline_ms;
        }
    }
    for (struct exchange *e = server->exchanges; e != NULL; e = e->next) {
        if (e->state != WAITING) {
            continue;
        }
        if (e->due_ms <= now_ms) {
            finish_waiting(e, &OVERDUE);
            server->counters.overdue++;
        } else if (e->due_ms < next_ms) {
            next_ms = e->due_ms;
        }
    }
    return next_ms;
}

static void wait_until(struct http_server *server, int64_t when_ms) {
    if (when_ms == INT64_MAX) {
        pthread_cond_wait(&server->wake, &server->lock);
        return;
    }
    const struct timespec until = {.tv_sec = (time_t)(when_ms / 1000),
                                   .tv_nsec = (long)(when_ms % 1000) * 1000000};
    pthread_cond_timedwait(&server->wake, &server->lock, &until);
}

static void *sweep_on(void *ctx) {
    struct http_server *server = ctx;
    pthread_mutex_lock(&server->lock);
    while (!server->stopping) {
        server->wake_ms = sweep(server, http_monotonic_ms());
        wait_until(server, server->wake_ms);
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

/* ---- what libmicrohttpd calls ---- */

static void *on_target(void *ctx, const char *raw, struct MHD_Connection *mhd) {
    const struct listener *listener = ctx;
    struct http_server *server = listener->server;
    struct exchange *exchange = calloc(1, sizeof(*exchange));
    char *copy = strdup(raw);
    if (exchange == NULL || copy == NULL) {
        free(exchange);
        free(copy);
        return NULL;
    }
    exchange->raw = copy;
    exchange->mhd = mhd;
    pthread_mutex_lock(&server->lock);
    exchange->token = ++server->last_token;
    exchange->next = server->exchanges;
    if (exchange->next != NULL) {
        exchange->next->previous = exchange;
    }
    server->exchanges = exchange;
    server->counters.requests++;
    pthread_mutex_unlock(&server->lock);
    return exchange;
}

static void on_completed(void *ctx, struct MHD_Connection *mhd, void **request_ctx,
                         enum MHD_RequestTerminationCode why) {
    const struct listener *listener = ctx;
    struct http_server *server = listener->server;
    struct exchange *exchange = *request_ctx;
    (void)why;
    if (exchange == NULL) {
        return;
    }
    *request_ctx = NULL;
    pthread_mutex_lock(&server->lock);
    if (exchange->previous != NULL) {
        exchange->previous->next = exchange->next;
    } else {
        server->exchanges = exchange->next;
    }
    if (exchange->next != NULL) {
        exchange->next->previous = exchange->previous;
    }
    http_give_time(server, mhd, server->config.request_deadline_ms);
    pthread_cond_broadcast(&server->wake); /* http_stop waits for it */
    pthread_mutex_unlock(&server->lock);
    http_drop_body(server, exchange);
    http_response_deinit(&exchange->response);
    http_target_deinit(&exchange->target);
    free(exchange->raw);
    free(exchange);
}

static void connection_begin(struct http_server *server, struct MHD_Connection *mhd,
                             void **socket_ctx) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct connection *connection = calloc(1, sizeof(*connection));
    if (info == NULL || connection == NULL) {
        free(connection);
        return; /* the idle timeout still holds */
    }
    connection->fd = info->connect_fd;
    connection->deadline_ms = http_monotonic_ms() + server->config.request_deadline_ms;
    pthread_mutex_lock(&server->lock);
    connection->next = server->connections;
    if (connection->next != NULL) {
        connection->next->previous = connection;
    }
    server->connections = connection;
    server->counters.connections++;
    http_wake_by(server, connection->deadline_ms);
    pthread_mutex_unlock(&server->lock);
    *socket_ctx = connection;
}

static void connection_end(struct http_server *server, struct connection *connection) {
    pthread_mutex_lock(&server->lock);
    if (connection->previous != NULL) {
        connection->previous->next = connection->next;
    } else {
        server->connections = connection->next;
    }
    if (connection->next != NULL) {
        connection->next->previous = connection->previous;
    }
    server->counters.connections--;
    pthread_mutex_unlock(&server->lock);
    free(connection);
}

static void on_connection(void *ctx, struct MHD_Connection *mhd, void **socket_ctx,
                          enum MHD_ConnectionNotificationCode what) {
    const struct listener *listener = ctx;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        connection_begin(listener->server, mhd, socket_ctx);
    } else if (*socket_ctx != NULL) {
        connection_end(listener->server, *socket_ctx);
        *socket_ctx = NULL;
    }
}

/* ---- starting and stopping ---- */

static int listener_start(struct http_server *server, int fd, bool local) {
    struct listener *listener = &server->listeners[server->listener_count];
    *listener = (struct listener){.server = server, .fd = fd, .local = local};
    const unsigned limit = local ? LOCAL_CONNECTIONS_MAX : HTTP_CONNECTIONS_MAX;
    listener->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, http_on_access,
        listener, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, limit,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, local ? 0u : server->config.per_ip_max,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, listener, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        listener, MHD_OPTION_NOTIFY_CONNECTION, on_connection, listener, MHD_OPTION_END);
    if (listener->daemon == NULL) {
        close(fd);
        return ERR_NETWORK;
    }
    server->listener_count++;
    return 0;
}

static int listeners_start(struct http_server *server) {
    const struct http_config *config = &server->config;
    int fd = -1;
    int r = 0;
    if (config->unix_path != NULL) {
        r = http_listen_unix(config->unix_path, &fd);
        if (r < 0) {
            return r;
        }
        server->unix_path = strdup(config->unix_path);
        r = listener_start(server, fd, true);
    }
    if (r < 0 || config->address == NULL) {
        return r;
    }
    r = http_listen_tcp(config->address, config->port, &fd, &server->port);
    return r < 0 ? r : listener_start(server, fd, false);
}

static void lock_init(struct http_server *server) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&server->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&server->lock, NULL);
}

static void listeners_stop(struct http_server *server) {
    for (size_t i = 0; i < server->listener_count; i++) {
        MHD_stop_daemon(server->listeners[i].daemon);
    }
}

static void server_free(struct http_server *server) {
    if (server->unix_path != NULL) {
        unlink(server->unix_path);
    }
    free(server->unix_path);
    pthread_cond_destroy(&server->wake);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

int http_start(const struct http_config *config, struct http_server **ret) {
    if (config->address == NULL && config->unix_path == NULL) {
        return ERR_CONFIG;
    }
    assert(config->route_count <= HTTP_ROUTES_MAX);
    struct http_server *server = calloc(1, sizeof(*server));
    if (server == NULL) {
        return ERR_NO_MEMORY;
    }
    server->config = *config;
    if (config->request_deadline_ms == 0) {
        server->config.request_deadline_ms = HTTP_REQUEST_DEADLINE_MS;
    }
    if (config->stream_deadline_ms == 0) {
        server->config.stream_deadline_ms = HTTP_STREAM_DEADLINE_MS;
    }
    if (config->per_ip_max == 0) {
        server->config.per_ip_max = HTTP_PER_IP_MAX;
    }
    server->wake_ms = INT64_MAX;
    lock_init(server);
    int r = listeners_start(server);
    if (r == 0 && pthread_create(&server->sweeper, NULL, sweep_on, server) != 0) {
        r = ERR_NO_MEMORY;
    }
    if (r < 0) {
        listeners_stop(server);
        server_free(server);
        return r;
    }
    *ret = server;
    return 0;
}

static bool answers_under_way(const struct http_server *server) {
    for (const struct exchange *e = server->exchanges; e != NULL; e = e->next) {
        if (e->state != RECEIVING) {
            return true;
        }
    }
    return false;
}

void http_stop(struct http_server *server) {
    if (server == NULL) {
        return;
    }
    for (size_t i = 0; i < server->listener_count; i++) {
        MHD_quiesce_daemon(server->listeners[i].daemon); /* the socket is ours again */
    }
    pthread_mutex_lock(&server->lock);
    server->stopping = true;
    for (struct exchange *e = server->exchanges; e != NULL; e = e->next) {
        if (e->state == WAITING) {
            finish_waiting(e, &HTTP_STOPPING);
        }
    }
    pthread_cond_broadcast(&server->wake);
    const int64_t until_ms = http_monotonic_ms() + STOP_WAIT_MS;
    while (answers_under_way(server) && http_monotonic_ms() < until_ms) {
        wait_until(server, until_ms);
    }
    pthread_mutex_unlock(&server->lock);
    pthread_join(server->sweeper, NULL);
    listeners_stop(server);
    for (size_t i = 0; i < server->listener_count; i++) {
        close(server->listeners[i].fd);
    }
    server_free(server);
}

uint16_t http_port(const struct http_server *server) {
    return server->port;
}

static struct exchange *find_open(struct http_server *server, uint64_t token) {
    for (struct exchange *e = server->exchanges; e != NULL; e = e->next) {
        if (e->token == token && (e->state == HANDLING || e->state == WAITING)) {
            return e;
        }
    }
    return NULL;
}

int http_complete(struct http_server *server, uint64_t token, struct http_response *response) {
    assert(response->kind != HTTP_RESPONSE_PENDING);
    pthread_mutex_lock(&server->lock);
    struct exchange *exchange = find_open(server, token);
    if (exchange != NULL) {
        exchange->response = *response;
        *response = (struct http_response){0};
        if (exchange->state == WAITING) {
            MHD_resume_connection(exchange->mhd);
        }
        exchange->state = ANSWERED;
    }
    pthread_mutex_unlock(&server->lock);
    http_response_deinit(response);
    return exchange == NULL ? ERR_NOT_FOUND : 0;
}

struct http_counters http_counters_read(struct http_server *server) {
    pthread_mutex_lock(&server->lock);
    const struct http_counters counters = server->counters;
    pthread_mutex_unlock(&server->lock);
    return counters;
}
