#include "hub/core/counts.h"

/* What isn't written yet: nothing is counted. */

int counts_decide(const struct turn_view *view, const struct family_count *counts, size_t count,
                  struct decision *ret) {
    (void)view;
    (void)counts;
    (void)count;
    (void)ret;
    return 0;
}

int counts_apply(const struct turn_view *view, const struct fact *fact) {
    (void)view;
    (void)fact;
    return ERR_UNSUPPORTED;
}
