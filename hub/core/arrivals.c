#include <string.h>

#include "hub/core/families.h"
#include "hub/core/state.h"
#include "shared/base/civil.h"
#include "shared/post/outbox.h"

/* What comes over a member's link: greetings, messages, receipts. */

/* Work resumes within ten seconds of there being room; being asked meanwhile costs no write. */
enum { NO_ROOM_RETRY_S = 5 };

/* What decide hands to outcome. */
struct arrival {
    enum packet_content content;
    struct hello hello;
    bool skew_known;
    bool owes;          /* acknowledge after this turn */
    struct stamp stamp; /* of a posting that wasn't taken */
    bool not_taken;
    struct acknowledgement *acknowledgement; /* a member's, checked */
    struct look_outcome *look;
    uint8_t look_nonce[LOOK_NONCE_BYTES]; /* for who greets and has none yet */
};

static struct arrival *arrival_new(const struct turn_view *view, enum packet_content content,
                                   struct decision *ret) {
    struct arrival *arrival = ARENA_NEW(view->arena, struct arrival);
    if (arrival != NULL) {
        arrival->content = content;
        ret->core = arrival;
    }
    return arrival;
}

static int decide_refused(const struct turn_view *view, const struct stamp *stamp,
                          struct decision *ret) {
    struct buf buf = decision_buf(view, 256);
    inbox_refused_write(&buf, stamp, ret->refusal);
    return decision_add(ret, FACT_REFUSED, &buf);
}

/* What makes us hold less is taken whatever the room. */
static bool goes_without_room(enum message_kind kind) {
    return kind == MESSAGE_KIND_WITHDRAWAL || kind == MESSAGE_KIND_ERASED;
}

/* What it finds is applied before the next event, so it needs no room until the turn's end. */
static int decide_family(struct hub *hub, const struct turn_view *view,
                         const struct office_mail *mail, struct decision *ret) {
    struct turn_view own = *view;
    own.arena = hub->scratch;
    return families_decide_mail(hub, &own, mail, ret);
}

static int decide_body(struct hub *hub, const struct turn_view *view,
                       const struct office_mail *mail, struct decision *ret) {
    if (view->short_of_room && !goes_without_room(mail->kind->kind)) {
        ret->refusal = REFUSAL_NO_ROOM;
        ret->retry_after_s = NO_ROOM_RETRY_S;
        return 0;
    }
    switch (mail->kind->kind) {
    case MESSAGE_KIND_SIGNAL:
    case MESSAGE_KIND_STATUS:
        return signals_decide(hub, view, mail, ret);
    case MESSAGE_KIND_MEMBER_UPDATE:
        return joining_decide_update(hub, view, mail, ret);
    case MESSAGE_KIND_CONSENT:
    case MESSAGE_KIND_WITHDRAWAL:
    case MESSAGE_KIND_SUPPORT:
    case MESSAGE_KIND_ASK:
    case MESSAGE_KIND_ASK_ANSWER:
    case MESSAGE_KIND_CONCERN:
    case MESSAGE_KIND_FLAG_ANSWER:
    case MESSAGE_KIND_CALL_BACK:
    case MESSAGE_KIND_CALLED_BACK:
    case MESSAGE_KIND_NEW_CARD:
    case MESSAGE_KIND_ERASED:
        return decide_family(hub, view, mail, ret);
    case MESSAGE_KIND_DIRECTORY:
    case MESSAGE_KIND_NOTICE:
    case MESSAGE_KIND_TOMBSTONE:
    case MESSAGE_KIND_NONE:
    default:
        ret->refusal = REFUSAL_NOT_ALLOWED;
        return 0;
    }
}

/* A message that doesn't decode would be sent again for ever, and those behind it on its lane would
 * wait: where its place in a stream can still be read, it uses its number. */
