#include "shared/crypto/box.h"
#include "shared/post/outbox_inside.h"
#include "tests/unit/node/core/home_family.h"

/* What goes when a consent ends, in which order, and what a crash between two steps leaves to be
 * finished. */

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
    struct consent_give_arguments arguments = home_give(home, card, &record);
    arguments.with_support = true;
    arguments.support = near_professional;
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_GIVE, &arguments), REFUSAL_NONE);
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    home_settle_down(home);
}

static struct notice flag_notice(struct home *home, const struct card *card, uint8_t number) {
    return (struct notice){
        .kind = NOTICE_FLAG,
        .purpose = PURPOSE_SUPPORT,
        .id = {{number}},
        .handle = home_handle(home, card),
        .token = home_token(home, card, HOME_GENT, all_scopes()),
        .flag = {.id = {{number}},
                 .kind = FLAG_NO_LOCAL,
                 .state = FLAG_OPEN,
                 .yours = true,
                 .opened_day = brussels_day(home->now_ms),
                 .acknowledge_by_day = brussels_day(home->now_ms) + 3,
                 .contact_by_day = brussels_day(home->now_ms) + 14},
    };
}

/* -- the order -- */

static void the_receipt_leaves_after_the_keys_are_gone_and_not_before(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    const struct notice notice = flag_notice(home, &card, 1);
    const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_CARD);
    struct erased erased;
    give(home, &card);
    home_notice(home, &notice);
    assert_non_null(home_item(home, 1));
    const uint64_t row_key = home_row(home, &handle)->record_key;
    const uint64_t item_key = home_item(home, 1)->record_key;
    const uint64_t text_key = home_kept(home, &handle)->record_key;

    home_tombstone(home, &stone);
    assert_null(home_row(home, &handle));
    assert_null(home_item(home, 1));
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 0); /* the shell hasn't shredded yet */
    home_shred(home);
    assert_true(home->destroyed[row_key]);
    assert_true(home->destroyed[item_key]);
    assert_true(home->destroyed[text_key]);
    home_settle_down(home);
    const struct home_sent *sent = home_last(home, MESSAGE_KIND_ERASED);
    assert_int_equal(sent->envelope.lane, LANE_URGENT);
    assert_int_equal(erased_decode(sent->envelope.body, home->arena, &erased), REFUSAL_NONE);
    assert_true(message_id_equal(&erased.tombstone, &stone.id));
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 1);
}

static void the_bare_proof_of_our_own_consent_stays(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_BASIS_NONE);
    give(home, &card);
    home_tombstone(home, &stone);
    home_shred(home);
    home_settle_down(home);
    const struct consent_kept *kept = home_kept(home, &handle);
    assert_non_null(kept);
    assert_int_equal(kept->record.event_count, 2);
    assert_int_equal(kept->record.events[0].state, CONSENT_GIVEN);
    assert_int_equal(kept->record.events[1].state, CONSENT_EXPIRED);
    assert_true(kept->token.token.length > 0);
    assert_string_equal(kept->record.teach_back, "");
    assert_string_equal(kept->record.present, "");
    assert_string_equal(kept->record.interpreter_desk, "");
}

static void what_comes_late_about_an_ended_consent_is_settled_and_dropped(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct notice notice = flag_notice(home, &card, 1);
    const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_CARD);
    support(home, &card);
    home_tombstone(home, &stone);
    home_shred(home);
    home_settle_down(home);
    home_notice(home, &notice);
    assert_null(home_item(home, 1));
    /* The next one on the lane isn't waited for: the number was used. */
    const struct card other = home_card(0x22);
    const struct notice next = flag_notice(home, &other, 2);
    home_notice(home, &next);
    assert_non_null(home_item(home, 1));
    const struct support_start_arguments again = {.who = {.card = &card},
                                                  .words = near_professional};
    assert_int_equal(home_command(home, NODE_COMMAND_SUPPORT_START, &again), REFUSAL_NO_CONSENT);
}

static void a_tombstone_for_a_family_that_we_have_nothing_of_is_receipted(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_CARD);
    home_tombstone(home, &stone);
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 1);
}

static void another_familys_rows_and_keys_stay(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct card other = home_card(0x5b);
    const struct family_handle handle = home_handle(home, &other);
    const struct notice notice = flag_notice(home, &other, 1);
    const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_CARD);
    give(home, &card);
    give(home, &other);
    home_notice(home, &notice);
    home_tombstone(home, &stone);
    home_shred(home);
    home_settle_down(home);
    assert_non_null(home_row(home, &handle));
    assert_non_null(home_item(home, 1));
    assert_string_not_equal(home_kept(home, &handle)->record.teach_back, "");
}

