#include <string.h>

#include "node/core/family_mail.h"
#include "node/core/looks.h"
#include "node/core/memory.h"

/* What comes over the hub's link: welcomes, the directory, acknowledgements. */

enum { PING_EVERY_MS = 60000, NO_ROOM_RETRY_S = 5 };

/* What decide hands to outcome. */
struct arrival {
    enum packet_content content;
    enum refusal hello_refusal;
    bool owes;      /* acknowledge after this turn */
    bool not_taken; /* the posting of this stamp */
    bool entries;   /* the directory may have grown */
    struct stamp stamp;
    struct hearing hearing;
    struct look_news look;
    uint8_t look_nonce[LOOK_NONCE_BYTES]; /* of a welcome */
};

/* -- the directory -- */

/* The first entry is believed by the invitation's fingerprint, the others by the chain. */
static int judge_entry(struct store_txn *view, struct bytes bytes, struct arena *arena,
                       enum refusal *ret, uint64_t *ret_sequence) {
    struct directory_checked checked;
    struct node_founding founding;
    int r = directory_check(view, bytes, arena, &checked);
    if (r == 0) {
        r = founding_get(view, &founding);
    }
    if (r < 0) {
        return r;
    }
    *ret = checked.refusal;
    if (checked.refusal != REFUSAL_NONE) {
        return 0;
    }
    *ret_sequence = checked.entry.sequence;
    if (checked.entry.sequence == 1 && !digest_equal(&checked.hash, &founding.fingerprint)) {
        *ret = REFUSAL_BROKEN_CHAIN;
    }
    return 0;
}

/* The first one that we don't have. The others are judged as they're applied, for each stands on
 * what the one before it changed. */
static int judge_entries(const struct turn_view *view, const struct bytes *entries, size_t count,
                         enum refusal *ret) {
    enum refusal refusal = REFUSAL_STALE;
    for (size_t i = 0; i < count && refusal == REFUSAL_STALE; i++) {
        uint64_t sequence;
        int r = judge_entry(view->txn, entries[i], view->arena, &refusal, &sequence);
        if (r < 0) {
            return r;
        }
    }
    *ret = refusal == REFUSAL_STALE ? REFUSAL_NONE : refusal;
    return 0;
}

static int decide_directory(const struct turn_view *view, const struct office_mail *mail,
                            struct decision *ret) {
    struct bytes *entries;
    size_t count;
    if (view->short_of_room) {
        ret->refusal = REFUSAL_NO_ROOM;
        ret->retry_after_s = NO_ROOM_RETRY_S;
        return 0;
    }
    ret->refusal = directory_decode(mail->envelope.body, view->arena, &entries, &count);
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    int r = judge_entries(view, entries, count, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    struct buf buf = decision_buf(view, 256 + mail->envelope.body.length);
    stamp_write(&buf, &mail->stamp);
    buf_run(&buf, mail->envelope.body);
    return decision_add(ret, NODE_FACT_ENTRIES, &buf);
}

/* -- decide -- */

static int decide_mail(struct node *node, const struct turn_view *view,
                       const struct office_mail *mail, struct decision *ret) {
    switch ((int)mail->kind->kind) {
    case MESSAGE_KIND_DIRECTORY:
        return decide_directory(view, mail, ret);
    case MESSAGE_KIND_NOTICE:
    case MESSAGE_KIND_TOMBSTONE:
        return family_mail_decide(node, view, mail, ret);
    default:
        ret->refusal = REFUSAL_NOT_ALLOWED;
        return 0;
    }
}

static int decide_refused(const struct turn_view *view, const struct stamp *stamp,
                          struct decision *ret) {
    struct buf buf = decision_buf(view, 256);
    inbox_refused_write(&buf, stamp, ret->refusal);
    ret->fact_count = 0;
    return decision_add(ret, NODE_FACT_REFUSED, &buf);
}

static int decide_posting(struct node *node, const struct turn_view *view,
                          const struct event *event, const struct posting *posting,
                          struct decision *ret) {
    struct arrival *arrival = ret->core;
    struct office_peer hub;
    struct office_mail mail;
    struct office_verdict verdict;
    const struct office_desk desk = {.view = view->txn,
                                     .peer = &hub,
                                     .now_ms = view->now_ms,
                                     .clock_off = node->clock_halted,
                                     .arena = view->arena};
    int r = node_office_peer(node, view->txn, &hub);
    if (r == 0) {
        r = office_open(&desk, posting, &mail, &verdict);
    }
    if (r < 0) {
        return r;
    }
    ret->refusal = verdict.refusal;
    arrival->stamp = mail.stamp;
    arrival->owes = true;
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
        arrival->entries = mail.kind->kind == MESSAGE_KIND_DIRECTORY;
        r = decide_mail(node, view, &mail, ret);
    }
    if (r < 0 || ret->refusal == REFUSAL_NONE) {
        return r;
    }
    if (verdict.numbered && refusal_is_final(ret->refusal)) {
        return decide_refused(view, &mail.stamp, ret);
    }
    arrival->not_taken = mail.stamp.number != 0;
    return 0;
}

