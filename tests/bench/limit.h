/* What the disk and LMDB alone could do with the records that the hub writes for its messages:
 * the same tables, keys and sizes, put without any thought. The ingest's upper bound. */
#pragma once

#include <stddef.h>

#include "shared/base/err.h"

struct limit_plan {
    const char *path; /* an empty directory */
    size_t senders;
    size_t messages; /* of all of them */
    size_t batch;    /* messages a transaction */
    size_t body_bytes;
};

/* Seconds for all of it, each batch committed durably. Errors: ERR_STORAGE. */
MUST_CHECK int limit_run(const struct limit_plan *plan, double *ret_seconds);