/* Who raised it must still read why nothing came of it. */
static void an_item_that_forgot_its_family_stays(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_CARD);
    const struct concern_arguments concern = {.card = &card,
                                              .by = CONCERN_BY_VOLUNTEER,
                                              .reason = CONCERN_NOBODY_HELPS,
                                              .urgency = CONCERN_THIS_WEEK};
    assert_int_equal(home_command(home, NODE_COMMAND_CONCERN, &concern), REFUSAL_NONE);
    const uint64_t item_key = home_item(home, 1)->record_key;
    home_receipt(home, MESSAGE_KIND_CONCERN, REFUSAL_NO_CONSENT);
    home_settle_down(home);
    home_shred(home);
    assert_true(home->destroyed[item_key]); /* older copies of it knew the family */
    home_tombstone(home, &stone);
    home_shred(home);
    home_settle_down(home);
    assert_int_equal(home_item(home, 1)->refusal, REFUSAL_NO_CONSENT);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 1);
}

/* The hub can't be reached for months. */
static void an_end_that_passes_without_the_hubs_word_erases_too(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct card other = home_card(0x5b);
    const struct family_handle handle = home_handle(home, &card);
    const struct notice notice = flag_notice(home, &other, 1); /* a fallback knows no more */
    const int64_t end_ms = consent_end_ms(home_end_month(home));
    const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_BASIS_NONE);
    give(home, &card);
    home_notice(home, &notice);
    const uint64_t row_key = home_row(home, &handle)->record_key;
    const uint64_t item_key = home_item(home, 1)->record_key;
    const struct informal_arguments informal = {.family = 1, .name = "neighbour"};
    home_pass(home, end_ms + 23 * (int64_t)HOUR_MS - home->now_ms);
    assert_non_null(home_row(home, &handle));
    /* Still there, but nothing is done with it any more. */
    assert_int_equal(home_command(home, NODE_COMMAND_INFORMAL, &informal), REFUSAL_NO_CONSENT);
    assert_non_null(home_item(home, 1));
    home_pass(home, 2 * (int64_t)HOUR_MS);
    assert_null(home_row(home, &handle));
    assert_null(home_item(home, 1));
    assert_string_equal(home_kept(home, &handle)->record.teach_back, "");
    home_shred(home);
    assert_true(home->destroyed[row_key]);
    assert_true(home->destroyed[item_key]);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 0);
    home_tombstone(home, &stone);
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 1);
    assert_int_equal(home_kept(home, &handle)->record.event_count, 2);
}

/* It may be the clock that is wrong: the hub tells, or an hour goes by without it. */
static void a_clock_that_jumps_past_an_end_erases_nothing_yet(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    give(home, &card);
    const int64_t right_ms = home->now_ms;
    home->now_ms = consent_end_ms(home_end_month(home)) + 3 * (int64_t)DAY_MS;
    home_settle_down(home);
    assert_non_null(home_row(home, &handle));
    home->now_ms = right_ms;
    home_settle_down(home);
    home_welcome(home);
    assert_non_null(home_row(home, &handle));
    home->now_ms = consent_end_ms(home_end_month(home)) + 3 * (int64_t)DAY_MS;
    for (int minute = 0; minute <= 61; minute++) {
        home->now_ms += MINUTE_MS;
        home_tick(home);
    }
    assert_null(home_row(home, &handle));
}

/* We erased by ourselves; the keys are still there when the hub's word comes. */
static void keys_that_were_queued_before_the_tombstone_hold_its_receipt_too(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_BASIS_NONE);
    give(home, &card);
    home_pass(home, consent_end_ms(home_end_month(home)) + 25 * (int64_t)HOUR_MS - home->now_ms);
    assert_null(home_row(home, &handle));
    home_tombstone(home, &stone);
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 0);
    home_shred(home);
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 1);
}

/* More than the shell is told of at once. */
static void many_keys_of_one_family_are_all_gone_within_seconds(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_CARD);
    give(home, &card);
    for (uint8_t i = 1; i <= 70; i++) {
        const struct notice notice = flag_notice(home, &card, i);
        home_notice(home, &notice);
        if (i == 40) {
            home_restart(home); /* with new keys for the pool */
        }
    }
    assert_non_null(home_item(home, 70));
    home_tombstone(home, &stone);
    home_shred(home);
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 0);
    home_shred(home);
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 1);
}

