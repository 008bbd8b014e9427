#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/base/arena.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

static int setup(void **state) {
    struct arena *arena = NULL;
    int r = arena_new(1 << 20, &arena);
    *state = arena;
    return r;
}

static int teardown(void **state) {
    arena_free(*state);
    return 0;
}

static void memory_is_zeroed_also_after_a_reset(void **state) {
    static const uint8_t zero[5000];
    for (int round = 0; round < 3; round++) {
        uint8_t *memory = arena_alloc(*state, 5000, 1);
        assert_non_null(memory);
        assert_memory_equal(memory, zero, 5000);
        memset(memory, 0xa5, 5000);
        arena_reset(*state);
    }
}

static void every_pointer_is_aligned_for_any_type(void **state) {
    for (size_t size = 1; size < 40; size++) {
        void *memory = arena_alloc(*state, 1, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
    }
}

static void two_allocations_do_not_overlap(void **state) {
    /* Sizes on both sides of a block's 64 KiB, so that blocks are begun, filled and passed over. */
    static const size_t sizes[] = {1, 65536, 17, 40000, 40000, 65537, 1, 100000, 0, 16};
    enum { COUNT = sizeof(sizes) / sizeof(sizes[0]) };
    uint8_t *memory[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        memory[i] = arena_alloc(*state, sizes[i], 1);
        assert_non_null(memory[i]);
        memset(memory[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < sizes[i]; j++) {
            assert_int_equal(memory[i][j], i + 1);
        }
    }
}

static void an_arena_past_its_limit_says_no_and_stays_usable(void **state) {
    assert_non_null(arena_alloc(*state, (1 << 20) - 32, 1));
    assert_null(arena_alloc(*state, 33, 1));
    assert_non_null(arena_alloc(*state, 32, 1));
    assert_null(arena_alloc(*state, 1, 1));
    assert_int_equal(arena_used(*state), 1 << 20);
    arena_reset(*state);
    assert_int_equal(arena_used(*state), 0);
    assert_non_null(arena_alloc(*state, 1 << 20, 1));
}

static void a_size_that_overflows_is_refused(void **state) {
    assert_null(arena_alloc(*state, SIZE_MAX / 2 + 1, 2));
    assert_null(arena_alloc(*state, SIZE_MAX, 1));
    assert_null(arena_alloc(*state, SIZE_MAX - 7, 1));
    assert_null(arena_alloc(*state, SIZE_MAX, SIZE_MAX));
    assert_int_equal(arena_used(*state), 0);
}

static void a_text_gets_its_nul(void **state) {
    struct bytes part = bytes_from_text("kortrijk");
    part.length = 4;
    assert_string_equal(arena_text(*state, part), "kort");
    assert_string_equal(arena_text(*state, (struct bytes){0}), "");
}

static void a_copy_does_not_follow_its_original(void **state) {
    char original[] = "abc";
    struct bytes copy = arena_copy(*state, bytes_from_text(original));
    original[0] = 'x';
    assert_true(bytes_equal(copy, bytes_from_text("abc")));
    struct bytes empty = arena_copy(*state, (struct bytes){0});
    assert_int_equal(empty.length, 0);
}

static void a_copy_without_room_is_null(void **state) {
    assert_non_null(arena_alloc(*state, 1 << 20, 1));
    assert_null(arena_copy(*state, bytes_from_text("abc")).data);
    assert_null(arena_text(*state, bytes_from_text("abc")));
}

static void freeing_no_arena_is_allowed(void **state) {
    arena_free(NULL);
    assert_int_equal(arena_used(*state), 0);
}

#if !defined(__SANITIZE_ADDRESS__) /* which lets nobody look at what was given back */
static void what_was_given_back_is_wiped(void **state) {
    static const uint8_t zero[200];
    struct arena_mark mark;
    uint8_t *kept = arena_alloc(*state, 16, 1);
    assert_non_null(kept);
    memset(kept, 0xa5, 16);
    mark = arena_mark(*state);
    uint8_t *memory = arena_alloc(*state, 200, 1);
    assert_non_null(memory);
    memset(memory, 0xa5, 200);
    arena_rewind(*state, &mark);
    assert_memory_equal(memory, zero, 200);
    assert_int_equal(kept[15], 0xa5);
    arena_reset(*state);
    assert_memory_equal(kept, zero, 16);
}
#endif

#if defined(__SANITIZE_ADDRESS__)
static void what_a_reset_gave_back_is_poisoned(void **state) {
    uint8_t *memory = arena_alloc(*state, 20, 1);
    assert_int_equal(__asan_address_is_poisoned(memory + 19), 0);
    assert_int_not_equal(__asan_address_is_poisoned(memory + 20), 0);
    arena_reset(*state);
    assert_int_not_equal(__asan_address_is_poisoned(memory), 0);
}
#endif

static void a_rewind_gives_back_what_came_after_the_mark(void **state) {
    struct arena *arena;
    assert_int_equal(arena_new(1 << 20, &arena), 0);
    struct arena_mark nothing = arena_mark(arena);
    uint8_t *kept = arena_alloc(arena, 32, 1);
    assert_non_null(kept);
    kept[31] = 7;
    struct arena_mark mark = arena_mark(arena);
    for (int round = 0; round < 100; round++) { /* twenty megabytes of an arena of one */
        assert_non_null(arena_alloc(arena, 200 << 10, 1));
        assert_non_null(arena_alloc(arena, 10, 1));
        arena_rewind(arena, &mark);
        assert_int_equal(arena_used(arena), 32);
    }
    assert_int_equal(kept[31], 7);
    uint8_t *again = arena_alloc(arena, 64, 1);
    assert_non_null(again);
    for (size_t i = 0; i < 64; i++) {
        assert_int_equal(again[i], 0);
    }
    arena_rewind(arena, &nothing);
    assert_int_equal(arena_used(arena), 0);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rewind_gives_back_what_came_after_the_mark),

        cmocka_unit_test_setup_teardown(memory_is_zeroed_also_after_a_reset, setup, teardown),
        cmocka_unit_test_setup_teardown(every_pointer_is_aligned_for_any_type, setup, teardown),
        cmocka_unit_test_setup_teardown(two_allocations_do_not_overlap, setup, teardown),
        cmocka_unit_test_setup_teardown(an_arena_past_its_limit_says_no_and_stays_usable, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_size_that_overflows_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_text_gets_its_nul, setup, teardown),
        cmocka_unit_test_setup_teardown(a_copy_does_not_follow_its_original, setup, teardown),
        cmocka_unit_test_setup_teardown(a_copy_without_room_is_null, setup, teardown),
        cmocka_unit_test_setup_teardown(freeing_no_arena_is_allowed, setup, teardown),
#if !defined(__SANITIZE_ADDRESS__)
        cmocka_unit_test_setup_teardown(what_was_given_back_is_wiped, setup, teardown),
#endif
#if defined(__SANITIZE_ADDRESS__)
        cmocka_unit_test_setup_teardown(what_a_reset_gave_back_is_poisoned, setup, teardown),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
