#include "tests/unit/hub/core/family_fixture.h"

/* OCMW A took the consent and writes down what the family asked; CAW B is asked; C and D may be
 * passed on to; E is an organisation that isn't a member. */
struct world {
    struct fixture *fixture;
    struct party a, b, c, d, e;
    struct household one;
};

static struct world begin(void) {
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

static void end(struct world *world) {
    fixture_free(world->fixture);
}

static struct ask ask_plain(struct world *world, const struct party *to, const char *service) {
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

static struct mail ask_mail(struct world *world, struct party *sender, const struct ask *ask,
                            const struct sign_secret *key) {
    struct bytes statement;
    assert_int_equal(ask_encode(ask, world->fixture->arena, &statement), 0);
    return mail_next(world->fixture, sender, MESSAGE_KIND_ASK,
                     proven_body(world->fixture, key, ASK_DOMAIN, statement));
}

static struct answer post_ask(struct world *world, struct party *sender, const struct ask *ask) {
    const struct mail mail = ask_mail(world, sender, ask, &world->one.presence);
    return fixture_post(world->fixture, sender, &mail);
}

static struct answer post_revoke(struct world *world, const struct ask *ask) {
    struct ask revoked = *ask;
    revoked.revoked = true;
    return post_ask(world, &world->a, &revoked);
}

static struct mail answer_mail(struct world *world, struct party *sender,
                               const struct ask_answer *answer) {
    struct bytes body;
    assert_int_equal(ask_answer_encode(answer, world->fixture->arena, &body), 0);
    return mail_next(world->fixture, sender, MESSAGE_KIND_ASK_ANSWER, body);
}

static struct answer post_answer(struct world *world, struct party *sender, const struct ask *ask,
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

static struct answer post_pass(struct world *world, struct party *sender, const struct ask *ask,
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

static const struct family_ask *standing(struct world *world, const struct ask *ask) {
    struct family *family = fixture_family(world->fixture, &world->one);
    assert_non_null(family);
    return family_ask_find(family, &ask->id);
}

static bool holds(struct world *world, const struct party *party) {
    const struct family *family = fixture_family(world->fixture, &world->one);
    for (size_t i = 0; i < family->holder_count; i++) {
        if (org_id_equal(&family->holders[i], &party->org)) {
            return true;
        }
    }
    return false;
}

/* The notice that the party got, with the mail that it passes on as its sender signed it. */
static struct notice relayed(struct world *world, const struct party *to, enum notice_kind kind,
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

static void assert_unchanged(struct world *world, const struct ask *ask, enum ask_state state,
                             const struct party *to) {
    const struct family_ask *now = standing(world, ask);
    assert_non_null(now);
    assert_int_equal(now->state, state);
    assert_true(org_id_equal(&now->to, &to->org));
}

/* -- asking -- */

static void who_is_asked_gets_the_question_as_the_asker_signed_it(void **state) {
    struct world world = begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    const struct mail mail = ask_mail(&world, &world.a, &ask, &world.one.presence);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    const struct notice notice =
        relayed(&world, &world.b, NOTICE_ASK, &world.a, mail.envelope.body);
    assert_true(message_id_equal(&notice.about, &ask.id));
    assert_true(family_handle_equal(&notice.handle, &world.one.handle));
    assert_int_equal(notice.purpose, PURPOSE_SUPPORT);
    assert_true(notice.token.token.length > 0);
    assert_int_equal(fixture_postings_to(world.fixture, &world.c), 0);
    const struct family_ask *now = standing(&world, &ask);
    assert_int_equal(now->state, ASK_OPEN);
    assert_int_equal(now->received_day, first_day());
    assert_int_equal(now->answered_day, FAMILY_DAY_NONE);
    assert_true(holds(&world, &world.b));
    end(&world);
}

static void a_question_that_stands_is_not_asked_twice(void **state) {
    struct world world = begin();
    struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_EXISTS); /* the very same */
    assert_int_equal(fixture_postings_to(world.fixture, &world.b), 0);
    ask.id = fixture_id(world.fixture);
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_EXISTS); /* in another's words */
    ask = ask_plain(&world, &world.b, "leefloon");
    assert_taken(post_ask(&world, &world.a, &ask));
    ask = ask_plain(&world, &world.c, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_int_equal(fixture_family(world.fixture, &world.one)->ask_count, 3);
    end(&world);
}

static void two_who_write_down_the_same_question_ask_it_once(void **state) {
    struct world world = begin();
    struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    struct ask other = ask_plain(&world, &world.b, "onthaal");
    other.org = world.c.org;
    assert_refused(post_ask(&world, &world.c, &other), REFUSAL_EXISTS);
    end(&world);
}

static void a_question_may_be_asked_again_once_it_was_refused(void **state) {
    struct world world = begin();
    struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_taken(post_answer(&world, &world.b, &ask, ASK_REFUSED));
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_EXISTS); /* a new one has a new id */
    ask.id = fixture_id(world.fixture);
    assert_taken(post_ask(&world, &world.a, &ask));
    end(&world);
}

static void a_question_has_a_day_that_can_be(void **state) {
    struct world world = begin();
    struct ask ask = ask_plain(&world, &world.b, "onthaal");
    ask.asked_day = first_day() + 2;
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_FROM_THE_FUTURE);
    ask.asked_day = first_day() - 367;
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_IMPLAUSIBLE);
    ask.asked_day = first_day() - 366;
    assert_taken(post_ask(&world, &world.a, &ask));
    ask = ask_plain(&world, &world.c, "onthaal");
    ask.asked_day = first_day() + 1; /* a clock that is a little ahead */
    assert_taken(post_ask(&world, &world.a, &ask));
    end(&world);
}

static void who_is_no_member_cannot_be_asked(void **state) {
    struct world world = begin();
    const struct ask ask = ask_plain(&world, &world.e, "onthaal");
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_NOT_FOUND);
    assert_int_equal(fixture_family(world.fixture, &world.one)->ask_count, 0);
    end(&world);
}

