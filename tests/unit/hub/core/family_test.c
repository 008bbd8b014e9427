#include "hub/core/family.h"

#include "tests/unit/hub/core/flags_world.h"

/* The small questions about a row. */

static struct family_support support(enum support_state state, int32_t end_day) {
    return (struct family_support){
        .kind = SUPPORT_PROFESSIONAL, .distance = SUPPORT_NEAR, .state = state, .end_day = end_day};
}

static void an_ending_support_counts_until_the_day_before_its_end(void **state) {
    const struct family_support ending = support(SUPPORT_ENDING, 101);
    const struct family_support ended = support(SUPPORT_ENDED, 101);
    const struct family_support active = support(SUPPORT_ACTIVE, FAMILY_DAY_NONE);
    assert_true(support_counts(&ending, 100));
    assert_false(support_counts(&ending, 101));
    assert_false(support_counts(&ended, 100));
    assert_true(support_counts(&active, 100));
}

static void silent_support_and_that_of_a_quiet_node_count_for_nothing(void **state) {
    struct family_support silent = support(SUPPORT_ACTIVE, FAMILY_DAY_NONE);
    struct family_support quiet = silent;
    assert_true(support_is_near(&silent, 100));
    silent.silent = true;
    quiet.quiet = true;
    assert_false(support_counts(&silent, 100) || support_is_near(&silent, 100));
    assert_false(support_counts(&quiet, 100) || support_is_near(&quiet, 100));
}

static void only_professional_support_close_by_is_near(void **state) {
    struct family_support informal = support(SUPPORT_ACTIVE, FAMILY_DAY_NONE);
    struct family_support distant = informal;
    informal.kind = SUPPORT_INFORMAL;
    distant.distance = SUPPORT_DISTANT;
    assert_true(support_counts(&informal, 100) && !support_is_near(&informal, 100));
    assert_true(support_counts(&distant, 100) && !support_is_near(&distant, 100));
}

static struct family *new_family(void) {
    struct family *family = test_malloc(sizeof(*family));
    family_init(family, &(struct family_handle){.bytes = {9}});
    return family;
}

static void what_is_on_a_row_is_found_by_its_name_and_nothing_else(void **state) {
    struct family *family = new_family();
    const struct org_id known = org_of("ocmw");
    const struct org_id other = org_of("ocmw-y");
    family->supports[0].org = known;
    family->support_count = 1;
    family->asks[0].id = id_of(1);
    family->ask_count = 1;
    family->flags[0].id = id_of(2);
    family->flag_count = 1;
    assert_ptr_equal(family_support_of(family, &known), &family->supports[0]);
    assert_null(family_support_of(family, &other));
    assert_ptr_equal(family_ask_find(family, &(struct message_id){{1}}), &family->asks[0]);
    assert_null(family_ask_find(family, &(struct message_id){{2}}));
    assert_ptr_equal(family_flag_find(family, &(struct message_id){{2}}), &family->flags[0]);
    assert_null(family_flag_find(family, &(struct message_id){{1}}));
    family->token.scopes.bits = 1 << (SCOPE_CONCERN - 1);
    assert_true(family_has_scope(family, SCOPE_CONCERN));
    assert_false(family_has_scope(family, SCOPE_LOST_SUPPORT));
    test_free(family);
}

static void a_holder_stands_once_and_a_full_list_says_so(void **state) {
    struct family *family = new_family();
    char name[] = "org-aa";
    for (int i = 0; i < FAMILY_HOLDERS_MAX; i++) {
        name[4] = (char)('a' + i / 26);
        name[5] = (char)('a' + i % 26);
        const struct org_id org = org_of(name);
        assert_true(family_hold(family, &org));
        assert_true(family_hold(family, &org));
    }
    assert_int_equal(family->holder_count, FAMILY_HOLDERS_MAX);
    const struct org_id first = org_of("org-aa");
    const struct org_id more = org_of("more");
    assert_true(family_hold(family, &first));
    assert_false(family_hold(family, &more));
    test_free(family);
}

/* However many a supporter asks, who has a flag's turn must be told of it. */
static void the_last_places_are_for_whom_the_rules_must_tell(void **state) {
    struct family *family = new_family();
    char name[] = "org-aa";
    bool admitted = true;
    for (int i = 0; admitted; i++) {
        name[4] = (char)('a' + i / 26);
        name[5] = (char)('a' + i % 26);
        const struct org_id org = org_of(name);
        admitted = family_admit(family, &org);
    }
    assert_int_equal(family->holder_count, 80);
    const struct org_id first = org_of("org-aa");
    const struct org_id more = org_of("more");
    assert_true(family_admit(family, &first));
    assert_true(family_hold(family, &more));
    assert_true(family_admit(family, &more));
    test_free(family);
}

static void full_lists_of_effects_drop_the_last_ones(void **state) {
    struct family_effects *effects = test_calloc(1, sizeof(*effects));
    for (int i = 0; i < FAMILY_NOTICES_MAX + 2; i++) {
        effects_notice(effects, &(struct family_notice){.flag = id_of((uint8_t)i)});
        effects_count(effects, COUNT_CONCERN, (uint32_t)i, 3);
    }
    assert_int_equal(effects->notice_count, FAMILY_NOTICES_MAX);
    assert_int_equal(effects->count_count, FAMILY_COUNTS_MAX);
    assert_int_equal(effects->notices[0].flag.bytes[0], 0);
    assert_int_equal(effects->counts[FAMILY_COUNTS_MAX - 1].which, FAMILY_COUNTS_MAX - 1);
    test_free(effects);
}

static void a_new_row_knows_no_day(void **state) {
    struct family *family = new_family();
    assert_int_equal(family->near_ended_day, FAMILY_DAY_NONE);
    assert_int_equal(family->grace_until_day, FAMILY_DAY_NONE);
    assert_true(family->due_ms == INT64_MAX);
    test_free(family);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ending_support_counts_until_the_day_before_its_end),
        cmocka_unit_test(silent_support_and_that_of_a_quiet_node_count_for_nothing),
        cmocka_unit_test(only_professional_support_close_by_is_near),
        cmocka_unit_test(what_is_on_a_row_is_found_by_its_name_and_nothing_else),
        cmocka_unit_test(a_holder_stands_once_and_a_full_list_says_so),
        cmocka_unit_test(the_last_places_are_for_whom_the_rules_must_tell),
        cmocka_unit_test(full_lists_of_effects_drop_the_last_ones),
        cmocka_unit_test(a_new_row_knows_no_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
