/* Supports: who may start one, how they follow the register, what happens where no consent stands.
 */
#include "node/core/supports.h"
#include "tests/unit/node/core/desk.h"

#include <stdio.h>
#include <stdlib.h>

static int setup(void **state) {
    *state = desk_new();
    return 0;
}

static int teardown(void **state) {
    desk_free(*state);
    return 0;
}

static struct support_start_arguments start_with(const struct desk *desk) {
    return (struct support_start_arguments){
        .who = {.card = &desk->card},
        .words = {.kind = SUPPORT_PROFESSIONAL, .distance = SUPPORT_NEAR}};
}

static struct support_end_arguments end_with(uint32_t family, enum end_reason why, int32_t day) {
    return (struct support_end_arguments){.who = {.family = family}, .why = why, .end_day = day};
}

/* -- starting -- */

static void a_start_by_card_is_said_to_the_hub_and_proven(void **state) {
    struct desk *desk = *state;
    assert_int_equal(desk_support(desk, NULL), 1);
    assert_string_equal(desk->result, "{\"family\":1,\"case\":\"none\"}");
    struct support said = desk_said(desk);
    assert_int_equal(said.number, 1);
    assert_int_equal(said.state, SUPPORT_ACTIVE);
    assert_int_equal(said.kind, SUPPORT_PROFESSIONAL);
    assert_int_equal(said.distance, SUPPORT_NEAR);
    assert_int_equal(said.confirmed_day, desk->today);
    assert_true(desk_row(desk, 1)->support.exists);
}

static void a_second_start_is_refused_with_the_familys_number(void **state) {
    struct desk *desk = *state;
    struct support_start_arguments start = start_with(desk);
    uint32_t family = desk_support(desk, NULL);
    start.words.distance = SUPPORT_DISTANT;
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_EXISTS);
    assert_string_equal(desk->result, "{\"family\":1}");
    start.words.distance = SUPPORT_NEAR;
    /* After an end it may start again, and numbers rise. */
    const struct support_end_arguments end = end_with(family, END_FINISHED, 0);
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_END, &end), REFUSAL_NONE);
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_NONE);
    assert_int_equal(desk_said(desk).number, 3);
    assert_int_equal(desk_said(desk).why, END_REASON_NONE);
}

/* Else who has no client system's export would go silent, however often they meet. */
static void said_again_a_support_without_a_case_is_confirmed(void **state) {
    struct desk *desk = *state;
    const struct support_start_arguments start = start_with(desk);
    uint32_t family = desk_support(desk, NULL);
    const size_t said = desk_count(desk, MESSAGE_KIND_SUPPORT);
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_NONE);
    assert_int_equal(desk_count(desk, MESSAGE_KIND_SUPPORT), said); /* today is known */
    desk_pass(desk, 41);
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_NONE);
    assert_int_equal(desk_said(desk).number, 2);
    assert_int_equal(desk_said(desk).confirmed_day, desk->today);
    assert_int_equal(desk_row(desk, family)->support.contact_day, desk->today);
}

static void the_same_words_for_a_support_that_follows_a_case_are_refused(void **state) {
    struct desk *desk = *state;
    const struct support_start_arguments start = start_with(desk);
    assert_int_equal(desk_support(desk, "4711"), 1);
    desk_pass(desk, 41);
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_EXISTS);
}

static void who_contacts_a_family_about_a_flag_confirms_the_support(void **state) {
    struct desk *desk = *state;
    (void)desk_support(desk, NULL);
    desk_pass(desk, 30);
    struct notice notice = desk_notice(desk, NOTICE_FLAG);
    notice.flag = (struct notice_flag){
        .id = desk_id(1), .kind = FLAG_ONE_LEFT, .state = FLAG_OPEN, .opened_day = desk->today};
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NONE);
    const struct flag_answer_arguments contacted = {.item = 1, .action = FLAG_CONTACT};
    assert_int_equal(desk_command(desk, NODE_COMMAND_FLAG_ANSWER, &contacted), REFUSAL_NONE);
    assert_int_equal(desk_said(desk).number, 2);
    assert_int_equal(desk_said(desk).confirmed_day, desk->today);
    assert_int_equal(desk_count(desk, MESSAGE_KIND_FLAG_ANSWER), 1);
}

