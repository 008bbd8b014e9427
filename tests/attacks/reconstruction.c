/* Attack 8 of PRIVACY 2.4: rebuilding the register from everything that is published of it.
 *
 * The attacker knows the method and its table, knows nothing of the key, and looks for the joint
 * table service x municipality x language (the crossed table that never leaves) that explains the
 * published one-way figures best. In place of an integer programme the search is a Metropolis walk
 * over whole registers, which weighs every solution by its probability instead of finding any one:
 * what it doesn't find isn't in the figures. Measured: how many of the truly unique combinations
 * ("the only Tigrinya-speaking family in Anzegem that asked for housing") it names, how many that
 * it names aren't there, beside somebody who sees the true one-way tables without noise. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "shared/crypto/rng.h"
#include "shared/figures/cellkey.h"
#include "shared/figures/ptable.h"

enum {
    SERVICES = 3,
    PLACES = 5,
    LANGUAGES = 6,
    COMBINATIONS = SERVICES * PLACES * LANGUAGES,
    COLUMNS = SERVICES + PLACES + LANGUAGES + 1, /* and the total */
    CASES_MAX = 80,
    BURN_IN = 20000,
    STEPS = 120000,
    KEEP_EACH = 40,
    ORGS = 100,
};

static const struct disclosure_key key = {.bytes = {8}};
static const int sizes[3] = {SERVICES, PLACES, LANGUAGES};

struct person {
    int at[3]; /* service, place, language */
};

struct org {
    int count;
    struct person people[CASES_MAX];
};

struct published {
    int64_t values[COLUMNS];
    bool exact; /* the comparison: true one-way tables, no noise */
};

static int column(int dimension, int category) {
    static const int starts[3] = {0, SERVICES, SERVICES + PLACES};
    return starts[dimension] + category;
}

static int combination(const struct person *person) {
    return (person->at[0] * PLACES + person->at[1]) * LANGUAGES + person->at[2];
}

/* Zipf: category k is 1/(k+1) as frequent. */
static int draw_category(struct rng *rng, int categories) {
    double total = 0;
    for (int k = 0; k < categories; k++) {
        total += 1.0 / (k + 1);
    }
    double left = (double)rng_below(rng, 1 << 30) / (1 << 30) * total;
    int k = 0;
    while (k + 1 < categories && left >= 1.0 / (k + 1)) {
        left -= 1.0 / (k + 1);
        k++;
    }
    return k;
}

static void count_columns(const struct org *org, int64_t counts[COLUMNS]) {
    memset(counts, 0, COLUMNS * sizeof(counts[0]));
    for (int i = 0; i < org->count; i++) {
        for (int d = 0; d < 3; d++) {
            counts[column(d, org->people[i].at[d])]++;
        }
    }
    counts[COLUMNS - 1] = org->count;
}

static struct published publish(struct rng *rng, const struct org *org, bool exact) {
    struct cell cells[COLUMNS] = {0};
    for (int i = 0; i < org->count; i++) {
        const uint64_t case_key = rng_u64(rng);
        for (int d = 0; d < 3; d++) {
            cell_add(&cells[column(d, org->people[i].at[d])], case_key);
        }
        cell_add(&cells[COLUMNS - 1], case_key);
    }
    struct published published = {.exact = exact};
    for (int c = 0; c < COLUMNS; c++) {
        published.values[c] = exact ? (int64_t)cells[c].count : cell_publish(&key, cells[c]);
    }
    return published;
}

static double log_noise[PTABLE_ROWS][2 * PTABLE_NOISE_MAX + 1];

static void fill_log_noise(void) {
    for (int count = 0; count < PTABLE_ROWS; count++) {
        for (int v = 0; v <= 2 * PTABLE_NOISE_MAX; v++) {
            log_noise[count][v] = -40; /* impossible, but the walk may pass through it */
        }
        double below = 0;
        for (int k = 0; k < PTABLE[count].length; k++) {
            const double upto = ldexp((double)(PTABLE[count].last[k] >> 32) + 1, -32);
            log_noise[count][PTABLE[count].noise[k] + PTABLE_NOISE_MAX] = log(upto - below);
            below = upto;
        }
    }
}

static double likelihood(const struct published *published, int c, int64_t count) {
    const int64_t noise = published->values[c] - count;
    if (noise < -PTABLE_NOISE_MAX || noise > PTABLE_NOISE_MAX) {
        return -40 - 2 * fabs((double)noise);
    }
    return log_noise[count < PTABLE_ROWS ? count : PTABLE_ROWS - 1][noise + PTABLE_NOISE_MAX];
}

/* Two people exchange one attribute: no one-way table sees it, so it's always taken. */
static void exchange(struct rng *rng, struct org *guess) {
    const int a = (int)rng_below(rng, (uint64_t)guess->count);
    const int b = (int)rng_below(rng, (uint64_t)guess->count);
    const int d = (int)rng_below(rng, 3);
    const int kept = guess->people[a].at[d];
    guess->people[a].at[d] = guess->people[b].at[d];
    guess->people[b].at[d] = kept;
}

