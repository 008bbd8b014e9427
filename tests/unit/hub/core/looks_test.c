#include "tests/unit/hub/core/family_fixture.h"

/* OCMW A took the consent and supports; CAW B looks with the card on its table; shelter H is an
 * organisation whose name says too much. */
struct world {
    struct fixture *fixture;
    struct party a, b, h;
    struct household one, two;
};

static void begin_at(struct world *world, bool with_fallback) {
    world->fixture = fixture_new();
    world->a = party_make("ocmw-a", 1);
    world->b = party_make("caw-b", 2);
    world->h = party_make("shelter-h", 3);
    world->h.member.kind = ORG_KIND_REFUGE;
    world->h.member.hidden = true;
    fixture_join(world->fixture, &world->a);
    fixture_join(world->fixture, &world->b);
    fixture_join(world->fixture, &world->h);
    world->one = household_make(world->fixture, 1);
    world->two = household_make(world->fixture, 2);
    assert_taken(fixture_consent(world->fixture, &world->one, &world->a,
                                 with_fallback ? &world->h : NULL, NULL));
}

static struct world begin(void) {
    struct world world = {0};
    begin_at(&world, false);
    return world;
}

static void end(struct world *world) {
    fixture_free(world->fixture);
}

/* The nonce that the party was given last: by an answer, else by a welcome. */
static void nonce_of(struct world *world, const struct party *party,
                     uint8_t ret[static LOOK_NONCE_BYTES]) {
    const struct packet *reply = fixture_packet(world->fixture, party, PACKET_LOOK_REPLY);
    if (reply != NULL) {
        memcpy(ret, reply->look_reply.next_nonce, LOOK_NONCE_BYTES);
        return;
    }
    fixture_hello(world->fixture, party, 0);
    const struct packet *welcome = fixture_packet(world->fixture, party, PACKET_WELCOME);
    assert_non_null(welcome);
    memcpy(ret, welcome->welcome.look_nonce, LOOK_NONCE_BYTES);
}

static struct look look_plain(struct world *world, const struct party *party,
                              const struct household *household) {
    struct look look = {
        .hub = world->fixture->params.hub,
        .handle = household->handle,
        .org = party->org,
        .at_ms = world->fixture->now_ms,
    };
    nonce_of(world, party, look.nonce);
    return look;
}

static struct bytes look_frame(struct world *world, const struct look *look,
                               const struct sign_secret *key) {
    struct packet packet = {.content = PACKET_LOOK_REQUEST};
    struct signature signature;
    struct bytes frame;
    struct bytes statement;
    const struct message_id id = fixture_id(world->fixture);
    assert_int_equal(look_encode(look, world->fixture->arena, &statement), 0);
    const struct proven proven = consent_prove(key, LOOK_DOMAIN, statement, &signature);
    packet.look_request.statement = proven.statement;
    packet.look_request.proof = proven.proof;
    memcpy(packet.look_request.id, id.bytes, sizeof(packet.look_request.id));
    assert_int_equal(packet_encode(&packet, world->fixture->arena, &frame), 0);
    return frame;
}

/* Sends it and gives the reply as it came. */
static const struct look_reply *ask(struct world *world, const struct party *party,
                                    const struct look *look, const struct sign_secret *key) {
    const struct bytes frame = look_frame(world, look, key);
    fixture_forget(world->fixture);
    fixture_push(world->fixture, party, frame);
    fixture_turn(world->fixture);
    const struct packet *packet = fixture_packet(world->fixture, party, PACKET_LOOK_REPLY);
    assert_non_null(packet);
    return &packet->look_reply;
}

static struct look_answer opened(struct world *world, const struct look_reply *reply) {
    struct look_answer answer;
    assert_int_equal(reply->refusal, REFUSAL_NONE);
    assert_int_equal(reply->answer.length, LOOK_ANSWER_BYTES);
    assert_int_equal(look_answer_decode(reply->answer, world->fixture->arena, &answer),
                     REFUSAL_NONE);
    return answer;
}

static struct look_answer look_at(struct world *world, const struct party *party,
                                  const struct household *household) {
    const struct look look = look_plain(world, party, household);
    return opened(world, ask(world, party, &look, &household->family));
}

