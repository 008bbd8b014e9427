#include "tests/sim/dice.h"

#include <string.h>

uint64_t dice_u64(struct dice *dice) {
    dice->state += 0x9e3779b97f4a7c15;
    uint64_t mixed = dice->state;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    return mixed ^ mixed >> 31;
}

struct dice dice_for(uint64_t seed, const char *name, uint64_t index) {
    struct dice dice = {.state = seed};
    for (const char *c = name; *c != '\0'; c++) {
        dice.state ^= (uint8_t)*c;
        dice.state = dice_u64(&dice);
    }
    dice.state ^= index;
    dice.state = dice_u64(&dice);
    return dice;
}

uint64_t dice_below(struct dice *dice, uint64_t bound) {
    return dice_u64(dice) % bound;
}

int64_t dice_between(struct dice *dice, int64_t low, int64_t high) {
    return low + (int64_t)dice_below(dice, (uint64_t)(high - low) + 1);
}

bool dice_chance(struct dice *dice, uint64_t ppm) {
    return dice_below(dice, 1000000) < ppm;
}

void dice_fill(struct dice *dice, void *ret, uint64_t length) {
    uint8_t *bytes = ret;
    for (uint64_t i = 0; i < length; i++) {
        bytes[i] = (uint8_t)dice_u64(dice);
    }
}
