/* A node, a real hub and one more organisation: concerns, questions, calls and supports go round,
 * and what people see at the end is what the others did. */
#include "hub/core/family_store.h"
#include "node/core/items.h"
#include "tests/unit/hub/core/family_fixture.h"
#include "tests/unit/node/core/fixture.h"

#include <stdlib.h>

enum { FIRST_KEY = 20, KEYS = 40, GENT_NIS = 44021 };

/* The family agreed with Gent, another member; we know it by its card. */
struct town {
    struct bench *bench;
    struct party gent;
    struct household family;
};

static void carry(struct town *town) {
    bench_carry(town->bench);
    for (int i = 0; i < 4; i++) {
        bench_pass(town->bench, 1000);
    }
}

/* What the hub captured begins anew with each posting of Gent's. */
static void post(struct town *town, const struct mail *mail) {
    assert_taken(fixture_post(town->bench->hub, &town->gent, mail));
    town->bench->answered = 0;
}

static int before(void **state) {
    struct town *town = calloc(1, sizeof(*town));
    assert_non_null(town);
    struct catchment catchment = {.nis = {GENT_NIS}};
    town->bench = bench_new("ocmw-kortrijk");
    node_offer_keys(town->bench->node, FIRST_KEY, KEYS);
    bench_connect(town->bench);
    bench_pass(town->bench, 1000);
    town->gent = party_make("ocmw-gent", 9);
    town->gent.member.catchment = &catchment;
    town->gent.member.catchment_count = 1;
    fixture_join(town->bench->hub, &town->gent);
    town->gent.member.catchment = NULL;
    town->gent.member.catchment_count = 0;
    town->family = household_make(town->bench->hub, 1);
    carry(town);
    assert_taken(fixture_consent(town->bench->hub, &town->family, &town->gent, NULL, NULL));
    town->bench->answered = 0;
    *state = town;
    return 0;
}

static int after(void **state) {
    struct town *town = *state;
    bench_free(town->bench);
    free(town);
    return 0;
}

static void does(struct town *town, enum role role, enum node_command kind, const void *arguments) {
    assert_int_equal(bench_command_by(town->bench, role, kind, arguments), REFUSAL_NONE);
    carry(town);
    assert_int_equal(bench_health(town->bench).refused, 0);
}

static void start_support(struct town *town) {
    const struct support_start_arguments start = {
        .who = {.card = &town->family.card},
        .words = {.kind = SUPPORT_PROFESSIONAL, .distance = SUPPORT_NEAR}};
    does(town, ROLE_CASEWORKER, NODE_COMMAND_SUPPORT_START, &start);
}

/* The last of that kind by number; NULL: none. */
struct search {
    struct bench *bench;
    enum notice_kind kind;
    struct item *found;
};

static int compare_kind(void *context, const struct item *item) {
    struct search *search = context;
    if (item->kind == search->kind) {
        search->found = ARENA_NEW(search->bench->hub->arena, struct item);
        assert_non_null(search->found);
        *search->found = *item;
    }
    return 0;
}

static struct item *item_of(struct town *town, enum notice_kind kind) {
    const struct family_vault vault = node_family_vault(town->bench->node);
    struct search search = {.bench = town->bench, .kind = kind};
    struct store_txn *view = bench_read(town->bench);
    assert_int_equal(item_each(view, &vault, town->bench->hub->arena, compare_kind, &search), 0);
    store_abort(view);
    return search.found;
}

static struct family *at_hub(struct town *town) {
    struct family *family = fixture_family(town->bench->hub, &town->family);
    assert_non_null(family);
    return family;
}

static void answer_flag(struct town *town, enum flag_action action, enum flag_reason reason) {
    const struct flag_answer_arguments answer = {
        .item = item_of(town, NOTICE_FLAG)->number, .action = action, .reason = reason};
    does(town, ROLE_CASEWORKER, NODE_COMMAND_FLAG_ANSWER, &answer);
}

/* -- stories -- */

static void a_support_is_taken_and_its_end_raises_a_flag_here(void **state) {
    struct town *town = *state;
    start_support(town);
    assert_int_equal(at_hub(town)->support_count, 1);
    /* It raised a flag that nobody near helps, which our support ends; ending it reopens that. */
    assert_int_equal(item_of(town, NOTICE_FLAG)->state, ITEM_DONE);
    const struct support_end_arguments end = {.who = {.family = 1}, .why = END_CAPACITY};
    does(town, ROLE_CASEWORKER, NODE_COMMAND_SUPPORT_END, &end);
    const struct item *flag = item_of(town, NOTICE_FLAG);
    assert_int_equal(flag->number, 1);
    assert_int_equal(flag->state, ITEM_NEW);
    assert_int_equal(flag->flag.kind, FLAG_NO_LOCAL);
    assert_true(flag->flag.yours); /* there's no fallback: who supported last has its turn */
    assert_true(flag->urgent);
    assert_int_equal(flag->family, 1);
}

