/* Items in people's hands: taken by name, handed back, done, mailed, and gone at last; flags and
 * concerns, which live in them. */
#include "node/core/concerns.h"
#include "node/core/flag_answers.h"
#include "shared/post/outbox.h"
#include "tests/unit/node/core/desk.h"

static int setup(void **state) {
    *state = desk_new();
    return 0;
}

static int teardown(void **state) {
    desk_free(*state);
    return 0;
}

/* A flag whose turn is ours: item 1 of an empty desk. */
static void raise_flag(struct desk *desk, uint8_t id) {
    struct notice notice = desk_notice(desk, NOTICE_FLAG);
    notice.flag = (struct notice_flag){.id = desk_id(id),
                                       .kind = FLAG_NO_LOCAL,
                                       .state = FLAG_OPEN,
                                       .yours = true,
                                       .opened_day = desk->today};
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NONE);
}

static enum refusal answer(struct desk *desk, enum flag_action action, enum flag_reason reason) {
    const struct flag_answer_arguments arguments = {.item = 1, .action = action, .reason = reason};
    return desk_command(desk, NODE_COMMAND_FLAG_ANSWER, &arguments);
}

static struct flag_answer said(struct desk *desk) {
    struct flag_answer answer;
    const struct desk_sent *sent = desk_last(desk, MESSAGE_KIND_FLAG_ANSWER);
    assert_int_equal(flag_answer_decode(sent->body, desk->arena, &answer), REFUSAL_NONE);
    assert_int_equal(sent->note.item, 1);
    return answer;
}

static enum refusal done(struct desk *desk, uint32_t number) {
    const struct item_arguments arguments = {.item = number};
    return desk_command(desk, NODE_COMMAND_ITEM_DONE, &arguments);
}

/* -- flags -- */

static void a_flag_is_taken_contacted_and_closed_with_a_reason(void **state) {
    struct desk *desk = *state;
    raise_flag(desk, 1);
    assert_int_equal(answer(desk, FLAG_TAKE, FLAG_REASON_NONE), REFUSAL_NONE);
    struct flag_answer told = said(desk);
    assert_int_equal(told.action, FLAG_TAKE);
    assert_int_equal(told.purpose, PURPOSE_SUPPORT);
    const struct message_id id = desk_id(1);
    assert_true(message_id_equal(&told.flag, &id));
    assert_true(family_handle_equal(&told.handle, &desk->handle));
    assert_string_equal(desk_item(desk, 1)->taken_by.text, "els");
    assert_string_equal(desk_item(desk, 1)->team.text, "intake");
    assert_int_equal(answer(desk, FLAG_CONTACT, FLAG_REASON_NONE), REFUSAL_NONE);
    assert_int_equal(answer(desk, FLAG_CLOSE, FLAG_REASON_HELPED), REFUSAL_NONE);
    told = said(desk);
    assert_int_equal(told.action, FLAG_CLOSE);
    assert_int_equal(told.reason, FLAG_REASON_HELPED);
    assert_int_equal(desk_item(desk, 1)->state, ITEM_DONE);
    assert_int_equal(desk_count(desk, MESSAGE_KIND_FLAG_ANSWER), 3);
}

static void a_flag_is_not_closed_before_somebody_spoke_with_the_family(void **state) {
    struct desk *desk = *state;
    raise_flag(desk, 1);
    assert_int_equal(answer(desk, FLAG_CLOSE, FLAG_REASON_HELPED), REFUSAL_NOT_CONTACTED);
    assert_int_equal(answer(desk, FLAG_TAKE, FLAG_REASON_NONE), REFUSAL_NONE);
    assert_int_equal(answer(desk, FLAG_CLOSE, FLAG_REASON_HELPED), REFUSAL_NOT_CONTACTED);
    assert_int_equal(done(desk, 1), REFUSAL_WRONG_MOVE); /* nor ticked off */
    assert_int_equal(desk_count(desk, MESSAGE_KIND_FLAG_ANSWER), 1);
}

