/* The attacks of PRIVACY 2.4 that belong in every run: 1, 3, 4, 5, 9, 10, 11. Each prints what the
 * attacker achieved; the bounds are those of an independent simulation (PRIVACY 2.4, marked [V])
 * or exact sums over the table. Attacks 2 and 8 are programs in tests/attacks. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "node/core/disclosure.h"
#include "shared/crypto/rng.h"
#include "shared/figures/ptable.h"
#include "shared/figures/ptable_solve.h"

enum { MONDAY = 20780 /* 2026-11-23 */, CASES = 240 };

static const struct disclosure_key key = {.bytes = {42}};

static int setup(void **state) {
    struct arena *arena;
    const int r = arena_new(64 << 20, &arena);
    *state = arena;
    return r;
}

static int teardown(void **state) {
    arena_free(*state);
    return 0;
}

/* cmocka compares as float and warns about it. */
static void assert_near(double value, double expected, double off) {
    if (!(fabs(value - expected) <= off)) {
        fail_msg("%f isn't %f", value, expected);
    }
}

static struct rng seeded(uint8_t number) {
    const uint8_t seed[32] = {number};
    struct rng rng;
    rng_init(&rng, seed);
    return rng;
}

/* P(published | true count), from the committed integers. */
static double probability(uint64_t count, int64_t published) {
    const struct ptable_row *row = &PTABLE[count < PTABLE_ROWS ? count : PTABLE_ROWS - 1];
    double below = 0;
    for (int k = 0; k < row->length; k++) {
        const double upto = ldexp((double)(row->last[k] >> 32) + 1, -32);
        if ((int64_t)count + row->noise[k] == published) {
            return upto - below;
        }
        below = upto;
    }
    return 0;
}

/* ---- a register to publish ---- */

static struct disclosure_case case_at(int number, char own_id[static 16]) {
    static const char *const services[] = {"budget", "onthaal", "wonen"};
    static const char *const languages[] = {"ara", "fas", "tir", "ukr"};
    (void)snprintf(own_id, 16, "K%d", number);
    struct disclosure_case one = {
        .own_id = bytes_from_text(own_id),
        .nis = {34000 + (uint32_t)(number * number % 7)},
        .asked_day = MONDAY - 1 - number % 200,
        .first_appointment_day = number % 3 == 0 ? DAY_NONE : MONDAY - 1 - number % 90,
        .last_contact_day = MONDAY - 1 - number % 60,
        .closed_day = DAY_NONE,
    };
    (void)snprintf(one.service.text, sizeof(one.service.text), "%s", services[number % 3]);
    (void)snprintf(one.language.code, sizeof(one.language.code), "%s", languages[number / 5 % 4]);
    return one;
}

/* Feeds the cases in steps of `step` (coprime with CASES), all but number `absent`. */
static struct disclosure decide(void **state, const struct disclosure_key *with, int step,
                                int absent) {
    struct weekly *weekly;
    assert_int_equal(weekly_new(*state, with, MONDAY, &weekly), 0);
    for (int i = 0; i < CASES; i++) {
        const int number = i * step % CASES;
        char own_id[16];
        const struct disclosure_case one = case_at(number, own_id);
        if (number != absent) {
            assert_int_equal(weekly_add(weekly, &one), 0);
        }
    }
    struct disclosure out;
    assert_int_equal(disclosure_decide(weekly, NULL, START_EVENT_ASKED, *state, &out), 0);
    return out;
}

static struct bytes encoded(void **state, const struct disclosure *disclosure) {
    struct bytes body;
    assert_int_equal(signal_encode(&disclosure->signal, *state, &body), 0);
    return body;
}

/* ---- 1 and 9 ---- */

static void repeating_a_question_gives_the_same_number(void **state) {
    struct rng rng = seeded(1);
    int differing = 0;
    for (int set = 0; set < 2000; set++) {
        uint64_t keys[40];
        rng_fill(&rng, keys, sizeof(keys));
        struct cell forwards = {0};
        struct cell backwards = {0};
        for (int i = 0; i < 40; i++) {
            cell_add(&forwards, keys[i]);
            cell_add(&backwards, keys[39 - i]);
        }
        differing += cell_publish(&key, forwards) != cell_publish(&key, backwards);
    }
    print_message("# attack 1, repeat: %d of 2000 repeated sets gave another number\n", differing);
    assert_int_equal(differing, 0);
}

static void a_restart_or_a_restored_backup_draws_no_new_noise(void **state) {
    const struct disclosure before = decide(state, &key, 1, -1);
    struct disclosure_key restored;
    memcpy(&restored, &key, sizeof(restored));
    const struct disclosure after = decide(state, &restored, 7, -1);
    assert_true(bytes_equal(encoded(state, &before), encoded(state, &after)));

    struct disclosure_key lost = key;
    lost.bytes[0]++;
    const struct disclosure redrawn = decide(state, &lost, 1, -1);
    const bool changed = !bytes_equal(encoded(state, &before), encoded(state, &redrawn));
    print_message("# attack 9, restore: same bytes with the kept key; with a lost key %s\n",
                  changed ? "other ones" : "the same");
    assert_true(changed);
}

