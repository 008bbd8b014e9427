#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/figures/histogram.h"

static struct histogram with_own_edges(void) {
    struct histogram histogram;
    histogram_init(&histogram, HISTOGRAM_EDGES_WEEKS, HISTOGRAM_OWN_EDGES);
    return histogram;
}

static void assert_quantile(const struct histogram *histogram, int percent, double weeks) {
    struct quantile quantile = histogram_quantile(histogram, percent);
    assert_int_equal(quantile.state, QUANTILE_WITHIN);
    assert_true(quantile.weeks > weeks - 1e-9 && quantile.weeks < weeks + 1e-9);
}

static void a_wait_of_exactly_an_edge_belongs_to_the_bin_below(void **state) {
    (void)state;
    struct histogram histogram = with_own_edges();
    static const int32_t waits_days[] = {0, 7, 8, 14, 15, 28, 29, 56, 91, 92, 182, 183, 4000};
    for (size_t i = 0; i < sizeof(waits_days) / sizeof(waits_days[0]); i++) {
        histogram.counts[histogram_own_bin(waits_days[i])]++;
    }
    static const int64_t expected[] = {2, 2, 2, 2, 1, 2, 2};
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(histogram.counts[i], expected[i]);
    }
    assert_int_equal(histogram_total(&histogram), 13);
}

/* By hand. 20 waits: 4, 6, 5, 0, 3, 2, 0 in (0,1] (1,2] (2,4] (4,8] (8,13] (13,26] (26,..).
 * Median: rank 10 is the last of the first two bins: 2 weeks.
 * P80: rank 16, one of the three in (8,13]: 8 + 5/3.
 * P60: rank 12, two of the five in (2,4]: 2 + 2 * 2/5. P10: rank 2, half of the first bin. */
static void quantiles_are_interpolated_within_their_bin(void **state) {
    (void)state;
    struct histogram histogram = with_own_edges();
    static const int64_t counts[] = {4, 6, 5, 0, 3, 2, 0};
    for (size_t i = 0; i < 7; i++) {
        histogram.counts[i] = counts[i];
    }
    assert_quantile(&histogram, 50, 2.0);
    assert_quantile(&histogram, 80, 8.0 + 5.0 / 3.0);
    assert_quantile(&histogram, 60, 2.8);
    assert_quantile(&histogram, 10, 0.5);
}

static void an_empty_bin_never_holds_a_quantile(void **state) {
    (void)state;
    struct histogram histogram = with_own_edges();
    histogram.counts[3] = 8;
    assert_quantile(&histogram, 50, 6.0);
    assert_quantile(&histogram, 1, 4.04);
}

static void a_quantile_in_the_open_bin_is_only_more_than_the_last_edge(void **state) {
    (void)state;
    struct histogram histogram = with_own_edges();
    histogram.counts[0] = 5;
    histogram.counts[6] = 5;
    assert_quantile(&histogram, 50, 1.0);
    struct quantile quantile = histogram_quantile(&histogram, 51);
    assert_int_equal(quantile.state, QUANTILE_BEYOND);
    assert_true(quantile.weeks == 26.0);
}

static void nobody_counted_gives_an_unknown_quantile(void **state) {
    (void)state;
    struct histogram histogram = with_own_edges();
    assert_int_equal(histogram_quantile(&histogram, 50).state, QUANTILE_UNKNOWN);
}

/* NHS England, RTT incomplete pathways, December 2014, commissioner 00C, specialties 100 and 101:
 * medians 6.5 and 6.3 and a 95th percentile of 18.6 weeks, published from one-week bins. Ours are
 * four and eight weeks wide. */
static void published_hospital_waits_are_met_from_wider_bins(void **state) {
    (void)state;
    static const uint16_t edges_weeks[] = {4, 8, 13, 18, 26, 39, 52};
    static const int64_t surgery[] = {178, 135, 127, 52, 23, 5, 1, 0};
    static const int64_t urology[] = {69, 67, 55, 14, 6, 6, 0, 0};
    struct histogram a;
    struct histogram b;
    histogram_init(&a, edges_weeks, 7);
    histogram_init(&b, edges_weeks, 7);
    for (size_t i = 0; i < 8; i++) {
        a.counts[i] = surgery[i];
        b.counts[i] = urology[i];
    }
    assert_int_equal(histogram_total(&a), 521);
    double median_a = histogram_quantile(&a, 50).weeks;
    double median_b = histogram_quantile(&b, 50).weeks;
    double late_a = histogram_quantile(&a, 95).weeks;
    assert_true(median_a > 6.4 && median_a < 6.6);
    assert_true(median_b > 6.2 && median_b < 6.4);
    assert_true(late_a > 18.0 && late_a < 19.1);
}

