#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/turn/decision.h"

enum { ARENA_BYTES = 1 << 20 };

static int setup(void **state) {
    return arena_new(ARENA_BYTES, (struct arena **)state);
}

static int teardown(void **state) {
    arena_free(*state);
    return 0;
}

static void a_fact_carries_what_was_written(void **state) {
    const struct turn_view view = {.arena = *state};
    struct decision decision = {.fact_count = 0};
    struct buf buf = decision_buf(&view, 4);
    buf_u32(&buf, 0x01020304);
    assert_int_equal(decision_add(&decision, 7, &buf), 0);
    assert_int_equal(decision.fact_count, 1);
    assert_int_equal(decision.facts[0].type, 7);
    assert_int_equal(decision.facts[0].body.length, 4);
    assert_memory_equal(decision.facts[0].body.data, "\x01\x02\x03\x04", 4);
}

static void a_body_that_did_not_fit_is_no_fact(void **state) {
    const struct turn_view view = {.arena = *state};
    struct decision decision = {.fact_count = 0};
    struct buf buf = decision_buf(&view, 3);
    buf_u32(&buf, 1);
    assert_int_equal(decision_add(&decision, 7, &buf), ERR_TOO_LARGE);
    buf = decision_buf(&view, 2 * ARENA_BYTES);
    assert_int_equal(decision_add(&decision, 7, &buf), ERR_NO_MEMORY);
    assert_int_equal(decision.fact_count, 0);
}

static void a_decision_holds_a_few_facts_and_no_more(void **state) {
    const struct turn_view view = {.arena = *state};
    struct decision decision = {.fact_count = 0};
    struct buf buf = decision_buf(&view, 1);
    for (int i = 0; i < DECISION_FACTS_MAX; i++) {
        assert_int_equal(decision_add(&decision, 1, &buf), 0);
    }
    assert_int_equal(decision_add(&decision, 1, &buf), ERR_TOO_LARGE);
    assert_int_equal(decision.fact_count, DECISION_FACTS_MAX);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_fact_carries_what_was_written),
        TEST(a_body_that_did_not_fit_is_no_fact),
        TEST(a_decision_holds_a_few_facts_and_no_more),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