static int settle_poison(const struct turn_view *view, const struct office_peer *peer,
                         const struct posting *posting, struct office_mail *mail,
                         struct office_verdict *verdict) {
    struct envelope head;
    enum inbox_verdict judged;
    bool poison = verdict->refusal == REFUSAL_MALFORMED || verdict->refusal == REFUSAL_TOO_LARGE ||
                  verdict->refusal == REFUSAL_UNKNOWN_VALUE;
    if (!poison || verdict->numbered || peer->role == MEMBER_ROLE_NONE ||
        !envelope_head_read(posting->envelope, &head) ||
        !address_equal(&head.sender, &peer->peer) || !address_equal(&head.recipient, &peer->own)) {
        return 0;
    }
    stamp_of_envelope(&head, &mail->stamp);
    int r = inbox_judge(view->txn, &mail->stamp, &judged);
    if (r < 0) {
        return r;
    }
    verdict->numbered = judged == INBOX_NEW || judged == INBOX_OUT_OF_ORDER;
    verdict->duplicate = judged == INBOX_DUPLICATE;
    return 0;
}

static int decide_posting(struct hub *hub, const struct turn_view *view, const struct event *event,
                          const struct posting *posting, struct decision *ret) {
    struct office_peer peer;
    struct office_mail mail = {0};
    struct office_verdict verdict = {0};
    struct arrival *arrival = arrival_new(view, PACKET_POSTING, ret);
    if (arrival == NULL) {
        return ERR_NO_MEMORY;
    }
    const struct office_desk desk = {.view = view->txn,
                                     .peer = &peer,
                                     .now_ms = view->now_ms,
                                     .clock_off = hub->clock_halted,
                                     .arena = view->arena};
    int r = hub_office_peer(hub, view->txn, &event->peer.org, &peer);
    if (r == 0) {
        r = office_open(&desk, posting, &mail, &verdict);
    }
    r = r == 0 ? arena_judged(verdict.refusal) : r;
    if (r == 0) {
        r = settle_poison(view, &peer, posting, &mail, &verdict);
    }
    if (r < 0) {
        return r;
    }
    hub->unknown_fields += mail.envelope.unknown_fields;
    ret->refusal = verdict.refusal;
    arrival->stamp = mail.stamp;
    arrival->owes = peer.role != MEMBER_ROLE_NONE;
    if (verdict.duplicate) {
        return 0;
    }
    if (verdict.known) {
        return decide_refused(view, &mail.stamp, ret);
    }
    if (verdict.numbered && event->deadly) {
        ret->refusal = REFUSAL_INTERNAL_FAULT;
    }
    if (verdict.numbered && ret->refusal == REFUSAL_NONE) {
        r = decide_body(hub, view, &mail, ret);
    }
    if (r < 0 || ret->refusal == REFUSAL_NONE) {
        return r;
    }
    if (verdict.numbered && view->short_of_room) {
        ret->refusal = REFUSAL_NO_ROOM; /* a refusal that is kept takes room too */
        ret->retry_after_s = NO_ROOM_RETRY_S;
        ret->fact_count = 0;
    }
    if (verdict.numbered && refusal_is_final(ret->refusal)) {
        return decide_refused(view, &mail.stamp, ret);
    }
    arrival->not_taken = arrival->owes && mail.stamp.number != 0;
    return 0;
}

