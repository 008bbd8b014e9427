/* "Call me back": whose desk it is, what goes there, and what comes back. */
#include "node/core/call_backs.h"
#include "tests/unit/node/core/desk.h"

static int setup(void **state) {
    *state = desk_new();
    return 0;
}

static int teardown(void **state) {
    desk_free(*state);
    return 0;
}

static struct call_back_arguments call_from(uint32_t nis) {
    return (struct call_back_arguments){
        .nis = {nis}, .language = {"ara"}, .contact = "Jo, 0470 11 11 11"};
}

static enum refusal ask_for_call(struct desk *desk, const struct call_back_arguments *arguments) {
    return desk_command_by(desk, ROLE_VOLUNTEER, "jo", NODE_COMMAND_CALL_BACK, arguments);
}

static struct call_back said(struct desk *desk) {
    struct call_back call;
    const struct desk_sent *sent = desk_last(desk, MESSAGE_KIND_CALL_BACK);
    assert_int_equal(call_back_decode(sent->body, desk->arena, &call), REFUSAL_NONE);
    return call;
}

/* 34040 has two onthaal desks of its own, 44021 an OCMW whose catchment it is, 34027 only a CAW's
 * catchment, 11001 nobody. */
static void the_desk_is_found_in_the_directory(void **state) {
    struct desk *desk = *state;
    struct call_back_arguments arguments = call_from(34040);
    assert_int_equal(ask_for_call(desk, &arguments), REFUSAL_NONE);
    assert_string_equal(desk->result, "{\"item\":1,\"desk\":\"caw-west\"}");
    arguments = call_from(44021);
    assert_int_equal(ask_for_call(desk, &arguments), REFUSAL_NONE);
    assert_string_equal(desk->result, "{\"item\":2,\"desk\":\"ocmw-gent\"}");
    arguments = call_from(34027);
    assert_int_equal(ask_for_call(desk, &arguments), REFUSAL_NO_DESK);
    arguments = call_from(11001);
    assert_int_equal(ask_for_call(desk, &arguments), REFUSAL_NO_DESK);
    assert_int_equal(desk_items(desk), 2);
}

static void the_contact_details_only_the_desk_can_open(void **state) {
    struct desk *desk = *state;
    static const struct family_handle nobody;
    const struct call_back_arguments arguments = call_from(44021);
    assert_int_equal(ask_for_call(desk, &arguments), REFUSAL_NONE);
    const struct call_back call = said(desk);
    const struct contact contact = desk_open(desk, ORG_GENT, &call.contact);
    assert_string_equal(contact.text, "Jo, 0470 11 11 11");
    assert_false(contact.has_presence);
    assert_int_equal(call.purpose, PURPOSE_CONCERN);
    assert_int_equal(call.nis.code, 44021);
    assert_string_equal(call.language.code, "ara");
    const struct item *item = desk_item(desk, 1);
    assert_true(family_handle_equal(&item->handle, &nobody)); /* nothing about a family */
    assert_int_equal(desk_waiting(desk, NULL).waiting, 0);
}

