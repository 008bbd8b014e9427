#include "shared/crypto/box.h"
#include "tests/unit/hub/core/family_fixture.h"

/* OCMW A makes a family's new card and tells CAW B, a supporter of the old one. C is a member that
 * isn't meant, E none. */
struct world {
    struct fixture *fixture;
    struct party a, b, c, e;
    struct household old, new;
};

static struct world begin(void) {
    struct world world = {.fixture = fixture_new()};
    world.a = party_make("ocmw-a", 1);
    world.b = party_make("caw-b", 2);
    world.c = party_make("caw-c", 3);
    world.e = party_make("caw-e", 5);
    fixture_join(world.fixture, &world.a);
    fixture_join(world.fixture, &world.b);
    fixture_join(world.fixture, &world.c);
    world.old = household_make(world.fixture, 1);
    world.new = household_make(world.fixture, 2);
    return world;
}

static void end(struct world *world) {
    fixture_free(world->fixture);
}

static struct new_card plain(struct world *world, const struct party *to) {
    static const uint8_t seed[32] = {3};
    struct arena *arena = world->fixture->arena;
    const struct consent_token token =
        token_plain(world->fixture, &world->new, &world->a, NULL, NULL);
    struct card_moved moved = {
        .old = world->old.handle,
        .new = world->new.handle,
        .token = token_sign(world->fixture, &world->new, &world->a, &token),
        .to = to->org,
    };
    struct new_card message = {.purpose = PURPOSE_SUPPORT, .to = to->org};
    struct curve_public receiver;
    struct bytes body;
    memcpy(moved.presence_seed, world->new.seed.bytes, sizeof(moved.presence_seed));
    assert_int_equal(card_moved_encode(&moved, arena, &body), 0);
    uint8_t *box = arena_alloc(arena, body.length + BOX_OVERHEAD_BYTES, 1);
    assert_non_null(box);
    memcpy(receiver.bytes, to->member.seal.bytes, sizeof(receiver.bytes));
    memcpy(message.content.key, receiver.bytes, sizeof(message.content.key));
    assert_int_equal(box_seal(&receiver, seed, body, box), 0);
    message.content.box = (struct bytes){.data = box, .length = body.length + BOX_OVERHEAD_BYTES};
    return message;
}

static struct mail mail_of(struct world *world, const struct new_card *message) {
    struct bytes body;
    assert_int_equal(new_card_encode(message, world->fixture->arena, &body), 0);
    return mail_next(world->fixture, &world->a, MESSAGE_KIND_NEW_CARD, body);
}

static struct answer post(struct world *world, const struct new_card *message) {
    const struct mail mail = mail_of(world, message);
    return fixture_post(world->fixture, &world->a, &mail);
}

static void a_supporter_gets_the_new_card_as_its_maker_signed_it(void **state) {
    struct world world = begin();
    const struct new_card message = plain(&world, &world.b);
    const struct mail mail = mail_of(&world, &message);
    struct arena *arena = world.fixture->arena;
    struct notice notice;
    struct envelope envelope;
    struct sign_public key;
    struct signature signature;
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_NEW_CARD);
    assert_int_equal(notice.purpose, PURPOSE_SUPPORT);
    memcpy(key.bytes, world.a.member.sign.bytes, sizeof(key.bytes));
    assert_int_equal(notice.origin.signature.length, sizeof(signature.bytes));
    memcpy(signature.bytes, notice.origin.signature.data, sizeof(signature.bytes));
    assert_true(sign_check(&key, "envelope/v1", notice.origin.envelope, &signature));
    assert_int_equal(envelope_decode(notice.origin.envelope, arena, &envelope), REFUSAL_NONE);
    assert_int_equal(envelope.body.length, mail.envelope.body.length);
    assert_memory_equal(envelope.body.data, mail.envelope.body.data, envelope.body.length);
    assert_int_equal(fixture_postings_to(world.fixture, &world.c), 0);
    end(&world);
}

static void only_the_supporter_opens_it(void **state) {
    struct world world = begin();
    const struct new_card message = plain(&world, &world.b);
    struct arena *arena = world.fixture->arena;
    struct notice notice;
    struct envelope envelope;
    struct new_card got;
    struct card_moved moved;
    assert_taken(post(&world, &message));
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_int_equal(envelope_decode(notice.origin.envelope, arena, &envelope), REFUSAL_NONE);
    assert_int_equal(new_card_decode(envelope.body, arena, &got), REFUSAL_NONE);
    uint8_t *open = arena_alloc(arena, got.content.box.length, 1);
    assert_int_equal(box_open(&world.c.seal, got.content.box, open), ERR_CRYPTO);
    assert_int_equal(box_open(&world.a.seal, got.content.box, open), ERR_CRYPTO);
    assert_int_equal(box_open(&world.b.seal, got.content.box, open), 0);
    const struct bytes body = {.data = open, .length = got.content.box.length - BOX_OVERHEAD_BYTES};
    assert_int_equal(card_moved_decode(body, arena, &moved), REFUSAL_NONE);
    assert_true(family_handle_equal(&moved.old, &world.old.handle));
    assert_true(family_handle_equal(&moved.new, &world.new.handle));
    end(&world);
}

