#include "hub/core/notices.h"

#include "shared/crypto/box.h"
#include "tests/unit/hub/core/family_fixture.h"

/* OCMW A took the consent; OCMW B is the first fallback, CAW C the second; D is no member. */
struct world {
    struct fixture *fixture;
    struct party a, b, c, d;
    struct household one;
};

enum { CONTACT_FILL = 0x6b, CONTACT_BYTES = 1024 + 48 };

static struct world begin(void) {
    struct world world = {.fixture = fixture_new()};
    world.a = party_make("ocmw-a", 1);
    world.b = party_make("ocmw-b", 2);
    world.c = party_make("caw-c", 3);
    world.d = party_make("caw-d", 4);
    fixture_join(world.fixture, &world.a);
    fixture_join(world.fixture, &world.b);
    fixture_join(world.fixture, &world.c);
    world.one = household_make(world.fixture, 1);
    return world;
}

static void end(struct world *world) {
    fixture_free(world->fixture);
}

/* A consent with an envelope for B. */
static struct answer consent(struct world *world) {
    static uint8_t box[CONTACT_BYTES];
    const struct consent_token token =
        token_plain(world->fixture, &world->one, &world->a, &world->b, &world->c);
    struct consent_message message = consent_plain(world->fixture, &world->one, &world->a, &token);
    memset(box, CONTACT_FILL, sizeof(box));
    message.envelopes[0] =
        (struct contact_envelope){.org = world->b.org, .sealed = {.box = BYTES_OF(box)}};
    memcpy(message.envelopes[0].sealed.key, world->b.member.contact.bytes,
           sizeof(message.envelopes[0].sealed.key));
    message.envelope_count = 1;
    const struct mail mail = consent_mail(world->fixture, &world->a, &message);
    return fixture_post(world->fixture, &world->a, &mail);
}

struct posted {
    struct posting posting;
    struct envelope envelope;
    struct sealed sealed;
};

/* The `index`-th notice or tombstone to the party, as it lay in the outbox. */
static struct posted posted_to(struct world *world, const struct party *party, size_t index) {
    struct arena *arena = world->fixture->arena;
    for (size_t i = 0; i < world->fixture->sent_count; i++) {
        struct packet packet;
        struct posted posted;
        assert_int_equal(packet_decode(world->fixture->sent[i].packet, arena, &packet),
                         REFUSAL_NONE);
        if (!org_id_equal(&world->fixture->sent[i].to, &party->org) ||
            packet.content != PACKET_POSTING || index-- > 0) {
            continue;
        }
        posted.posting = packet.posting;
        assert_int_equal(envelope_decode(packet.posting.envelope, arena, &posted.envelope),
                         REFUSAL_NONE);
        assert_int_equal(sealed_decode(posted.envelope.body, arena, &posted.sealed), REFUSAL_NONE);
        return posted;
    }
    fail_msg("nothing was posted");
    return (struct posted){0};
}

static bool hubs_own(const struct world *world, const struct posting *posting) {
    struct signature signature;
    assert_int_equal(posting->signature.length, sizeof(signature.bytes));
    memcpy(signature.bytes, posting->signature.data, sizeof(signature.bytes));
    return sign_check(&world->fixture->params.keys.sign_public, "envelope/v1", posting->envelope,
                      &signature);
}

static bool opens(struct world *world, const struct party *party, const struct sealed *sealed) {
    uint8_t *plain = arena_alloc(world->fixture->arena, sealed->box.length, 1);
    assert_non_null(plain);
    return box_open(&party->seal, sealed->box, plain) == 0;
}

/* A view of the hub as decide has it, and a decision to fill. */
struct decide {
    struct turn_view view;
    struct decision decision;
};

static void begin_decide(struct world *world, struct decide *ret) {
    *ret = (struct decide){.view = {.now_ms = world->fixture->now_ms,
                                    .arena = world->fixture->arena,
                                    .rng = &world->fixture->rng,
                                    .txn = fixture_read(world->fixture)},
                           .decision = {.arena = world->fixture->arena}};
}

static int post_plain(struct world *world, struct decide *decide, const struct party *to) {
    const struct notice notice = {
        .kind = NOTICE_ENDING,
        .purpose = PURPOSE_SUPPORT,
        .id = fixture_id(world->fixture),
        .handle = world->one.handle,
    };
    return notices_post(world->fixture->hub, &decide->view, &to->org, &notice, &decide->decision);
}

/* -- sealed and signed -- */

static void a_notice_is_signed_by_the_hub_and_opened_by_its_receiver_alone(void **state) {
    struct world world = begin();
    assert_taken(consent(&world));
    const struct posted posted = posted_to(&world, &world.b, 0);
    assert_int_equal(posted.envelope.kind, MESSAGE_KIND_NOTICE);
    assert_int_equal(posted.envelope.lane, LANE_ORDINARY);
    assert_true(hubs_own(&world, &posted.posting));
    assert_memory_equal(posted.sealed.key, world.b.member.seal.bytes, sizeof(posted.sealed.key));
    assert_true(opens(&world, &world.b, &posted.sealed));
    assert_false(opens(&world, &world.a, &posted.sealed));
    assert_false(opens(&world, &world.c, &posted.sealed));
    end(&world);
}

