#include "node/core/rotation.h"

#include "shared/base/limits.h"
#include "shared/members/directory.h"
#include "tests/unit/node/core/home.h"

/* New sealing and contact keys: the entry that says so, on the directory as it is by then. */

static int before(void **state) {
    *state = home_new(CONSENT_RIGHT_FULL);
    return 0;
}

static int after(void **state) {
    home_free(*state);
    return 0;
}

static struct keys_rotate_arguments new_key(const struct home *home, bool contact, uint8_t number) {
    struct keys_rotate_arguments arguments = {
        .contact = contact,
        .from_day = brussels_day(home->now_ms),
        .until_day = brussels_day(home->now_ms) + 30,
    };
    memset(arguments.key.bytes, number, sizeof(arguments.key.bytes));
    return arguments;
}

static enum refusal rotate(struct home *home, const struct keys_rotate_arguments *arguments) {
    return home_command_by(home, ROLE_ADMINISTRATOR, NODE_COMMAND_KEYS_ROTATE, arguments);
}

/* The entry that was posted last. */
static struct bytes posted(const struct home *home) {
    return home_last(home, MESSAGE_KIND_MEMBER_UPDATE)->envelope.body;
}

static struct node_keys_due due(struct home *home) {
    struct node_keys_due ret;
    assert_int_equal(node_keys_due(home->node, home->now_ms, &ret), 0);
    return ret;
}

static void a_new_sealing_key_comes_into_the_directory(void **state) {
    struct home *home = *state;
    const struct keys_rotate_arguments arguments = new_key(home, false, 0x31);
    assert_int_equal(rotate(home, &arguments), REFUSAL_NONE);
    /* A founding entry and five that joined. */
    assert_string_equal(home->result, "{\"entry\":7}");
    home_take_entry(home, posted(home));
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    home_settle_down(home);
    const struct member own = home_own_member(home);
    assert_memory_equal(own.seal.bytes, arguments.key.bytes, sizeof(own.seal.bytes));
    assert_int_equal(own.seal_until_day, arguments.until_day);
    assert_int_equal(home_rows(home, TABLE_SENT), 0);
    /* And there's place for the next. */
    const struct keys_rotate_arguments next = new_key(home, false, 0x32);
    assert_int_equal(rotate(home, &next), REFUSAL_NONE);
}

static void a_new_contact_key_comes_into_the_directory(void **state) {
    struct home *home = *state;
    const struct keys_rotate_arguments arguments = new_key(home, true, 0x31);
    assert_int_equal(rotate(home, &arguments), REFUSAL_NONE);
    home_take_entry(home, posted(home));
    const struct member own = home_own_member(home);
    assert_memory_equal(own.contact.bytes, arguments.key.bytes, sizeof(own.contact.bytes));
    assert_int_equal(own.contact_from_day, arguments.from_day);
}

static void one_key_of_a_kind_is_on_its_way_at_a_time(void **state) {
    struct home *home = *state;
    const struct keys_rotate_arguments first = new_key(home, false, 0x31);
    const struct keys_rotate_arguments second = new_key(home, false, 0x32);
    assert_int_equal(rotate(home, &first), REFUSAL_NONE);
    assert_int_equal(rotate(home, &second), REFUSAL_WRONG_MOVE);
}

/* Ours was composed on entry 6; the hub had made another the seventh. */
static void where_another_entry_came_first_ours_is_made_anew(void **state) {
    struct home *home = *state;
    const struct keys_rotate_arguments first = new_key(home, true, 0x41);
    const struct keys_rotate_arguments second = new_key(home, false, 0x31);
    assert_int_equal(rotate(home, &first), REFUSAL_NONE);
    const struct bytes seventh = posted(home);
    assert_int_equal(rotate(home, &second), REFUSAL_NONE);
    home_receipt(home, MESSAGE_KIND_MEMBER_UPDATE, REFUSAL_BROKEN_CHAIN);
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_MEMBER_UPDATE), 2); /* it isn't here yet */
    home_take_entry(home, seventh);
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_MEMBER_UPDATE), 3);
    home_take_entry(home, posted(home));
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    home_settle_down(home);
    const struct member own = home_own_member(home);
    assert_memory_equal(own.seal.bytes, second.key.bytes, sizeof(own.seal.bytes));
    assert_memory_equal(own.contact.bytes, first.key.bytes, sizeof(own.contact.bytes));
}

