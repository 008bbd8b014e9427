#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/figures/interval.h"

static enum band band_after(enum band previous, int64_t perturbed) {
    return band_of(perturbed, previous, BAND_HYSTERESIS);
}

static void assert_interval(struct interval interval, int64_t low, int64_t high) {
    assert_int_equal(interval.low, low);
    assert_int_equal(interval.high, high);
}

static void a_first_count_falls_in_its_plain_band(void **state) {
    (void)state;
    assert_int_equal(band_after(BAND_NONE, 0), BAND_0);
    assert_int_equal(band_after(BAND_NONE, 1), BAND_1_9);
    assert_int_equal(band_after(BAND_NONE, 9), BAND_1_9);
    assert_int_equal(band_after(BAND_NONE, 10), BAND_10_24);
    assert_int_equal(band_after(BAND_NONE, 24), BAND_10_24);
    assert_int_equal(band_after(BAND_NONE, 25), BAND_25_49);
    assert_int_equal(band_after(BAND_NONE, 49), BAND_25_49);
    assert_int_equal(band_after(BAND_NONE, 50), BAND_ABOVE);
}

static void a_border_is_crossed_upwards_two_above_it(void **state) {
    (void)state;
    assert_int_equal(band_after(BAND_1_9, 11), BAND_1_9);
    assert_int_equal(band_after(BAND_1_9, 12), BAND_10_24);
    assert_int_equal(band_after(BAND_10_24, 26), BAND_10_24);
    assert_int_equal(band_after(BAND_10_24, 27), BAND_25_49);
    assert_int_equal(band_after(BAND_25_49, 51), BAND_25_49);
    assert_int_equal(band_after(BAND_25_49, 52), BAND_ABOVE);
}

static void a_border_is_crossed_downwards_three_below_it(void **state) {
    (void)state;
    assert_int_equal(band_after(BAND_ABOVE, 48), BAND_ABOVE);
    assert_int_equal(band_after(BAND_ABOVE, 47), BAND_25_49);
    assert_int_equal(band_after(BAND_25_49, 23), BAND_25_49);
    assert_int_equal(band_after(BAND_25_49, 22), BAND_10_24);
    assert_int_equal(band_after(BAND_10_24, 8), BAND_10_24);
    assert_int_equal(band_after(BAND_10_24, 7), BAND_1_9);
}

static void a_jump_over_several_bands_meets_each_border(void **state) {
    (void)state;
    assert_int_equal(band_after(BAND_0, 11), BAND_1_9);
    assert_int_equal(band_after(BAND_0, 26), BAND_10_24);
    assert_int_equal(band_after(BAND_1_9, 80), BAND_ABOVE);
    assert_int_equal(band_after(BAND_ABOVE, 9), BAND_10_24);
    assert_int_equal(band_after(BAND_ABOVE, 3), BAND_1_9);
}

static void nothing_is_nothing_whatever_stood_before(void **state) {
    (void)state;
    for (int previous = BAND_NONE; previous <= BAND_ABOVE; previous++) {
        assert_int_equal(band_after((enum band)previous, 0), BAND_0);
    }
    assert_int_equal(band_after(BAND_0, 3), BAND_1_9);
}

static void only_the_four_bands_have_a_text(void **state) {
    (void)state;
    assert_string_equal(band_text(BAND_0), "0");
    assert_string_equal(band_text(BAND_1_9), "1-9");
    assert_string_equal(band_text(BAND_10_24), "10-24");
    assert_string_equal(band_text(BAND_25_49), "25-49");
    assert_null(band_text(BAND_NONE));
    assert_null(band_text(BAND_ABOVE));
}

/* By hand: 10-24 with hysteresis holds 8..26, and 26 may be 31, 8 may be 3. */
static void a_band_stands_for_all_counts_that_can_be_published_as_it(void **state) {
    (void)state;
    assert_interval(interval_of_band(BAND_0, BAND_HYSTERESIS, PERTURBATION_MAX), 0, 5);
    assert_interval(interval_of_band(BAND_1_9, BAND_HYSTERESIS, PERTURBATION_MAX), 1, 16);
    assert_interval(interval_of_band(BAND_10_24, BAND_HYSTERESIS, PERTURBATION_MAX), 3, 31);
    assert_interval(interval_of_band(BAND_25_49, BAND_HYSTERESIS, PERTURBATION_MAX), 18, 56);
}

/* Every true count, every noise, every band before: what the hub reads must hold the truth. Noise
 * as DESIGN 4 has it: up to 5 either way, 0 stays 0. */
static void the_truth_lies_within_what_the_hub_reads(void **state) {
    (void)state;
    for (int64_t truth = 0; truth <= 70; truth++) {
        for (int64_t noise = -PERTURBATION_MAX; noise <= PERTURBATION_MAX; noise++) {
            int64_t published = truth == 0 || truth + noise < 0 ? 0 : truth + noise;
            for (int previous = BAND_NONE; previous <= BAND_ABOVE; previous++) {
                enum band band = band_after((enum band)previous, published);
                struct interval read =
                    band == BAND_ABOVE ? interval_of_count(published, PERTURBATION_MAX)
                                       : interval_of_band(band, BAND_HYSTERESIS, PERTURBATION_MAX);
                assert_true(read.low <= truth && truth <= read.high);
            }
        }
    }
}

static void a_published_count_is_uncertain_by_the_noise(void **state) {
    (void)state;
    assert_interval(interval_of_count(60, PERTURBATION_MAX), 55, 65);
    assert_interval(interval_of_count(3, PERTURBATION_MAX), 1, 8);
    assert_interval(interval_of_count(0, PERTURBATION_MAX), 0, 5);
}

static void sums_add_both_ends(void **state) {
    (void)state;
    struct interval a = {.low = 3, .high = 31};
    struct interval b = {.low = 55, .high = 65};
    assert_interval(interval_sum(a, b), 58, 96);
}

static void load_is_cases_per_full_time_equivalent(void **state) {
    (void)state;
    struct interval cases = {.low = 55, .high = 65};
    struct load load = interval_per_fte(cases, 250);
    assert_true(load.known);
    assert_true(load.low == 22.0 && load.high == 26.0);
}

static void load_without_known_hours_is_unknown(void **state) {
    (void)state;
    struct interval cases = {.low = 55, .high = 65};
    assert_false(interval_per_fte(cases, 0).known);
    assert_false(interval_per_fte(cases, -100).known);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_count_falls_in_its_plain_band),
        cmocka_unit_test(a_border_is_crossed_upwards_two_above_it),
        cmocka_unit_test(a_border_is_crossed_downwards_three_below_it),
        cmocka_unit_test(a_jump_over_several_bands_meets_each_border),
        cmocka_unit_test(nothing_is_nothing_whatever_stood_before),
        cmocka_unit_test(only_the_four_bands_have_a_text),
        cmocka_unit_test(a_band_stands_for_all_counts_that_can_be_published_as_it),
        cmocka_unit_test(the_truth_lies_within_what_the_hub_reads),
        cmocka_unit_test(a_published_count_is_uncertain_by_the_noise),
        cmocka_unit_test(sums_add_both_ends),
        cmocka_unit_test(load_is_cases_per_full_time_equivalent),
        cmocka_unit_test(load_without_known_hours_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
