#include "shared/figures/ptable.h"

const struct ptable_row PTABLE[PTABLE_ROWS] = {
#include "shared/figures/ptable_d5_v3_js2.inc"
};

int ptable_noise(uint64_t count, uint64_t key) {
    const struct ptable_row *row = &PTABLE[count < PTABLE_ROWS ? count : PTABLE_ROWS - 1];
    unsigned k = 0;
    while (key > row->last[k]) {
        k++;
    }
    return row->noise[k];
}
