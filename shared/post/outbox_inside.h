/* The inside of the outbox, for its two files: outbox.c (what waits) and outbox_kept.c (copies of
 * what was settled, and beginning anew). */
#pragma once

#include "shared/post/outbox.h"

MUST_CHECK int outbox_state_get(struct store_txn *view, const struct stream_key *key,
                                struct outbox_state *ret);
void outbox_state_put(struct store_txn *txn, const struct stream_key *key,
                      const struct outbox_state *state);

/* A value of TABLE_OUTBOX; the number isn't in it. Errors: ERR_STORAGE. */
MUST_CHECK int outbox_item_parse(struct bytes value, struct outbox_item *ret);
/* Puts the message under its number, without touching the stream's state. */
MUST_CHECK int outbox_item_put(struct store_txn *txn, const struct stream_key *key,
                               const struct envelope *envelope, const struct posting *posting,
                               struct arena *arena);
/* What a refusal to decode our own bytes means: ERR_NO_MEMORY, ERR_TOO_LARGE, ERR_STORAGE. */
int outbox_decode_error(enum refusal refusal);

bool outbox_receipt_settles(const struct receipt *receipt, uint64_t number);

/* Keeps a copy of a settled message: its incarnation, its key and value in TABLE_OUTBOX. */
struct outbox_copy {
    uint64_t incarnation;
    const struct stream_message_key *key;
    struct bytes value;
};
MUST_CHECK int outbox_copy_keep(struct store_txn *txn, const struct outbox_copy *copy,
                                const struct outbox_keep *keep, struct arena *arena);
