#include "node/core/hours.h"

#include "shared/base/limits.h"
#include "shared/members/directory.h"
#include "tests/unit/node/core/home.h"

/* Closure days: which are told, and how they come into the directory beside everything else. */

static int before(void **state) {
    *state = home_new(CONSENT_RIGHT_FULL);
    return 0;
}

static int after(void **state) {
    home_free(*state);
    return 0;
}

static int32_t today(const struct home *home) {
    return brussels_day(home->now_ms);
}

/* From so many days after today, for so many days. */
static struct closure closed(const struct home *home, int32_t from, int32_t days,
                             const struct org_id *deputy) {
    return (struct closure){
        .from_day = today(home) + from,
        .until_day = today(home) + from + days,
        .deputy = deputy == NULL ? (struct org_id){.text = ""} : *deputy,
    };
}

static enum refusal tell(struct home *home, const struct closure *closures, size_t count) {
    const struct hours_arguments arguments = {.closures = closures, .count = count};
    return home_command(home, NODE_COMMAND_HOURS, &arguments);
}

static enum refusal tell_one(struct home *home, struct closure closure) {
    return tell(home, &closure, 1);
}

static struct bytes posted(const struct home *home) {
    return home_last(home, MESSAGE_KIND_MEMBER_UPDATE)->envelope.body;
}

static void accept_entry(struct home *home) {
    home_take_entry(home, posted(home));
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    home_settle_down(home);
}

static struct hours_told told(struct home *home) {
    struct hours_told ret;
    struct store_txn *view = home_read(home);
    assert_int_equal(hours_told(view, &home->orgs[HOME_OURS], home->arena, &ret), 0);
    store_abort(view);
    return ret;
}

static void closure_days_and_deputy_come_into_the_directory_by_day(void **state) {
    struct home *home = *state;
    const struct closure closures[] = {closed(home, 30, 7, NULL),
                                       closed(home, 3, 1, &home->orgs[HOME_CAW])};
    assert_int_equal(tell(home, closures, 2), REFUSAL_NONE);
    assert_string_equal(home->result, "{\"kept\":2}");
    assert_true(told(home).under_way);
    accept_entry(home);
    const struct member own = home_own_member(home);
    assert_int_equal(own.closure_count, 2);
    assert_int_equal(own.closures[0].from_day, today(home) + 3);
    assert_int_equal(own.closures[0].until_day, today(home) + 4);
    assert_string_equal(own.closures[0].deputy.text, "caw-west");
    assert_int_equal(own.closures[1].from_day, today(home) + 30);
    assert_string_equal(own.closures[1].deputy.text, "");
    assert_false(told(home).under_way);
    assert_int_equal(home_rows(home, TABLE_SENT), 0);
}

/* As a join said them: an entry about hours replaces all three lists. */
static void give_walk_in_and_sitting(struct home *home) {
    const char *walk_in[] = {"2 09:00-12:00"};
    const char *sitting[] = {"34022 3 13:30-16:00"};
    struct member member = {
        .walk_in = walk_in, .walk_in_count = 1, .sitting = sitting, .sitting_count = 1};
    struct directory_op op = {
        .kind = DIRECTORY_OP_HOURS, .organisation = home->orgs[HOME_OURS], .member = &member};
    const struct directory_draft draft = {.now_ms = home->now_ms, .ops = &op, .op_count = 1};
    const struct directory_signer signer = {.public_key = home->params.keys.sign_public,
                                            .secret = &home->signs[HOME_OURS]};
    struct bytes entry;
    struct bytes signed_entry;
    struct store_txn *view = home_read(home);
    assert_int_equal(directory_compose(view, &draft, home->arena, &entry), 0);
    store_abort(view);
    assert_int_equal(directory_sign(entry, &signer, 1, home->arena, &signed_entry), 0);
    home_take_entry(home, signed_entry);
}

static void walk_in_and_sitting_hours_stay_as_they_were(void **state) {
    struct home *home = *state;
    give_walk_in_and_sitting(home);
    assert_int_equal(tell_one(home, closed(home, 3, 1, NULL)), REFUSAL_NONE);
    accept_entry(home);
    const struct member own = home_own_member(home);
    assert_int_equal(own.closure_count, 1);
    assert_int_equal(own.walk_in_count, 1);
    assert_string_equal(own.walk_in[0], "2 09:00-12:00");
    assert_int_equal(own.sitting_count, 1);
    assert_string_equal(own.sitting[0], "34022 3 13:30-16:00");
}

