/* Questions between organisations, with the traps that others fell into (PEERS 1.2): the same
 * question twice, taking back while the other accepts, an answer to nothing, a question that comes
 * back, a refusal that must bring its reason home. */
#include "node/core/asks.h"
#include "tests/unit/node/core/desk.h"

static int setup(void **state) {
    *state = desk_new();
    return 0;
}

static int teardown(void **state) {
    desk_free(*state);
    return 0;
}

static struct sign_secret presence_of(const struct desk *desk) {
    const struct presence_seed seed = card_presence_seed(&desk->card, &desk->node.params.own.hub);
    struct sign_public public_key;
    struct sign_secret secret;
    presence_keys(&seed, &public_key, &secret);
    return secret;
}

/* -- we ask -- */

static struct ask_arguments question(const struct desk *desk) {
    return (struct ask_arguments){.who = {.card = &desk->card},
                                  .to = desk->orgs[ORG_GENT],
                                  .service = desk_service("budget"),
                                  .contact = "Amina, 0470 00 00 00",
                                  .with_presence = true};
}

static struct ask said(struct desk *desk) {
    const struct presence_seed seed = card_presence_seed(&desk->card, &desk->node.params.own.hub);
    struct sign_public presence;
    struct sign_secret secret;
    struct proven proven;
    struct ask ask;
    presence_keys(&seed, &presence, &secret);
    assert_int_equal(proven_decode(desk_last(desk, MESSAGE_KIND_ASK)->body, desk->arena, &proven),
                     REFUSAL_NONE);
    assert_true(consent_proved(&proven, ASK_DOMAIN, &presence));
    assert_int_equal(ask_decode(proven.statement, desk->arena, &ask), REFUSAL_NONE);
    return ask;
}

/* A question that is ours: item 1 of an empty desk. */
static struct ask ask_gent(struct desk *desk) {
    const struct ask_arguments arguments = question(desk);
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK, &arguments), REFUSAL_NONE);
    return said(desk);
}

static void a_question_goes_out_proven_and_its_contact_only_they_can_open(void **state) {
    struct desk *desk = *state;
    const struct ask ask = ask_gent(desk);
    assert_string_equal(desk->result, "{\"family\":1,\"item\":1}");
    assert_int_equal(ask.purpose, PURPOSE_SUPPORT);
    assert_true(org_id_equal(&ask.org, &desk->orgs[ORG_OURS]));
    assert_true(org_id_equal(&ask.to, &desk->orgs[ORG_GENT]));
    assert_string_equal(ask.service.text, "budget");
    assert_int_equal(ask.asked_day, desk->today);
    assert_false(ask.revoked);
    const struct contact contact = desk_open(desk, ORG_GENT, &ask.contact);
    const struct presence_seed seed = card_presence_seed(&desk->card, &desk->node.params.own.hub);
    assert_string_equal(contact.text, "Amina, 0470 00 00 00");
    assert_true(contact.has_presence);
    assert_memory_equal(&contact.presence, &seed, sizeof(seed));
    assert_int_equal(desk_item(desk, 1)->kind, NOTICE_ASK_NEWS);
    assert_int_equal(desk_item(desk, 1)->ask_state, ASK_OPEN);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 0); /* it's their turn */
}

static void without_contact_and_presence_nothing_goes_along(void **state) {
    struct desk *desk = *state;
    struct ask_arguments arguments = question(desk);
    arguments.contact = NULL;
    arguments.with_presence = false;
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK, &arguments), REFUSAL_NONE);
    assert_int_equal(said(desk).contact.box.length, 0);
    arguments.service = desk_service("wonen");
    arguments.contact = "Amina";
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK, &arguments), REFUSAL_NONE);
    const struct ask ask = said(desk);
    assert_false(desk_open(desk, ORG_GENT, &ask.contact).has_presence);
}