static void a_concern_becomes_a_flag_and_its_end_comes_back_to_who_raised_it(void **state) {
    struct town *town = *state;
    const struct concern_arguments concern = {.card = &town->family.card,
                                              .by = CONCERN_BY_VOLUNTEER,
                                              .reason = CONCERN_HOUSING,
                                              .urgency = CONCERN_TODAY};
    start_support(town);
    does(town, ROLE_VOLUNTEER, NODE_COMMAND_CONCERN, &concern);
    assert_int_equal(item_of(town, NOTICE_FLAG)->flag.kind, FLAG_CONCERN);
    assert_int_equal(item_of(town, NOTICE_FLAG)->flag.concern, CONCERN_HOUSING);
    answer_flag(town, FLAG_TAKE, FLAG_REASON_NONE);
    assert_int_equal(item_of(town, NOTICE_ANSWER)->flag.state, FLAG_ACKNOWLEDGED);
    assert_int_equal(item_of(town, NOTICE_ANSWER)->state, ITEM_NEW);
    answer_flag(town, FLAG_CONTACT, FLAG_REASON_NONE);
    answer_flag(town, FLAG_CLOSE, FLAG_REASON_HELPED);
    assert_int_equal(item_of(town, NOTICE_ANSWER)->flag.state, FLAG_CLOSED);
    assert_int_equal(item_of(town, NOTICE_ANSWER)->flag.reason, FLAG_REASON_HELPED);
    assert_int_equal(item_of(town, NOTICE_FLAG)->state, ITEM_DONE);
    assert_int_equal(at_hub(town)->flags[0].state, FLAG_CLOSED);
}

