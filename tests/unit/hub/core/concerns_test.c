#include "shared/base/civil.h"
#include "tests/unit/hub/core/three_world.h"

/* OCMW A supports the family, CAW B is its fallback, school C raises concerns with the card on the
 * table. What the rules make of them is in flags_answer_test.c. */
static struct world begin(void) {
    struct world world = three_begin("ocmw-a", "caw-b", "school-c");
    assert_taken(fixture_consent(world.fixture, &world.one, &world.a, &world.b, NULL));
    assert_taken(fixture_support(world.fixture, &world.one, &world.a));
    fixture_forget(world.fixture);
    return world;
}

static struct concern concern_plain(struct world *world) {
    return (struct concern){
        .purpose = PURPOSE_CONCERN,
        .id = fixture_id(world->fixture),
        .handle = world->one.handle,
        .org = world->c.org,
        .by = CONCERN_BY_PROFESSIONAL,
        .reason = CONCERN_SCHOOL,
        .urgency = CONCERN_THIS_WEEK,
        .at_ms = world->fixture->now_ms,
    };
}

static struct answer post_with(struct world *world, const struct concern *concern,
                               const struct sign_secret *key, const char *domain) {
    struct bytes statement;
    assert_int_equal(concern_encode(concern, world->fixture->arena, &statement), 0);
    const struct mail mail = mail_next(world->fixture, &world->c, MESSAGE_KIND_CONCERN,
                                       proven_body(world->fixture, key, domain, statement));
    return fixture_post(world->fixture, &world->c, &mail);
}

static struct answer post(struct world *world, const struct concern *concern) {
    return post_with(world, concern, &world->one.family, CONCERN_DOMAIN);
}

/* Flags of a concern; the days before its first support raised another. */
static size_t flags_of(struct world *world) {
    const struct family *family = fixture_family(world->fixture, &world->one);
    size_t count = 0;
    assert_non_null(family);
    for (size_t i = 0; i < family->flag_count; i++) {
        count += family->flags[i].kind == FLAG_CONCERN;
    }
    return count;
}

static const struct family_flag *flag_of(struct world *world) {
    const struct family *family = fixture_family(world->fixture, &world->one);
    for (size_t i = 0; i < family->flag_count; i++) {
        if (family->flags[i].kind == FLAG_CONCERN) {
            return &family->flags[i];
        }
    }
    fail_msg("no concern stands");
    return family->flags;
}

