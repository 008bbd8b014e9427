/* An organisation of few words, for the hub's own tests: joins, greets, publishes, or is a
 * stranger.
 *
 *     hub_peer SEED INVITATION join ORG NAME          "approved", "waiting" or "refused REFUSAL"
 *     hub_peer SEED INVITATION knock                  "let-in" or "refused", at the members' door
 *     hub_peer SEED INVITATION greet ORG              "welcome VERSION", or "refused"
 *     hub_peer SEED INVITATION publish ORG N FIGURES  "contiguous N", "receipt N REFUSAL" or
 *                                                     "not-taken N REFUSAL"
 *
 * Keys are made of the word SEED. FIGURES: DAY/OPEN/WAITING/c,c,c,c,c,c,c, the last in our own bins
 * of service "budget"; the total and municipality 34022 have the same counts. Ends with status 1
 * where no answer comes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shared/base/civil.h"
#include "shared/crypto/curve.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/random.h"
#include "shared/figures/histogram.h"
#include "shared/io/link.h"
#include "shared/members/invitation.h"
#include "shared/wire/packet.h"
#include "shared/wire/signal.h"

enum {
    ARENA_BYTES = 4 << 20,
    PATIENCE_MS = 20000,
    AGAIN_MS = 500,
    HIGH_WATER = 100,
    SOCKETS_MAX = 8,
    INCARNATION = 1,
};

struct peer {
    struct arena *arena;
    struct invitation invitation;
    struct org_id org;
    struct digest seed;
    struct sign_public sign_public;
    struct sign_secret sign_secret;
    struct link_keys keys;
    struct link_context *context;
    struct link_client *link;
    bool done;
};

static void die(const char *what) {
    fprintf(stderr, "hub_peer: %s\n", what);
    exit(2);
}

static void must(int r, const char *what) {
    if (r < 0) {
        fprintf(stderr, "hub_peer: %s: %s\n", what, err_text(r));
        exit(2);
    }
}

static int64_t now_ms(clockid_t which) {
    struct timespec t;
    clock_gettime(which, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* -- keys and links -- */

static void make_keys(struct peer *peer, const char *seed) {
    struct curve_public public_key;
    struct curve_secret secret;
    peer->seed = hash_of("peer/v1", bytes_from_text(seed));
    sign_keys_from_seed(peer->seed.bytes, &peer->sign_public, &peer->sign_secret);
    curve_keys_from_seed(peer->seed.bytes, "transport/v1", &public_key, &secret);
    memcpy(peer->keys.public_key, public_key.bytes, sizeof(peer->keys.public_key));
    memcpy(peer->keys.secret_key, secret.bytes, sizeof(peer->keys.secret_key));
}

static void dial(struct peer *peer, const char *endpoint) {
    const struct link_client_params params = {
        .endpoint = endpoint,
        .server_key = peer->invitation.hub_curve.bytes,
        .keys = &peer->keys,
        .high_water_messages = HIGH_WATER,
        .frame_bytes_max = FRAME_BYTES_MAX,
        .reconnect_ms = LINK_RECONNECT_MIN_MS,
    };
    must(link_context_new(1, SOCKETS_MAX, &peer->context), "context");
    must(link_client_open(peer->context, &params, &peer->link), "dial");
}

/* Sends the packet again and again until `take` is content; gives false after the patience. */
static bool converse(struct peer *peer, struct bytes packet,
                     void (*take)(void *ctx, const struct link_message *message)) {
    int64_t until_ms = now_ms(CLOCK_MONOTONIC) + PATIENCE_MS;
    int64_t again_ms = 0;
    while (!peer->done && now_ms(CLOCK_MONOTONIC) < until_ms) {
        struct link_poll_item item = {.client = peer->link, .fd = -1};
        enum link_state state = link_client_state(peer->link);
        if (state == LINK_REFUSED) {
            printf("refused\n");
            return true;
        }
        if (state == LINK_UP && now_ms(CLOCK_MONOTONIC) >= again_ms) {
            if (packet.length == 0) {
                printf("let-in\n");
                return true;
            }
            again_ms = now_ms(CLOCK_MONOTONIC) + AGAIN_MS;
            (void)!link_client_send(peer->link, packet);
        }
        must(link_poll(&item, 1, AGAIN_MS), "poll");
        must(link_client_receive(peer->link, take, peer, 64), "receive");
    }
    return peer->done;
}

static bool open_packet(struct peer *peer, const struct link_message *message, struct packet *ret) {
    return packet_decode(message->frame, peer->arena, ret) == REFUSAL_NONE;
}

