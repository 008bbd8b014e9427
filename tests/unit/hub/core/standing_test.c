#include "hub/core/journal.h"
#include "shared/members/members.h"
#include "tests/unit/hub/core/three_world.h"

/* What a member is and may, said anew by the director. */

/* OCMW A and B, CAW C; family 1 and 2. */
static struct world begin(void) {
    return three_begin("ocmw-a", "ocmw-b", "caw-c");
}

static enum refusal set(struct world *world, const struct member_set_arguments *arguments) {
    fixture_forget(world->fixture);
    return fixture_command(world->fixture, ROLE_COORDINATOR, HUB_COMMAND_MEMBER_SET, arguments);
}

static enum refusal set_right(struct world *world, const struct party *party,
                              enum consent_right right) {
    const struct member_set_arguments arguments = {.org = party->org, .may_take_consent = right};
    return set(world, &arguments);
}

static enum refusal set_sanction(struct world *world, const struct party *party, bool may) {
    const struct member_set_arguments arguments = {
        .org = party->org, .gives_may_sanction = true, .may_sanction = may};
    return set(world, &arguments);
}

static struct membership membership_of(struct world *world, const struct party *party) {
    struct store_txn *view = fixture_read(world->fixture);
    struct membership membership;
    assert_int_equal(member_get(view, &party->org, world->fixture->arena, &membership), 0);
    store_abort(view);
    return membership;
}

static const char *result(const struct world *world) {
    return world->fixture->told[world->fixture->told_count - 1].result;
}

static void what_is_given_changes_and_all_else_stays(void **state) {
    struct world world = begin();
    const struct member_set_arguments arguments = {.org = world.b.org,
                                                   .kind = ORG_KIND_REFUGE,
                                                   .may_take_consent = CONSENT_RIGHT_LIMITED,
                                                   .gives_hidden = true,
                                                   .hidden = true};
    assert_int_equal(set(&world, &arguments), REFUSAL_NONE);
    const struct member before = world.b.member;
    const struct member after = membership_of(&world, &world.b).member;
    assert_int_equal(after.kind, ORG_KIND_REFUGE);
    assert_int_equal(after.may_take_consent, CONSENT_RIGHT_LIMITED);
    assert_true(after.hidden);
    assert_false(after.may_sanction);
    assert_string_equal(after.name, before.name);
    assert_int_equal(after.competence, before.competence);
    assert_int_equal(after.role, before.role);
    assert_memory_equal(&after.sign, &before.sign, sizeof(after.sign));
    assert_memory_equal(&after.seal, &before.seal, sizeof(after.seal));
    const struct member_set_arguments back = {.org = world.b.org, .gives_hidden = true};
    assert_int_equal(set(&world, &back), REFUSAL_NONE);
    assert_false(membership_of(&world, &world.b).member.hidden);
    assert_int_equal(membership_of(&world, &world.b).member.may_take_consent,
                     CONSENT_RIGHT_LIMITED);
    three_end(&world);
}

static void every_member_hears_of_it(void **state) {
    struct world world = begin();
    assert_int_equal(set_right(&world, &world.a, CONSENT_RIGHT_NO), REFUSAL_NONE);
    assert_int_equal(fixture_postings_to(world.fixture, &world.a), 1);
    assert_int_equal(fixture_postings_to(world.fixture, &world.b), 1);
    assert_int_equal(fixture_postings_to(world.fixture, &world.c), 1);
    three_end(&world);
}

static void what_stands_already_is_not_written_again(void **state) {
    struct world world = begin();
    const uint64_t sequence = fixture_health(world.fixture).position.sequence;
    assert_int_equal(set_right(&world, &world.a, CONSENT_RIGHT_FULL), REFUSAL_NONE);
    assert_int_equal(set_sanction(&world, &world.a, false), REFUSAL_NONE);
    assert_int_equal(fixture_postings_to(world.fixture, &world.b), 0);
    assert_int_equal(fixture_health(world.fixture).position.sequence, sequence);
    three_end(&world);
}

static void who_lost_the_right_is_refused_and_what_it_took_stands(void **state) {
    struct world world = begin();
    struct consent_token token = token_plain(world.fixture, &world.one, &world.a, &world.b, NULL);
    struct consent_message message = consent_plain(world.fixture, &world.one, &world.a, &token);
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_int_equal(set_right(&world, &world.a, CONSENT_RIGHT_NO), REFUSAL_NONE);
    assert_refused(fixture_consent(world.fixture, &world.two, &world.a, NULL, NULL),
                   REFUSAL_NEEDS_AUTHORITY);
    assert_null(fixture_family(world.fixture, &world.two));
    assert_non_null(fixture_family(world.fixture, &world.one));
    assert_taken(fixture_support(world.fixture, &world.one, &world.c));
    /* Taking away goes on, and so does the family's last word. */
    token.number++;
    token.scopes.bits &= ~scope_bit(SCOPE_CONCERN);
    message = consent_plain(world.fixture, &world.one, &world.a, &token);
    mail = consent_mail(world.fixture, &world.a, &message);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_PAPER));
    assert_int_equal(set_right(&world, &world.a, CONSENT_RIGHT_FULL), REFUSAL_NONE);
    world.two = household_make(world.fixture, 3);
    assert_taken(fixture_consent(world.fixture, &world.two, &world.a, NULL, NULL));
    three_end(&world);
}

