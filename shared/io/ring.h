/* A bounded ring of pointers from any thread to one: how commands of people reach the turn thread.
 *
 * It knows nothing of what it carries and owns none of it. Its descriptor stands in the poll set of
 * the thread that takes. Called by the shells. */
#pragma once

#include <stddef.h>

#include "shared/base/err.h"

struct ring;

/* `slots` at least 1. Errors: ERR_NO_MEMORY, ERR_IO (no descriptor left). */
MUST_CHECK int ring_new(size_t slots, struct ring **ret);
/* What is still in it is the caller's: take it out first. Takes NULL. */
void ring_free(struct ring *ring);

/* From any thread; `item` isn't NULL and is the taker's from here. Errors: ERR_AGAIN (full),
 * ERR_CANCELLED (closed); the item stays the caller's. */
MUST_CHECK int ring_push(struct ring *ring, void *item);
/* The oldest, or NULL when there is none. */
void *ring_take(struct ring *ring);
/* From here on nobody can push. */
void ring_close(struct ring *ring);
/* Readable while there is something to take; valid until ring_free. */
int ring_fd(const struct ring *ring);
