#include <stdio.h>

#include "tests/unit/hub/core/three_world.h"

/* OCMW A and B, CAW C; family 1 and 2. */
static struct world begin(void) {
    return three_begin("ocmw-a", "ocmw-b", "caw-c");
}

static struct family *row(struct world *world) {
    return fixture_family(world->fixture, &world->one);
}

static struct answer consent(struct world *world) {
    return fixture_consent(world->fixture, &world->one, &world->a, &world->b, NULL);
}

static uint64_t count(struct world *world, enum table table) {
    return fixture_count(world->fixture, table);
}

/* -- consent -- */

static void a_consent_begins_a_row_that_says_what_the_token_says(void **state) {
    struct world world = begin();
    assert_taken(consent(&world));
    const struct family *family = row(&world);
    assert_non_null(family);
    assert_int_equal(family->state, CONSENT_GIVEN);
    assert_true(family_handle_equal(&family->handle, &world.one.handle));
    assert_int_equal(family->given_day, first_day());
    assert_true(org_id_equal(&family->token.issuer, &world.a.org));
    assert_true(org_id_equal(&family->token.fallback_first, &world.b.org));
    assert_int_equal(family->holder_count > 0, true);
    assert_true(org_id_equal(&family->holders[0], &world.a.org));
    assert_int_equal(family->record_key, 1);
    assert_int_equal(fixture_health(world.fixture).families, 1);
    three_end(&world);
}

static void the_same_consent_twice_changes_nothing(void **state) {
    struct world world = begin();
    const struct consent_token token = token_plain(world.fixture, &world.one, &world.a, NULL, NULL);
    const struct consent_message message =
        consent_plain(world.fixture, &world.one, &world.a, &token);
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    uint64_t sequence = fixture_health(world.fixture).position.sequence;
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_int_equal(fixture_health(world.fixture).position.sequence, sequence);
    struct mail again = consent_mail(world.fixture, &world.a, &message); /* under a new number */
    assert_refused(fixture_post(world.fixture, &world.a, &again), REFUSAL_STALE);
    three_end(&world);
}

static void a_consent_that_somebody_else_issued_is_refused(void **state) {
    struct world world = begin();
    const struct consent_token token = token_plain(world.fixture, &world.one, &world.a, NULL, NULL);
    const struct consent_message message =
        consent_plain(world.fixture, &world.one, &world.a, &token);
    struct mail mail = consent_mail(world.fixture, &world.b, &message);
    assert_refused(fixture_post(world.fixture, &world.b, &mail), REFUSAL_NOT_YOURS);
    assert_int_equal(count(&world, TABLE_FAMILIES), 0);
    three_end(&world);
}

static void a_consent_for_another_hub_is_refused_for_good(void **state) {
    struct world world = begin();
    struct consent_token token = token_plain(world.fixture, &world.one, &world.a, NULL, NULL);
    assert_int_equal(hub_id_parse("gent", &token.hub), 0);
    const struct consent_message message =
        consent_plain(world.fixture, &world.one, &world.a, &token);
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_NOT_ALLOWED);
    three_end(&world);
}

static void without_a_record_key_a_consent_waits(void **state) {
    struct world world = begin();
    world.fixture->no_keys = true;
    fixture_restart(world.fixture);
    fixture_hello(world.fixture, &world.a, 0);
    const struct consent_token token = token_plain(world.fixture, &world.one, &world.a, NULL, NULL);
    const struct consent_message message =
        consent_plain(world.fixture, &world.one, &world.a, &token);
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_not_taken(fixture_post(world.fixture, &world.a, &mail), REFUSAL_BUSY);
    assert_int_equal(hub_keys_left(world.fixture->hub), 0);
    assert_int_equal(hub_offer_keys(world.fixture->hub, 7, 2), 0);
    assert_int_equal(hub_keys_left(world.fixture->hub), 2);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_int_equal(hub_keys_left(world.fixture->hub), 1);
    assert_int_equal(row(&world)->record_key, 7);
    uint64_t last;
    assert_int_equal(hub_last_key(world.fixture->hub, &last), 0);
    assert_int_equal(last, 7);
    three_end(&world);
}

