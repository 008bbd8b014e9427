#include "node/core/looks.h"
#include "tests/unit/node/core/home.h"

/* A look by card: what is asked and signed, what comes back to who asked, and that nobody keeps it.
 */

static int before(void **state) {
    *state = home_new(CONSENT_RIGHT_FULL);
    return 0;
}

static int after(void **state) {
    home_free(*state);
    return 0;
}

static struct command command_of(const struct look_arguments *arguments, enum role role) {
    return (struct command){
        .actor = {.role = role}, .kind = NODE_COMMAND_LOOK, .arguments = arguments};
}

/* The command must live until the answer. */
static void ask(struct home *home, const struct command *command) {
    home->looked = false;
    assert_int_equal(node_command(home->node, command), 0);
    if (node_has_work(home->node)) {
        home_turn(home);
    }
}

/* What is refused has no answer. */
static void answer(struct home *home, const struct look_answer *answer, enum refusal refusal) {
    struct packet packet = {.content = PACKET_LOOK_REPLY, .look_reply = {.refusal = refusal}};
    struct bytes frame;
    memcpy(packet.look_reply.id, home->look.id, sizeof(home->look.id));
    memset(packet.look_reply.next_nonce, ++home->nonce, sizeof(packet.look_reply.next_nonce));
    if (refusal == REFUSAL_NONE) {
        assert_int_equal(look_answer_encode(answer, home->arena, &packet.look_reply.answer), 0);
    }
    assert_int_equal(packet_encode(&packet, home->arena, &frame), 0);
    home_hear(home, frame);
}

static struct look read_look(struct home *home, const struct card *card) {
    struct look look;
    struct consent_keys keys = consent_keys_of(card, &home->params.own.hub);
    const struct proven proven = {.statement = home->look.statement, .proof = home->look.proof};
    assert_true(consent_proved(&proven, LOOK_DOMAIN, &keys.family_public));
    assert_int_equal(look_decode(home->look.statement, home->arena, &look), REFUSAL_NONE);
    return look;
}

static void a_look_is_signed_by_the_card_over_the_hubs_nonce(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct look_arguments arguments = {.card = &card};
    const struct command command = command_of(&arguments, ROLE_VOLUNTEER);
    const struct family_handle handle = home_handle(home, &card);
    uint8_t nonce[LOOK_NONCE_BYTES];
    memset(nonce, home->nonce, sizeof(nonce));
    ask(home, &command);
    assert_int_equal(home->look_count, 1);
    assert_false(home->looked);
    const struct look look = read_look(home, &card);
    assert_true(family_handle_equal(&look.handle, &handle));
    assert_true(org_id_equal(&look.org, &home->orgs[HOME_OURS]));
    assert_memory_equal(look.nonce, nonce, sizeof(nonce));
    assert_int_equal(look.at_ms, home->now_ms);
}

static void the_answer_goes_to_who_asked_and_nowhere_else(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct look_arguments arguments = {.card = &card};
    const struct command command = command_of(&arguments, ROLE_CASEWORKER);
    struct look_support support = {.org = home->orgs[HOME_GENT],
                                   .org_kind = ORG_KIND_OCMW,
                                   .kind = SUPPORT_PROFESSIONAL,
                                   .distance = SUPPORT_DISTANT,
                                   .state = SUPPORT_ACTIVE,
                                   .since_day = brussels_day(home->now_ms)};
    const struct look_answer found = {.found = true,
                                      .token = home_token(home, &card, HOME_GENT, all_scopes()),
                                      .supports = &support,
                                      .support_count = 1};
    const uint64_t meta = home_rows(home, TABLE_META);
    ask(home, &command);
    answer(home, &found, REFUSAL_NONE);
    assert_true(home->looked);
    assert_int_equal(home->looked_refusal, REFUSAL_NONE);
    assert_true(home->answer.found);
    assert_int_equal(home->answer.support_count, 1);
    assert_int_equal(home_rows(home, TABLE_CARDS), 0);
    assert_int_equal(home_rows(home, TABLE_COMMANDS), 0);
    assert_int_equal(home_rows(home, TABLE_META), meta);
}

static void the_next_look_takes_the_nonce_of_the_last_answer(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct look_arguments arguments = {.card = &card};
    const struct command first = command_of(&arguments, ROLE_CASEWORKER);
    const struct command second = command_of(&arguments, ROLE_CASEWORKER);
    const struct look_answer nothing = {.found = false};
    ask(home, &first);
    ask(home, &second);
    assert_int_equal(home->look_count, 1); /* one at a time: a nonce is used once */
    const struct look before_answer = read_look(home, &card);
    answer(home, &nothing, REFUSAL_NONE);
    assert_int_equal(home->look_count, 2);
    const struct look next = read_look(home, &card);
    assert_memory_not_equal(next.nonce, before_answer.nonce, sizeof(next.nonce));
    assert_int_equal(next.nonce[0], home->nonce);
}

