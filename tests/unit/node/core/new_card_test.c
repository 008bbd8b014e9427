#include "shared/crypto/box.h"
#include "tests/unit/node/core/home.h"

/* A new card given at our table: what travels to the hub and, sealed, to each supporter; what
 * becomes of the old one. */

static int before(void **state) {
    *state = home_new(CONSENT_RIGHT_FULL);
    return 0;
}

static int after(void **state) {
    home_free(*state);
    return 0;
}

static struct new_card_arguments renewal(const struct home *home, const struct card *card,
                                         const struct consent_record *record,
                                         const struct org_id *tell, size_t count) {
    return (struct new_card_arguments){
        .old = {.family = 1},
        .reason = NEW_CARD_RENEWAL,
        .give = home_give(home, card, record),
        .tell = tell,
        .tell_count = count,
    };
}

static void give_with_support(struct home *home, const struct card *card) {
    const struct consent_record record = home_record(home);
    struct consent_give_arguments arguments = home_give(home, card, &record);
    arguments.with_support = true;
    arguments.support =
        (struct support_words){.kind = SUPPORT_PROFESSIONAL, .distance = SUPPORT_NEAR};
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_GIVE, &arguments), REFUSAL_NONE);
}

static void a_new_card_moves_our_support_and_withdraws_the_old_one(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    const struct card new = home_card(0x5b);
    const struct family_handle old_handle = home_handle(home, &old);
    const struct family_handle new_handle = home_handle(home, &new);
    const struct consent_record record = home_record(home);
    const struct org_id tell[] = {home->orgs[HOME_GENT], home->orgs[HOME_OURS]};
    const struct new_card_arguments arguments = renewal(home, &new, &record, tell, 2);
    struct proven proven;
    give_with_support(home, &old);
    assert_int_equal(home_command(home, NODE_COMMAND_NEW_CARD, &arguments), REFUSAL_NONE);

    const struct consent_message message = home_consent(home);
    struct support said;
    assert_int_equal(support_decode(message.support.statement, home->arena, &said), REFUSAL_NONE);
    assert_true(family_handle_equal(&said.handle, &new_handle));
    assert_int_equal(said.kind, SUPPORT_PROFESSIONAL);
    assert_true(message.support_expected);
    const struct withdrawal withdrawal = home_withdrawal(home, &proven);
    assert_int_equal(withdrawal.basis, WITHDRAWAL_NEW_CARD);
    assert_true(family_handle_equal(&withdrawal.handle, &old_handle));
    assert_true(home_row(home, &old_handle)->withdrawn);
    assert_true(home_row(home, &new_handle)->support.exists);
    assert_int_equal(home_count(home, MESSAGE_KIND_NEW_CARD), 1); /* not to ourselves */
}

/* What a supporter is told: opened, and proven by the old card. */
static struct card_moved moved_of(struct home *home, enum home_org to, const struct card *old) {
    struct consent_keys keys = consent_keys_of(old, &home->params.own.hub);
    const struct bytes body = home_last(home, MESSAGE_KIND_NEW_CARD)->envelope.body;
    struct new_card told;
    struct proven proven;
    struct card_moved moved;
    assert_int_equal(new_card_decode(body, home->arena, &told), REFUSAL_NONE);
    const size_t length = told.content.box.length - BOX_OVERHEAD_BYTES;
    uint8_t *plain = arena_alloc(home->arena, length, 1);
    assert_int_equal(box_open(&home->seals[to], told.content.box, plain), 0);
    assert_int_equal(proven_decode((struct bytes){plain, length}, home->arena, &proven),
                     REFUSAL_NONE);
    assert_true(consent_proved(&proven, NEW_CARD_DOMAIN, &keys.presence_public));
    assert_int_equal(card_moved_decode(proven.statement, home->arena, &moved), REFUSAL_NONE);
    assert_true(org_id_equal(&moved.to, &home->orgs[to]));
    return moved;
}

