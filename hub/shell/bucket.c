#include "hub/shell/bucket.h"

enum { THOUSAND = 1000 };

struct bucket bucket_of(int64_t per_second, int64_t burst, int64_t now_ms) {
    return (struct bucket){.per_second = per_second,
                           .burst = burst,
                           .filled_ms = now_ms,
                           .thousandths = burst * THOUSAND};
}

bool bucket_take(struct bucket *bucket, int64_t now_ms) {
    int64_t passed_ms = now_ms > bucket->filled_ms ? now_ms - bucket->filled_ms : 0;
    int64_t full = bucket->burst * THOUSAND;
    /* a thousandth a millisecond for each token a second */
    int64_t filled = passed_ms > full ? full : bucket->thousandths + passed_ms * bucket->per_second;
    bucket->thousandths = filled > full ? full : filled;
    bucket->filled_ms = now_ms;
    if (bucket->thousandths < THOUSAND) {
        return false;
    }
    bucket->thousandths -= THOUSAND;
    return true;
}