/* The last reply to the party as it went over the wire, what's drawn for each taken out. */
static struct bytes packet_without_draws(struct world *world, const struct party *party) {
    const struct packet *packet = fixture_packet(world->fixture, party, PACKET_LOOK_REPLY);
    struct packet plain = *packet;
    struct bytes bytes;
    memset(plain.look_reply.id, 0, sizeof(plain.look_reply.id));
    memset(plain.look_reply.next_nonce, 0, sizeof(plain.look_reply.next_nonce));
    assert_int_equal(packet_encode(&plain, world->fixture->arena, &bytes), 0);
    return bytes;
}

static void assert_alike(struct bytes one, struct bytes other) {
    assert_int_equal(one.length, other.length);
    assert_memory_equal(one.data, other.data, other.length);
}

/* The number of bytes of the last packet to the party, drawn ones and all. */
static size_t length_on_the_wire(const struct world *world, const struct party *party) {
    for (size_t i = world->fixture->sent_count; i-- > 0;) {
        if (org_id_equal(&world->fixture->sent[i].to, &party->org)) {
            return world->fixture->sent[i].packet.length;
        }
    }
    return 0;
}

static uint64_t sequence(struct world *world) {
    return fixture_health(world->fixture).position.sequence;
}

/* -- a good look -- */

static void the_card_shows_who_supports(void **state) {
    struct world world = begin();
    assert_taken(fixture_support(world.fixture, &world.one, &world.a));
    struct support far = support_plain(world.fixture, &world.one, &world.b);
    far.kind = SUPPORT_INFORMAL;
    far.distance = SUPPORT_DISTANT;
    far.confirmed_day -= 43;
    assert_taken(fixture_support_as(world.fixture, &world.one, &world.b, &far));
    const struct look_answer answer = look_at(&world, &world.b, &world.one);
    assert_true(answer.found);
    assert_int_equal(answer.flag_count, 0); /* there was one until A came */
    assert_true(!answer.supports[0].silent && answer.supports[1].silent);
    assert_int_equal(answer.support_count, 2);
    assert_true(org_id_equal(&answer.supports[0].org, &world.a.org));
    assert_int_equal(answer.supports[0].org_kind, ORG_KIND_OCMW);
    assert_int_equal(answer.supports[0].kind, SUPPORT_PROFESSIONAL);
    assert_int_equal(answer.supports[0].since_day, first_day());
    assert_int_equal(answer.supports[1].kind, SUPPORT_INFORMAL);
    assert_int_equal(answer.supports[1].distance, SUPPORT_DISTANT);
    assert_true(answer.token.token.length > 0);
    end(&world);
}

static void who_has_ended_is_not_shown(void **state) {
    struct world world = begin();
    struct support ended = support_plain(world.fixture, &world.one, &world.a);
    ended.state = SUPPORT_ENDED;
    ended.why = END_FINISHED;
    ended.end_day = first_day();
    assert_taken(fixture_support_as(world.fixture, &world.one, &world.a, &ended));
    assert_int_equal(look_at(&world, &world.b, &world.one).support_count, 0);
    end(&world);
}

static void open_flags_and_questions_are_on_the_page(void **state) {
    struct world world = begin();
    struct bytes statement;
    const struct ask asked = {.purpose = PURPOSE_SUPPORT,
                              .id = fixture_id(world.fixture),
                              .handle = world.one.handle,
                              .org = world.a.org,
                              .to = world.b.org,
                              .service = service_named("onthaal"),
                              .asked_day = first_day()};
    assert_int_equal(ask_encode(&asked, world.fixture->arena, &statement), 0);
    const struct mail mail =
        mail_next(world.fixture, &world.a, MESSAGE_KIND_ASK,
                  proven_body(world.fixture, &world.one.presence, ASK_DOMAIN, statement));
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    const struct look_answer answer = look_at(&world, &world.b, &world.one);
    assert_int_equal(answer.flag_count, 1);
    assert_int_equal(answer.flags[0].kind, FLAG_NO_LOCAL);
    assert_int_equal(answer.ask_count, 1);
    assert_true(org_id_equal(&answer.asks[0].to, &world.b.org));
    assert_int_equal(answer.asks[0].state, ASK_OPEN);
    end(&world);
}

