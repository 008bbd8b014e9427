#include "shared/figures/trend.h"

#include <assert.h>
#include <stdlib.h>

enum { PAIRS_MAX = TREND_POINTS_MAX * (TREND_POINTS_MAX - 1) / 2 };

static int by_value(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, size_t count) {
    qsort(values, count, sizeof(*values), by_value);
    size_t middle = count / 2;
    return count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

static double theil_sen(const struct trend_point *points, size_t count) {
    double slopes[PAIRS_MAX];
    size_t pairs = 0;
    for (size_t later = 1; later < count; later++) {
        for (size_t earlier = 0; earlier < later; earlier++) {
            int32_t weeks = points[later].week - points[earlier].week;
            assert(weeks > 0);
            slopes[pairs++] = (points[later].value - points[earlier].value) / weeks;
        }
    }
    return median(slopes, pairs);
}

struct trend trend_of(const struct trend_point *points, size_t count, double level_per_week) {
    assert(count <= TREND_POINTS_MAX && level_per_week >= 0);
    if (count < TREND_POINTS_MIN) {
        return (struct trend){.direction = TREND_NOT_ENOUGH};
    }
    double slope = theil_sen(points, count);
    enum trend_direction direction = TREND_LEVEL;
    if (slope > level_per_week) {
        direction = TREND_RISING;
    } else if (slope < -level_per_week) {
        direction = TREND_FALLING;
    }
    return (struct trend){.direction = direction, .slope_per_week = slope};
}
