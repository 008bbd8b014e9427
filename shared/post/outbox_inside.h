/* The inside of the outbox, for its files: outbox.c (what waits), outbox_item.c (how one message
 * lies), outbox_kept.c (copies of what was settled) and outbox_anew.c (beginning anew, putting
 * copies back). */
#pragma once

#include "shared/post/outbox.h"

MUST_CHECK int outbox_state_get(struct store_txn *view, const struct stream_key *key,
                                struct outbox_state *ret);
void outbox_state_put(struct store_txn *txn, const struct stream_key *key,
                      const struct outbox_state *state);

/* A value of TABLE_OUTBOX; the number isn't in it. Errors: ERR_STORAGE. */
MUST_CHECK int outbox_item_parse(struct bytes value, struct outbox_item *ret);
/* Puts the message under its number, without touching the stream's state. */
struct outbox_putting {
    struct store_txn *txn;
    const struct stream_key *key;
    const struct outbox_keys *keys;
    const struct outbox_seal *seal; /* record_key 0: in the open */
    struct arena *arena;
};
MUST_CHECK int outbox_item_put(const struct outbox_putting *to, const struct envelope *envelope,
                               const struct posting *posting);
/* The packet, as it lies there or opened in the arena. Errors: ERR_NOT_FOUND (its key is gone),
 * ERR_STORAGE, ERR_NO_MEMORY. */
MUST_CHECK int outbox_item_open(const struct outbox_item *item, const struct outbox_keys *keys,
                                struct arena *arena, struct bytes *ret);
/* What goes out in the place of one whose key is gone: without a body, long expired. */
struct envelope outbox_item_emptied(const struct outbox_item *item, const struct stream *stream,
                                    uint64_t incarnation);
/* The key of one that lay alone is spent. */
void outbox_item_spend(struct store_txn *txn, const struct outbox_item *item,
                       const struct outbox_keys *keys);
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

enum { OUTBOX_KEPT_KEY_BYTES = 8 + 8 + STREAM_MESSAGE_KEY_BYTES };

struct outbox_kept_key {
    uint8_t bytes[OUTBOX_KEPT_KEY_BYTES];
};

/* A copy, borrowed from where it lies. */
struct outbox_kept {
    uint64_t at;
    uint64_t incarnation;
    struct bytes message_key;
    int64_t settled_ms;
    struct bytes value; /* that it had in TABLE_OUTBOX */
};
/* Errors: ERR_STORAGE. */
MUST_CHECK int outbox_kept_parse(const struct store_cursor *cursor, struct outbox_kept *ret);
/* Takes a copy out; its value is in the arena. Errors: ERR_STORAGE, ERR_NO_MEMORY. */
MUST_CHECK int outbox_kept_take(struct store_txn *txn, const struct outbox_kept_key *key,
                                struct arena *arena, struct bytes *ret);