static void the_family_sees_who_looked_once_a_day_the_newest_first(void **state) {
    struct world world = begin();
    assert_int_equal(look_at(&world, &world.a, &world.one).seen_count, 1);
    assert_int_equal(look_at(&world, &world.a, &world.one).seen_count, 1);
    fixture_days(world.fixture, 1);
    const struct look_answer answer = look_at(&world, &world.b, &world.one);
    assert_int_equal(answer.seen_count, 2);
    assert_true(org_id_equal(&answer.seen[0].org, &world.b.org));
    assert_int_equal(answer.seen[0].day, first_day() + 1);
    assert_true(org_id_equal(&answer.seen[1].org, &world.a.org));
    assert_int_equal(answer.seen[1].day, first_day());
    end(&world);
}

static void the_list_of_looks_keeps_the_last_ones(void **state) {
    struct world world = begin();
    struct look_answer answer = {0};
    for (int i = 0; i < FAMILY_LOOKS_MAX + 3; i++) {
        answer = look_at(&world, &world.b, &world.one);
        assert_true(answer.found);
        fixture_days(world.fixture, 1);
    }
    assert_int_equal(answer.seen_count, FAMILY_LOOKS_MAX);
    assert_int_equal(answer.seen[0].day, first_day() + FAMILY_LOOKS_MAX + 2);
    assert_int_equal(answer.seen[FAMILY_LOOKS_MAX - 1].day, first_day() + 3);
    end(&world);
}

static void who_looked_hears_when_the_family_withdraws(void **state) {
    struct world world = begin();
    struct tombstone tombstone;
    assert_true(look_at(&world, &world.b, &world.one).found);
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_CARD));
    assert_true(fixture_tombstone(world.fixture, &world.b, 0, &tombstone));
    assert_true(family_handle_equal(&tombstone.handle, &world.one.handle));
    end(&world);
}

/* -- names that say too much -- */

static void a_hidden_organisation_shows_as_an_organisation(void **state) {
    struct world world = begin();
    assert_taken(fixture_support(world.fixture, &world.one, &world.h));
    const struct look_answer answer = look_at(&world, &world.b, &world.one);
    assert_int_equal(answer.support_count, 1);
    assert_string_equal(answer.supports[0].org.text, "");
    assert_int_equal(answer.supports[0].org_kind, 0);
    assert_int_equal(answer.supports[0].kind, SUPPORT_PROFESSIONAL);
    end(&world);
}

static void a_hidden_organisation_is_named_where_the_family_wants_it(void **state) {
    struct world world = begin();
    struct support support = support_plain(world.fixture, &world.one, &world.h);
    support.named = true;
    assert_taken(fixture_support_as(world.fixture, &world.one, &world.h, &support));
    assert_true(look_at(&world, &world.h, &world.one).found);
    const struct look_answer answer = look_at(&world, &world.b, &world.one);
    assert_true(org_id_equal(&answer.supports[0].org, &world.h.org));
    assert_int_equal(answer.supports[0].org_kind, ORG_KIND_REFUGE);
    assert_true(org_id_equal(&answer.seen[1].org, &world.h.org));
    end(&world);
}

static void
a_hidden_organisation_is_not_named_by_what_it_was_asked_or_saw_or_must_do(void **state) {
    struct world world = {0};
    struct bytes statement;
    begin_at(&world, true); /* the shelter is the first fallback: the flag is its turn */
    const struct ask asked = {.purpose = PURPOSE_SUPPORT,
                              .id = fixture_id(world.fixture),
                              .handle = world.one.handle,
                              .org = world.a.org,
                              .to = world.h.org,
                              .service = service_named("onthaal"),
                              .asked_day = first_day()};
    assert_int_equal(ask_encode(&asked, world.fixture->arena, &statement), 0);
    const struct mail mail =
        mail_next(world.fixture, &world.a, MESSAGE_KIND_ASK,
                  proven_body(world.fixture, &world.one.presence, ASK_DOMAIN, statement));
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_true(look_at(&world, &world.h, &world.one).found);
    struct look_answer answer = look_at(&world, &world.b, &world.one);
    assert_int_equal(answer.ask_count, 1);
    assert_int_equal(answer.seen_count, 2);
    assert_int_equal(answer.flag_count, 1);
    assert_string_equal(answer.asks[0].to.text, "");
    assert_string_equal(answer.seen[1].org.text, "");
    assert_string_equal(answer.flags[0].turn.text, "");
    end(&world);
}

