#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/crypto/hash.h"
#include "tests/sim/world.h"

/* A member that means no good, strangers, and old frames that come back. What they do must cost
 * nobody else anything. */

enum { FRAME_MAX = 64 << 10 };

void hostile_capture(struct party *node, enum way way, struct bytes frame) {
    struct world *world = node->world;
    size_t place = world->captures++ % (sizeof(world->captured) / sizeof(world->captured[0]));
    if (world->options.value[OPTION_hostile_minutes] == 0) {
        return;
    }
    free((void *)(uintptr_t)world->captured[place].data);
    uint8_t *copy = malloc(frame.length + 1);
    assert(copy != NULL);
    memcpy(copy, frame.data, frame.length);
    world->captured[place] = (struct bytes){.data = copy, .length = frame.length};
    world->captured_way[place] = (int)way;
    world->captured_party[place] = node->index;
}

static struct party *mallory_of(struct world *world) {
    return &world->parties[world->party_count - 1];
}

static struct bytes captured_any(struct world *world, size_t *ret_place) {
    size_t count = sizeof(world->captured) / sizeof(world->captured[0]);
    count = world->captures < count ? (size_t)world->captures : count;
    if (count == 0) {
        return (struct bytes){0};
    }
    *ret_place = dice_below(&world->hostile, count);
    return world->captured[*ret_place];
}

static void throw_at_hub(struct world *world, struct bytes frame) {
    struct party *mallory = mallory_of(world);
    if (mallory->link.up && frame.length > 0) {
        trace_say(&world->trace, world->now_ms, "%s sends something hostile",
                  mallory->own.org.text);
        model_node_sent(&world->model, mallory->index, frame, NULL);
        link_carry(mallory, WAY_UP, frame, 0);
    }
}

static void throw_nonsense(struct world *world) {
    uint8_t bytes[200];
    uint64_t length = 1 + dice_below(&world->hostile, sizeof(bytes));
    dice_fill(&world->hostile, bytes, length);
    throw_at_hub(world, (struct bytes){.data = bytes, .length = length});
}

/* Somebody else's frame, on our link, whole or bent. */
static void throw_captured(struct world *world, bool bent) {
    static uint8_t memory[FRAME_MAX];
    size_t place;
    struct bytes frame = captured_any(world, &place);
    if (frame.length == 0 || frame.length > sizeof(memory)) {
        return;
    }
    memcpy(memory, frame.data, frame.length);
    if (bent && dice_chance(&world->hostile, 300000)) {
        frame.length = 1 + dice_below(&world->hostile, frame.length);
    } else if (bent) {
        memory[dice_below(&world->hostile, frame.length)] ^=
            (uint8_t)(1 + dice_below(&world->hostile, 255));
    }
    throw_at_hub(world, (struct bytes){.data = memory, .length = frame.length});
}

/* An old frame comes again where it came before: from the very sender, as far as the link knows. */
static void replay(struct world *world) {
    size_t place;
    struct bytes frame = captured_any(world, &place);
    if (frame.length == 0) {
        return;
    }
    struct party *node = &world->parties[world->captured_party[place]];
    if (node->link.up && world->captured_way[place] == (int)WAY_UP) {
        trace_say(&world->trace, world->now_ms, "an old frame of %s comes again",
                  node->own.org.text);
        link_carry(node, WAY_UP, frame, 0);
    } else if (node->link.up) {
        trace_say(&world->trace, world->now_ms, "an old frame to %s comes again",
                  node->own.org.text);
        link_carry(node, WAY_DOWN, frame, 0);
    }
}

static struct bytes forged_body(struct world *world) {
    struct service_state state = {.service = {"leefloon"}, .status = SERVICE_STATUS_CLOSED};
    struct status status = {.set_at_ms = world->now_ms, .services = &state, .service_count = 1};
    struct bytes body = {0};
    if (dice_chance(&world->hostile, 500000)) {
        uint8_t *noise = arena_alloc(world->arena, 50, 1);
        dice_fill(&world->hostile, noise, 50);
        return (struct bytes){.data = noise, .length = 50};
    }
    (void)!status_encode(&status, world->arena, &body);
    return body;
}

