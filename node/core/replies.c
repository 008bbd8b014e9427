#include <string.h>

#include "node/core/memory.h"
#include "node/core/register.h"
#include "node/core/state.h"
#include "shared/base/limits.h"

/* What a node sends once a turn is durable. All of it can be lost: it's said again. */

enum { SHRED_AGAIN_MS = 600000, SHRED_KEYS_MAX = 64 };

struct reply {
    struct node *node;
    struct store_txn *view;
    int64_t now_ms;
    struct arena *arena;
};

static int send(const struct reply *reply, const struct packet *packet) {
    const struct node_links *links = &reply->node->params.links;
    struct bytes encoded;
    int r = packet_encode(packet, reply->arena, &encoded);
    return r < 0 ? r : links->send(links->context, encoded);
}

/* -- greeting -- */

static int hello_of(const struct reply *reply, struct packet *ret) {
    const struct node *node = reply->node;
    struct hearing_record heard;
    bool known;
    int r = hearing_record_get(reply->view, &heard);
    if (r == 0) {
        r = memory_known(reply->view, &known);
    }
    if (r < 0) {
        return r;
    }
    *ret = (struct packet){
        .content = PACKET_HELLO,
        .hello = {.version_min = WIRE_VERSION,
                  .version_max = WIRE_VERSION,
                  .organisation = node->params.own.org,
                  .now_ms = reply->now_ms,
                  .has_position = heard.position.epoch != 0,
                  .position = heard.position,
                  .wants_last_signal = !known || !node->greeted},
    };
    r = directory_head(reply->view, &ret->hello.directory);
    if (r < 0) {
        return r;
    }
    memcpy(ret->hello.software, node->params.software, sizeof(ret->hello.software) - 1);
    return 0;
}

/* Asked again after 2, 4, ... 60 seconds without an answer; once answered, a greeting each minute
 * shows a link that died without a word. */
static void greet(const struct reply *reply) {
    struct node *node = reply->node;
    struct packet packet;
    if (!node->linked || reply->now_ms < node->hello_due_ms) {
        return;
    }
    if (hello_of(reply, &packet) < 0) {
        return;
    }
    (void)!send(reply, &packet); /* a link that's full or gone: the same as a lost greeting */
    if (!node->awaiting) {
        node->silent_since_ms = reply->now_ms;
    }
    node->awaiting = true;
    node->hello_due_ms = reply->now_ms + node->hello_wait_ms;
    node->hello_wait_ms *= 2;
    if (node->hello_wait_ms > FLIGHT_WAIT_MAX_MS) {
        node->hello_wait_ms = FLIGHT_WAIT_MAX_MS;
    }
}

/* -- acknowledgement and post -- */

static void acknowledge(const struct reply *reply) {
    struct node *node = reply->node;
    struct office_peer hub;
    struct packet packet = {.content = PACKET_ACKNOWLEDGEMENT};
    const struct office_desk desk = {
        .view = reply->view, .peer = &hub, .now_ms = reply->now_ms, .arena = reply->arena};
    struct office_notice notice = {
        .not_taken = node->not_taken,
        .not_taken_count = node->not_taken_count,
    };
    int r = node_office_peer(node, reply->view, &hub);
    if (r == 0) {
        r = directory_head(reply->view, &notice.directory);
    }
    if (r == 0) {
        r = office_acknowledge(&desk, &notice, node->params.keys.sign_secret,
                               &packet.acknowledgement);
    }
    if (r == 0) {
        (void)!send(reply, &packet);
    }
    node->owes = false;
    node->not_taken_count = 0;
}

static int send_post(void *context, const struct address *peer, struct bytes packet) {
    const struct node *node = context;
    (void)peer; /* there is one */
    return node->params.links.send(node->params.links.context, packet);
}

static void post(const struct reply *reply) {
    struct node *node = reply->node;
    const struct outbox_keys keys = node_outbox_keys(node);
    const struct pump_link link = {.own = &node->params.own,
                                   .peer = &node->hub,
                                   .send = send_post,
                                   .context = node,
                                   .keys = &keys,
                                   .arena = reply->arena};
    /* A failure to read shows in the next turn's own reads; nothing is lost by not sending. */
    (void)!pump_run(&node->pump, reply->view, &link, reply->now_ms);
    for (int lane = 0; lane < LANES; lane++) {
        uint64_t sent_to = node->pump.flights[lane].sent_to;
        node->sent_to[lane] = sent_to > node->sent_to[lane] ? sent_to : node->sent_to[lane];
    }
}

/* -- keys -- */

static void shred(const struct reply *reply) {
    struct node *node = reply->node;
    const struct node_links *links = &node->params.links;
    uint64_t keys[SHRED_KEYS_MAX];
    size_t count = 0;
    if (!node->shred_due && reply->now_ms - node->shred_told_ms < SHRED_AGAIN_MS) {
        return;
    }
    if (register_to_shred(reply->view, keys, SHRED_KEYS_MAX, &count) < 0) {
        return;
    }
    node->shred_due = false;
    node->shred_told_ms = reply->now_ms;
    if (count > 0) {
        links->shred(links->context, keys, count);
    }
}

void node_replies_send(struct node *node, int64_t now_ms, struct arena *arena) {
    struct reply reply = {.node = node, .now_ms = now_ms, .arena = arena};
    struct node_standing own;
    if (store_begin_read(node->params.store, &reply.view) < 0) {
        return;
    }
    bool outside = node_standing(node, reply.view, &own) < 0 || (own.known && !own.active);
    if (!outside) { /* who was revoked or has left says nothing more */
        greet(&reply);
        if (node->owes) {
            acknowledge(&reply);
        }
        if (own.active && node->welcomed && !node->went_back) {
            post(&reply);
        }
    }
    shred(&reply);
    store_abort(reply.view);
}
