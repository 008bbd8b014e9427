/* The system's randomness. Shells only: no core links this library (the lint suite looks).
 *
 * Cores get a struct rng that a shell seeded from here. */
#pragma once

#include <stddef.h>

#include "shared/base/err.h"

/* Must succeed before anything of shared/crypto is used, in one thread, before a ZeroMQ context is
 * made. Errors: ERR_CRYPTO (the library can't start, or the system has no randomness). */
MUST_CHECK int random_init(void);

void random_fill(void *ret, size_t length);
