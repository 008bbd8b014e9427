#include "tests/unit/node/core/home_family.h"

/* A consent that is withdrawn here: by the card or by a paper, and what the hub says of it. */

static int before(void **state) {
    *state = home_new(CONSENT_RIGHT_FULL);
    return 0;
}

static int after(void **state) {
    home_free(*state);
    return 0;
}

static void give(struct home *home, const struct card *card) {
    const struct consent_record record = home_record(home);
    const struct consent_give_arguments arguments = home_give(home, card, &record);
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_GIVE, &arguments), REFUSAL_NONE);
}

static void a_paper_withdraws_by_the_presence_key_but_not_from_a_volunteer(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    struct consent_keys keys = consent_keys_of(&card, &home->params.own.hub);
    struct proven proven;
    struct withdraw_arguments arguments = {.who = {.family = 1}, .basis = WITHDRAWAL_PAPER};
    give(home, &card);
    assert_int_equal(home_command(home, NODE_COMMAND_WITHDRAW, &arguments), REFUSAL_MALFORMED);
    arguments.basis = WITHDRAWAL_CARD; /* which isn't on the table */
    assert_int_equal(home_command(home, NODE_COMMAND_WITHDRAW, &arguments), REFUSAL_MALFORMED);
    arguments.basis = WITHDRAWAL_PAPER;
    arguments.note = "getekend op 3 maart, map 12";
    assert_int_equal(home_command_by(home, ROLE_VOLUNTEER, NODE_COMMAND_WITHDRAW, &arguments),
                     REFUSAL_NOT_ALLOWED);
    assert_int_equal(home_command_by(home, ROLE_TOELEIDER, NODE_COMMAND_WITHDRAW, &arguments),
                     REFUSAL_NOT_ALLOWED);
    assert_int_equal(home_command(home, NODE_COMMAND_WITHDRAW, &arguments), REFUSAL_NONE);
    assert_int_equal(home_withdrawal(home, &proven).basis, WITHDRAWAL_PAPER);
    assert_true(consent_proved(&proven, WITHDRAWAL_DOMAIN, &keys.presence_public));
}

/* DESIGN 5: a paper signed by an adult of the family, recorded. */
static void what_paper_withdrew_a_consent_stays_with_the_bare_proof(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    const struct withdraw_arguments arguments = {
        .who = {.family = 1}, .basis = WITHDRAWAL_PAPER, .note = "getekend op 3 maart, map 12"};
    const struct tombstone stone = {
        .id = {{0x70}}, .handle = handle, .basis = WITHDRAWAL_PAPER, .at_ms = home->now_ms};
    give(home, &card);
    assert_int_equal(home_command(home, NODE_COMMAND_WITHDRAW, &arguments), REFUSAL_NONE);
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    home_tombstone(home, &stone);
    home_shred(home);
    home_settle_down(home);
    const struct consent_kept *kept = home_kept(home, &handle);
    assert_string_equal(kept->paper, "getekend op 3 maart, map 12");
    assert_string_equal(kept->record.teach_back, "");
    assert_int_equal(kept->record.events[1].basis, WITHDRAWAL_PAPER);
    assert_false(home_holds(home, bytes_from_text("map 12"))); /* but sealed */
}

