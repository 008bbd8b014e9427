#include "tests/bench/family.h"

#include <string.h>

#include "shared/base/civil.h"
#include "shared/consent/consent.h"
#include "shared/crypto/hash.h"
#include "shared/post/kinds.h"
#include "shared/wire/family.h"
#include "shared/wire/packet.h"

enum { MOVED_BYTES = 840 }; /* a sealed struct card_moved with its proof, about */

void bench_family_make(uint32_t number, const struct hub_id *hub, struct bench_family *ret) {
    uint8_t bytes[4];
    struct card card = {0};
    be32_write(bytes, number);
    const struct digest digest = hash_of("bench-card/v1", BYTES_OF(bytes));
    memcpy(card.secret, digest.bytes, sizeof(card.secret));
    ret->handle = card_handle(&card, hub);
    ret->seed = card_presence_seed(&card, hub);
    presence_keys(&ret->seed, &ret->presence_public, &ret->presence);
    card_family_keys(&card, hub, &ret->family_public, &ret->family);
}

static int posting(struct bench_sender *sender, enum message_kind kind, struct bytes body,
                   struct arena *arena, struct bytes *ret) {
    const struct post_kind *known = post_kind_find(kind);
    struct envelope envelope = {
        .version = WIRE_VERSION,
        .sender = sender->own,
        .recipient = {.org = HUB_ORG, .hub = sender->own.hub},
        .lane = known->lane,
        .incarnation = 1,
        .number = ++sender->last[known->lane],
        .created_ms = sender->now_ms,
        .kind = kind,
        .body = body,
    };
    struct packet packet = {.content = PACKET_POSTING};
    const struct digest id = hash_of("bench-id/v1", body);
    memcpy(envelope.id.bytes, id.bytes, sizeof(envelope.id.bytes));
    envelope.id.bytes[0] ^= (uint8_t)envelope.number;
    int r = envelope_encode(&envelope, arena, &packet.posting.envelope);
    if (r < 0) {
        return r;
    }
    struct signature *signature = ARENA_NEW(arena, struct signature);
    if (signature == NULL) {
        return ERR_NO_MEMORY;
    }
    *signature = sign_bytes(&sender->keys->sign_secret, "envelope/v1", packet.posting.envelope);
    packet.posting.signature = BYTES_OF(*signature);
    return packet_encode(&packet, arena, ret);
}

static int proven_posting(struct bench_sender *sender, enum message_kind kind,
                          const struct proven *proven, struct arena *arena, struct bytes *ret) {
    struct bytes body;
    int r = proven_encode(proven, arena, &body);
    return r < 0 ? r : posting(sender, kind, body, arena, ret);
}

static int prove_support(const struct bench_sender *sender, const struct bench_family *family,
                         const struct bench_support *from, struct arena *arena,
                         struct proven *ret) {
    const bool ended = from->state == SUPPORT_ENDED;
    const struct support said = {
        .purpose = PURPOSE_SUPPORT,
        .handle = family->handle,
        .org = sender->own.org,
        .number = from->number,
        .kind = SUPPORT_PROFESSIONAL,
        .distance = SUPPORT_NEAR,
        .state = from->state,
        .why = ended ? END_FINISHED : END_REASON_NONE,
        .end_day = ended ? from->day : 0,
        .confirmed_day = from->day,
    };
    struct signature *signature = ARENA_NEW(arena, struct signature);
    struct bytes statement;
    int r = support_encode(&said, arena, &statement);
    if (r < 0 || signature == NULL) {
        return r < 0 ? r : ERR_NO_MEMORY;
    }
    *ret = consent_prove(&family->presence, SUPPORT_DOMAIN, statement, signature);
    return 0;
}

