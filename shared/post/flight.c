#include "shared/post/flight.h"

#include "shared/base/limits.h"

void flight_reset(struct flight *flight) {
    *flight = (struct flight){.wait_ms = FLIGHT_WAIT_MIN_MS};
}

/* How long to wait now; the next time twice as long. */
static int64_t back_off(struct flight *flight) {
    int64_t wait_ms = flight->wait_ms > FLIGHT_WAIT_MIN_MS ? flight->wait_ms : FLIGHT_WAIT_MIN_MS;
    flight->wait_ms = 2 * wait_ms > FLIGHT_WAIT_MAX_MS ? FLIGHT_WAIT_MAX_MS : 2 * wait_ms;
    return wait_ms;
}

void flight_pause(struct flight *flight, int64_t now_ms, int64_t retry_after_ms) {
    int64_t wait_ms = retry_after_ms < FLIGHT_PAUSE_MAX_MS ? retry_after_ms : FLIGHT_PAUSE_MAX_MS;
    if (now_ms >= flight->paused_until_ms) { /* not just another message of the same flight */
        int64_t backed_off_ms = back_off(flight);
        wait_ms = wait_ms > backed_off_ms ? wait_ms : backed_off_ms;
    }
    if (now_ms + wait_ms > flight->paused_until_ms) {
        flight->paused_until_ms = now_ms + wait_ms;
    }
    flight->sent_to = 0; /* what was in flight wasn't taken */
}

bool flight_due(struct flight *flight, struct flight_range waiting, int64_t now_ms,
                struct flight_range *ret) {
    if (waiting.from > waiting.to || now_ms < flight->paused_until_ms) {
        return false;
    }
    if (waiting.from > flight->first_waiting) {
        flight->first_waiting = waiting.from;
        flight->wait_ms = FLIGHT_WAIT_MIN_MS;
        flight->silent_since_ms = now_ms;
    }
    bool in_flight = flight->sent_to >= waiting.from;
    if (in_flight && now_ms - flight->silent_since_ms >= flight->wait_ms) {
        flight->sent_to = 0;
        (void)back_off(flight);
    }
    uint64_t from = flight->sent_to >= waiting.from ? flight->sent_to + 1 : waiting.from;
    uint64_t to = waiting.from + OUTBOX_FLIGHT_MAX - 1;
    to = to < waiting.to ? to : waiting.to;
    if (from > to) {
        return false;
    }
    *ret = (struct flight_range){.from = from, .to = to};
    return true;
}

void flight_sent(struct flight *flight, uint64_t number, int64_t now_ms) {
    if (flight->sent_to < flight->first_waiting) {
        flight->silent_since_ms = now_ms;
    }
    flight->sent_to = number > flight->sent_to ? number : flight->sent_to;
}

int64_t flight_wake_ms(const struct flight *flight) {
    if (!flight->waiting) {
        return INT64_MAX;
    }
    int64_t resend_ms = flight->silent_since_ms + flight->wait_ms;
    return resend_ms > flight->paused_until_ms ? resend_ms : flight->paused_until_ms;
}
