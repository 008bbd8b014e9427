#include "shared/io/link.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <zmq.h>

#include "shared/io/link_line.h"

struct link_context {
    void *zmq;
};

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
    if (r < 0) {
        link_context_free(context);
        return ERR_CONFIG;
    }
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
                line_drain_events(items[i].client);
                items[i].ready = true;
            }
            next++;
        }
        ready += items[i].ready;
    }
    return ready;
}