static void nobody_asks_in_anothers_name(void **state) {
    struct world world = begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_refused(post_ask(&world, &world.c, &ask), REFUSAL_NOT_YOURS);
    end(&world);
}

static void a_question_needs_the_presence_key(void **state) {
    struct world world = begin();
    const struct household two = household_make(world.fixture, 2);
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    const struct mail mail = ask_mail(&world, &world.a, &ask, &two.presence);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_BAD_SIGNATURE);
    end(&world);
}

static void a_question_needs_a_consent_that_covers_it(void **state) {
    struct world world = begin();
    const struct household two = household_make(world.fixture, 2);
    struct ask ask = ask_plain(&world, &world.b, "onthaal");
    ask.handle = two.handle;
    struct mail mail = ask_mail(&world, &world.a, &ask, &two.presence);
    assert_refused(fixture_post(world.fixture, &world.a, &mail), REFUSAL_NO_CONSENT);
    ask = ask_plain(&world, &world.b, "onthaal");
    ask.purpose = PURPOSE_CONCERN;
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_NOT_ALLOWED);
    ask.purpose = 99;
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_UNKNOWN_PURPOSE);
    struct consent_token token = token_plain(world.fixture, &world.one, &world.a, NULL, NULL);
    token.scopes.bits = scope_bit(SCOPE_CONCERN);
    const struct consent_message message =
        consent_plain(world.fixture, &world.one, &world.a, &token);
    mail = consent_mail(world.fixture, &world.a, &message);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    ask.purpose = PURPOSE_SUPPORT;
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_OUT_OF_SCOPE);
    end(&world);
}

static void what_no_notice_could_hold_is_not_relayed(void **state) {
    struct world world = begin();
    static uint8_t box[RELAYED_BYTES_MAX];
    struct ask ask = ask_plain(&world, &world.b, "onthaal");
    ask.contact.box = BYTES_OF(box);
    memcpy(ask.contact.key, world.b.member.contact.bytes, sizeof(ask.contact.key));
    assert_refused(post_ask(&world, &world.a, &ask), REFUSAL_TOO_LARGE);
    assert_null(standing(&world, &ask));
    end(&world);
}

