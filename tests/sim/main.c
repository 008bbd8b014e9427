#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/civil.h"
#include "shared/crypto/random.h"
#include "tests/sim/world.h"

/* sim --seeds A-B | --seed S [--families] [--verbose] [--twice N] [--option name=value]...
 * [--expect VIOLATION]
 *
 * Runs each seed; the first N twice, comparing their traces. Ends with 0 when all promises held,
 * or, with --expect (which may be given again), when the first run that broke a promise broke one
 * of those named: for negative controls. */

struct plan {
    uint64_t from;
    uint64_t to;
    uint64_t twice;
    bool verbose;
    bool families;
    uint64_t expected; /* bits, by violation */
    const char *options[64];
    size_t option_count;
};

struct tally {
    uint64_t runs;
    uint64_t steps;
    uint64_t facts;
    uint64_t deaths;
    double node_weeks;
};

static int usage(void) {
    (void)fprintf(stderr, "usage: sim --seed S | --seeds A-B [--families] [--verbose] [--twice N]"
                          " [--option name=value] [--expect VIOLATION]\n");
    return EXIT_FAILURE;
}

static enum violation violation_of(const char *name) {
    static const char *const names[] = {"",
#define X(name, text) #name,
                                        VIOLATION_LIST(X)
#undef X
    };
    for (size_t i = 1; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], name) == 0) {
            return (enum violation)i;
        }
    }
    return VIOLATION_NONE;
}

static bool read_seeds(const char *text, struct plan *plan) {
    char *end;
    plan->from = strtoull(text, &end, 10);
    plan->to = plan->from;
    if (*end == '-') {
        plan->to = strtoull(end + 1, &end, 10);
    }
    return *end == '\0' && plan->from <= plan->to;
}

static bool read_arguments(int count, char **arguments, struct plan *plan) {
    bool seeds = false;
    for (int i = 1; i < count; i++) {
        const char *name = arguments[i];
        if (strcmp(name, "--verbose") == 0) {
            plan->verbose = true;
            continue;
        }
        if (strcmp(name, "--families") == 0) {
            plan->families = true;
            continue;
        }
        const char *value = i + 1 < count ? arguments[++i] : "";
        if (strcmp(name, "--seed") == 0 || strcmp(name, "--seeds") == 0) {
            seeds = read_seeds(value, plan);
        } else if (strcmp(name, "--twice") == 0) {
            plan->twice = strtoull(value, NULL, 10);
        } else if (strcmp(name, "--expect") == 0) {
            plan->expected |= (uint64_t)1 << violation_of(value);
            seeds = seeds && violation_of(value) != VIOLATION_NONE;
        } else if (strcmp(name, "--option") == 0 && plan->option_count < 64) {
            plan->options[plan->option_count++] = value;
        } else {
            return false;
        }
    }
    return seeds;
}

static bool draw(const struct plan *plan, uint64_t seed, struct options *ret) {
    if (plan->families) {
        options_draw_families(seed, ret);
    } else {
        options_draw(seed, ret);
    }
    for (size_t i = 0; i < plan->option_count; i++) {
        if (options_set(ret, plan->options[i]) < 0) {
            (void)fprintf(stderr, "no such option: %s\n", plan->options[i]);
            return false;
        }
    }
    return true;
}

static void tell_how_to_repeat(const struct plan *plan, uint64_t seed,
                               const struct options *options) {
    (void)plan;
    (void)fprintf(stderr, "again: sim --verbose --seed %llu", (unsigned long long)seed);
    options_print(options, stderr);
    (void)fprintf(stderr, "\n");
}

static bool same_again(const struct plan *plan, uint64_t seed, const struct options *options,
                       const struct verdict *first) {
    struct verdict second;
    world_run(seed, options, false, &second);
    if (digest_equal(&first->trace, &second.trace)) {
        return true;
    }
    (void)fprintf(stderr, "seed %llu: two runs differ\n", (unsigned long long)seed);
    tell_how_to_repeat(plan, seed, options);
    return false;
}

/* 0: as it should be, and the seeds go on; else what the program ends with, plus one. */
static int run_seed(const struct plan *plan, uint64_t seed, struct tally *tally) {
    struct options options;
    struct verdict verdict;
    if (!draw(plan, seed, &options)) {
        return 1 + EXIT_FAILURE;
    }
    world_run(seed, &options, plan->verbose, &verdict);
    tally->runs++;
    tally->steps += verdict.steps;
    tally->facts += verdict.facts;
    tally->deaths += verdict.deaths;
    tally->node_weeks += verdict.node_weeks;
    if (verdict.violation != VIOLATION_NONE) {
        tell_how_to_repeat(plan, seed, &options);
        return 1 + ((plan->expected >> verdict.violation & 1) != 0 ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    bool twice = seed < plan->from + plan->twice;
    return !twice || same_again(plan, seed, &options, &verdict) ? 0 : 1 + EXIT_FAILURE;
}

int main(int count, char **arguments) {
    struct plan plan = {0};
    struct tally tally = {0};
    int ended = 0;
    if (!read_arguments(count, arguments, &plan)) {
        return usage();
    }
    if (random_init() < 0) {
        return EXIT_FAILURE;
    }
    for (uint64_t seed = plan.from; seed <= plan.to && ended == 0; seed++) {
        ended = run_seed(&plan, seed, &tally);
    }
    (void)printf("%llu runs, %.1f node-weeks, %llu steps, %llu facts, %llu deaths\n",
                 (unsigned long long)tally.runs, tally.node_weeks, (unsigned long long)tally.steps,
                 (unsigned long long)tally.facts, (unsigned long long)tally.deaths);
    if (ended == 0 && plan.expected != 0) {
        (void)fprintf(stderr, "no run broke the promise that was to be broken\n");
        return EXIT_FAILURE;
    }
    return ended == 0 ? EXIT_SUCCESS : ended - 1;
}