/* Its note names a kind of entry where others name an item. */
static void a_copy_stays_until_the_hub_has_its_backup(void **state) {
    struct home *home = *state;
    const uint64_t before = home_rows(home, TABLE_OUTBOX_KEPT);
    assert_int_equal(tell_one(home, closed(home, 3, 1, NULL)), REFUSAL_NONE);
    accept_entry(home);
    assert_int_equal(home_rows(home, TABLE_SENT), 0);
    assert_int_equal(home_rows(home, TABLE_OUTBOX_KEPT), before + 1);
}

static void all_of_them_can_go_again(void **state) {
    struct home *home = *state;
    assert_int_equal(tell_one(home, closed(home, 3, 1, NULL)), REFUSAL_NONE);
    accept_entry(home);
    assert_int_equal(tell(home, NULL, 0), REFUSAL_NONE);
    accept_entry(home);
    assert_int_equal(home_own_member(home).closure_count, 0);
    assert_int_equal(told(home).count, 0);
}

static void the_same_again_says_nothing(void **state) {
    struct home *home = *state;
    assert_int_equal(tell_one(home, closed(home, 3, 1, NULL)), REFUSAL_NONE);
    assert_int_equal(tell_one(home, closed(home, 3, 1, NULL)), REFUSAL_NONE);
    accept_entry(home);
    assert_int_equal(tell_one(home, closed(home, 3, 1, NULL)), REFUSAL_NONE);
    assert_int_equal(home_count(home, MESSAGE_KIND_MEMBER_UPDATE), 1);
}

static void what_is_past_is_dropped(void **state) {
    struct home *home = *state;
    const struct closure closures[] = {closed(home, -5, 5, NULL), closed(home, -5, 6, NULL)};
    assert_int_equal(tell(home, closures, 1), REFUSAL_NONE); /* its last day was yesterday */
    assert_int_equal(home_count(home, MESSAGE_KIND_MEMBER_UPDATE), 0);
    assert_int_equal(tell(home, closures, 2), REFUSAL_NONE);
    assert_string_equal(home->result, "{\"kept\":1}");
}

static void what_cant_be_is_refused_with_its_reason(void **state) {
    struct home *home = *state;
    struct closure many[CLOSURES_MAX + 1];
    const struct org_id nobody = {.text = "nobody"};
    const struct closure overlapping[] = {closed(home, 3, 3, NULL), closed(home, 5, 1, NULL)};
    const struct closure around[] = {closed(home, 5, 1, NULL), closed(home, 3, 3, NULL)};
    const struct closure adjacent[] = {closed(home, 3, 3, NULL), closed(home, 6, 1, NULL)};
    for (int32_t i = 0; i <= CLOSURES_MAX; i++) {
        many[i] = closed(home, 10 + i, 1, NULL);
    }
    assert_int_equal(tell_one(home, closed(home, 3, 0, NULL)), REFUSAL_MALFORMED);
    assert_int_equal(tell_one(home, closed(home, 3, -2, NULL)), REFUSAL_MALFORMED);
    assert_int_equal(tell_one(home, closed(home, CLOSURE_AHEAD_DAYS, 1, NULL)),
                     REFUSAL_FROM_THE_FUTURE);
    assert_int_equal(tell(home, overlapping, 2), REFUSAL_CONFLICT);
    assert_int_equal(tell(home, around, 2), REFUSAL_CONFLICT);
    assert_int_equal(tell_one(home, closed(home, 3, 1, &nobody)), REFUSAL_UNKNOWN_RECIPIENT);
    assert_int_equal(tell_one(home, closed(home, 3, 1, &home->orgs[HOME_OURS])),
                     REFUSAL_UNKNOWN_RECIPIENT);
    assert_int_equal(tell(home, many, CLOSURES_MAX + 1), REFUSAL_TOO_LARGE);
    assert_int_equal(home_count(home, MESSAGE_KIND_MEMBER_UPDATE), 0);
    assert_int_equal(tell(home, adjacent, 2), REFUSAL_NONE);
    assert_int_equal(tell(home, many, CLOSURES_MAX), REFUSAL_NONE);
}

