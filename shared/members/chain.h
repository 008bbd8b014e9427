/* How the entries and the head lie in the DIRECTORY table. Private to shared/members.
 *
 * By be64 sequence: version, hash in the chain, the signed bytes. Under sequence 0, which no entry
 * has, the head: what the next entry is judged by. */
#pragma once

#include "shared/members/directory.h"

struct chain_head {
    uint64_t sequence; /* 0: no entry yet */
    struct digest hash;
    int64_t time_ms;
    bool restored;
    struct position position; /* of the last restore */
};

/* Errors: the view's failure, ERR_STORAGE. */
MUST_CHECK int chain_head_get(struct store_txn *view, struct chain_head *ret);
void chain_head_put(struct store_txn *txn, const struct chain_head *head);

/* Errors: ERR_NO_MEMORY; a failed write stays in the transaction. */
MUST_CHECK int chain_entry_put(struct store_txn *txn, const struct chain_head *head,
                               struct bytes signed_bytes, struct arena *arena);
