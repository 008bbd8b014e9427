#include "shared/io/link.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

/* A draft name, so absent from a release's header; the library honours the number. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"

enum {
    /* What CURVE adds to a frame (RFC 26, MESSAGE: name 8, nonce 8, box 16, flags 1);
     * ZMQ_MAXMSGSIZE is held against the sealed frame. */
    CURVE_OVERHEAD = 33,
    FRAME_BYTES_LEAST = 4096, /* the handshake's own commands must pass too */
    FRAMES_KEPT = 2,          /* of an incoming message: routing id and payload */
    AUTO_ROUTE_BYTES = 5,     /* the routing id that ROUTER makes: 0 and a u32 */

    BACKLOG = 4096,
    TCP_GIVE_UP_MS = 30000,
    HEARTBEAT_MS = 10000,
    HEARTBEAT_TIMEOUT_MS = 30000,
    HEARTBEAT_TTL_MS = 60000, /* overflows on the wire above 65599 (libzmq issue 4226) */
    CONNECT_TIMEOUT_MS = 10000,
    RECONNECT_CEILING_MS = 30000,
    KEEPALIVE_IDLE_S = 60,
    KEEPALIVE_INTERVAL_S = 15,
    KEEPALIVE_PROBES = 4,

    MONITOR_EVENTS = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_DISCONNECTED,
    ZAP_REFUSED = 400,
};

struct link_context {
    void *zmq;
};

/* What both kinds of link have. */
struct line {
    void *socket;
    int32_t frame_bytes_max;
    struct link_counters counters;
};

struct link_server {
    struct link_context *context; /* borrows */
    struct line line;
    char endpoint[LINK_ENDPOINT_SIZE];
    uint8_t public_key[32];
};

struct link_client {
    struct line line;
    void *monitor;
    enum link_state state;
    char endpoint[LINK_ENDPOINT_SIZE];
};

struct option {
    int name;
    int value;
};

struct incoming {
    int count; /* frames that came, also those beyond FRAMES_KEPT */
    zmq_msg_t frames[FRAMES_KEPT];
};

static int error_of(int failure) {
    switch (failure) {
    case EAGAIN:
        return ERR_AGAIN;
    case EHOSTUNREACH:
        return ERR_NOT_FOUND;
    case EADDRINUSE:
        return ERR_EXISTS;
    case EINVAL:
    case EPROTONOSUPPORT:
    case ENOCOMPATPROTO:
    case ENODEV:
    case EADDRNOTAVAIL:
        return ERR_CONFIG;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
        return ERR_NO_MEMORY;
    default:
        return ERR_NETWORK;
    }
}

/* Only tcp: CURVE isn't asked of an inproc peer. And libzmq binds port 99999 as 34463. */
static bool endpoint_sound(const char *endpoint, long port_least) {
    const char *port = strrchr(endpoint, ':');
    char *end = NULL;

    if (strncmp(endpoint, "tcp://", 6) != 0 || port == endpoint + 3 ||
        strlen(endpoint) >= LINK_ENDPOINT_SIZE) {
        return false;
    }
    if (strcmp(port, ":*") == 0) {
        return port_least == 0;
    }
    if (port[1] < '0' || port[1] > '9') {
        return false;
    }
    long number = strtol(port + 1, &end, 10);
    return *end == '\0' && number >= port_least && number <= UINT16_MAX;
}

int link_context_new(int io_threads, int sockets_max, struct link_context **ret) {
    if (zmq_has("curve") == 0) {
        return ERR_UNSUPPORTED;
    }
    struct link_context *context = calloc(1, sizeof(*context));
    if (context == NULL) {
        return ERR_NO_MEMORY;
    }
    context->zmq = zmq_ctx_new();
    if (context->zmq == NULL) {
        free(context);
        return ERR_NO_MEMORY;
    }
    /* BLOCKY off: a socket made without our options doesn't linger either */
    int r = zmq_ctx_set(context->zmq, ZMQ_IO_THREADS, io_threads);
    r = r < 0 ? r : zmq_ctx_set(context->zmq, ZMQ_MAX_SOCKETS, sockets_max);
    r = r < 0 ? r : zmq_ctx_set(context->zmq, ZMQ_BLOCKY, 0);
    assert(r == 0);
    *ret = context;
    return 0;
}