static void what_the_hub_refuses_for_good_is_over(void **state) {
    struct home *home = *state;
    const struct keys_rotate_arguments first = new_key(home, false, 0x31);
    assert_int_equal(rotate(home, &first), REFUSAL_NONE);
    home_receipt(home, MESSAGE_KIND_MEMBER_UPDATE, REFUSAL_EXISTS);
    home_settle_down(home);
    assert_int_equal(rotate(home, &first), REFUSAL_NONE);
}

static void keys_are_due_after_a_month_and_after_a_quarter(void **state) {
    struct home *home = *state;
    assert_false(due(home).sealing);
    assert_false(due(home).contact);
    home_pass(home, 28 * (int64_t)DAY_MS); /* it joined the day before */
    assert_false(due(home).sealing);
    home_pass(home, DAY_MS);
    assert_true(due(home).sealing);
    assert_false(due(home).contact);
    const struct keys_rotate_arguments arguments = new_key(home, false, 0x31);
    assert_int_equal(rotate(home, &arguments), REFUSAL_NONE);
    assert_false(due(home).sealing); /* one is on its way */
    home_take_entry(home, posted(home));
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    home_settle_down(home);
    home_pass(home, 29 * (int64_t)DAY_MS);
    assert_false(due(home).sealing);
    home_pass(home, DAY_MS);
    assert_true(due(home).sealing);
    home_pass(home, 30 * (int64_t)DAY_MS); /* the 90th */
    assert_false(due(home).contact);
    home_pass(home, DAY_MS);
    assert_true(due(home).contact);
}

/* Four months in one step: of a clock that nobody confirmed. */
static void a_clock_that_jumped_makes_no_key_due_before_the_hubs_word(void **state) {
    struct home *home = *state;
    assert_false(due(home).clock_doubted);
    home->now_ms += 120 * (int64_t)DAY_MS;
    assert_true(due(home).clock_doubted); /* no turn has seen it yet */
    assert_false(due(home).sealing);
    home_tick(home);
    assert_false(due(home).sealing);
    for (int i = 0; i < 150; i++) { /* nor by waiting */
        home->now_ms += MINUTE_MS;
        home_tick(home);
    }
    assert_true(due(home).clock_doubted);
    assert_false(due(home).sealing);
    assert_false(due(home).contact);
    home_welcome(home);
    home_tick(home);
    assert_false(due(home).clock_doubted);
    assert_true(due(home).sealing);
    assert_true(due(home).contact);
}

static void a_clock_that_was_set_back_makes_no_key_due_either(void **state) {
    struct home *home = *state;
    home_pass(home, 120 * (int64_t)DAY_MS);
    assert_true(due(home).sealing);
    home->now_ms -= HOUR_MS;
    assert_true(due(home).clock_doubted);
    assert_false(due(home).sealing);
    home_tick(home);
    assert_false(due(home).sealing);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, before, after)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_new_sealing_key_comes_into_the_directory),
        TEST(a_new_contact_key_comes_into_the_directory),
        TEST(one_key_of_a_kind_is_on_its_way_at_a_time),
        TEST(where_another_entry_came_first_ours_is_made_anew),
        TEST(what_the_hub_refuses_for_good_is_over),
        TEST(keys_are_due_after_a_month_and_after_a_quarter),
        TEST(a_clock_that_jumped_makes_no_key_due_before_the_hubs_word),
        TEST(a_clock_that_was_set_back_makes_no_key_due_either),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