static void an_answer_under_another_familys_token_is_refused(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct card other = home_card(0x5b);
    const struct look_arguments arguments = {.card = &card};
    const struct command command = command_of(&arguments, ROLE_CASEWORKER);
    struct look_answer found = {.found = true,
                                .token = home_token(home, &other, HOME_GENT, all_scopes())};
    ask(home, &command);
    answer(home, &found, REFUSAL_NONE);
    assert_int_equal(home->looked_refusal, REFUSAL_BAD_SIGNATURE);
    assert_false(home->answer.found);
    found.token = home_token(home, &card, HOME_GENT, all_scopes());
    found.token.organisation_signature = found.token.family_signature;
    ask(home, &command);
    answer(home, &found, REFUSAL_NONE);
    assert_int_equal(home->looked_refusal, REFUSAL_BAD_SIGNATURE);
}

static void the_hubs_refusal_is_passed_on(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct look_arguments arguments = {.card = &card};
    const struct command command = command_of(&arguments, ROLE_CASEWORKER);
    const struct look_answer nothing = {.found = false};
    ask(home, &command);
    answer(home, &nothing, REFUSAL_OVER_QUOTA);
    assert_int_equal(home->looked_refusal, REFUSAL_OVER_QUOTA);
}

static void a_silent_hub_is_no_answer_after_ten_seconds(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct look_arguments arguments = {.card = &card};
    const struct command command = command_of(&arguments, ROLE_CASEWORKER);
    const struct look_answer nothing = {.found = false};
    ask(home, &command);
    home->now_ms += 9999;
    home_tick(home);
    assert_false(home->looked);
    home->now_ms += 1;
    const size_t greetings = home->greetings;
    home_tick(home);
    assert_true(home->looked);
    assert_int_equal(home->looked_refusal, REFUSAL_NO_ANSWER);
    home->looked = false;
    answer(home, &nothing, REFUSAL_NONE); /* too late */
    assert_false(home->looked);
    /* The nonce went with it: another is asked for. */
    home_tick(home);
    assert_true(home->greetings > greetings);
    ask(home, &command);
    assert_int_equal(home->look_count, 1);
    home_welcome(home);
    assert_int_equal(home->look_count, 2);
}

static void a_look_waits_for_the_link_and_is_asked_again_after_it_broke(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct look_arguments arguments = {.card = &card};
    const struct command command = command_of(&arguments, ROLE_CASEWORKER);
    const struct look_answer nothing = {.found = false};
    ask(home, &command);
    node_lost(home->node);
    node_connected(home->node);
    home_turn(home);
    assert_int_equal(home->look_count, 1);
    home_welcome(home);
    assert_int_equal(home->look_count, 2);
    answer(home, &nothing, REFUSAL_NONE);
    assert_int_equal(home->looked_refusal, REFUSAL_NONE);
}

static void who_may_not_look_asks_nothing(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct look_arguments arguments = {.card = &card};
    const struct command command = command_of(&arguments, ROLE_ADMINISTRATOR);
    ask(home, &command);
    assert_int_equal(home->looked_refusal, REFUSAL_NOT_ALLOWED);
    assert_int_equal(home->look_count, 0);
}

static void too_many_looks_at_once_are_busy(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct look_arguments arguments = {.card = &card};
    const struct command command = command_of(&arguments, ROLE_CASEWORKER);
    for (int i = 0; i < LOOKS_WAITING_MAX; i++) {
        ask(home, &command);
        assert_false(home->looked);
    }
    ask(home, &command);
    assert_int_equal(home->looked_refusal, REFUSAL_BUSY);
}

/* -- what a look is good for right after it -- */

/* Another organisation's token of that card, numbered as by a clock that is ahead of ours. */
static struct signed_token token_ahead(struct home *home, const struct card *card,
                                       uint32_t scopes) {
    struct consent_keys keys = consent_keys_of(card, &home->params.own.hub);
    const struct consent_signers signers = {.family = &keys.family,
                                            .organisation = &home->signs[HOME_GENT]};
    struct signed_token ret = home_token(home, card, HOME_GENT, scopes);
    struct consent_token token;
    assert_int_equal(consent_token_decode(ret.token, home->arena, &token), REFUSAL_NONE);
    token.number = (uint32_t)(home->now_ms / 1000) + 200;
    assert_int_equal(consent_token_sign(&token, &signers, home->arena, &ret), 0);
    return ret;
}