static void the_same_question_twice_is_refused_while_it_is_open(void **state) {
    struct desk *desk = *state;
    struct ask_arguments arguments = question(desk);
    ask_gent(desk);
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK, &arguments), REFUSAL_EXISTS);
    assert_string_equal(desk->result, "{\"item\":1}");
    arguments.to = desk->orgs[ORG_CAW]; /* to another, or for another thing: another question */
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK, &arguments), REFUSAL_NONE);
    arguments = question(desk);
    arguments.service = desk_service("wonen");
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK, &arguments), REFUSAL_NONE);
    /* Taken back, it may be asked again. */
    const struct ask_revoke_arguments revoke = {.item = 1};
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK_REVOKE, &revoke), REFUSAL_NONE);
    arguments = question(desk);
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK, &arguments), REFUSAL_NONE);
}

static void a_question_that_the_hub_refused_was_never_asked(void **state) {
    struct desk *desk = *state;
    const struct ask_arguments arguments = question(desk);
    ask_gent(desk);
    desk_settle(desk, 0, REFUSAL_EXISTS); /* somebody else asked them already */
    assert_int_equal(desk_item(desk, 1)->refusal, REFUSAL_EXISTS);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 1);
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK, &arguments), REFUSAL_NONE);
}

static void questions_that_make_no_sense_are_refused(void **state) {
    struct desk *desk = *state;
    struct ask_arguments arguments = question(desk);
    char longest[CONTACT_TEXT_BYTES_MAX + 2];
    memset(longest, 'a', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    arguments.to = desk->orgs[ORG_OURS];
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK, &arguments), REFUSAL_NOT_ALLOWED);
    memcpy(arguments.to.text, "nobody", sizeof("nobody"));
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK, &arguments), REFUSAL_UNKNOWN_RECIPIENT);
    arguments = question(desk);
    arguments.asked_day = desk->today + 1;
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK, &arguments), REFUSAL_FROM_THE_FUTURE);
    arguments.asked_day = desk->today - 400;
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK, &arguments), REFUSAL_IMPLAUSIBLE);
    arguments = question(desk);
    arguments.service = (struct service_id){""};
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK, &arguments), REFUSAL_MALFORMED);
    arguments = question(desk);
    arguments.contact = longest;
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK, &arguments), REFUSAL_TOO_LARGE);
    const struct ask_revoke_arguments revoke = {.item = 5};
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK_REVOKE, &revoke), REFUSAL_NOT_FOUND);
    assert_int_equal(desk->sent_count, 0);
    assert_int_equal(desk_items(desk), 0);
}

static void without_the_scope_nobody_is_asked(void **state) {
    struct desk *desk = *state;
    const struct ask_arguments arguments = question(desk);
    struct notice notice = desk_notice(desk, NOTICE_ENDING);
    desk_support(desk, NULL);
    notice.token = desk_token(desk, 2, scope_bit(SCOPE_CONCERN));
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_NONE);
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK, &arguments), REFUSAL_OUT_OF_SCOPE);
}

/* -- and hear -- */

static enum refusal hear_answer(struct desk *desk, enum desk_org from,
                                const struct ask_answer *answer, bool for_asker) {
    struct notice notice = desk_notice(desk, for_asker ? NOTICE_ASK_NEWS : NOTICE_ASK);
    struct bytes body;
    notice.about = answer->id;
    assert_int_equal(ask_answer_encode(answer, desk->arena, &body), 0);
    const struct envelope origin = desk_origin(desk, from, MESSAGE_KIND_ASK_ANSWER, body);
    return desk_hear(desk, &notice, &origin);
}

static struct ask_answer answer_to(const struct desk *desk, const struct message_id *id,
                                   enum ask_state answered) {
    return (struct ask_answer){
        .purpose = PURPOSE_SUPPORT, .id = *id, .handle = desk->handle, .state = answered};
}

