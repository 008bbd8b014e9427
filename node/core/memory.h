/* What a node remembers of its own figures: the last signal of its register that the hub accepted,
 * the only memory of disclosure's hysteresis and guard (DESIGN 4).
 *
 * A node that doesn't know whether it has one (new, or its store was lost) asks the hub before it
 * publishes anything. The publisher and the shell's preview read it; the hub's receipts write it.
 */
#pragma once

#include "shared/base/arena.h"
#include "shared/store/txn.h"
#include "shared/wire/signal.h"

/* Whether we have a memory, or the hub has said that there's none. Errors: ERR_STORAGE. */
MUST_CHECK int memory_known(struct store_txn *view, bool *ret);

/* The last accepted signal that describes a day before `day`, in the arena.
 * Errors: ERR_NOT_FOUND, ERR_STORAGE, ERR_NO_MEMORY. */
MUST_CHECK int memory_before(struct store_txn *view, int32_t day, struct arena *arena,
                             struct signal *ret);

/* For apply: this body of ours was accepted. Figures of another origin, and older ones than we
 * have, change nothing. The body is in the arena. Errors: as above. */
MUST_CHECK int memory_accept(struct store_txn *txn, struct bytes body, struct arena *arena);
/* Whether the hub's word is of a freeze that by our clock hasn't been yet: one of the clocks is
 * wrong, and it's asked again. */
bool memory_is_early(struct bytes body, int64_t now_ms, struct arena *arena);
