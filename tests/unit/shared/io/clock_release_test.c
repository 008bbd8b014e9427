#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "shared/io/clock.h"

/* Defined here too: were it in the library of a release, the declaration of clock.h would be seen
 * and clash with this one. */
static int clock_test_open(void) {
    return 1;
}

static void the_systems_clock_tells_the_systems_time(void **state) {
    (void)state;
    const struct clock clock = clock_system();
    const time_t before = time(NULL);
    const int64_t now_ms = clock_now_ms(&clock);
    const time_t after = time(NULL);
    /* time() may lag a tick behind. */
    assert_true(now_ms / 1000 >= before && now_ms / 1000 <= after + 1);
}

static void patience_never_runs_backwards(void **state) {
    (void)state;
    const struct clock clock = clock_system();
    int64_t last_ms = clock_monotonic_ms(&clock);
    const int64_t begin_ms = last_ms;
    while (last_ms - begin_ms < 5) {
        const int64_t now_ms = clock_monotonic_ms(&clock);
        assert_true(now_ms >= last_ms);
        last_ms = now_ms;
    }
}

static void a_release_has_no_test_clock(void **state) {
    (void)state;
    assert_int_equal(clock_test_open(), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_systems_clock_tells_the_systems_time),
        cmocka_unit_test(patience_never_runs_backwards),
        cmocka_unit_test(a_release_has_no_test_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
