/* SipHash-2-4: a keyed 64-bit hash, so that nobody can craft a file whose ids all collide, and a
 * worker's name is kept only as a number that says nothing without the node's key.
 *
 * Not a signature and not for what leaves the node. Source: Aumasson and Bernstein, "SipHash: a
 * fast short-input PRF", INDOCRYPT 2012. */
#pragma once

#include <stdint.h>

#include "shared/base/bytes.h"

struct siphash_key {
    uint8_t bytes[16];
};

uint64_t siphash(const struct siphash_key *key, struct bytes data);
