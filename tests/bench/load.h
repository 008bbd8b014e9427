/* The load itself: so many signals from each member of a crowd, with a window or at a rate, until
 * each is acknowledged (by a hub) or came back (from the echo). For the generator. */
#pragma once

#include "tests/bench/crowd.h"

struct load_plan {
    size_t messages;   /* each member's */
    size_t window;     /* unanswered at most, a member */
    double rate;       /* of all together, a second; 0: as fast as the window lets */
    bool echo;         /* the other side sends everything back */
    uint32_t services; /* as in struct org_message */
};

struct load_result {
    size_t messages;
    double seconds;
    double busy; /* of the generator's own core, 0 to 1 */
    size_t frame_bytes;
    uint64_t answers; /* frames with acknowledgements, or echoes */
    double latency_p50_ms;
    double latency_p99_ms; /* from when a message was due to when its answer came */
};

/* The crowd was greeted (or speaks to an echo). Errors: ERR_TIMEOUT (30 s without an answer),
 * ERR_DENIED (the hub didn't take a message; said on stderr), ERR_MALFORMED, ERR_NO_MEMORY. */
MUST_CHECK int load_run(struct crowd *crowd, const struct load_plan *plan, struct load_result *ret);
