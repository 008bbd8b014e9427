/* Many made-up members in one thread: opened, polled and greeted together. For the generator. */
#pragma once

#include <stddef.h>
#include <zmq.h>

#include "tests/bench/peer.h"

struct crowd {
    void *zmq;
    struct peer_hub hub;
    struct peer *peers;
    zmq_pollitem_t *items;
    size_t count;
    int timer_fd;          /* ends a poll, to the microsecond; see crowd_wake */
    struct arena *scratch; /* reset after each frame */
};

int64_t crowd_now_ms(void); /* the calendar */
int64_t crowd_now_us(void); /* for measuring */

/* `count` sockets to `hub`, numbered from `first`. Errors: ERR_NO_MEMORY, ERR_NETWORK. */
MUST_CHECK int crowd_open(struct crowd *crowd, const struct peer_hub *hub, uint32_t first,
                          size_t count);
void crowd_close(struct crowd *crowd);

/* Gets each frame that came, and ends the poll with a negative code. */
struct crowd_taker {
    int (*take)(void *context, struct peer *peer, struct bytes frame);
    void *context;
};

/* The next poll ends at that time (of crowd_now_us) at the latest; 0: never by itself. */
void crowd_wake(struct crowd *crowd, int64_t at_us);

/* Waits until something comes, at most that long (-1: without end), and hands out all of it.
 * Returns how many frames. */
MUST_CHECK int crowd_poll(struct crowd *crowd, long timeout_ms, const struct crowd_taker *taker);

/* Says Hello with each and takes the directory, until all are welcomed and the hub is quiet for a
 * moment. Errors: ERR_TIMEOUT, ERR_MALFORMED. */
MUST_CHECK int crowd_greet(struct crowd *crowd, int64_t patience_ms);

/* Hands each frame to its peer. */
struct crowd_taker crowd_taker(struct crowd *crowd);