void link_context_free(struct link_context *context) {
    if (context == NULL) {
        return;
    }
    while (zmq_ctx_term(context->zmq) < 0 && errno == EINTR) {
    }
    free(context);
}

void *link_context_zmq(const struct link_context *context) {
    return context->zmq;
}

static int set_options(void *socket, const struct option *options, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (zmq_setsockopt(socket, options[i].name, &options[i].value, sizeof(int)) < 0) {
            return ERR_UNSUPPORTED;
        }
    }
    return 0;
}

static int set_common(struct line *line, const struct link_keys *keys, const char *endpoint,
                      int high_water_messages) {
    const struct option options[] = {
        {ZMQ_LINGER, 0}, /* the outbox is on disk; lingering hangs the end of the context */
        {ZMQ_SNDTIMEO, 0},
        {ZMQ_RCVTIMEO, 0},
        {ZMQ_SNDHWM, high_water_messages},
        {ZMQ_RCVHWM, high_water_messages},
        {ZMQ_TCP_MAXRT, TCP_GIVE_UP_MS},
        {ZMQ_IPV6, strchr(endpoint, '[') != NULL},
    };
    int64_t sealed_bytes_max = (int64_t)line->frame_bytes_max + CURVE_OVERHEAD;

    int r = set_options(line->socket, options, sizeof(options) / sizeof(options[0]));
    if (r < 0) {
        return r;
    }
    if (zmq_setsockopt(line->socket, ZMQ_MAXMSGSIZE, &sealed_bytes_max, sizeof(int64_t)) < 0 ||
        zmq_setsockopt(line->socket, ZMQ_CURVE_PUBLICKEY, keys->public_key, 32) < 0 ||
        zmq_setsockopt(line->socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, 32) < 0) {
        return ERR_UNSUPPORTED;
    }
    return 0;
}

static int set_server(struct line *line, const struct link_server_params *params) {
    const struct option options[] = {
        {ZMQ_CURVE_SERVER, 1},
        {ZMQ_ZAP_ENFORCE_DOMAIN, 1},
        {ZMQ_ROUTER_MANDATORY, 1}, /* else it drops without a word */
        {ZMQ_ROUTER_HANDOVER, 0},
        {ZMQ_BACKLOG, BACKLOG},
        {ZMQ_HANDSHAKE_IVL, params->handshake_ms > 0 ? params->handshake_ms : LINK_HANDSHAKE_MS},
        {ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS},
        {ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS},
        {ZMQ_HEARTBEAT_TTL, HEARTBEAT_TTL_MS},
    };

    int r = set_common(line, params->keys, params->endpoint, params->high_water_messages);
    if (r < 0) {
        return r;
    }
    r = set_options(line->socket, options, sizeof(options) / sizeof(options[0]));
    if (r < 0) {
        return r;
    }
    if (zmq_setsockopt(line->socket, ZMQ_ZAP_DOMAIN, params->domain, strlen(params->domain)) < 0) {
        return ERR_CONFIG;
    }
    return 0;
}

/* Without enforcement, or without a domain, a missing doorman is an open door: believe only what
 * the socket itself says it will do. */
static int check_door(void *socket, const char *domain) {
    int enforced = 0;
    int mechanism = ZMQ_NULL;
    int as_server = 0;
    char set[LINK_ENDPOINT_SIZE] = "";

    if (zmq_getsockopt(socket, ZMQ_ZAP_ENFORCE_DOMAIN, &enforced, &(size_t){sizeof(int)}) < 0 ||
        zmq_getsockopt(socket, ZMQ_MECHANISM, &mechanism, &(size_t){sizeof(int)}) < 0 ||
        zmq_getsockopt(socket, ZMQ_CURVE_SERVER, &as_server, &(size_t){sizeof(int)}) < 0 ||
        zmq_getsockopt(socket, ZMQ_ZAP_DOMAIN, set, &(size_t){sizeof(set)}) < 0) {
        return ERR_UNSUPPORTED;
    }
    if (enforced != 1 || mechanism != ZMQ_CURVE || as_server != 1 || strcmp(set, domain) != 0) {
        return ERR_UNSUPPORTED;
    }
    return 0;
}