static void the_hub_learns_of_neither_handle(void **state) {
    struct world world = begin();
    const struct new_card message = plain(&world, &world.b);
    const uint64_t before = fixture_health(world.fixture).position.sequence;
    assert_taken(post(&world, &message));
    assert_false(fixture_holds(world.fixture, BYTES_OF(world.old.handle)));
    assert_false(fixture_holds(world.fixture, BYTES_OF(world.new.handle)));
    assert_false(fixture_holds(world.fixture, BYTES_OF(world.new.seed)));
    assert_true(
        fixture_holds(world.fixture, BYTES_OF(world.b.org))); /* who is told, it does learn */
    assert_int_equal(fixture_count(world.fixture, TABLE_FAMILIES), 0);
    assert_int_equal(fixture_facts(world.fixture, FACT_FAMILY), 0);
    /* Its number, and what was posted. */
    assert_int_equal(fixture_health(world.fixture).position.sequence, before + 2);
    end(&world);
}

static void it_needs_no_row_for_the_old_card_is_gone_at_once(void **state) {
    struct world world = begin();
    struct notice notice;
    assert_taken(fixture_consent(world.fixture, &world.old, &world.a, NULL, NULL));
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.old, WITHDRAWAL_NEW_CARD));
    const struct new_card message = plain(&world, &world.b);
    assert_taken(post(&world, &message));
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_NEW_CARD);
    end(&world);
}

static void a_purpose_that_is_not_its_own_is_refused(void **state) {
    struct world world = begin();
    struct new_card message = plain(&world, &world.b);
    message.purpose = PURPOSE_CONCERN;
    assert_refused(post(&world, &message), REFUSAL_NOT_ALLOWED);
    message.purpose = 99;
    assert_refused(post(&world, &message), REFUSAL_UNKNOWN_PURPOSE);
    assert_int_equal(fixture_postings_to(world.fixture, &world.b), 0);
    end(&world);
}

static void who_is_no_member_cannot_be_told(void **state) {
    struct world world = begin();
    const struct new_card message = plain(&world, &world.e);
    assert_refused(post(&world, &message), REFUSAL_NOT_FOUND);
    assert_taken(fixture_consent(world.fixture, &world.old, &world.c, NULL, NULL));
    assert_int_equal(fixture_command_on(world.fixture, HUB_COMMAND_REVOKE, &world.b), REFUSAL_NONE);
    const struct new_card late = plain(&world, &world.b);
    assert_refused(post(&world, &late), REFUSAL_NOT_FOUND);
    end(&world);
}

static void what_no_notice_could_hold_is_not_relayed(void **state) {
    struct world world = begin();
    static uint8_t large[RELAYED_BYTES_MAX];
    struct new_card message = plain(&world, &world.b);
    message.content.box = BYTES_OF(large);
    assert_refused(post(&world, &message), REFUSAL_TOO_LARGE);
    assert_int_equal(fixture_postings_to(world.fixture, &world.b), 0);
    end(&world);
}

static void a_body_that_is_none_is_refused(void **state) {
    struct world world = begin();
    static const uint8_t body[] = {0xff, 0xff, 0xff};
    const struct mail mail =
        mail_next(world.fixture, &world.a, MESSAGE_KIND_NEW_CARD, BYTES_OF(body));
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_MALFORMED);
    end(&world);
}

static void the_same_posting_twice_is_relayed_once(void **state) {
    struct world world = begin();
    const struct new_card message = plain(&world, &world.b);
    const struct mail mail = mail_of(&world, &message);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_int_equal(fixture_facts(world.fixture, FACT_POSTED), 1);
    end(&world);
}

static void a_member_tells_of_so_many_a_day_and_the_next_ones_wait(void **state) {
    struct world world = begin();
    const struct new_card message = plain(&world, &world.b);
    assert_taken(post(&world, &message));
    struct peer *peer = peers_find(world.fixture->hub->peers, &world.a.org);
    assert_int_equal(peer->new_cards, 1);
    peer->new_cards = NEW_CARDS_A_DAY_MAX;
    struct mail mail = mail_of(&world, &message);
    assert_not_taken(fixture_post(world.fixture, &world.a, &mail), REFUSAL_BUSY);
    world.fixture->now_ms += DAY_MS;
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_int_equal(peer->new_cards, 1);
    end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_supporter_gets_the_new_card_as_its_maker_signed_it),
        cmocka_unit_test(only_the_supporter_opens_it),
        cmocka_unit_test(the_hub_learns_of_neither_handle),
        cmocka_unit_test(it_needs_no_row_for_the_old_card_is_gone_at_once),
        cmocka_unit_test(a_purpose_that_is_not_its_own_is_refused),
        cmocka_unit_test(who_is_no_member_cannot_be_told),
        cmocka_unit_test(what_no_notice_could_hold_is_not_relayed),
        cmocka_unit_test(a_body_that_is_none_is_refused),
        cmocka_unit_test(the_same_posting_twice_is_relayed_once),
        cmocka_unit_test(a_member_tells_of_so_many_a_day_and_the_next_ones_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