static struct bytes encoded(struct peer *peer, const struct packet *packet) {
    struct bytes bytes;
    must(packet_encode(packet, peer->arena, &bytes), "encode");
    return bytes;
}

/* -- join -- */

static void take_join_answer(void *ctx, const struct link_message *message) {
    struct peer *peer = ctx;
    struct packet packet;
    if (peer->done || !open_packet(peer, message, &packet) ||
        packet.content != PACKET_JOIN_ANSWER) {
        return;
    }
    peer->done = true;
    switch (packet.join_answer.state) {
    case JOIN_APPROVED:
        printf("approved\n");
        break;
    case JOIN_WAITING:
        printf("waiting\n");
        break;
    case JOIN_REFUSED:
    default:
        printf("refused %s\n", refusal_text(packet.join_answer.refusal));
        break;
    }
}

/* The hub takes the same request again only if it's the same bytes: so no time of now in it. */
static struct bytes join_packet(struct peer *peer, const char *name) {
    struct join_application application = {.organisation = peer->org,
                                           .now_ms = peer->invitation.expires_ms - 1,
                                           .hub = peer->invitation.hub};
    struct member *member = &application.member;
    struct service_id service = {.text = "budget"};
    struct catchment catchment = {.nis = {34022}};
    struct bytes bytes;
    struct packet packet = {.content = PACKET_JOIN_REQUEST};
    struct digest seal = hash_of("seal/v1", BYTES_OF(peer->seed));
    struct digest contact = hash_of("contact/v1", BYTES_OF(peer->seed));
    if (strlen(name) > NAME_BYTES_MAX) {
        die("name");
    }
    strcpy(member->name, name);
    member->kind = ORG_KIND_OCMW;
    member->competence = COMPETENCE_TERRITORIAL;
    member->role = MEMBER_ROLE_NODE;
    memcpy(member->curve.bytes, peer->keys.public_key, sizeof(member->curve.bytes));
    memcpy(member->sign.bytes, peer->sign_public.bytes, sizeof(member->sign.bytes));
    memcpy(member->seal.bytes, seal.bytes, sizeof(member->seal.bytes));
    memcpy(member->contact.bytes, contact.bytes, sizeof(member->contact.bytes));
    member->services = &service;
    member->service_count = 1;
    member->catchment = &catchment;
    member->catchment_count = 1;
    must(join_application_encode(&application, peer->arena, &bytes), "application");
    must(join_compose(&peer->invitation, bytes, &peer->sign_secret, peer->arena,
                      &packet.join_request),
         "request");
    return encoded(peer, &packet);
}

static bool join(struct peer *peer, const char *name) {
    dial(peer, peer->invitation.join_endpoint);
    return converse(peer, join_packet(peer, name), take_join_answer);
}

/* -- greet and publish -- */

static void take_nothing(void *ctx, const struct link_message *message) {
    (void)ctx;
    (void)message;
}

static bool knock(struct peer *peer) {
    dial(peer, peer->invitation.endpoint);
    return converse(peer, (struct bytes){0}, take_nothing);
}

static void take_welcome(void *ctx, const struct link_message *message) {
    struct peer *peer = ctx;
    struct packet packet;
    if (!peer->done && open_packet(peer, message, &packet) && packet.content == PACKET_WELCOME) {
        peer->done = true;
        printf("welcome %u\n", packet.welcome.version);
    }
}

static bool greet(struct peer *peer) {
    struct packet packet = {.content = PACKET_HELLO,
                            .hello = {.version_min = WIRE_VERSION,
                                      .version_max = WIRE_VERSION,
                                      .organisation = peer->org,
                                      .software = "hub_peer",
                                      .now_ms = now_ms(CLOCK_REALTIME)}};
    dial(peer, peer->invitation.endpoint);
    return converse(peer, encoded(peer, &packet), take_welcome);
}

static bool tell_receipt(const struct receipt *receipt) {
    if (receipt->lane != LANE_ORDINARY || receipt->incarnation != INCARNATION) {
        return false;
    }
    for (size_t i = 0; i < receipt->refused_count; i++) {
        printf("receipt %llu %s\n", (unsigned long long)receipt->refused[i].number,
               refusal_text(receipt->refused[i].refusal));
    }
    printf("contiguous %llu\n", (unsigned long long)receipt->contiguous);
    return true;
}