/* Its own message, wrong in one way or another, or right. */
static void throw_posting(struct world *world) {
    struct party *mallory = mallory_of(world);
    struct packet packet = {.content = PACKET_POSTING};
    struct bytes encoded;
    arena_reset(world->arena);
    struct envelope envelope = {
        .version = WIRE_VERSION + (dice_chance(&world->hostile, 100000) ? 1U : 0U),
        .sender = mallory->own,
        .recipient = world->parties[HUB].own,
        .lane = (enum lane)dice_below(&world->hostile, LANES),
        .incarnation = dice_chance(&world->hostile, 50000) ? 2 : 1,
        .created_ms = world->now_ms,
        .kind = (uint32_t)dice_below(&world->hostile, 7),
        .body = forged_body(world),
    };
    static const uint64_t numbers[] = {1, 2, 5, INBOX_WINDOW + 500, UINT64_MAX};
    uint64_t choice = dice_below(&world->hostile, 10);
    envelope.number = choice < 5 ? numbers[choice] : ++world->hostile_number;
    if (dice_chance(&world->hostile, 500000)) {
        envelope.kind = MESSAGE_KIND_STATUS;
        envelope.lane = LANE_ORDINARY;
    }
    if (dice_chance(&world->hostile, 100000)) {
        envelope.created_ms += 5 * (int64_t)HOUR_MS;
    }
    if (dice_chance(&world->hostile, 100000)) {
        envelope.expires_ms = world->now_ms - HOUR_MS;
    }
    if (dice_chance(&world->hostile, 100000)) {
        envelope.sender = world->parties[1].own;
    }
    dice_fill(&world->hostile, envelope.id.bytes, sizeof(envelope.id.bytes));
    if (envelope_encode(&envelope, world->arena, &packet.posting.envelope) == 0 &&
        packet_encode(&packet, world->arena, &encoded) == 0) {
        throw_at_hub(world, encoded);
    }
}

/* Receipts for what was never sent; to a node also ones that the hub never signed. */
static void throw_receipts(struct world *world) {
    struct party *mallory = mallory_of(world);
    struct party *hub = &world->parties[HUB];
    struct party *node =
        &world->parties[1 + dice_below(&world->hostile, (uint64_t)world->node_count)];
    bool to_hub = dice_chance(&world->hostile, 500000);
    static const uint64_t numbers[] = {3, 1000, UINT64_MAX - 1, UINT64_MAX};
    struct receipt receipts[2] = {{.lane = LANE_URGENT}, {.lane = LANE_ORDINARY}};
    for (size_t i = 0; i < 2; i++) {
        receipts[i].incarnation = 1;
        receipts[i].contiguous = numbers[dice_below(&world->hostile, 4)];
    }
    struct acknowledgement acknowledgement = {
        .sender = to_hub ? mallory->own : hub->own,
        .recipient = to_hub ? hub->own : node->own,
        .now_ms = world->now_ms,
        .has_position = !to_hub,
        .position = {.epoch = 1, .sequence = 1000000},
        .receipts = receipts,
        .receipt_count = 2,
    };
    struct packet packet = {.content = PACKET_ACKNOWLEDGEMENT};
    struct bytes encoded;
    arena_reset(world->arena);
    if (acknowledgement_encode(&acknowledgement, world->arena,
                               &packet.acknowledgement.acknowledgement) < 0) {
        return;
    }
    struct signature signature = sign_bytes(&mallory->sign_secret, "acknowledgement/v1",
                                            packet.acknowledgement.acknowledgement);
    packet.acknowledgement.signature = BYTES_OF(signature);
    if (packet_encode(&packet, world->arena, &encoded) < 0) {
        return;
    }
    if (to_hub) {
        throw_at_hub(world, encoded);
    } else if (node->link.up) {
        trace_say(&world->trace, world->now_ms, "somebody forges receipts for %s",
                  node->own.org.text);
        link_carry(node, WAY_DOWN, encoded, 0);
    }
}

static void throw_hello(struct world *world) {
    struct party *mallory = mallory_of(world);
    struct packet packet = {.content = PACKET_HELLO,
                            .hello = {.version_min = 1,
                                      .version_max = 1,
                                      .organisation = mallory->own.org,
                                      .now_ms = world->now_ms + 9 * (int64_t)HOUR_MS,
                                      .wants_last_signal = true}};
    struct bytes encoded;
    if (dice_chance(&world->hostile, 500000)) {
        packet.hello.organisation = world->parties[1].own.org;
    }
    arena_reset(world->arena);
    if (packet_encode(&packet, world->arena, &encoded) == 0) {
        throw_at_hub(world, encoded);
    }
}

static void throw_as_stranger(struct world *world) {
    static uint8_t memory[FRAME_MAX];
    struct party *node =
        &world->parties[1 + dice_below(&world->hostile, (uint64_t)world->node_count)];
    struct bytes frame = node->joiner.request;
    if (frame.length == 0 || frame.length > sizeof(memory)) {
        return;
    }
    memcpy(memory, frame.data, frame.length);
    memory[dice_below(&world->hostile, frame.length)] ^= 1;
    struct step step = {.at_ms = world->now_ms + 1,
                        .kind = STEP_STRANGER,
                        .party = mallory_of(world)->index,
                        .frame = {.data = memory, .length = frame.length}};
    agenda_add(world->agenda, &step);
}

void hostile_step(struct world *world) {
    switch (dice_below(&world->hostile, 9)) {
    case 0:
        throw_nonsense(world);
        break;
    case 1:
        throw_captured(world, true);
        break;
    case 2:
        throw_captured(world, false);
        break;
    case 3:
    case 4:
        replay(world);
        break;
    case 5:
        throw_receipts(world);
        break;
    case 6:
        throw_hello(world);
        break;
    case 7:
        throw_as_stranger(world);
        break;
    default:
        throw_posting(world);
        break;
    }
}
