/* A batch of cases on its way from the import to the daemon, as bytes: both ends are this program,
 * on this machine, over its control socket.
 *
 * Not a wire format between parties: a batch of another version of the program is refused whole.
 * Pure. */
#pragma once

#include "node/core/commands.h"
#include "shared/base/buf.h"

/* Of one case at most; a whole batch fits a request's body. */
enum {
    BATCH_CASE_BYTES_MAX =
        4 * 3 + 2 + CASE_ID_BYTES_MAX + 1 + SERVICE_ID_MAX + 4 + 4 + 4 * 4 + 1 + 8,
    BATCH_BYTES_MAX = 64 + IMPORT_BATCH_ROWS * BATCH_CASE_BYTES_MAX,
};
_Static_assert((int)BATCH_BYTES_MAX <= (int)HTTP_BODY_BYTES_MAX, "a batch fits a request");

struct batch {
    uint64_t generation;
    struct register_case *cases;
    size_t count;
};

/* What doesn't fit is the buffer's failure. */
void batch_encode(struct buf *buf, const struct batch *batch);
/* `cases` holds IMPORT_BATCH_ROWS and is filled; `ret` borrows it. Errors: ERR_UNSUPPORTED (of
 * another version), ERR_MALFORMED. */
MUST_CHECK int batch_decode(struct bytes data, struct register_case *cases, struct batch *ret);
