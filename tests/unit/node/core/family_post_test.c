#include "shared/post/outbox.h"
#include "tests/unit/node/core/home_family.h"

/* Messages about families wait and are kept sealed: what somebody has who takes the disk, and what
 * is left of them when their family ends. */

static int before(void **state) {
    *state = home_new(CONSENT_RIGHT_FULL);
    return 0;
}

static int after(void **state) {
    home_free(*state);
    return 0;
}

static void assert_not_on_the_disk(struct home *home, const struct card *card) {
    const struct family_handle handle = home_handle(home, card);
    const struct presence_seed seed = card_presence_seed(card, &home->params.own.hub);
    assert_false(home_holds(home, BYTES_OF(handle)));
    assert_false(home_holds(home, BYTES_OF(seed)));
}

static void give(struct home *home, const struct card *card) {
    const struct consent_record record = home_record(home);
    struct consent_give_arguments arguments = home_give(home, card, &record);
    arguments.with_support = true;
    arguments.support = near_professional;
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_GIVE, &arguments), REFUSAL_NONE);
}

static void start(struct home *home, const struct card *card) {
    const struct support_start_arguments arguments = {.who = {.card = card},
                                                      .words = near_professional};
    assert_int_equal(home_command(home, NODE_COMMAND_SUPPORT_START, &arguments), REFUSAL_NONE);
}

static void ask(struct home *home, const struct card *card) {
    const struct ask_arguments arguments = {
        .who = {.card = card}, .to = home->orgs[HOME_CAW], .service = {"housing"}};
    assert_int_equal(home_command(home, NODE_COMMAND_ASK, &arguments), REFUSAL_NONE);
}

static void worry(struct home *home, const struct card *card) {
    const struct concern_arguments arguments = {.card = card,
                                                .by = CONCERN_BY_VOLUNTEER,
                                                .reason = CONCERN_NOBODY_HELPS,
                                                .urgency = CONCERN_THIS_WEEK};
    assert_int_equal(home_command(home, NODE_COMMAND_CONCERN, &arguments), REFUSAL_NONE);
}

static void narrow(struct home *home, const struct card *card) {
    const struct consent_change_arguments arguments = {
        .card = card, .scopes = {scope_bit(SCOPE_PRESENCE)}, .end_month = home_end_month(home)};
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_CHANGE, &arguments), REFUSAL_NONE);
}

static void withdraw(struct home *home, const struct card *card) {
    const struct withdraw_arguments arguments = {.who = {.card = card}, .basis = WITHDRAWAL_CARD};
    assert_int_equal(home_command(home, NODE_COMMAND_WITHDRAW, &arguments), REFUSAL_NONE);
}

/* The record keys that messages and copies lie under. */
struct used {
    uint64_t keys[16];
    size_t count;
};

static struct used used_keys(struct home *home) {
    struct store_txn *view = home_read(home);
    const uint64_t *keys = NULL;
    struct used used = {.count = 0};
    assert_int_equal(outbox_record_keys(view, home->arena, &keys, &used.count), 0);
    assert_true(used.count <= sizeof(used.keys) / sizeof(used.keys[0]));
    if (used.count > 0) {
        memcpy(used.keys, keys, used.count * sizeof(*keys));
    }
    store_abort(view);
    return used;
}

static bool all_destroyed(const struct home *home, const struct used *used) {
    size_t gone = 0;
    for (size_t i = 0; i < used->count; i++) {
        gone += home->destroyed[used->keys[i]] ? 1 : 0;
    }
    return gone == used->count;
}

/* Of all that waits, said once more: how much has no body. */
static size_t said_again_empty(struct home *home) {
    const size_t before_it = home->emptied;
    home_restart(home);
    return home->emptied - before_it;
}

/* -- on the disk -- */

static void nothing_that_waits_for_the_hub_names_a_family_on_the_disk(void **state) {
    struct home *home = *state;
    const struct card own = home_card(0x5a);
    const struct card others = home_card(0x5b);
    const struct card strange = home_card(0x5c);
    give(home, &own);
    ask(home, &own);
    start(home, &others);
    worry(home, &others);
    narrow(home, &strange);
    withdraw(home, &strange);
    withdraw(home, &own);
    assert_int_equal(home_rows(home, TABLE_OUTBOX), 7);
    assert_not_on_the_disk(home, &own);
    assert_not_on_the_disk(home, &others);
    assert_not_on_the_disk(home, &strange);
}

static void nothing_that_is_kept_for_a_hubs_backup_does_either(void **state) {
    struct home *home = *state;
    const struct card own = home_card(0x5a);
    const struct card strange = home_card(0x5c);
    give(home, &own);
    ask(home, &own);
    narrow(home, &strange);
    withdraw(home, &strange);
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    home_settle_down(home);
    assert_int_equal(home_rows(home, TABLE_OUTBOX), 0);
    assert_int_equal(home_rows(home, TABLE_OUTBOX_KEPT), 4);
    assert_not_on_the_disk(home, &own);
    assert_not_on_the_disk(home, &strange);
}