static void a_consent_carries_the_issuers_own_support(void **state) {
    struct world world = begin();
    const struct consent_token token =
        token_plain(world.fixture, &world.one, &world.a, &world.b, NULL);
    const struct support support = support_plain(world.fixture, &world.one, &world.a);
    struct consent_message message = consent_plain(world.fixture, &world.one, &world.a, &token);
    message.support = support_proof(world.fixture, &world.one, &support);
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_int_equal(row(&world)->support_count, 1);
    assert_int_equal(count(&world, TABLE_FLAGS), 0); /* no flag flashed */
    three_end(&world);
}

static void a_bad_support_takes_its_consent_along(void **state) {
    struct world world = begin();
    const struct consent_token token = token_plain(world.fixture, &world.one, &world.a, NULL, NULL);
    const struct support support = support_plain(world.fixture, &world.one, &world.b);
    struct consent_message message = consent_plain(world.fixture, &world.one, &world.a, &token);
    message.support = support_proof(world.fixture, &world.one, &support);
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_NOT_YOURS);
    assert_int_equal(count(&world, TABLE_FAMILIES), 0);
    three_end(&world);
}

static void support_that_is_expected_has_the_grace(void **state) {
    struct world world = begin();
    const struct consent_token token = token_plain(world.fixture, &world.one, &world.a, NULL, NULL);
    struct consent_message message = consent_plain(world.fixture, &world.one, &world.a, &token);
    message.support_expected = true;
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_int_equal(count(&world, TABLE_FLAGS), 0);
    assert_taken(fixture_consent(world.fixture, &world.two, &world.a, NULL, NULL));
    assert_int_equal(count(&world, TABLE_FLAGS), 1);
    three_end(&world);
}

/* -- envelopes -- */

static void envelope_to(const struct party *party, uint8_t fill, struct contact_envelope *ret) {
    static uint8_t box[2][1024 + 48];
    memset(box[fill % 2], fill, sizeof(box[0]));
    *ret = (struct contact_envelope){.org = party->org, .sealed = {.box = BYTES_OF(box[fill % 2])}};
    memcpy(ret->sealed.key, party->member.contact.bytes, sizeof(ret->sealed.key));
}

static int envelope_of(struct world *world, const struct party *party, struct sealed *ret) {
    const struct family *family = row(world);
    struct store_txn *view = fixture_read(world->fixture);
    int r = family_envelope_get(view, &world->fixture->params.families, family, &party->org,
                                world->fixture->arena, ret);
    store_abort(view);
    return r;
}

static void an_envelope_waits_for_its_fallback_until_another_takes_its_place(void **state) {
    struct world world = begin();
    struct consent_token token = token_plain(world.fixture, &world.one, &world.a, &world.b, NULL);
    struct consent_message message = consent_plain(world.fixture, &world.one, &world.a, &token);
    struct sealed sealed;
    envelope_to(&world.b, 0xb1, &message.envelopes[0]);
    message.envelope_count = 1;
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_int_equal(envelope_of(&world, &world.b, &sealed), 0);
    assert_int_equal(sealed.box.length, 1024 + 48);
    assert_int_equal(sealed.box.data[1071], 0xb1);
    assert_memory_equal(sealed.key, world.b.member.contact.bytes, sizeof(sealed.key));
    assert_int_equal(envelope_of(&world, &world.c, &sealed), ERR_NOT_FOUND);
    assert_false(fixture_holds(world.fixture, sealed.box));

    token.number = 2;
    token.fallback_first = world.c.org;
    message = consent_plain(world.fixture, &world.one, &world.a, &token);
    envelope_to(&world.c, 0xc2, &message.envelopes[0]);
    message.envelope_count = 1;
    mail = consent_mail(world.fixture, &world.a, &message);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_int_equal(envelope_of(&world, &world.c, &sealed), 0);
    assert_int_equal(envelope_of(&world, &world.b, &sealed), ERR_NOT_FOUND);
    assert_int_equal(count(&world, TABLE_FAMILY_ENVELOPES), 1);
    three_end(&world);
}