int bench_consent(struct bench_sender *sender, const struct bench_family *family,
                  const struct bench_consent *consent, struct arena *arena, struct bytes *ret) {
    const int32_t today = brussels_day(sender->now_ms);
    struct consent_token token = {
        .version = FAMILY_VERSION,
        .hub = sender->own.hub,
        .handle = family->handle,
        .number = 1,
        .scopes = {scope_bit(SCOPE_PRESENCE) | scope_bit(SCOPE_LOST_SUPPORT) |
                   scope_bit(SCOPE_FALLBACK)},
        .end_month = consent_end_month_max(today),
        .commitment = {{1}},
        .issuer = sender->own.org,
        .fallback_first = *consent->fallback,
    };
    struct consent_message message = {.purpose = PURPOSE_SUPPORT,
                                      .support_expected = !consent->own_support};
    const struct bench_support own = {.state = SUPPORT_ACTIVE, .number = 1, .day = today};
    const struct consent_signers signers = {.family = &family->family,
                                            .organisation = &sender->keys->sign_secret};
    struct bytes body;
    memcpy(token.family_key, family->family_public.bytes, sizeof(token.family_key));
    memcpy(token.presence_key, family->presence_public.bytes, sizeof(token.presence_key));
    int r = consent_token_sign(&token, &signers, arena, &message.token);
    if (r == 0 && consent->own_support) {
        r = prove_support(sender, family, &own, arena, &message.support);
    }
    if (r == 0) {
        r = consent_message_encode(&message, arena, &body);
    }
    return r < 0 ? r : posting(sender, MESSAGE_KIND_CONSENT, body, arena, ret);
}

int bench_support(struct bench_sender *sender, const struct bench_family *family,
                  const struct bench_support *support, struct arena *arena, struct bytes *ret) {
    struct proven proven;
    int r = prove_support(sender, family, support, arena, &proven);
    return r < 0 ? r : proven_posting(sender, MESSAGE_KIND_SUPPORT, &proven, arena, ret);
}

int bench_withdrawal(struct bench_sender *sender, const struct bench_family *family,
                     struct arena *arena, struct bytes *ret) {
    const struct withdrawal withdrawal = {
        .hub = sender->own.hub,
        .handle = family->handle,
        .basis = WITHDRAWAL_NEW_CARD,
        .org = sender->own.org,
        .at_ms = sender->now_ms,
    };
    struct signature signature;
    struct bytes statement;
    int r = withdrawal_encode(&withdrawal, arena, &statement);
    if (r < 0) {
        return r;
    }
    const struct proven proven =
        consent_prove(&family->presence, WITHDRAWAL_DOMAIN, statement, &signature);
    return proven_posting(sender, MESSAGE_KIND_WITHDRAWAL, &proven, arena, ret);
}

int bench_new_card(struct bench_sender *sender, const struct org_id *to, struct arena *arena,
                   struct bytes *ret) {
    static uint8_t box[MOVED_BYTES];
    struct new_card message = {
        .purpose = PURPOSE_SUPPORT, .to = *to, .content = {.box = BYTES_OF(box)}};
    struct bytes body;
    be64_write(box, sender->last[LANE_ORDINARY]); /* each another */
    memset(message.content.key, 1, sizeof(message.content.key));
    int r = new_card_encode(&message, arena, &body);
    return r < 0 ? r : posting(sender, MESSAGE_KIND_NEW_CARD, body, arena, ret);
}

int bench_look(const struct bench_family *family, const struct bench_look *from,
               struct arena *arena, struct bytes *ret) {
    struct look look = {
        .hub = *from->hub, .handle = family->handle, .org = *from->org, .at_ms = from->now_ms};
    struct packet packet = {.content = PACKET_LOOK_REQUEST};
    struct signature signature;
    struct bytes statement;
    memcpy(look.nonce, from->nonce, sizeof(look.nonce));
    memcpy(packet.look_request.id, from->nonce, sizeof(packet.look_request.id));
    int r = look_encode(&look, arena, &statement);
    if (r < 0) {
        return r;
    }
    const struct sign_secret *key = from->good ? &family->family : &family->presence;
    const struct proven proven = consent_prove(key, LOOK_DOMAIN, statement, &signature);
    packet.look_request.statement = proven.statement;
    packet.look_request.proof = proven.proof;
    return packet_encode(&packet, arena, ret);
}