/* The shell takes them a few at a time: our own record's words lie under a key of their own. */
static void the_receipt_waits_for_the_key_of_our_own_record_too(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_CARD);
    give(home, &card);
    const uint64_t row_key = home_row(home, &handle)->record_key;
    const uint64_t text_key = home_kept(home, &handle)->record_key;
    assert_true(text_key > row_key);
    home_tombstone(home, &stone);
    home->shred[0] = row_key;
    home->shred_count = 1;
    home_shred(home);
    home_settle_down(home);
    assert_true(home->destroyed[row_key] && !home->destroyed[text_key]);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 0);
    home_shred(home);
    home_settle_down(home);
    assert_true(home->destroyed[text_key]);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 1);
}

/* Copies of what was settled, with these bytes in them once they're opened. */
static size_t copies_with(struct home *home, struct bytes part) {
    struct store_txn *view = home_read(home);
    const struct outbox_keys keys = {.records = home->params.keys.records};
    struct store_cursor cursor;
    size_t count = 0;
    int r;
    for (r = store_first(view, TABLE_OUTBOX_KEPT, &cursor); r == 0; r = store_next(&cursor)) {
        struct outbox_kept kept;
        struct outbox_item item;
        struct bytes packet;
        assert_int_equal(outbox_kept_parse(&cursor, &kept), 0);
        assert_int_equal(outbox_item_parse(kept.value, &item), 0);
        if (outbox_item_open(&item, &keys, home->arena, &packet) == 0) {
            count += memmem(packet.data, packet.length, part.data, part.length) != NULL;
        }
    }
    assert_int_equal(r, ERR_NOT_FOUND);
    store_abort(view);
    return count;
}

/* A hub put back from its backup would go on with the consent: only we could tell it again. */
static void the_copy_of_a_withdrawal_stays_where_all_others_go(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    const struct withdraw_arguments arguments = {.who = {.card = &card}, .basis = WITHDRAWAL_CARD};
    const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_CARD);
    struct proven proven;
    give(home, &card);
    assert_int_equal(home_command(home, NODE_COMMAND_WITHDRAW, &arguments), REFUSAL_NONE);
    (void)home_withdrawal(home, &proven);
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    home_settle_down(home);
    assert_int_equal(copies_with(home, BYTES_OF(handle)), 2); /* the consent, its withdrawal */
    home_tombstone(home, &stone);
    home_shred(home);
    home_settle_down(home);
    assert_int_equal(copies_with(home, BYTES_OF(handle)), 1);
    assert_int_equal(copies_with(home, proven.proof), 1);
}

/* -- a store older than its keyring: put back from a backup -- */

/* What was erased after the backup stands there again, under keys that are no more. */
static void rows_whose_keys_are_gone_are_as_if_they_never_were(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    const struct notice notice = flag_notice(home, &card, 1);
    const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_CARD);
    const struct informal_arguments informal = {.family = 1, .name = "neighbour"};
    const struct support_start_arguments start = {.who = {.card = &card},
                                                  .words = near_professional};
    give(home, &card);
    home_notice(home, &notice);
    home->destroyed[home_row(home, &handle)->record_key] = true;
    home->destroyed[home_item(home, 1)->record_key] = true;
    home->destroyed[home_kept(home, &handle)->record_key] = true;
    home_restart(home);

    assert_int_equal(home_command(home, NODE_COMMAND_INFORMAL, &informal), REFUSAL_NOT_FOUND);
    home_notice(home, &notice);
    assert_non_null(home_item(home, 2));
    assert_int_equal(home_command(home, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_NONE);
    assert_int_equal(home_row(home, &handle)->number, 2);
    assert_int_equal(home_command(home, NODE_COMMAND_INFORMAL, &informal), REFUSAL_NOT_FOUND);
    home_tombstone(home, &stone);
    assert_null(home_row(home, &handle));
    home_shred(home);
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 1);
}

/* -- crashes -- */

/* Dies at the `at`-th commit from here, before or after it; the hub says its tombstone again, as it
 * does until it has our receipt. */
static bool run_with_crash(struct home *home, const struct tombstone *stone, int at,
                           bool after_it) {
    struct bytes plain;
    assert_int_equal(tombstone_encode(stone, home->arena, &plain), 0);
    const uint64_t number = ++home->told[LANE_URGENT];
    const struct bytes frame = home_posting(home, MESSAGE_KIND_TOMBSTONE, number, plain);
    home->die_before = after_it ? -1 : at;
    home->die_after = after_it ? at : -1;
    home_hear(home, frame);
    home_shred(home);
    home_settle_down(home);
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    home_settle_down(home);
    const bool died = home->died;
    home_restart(home);
    home_hear(home, frame);
    home_settle_down(home);
    home_shred(home);
    home_settle_down(home);
    return died;
}