static void a_refusal_comes_home_with_its_reason(void **state) {
    struct desk *desk = *state;
    const struct ask ask = ask_gent(desk);
    struct ask_answer answer = answer_to(desk, &ask.id, ASK_REFUSED);
    answer.reason = ASK_LACK_OF_CAPACITY;
    desk_pass(desk, 2);
    assert_int_equal(hear_answer(desk, ORG_GENT, &answer, true), REFUSAL_NONE);
    const struct item *item = desk_item(desk, 1);
    assert_int_equal(item->ask_state, ASK_REFUSED);
    assert_int_equal(item->ask_reason, ASK_LACK_OF_CAPACITY);
    assert_int_equal(item->state, ITEM_NEW);
    assert_string_equal(item->taken_by.text, "els");
    assert_int_equal(desk_waiting(desk, NULL).waiting, 1);
    const struct ask_revoke_arguments revoke = {.item = 1};
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK_REVOKE, &revoke), REFUSAL_WRONG_MOVE);
}

static void an_answer_to_nothing_that_we_asked_is_refused(void **state) {
    struct desk *desk = *state;
    const struct message_id id = desk_id(7);
    const struct ask_answer answer = answer_to(desk, &id, ASK_TAKEN);
    assert_int_equal(hear_answer(desk, ORG_GENT, &answer, true), REFUSAL_NOT_FOUND);
    const struct ask ask = ask_gent(desk);
    struct ask_answer other = answer_to(desk, &ask.id, ASK_TAKEN);
    other.handle.bytes[0] ^= 1;
    assert_int_equal(hear_answer(desk, ORG_GENT, &other, true), REFUSAL_NOT_YOURS);
    assert_int_equal(desk_item(desk, 1)->ask_state, ASK_OPEN);
    assert_int_equal(desk_items(desk), 1);
}

static void taking_back_wins_over_an_acceptance(void **state) {
    struct desk *desk = *state;
    const struct ask ask = ask_gent(desk);
    const struct ask_revoke_arguments revoke = {.item = 1};
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK_REVOKE, &revoke), REFUSAL_NONE);
    const struct ask back = said(desk);
    assert_true(back.revoked);
    assert_true(message_id_equal(&back.id, &ask.id));
    assert_true(org_id_equal(&back.to, &desk->orgs[ORG_GENT]));
    const struct ask_answer taken = answer_to(desk, &ask.id, ASK_TAKEN);
    assert_int_equal(hear_answer(desk, ORG_GENT, &taken, true), REFUSAL_NONE);
    assert_int_equal(desk_item(desk, 1)->ask_state, ASK_REVOKED);
    assert_int_equal(desk_item(desk, 1)->state, ITEM_DONE);
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK_REVOKE, &revoke), REFUSAL_WRONG_MOVE);
    /* A refusal was its end before: people see why. */
    struct ask_answer refused = answer_to(desk, &ask.id, ASK_REFUSED);
    refused.reason = ASK_LANGUAGE;
    assert_int_equal(hear_answer(desk, ORG_GENT, &refused, true), REFUSAL_NONE);
    assert_int_equal(desk_item(desk, 1)->ask_state, ASK_REFUSED);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 1);
}

static void a_question_that_was_passed_on_is_still_followed(void **state) {
    struct desk *desk = *state;
    const struct ask ask = ask_gent(desk);
    struct ask_answer passed = answer_to(desk, &ask.id, ASK_PASSED_ON);
    passed.passed_to = desk->orgs[ORG_CAW];
    desk_pass(desk, 1);
    assert_int_equal(hear_answer(desk, ORG_GENT, &passed, true), REFUSAL_NONE);
    assert_int_equal(desk_item(desk, 1)->ask_state, ASK_PASSED_ON);
    assert_true(org_id_equal(&desk_item(desk, 1)->from, &desk->orgs[ORG_CAW]));
    /* To who has it now the same question isn't asked a second time. */
    struct ask_arguments again = question(desk);
    again.to = desk->orgs[ORG_CAW];
    assert_int_equal(desk_command(desk, NODE_COMMAND_ASK, &again), REFUSAL_EXISTS);
    const struct ask_answer taken = answer_to(desk, &ask.id, ASK_TAKEN);
    const int64_t later_ms = desk->now_ms + DAY_MS;
    desk->now_ms = later_ms;
    assert_int_equal(hear_answer(desk, ORG_CAW, &taken, true), REFUSAL_NONE);
    assert_int_equal(desk_item(desk, 1)->ask_state, ASK_TAKEN);
    /* What was said before comes late and undoes nothing. */
    desk->now_ms = later_ms - DAY_MS;
    assert_int_equal(hear_answer(desk, ORG_GENT, &passed, true), REFUSAL_NONE);
    assert_int_equal(desk_item(desk, 1)->ask_state, ASK_TAKEN);
}

