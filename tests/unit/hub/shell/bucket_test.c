#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>

#include "hub/shell/bucket.h"

static int taken(struct bucket *bucket, int64_t now_ms, int tries) {
    int count = 0;
    for (int i = 0; i < tries; i++) {
        count += bucket_take(bucket, now_ms) ? 1 : 0;
    }
    return count;
}

static void a_burst_passes_and_then_no_more(void **state) {
    struct bucket bucket = bucket_of(5, 20, 1000);
    assert_int_equal(taken(&bucket, 1000, 50), 20);
}

static void it_fills_by_its_rate_and_never_above_its_size(void **state) {
    struct bucket bucket = bucket_of(5, 20, 0);
    assert_int_equal(taken(&bucket, 0, 20), 20);
    assert_int_equal(taken(&bucket, 199, 5), 0);
    assert_int_equal(taken(&bucket, 200, 5), 1);  /* 200 ms at 5 a second */
    assert_int_equal(taken(&bucket, 1200, 9), 5); /* a second more */
    assert_int_equal(taken(&bucket, INT64_C(1) << 50, 50), 20);
}

static void a_clock_that_stands_still_or_goes_back_gives_nothing(void **state) {
    struct bucket bucket = bucket_of(1000, 1, 5000);
    assert_int_equal(taken(&bucket, 5000, 5), 1);
    assert_int_equal(taken(&bucket, 4000, 5), 0);
    assert_int_equal(taken(&bucket, 4001, 5), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_passes_and_then_no_more),
        cmocka_unit_test(it_fills_by_its_rate_and_never_above_its_size),
        cmocka_unit_test(a_clock_that_stands_still_or_goes_back_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
