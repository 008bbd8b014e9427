#include "node/core/looks.h"

#include <string.h>

#include "shared/crypto/secret.h"

enum { LOOK_ARENA_BYTES = 64 << 10 };

static void told(struct node *node, const struct command *command, const struct look_answer *answer,
                 enum refusal refusal) {
    const struct node_links *links = &node->params.links;
    if (links->looked != NULL) {
        links->looked(links->context, command, answer, refusal);
    }
}

void looks_ask(struct node *node, const struct command *command) {
    const struct look_arguments *arguments = command->arguments;
    if (!node_may(command->actor.role, NODE_COMMAND_LOOK)) {
        told(node, command, NULL, REFUSAL_NOT_ALLOWED);
        return;
    }
    if (node->look_count == LOOKS_WAITING_MAX) {
        told(node, command, NULL, REFUSAL_BUSY);
        return;
    }
    node->looks[node->look_count++] = (struct look_wait){
        .command = command,
        .handle = card_handle(arguments->card, &node->params.own.hub),
    };
}

bool looks_waiting(const struct node *node) {
    return node->look_count > 0;
}

/* Forgets the first `index`-th, before who asked hears it: it may ask again from there. */
static const struct command *take(struct node *node, size_t index) {
    const struct command *command = node->looks[index].command;
    node->look_count--;
    memmove(&node->looks[index], &node->looks[index + 1],
            (node->look_count - index) * sizeof(node->looks[0]));
    return command;
}

static int statement_of(const struct node *node, const struct look_wait *wait, int64_t now_ms,
                        struct arena *arena, struct bytes *ret) {
    struct look look = {
        .hub = node->params.own.hub,
        .handle = wait->handle,
        .org = node->params.own.org,
        .at_ms = now_ms,
    };
    memcpy(look.nonce, node->look_nonce, sizeof(look.nonce));
    return look_encode(&look, arena, ret);
}

static int send(struct node *node, struct look_wait *wait, int64_t now_ms, struct arena *arena) {
    const struct look_arguments *arguments = wait->command->arguments;
    struct packet packet = {.content = PACKET_LOOK_REQUEST};
    struct sign_public public_key;
    struct sign_secret secret;
    struct signature signature;
    struct bytes statement = {0};
    struct bytes encoded = {0};
    int r = statement_of(node, wait, now_ms, arena, &statement);
    if (r < 0) {
        return r;
    }
    card_family_keys(arguments->card, &node->params.own.hub, &public_key, &secret);
    const struct proven proven = consent_prove(&secret, LOOK_DOMAIN, statement, &signature);
    secret_wipe(&secret, sizeof(secret));
    memcpy(packet.look_request.id, wait->id, sizeof(wait->id));
    packet.look_request.statement = proven.statement;
    packet.look_request.proof = proven.proof;
    r = packet_encode(&packet, arena, &encoded);
    return r < 0 ? r : node->params.links.send(node->params.links.context, encoded);
}

/* One that got no answer took the nonce along: a greeting brings another. */
static void give_up(struct node *node, int64_t now_ms) {
    for (size_t i = 0; i < node->look_count;) {
        struct look_wait *wait = &node->looks[i];
        if (wait->since_ms == 0 || wait->since_ms > now_ms) {
            wait->since_ms = now_ms;
        }
        if (now_ms - wait->since_ms < LOOK_WAIT_MS) {
            i++;
            continue;
        }
        node->hello_due_ms = wait->sent ? now_ms : node->hello_due_ms;
        told(node, take(node, i), NULL, REFUSAL_NO_ANSWER);
    }
}

/* -- what it showed -- */

static bool is_fresh(const struct look_shown *shown, int64_t now_ms) {
    return shown->at_ms != 0 && now_ms >= shown->at_ms && now_ms - shown->at_ms < LOOK_SHOWN_MS;
}

static void forget_shown(struct node *node, int64_t now_ms) {
    for (size_t i = 0; i < LOOKS_WAITING_MAX; i++) {
        if (!is_fresh(&node->shown[i], now_ms)) {
            node->shown[i] = (struct look_shown){.at_ms = 0};
        }
    }
}