static void a_call_without_place_language_or_contact_is_refused(void **state) {
    struct desk *desk = *state;
    struct call_back_arguments arguments = call_from(0);
    char longest[CONTACT_TEXT_BYTES_MAX + 2];
    memset(longest, 'a', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(ask_for_call(desk, &arguments), REFUSAL_MALFORMED);
    arguments = call_from(44021);
    arguments.language = (struct language){"?"};
    assert_int_equal(ask_for_call(desk, &arguments), REFUSAL_MALFORMED);
    arguments = call_from(44021);
    arguments.contact = "";
    assert_int_equal(ask_for_call(desk, &arguments), REFUSAL_MALFORMED);
    arguments.contact = longest;
    assert_int_equal(ask_for_call(desk, &arguments), REFUSAL_TOO_LARGE);
    assert_int_equal(desk->sent_count, 0);
    assert_int_equal(desk_items(desk), 0);
}

static struct notice about_call(struct desk *desk, enum notice_kind kind) {
    struct notice notice = desk_notice(desk, kind);
    notice.purpose = PURPOSE_CONCERN;
    notice.handle = (struct family_handle){{0}};
    notice.token = (struct signed_token){.token = {0}};
    return notice;
}

static enum refusal hear_call(struct desk *desk, enum desk_org to) {
    const struct call_back call = {.purpose = PURPOSE_CONCERN,
                                   .id = desk_id(6),
                                   .to = desk->orgs[to],
                                   .nis = {34022},
                                   .language = {"ukr"},
                                   .contact = desk_seal(desk, to, "Mia, 0470 22", false)};
    const struct notice notice = about_call(desk, NOTICE_CALL_BACK);
    struct bytes body;
    assert_int_equal(call_back_encode(&call, desk->arena, &body), 0);
    const struct envelope origin = desk_origin(desk, ORG_GROUP, MESSAGE_KIND_CALL_BACK, body);
    return desk_hear(desk, &notice, &origin);
}

static void somebody_who_asks_us_to_call_is_urgent(void **state) {
    struct desk *desk = *state;
    assert_int_equal(hear_call(desk, ORG_OURS), REFUSAL_NONE);
    const struct item *item = desk_item(desk, 1);
    assert_string_equal(item->contact.text, "Mia, 0470 22");
    assert_string_equal(item->language.code, "ukr");
    assert_int_equal(item->nis.code, 34022);
    assert_true(org_id_equal(&item->from, &desk->orgs[ORG_GROUP]));
    assert_int_equal(desk_waiting(desk, NULL).count, 1);
    const struct item_arguments one = {.item = 1};
    assert_int_equal(desk_command(desk, NODE_COMMAND_ITEM_DONE, &one), REFUSAL_WRONG_MOVE);
    assert_int_equal(desk_command(desk, NODE_COMMAND_CALLED_BACK, &one), REFUSAL_NONE);
    struct called_back called;
    const struct desk_sent *sent = desk_last(desk, MESSAGE_KIND_CALLED_BACK);
    const struct message_id id = desk_id(6);
    assert_int_equal(called_back_decode(sent->body, desk->arena, &called), REFUSAL_NONE);
    assert_true(message_id_equal(&called.id, &id));
    assert_int_equal(desk_waiting(desk, NULL).waiting, 0);
    assert_int_equal(desk_command(desk, NODE_COMMAND_CALLED_BACK, &one), REFUSAL_WRONG_MOVE);
    /* Said again, it stays done; refused by the hub, it's to be done again. */
    assert_int_equal(hear_call(desk, ORG_OURS), REFUSAL_NONE);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 0);
    assert_false(desk_item(desk, 1)->urgent);
    desk_settle(desk, 0, REFUSAL_NOT_FOUND);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 1);
    assert_int_equal(desk_items(desk), 1);
}

static void a_call_to_another_desk_is_refused(void **state) {
    struct desk *desk = *state;
    const struct notice notice = about_call(desk, NOTICE_CALL_BACK);
    assert_int_equal(hear_call(desk, ORG_GENT), REFUSAL_NOT_YOURS);
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_MALFORMED);
    const struct item_arguments one = {.item = 1};
    assert_int_equal(desk_command(desk, NODE_COMMAND_CALLED_BACK, &one), REFUSAL_NOT_FOUND);
    assert_int_equal(desk_items(desk), 0);
}

static void who_asked_hears_that_they_called(void **state) {
    struct desk *desk = *state;
    const struct call_back_arguments arguments = call_from(44021);
    assert_int_equal(ask_for_call(desk, &arguments), REFUSAL_NONE);
    const struct item_arguments one = {.item = 1};
    assert_int_equal(desk_command(desk, NODE_COMMAND_ITEM_DONE, &one), REFUSAL_WRONG_MOVE);
    struct notice notice = about_call(desk, NOTICE_CALLED_BACK);
    notice.about = said(desk).id;
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NONE);
    assert_int_equal(desk_item(desk, 1)->state, ITEM_NEW);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 1);
    assert_int_equal(desk_command(desk, NODE_COMMAND_ITEM_DONE, &one), REFUSAL_NONE);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 0);
}

static enum refusal hear_that_it_left(struct desk *desk) {
    struct notice notice = about_call(desk, NOTICE_CALLED_BACK);
    notice.about = said(desk).id;
    notice.why = END_ORGANISATION_LEFT;
    return desk_hear(desk, &notice, NULL);
}

