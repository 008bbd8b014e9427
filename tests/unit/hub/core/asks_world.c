#include "tests/unit/hub/core/asks_world.h"

struct world asks_begin(void) {
    struct world world = {.fixture = fixture_new()};
    world.a = party_make("ocmw-a", 1);
    world.b = party_make("caw-b", 2);
    world.c = party_make("caw-c", 3);
    world.d = party_make("dmw-d", 4);
    world.e = party_make("dmw-e", 5);
    fixture_join(world.fixture, &world.a);
    fixture_join(world.fixture, &world.b);
    fixture_join(world.fixture, &world.c);
    fixture_join(world.fixture, &world.d);
    world.one = household_make(world.fixture, 1);
    assert_taken(fixture_consent(world.fixture, &world.one, &world.a, NULL, NULL));
    assert_taken(fixture_support(world.fixture, &world.one, &world.a));
    return world;
}

void asks_end(struct world *world) {
    fixture_free(world->fixture);
}

struct ask ask_plain(struct world *world, const struct party *to, const char *service) {
    return (struct ask){
        .purpose = PURPOSE_SUPPORT,
        .id = fixture_id(world->fixture),
        .handle = world->one.handle,
        .org = world->a.org,
        .to = to->org,
        .service = service_named(service),
        .asked_day = first_day(),
    };
}

struct mail ask_mail(struct world *world, struct party *sender, const struct ask *ask,
                     const struct sign_secret *key) {
    struct bytes statement;
    assert_int_equal(ask_encode(ask, world->fixture->arena, &statement), 0);
    return mail_next(world->fixture, sender, MESSAGE_KIND_ASK,
                     proven_body(world->fixture, key, ASK_DOMAIN, statement));
}

struct answer post_ask(struct world *world, struct party *sender, const struct ask *ask) {
    const struct mail mail = ask_mail(world, sender, ask, &world->one.presence);
    return fixture_post(world->fixture, sender, &mail);
}

struct answer post_revoke(struct world *world, const struct ask *ask) {
    struct ask revoked = *ask;
    revoked.revoked = true;
    return post_ask(world, &world->a, &revoked);
}

struct mail answer_mail(struct world *world, struct party *sender,
                        const struct ask_answer *answer) {
    struct bytes body;
    assert_int_equal(ask_answer_encode(answer, world->fixture->arena, &body), 0);
    return mail_next(world->fixture, sender, MESSAGE_KIND_ASK_ANSWER, body);
}

struct answer post_answer(struct world *world, struct party *sender, const struct ask *ask,
                          enum ask_state state) {
    const struct ask_answer answer = {
        .purpose = PURPOSE_SUPPORT,
        .id = ask->id,
        .handle = ask->handle,
        .state = state,
        .reason = state == ASK_REFUSED ? ASK_LACK_OF_CAPACITY : ASK_REASON_NONE,
    };
    const struct mail mail = answer_mail(world, sender, &answer);
    return fixture_post(world->fixture, sender, &mail);
}

struct answer post_pass(struct world *world, struct party *sender, const struct ask *ask,
                        const struct party *next) {
    const struct ask_answer answer = {
        .purpose = PURPOSE_SUPPORT,
        .id = ask->id,
        .handle = ask->handle,
        .state = ASK_PASSED_ON,
        .passed_to = next->org,
    };
    const struct mail mail = answer_mail(world, sender, &answer);
    return fixture_post(world->fixture, sender, &mail);
}

const struct family_ask *standing(struct world *world, const struct ask *ask) {
    struct family *family = fixture_family(world->fixture, &world->one);
    assert_non_null(family);
    return family_ask_find(family, &ask->id);
}

bool holds(struct world *world, const struct party *party) {
    const struct family *family = fixture_family(world->fixture, &world->one);
    for (size_t i = 0; i < family->holder_count; i++) {
        if (org_id_equal(&family->holders[i], &party->org)) {
            return true;
        }
    }
    return false;
}

/* The notice that the party got, with the mail that it passes on as its sender signed it. */
struct notice relayed(struct world *world, const struct party *to, enum notice_kind kind,
                      const struct party *from, struct bytes body) {
    struct notice notice;
    struct envelope envelope;
    struct sign_public key;
    struct signature signature;
    assert_true(fixture_notice(world->fixture, to, 0, &notice));
    assert_int_equal(notice.kind, kind);
    assert_int_equal(envelope_decode(notice.origin.envelope, world->fixture->arena, &envelope),
                     REFUSAL_NONE);
    assert_true(org_id_equal(&envelope.sender.org, &from->org));
    assert_int_equal(envelope.body.length, body.length);
    assert_memory_equal(envelope.body.data, body.data, body.length);
    memcpy(key.bytes, from->member.sign.bytes, sizeof(key.bytes));
    assert_int_equal(notice.origin.signature.length, sizeof(signature.bytes));
    memcpy(signature.bytes, notice.origin.signature.data, sizeof(signature.bytes));
    assert_true(sign_check(&key, "envelope/v1", notice.origin.envelope, &signature));
    return notice;
}

void assert_unchanged(struct world *world, const struct ask *ask, enum ask_state state,
                      const struct party *to) {
    const struct family_ask *now = standing(world, ask);
    assert_non_null(now);
    assert_int_equal(now->state, state);
    assert_true(org_id_equal(&now->to, &to->org));
}
