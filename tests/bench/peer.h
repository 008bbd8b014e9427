/* A made-up member at its end of a link: one DEALER with CURVE, and what it has sent and was
 * answered.
 *
 * Many of them live in one thread, for the generator. The socket's options are those of
 * shared/io/link_client.c; link.h itself polls too few links at once for 2,000 of them. It speaks
 * the protocol (Hello, postings, receipts), but keeps nothing and never resends.
 */
#pragma once

#include <stdbool.h>

#include "tests/bench/org.h"

struct peer_hub {
    char endpoint[256];
    uint8_t curve[32];
    struct hub_id hub;
};

struct peer {
    uint32_t number; /* of the organisation */
    struct address own;
    struct org_keys keys;
    void *socket;
    bool greeted; /* a Hello went out */
    bool welcomed;
    bool owes_receipt; /* something came and wasn't acknowledged yet */
    uint64_t incarnation[LANES];
    uint64_t came_to[LANES]; /* contiguous: the directory on lane 0, notices on lane 1 */
    uint64_t settled;        /* contiguous, of what we sent on lane 1 */
    uint64_t answers;        /* acknowledgements that came */
    enum refusal refusal;    /* the first thing that the hub didn't take, or REFUSAL_NONE */
};

/* Connects. Errors: ERR_NETWORK. */
MUST_CHECK int peer_open(struct peer *peer, void *zmq, const struct peer_hub *hub, uint32_t number);
void peer_close(struct peer *peer);

/* Errors: ERR_AGAIN (not connected yet, or its queue is full), ERR_NO_MEMORY. */
MUST_CHECK int peer_hello(struct peer *peer, int64_t now_ms, struct arena *arena);
/* Borrows the packet until the context's end. Errors: ERR_AGAIN. */
MUST_CHECK int peer_send(struct peer *peer, struct bytes packet);
/* What came, into the counts above. Errors: ERR_MALFORMED (the hub said something else). */
MUST_CHECK int peer_take(struct peer *peer, struct bytes frame, struct arena *arena);
/* A signed receipt of what came, where one is owed. Errors: as peer_hello. */
MUST_CHECK int peer_receipt(struct peer *peer, int64_t now_ms, struct arena *arena);