/* What the hub has of our figures; only the first welcome of this life is asked for it. */
static int decide_memory(struct node *node, const struct turn_view *view,
                         const struct welcome *welcome, struct decision *ret) {
    bool known;
    int r = memory_known(view->txn, &known);
    if (r < 0 || (node->greeted && known)) {
        return r;
    }
    bool nothing_new = known && welcome->last_signal.length == 0;
    if (nothing_new || memory_is_early(welcome->last_signal, view->now_ms, view->arena)) {
        return 0;
    }
    struct buf buf = decision_buf(view, welcome->last_signal.length + 1);
    buf_raw(&buf, welcome->last_signal);
    return decision_add(ret, NODE_FACT_MEMORY, &buf);
}

static int decide_welcome(struct node *node, const struct turn_view *view,
                          const struct welcome *welcome, struct decision *ret) {
    struct arrival *arrival = ret->core;
    struct node_founding founding;
    static const struct sign_public nobody;
    if (welcome->version != WIRE_VERSION) {
        bool told = welcome->refusal != REFUSAL_NONE;
        arrival->hello_refusal = told ? welcome->refusal : REFUSAL_UNKNOWN_VERSION;
        ret->refusal = arrival->hello_refusal;
        return 0;
    }
    int r = founding_get(view->txn, &founding);
    if (r < 0) {
        return r;
    }
    if (memcmp(&founding.hub_sign, &nobody, sizeof(nobody)) == 0) {
        return 0; /* the directory, which names the key, follows: then we greet again */
    }
    r = hearing_decide(node, view, &welcome->acknowledgement, &arrival->hearing, ret);
    bool heard = arrival->hearing.verified && !arrival->hearing.late && !arrival->hearing.went_back;
    return r == 0 && heard ? decide_memory(node, view, welcome, ret) : r;
}

int node_arrivals_decide(struct node *node, const struct turn_view *view, const struct event *event,
                         struct decision *ret) {
    struct packet packet;
    ret->refusal = packet_decode(event->frame, view->arena, &packet);
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    struct arrival *arrival = ARENA_NEW(view->arena, struct arrival);
    if (arrival == NULL) {
        return ERR_NO_MEMORY;
    }
    node->unknown_fields += packet.unknown_fields;
    arrival->content = packet.content;
    ret->core = arrival;
    switch (packet.content) {
    case PACKET_WELCOME:
        memcpy(arrival->look_nonce, packet.welcome.look_nonce, sizeof(arrival->look_nonce));
        return decide_welcome(node, view, &packet.welcome, ret);
    case PACKET_LOOK_REPLY:
        return looks_read(node, view, &packet.look_reply, &arrival->look);
    case PACKET_POSTING:
        return decide_posting(node, view, event, &packet.posting, ret);
    case PACKET_ACKNOWLEDGEMENT:
        return hearing_decide(node, view, &packet.acknowledgement, &arrival->hearing, ret);
    case PACKET_LOOK_REQUEST:
    case PACKET_HELLO:
    case PACKET_JOIN_REQUEST:
    case PACKET_JOIN_ANSWER:
    default:
        ret->refusal = REFUSAL_NOT_ALLOWED;
        return 0;
    }
}

/* -- outcome -- */

