#include <string.h>

#include "hub/core/families.h"
#include "hub/core/flags.h"
#include "shared/base/civil.h"
#include "shared/consent/consent.h"
#include "shared/crypto/hash.h"

/* Looking by card: the one answer about presence that the hub gives. Whatever the question, the
 * same work is done and an answer of the same size goes back; only a good look leaves a trace, in
 * the family's own list. */

struct look_outcome {
    uint8_t next_nonce[LOOK_NONCE_BYTES];
    struct bytes packet; /* the reply, encoded */
};

/* The quota counts in memory: a restart of the hub forgives at most one hour of it. */
static bool within_quota(struct peer *peer, int64_t now_ms) {
    if (now_ms - peer->look_hour_ms >= HOUR_MS || now_ms < peer->look_hour_ms) {
        peer->look_hour_ms = now_ms;
        peer->looks = 0;
    }
    return peer->looks < LOOKS_PER_HOUR;
}

static struct digest digest_of(const struct look_request *request) {
    struct hash hash;
    hash_begin(&hash, "look-request/v1");
    hash_run(&hash, BYTES_OF(request->id));
    hash_run(&hash, request->statement);
    hash_run(&hash, request->proof);
    return hash_end(&hash);
}

/* Of several looks in one turn only the first has the nonce; decided again after a batch that
 * failed, it still has it. Known by all its bytes: the id is its sender's, who may give many the
 * same. */
static bool fresh(struct peer *peer, const struct look *look, const struct look_request *request) {
    static const uint8_t none[LOOK_NONCE_BYTES];
    if (memcmp(peer->look_nonce, none, sizeof(none)) == 0 ||
        memcmp(peer->look_nonce, look->nonce, sizeof(look->nonce)) != 0) {
        return false;
    }
    const struct digest this = digest_of(request);
    if (!peer->look_taken) {
        peer->look_taken = true;
        peer->look = this;
    }
    return memcmp(peer->look.bytes, this.bytes, sizeof(this.bytes)) == 0;
}

/* An unknown handle is checked too, against a key that nobody signs looks with. */
static bool proved(const struct family_work *work, const struct hub *hub,
                   const struct proven *proven) {
    struct sign_public key = hub->params.keys.sign_public;
    if (work->family != NULL) {
        memcpy(key.bytes, work->family->token.family_key, sizeof(key.bytes));
    }
    return consent_proved(proven, LOOK_DOMAIN, &key) && work->family != NULL;
}

/* Zeros, and no kind, for an organisation whose name says too much of the family, unless the family
 * wants it named: wherever it stands on the page. */
static int shown(const struct family_work *work, const struct org_id *org, struct org_id *ret,
                 enum org_kind *ret_kind) {
    struct membership member;
    const struct family_support *support = family_support_of(work->family, org);
    int r = member_get(work->view->txn, org, work->view->arena, &member);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    if (!member.member.hidden || (support != NULL && support->named)) {
        *ret = *org;
        *ret_kind = member.member.kind;
    }
    return 0;
}

static int fill_support(const struct family_work *work, const struct family_support *from,
                        struct look_support *ret) {
    *ret = (struct look_support){
        .kind = from->kind,
        .distance = from->distance,
        .state = from->state,
        .silent = from->silent || from->quiet,
        .since_day = from->since_day,
        .end_day = from->end_day == FAMILY_DAY_NONE ? 0 : from->end_day,
    };
    return shown(work, &from->org, &ret->org, &ret->org_kind);
}

static int fill_supports(const struct family_work *work, struct look_answer *ret) {
    const struct family *family = work->family;
    struct look_support *supports =
        ARENA_ARRAY(work->view->arena, struct look_support, FAMILY_SUPPORTS_MAX);
    if (supports == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < family->support_count; i++) {
        if (family->supports[i].state == SUPPORT_ENDED) {
            continue;
        }
        int r = fill_support(work, &family->supports[i], &supports[ret->support_count]);
        if (r < 0) {
            return r;
        }
        ret->support_count++;
    }
    ret->supports = supports;
    return 0;
}

