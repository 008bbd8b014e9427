/* A token bucket: how many things may happen at once, and how many a second in the long run. Pure;
 * the caller brings a monotonic time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct bucket {
    int64_t per_second;
    int64_t burst;
    int64_t filled_ms;   /* when `thousandths` was true */
    int64_t thousandths; /* of a token */
};

/* A full one. */
struct bucket bucket_of(int64_t per_second, int64_t burst, int64_t now_ms);
/* Takes one token; false where there's none. */
bool bucket_take(struct bucket *bucket, int64_t now_ms);
