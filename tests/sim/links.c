#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/civil.h"
#include "shared/members/members.h"
#include "shared/post/office.h"
#include "tests/sim/world.h"

/* Frames on their way: delay, loss, doubles, reordering, partitions, full links, lost connections.
 */

static const char *describe(struct arena *arena, struct bytes frame, char *text, size_t size) {
    struct packet packet;
    struct envelope envelope;
    struct acknowledgement acknowledgement;
    static const char *const names[] = {
        [PACKET_HELLO] = "hello",
        [PACKET_WELCOME] = "welcome",
        [PACKET_POSTING] = "posting",
        [PACKET_ACKNOWLEDGEMENT] = "acknowledgement",
        [PACKET_JOIN_REQUEST] = "join request",
        [PACKET_JOIN_ANSWER] = "join answer",
        [PACKET_LOOK_REQUEST] = "look",
        [PACKET_LOOK_REPLY] = "answer to a look",
    };
    arena_reset(arena);
    if (packet_decode(frame, arena, &packet) != REFUSAL_NONE) {
        (void)snprintf(text, size, "nonsense of %zu bytes", frame.length);
        return text;
    }
    struct bytes receipts = {0};
    if (packet.content == PACKET_ACKNOWLEDGEMENT) {
        receipts = packet.acknowledgement.acknowledgement;
    } else if (packet.content == PACKET_WELCOME) {
        receipts = packet.welcome.acknowledgement.acknowledgement;
    }
    if (packet.content == PACKET_POSTING &&
        envelope_decode(packet.posting.envelope, arena, &envelope) == REFUSAL_NONE) {
        const char *kind = message_kind_text((enum message_kind)envelope.kind);
        (void)snprintf(text, size, "%s %llu.%llu on lane %d from %s", kind == NULL ? "?" : kind,
                       (unsigned long long)envelope.incarnation,
                       (unsigned long long)envelope.number, (int)envelope.lane,
                       envelope.sender.org.text);
    } else if (receipts.length > 0 &&
               acknowledgement_decode(receipts, arena, &acknowledgement) == REFUSAL_NONE) {
        size_t length = (size_t)snprintf(text, size, "%s at %llu,", names[packet.content],
                                         (unsigned long long)acknowledgement.position.sequence);
        for (size_t i = 0; i < acknowledgement.receipt_count && length < size; i++) {
            const struct receipt *receipt = &acknowledgement.receipts[i];
            length +=
                (size_t)snprintf(text + length, size - length, " lane %d to %llu.%llu+%zu",
                                 (int)receipt->lane, (unsigned long long)receipt->incarnation,
                                 (unsigned long long)receipt->contiguous, receipt->beyond_bytes);
        }
        for (size_t i = 0; i < acknowledgement.not_taken_count && length < size; i++) {
            const struct not_taken *not_taken = &acknowledgement.not_taken[i];
            length += (size_t)snprintf(text + length, size - length, " not %llu (%s)",
                                       (unsigned long long)not_taken->number,
                                       refusal_text(not_taken->refusal));
        }
    } else {
        (void)snprintf(text, size, "%s", names[packet.content]);
    }
    return text;
}

static void say_frame(struct party *node, enum way way, struct bytes frame, const char *what) {
    struct world *world = node->world;
    char text[160];
    trace_bytes(&world->trace, frame);
    trace_say(&world->trace, world->now_ms, "%s %s hub %s: %s", node->own.org.text,
              way == WAY_UP ? "->" : "<-", what,
              describe(world->reading, frame, text, sizeof(text)));
}

bool link_admits(struct party *node) {
    struct party *hub = &node->world->parties[HUB];
    struct store_txn *view;
    struct org_id org = {0};
    struct public_key key;
    memcpy(key.bytes, node->curve_public.bytes, sizeof(key.bytes));
    if (!hub->alive || store_begin_read(hub->store, &view) < 0) {
        return false;
    }
    int r = member_by_curve_key(view, &key, &org);
    store_abort(view);
    return r == 0 && org_id_equal(&org, &node->own.org);
}

static void carry_once(struct party *node, enum way way, struct bytes frame, int64_t extra_ms) {
    struct world *world = node->world;
    struct direction *direction = &node->link.ways[way];
    int64_t delay_ms = (int64_t)world_option(world, OPTION_delay_ms);
    int64_t arrival_ms =
        world->now_ms + 1 + dice_between(&direction->delay, 0, delay_ms) + extra_ms;
    bool reordered = dice_chance(&direction->reorder, world_option(world, OPTION_reorder_ppm));
    if (!reordered && arrival_ms < direction->last_arrival_ms) {
        arrival_ms = direction->last_arrival_ms;
    }
    direction->last_arrival_ms =
        arrival_ms > direction->last_arrival_ms ? arrival_ms : direction->last_arrival_ms;
    struct step step = {
        .at_ms = arrival_ms,
        .kind = way == WAY_UP ? STEP_FRAME_UP : STEP_FRAME_DOWN,
        .party = node->index,
        .detail = node->link.epoch,
        .frame = frame,
    };
    agenda_add(world->agenda, &step);
    direction->in_flight++;
}

void link_carry(struct party *node, enum way way, struct bytes frame, int64_t extra_ms) {
    struct world *world = node->world;
    struct direction *direction = &node->link.ways[way];
    bool lost = dice_chance(&direction->loss, world_option(world, OPTION_loss_ppm));
    bool twice = dice_chance(&direction->duplicate, world_option(world, OPTION_duplicate_ppm));
    if (lost || (world->faults && world->now_ms < direction->blocked_until_ms)) {
        say_frame(node, way, frame, "lost");
        return;
    }
    carry_once(node, way, frame, extra_ms);
    if (twice) {
        carry_once(node, way, frame, extra_ms + 1);
    }
}