static void the_hub_gets_it_as_it_was_said(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    struct proven proven;
    withdraw(home, &card);
    const struct withdrawal withdrawal = home_withdrawal(home, &proven);
    assert_true(family_handle_equal(&withdrawal.handle, &handle));
    const struct home_sent *sent = home_last(home, MESSAGE_KIND_WITHDRAWAL);
    struct signature signature;
    assert_int_equal(sent->signature.length, sizeof(signature.bytes));
    memcpy(signature.bytes, sent->signature.data, sizeof(signature.bytes));
    assert_true(sign_check(&home->params.keys.sign_public, "envelope/v1", sent->bytes, &signature));
}

/* -- when the family ends -- */

static void what_waits_when_its_family_ends_goes_out_without_a_body(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_CARD);
    start(home, &card);
    ask(home, &card);
    worry(home, &card);
    const struct used used = used_keys(home);
    assert_int_equal(used.count, 3);
    home_tombstone(home, &stone);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 0);
    assert_int_equal(home->emptied, 0);
    home_shred(home);
    assert_true(all_destroyed(home, &used));
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 1);
    assert_int_equal(said_again_empty(home), 3);
    /* Their numbers are used as others are. */
    home_receipt(home, MESSAGE_KIND_CONCERN, REFUSAL_EXPIRED);
    home_settle_down(home);
    assert_int_equal(home_rows(home, TABLE_OUTBOX), 0);
}

/* The hub took it before it told of the end; its receipt comes after the tombstone. */
static void a_copy_that_is_made_after_the_tombstone_opens_no_more(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_CARD);
    start(home, &card);
    home_tombstone(home, &stone);
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    assert_int_equal(home_rows(home, TABLE_OUTBOX_KEPT), 1);
    const struct used used = used_keys(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 0);
    home_shred(home);
    assert_true(all_destroyed(home, &used));
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 1);
    assert_not_on_the_disk(home, &card);
}

static void a_withdrawals_copy_outlives_its_family_and_its_key_goes_with_it(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_CARD);
    give(home, &card);
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    home_settle_down(home);
    withdraw(home, &card);
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    home_tombstone(home, &stone);
    home_shred(home);
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 1);
    const struct used used = used_keys(home);
    assert_int_equal(used.count, 1);
    assert_false(home->destroyed[used.keys[0]]);
    home_pass(home, 21 * (int64_t)DAY_MS);
    home_welcome(home);
    home_settle_down(home);
    home_shred(home);
    assert_int_equal(used_keys(home).count, 0);
    assert_true(home->destroyed[used.keys[0]]);
}

static void a_refused_withdrawal_leaves_no_key_behind(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    withdraw(home, &card);
    const struct used used = used_keys(home);
    assert_int_equal(used.count, 1);
    home_receipt(home, MESSAGE_KIND_WITHDRAWAL, REFUSAL_NO_CONSENT);
    home_settle_down(home);
    home_shred(home);
    assert_true(all_destroyed(home, &used));
    assert_int_equal(used_keys(home).count, 0);
}

/* A table that only narrowed a consent has no row; what it said has a key of its own. */
static void the_receipt_waits_for_the_keys_of_messages_too(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_CARD);
    narrow(home, &card);
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    home->now_ms += 2000; /* a token's number is its second */
    narrow(home, &card);
    const struct used used = used_keys(home);
    assert_int_equal(used.count, 2);
    home_tombstone(home, &stone);
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 0);
    home_shred(home);
    assert_true(all_destroyed(home, &used));
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 1);
    assert_int_equal(said_again_empty(home), 1);
}

/* -- keys -- */

static void a_withdrawal_finds_a_key_when_nobody_else_does(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct card other = home_card(0x5b);
    const struct support_start_arguments arguments = {.who = {.card = &other},
                                                      .words = near_professional};
    uint64_t key;
    while (node_take_key(home->node, &key) == 0) {
    }
    assert_true(node_keys_left(home->node) > 0);
    assert_int_equal(home_command(home, NODE_COMMAND_SUPPORT_START, &arguments), REFUSAL_BUSY);
    withdraw(home, &card);
}

/* The note of the paper lies under a key of its own where we took no consent ourselves. */
static void a_withdrawal_by_paper_finds_its_keys_too(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct withdraw_arguments arguments = {
        .who = {.family = 1}, .basis = WITHDRAWAL_PAPER, .note = "getekend op 3 maart, map 12"};
    uint64_t key;
    start(home, &card);
    while (node_take_key(home->node, &key) == 0) {
    }
    assert_int_equal(home_command(home, NODE_COMMAND_WITHDRAW, &arguments), REFUSAL_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, before, after)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_that_waits_for_the_hub_names_a_family_on_the_disk),
        TEST(nothing_that_is_kept_for_a_hubs_backup_does_either),
        TEST(the_hub_gets_it_as_it_was_said),
        TEST(what_waits_when_its_family_ends_goes_out_without_a_body),
        TEST(a_copy_that_is_made_after_the_tombstone_opens_no_more),
        TEST(a_withdrawals_copy_outlives_its_family_and_its_key_goes_with_it),
        TEST(a_refused_withdrawal_leaves_no_key_behind),
        TEST(the_receipt_waits_for_the_keys_of_messages_too),
        TEST(a_withdrawal_finds_a_key_when_nobody_else_does),
        TEST(a_withdrawal_by_paper_finds_its_keys_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
