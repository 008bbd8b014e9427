#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/civil.h"
#include "shared/members/directory.h"
#include "tests/sim/world.h"

/* From invitation to membership, as the shells do it: the request goes out again, the same bytes,
 * until it's answered. */

/* Where families live not all are alike: a desk where volunteers can ask to be called back, a group
 * that may only take part of a consent, holidays with and without a deputy. */
static void make_various(const struct party *node, int32_t today, struct member *ret) {
    static struct nis desk = {34022};
    static struct closure closed[NODES_MAX + 1];
    struct closure *own = &closed[node->index];
    if (node->index == 1) {
        ret->onthaal = &desk;
        ret->onthaal_count = 1;
    }
    if (node->index == node->world->node_count) {
        ret->kind = ORG_KIND_VOLUNTEERS;
        ret->competence = COMPETENCE_OPEN;
        ret->may_take_consent = CONSENT_RIGHT_LIMITED;
    }
    *own = (struct closure){.from_day = today + 10 * node->index,
                            .until_day = today + 10 * node->index + 6};
    if (node->index % 2 == 0) {
        own->deputy = node->world->parties[1].own.org;
    }
    ret->closures = own;
    ret->closure_count = 1;
}

static void make_application(const struct party *node, struct join_application *ret) {
    int32_t today = day_of_instant(node->world->begin_ms);
    *ret = (struct join_application){
        .organisation = node->own.org,
        .hub = node->own.hub,
        .now_ms = node->world->now_ms,
        .member = {.kind = ORG_KIND_OCMW,
                   .competence = COMPETENCE_TERRITORIAL,
                   .role = MEMBER_ROLE_NODE,
                   .may_take_consent = CONSENT_RIGHT_FULL,
                   .contact_from_day = today},
    };
    struct member *member = &ret->member;
    if (node->world->families != NULL) {
        make_various(node, today, member);
    }
    memcpy(member->name, node->own.org.text, sizeof(node->own.org.text));
    memcpy(member->curve.bytes, node->curve_public.bytes, sizeof(member->curve.bytes));
    memcpy(member->sign.bytes, node->sign_public.bytes, sizeof(member->sign.bytes));
    for (size_t i = 0; i < node->seal_count; i++) {
        const struct seal_pair *pair = &node->seals[i];
        struct public_key *named = pair->contact ? &member->contact : &member->seal;
        if (pair->life == node->store_life) {
            memcpy(named->bytes, pair->public.bytes, sizeof(named->bytes));
            member->seal_until_day = pair->contact ? member->seal_until_day : pair->until_day;
        }
    }
}

void joining_invited(struct party *node, const struct invitation *invitation) {
    struct arena *arena = node->world->arena;
    struct join_application application;
    struct packet packet = {.content = PACKET_JOIN_REQUEST};
    struct bytes encoded;
    make_application(node, &application);
    arena_reset(arena);
    int r = join_application_encode(&application, arena, &encoded);
    assert(r == 0);
    r = join_compose(invitation, encoded, &node->sign_secret, arena, &packet.join_request);
    assert(r == 0);
    r = packet_encode(&packet, arena, &encoded);
    assert(r == 0);
    uint8_t *copy = malloc(encoded.length);
    assert(copy != NULL);
    memcpy(copy, encoded.data, encoded.length);
    node->joiner.request = (struct bytes){.data = copy, .length = encoded.length};
    node->joiner.invited = false; /* until the hub's command is done */
}

void joining_step(struct party *node) {
    struct world *world = node->world;
    struct joiner *joiner = &node->joiner;
    if (joiner->approved) {
        return;
    }
    if (joiner->request.length == 0) {
        struct invitation invitation = {.hub = node->own.hub,
                                        .expires_ms = world->now_ms + 7 * (int64_t)DAY_MS};
        dice_fill(&world->crypto, invitation.id.bytes, sizeof(invitation.id.bytes));
        dice_fill(&world->crypto, invitation.secret, sizeof(invitation.secret));
        joining_invited(node, &invitation);
        work_invite(world, node, &invitation);
    } else if (joiner->invited) {
        struct step step = {.at_ms =
                                world->now_ms + 1 + (int64_t)world_option(world, OPTION_delay_ms),
                            .kind = STEP_STRANGER,
                            .party = node->index,
                            .frame = joiner->request};
        if (!dice_chance(&node->link.ways[WAY_UP].loss, world_option(world, OPTION_loss_ppm))) {
            agenda_add(world->agenda, &step);
        }
    }
    world_add(world, 20 * SECOND_MS, STEP_JOIN, node->index, 0);
}

void joining_answered(struct party *node, struct bytes frame) {
    struct world *world = node->world;
    struct packet packet;
    arena_reset(world->arena);
    if (node->joiner.approved || packet_decode(frame, world->arena, &packet) != REFUSAL_NONE ||
        packet.content != PACKET_JOIN_ANSWER) {
        return;
    }
    const struct join_answer *answer = &packet.join_answer;
    trace_say(&world->trace, world->now_ms, "%s asked to join: state %d, %s", node->own.org.text,
              (int)answer->state,
              answer->refusal == REFUSAL_NONE ? "fine" : refusal_text(answer->refusal));
    if (answer->state ==
        JOIN_WAITING) { /* a person looks now and then: the hub may say "not yet" */
        if (world->now_ms >= node->joiner.look_ms) {
            node->joiner.look_ms = world->now_ms + 30 * (int64_t)MINUTE_MS;
            work_member(world, HUB_COMMAND_APPROVE, node);
        }
    } else if (answer->state == JOIN_REFUSED && !refusal_is_final(answer->refusal)) {
        return; /* asks again */
    } else if (answer->state == JOIN_REFUSED && node->hostile) {
        return; /* it also tried with other requests than its own */
    } else if (answer->state == JOIN_REFUSED) {
        model_broken(&world->model, VIOLATION_REFUSED, "%s's request to join: %s",
                     node->own.org.text, refusal_text(answer->refusal));
    } else {
        node->joiner.approved = true;
        node->link.wanted = true;
        party_start(node);
        world_add(world, SECOND_MS, STEP_CONNECT, node->index, 0);
    }
}
