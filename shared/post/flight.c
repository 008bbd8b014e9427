#include "shared/post/flight.h"

#include "shared/base/limits.h"

void flight_reset(struct flight *flight) {
    *flight = (struct flight){.wait_ms = FLIGHT_WAIT_MIN_MS};
}

void flight_pause(struct flight *flight, int64_t now_ms, int64_t retry_after_ms) {
    int64_t wait_ms = retry_after_ms > FLIGHT_WAIT_MIN_MS ? retry_after_ms : FLIGHT_WAIT_MIN_MS;
    flight->paused_until_ms = now_ms + wait_ms;
    flight->sent_to = 0; /* what was in flight wasn't taken */
}

bool flight_due(struct flight *flight, uint64_t first_waiting, uint64_t last_number, int64_t now_ms,
                uint64_t *ret_from, uint64_t *ret_to) {
    if (first_waiting > last_number || now_ms < flight->paused_until_ms) {
        return false;
    }
    if (flight->wait_ms == 0) {
        flight->wait_ms = FLIGHT_WAIT_MIN_MS;
    }
    if (first_waiting > flight->first_waiting) {
        flight->first_waiting = first_waiting;
        flight->wait_ms = FLIGHT_WAIT_MIN_MS;
        flight->last_sent_ms = flight->sent_to >= first_waiting ? now_ms : flight->last_sent_ms;
    }
    bool in_flight = flight->sent_to >= first_waiting;
    if (in_flight && now_ms - flight->last_sent_ms >= flight->wait_ms) {
        flight->sent_to = 0;
        flight->wait_ms *= 2;
        if (flight->wait_ms > FLIGHT_WAIT_MAX_MS) {
            flight->wait_ms = FLIGHT_WAIT_MAX_MS;
        }
    }
    uint64_t from = flight->sent_to >= first_waiting ? flight->sent_to + 1 : first_waiting;
    uint64_t to = first_waiting + OUTBOX_FLIGHT_MAX - 1;
    to = to < last_number ? to : last_number;
    if (from > to) {
        return false;
    }
    *ret_from = from;
    *ret_to = to;
    return true;
}

void flight_sent(struct flight *flight, uint64_t number, int64_t now_ms) {
    flight->sent_to = number > flight->sent_to ? number : flight->sent_to;
    flight->last_sent_ms = now_ms;
}

int64_t flight_wake_ms(const struct flight *flight) {
    if (!flight->waiting) {
        return INT64_MAX;
    }
    int64_t resend_ms = flight->last_sent_ms + flight->wait_ms;
    return resend_ms > flight->paused_until_ms ? resend_ms : flight->paused_until_ms;
}