/* -- we are asked -- */

static struct ask their_question(struct desk *desk, uint8_t id) {
    return (struct ask){.purpose = PURPOSE_SUPPORT,
                        .id = desk_id(id),
                        .handle = desk->handle,
                        .org = desk->orgs[ORG_SCHOOL],
                        .to = desk->orgs[ORG_OURS],
                        .service = desk_service("budget"),
                        .asked_day = desk->today,
                        .contact = desk_seal(desk, ORG_OURS, "Amina, 0470", true)};
}

static struct bytes prove(struct desk *desk, const struct ask *ask,
                          const struct sign_secret *secret) {
    struct signature signature;
    struct bytes statement;
    struct bytes body;
    assert_int_equal(ask_encode(ask, desk->arena, &statement), 0);
    const struct proven proven = consent_prove(secret, ASK_DOMAIN, statement, &signature);
    assert_int_equal(proven_encode(&proven, desk->arena, &body), 0);
    return body;
}

static enum refusal hear_ask(struct desk *desk, const struct ask *ask) {
    const struct sign_secret secret = presence_of(desk);
    struct notice notice = desk_notice(desk, ask->revoked ? NOTICE_ASK_NEWS : NOTICE_ASK);
    notice.about = ask->id;
    const struct envelope origin =
        desk_origin(desk, ORG_SCHOOL, MESSAGE_KIND_ASK, prove(desk, ask, &secret));
    return desk_hear(desk, &notice, &origin);
}

static enum refusal answer_it(struct desk *desk, enum ask_state answered, enum ask_reason reason,
                              const struct org_id *passed_to) {
    struct ask_answer_arguments arguments = {.item = 1, .state = answered, .reason = reason};
    if (passed_to != NULL) {
        arguments.passed_to = *passed_to;
    }
    return desk_command(desk, NODE_COMMAND_ASK_ANSWER, &arguments);
}

static struct ask_answer answered(struct desk *desk) {
    struct ask_answer answer;
    const struct desk_sent *sent = desk_last(desk, MESSAGE_KIND_ASK_ANSWER);
    assert_int_equal(ask_answer_decode(sent->body, desk->arena, &answer), REFUSAL_NONE);
    return answer;
}

static void a_question_to_us_waits_with_whom_it_is_about(void **state) {
    struct desk *desk = *state;
    const struct ask ask = their_question(desk, 3);
    assert_int_equal(hear_ask(desk, &ask), REFUSAL_NONE);
    const struct item *item = desk_item(desk, 1);
    assert_int_equal(item->kind, NOTICE_ASK);
    assert_int_equal(item->ask_state, ASK_OPEN);
    assert_string_equal(item->contact.text, "Amina, 0470");
    assert_string_equal(item->service.text, "budget");
    assert_true(org_id_equal(&item->from, &desk->orgs[ORG_SCHOOL]));
    assert_int_equal(desk_waiting(desk, NULL).waiting, 1);
    assert_int_equal(desk_waiting(desk, NULL).count, 0); /* the digest will do */
    const struct item_arguments done = {.item = 1};
    assert_int_equal(desk_command(desk, NODE_COMMAND_ITEM_DONE, &done), REFUSAL_WRONG_MOVE);
    assert_int_equal(hear_ask(desk, &ask), REFUSAL_NONE);
    assert_int_equal(desk_items(desk), 1);
}

