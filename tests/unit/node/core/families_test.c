#include "hub/core/family_store.h"
#include "node/core/consents.h"
#include "shared/crypto/box.h"
#include "tests/unit/hub/core/family_fixture.h"
#include "tests/unit/node/core/fixture.h"

/* A node and a real hub about one family: what the node composes is what the hub takes, and what
 * the hub says is what the node acts on. */

enum { FIRST_KEY = 20, KEYS = 40 };

static const struct card card = {.secret = {1, 2, 3, 4, 5}};

static int before(void **state) {
    struct bench *bench = bench_new("ocmw-kortrijk");
    node_offer_keys(bench->node, FIRST_KEY, KEYS);
    bench_connect(bench);
    bench_pass(bench, 1000);
    *state = bench;
    return 0;
}

static int after(void **state) {
    bench_free(*state);
    return 0;
}

static struct consent_give_arguments give_of(struct bench *bench, const struct card *of,
                                             struct consent_record *record) {
    *record = (struct consent_record){
        .notice_version = "2026-1",
        .language = {"prs"},
        .ground = LEGAL_GROUND_CONSENT,
        .explained_aloud = true,
        .interpreter = INTERPRETER_PHONE,
        .teach_back = "wie ons helpt mag van elkaar weten",
    };
    return (struct consent_give_arguments){
        .card = of,
        .record = record,
        .scopes = {scope_bit(SCOPE_PRESENCE) | scope_bit(SCOPE_LOST_SUPPORT) |
                   scope_bit(SCOPE_CONCERN)},
        .end_month = month_of_day(brussels_day(bench->hub->now_ms)) + 6,
        .with_support = true,
        .support = {.kind = SUPPORT_PROFESSIONAL, .distance = SUPPORT_NEAR},
    };
}

/* All is said, taken and settled. */
static void carry(struct bench *bench) {
    bench_carry(bench);
    for (int i = 0; i < 4; i++) {
        bench_pass(bench, 1000);
    }
}

static void give(struct bench *bench) {
    struct consent_record record;
    const struct consent_give_arguments arguments = give_of(bench, &card, &record);
    assert_int_equal(
        bench_command_by(bench, ROLE_CASEWORKER, NODE_COMMAND_CONSENT_GIVE, &arguments),
        REFUSAL_NONE);
    carry(bench);
}

static struct family_row *row(struct bench *bench, const struct card *of) {
    const struct family_vault vault = node_family_vault(bench->node);
    const struct family_handle handle = card_handle(of, &bench->hub->params.hub);
    struct store_txn *view = bench_read(bench);
    struct family_row *ret = NULL;
    int r = family_find(view, &vault, &handle, bench->hub->arena, &ret);
    store_abort(view);
    assert_true(r == 0 || r == ERR_NOT_FOUND);
    return ret;
}

static struct family *at_hub(struct bench *bench, const struct card *of) {
    const struct family_handle handle = card_handle(of, &bench->hub->params.hub);
    struct store_txn *view = fixture_read(bench->hub);
    struct family *ret = NULL;
    int r = family_get(view, &bench->hub->params.families, &handle, bench->hub->arena, &ret);
    store_abort(view);
    assert_true(r == 0 || r == ERR_NOT_FOUND);
    return ret;
}

static void what_a_node_gives_the_hub_takes(void **state) {
    struct bench *bench = *state;
    give(bench);
    const struct family *family = at_hub(bench, &card);
    assert_non_null(family);
    assert_int_equal(family->support_count, 1);
    assert_int_equal(family->supports[0].state, SUPPORT_ACTIVE);
    assert_int_equal(family->flag_count, 0);
    assert_int_equal(row(bench, &card)->refusal, REFUSAL_NONE);
    assert_int_equal(bench_count(bench, TABLE_SENT), 0);
    assert_int_equal(bench_health(bench).refused, 0);
}

static void a_narrowed_consent_is_narrower_at_the_hub(void **state) {
    struct bench *bench = *state;
    give(bench);
    bench_pass(bench, MINUTE_MS);
    const struct consent_change_arguments less = {
        .card = &card,
        .scopes = {scope_bit(SCOPE_PRESENCE)},
        .end_month = month_of_day(brussels_day(bench->hub->now_ms)) + 3,
    };
    assert_int_equal(bench_command_by(bench, ROLE_CASEWORKER, NODE_COMMAND_CONSENT_CHANGE, &less),
                     REFUSAL_NONE);
    carry(bench);
    const struct family *family = at_hub(bench, &card);
    assert_non_null(family);
    assert_int_equal(family->token.scopes.bits, scope_bit(SCOPE_PRESENCE));
    assert_int_equal(family->token.end_month, less.end_month);
    assert_int_equal(bench_health(bench).refused, 0);
}