/* Its length would tell the hub how much a family has to say. */
static void an_envelope_of_another_size_is_refused_and_stores_nothing(void **state) {
    struct world world = begin();
    const struct consent_token token =
        token_plain(world.fixture, &world.one, &world.a, &world.b, NULL);
    struct consent_message message = consent_plain(world.fixture, &world.one, &world.a, &token);
    envelope_to(&world.b, 0xb1, &message.envelopes[0]);
    message.envelope_count = 1;
    message.envelopes[0].sealed.box.length = 60;
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_MALFORMED);
    assert_int_equal(count(&world, TABLE_FAMILIES), 0);
    assert_int_equal(count(&world, TABLE_FAMILY_ENVELOPES), 0);
    three_end(&world);
}

static void an_envelope_for_somebody_who_is_no_fallback_is_refused(void **state) {
    struct world world = begin();
    const struct consent_token token =
        token_plain(world.fixture, &world.one, &world.a, &world.b, NULL);
    struct consent_message message = consent_plain(world.fixture, &world.one, &world.a, &token);
    envelope_to(&world.c, 1, &message.envelopes[0]);
    message.envelope_count = 1;
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_OUT_OF_SCOPE);
    assert_int_equal(count(&world, TABLE_FAMILIES), 0);
    three_end(&world);
}

static void the_flag_that_a_consent_raises_carries_the_envelope_that_came_with_it(void **state) {
    struct world world = begin();
    const struct consent_token token =
        token_plain(world.fixture, &world.one, &world.a, &world.b, NULL);
    struct consent_message message = consent_plain(world.fixture, &world.one, &world.a, &token);
    struct notice notice;
    envelope_to(&world.b, 0xb1, &message.envelopes[0]);
    message.envelope_count = 1;
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_FLAG);
    assert_int_equal(notice.flag.kind, FLAG_NO_LOCAL);
    assert_true(notice.flag.yours);
    assert_int_equal(notice.contact.box.length, 1024 + 48);
    three_end(&world);
}

/* -- support -- */

static void a_support_stands_in_the_row_as_it_was_told(void **state) {
    struct world world = begin();
    assert_taken(consent(&world));
    assert_taken(fixture_support(world.fixture, &world.one, &world.b));
    const struct family *family = row(&world);
    assert_int_equal(family->support_count, 1);
    assert_true(org_id_equal(&family->supports[0].org, &world.b.org));
    assert_int_equal(family->supports[0].state, SUPPORT_ACTIVE);
    assert_int_equal(family->supports[0].confirmed_day, first_day());
    assert_int_equal(family->supports[0].end_day, FAMILY_DAY_NONE);
    three_end(&world);
}

static void a_support_without_a_consent_is_refused_and_stores_nothing(void **state) {
    struct world world = begin();
    uint64_t sequence = fixture_health(world.fixture).position.sequence;
    assert_refused(fixture_support(world.fixture, &world.one, &world.b), REFUSAL_NO_CONSENT);
    assert_int_equal(fixture_health(world.fixture).position.sequence, sequence + 1);
    assert_int_equal(count(&world, TABLE_FAMILIES), 0);
    assert_false(fixture_holds(world.fixture, BYTES_OF(world.one.handle)));
    three_end(&world);
}

static void a_node_cannot_claim_the_support_of_another(void **state) {
    struct world world = begin();
    assert_taken(consent(&world));
    const struct support support = support_plain(world.fixture, &world.one, &world.b);
    struct mail mail = support_mail(world.fixture, &world.c, &world.one, &support);
    assert_refused(fixture_post(world.fixture, &world.c, &mail), REFUSAL_NOT_YOURS);
    assert_int_equal(row(&world)->support_count, 0);
    three_end(&world);
}

static void a_support_needs_the_presence_key(void **state) {
    struct world world = begin();
    assert_taken(consent(&world));
    struct household liar = world.one;
    liar.presence = world.two.presence;
    const struct support support = support_plain(world.fixture, &world.one, &world.b);
    struct mail mail = support_mail(world.fixture, &world.b, &liar, &support);
    assert_refused(fixture_post(world.fixture, &world.b, &mail), REFUSAL_BAD_SIGNATURE);
    three_end(&world);
}