static void a_question_that_is_not_what_it_says_is_refused(void **state) {
    struct desk *desk = *state;
    struct ask ask = their_question(desk, 3);
    struct notice notice = desk_notice(desk, NOTICE_ASK);
    struct bytes body = prove(desk, &ask, &desk->signs[ORG_SCHOOL]); /* not the presence key */
    struct envelope origin = desk_origin(desk, ORG_SCHOOL, MESSAGE_KIND_ASK, body);
    assert_int_equal(desk_hear(desk, &notice, &origin), REFUSAL_BAD_SIGNATURE);
    assert_int_equal(desk_hear(desk, &notice, NULL), REFUSAL_MALFORMED);
    origin.body.length--;
    assert_int_equal(desk_hear(desk, &notice, &origin), REFUSAL_MALFORMED);
    origin = desk_origin(desk, ORG_SCHOOL, MESSAGE_KIND_CONSENT, body);
    assert_int_equal(desk_hear(desk, &notice, &origin), REFUSAL_MALFORMED);
    ask.to = desk->orgs[ORG_GENT];
    assert_int_equal(hear_ask(desk, &ask), REFUSAL_NOT_YOURS);
    ask = their_question(desk, 3);
    ask.org = desk->orgs[ORG_CAW]; /* and the school sends it */
    assert_int_equal(hear_ask(desk, &ask), REFUSAL_NOT_YOURS);
    ask = their_question(desk, 3);
    ask.handle.bytes[0] ^= 1;
    assert_int_equal(hear_ask(desk, &ask), REFUSAL_NOT_YOURS);
    assert_int_equal(desk_items(desk), 0);
}

static void a_question_taken_up_lets_us_start_our_support(void **state) {
    struct desk *desk = *state;
    const struct ask ask = their_question(desk, 3);
    const struct support_start_arguments start = {
        .who = {.item = 1}, .words = {.kind = SUPPORT_PROFESSIONAL, .distance = SUPPORT_NEAR}};
    assert_int_equal(hear_ask(desk, &ask), REFUSAL_NONE);
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_WRONG_MOVE);
    assert_int_equal(answer_it(desk, ASK_TAKEN, ASK_REASON_NONE, NULL), REFUSAL_NONE);
    assert_int_equal(answered(desk).state, ASK_TAKEN);
    assert_int_equal(answered(desk).purpose, PURPOSE_SUPPORT);
    assert_string_equal(desk_item(desk, 1)->taken_by.text, "els");
    assert_int_equal(answer_it(desk, ASK_TAKEN, ASK_REASON_NONE, NULL), REFUSAL_WRONG_MOVE);
    assert_int_equal(desk_command(desk, NODE_COMMAND_SUPPORT_START, &start), REFUSAL_NONE);
    assert_int_equal(desk_said(desk).number, 1); /* proven by the seed that came along */
}