static void a_full_list_makes_place_for_a_new_question_only_where_one_has_ended(void **state) {
    static const char *const services[] = {"s-a", "s-b", "s-c", "s-d", "s-e", "s-f", "s-g",
                                           "s-h", "s-i", "s-j", "s-k", "s-l", "s-m"};
    struct world world = begin();
    struct ask asks[FAMILY_ASKS_MAX + 1];
    _Static_assert(sizeof(services) / sizeof(services[0]) == FAMILY_ASKS_MAX + 1, "one too many");
    for (size_t i = 0; i < FAMILY_ASKS_MAX; i++) {
        asks[i] = ask_plain(&world, &world.b, services[i]);
        assert_taken(post_ask(&world, &world.a, &asks[i]));
    }
    struct ask *last = &asks[FAMILY_ASKS_MAX];
    *last = ask_plain(&world, &world.b, services[FAMILY_ASKS_MAX]);
    assert_refused(post_ask(&world, &world.a, last), REFUSAL_OVER_QUOTA);
    assert_taken(post_answer(&world, &world.b, &asks[0], ASK_REFUSED)); /* its flag is to come */
    assert_taken(post_answer(&world, &world.b, &asks[3], ASK_TAKEN));
    last->id = fixture_id(world.fixture);
    assert_taken(post_ask(&world, &world.a, last));
    assert_null(standing(&world, &asks[3]));
    assert_non_null(standing(&world, &asks[0]));
    assert_unchanged(&world, last, ASK_OPEN, &world.b);
    end(&world);
}

/* Ours is a month behind; the question is of today. */
static void by_a_halted_clock_no_question_is_of_the_future(void **state) {
    struct world world = begin();
    struct ask ask = ask_plain(&world, &world.b, "onthaal");
    const struct party *members[] = {&world.a, &world.b, &world.c, &world.d};
    world.fixture->now_ms -= 30 * (int64_t)DAY_MS;
    fixture_tick(world.fixture);
    for (size_t i = 0; i < 4; i++) {
        fixture_hello(world.fixture, members[i], 30 * (int64_t)DAY_MS);
    }
    fixture_tick(world.fixture);
    assert_true(fixture_health(world.fixture).clock_halted);
    assert_taken(post_ask(&world, &world.a, &ask));
    end(&world);
}

static void who_could_not_be_told_of_the_end_is_not_asked(void **state) {
    struct world world = begin();
    char name[ORG_ID_MAX + 1];
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    struct family *family = fixture_family(world.fixture, &world.one);
    /* The list of holders is filled by those who look: each gets the token. */
    while (family->holder_count < FAMILY_HOLDERS_MAX) {
        snprintf(name, sizeof(name), "looker-%zu", family->holder_count);
        const struct org_id org = org_named(name);
        assert_true(family_hold(family, &org));
    }
    struct turn_view view = {.now_ms = world.fixture->now_ms,
                             .arena = world.fixture->arena,
                             .rng = &world.fixture->rng,
                             .txn = fixture_read(world.fixture)};
    struct family_work work = {.hub = world.fixture->hub,
                               .view = &view,
                               .family = family,
                               .effects = ARENA_NEW(view.arena, struct family_effects)};
    work.world.today = first_day();
    struct mail mail = ask_mail(&world, &world.a, &ask, &world.one.presence);
    const struct office_mail office = {.envelope = mail.envelope};
    enum refusal refusal = REFUSAL_NONE;
    assert_int_equal(asks_take(&work, &office, &refusal), 0);
    assert_int_equal(refusal, REFUSAL_OVER_QUOTA);
    assert_int_equal(work.effects->notice_count, 0);
    store_abort(view.txn);
    end(&world);
}

/* -- answering -- */

static void a_question_that_is_taken_comes_back_to_who_asked(void **state) {
    struct world world = begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    const struct ask_answer answer = {
        .purpose = PURPOSE_SUPPORT, .id = ask.id, .handle = ask.handle, .state = ASK_TAKEN};
    const struct mail mail = answer_mail(&world, &world.b, &answer);
    assert_taken(fixture_post(world.fixture, &world.b, &mail));
    const struct notice notice =
        relayed(&world, &world.a, NOTICE_ASK_NEWS, &world.b, mail.envelope.body);
    assert_true(message_id_equal(&notice.about, &ask.id));
    assert_unchanged(&world, &ask, ASK_TAKEN, &world.b);
    assert_int_equal(standing(&world, &ask)->answered_day, first_day());
    end(&world);
}

