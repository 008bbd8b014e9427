#include "shared/io/link_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* What CURVE adds to a frame (RFC 26, MESSAGE: name 8, nonce 8, box 16, flags 1);
     * ZMQ_MAXMSGSIZE is held against the sealed frame. */
    CURVE_OVERHEAD = 33,
    TCP_GIVE_UP_MS = 30000,
};

int line_error(int failure) {
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
bool line_endpoint_sound(const char *endpoint, long port_least) {
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

int line_set_options(void *socket, const struct option *options, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (zmq_setsockopt(socket, options[i].name, &options[i].value, sizeof(int)) < 0) {
            return ERR_UNSUPPORTED;
        }
    }
    return 0;
}

int line_set_common(struct line *line, const struct link_keys *keys, const char *endpoint,
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

    int r = line_set_options(line->socket, options, sizeof(options) / sizeof(options[0]));
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

int line_read(void *socket, struct incoming *in) {
    int more = 1;

    in->count = 0;
    while (more != 0) {
        zmq_msg_t spill;
        zmq_msg_t *frame = in->count < LINE_FRAMES_KEPT ? &in->frames[in->count] : &spill;
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

void line_release(struct incoming *in) {
    for (int i = 0; i < in->count && i < LINE_FRAMES_KEPT; i++) {
        zmq_msg_close(&in->frames[i]);
    }
}

struct bytes line_frame(zmq_msg_t *frame) {
    return (struct bytes){.data = zmq_msg_data(frame), .length = zmq_msg_size(frame)};
}

int line_receive(struct line *line, const struct taker *taker, int max) {
    for (int i = 0; i < max; i++) {
        struct incoming in;
        struct link_message message = {.peer = NULL};

        int r = line_read(line->socket, &in);
        if (r < 0) {
            line_release(&in);
            return r;
        }
        if (r == 0) {
            return i;
        }
        if (taker->understand(line, &in, &message)) {
            line->counters.received++;
            taker->take(taker->ctx, &message);
        }
        line_release(&in);
    }
    return max;
}

static int send_route(void *socket, const struct link_route *route) {
    while (zmq_send(socket, route->bytes, route->length, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
        if (errno != EINTR) {
            return line_error(errno);
        }
    }
    return 0;
}

static int send_frame(void *socket, zmq_msg_t *message) {
    while (zmq_msg_send(message, socket, ZMQ_DONTWAIT) < 0) {
        if (errno != EINTR) {
            return line_error(errno);
        }
    }
    return 0;
}

int line_send(struct line *line, const struct link_route *route, struct bytes frame) {
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
    int r = route != NULL ? send_route(line->socket, route) : 0;
    if (r == 0) {
        r = send_frame(line->socket, &message);
    }
    if (r < 0) {
        zmq_msg_close(&message);
    }
    line->counters.sent += r == 0;
    line->counters.full += r == ERR_AGAIN;
    line->counters.gone += r == ERR_NOT_FOUND;
    return r;
}
