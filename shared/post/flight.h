/* When to send what waits in an outbox: a window in flight, resends that back off, pauses that the
 * peer asked for. Lives in memory only: after a restart everything is simply sent again.
 *
 * Pure: time is an argument. One `struct flight` for each stream, owned by a core. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { FLIGHT_WAIT_MIN_MS = 2000, FLIGHT_WAIT_MAX_MS = 60000, FLIGHT_PAUSE_MAX_MS = 3600000 };

struct flight {
    uint64_t sent_to;        /* highest number sent since the last reset */
    uint64_t first_waiting;  /* as last told */
    int64_t silent_since_ms; /* when the first in flight was sent, or the peer last settled one */
    int64_t wait_ms;         /* silence after which all in flight is sent again */
    int64_t paused_until_ms;
    bool waiting; /* something waits; told by the pump */
};

/* The peer is new to us or came back: everything that waits is sent again, at once. */
void flight_reset(struct flight *flight);

/* The peer said "not now" and for how long. Waits that long, but at most FLIGHT_PAUSE_MAX_MS, and
 * longer each time while nothing is settled: from FLIGHT_WAIT_MIN_MS to FLIGHT_WAIT_MAX_MS. */
void flight_pause(struct flight *flight, int64_t now_ms, int64_t retry_after_ms);

/* Numbers of one stream, both ends included; from > to: none. */
struct flight_range {
    uint64_t from;
    uint64_t to;
};

/* What to send now, given the stream's first waiting and last number; false: nothing. Call
 * flight_sent after sending. */
bool flight_due(struct flight *flight, struct flight_range waiting, int64_t now_ms,
                struct flight_range *ret);
void flight_sent(struct flight *flight, uint64_t number, int64_t now_ms);

/* When flight_due may next say yes without news from the peer; INT64_MAX when nothing waits. */
int64_t flight_wake_ms(const struct flight *flight);
