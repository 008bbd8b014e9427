#include "hub/core/families.h"
#include "shared/consent/contact.h"
#include "tests/unit/hub/core/family_fixture.h"

/* Volunteers V worry without a card; the desks are OCMW O and OCMW P. Monday 23 November 2026: no
 * legal holiday within the three working days, so the last day to call back is Thursday. */
struct world {
    struct fixture *fixture;
    struct party v, w, o, p;
};

enum { LAST_DAY = 3 };

static struct world begin(void) {
    struct world world = {.fixture = fixture_new()};
    world.v = party_make("volunteers-v", 1);
    world.w = party_make("volunteers-w", 2);
    world.o = party_make("ocmw-o", 3);
    world.p = party_make("ocmw-p", 4);
    fixture_join(world.fixture, &world.v);
    fixture_join(world.fixture, &world.w);
    fixture_join(world.fixture, &world.o);
    return world;
}

static void end(struct world *world) {
    fixture_free(world->fixture);
}

static struct call_back plain(struct world *world, const struct party *desk) {
    static const uint8_t seed[32] = {9};
    const struct contact contact = {.text = "Els, buddy, 0470"};
    struct call_back message = {
        .purpose = PURPOSE_CONCERN,
        .id = fixture_id(world->fixture),
        .to = desk->org,
        .nis = {34022},
    };
    struct curve_public to;
    memcpy(to.bytes, desk->member.contact.bytes, sizeof(to.bytes));
    assert_int_equal(language_parse("nld", &message.language), 0);
    assert_int_equal(contact_seal(&contact, &to, seed, world->fixture->arena, &message.contact), 0);
    return message;
}

static struct mail mail_of(struct world *world, struct party *sender,
                           const struct call_back *message) {
    struct bytes body;
    assert_int_equal(call_back_encode(message, world->fixture->arena, &body), 0);
    return mail_next(world->fixture, sender, MESSAGE_KIND_CALL_BACK, body);
}

static struct answer post(struct world *world, struct party *sender,
                          const struct call_back *message) {
    const struct mail mail = mail_of(world, sender, message);
    return fixture_post(world->fixture, sender, &mail);
}

static struct answer post_called(struct world *world, struct party *sender,
                                 const struct message_id *id, uint32_t purpose) {
    const struct called_back message = {.purpose = purpose, .id = *id};
    struct bytes body;
    assert_int_equal(called_back_encode(&message, world->fixture->arena, &body), 0);
    const struct mail mail = mail_next(world->fixture, sender, MESSAGE_KIND_CALLED_BACK, body);
    return fixture_post(world->fixture, sender, &mail);
}

/* The rows on the board; `ret` is the last of them. */
static size_t on_board(struct world *world, struct flag_row *ret) {
    struct store_txn *view = fixture_read(world->fixture);
    struct flag_cursor cursor;
    size_t count = 0;
    int r;
    for (r = flag_first(view, &cursor, ret); r == 0; r = flag_next(&cursor, ret)) {
        count++;
    }
    assert_int_equal(r, ERR_NOT_FOUND);
    store_abort(view);
    return count;
}

/* The desks and volunteers are heard every day: nothing else comes on the board. */
static void days(struct world *world, int count) {
    for (int i = 0; i < count; i++) {
        fixture_days(world->fixture, 1);
        fixture_hello(world->fixture, &world->v, 0);
        fixture_hello(world->fixture, &world->o, 0);
        fixture_hello(world->fixture, &world->w, 0);
    }
    fixture_tick(world->fixture);
}