static void volunteers_and_toeleiders_give_informal_support_only(void **state) {
    struct desk *desk = *state;
    struct support_start_arguments start = start_with(desk);
    static const enum role roles[] = {ROLE_VOLUNTEER, ROLE_TOELEIDER};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(desk_command_by(desk, roles[i], "jo", NODE_COMMAND_SUPPORT_START, &start),
                         REFUSAL_NOT_ALLOWED);
    }
    assert_int_equal(desk->sent_count, 0);
    start.words.kind = SUPPORT_INFORMAL;
    assert_int_equal(
        desk_command_by(desk, ROLE_VOLUNTEER, "jo", NODE_COMMAND_SUPPORT_START, &start),
        REFUSAL_NONE);
    assert_int_equal(desk_said(desk).kind, SUPPORT_INFORMAL);
}

static void who_cannot_give_professional_support_cannot_end_it(void **state) {
    struct desk *desk = *state;
    uint32_t family = desk_support(desk, NULL);
    const struct support_end_arguments end = end_with(family, END_FINISHED, 0);
    assert_int_equal(desk_command_by(desk, ROLE_VOLUNTEER, "jo", NODE_COMMAND_SUPPORT_END, &end),
                     REFUSAL_NOT_ALLOWED);
    assert_int_equal(desk_said(desk).state, SUPPORT_ACTIVE);
}

/* The family chose us as fallback and left how to reach it, and with what we may say so. */
static void a_flag_with_the_envelope_lets_us_start_our_support(void **state) {
    struct desk *desk = *state;
    struct support_start_arguments start = start_with(desk);
    struct notice notice = desk_notice(desk, NOTICE_FLAG);
    notice.flag = (struct notice_flag){
        .id = desk_id(1), .kind = FLAG_NO_LOCAL, .state = FLAG_OPEN, .yours = true};
    start.who = (struct family_who){.item = 1};
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NONE);
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_NO_CONSENT);
    notice.contact = desk_seal(desk, ORG_OURS, "0470", true);
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NONE);
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_NONE);
    assert_int_equal(desk_said(desk).state, SUPPORT_ACTIVE);
    assert_int_equal(desk_row(desk, 1)->end_month, month_of_day(desk->today) + 6);
}

static void words_that_are_on_no_list_are_refused(void **state) {
    struct desk *desk = *state;
    struct support_start_arguments start = start_with(desk);
    char longest[CASE_ID_BYTES_MAX + 2];
    memset(longest, 'K', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    start.words.distance = (enum support_distance)9;
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_UNKNOWN_VALUE);
    start = start_with(desk);
    start.words.case_id = longest;
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_MALFORMED);
    start.words.case_id = "";
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_MALFORMED);
    start = start_with(desk);
    start.who.family = 7; /* and the card */
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_MALFORMED);
    start.who = (struct family_who){.family = 7};
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_NOT_FOUND);
}

static void a_case_that_is_closed_or_another_familys_is_refused(void **state) {
    struct desk *desk = *state;
    struct register_case cases[] = {desk_case(desk, "K1"), desk_case(desk, "K2")};
    struct card other;
    struct support_start_arguments start = start_with(desk);
    cases[1].closed_day = desk->today - 1;
    desk_import(desk, cases, 2);
    start.words.case_id = "K2";
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_WRONG_MOVE);
    start.words.case_id = "K1";
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_NONE);
    assert_string_equal(desk->result, "{\"family\":1,\"case\":\"followed\"}");
    memset(other.secret, 0x77, sizeof(other.secret));
    start.who.card = &other;
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_EXISTS);
    assert_string_equal(desk->result, "{\"family\":1}");
}

