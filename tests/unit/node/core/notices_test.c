/* What the hub tells us, and the items that it becomes. */
#include "node/core/notices.h"
#include "tests/unit/node/core/desk.h"

static int setup(void **state) {
    *state = desk_new();
    return 0;
}

static int teardown(void **state) {
    desk_free(*state);
    return 0;
}

static struct notice flag_notice(struct desk *desk, uint8_t id, bool yours) {
    struct notice notice = desk_notice(desk, NOTICE_FLAG);
    notice.flag = (struct notice_flag){
        .id = desk_id(id),
        .kind = FLAG_NO_LOCAL,
        .state = FLAG_OPEN,
        .yours = yours,
        .opened_day = desk->today,
        .acknowledge_by_day = desk->today + 3,
        .contact_by_day = desk->today + 14,
    };
    return notice;
}

static void hear(struct desk *desk, const struct notice *notice) {
    assert_int_equal(desk_hear(desk, notice, NULL), REFUSAL_NONE);
}

static void take(struct desk *desk, uint32_t item) {
    const struct flag_answer_arguments arguments = {.item = item, .action = FLAG_TAKE};
    assert_int_equal(desk_command(desk, NODE_COMMAND_FLAG_ANSWER, &arguments), REFUSAL_NONE);
}

/* -- consent -- */

static void a_flag_without_a_token_is_refused_and_nothing_is_stored(void **state) {
    struct desk *desk = *state;
    struct notice notice = flag_notice(desk, 1, true);
    notice.token = (struct signed_token){.token = {0}};
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NO_CONSENT);
    desk_support(desk, NULL); /* knowing the family isn't enough: the consent must be known */
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NO_CONSENT);
    assert_int_equal(desk_items(desk), 0);
}

static void without_a_token_the_consent_that_we_know_decides(void **state) {
    struct desk *desk = *state;
    struct notice notice = desk_notice(desk, NOTICE_ENDING);
    notice.end_day = desk->today + 60;
    notice.token = (struct signed_token){.token = {0}};
    desk_support(desk, NULL);
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NO_CONSENT);
    notice.token = desk->token;
    hear(desk, &notice);
    notice.token = (struct signed_token){.token = {0}};
    hear(desk, &notice);
    desk_pass(desk, 300); /* its end has passed */
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NO_CONSENT);
}

static void an_older_token_takes_no_newer_ones_place(void **state) {
    struct desk *desk = *state;
    uint32_t family = desk_support(desk, NULL);
    struct notice notice = desk_notice(desk, NOTICE_ENDING);
    notice.token = desk_token(desk, 3, scope_bit(SCOPE_PRESENCE));
    hear(desk, &notice);
    notice.token = desk_token(desk, 2, scope_bit(SCOPE_PRESENCE) | scope_bit(SCOPE_CONCERN));
    hear(desk, &notice);
    assert_int_equal(desk_row(desk, family)->scopes.bits, scope_bit(SCOPE_PRESENCE));
}

static void a_notice_about_no_family_or_of_no_kind_is_refused(void **state) {
    struct desk *desk = *state;
    struct notice notice = flag_notice(desk, 1, true);
    notice.handle = (struct family_handle){{0}};
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_MALFORMED);
    notice = desk_notice(desk, NOTICE_CALL_BACK); /* and a call is about none */
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_MALFORMED);
    notice = desk_notice(desk, (enum notice_kind)99);
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_UNKNOWN_VALUE);
    notice = flag_notice(desk, 1, true);
    notice.flag.kind = (enum flag_kind)99;
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(desk_items(desk), 0);
}

/* -- flags -- */

static void a_flag_of_ours_is_urgent_and_shows_the_envelope(void **state) {
    struct desk *desk = *state;
    struct notice notice = flag_notice(desk, 1, true);
    notice.contact = desk_seal(desk, ORG_OURS, "0470 00 00 00, na 17 u", true);
    hear(desk, &notice);
    const struct item *item = desk_item(desk, 1);
    assert_int_equal(item->kind, NOTICE_FLAG);
    assert_int_equal(item->state, ITEM_NEW);
    assert_true(item->urgent);
    assert_true(item->has_contact);
    assert_string_equal(item->contact.text, "0470 00 00 00, na 17 u");
    assert_int_equal(item->flag.kind, FLAG_NO_LOCAL);
    struct items_waiting waiting = desk_waiting(desk, NULL);
    assert_int_equal(waiting.waiting, 1);
    assert_int_equal(waiting.count, 1);
    assert_int_equal(waiting.numbers[0], 1);
}