/* -- looks that find nothing -- */

static void what_is_unknown_withdrawn_or_badly_signed_is_answered_alike_to_the_byte(void **state) {
    struct world world = begin();
    struct household gone = household_make(world.fixture, 3);
    assert_taken(fixture_consent(world.fixture, &gone, &world.a, NULL, NULL));
    assert_taken(fixture_withdraw(world.fixture, &world.a, &gone, WITHDRAWAL_CARD));
    fixture_forget(world.fixture);
    struct look look = look_plain(&world, &world.b, &world.two);
    const uint64_t before = sequence(&world);
    assert_false(opened(&world, ask(&world, &world.b, &look, &world.two.family)).found);
    const struct bytes unknown = packet_without_draws(&world, &world.b);
    const size_t length = length_on_the_wire(&world, &world.b);

    look = look_plain(&world, &world.b, &gone);
    assert_false(opened(&world, ask(&world, &world.b, &look, &gone.family)).found);
    assert_alike(packet_without_draws(&world, &world.b), unknown);
    assert_int_equal(length_on_the_wire(&world, &world.b), length);

    look = look_plain(&world, &world.b, &world.one);
    assert_false(opened(&world, ask(&world, &world.b, &look, &world.two.family)).found);
    assert_alike(packet_without_draws(&world, &world.b), unknown);
    assert_int_equal(length_on_the_wire(&world, &world.b), length);

    look = look_plain(&world, &world.b, &world.one); /* a supporter's key isn't the card's */
    assert_false(opened(&world, ask(&world, &world.b, &look, &world.one.presence)).found);
    assert_alike(packet_without_draws(&world, &world.b), unknown);
    assert_int_equal(sequence(&world), before); /* and nothing was written */

    look = look_plain(&world, &world.b, &world.one); /* a good one has the same length */
    assert_true(opened(&world, ask(&world, &world.b, &look, &world.one.family)).found);
    assert_int_equal(length_on_the_wire(&world, &world.b), length);
    assert_int_equal(sequence(&world), before + 1);
    end(&world);
}

static void what_the_hubs_own_key_signs_is_no_look_at_an_unknown_handle(void **state) {
    struct world world = begin();
    const struct look look = look_plain(&world, &world.b, &world.two);
    assert_false(opened(&world, ask(&world, &world.b, &look, &world.fixture->sign)).found);
    end(&world);
}

static void a_consent_past_its_end_is_not_found_before_it_is_erased(void **state) {
    struct world world = begin();
    const struct family *family = fixture_family(world.fixture, &world.one);
    world.fixture->now_ms = consent_end_ms(family->token.end_month) + 1;
    assert_false(look_at(&world, &world.b, &world.one).found);
    end(&world);
}

static void without_room_nobody_is_told_that_nothing_was_found(void **state) {
    struct world world = begin();
    const struct look look = look_plain(&world, &world.b, &world.one);
    world.fixture->short_of_room = true;
    const struct look_reply *reply = ask(&world, &world.b, &look, &world.one.family);
    assert_int_equal(reply->refusal, REFUSAL_NO_ROOM);
    world.fixture->short_of_room = false;
    assert_true(look_at(&world, &world.b, &world.one).found);
    end(&world);
}

static void a_look_for_another_organisation_or_hub_finds_nothing(void **state) {
    struct world world = begin();
    struct look look = look_plain(&world, &world.b, &world.one);
    look.org = world.a.org;
    assert_false(opened(&world, ask(&world, &world.b, &look, &world.one.family)).found);
    look = look_plain(&world, &world.b, &world.one);
    assert_int_equal(hub_id_parse("gent", &look.hub), 0);
    assert_false(opened(&world, ask(&world, &world.b, &look, &world.one.family)).found);
    end(&world);
}

