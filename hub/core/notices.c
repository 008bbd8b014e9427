#include "hub/core/notices.h"

#include <string.h>

#include "hub/core/family_store.h"
#include "shared/consent/consent.h"
#include "shared/crypto/box.h"
#include "shared/post/outbox.h"

/* The body of FACT_POSTED: this, run: the envelope, run: its signature. */
struct posted_head {
    struct org_id receiver;
    uint8_t lane;
};
_Static_assert(sizeof(struct posted_head) == sizeof(struct org_id) + 1,
               "in journals it lies without a gap");

enum { POSTED_SLACK_BYTES = 64 + SIGNATURE_BYTES };

struct post {
    struct hub *hub;
    const struct turn_view *view;
    struct stream stream;
    enum message_kind kind;
    struct decision *decision;
};

static struct posted_head posted_head(const struct stream *stream) {
    return (struct posted_head){.receiver = stream->recipient.org, .lane = (uint8_t)stream->lane};
}

static int add_posted(const struct hub *hub, const struct turn_view *view,
                      const struct stream *stream, struct bytes envelope, struct decision *ret) {
    const struct signature signature =
        sign_bytes(hub->params.keys.sign_secret, ENVELOPE_DOMAIN, envelope);
    const struct posted_head head = posted_head(stream);
    struct buf buf = decision_buf(view, sizeof(head) + envelope.length + POSTED_SLACK_BYTES);
    buf_raw(&buf, BYTES_OF(head));
    buf_run(&buf, envelope);
    buf_run(&buf, BYTES_OF(signature));
    return decision_add(ret, FACT_POSTED, &buf);
}

int notices_post_again(const struct hub *hub, const struct turn_view *view,
                       const struct envelope *envelope, struct decision *ret) {
    const struct stream stream = {
        .sender = envelope->sender, .recipient = envelope->recipient, .lane = envelope->lane};
    struct bytes encoded = {0};
    int r = envelope_encode(envelope, view->arena, &encoded);
    return r < 0 ? r : add_posted(hub, view, &stream, encoded, ret);
}

static int post_body(const struct post *post, struct bytes body) {
    const struct turn_view *view = post->view;
    const struct posted_head head = posted_head(&post->stream);
    struct outbox_draft draft = {
        .kind = post->kind,
        .created_ms = view->now_ms,
        .body = body,
        .ahead = decision_count(post->decision, FACT_POSTED, BYTES_OF(head)),
    };
    struct bytes envelope = {0};
    rng_fill(view->rng, draft.id.bytes, sizeof(draft.id.bytes));
    int r = directory_head(view->txn, &draft.directory);
    if (r == 0) {
        r = outbox_compose(view->txn, &post->stream, &draft, view->arena, &envelope);
    }
    return r < 0 ? r : add_posted(post->hub, view, &post->stream, envelope, post->decision);
}

/* ERR_NOT_FOUND: nobody that could open it. */
static int seal_to(const struct post *post, struct bytes plain, struct sealed *ret) {
    const struct turn_view *view = post->view;
    static const struct public_key none;
    struct membership membership;
    uint8_t seed[32];
    int r = member_get(view->txn, &post->stream.recipient.org, view->arena, &membership);
    if (r < 0) {
        return r;
    }
    bool told = membership.active || post->kind == MESSAGE_KIND_TOMBSTONE;
    if (!told || memcmp(&membership.member.seal, &none, sizeof(none)) == 0) {
        return ERR_NOT_FOUND;
    }
    uint8_t *box = arena_alloc(view->arena, plain.length + BOX_OVERHEAD_BYTES, 1);
    if (box == NULL) {
        return ERR_NO_MEMORY;
    }
    struct curve_public receiver;
    memcpy(receiver.bytes, membership.member.seal.bytes, sizeof(receiver.bytes));
    memcpy(ret->key, receiver.bytes, sizeof(ret->key));
    rng_fill(view->rng, seed, sizeof(seed));
    r = box_seal(&receiver, seed, plain, box);
    ret->box = (struct bytes){.data = box, .length = plain.length + BOX_OVERHEAD_BYTES};
    return r == ERR_CRYPTO ? ERR_NOT_FOUND : r;
}

static int post_sealed(const struct post *post, struct bytes plain) {
    struct sealed sealed;
    struct bytes body = {0};
    int r = seal_to(post, plain, &sealed);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    r = sealed_encode(&sealed, post->view->arena, &body);
    return r < 0 ? r : post_body(post, body);
}