static void families_that_chose_who_may_sanction_now_are_counted(void **state) {
    struct world world = begin();
    assert_taken(fixture_consent(world.fixture, &world.one, &world.a, &world.c, &world.b));
    assert_taken(fixture_consent(world.fixture, &world.two, &world.a, &world.c, NULL));
    assert_int_equal(set_sanction(&world, &world.b, true), REFUSAL_NONE);
    assert_string_equal(result(&world), "{\"families\":1}");
    assert_int_equal(set_right(&world, &world.b, CONSENT_RIGHT_NO), REFUSAL_NONE);
    assert_string_equal(result(&world), "{\"families\":0}"); /* nothing new for them */
    assert_int_equal(set_sanction(&world, &world.c, true), REFUSAL_NONE);
    assert_string_equal(result(&world), "{\"families\":2}");
    three_end(&world);
}

static void who_may_sanction_is_no_new_fallback_but_holds_up_no_narrowing(void **state) {
    struct world world = begin();
    struct consent_token token =
        token_plain(world.fixture, &world.one, &world.a, &world.b, &world.c);
    struct consent_message message = consent_plain(world.fixture, &world.one, &world.a, &token);
    struct mail mail = consent_mail(world.fixture, &world.a, &message);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_int_equal(set_sanction(&world, &world.b, true), REFUSAL_NONE);
    assert_refused(fixture_consent(world.fixture, &world.two, &world.a, &world.b, NULL),
                   REFUSAL_MAY_SANCTION);
    assert_null(fixture_family(world.fixture, &world.two));
    token.number++;
    token.scopes.bits &= ~scope_bit(SCOPE_CONCERN);
    message = consent_plain(world.fixture, &world.one, &world.a, &token);
    mail = consent_mail(world.fixture, &world.a, &message);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    three_end(&world);
}

/* The board would have had it after B and C: C is the second fallback. */
static void a_flag_goes_past_a_fallback_that_may_sanction(void **state) {
    struct world world = begin();
    assert_taken(fixture_consent(world.fixture, &world.one, &world.a, &world.b, &world.c));
    assert_int_equal(set_sanction(&world, &world.b, true), REFUSAL_NONE);
    struct support support = support_plain(world.fixture, &world.one, &world.a);
    assert_taken(fixture_support_as(world.fixture, &world.one, &world.a, &support));
    support.number++;
    support.state = SUPPORT_ENDED;
    support.why = END_FINISHED;
    support.end_day = first_day();
    assert_taken(fixture_support_as(world.fixture, &world.one, &world.a, &support));
    struct notice notice;
    assert_false(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_true(fixture_notice(world.fixture, &world.c, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_FLAG);
    three_end(&world);
}

static void only_members_are_set_by_who_may_and_with_the_directors_key(void **state) {
    struct world world = begin();
    const struct party stranger = party_make("ocmw-z", 9);
    const struct member_set_arguments less = {.org = world.a.org,
                                              .may_take_consent = CONSENT_RIGHT_NO};
    assert_int_equal(set_right(&world, &stranger, CONSENT_RIGHT_NO), REFUSAL_NOT_FOUND);
    assert_int_equal(fixture_command(world.fixture, ROLE_READER, HUB_COMMAND_MEMBER_SET, &less),
                     REFUSAL_NOT_ALLOWED);
    assert_int_equal(fixture_command_on(world.fixture, HUB_COMMAND_REVOKE, &world.c), REFUSAL_NONE);
    assert_int_equal(set_right(&world, &world.c, CONSENT_RIGHT_NO), REFUSAL_REVOKED);
    assert_int_equal(set_right(&world, &world.c, CONSENT_RIGHT_FULL), REFUSAL_REVOKED);
    world.fixture->params.keys.director = NULL;
    fixture_restart(world.fixture);
    assert_int_equal(set(&world, &less), REFUSAL_NOT_YET);
    assert_int_equal(membership_of(&world, &world.a).member.may_take_consent, CONSENT_RIGHT_FULL);
    three_end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_changes_and_all_else_stays),
        cmocka_unit_test(every_member_hears_of_it),
        cmocka_unit_test(what_stands_already_is_not_written_again),
        cmocka_unit_test(who_lost_the_right_is_refused_and_what_it_took_stands),
        cmocka_unit_test(families_that_chose_who_may_sanction_now_are_counted),
        cmocka_unit_test(who_may_sanction_is_no_new_fallback_but_holds_up_no_narrowing),
        cmocka_unit_test(a_flag_goes_past_a_fallback_that_may_sanction),
        cmocka_unit_test(only_members_are_set_by_who_may_and_with_the_directors_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