static void moves_that_a_flag_does_not_know_are_refused(void **state) {
    struct desk *desk = *state;
    assert_int_equal(answer(desk, FLAG_TAKE, FLAG_REASON_NONE), REFUSAL_NOT_FOUND);
    raise_flag(desk, 1);
    assert_int_equal(answer(desk, (enum flag_action)9, FLAG_REASON_NONE), REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(answer(desk, FLAG_TAKE, FLAG_REASON_HELPED), REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(answer(desk, FLAG_CLOSE, FLAG_REASON_NONE), REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(answer(desk, FLAG_CLOSE, FLAG_REASON_CONSENT_ENDED), REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(answer(desk, FLAG_CLOSE, FLAG_REASON_MERGED), REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(answer(desk, FLAG_CONTACT, FLAG_REASON_NONE), REFUSAL_NONE);
    assert_int_equal(answer(desk, FLAG_CONTACT, FLAG_REASON_NONE), REFUSAL_WRONG_MOVE);
    assert_int_equal(answer(desk, FLAG_CLOSE, FLAG_REASON_HELPED), REFUSAL_NONE);
    assert_int_equal(answer(desk, FLAG_TAKE, FLAG_REASON_NONE), REFUSAL_WRONG_MOVE);
}

static void a_flag_handed_back_is_the_next_ones_and_waits_here_no_more(void **state) {
    struct desk *desk = *state;
    raise_flag(desk, 1);
    assert_int_equal(answer(desk, FLAG_TAKE, FLAG_REASON_NONE), REFUSAL_NONE);
    assert_int_equal(answer(desk, FLAG_HAND_BACK, FLAG_REASON_NONE), REFUSAL_NONE);
    assert_int_equal(said(desk).action, FLAG_HAND_BACK);
    assert_false(desk_item(desk, 1)->flag.yours);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 0);
}

static void a_flag_that_is_not_for_us_goes_on_before_anybody_took_it(void **state) {
    struct desk *desk = *state;
    raise_flag(desk, 1);
    assert_int_equal(answer(desk, FLAG_HAND_BACK, FLAG_REASON_NONE), REFUSAL_NONE);
    assert_int_equal(said(desk).action, FLAG_HAND_BACK);
    assert_int_equal(answer(desk, FLAG_HAND_BACK, FLAG_REASON_NONE), REFUSAL_WRONG_MOVE);
}

static void a_colleague_takes_over_without_a_word_to_the_hub(void **state) {
    struct desk *desk = *state;
    const struct flag_answer_arguments take = {.item = 1, .action = FLAG_TAKE};
    raise_flag(desk, 1);
    assert_int_equal(answer(desk, FLAG_TAKE, FLAG_REASON_NONE), REFUSAL_NONE);
    assert_int_equal(
        desk_command_by(desk, ROLE_CASEWORKER, "piet", NODE_COMMAND_FLAG_ANSWER, &take),
        REFUSAL_NONE);
    assert_string_equal(desk_item(desk, 1)->taken_by.text, "piet");
    assert_int_equal(desk_count(desk, MESSAGE_KIND_FLAG_ANSWER), 1);
}

/* "Another has taken it": the item is news again, with the reason, and nobody's. */
static void what_the_hub_refuses_reaches_the_people_who_said_it(void **state) {
    struct desk *desk = *state;
    raise_flag(desk, 1);
    assert_int_equal(answer(desk, FLAG_TAKE, FLAG_REASON_NONE), REFUSAL_NONE);
    desk_settle(desk, 0, REFUSAL_NOT_YOURS);
    const struct item *item = desk_item(desk, 1);
    assert_int_equal(item->state, ITEM_NEW);
    assert_int_equal(item->refusal, REFUSAL_NOT_YOURS);
    assert_string_equal(item->taken_by.text, "");
    assert_false(item->mailed);
}

static void without_a_consent_no_answer_leaves(void **state) {
    struct desk *desk = *state;
    raise_flag(desk, 1);
    desk_pass(desk, 300);
    assert_int_equal(answer(desk, FLAG_TAKE, FLAG_REASON_NONE), REFUSAL_NO_CONSENT);
    assert_int_equal(desk->sent_count, 0);
}

/* -- concerns -- */

static struct concern_arguments worried(const struct desk *desk) {
    return (struct concern_arguments){.card = &desk->card,
                                      .by = CONCERN_BY_VOLUNTEER,
                                      .reason = CONCERN_HOUSING,
                                      .urgency = CONCERN_THIS_WEEK};
}

static enum refusal raise_concern(struct desk *desk, enum role role,
                                  const struct concern_arguments *arguments) {
    return desk_command_by(desk, role, "jo", NODE_COMMAND_CONCERN, arguments);
}

static void a_concern_is_signed_by_the_card_and_keeps_nothing_of_it(void **state) {
    struct desk *desk = *state;
    const struct concern_arguments arguments = worried(desk);
    struct sign_public family;
    struct sign_secret secret;
    struct proven proven;
    struct concern concern;
    assert_int_equal(raise_concern(desk, ROLE_VOLUNTEER, &arguments), REFUSAL_NONE);
    assert_string_equal(desk->result, "{\"item\":1}");
    card_family_keys(&desk->card, &desk->node.params.own.hub, &family, &secret);
    assert_int_equal(proven_decode(desk->sent[0].body, desk->arena, &proven), REFUSAL_NONE);
    assert_true(consent_proved(&proven, CONCERN_DOMAIN, &family));
    assert_int_equal(concern_decode(proven.statement, desk->arena, &concern), REFUSAL_NONE);
    assert_int_equal(concern.purpose, PURPOSE_CONCERN);
    assert_int_equal(concern.by, CONCERN_BY_VOLUNTEER);
    assert_int_equal(concern.reason, CONCERN_HOUSING);
    assert_int_equal(concern.urgency, CONCERN_THIS_WEEK);
    assert_int_equal(concern.at_ms, desk->now_ms);
    assert_true(message_id_equal(&concern.id, &desk_item(desk, 1)->about));
    /* No row, so no presence key: worrying about a family isn't supporting it. */
    uint64_t rows;
    assert_int_equal(store_count(desk->txn, TABLE_CARDS, &rows), 0);
    assert_int_equal(rows, 0);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 0); /* it's others' turn */
}

static void the_answer_to_a_concern_comes_back_to_who_raised_it(void **state) {
    struct desk *desk = *state;
    const struct concern_arguments arguments = worried(desk);
    assert_int_equal(raise_concern(desk, ROLE_VOLUNTEER, &arguments), REFUSAL_NONE);
    struct notice notice = desk_notice(desk, NOTICE_ANSWER);
    notice.purpose = PURPOSE_CONCERN;
    notice.about = desk_item(desk, 1)->about;
    notice.flag = (struct notice_flag){
        .id = desk_id(4), .kind = FLAG_CONCERN, .state = FLAG_OPEN, .by = desk->orgs[ORG_GENT]};
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NONE);
    assert_true(org_id_equal(&desk_item(desk, 1)->flag.by, &desk->orgs[ORG_GENT]));
    assert_int_equal(desk_waiting(desk, NULL).waiting, 0); /* it's Gent's turn */
    notice.flag.state = FLAG_ACKNOWLEDGED;
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NONE);
    const struct item *item = desk_item(desk, 1);
    assert_int_equal(item->state, ITEM_NEW);
    assert_int_equal(item->flag.state, FLAG_ACKNOWLEDGED);
    assert_true(org_id_equal(&item->flag.by, &desk->orgs[ORG_GENT]));
    assert_string_equal(item->taken_by.text, "jo");
    assert_int_equal(desk_waiting(desk, NULL).waiting, 1);
    assert_int_equal(desk_items(desk), 1);
    notice.handle.bytes[0] ^= 1; /* of another family */
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NOT_YOURS);
}

