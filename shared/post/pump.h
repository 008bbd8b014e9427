/* Sends what waits for one peer, on all lanes, urgent first: the outbox's messages, at the pace of
 * their flights. Both cores call it after a commit, with a transaction that only reads. */
#pragma once

#include "shared/base/limits.h"
#include "shared/post/flight.h"
#include "shared/post/outbox.h"
#include "shared/post/stream.h"

/* Takes a packet for the peer, at once or never. 0; ERR_AGAIN (the link is full: stop, try later),
 * ERR_NOT_FOUND (no link to it now). */
struct pump_link {
    const struct address *own; /* borrowed, as the next */
    const struct address *peer;
    int (*send)(void *context, const struct address *peer, struct bytes packet);
    void *context;
    const struct outbox_keys *keys; /* borrowed; NULL: nothing of ours is sealed */
    struct arena *arena;            /* where what is sealed is opened, one at a time; as `keys` */
};

struct pump {
    struct flight flights[LANES];
};

/* The peer is there (again): everything that waits goes out anew. */
void pump_reset(struct pump *pump);

/* Sends what is due. Errors: ERR_STORAGE, ERR_NO_MEMORY; a full or absent
 * link isn't one. */
MUST_CHECK int pump_run(struct pump *pump, struct store_txn *view, const struct pump_link *link,
                        int64_t now_ms);

/* When to call pump_run again if nothing else happens; INT64_MAX: not before news. As of the last
 * pump_run. */
int64_t pump_wake_ms(const struct pump *pump);
