#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "shared/io/link.h"
#include "shared/io/link_line.h"
#include "shared/io/zap.h"

/* A draft name, so absent from a release's header; the library honours the number. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

enum {
    AUTO_ROUTE_BYTES = 5, /* the routing id that ROUTER makes: 0 and a u32 */
    BACKLOG = 4096,
    HEARTBEAT_MS = 10000,
    HEARTBEAT_TIMEOUT_MS = 30000,
    HEARTBEAT_TTL_MS = 60000, /* overflows on the wire above 65599 (libzmq issue 4226) */
    ZAP_REFUSED = 400,
};

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

    int r = line_set_common(line, params->keys, params->endpoint, params->high_water_messages);
    if (r < 0) {
        return r;
    }
    r = line_set_options(line->socket, options, sizeof(options) / sizeof(options[0]));
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
    char set[ZAP_DOMAIN_SIZE] = "";

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
    r = check_doorman(link_context_zmq(server->context));
    if (r < 0) {
        return r;
    }
    if (zmq_bind(server->line.socket, params->endpoint) < 0) {
        return line_error(errno);
    }
    if (zmq_getsockopt(server->line.socket, ZMQ_LAST_ENDPOINT, server->endpoint,
                       &(size_t){sizeof(server->endpoint)}) < 0) {
        return ERR_NETWORK;
    }
    return 0;
}

int link_server_open(struct link_context *context, const struct link_server_params *params,
                     struct link_server **ret) {
    assert(params->domain[0] != '\0' && strlen(params->domain) < ZAP_DOMAIN_SIZE);
    assert(params->high_water_messages > 0);
    assert(params->frame_bytes_max >= LINE_FRAME_BYTES_LEAST);

    if (!line_endpoint_sound(params->endpoint, 0)) {
        return ERR_CONFIG;
    }
    struct link_server *server = calloc(1, sizeof(*server));
    if (server == NULL) {
        return ERR_NO_MEMORY;
    }
    server->context = context;
    server->line.frame_bytes_max = params->frame_bytes_max;
    memcpy(server->public_key, params->keys->public_key, sizeof(server->public_key));
    server->line.socket = zmq_socket(link_context_zmq(context), ZMQ_ROUTER);
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

/* A peer may choose its routing id and squat another's; those that ROUTER makes start with 0. */
static bool route_of(zmq_msg_t *frame, struct link_route *ret) {
    struct bytes id = line_frame(frame);

    if (id.length != AUTO_ROUTE_BYTES || id.data[0] != 0) {
        return false;
    }
    *ret = (struct link_route){.length = AUTO_ROUTE_BYTES};
    memcpy(ret->bytes, id.data, id.length);
    return true;
}

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
    ret->frame = line_frame(&in->frames[1]);
    return true;
}

int link_server_receive(struct link_server *server,
                        void (*take)(void *ctx, const struct link_message *message), void *ctx,
                        int max) {
    const struct taker taker = {.understand = understand_at_server, .take = take, .ctx = ctx};
    return line_receive(&server->line, &taker, max);
}

int link_server_send(struct link_server *server, const struct link_route *route,
                     struct bytes frame) {
    assert(route->length > 0 && route->length <= LINK_ROUTE_BYTES_MAX);
    return line_send(&server->line, route, frame);
}

struct link_counters link_server_counters(const struct link_server *server) {
    return server->line.counters;
}

int link_server_self_test(struct link_server *server, const struct link_keys *stranger,
                          int timeout_ms) {
    const struct link_client_params params = {
        .endpoint = server->endpoint,
        .server_key = server->public_key,
        .keys = stranger,
        .high_water_messages = 1,
        .frame_bytes_max = LINE_FRAME_BYTES_LEAST,
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
        int event = line_read_event(client->monitor, &value);
        if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
            r = ERR_DENIED;
        } else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH && value == ZAP_REFUSED) {
            r = 0;
        }
    }
    link_client_close(client);
    return r;
}
