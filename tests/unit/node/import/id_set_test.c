#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "node/import/id_set.h"

static void the_line_that_had_it_first_is_given(void **state) {
    (void)state;
    struct id_set set = {0};
    uint32_t earlier = 99;
    assert_int_equal(id_set_add(&set, 5, 2, &earlier), 0);
    assert_int_equal(earlier, 0);
    assert_int_equal(id_set_add(&set, 5, 3, &earlier), 0);
    assert_int_equal(earlier, 2);
    assert_int_equal(id_set_add(&set, 5, 4, &earlier), 0);
    assert_int_equal(earlier, 2);
    assert_int_equal(id_set_add(&set, 0, 5, &earlier), 0);
    assert_int_equal(earlier, 0);
    id_set_deinit(&set);
    id_set_deinit(NULL);
}

static void all_are_remembered_while_it_grows(void **state) {
    (void)state;
    enum { COUNT = 100000 };
    struct id_set set = {0};
    uint32_t earlier;
    for (uint32_t i = 1; i <= COUNT; i++) {
        assert_int_equal(id_set_add(&set, (uint64_t)i * 0x9E3779B97F4A7C15, i, &earlier), 0);
        assert_int_equal(earlier, 0);
    }
    for (uint32_t i = 1; i <= COUNT; i++) {
        assert_int_equal(id_set_add(&set, (uint64_t)i * 0x9E3779B97F4A7C15, COUNT + i, &earlier),
                         0);
        assert_int_equal(earlier, i);
    }
    assert_true(set.size * sizeof(*set.slots) <= 4 << 20);
    id_set_deinit(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_that_had_it_first_is_given),
        cmocka_unit_test(all_are_remembered_while_it_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
