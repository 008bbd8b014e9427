/* The randomness that cores get as an argument: a ChaCha20 stream (RFC 8439, nonce 0, counter from
 * 0) under a 32-byte seed. The same seed gives the same numbers on every machine.
 *
 * The shell seeds one for each turn from random.h; tests and the simulator seed it from a number.
 * Not thread-safe. Holds the seed: wipe it with secret_wipe where its output became a key. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct rng {
    uint8_t seed[32];
    uint64_t block;      /* the next to be made */
    uint32_t used;       /* bytes of `stream` handed out */
    uint8_t stream[512]; /* eight blocks at a time */
};

void rng_init(struct rng *rng, const uint8_t seed[static 32]);
void rng_fill(struct rng *rng, void *ret, size_t length);
uint64_t rng_u64(struct rng *rng); /* eight bytes of the stream, big-endian */
/* 0 .. bound - 1, each equally likely; bound >= 1. */
uint64_t rng_below(struct rng *rng, uint64_t bound);