/* Whether someone is bound to the doorman's place: if we can take it, nobody is. */
static int check_doorman(void *zmq) {
    void *probe = zmq_socket(zmq, ZMQ_REP);
    if (probe == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = 0;
    if (zmq_bind(probe, ZAP_ENDPOINT) == 0) {
        (void)zmq_unbind(probe, ZAP_ENDPOINT);
        r = ERR_DENIED;
    } else if (errno != EADDRINUSE) {
        r = ERR_NETWORK;
    }
    (void)zmq_close(probe);
    return r;
}

static int bind_server(struct link_server *server, const struct link_server_params *params) {
    int r = set_server(&server->line, params);
    if (r < 0) {
        return r;
    }
    r = check_door(server->line.socket, params->domain);
    if (r < 0) {
        return r;
    }
    r = check_doorman(server->context->zmq);
    if (r < 0) {
        return r;
    }
    if (zmq_bind(server->line.socket, params->endpoint) < 0) {
        return error_of(errno);
    }
    if (zmq_getsockopt(server->line.socket, ZMQ_LAST_ENDPOINT, server->endpoint,
                       &(size_t){sizeof(server->endpoint)}) < 0) {
        return ERR_NETWORK;
    }
    return 0;
}

int link_server_open(struct link_context *context, const struct link_server_params *params,
                     struct link_server **ret) {
    assert(params->domain[0] != '\0' && params->high_water_messages > 0);
    assert(params->frame_bytes_max >= FRAME_BYTES_LEAST);

    if (!endpoint_sound(params->endpoint, 0)) {
        return ERR_CONFIG;
    }
    struct link_server *server = calloc(1, sizeof(*server));
    if (server == NULL) {
        return ERR_NO_MEMORY;
    }
    server->context = context;
    server->line.frame_bytes_max = params->frame_bytes_max;
    memcpy(server->public_key, params->keys->public_key, sizeof(server->public_key));
    server->line.socket = zmq_socket(context->zmq, ZMQ_ROUTER);
    if (server->line.socket == NULL) {
        free(server);
        return ERR_NO_MEMORY;
    }
    int r = bind_server(server, params);
    if (r < 0) {
        link_server_close(server);
        return r;
    }
    *ret = server;
    return 0;
}

void link_server_close(struct link_server *server) {
    if (server == NULL) {
        return;
    }
    (void)zmq_close(server->line.socket);
    free(server);
}

const char *link_server_endpoint(const struct link_server *server) {
    return server->endpoint;
}

/* 1 where a message was read (release it), 0 where none is there. */
static int read_message(void *socket, struct incoming *in) {
    int more = 1;

    in->count = 0;
    while (more != 0) {
        zmq_msg_t spill;
        zmq_msg_t *frame = in->count < FRAMES_KEPT ? &in->frames[in->count] : &spill;
        zmq_msg_init(frame);
        while (zmq_msg_recv(frame, socket, ZMQ_DONTWAIT) < 0) {
            if (errno == EINTR) {
                continue;
            }
            /* frames of one message come together: only the first can be missing */
            zmq_msg_close(frame);
            return errno == EAGAIN && in->count == 0 ? 0 : ERR_NETWORK;
        }
        more = zmq_msg_more(frame);
        if (frame == &spill) {
            zmq_msg_close(frame);
        }
        in->count++;
    }
    return 1;
}

static void release_message(struct incoming *in) {
    for (int i = 0; i < in->count && i < FRAMES_KEPT; i++) {
        zmq_msg_close(&in->frames[i]);
    }
}

static struct bytes frame_bytes(zmq_msg_t *frame) {
    return (struct bytes){.data = zmq_msg_data(frame), .length = zmq_msg_size(frame)};
}

/* A peer may choose its routing id and squat another's; those that ROUTER makes start with 0. */
static bool route_of(zmq_msg_t *frame, struct link_route *ret) {
    struct bytes id = frame_bytes(frame);

    if (id.length != AUTO_ROUTE_BYTES || id.data[0] != 0) {
        return false;
    }
    *ret = (struct link_route){.length = AUTO_ROUTE_BYTES};
    memcpy(ret->bytes, id.data, id.length);
    return true;
}

/* False and counted where the message is to be dropped. */
static bool understand_at_server(struct line *line, struct incoming *in, struct link_message *ret) {
    if (in->count != 2 || !route_of(&in->frames[0], &ret->route)) {
        line->counters.misshapen++;
        return false;
    }
    /* in 4.3.4 the first frame may lack the name after a poll (libzmq pull request 4317) */
    ret->peer = zmq_msg_gets(&in->frames[1], "User-Id");
    if (ret->peer == NULL || ret->peer[0] == '\0') {
        line->counters.nameless++;
        return false;
    }
    ret->frame = frame_bytes(&in->frames[1]);
    return true;
}

static bool understand_at_client(struct line *line, struct incoming *in, struct link_message *ret) {
    if (in->count != 1) {
        line->counters.misshapen++;
        return false;
    }
    ret->frame = frame_bytes(&in->frames[0]);
    return true;
}

struct taker {
    bool (*understand)(struct line *line, struct incoming *in, struct link_message *ret);
    void (*take)(void *ctx, const struct link_message *message);
    void *ctx;
};

static int receive(struct line *line, const struct taker *taker, int max) {
    for (int i = 0; i < max; i++) {
        struct incoming in;
        struct link_message message = {.peer = NULL};

        int r = read_message(line->socket, &in);
        if (r < 0) {
            release_message(&in);
            return r;
        }
        if (r == 0) {
            return i;
        }
        if (taker->understand(line, &in, &message)) {
            line->counters.received++;
            taker->take(taker->ctx, &message);
        }
        release_message(&in);
    }
    return max;
}

int link_server_receive(struct link_server *server,
                        void (*take)(void *ctx, const struct link_message *message), void *ctx,
                        int max) {
    const struct taker taker = {.understand = understand_at_server, .take = take, .ctx = ctx};
    return receive(&server->line, &taker, max);
}

static int send_message(struct line *line, const struct link_route *route, struct bytes frame) {
    zmq_msg_t message;

    if (frame.length > (size_t)line->frame_bytes_max) {
        return ERR_TOO_LARGE;
    }
    /* before the route goes out: between the two nothing may fail */
    if (zmq_msg_init_size(&message, frame.length) < 0) {
        return ERR_NO_MEMORY;
    }
    if (frame.length > 0) {
        memcpy(zmq_msg_data(&message), frame.data, frame.length);
    }
    int r = 0;
    if (route != NULL &&
        zmq_send(line->socket, route->bytes, route->length, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
        r = error_of(errno);
    } else if (zmq_msg_send(&message, line->socket, ZMQ_DONTWAIT) < 0) {
        r = error_of(errno);
    }
    if (r < 0) {
        zmq_msg_close(&message);
    }
    line->counters.sent += r == 0;
    line->counters.full += r == ERR_AGAIN;
    line->counters.gone += r == ERR_NOT_FOUND;
    return r;
}

int link_server_send(struct link_server *server, const struct link_route *route,
                     struct bytes frame) {
    assert(route->length > 0 && route->length <= LINK_ROUTE_BYTES_MAX);
    return send_message(&server->line, route, frame);
}

struct link_counters link_server_counters(const struct link_server *server) {
    return server->line.counters;
}

/* NULL on failure. Nothing bounds its queue, because libzmq's own thread would wait on a full one;
 * what is watched happens a few times a second at most. */
static void *open_monitor(void *zmq, void *socket) {
    char name[64];

    snprintf(name, sizeof(name), "inproc://link-monitor-%p", socket);
    if (zmq_socket_monitor(socket, name, MONITOR_EVENTS) < 0) {
        return NULL;
    }
    void *monitor = zmq_socket(zmq, ZMQ_PAIR);
    if (monitor == NULL) {
        return NULL;
    }
    const struct option options[] = {{ZMQ_RCVHWM, 0}, {ZMQ_LINGER, 0}};
    if (set_options(monitor, options, 2) < 0 || zmq_connect(monitor, name) < 0) {
        (void)zmq_close(monitor);
        return NULL;
    }
    return monitor;
}

/* Takes one event (uint16 what, uint32 value, then a frame with the endpoint): its number, or 0
 * where there is none. */
static int read_event(void *monitor, uint32_t *ret_value) {
    struct incoming in;
    uint16_t event = 0;

    int r = read_message(monitor, &in);
    if (r > 0 && zmq_msg_size(&in.frames[0]) >= sizeof(uint16_t) + sizeof(uint32_t)) {
        const uint8_t *data = zmq_msg_data(&in.frames[0]);
        memcpy(&event, data, sizeof(event));
        memcpy(ret_value, data + sizeof(event), sizeof(*ret_value));
    }
    release_message(&in);
    return event;
}

static void drain_monitor(struct link_client *client) {
    uint32_t value = 0;
    int event;

    while ((event = read_event(client->monitor, &value)) != 0) {
        if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
            client->state = LINK_UP;
        } else if (event == ZMQ_EVENT_DISCONNECTED) {
            /* comes after a refusal too, and says less */
            client->state = client->state == LINK_UP ? LINK_DOWN : client->state;
        } else {
            client->state = LINK_REFUSED;
        }
    }
}

static int set_client(struct line *line, const struct link_client_params *params) {
    /* No ZMQ_HEARTBEAT_IVL here: with a stalled reader it aborts a connecting 4.3.4 (libzmq
     * issues 3937, 4364, 4767). */
    const struct option options[] = {
        {ZMQ_IMMEDIATE, 1}, /* else what waits for a dead connection is lost */
        {ZMQ_HANDSHAKE_IVL, LINK_HANDSHAKE_MS},
        {ZMQ_CONNECT_TIMEOUT, CONNECT_TIMEOUT_MS},
        {ZMQ_RECONNECT_IVL, params->reconnect_ms},
        {ZMQ_RECONNECT_IVL_MAX, RECONNECT_CEILING_MS},
        {ZMQ_TCP_KEEPALIVE, 1},
        {ZMQ_TCP_KEEPALIVE_IDLE, KEEPALIVE_IDLE_S},
        {ZMQ_TCP_KEEPALIVE_INTVL, KEEPALIVE_INTERVAL_S},
        {ZMQ_TCP_KEEPALIVE_CNT, KEEPALIVE_PROBES},
    };

    int r = set_common(line, params->keys, params->endpoint, params->high_water_messages);
    if (r < 0) {
        return r;
    }
    if (zmq_setsockopt(line->socket, ZMQ_CURVE_SERVERKEY, params->server_key, 32) < 0) {
        return ERR_UNSUPPORTED;
    }
    return set_options(line->socket, options, sizeof(options) / sizeof(options[0]));
}

static int dial(struct link_client *client, void *zmq, const struct link_client_params *params) {
    client->line.socket = zmq_socket(zmq, ZMQ_DEALER);
    if (client->line.socket == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = set_client(&client->line, params);
    if (r < 0) {
        return r;
    }
    client->monitor = open_monitor(zmq, client->line.socket);
    if (client->monitor == NULL) {
        return ERR_NO_MEMORY;
    }
    return zmq_connect(client->line.socket, client->endpoint) < 0 ? error_of(errno) : 0;
}

int link_client_open(struct link_context *context, const struct link_client_params *params,
                     struct link_client **ret) {
    assert(params->high_water_messages > 0 && params->reconnect_ms > 0);
    assert(params->frame_bytes_max >= FRAME_BYTES_LEAST);

    if (!endpoint_sound(params->endpoint, 1)) {
        return ERR_CONFIG;
    }
    struct link_client *client = calloc(1, sizeof(*client));
    if (client == NULL) {
        return ERR_NO_MEMORY;
    }
    client->line.frame_bytes_max = params->frame_bytes_max;
    strcpy(client->endpoint, params->endpoint);
    int r = dial(client, context->zmq, params);
    if (r < 0) {
        link_client_close(client);
        return r;
    }
    *ret = client;
    return 0;
}

void link_client_close(struct link_client *client) {
    if (client == NULL) {
        return;
    }
    if (client->line.socket != NULL) {
        (void)zmq_socket_monitor(client->line.socket, NULL, 0);
        (void)zmq_close(client->line.socket);
    }
    if (client->monitor != NULL) {
        (void)zmq_close(client->monitor);
    }
    free(client);
}

int link_client_receive(struct link_client *client,
                        void (*take)(void *ctx, const struct link_message *message), void *ctx,
                        int max) {
    const struct taker taker = {.understand = understand_at_client, .take = take, .ctx = ctx};
    return receive(&client->line, &taker, max);
}

int link_client_send(struct link_client *client, struct bytes frame) {
    return send_message(&client->line, NULL, frame);
}

struct link_counters link_client_counters(const struct link_client *client) {
    return client->line.counters;
}

enum link_state link_client_state(struct link_client *client) {
    drain_monitor(client);
    return client->state;
}

int link_client_redial(struct link_client *client) {
    drain_monitor(client);
    client->state = LINK_DOWN;
    /* after a refusal there may be nothing left to hang up */
    (void)zmq_disconnect(client->line.socket, client->endpoint);
    return zmq_connect(client->line.socket, client->endpoint) < 0 ? ERR_NETWORK : 0;
}

int link_server_self_test(struct link_server *server, const struct link_keys *stranger,
                          int timeout_ms) {
    const struct link_client_params params = {
        .endpoint = server->endpoint,
        .server_key = server->public_key,
        .keys = stranger,
        .high_water_messages = 1,
        .frame_bytes_max = FRAME_BYTES_LEAST,
        .reconnect_ms = LINK_RECONNECT_MAX_MS,
    };
    struct link_client *client = NULL;

    int r = link_client_open(server->context, &params, &client);
    if (r < 0) {
        return r;
    }
    zmq_pollitem_t item = {.socket = client->monitor, .events = ZMQ_POLLIN};
    uint32_t value = 0;
    r = ERR_TIMEOUT;
    if (zmq_poll(&item, 1, timeout_ms) > 0) {
        int event = read_event(client->monitor, &value);
        if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
            r = ERR_DENIED;
        } else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH && value == ZAP_REFUSED) {
            r = 0;
        }
    }
    link_client_close(client);
    return r;
}