static int fill_seen(const struct family_work *work, struct look_answer *ret) {
    const struct family *family = work->family;
    enum org_kind kind;
    ret->seen = ARENA_ARRAY(work->view->arena, struct look_seen, FAMILY_LOOKS_MAX);
    if (ret->seen == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = family->look_count; i > 0; i--) { /* the newest first */
        const struct family_look *from = &family->looks[i - 1];
        struct look_seen *to = &ret->seen[ret->seen_count++];
        *to = (struct look_seen){.day = from->day};
        int r = shown(work, &from->org, &to->org, &kind);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static int fill_flags(const struct family_work *work, struct look_answer *ret) {
    const struct family *family = work->family;
    enum org_kind kind;
    ret->flags = ARENA_ARRAY(work->view->arena, struct look_flag, FAMILY_FLAGS_MAX);
    if (ret->flags == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < family->flag_count; i++) {
        const struct family_flag *flag = &family->flags[i];
        if (flag->state == FLAG_CLOSED) {
            continue;
        }
        struct look_flag *to = &ret->flags[ret->flag_count++];
        *to = (struct look_flag){
            .kind = flag->kind, .state = flag->state, .opened_day = flag->opened_day};
        const struct org_id owner = flag_owner(flag);
        int r = owner.text[0] != '\0' ? shown(work, &owner, &to->turn, &kind) : 0;
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static int fill_asks(const struct family_work *work, struct look_answer *ret) {
    const struct family *family = work->family;
    enum org_kind kind;
    ret->asks = ARENA_ARRAY(work->view->arena, struct look_ask, FAMILY_ASKS_MAX);
    if (ret->asks == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < family->ask_count; i++) {
        const struct family_ask *ask = &family->asks[i];
        struct look_ask *to = &ret->asks[ret->ask_count++];
        *to = (struct look_ask){.service = ask->service,
                                .state = ask->state,
                                .reason = ask->reason,
                                .asked_day = ask->asked_day};
        int r = shown(work, &ask->to, &to->to, &kind);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static int fill_answer(const struct family_work *work, struct look_answer *ret) {
    *ret = (struct look_answer){.found = true, .token = work->family->signed_token};
    int r = fill_supports(work, ret);
    if (r == 0) {
        r = fill_seen(work, ret);
    }
    if (r == 0) {
        r = fill_flags(work, ret);
    }
    return r < 0 ? r : fill_asks(work, ret);
}

/* Who looked, for the family: once a day per organisation. */
static void remember(struct family *family, const struct org_id *org, int32_t today) {
    for (size_t i = 0; i < family->look_count; i++) {
        if (family->looks[i].day == today && org_id_equal(&family->looks[i].org, org)) {
            return;
        }
    }
    if (family->look_count == FAMILY_LOOKS_MAX) {
        memmove(&family->looks[0], &family->looks[1],
                (FAMILY_LOOKS_MAX - 1) * sizeof(family->looks[0]));
        family->look_count--;
    }
    family->looks[family->look_count++] = (struct family_look){.org = *org, .day = today};
}

static int decide_good(struct family_work *work, const struct look *look,
                       struct look_answer *answer, struct decision *ret) {
    if (!family_admit(work->family, &look->org)) {
        ret->refusal = REFUSAL_OVER_QUOTA; /* it gets the token, and couldn't hear of its end */
        return 0;
    }
    remember(work->family, &look->org, work->world.today);
    int r = fill_answer(work, answer);
    return r < 0 ? r : families_finish(work, CHANGE_LOOK, ret);
}

/* A consent past its end that time hasn't erased yet answers as if it were. */
static bool stands(const struct family_work *work, const struct hub *hub) {
    return hub->clock_halted || work->view->now_ms < consent_end_ms(work->family->token.end_month);
}

/* Whether all holds that a look needs; the signature is checked whatever the rest says. */
static bool is_good(const struct family_work *work, struct peer *peer, const struct look *look,
                    const struct look_request *request) {
    const struct hub *hub = work->hub;
    const struct proven proven = {.statement = request->statement, .proof = request->proof};
    bool good = proved(work, hub, &proven);
    good = fresh(peer, look, request) && good;
    good = org_id_equal(&look->org, &peer->org) && good;
    good = hub_id_equal(&look->hub, &hub->own.hub) && good;
    return good && stands(work, hub);
}

static int decide_known(struct hub *hub, const struct turn_view *view, struct peer *peer,
                        const struct look_request *request, struct look_answer *ret_answer,
                        struct decision *ret) {
    struct family_work work = {0};
    struct look look;
    ret->refusal = look_decode(request->statement, view->arena, &look);
    if (ret->refusal != REFUSAL_NONE) {
        return arena_judged(ret->refusal);
    }
    int r = families_load(hub, view, &look.handle, &work);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    if (r == ERR_NOT_FOUND) {
        work = (struct family_work){.hub = hub, .view = view};
    }
    return is_good(&work, peer, &look, request) ? decide_good(&work, &look, ret_answer, ret) : 0;
}

int looks_decide(struct hub *hub, const struct turn_view *view, const struct event *event,
                 const struct look_request *request, struct look_outcome **ret_outcome,
                 struct decision *ret) {
    struct packet packet = {.content = PACKET_LOOK_REPLY};
    struct look_answer answer = {.found = false};
    struct look_outcome *outcome = ARENA_NEW(view->arena, struct look_outcome);
    struct peer *peer = peers_get(hub->peers, &event->peer.org);
    if (outcome == NULL || peer == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = 0;
    if (view->short_of_room) { /* a look leaves a trace; "not found" would be untrue */
        ret->refusal = REFUSAL_NO_ROOM;
    } else if (within_quota(peer, view->now_ms)) {
        r = decide_known(hub, view, peer, request, &answer, ret);
    } else {
        ret->refusal = REFUSAL_OVER_QUOTA;
    }
    packet.look_reply.refusal = ret->refusal;
    if (r == 0 && ret->refusal == REFUSAL_NONE) {
        r = look_answer_encode(&answer, view->arena, &packet.look_reply.answer);
    }
    if (r < 0) {
        return r;
    }
    rng_fill(view->rng, outcome->next_nonce, sizeof(outcome->next_nonce));
    memcpy(packet.look_reply.id, request->id, sizeof(packet.look_reply.id));
    memcpy(packet.look_reply.next_nonce, outcome->next_nonce, sizeof(outcome->next_nonce));
    *ret_outcome = outcome;
    return packet_encode(&packet, view->arena, &outcome->packet);
}

void looks_answer(struct hub *hub, const struct org_id *org, const struct look_outcome *outcome) {
    const struct address to = {.org = *org, .hub = hub->params.hub};
    struct peer *peer = peers_find(hub->peers, org);
    if (peer == NULL) {
        return;
    }
    peer->looks++;
    peer->look_taken = false;
    memcpy(peer->look_nonce, outcome->next_nonce, sizeof(peer->look_nonce));
    /* An answer that doesn't get through is lost: the node asks again. */
    (void)!hub->params.links.send(hub->params.links.context, &to, outcome->packet);
}