static void outcome_welcome(struct node *node, const struct arrival *arrival) {
    const struct hearing *hearing = &arrival->hearing;
    node->hello_refusal = arrival->hello_refusal;
    hearing_outcome(node, hearing);
    if (!hearing->verified || hearing->late) {
        return; /* the greeting is still unanswered */
    }
    node->awaiting = false;
    node->hello_wait_ms = FLIGHT_WAIT_MIN_MS;
    node->hello_due_ms = node->now_ms + PING_EVERY_MS;
    if (hearing->went_back) {
        return;
    }
    if (!node->welcomed) {
        pump_reset(&node->pump);
    }
    node->welcomed = true;
    node->greeted = true;
    looks_nonce(node, arrival->look_nonce);
}

static void outcome_posting(struct node *node, const struct arrival *arrival,
                            const struct decision *decision) {
    node->owes = node->owes || arrival->owes;
    if (arrival->entries && !node->welcomed) {
        node->hello_due_ms = node->now_ms; /* now we know the key that signs welcomes */
    }
    if (!arrival->not_taken || node->not_taken_count == NODE_NOT_TAKEN_MAX) {
        return;
    }
    node->not_taken[node->not_taken_count++] = (struct not_taken){
        .lane = arrival->stamp.stream.lane,
        .incarnation = arrival->stamp.incarnation,
        .number = arrival->stamp.number,
        .refusal = decision->refusal,
        .retry_after_s = decision->retry_after_s,
    };
}

void node_arrivals_outcome(struct node *node, const struct event *event,
                           const struct decision *decision) {
    const struct arrival *arrival = decision->core;
    (void)event;
    if (arrival == NULL) {
        return;
    }
    switch (arrival->content) {
    case PACKET_WELCOME:
        outcome_welcome(node, arrival);
        break;
    case PACKET_POSTING:
        outcome_posting(node, arrival, decision);
        break;
    case PACKET_ACKNOWLEDGEMENT:
        hearing_outcome(node, &arrival->hearing);
        break;
    case PACKET_LOOK_REPLY:
        looks_outcome(node, &arrival->look);
        break;
    case PACKET_LOOK_REQUEST:
    case PACKET_HELLO:
    case PACKET_JOIN_REQUEST:
    case PACKET_JOIN_ANSWER:
    default:
        break;
    }
}

/* -- apply -- */

static int learn_hub(const struct turn_view *view) {
    struct region region;
    struct node_founding founding;
    int r = directory_region(view->txn, view->arena, &region);
    if (r == 0) {
        r = founding_get(view->txn, &founding);
    }
    if (r < 0) {
        return r;
    }
    memcpy(founding.hub_sign.bytes, region.hub_sign.bytes, sizeof(founding.hub_sign.bytes));
    founding_put(view->txn, &founding);
    return 0;
}

/* A node keeps no journal to replay, so judging may stand here: the good entries before a bad one
 * stay, and the message is settled with the bad one's reason. */
static int apply_entries(const struct turn_view *view, struct bytes body) {
    struct reader reader = reader_over(body);
    struct stamp stamp;
    struct bytes *entries;
    size_t count;
    stamp_read(&reader, &stamp);
    struct bytes directory = read_run(&reader);
    if (reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    if (directory_decode(directory, view->arena, &entries, &count) != REFUSAL_NONE) {
        return ERR_NO_MEMORY; /* it decoded before it became a fact */
    }
    enum refusal refusal = REFUSAL_NONE;
    for (size_t i = 0; i < count; i++) {
        uint64_t sequence = 0;
        int r = judge_entry(view->txn, entries[i], view->arena, &refusal, &sequence);
        if (r == 0 && refusal == REFUSAL_NONE) {
            r = directory_apply(view->txn, entries[i], view->arena);
        }
        if (r == 0 && sequence == 1) {
            r = learn_hub(view);
        }
        if (r < 0) {
            return r;
        }
        if (refusal != REFUSAL_NONE && refusal != REFUSAL_STALE) {
            break;
        }
        refusal = REFUSAL_NONE;
    }
    if (refusal == REFUSAL_NONE || refusal_is_final(refusal)) {
        inbox_settle(view->txn, &stamp, refusal);
    }
    return 0;
}

int node_arrivals_apply(const struct turn_view *view, const struct fact *fact) {
    switch ((int)fact->type) {
    case NODE_FACT_ENTRIES:
        return apply_entries(view, fact->body);
    case NODE_FACT_TAKEN:
        return inbox_apply_taken(view->txn, fact->body);
    default:
        return inbox_apply_refused(view->txn, fact->body);
    }
}
