#include "shared/members/directory.h"
#include "tests/unit/node/core/home.h"
#include "tests/unit/shared/members/region.h"

/* What the directors say anew of an organisation holds here from the entry on. Two of the region's
 * three must have signed. */

static int before(void **state) {
    *state = home_new(CONSENT_RIGHT_FULL);
    return 0;
}

static int after(void **state) {
    home_free(*state);
    return 0;
}

static struct member member_now(struct home *home, enum home_org org) {
    struct membership one;
    struct store_txn *view = home_read(home);
    assert_int_equal(member_get(view, &home->orgs[org], home->arena, &one), 0);
    store_abort(view);
    return one.member;
}

/* The entry as the hub passes it on. */
static void hear_of(struct home *home, enum home_org org, struct member standing,
                    struct signers signers) {
    struct directory_op op = {
        .kind = DIRECTORY_OP_ROLE, .organisation = home->orgs[org], .member = &standing};
    const struct directory_draft draft = {.now_ms = home->now_ms, .ops = &op, .op_count = 1};
    struct bytes entry;
    struct bytes body;
    struct store_txn *view = home_read(home);
    assert_int_equal(directory_compose(view, &draft, home->arena, &entry), 0);
    store_abort(view);
    entry = sign_entry(home->region, entry, signers);
    assert_int_equal(directory_encode(&entry, 1, home->arena, &body), 0);
    home_hear(home, home_plain_posting(home, MESSAGE_KIND_DIRECTORY, body));
}

static struct member standing_of(struct home *home, enum home_org org) {
    const struct member now = member_now(home, org);
    return (struct member){.kind = now.kind,
                           .competence = now.competence,
                           .role = now.role,
                           .may_take_consent = now.may_take_consent,
                           .may_sanction = now.may_sanction,
                           .hidden = now.hidden};
}

static void set_right(struct home *home, enum consent_right right) {
    struct member standing = standing_of(home, HOME_OURS);
    standing.may_take_consent = right;
    hear_of(home, HOME_OURS, standing, two_directors);
    assert_int_equal(member_now(home, HOME_OURS).may_take_consent, right);
}

static enum refusal give(struct home *home, const struct card *card, uint32_t scopes) {
    const struct consent_record record = home_record(home);
    struct consent_give_arguments arguments = home_give(home, card, &record);
    arguments.scopes.bits = scopes;
    return home_command(home, NODE_COMMAND_CONSENT_GIVE, &arguments);
}

static enum refusal narrow(struct home *home, const struct card *card, uint32_t scopes) {
    const struct consent_change_arguments less = {
        .card = card, .scopes = {scopes}, .end_month = home_end_month(home)};
    home->now_ms += 1000;
    return home_command(home, NODE_COMMAND_CONSENT_CHANGE, &less);
}

static void a_right_that_was_narrowed_holds_for_the_next_consent(void **state) {
    struct home *home = *state;
    const struct card first = home_card(0x5a);
    const struct card second = home_card(0x5b);
    assert_int_equal(give(home, &first, all_scopes()), REFUSAL_NONE);
    set_right(home, CONSENT_RIGHT_LIMITED);
    assert_int_equal(give(home, &second, all_scopes()), REFUSAL_NEEDS_AUTHORITY);
    assert_int_equal(give(home, &second, scope_bit(SCOPE_CONCERN) | scope_bit(SCOPE_FALLBACK)),
                     REFUSAL_NONE);
    set_right(home, CONSENT_RIGHT_NO);
    const struct card third = home_card(0x5c);
    assert_int_equal(give(home, &third, scope_bit(SCOPE_CONCERN) | scope_bit(SCOPE_FALLBACK)),
                     REFUSAL_NEEDS_AUTHORITY);
    set_right(home, CONSENT_RIGHT_FULL);
    assert_int_equal(give(home, &third, all_scopes()), REFUSAL_NONE);
}

static void a_consent_taken_before_the_right_went_stands_and_can_be_narrowed(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    assert_int_equal(give(home, &card, all_scopes()), REFUSAL_NONE);
    set_right(home, CONSENT_RIGHT_NO);
    assert_int_equal(home_row(home, &handle)->scopes.bits, all_scopes());
    assert_int_equal(narrow(home, &card, scope_bit(SCOPE_PRESENCE)), REFUSAL_NONE);
    assert_int_equal(home_row(home, &handle)->scopes.bits, scope_bit(SCOPE_PRESENCE));
}