static void the_desk_gets_it_as_the_volunteers_signed_it(void **state) {
    struct world world = begin();
    const struct call_back message = plain(&world, &world.o);
    const struct mail mail = mail_of(&world, &world.v, &message);
    struct arena *arena = world.fixture->arena;
    struct notice notice;
    struct envelope envelope;
    struct call_back got;
    struct contact contact;
    struct sign_public key;
    struct signature signature;
    assert_taken(fixture_post(world.fixture, &world.v, &mail));
    assert_true(fixture_notice(world.fixture, &world.o, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_CALL_BACK);
    assert_true(message_id_equal(&notice.about, &message.id));
    assert_int_equal(notice.token.token.length, 0); /* about no family */
    assert_int_equal(envelope_decode(notice.origin.envelope, arena, &envelope), REFUSAL_NONE);
    memcpy(key.bytes, world.v.member.sign.bytes, sizeof(key.bytes));
    memcpy(signature.bytes, notice.origin.signature.data, sizeof(signature.bytes));
    assert_true(sign_check(&key, "envelope/v1", notice.origin.envelope, &signature));
    assert_int_equal(call_back_decode(envelope.body, arena, &got), REFUSAL_NONE);
    assert_int_equal(got.nis.code, 34022);
    assert_int_equal(contact_open(&got.contact, &world.o.contact, &contact), 0);
    assert_string_equal(contact.text, "Els, buddy, 0470");
    assert_int_equal(fixture_postings_to(world.fixture, &world.w), 0);
    assert_int_equal(fixture_count(world.fixture, TABLE_CALL_BACKS), 1);
    assert_int_equal(fixture_count(world.fixture, TABLE_FAMILIES), 0);
    end(&world);
}

static void the_same_request_twice_is_refused(void **state) {
    struct world world = begin();
    const struct call_back message = plain(&world, &world.o);
    assert_taken(post(&world, &world.v, &message));
    assert_refused(post(&world, &world.v, &message), REFUSAL_EXISTS);
    assert_refused(post(&world, &world.w, &message), REFUSAL_EXISTS);
    assert_int_equal(fixture_count(world.fixture, TABLE_CALL_BACKS), 1);
    end(&world);
}

static void a_desk_that_is_no_member_is_named_as_the_reason(void **state) {
    struct world world = begin();
    const struct call_back message = plain(&world, &world.p);
    assert_refused(post(&world, &world.v, &message), REFUSAL_NO_DESK);
    assert_int_equal(fixture_count(world.fixture, TABLE_CALL_BACKS), 0);
    end(&world);
}

static void a_call_back_is_a_concern_and_nothing_else(void **state) {
    struct world world = begin();
    struct call_back message = plain(&world, &world.o);
    message.purpose = PURPOSE_SUPPORT;
    assert_refused(post(&world, &world.v, &message), REFUSAL_NOT_ALLOWED);
    message.purpose = 99;
    assert_refused(post(&world, &world.v, &message), REFUSAL_UNKNOWN_PURPOSE);
    message.purpose = PURPOSE_CONCERN;
    assert_taken(post(&world, &world.v, &message));
    assert_refused(post_called(&world, &world.o, &message.id, PURPOSE_SUPPORT),
                   REFUSAL_NOT_ALLOWED);
    assert_refused(post_called(&world, &world.o, &message.id, 99), REFUSAL_UNKNOWN_PURPOSE);
    end(&world);
}

static void a_group_has_fifty_open_at_most(void **state) {
    struct world world = begin();
    struct call_back message;
    for (int i = 0; i < 50; i++) {
        message = plain(&world, &world.o);
        assert_taken(post(&world, &world.v, &message));
    }
    const struct message_id last = message.id;
    message = plain(&world, &world.o);
    assert_refused(post(&world, &world.v, &message), REFUSAL_OVER_QUOTA);
    assert_taken(post(&world, &world.w, &message)); /* each group has its own */
    assert_taken(post_called(&world, &world.o, &last, PURPOSE_CONCERN));
    message = plain(&world, &world.o);
    assert_taken(post(&world, &world.v, &message));
    end(&world);
}

static void who_asked_hears_that_the_desk_called(void **state) {
    struct world world = begin();
    const struct call_back message = plain(&world, &world.o);
    struct notice notice;
    assert_taken(post(&world, &world.v, &message));
    const uint64_t counted = fixture_facts(world.fixture, FACT_COUNTED);
    assert_taken(post_called(&world, &world.o, &message.id, PURPOSE_CONCERN));
    assert_true(fixture_notice(world.fixture, &world.v, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_CALLED_BACK);
    assert_true(message_id_equal(&notice.about, &message.id));
    assert_int_equal(fixture_count(world.fixture, TABLE_CALL_BACKS), 0);
    assert_int_equal(fixture_facts(world.fixture, FACT_COUNTED), counted + 1);
    end(&world);
}

static void only_the_desk_says_that_it_called_and_once(void **state) {
    struct world world = begin();
    const struct call_back message = plain(&world, &world.o);
    assert_refused(post_called(&world, &world.o, &message.id, PURPOSE_CONCERN), REFUSAL_NOT_FOUND);
    assert_taken(post(&world, &world.v, &message));
    assert_refused(post_called(&world, &world.w, &message.id, PURPOSE_CONCERN), REFUSAL_NOT_YOURS);
    assert_refused(post_called(&world, &world.v, &message.id, PURPOSE_CONCERN), REFUSAL_NOT_YOURS);
    assert_taken(post_called(&world, &world.o, &message.id, PURPOSE_CONCERN));
    assert_refused(post_called(&world, &world.o, &message.id, PURPOSE_CONCERN), REFUSAL_NOT_FOUND);
    end(&world);
}

static void after_three_working_days_it_stands_on_the_board(void **state) {
    struct world world = begin();
    const struct call_back message = plain(&world, &world.o);
    struct flag_row flag;
    assert_taken(post(&world, &world.v, &message));
    days(&world, LAST_DAY);
    assert_int_equal(on_board(&world, &flag), 0);
    days(&world, 1);
    assert_int_equal(on_board(&world, &flag), 1);
    assert_int_equal(flag.kind, FLAG_CALL_BACK);
    assert_int_equal(flag.state, FLAG_OPEN);
    assert_int_equal(flag.opened_day, first_day());
    assert_string_equal(flag.turn.text, ""); /* the coordinator's */
    assert_true(flag.escalated);
    assert_true(org_id_equal(&flag.about_org, &world.o.org));
    const uint64_t facts = fixture_facts(world.fixture, FACT_CALL_BACK);
    days(&world, 3); /* it's told once */
    assert_int_equal(fixture_facts(world.fixture, FACT_CALL_BACK), facts);
    end(&world);
}

static void a_weekend_does_not_count(void **state) {
    struct world world = begin();
    struct flag_row flag;
    days(&world, 3); /* Thursday; then Friday, Monday and Tuesday are the three */
    const struct call_back message = plain(&world, &world.o);
    assert_taken(post(&world, &world.v, &message));
    days(&world, 5);
    assert_int_equal(on_board(&world, &flag), 0);
    days(&world, 1);
    assert_int_equal(on_board(&world, &flag), 1);
    end(&world);
}

static void a_call_in_time_keeps_it_off_the_board(void **state) {
    struct world world = begin();
    const struct call_back message = plain(&world, &world.o);
    struct flag_row flag;
    assert_taken(post(&world, &world.v, &message));
    days(&world, LAST_DAY);
    assert_taken(post_called(&world, &world.o, &message.id, PURPOSE_CONCERN));
    days(&world, 3);
    assert_int_equal(on_board(&world, &flag), 0);
    end(&world);
}

static void a_late_call_takes_it_off_the_board(void **state) {
    struct world world = begin();
    const struct call_back message = plain(&world, &world.o);
    struct flag_row flag;
    struct notice notice;
    assert_taken(post(&world, &world.v, &message));
    days(&world, LAST_DAY + 1);
    assert_int_equal(on_board(&world, &flag), 1);
    assert_taken(post_called(&world, &world.o, &message.id, PURPOSE_CONCERN));
    assert_int_equal(on_board(&world, &flag), 0);
    assert_true(fixture_notice(world.fixture, &world.v, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_CALLED_BACK);
    end(&world);
}

static void more_than_a_ticks_worth_all_reach_the_board(void **state) {
    struct world world = begin();
    struct flag_row flag;
    for (int i = 0; i < 40; i++) {
        const struct call_back message = plain(&world, &world.o);
        assert_taken(post(&world, &world.v, &message));
    }
    days(&world, LAST_DAY + 1);
    fixture_tick(world.fixture);
    assert_int_equal(on_board(&world, &flag), 40);
    end(&world);
}

static void a_restart_forgets_neither_the_request_nor_its_clock(void **state) {
    struct world world = begin();
    const struct call_back message = plain(&world, &world.o);
    struct flag_row flag;
    assert_taken(post(&world, &world.v, &message));
    days(&world, LAST_DAY);
    fixture_restart(world.fixture);
    days(&world, 1);
    assert_int_equal(on_board(&world, &flag), 1);
    fixture_hello(world.fixture, &world.o, 0);
    assert_taken(post_called(&world, &world.o, &message.id, PURPOSE_CONCERN));
    end(&world);
}

static void tick(struct world *world, int count) {
    for (int i = 0; i < count; i++) {
        fixture_tick(world->fixture);
    }
}

/* Nobody is at that desk any more: who asked hears so, and the coordinator sees nothing that nobody
 * can answer. */
static void a_call_to_a_desk_that_left_ends_with_that_reason(void **state) {
    struct world world = begin();
    const struct call_back message = plain(&world, &world.o);
    struct flag_row flag;
    struct notice notice;
    assert_taken(post(&world, &world.v, &message));
    days(&world, LAST_DAY + 1);
    assert_int_equal(on_board(&world, &flag), 1);
    fixture_forget(world.fixture);
    tick(&world, 2);
    assert_int_equal(fixture_count(world.fixture, TABLE_CALL_BACKS), 1);
    assert_int_equal(fixture_command_on(world.fixture, HUB_COMMAND_LEAVE, &world.o), REFUSAL_NONE);
    tick(&world, 2); /* that very day, though its clock was judged already */
    assert_int_equal(fixture_count(world.fixture, TABLE_CALL_BACKS), 0);
    assert_int_equal(on_board(&world, &flag), 0);
    assert_true(fixture_notice(world.fixture, &world.v, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_CALLED_BACK);
    assert_int_equal(notice.purpose, PURPOSE_CONCERN);
    assert_int_equal(notice.why, END_ORGANISATION_LEFT);
    assert_true(message_id_equal(&notice.about, &message.id));
    assert_false(fixture_notice(world.fixture, &world.w, 0, &notice));
    end(&world);
}

static void a_call_to_a_revoked_desk_goes_on_at_another(void **state) {
    struct world world = begin();
    struct call_back message = plain(&world, &world.o);
    struct notice notice;
    assert_taken(post(&world, &world.v, &message));
    assert_int_equal(fixture_command_on(world.fixture, HUB_COMMAND_REVOKE, &world.o), REFUSAL_NONE);
    tick(&world, 2);
    fixture_join(world.fixture, &world.p);
    fixture_forget(world.fixture);
    const struct message_id id = message.id;
    message = plain(&world, &world.p);
    message.id = id; /* it's the same call */
    assert_taken(post(&world, &world.v, &message));
    tick(&world, 2);
    assert_true(fixture_notice(world.fixture, &world.p, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_CALL_BACK);
    assert_taken(post_called(&world, &world.p, &id, PURPOSE_CONCERN));
    assert_int_equal(fixture_count(world.fixture, TABLE_CALL_BACKS), 0);
    end(&world);
}

static void all_of_a_desk_that_left_end_and_no_others(void **state) {
    struct world world = begin();
    fixture_join(world.fixture, &world.p);
    for (int i = 0; i < 40; i++) {
        const struct call_back message = plain(&world, &world.o);
        assert_taken(post(&world, &world.v, &message));
    }
    const struct call_back other = plain(&world, &world.p);
    assert_taken(post(&world, &world.v, &other));
    assert_int_equal(fixture_command_on(world.fixture, HUB_COMMAND_LEAVE, &world.o), REFUSAL_NONE);
    fixture_restart(world.fixture); /* nor does it forget to */
    fixture_hello(world.fixture, &world.v, 0);
    fixture_hello(world.fixture, &world.w, 0);
    fixture_hello(world.fixture, &world.p, 0);
    tick(&world, 6);
    assert_int_equal(fixture_count(world.fixture, TABLE_CALL_BACKS), 1);
    assert_taken(post_called(&world, &world.p, &other.id, PURPOSE_CONCERN));
    end(&world);
}

/* What is decided and then finds no room on the disk is decided again. */
static size_t decide_and_drop(struct world *world) {
    struct decision decision = {.arena = world->fixture->arena};
    struct turn_view view = {.now_ms = world->fixture->now_ms,
                             .rng = &world->fixture->rng,
                             .arena = world->fixture->arena};
    assert_int_equal(store_begin_write(world->fixture->store, &view.txn), 0);
    assert_int_equal(call_backs_decide_due(world->fixture->hub, &view, &decision), 0);
    store_abort(view.txn);
    return decision.fact_count;
}

static void what_could_not_be_written_is_decided_again(void **state) {
    struct world world = begin();
    const struct call_back message = plain(&world, &world.o);
    struct flag_row flag;
    assert_taken(post(&world, &world.v, &message));
    days(&world, LAST_DAY);
    world.fixture->now_ms += DAY_MS;
    const size_t facts = decide_and_drop(&world);
    assert_int_equal(facts, 2); /* its row, and that on the board */
    assert_int_equal(decide_and_drop(&world), facts);
    days(&world, 1);
    assert_int_equal(on_board(&world, &flag), 1);
    end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_desk_gets_it_as_the_volunteers_signed_it),
        cmocka_unit_test(the_same_request_twice_is_refused),
        cmocka_unit_test(a_desk_that_is_no_member_is_named_as_the_reason),
        cmocka_unit_test(a_call_back_is_a_concern_and_nothing_else),
        cmocka_unit_test(a_group_has_fifty_open_at_most),
        cmocka_unit_test(who_asked_hears_that_the_desk_called),
        cmocka_unit_test(only_the_desk_says_that_it_called_and_once),
        cmocka_unit_test(after_three_working_days_it_stands_on_the_board),
        cmocka_unit_test(a_weekend_does_not_count),
        cmocka_unit_test(a_call_in_time_keeps_it_off_the_board),
        cmocka_unit_test(a_late_call_takes_it_off_the_board),
        cmocka_unit_test(more_than_a_ticks_worth_all_reach_the_board),
        cmocka_unit_test(a_restart_forgets_neither_the_request_nor_its_clock),
        cmocka_unit_test(a_call_to_a_desk_that_left_ends_with_that_reason),
        cmocka_unit_test(a_call_to_a_revoked_desk_goes_on_at_another),
        cmocka_unit_test(all_of_a_desk_that_left_end_and_no_others),
        cmocka_unit_test(what_could_not_be_written_is_decided_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