static void a_withdrawal_comes_back_as_a_tombstone_and_its_receipt_settles_it(void **state) {
    struct bench *bench = *state;
    const struct withdraw_arguments arguments = {.who = {.card = &card}, .basis = WITHDRAWAL_CARD};
    give(bench);
    assert_int_equal(bench_command_by(bench, ROLE_VOLUNTEER, NODE_COMMAND_WITHDRAW, &arguments),
                     REFUSAL_NONE);
    carry(bench);
    assert_null(at_hub(bench, &card));
    assert_null(row(bench, &card));
    assert_int_equal(fixture_count(bench->hub, TABLE_ERASURES), 1);
    bench_shred(bench);
    carry(bench);
    assert_int_equal(fixture_count(bench->hub, TABLE_ERASURES), 0);
    assert_int_equal(bench_health(bench).refused, 0);
}

static void a_look_is_answered_by_the_hub(void **state) {
    struct bench *bench = *state;
    const struct look_arguments arguments = {.card = &card};
    const struct command command = {
        .actor = {.role = ROLE_CASEWORKER}, .kind = NODE_COMMAND_LOOK, .arguments = &arguments};
    give(bench);
    for (int i = 1; i <= 3; i++) {
        bench->looked = false;
        assert_int_equal(node_command(bench->node, &command), 0);
        bench_turn(bench);
        bench_carry(bench);
        assert_true(bench->looked);
        assert_int_equal(bench->looked_refusal, REFUSAL_NONE);
        assert_true(bench->answer.found);
        assert_int_equal(bench->answer.support_count, 1);
    }
}

static void an_unknown_card_is_not_found(void **state) {
    struct bench *bench = *state;
    const struct look_arguments arguments = {.card = &card};
    const struct command command = {
        .actor = {.role = ROLE_VOLUNTEER}, .kind = NODE_COMMAND_LOOK, .arguments = &arguments};
    assert_int_equal(node_command(bench->node, &command), 0);
    bench_turn(bench);
    bench_carry(bench);
    assert_true(bench->looked);
    assert_int_equal(bench->looked_refusal, REFUSAL_NONE);
    assert_false(bench->answer.found);
}

static void a_new_card_takes_the_place_of_the_old_one(void **state) {
    struct bench *bench = *state;
    static const struct card renewed = {.secret = {9, 9, 9}};
    struct consent_record record;
    struct new_card_arguments arguments = {.old = {.family = 1}, .reason = NEW_CARD_RENEWAL};
    give(bench);
    arguments.give = give_of(bench, &renewed, &record);
    arguments.give.with_support = false;
    assert_int_equal(bench_command_by(bench, ROLE_CASEWORKER, NODE_COMMAND_NEW_CARD, &arguments),
                     REFUSAL_NONE);
    carry(bench);
    bench_shred(bench);
    carry(bench);
    const struct family *family = at_hub(bench, &renewed);
    assert_non_null(family);
    assert_int_equal(family->support_count, 1);
    assert_null(at_hub(bench, &card));
    assert_null(row(bench, &card));
    assert_true(row(bench, &renewed)->support.exists);
    assert_int_equal(fixture_count(bench->hub, TABLE_ERASURES), 0);
    assert_int_equal(bench_health(bench).refused, 0);
}

static void a_support_before_its_consent_waits_and_is_said_again(void **state) {
    struct bench *bench = *state;
    const struct support_start_arguments arguments = {
        .who = {.card = &card}, .words = {.kind = SUPPORT_PROFESSIONAL, .distance = SUPPORT_NEAR}};
    assert_int_equal(
        bench_command_by(bench, ROLE_CASEWORKER, NODE_COMMAND_SUPPORT_START, &arguments),
        REFUSAL_NONE);
    carry(bench);
    assert_null(at_hub(bench, &card));
    assert_true(row(bench, &card)->support.waits);
}

static void new_keys_come_back_in_the_directory(void **state) {
    struct bench *bench = *state;
    struct keys_rotate_arguments arguments = {.until_day = brussels_day(bench->hub->now_ms) + 30};
    struct curve_secret secret;
    const uint8_t seed[32] = {0x33};
    struct membership own;
    curve_keys_from_seed(seed, "seal/v1", &arguments.key, &secret);
    assert_int_equal(bench_command(bench, NODE_COMMAND_KEYS_ROTATE, &arguments), REFUSAL_NONE);
    carry(bench);
    struct store_txn *view = bench_read(bench);
    assert_int_equal(member_get(view, &bench->party.org, bench->hub->arena, &own), 0);
    store_abort(view);
    assert_memory_equal(own.member.seal.bytes, arguments.key.bytes, sizeof(own.member.seal.bytes));
    assert_int_equal(bench_health(bench).refused, 0);
}