/* At intake the export is a day behind. */
static void a_case_that_comes_with_a_later_import_is_followed_from_then_on(void **state) {
    struct desk *desk = *state;
    desk_support(desk, "K9");
    assert_string_equal(desk->result, "{\"family\":1,\"case\":\"not-there-yet\"}");
    struct register_case one = desk_case(desk, "K9");
    desk_pass(desk, 10);
    one.closed_day = desk->today - 1;
    one.close_reason = CLOSE_REASON_FINISHED;
    desk_import(desk, &one, 1);
    desk_due(desk);
    assert_int_equal(desk_said(desk).state, SUPPORT_ENDED);
    assert_int_equal(desk_said(desk).end_day, desk->today - 1);
}

/* -- ending -- */

static void an_end_is_announced_with_day_reason_and_successor(void **state) {
    struct desk *desk = *state;
    uint32_t family = desk_support(desk, NULL);
    struct support_end_arguments end = end_with(family, END_MOVING, desk->today + 30);
    end.moving_to.code = 44021;
    end.successor = desk->orgs[ORG_GENT];
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_ENDING, &end), REFUSAL_NONE);
    struct support said = desk_said(desk);
    assert_int_equal(said.state, SUPPORT_ENDING);
    assert_int_equal(said.why, END_MOVING);
    assert_int_equal(said.end_day, desk->today + 30);
    assert_int_equal(said.moving_to.code, 44021);
    assert_true(org_id_equal(&said.successor, &desk->orgs[ORG_GENT]));
    assert_int_equal(said.number, 2);
}

static void an_end_that_makes_no_sense_is_refused(void **state) {
    struct desk *desk = *state;
    const enum node_command ending = NODE_COMMAND_SUPPORT_ENDING;
    struct support_end_arguments end = end_with(1, END_FINISHED, desk->today + 1);
    assert_int_equal(desk_command(desk, ending, &end), REFUSAL_NOT_FOUND);
    desk_support(desk, NULL);
    end.end_day = desk->today - 1;
    assert_int_equal(desk_command(desk, ending, &end), REFUSAL_IMPLAUSIBLE);
    end.end_day = desk->today + 400;
    assert_int_equal(desk_command(desk, ending, &end), REFUSAL_IMPLAUSIBLE);
    end.end_day = desk->today + 1;
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_END, &end), REFUSAL_IMPLAUSIBLE);
    end.why = END_ORGANISATION_LEFT; /* the hub's to say */
    assert_int_equal(desk_command(desk, ending, &end), REFUSAL_UNKNOWN_VALUE);
    end.why = END_FINISHED;
    end.moving_to.code = 44021;
    assert_int_equal(desk_command(desk, ending, &end), REFUSAL_MALFORMED);
    end.moving_to.code = 0;
    end.successor = desk->orgs[ORG_OURS];
    assert_int_equal(desk_command(desk, ending, &end), REFUSAL_NOT_ALLOWED);
    memcpy(end.successor.text, "nobody", sizeof("nobody"));
    assert_int_equal(desk_command(desk, ending, &end), REFUSAL_UNKNOWN_RECIPIENT);
    end = end_with(1, END_FINISHED, 0);
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_END, &end), REFUSAL_NONE);
    assert_int_equal(desk_said(desk).end_day, desk->today);
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_END, &end), REFUSAL_WRONG_MOVE);
    assert_int_equal(desk_count(desk, MESSAGE_KIND_SUPPORT), 2);
}

static void what_people_ended_no_import_starts_again(void **state) {
    struct desk *desk = *state;
    struct register_case one = desk_case(desk, "K1");
    desk_import(desk, &one, 1);
    uint32_t family = desk_support(desk, "K1");
    const struct support_end_arguments end = end_with(family, END_FAMILY_WISH, 0);
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_END, &end), REFUSAL_NONE);
    desk_pass(desk, 40);
    one.last_contact_day = desk->today;
    desk_import(desk, &one, 1);
    desk_due(desk);
    assert_int_equal(desk_count(desk, MESSAGE_KIND_SUPPORT), 2);
}

/* -- following -- */