static void a_refusal_comes_back_with_its_reason_and_is_counted(void **state) {
    struct world world = begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    struct ask_answer got;
    struct envelope envelope;
    assert_taken(post_ask(&world, &world.a, &ask));
    const uint64_t counted = fixture_facts(world.fixture, FACT_COUNTED);
    const struct ask_answer answer = {.purpose = PURPOSE_SUPPORT,
                                      .id = ask.id,
                                      .handle = ask.handle,
                                      .state = ASK_REFUSED,
                                      .reason = ASK_NOT_COMPETENT};
    const struct mail mail = answer_mail(&world, &world.b, &answer);
    assert_taken(fixture_post(world.fixture, &world.b, &mail));
    const struct notice notice =
        relayed(&world, &world.a, NOTICE_ASK_NEWS, &world.b, mail.envelope.body);
    struct arena *arena = world.fixture->arena;
    assert_int_equal(envelope_decode(notice.origin.envelope, arena, &envelope), REFUSAL_NONE);
    assert_int_equal(ask_answer_decode(envelope.body, arena, &got), REFUSAL_NONE);
    assert_int_equal(got.reason, ASK_NOT_COMPETENT);
    assert_int_equal(standing(&world, &ask)->reason, ASK_NOT_COMPETENT);
    assert_int_equal(fixture_facts(world.fixture, FACT_COUNTED), counted + 1);
    end(&world);
}

static void only_who_is_asked_answers(void **state) {
    struct world world = begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_refused(post_answer(&world, &world.c, &ask, ASK_TAKEN), REFUSAL_NOT_YOURS);
    assert_refused(post_answer(&world, &world.a, &ask, ASK_TAKEN), REFUSAL_NOT_YOURS);
    assert_unchanged(&world, &ask, ASK_OPEN, &world.b);
    end(&world);
}

static void an_answer_without_a_question_is_refused(void **state) {
    struct world world = begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_refused(post_answer(&world, &world.b, &ask, ASK_TAKEN), REFUSAL_NOT_FOUND);
    end(&world);
}

static void an_answer_after_the_familys_withdrawal_finds_no_consent(void **state) {
    struct world world = begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    struct tombstone tombstone;
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_CARD));
    assert_true(fixture_tombstone(world.fixture, &world.b, 0, &tombstone));
    assert_refused(post_answer(&world, &world.b, &ask, ASK_TAKEN), REFUSAL_NO_CONSENT);
    end(&world);
}

static void a_question_is_answered_once(void **state) {
    struct world world = begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_taken(post_answer(&world, &world.b, &ask, ASK_TAKEN));
    assert_refused(post_answer(&world, &world.b, &ask, ASK_REFUSED), REFUSAL_WRONG_MOVE);
    assert_unchanged(&world, &ask, ASK_TAKEN, &world.b);
    end(&world);
}

static void an_answer_needs_its_purpose(void **state) {
    struct world world = begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    struct ask_answer answer = {
        .purpose = PURPOSE_CONCERN, .id = ask.id, .handle = ask.handle, .state = ASK_TAKEN};
    assert_taken(post_ask(&world, &world.a, &ask));
    struct mail mail = answer_mail(&world, &world.b, &answer);
    assert_refused(fixture_post(world.fixture, &world.b, &mail), REFUSAL_NOT_ALLOWED);
    answer.purpose = 99;
    mail = answer_mail(&world, &world.b, &answer);
    assert_refused(fixture_post(world.fixture, &world.b, &mail), REFUSAL_UNKNOWN_PURPOSE);
    end(&world);
}

/* -- taking back -- */

