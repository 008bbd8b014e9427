#include "tests/unit/hub/core/family_fixture.h"

#include "shared/crypto/box.h"

struct household household_make(const struct fixture *fixture, int number) {
    struct household household = {0};
    memset(household.card.secret, number, sizeof(household.card.secret));
    household.card.secret[0] = (uint8_t)(number >> 8);
    household.handle = card_handle(&household.card, &fixture->params.hub);
    household.seed = card_presence_seed(&household.card, &fixture->params.hub);
    presence_keys(&household.seed, &household.presence_public, &household.presence);
    card_family_keys(&household.card, &fixture->params.hub, &household.family_public,
                     &household.family);
    return household;
}

static int32_t today_of(const struct fixture *fixture) {
    return brussels_day(fixture->now_ms);
}

/* -- consent -- */

struct consent_token token_plain(const struct fixture *fixture, const struct household *household,
                                 const struct party *issuer, const struct party *first,
                                 const struct party *second) {
    struct consent_token token = {
        .version = FAMILY_VERSION,
        .hub = fixture->params.hub,
        .handle = household->handle,
        .number = household->token_number + 1,
        .scopes = {scope_bit(SCOPE_PRESENCE) | scope_bit(SCOPE_LOST_SUPPORT) |
                   scope_bit(SCOPE_CONCERN)},
        .end_month = consent_end_month_max(today_of(fixture)),
        .commitment = {{0xc0}},
        .issuer = issuer->org,
    };
    memcpy(token.family_key, household->family_public.bytes, sizeof(token.family_key));
    memcpy(token.presence_key, household->presence_public.bytes, sizeof(token.presence_key));
    if (first != NULL) {
        token.scopes.bits |= scope_bit(SCOPE_FALLBACK);
        token.fallback_first = first->org;
    }
    if (second != NULL) {
        token.fallback_second = second->org;
    }
    return token;
}

struct signed_token token_sign(struct fixture *fixture, const struct household *household,
                               const struct party *issuer, const struct consent_token *token) {
    const struct consent_signers signers = {.family = &household->family,
                                            .organisation = &issuer->secret};
    struct signed_token from;
    assert_int_equal(consent_token_sign(token, &signers, fixture->arena, &from), 0);
    return from;
}

struct consent_message consent_plain(struct fixture *fixture, const struct household *household,
                                     const struct party *issuer,
                                     const struct consent_token *token) {
    return (struct consent_message){
        .purpose = PURPOSE_SUPPORT,
        .token = token_sign(fixture, household, issuer, token),
    };
}

struct mail consent_mail(struct fixture *fixture, struct party *issuer,
                         const struct consent_message *message) {
    struct bytes body;
    assert_int_equal(consent_message_encode(message, fixture->arena, &body), 0);
    return mail_next(fixture, issuer, MESSAGE_KIND_CONSENT, body);
}

struct answer fixture_consent(struct fixture *fixture, struct household *household,
                              struct party *issuer, const struct party *first,
                              const struct party *second) {
    const struct consent_token token = token_plain(fixture, household, issuer, first, second);
    const struct consent_message message = consent_plain(fixture, household, issuer, &token);
    struct mail mail = consent_mail(fixture, issuer, &message);
    household->token_number = token.number;
    return fixture_post(fixture, issuer, &mail);
}

/* -- support -- */

struct support support_plain(const struct fixture *fixture, struct household *household,
                             const struct party *org) {
    return (struct support){
        .purpose = PURPOSE_SUPPORT,
        .handle = household->handle,
        .org = org->org,
        .number = ++household->support_number,
        .kind = SUPPORT_PROFESSIONAL,
        .distance = SUPPORT_NEAR,
        .state = SUPPORT_ACTIVE,
        .confirmed_day = today_of(fixture),
    };
}

static struct proven prove(struct fixture *fixture, const struct sign_secret *key,
                           const char *domain, struct bytes statement) {
    struct signature *memory = ARENA_NEW(fixture->arena, struct signature);
    assert_non_null(memory);
    return consent_prove(key, domain, statement, memory);
}

struct bytes proven_body(struct fixture *fixture, const struct sign_secret *key, const char *domain,
                         struct bytes statement) {
    const struct proven proven = prove(fixture, key, domain, statement);
    struct bytes body;
    assert_int_equal(proven_encode(&proven, fixture->arena, &body), 0);
    return body;
}

struct proven support_proof(struct fixture *fixture, const struct household *household,
                            const struct support *support) {
    struct bytes statement;
    assert_int_equal(support_encode(support, fixture->arena, &statement), 0);
    return prove(fixture, &household->presence, SUPPORT_DOMAIN, statement);
}

struct mail support_mail(struct fixture *fixture, struct party *sender,
                         const struct household *household, const struct support *support) {
    const struct proven proven = support_proof(fixture, household, support);
    struct bytes body;
    assert_int_equal(proven_encode(&proven, fixture->arena, &body), 0);
    return mail_next(fixture, sender, MESSAGE_KIND_SUPPORT, body);
}

struct answer fixture_support_as(struct fixture *fixture, struct household *household,
                                 struct party *org, const struct support *support) {
    struct mail mail = support_mail(fixture, org, household, support);
    return fixture_post(fixture, org, &mail);
}

