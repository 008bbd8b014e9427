/* Made-up organisations that join for real: an application for each invitation in a file, on the
 * hub's enrolment socket. For the generator. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"

struct joiner_result {
    size_t joined;
    double seconds;
};

/* One invitation a line; the first is for organisation `first`, the next for the one after it. They
 * were made with --approve: an answer other than "approved" ends it with ERR_DENIED. Errors:
 * ERR_IO (the file), ERR_MALFORMED (not an invitation), ERR_TIMEOUT, ERR_NETWORK, ERR_NO_MEMORY. */
MUST_CHECK int joiner_run(const char *path, uint32_t first, struct joiner_result *ret);
