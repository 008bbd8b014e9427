/* What staff say of their services, and figures that the organisation had published elsewhere: both
 * go to the hub as they're given, nothing is counted here.
 *
 * TABLE_SETTINGS "status": the body of the last snapshot, all services in it. */
#pragma once

#include "shared/base/arena.h"
#include "shared/store/txn.h"
#include "shared/wire/signal.h"

/* What stands now, in the arena; no services where nobody said anything. Errors: ERR_NO_MEMORY,
 * ERR_STORAGE. */
MUST_CHECK int status_current(struct store_txn *view, struct arena *arena, struct status *ret);
