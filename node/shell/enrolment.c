#include "node/shell/enrolment.h"

#include <stdlib.h>

enum { HIGH_WATER = 16, TAKE_MAX = 16, ARENA_BYTES = 1 << 20 };

struct enrolment {
    struct link_client *link;
    struct arena *arena;
    struct bytes request;
    int64_t asked_ms;
    int64_t dialled_ms;
    unsigned asked;
    bool answered;
    struct join_answer answer;
};

int enrolment_open(const struct enrolment_params *params, struct enrolment **ret) {
    struct enrolment *enrolment = calloc(1, sizeof(*enrolment));
    if (enrolment == NULL) {
        return ERR_NO_MEMORY;
    }
    const struct link_client_params link = {
        .endpoint = params->endpoint,
        .server_key = params->hub_key,
        .keys = params->keys,
        .high_water_messages = HIGH_WATER,
        .frame_bytes_max = FRAME_BYTES_MAX,
        .reconnect_ms = params->reconnect_ms,
    };
    enrolment->request = params->request;
    int r = arena_new(ARENA_BYTES, &enrolment->arena);
    r = r < 0 ? r : link_client_open(params->context, &link, &enrolment->link);
    if (r < 0) {
        enrolment_close(enrolment);
        return r;
    }
    *ret = enrolment;
    return 0;
}

void enrolment_close(struct enrolment *enrolment) {
    if (enrolment == NULL) {
        return;
    }
    link_client_close(enrolment->link);
    arena_free(enrolment->arena);
    free(enrolment);
}

struct link_client *enrolment_link(struct enrolment *enrolment) {
    return enrolment->link;
}

static void take(void *ctx, const struct link_message *message) {
    struct enrolment *enrolment = ctx;
    struct packet packet;
    arena_reset(enrolment->arena);
    if (packet_decode(message->frame, enrolment->arena, &packet) == REFUSAL_NONE &&
        packet.content == PACKET_JOIN_ANSWER) {
        enrolment->answered = true;
        enrolment->answer = packet.join_answer;
    }
}

static int ask(struct enrolment *enrolment, int64_t monotonic_ms) {
    const int64_t pause_ms =
        enrolment->asked > ENROLMENT_WATCHED ? ENROLMENT_IDLE_MS : ENROLMENT_ASK_MS;
    if (enrolment->answered && enrolment->answer.state == JOIN_REFUSED) {
        return 0;
    }
    if (enrolment->asked > 0 && monotonic_ms - enrolment->asked_ms < pause_ms) {
        return 0;
    }
    int r = link_client_send(enrolment->link, enrolment->request);
    if (r == 0) {
        enrolment->asked++;
        enrolment->asked_ms = monotonic_ms;
    }
    return r == ERR_AGAIN ? 0 : r;
}

int enrolment_step(struct enrolment *enrolment, int64_t monotonic_ms, struct enrolment_news *ret) {
    int r = link_client_receive(enrolment->link, take, enrolment, TAKE_MAX);
    if (r < 0) {
        return r;
    }
    const enum link_state state = link_client_state(enrolment->link);
    if (enrolment->dialled_ms == 0) {
        enrolment->dialled_ms = monotonic_ms;
    }
    if (state == LINK_UP) {
        enrolment->dialled_ms = monotonic_ms;
        r = ask(enrolment, monotonic_ms);
        if (r < 0) {
            return r;
        }
    } else if (monotonic_ms - enrolment->dialled_ms >= ENROLMENT_REDIAL_MS) {
        enrolment->dialled_ms = monotonic_ms;
        r = link_client_redial(enrolment->link);
        if (r < 0) {
            return r;
        }
    }
    *ret = (struct enrolment_news){
        .link = state, .answered = enrolment->answered, .answer = enrolment->answer};
    return 0;
}