static void supports_follow_the_register_and_nobody_types_anything(void **state) {
    struct desk *desk = *state;
    struct register_case one = desk_case(desk, "K1");
    desk_import(desk, &one, 1);
    desk_support(desk, "K1");
    desk_due(desk);
    assert_int_equal(desk_count(desk, MESSAGE_KIND_SUPPORT), 1);
    desk_pass(desk, 20);
    one.last_contact_day = desk->today;
    desk_import(desk, &one, 1);
    desk_due(desk);
    assert_int_equal(desk_count(desk, MESSAGE_KIND_SUPPORT), 1); /* too early to tell */
    /* No import comes any more; the day does. */
    desk_pass(desk, 8);
    desk_due(desk);
    assert_int_equal(desk_count(desk, MESSAGE_KIND_SUPPORT), 2);
    assert_int_equal(desk_said(desk).confirmed_day, desk->today - 8);
    desk_pass(desk, 60); /* nothing new: it goes silent by itself at the hub */
    desk_due(desk);
    assert_int_equal(desk_count(desk, MESSAGE_KIND_SUPPORT), 2);
    one.closed_day = desk->today;
    one.close_reason = CLOSE_REASON_UNREACHABLE;
    desk_import(desk, &one, 1);
    desk_due(desk);
    assert_int_equal(desk_said(desk).why, END_UNREACHABLE);
    one.closed_day = REGISTER_DAY_NONE;
    desk_import(desk, &one, 1);
    desk_due(desk);
    assert_int_equal(desk_said(desk).state, SUPPORT_ACTIVE);
    desk_import(desk, NULL, 0); /* and now it isn't there any more */
    desk_due(desk);
    assert_int_equal(desk_said(desk).state, SUPPORT_ACTIVE);
    assert_int_equal(desk_count(desk, MESSAGE_KIND_SUPPORT), 4);
}

/* More than one slice (64), each its own card and case. */
static void many_families_are_followed_in_slices(void **state) {
    struct desk *desk = *state;
    enum { MANY = 150 };
    struct register_case *cases = calloc(MANY, sizeof(*cases));
    struct card cards[MANY];
    assert_non_null(cases);
    for (int i = 0; i < MANY; i++) {
        char id[8];
        struct support_start_arguments start = start_with(desk);
        snprintf(id, sizeof(id), "K%d", i);
        cases[i] = desk_case(desk, id);
        memset(cards[i].secret, i, sizeof(cards[i].secret));
        cards[i].secret[0] = 0xab;
        start.who.card = &cards[i];
        start.words.case_id = id;
        assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_NONE);
        cases[i].closed_day = desk->today;
    }
    desk_import(desk, cases, MANY);
    desk->sent_count = 0;
    desk_due(desk);
    assert_int_equal(desk_count(desk, MESSAGE_KIND_SUPPORT), MANY);
    desk_due(desk);
    assert_int_equal(desk_count(desk, MESSAGE_KIND_SUPPORT), MANY);
    free(cases);
}

/* -- where no consent stands -- */

enum { RETRY_DAYS = 30 }; /* DESIGN 5 */

static void a_refused_support_is_said_again_each_day_and_then_shown(void **state) {
    struct desk *desk = *state;
    uint32_t family = desk_support(desk, NULL);
    desk_settle(desk, 0, REFUSAL_NO_CONSENT);
    assert_true(desk_row(desk, family)->support.waits);
    desk_due(desk);
    assert_int_equal(desk->sent_count, 1); /* not on the same day */
    for (size_t day = 1; day < RETRY_DAYS; day++) {
        desk_pass(desk, 1);
        desk_due(desk);
        assert_int_equal(desk->sent_count, 1 + day);
        assert_int_equal(desk_said(desk).number, 1 + day);
        desk_settle(desk, day, REFUSAL_NO_CONSENT);
    }
    assert_int_equal(desk_items(desk), 0);
    desk_pass(desk, 1);
    desk_due(desk);
    assert_int_equal(desk->sent_count, RETRY_DAYS);
    assert_true(desk_row(desk, family)->support.given_up);
    assert_int_equal(desk_item(desk, 1)->kind, NOTICE_SUPPORT_OVER);
    assert_int_equal(desk_item(desk, 1)->refusal, REFUSAL_NO_CONSENT);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 1);
    desk_pass(desk, 5);
    desk_due(desk);
    assert_int_equal(desk->sent_count, RETRY_DAYS);
    /* People may try again. */
    const struct support_start_arguments start = start_with(desk);
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_NONE);
    assert_false(desk_row(desk, family)->support.given_up);
}

