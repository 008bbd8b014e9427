/* Known answers: tests/data/ptable-reference.csv (Eurostat, made by sdcTools/ptable) and hand
 * arithmetic; the committed integers are held against our solver and against exact sums. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "shared/figures/interval.h"
#include "shared/figures/ptable.h"
#include "shared/figures/ptable_solve.h"

static const struct ptable_parameters ours = {
    .noise_max = PTABLE_NOISE_MAX,
    .variance = PTABLE_VARIANCE,
    .forbidden_max = PTABLE_FORBIDDEN_MAX,
};

/* cmocka compares as float, which is too coarse here. */
static void assert_near(double value, double expected, double off) {
    if (!(fabs(value - expected) <= off)) {
        fail_msg("%.12f isn't %.12f", value, expected);
    }
}

static void solve_published(int count, struct ptable_solution *ret) {
    const struct ptable_parameters published = {
        .noise_max = 2, .variance = 1.08, .forbidden_max = 1, .monotone = count != 3};
    assert_int_equal(ptable_solve(&published, count, ret), 0);
}

static void the_published_table_is_reproduced(void **state) {
    FILE *file = fopen(REFERENCE, "re");
    assert_non_null(file);
    char line[512];
    int rows = 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        int i;
        int j;
        int v;
        double p;
        if (sscanf(line, "%d;%d;%lf;%d;", &i, &j, &p, &v) != 4) {
            continue;
        }
        struct ptable_solution s;
        solve_published(i, &s);
        int k = 0;
        while (k < s.length && s.noise[k] != v) {
            k++;
        }
        assert_true(k < s.length);
        assert_near(s.p[k], p, 1e-8);
        rows++;
    }
    (void)fclose(file);
    assert_int_equal(rows, 17);
}

/* D=2, V=1.08, js=1, count 1: noise -1, 1, 2 and three equations, by hand: p(-1) = 0.5133.., p(1) =
 * 0.46, p(2) = 0.02666.. */
static void three_noises_leave_no_choice(void **state) {
    struct ptable_solution s;
    solve_published(1, &s);
    assert_int_equal(s.length, 3);
    assert_near(s.p[0], 1.54 / 3, 1e-12);
    assert_near(s.p[1], 0.46, 1e-12);
    assert_near(s.p[2], 0.08 / 3, 1e-12);
}

/* js=4: counts 2 and 3 go to 0 or to 5 and more, which is variance 6 at least (2 * 3 and 3 * 2). */
static void a_variance_that_no_distribution_has_is_refused(void **state) {
    const struct ptable_parameters narrow = {.noise_max = 8, .variance = 4, .forbidden_max = 4};
    struct ptable_solution s;
    assert_int_equal(ptable_solve(&narrow, 2, &s), ERR_NOT_FOUND);
    assert_int_equal(ptable_solve(&narrow, 3, &s), ERR_NOT_FOUND);
    const struct ptable_parameters wide = {.noise_max = 2, .variance = 4.5};
    assert_int_equal(ptable_solve(&wide, 9, &s), ERR_NOT_FOUND);
}

/* Count 3 of the published parameters: without the constraint p(-1) > p(0). With it they're equal:
 * q, q, x, y with 2q + x + y = 1, -q + x + 2y = 0, q + x + 4y = 1.08; so q + y = 0.54 and
 * 3q - y = 1, and q = 0.385, y = 0.155, x = 0.075. */
static void the_monotone_option_ties_what_would_fall(void **state) {
    struct ptable_parameters published = {.noise_max = 2, .variance = 1.08, .forbidden_max = 1};
    struct ptable_solution s;
    assert_int_equal(ptable_solve(&published, 3, &s), 0);
    assert_true(s.p[0] > s.p[1] + 0.1);
    published.monotone = true;
    assert_int_equal(ptable_solve(&published, 3, &s), 0);
    assert_near(s.p[0], 0.385, 1e-9);
    assert_near(s.p[1], 0.385, 1e-9);
    assert_near(s.p[2], 0.075, 1e-9);
    assert_near(s.p[3], 0.155, 1e-9);
}