struct answer fixture_support(struct fixture *fixture, struct household *household,
                              struct party *org) {
    const struct support support = support_plain(fixture, household, org);
    return fixture_support_as(fixture, household, org, &support);
}

/* -- the end -- */

struct mail withdrawal_mail(struct fixture *fixture, struct party *sender,
                            const struct household *household, enum withdrawal_basis basis) {
    const struct withdrawal withdrawal = {
        .hub = fixture->params.hub,
        .handle = household->handle,
        .basis = basis,
        .org = sender->org,
        .at_ms = fixture->now_ms,
    };
    const struct sign_secret *key =
        basis == WITHDRAWAL_CARD ? &household->family : &household->presence;
    struct bytes statement;
    assert_int_equal(withdrawal_encode(&withdrawal, fixture->arena, &statement), 0);
    return mail_next(fixture, sender, MESSAGE_KIND_WITHDRAWAL,
                     proven_body(fixture, key, WITHDRAWAL_DOMAIN, statement));
}

struct answer fixture_withdraw(struct fixture *fixture, struct party *sender,
                               const struct household *household, enum withdrawal_basis basis) {
    struct mail mail = withdrawal_mail(fixture, sender, household, basis);
    return fixture_post(fixture, sender, &mail);
}

struct answer fixture_erased(struct fixture *fixture, struct party *sender,
                             const struct message_id *tombstone) {
    const struct erased erased = {.tombstone = *tombstone, .at_ms = fixture->now_ms};
    struct bytes body;
    assert_int_equal(erased_encode(&erased, fixture->arena, &body), 0);
    struct mail mail = mail_next(fixture, sender, MESSAGE_KIND_ERASED, body);
    return fixture_post(fixture, sender, &mail);
}

/* -- what stands, and what was told -- */

struct family *fixture_family(struct fixture *fixture, const struct household *household) {
    struct store_txn *view = fixture_read(fixture);
    struct family *family = NULL;
    int r =
        family_get(view, &fixture->params.families, &household->handle, fixture->arena, &family);
    store_abort(view);
    assert_true(r == 0 || r == ERR_NOT_FOUND || r == ERR_CRYPTO);
    return r == 0 ? family : NULL;
}

/* The plaintext of the `index`-th posting of that kind to the party. */
static bool opened(struct fixture *fixture, const struct party *party, enum message_kind kind,
                   size_t index, struct bytes *ret) {
    for (size_t i = 0; i < fixture->sent_count; i++) {
        struct packet packet;
        struct envelope envelope;
        struct sealed sealed;
        assert_int_equal(packet_decode(fixture->sent[i].packet, fixture->arena, &packet),
                         REFUSAL_NONE);
        if (!org_id_equal(&fixture->sent[i].to, &party->org) || packet.content != PACKET_POSTING) {
            continue;
        }
        assert_int_equal(envelope_decode(packet.posting.envelope, fixture->arena, &envelope),
                         REFUSAL_NONE);
        if (envelope.kind != kind || index-- > 0) {
            continue;
        }
        assert_int_equal(sealed_decode(envelope.body, fixture->arena, &sealed), REFUSAL_NONE);
        uint8_t *plain = arena_alloc(fixture->arena, sealed.box.length, 1);
        assert_non_null(plain);
        assert_int_equal(box_open(&party->seal, sealed.box, plain), 0);
        *ret = (struct bytes){.data = plain, .length = sealed.box.length - BOX_OVERHEAD_BYTES};
        return true;
    }
    return false;
}

bool fixture_notice(struct fixture *fixture, const struct party *party, size_t index,
                    struct notice *ret) {
    struct bytes plain;
    if (!opened(fixture, party, MESSAGE_KIND_NOTICE, index, &plain)) {
        return false;
    }
    assert_int_equal(notice_decode(plain, fixture->arena, ret), REFUSAL_NONE);
    return true;
}

bool fixture_tombstone(struct fixture *fixture, const struct party *party, size_t index,
                       struct tombstone *ret) {
    struct bytes plain;
    if (!opened(fixture, party, MESSAGE_KIND_TOMBSTONE, index, &plain)) {
        return false;
    }
    assert_int_equal(tombstone_decode(plain, fixture->arena, ret), REFUSAL_NONE);
    return true;
}

void fixture_days(struct fixture *fixture, int days) {
    for (int i = 0; i < days; i++) {
        fixture->now_ms += DAY_MS;
        fixture_tick(fixture);
        fixture_tick(fixture);
    }
}

bool fixture_holds(struct fixture *fixture, struct bytes needle) {
    struct store_txn *view = fixture_read(fixture);
    bool found = false;
    for (int table = 0; table < TABLE_COUNT; table++) {
        struct store_cursor cursor;
        int r;
        for (r = store_first(view, (enum table)table, &cursor); r == 0; r = store_next(&cursor)) {
            found = found ||
                    memmem(cursor.key.data, cursor.key.length, needle.data, needle.length) != NULL;
            found = found || memmem(cursor.value.data, cursor.value.length, needle.data,
                                    needle.length) != NULL;
        }
        assert_int_equal(r, ERR_NOT_FOUND);
    }
    store_abort(view);
    return found;
}