static enum refusal asking(struct home *home, const struct card *card) {
    const struct family_vault vault = node_family_vault(home->node);
    const struct family_handle handle = home_handle(home, card);
    const struct consent_asking asking = {
        .own = &home->orgs[HOME_OURS], .vault = &vault, .handle = &handle};
    enum refusal refusal = REFUSAL_INTERNAL_FAULT;
    struct store_txn *view = home_read(home);
    assert_int_equal(consent_asking_judge(view, &asking, home->arena, &refusal), 0);
    store_abort(view);
    return refusal;
}

/* Before the talk, as the command will judge it after the talk. */
static void a_family_isnt_asked_anew_where_parts_of_its_consent_would_go(void **state) {
    struct home *home = *state;
    const uint32_t limited = scope_bit(SCOPE_CONCERN) | scope_bit(SCOPE_FALLBACK);
    const struct card full = home_card(0x5a);
    const struct card part = home_card(0x5b);
    const struct card unknown = home_card(0x5c);
    assert_int_equal(give(home, &full, all_scopes()), REFUSAL_NONE);
    assert_int_equal(give(home, &part, limited), REFUSAL_NONE);
    assert_int_equal(asking(home, &full), REFUSAL_NONE);
    set_right(home, CONSENT_RIGHT_LIMITED);
    assert_int_equal(asking(home, &full), REFUSAL_NEEDS_AUTHORITY);
    assert_int_equal(asking(home, &part), REFUSAL_NONE);
    assert_int_equal(asking(home, &unknown), REFUSAL_NONE); /* only the hub knows */
    const struct consent_record record = home_record(home);
    struct consent_change_arguments anew = {
        .card = &full, .scopes = {limited}, .end_month = home_end_month(home), .record = &record};
    home->now_ms += 1000;
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_CHANGE, &anew),
                     REFUSAL_NEEDS_AUTHORITY);
    anew.card = &part;
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_CHANGE, &anew), REFUSAL_NONE);
    set_right(home, CONSENT_RIGHT_NO);
    assert_int_equal(asking(home, &part), REFUSAL_NEEDS_AUTHORITY);
}

static void one_director_of_three_changes_nothing(void **state) {
    struct home *home = *state;
    struct member standing = standing_of(home, HOME_OURS);
    standing.may_take_consent = CONSENT_RIGHT_NO;
    hear_of(home, HOME_OURS, standing, (struct signers){{DIRECTOR_1}});
    assert_int_equal(home->refused, REFUSAL_NOT_ALLOWED);
    assert_int_equal(member_now(home, HOME_OURS).may_take_consent, CONSENT_RIGHT_FULL);
}

static void who_may_sanction_since_is_no_new_fallback_but_holds_up_no_narrowing(void **state) {
    struct home *home = *state;
    const struct card first = home_card(0x5a);
    const struct card second = home_card(0x5b);
    assert_int_equal(give(home, &first, all_scopes()), REFUSAL_NONE);
    struct member standing = standing_of(home, HOME_CAW);
    standing.may_sanction = true;
    hear_of(home, HOME_CAW, standing, two_directors);
    assert_int_equal(give(home, &second, all_scopes()), REFUSAL_MAY_SANCTION);
    const uint32_t kept = all_scopes() & ~scope_bit(SCOPE_CONCERN);
    assert_int_equal(narrow(home, &first, kept), REFUSAL_NONE);
    assert_int_equal(home_consent(home).envelope_count, 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, before, after)
    const struct CMUnitTest tests[] = {
        TEST(a_right_that_was_narrowed_holds_for_the_next_consent),
        TEST(a_consent_taken_before_the_right_went_stands_and_can_be_narrowed),
        TEST(a_family_isnt_asked_anew_where_parts_of_its_consent_would_go),
        TEST(one_director_of_three_changes_nothing),
        TEST(who_may_sanction_since_is_no_new_fallback_but_holds_up_no_narrowing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
