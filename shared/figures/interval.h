/* Between what and what: the bands that a small organisation publishes instead of a count, and the
 * true figures that a published one can stand for.
 *
 * A published count is a perturbed one (DESIGN 4: D = 5, no value 1 or 2, 0 stays 0), and below 50
 * only a band of it leaves the node. The node asks band_of; the hub asks the intervals, and
 * computes with both ends instead of pretending to know the middle. Nothing here perturbs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    BAND_HYSTERESIS = 2,  /* DESIGN 4 */
    PERTURBATION_MAX = 5, /* D: the most that a count is moved, either way (DESIGN 4) */
};

/* The number travels. BAND_ABOVE: 50 or more, so the count itself may be published. */
enum band {
    BAND_NONE = 0,
    BAND_0 = 1,
    BAND_1_9 = 2,
    BAND_10_24 = 3,
    BAND_25_49 = 4,
    BAND_ABOVE = 5,
};

/* Both ends included. */
struct interval {
    int64_t low;
    int64_t high;
};

/* Cases per full-time equivalent; unknown where nobody's hours are known. */
struct load {
    bool known;
    double low;
    double high;
};

/* `0`, `1-9`, `10-24`, `25-49`; NULL for BAND_NONE and BAND_ABOVE. */
const char *band_text(enum band band);

/* The band of a perturbed count of at least 0. `previous` is the band of the last accepted signal,
 * BAND_NONE where there is none. A border at 10, 25 or 50 is crossed upwards from border +
 * hysteresis on, and downwards below border - hysteresis, so that one case coming and going doesn't
 * show. At most 7, or borders would meet. Between 0 and 1 there is no hysteresis: 0 stands for
 * itself. */
enum band band_of(int64_t perturbed, enum band previous, int32_t hysteresis);

/* What true counts stand behind a published band: the band, widened by the hysteresis and by
 * `noise_max` both ways; a true 0 is only ever published as 0, so the others start at 1. With 2 and
 * 5: 0-5, 1-16, 3-31, 18-56. Not for BAND_NONE, and not for
 * BAND_ABOVE, which comes with a count. */
struct interval interval_of_band(enum band band, int32_t hysteresis, int32_t noise_max);

/* The same for a perturbed count that was published itself. */
struct interval interval_of_count(int64_t perturbed, int32_t noise_max);

struct interval interval_sum(struct interval a, struct interval b);

/* `fte_hundredths`: 250 is two and a half full-time equivalents; 0 or less gives unknown. */
struct load interval_per_fte(struct interval cases, int64_t fte_hundredths);
