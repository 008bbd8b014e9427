#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "node/shell/family_request.h"
#include "shared/base/civil.h"
#include "shared/consent/consent.h"
#include "shared/crypto/random.h"

struct fixture {
    struct family_request *request;
    struct json_reader reader;
    struct family_reading reading;
    char card[CARD_TEXT_SIZE];
};

static int set_up(void **state) {
    static struct fixture fixture;
    const struct card card = {.secret = {7, 7, 7}};
    fixture = (struct fixture){.request = family_request_new()};
    assert_non_null(fixture.request);
    card_format(&card, fixture.card);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    json_close(&fixture->reader);
    family_request_free(fixture->request);
    return 0;
}

/* '@' stands for the card. */
static const struct family_request *read_as(struct fixture *fixture, enum node_command kind,
                                            const char *form) {
    static char text[2048];
    size_t length = 0;
    for (const char *at = form; *at != '\0'; at++) {
        const size_t run = *at == '@' ? strlen(fixture->card) : 1;
        memcpy(text + length, *at == '@' ? fixture->card : at, run);
        length += run;
    }
    text[length] = '\0';
    fixture->reading = (struct family_reading){
        .reader = &fixture->reader, .request = fixture->request, .today = 20779}; /* 2026-11-22 */
    json_open(bytes_from_text(text), sizeof(text), &fixture->reader);
    family_request_read(&fixture->reading, json_root(&fixture->reader), kind);
    return fixture->request;
}

static void a_consent_is_read_whole(void **state) {
    struct fixture *fixture = *state;
    const struct family_request *request = read_as(
        fixture, NODE_COMMAND_CONSENT_GIVE,
        "{\"card\":\"@\",\"language\":\"ar\",\"explained_aloud\":true,\"interpreter\":\"phone\","
        "\"scopes\":[\"presence\",\"fallback\"],\"teach_back\":\"wij mogen stoppen\","
        "\"fallback_first\":\"ocmw-b\",\"contact\":\"0470\",\"until\":\"2027-03-31\","
        "\"support\":{\"kind\":\"professional\",\"distance\":\"near\",\"case\":\"4711\"}}");
    const struct consent_give_arguments *give = &request->arguments.give;
    assert_int_equal(fixture->reader.error, 0);
    assert_string_equal(give->record->language.code, "ara");
    assert_int_equal(give->scopes.bits, scope_bit(SCOPE_PRESENCE) | scope_bit(SCOPE_FALLBACK));
    assert_int_equal(give->end_month, (2027 - 1970) * 12 + 3); /* till April begins */
    assert_string_equal(give->contact_first, "0470");
    assert_null(give->contact_second); /* nobody is second */
    assert_true(give->with_support);
    assert_string_equal(give->support.case_id, "4711");
    assert_int_equal(give->card->secret[0], 7);
}

static void a_consent_ends_no_later_than_the_family_said(void **state) {
    struct fixture *fixture = *state;
    const struct family_request *request =
        read_as(fixture, NODE_COMMAND_CONSENT_GIVE,
                "{\"card\":\"@\",\"language\":\"nl\",\"interpreter\":\"not-needed\",\"scopes\":[],"
                "\"until\":\"2027-03-30\"}");
    assert_int_equal(request->arguments.give.end_month, (2027 - 1970) * 12 + 2);
    assert_int_equal(month_first_day(request->arguments.give.end_month) <= 20908, true);
}

static void a_mistyped_card_names_its_group_and_nothing_else(void **state) {
    struct fixture *fixture = *state;
    fixture->card[12] = fixture->card[12] == '2' ? '3' : '2'; /* third group */
    (void)read_as(fixture, NODE_COMMAND_LOOK, "{\"card\":\"@\"}");
    assert_int_equal(fixture->reading.refusal, REFUSAL_MISTYPED);
    assert_int_equal(fixture->reading.group, 3);
    assert_null(strstr(fixture->reader.reason, "2"));
}