static void a_concern_about_an_unconsented_family_leaves_nothing_of_it_here(void **state) {
    struct desk *desk = *state;
    static const struct family_handle nobody;
    const struct concern_arguments arguments = worried(desk);
    assert_int_equal(raise_concern(desk, ROLE_VOLUNTEER, &arguments), REFUSAL_NONE);
    desk_settle(desk, 0, REFUSAL_NO_CONSENT);
    const struct item *item = desk_item(desk, 1);
    assert_int_equal(item->refusal, REFUSAL_NO_CONSENT); /* and who raised it hears so */
    assert_int_equal(desk_waiting(desk, NULL).waiting, 1);
    assert_true(family_handle_equal(&item->handle, &nobody));
    assert_int_equal(done(desk, 1), REFUSAL_NONE);
}

static void only_caseworkers_tick_off_what_others_raised(void **state) {
    struct desk *desk = *state;
    const struct concern_arguments arguments = worried(desk);
    const struct item_arguments one = {.item = 1};
    assert_int_equal(raise_concern(desk, ROLE_VOLUNTEER, &arguments), REFUSAL_NONE);
    desk_settle(desk, 0, REFUSAL_NO_CONSENT);
    assert_int_equal(desk_command_by(desk, ROLE_VOLUNTEER, "mia", NODE_COMMAND_ITEM_DONE, &one),
                     REFUSAL_NOT_YOURS);
    assert_int_equal(desk_command_by(desk, ROLE_TOELEIDER, "mia", NODE_COMMAND_ITEM_DONE, &one),
                     REFUSAL_NOT_YOURS);
    assert_int_equal(desk_command_by(desk, ROLE_VOLUNTEER, "jo", NODE_COMMAND_ITEM_DONE, &one),
                     REFUSAL_NONE);
    assert_int_equal(desk_item(desk, 1)->state, ITEM_DONE);
}

