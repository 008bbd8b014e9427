/* The perturbation table of the cell-key method: which noise a count gets for a uniform key.
 *
 * Not where keys come from (cellkey.h) and not how the table was made (ptable_solve.h, which does
 * not ship). The table is D=5, V=3, js=2 without a monotonicity constraint (DESIGN 4, PRIVACY 2.1):
 * noise between -5 and +5, mean exactly 0 and variance exactly 3 in every row, a result is never
 * negative and never 1 or 2, and 0 stays 0. */
#pragma once

#include <stdint.h>

enum {
    PTABLE_NOISE_MAX = 5,     /* D */
    PTABLE_VARIANCE = 3,      /* V */
    PTABLE_FORBIDDEN_MAX = 2, /* js: published values 1..js never occur */
    PTABLE_ROWS = 9,          /* counts 0 .. D+js+1; the last row serves all larger ones too */
    PTABLE_WIDTH = 2 * PTABLE_NOISE_MAX + 1,
};

/* One count: noise[k] is drawn for keys above last[k-1] up to and with last[k]; the final `last`
 * is UINT64_MAX, so that every key finds its place. Every `last` + 1 is a multiple of 2^32. */
struct ptable_row {
    uint8_t length;
    int8_t noise[PTABLE_WIDTH]; /* rising */
    uint64_t last[PTABLE_WIDTH];
};

extern const struct ptable_row PTABLE[PTABLE_ROWS];

/* The noise for a cell of `count` cases and a key uniform on 64 bits. Source: the lookup of
 * sdcTools/cellKey R/cellkey_pkg.R (first row of block min(count, i_max) whose bound lies above
 * key / 2^64), in integers. */
int ptable_noise(uint64_t count, uint64_t key);
