#include "tests/bench/joiner.h"

#include <stdio.h>
#include <string.h>

#include "shared/members/invitation.h"
#include "tests/bench/crowd.h"

enum { ARENA_BYTES = 1 << 20, ANSWER_MS = 10000, TRIES = 3 };

struct joiner {
    void *zmq;
    struct arena *arena;
    size_t joined;
};

static int compose(const struct invitation *invitation, const struct peer *peer,
                   struct arena *arena, struct bytes *ret) {
    struct join_application application = {
        .organisation = peer->own.org, .now_ms = crowd_now_ms(), .hub = invitation->hub};
    struct packet packet = {.content = PACKET_JOIN_REQUEST};
    struct bytes encoded;
    org_member(peer->number, &peer->keys, &application.member);
    int r = join_application_encode(&application, arena, &encoded);
    if (r == 0) {
        r = join_compose(invitation, encoded, &peer->keys.sign_secret, arena, &packet.join_request);
    }
    return r < 0 ? r : packet_encode(&packet, arena, ret);
}

static int read_answer(struct peer *peer, struct arena *arena) {
    uint8_t memory[4096];
    struct packet packet;
    zmq_pollitem_t item = {.socket = peer->socket, .events = ZMQ_POLLIN};
    if (zmq_poll(&item, 1, ANSWER_MS) <= 0) {
        return ERR_TIMEOUT;
    }
    int length = zmq_recv(peer->socket, memory, sizeof(memory), ZMQ_DONTWAIT);
    if (length < 0 || length > (int)sizeof(memory)) {
        return ERR_NETWORK;
    }
    struct bytes frame = {.data = memory, .length = (size_t)length};
    if (packet_decode(frame, arena, &packet) != REFUSAL_NONE ||
        packet.content != PACKET_JOIN_ANSWER) {
        return ERR_MALFORMED;
    }
    if (packet.join_answer.state != JOIN_APPROVED) {
        const char *why = refusal_text(packet.join_answer.refusal);
        fprintf(stderr, "generator: '%s' didn't join: %s\n", peer->own.org.text,
                why == NULL ? "it waits for approval" : why);
        return ERR_DENIED;
    }
    return 0;
}

/* The very same bytes again, where no answer came. */
static int ask(struct peer *peer, struct bytes request, struct arena *arena) {
    int r = ERR_TIMEOUT;
    for (int i = 0; i < TRIES && r == ERR_TIMEOUT; i++) {
        zmq_pollitem_t item = {.socket = peer->socket, .events = ZMQ_POLLOUT};
        if (zmq_poll(&item, 1, ANSWER_MS) <= 0) {
            continue;
        }
        r = peer_send(peer, request);
        r = r < 0 ? r : read_answer(peer, arena);
    }
    return r;
}

static int join(struct joiner *joiner, const char *text, uint32_t number) {
    struct invitation invitation;
    struct peer_hub hub = {0};
    struct peer peer;
    struct bytes request;
    size_t place;
    if (invitation_parse(text, &invitation, &place) != REFUSAL_NONE) {
        return ERR_MALFORMED;
    }
    hub.hub = invitation.hub;
    strcpy(hub.endpoint, invitation.join_endpoint);
    memcpy(hub.curve, invitation.hub_curve.bytes, sizeof(hub.curve));
    int r = peer_open(&peer, joiner->zmq, &hub, number);
    if (r < 0) {
        return r;
    }
    r = compose(&invitation, &peer, joiner->arena, &request);
    if (r == 0) {
        r = ask(&peer, request, joiner->arena);
    }
    peer_close(&peer);
    return r;
}

static int join_all(struct joiner *joiner, FILE *file, uint32_t first) {
    char line[INVITATION_TEXT_SIZE + 2];
    int r = 0;
    while (r == 0 && fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '\0') {
            continue;
        }
        r = join(joiner, line, first + (uint32_t)joiner->joined);
        arena_reset(joiner->arena);
        joiner->joined += r == 0;
    }
    return r;
}

int joiner_run(const char *path, uint32_t first, struct joiner_result *ret) {
    struct joiner joiner = {.zmq = zmq_ctx_new()};
    int64_t start_us = crowd_now_us();
    FILE *file = fopen(path, "r");
    int r = file == NULL || joiner.zmq == NULL ? ERR_IO : arena_new(ARENA_BYTES, &joiner.arena);
    if (r == 0) {
        r = join_all(&joiner, file, first);
    }
    if (file != NULL) {
        fclose(file);
    }
    if (joiner.zmq != NULL) {
        zmq_ctx_term(joiner.zmq);
    }
    arena_free(joiner.arena);
    if (r == 0) {
        *ret = (struct joiner_result){.joined = joiner.joined,
                                      .seconds = (double)(crowd_now_us() - start_us) / 1e6};
    }
    return r;
}
