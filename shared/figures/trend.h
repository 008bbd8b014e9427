/* Is it getting more or less: the slope of a weekly series that has gaps and now and then an odd
 * week.
 *
 * Theil-Sen: the median of the slopes between all pairs of points, which a quarter of wild values
 * can't move far (P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau",
 * Journal of the American Statistical Association 63, 1968; H. Theil, 1950). A missing week is
 * simply not among the points. Not a forecast. The hub calls it for queues, loads and waits. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "shared/base/limits.h"

enum {
    TREND_POINTS_MIN = 4,
    TREND_POINTS_MAX = SIGNAL_KEEP_WEEKS,
};

struct trend_point {
    int32_t week; /* any running count of weeks */
    double value;
};

enum trend_direction {
    TREND_NOT_ENOUGH = 0,
    TREND_FALLING,
    TREND_LEVEL,
    TREND_RISING,
};

struct trend {
    enum trend_direction direction;
    double slope_per_week; /* 0 when not enough */
};

/* Borrows at most TREND_POINTS_MAX points, in strictly rising order of week. A slope of at most
 * `level_per_week` (0 or more) either way counts as level: pass what noise alone can do. */
struct trend trend_of(const struct trend_point *points, size_t count, double level_per_week);