static void a_told_supporter_can_open_what_it_is_told_and_the_hub_cannot(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    const struct card new = home_card(0x5b);
    const struct family_handle old_handle = home_handle(home, &old);
    const struct family_handle new_handle = home_handle(home, &new);
    const struct consent_record record = home_record(home);
    const struct new_card_arguments arguments =
        renewal(home, &new, &record, &home->orgs[HOME_GENT], 1);
    give_with_support(home, &old);
    assert_int_equal(home_command(home, NODE_COMMAND_NEW_CARD, &arguments), REFUSAL_NONE);
    const struct bytes body = home_last(home, MESSAGE_KIND_NEW_CARD)->envelope.body;
    assert_null(memmem(body.data, body.length, &old_handle, sizeof(old_handle)));
    assert_null(memmem(body.data, body.length, &new_handle, sizeof(new_handle)));
    const struct card_moved moved = moved_of(home, HOME_GENT, &old);
    assert_true(family_handle_equal(&moved.old, &old_handle));
    assert_true(family_handle_equal(&moved.new, &new_handle));
    const struct presence_seed seed = card_presence_seed(&new, &home->params.own.hub);
    assert_memory_equal(moved.presence_seed, seed.bytes, sizeof(seed.bytes));
}

/* Renewal where nobody knows the family yet: the card itself is all that is needed. */
static void the_old_card_on_the_table_vouches_where_its_family_is_not_known(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    const struct card new = home_card(0x5b);
    const struct family_handle old_handle = home_handle(home, &old);
    const struct consent_record record = home_record(home);
    struct new_card_arguments arguments = renewal(home, &new, &record, &home->orgs[HOME_GENT], 1);
    struct proven proven;
    arguments.old = (struct family_who){.card = &old};
    assert_int_equal(home_command(home, NODE_COMMAND_NEW_CARD, &arguments), REFUSAL_NONE);
    const struct card_moved moved = moved_of(home, HOME_GENT, &old);
    assert_true(family_handle_equal(&moved.old, &old_handle));
    struct consent_keys keys = consent_keys_of(&old, &home->params.own.hub);
    const struct withdrawal withdrawal = home_withdrawal(home, &proven);
    assert_true(family_handle_equal(&withdrawal.handle, &old_handle));
    assert_true(consent_proved(&proven, WITHDRAWAL_DOMAIN, &keys.presence_public));
}

/* Loss, wrong hands: by the number, of what is kept here. */
static void without_the_old_card_what_is_kept_here_vouches(void **state) {
    static const enum new_card_reason reasons[] = {NEW_CARD_LOST, NEW_CARD_WRONG_HANDS,
                                                   NEW_CARD_SPLIT};
    struct home *home = *state;
    for (uint8_t i = 0; i < 3; i++) {
        const struct card old = home_card(0x60 + i);
        const struct card new = home_card(0x70 + i);
        const struct consent_record record = home_record(home);
        struct new_card_arguments arguments =
            renewal(home, &new, &record, &home->orgs[HOME_CAW], 1);
        give_with_support(home, &old);
        arguments.reason = reasons[i];
        arguments.old.family = 1 + 2U * i;
        assert_int_equal(home_command(home, NODE_COMMAND_NEW_CARD, &arguments), REFUSAL_NONE);
        const struct card_moved moved = moved_of(home, HOME_CAW, &old);
        const struct family_handle handle = home_handle(home, &old);
        assert_true(family_handle_equal(&moved.old, &handle));
    }
}

/* Neither the card nor the family: nothing here could vouch, and nothing is done. */
static void without_card_or_family_nothing_is_done(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    const struct card new = home_card(0x5b);
    const struct consent_record record = home_record(home);
    struct new_card_arguments arguments = renewal(home, &new, &record, &home->orgs[HOME_GENT], 1);
    const struct tombstone stone = {.id = {{0x70}},
                                    .handle = home_handle(home, &old),
                                    .basis = WITHDRAWAL_CARD,
                                    .at_ms = home->now_ms};
    assert_int_equal(home_command(home, NODE_COMMAND_NEW_CARD, &arguments), REFUSAL_NOT_FOUND);
    arguments.old = (struct family_who){.item = 1};
    assert_int_equal(home_command(home, NODE_COMMAND_NEW_CARD, &arguments), REFUSAL_MALFORMED);
    give_with_support(home, &old);
    home_tombstone(home, &stone);
    arguments.old = (struct family_who){.family = 1};
    assert_int_equal(home_command(home, NODE_COMMAND_NEW_CARD, &arguments), REFUSAL_NOT_FOUND);
    arguments.old = (struct family_who){.card = &old};
    assert_int_equal(home_command(home, NODE_COMMAND_NEW_CARD, &arguments), REFUSAL_NO_CONSENT);
    assert_int_equal(home_count(home, MESSAGE_KIND_NEW_CARD), 0);
    assert_int_equal(home_count(home, MESSAGE_KIND_CONSENT), 1);
    assert_int_equal(home_rows(home, TABLE_CARDS), 1); /* the last number given */
}