static void look_at(struct home *home, const struct card *card, uint32_t scopes) {
    const struct look_arguments arguments = {.card = card};
    const struct command command = command_of(&arguments, ROLE_CASEWORKER);
    const struct look_answer found = {.found = true, .token = token_ahead(home, card, scopes)};
    ask(home, &command);
    answer(home, &found, REFUSAL_NONE);
    assert_int_equal(home->looked_refusal, REFUSAL_NONE);
}

static enum refusal narrow(struct home *home, const struct card *card, uint32_t scopes) {
    const struct consent_change_arguments arguments = {
        .card = card, .scopes = {scopes}, .end_month = home_end_month(home)};
    return home_command(home, NODE_COMMAND_CONSENT_CHANGE, &arguments);
}

static uint32_t number_sent(struct home *home) {
    const struct consent_message message = home_consent(home);
    struct consent_token token;
    assert_int_equal(consent_token_decode(message.token.token, home->arena, &token), REFUSAL_NONE);
    return token.number;
}

/* The hub would refuse it as stale, and nobody at this table would ever hear. */
static void after_a_look_a_narrowing_goes_above_the_number_that_stands(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const uint32_t last = (uint32_t)(home->now_ms / 1000) + 200;
    look_at(home, &card, all_scopes());
    assert_int_equal(narrow(home, &card, scope_bit(SCOPE_PRESENCE)), REFUSAL_NONE);
    assert_int_equal(number_sent(home), last + 1);
    assert_int_equal(narrow(home, &card, scope_bit(SCOPE_PRESENCE)), REFUSAL_NONE);
    assert_int_equal(number_sent(home), last + 2);     /* and above our own */
    assert_int_equal(home_rows(home, TABLE_CARDS), 0); /* it isn't our family */
}

static void after_a_look_what_adds_is_refused_at_once(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    look_at(home, &card, scope_bit(SCOPE_PRESENCE));
    assert_int_equal(narrow(home, &card, scope_bit(SCOPE_PRESENCE) | scope_bit(SCOPE_CONCERN)),
                     REFUSAL_NO_TEACH_BACK);
    assert_int_equal(home_count(home, MESSAGE_KIND_CONSENT), 0);
}

static void after_a_look_the_fallback_can_stay(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const uint32_t rest = scope_bit(SCOPE_PRESENCE) | scope_bit(SCOPE_FALLBACK);
    assert_int_equal(narrow(home, &card, rest), REFUSAL_NOT_FOUND);
    look_at(home, &card, all_scopes());
    assert_int_equal(narrow(home, &card, rest), REFUSAL_NONE);
    const struct consent_message message = home_consent(home);
    struct consent_token token;
    assert_int_equal(consent_token_decode(message.token.token, home->arena, &token), REFUSAL_NONE);
    assert_true(org_id_equal(&token.fallback_first, &home->orgs[HOME_CAW]));
}

static void a_quarter_of_an_hour_later_the_look_is_forgotten(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct card other = home_card(0x5b);
    look_at(home, &card, scope_bit(SCOPE_PRESENCE));
    assert_int_equal(narrow(home, &other, scope_bit(SCOPE_CONCERN)), REFUSAL_NONE);
    home->now_ms += LOOK_SHOWN_MS;
    assert_int_equal(narrow(home, &card, scope_bit(SCOPE_CONCERN)), REFUSAL_NONE);
    assert_int_equal(number_sent(home), home->now_ms / 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, before, after)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_look_is_signed_by_the_card_over_the_hubs_nonce),
        TEST(the_answer_goes_to_who_asked_and_nowhere_else),
        TEST(the_next_look_takes_the_nonce_of_the_last_answer),
        TEST(an_answer_under_another_familys_token_is_refused),
        TEST(the_hubs_refusal_is_passed_on),
        TEST(a_silent_hub_is_no_answer_after_ten_seconds),
        TEST(a_look_waits_for_the_link_and_is_asked_again_after_it_broke),
        TEST(who_may_not_look_asks_nothing),
        TEST(too_many_looks_at_once_are_busy),
        TEST(after_a_look_a_narrowing_goes_above_the_number_that_stands),
        TEST(after_a_look_what_adds_is_refused_at_once),
        TEST(after_a_look_the_fallback_can_stay),
        TEST(a_quarter_of_an_hour_later_the_look_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