static void a_crash_between_any_two_steps_leaves_it_to_be_finished(void **state) {
    (void)state;
    size_t crashes = 0;
    for (int at = 0; at < 12; at++) {
        for (int after_it = 0; after_it < 2; after_it++) {
            struct home *home = home_new(CONSENT_RIGHT_FULL);
            const struct card card = home_card(0x5a);
            const struct family_handle handle = home_handle(home, &card);
            const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_CARD);
            give(home, &card);
            const uint64_t row_key = home_row(home, &handle)->record_key;
            const uint64_t text_key = home_kept(home, &handle)->record_key;
            crashes += run_with_crash(home, &stone, at, after_it != 0);
            assert_null(home_row(home, &handle));
            assert_true(home->destroyed[row_key]);
            assert_true(home->destroyed[text_key]);
            assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 1);
            assert_non_null(home_kept(home, &handle));
            home_free(home);
        }
    }
    assert_true(crashes >= 6); /* each of the three commits, on both sides */
}

/* The shell dies with the keys destroyed, before it could say so. */
static void keys_that_were_destroyed_before_a_crash_are_told_again(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct tombstone stone = stone_of(home, &card, WITHDRAWAL_CARD);
    give(home, &card);
    home_tombstone(home, &stone);
    assert_true(home->shred_count > 0);
    for (size_t i = 0; i < home->shred_count; i++) {
        home->destroyed[home->shred[i]] = true;
    }
    home_restart(home);
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 0);
    home_shred(home);
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 1);
}

/* -- what isn't as it must be -- */

static void a_notice_without_a_consent_that_covers_it_is_refused(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct card other = home_card(0x5b);
    struct notice notice = flag_notice(home, &card, 1);
    notice.token = (struct signed_token){.token = {0}};
    home_notice(home, &notice);
    assert_int_equal(home->refused, REFUSAL_NO_CONSENT);
    notice = flag_notice(home, &card, 2);
    notice.token = home_token(home, &other, HOME_GENT, all_scopes());
    home_notice(home, &notice);
    notice = flag_notice(home, &card, 3);
    notice.purpose = PURPOSE_WELCOME;
    home_notice(home, &notice);
    notice = flag_notice(home, &card, 4);
    notice.token.organisation_signature = notice.token.family_signature;
    home_notice(home, &notice);
    notice = flag_notice(home, &card, 5);
    home->now_ms = consent_end_ms(home_end_month(home)) + 1;
    home_notice(home, &notice);
    assert_int_equal(home_rows(home, TABLE_ITEMS), 0);
}

/* Knowing the family is no consent to what is told of it now. */
static void a_notice_without_a_token_about_a_family_of_ours_is_refused(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    struct notice notice = flag_notice(home, &card, 1);
    give(home, &card);
    notice.kind = NOTICE_ENDING;
    notice.end_day = brussels_day(home->now_ms) + 60;
    home_notice(home, &notice);
    assert_non_null(home_item(home, 1));
    notice = flag_notice(home, &card, 2);
    notice.kind = NOTICE_ENDING;
    notice.end_day = brussels_day(home->now_ms) + 14;
    notice.token = (struct signed_token){.token = {0}};
    home_notice(home, &notice);
    assert_int_equal(home->refused, REFUSAL_NO_CONSENT);
    assert_int_equal(home_item(home, 1)->end_day, brussels_day(home->now_ms) + 60);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, before, after)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_receipt_leaves_after_the_keys_are_gone_and_not_before),
        TEST(the_bare_proof_of_our_own_consent_stays),
        TEST(what_comes_late_about_an_ended_consent_is_settled_and_dropped),
        TEST(a_tombstone_for_a_family_that_we_have_nothing_of_is_receipted),
        TEST(another_familys_rows_and_keys_stay),
        TEST(an_item_that_forgot_its_family_stays),
        TEST(an_end_that_passes_without_the_hubs_word_erases_too),
        TEST(a_clock_that_jumps_past_an_end_erases_nothing_yet),
        TEST(keys_that_were_queued_before_the_tombstone_hold_its_receipt_too),
        TEST(many_keys_of_one_family_are_all_gone_within_seconds),
        TEST(the_receipt_waits_for_the_key_of_our_own_record_too),
        TEST(the_copy_of_a_withdrawal_stays_where_all_others_go),
        TEST(rows_whose_keys_are_gone_are_as_if_they_never_were),
        cmocka_unit_test(a_crash_between_any_two_steps_leaves_it_to_be_finished),
        TEST(keys_that_were_destroyed_before_a_crash_are_told_again),
        TEST(a_notice_without_a_consent_that_covers_it_is_refused),
        TEST(a_notice_without_a_token_about_a_family_of_ours_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