static void a_character_that_no_card_has_names_its_group(void **state) {
    struct fixture *fixture = *state;
    fixture->card[5] = '!';
    (void)read_as(fixture, NODE_COMMAND_LOOK, "{\"card\":\"@\"}");
    assert_int_equal(fixture->reading.refusal, REFUSAL_MALFORMED);
    assert_int_equal(fixture->reading.group, 2);
    assert_int_equal(card_group("ABCD-EFGH", 0), 0);
    assert_int_equal(card_group("abcd efgh", 6), 2);
}

static void what_is_not_on_a_closed_list_is_refused(void **state) {
    struct fixture *fixture = *state;
    static const struct {
        enum node_command kind;
        const char *text;
    } cases[] = {
        {NODE_COMMAND_CONCERN,
         "{\"card\":\"@\",\"by\":\"police\",\"reason\":\"other\",\"urgency\":\"today\"}"},
        {NODE_COMMAND_CONCERN, "{\"card\":\"@\",\"by\":\"family\",\"urgency\":\"today\"}"},
        {NODE_COMMAND_SUPPORT_START, "{\"card\":\"@\",\"kind\":\"good\",\"distance\":\"near\"}"},
        {NODE_COMMAND_SUPPORT_END, "{\"family\":1,\"why\":\"bored\"}"},
        {NODE_COMMAND_SUPPORT_END, "{\"family\":-1,\"why\":\"moving\"}"},
        {NODE_COMMAND_SUPPORT_END, "{\"family\":1,\"why\":\"moving\",\"on\":\"2026-02-30\"}"},
        {NODE_COMMAND_ASK, "{\"card\":\"@\",\"service\":\"leefloon\"}"},
        {NODE_COMMAND_CALL_BACK, "{\"contact\":\"x\",\"municipality\":\"1\",\"language\":\"nl\"}"},
        {NODE_COMMAND_INFORMAL, "{\"family\":1}"},
        {NODE_COMMAND_LOOK, "{}"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)read_as(fixture, cases[i].kind, cases[i].text);
        if (fixture->reader.error != ERR_MALFORMED) {
            fail_msg("%s was taken", cases[i].text);
        }
        json_close(&fixture->reader);
    }
    json_open(bytes_from_text("{}"), 16, &fixture->reader);
}

static void a_text_longer_than_its_place_is_refused(void **state) {
    struct fixture *fixture = *state;
    char form[300] = "{\"family\":1,\"name\":\"";
    const size_t length = strlen(form);
    memset(form + length, 'a', INFORMAL_TEXT_MAX + 1);
    strcpy(form + length + INFORMAL_TEXT_MAX + 1, "\"}");
    (void)read_as(fixture, NODE_COMMAND_INFORMAL, form);
    assert_int_equal(fixture->reader.error, ERR_MALFORMED);
}

static void narrowing_needs_no_record_and_widening_does(void **state) {
    struct fixture *fixture = *state;
    const struct family_request *request =
        read_as(fixture, NODE_COMMAND_CONSENT_CHANGE, "{\"card\":\"@\",\"scopes\":[\"presence\"]}");
    assert_int_equal(fixture->reader.error, 0);
    assert_null(request->arguments.change.record);
    assert_int_equal(request->arguments.change.end_month, 0); /* the one that stands */
    json_close(&fixture->reader);
    request = read_as(fixture, NODE_COMMAND_CONSENT_CHANGE,
                      "{\"card\":\"@\",\"scopes\":[\"presence\"],\"language\":\"nl\","
                      "\"interpreter\":\"not-needed\",\"teach_back\":\"ja\"}");
    assert_non_null(request->arguments.change.record);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_consent_is_read_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_consent_ends_no_later_than_the_family_said, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_mistyped_card_names_its_group_and_nothing_else, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_character_that_no_card_has_names_its_group, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_on_a_closed_list_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_text_longer_than_its_place_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(narrowing_needs_no_record_and_widening_does, set_up,
                                        tear_down),
    };
    if (random_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
