/* Which ids a file has had already, and on which line.
 *
 * Keeps 64-bit keyed hashes, not the ids: 16 bytes a slot, 4 MiB at 100,000 rows. Two different ids
 * of one file have the same hash with a chance of n^2 / 2^65: 3 in 100 million for the longest file
 * allowed; such a row would be called a double of the other. Used by the file readers. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"

struct id_slot {
    uint64_t hash;
    uint32_t line; /* 0 is a free slot */
};

struct id_set {
    struct id_slot *slots; /* owned */
    size_t size;           /* a power of two, or 0 */
    size_t used;
};

/* A zeroed set is empty; this gives its memory back. */
void id_set_deinit(struct id_set *set);

/* Remembers `hash` with `line` (from 1). `ret_earlier` is 0, or the line that had it before.
 * Errors: ERR_NO_MEMORY. */
MUST_CHECK int id_set_add(struct id_set *set, uint64_t hash, uint32_t line, uint32_t *ret_earlier);