static void a_concern_that_makes_no_sense_is_refused(void **state) {
    struct desk *desk = *state;
    struct concern_arguments arguments = worried(desk);
    arguments.reason = (enum concern_reason)99;
    assert_int_equal(raise_concern(desk, ROLE_VOLUNTEER, &arguments), REFUSAL_UNKNOWN_VALUE);
    arguments = worried(desk);
    arguments.by = CONCERN_BY_PROFESSIONAL;
    assert_int_equal(raise_concern(desk, ROLE_VOLUNTEER, &arguments), REFUSAL_NOT_ALLOWED);
    assert_int_equal(raise_concern(desk, ROLE_TOELEIDER, &arguments), REFUSAL_NOT_ALLOWED);
    arguments = worried(desk);
    arguments.at_ms = desk->now_ms + HOUR_MS;
    assert_int_equal(raise_concern(desk, ROLE_VOLUNTEER, &arguments), REFUSAL_FROM_THE_FUTURE);
    /* The hub takes none that is older than 30 days: better said at the table. */
    arguments.at_ms = desk->now_ms - 30 * (int64_t)DAY_MS - 1;
    assert_int_equal(raise_concern(desk, ROLE_VOLUNTEER, &arguments), REFUSAL_IMPLAUSIBLE);
    arguments.at_ms = desk->now_ms - 29 * (int64_t)DAY_MS; /* it waited on a phone */
    assert_int_equal(raise_concern(desk, ROLE_VOLUNTEER, &arguments), REFUSAL_NONE);
    arguments.card = NULL;
    assert_int_equal(raise_concern(desk, ROLE_VOLUNTEER, &arguments), REFUSAL_MALFORMED);
}

static void a_known_consent_without_the_scope_stops_all_but_the_familys_own(void **state) {
    struct desk *desk = *state;
    struct concern_arguments arguments = worried(desk);
    struct notice notice = desk_notice(desk, NOTICE_ENDING);
    desk_support(desk, NULL);
    notice.token = desk_token(desk, 2, scope_bit(SCOPE_PRESENCE));
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NONE);
    assert_int_equal(raise_concern(desk, ROLE_VOLUNTEER, &arguments), REFUSAL_OUT_OF_SCOPE);
    arguments.by = CONCERN_BY_FAMILY;
    assert_int_equal(raise_concern(desk, ROLE_VOLUNTEER, &arguments), REFUSAL_NONE);
}

/* -- the rest -- */

static void items_of_a_team_are_that_teams_and_new_ones_everybodys(void **state) {
    struct desk *desk = *state;
    raise_flag(desk, 1);
    raise_flag(desk, 2);
    assert_int_equal(desk_waiting(desk, "night").waiting, 2);
    assert_int_equal(answer(desk, FLAG_TAKE, FLAG_REASON_NONE), REFUSAL_NONE);
    assert_int_equal(desk_waiting(desk, "night").waiting, 1);
    assert_int_equal(desk_waiting(desk, "intake").waiting, 2);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 2);
}

static void mailed_items_are_not_mailed_again(void **state) {
    struct desk *desk = *state;
    const uint32_t numbers[] = {1, 99, 2};
    const struct items_mailed_arguments mailed = {.items = numbers, .count = 3};
    const struct items_mailed_arguments many = {.items = numbers, .count = ITEMS_MAILED_MAX + 1};
    raise_flag(desk, 1);
    raise_flag(desk, 2);
    assert_int_equal(desk_command(desk, NODE_COMMAND_ITEMS_MAILED, &many), REFUSAL_TOO_LARGE);
    assert_int_equal(desk_waiting(desk, NULL).count, 2);
    assert_int_equal(desk_command(desk, NODE_COMMAND_ITEMS_MAILED, &mailed), REFUSAL_NONE);
    assert_string_equal(desk->result, "{\"items\":2}");
    assert_int_equal(desk_waiting(desk, NULL).count, 0);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 2);
    assert_int_equal(desk_command(desk, NODE_COMMAND_ITEMS_MAILED, &mailed), REFUSAL_NONE);
    assert_string_equal(desk->result, "{\"items\":0}");
}

static void an_item_that_is_no_flag_is_taken_and_handed_back_here(void **state) {
    struct desk *desk = *state;
    struct notice notice = desk_notice(desk, NOTICE_ENDING);
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NONE);
    assert_int_equal(answer(desk, FLAG_HAND_BACK, FLAG_REASON_NONE), REFUSAL_WRONG_MOVE);
    assert_int_equal(answer(desk, FLAG_TAKE, FLAG_REASON_NONE), REFUSAL_NONE);
    assert_int_equal(answer(desk, FLAG_CONTACT, FLAG_REASON_NONE), REFUSAL_WRONG_MOVE);
    assert_int_equal(answer(desk, FLAG_HAND_BACK, FLAG_REASON_NONE), REFUSAL_NONE);
    assert_int_equal(desk_item(desk, 1)->state, ITEM_NEW);
    assert_int_equal(desk->sent_count, 0);
}

