/* Prints shared/figures/ptable_d5_v3_js2.inc, the table that the node perturbs with.
 *
 * Run by whoever changes the parameters, never at build time: the integers are committed, for a
 * changed table would draw new noise for every figure ever published. */
#include <inttypes.h>
#include <stdio.h>

#include "shared/figures/ptable.h"
#include "shared/figures/ptable_solve.h"

static void print_row(int count, const struct ptable_solution *solution, const int64_t *parts) {
    printf("    /* count %d%s */\n", count, count == PTABLE_ROWS - 1 ? " and more" : "");
    printf("    {.length = %d,\n     .noise = {", solution->length);
    for (int k = 0; k < solution->length; k++) {
        printf("%s%d", k == 0 ? "" : ", ", solution->noise[k]);
    }
    printf("},\n     .last = {");
    uint64_t below = 0;
    for (int k = 0; k < solution->length; k++) {
        below += (uint64_t)parts[k] << 32;
        printf("%sUINT64_C(0x%016" PRIx64 ")", k == 0 ? "" : ",\n              ", below - 1);
    }
    printf("}},\n");
}

int main(void) {
    const struct ptable_parameters parameters = {
        .noise_max = PTABLE_NOISE_MAX,
        .variance = PTABLE_VARIANCE,
        .forbidden_max = PTABLE_FORBIDDEN_MAX,
    };
    printf("/* Written by ptable_generate: D=%d, V=%d, js=%d, not monotone. Don't edit. */\n",
           PTABLE_NOISE_MAX, PTABLE_VARIANCE, PTABLE_FORBIDDEN_MAX);
    printf("/* clang-format off */\n");
    for (int count = 0; count < PTABLE_ROWS; count++) {
        struct ptable_solution solution;
        int64_t parts[PTABLE_SOLVE_WIDTH];
        double margin;
        int r = ptable_solve(&parameters, count, &solution);
        if (r >= 0) {
            r = ptable_round(&solution, PTABLE_VARIANCE, parts, &margin);
        }
        if (r < 0) {
            fprintf(stderr, "count %d: %s\n", count, err_text(r));
            return 1;
        }
        print_row(count, &solution, parts);
    }
    printf("/* clang-format on */\n");
    return 0;
}