/* -- two organisations -- */

/* What the other one tells us of a family's new card. */
static struct mail moved_mail(struct bench *bench, struct party *from, const struct household *old,
                              const struct household *new) {
    struct fixture *hub = bench->hub;
    const struct consent_token token = token_plain(hub, new, from, NULL, NULL);
    struct card_moved moved = {.old = old->handle,
                               .new = new->handle,
                               .token = token_sign(hub, new, from, &token),
                               .to = bench->party.org};
    struct new_card message = {.purpose = PURPOSE_SUPPORT, .to = bench->party.org};
    const struct curve_public key = curve_public_of(&bench->party.seal);
    const uint8_t seed[32] = {7};
    struct bytes statement;
    struct bytes body;
    memcpy(moved.presence_seed, new->seed.bytes, sizeof(moved.presence_seed));
    assert_int_equal(card_moved_encode(&moved, hub->arena, &statement), 0);
    const struct bytes plain = proven_body(hub, &old->presence, NEW_CARD_DOMAIN, statement);
    uint8_t *box = arena_alloc(hub->arena, plain.length + BOX_OVERHEAD_BYTES, 1);
    assert_non_null(box);
    assert_int_equal(box_seal(&key, seed, plain, box), 0);
    memcpy(message.content.key, key.bytes, sizeof(message.content.key));
    message.content.box = (struct bytes){box, plain.length + BOX_OVERHEAD_BYTES};
    assert_int_equal(new_card_encode(&message, hub->arena, &body), 0);
    return mail_next(hub, from, MESSAGE_KIND_NEW_CARD, body);
}

/* The hub's fixture forgets what it sent at each posting of another party; the hub says again what
 * nobody has receipted. */
static void carry_again(struct bench *bench) {
    bench->answered = 0;
    for (int i = 0; i < 6; i++) {
        bench_pass(bench, MINUTE_MS);
    }
}

/* The tombstone of the old card and the news of the new one leave the hub together, on two lanes.
 */
static void a_supporter_follows_the_family_to_its_new_card(void **state) {
    struct bench *bench = *state;
    struct fixture *hub = bench->hub;
    struct party gent = party_make("ocmw-gent", 9);
    struct household old = household_make(hub, 1);
    struct household new = household_make(hub, 2);
    const struct support_start_arguments arguments = {
        .who = {.card = &old.card},
        .words = {.kind = SUPPORT_PROFESSIONAL, .distance = SUPPORT_NEAR}};
    fixture_join(hub, &gent);
    carry_again(bench);
    assert_taken(fixture_consent(hub, &old, &gent, NULL, NULL));
    assert_int_equal(
        bench_command_by(bench, ROLE_CASEWORKER, NODE_COMMAND_SUPPORT_START, &arguments),
        REFUSAL_NONE);
    carry_again(bench);
    assert_int_equal(fixture_family(hub, &old)->support_count, 1);

    assert_taken(fixture_consent(hub, &new, &gent, NULL, NULL));
    const struct mail moved = moved_mail(bench, &gent, &old, &new);
    assert_taken(fixture_post(hub, &gent, &moved));
    assert_taken(fixture_withdraw(hub, &gent, &old, WITHDRAWAL_NEW_CARD));
    carry_again(bench);
    bench_shred(bench);
    carry_again(bench);
    assert_null(fixture_family(hub, &old));
    const struct family *family = fixture_family(hub, &new);
    assert_non_null(family);
    assert_int_equal(family->support_count, 1);
    assert_true(org_id_equal(&family->supports[0].org, &bench->party.org));
    assert_null(row(bench, &old.card));
    assert_true(row(bench, &new.card)->support.exists);
    assert_int_equal(bench_health(bench).refused, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, before, after)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_a_node_gives_the_hub_takes),
        TEST(a_narrowed_consent_is_narrower_at_the_hub),
        TEST(a_withdrawal_comes_back_as_a_tombstone_and_its_receipt_settles_it),
        TEST(a_look_is_answered_by_the_hub),
        TEST(an_unknown_card_is_not_found),
        TEST(a_new_card_takes_the_place_of_the_old_one),
        TEST(a_support_before_its_consent_waits_and_is_said_again),
        TEST(new_keys_come_back_in_the_directory),
        TEST(a_supporter_follows_the_family_to_its_new_card),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
