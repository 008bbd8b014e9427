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

void options_draw(uint64_t seed, struct options *ret) {
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        struct dice dice = dice_for(seed, known[i].name, 0);
        bool used = dice_chance(&dice, known[i].percent * 10000);
        int64_t value = dice_between(&dice, known[i].least, known[i].most);
        ret->value[i] = used ? (uint64_t)value : 0;
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
