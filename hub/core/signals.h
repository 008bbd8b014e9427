/* The figures that members published, as the hub keeps them: one record an organisation and day
 * that the data describe, and the last status of each.
 *
 * What may not have left a node is refused here once more (the smallest counts, tables of an
 * organisation that may only show bands): a second lock on the same door. Reading them into what
 * people see is load.h. */
#pragma once

#include "shared/base/arena.h"
#include "shared/store/txn.h"
#include "shared/wire/signal.h"

struct signal_record {
    struct org_id org;
    int64_t received_ms;
    struct signal signal; /* in the arena */
};

struct status_record {
    int64_t received_ms;
    struct status status; /* in the arena */
};

/* The newest that describes a day <= `until_day`. Errors: ERR_NOT_FOUND, ERR_STORAGE,
 * ERR_NO_MEMORY. */
MUST_CHECK int signals_latest(struct store_txn *view, const struct org_id *org, int32_t until_day,
                              struct arena *arena, struct signal_record *ret);
/* Errors as above. */
MUST_CHECK int signals_status(struct store_txn *view, const struct org_id *org, struct arena *arena,
                              struct status_record *ret);
/* The next organisation with figures or a status, after `org` (zeros: the first). Errors:
 * ERR_NOT_FOUND at the end, ERR_STORAGE. */
MUST_CHECK int signals_next_org(struct store_txn *view, const struct org_id *org,
                                struct org_id *ret);