static void an_envelope_that_we_cannot_open_costs_us_no_flag(void **state) {
    struct desk *desk = *state;
    struct notice notice = flag_notice(desk, 1, true);
    notice.contact = desk_seal(desk, ORG_GENT, "not for us", false);
    hear(desk, &notice);
    assert_false(desk_item(desk, 1)->has_contact);
    assert_true(desk_item(desk, 1)->urgent);
}

static void whoever_is_only_told_reads_it_in_the_digest(void **state) {
    struct desk *desk = *state;
    struct notice notice = flag_notice(desk, 1, false);
    hear(desk, &notice);
    struct items_waiting waiting = desk_waiting(desk, NULL);
    assert_int_equal(waiting.waiting, 1);
    assert_int_equal(waiting.count, 0);
    assert_int_equal(waiting.unmailed, 1);
}

static void the_same_flag_said_again_is_the_same_item(void **state) {
    struct desk *desk = *state;
    struct notice notice = flag_notice(desk, 1, true);
    hear(desk, &notice);
    take(desk, 1);
    desk_pass(desk, 1);
    notice.flag.kind = FLAG_SILENT;
    notice.flag.state = FLAG_ACKNOWLEDGED;
    hear(desk, &notice);
    assert_int_equal(desk_items(desk), 1);
    assert_int_equal(desk_item(desk, 1)->flag.kind, FLAG_SILENT);
    assert_int_equal(desk_item(desk, 1)->state, ITEM_TAKEN); /* who has it keeps it */
    assert_string_equal(desk_item(desk, 1)->taken_by.text, "els");
    notice = flag_notice(desk, 2, true);
    hear(desk, &notice);
    assert_int_equal(desk_items(desk), 2);
}

static void what_we_were_told_of_becomes_urgent_when_it_is_our_turn(void **state) {
    struct desk *desk = *state;
    struct notice notice = flag_notice(desk, 1, false);
    hear(desk, &notice);
    const uint32_t number = 1;
    const struct items_mailed_arguments mailed = {.items = &number, .count = 1};
    assert_int_equal(desk_command(desk, NODE_COMMAND_ITEMS_MAILED, &mailed), REFUSAL_NONE);
    assert_string_equal(desk->result, "{\"items\":1}");
    desk_pass(desk, 4);
    notice.flag.yours = true;
    hear(desk, &notice);
    assert_int_equal(desk_waiting(desk, NULL).count, 1);
    assert_int_equal(desk_waiting(desk, NULL).oldest_days, 4);
}

static void a_flag_that_is_over_or_anothers_turn_waits_no_more(void **state) {
    struct desk *desk = *state;
    struct notice notice = flag_notice(desk, 1, true);
    hear(desk, &notice);
    notice.kind = NOTICE_FLAG_OVER;
    notice.flag.state = FLAG_CLOSED;
    notice.flag.reason = FLAG_REASON_SUPPORTED;
    hear(desk, &notice);
    assert_int_equal(desk_item(desk, 1)->state, ITEM_DONE);
    assert_int_equal(desk_item(desk, 1)->flag.reason, FLAG_REASON_SUPPORTED);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 0);
    notice = flag_notice(desk, 2, true);
    hear(desk, &notice);
    notice.flag.yours = false; /* the next in line has it now */
    hear(desk, &notice);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 0);
    /* The same thing again: the same item, new and urgent. */
    desk_pass(desk, 5);
    notice.flag.yours = true;
    hear(desk, &notice);
    assert_int_equal(desk_items(desk), 2);
    assert_int_equal(desk_waiting(desk, NULL).count, 1);
}

static void who_was_on_a_flag_hears_that_it_is_anothers_turn(void **state) {
    struct desk *desk = *state;
    struct notice notice = flag_notice(desk, 1, true);
    hear(desk, &notice);
    take(desk, 1);
    notice.kind = NOTICE_FLAG_OVER;
    notice.flag.by = desk->orgs[ORG_GENT];
    hear(desk, &notice);
    const struct item *item = desk_item(desk, 1);
    assert_int_equal(item->state, ITEM_NEW);
    assert_string_equal(item->taken_by.text, "els");
    assert_false(item->flag.yours);
    assert_int_equal(desk_waiting(desk, NULL).count, 0);
    const struct item_arguments done = {.item = 1};
    assert_int_equal(desk_command(desk, NODE_COMMAND_ITEM_DONE, &done), REFUSAL_NONE);
}