static void a_question_comes_back_with_a_no_and_its_reason(void **state) {
    struct town *town = *state;
    struct fixture *hub = town->bench->hub;
    const struct ask_arguments ask = {.who = {.card = &town->family.card},
                                      .to = town->gent.org,
                                      .service = service_named("budget"),
                                      .contact = "Amina",
                                      .with_presence = true};
    struct bytes body;
    fixture_forget(hub);
    town->bench->answered = 0;
    does(town, ROLE_CASEWORKER, NODE_COMMAND_ASK, &ask);
    assert_int_equal(at_hub(town)->ask_count, 1);
    struct notice notice;
    assert_true(fixture_notice(hub, &town->gent, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_ASK);
    const struct ask_answer answer = {.purpose = PURPOSE_SUPPORT,
                                      .id = at_hub(town)->asks[0].id,
                                      .handle = town->family.handle,
                                      .state = ASK_REFUSED,
                                      .reason = ASK_LACK_OF_CAPACITY};
    assert_int_equal(ask_answer_encode(&answer, hub->arena, &body), 0);
    const struct mail mail = mail_next(hub, &town->gent, MESSAGE_KIND_ASK_ANSWER, body);
    post(town, &mail);
    carry(town);
    const struct item *news = item_of(town, NOTICE_ASK_NEWS);
    assert_int_equal(news->ask_state, ASK_REFUSED);
    assert_int_equal(news->ask_reason, ASK_LACK_OF_CAPACITY);
    assert_int_equal(news->state, ITEM_NEW);
    assert_int_equal(bench_health(town->bench).refused, 0);
}

static struct ask gent_asks(struct town *town, bool revoked) {
    struct fixture *hub = town->bench->hub;
    struct ask ask = {.purpose = PURPOSE_SUPPORT,
                      .id = {{3}},
                      .handle = town->family.handle,
                      .org = town->gent.org,
                      .to = town->bench->party.org,
                      .service = service_named("budget"),
                      .asked_day = brussels_day(hub->now_ms),
                      .revoked = revoked};
    struct contact contact = {.text = "Amina", .has_presence = true, .presence = town->family.seed};
    const struct curve_public to = curve_public_of(&town->bench->party.contact);
    const uint8_t seed[32] = {6};
    struct bytes statement;
    assert_int_equal(contact_seal(&contact, &to, seed, hub->arena, &ask.contact), 0);
    assert_int_equal(ask_encode(&ask, hub->arena, &statement), 0);
    const struct bytes body = proven_body(hub, &town->family.presence, ASK_DOMAIN, statement);
    const struct mail mail = mail_next(hub, &town->gent, MESSAGE_KIND_ASK, body);
    post(town, &mail);
    carry(town);
    return ask;
}

static void a_question_to_us_is_taken_up_and_our_support_starts(void **state) {
    struct town *town = *state;
    gent_asks(town, false);
    const struct item *asked = item_of(town, NOTICE_ASK);
    assert_non_null(asked);
    assert_string_equal(asked->contact.text, "Amina");
    const struct ask_answer_arguments taken = {.item = asked->number, .state = ASK_TAKEN};
    does(town, ROLE_CASEWORKER, NODE_COMMAND_ASK_ANSWER, &taken);
    assert_int_equal(at_hub(town)->asks[0].state, ASK_TAKEN);
    const struct support_start_arguments start = {
        .who = {.item = asked->number},
        .words = {.kind = SUPPORT_PROFESSIONAL, .distance = SUPPORT_NEAR}};
    does(town, ROLE_CASEWORKER, NODE_COMMAND_SUPPORT_START, &start);
    assert_int_equal(at_hub(town)->support_count, 1);
    assert_true(org_id_equal(&at_hub(town)->supports[0].org, &town->bench->party.org));
}

/* Both in the same minute: the hub had it taken back first, and refuses our yes. */
static void a_question_taken_back_while_we_accept_is_taken_back(void **state) {
    struct town *town = *state;
    gent_asks(town, false);
    const uint32_t number = item_of(town, NOTICE_ASK)->number;
    const struct ask_answer_arguments taken = {.item = number, .state = ASK_TAKEN};
    town->bench->deaf = true;
    gent_asks(town, true);
    town->bench->deaf = false;
    assert_int_equal(
        bench_command_by(town->bench, ROLE_CASEWORKER, NODE_COMMAND_ASK_ANSWER, &taken),
        REFUSAL_NONE);
    carry(town);
    for (int i = 0; i < 120; i++) { /* until the hub says again what we didn't hear */
        bench_pass(town->bench, MINUTE_MS);
    }
    const struct item *asked = item_of(town, NOTICE_ASK);
    assert_int_equal(asked->ask_state, ASK_REVOKED);
    assert_int_equal(asked->state, ITEM_NEW);
    assert_int_equal(at_hub(town)->asks[0].state, ASK_REVOKED);
    assert_int_equal(bench_health(town->bench).last_refusal, REFUSAL_WRONG_MOVE);
}

static void a_call_goes_to_the_desk_and_who_asked_hears_that_it_was_made(void **state) {
    struct town *town = *state;
    struct fixture *hub = town->bench->hub;
    const struct call_back_arguments call = {
        .nis = {GENT_NIS}, .language = {"ara"}, .contact = "Jo, 0470"};
    struct notice notice;
    struct call_back posted;
    struct envelope envelope;
    struct contact contact;
    struct bytes body;
    fixture_forget(hub);
    town->bench->answered = 0;
    does(town, ROLE_VOLUNTEER, NODE_COMMAND_CALL_BACK, &call);
    assert_true(fixture_notice(hub, &town->gent, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_CALL_BACK);
    assert_int_equal(envelope_decode(notice.origin.envelope, hub->arena, &envelope), REFUSAL_NONE);
    assert_int_equal(call_back_decode(envelope.body, hub->arena, &posted), REFUSAL_NONE);
    assert_int_equal(contact_open(&posted.contact, &town->gent.contact, &contact), 0);
    assert_string_equal(contact.text, "Jo, 0470");
    const struct called_back called = {.purpose = PURPOSE_CONCERN, .id = posted.id};
    assert_int_equal(called_back_encode(&called, hub->arena, &body), 0);
    const struct mail mail = mail_next(hub, &town->gent, MESSAGE_KIND_CALLED_BACK, body);
    post(town, &mail);
    carry(town);
    assert_int_equal(item_of(town, NOTICE_CALLED_BACK)->state, ITEM_NEW);
    assert_int_equal(bench_health(town->bench).refused, 0);
}

static void a_concern_about_a_family_that_agreed_to_nothing_leaves_nothing(void **state) {
    struct town *town = *state;
    static const struct family_handle nobody;
    const struct card unknown = {.secret = {0x99}};
    const struct concern_arguments concern = {.card = &unknown,
                                              .by = CONCERN_BY_VOLUNTEER,
                                              .reason = CONCERN_ALONE,
                                              .urgency = CONCERN_THIS_WEEK};
    assert_int_equal(bench_command_by(town->bench, ROLE_VOLUNTEER, NODE_COMMAND_CONCERN, &concern),
                     REFUSAL_NONE);
    carry(town);
    const struct item *raised = item_of(town, NOTICE_ANSWER);
    assert_int_equal(raised->refusal, REFUSAL_NO_CONSENT);
    assert_true(family_handle_equal(&raised->handle, &nobody));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, before, after)
    const struct CMUnitTest tests[] = {
        TEST(a_support_is_taken_and_its_end_raises_a_flag_here),
        TEST(a_concern_becomes_a_flag_and_its_end_comes_back_to_who_raised_it),
        TEST(a_question_comes_back_with_a_no_and_its_reason),
        TEST(a_question_to_us_is_taken_up_and_our_support_starts),
        TEST(a_question_taken_back_while_we_accept_is_taken_back),
        TEST(a_call_goes_to_the_desk_and_who_asked_hears_that_it_was_made),
        TEST(a_concern_about_a_family_that_agreed_to_nothing_leaves_nothing),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
