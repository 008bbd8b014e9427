#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "shared/io/link.h"
#include "shared/io/link_line.h"

enum {
    CONNECT_TIMEOUT_MS = 10000,
    RECONNECT_CEILING_MS = 30000,
    KEEPALIVE_IDLE_S = 60,
    KEEPALIVE_INTERVAL_S = 15,
    KEEPALIVE_PROBES = 4,

    MONITOR_EVENTS = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_DISCONNECTED,
};

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
    if (line_set_options(monitor, options, 2) < 0 || zmq_connect(monitor, name) < 0) {
        (void)zmq_close(monitor);
        return NULL;
    }
    return monitor;
}

/* uint16 what, uint32 value, then a frame with the endpoint (zmq_socket_monitor(3)) */
int line_read_event(void *monitor, uint32_t *ret_value) {
    struct incoming in;
    uint16_t event = 0;

    int r = line_read(monitor, &in);
    if (r > 0 && zmq_msg_size(&in.frames[0]) >= sizeof(uint16_t) + sizeof(uint32_t)) {
        const uint8_t *data = zmq_msg_data(&in.frames[0]);
        memcpy(&event, data, sizeof(event));
        memcpy(ret_value, data + sizeof(event), sizeof(*ret_value));
    }
    line_release(&in);
    return event;
}

void line_drain_events(struct link_client *client) {
    uint32_t value = 0;
    int event;

    while ((event = line_read_event(client->monitor, &value)) != 0) {
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

    int r = line_set_common(line, params->keys, params->endpoint, params->high_water_messages);
    if (r < 0) {
        return r;
    }
    if (zmq_setsockopt(line->socket, ZMQ_CURVE_SERVERKEY, params->server_key, 32) < 0) {
        return ERR_UNSUPPORTED;
    }
    return line_set_options(line->socket, options, sizeof(options) / sizeof(options[0]));
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
    return zmq_connect(client->line.socket, client->endpoint) < 0 ? line_error(errno) : 0;
}

int link_client_open(struct link_context *context, const struct link_client_params *params,
                     struct link_client **ret) {
    assert(params->high_water_messages > 0 && params->reconnect_ms > 0);
    assert(params->frame_bytes_max >= LINE_FRAME_BYTES_LEAST);

    if (!line_endpoint_sound(params->endpoint, 1)) {
        return ERR_CONFIG;
    }
    struct link_client *client = calloc(1, sizeof(*client));
    if (client == NULL) {
        return ERR_NO_MEMORY;
    }
    client->line.frame_bytes_max = params->frame_bytes_max;
    strcpy(client->endpoint, params->endpoint);
    int r = dial(client, link_context_zmq(context), params);
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

static bool understand_at_client(struct line *line, struct incoming *in, struct link_message *ret) {
    if (in->count != 1) {
        line->counters.misshapen++;
        return false;
    }
    ret->frame = line_frame(&in->frames[0]);
    return true;
}

int link_client_receive(struct link_client *client,
                        void (*take)(void *ctx, const struct link_message *message), void *ctx,
                        int max) {
    const struct taker taker = {.understand = understand_at_client, .take = take, .ctx = ctx};
    return line_receive(&client->line, &taker, max);
}

int link_client_send(struct link_client *client, struct bytes frame) {
    return line_send(&client->line, NULL, frame);
}

struct link_counters link_client_counters(const struct link_client *client) {
    return client->line.counters;
}

enum link_state link_client_state(struct link_client *client) {
    line_drain_events(client);
    return client->state;
}

int link_client_redial(struct link_client *client) {
    line_drain_events(client);
    client->state = LINK_DOWN;
    /* after a refusal there may be nothing left to hang up */
    (void)zmq_disconnect(client->line.socket, client->endpoint);
    return zmq_connect(client->line.socket, client->endpoint) < 0 ? ERR_NETWORK : 0;
}