/* Proposes from the population's own frequencies, so that only the likelihood decides. */
static void change(struct rng *rng, struct org *guess, int64_t counts[COLUMNS],
                   const struct published *published) {
    const int who = (int)rng_below(rng, (uint64_t)guess->count);
    const int d = (int)rng_below(rng, 3);
    const int now = draw_category(rng, sizes[d]);
    if (now == guess->people[who].at[d]) {
        return;
    }
    const int from = column(d, guess->people[who].at[d]);
    const int to = column(d, now);
    const double gain =
        likelihood(published, from, counts[from] - 1) + likelihood(published, to, counts[to] + 1) -
        likelihood(published, from, counts[from]) - likelihood(published, to, counts[to]);
    if (gain >= 0 || (double)rng_below(rng, 1 << 30) / (1 << 30) < exp(gain)) {
        guess->people[who].at[d] = now;
        counts[from]--;
        counts[to]++;
    }
}

/* The probability that a combination holds exactly one case, as the walk sees it. */
static void explore(struct rng *rng, const struct published *published, const struct org *start,
                    double unique[COMBINATIONS]) {
    struct org guess = *start;
    int64_t counts[COLUMNS];
    count_columns(&guess, counts);
    memset(unique, 0, COMBINATIONS * sizeof(unique[0]));
    int kept = 0;
    for (int s = 0; s < BURN_IN + STEPS; s++) {
        exchange(rng, &guess);
        if (!published->exact) {
            change(rng, &guess, counts, published);
        }
        if (s < BURN_IN || s % KEEP_EACH != 0) {
            continue;
        }
        int held[COMBINATIONS] = {0};
        for (int i = 0; i < guess.count; i++) {
            held[combination(&guess.people[i])]++;
        }
        for (int c = 0; c < COMBINATIONS; c++) {
            unique[c] += held[c] == 1;
        }
        kept++;
    }
    for (int c = 0; c < COMBINATIONS; c++) {
        unique[c] /= kept;
    }
}

struct score {
    double truly; /* unique combinations in the register */
    double named; /* combinations that the attacker calls unique with at least 90 % */
    double right; /* of those */
    double best;  /* of the truly unique, how many are among as many best guesses */
};

static void judge(const struct org *org, const double unique[COMBINATIONS], struct score *score) {
    int held[COMBINATIONS] = {0};
    for (int i = 0; i < org->count; i++) {
        held[combination(&org->people[i])]++;
    }
    int truly = 0;
    for (int c = 0; c < COMBINATIONS; c++) {
        truly += held[c] == 1;
        score->named += unique[c] >= 0.9;
        score->right += unique[c] >= 0.9 && held[c] == 1;
    }
    score->truly += truly;
    bool taken[COMBINATIONS] = {false};
    for (int i = 0; i < truly; i++) {
        int best = -1;
        for (int c = 0; c < COMBINATIONS; c++) {
            if (!taken[c] && (best < 0 || unique[c] > unique[best])) {
                best = c;
            }
        }
        taken[best] = true;
        score->best += held[best] == 1;
    }
}

/* `knows`: published figures, true one-way tables, or nothing but the population's frequencies. */
enum knows { KNOWS_FREQUENCIES, KNOWS_PUBLISHED, KNOWS_TRUE_TABLES };

static struct org draw_org(struct rng *rng, int cases) {
    struct org org = {.count = cases};
    for (int i = 0; i < cases; i++) {
        for (int d = 0; d < 3; d++) {
            org.people[i].at[d] = draw_category(rng, sizes[d]);
        }
    }
    return org;
}

static struct score attack(enum knows knows, int cases, int orgs) {
    struct rng world;
    struct rng attacker;
    rng_init(&world, (const uint8_t[32]){8});
    rng_init(&attacker, (const uint8_t[32]){9});
    struct score score = {0};
    for (int o = 0; o < orgs; o++) {
        const struct org org = draw_org(&world, cases);
        const struct org other = draw_org(&world, cases);
        const struct published published =
            publish(&world, knows == KNOWS_FREQUENCIES ? &other : &org, knows == KNOWS_TRUE_TABLES);
        /* Who knows the true tables starts from any register that has them: the walk begins at the
         * true one and has lost every trace of it when it first counts. */
        const struct org start = knows == KNOWS_TRUE_TABLES ? org : draw_org(&attacker, cases);
        double unique[COMBINATIONS];
        explore(&attacker, &published, &start, unique);
        judge(&org, unique, &score);
    }
    return score;
}

int main(void) {
    static const char *const texts[] = {"figures of another organisation", "published figures",
                                        "true one-way tables"};
    fill_log_noise();
    double best[3] = {0};
    double named = 0;
    for (int cases = 55; cases <= CASES_MAX; cases += 25) {
        for (enum knows knows = KNOWS_FREQUENCIES; knows <= KNOWS_TRUE_TABLES; knows++) {
            const struct score s = attack(knows, cases, ORGS);
            printf("%d cases, %-32s: %4.1f %% of unique combinations among the best guesses; "
                   "%.0f named with 90 %% confidence, %.0f right\n",
                   cases, texts[knows], 100 * s.best / s.truly, s.named, s.right);
            best[knows] += s.best / s.truly / 2;
            if (knows == KNOWS_PUBLISHED) {
                named += s.named;
            }
        }
    }
    printf("gain over knowing nothing of the organisation: published %.1f points, true tables "
           "%.1f points\n",
           100 * (best[KNOWS_PUBLISHED] - best[KNOWS_FREQUENCIES]),
           100 * (best[KNOWS_TRUE_TABLES] - best[KNOWS_FREQUENCIES]));
    /* Nobody may be picked out with confidence, and noise must cost the attacker something. */
    const bool safe = named == 0 && best[KNOWS_PUBLISHED] - best[KNOWS_FREQUENCIES] < 0.10 &&
                      best[KNOWS_PUBLISHED] < best[KNOWS_TRUE_TABLES];
    return safe ? 0 : 1;
}