static void a_no_needs_a_reason_and_nothing_else_has_one(void **state) {
    struct desk *desk = *state;
    const struct ask ask = their_question(desk, 3);
    const struct org_id *caw = &desk->orgs[ORG_CAW];
    assert_int_equal(hear_ask(desk, &ask), REFUSAL_NONE);
    assert_int_equal(answer_it(desk, ASK_REFUSED, ASK_REASON_NONE, NULL), REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(answer_it(desk, ASK_TAKEN, ASK_OTHER, NULL), REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(answer_it(desk, ASK_TAKEN, ASK_REASON_NONE, caw), REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(answer_it(desk, ASK_OPEN, ASK_REASON_NONE, NULL), REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(answer_it(desk, ASK_PASSED_ON, ASK_REASON_NONE, NULL), REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(answer_it(desk, ASK_REFUSED, ASK_NO_RIGHT, NULL), REFUSAL_NONE);
    assert_int_equal(answered(desk).reason, ASK_NO_RIGHT);
    assert_int_equal(desk_item(desk, 1)->state, ITEM_DONE);
    assert_int_equal(desk_count(desk, MESSAGE_KIND_ASK_ANSWER), 1);
}

static void what_we_were_given_is_sealed_again_for_the_next(void **state) {
    struct desk *desk = *state;
    const struct ask ask = their_question(desk, 3);
    assert_int_equal(hear_ask(desk, &ask), REFUSAL_NONE);
    assert_int_equal(answer_it(desk, ASK_PASSED_ON, ASK_REASON_NONE, &desk->orgs[ORG_OURS]),
                     REFUSAL_NOT_ALLOWED);
    const struct org_id nobody = {"nobody"};
    assert_int_equal(answer_it(desk, ASK_PASSED_ON, ASK_REASON_NONE, &nobody),
                     REFUSAL_UNKNOWN_RECIPIENT);
    assert_int_equal(answer_it(desk, ASK_PASSED_ON, ASK_REASON_NONE, &desk->orgs[ORG_CAW]),
                     REFUSAL_NONE);
    const struct ask_answer answer = answered(desk);
    const struct contact contact = desk_open(desk, ORG_CAW, &answer.contact);
    assert_string_equal(contact.text, "Amina, 0470");
    assert_true(contact.has_presence);
    assert_true(org_id_equal(&answer.passed_to, &desk->orgs[ORG_CAW]));
    assert_string_equal(answer.service.text, "budget"); /* or they'd have to ask */
    assert_int_equal(desk_item(desk, 1)->ask_state, ASK_PASSED_ON);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 0);
}

/* A question goes on or is answered; who sent it to us hears our no with the reason. */
static void nobody_gets_back_what_it_just_passed_on(void **state) {
    struct desk *desk = *state;
    const struct message_id id = desk_id(4);
    struct ask_answer passed = answer_to(desk, &id, ASK_PASSED_ON);
    passed.passed_to = desk->orgs[ORG_OURS];
    passed.contact = desk_seal(desk, ORG_OURS, "Amina", true);
    passed.service = desk_service("wonen");
    assert_int_equal(hear_answer(desk, ORG_GENT, &passed, false), REFUSAL_NONE);
    assert_true(org_id_equal(&desk_item(desk, 1)->from, &desk->orgs[ORG_GENT]));
    assert_string_equal(desk_item(desk, 1)->service.text, "wonen");
    assert_int_equal(answer_it(desk, ASK_PASSED_ON, ASK_REASON_NONE, &desk->orgs[ORG_GENT]),
                     REFUSAL_WRONG_MOVE);
    assert_int_equal(answer_it(desk, ASK_REFUSED, ASK_NOT_COMPETENT, NULL), REFUSAL_NONE);
}

static void a_question_that_comes_back_finds_its_item_again(void **state) {
    struct desk *desk = *state;
    const struct ask ask = their_question(desk, 3);
    assert_int_equal(hear_ask(desk, &ask), REFUSAL_NONE);
    assert_int_equal(answer_it(desk, ASK_PASSED_ON, ASK_REASON_NONE, &desk->orgs[ORG_CAW]),
                     REFUSAL_NONE);
    struct ask_answer back = answer_to(desk, &ask.id, ASK_PASSED_ON);
    back.passed_to = desk->orgs[ORG_OURS];
    back.contact = desk_seal(desk, ORG_OURS, "Amina, 0471", true);
    desk_pass(desk, 1);
    assert_int_equal(hear_answer(desk, ORG_CAW, &back, false), REFUSAL_NONE);
    assert_int_equal(desk_items(desk), 1);
    const struct item *item = desk_item(desk, 1);
    assert_int_equal(item->ask_state, ASK_OPEN);
    assert_int_equal(item->state, ITEM_NEW);
    assert_string_equal(item->service.text, "budget"); /* we knew that already */
    assert_string_equal(item->contact.text, "Amina, 0471");
    back.passed_to = desk->orgs[ORG_GENT];
    assert_int_equal(hear_answer(desk, ORG_CAW, &back, false), REFUSAL_NOT_YOURS);
}

/* Our own question can be passed on to us: then it's both. */
static void our_own_question_passed_on_to_us_is_an_item_of_its_own(void **state) {
    struct desk *desk = *state;
    const struct ask ask = ask_gent(desk);
    struct ask_answer back = answer_to(desk, &ask.id, ASK_PASSED_ON);
    back.passed_to = desk->orgs[ORG_OURS];
    assert_int_equal(hear_answer(desk, ORG_GENT, &back, false), REFUSAL_NONE);
    assert_int_equal(hear_answer(desk, ORG_GENT, &back, true), REFUSAL_NONE);
    assert_int_equal(desk_items(desk), 2);
    assert_int_equal(desk_item(desk, 2)->kind, NOTICE_ASK);
    assert_int_equal(desk_item(desk, 1)->kind, NOTICE_ASK_NEWS);
}

static void a_question_taken_back_while_we_accept_is_shown(void **state) {
    struct desk *desk = *state;
    struct ask ask = their_question(desk, 3);
    assert_int_equal(hear_ask(desk, &ask), REFUSAL_NONE);
    assert_int_equal(answer_it(desk, ASK_TAKEN, ASK_REASON_NONE, NULL), REFUSAL_NONE);
    ask.revoked = true;
    assert_int_equal(hear_ask(desk, &ask), REFUSAL_NONE);
    assert_int_equal(desk_item(desk, 1)->state, ITEM_NEW);
    desk_settle(desk, 0, REFUSAL_WRONG_MOVE); /* the hub had it taken back before our answer */
    const struct item *item = desk_item(desk, 1);
    assert_int_equal(item->ask_state, ASK_REVOKED);
    assert_int_equal(item->state, ITEM_NEW);
    assert_int_equal(answer_it(desk, ASK_TAKEN, ASK_REASON_NONE, NULL), REFUSAL_WRONG_MOVE);
    const struct item_arguments done = {.item = 1};
    assert_int_equal(desk_command(desk, NODE_COMMAND_ITEM_DONE, &done), REFUSAL_NONE);
}

static void a_question_that_comes_after_its_end_does_not_open(void **state) {
    struct desk *desk = *state;
    struct ask ask = their_question(desk, 3);
    struct ask back = ask;
    back.revoked = true;
    assert_int_equal(hear_ask(desk, &back), REFUSAL_NONE);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 0);
    assert_int_equal(hear_ask(desk, &ask), REFUSAL_NONE);
    assert_int_equal(desk_item(desk, 1)->ask_state, ASK_REVOKED);
    assert_int_equal(desk_waiting(desk, NULL).waiting, 0);
}

static void without_a_consent_a_question_is_not_answered(void **state) {
    struct desk *desk = *state;
    const struct ask ask = their_question(desk, 3);
    assert_int_equal(hear_ask(desk, &ask), REFUSAL_NONE);
    desk_pass(desk, 300);
    assert_int_equal(answer_it(desk, ASK_TAKEN, ASK_REASON_NONE, NULL), REFUSAL_NO_CONSENT);
    assert_int_equal(desk->sent_count, 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_question_goes_out_proven_and_its_contact_only_they_can_open),
        TEST(without_contact_and_presence_nothing_goes_along),
        TEST(the_same_question_twice_is_refused_while_it_is_open),
        TEST(a_question_that_the_hub_refused_was_never_asked),
        TEST(questions_that_make_no_sense_are_refused),
        TEST(without_the_scope_nobody_is_asked),
        TEST(a_refusal_comes_home_with_its_reason),
        TEST(an_answer_to_nothing_that_we_asked_is_refused),
        TEST(taking_back_wins_over_an_acceptance),
        TEST(a_question_that_was_passed_on_is_still_followed),
        TEST(a_question_to_us_waits_with_whom_it_is_about),
        TEST(a_question_that_is_not_what_it_says_is_refused),
        TEST(a_question_taken_up_lets_us_start_our_support),
        TEST(a_no_needs_a_reason_and_nothing_else_has_one),
        TEST(what_we_were_given_is_sealed_again_for_the_next),
        TEST(nobody_gets_back_what_it_just_passed_on),
        TEST(a_question_that_comes_back_finds_its_item_again),
        TEST(our_own_question_passed_on_to_us_is_an_item_of_its_own),
        TEST(a_question_taken_back_while_we_accept_is_shown),
        TEST(a_question_that_comes_after_its_end_does_not_open),
        TEST(without_a_consent_a_question_is_not_answered),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
