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
    struct decision decision = {.arena = *state};
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
    struct decision decision = {.arena = *state};
    struct buf buf = decision_buf(&view, 3);
    buf_u32(&buf, 1);
    assert_int_equal(decision_add(&decision, 7, &buf), ERR_TOO_LARGE);
    buf = decision_buf(&view, 2 * ARENA_BYTES);
    assert_int_equal(decision_add(&decision, 7, &buf), ERR_NO_MEMORY);
    assert_int_equal(decision.fact_count, 0);
}

static void a_decision_holds_so_many_facts_and_no_more(void **state) {
    const struct turn_view view = {.arena = *state};
    struct decision decision = {.arena = *state};
    struct buf buf = decision_buf(&view, 1);
    for (uint32_t i = 0; i < DECISION_FACTS_MAX; i++) {
        assert_int_equal(decision_add(&decision, i, &buf), 0);
    }
    assert_int_equal(decision_add(&decision, 1, &buf), ERR_TOO_LARGE);
    assert_int_equal(decision.fact_count, DECISION_FACTS_MAX);
    for (size_t i = 0; i < DECISION_FACTS_MAX; i++) {
        assert_int_equal(decision.facts[i].type, i);
    }
}

static void a_pushed_fact_keeps_its_record_key(void **state) {
    struct decision decision = {.arena = *state};
    const struct fact fact = {.type = 3, .body = bytes_from_text("sealed"), .record_key = 12};
    assert_int_equal(decision_push(&decision, &fact), 0);
    assert_int_equal(decision.facts[0].record_key, 12);
    assert_true(bytes_equal(decision.facts[0].body, fact.body));
}

static void a_fact_without_room_in_the_arena_is_none(void **state) {
    struct decision decision = {.arena = *state};
    const struct fact fact = {.type = 3};
    while (arena_alloc(*state, 1, 16) != NULL) {
    }
    assert_int_equal(decision_push(&decision, &fact), ERR_NO_MEMORY);
    assert_int_equal(decision.fact_count, 0);
}

static void facts_are_counted_by_their_type_and_how_they_begin(void **state) {
    struct decision decision = {.arena = *state};
    static const char *const bodies[] = {"ab", "a", "abc", "ba", "ab"};
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        const struct fact fact = {.type = i < 4 ? 3 : 4, .body = bytes_from_text(bodies[i])};
        assert_int_equal(decision_push(&decision, &fact), 0);
    }
    assert_int_equal(decision_count(&decision, 3, bytes_from_text("ab")), 2);
    assert_int_equal(decision_count(&decision, 4, bytes_from_text("ab")), 1);
    assert_int_equal(decision_count(&decision, 5, bytes_from_text("ab")), 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_fact_carries_what_was_written),
        TEST(a_body_that_did_not_fit_is_no_fact),
        TEST(a_decision_holds_so_many_facts_and_no_more),
        TEST(a_pushed_fact_keeps_its_record_key),
        TEST(a_fact_without_room_in_the_arena_is_none),
        TEST(facts_are_counted_by_their_type_and_how_they_begin),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
