/* Chance from one seed: independent streams, so that taking one kind of fault away doesn't
 * reshuffle the others. splitmix64 (Steele, Lea, Flood, OOPSLA 2014; the constants are those of the
 * reference implementation by S. Vigna). For the simulator only, never for keys that ship. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

/* The stream called `name` and numbered `index` of a seed. */
struct dice dice_for(uint64_t seed, const char *name, uint64_t index);
uint64_t dice_u64(struct dice *dice);
uint64_t dice_below(struct dice *dice, uint64_t bound); /* bound >= 1 */
int64_t dice_between(struct dice *dice, int64_t low, int64_t high);
/* Draws in any case, so that another chance gives the same sequence. */
bool dice_chance(struct dice *dice, uint64_t ppm);
void dice_fill(struct dice *dice, void *ret, uint64_t length);