static void a_statement_that_is_no_look_is_refused(void **state) {
    struct world world = begin();
    struct packet packet = {.content = PACKET_LOOK_REQUEST};
    static const uint8_t proof[SIGNATURE_BYTES] = {1};
    struct bytes frame;
    packet.look_request.statement = (struct bytes){.data = proof, .length = 3};
    packet.look_request.proof = BYTES_OF(proof);
    assert_int_equal(packet_encode(&packet, world.fixture->arena, &frame), 0);
    fixture_forget(world.fixture);
    fixture_push(world.fixture, &world.b, frame);
    fixture_turn(world.fixture);
    const struct packet *reply = fixture_packet(world.fixture, &world.b, PACKET_LOOK_REPLY);
    assert_non_null(reply);
    assert_int_equal(reply->look_reply.refusal, REFUSAL_MALFORMED);
    end(&world);
}

/* -- nonces -- */

static void a_nonce_serves_once(void **state) {
    struct world world = begin();
    const struct look look = look_plain(&world, &world.b, &world.one);
    const struct look other = look_plain(&world, &world.a, &world.one);
    assert_true(opened(&world, ask(&world, &world.b, &look, &world.one.family)).found);
    assert_false(opened(&world, ask(&world, &world.b, &look, &world.one.family)).found);
    assert_true(opened(&world, ask(&world, &world.a, &other, &world.one.family)).found);
    end(&world);
}

static void a_nonce_serves_once_within_a_turn_too(void **state) {
    struct world world = begin();
    const struct look look = look_plain(&world, &world.b, &world.one);
    const struct bytes first = look_frame(&world, &look, &world.one.family);
    const struct bytes second = look_frame(&world, &look, &world.one.family);
    unsigned found = 0;
    fixture_forget(world.fixture);
    fixture_push(world.fixture, &world.b, first);
    fixture_push(world.fixture, &world.b, second);
    fixture_turn(world.fixture);
    assert_int_equal(world.fixture->sent_count, 2);
    for (size_t i = 0; i < world.fixture->sent_count; i++) {
        struct packet packet;
        assert_int_equal(
            packet_decode(world.fixture->sent[i].packet, world.fixture->arena, &packet),
            REFUSAL_NONE);
        assert_int_equal(packet.content, PACKET_LOOK_REPLY);
        found += opened(&world, &packet.look_reply).found ? 1 : 0;
    }
    assert_int_equal(found, 1);
    end(&world);
}

/* The id of a look is its sender's choice: with one and the same for all, twenty an hour would be
 * as many as fit into a turn. */
static void one_id_for_two_looks_does_not_make_them_one(void **state) {
    struct world world = begin();
    struct look look = look_plain(&world, &world.b, &world.one);
    unsigned found = 0;
    fixture_forget(world.fixture);
    for (int i = 0; i < 3; i++) {
        struct packet packet;
        struct bytes frame = look_frame(&world, &look, &world.one.family);
        assert_int_equal(packet_decode(frame, world.fixture->arena, &packet), REFUSAL_NONE);
        memset(packet.look_request.id, 7, sizeof(packet.look_request.id));
        assert_int_equal(packet_encode(&packet, world.fixture->arena, &frame), 0);
        fixture_push(world.fixture, &world.b, frame);
        look.at_ms++;
    }
    fixture_turn(world.fixture);
    assert_int_equal(world.fixture->sent_count, 3);
    for (size_t i = 0; i < world.fixture->sent_count; i++) {
        struct packet packet;
        assert_int_equal(
            packet_decode(world.fixture->sent[i].packet, world.fixture->arena, &packet),
            REFUSAL_NONE);
        found += opened(&world, &packet.look_reply).found ? 1 : 0;
    }
    assert_int_equal(found, 1);
    end(&world);
}

static void anothers_nonce_does_not_serve(void **state) {
    struct world world = begin();
    struct look look = look_plain(&world, &world.b, &world.one);
    nonce_of(&world, &world.a, look.nonce);
    assert_false(opened(&world, ask(&world, &world.b, &look, &world.one.family)).found);
    end(&world);
}