/* It took no consent, yet the paper lies there: that, and nothing that came from others. */
static void who_only_supports_keeps_the_paper_too(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    const struct support_start_arguments support = {
        .who = {.card = &card}, .words = {.kind = SUPPORT_INFORMAL, .distance = SUPPORT_NEAR}};
    char note[CONSENT_TEXT_MAX + 2];
    struct withdraw_arguments arguments = {
        .who = {.family = 1}, .basis = WITHDRAWAL_PAPER, .note = note};
    const struct tombstone stone = {
        .id = {{0x70}}, .handle = handle, .basis = WITHDRAWAL_PAPER, .at_ms = home->now_ms};
    assert_int_equal(home_command(home, NODE_COMMAND_SUPPORT_START, &support), REFUSAL_NONE);
    memset(note, 'x', sizeof(note));
    note[CONSENT_TEXT_MAX + 1] = '\0';
    assert_int_equal(home_command(home, NODE_COMMAND_WITHDRAW, &arguments), REFUSAL_TOO_LARGE);
    arguments.note = "getekend op 3 maart, map 12";
    assert_int_equal(home_command(home, NODE_COMMAND_WITHDRAW, &arguments), REFUSAL_NONE);
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    home_tombstone(home, &stone);
    home_shred(home);
    home_settle_down(home);
    const struct consent_kept *kept = home_kept(home, &handle);
    assert_non_null(kept);
    assert_string_equal(kept->paper, "getekend op 3 maart, map 12");
    assert_int_equal(kept->record.event_count, 1);
    assert_int_equal(kept->record.events[0].state, CONSENT_WITHDRAWN);
    assert_int_equal(kept->token.token.length, 0);
    assert_true(kept->record.retention_until_day > brussels_day(home->now_ms) + 5 * 365);
    assert_null(home_row(home, &handle));
}

static void a_card_that_we_dont_know_withdraws_here_too(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x77);
    const struct withdraw_arguments arguments = {.who = {.card = &card}, .basis = WITHDRAWAL_CARD};
    struct proven proven;
    assert_int_equal(home_command(home, NODE_COMMAND_WITHDRAW, &arguments), REFUSAL_NONE);
    assert_int_equal(home_withdrawal(home, &proven).basis, WITHDRAWAL_CARD);
    assert_int_equal(home_rows(home, TABLE_CARDS), 0);
}

static void a_withdrawal_that_the_hub_refused_can_be_said_again(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    const struct withdraw_arguments arguments = {.who = {.card = &card}, .basis = WITHDRAWAL_CARD};
    const struct consent_change_arguments less = {
        .card = &card, .scopes = {scope_bit(SCOPE_PRESENCE)}, .end_month = home_end_month(home)};
    give(home, &card);
    assert_int_equal(home_command(home, NODE_COMMAND_WITHDRAW, &arguments), REFUSAL_NONE);
    home_receipt(home, MESSAGE_KIND_WITHDRAWAL, REFUSAL_INTERNAL_FAULT);
    home_settle_down(home);
    assert_int_equal(home_row(home, &handle)->refusal, REFUSAL_INTERNAL_FAULT);
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_CHANGE, &less), REFUSAL_NO_CONSENT);
    assert_int_equal(home_command(home, NODE_COMMAND_WITHDRAW, &arguments), REFUSAL_NONE);
    assert_int_equal(home_count(home, MESSAGE_KIND_WITHDRAWAL), 2);
    assert_int_equal(home_command(home, NODE_COMMAND_WITHDRAW, &arguments), REFUSAL_NO_CONSENT);
}

static void a_withdrawal_of_what_the_hub_never_had_erases_here(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    const struct withdraw_arguments arguments = {.who = {.card = &card}, .basis = WITHDRAWAL_CARD};
    give(home, &card);
    assert_int_equal(home_command(home, NODE_COMMAND_WITHDRAW, &arguments), REFUSAL_NONE);
    home_receipt(home, MESSAGE_KIND_WITHDRAWAL, REFUSAL_NO_CONSENT);
    home_settle_down(home);
    home_shred(home);
    home_settle_down(home);
    assert_null(home_row(home, &handle));
    assert_string_equal(home_kept(home, &handle)->record.teach_back, "");
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, before, after)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_paper_withdraws_by_the_presence_key_but_not_from_a_volunteer),
        TEST(what_paper_withdrew_a_consent_stays_with_the_bare_proof),
        TEST(who_only_supports_keeps_the_paper_too),
        TEST(a_card_that_we_dont_know_withdraws_here_too),
        TEST(a_withdrawal_that_the_hub_refused_can_be_said_again),
        TEST(a_withdrawal_of_what_the_hub_never_had_erases_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