static int64_t parts_of(const struct ptable_row *row, int k) {
    const uint64_t below = k == 0 ? 0 : row->last[k - 1] + 1;
    assert_int_equal((uint32_t)(row->last[k] + 1), 0);
    return (int64_t)((row->last[k] - below + 1) >> 32) + (row->length == 1 ? INT64_C(1) << 32 : 0);
}

static void the_committed_integers_are_what_the_solver_makes(void **state) {
    for (int count = 0; count < PTABLE_ROWS; count++) {
        struct ptable_solution s;
        int64_t parts[PTABLE_SOLVE_WIDTH];
        double margin = 0;
        assert_int_equal(ptable_solve(&ours, count, &s), 0);
        assert_int_equal(ptable_round(&s, PTABLE_VARIANCE, parts, &margin), 0);
        assert_true(margin > 1e-3); /* 100 times what two machines' p may differ */
        assert_int_equal(PTABLE[count].length, s.length);
        for (int k = 0; k < s.length; k++) {
            assert_int_equal(PTABLE[count].noise[k], s.noise[k]);
            assert_int_equal(parts_of(&PTABLE[count], k), parts[k]);
            assert_near(ldexp((double)parts[k], -32), s.p[k], 1e-8);
        }
        assert_true(PTABLE[count].last[s.length - 1] == UINT64_MAX);
    }
}

static void every_row_has_mean_0_and_variance_3_exactly(void **state) {
    const int64_t whole = INT64_C(1) << 32;
    for (int count = 1; count < PTABLE_ROWS; count++) {
        int64_t sum = 0;
        int64_t mean = 0;
        int64_t square = 0;
        for (int k = 0; k < PTABLE[count].length; k++) {
            const int64_t noise = PTABLE[count].noise[k];
            const int64_t parts = parts_of(&PTABLE[count], k);
            assert_true(parts > 0);
            sum += parts;
            mean += noise * parts;
            square += noise * noise * parts;
        }
        assert_true(sum == whole && mean == 0 && square == 3 * whole);
    }
}

static void one_and_two_never_occur_and_zero_stays(void **state) {
    const uint64_t keys[] = {0, 1, UINT64_MAX / 2, UINT64_MAX - 1, UINT64_MAX};
    for (unsigned k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
        assert_int_equal(ptable_noise(0, keys[k]), 0);
    }
    for (int count = 1; count < PTABLE_ROWS; count++) {
        for (int k = 0; k < PTABLE[count].length; k++) {
            const int published = count + PTABLE[count].noise[k];
            assert_true(published == 0 || published > PTABLE_FORBIDDEN_MAX);
        }
    }
    assert_int_equal(PTABLE_NOISE_MAX, PERTURBATION_MAX); /* what the hub widens intervals by */
}

static void a_key_on_a_border_belongs_below_it(void **state) {
    const struct ptable_row *row = &PTABLE[1];
    assert_int_equal(ptable_noise(1, 0), -1);
    assert_int_equal(ptable_noise(1, row->last[0]), -1);
    assert_int_equal(ptable_noise(1, row->last[0] + 1), 2);
    assert_int_equal(ptable_noise(1, UINT64_MAX), 5);
}

static void the_last_row_serves_all_larger_counts(void **state) {
    for (uint64_t key = 1; key < 1000; key++) {
        const uint64_t spread = key * UINT64_C(0x9e3779b97f4a7c15);
        assert_int_equal(ptable_noise(8, spread), ptable_noise(9, spread));
        assert_int_equal(ptable_noise(8, spread), ptable_noise(UINT64_MAX, spread));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_table_is_reproduced),
        cmocka_unit_test(three_noises_leave_no_choice),
        cmocka_unit_test(a_variance_that_no_distribution_has_is_refused),
        cmocka_unit_test(the_monotone_option_ties_what_would_fall),
        cmocka_unit_test(the_committed_integers_are_what_the_solver_makes),
        cmocka_unit_test(every_row_has_mean_0_and_variance_3_exactly),
        cmocka_unit_test(one_and_two_never_occur_and_zero_stays),
        cmocka_unit_test(a_key_on_a_border_belongs_below_it),
        cmocka_unit_test(the_last_row_serves_all_larger_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