static void the_highest_number_of_a_support_stands(void **state) {
    struct world world = begin();
    assert_taken(consent(&world));
    struct support older = support_plain(world.fixture, &world.one, &world.b);
    assert_taken(fixture_support(world.fixture, &world.one, &world.b));
    assert_refused(fixture_support_as(world.fixture, &world.one, &world.b, &older), REFUSAL_STALE);
    fixture_days(world.fixture, 1);
    assert_taken(fixture_support(world.fixture, &world.one, &world.b));
    assert_int_equal(row(&world)->supports[0].since_day, first_day()); /* it went on */
    struct support ended = support_plain(world.fixture, &world.one, &world.b);
    ended.state = SUPPORT_ENDED;
    ended.why = END_FINISHED;
    ended.end_day = first_day();
    assert_taken(fixture_support_as(world.fixture, &world.one, &world.b, &ended));
    assert_int_equal(row(&world)->support_count, 1);
    assert_int_equal(row(&world)->supports[0].state, SUPPORT_ENDED);
    assert_taken(fixture_support(world.fixture, &world.one, &world.b));
    assert_int_equal(row(&world)->supports[0].since_day, first_day() + 1); /* begun anew */
    three_end(&world);
}

static void a_contact_of_the_future_is_refused(void **state) {
    struct world world = begin();
    assert_taken(consent(&world));
    struct support support = support_plain(world.fixture, &world.one, &world.b);
    support.confirmed_day += 2;
    assert_refused(fixture_support_as(world.fixture, &world.one, &world.b, &support),
                   REFUSAL_FROM_THE_FUTURE);
    three_end(&world);
}

static void a_purpose_that_is_not_on_the_list_is_refused(void **state) {
    struct world world = begin();
    assert_taken(consent(&world));
    struct support support = support_plain(world.fixture, &world.one, &world.b);
    support.purpose = 99;
    assert_refused(fixture_support_as(world.fixture, &world.one, &world.b, &support),
                   REFUSAL_UNKNOWN_PURPOSE);
    support.purpose = PURPOSE_CONCERN;
    assert_refused(fixture_support_as(world.fixture, &world.one, &world.b, &support),
                   REFUSAL_NOT_ALLOWED);
    three_end(&world);
}

static void a_consent_for_another_purpose_is_refused(void **state) {
    struct world world = begin();
    const struct consent_token token = token_plain(world.fixture, &world.one, &world.a, NULL, NULL);
    struct consent_message message = consent_plain(world.fixture, &world.one, &world.a, &token);
    message.purpose = 99;
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_UNKNOWN_PURPOSE);
    message.purpose = PURPOSE_CONCERN;
    mail = consent_mail(world.fixture, &world.a, &message);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_NOT_ALLOWED);
    assert_int_equal(count(&world, TABLE_FAMILIES), 0);
    three_end(&world);
}

static void a_support_beyond_the_scope_is_refused(void **state) {
    struct world world = begin();
    struct consent_token token = token_plain(world.fixture, &world.one, &world.a, NULL, NULL);
    token.scopes.bits = scope_bit(SCOPE_CONCERN);
    const struct consent_message message =
        consent_plain(world.fixture, &world.one, &world.a, &token);
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_refused(fixture_support(world.fixture, &world.one, &world.b), REFUSAL_OUT_OF_SCOPE);
    three_end(&world);
}

static void who_narrows_presence_away_takes_the_supports_along(void **state) {
    struct world world = begin();
    struct consent_token token = token_plain(world.fixture, &world.one, &world.a, NULL, NULL);
    struct notice notice;
    assert_taken(fixture_consent(world.fixture, &world.one, &world.a, NULL, NULL));
    assert_taken(fixture_support(world.fixture, &world.one, &world.b));
    token.number = 2;
    token.scopes.bits = scope_bit(SCOPE_CONCERN);
    const struct consent_message message =
        consent_plain(world.fixture, &world.one, &world.a, &token);
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_int_equal(row(&world)->state, CONSENT_NARROWED);
    assert_int_equal(row(&world)->support_count, 0);
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_SUPPORT_OVER);
    assert_int_equal(notice.why, END_FAMILY_WISH);
    three_end(&world);
}

