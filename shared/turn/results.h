/* Results of people's commands, kept for COMMAND_RESULT_KEEP_HOURS under the command's id, so that
 * a command sent twice is done once and somebody who lost the answer can ask for it. A refusal that
 * isn't final is no result: the same command may be sent again. */
#pragma once

#include "shared/base/ids.h"
#include "shared/base/lists.h"
#include "shared/store/txn.h"

struct command_outcome {
    int64_t finished_ms;
    enum refusal refusal;
    struct bytes result; /* valid as store_get's */
};

/* Whatever its age until it's trimmed: by a clock that jumped ahead nothing is done twice. Errors:
 * ERR_NOT_FOUND, ERR_STORAGE. */
MUST_CHECK int results_find(struct store_txn *view, const struct message_id *id,
                            struct command_outcome *ret);
/* Failures stick to the transaction; ERR_TOO_LARGE for a result above 64 KiB. */
MUST_CHECK int results_keep(struct store_txn *txn, const struct message_id *id,
                            const struct command_outcome *outcome);
/* Drops what is older than COMMAND_RESULT_KEEP_HOURS. Errors: ERR_STORAGE. */
MUST_CHECK int results_trim(struct store_txn *txn, int64_t now_ms);
