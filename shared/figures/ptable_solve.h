/* Makes rows of perturbation tables: the distribution of largest entropy under the constraints.
 *
 * Not linked into any program that ships: the node reads the integers that ptable_generate.c wrote
 * with this (ptable.h), and a unit test holds both against each other. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/err.h"

enum {
    PTABLE_SOLVE_NOISE_MAX = 8,
    PTABLE_SOLVE_WIDTH = 2 * PTABLE_SOLVE_NOISE_MAX + 1,
};

struct ptable_parameters {
    int noise_max;     /* D, 1 .. PTABLE_SOLVE_NOISE_MAX */
    double variance;   /* V */
    int forbidden_max; /* js */
    /* Probabilities don't fall from one permitted noise to the next up to noise 0; no constraint
     * where noise 0 isn't permitted (`mono` of sdcTools/ptable, R/pt_optim_entropy.R). */
    bool monotone;
};

/* One row in floating point: p[k] belongs to noise[k], rising. */
struct ptable_solution {
    int length;
    int noise[PTABLE_SOLVE_WIDTH];
    double p[PTABLE_SOLVE_WIDTH];
};

/* The row for `count`: maximises -sum p log p with sum p = 1, sum v p = 0, sum v^2 p = V over the
 * noise v in -D..D with count + v >= 0 and not in 1..js. A count of 0 gets noise 0.
 * Source: Fraser & Wooton 2005; Giessing, PSD 2016, LNCS 9867; the closed form p ~ exp(av + bv^2)
 * is the stationary point of the Lagrangian.
 * Errors: ERR_NOT_FOUND where no distribution satisfies the constraints, or only one that gives
 * some permitted noise no probability. */
MUST_CHECK int ptable_solve(const struct ptable_parameters *parameters, int count,
                            struct ptable_solution *ret);

/* The row in whole parts of 2^32, with sum, mean and variance exact; the variance must be whole.
 *
 * Each weight is p rounded to its nearest part, except three neighbours, which the three exact
 * sums then determine. Two machines' p differ by some 1e-15, which is 1e-5 parts: the same
 * integers come out unless a p lies that close to half a part. `ret_margin` is the smallest
 * distance to such a tie, in parts, for the caller to look at.
 * Errors: ERR_NOT_FOUND where the row has no three neighbours or a weight would be negative. */
MUST_CHECK int ptable_round(const struct ptable_solution *solution, int variance,
                            int64_t ret_parts[static PTABLE_SOLVE_WIDTH], double *ret_margin);