static void the_one_that_ended_first_makes_place_for_one_more_supporter(void **state) {
    struct world world = begin();
    struct party parties[FAMILY_SUPPORTS_MAX + 1];
    assert_taken(consent(&world));
    for (int i = 0; i <= FAMILY_SUPPORTS_MAX; i++) {
        char name[16];
        snprintf(name, sizeof(name), "dmw-%d", i);
        parties[i] = party_make(name, 10 + i);
        fixture_join(world.fixture, &parties[i]);
    }
    for (int i = 0; i < FAMILY_SUPPORTS_MAX; i++) {
        assert_taken(fixture_support(world.fixture, &world.one, &parties[i]));
    }
    struct party *more = &parties[FAMILY_SUPPORTS_MAX];
    assert_refused(fixture_support(world.fixture, &world.one, more), REFUSAL_OVER_QUOTA);
    for (int i = 3; i < 6; i++) {
        struct support ended = support_plain(world.fixture, &world.one, &parties[i]);
        ended.state = SUPPORT_ENDED;
        ended.why = END_FINISHED;
        ended.end_day = first_day() - (i == 4 ? 9 : 1); /* neither the first nor the last */
        assert_taken(fixture_support_as(world.fixture, &world.one, &parties[i], &ended));
    }
    assert_taken(fixture_support(world.fixture, &world.one, more));
    struct family *family = row(&world);
    assert_int_equal(family->support_count, FAMILY_SUPPORTS_MAX);
    assert_null(family_support_of(family, &parties[4].org));
    assert_non_null(family_support_of(family, &parties[3].org));
    three_end(&world);
}

static void greet(struct world *world, int64_t skew_ms) {
    fixture_hello(world->fixture, &world->a, skew_ms);
    fixture_hello(world->fixture, &world->b, skew_ms);
    fixture_hello(world->fixture, &world->c, skew_ms);
    fixture_tick(world->fixture);
}

static void what_came_by_a_halted_clock_is_judged_when_it_is_right_again(void **state) {
    struct world world = begin();
    greet(&world, 2 * (int64_t)HOUR_MS);
    assert_true(fixture_health(world.fixture).clock_halted);
    assert_taken(consent(&world));
    fixture_tick(world.fixture);
    assert_int_equal(count(&world, TABLE_FLAGS), 0);
    greet(&world, 0);
    fixture_tick(world.fixture);
    assert_int_equal(count(&world, TABLE_FLAGS), 1);
    uint64_t sequence = fixture_health(world.fixture).position.sequence;
    fixture_tick(world.fixture);
    assert_int_equal(fixture_health(world.fixture).position.sequence, sequence);
    three_end(&world);
}

static void a_member_begins_so_many_families_a_day_and_the_next_ones_wait(void **state) {
    struct world world = begin();
    assert_taken(consent(&world));
    struct peer *peer = peers_find(world.fixture->hub->peers, &world.a.org);
    assert_int_equal(peer->families, 1);
    peer->families = FAMILIES_A_DAY_MAX;
    struct household two = household_make(world.fixture, 22);
    assert_not_taken(fixture_consent(world.fixture, &two, &world.a, NULL, NULL), REFUSAL_BUSY);
    assert_int_equal(count(&world, TABLE_FAMILIES), 1);
    assert_taken(fixture_consent(world.fixture, &two, &world.b, NULL, NULL));
    assert_taken(fixture_support(world.fixture, &world.one, &world.a));
    three_end(&world);
}