static void who_reads_only_cant_close_the_desk(void **state) {
    struct home *home = *state;
    const struct hours_arguments none = {.count = 0};
    assert_int_equal(home_command_by(home, ROLE_VOLUNTEER, NODE_COMMAND_HOURS, &none),
                     REFUSAL_NOT_ALLOWED);
    assert_int_equal(home_command_by(home, ROLE_ADMINISTRATOR, NODE_COMMAND_HOURS, &none),
                     REFUSAL_NONE);
}

/* Two more before the first has settled: the last of them follows it, and nothing between. */
static void what_is_told_meanwhile_waits_and_follows(void **state) {
    struct home *home = *state;
    assert_int_equal(tell_one(home, closed(home, 3, 1, NULL)), REFUSAL_NONE);
    const struct bytes first = posted(home);
    assert_int_equal(tell_one(home, closed(home, 4, 1, NULL)), REFUSAL_NONE);
    assert_int_equal(tell_one(home, closed(home, 5, 1, NULL)), REFUSAL_NONE);
    assert_int_equal(home_count(home, MESSAGE_KIND_MEMBER_UPDATE), 1);
    assert_int_equal(told(home).closures[0].from_day, today(home) + 5);
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_MEMBER_UPDATE), 1); /* it isn't here yet */
    home_take_entry(home, first);
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_MEMBER_UPDATE), 2);
    accept_entry(home);
    const struct member own = home_own_member(home);
    assert_int_equal(own.closure_count, 1);
    assert_int_equal(own.closures[0].from_day, today(home) + 5);
    assert_false(told(home).under_way);
}

/* Where the first is refused for good, the one that waits needs no entry to come first. */
static void what_waits_follows_a_refusal_too(void **state) {
    struct home *home = *state;
    assert_int_equal(tell_one(home, closed(home, 3, 1, NULL)), REFUSAL_NONE);
    assert_int_equal(tell_one(home, closed(home, 4, 1, NULL)), REFUSAL_NONE);
    home_receipt(home, MESSAGE_KIND_MEMBER_UPDATE, REFUSAL_CLOCK_OFF);
    home_settle_down(home);
    accept_entry(home);
    assert_int_equal(home_own_member(home).closures[0].from_day, today(home) + 4);
}

/* Both were composed on entry 6; the hub made the key the seventh. */
static void closure_days_stay_where_a_key_is_renewed_meanwhile(void **state) {
    struct home *home = *state;
    struct keys_rotate_arguments key = {.contact = true, .from_day = today(home)};
    memset(key.key.bytes, 0x41, sizeof(key.key.bytes));
    assert_int_equal(home_command_by(home, ROLE_ADMINISTRATOR, NODE_COMMAND_KEYS_ROTATE, &key),
                     REFUSAL_NONE);
    const struct bytes seventh = posted(home);
    assert_int_equal(tell_one(home, closed(home, 3, 2, &home->orgs[HOME_GENT])), REFUSAL_NONE);
    home_receipt(home, MESSAGE_KIND_MEMBER_UPDATE, REFUSAL_BROKEN_CHAIN);
    home_settle_down(home);
    home_take_entry(home, seventh);
    home_restart(home);
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_MEMBER_UPDATE), 3);
    accept_entry(home);
    const struct member own = home_own_member(home);
    assert_memory_equal(own.contact.bytes, key.key.bytes, sizeof(own.contact.bytes));
    assert_int_equal(own.closure_count, 1);
    assert_string_equal(own.closures[0].deputy.text, "ocmw-gent");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, before, after)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(closure_days_and_deputy_come_into_the_directory_by_day),
        TEST(walk_in_and_sitting_hours_stay_as_they_were),
        TEST(a_copy_stays_until_the_hub_has_its_backup),
        TEST(all_of_them_can_go_again),
        TEST(the_same_again_says_nothing),
        TEST(what_is_past_is_dropped),
        TEST(what_cant_be_is_refused_with_its_reason),
        TEST(who_reads_only_cant_close_the_desk),
        TEST(what_is_told_meanwhile_waits_and_follows),
        TEST(what_waits_follows_a_refusal_too),
        TEST(closure_days_stay_where_a_key_is_renewed_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