static bool shows(struct bytes in, const void *needle, size_t length) {
    assert_non_null(needle);
    return needle == NULL || memmem(in.data, in.length, needle, length) != NULL;
}

static void what_is_posted_shows_neither_handle_nor_token_nor_flag(void **state) {
    struct world world = begin();
    struct notice notice;
    assert_taken(consent(&world));
    const struct posted posted = posted_to(&world, &world.b, 0);
    const struct bytes bytes = posted.posting.envelope;
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_true(family_handle_equal(&notice.handle, &world.one.handle));
    assert_false(shows(bytes, &world.one.handle, sizeof(world.one.handle)));
    assert_false(shows(bytes, notice.token.token.data, 32));
    assert_false(shows(bytes, &notice.flag.id, sizeof(notice.flag.id)));
    assert_false(shows(bytes, notice.contact.box.data, CONTACT_BYTES));
    end(&world);
}

static void its_length_does_not_tell_what_it_is(void **state) {
    struct world world = begin();
    assert_taken(fixture_consent(world.fixture, &world.one, &world.a, &world.b, NULL));
    const size_t flag = posted_to(&world, &world.b, 0).sealed.box.length;
    struct support support = support_plain(world.fixture, &world.one, &world.a);
    assert_taken(fixture_support_as(world.fixture, &world.one, &world.a, &support));
    const size_t over = posted_to(&world, &world.b, 0).sealed.box.length;
    assert_int_equal(flag, over);
    assert_int_equal((flag - BOX_OVERHEAD_BYTES) % 1024, 0);
    end(&world);
}

static void a_tombstone_overtakes_and_is_sealed_too(void **state) {
    struct world world = begin();
    struct tombstone tombstone;
    assert_taken(consent(&world));
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_CARD));
    assert_true(fixture_tombstone(world.fixture, &world.b, 0, &tombstone));
    assert_int_equal(tombstone.basis, WITHDRAWAL_CARD);
    assert_int_equal(tombstone.at_ms, first_ms());
    for (size_t i = 0; i < fixture_postings_to(world.fixture, &world.b); i++) {
        const struct posted posted = posted_to(&world, &world.b, i);
        if (posted.envelope.kind != MESSAGE_KIND_TOMBSTONE) {
            continue;
        }
        assert_int_equal(posted.envelope.lane, LANE_URGENT);
        assert_true(hubs_own(&world, &posted.posting));
        assert_false(opens(&world, &world.c, &posted.sealed));
        assert_false(shows(posted.posting.envelope, &world.one.handle, sizeof(world.one.handle)));
    }
    end(&world);
}

/* -- to whom -- */

static void who_has_its_turn_gets_the_envelope_while_it_has_it(void **state) {
    struct world world = begin();
    struct notice notice;
    assert_taken(consent(&world));
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_FLAG);
    assert_true(notice.flag.yours);
    assert_int_equal(notice.contact.box.length, CONTACT_BYTES);
    assert_int_equal(notice.contact.box.data[0], CONTACT_FILL);
    assert_taken(fixture_support(world.fixture, &world.one, &world.a)); /* and now it's over */
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_FLAG_OVER);
    assert_int_equal(notice.contact.box.length, 0);
    end(&world);
}

static void a_fallback_without_an_envelope_gets_the_flag_without(void **state) {
    struct world world = begin();
    struct notice notice;
    assert_taken(fixture_consent(world.fixture, &world.one, &world.a, &world.b, NULL));
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_FLAG);
    assert_int_equal(notice.contact.box.length, 0);
    end(&world);
}

static void a_notice_carries_the_token_so_that_its_receiver_checks_the_consent(void **state) {
    struct world world = begin();
    struct notice notice;
    struct consent_token token;
    struct sign_public issuer;
    assert_taken(consent(&world));
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    memcpy(issuer.bytes, world.a.member.sign.bytes, sizeof(issuer.bytes));
    assert_int_equal(consent_token_read(&notice.token, &issuer, world.fixture->arena, &token),
                     REFUSAL_NONE);
    assert_true(family_handle_equal(&token.handle, &world.one.handle));
    end(&world);
}