static void a_member_changes_so_many_consents_a_day_beside_those_that_it_begins(void **state) {
    struct world world = begin();
    assert_taken(consent(&world));
    assert_taken(consent(&world));
    struct peer *peer = peers_find(world.fixture->hub->peers, &world.a.org);
    assert_int_equal(peer->consent_changes, 1);
    peer->families = FAMILIES_A_DAY_MAX;
    assert_taken(consent(&world));
    peer->families = 1;
    peer->consent_changes = CONSENT_CHANGES_A_DAY_MAX;
    struct consent_token token = token_plain(world.fixture, &world.one, &world.a, NULL, NULL);
    struct consent_message message = consent_plain(world.fixture, &world.one, &world.a, &token);
    struct mail waits = consent_mail(world.fixture, &world.a, &message);
    assert_not_taken(fixture_post(world.fixture, &world.a, &waits), REFUSAL_BUSY);
    assert_true(fixture_family(world.fixture, &world.one)->token.number < token.number);
    struct household two = household_make(world.fixture, 22);
    assert_taken(fixture_consent(world.fixture, &two, &world.a, NULL, NULL));
    assert_taken(fixture_withdraw(world.fixture, &world.a, &two, WITHDRAWAL_CARD));
    world.fixture->now_ms += DAY_MS;
    assert_taken(fixture_post(world.fixture, &world.a, &waits));
    assert_int_equal(fixture_family(world.fixture, &world.one)->token.number, token.number);
    three_end(&world);
}

static void a_member_says_so_much_of_families_a_day_and_what_is_beyond_waits(void **state) {
    struct world world = begin();
    assert_taken(consent(&world));
    assert_taken(fixture_consent(world.fixture, &world.two, &world.a, NULL, NULL));
    assert_taken(fixture_support(world.fixture, &world.one, &world.a));
    struct peer *peer = peers_find(world.fixture->hub->peers, &world.a.org);
    assert_int_equal(peer->family_messages, 1);
    peer->family_messages = FAMILY_MESSAGES_A_DAY_MAX;
    const struct support support = support_plain(world.fixture, &world.one, &world.a);
    struct mail waits = support_mail(world.fixture, &world.a, &world.one, &support);
    assert_not_taken(fixture_post(world.fixture, &world.a, &waits), REFUSAL_BUSY);
    assert_true(row(&world)->supports[0].number < support.number);
    assert_taken(consent(&world));
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.two, WITHDRAWAL_CARD));
    assert_taken(fixture_support(world.fixture, &world.one, &world.b));
    world.fixture->now_ms += DAY_MS;
    assert_taken(fixture_post(world.fixture, &world.a, &waits));
    assert_int_equal(peer->family_messages, 1);
    three_end(&world);
}

static void a_fallback_that_is_taken_back_is_told_of_no_flag_any_more(void **state) {
    struct world world = begin();
    struct flag_cursor cursor;
    struct flag_row row;
    assert_taken(fixture_consent(world.fixture, &world.one, &world.a, &world.b, &world.c));
    fixture_forget(world.fixture);
    assert_taken(fixture_consent(world.fixture, &world.one, &world.a, &world.c, NULL));
    struct store_txn *view = fixture_read(world.fixture);
    assert_int_equal(flag_first(view, &cursor, &row), 0);
    store_abort(view);
    assert_true(org_id_equal(&row.turn, &world.c.org));
    struct notice notice;
    assert_true(fixture_notice(world.fixture, &world.c, 0, &notice));
    assert_true(notice.flag.yours);
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_FLAG_OVER);
    three_end(&world);
}

/* A hub whose clock is two months behind: twelve months from today look like fourteen. */
static void a_consent_that_is_too_long_by_a_halted_clock_is_not_refused_for_good(void **state) {
    struct world world = begin();
    const struct consent_token token = token_plain(world.fixture, &world.one, &world.a, NULL, NULL);
    const struct consent_message message =
        consent_plain(world.fixture, &world.one, &world.a, &token);
    const int64_t right_ms = world.fixture->now_ms;
    world.fixture->now_ms -= 60 * (int64_t)DAY_MS;
    fixture_tick(world.fixture);
    greet(&world, 60 * (int64_t)DAY_MS);
    assert_true(fixture_health(world.fixture).clock_halted);
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_not_taken(fixture_post(world.fixture, &world.a, &mail), REFUSAL_BUSY);
    world.fixture->now_ms = right_ms + MINUTE_MS;
    fixture_tick(world.fixture);
    greet(&world, 0);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    three_end(&world);
}

