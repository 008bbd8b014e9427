#include "shared/crypto/rng.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "shared/base/bytes.h"

enum { CHACHA_BLOCK_BYTES = 64 };

void rng_init(struct rng *rng, const uint8_t seed[static 32]) {
    *rng = (struct rng){.used = sizeof(rng->stream)};
    memcpy(rng->seed, seed, sizeof(rng->seed));
}

/* With a zero nonce the original 64-bit counter and RFC 8439's 32-bit one give the same stream,
 * and the former never wraps. */
static void refill(struct rng *rng) {
    static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES] = {0};
    memset(rng->stream, 0, sizeof(rng->stream));
    crypto_stream_chacha20_xor_ic(rng->stream, rng->stream, sizeof(rng->stream), nonce, rng->block,
                                  rng->seed);
    rng->block += sizeof(rng->stream) / CHACHA_BLOCK_BYTES;
    rng->used = 0;
}

void rng_fill(struct rng *rng, void *ret, size_t length) {
    uint8_t *out = ret;
    while (length > 0) {
        if (rng->used == sizeof(rng->stream)) {
            refill(rng);
        }
        size_t piece = sizeof(rng->stream) - rng->used;
        piece = piece < length ? piece : length;
        memcpy(out, rng->stream + rng->used, piece);
        rng->used += (uint32_t)piece;
        out += piece;
        length -= piece;
    }
}

uint64_t rng_u64(struct rng *rng) {
    uint8_t number[8];
    rng_fill(rng, number, sizeof(number));
    return be64_read(number);
}

/* Numbers below 2^64 mod bound are drawn again: what is left is a whole multiple of bound. */
uint64_t rng_below(struct rng *rng, uint64_t bound) {
    assert(bound >= 1);
    uint64_t unfair = -bound % bound;
    uint64_t value = rng_u64(rng);
    while (value < unfair) {
        value = rng_u64(rng);
    }
    return value % bound;
}