/* Notices aren't ordered. */
static void a_late_notice_opens_no_flag_that_is_over(void **state) {
    struct desk *desk = *state;
    struct notice late = flag_notice(desk, 1, true);
    struct notice over = late;
    over.kind = NOTICE_FLAG_OVER;
    over.flag.state = FLAG_CLOSED;
    const int64_t said_ms = desk->now_ms;
    desk_pass(desk, 1);
    hear(desk, &over);
    desk->now_ms = said_ms;
    hear(desk, &late);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 0);
    assert_int_equal(desk_items(desk), 1);
}

/* We close it; the hub's word about our taking it is still under way. */
static void what_we_closed_stays_closed_while_older_words_arrive(void **state) {
    struct desk *desk = *state;
    struct notice notice = flag_notice(desk, 1, true);
    hear(desk, &notice);
    take(desk, 1);
    struct flag_answer_arguments answer = {.item = 1, .action = FLAG_CONTACT};
    assert_int_equal(desk_command(desk, NODE_COMMAND_FLAG_ANSWER, &answer), REFUSAL_NONE);
    answer.action = FLAG_CLOSE;
    answer.reason = FLAG_REASON_HELPED;
    assert_int_equal(desk_command(desk, NODE_COMMAND_FLAG_ANSWER, &answer), REFUSAL_NONE);
    notice.flag.state = FLAG_ACKNOWLEDGED;
    desk_pass(desk, 1);
    hear(desk, &notice);
    assert_int_equal(desk_item(desk, 1)->state, ITEM_DONE);
    assert_int_equal(desk_item(desk, 1)->flag.state, FLAG_CLOSED);
}

/* -- answers, ends -- */

static void an_answer_to_nothing_that_we_raised_is_refused(void **state) {
    struct desk *desk = *state;
    struct notice notice = desk_notice(desk, NOTICE_ANSWER);
    notice.about = desk_id(9);
    notice.flag.state = FLAG_ACKNOWLEDGED;
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NOT_FOUND);
    notice = desk_notice(desk, NOTICE_CALLED_BACK);
    notice.handle = (struct family_handle){{0}};
    notice.token = (struct signed_token){.token = {0}};
    notice.about = desk_id(9);
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NOT_FOUND);
    notice = desk_notice(desk, NOTICE_SUPPORT_OVER);
    notice.why = END_ORGANISATION_LEFT;
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NOT_FOUND);
    assert_int_equal(desk_items(desk), 0);
}

static void the_second_word_that_a_consent_ends_is_news_again(void **state) {
    struct desk *desk = *state;
    struct notice notice = desk_notice(desk, NOTICE_ENDING);
    notice.end_day = desk->today + 60;
    hear(desk, &notice);
    assert_int_equal(desk_item(desk, 1)->end_day, desk->today + 60);
    const struct item_arguments done = {.item = 1};
    assert_int_equal(desk_command(desk, NODE_COMMAND_ITEM_DONE, &done), REFUSAL_NONE);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 0);
    desk_pass(desk, 46);
    hear(desk, &notice);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 1);
    assert_int_equal(desk_items(desk), 1);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_flag_without_a_token_is_refused_and_nothing_is_stored),
        TEST(without_a_token_the_consent_that_we_know_decides),
        TEST(an_older_token_takes_no_newer_ones_place),
        TEST(a_notice_about_no_family_or_of_no_kind_is_refused),
        TEST(a_flag_of_ours_is_urgent_and_shows_the_envelope),
        TEST(an_envelope_that_we_cannot_open_costs_us_no_flag),
        TEST(whoever_is_only_told_reads_it_in_the_digest),
        TEST(the_same_flag_said_again_is_the_same_item),
        TEST(what_we_were_told_of_becomes_urgent_when_it_is_our_turn),
        TEST(a_flag_that_is_over_or_anothers_turn_waits_no_more),
        TEST(who_was_on_a_flag_hears_that_it_is_anothers_turn),
        TEST(a_late_notice_opens_no_flag_that_is_over),
        TEST(what_we_closed_stays_closed_while_older_words_arrive),
        TEST(an_answer_to_nothing_that_we_raised_is_refused),
        TEST(the_second_word_that_a_consent_ends_is_news_again),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