/* By a hub that is two days behind every number is. */
static void
a_token_number_of_the_future_is_refused_but_not_for_good_by_a_halted_clock(void **state) {
    struct world world = begin();
    const int64_t right_ms = world.fixture->now_ms;
    struct consent_token token = token_plain(world.fixture, &world.one, &world.a, NULL, NULL);
    token.number = UINT32_MAX;
    struct consent_message message = consent_plain(world.fixture, &world.one, &world.a, &token);
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_FROM_THE_FUTURE);
    assert_int_equal(count(&world, TABLE_FAMILIES), 0);
    token.number = (uint32_t)(right_ms / 1000);
    message = consent_plain(world.fixture, &world.one, &world.a, &token);
    world.fixture->now_ms -= 2 * (int64_t)DAY_MS;
    fixture_tick(world.fixture);
    greet(&world, 2 * (int64_t)DAY_MS);
    assert_true(fixture_health(world.fixture).clock_halted);
    mail = consent_mail(world.fixture, &world.a, &message);
    assert_not_taken(fixture_post(world.fixture, &world.a, &mail), REFUSAL_BUSY);
    world.fixture->now_ms = right_ms + MINUTE_MS;
    fixture_tick(world.fixture);
    greet(&world, 0);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    three_end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_consent_begins_a_row_that_says_what_the_token_says),
        cmocka_unit_test(the_same_consent_twice_changes_nothing),
        cmocka_unit_test(a_consent_that_somebody_else_issued_is_refused),
        cmocka_unit_test(a_consent_for_another_hub_is_refused_for_good),
        cmocka_unit_test(without_a_record_key_a_consent_waits),
        cmocka_unit_test(a_consent_carries_the_issuers_own_support),
        cmocka_unit_test(a_bad_support_takes_its_consent_along),
        cmocka_unit_test(support_that_is_expected_has_the_grace),
        cmocka_unit_test(an_envelope_waits_for_its_fallback_until_another_takes_its_place),
        cmocka_unit_test(an_envelope_of_another_size_is_refused_and_stores_nothing),
        cmocka_unit_test(an_envelope_for_somebody_who_is_no_fallback_is_refused),
        cmocka_unit_test(the_flag_that_a_consent_raises_carries_the_envelope_that_came_with_it),
        cmocka_unit_test(a_support_stands_in_the_row_as_it_was_told),
        cmocka_unit_test(a_support_without_a_consent_is_refused_and_stores_nothing),
        cmocka_unit_test(a_node_cannot_claim_the_support_of_another),
        cmocka_unit_test(a_support_needs_the_presence_key),
        cmocka_unit_test(the_highest_number_of_a_support_stands),
        cmocka_unit_test(a_contact_of_the_future_is_refused),
        cmocka_unit_test(a_purpose_that_is_not_on_the_list_is_refused),
        cmocka_unit_test(a_consent_for_another_purpose_is_refused),
        cmocka_unit_test(a_support_beyond_the_scope_is_refused),
        cmocka_unit_test(who_narrows_presence_away_takes_the_supports_along),
        cmocka_unit_test(what_came_by_a_halted_clock_is_judged_when_it_is_right_again),
        cmocka_unit_test(a_member_begins_so_many_families_a_day_and_the_next_ones_wait),
        cmocka_unit_test(a_member_changes_so_many_consents_a_day_beside_those_that_it_begins),
        cmocka_unit_test(a_member_says_so_much_of_families_a_day_and_what_is_beyond_waits),
        cmocka_unit_test(a_fallback_that_is_taken_back_is_told_of_no_flag_any_more),
        cmocka_unit_test(a_consent_that_is_too_long_by_a_halted_clock_is_not_refused_for_good),
        cmocka_unit_test(
            a_token_number_of_the_future_is_refused_but_not_for_good_by_a_halted_clock),
        cmocka_unit_test(the_one_that_ended_first_makes_place_for_one_more_supporter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
