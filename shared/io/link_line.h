/* What the two kinds of link have in common: one ZeroMQ socket and its guards, reading and writing
 * whole messages.
 *
 * For link.c, link_server.c and link_client.c alone; everybody else includes link.h. */
#pragma once

#include <zmq.h>

#include "shared/io/link.h"

enum {
    LINE_FRAMES_KEPT = 2,          /* of an incoming message: routing id and payload */
    LINE_FRAME_BYTES_LEAST = 4096, /* for a line's limit: the handshake's own commands must pass */
};

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
    void *monitor; /* libzmq's PAIR with what happens to the connection */
    enum link_state state;
    char endpoint[LINK_ENDPOINT_SIZE];
};

struct option {
    int name;
    int value;
};

struct incoming {
    int count; /* frames that came, also those beyond LINE_FRAMES_KEPT */
    zmq_msg_t frames[LINE_FRAMES_KEPT];
};

/* Who understands a message, false and counted where it's to be dropped, and who takes it. */
struct taker {
    bool (*understand)(struct line *line, struct incoming *in, struct link_message *ret);
    void (*take)(void *ctx, const struct link_message *message);
    void *ctx;
};

/* Our error for an errno of libzmq. */
int line_error(int failure);

/* Whether a line may bind or dial there: tcp://host:port, the port from `port_least` on; * only
 * where that is 0. */
bool line_endpoint_sound(const char *endpoint, long port_least);

/* Errors: ERR_UNSUPPORTED (this libzmq doesn't know an option, or refuses its value). */
MUST_CHECK int line_set_options(void *socket, const struct option *options, size_t count);
MUST_CHECK int line_set_common(struct line *line, const struct link_keys *keys,
                               const char *endpoint, int high_water_messages);

/* 1 where a message was read, 0 where none is there; release after either, and after ERR_NETWORK.
 */
MUST_CHECK int line_read(void *socket, struct incoming *in);
void line_release(struct incoming *in);
struct bytes line_frame(zmq_msg_t *frame); /* borrows */

/* As link_server_receive and link_server_send; `route` NULL: the socket has one peer. */
MUST_CHECK int line_receive(struct line *line, const struct taker *taker, int max);
MUST_CHECK int line_send(struct line *line, const struct link_route *route, struct bytes frame);

/* Takes one event of a client's connection: its number, or 0 where there is none. */
int line_read_event(void *monitor, uint32_t *ret_value);

/* Takes them all and keeps the client's state. */
void line_drain_events(struct link_client *client);