static void done_items_go_after_ninety_days_and_others_stay(void **state) {
    struct desk *desk = *state;
    struct notice notice = desk_notice(desk, NOTICE_ENDING);
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NONE);
    raise_flag(desk, 1);
    assert_int_equal(done(desk, 1), REFUSAL_NONE);
    desk_pass(desk, ITEM_KEEP_DAYS - 1);
    desk_due(desk);
    assert_int_equal(desk_items(desk), 2);
    desk_pass(desk, 1);
    desk_due(desk);
    assert_int_equal(desk_items(desk), 1);
    assert_int_equal(desk_item(desk, 2)->kind, NOTICE_FLAG);
}

/* It lies under the item's key, and nobody has said that it came. */
static void an_old_item_stays_while_what_we_said_of_it_is_on_its_way(void **state) {
    struct desk *desk = *state;
    const struct outbox_keys keys = node_outbox_keys(&desk->node);
    const struct stream stream = node_stream(&desk->node, LANE_ORDINARY);
    const struct receipt receipt = {.incarnation = 1, .contiguous = 2};
    const struct outbox_receipt all = {.stream = &stream, .receipt = &receipt, .keys = &keys};
    struct outbox_settled settled;
    raise_flag(desk, 1);
    assert_int_equal(answer(desk, FLAG_CONTACT, FLAG_REASON_NONE), REFUSAL_NONE);
    assert_int_equal(answer(desk, FLAG_CLOSE, FLAG_REASON_HELPED), REFUSAL_NONE);
    desk_pass(desk, ITEM_KEEP_DAYS);
    desk_due(desk);
    assert_int_equal(desk_items(desk), 1);
    assert_int_equal(outbox_settle(desk->txn, &all, desk->arena, &settled), 0);
    assert_int_equal(settled.settled, 2);
    desk_pass(desk, 1);
    desk_due(desk);
    assert_int_equal(desk_items(desk), 0);
}

/* More than one turn can hold (DECISION_FACTS_MAX). */
static void however_many_are_old_all_go_and_the_register_is_still_followed(void **state) {
    struct desk *desk = *state;
    desk_support(desk, NULL);
    struct notice notice = desk_notice(desk, NOTICE_FLAG_OVER);
    uint64_t rows;
    for (uint16_t i = 0; i < 600; i++) {
        notice.flag = (struct notice_flag){
            .id = {{1, (uint8_t)(i >> 8), (uint8_t)i}}, .kind = FLAG_SILENT, .state = FLAG_CLOSED};
        assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NONE);
    }
    assert_int_equal(desk_items(desk), 600);
    desk_pass(desk, ITEM_KEEP_DAYS);
    desk_due(desk);
    assert_int_equal(desk_items(desk), 0);
    assert_int_equal(store_count(desk->txn, TABLE_ITEMS, &rows), 0);
    assert_int_equal(rows, 1); /* the last number given */
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_flag_is_taken_contacted_and_closed_with_a_reason),
        TEST(a_flag_is_not_closed_before_somebody_spoke_with_the_family),
        TEST(moves_that_a_flag_does_not_know_are_refused),
        TEST(a_flag_handed_back_is_the_next_ones_and_waits_here_no_more),
        TEST(a_flag_that_is_not_for_us_goes_on_before_anybody_took_it),
        TEST(a_colleague_takes_over_without_a_word_to_the_hub),
        TEST(what_the_hub_refuses_reaches_the_people_who_said_it),
        TEST(without_a_consent_no_answer_leaves),
        TEST(a_concern_is_signed_by_the_card_and_keeps_nothing_of_it),
        TEST(the_answer_to_a_concern_comes_back_to_who_raised_it),
        TEST(a_concern_about_an_unconsented_family_leaves_nothing_of_it_here),
        TEST(only_caseworkers_tick_off_what_others_raised),
        TEST(a_concern_that_makes_no_sense_is_refused),
        TEST(a_known_consent_without_the_scope_stops_all_but_the_familys_own),
        TEST(items_of_a_team_are_that_teams_and_new_ones_everybodys),
        TEST(mailed_items_are_not_mailed_again),
        TEST(an_item_that_is_no_flag_is_taken_and_handed_back_here),
        TEST(done_items_go_after_ninety_days_and_others_stay),
        TEST(an_old_item_stays_while_what_we_said_of_it_is_on_its_way),
        TEST(however_many_are_old_all_go_and_the_register_is_still_followed),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