static void a_concern_reaches_a_supporter_and_its_raiser_hears_whose_turn_it_is(void **state) {
    struct world world = begin();
    const struct concern concern = concern_plain(&world);
    struct notice notice;
    assert_taken(post(&world, &concern));
    assert_true(fixture_notice(world.fixture, &world.a, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_FLAG);
    assert_int_equal(notice.flag.kind, FLAG_CONCERN);
    assert_true(notice.flag.yours);
    assert_int_equal(notice.flag.concern, CONCERN_SCHOOL);
    assert_int_equal(notice.flag.urgency, CONCERN_THIS_WEEK);
    assert_int_equal(notice.flag.acknowledge_by_day, first_day() + 3); /* Monday to Thursday */
    assert_true(fixture_notice(world.fixture, &world.c, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_ANSWER);
    assert_true(message_id_equal(&notice.about, &concern.id));
    assert_true(org_id_equal(&notice.flag.by, &world.a.org));
    assert_int_equal(fixture_count(world.fixture, TABLE_FLAGS), 1);
    three_end(&world);
}

static void only_the_family_key_proves_a_concern(void **state) {
    struct world world = begin();
    struct concern concern = concern_plain(&world);
    assert_refused(post_with(&world, &concern, &world.one.presence, CONCERN_DOMAIN),
                   REFUSAL_BAD_SIGNATURE);
    assert_refused(post_with(&world, &concern, &world.two.family, CONCERN_DOMAIN),
                   REFUSAL_BAD_SIGNATURE);
    assert_refused(post_with(&world, &concern, &world.one.family, LOOK_DOMAIN),
                   REFUSAL_BAD_SIGNATURE);
    assert_int_equal(flags_of(&world), 0);
    three_end(&world);
}

static void nobody_raises_a_concern_in_another_name(void **state) {
    struct world world = begin();
    struct concern concern = concern_plain(&world);
    concern.org = world.b.org;
    assert_refused(post(&world, &concern), REFUSAL_NOT_YOURS);
    assert_int_equal(flags_of(&world), 0);
    three_end(&world);
}

static void a_concern_may_wait_thirty_days_for_a_network_and_is_never_of_tomorrow(void **state) {
    struct world world = begin();
    struct concern concern = concern_plain(&world);
    concern.at_ms = world.fixture->now_ms + 2 * (int64_t)HOUR_MS;
    assert_refused(post(&world, &concern), REFUSAL_FROM_THE_FUTURE);
    concern.at_ms = world.fixture->now_ms - 31 * (int64_t)DAY_MS;
    assert_refused(post(&world, &concern), REFUSAL_EXPIRED);
    assert_int_equal(flags_of(&world), 0);
    concern.at_ms = world.fixture->now_ms - 29 * (int64_t)DAY_MS;
    assert_taken(post(&world, &concern));
    assert_int_equal(flags_of(&world), 1);
    three_end(&world);
}

static void the_same_concern_again_is_known_and_another_joins_its_flag(void **state) {
    struct world world = begin();
    struct concern concern = concern_plain(&world);
    assert_taken(post(&world, &concern));
    assert_refused(post(&world, &concern), REFUSAL_EXISTS);
    concern.id = fixture_id(world.fixture);
    assert_taken(post(&world, &concern));
    assert_int_equal(flags_of(&world), 1);
    assert_int_equal(flag_of(&world)->raiser_count, 2);
    three_end(&world);
}

static void without_the_scope_only_the_family_itself_raises_one(void **state) {
    struct world world = begin();
    struct consent_token token = token_plain(world.fixture, &world.one, &world.a, &world.b, NULL);
    token.number = ++world.one.token_number;
    token.scopes.bits &= ~scope_bit(SCOPE_CONCERN);
    const struct consent_message message =
        consent_plain(world.fixture, &world.one, &world.a, &token);
    const struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    struct concern concern = concern_plain(&world);
    assert_refused(post(&world, &concern), REFUSAL_OUT_OF_SCOPE);
    concern.by = CONCERN_BY_FAMILY;
    concern.reason = CONCERN_NOBODY_HELPS;
    assert_taken(post(&world, &concern));
    assert_int_equal(flags_of(&world), 1);
    three_end(&world);
}

static void a_concern_needs_a_consent_and_its_own_purpose(void **state) {
    struct world world = begin();
    struct concern concern = concern_plain(&world);
    concern.purpose = PURPOSE_SUPPORT;
    assert_refused(post(&world, &concern), REFUSAL_NOT_ALLOWED);
    concern.purpose = 9;
    assert_refused(post(&world, &concern), REFUSAL_UNKNOWN_PURPOSE);
    concern = concern_plain(&world);
    concern.handle = world.two.handle;
    assert_refused(post_with(&world, &concern, &world.two.family, CONCERN_DOMAIN),
                   REFUSAL_NO_CONSENT);
    assert_int_equal(fixture_count(world.fixture, TABLE_FLAGS), 0);
    three_end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_concern_reaches_a_supporter_and_its_raiser_hears_whose_turn_it_is),
        cmocka_unit_test(only_the_family_key_proves_a_concern),
        cmocka_unit_test(nobody_raises_a_concern_in_another_name),
        cmocka_unit_test(a_concern_may_wait_thirty_days_for_a_network_and_is_never_of_tomorrow),
        cmocka_unit_test(the_same_concern_again_is_known_and_another_joins_its_flag),
        cmocka_unit_test(without_the_scope_only_the_family_itself_raises_one),
        cmocka_unit_test(a_concern_needs_a_consent_and_its_own_purpose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
