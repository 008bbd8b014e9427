/* The cell-key method: a count, moved by noise that only the cases in it decide.
 *
 * Each case has a fixed random key; a cell adds up the keys of its cases; the sum, hardened, picks
 * the noise from the table (ptable.h). So the same cases give the same noise in every table, in any
 * order, on any day and after any restore, as long as the organisation's disclosure key lives. The
 * published numbers aren't additive: parts needn't add up to their total.
 *
 * Not a decision on what is published (disclosure.h). Source: PRIVACY 2.1, after Fraser & Wooton
 * 2005 and sdcTools/cellKey; the hardening isn't in those. */
#pragma once

#include <stdint.h>

#include "shared/base/bytes.h"
#include "shared/base/limits.h"

/* The organisation's secret for noise: 32 random bytes, made once and kept in the long-term backup.
 * A new one would draw new noise for old sets. Borrowed only during calls. */
struct disclosure_key {
    uint8_t bytes[32];
};

struct cell {
    uint64_t count;
    uint64_t key; /* sum of the cases' keys, modulo 2^64 */
};

/* LE64(BLAKE2b-64(key, "rk/v1" || own id)): uniform, fixed for the life of the case. `own_id` is
 * what the client system calls the case, at most CASE_ID_MAX bytes. */
uint64_t cellkey_of_case(const struct disclosure_key *key, struct bytes own_id);

void cell_add(struct cell *cell, uint64_t case_key);

/* What may be published of a cell: count + noise for the key BLAKE2b-64(key, "ck" || LE64 sum ||
 * LE64 count). The plain sum would be linear: the keys of parts add up to their total's. Never
 * negative, never 1 or 2, 0 for an empty cell; at most 5 from the truth. */
int64_t cell_publish(const struct disclosure_key *key, struct cell cell);

/* The reference method without the hardening, for comparing with it in tests and attacks. */
int64_t cell_publish_linear(struct cell cell);