/* Our directory may not know yet that the first one left. */
static void where_the_desk_left_another_is_asked_by_itself(void **state) {
    struct desk *desk = *state;
    const struct call_back_arguments arguments = call_from(34040);
    assert_int_equal(ask_for_call(desk, &arguments), REFUSAL_NONE);
    const struct call_back first = said(desk);
    assert_true(org_id_equal(&first.to, &desk->orgs[ORG_CAW]));
    assert_int_equal(hear_that_it_left(desk), REFUSAL_NONE);
    const struct call_back second = said(desk);
    assert_int_equal(desk_count(desk, MESSAGE_KIND_CALL_BACK), 2);
    assert_true(org_id_equal(&second.to, &desk->orgs[ORG_SCHOOL]));
    assert_true(message_id_equal(&second.id, &first.id)); /* it's the same call */
    assert_int_equal(second.nis.code, 34040);
    assert_string_equal(second.language.code, "ara");
    const struct contact contact = desk_open(desk, ORG_SCHOOL, &second.contact);
    assert_string_equal(contact.text, "Jo, 0470 11 11 11");
    const struct item *item = desk_item(desk, 1);
    assert_int_equal(item->state, ITEM_TAKEN);
    assert_string_equal(item->taken_by.text, "jo");
    assert_true(org_id_equal(&item->from, &desk->orgs[ORG_SCHOOL]));
    assert_int_equal(item->why, END_ORGANISATION_LEFT);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 0); /* it's for others again */
    struct notice called = about_call(desk, NOTICE_CALLED_BACK);
    called.about = first.id;
    desk->now_ms += 1;
    assert_int_equal(desk_hear(desk, &called, NULL), REFUSAL_NONE);
    assert_int_equal(desk_item(desk, 1)->state, ITEM_NEW);
    assert_int_equal(desk_item(desk, 1)->flag.state, FLAG_CONTACTED);
    assert_int_equal(desk_items(desk), 1);
}

static void where_there_is_no_other_desk_who_asked_hears_why(void **state) {
    struct desk *desk = *state;
    const struct call_back_arguments arguments = call_from(44021);
    const struct item_arguments one = {.item = 1};
    assert_int_equal(ask_for_call(desk, &arguments), REFUSAL_NONE);
    assert_int_equal(hear_that_it_left(desk), REFUSAL_NONE);
    assert_int_equal(desk_count(desk, MESSAGE_KIND_CALL_BACK), 1);
    const struct item *item = desk_item(desk, 1);
    assert_int_equal(item->state, ITEM_NEW);
    assert_int_equal(item->refusal, REFUSAL_NO_DESK);
    assert_int_equal(item->why, END_ORGANISATION_LEFT);
    assert_true(item->urgent);
    assert_false(item->has_contact);
    assert_int_equal(desk_waiting(desk, NULL).count, 1);
    assert_int_equal(desk_command(desk, NODE_COMMAND_ITEM_DONE, &one), REFUSAL_NONE);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 0);
}

/* Kept only for as long as another desk may have to be asked. */
static void their_own_details_go_once_they_were_called(void **state) {
    struct desk *desk = *state;
    const struct call_back_arguments arguments = call_from(34040);
    struct notice notice = about_call(desk, NOTICE_CALLED_BACK);
    assert_int_equal(ask_for_call(desk, &arguments), REFUSAL_NONE);
    assert_true(desk_item(desk, 1)->has_contact);
    notice.about = said(desk).id;
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NONE);
    assert_false(desk_item(desk, 1)->has_contact);
    assert_string_equal(desk_item(desk, 1)->contact.text, "");
    notice.why = END_FINISHED; /* no reason of a call's */
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(ask_for_call(desk, &arguments), REFUSAL_NONE);
    desk_settle(desk, 1, REFUSAL_OVER_QUOTA);
    assert_int_equal(desk_item(desk, 2)->refusal, REFUSAL_OVER_QUOTA);
    assert_false(desk_item(desk, 2)->has_contact);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_desk_is_found_in_the_directory),
        TEST(the_contact_details_only_the_desk_can_open),
        TEST(a_call_without_place_language_or_contact_is_refused),
        TEST(somebody_who_asks_us_to_call_is_urgent),
        TEST(a_call_to_another_desk_is_refused),
        TEST(who_asked_hears_that_they_called),
        TEST(where_the_desk_left_another_is_asked_by_itself),
        TEST(where_there_is_no_other_desk_who_asked_hears_why),
        TEST(their_own_details_go_once_they_were_called),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