static void merging_adds_bin_by_bin(void **state) {
    (void)state;
    struct histogram into = with_own_edges();
    struct histogram from = with_own_edges();
    into.counts[0] = 3;
    from.counts[0] = 4;
    from.counts[6] = 2;
    histogram_merge(&into, &from);
    assert_int_equal(into.counts[0], 7);
    assert_int_equal(into.counts[6], 2);
    assert_int_equal(histogram_total(&into), 9);
}

static void other_edges_are_not_the_same_edges(void **state) {
    (void)state;
    static const uint16_t fewer[] = {1, 2, 4, 8, 13};
    static const uint16_t other[] = {1, 2, 4, 8, 13, 27};
    struct histogram own = with_own_edges();
    struct histogram a;
    struct histogram b;
    histogram_init(&a, fewer, 5);
    histogram_init(&b, other, 6);
    assert_true(histogram_same_edges(&own, &own));
    assert_false(histogram_same_edges(&own, &a));
    assert_false(histogram_same_edges(&own, &b));
}

static void edges_that_do_not_rise_are_malformed(void **state) {
    (void)state;
    struct histogram histogram = with_own_edges();
    assert_int_equal(histogram_check(&histogram), REFUSAL_NONE);
    histogram.edges_weeks[2] = 2;
    assert_int_equal(histogram_check(&histogram), REFUSAL_MALFORMED);
    histogram = with_own_edges();
    histogram.edges_weeks[0] = 0;
    assert_int_equal(histogram_check(&histogram), REFUSAL_MALFORMED);
}

static void none_or_too_many_edges_are_malformed(void **state) {
    (void)state;
    struct histogram histogram = with_own_edges();
    histogram.edge_count = 0;
    assert_int_equal(histogram_check(&histogram), REFUSAL_MALFORMED);
    histogram.edge_count = HISTOGRAM_EDGES_MAX + 1;
    assert_int_equal(histogram_check(&histogram), REFUSAL_MALFORMED);
}

static void a_count_outside_the_bins_is_malformed(void **state) {
    (void)state;
    struct histogram histogram = with_own_edges();
    histogram.counts[7] = 1;
    assert_int_equal(histogram_check(&histogram), REFUSAL_MALFORMED);
}

static void a_negative_or_huge_figure_is_implausible(void **state) {
    (void)state;
    struct histogram histogram = with_own_edges();
    histogram.counts[1] = -1;
    assert_int_equal(histogram_check(&histogram), REFUSAL_IMPLAUSIBLE);
    histogram.counts[1] = (int64_t)HISTOGRAM_COUNT_MAX + 1;
    assert_int_equal(histogram_check(&histogram), REFUSAL_IMPLAUSIBLE);
    histogram.counts[1] = HISTOGRAM_COUNT_MAX;
    assert_int_equal(histogram_check(&histogram), REFUSAL_NONE);
    histogram.edges_weeks[5] = HISTOGRAM_EDGE_WEEKS_MAX + 1;
    assert_int_equal(histogram_check(&histogram), REFUSAL_IMPLAUSIBLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_of_exactly_an_edge_belongs_to_the_bin_below),
        cmocka_unit_test(quantiles_are_interpolated_within_their_bin),
        cmocka_unit_test(an_empty_bin_never_holds_a_quantile),
        cmocka_unit_test(a_quantile_in_the_open_bin_is_only_more_than_the_last_edge),
        cmocka_unit_test(nobody_counted_gives_an_unknown_quantile),
        cmocka_unit_test(published_hospital_waits_are_met_from_wider_bins),
        cmocka_unit_test(merging_adds_bin_by_bin),
        cmocka_unit_test(other_edges_are_not_the_same_edges),
        cmocka_unit_test(edges_that_do_not_rise_are_malformed),
        cmocka_unit_test(none_or_too_many_edges_are_malformed),
        cmocka_unit_test(a_count_outside_the_bins_is_malformed),
        cmocka_unit_test(a_negative_or_huge_figure_is_implausible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
