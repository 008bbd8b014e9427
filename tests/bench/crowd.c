#include "tests/bench/crowd.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "shared/base/limits.h"

enum {
    GREET_AT_ONCE = 64, /* handshakes under way: the hub's time for one is bounded */
    GREET_AGAIN_MS = 2000,
    QUIET_MS = 300,
    SOCKETS_SPARE = 64,
};

static int64_t now_in(clockid_t clock, int64_t per_second) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * per_second + now.tv_nsec / (1000000000 / per_second);
}

int64_t crowd_now_ms(void) {
    return now_in(CLOCK_REALTIME, 1000);
}

int64_t crowd_now_us(void) {
    return now_in(CLOCK_MONOTONIC, 1000000);
}

int crowd_open(struct crowd *crowd, const struct peer_hub *hub, uint32_t first, size_t count) {
    *crowd = (struct crowd){.hub = *hub};
    crowd->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    crowd->zmq = zmq_ctx_new();
    crowd->peers = calloc(count, sizeof(*crowd->peers));
    crowd->items = calloc(count + 1, sizeof(*crowd->items));
    int r = arena_new(TURN_ARENA_BYTES, &crowd->scratch);
    if (r < 0 || crowd->timer_fd < 0 || crowd->zmq == NULL || crowd->peers == NULL ||
        crowd->items == NULL) {
        return ERR_NO_MEMORY;
    }
    (void)zmq_ctx_set(crowd->zmq, ZMQ_MAX_SOCKETS, (int)count + SOCKETS_SPARE);
    for (; crowd->count < count; crowd->count++) {
        uint32_t number = first + (uint32_t)crowd->count;
        r = peer_open(&crowd->peers[crowd->count], crowd->zmq, hub, number);
        if (r < 0) {
            return r;
        }
        crowd->items[crowd->count] =
            (zmq_pollitem_t){.socket = crowd->peers[crowd->count].socket, .events = ZMQ_POLLIN};
    }
    crowd->items[count] = (zmq_pollitem_t){.fd = crowd->timer_fd, .events = ZMQ_POLLIN};
    return 0;
}

void crowd_close(struct crowd *crowd) {
    for (size_t i = 0; i < crowd->count; i++) {
        peer_close(&crowd->peers[i]);
    }
    if (crowd->zmq != NULL) {
        zmq_ctx_term(crowd->zmq);
    }
    if (crowd->zmq != NULL && crowd->timer_fd >= 0) {
        close(crowd->timer_fd);
    }
    free(crowd->peers);
    free(crowd->items);
    arena_free(crowd->scratch);
    *crowd = (struct crowd){0};
}

/* All that one socket has. */
static int drain(struct crowd *crowd, struct peer *peer, const struct crowd_taker *taker) {
    zmq_msg_t message;
    int frames = 0;
    int r = 0;
    zmq_msg_init(&message);
    while (r >= 0 && zmq_msg_recv(&message, peer->socket, ZMQ_DONTWAIT) >= 0) {
        struct bytes frame = {.data = zmq_msg_data(&message), .length = zmq_msg_size(&message)};
        r = taker->take(taker->context, peer, frame);
        arena_reset(crowd->scratch);
        frames++;
    }
    zmq_msg_close(&message);
    return r < 0 ? r : frames;
}

void crowd_wake(struct crowd *crowd, int64_t at_us) {
    const struct itimerspec at = {
        .it_value = {.tv_sec = at_us / 1000000, .tv_nsec = at_us % 1000000 * 1000}};
    (void)timerfd_settime(crowd->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

int crowd_poll(struct crowd *crowd, long timeout_ms, const struct crowd_taker *taker) {
    int frames = 0;
    if (zmq_poll(crowd->items, (int)crowd->count + 1, timeout_ms) < 0) {
        return errno == EINTR ? 0 : ERR_NETWORK;
    }
    for (size_t i = 0; i < crowd->count; i++) {
        if (crowd->items[i].revents != 0) {
            int r = drain(crowd, &crowd->peers[i], taker);
            if (r < 0) {
                return r;
            }
            frames += r;
        }
    }
    return frames;
}

static int take_frame(void *context, struct peer *peer, struct bytes frame) {
    struct crowd *crowd = context;
    return peer_take(peer, frame, crowd->scratch);
}

struct crowd_taker crowd_taker(struct crowd *crowd) {
    return (struct crowd_taker){.take = take_frame, .context = crowd};
}

/* The first that wait for a welcome say Hello (again); all that owe a receipt send it. */
static size_t speak(struct crowd *crowd, bool again) {
    size_t waiting = 0;
    for (size_t i = 0; i < crowd->count; i++) {
        struct peer *peer = &crowd->peers[i];
        int r = peer_receipt(peer, crowd_now_ms(), crowd->scratch);
        if (r == 0 && !peer->welcomed && waiting++ < GREET_AT_ONCE && (again || !peer->greeted)) {
            peer->greeted = peer_hello(peer, crowd_now_ms(), crowd->scratch) == 0;
        }
        arena_reset(crowd->scratch);
    }
    return waiting;
}

int crowd_greet(struct crowd *crowd, int64_t patience_ms) {
    int64_t start_us = crowd_now_us();
    int64_t heard_us = start_us;
    int64_t said_us = start_us;
    const struct crowd_taker taker = crowd_taker(crowd);
    while (crowd_now_us() - start_us < patience_ms * 1000) {
        bool again = crowd_now_us() - said_us > (int64_t)GREET_AGAIN_MS * 1000;
        said_us = again ? crowd_now_us() : said_us;
        size_t waiting = speak(crowd, again);
        int r = crowd_poll(crowd, 20, &taker);
        if (r < 0) {
            return r;
        }
        heard_us = r > 0 ? crowd_now_us() : heard_us;
        if (waiting == 0 && crowd_now_us() - heard_us > (int64_t)QUIET_MS * 1000) {
            return 0;
        }
    }
    return ERR_TIMEOUT;
}
