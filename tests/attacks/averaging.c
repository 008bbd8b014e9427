/* Attack 2 of PRIVACY 2.4: averaging over partitions (Asghar & Kaafar, PETS 2020).
 *
 * The same 60 cases are cut into 6 cells in m unrelated ways; each way's published cells add up to
 * the total plus six draws of noise, and the mean of m such sums is the attacker's estimate. Shows
 * why no query beyond the fixed tables exists. Ends with status 1 where a figure lies beyond what
 * an independent simulation found (PRIVACY 2.4, 2). */
#include <math.h>
#include <stdio.h>

#include "shared/crypto/rng.h"
#include "shared/figures/cellkey.h"
#include "shared/figures/ptable.h"

enum { CASES = 60, PARTS = 6 };

static const struct disclosure_key key = {.bytes = {2}};

struct result {
    double error; /* root of the mean square */
    double exact; /* share of rounded estimates that are the true total */
};

static int64_t one_partition(struct rng *rng, const uint64_t *keys) {
    struct cell parts[PARTS] = {0};
    int64_t sum = 0;
    for (int i = 0; i < CASES; i++) {
        cell_add(&parts[rng_below(rng, PARTS)], keys[i]);
    }
    for (int i = 0; i < PARTS; i++) {
        sum += cell_publish(&key, parts[i]);
    }
    return sum;
}

static struct result average(struct rng *rng, int partitions, int trials) {
    struct result result = {0};
    for (int trial = 0; trial < trials; trial++) {
        uint64_t keys[CASES];
        rng_fill(rng, keys, sizeof(keys));
        double sum = 0;
        for (int i = 0; i < partitions; i++) {
            sum += (double)one_partition(rng, keys);
        }
        const double off = sum / partitions - CASES;
        result.error += off * off / trials;
        result.exact += fabs(off) < 0.5 ? 1.0 / trials : 0;
    }
    result.error = sqrt(result.error);
    return result;
}

/* What the signal really gives: the total itself (variance 3) and the sums of its parts by service
 * (3 cells), municipality (4) and language (5), weighted by their certainty. */
static double fixed_tables(struct rng *rng, int trials) {
    static const int sizes[] = {1, 3, 4, 5};
    double error = 0;
    for (int trial = 0; trial < trials; trial++) {
        double sum = 0;
        double weights = 0;
        uint64_t keys[CASES];
        rng_fill(rng, keys, sizeof(keys));
        for (int table = 0; table < 4; table++) {
            struct cell parts[5] = {0};
            for (int i = 0; i < CASES; i++) {
                cell_add(&parts[rng_below(rng, (uint64_t)sizes[table])], keys[i]);
            }
            for (int i = 0; i < sizes[table]; i++) {
                sum += (double)cell_publish(&key, parts[i]) / sizes[table];
            }
            weights += 1.0 / sizes[table];
        }
        const double off = sum / weights - CASES;
        error += off * off / trials;
    }
    return sqrt(error);
}

int main(void) {
    static const struct {
        int partitions;
        int trials;
        double expected;
    } known[] = {
        {1, 4000, 4.2}, {4, 4000, 2.0}, {20, 2000, 0.96}, {100, 800, 0.45}, {400, 400, -1}};
    struct rng rng;
    rng_init(&rng, (const uint8_t[32]){2});
    int wrong = 0;
    printf("partitions  error  exactly right\n");
    for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const struct result result = average(&rng, known[i].partitions, known[i].trials);
        printf("%10d %6.2f %8.0f %%\n", known[i].partitions, result.error, 100 * result.exact);
        wrong += known[i].expected > 0 &&
                 fabs(result.error - known[i].expected) > 0.08 * known[i].expected;
        wrong += known[i].partitions == 400 && result.exact < 0.94;
    }
    const double fixed = fixed_tables(&rng, 20000);
    printf("the signal's own four tables: error %.2f, the total alone %.2f\n", fixed,
           sqrt(PTABLE_VARIANCE));
    wrong += fixed < 1.2;
    return wrong == 0 ? 0 : 1;
}