/* ---- 3 ---- */

struct insider {
    int cells;         /* how many cells of the signal hold the family, each with its own noise */
    int looks;         /* weeks */
    uint32_t others;   /* cases beside it */
    uint32_t replaced; /* of them, between two looks: known to the insider */
};

/* How often an insider who knows every other case guesses right whether one more is there. */
static double guess(struct rng *rng, const struct insider *insider, int trials) {
    double right = 0;
    for (int trial = 0; trial < trials; trial++) {
        const bool present = rng_below(rng, 2) == 1;
        double evidence = 0; /* log of P(seen | present) / P(seen | absent) */
        for (int c = 0; c < insider->cells; c++) {
            struct cell cell = {.count = insider->others, .key = rng_u64(rng)};
            if (present) {
                cell_add(&cell, rng_u64(rng));
            }
            for (int look = 0; look < insider->looks; look++) {
                /* The sum of the keys that left and came is as uniform as one key. */
                cell.key += insider->replaced > 0 ? rng_u64(rng) : 0;
                const int64_t seen = cell_publish(&key, cell);
                if (look == 0 || insider->replaced > 0) {
                    evidence += log(fmax(probability(insider->others + 1, seen), 1e-30)) -
                                log(fmax(probability(insider->others, seen), 1e-30));
                }
            }
        }
        right += evidence == 0 ? 0.5 : (evidence > 0) == present;
    }
    return right / trials;
}

static void an_insider_learns_slowly_from_one_cell(void **state) {
    /* PRIVACY 2.4, 3: 61 % after 1 look, 73 (5), 84 (13), 95 (30), 99 (60). */
    static const struct {
        int looks;
        double expected;
    } known[] = {{1, 0.61}, {5, 0.73}, {13, 0.84}, {30, 0.95}, {60, 0.99}};
    struct rng rng = seeded(3);
    for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const struct insider insider = {
            .cells = 1, .looks = known[i].looks, .others = 60, .replaced = 3};
        const double right = guess(&rng, &insider, 6000);
        print_message("# attack 3, one cell, %d looks with other noise: %.1f %% right\n",
                      known[i].looks, 100 * right);
        assert_near(right, known[i].expected, 0.02);
    }
}

static void a_quarter_of_weekly_freezes_and_what_it_gives_away(void **state) {
    struct rng rng = seeded(4);
    const struct insider quiet = {.cells = 1, .looks = 13, .others = 60, .replaced = 0};
    const struct insider daily = {.cells = 1, .looks = 91, .others = 60, .replaced = 3};
    const struct insider all = {.cells = 4, .looks = 13, .others = 60, .replaced = 3};
    const double as_one_look = guess(&rng, &quiet, 6000);
    const double as_daily = guess(&rng, &daily, 2000);
    const double as_all = guess(&rng, &all, 3000);
    print_message("# attack 3, a quarter of freezes, nothing else changing: %.1f %%\n",
                  100 * as_one_look);
    print_message("# attack 3, a quarter of daily figures instead: %.1f %%\n", 100 * as_daily);
    print_message("# attack 3, a quarter of freezes, total and three parts all changing weekly: "
                  "%.1f %%\n",
                  100 * as_all);
    assert_near(as_one_look, 0.61, 0.02); /* unchanged figures are one look */
    assert_true(as_daily > 0.99);         /* what the freeze is against */
    assert_true(as_all > 0.95);           /* the limit that SECURITY.md has to state */
}

/* In a week in which nothing else changes in a cell, its number changing at all is the news. */
static void joining_a_quiet_cell_shows(void **state) {
    struct rng rng = seeded(5);
    const int trials = 20000;
    int seen = 0;
    for (int i = 0; i < trials; i++) {
        struct cell cell = {.count = 20, .key = rng_u64(&rng)};
        const int64_t before = cell_publish(&key, cell);
        cell_add(&cell, rng_u64(&rng));
        seen += cell_publish(&key, cell) != before;
    }
    const double share = (double)seen / trials;
    double unseen = 0; /* exactly: noise one lower than before */
    for (int64_t v = -4; v <= 5; v++) {
        unseen += probability(20, 20 + v) * probability(20, 20 + v - 1);
    }
    print_message("# attack 3, one family joins a cell that is otherwise the same: shows in "
                  "%.1f %% of weeks\n",
                  100 * share);
    assert_near(share, 1 - unseen, 0.01);
}

/* ---- 4 ---- */

static void withholding_the_extreme_noise_would_make_the_next_one_certain(void **state) {
    const double at_5 = probability(60, 65);
    const double at_4 = probability(60, 64);
    print_message("# attack 4, certainty in one look: %.2f %%; if +-5 were withheld, by the value "
                  "then extreme: %.2f %%\n",
                  100 * at_5, 100 * at_4);
    assert_near(at_5, 0.0038, 0.0001); /* PRIVACY 2.2 */
    assert_true(at_4 > 4 * at_5);
}