/* Only receipts that settle something become facts; a repeated one is nothing new. */
static int decide_receipts(struct hub *hub, const struct turn_view *view, const struct event *event,
                           const struct signed_acknowledgement *packet, struct decision *ret) {
    struct office_peer peer;
    struct arrival *arrival = arrival_new(view, PACKET_ACKNOWLEDGEMENT, ret);
    struct acknowledgement *acknowledgement = ARENA_NEW(view->arena, struct acknowledgement);
    if (arrival == NULL || acknowledgement == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = hub_office_peer(hub, view->txn, &event->peer.org, &peer);
    if (r < 0) {
        return r;
    }
    if (peer.role == MEMBER_ROLE_NONE) {
        ret->refusal = REFUSAL_NOT_MEMBER;
        return 0;
    }
    ret->refusal = office_read_acknowledgement(&peer, packet, view->arena, acknowledgement);
    if (ret->refusal != REFUSAL_NONE) {
        return arena_judged(ret->refusal);
    }
    arrival->acknowledgement = acknowledgement;
    bool settles = false;
    for (size_t i = 0; i < acknowledgement->receipt_count && !settles; i++) {
        struct stream stream = {
            .sender = hub->own, .recipient = peer.peer, .lane = acknowledgement->receipts[i].lane};
        r = outbox_would_settle(view->txn, &stream, &acknowledgement->receipts[i], &settles);
        if (r < 0) {
            return r;
        }
    }
    if (!settles) {
        return 0;
    }
    struct buf buf = decision_buf(view, packet->acknowledgement.length + 16);
    buf_run(&buf, packet->acknowledgement);
    return decision_add(ret, FACT_RECEIVED, &buf);
}

/* The link let it in when it connected; it may have been revoked since. */
static int decide_hello(const struct hub *hub, const struct turn_view *view,
                        const struct event *event, const struct hello *hello,
                        struct decision *ret) {
    struct office_peer peer;
    int r = hub_office_peer(hub, view->txn, &event->peer.org, &peer);
    if (r < 0) {
        return r;
    }
    if (peer.role == MEMBER_ROLE_NONE) {
        ret->refusal = REFUSAL_NOT_MEMBER;
        return 0;
    }
    if (!org_id_equal(&hello->organisation, &event->peer.org)) {
        ret->refusal = REFUSAL_WRONG_SENDER;
        return 0;
    }
    struct arrival *arrival = arrival_new(view, PACKET_HELLO, ret);
    if (arrival == NULL) {
        return ERR_NO_MEMORY;
    }
    arrival->hello = *hello;
    rng_fill(view->rng, arrival->look_nonce, sizeof(arrival->look_nonce));
    if (!hello_speaks_ours(hello)) {
        return 0;
    }
    struct stream stream = {.sender = hub->own, .recipient = peer.peer, .lane = LANE_URGENT};
    return spread_decide_again(hub, view, &stream, hello->directory.sequence, ret);
}

static int decide_look(struct hub *hub, const struct turn_view *view, const struct event *event,
                       const struct look_request *request, struct decision *ret) {
    struct office_peer peer;
    int r = hub_office_peer(hub, view->txn, &event->peer.org, &peer);
    if (r < 0) {
        return r;
    }
    if (peer.role != MEMBER_ROLE_NODE) {
        ret->refusal = REFUSAL_NOT_MEMBER;
        return 0;
    }
    struct arrival *arrival = arrival_new(view, PACKET_LOOK_REQUEST, ret);
    return arrival == NULL ? ERR_NO_MEMORY
                           : looks_decide(hub, view, event, request, &arrival->look, ret);
}

int arrivals_decide(struct hub *hub, const struct turn_view *view, const struct event *event,
                    struct decision *ret) {
    struct packet packet;
    ret->refusal = packet_decode(event->frame, view->arena, &packet);
    if (ret->refusal != REFUSAL_NONE) {
        return arena_judged(ret->refusal);
    }
    hub->unknown_fields += packet.unknown_fields;
    switch (packet.content) {
    case PACKET_HELLO:
        return decide_hello(hub, view, event, &packet.hello, ret);
    case PACKET_POSTING:
        return decide_posting(hub, view, event, &packet.posting, ret);
    case PACKET_ACKNOWLEDGEMENT:
        return decide_receipts(hub, view, event, &packet.acknowledgement, ret);
    case PACKET_LOOK_REQUEST:
        return decide_look(hub, view, event, &packet.look_request, ret);
    case PACKET_WELCOME:
    case PACKET_JOIN_REQUEST:
    case PACKET_JOIN_ANSWER:
    case PACKET_LOOK_REPLY:
    default:
        ret->refusal = REFUSAL_NOT_ALLOWED;
        return 0;
    }
}

static void outcome_hello(struct hub *hub, struct peer *peer, const struct arrival *arrival) {
    static const uint8_t none[LOOK_NONCE_BYTES];
    if (memcmp(peer->look_nonce, none, sizeof(none)) == 0) {
        memcpy(peer->look_nonce, arrival->look_nonce, sizeof(peer->look_nonce));
    }
    peer->hello = arrival->hello;
    peer->greet = true;
    peer->has_post = true;
    peer->no_version = !hello_speaks_ours(&arrival->hello);
    peer->has_skew = instant_valid(arrival->hello.now_ms);
    peer->skew_ms = peer->has_skew ? arrival->hello.now_ms - hub->now_ms : 0;
    pump_reset(&peer->pump);
}

static void outcome_acknowledgement(struct hub *hub, struct peer *peer,
                                    const struct arrival *arrival) {
    const struct acknowledgement *acknowledgement = arrival->acknowledgement;
    peer->has_post = true;
    for (size_t i = 0; acknowledgement != NULL && i < acknowledgement->not_taken_count; i++) {
        const struct not_taken *not_taken = &acknowledgement->not_taken[i];
        flight_pause(&peer->pump.flights[not_taken->lane], hub->now_ms,
                     (int64_t)not_taken->retry_after_s * 1000);
    }
}

/* A no-room refusal of the turn itself comes without an arrival: the sender simply tries again. */
static void outcome_posting(struct peer *peer, const struct arrival *arrival,
                            const struct decision *decision) {
    peer->owes = peer->owes || arrival->owes;
    if (!arrival->not_taken || peer->not_taken_count == PEER_NOT_TAKEN_MAX) {
        return;
    }
    peer->not_taken[peer->not_taken_count++] = (struct not_taken){
        .lane = arrival->stamp.stream.lane,
        .incarnation = arrival->stamp.incarnation,
        .number = arrival->stamp.number,
        .refusal = decision->refusal,
        .retry_after_s = decision->retry_after_s,
    };
}

void arrivals_outcome(struct hub *hub, const struct event *event, const struct decision *decision) {
    const struct arrival *arrival = decision->core;
    if (decision->refusal == REFUSAL_NOT_MEMBER) {
        return;
    }
    struct peer *peer = peers_get(hub->peers, &event->peer.org);
    if (peer == NULL) {
        return;
    }
    peer->present = true;
    peer->heard_ms = hub->now_ms;
    if (arrival == NULL || decision->refusal == REFUSAL_WRONG_SENDER) {
        return;
    }
    switch (arrival->content) {
    case PACKET_HELLO:
        outcome_hello(hub, peer, arrival);
        break;
    case PACKET_ACKNOWLEDGEMENT:
        outcome_acknowledgement(hub, peer, arrival);
        break;
    case PACKET_POSTING:
        outcome_posting(peer, arrival, decision);
        break;
    case PACKET_LOOK_REQUEST:
        if (arrival->look != NULL) {
            looks_answer(hub, &event->peer.org, arrival->look);
        }
        break;
    case PACKET_WELCOME:
    case PACKET_JOIN_REQUEST:
    case PACKET_JOIN_ANSWER:
    case PACKET_LOOK_REPLY:
    default:
        break;
    }
}

static int apply_received(const struct turn_view *view, struct bytes body) {
    struct reader reader = reader_over(body);
    struct bytes bytes = read_run(&reader);
    struct acknowledgement acknowledgement;
    if (reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    /* Checked before it became a fact: only a full arena can stop it now. */
    if (acknowledgement_decode(bytes, view->arena, &acknowledgement) != REFUSAL_NONE) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < acknowledgement.receipt_count; i++) {
        struct stream stream = {.sender = acknowledgement.recipient,
                                .recipient = acknowledgement.sender,
                                .lane = acknowledgement.receipts[i].lane};
        struct outbox_settled settled;
        struct outbox_receipt from = {.stream = &stream, .receipt = &acknowledgement.receipts[i]};
        int r = outbox_settle(view->txn, &from, view->arena, &settled);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int arrivals_apply(const struct turn_view *view, const struct fact *fact) {
    return fact->type == FACT_REFUSED ? inbox_apply_refused(view->txn, fact->body)
                                      : apply_received(view, fact->body);
}
