#include <string.h>

#include "hub/core/family_store.h"
#include "hub/core/journal.h"
#include "hub/core/state.h"
#include "shared/base/civil.h"

/* What a hub sends once a turn is durable. All of it can be lost: whoever misses it asks again. */

enum { SHRED_KEYS_MAX = 64, SHRED_AGAIN_MS = 10 * MINUTE_MS };

struct reply {
    struct hub *hub;
    struct store_txn *view;
    int64_t now_ms;
    struct arena *arena;
};

static int notice_of(const struct reply *reply, struct peer *peer, struct office_notice *ret) {
    *ret = (struct office_notice){
        .has_position = true,
        .not_taken = peer->not_taken,
        .not_taken_count = peer->not_taken_count,
    };
    int r = journal_position(reply->view, &ret->position);
    if (r == 0 && peer->greet && peer->hello.has_position) {
        ret->has_asked = true;
        ret->asked = peer->hello.position;
        r = journal_holds(reply->view, &ret->asked, &ret->holds_asked);
    }
    if (r == 0) {
        r = people_backed_up_to(reply->view, &ret->backed_up_to);
    }
    return r == 0 ? directory_head(reply->view, &ret->directory) : r;
}

static int send(const struct reply *reply, struct peer *peer, const struct packet *packet) {
    struct hub *hub = reply->hub;
    struct address to = {.org = peer->org, .hub = hub->params.hub};
    struct bytes encoded;
    int r = packet_encode(packet, reply->arena, &encoded);
    if (r < 0) {
        return r;
    }
    r = hub->params.links.send(hub->params.links.context, &to, encoded);
    if (r == ERR_NOT_FOUND) {
        peer->present = false;
    }
    return r;
}

static int welcome_of(const struct reply *reply, struct peer *peer,
                      const struct signed_acknowledgement *acknowledgement, struct packet *ret) {
    bool common = hello_speaks_ours(&peer->hello);
    *ret = (struct packet){
        .content = PACKET_WELCOME,
        .welcome = {.version = common ? WIRE_VERSION : 0,
                    .refusal = common ? REFUSAL_NONE : REFUSAL_UNKNOWN_VERSION,
                    .acknowledgement = *acknowledgement},
    };
    memcpy(ret->welcome.look_nonce, peer->look_nonce, sizeof(peer->look_nonce));
    if (!common || !peer->hello.wants_last_signal) {
        return 0;
    }
    int r = signals_last_body(reply->view, &peer->org, reply->arena, &ret->welcome.last_signal);
    return r == ERR_NOT_FOUND ? 0 : r;
}

static int answer(const struct reply *reply, struct peer *peer) {
    struct office_peer office;
    struct office_notice notice;
    struct packet packet = {.content = PACKET_ACKNOWLEDGEMENT};
    const struct office_desk desk = {
        .view = reply->view, .peer = &office, .now_ms = reply->now_ms, .arena = reply->arena};
    int r = hub_office_peer(reply->hub, reply->view, &peer->org, &office);
    if (r == 0) {
        r = notice_of(reply, peer, &notice);
    }
    if (r == 0) {
        r = office_acknowledge(&desk, &notice, reply->hub->params.keys.sign_secret,
                               &packet.acknowledgement);
    }
    if (r == 0 && peer->greet) {
        struct signed_acknowledgement acknowledgement = packet.acknowledgement;
        r = welcome_of(reply, peer, &acknowledgement, &packet);
    }
    if (r < 0) {
        return r;
    }
    reply->hub->acknowledgements++;
    return send(reply, peer, &packet);
}

/* What waits for somebody who left or was revoked stays where it is. */
static void post_to(const struct reply *reply, struct peer *peer) {
    const struct hub *hub = reply->hub;
    struct office_peer office;
    if (hub_office_peer(hub, reply->view, &peer->org, &office) < 0 ||
        office.role == MEMBER_ROLE_NONE) {
        peer->present = false;
        return;
    }
    struct address to = {.org = peer->org, .hub = hub->params.hub};
    const struct pump_link link = {.own = &hub->own,
                                   .peer = &to,
                                   .send = hub->params.links.send,
                                   .context = hub->params.links.context};
    /* A failure to read shows in the next turn's own reads; nothing is lost by not sending. */
    (void)!pump_run(&peer->pump, reply->view, &link, reply->now_ms);
}

static void serve(const struct reply *reply, struct peer *peer) {
    if (peer->owes || peer->greet) {
        (void)!answer(reply, peer);
        peer->owes = false;
        peer->greet = false;
        peer->not_taken_count = 0;
    }
    if (peer->has_post && peer->present && !peer->no_version) {
        peer->has_post = false;
        post_to(reply, peer);
    }
}

/* -- record keys that nothing uses any more -- */

static void shred(const struct reply *reply) {
    struct hub *hub = reply->hub;
    const struct hub_links *links = &hub->params.links;
    uint64_t keys[SHRED_KEYS_MAX];
    size_t count = 0;
    bool again = reply->now_ms - hub->shred_told_ms >= SHRED_AGAIN_MS;
    if (links->shred == NULL || (!hub->shred_due && !again) ||
        families_to_shred(reply->view, keys, SHRED_KEYS_MAX, &count) < 0) {
        return;
    }
    hub->shred_due = false;
    hub->shred_told_ms = reply->now_ms;
    if (count > 0) {
        links->shred(links->context, keys, count);
    }
}

void replies_send(struct hub *hub, int64_t now_ms, struct arena *arena) {
    struct reply reply = {.hub = hub, .now_ms = now_ms, .arena = arena};
    const struct arena_mark mark = arena_mark(arena);
    if (store_begin_read(hub->params.store, &reply.view) < 0) {
        return; /* nobody gets an answer this time: they ask again */
    }
    for (size_t i = 0; i < peers_count(hub->peers); i++) {
        struct peer *peer = peers_at(hub->peers, i);
        if (peer->owes || peer->greet || peer->has_post) {
            serve(&reply, peer);
            arena_rewind(arena, &mark);
        }
    }
    shred(&reply);
    store_abort(reply.view);
}