static void an_end_that_nears_is_told_with_its_day(void **state) {
    struct world world = begin();
    struct notice notice;
    assert_taken(consent(&world));
    const struct family *family = fixture_family(world.fixture, &world.one);
    struct family_effects *effects = ARENA_NEW(world.fixture->arena, struct family_effects);
    struct decide decide;
    const struct family_notice ending = {.to = world.b.org, .kind = NOTICE_ENDING};
    effects_notice(effects, &ending);
    begin_decide(&world, &decide);
    assert_int_equal(
        notices_post_effects(world.fixture->hub, &decide.view, family, effects, &decide.decision),
        0);
    assert_int_equal(decide.decision.fact_count, 1);
    struct reader reader = reader_over(decide.decision.facts[0].body);
    struct org_id to;
    struct envelope envelope;
    struct sealed sealed;
    read_raw(&reader, &to, sizeof(to));
    (void)read_u8(&reader);
    assert_int_equal(envelope_decode(read_run(&reader), world.fixture->arena, &envelope),
                     REFUSAL_NONE);
    assert_int_equal(sealed_decode(envelope.body, world.fixture->arena, &sealed), REFUSAL_NONE);
    uint8_t *plain = arena_alloc(world.fixture->arena, sealed.box.length, 1);
    assert_int_equal(box_open(&world.b.seal, sealed.box, plain), 0);
    const struct bytes body = {.data = plain, .length = sealed.box.length - BOX_OVERHEAD_BYTES};
    assert_int_equal(notice_decode(body, world.fixture->arena, &notice), REFUSAL_NONE);
    assert_int_equal(notice.end_day, month_first_day(family->token.end_month));
    store_abort(decide.view.txn);
    end(&world);
}

static void who_is_no_member_or_no_longer_one_gets_none(void **state) {
    struct world world = begin();
    struct decide decide;
    begin_decide(&world, &decide);
    assert_int_equal(post_plain(&world, &decide, &world.d), 0);
    assert_int_equal(post_plain(&world, &decide, &world.c), 0);
    assert_int_equal(decide.decision.fact_count, 1);
    store_abort(decide.view.txn);
    assert_int_equal(fixture_command_on(world.fixture, HUB_COMMAND_REVOKE, &world.c), REFUSAL_NONE);
    begin_decide(&world, &decide);
    assert_int_equal(post_plain(&world, &decide, &world.c), 0);
    assert_int_equal(decide.decision.fact_count, 0);
    store_abort(decide.view.txn);
    end(&world);
}

/* -- numbers -- */

static void several_in_one_decision_have_consecutive_numbers(void **state) {
    struct world world = begin();
    struct decide decide;
    uint64_t numbers[4] = {0};
    const struct party *const to[] = {&world.b, &world.c, &world.b, &world.b};
    begin_decide(&world, &decide);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(post_plain(&world, &decide, to[i]), 0);
    }
    assert_int_equal(decide.decision.fact_count, 4);
    for (size_t i = 0; i < 4; i++) {
        struct reader reader = reader_over(decide.decision.facts[i].body);
        struct envelope envelope;
        struct org_id org;
        read_raw(&reader, &org, sizeof(org));
        (void)read_u8(&reader);
        assert_int_equal(envelope_decode(read_run(&reader), world.fixture->arena, &envelope),
                         REFUSAL_NONE);
        assert_true(org_id_equal(&org, &to[i]->org));
        assert_true(org_id_equal(&envelope.recipient.org, &to[i]->org));
        numbers[i] = envelope.number;
    }
    assert_int_equal(numbers[2], numbers[0] + 1);
    assert_int_equal(numbers[3], numbers[0] + 2);
    store_abort(decide.view.txn);
    end(&world);
}

static void a_posted_fact_that_is_cut_short_is_no_post(void **state) {
    struct world world = begin();
    struct decide decide;
    begin_decide(&world, &decide);
    assert_int_equal(post_plain(&world, &decide, &world.b), 0);
    struct fact fact = decide.decision.facts[0];
    fact.body.length--;
    assert_int_equal(notices_apply(NULL, &decide.view, &fact), ERR_STORAGE);
    fact.body.length = 5;
    assert_int_equal(notices_apply(NULL, &decide.view, &fact), ERR_STORAGE);
    store_abort(decide.view.txn);
    end(&world);
}

static void a_notice_waits_for_who_is_away(void **state) {
    struct world world = begin();
    struct notice notice;
    assert_taken(consent(&world));
    fixture_restart(world.fixture); /* and whatever was sent is lost */
    fixture_forget(world.fixture);
    fixture_hello(world.fixture, &world.b, 0);
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_FLAG);
    end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notice_is_signed_by_the_hub_and_opened_by_its_receiver_alone),
        cmocka_unit_test(what_is_posted_shows_neither_handle_nor_token_nor_flag),
        cmocka_unit_test(its_length_does_not_tell_what_it_is),
        cmocka_unit_test(a_tombstone_overtakes_and_is_sealed_too),
        cmocka_unit_test(who_has_its_turn_gets_the_envelope_while_it_has_it),
        cmocka_unit_test(a_fallback_without_an_envelope_gets_the_flag_without),
        cmocka_unit_test(a_notice_carries_the_token_so_that_its_receiver_checks_the_consent),
        cmocka_unit_test(an_end_that_nears_is_told_with_its_day),
        cmocka_unit_test(who_is_no_member_or_no_longer_one_gets_none),
        cmocka_unit_test(several_in_one_decision_have_consecutive_numbers),
        cmocka_unit_test(a_posted_fact_that_is_cut_short_is_no_post),
        cmocka_unit_test(a_notice_waits_for_who_is_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