static void a_support_whose_consent_came_at_last_waits_no_more(void **state) {
    struct desk *desk = *state;
    uint32_t family = desk_support(desk, NULL);
    desk_settle(desk, 0, REFUSAL_NO_CONSENT);
    desk_pass(desk, 1);
    desk_due(desk);
    desk_settle(desk, 1, REFUSAL_NONE);
    assert_false(desk_row(desk, family)->support.waits);
    desk_pass(desk, 1);
    desk_due(desk);
    assert_int_equal(desk->sent_count, 2);
}

/* Our numbers are behind: the store was put back from a backup. */
static void a_stale_number_goes_further_on(void **state) {
    struct desk *desk = *state;
    desk_support(desk, NULL);
    desk_settle(desk, 0, REFUSAL_STALE);
    desk_pass(desk, 1);
    desk_due(desk);
    assert_int_equal(desk->sent_count, 2);
    assert_true(desk_said(desk).number > 1000);
}

static void a_refusal_that_no_day_mends_is_shown_at_once(void **state) {
    struct desk *desk = *state;
    uint32_t family = desk_support(desk, NULL);
    desk_settle(desk, 0, REFUSAL_OUT_OF_SCOPE);
    assert_true(desk_row(desk, family)->support.given_up);
    assert_int_equal(desk_item(desk, 1)->refusal, REFUSAL_OUT_OF_SCOPE);
}

static void without_a_consent_that_covers_it_nothing_is_said(void **state) {
    struct desk *desk = *state;
    uint32_t family = desk_support(desk, NULL);
    struct notice notice = desk_notice(desk, NOTICE_ENDING); /* brings a token */
    notice.token = desk_token(desk, 2, scope_bit(SCOPE_CONCERN));
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NONE);
    assert_int_equal(desk_row(desk, family)->scopes.bits, scope_bit(SCOPE_CONCERN));
    /* Our own part ends all the same, and there's nobody to tell. */
    const struct support_end_arguments end = end_with(family, END_FINISHED, 0);
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_END, &end), REFUSAL_NONE);
    assert_int_equal(desk->sent_count, 1);
    assert_int_equal(desk_row(desk, family)->support.said.state, SUPPORT_ENDED);
    const struct support_start_arguments start = start_with(desk);
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_OUT_OF_SCOPE);
}

static void what_happens_without_a_consent_is_said_once_there_is_one_again(void **state) {
    struct desk *desk = *state;
    struct register_case one = desk_case(desk, "K1");
    struct notice notice = desk_notice(desk, NOTICE_ENDING);
    desk_import(desk, &one, 1);
    uint32_t family = desk_support(desk, "K1");
    notice.token = desk_token(desk, 2, scope_bit(SCOPE_CONCERN));
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NONE);
    one.closed_day = desk->today;
    one.close_reason = CLOSE_REASON_FINISHED;
    desk_import(desk, &one, 1);
    desk_due(desk);
    assert_int_equal(desk->sent_count, 1);
    assert_int_equal(desk_row(desk, family)->support.said.state, SUPPORT_ACTIVE);
    desk_pass(desk, 1);
    notice.token = desk_token(desk, 3, scope_bit(SCOPE_PRESENCE));
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NONE);
    desk_due(desk);
    assert_int_equal(desk_said(desk).state, SUPPORT_ENDED);
    assert_int_equal(desk_said(desk).end_day, desk->today - 1);
}