/* Sockets first, in the order of the items; a client has its monitor after it. */
static int fill_poll(const struct link_poll_item *items, size_t count, zmq_pollitem_t *ret) {
    int used = 0;

    for (size_t i = 0; i < count; i++) {
        ret[used] = (zmq_pollitem_t){.fd = items[i].fd, .events = ZMQ_POLLIN};
        if (items[i].server != NULL) {
            ret[used].socket = items[i].server->line.socket;
        } else if (items[i].client != NULL) {
            ret[used].socket = items[i].client->line.socket;
            used++;
            ret[used] = (zmq_pollitem_t){.socket = items[i].client->monitor, .events = ZMQ_POLLIN};
        }
        used++;
    }
    return used;
}

int link_poll(struct link_poll_item *items, size_t count, int timeout_ms) {
    zmq_pollitem_t polled[2 * LINK_POLL_ITEMS_MAX];
    int ready = 0;
    int next = 0;

    assert(count <= LINK_POLL_ITEMS_MAX);
    int used = fill_poll(items, count, polled);
    int r = zmq_poll(polled, used, timeout_ms);
    if (r < 0 && errno != EINTR) {
        return ERR_NETWORK;
    }
    for (size_t i = 0; i < count; i++) {
        items[i].ready = r > 0 && polled[next].revents != 0;
        next++;
        if (items[i].server == NULL && items[i].client != NULL) {
            if (r > 0 && polled[next].revents != 0) {
                drain_monitor(items[i].client);
                items[i].ready = true;
            }
            next++;
        }
        ready += items[i].ready;
    }
    return ready;
}