static void after_a_split_the_old_card_stands(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    const struct card new = home_card(0x5b);
    const struct family_handle old_handle = home_handle(home, &old);
    const struct consent_record record = home_record(home);
    struct new_card_arguments arguments = renewal(home, &new, &record, NULL, 0);
    arguments.reason = NEW_CARD_SPLIT;
    give_with_support(home, &old);
    assert_int_equal(home_command(home, NODE_COMMAND_NEW_CARD, &arguments), REFUSAL_NONE);
    assert_int_equal(home_count(home, MESSAGE_KIND_WITHDRAWAL), 0);
    assert_false(home_row(home, &old_handle)->withdrawn);
    assert_true(home_row(home, &old_handle)->support.exists);
    assert_int_equal(home_consent(home).support.statement.length, 0);
}

static void a_new_card_that_cannot_be_told_of_changes_nothing(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    const struct card new = home_card(0x5b);
    const struct family_handle old_handle = home_handle(home, &old);
    const struct consent_record record = home_record(home);
    struct org_id nobody;
    assert_int_equal(org_id_parse("nobody", &nobody), 0);
    const struct new_card_arguments arguments = renewal(home, &new, &record, &nobody, 1);
    give_with_support(home, &old);
    assert_int_equal(home_command(home, NODE_COMMAND_NEW_CARD, &arguments),
                     REFUSAL_UNKNOWN_RECIPIENT);
    assert_false(home_row(home, &old_handle)->withdrawn);
    assert_int_equal(home_rows(home, TABLE_CONSENTS), 1);
    assert_int_equal(home_count(home, MESSAGE_KIND_CONSENT), 1);
}

/* A second family must not be linked to the same case unseen. */
static void a_case_stays_with_the_support_that_moves(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    const struct card new = home_card(0x5b);
    const struct card other = home_card(0x5c);
    const struct consent_record record = home_record(home);
    const struct new_card_arguments arguments = renewal(home, &new, &record, NULL, 0);
    struct consent_give_arguments first = home_give(home, &old, &record);
    struct consent_give_arguments second = home_give(home, &other, &record);
    const struct tombstone stone = {.id = {{0x70}},
                                    .handle = home_handle(home, &old),
                                    .basis = WITHDRAWAL_NEW_CARD,
                                    .at_ms = home->now_ms};
    first.with_support = second.with_support = true;
    first.support = second.support = (struct support_words){
        .kind = SUPPORT_PROFESSIONAL, .distance = SUPPORT_NEAR, .case_id = "D-17"};
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_GIVE, &first), REFUSAL_NONE);
    assert_int_equal(home_command(home, NODE_COMMAND_NEW_CARD, &arguments), REFUSAL_NONE);
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_GIVE, &second), REFUSAL_EXISTS);
    home_tombstone(home, &stone);
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_GIVE, &second), REFUSAL_EXISTS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, before, after)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_new_card_moves_our_support_and_withdraws_the_old_one),
        TEST(a_told_supporter_can_open_what_it_is_told_and_the_hub_cannot),
        TEST(the_old_card_on_the_table_vouches_where_its_family_is_not_known),
        TEST(without_the_old_card_what_is_kept_here_vouches),
        TEST(without_card_or_family_nothing_is_done),
        TEST(a_case_stays_with_the_support_that_moves),
        TEST(after_a_split_the_old_card_stands),
        TEST(a_new_card_that_cannot_be_told_of_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