static void an_end_that_the_hub_says_is_ours_too(void **state) {
    struct desk *desk = *state;
    struct register_case one = desk_case(desk, "K1");
    desk_import(desk, &one, 1);
    uint32_t family = desk_support(desk, "K1");
    struct notice notice = desk_notice(desk, NOTICE_SUPPORT_OVER);
    notice.why = END_ORGANISATION_LEFT;
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NONE);
    assert_int_equal(desk_row(desk, family)->support.said.state, SUPPORT_ENDED);
    assert_int_equal(desk_item(desk, 1)->why, END_ORGANISATION_LEFT);
    desk_pass(desk, 1);
    desk_due(desk);
    assert_int_equal(desk->sent_count, 1); /* the open case doesn't start it again */
}

/* -- the neighbour -- */

static void informal_supporters_stay_here(void **state) {
    struct desk *desk = *state;
    uint32_t family = desk_support(desk, NULL);
    char name[] = "buur 0";
    struct informal_arguments one = {.family = family, .name = name, .what = "brengt naar school"};
    for (int i = 0; i < INFORMAL_MAX; i++) {
        name[5] = (char)('0' + i);
        assert_int_equal(desk_command(desk, NODE_COMMAND_INFORMAL, &one), REFUSAL_NONE);
    }
    assert_string_equal(desk->result, "{\"family\":1,\"informal\":8}");
    assert_int_equal(desk_command(desk, NODE_COMMAND_INFORMAL, &one), REFUSAL_NONE); /* the same */
    one.name = "nog een";
    assert_int_equal(desk_command(desk, NODE_COMMAND_INFORMAL, &one), REFUSAL_OVER_QUOTA);
    one.remove = true;
    assert_int_equal(desk_command(desk, NODE_COMMAND_INFORMAL, &one), REFUSAL_NOT_FOUND);
    one.name = "buur 3";
    assert_int_equal(desk_command(desk, NODE_COMMAND_INFORMAL, &one), REFUSAL_NONE);
    assert_int_equal(desk_row(desk, family)->informal_count, 7);
    one.remove = false;
    one.name = "";
    assert_int_equal(desk_command(desk, NODE_COMMAND_INFORMAL, &one), REFUSAL_MALFORMED);
    one.family = 9;
    one.name = "x";
    assert_int_equal(desk_command(desk, NODE_COMMAND_INFORMAL, &one), REFUSAL_NOT_FOUND);
    assert_int_equal(desk->sent_count, 1);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_start_by_card_is_said_to_the_hub_and_proven),
        TEST(a_second_start_is_refused_with_the_familys_number),
        TEST(said_again_a_support_without_a_case_is_confirmed),
        TEST(the_same_words_for_a_support_that_follows_a_case_are_refused),
        TEST(who_contacts_a_family_about_a_flag_confirms_the_support),
        TEST(volunteers_and_toeleiders_give_informal_support_only),
        TEST(who_cannot_give_professional_support_cannot_end_it),
        TEST(a_flag_with_the_envelope_lets_us_start_our_support),
        TEST(words_that_are_on_no_list_are_refused),
        TEST(a_case_that_is_closed_or_another_familys_is_refused),
        TEST(a_case_that_comes_with_a_later_import_is_followed_from_then_on),
        TEST(an_end_is_announced_with_day_reason_and_successor),
        TEST(an_end_that_makes_no_sense_is_refused),
        TEST(what_people_ended_no_import_starts_again),
        TEST(supports_follow_the_register_and_nobody_types_anything),
        TEST(many_families_are_followed_in_slices),
        TEST(a_refused_support_is_said_again_each_day_and_then_shown),
        TEST(a_support_whose_consent_came_at_last_waits_no_more),
        TEST(a_stale_number_goes_further_on),
        TEST(a_refusal_that_no_day_mends_is_shown_at_once),
        TEST(without_a_consent_that_covers_it_nothing_is_said),
        TEST(what_happens_without_a_consent_is_said_once_there_is_one_again),
        TEST(an_end_that_the_hub_says_is_ours_too),
        TEST(informal_supporters_stay_here),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