static void taking_back_wins_over_an_answer_that_comes_after(void **state) {
    struct world world = begin();
    struct notice notice;
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_taken(post_revoke(&world, &ask));
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_ASK_NEWS);
    assert_true(message_id_equal(&notice.about, &ask.id));
    assert_refused(post_answer(&world, &world.b, &ask, ASK_TAKEN), REFUSAL_WRONG_MOVE);
    assert_unchanged(&world, &ask, ASK_REVOKED, &world.b);
    end(&world);
}

static void taking_back_wins_over_an_answer_that_came_before(void **state) {
    struct world world = begin();
    struct notice notice;
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_taken(post_answer(&world, &world.b, &ask, ASK_TAKEN));
    assert_taken(post_revoke(&world, &ask));
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_ASK_NEWS);
    assert_unchanged(&world, &ask, ASK_REVOKED, &world.b);
    end(&world);
}

static void who_has_it_by_then_hears_that_it_was_taken_back(void **state) {
    struct world world = begin();
    struct notice notice;
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_taken(post_pass(&world, &world.b, &ask, &world.c));
    assert_taken(post_revoke(&world, &ask));
    assert_true(fixture_notice(world.fixture, &world.c, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_ASK_NEWS);
    end(&world);
}

static void what_has_ended_is_not_taken_back(void **state) {
    struct world world = begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    const struct ask other = ask_plain(&world, &world.c, "onthaal");
    assert_refused(post_revoke(&world, &ask), REFUSAL_NOT_FOUND);
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_taken(post_revoke(&world, &ask));
    assert_refused(post_revoke(&world, &ask), REFUSAL_WRONG_MOVE);
    assert_taken(post_ask(&world, &world.a, &other));
    assert_taken(post_answer(&world, &world.c, &other, ASK_REFUSED));
    assert_refused(post_revoke(&world, &other), REFUSAL_WRONG_MOVE);
    end(&world);
}

static void only_who_asked_takes_back(void **state) {
    struct world world = begin();
    struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    ask.revoked = true;
    ask.org = world.c.org;
    assert_refused(post_ask(&world, &world.c, &ask), REFUSAL_NOT_YOURS);
    ask.org = world.b.org;
    assert_refused(post_ask(&world, &world.b, &ask), REFUSAL_NOT_YOURS);
    ask.revoked = false;
    assert_unchanged(&world, &ask, ASK_OPEN, &world.b);
    end(&world);
}

/* -- passing on -- */

static void a_question_that_is_passed_on_stays_open_at_the_next(void **state) {
    struct world world = begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    const struct ask_answer answer = {.purpose = PURPOSE_SUPPORT,
                                      .id = ask.id,
                                      .handle = ask.handle,
                                      .state = ASK_PASSED_ON,
                                      .passed_to = world.c.org};
    const struct mail mail = answer_mail(&world, &world.b, &answer);
    assert_taken(fixture_post(world.fixture, &world.b, &mail));
    const struct notice next = relayed(&world, &world.c, NOTICE_ASK, &world.b, mail.envelope.body);
    assert_true(message_id_equal(&next.about, &ask.id));
    (void)relayed(&world, &world.a, NOTICE_ASK_NEWS, &world.b, mail.envelope.body);
    assert_unchanged(&world, &ask, ASK_OPEN, &world.c);
    assert_true(holds(&world, &world.c));
    assert_refused(post_answer(&world, &world.b, &ask, ASK_TAKEN), REFUSAL_NOT_YOURS);
    assert_taken(post_answer(&world, &world.c, &ask, ASK_TAKEN));
    end(&world);
}

static void passing_on_does_not_begin_the_clock_anew(void **state) {
    struct world world = begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    fixture_days(world.fixture, 2);
    assert_taken(post_pass(&world, &world.b, &ask, &world.c));
    assert_int_equal(standing(&world, &ask)->received_day, first_day());
    end(&world);
}

static void nobody_passes_on_to_itself_or_to_who_is_no_member(void **state) {
    struct world world = begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_refused(post_pass(&world, &world.b, &ask, &world.b), REFUSAL_WRONG_MOVE);
    assert_refused(post_pass(&world, &world.b, &ask, &world.e), REFUSAL_NOT_FOUND);
    assert_unchanged(&world, &ask, ASK_OPEN, &world.b);
    end(&world);
}

static void passing_on_does_not_change_the_question(void **state) {
    struct world world = begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    struct ask_answer answer = {.purpose = PURPOSE_SUPPORT,
                                .id = ask.id,
                                .handle = ask.handle,
                                .state = ASK_PASSED_ON,
                                .passed_to = world.c.org,
                                .service = service_named("leefloon")};
    assert_taken(post_ask(&world, &world.a, &ask));
    struct mail mail = answer_mail(&world, &world.b, &answer);
    assert_refused(fixture_post(world.fixture, &world.b, &mail), REFUSAL_NOT_ALLOWED);
    assert_unchanged(&world, &ask, ASK_OPEN, &world.b);
    answer.service = ask.service;
    mail = answer_mail(&world, &world.b, &answer);
    assert_taken(fixture_post(world.fixture, &world.b, &mail));
    end(&world);
}

static void a_question_bounces_four_times_and_then_needs_an_answer(void **state) {
    struct world world = begin();
    const struct ask ask = ask_plain(&world, &world.b, "onthaal");
    assert_taken(post_ask(&world, &world.a, &ask));
    assert_taken(post_pass(&world, &world.b, &ask, &world.c));
    assert_taken(post_pass(&world, &world.c, &ask, &world.d));
    assert_taken(post_pass(&world, &world.d, &ask, &world.b));
    assert_taken(post_pass(&world, &world.b, &ask, &world.c));
    assert_refused(post_pass(&world, &world.c, &ask, &world.d), REFUSAL_WRONG_MOVE);
    assert_unchanged(&world, &ask, ASK_OPEN, &world.c);
    assert_taken(post_answer(&world, &world.c, &ask, ASK_REFUSED));
    end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_asked_gets_the_question_as_the_asker_signed_it),
        cmocka_unit_test(a_question_that_stands_is_not_asked_twice),
        cmocka_unit_test(two_who_write_down_the_same_question_ask_it_once),
        cmocka_unit_test(a_question_may_be_asked_again_once_it_was_refused),
        cmocka_unit_test(a_question_has_a_day_that_can_be),
        cmocka_unit_test(who_is_no_member_cannot_be_asked),
        cmocka_unit_test(nobody_asks_in_anothers_name),
        cmocka_unit_test(a_question_needs_the_presence_key),
        cmocka_unit_test(a_question_needs_a_consent_that_covers_it),
        cmocka_unit_test(what_no_notice_could_hold_is_not_relayed),
        cmocka_unit_test(a_full_list_makes_place_for_a_new_question_only_where_one_has_ended),
        cmocka_unit_test(by_a_halted_clock_no_question_is_of_the_future),
        cmocka_unit_test(who_could_not_be_told_of_the_end_is_not_asked),
        cmocka_unit_test(a_question_that_is_taken_comes_back_to_who_asked),
        cmocka_unit_test(a_refusal_comes_back_with_its_reason_and_is_counted),
        cmocka_unit_test(only_who_is_asked_answers),
        cmocka_unit_test(an_answer_without_a_question_is_refused),
        cmocka_unit_test(an_answer_after_the_familys_withdrawal_finds_no_consent),
        cmocka_unit_test(a_question_is_answered_once),
        cmocka_unit_test(an_answer_needs_its_purpose),
        cmocka_unit_test(taking_back_wins_over_an_answer_that_comes_after),
        cmocka_unit_test(taking_back_wins_over_an_answer_that_came_before),
        cmocka_unit_test(who_has_it_by_then_hears_that_it_was_taken_back),
        cmocka_unit_test(what_has_ended_is_not_taken_back),
        cmocka_unit_test(only_who_asked_takes_back),
        cmocka_unit_test(a_question_that_is_passed_on_stays_open_at_the_next),
        cmocka_unit_test(passing_on_does_not_begin_the_clock_anew),
        cmocka_unit_test(nobody_passes_on_to_itself_or_to_who_is_no_member),
        cmocka_unit_test(passing_on_does_not_change_the_question),
        cmocka_unit_test(a_question_bounces_four_times_and_then_needs_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
