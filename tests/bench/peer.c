#include "tests/bench/peer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "shared/base/limits.h"
#include "shared/io/link.h"
#include "shared/wire/packet.h"

enum { HIGH_WATER = 100 };

struct setting {
    int name;
    int value;
};

static const struct setting settings[] = {
    {ZMQ_LINGER, 0},
    {ZMQ_SNDTIMEO, 0},
    {ZMQ_RCVTIMEO, 0},
    {ZMQ_SNDHWM, HIGH_WATER},
    {ZMQ_RCVHWM, HIGH_WATER},
    {ZMQ_TCP_MAXRT, 30000},
    {ZMQ_IMMEDIATE, 1},
    {ZMQ_HANDSHAKE_IVL, LINK_HANDSHAKE_MS},
    {ZMQ_RECONNECT_IVL, LINK_RECONNECT_MIN_MS},
    {ZMQ_RECONNECT_IVL_MAX, 30000},
    {ZMQ_TCP_KEEPALIVE, 1},
};

static bool set_up(const struct peer *peer, const struct peer_hub *hub) {
    bool done = true;
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        done = done &&
               zmq_setsockopt(peer->socket, settings[i].name, &settings[i].value, sizeof(int)) == 0;
    }
    return done && zmq_setsockopt(peer->socket, ZMQ_CURVE_SERVERKEY, hub->curve, 32) == 0 &&
           zmq_setsockopt(peer->socket, ZMQ_CURVE_PUBLICKEY, peer->keys.curve_public.bytes, 32) ==
               0 &&
           zmq_setsockopt(peer->socket, ZMQ_CURVE_SECRETKEY, peer->keys.curve_secret.bytes, 32) ==
               0 &&
           zmq_connect(peer->socket, hub->endpoint) == 0;
}

int peer_open(struct peer *peer, void *zmq, const struct peer_hub *hub, uint32_t number) {
    *peer = (struct peer){.number = number};
    peer->own = (struct address){.org = org_of_number(number), .hub = hub->hub};
    org_keys_of_number(number, &peer->keys);
    peer->socket = zmq_socket(zmq, ZMQ_DEALER);
    if (peer->socket == NULL) {
        return ERR_NETWORK;
    }
    if (!set_up(peer, hub)) {
        fprintf(stderr, "can't dial '%s': %s\n", hub->endpoint, zmq_strerror(errno));
        peer_close(peer);
        return ERR_NETWORK;
    }
    return 0;
}

void peer_close(struct peer *peer) {
    if (peer->socket != NULL) {
        zmq_close(peer->socket);
        peer->socket = NULL;
    }
}

static int send_copy(struct peer *peer, const struct packet *packet, struct arena *arena) {
    struct bytes encoded;
    int r = packet_encode(packet, arena, &encoded);
    if (r < 0) {
        return r;
    }
    return zmq_send(peer->socket, encoded.data, encoded.length, ZMQ_DONTWAIT) < 0 ? ERR_AGAIN : 0;
}

int peer_hello(struct peer *peer, int64_t now_ms, struct arena *arena) {
    struct packet packet = {
        .content = PACKET_HELLO,
        .hello = {.version_min = WIRE_VERSION,
                  .version_max = WIRE_VERSION,
                  .organisation = peer->own.org,
                  .software = "bench",
                  .now_ms = now_ms},
    };
    return send_copy(peer, &packet, arena);
}

static void leave(void *data, void *hint) {
    (void)data;
    (void)hint;
}

int peer_send(struct peer *peer, struct bytes packet) {
    zmq_msg_t message;
    void *data = (void *)(uintptr_t)packet.data;
    if (zmq_msg_init_data(&message, data, packet.length, leave, NULL) < 0) {
        return ERR_NO_MEMORY;
    }
    if (zmq_msg_send(&message, peer->socket, ZMQ_DONTWAIT) < 0) {
        zmq_msg_close(&message);
        return ERR_AGAIN;
    }
    return 0;
}