/* ---- 5 ---- */

static void a_number_above_zero_proves_somebody_and_zero_proves_nothing(void **state) {
    struct rng rng = seeded(6);
    int proven = 0;
    const int trials = 20000;
    for (int i = 0; i < trials; i++) {
        assert_int_equal(cell_publish(&key, (struct cell){.count = 0}), 0);
        const int64_t one = cell_publish(&key, (struct cell){.count = 1, .key = rng_u64(&rng)});
        assert_true(one == 0 || one >= 3);
        proven += one > 0;
    }
    print_message("# attack 5, a cell of one case is proved not to be empty in %.1f %%\n",
                  100.0 * proven / trials);
    for (uint64_t count = 1; count <= PTABLE_NOISE_MAX; count++) {
        print_message("# attack 5, a cell of %d is published as 0 in %.1f %%\n", (int)count,
                      100 * probability(count, 0));
        assert_true(probability(count, 0) > 0.02);
    }
    assert_near((double)proven / trials, 1 - probability(1, 0), 0.01);
}

/* ---- 10 ---- */

static void time_and_length_are_the_same_with_and_without_one_case(void **state) {
    const struct disclosure all = decide(state, &key, 1, -1);
    const size_t whole = encoded(state, &all).length;
    int differing = 0;
    for (int absent = 0; absent < CASES; absent += 4) {
        const struct disclosure less = decide(state, &key, 1, absent);
        differing += encoded(state, &less).length != whole;
    }
    print_message("# attack 10, length: %d of 60 registers one case smaller gave another length\n",
                  differing);
    assert_int_equal(differing, 0);
    const struct org_id org = {.text = "ocmw-34022"};
    const struct org_id other = {.text = "ocmw-34023"};
    assert_int_equal(publish_offset_minutes(&org), publish_offset_minutes(&org));
    assert_int_not_equal(publish_offset_minutes(&org), publish_offset_minutes(&other));
}

/* ---- 11 ---- */

/* Chi-square of `draws` published values of a count against the solver's distribution. */
static double chi_square(struct rng *rng, int count, int taken_as, int draws, int *freedom) {
    const struct ptable_parameters ours = {.noise_max = 5, .variance = 3, .forbidden_max = 2};
    struct ptable_solution s;
    assert_int_equal(ptable_solve(&ours, count, &s), 0);
    int seen[2 * PTABLE_NOISE_MAX + 1] = {0};
    for (int i = 0; i < draws; i++) {
        const struct cell cell = {.count = (uint64_t)taken_as, .key = rng_u64(rng)};
        seen[cell_publish(&key, cell) - taken_as + PTABLE_NOISE_MAX]++;
    }
    double sum = 0;
    int explained = 0;
    for (int k = 0; k < s.length; k++) {
        const double expected = s.p[k] * draws;
        const double off = seen[s.noise[k] + PTABLE_NOISE_MAX] - expected;
        sum += off * off / expected;
        explained += seen[s.noise[k] + PTABLE_NOISE_MAX];
    }
    *freedom = s.length - 1;
    return explained == draws ? sum : INFINITY;
}

static void a_million_draws_follow_the_exact_distribution(void **state) {
    struct rng rng = seeded(11);
    double sum = 0;
    int freedom = 0;
    for (int count = 1; count <= 8; count++) {
        int own = 0;
        const double chi = chi_square(&rng, count, count, 125000, &own);
        print_message("# attack 11, count %d: chi-square %.1f on %d degrees of freedom\n", count,
                      chi, own);
        assert_true(chi < own + 5 * sqrt(2.0 * own));
        sum += chi;
        freedom += own;
    }
    /* Within 4 standard deviations of a chi-square's mean, both ways: too good is wrong too. */
    assert_true(fabs(sum - freedom) < 4 * sqrt(2.0 * freedom));
    /* The test sees a wrong row: count 8 drawn as if it were 7. */
    int own = 0;
    assert_true(chi_square(&rng, 7, 8, 125000, &own) > 1000);
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeating_a_question_gives_the_same_number),
        WITH_ARENA(a_restart_or_a_restored_backup_draws_no_new_noise),
        cmocka_unit_test(an_insider_learns_slowly_from_one_cell),
        cmocka_unit_test(a_quarter_of_weekly_freezes_and_what_it_gives_away),
        cmocka_unit_test(joining_a_quiet_cell_shows),
        cmocka_unit_test(withholding_the_extreme_noise_would_make_the_next_one_certain),
        cmocka_unit_test(a_number_above_zero_proves_somebody_and_zero_proves_nothing),
        WITH_ARENA(time_and_length_are_the_same_with_and_without_one_case),
        cmocka_unit_test(a_million_draws_follow_the_exact_distribution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