static struct post post_to(struct hub *hub, const struct turn_view *view, const struct org_id *to,
                           struct decision *decision) {
    return (struct post){
        .hub = hub,
        .view = view,
        .stream = {.sender = hub->own,
                   .recipient = {.org = *to, .hub = hub->own.hub},
                   .lane = LANE_ORDINARY},
        .kind = MESSAGE_KIND_NOTICE,
        .decision = decision,
    };
}

int notices_post(struct hub *hub, const struct turn_view *view, const struct org_id *to,
                 const struct notice *notice, struct decision *ret) {
    const struct post post = post_to(hub, view, to, ret);
    struct bytes plain = {0};
    int r = notice_encode(notice, view->arena, &plain);
    return r < 0 ? r : post_sealed(&post, plain);
}

int notices_post_tombstone(struct hub *hub, const struct turn_view *view, const struct org_id *to,
                           const struct tombstone *tombstone, struct decision *ret) {
    struct post post = post_to(hub, view, to, ret);
    struct bytes plain = {0};
    post.stream.lane = LANE_URGENT;
    post.kind = MESSAGE_KIND_TOMBSTONE;
    int r = tombstone_encode(tombstone, view->arena, &plain);
    return r < 0 ? r : post_sealed(&post, plain);
}

/* -- what a change of a family has to tell -- */

/* The board has no clock; on the wire that's 0. */
static int32_t told_day(int32_t day) {
    return day == FAMILY_DAY_NONE ? 0 : day;
}

static void fill_flag(const struct family_flag *flag, const struct family_notice *from,
                      struct notice_flag *ret) {
    *ret = (struct notice_flag){
        .id = flag->id,
        .kind = flag->kind,
        .state = flag->state,
        .yours = from->yours,
        .opened_day = flag->opened_day,
        .acknowledge_by_day = told_day(flag->acknowledge_by_day),
        .contact_by_day = told_day(flag->contact_by_day),
        .reason = flag->reason,
        .concern = flag->concern,
        .urgency = flag->urgency,
        .by = from->by,
    };
}

static const struct family_flag *flag_of(const struct family *family, const struct message_id *id) {
    for (size_t i = 0; i < family->flag_count; i++) {
        if (message_id_equal(&family->flags[i].id, id)) {
            return &family->flags[i];
        }
    }
    return NULL;
}

static int fill_notice(struct hub *hub, const struct turn_view *view, const struct family *family,
                       const struct family_notice *from, struct notice *ret) {
    const struct family_flag *flag = flag_of(family, &from->flag);
    *ret = (struct notice){
        .kind = from->kind,
        .purpose = PURPOSE_SUPPORT,
        .handle = family->handle,
        .token = family->signed_token,
        .about = from->about,
        .why = from->why,
    };
    rng_fill(view->rng, ret->id.bytes, sizeof(ret->id.bytes));
    if (flag != NULL) {
        fill_flag(flag, from, &ret->flag);
    }
    if (from->kind == NOTICE_ENDING) {
        ret->end_day = month_first_day(family->token.end_month);
    }
    if (from->origin != NULL) {
        ret->origin = *from->origin;
    }
    if (!from->with_contact) {
        return 0;
    }
    int r = family_envelope_get(view->txn, &hub->params.families, family, &from->to, view->arena,
                                &ret->contact);
    return r == ERR_NOT_FOUND ? 0 : r;
}

int notices_post_effects(struct hub *hub, const struct turn_view *view, const struct family *family,
                         const struct family_effects *effects, struct decision *ret) {
    for (size_t i = 0; i < effects->notice_count; i++) {
        struct notice notice;
        int r = fill_notice(hub, view, family, &effects->notices[i], &notice);
        if (r == 0) {
            r = notices_post(hub, view, &effects->notices[i].to, &notice, ret);
        }
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

/* -- apply -- */

int notices_apply(struct hub *hub, const struct turn_view *view, const struct fact *fact) {
    struct reader reader = reader_over(fact->body);
    struct posted_head head;
    read_raw(&reader, &head, sizeof(head));
    struct bytes envelope = read_run(&reader);
    struct bytes signature = read_run(&reader);
    if (reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    struct peer *peer = hub == NULL ? NULL : peers_find(hub->peers, &head.receiver);
    if (peer != NULL) {
        peer->has_post = true;
    }
    return outbox_push(view->txn, envelope, signature, view->arena);
}