static int take_acknowledgement(struct peer *peer, const struct signed_acknowledgement *from,
                                struct arena *arena) {
    struct acknowledgement acknowledgement;
    if (acknowledgement_decode(from->acknowledgement, arena, &acknowledgement) != REFUSAL_NONE ||
        !address_equal(&acknowledgement.recipient, &peer->own)) {
        return ERR_MALFORMED;
    }
    peer->answers++;
    for (size_t i = 0; i < acknowledgement.receipt_count; i++) {
        const struct receipt *receipt = &acknowledgement.receipts[i];
        if (receipt->lane == LANE_ORDINARY && receipt->contiguous > peer->settled) {
            peer->settled = receipt->contiguous;
        }
        if (receipt->refused_count > 0 && peer->refusal == REFUSAL_NONE) {
            peer->refusal = receipt->refused[0].refusal;
        }
    }
    if (acknowledgement.not_taken_count > 0 && peer->refusal == REFUSAL_NONE) {
        peer->refusal = acknowledgement.not_taken[0].refusal;
    }
    return 0;
}

static int take_posting(struct peer *peer, const struct posting *posting, struct arena *arena) {
    struct envelope envelope;
    if (envelope_decode(posting->envelope, arena, &envelope) != REFUSAL_NONE ||
        envelope.lane > LANE_ORDINARY) {
        return ERR_MALFORMED;
    }
    peer->owes_receipt = true;
    peer->incarnation[envelope.lane] = envelope.incarnation;
    if (envelope.number == peer->came_to[envelope.lane] + 1) {
        peer->came_to[envelope.lane]++;
    }
    return 0;
}

int peer_take(struct peer *peer, struct bytes frame, struct arena *arena) {
    struct packet packet;
    if (packet_decode(frame, arena, &packet) != REFUSAL_NONE) {
        return ERR_MALFORMED;
    }
    switch (packet.content) {
    case PACKET_WELCOME:
        peer->welcomed = packet.welcome.version == WIRE_VERSION;
        if (packet.welcome.acknowledgement.acknowledgement.length == 0) {
            return 0;
        }
        return take_acknowledgement(peer, &packet.welcome.acknowledgement, arena);
    case PACKET_ACKNOWLEDGEMENT:
        return take_acknowledgement(peer, &packet.acknowledgement, arena);
    case PACKET_POSTING:
        return take_posting(peer, &packet.posting, arena);
    case PACKET_HELLO: /* our own: an echo */
        peer->welcomed = true;
        return 0;
    case PACKET_JOIN_REQUEST:
    case PACKET_JOIN_ANSWER:
    case PACKET_LOOK_REQUEST:
    case PACKET_LOOK_REPLY:
    default:
        return ERR_MALFORMED;
    }
}

int peer_receipt(struct peer *peer, int64_t now_ms, struct arena *arena) {
    if (!peer->owes_receipt) {
        return 0;
    }
    struct receipt receipts[LANES];
    size_t count = 0;
    for (int lane = 0; lane < LANES; lane++) {
        if (peer->came_to[lane] > 0) {
            receipts[count++] = (struct receipt){.lane = (enum lane)lane,
                                                 .incarnation = peer->incarnation[lane],
                                                 .contiguous = peer->came_to[lane]};
        }
    }
    struct acknowledgement acknowledgement = {
        .sender = peer->own,
        .recipient = {.org = HUB_ORG, .hub = peer->own.hub},
        .now_ms = now_ms,
        .receipts = receipts,
        .receipt_count = count,
    };
    struct packet packet = {.content = PACKET_ACKNOWLEDGEMENT};
    struct bytes *encoded = &packet.acknowledgement.acknowledgement;
    int r = acknowledgement_encode(&acknowledgement, arena, encoded);
    if (r < 0) {
        return r;
    }
    struct signature signature =
        sign_bytes(&peer->keys.sign_secret, "acknowledgement/v1", *encoded);
    packet.acknowledgement.signature = BYTES_OF(signature);
    r = send_copy(peer, &packet, arena);
    peer->owes_receipt = peer->owes_receipt && r < 0;
    return r;
}
