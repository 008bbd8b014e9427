#include "shared/figures/interval.h"

#include <assert.h>
#include <stddef.h>

/* Where the bands above 1-9 begin. */
static const int64_t borders[] = {10, 25, 50};

enum { BORDERS = sizeof(borders) / sizeof(borders[0]), HYSTERESIS_MAX = 7 };

const char *band_text(enum band band) {
    switch (band) {
    case BAND_0:
        return "0";
    case BAND_1_9:
        return "1-9";
    case BAND_10_24:
        return "10-24";
    case BAND_25_49:
        return "25-49";
    case BAND_NONE:
    case BAND_ABOVE:
    default:
        return NULL;
    }
}

/* From where on a count lies above the border, given on which side it lay before. */
static int64_t border_from(size_t border, enum band previous, int32_t hysteresis) {
    if (previous == BAND_NONE) {
        return borders[border];
    }
    bool was_above = (size_t)previous >= (size_t)BAND_10_24 + border;
    return was_above ? borders[border] - hysteresis : borders[border] + hysteresis;
}

enum band band_of(int64_t perturbed, enum band previous, int32_t hysteresis) {
    assert(perturbed >= 0 && previous <= BAND_ABOVE);
    assert(hysteresis >= 0 && hysteresis <= HYSTERESIS_MAX);
    if (perturbed == 0) {
        return BAND_0;
    }
    enum band band = BAND_1_9;
    for (size_t i = 0; i < BORDERS; i++) {
        if (perturbed >= border_from(i, previous, hysteresis)) {
            band = (enum band)(BAND_10_24 + (int)i);
        }
    }
    return band;
}

static struct interval widen(struct interval published, int64_t by) {
    int64_t low = published.low - by;
    return (struct interval){.low = low < 1 ? 1 : low, .high = published.high + by};
}

struct interval interval_of_band(enum band band, int32_t hysteresis, int32_t noise_max) {
    assert(band >= BAND_0 && band <= BAND_25_49 && hysteresis >= 0 && noise_max >= 0);
    if (band == BAND_0) {
        return interval_of_count(0, noise_max);
    }
    size_t upper = (size_t)band - BAND_1_9;
    struct interval plain = {
        .low = upper == 0 ? 1 : borders[upper - 1],
        .high = borders[upper] - 1,
    };
    return widen(plain, (int64_t)hysteresis + noise_max);
}

struct interval interval_of_count(int64_t perturbed, int32_t noise_max) {
    assert(perturbed >= 0 && noise_max >= 0);
    if (perturbed == 0) {
        return (struct interval){.low = 0, .high = noise_max};
    }
    return widen((struct interval){.low = perturbed, .high = perturbed}, noise_max);
}

struct interval interval_sum(struct interval a, struct interval b) {
    return (struct interval){.low = a.low + b.low, .high = a.high + b.high};
}

struct load interval_per_fte(struct interval cases, int64_t fte_hundredths) {
    if (fte_hundredths <= 0) {
        return (struct load){.known = false};
    }
    double fte = (double)fte_hundredths / 100;
    return (struct load){
        .known = true,
        .low = (double)cases.low / fte,
        .high = (double)cases.high / fte,
    };
}