void looks_show(struct node *node, const struct consent_token *token, int64_t now_ms) {
    size_t place = node->shown_next;
    for (size_t i = 0; i < LOOKS_WAITING_MAX; i++) {
        if (family_handle_equal(&node->shown[i].token.handle, &token->handle)) {
            place = i;
        }
    }
    node->shown_next =
        place == node->shown_next ? (place + 1) % LOOKS_WAITING_MAX : node->shown_next;
    node->shown[place] = (struct look_shown){.token = *token, .at_ms = now_ms};
}

const struct consent_token *looks_shown(const struct node *node, const struct family_handle *handle,
                                        int64_t now_ms) {
    for (size_t i = 0; i < LOOKS_WAITING_MAX; i++) {
        const struct look_shown *shown = &node->shown[i];
        if (is_fresh(shown, now_ms) && family_handle_equal(&shown->token.handle, handle)) {
            return &shown->token;
        }
    }
    return NULL;
}

void looks_run(struct node *node, int64_t now_ms, struct rng *rng) {
    struct arena *arena;
    give_up(node, now_ms);
    forget_shown(node, now_ms);
    struct look_wait *wait = &node->looks[0];
    if (node->look_count == 0 || wait->sent || !node->welcomed) {
        return;
    }
    if (!node->has_look_nonce) {
        node->hello_due_ms = node->awaiting ? node->hello_due_ms : now_ms;
        return;
    }
    if (arena_new(LOOK_ARENA_BYTES, &arena) < 0) {
        return;
    }
    rng_fill(rng, wait->id, sizeof(wait->id));
    if (send(node, wait, now_ms, arena) == 0) {
        wait->sent = true;
        node->has_look_nonce = false;
    }
    arena_free(arena);
}

/* -- the answer -- */

static bool is_under_way(const struct node *node, const uint8_t id[static 16]) {
    return node->look_count > 0 && node->looks[0].sent &&
           memcmp(node->looks[0].id, id, sizeof(node->looks[0].id)) == 0;
}

static int judge_answer(struct node *node, const struct turn_view *view, struct look_news *news) {
    if (!news->answer.found) {
        return 0;
    }
    int r = family_token_read(node, view, &news->answer.token, &news->token, &news->refusal);
    if (r < 0 || news->refusal != REFUSAL_NONE) {
        return r;
    }
    if (!family_handle_equal(&news->token.handle, &node->looks[0].handle)) {
        news->refusal = REFUSAL_BAD_SIGNATURE;
    }
    return 0;
}

int looks_read(struct node *node, const struct turn_view *view, const struct look_reply *reply,
               struct look_news *ret) {
    *ret = (struct look_news){.refusal = reply->refusal};
    memcpy(ret->id, reply->id, sizeof(ret->id));
    memcpy(ret->next_nonce, reply->next_nonce, sizeof(ret->next_nonce));
    if (!is_under_way(node, reply->id) || ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    ret->refusal = look_answer_decode(reply->answer, view->arena, &ret->answer);
    return ret->refusal == REFUSAL_NONE ? judge_answer(node, view, ret) : 0;
}

void looks_outcome(struct node *node, const struct look_news *news) {
    if (!is_under_way(node, news->id)) {
        return; /* an answer that came too late */
    }
    looks_nonce(node, news->next_nonce);
    if (news->refusal == REFUSAL_NONE && news->answer.found) {
        looks_show(node, &news->token, node->now_ms);
    }
    told(node, take(node, 0), news->refusal == REFUSAL_NONE ? &news->answer : NULL, news->refusal);
}

void looks_nonce(struct node *node, const uint8_t nonce[static LOOK_NONCE_BYTES]) {
    static const uint8_t none[LOOK_NONCE_BYTES];
    node->has_look_nonce = memcmp(nonce, none, sizeof(none)) != 0;
    memcpy(node->look_nonce, nonce, sizeof(node->look_nonce));
}

void looks_lost(struct node *node) {
    node->has_look_nonce = false;
    if (node->look_count > 0) {
        node->looks[0].sent = false;
    }
}
