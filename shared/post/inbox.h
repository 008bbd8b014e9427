/* The receiving end of a stream: which numbers are settled, with which ids, and which were refused.
 *
 * A message may come twice, by two paths and out of order, and counts once: the inbox keeps the
 * highest contiguous number and a window above it, and for the last INBOX_KEPT numbers the id, so
 * that the same number with another id is seen as a conflict. A sender that begins anew (restored
 * from a backup) renumbers what it doesn't know to be settled: by the ids of the incarnation
 * before, the last INBOX_KEPT too, such a message is known, and it settles its new number only.
 * Receipts are recomputed from here; they aren't state. */
#pragma once

#include "shared/base/arena.h"
#include "shared/post/stream.h"

enum { INBOX_KEPT = REFUSALS_KEPT };

enum inbox_verdict {
    INBOX_NEW = 1,
    INBOX_DUPLICATE,    /* settled already: receipt it again, change nothing */
    INBOX_CONFLICT,     /* the same number came with another id before */
    INBOX_TOO_FAR,      /* above the window: later */
    INBOX_OUT_OF_ORDER, /* new, but numbers before it are missing; only matters to ordered kinds */
    INBOX_OLD_INCARNATION /* the sender has begun anew since */
};

/* Reads only. Errors: ERR_STORAGE. */
MUST_CHECK int inbox_judge(struct store_txn *view, const struct stamp *stamp,
                           enum inbox_verdict *ret);

/* Whether a message that inbox_judge found new came under an earlier incarnation, and what became
 * of it then: its new number is to be settled with that, and nothing else changes. Errors:
 * ERR_NOT_FOUND (unknown, so new), ERR_STORAGE. */
MUST_CHECK int inbox_known(struct store_txn *view, const struct stamp *stamp, enum refusal *ret);

/* Settles the number: taken (REFUSAL_NONE) or finally refused. Called by apply, of a stamp that
 * inbox_judge found new in the same transaction. Failures stick to the transaction. */
void inbox_settle(struct store_txn *txn, const struct stamp *stamp, enum refusal refusal);

/* The facts that settle a number and say nothing else: the body of one taken is its stamp
 * (stamp_write); that of one refused is written here.
 * Errors: ERR_STORAGE (a body that was never written so); else as inbox_settle's. */
void inbox_refused_write(struct buf *buf, const struct stamp *stamp, enum refusal refusal);
MUST_CHECK int inbox_apply_taken(struct store_txn *txn, struct bytes body);
MUST_CHECK int inbox_apply_refused(struct store_txn *txn, struct bytes body);

/* What this end has settled. Refusals of the last INBOX_KEPT numbers are named, from the arena; 0
 * and an empty receipt (incarnation 0) for a stream that never was.
 * Errors: ERR_STORAGE, ERR_NO_MEMORY. */
MUST_CHECK int inbox_receipt(struct store_txn *view, const struct stream *stream,
                             struct arena *arena, struct receipt *ret);
