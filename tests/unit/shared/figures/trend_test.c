#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/figures/trend.h"

static void assert_slope(struct trend trend, enum trend_direction direction, double slope) {
    assert_int_equal(trend.direction, direction);
    assert_true(trend.slope_per_week > slope - 1e-9 && trend.slope_per_week < slope + 1e-9);
}

static void three_weeks_are_not_enough(void **state) {
    (void)state;
    const struct trend_point points[] = {{1, 10}, {2, 20}, {3, 30}};
    assert_slope(trend_of(points, 3, 0), TREND_NOT_ENOUGH, 0);
    assert_slope(trend_of(points, 0, 0), TREND_NOT_ENOUGH, 0);
}

static void a_straight_line_has_its_own_slope(void **state) {
    (void)state;
    const struct trend_point up[] = {{1, 10}, {2, 12}, {3, 14}, {4, 16}};
    const struct trend_point down[] = {{1, 16}, {2, 14}, {3, 12}, {4, 10}};
    assert_slope(trend_of(up, 4, 0), TREND_RISING, 2);
    assert_slope(trend_of(down, 4, 0), TREND_FALLING, -2);
}

static void a_gap_counts_the_weeks_that_passed(void **state) {
    (void)state;
    const struct trend_point points[] = {{1, 10}, {2, 12}, {6, 20}, {9, 26}};
    assert_slope(trend_of(points, 4, 0), TREND_RISING, 2);
}

/* By hand: the ten slopes are -95 1 1 1 1 1 1 33 49 97; the median is 1. Least
 * squares says 10.6. */
static void one_wild_week_does_not_move_the_trend(void **state) {
    (void)state;
    const struct trend_point points[] = {{1, 1}, {2, 2}, {3, 3}, {4, 100}, {5, 5}};
    assert_slope(trend_of(points, 5, 0), TREND_RISING, 1);
}

/* By hand: 3 5 4 9 at weeks 0 1 3 4. Slopes 2, 1/3, 3/2, -1/2, 4/3, 5; sorted
 * -1/2 1/3 4/3 3/2 2 5; the median is (4/3 + 3/2) / 2 = 17/12. */
static void an_even_number_of_slopes_takes_the_middle_of_two(void **state) {
    (void)state;
    const struct trend_point points[] = {{0, 3}, {1, 5}, {3, 4}, {4, 9}};
    assert_slope(trend_of(points, 4, 0), TREND_RISING, 17.0 / 12.0);
}

/* P. K. Sen 1968 works on x = 1 2 3 4 10 12 18 and y = 9 15 19 20 45 55 78; the slope is 4. */
static void the_example_of_the_paper_comes_out(void **state) {
    (void)state;
    const struct trend_point points[] = {{1, 9},   {2, 15},  {3, 19}, {4, 20},
                                         {10, 45}, {12, 55}, {18, 78}};
    assert_slope(trend_of(points, 7, 0), TREND_RISING, 4);
}

static void a_slope_that_noise_alone_can_make_is_level(void **state) {
    (void)state;
    const struct trend_point points[] = {{1, 10}, {2, 12}, {3, 14}, {4, 16}};
    assert_slope(trend_of(points, 4, 2), TREND_LEVEL, 2);
    assert_slope(trend_of(points, 4, 1.9), TREND_RISING, 2);
    const struct trend_point flat[] = {{1, 7}, {2, 7}, {3, 7}, {4, 7}};
    assert_slope(trend_of(flat, 4, 0), TREND_LEVEL, 0);
}

static void a_full_year_of_weeks_is_taken(void **state) {
    (void)state;
    struct trend_point points[TREND_POINTS_MAX];
    for (int32_t i = 0; i < TREND_POINTS_MAX; i++) {
        points[i] = (struct trend_point){.week = 2900 + i, .value = 80 - 0.5 * i};
    }
    assert_slope(trend_of(points, TREND_POINTS_MAX, 0), TREND_FALLING, -0.5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_weeks_are_not_enough),
        cmocka_unit_test(a_straight_line_has_its_own_slope),
        cmocka_unit_test(a_gap_counts_the_weeks_that_passed),
        cmocka_unit_test(one_wild_week_does_not_move_the_trend),
        cmocka_unit_test(an_even_number_of_slopes_takes_the_middle_of_two),
        cmocka_unit_test(the_example_of_the_paper_comes_out),
        cmocka_unit_test(a_slope_that_noise_alone_can_make_is_level),
        cmocka_unit_test(a_full_year_of_weeks_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