static void take_receipt(void *ctx, const struct link_message *message) {
    struct peer *peer = ctx;
    struct packet packet;
    struct acknowledgement heard;
    if (peer->done || !open_packet(peer, message, &packet) ||
        packet.content != PACKET_ACKNOWLEDGEMENT ||
        acknowledgement_decode(packet.acknowledgement.acknowledgement, peer->arena, &heard) !=
            REFUSAL_NONE) {
        return;
    }
    for (size_t i = 0; i < heard.not_taken_count; i++) {
        printf("not-taken %llu %s\n", (unsigned long long)heard.not_taken[i].number,
               refusal_text(heard.not_taken[i].refusal));
        peer->done = true;
    }
    for (size_t i = 0; i < heard.receipt_count; i++) {
        peer->done = tell_receipt(&heard.receipts[i]) || peer->done;
    }
}

static void read_bins(const char *text, struct wait_bins *ret) {
    ret->edge_count = HISTOGRAM_OWN_EDGES;
    memcpy(ret->edges_weeks, HISTOGRAM_EDGES_WEEKS, sizeof(HISTOGRAM_EDGES_WEEKS));
    for (size_t i = 0; i <= HISTOGRAM_OWN_EDGES; i++) {
        char *end;
        ret->counts[i] = (uint32_t)strtoul(text, &end, 10);
        text = *end == ',' ? end + 1 : end;
    }
}

static struct bytes signal_body(struct peer *peer, const char *figures) {
    char day[32];
    char bins[128];
    unsigned open;
    unsigned waiting;
    struct service_figures service = {.service = {.text = "budget"}};
    struct place_figures place = {.nis = {34022}};
    struct signal signal = {.period_days = 7,
                            .origin = FIGURES_ORIGIN_REGISTER,
                            .start_event = START_EVENT_ASKED,
                            .services = &service,
                            .service_count = 1,
                            .places = &place,
                            .place_count = 1};
    struct bytes body;
    if (sscanf(figures, "%31[^/]/%u/%u/%127s", day, &open, &waiting, bins) != 4) {
        die("figures");
    }
    must(date_parse(day, &signal.as_of_day), "day");
    signal.open = (struct count){.form = COUNT_VALUE, .value = open};
    signal.waiting = (struct count){.form = COUNT_VALUE, .value = waiting};
    service.open = place.open = signal.open;
    service.waiting = place.waiting = signal.waiting;
    read_bins(bins, &service.still_waiting);
    must(signal_encode(&signal, peer->arena, &body), "signal");
    return body;
}

static bool publish(struct peer *peer, const char *number, const char *figures) {
    struct envelope envelope = {
        .version = WIRE_VERSION,
        .sender = {.org = peer->org, .hub = peer->invitation.hub},
        .recipient = {.org = HUB_ORG, .hub = peer->invitation.hub},
        .lane = LANE_ORDINARY,
        .incarnation = INCARNATION,
        .number = strtoull(number, NULL, 10),
        .created_ms = now_ms(CLOCK_REALTIME),
        .kind = MESSAGE_KIND_SIGNAL,
        .body = signal_body(peer, figures),
    };
    struct packet packet = {.content = PACKET_POSTING};
    be64_write(envelope.id.bytes, envelope.number);
    memcpy(envelope.id.bytes + 8, peer->seed.bytes, 8);
    must(envelope_encode(&envelope, peer->arena, &packet.posting.envelope), "envelope");
    dial(peer, peer->invitation.endpoint);
    return converse(peer, encoded(peer, &packet), take_receipt);
}

static bool perform(struct peer *peer, int argc, char **argv) {
    const char *what = argv[3];
    if (strcmp(what, "knock") == 0) {
        return knock(peer);
    }
    if (argc < 5 || org_id_parse(argv[4], &peer->org) < 0) {
        die("ORG");
    }
    if (strcmp(what, "join") == 0 && argc == 6) {
        return join(peer, argv[5]);
    }
    if (strcmp(what, "greet") == 0) {
        return greet(peer);
    }
    if (strcmp(what, "publish") == 0 && argc == 7) {
        return publish(peer, argv[5], argv[6]);
    }
    die("what?");
    return false;
}

int main(int argc, char **argv) {
    struct peer peer = {0};
    size_t place;
    if (argc < 4) {
        die("SEED INVITATION WHAT ...");
    }
    must(random_init(), "randomness");
    must(arena_new(ARENA_BYTES, &peer.arena), "arena");
    if (invitation_parse(argv[2], &peer.invitation, &place) != REFUSAL_NONE) {
        die("invitation");
    }
    make_keys(&peer, argv[1]);
    bool answered = perform(&peer, argc, argv);
    fflush(stdout);
    link_client_close(peer.link);
    link_context_free(peer.context);
    arena_free(peer.arena);
    return answered ? 0 : 1;
}
