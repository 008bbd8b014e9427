#include "shared/post/pump.h"

void pump_reset(struct pump *pump) {
    for (int lane = 0; lane < LANES; lane++) {
        flight_reset(&pump->flights[lane]);
    }
}

static int send(struct store_txn *view, const struct stream *stream, const struct pump_link *link,
                const struct outbox_item *item) {
    const struct outbox_end end = {
        .view = view, .stream = stream, .keys = link->keys, .arena = link->arena};
    struct bytes packet;
    if (item->seal.record_key == 0) {
        return link->send(link->context, &stream->recipient, item->packet);
    }
    if (link->keys == NULL) {
        return ERR_STORAGE; /* another party's store */
    }
    const struct arena_mark mark = arena_mark(end.arena);
    int r = outbox_packet(&end, item, &packet);
    if (r == 0) {
        r = link->send(link->context, &stream->recipient, packet);
    }
    arena_rewind(end.arena, &mark);
    return r;
}

/* 0 to go on with the next lane; ERR_AGAIN or ERR_NOT_FOUND from the link end the round. */
static int run_lane(struct flight *flight, struct store_txn *view, const struct stream *stream,
                    const struct pump_link *link, int64_t now_ms) {
    struct outbox_state state;
    struct outbox_item item;
    int r = outbox_state(view, stream, &state);
    if (r < 0) {
        return r;
    }
    flight->waiting = state.waiting > 0;
    if (state.waiting == 0) {
        return 0;
    }
    r = outbox_find(view, stream, 0, &item);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? ERR_STORAGE : r;
    }
    const struct flight_range waiting = {.from = item.number, .to = state.last_number};
    struct flight_range due;
    if (!flight_due(flight, waiting, now_ms, &due)) {
        return 0;
    }
    for (uint64_t number = due.from; number <= due.to; number = item.number + 1) {
        r = outbox_find(view, stream, number, &item);
        if (r == ERR_NOT_FOUND) {
            return 0;
        }
        if (r < 0) {
            return r;
        }
        if (item.number > due.to) {
            return 0;
        }
        r = send(view, stream, link, &item);
        if (r < 0) {
            return r;
        }
        flight_sent(flight, item.number, now_ms);
    }
    return 0;
}

int pump_run(struct pump *pump, struct store_txn *view, const struct pump_link *link,
             int64_t now_ms) {
    for (int lane = 0; lane < LANES; lane++) {
        struct stream stream = {
            .sender = *link->own, .recipient = *link->peer, .lane = (enum lane)lane};
        int r = run_lane(&pump->flights[lane], view, &stream, link, now_ms);
        if (r == ERR_AGAIN || r == ERR_NOT_FOUND) {
            return 0;
        }
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int64_t pump_wake_ms(const struct pump *pump) {
    int64_t wake_ms = INT64_MAX;
    for (int lane = 0; lane < LANES; lane++) {
        int64_t lane_ms = flight_wake_ms(&pump->flights[lane]);
        wake_ms = lane_ms < wake_ms ? lane_ms : wake_ms;
    }
    return wake_ms;
}