static void who_has_not_greeted_has_no_nonce(void **state) {
    struct world world = begin();
    struct look look = look_plain(&world, &world.b, &world.one);
    fixture_restart(world.fixture); /* the hub forgets all nonces */
    assert_false(opened(&world, ask(&world, &world.b, &look, &world.one.family)).found);
    fixture_restart(world.fixture);
    memset(look.nonce, 0, sizeof(look.nonce));
    assert_false(opened(&world, ask(&world, &world.b, &look, &world.one.family)).found);
    end(&world);
}

/* -- quota -- */

static void a_node_looks_twenty_times_an_hour(void **state) {
    struct world world = begin();
    for (int i = 0; i < 20; i++) {
        const struct household *at = i % 2 == 0 ? &world.one : &world.two;
        assert_int_equal(look_at(&world, &world.b, at).found, i % 2 == 0);
    }
    struct look look = look_plain(&world, &world.b, &world.one);
    const uint64_t before = sequence(&world);
    const struct look_reply *reply = ask(&world, &world.b, &look, &world.one.family);
    assert_int_equal(reply->refusal, REFUSAL_OVER_QUOTA);
    assert_int_equal(reply->answer.length, 0);
    assert_int_equal(sequence(&world), before);
    assert_true(look_at(&world, &world.a, &world.one).found); /* each node has its own */
    world.fixture->now_ms += HOUR_MS - 1;
    look = look_plain(&world, &world.b, &world.one);
    reply = ask(&world, &world.b, &look, &world.one.family);
    assert_int_equal(reply->refusal, REFUSAL_OVER_QUOTA);
    world.fixture->now_ms += 1;
    assert_true(look_at(&world, &world.b, &world.one).found);
    end(&world);
}

static void a_stranger_gets_no_answer(void **state) {
    struct world world = begin();
    struct party stranger = party_make("no-member", 9);
    struct look look = look_plain(&world, &world.b, &world.one);
    look.org = stranger.org;
    const struct bytes frame = look_frame(&world, &look, &world.one.family);
    fixture_forget(world.fixture);
    fixture_push(world.fixture, &stranger, frame);
    fixture_turn(world.fixture);
    assert_null(fixture_packet(world.fixture, &stranger, PACKET_LOOK_REPLY));
    end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_card_shows_who_supports),
        cmocka_unit_test(who_has_ended_is_not_shown),
        cmocka_unit_test(open_flags_and_questions_are_on_the_page),
        cmocka_unit_test(the_family_sees_who_looked_once_a_day_the_newest_first),
        cmocka_unit_test(the_list_of_looks_keeps_the_last_ones),
        cmocka_unit_test(who_looked_hears_when_the_family_withdraws),
        cmocka_unit_test(a_hidden_organisation_shows_as_an_organisation),
        cmocka_unit_test(a_hidden_organisation_is_named_where_the_family_wants_it),
        cmocka_unit_test(a_hidden_organisation_is_not_named_by_what_it_was_asked_or_saw_or_must_do),
        cmocka_unit_test(what_is_unknown_withdrawn_or_badly_signed_is_answered_alike_to_the_byte),
        cmocka_unit_test(what_the_hubs_own_key_signs_is_no_look_at_an_unknown_handle),
        cmocka_unit_test(a_consent_past_its_end_is_not_found_before_it_is_erased),
        cmocka_unit_test(without_room_nobody_is_told_that_nothing_was_found),
        cmocka_unit_test(a_look_for_another_organisation_or_hub_finds_nothing),
        cmocka_unit_test(a_statement_that_is_no_look_is_refused),
        cmocka_unit_test(a_nonce_serves_once),
        cmocka_unit_test(a_nonce_serves_once_within_a_turn_too),
        cmocka_unit_test(one_id_for_two_looks_does_not_make_them_one),
        cmocka_unit_test(anothers_nonce_does_not_serve),
        cmocka_unit_test(who_has_not_greeted_has_no_nonce),
        cmocka_unit_test(a_node_looks_twenty_times_an_hour),
        cmocka_unit_test(a_stranger_gets_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