static bool is_posting(struct arena *arena, struct bytes frame) {
    struct packet packet;
    arena_reset(arena);
    return packet_decode(frame, arena, &packet) == REFUSAL_NONE && packet.content == PACKET_POSTING;
}

int link_send(struct party *node, enum way way, struct bytes frame) {
    struct world *world = node->world;
    struct direction *direction = &node->link.ways[way];
    uint64_t room = world_option(world, OPTION_link_frames);
    if (!node->link.up) {
        return ERR_NOT_FOUND;
    }
    if (room > 0 && direction->in_flight >= room) {
        trace_say(&world->trace, world->now_ms, "%s's link is full", node->own.org.text);
        return ERR_AGAIN;
    }
    if (way == WAY_UP) {
        model_node_sent(&world->model, node->index, frame, node->store);
    } else {
        model_hub_sent(&world->model, node->index, frame, world->parties[HUB].store);
    }
    hostile_capture(node, way, frame);
    link_carry(node, way, frame, 0);
    if (is_posting(world->reading, frame)) { /* it may have to be sent again */
        party_hurry(way == WAY_UP ? node : &world->parties[HUB]);
    }
    return 0;
}

void link_up(struct party *node) {
    struct world *world = node->world;
    node->link.up = true;
    node->link.epoch++;
    node->link.ways[WAY_UP].in_flight = 0;
    node->link.ways[WAY_DOWN].in_flight = 0;
    trace_say(&world->trace, world->now_ms, "%s connects", node->own.org.text);
    if (node->node != NULL) {
        node_connected(node->node);
        party_hurry(node);
    }
}

void link_down(struct party *node, const char *why) {
    struct world *world = node->world;
    if (!node->link.up) {
        return;
    }
    node->link.up = false;
    node->link.epoch++;
    trace_say(&world->trace, world->now_ms, "%s loses its connection: %s", node->own.org.text, why);
    if (node->node != NULL) {
        node_lost(node->node);
    }
    if (world->parties[HUB].hub != NULL) {
        hub_lost(world->parties[HUB].hub, &node->own.org);
    }
    world_add(world, dice_between(&node->link.breaks, SECOND_MS, 30 * SECOND_MS), STEP_CONNECT,
              node->index, 0);
}

/* A negative control: the hub says "safe" when a message has only reached it. */
static void acknowledge_early(struct party *node, struct bytes frame) {
    struct world *world = node->world;
    struct party *hub = &world->parties[HUB];
    struct packet packet;
    struct envelope envelope;
    struct bytes encoded;
    arena_reset(world->arena);
    if (packet_decode(frame, world->arena, &packet) != REFUSAL_NONE ||
        packet.content != PACKET_POSTING ||
        envelope_decode(packet.posting.envelope, world->arena, &envelope) != REFUSAL_NONE) {
        return;
    }
    struct receipt receipt = {
        .lane = envelope.lane, .incarnation = envelope.incarnation, .contiguous = envelope.number};
    struct acknowledgement acknowledgement = {
        .sender = hub->own,
        .recipient = node->own,
        .now_ms = party_now(hub),
        .has_position = true,
        .position = {.epoch = 1, .sequence = world->model.seen, .head = world->model.head},
        .directory = envelope.directory,
        .receipts = &receipt,
        .receipt_count = 1,
    };
    struct packet answer = {.content = PACKET_ACKNOWLEDGEMENT};
    int r = acknowledgement_encode(&acknowledgement, world->arena,
                                   &answer.acknowledgement.acknowledgement);
    assert(r == 0);
    struct signature signature =
        sign_bytes(&hub->sign_secret, "acknowledgement/v1", answer.acknowledgement.acknowledgement);
    answer.acknowledgement.signature = BYTES_OF(signature);
    r = packet_encode(&answer, world->arena, &encoded);
    assert(r == 0);
    (void)!link_send(node, WAY_DOWN, encoded);
}

static int receive(struct party *to, const struct party *node, struct bytes frame) {
    return to->hub != NULL ? hub_receive(to->hub, &node->own.org, frame)
                           : node_receive(to->node, frame);
}

void link_arrive(struct world *world, struct step *step) {
    struct party *node = &world->parties[step->party];
    enum way way = step->kind == STEP_FRAME_UP ? WAY_UP : WAY_DOWN;
    struct party *to = way == WAY_UP ? &world->parties[HUB] : node;
    if (step->detail != node->link.epoch || !node->link.up) {
        return; /* of a connection that is gone */
    }
    node->link.ways[way].in_flight--;
    if (to->hostile || !to->alive) {
        return;
    }
    say_frame(node, way, step->frame, "gets");
    if (way == WAY_UP && world->families != NULL) {
        family_model_heard(&world->families->model, node->index, party_now(to));
    }
    int r = receive(to, node, step->frame);
    if (r == ERR_AGAIN) {
        party_run(to, false);
        if (!to->alive || !node->link.up) {
            return;
        }
        r = receive(to, node, step->frame);
    }
    if (r < 0 && r != ERR_TOO_LARGE) {
        model_broken(&world->model, VIOLATION_ERROR, "a frame can't be queued: %s", err_text(r));
    }
    party_wake(to);
    if (way == WAY_UP && world->options.value[OPTION_early_ack] != 0 && world->faults) {
        acknowledge_early(node, step->frame);
    }
}
