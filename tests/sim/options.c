#include "tests/sim/options.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sim/dice.h"

static const struct {
    const char *name;
    int64_t least;
    int64_t most;
    uint64_t percent;
} known[OPTION_COUNT] = {
#define X(name, least, most, percent) {#name, least, most, percent},
    OPTION_LIST(X)
#undef X
};

struct span {
    int64_t least;
    int64_t most;
    uint64_t percent;
};

static uint64_t draw(uint64_t seed, size_t option, struct span span) {
    struct dice dice = dice_for(seed, known[option].name, 0);
    bool used = dice_chance(&dice, span.percent * 10000);
    int64_t value = dice_between(&dice, span.least, span.most);
    return used ? (uint64_t)value : 0;
}

void options_draw(uint64_t seed, struct options *ret) {
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        ret->value[i] =
            draw(seed, i, (struct span){known[i].least, known[i].most, known[i].percent});
    }
}

void options_draw_families(uint64_t seed, struct options *ret) {
    static const struct {
        enum option option;
        struct span span;
    } other[] = {
        {OPTION_nodes, {4, 6, 100}},
        {OPTION_families, {2, 6, 100}},
        {OPTION_days, {35, 75, 100}},
        {OPTION_family_minutes, {120, 900, 100}},
        {OPTION_shred_crash_ppm, {1000, 200000, 60}},
        {OPTION_nap_hours, {24, 800, 50}},
        {OPTION_break_minutes, {1000, 30000, 60}},
        {OPTION_partition_minutes, {3000, 40000, 50}},
        {OPTION_partition_length_minutes, {1, 3000, 100}},
        {OPTION_kill_minutes, {3000, 60000, 50}},
        {OPTION_drift_ppm, {1, 100, 40}},
        {OPTION_jump_minutes, {1, 50, 15}},
        {OPTION_hostile_minutes, {1000, 20000, 40}},
        {OPTION_work_minutes, {1500, 9000, 100}},
    };
    options_draw(seed, ret);
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        ret->value[other[i].option] = draw(seed, (size_t)other[i].option, other[i].span);
    }
}

int options_set(struct options *options, const char *text) {
    const char *equals = strchr(text, '=');
    for (size_t i = 0; equals != NULL && i < OPTION_COUNT; i++) {
        size_t length = strlen(known[i].name);
        if (length == (size_t)(equals - text) && strncmp(known[i].name, text, length) == 0) {
            char *end;
            options->value[i] = strtoull(equals + 1, &end, 10);
            return *end == '\0' && end != equals + 1 ? 0 : ERR_MALFORMED;
        }
    }
    return ERR_MALFORMED;
}

void options_print(const struct options *options, FILE *out) {
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        (void)fprintf(out, " --option %s=%llu", known[i].name,
                      (unsigned long long)options->value[i]);
    }
}
