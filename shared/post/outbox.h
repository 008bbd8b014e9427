/* The sending end of a stream: messages until the final recipient's receipt, and copies after it.
 *
 * A message is encoded once and kept as bytes, so that every sending of it is the same. It leaves
 * when a receipt settles its number; a copy stays until the hub's backups hold what the receipt
 * spoke of (`backed_up_to`), for a hub restored from a backup must get it again.
 *
 * What mustn't lie in the open lies sealed under a record key (shared/vault), here and as a copy:
 * kind, id and time stay readable, and that it's there. Where that key is destroyed the message is
 * gone; its number isn't, or all that follows would wait for it for ever: what goes out in its
 * place has the same number, id and kind, nothing in it, and expired long ago. */
#pragma once

#include "shared/base/arena.h"
#include "shared/crypto/sign.h"
#include "shared/post/stream.h"
#include "shared/vault/vault.h"

/* The out state of a stream. */
struct outbox_state {
    uint64_t incarnation; /* 0: nothing was ever sent */
    uint64_t last_number; /* the last one given out */
    uint64_t waiting;     /* messages without a receipt */
};

struct outbox_draft {
    enum message_kind kind;
    struct message_id id;
    int64_t created_ms;
    int64_t expires_ms; /* 0: never */
    struct directory_head directory;
    struct bytes body;
    uint64_t ahead; /* 0: the next of its stream, 1: the one after that */
};

/* What the outbox is given of its owner's. NULL where it's asked for: nothing here is signed or
 * sealed (the hub's). */
struct outbox_keys {
    const struct sign_secret *sign; /* borrowed */
    struct vault_keys records;
    /* A message lay alone under that key and is gone for good: it's to be destroyed after the
     * commit. May say so twice. */
    void (*spent)(struct store_txn *txn, uint64_t record_key);
};

/* Under which key a message is kept. */
struct outbox_seal {
    uint64_t record_key; /* durable; 0: in the open */
    bool alone;          /* nothing else lies under it: `spent` is told of it */
};

/* What a stream that never sent begins with. Errors (all here): ERR_STORAGE, ERR_NO_MEMORY. */
MUST_CHECK int outbox_state(struct store_txn *view, const struct stream *stream,
                            struct outbox_state *ret);

/* The envelope that the draft becomes: for decide, which signs it and puts it into a fact. Also
 * ERR_TOO_LARGE. */
MUST_CHECK int outbox_compose(struct store_txn *view, const struct stream *stream,
                              const struct outbox_draft *draft, struct arena *arena,
                              struct bytes *ret_envelope);

/* Keeps a composed envelope; called by apply. `signature` may be empty. Its number must be the
 * stream's next. Failures stick to the transaction, but ERR_NO_MEMORY and ERR_TOO_LARGE are
 * returned. */
MUST_CHECK int outbox_push(struct store_txn *txn, struct bytes envelope, struct bytes signature,
                           struct arena *arena);
/* The same, sealed. Also ERR_CRYPTO (the key isn't there). */
MUST_CHECK int outbox_push_sealed(struct store_txn *txn, const struct posting *posting,
                                  const struct outbox_keys *keys, const struct outbox_seal *seal,
                                  struct arena *arena);

/* A refused message, for people to see. */
struct outbox_refused {
    uint64_t number;
    struct message_id id;
    enum message_kind kind;
    enum refusal refusal;
};

struct outbox_settled {
    uint64_t settled;               /* messages that left the outbox */
    struct outbox_refused *refused; /* in the arena; in order of number */
    size_t refused_count;
};

/* Under what a copy is kept. */
struct outbox_keep {
    uint64_t at;    /* the hub's journal sequence at the receipt */
    int64_t now_ms; /* the hub's time at the receipt */
};

struct outbox_receipt {
    const struct stream *stream;
    const struct receipt *receipt;
    const struct outbox_keep *keep; /* NULL: no copies */
    const struct outbox_keys *keys;
};

/* Applies a receipt of the final recipient: settled messages leave, a copy of what wasn't refused
 * stays. A receipt of another incarnation changes nothing. The receipt's signature was checked by
 * the caller. */
MUST_CHECK int outbox_settle(struct store_txn *txn, const struct outbox_receipt *from,
                             struct arena *arena, struct outbox_settled *ret);

/* Whether the receipt would settle anything: so that a repeated one makes no fact. */
MUST_CHECK int outbox_would_settle(struct store_txn *view, const struct stream *stream,
                                   const struct receipt *receipt, bool *ret);

/* Drops, from the oldest on, copies that backups up to `backed_up_to` hold, those kept for more
 * than OUTBOX_KEEP_DAYS, and what is above `max_bytes`. `now_ms` is the hub's. */
MUST_CHECK int outbox_trim(struct store_txn *txn, const struct outbox_keys *keys,
                           uint64_t backed_up_to, int64_t now_ms, uint64_t max_bytes);

/* Drops the copies in whose bytes `part` stands (a pseudonym that has come to its end), but those
 * of kind `but`; and what nobody can open any more. Of what waits, likewise, the keys of messages
 * that lie alone are spent; what waits under another key, or in the open, stays as it is. */
MUST_CHECK int outbox_forget(struct store_txn *txn, const struct outbox_keys *keys,
                             struct bytes part, enum message_kind but, struct arena *arena);

/* The record keys under which messages and copies lie that wait or are kept, each as often as it's
 * used; in the arena. */
MUST_CHECK int outbox_record_keys(struct store_txn *view, struct arena *arena,
                                  const uint64_t **ret_keys, size_t *ret_count);

/* Begins the stream anew as `incarnation`: what waits is numbered from 1 again, ids unchanged; for
 * a sender that finds itself behind what its peer has settled (restored from a backup). Signed
 * messages are signed again (their number is part of what is signed). */
MUST_CHECK int outbox_restart(struct store_txn *txn, const struct stream *stream,
                              uint64_t incarnation, const struct outbox_keys *keys);

/* A message as it waits. */
struct outbox_item {
    uint64_t number;
    enum message_kind kind;
    struct message_id id;
    int64_t created_ms;
    struct outbox_seal seal;
    struct bytes packet; /* the encoded packet, sealed or ready for a link; as store_get's */
};

/* The first waiting message with a number >= `number`. Errors: ERR_NOT_FOUND. */
MUST_CHECK int outbox_find(struct store_txn *view, const struct stream *stream, uint64_t number,
                           struct outbox_item *ret);

/* One end of a stream, to read from. */
struct outbox_end {
    struct store_txn *view; /* borrowed, as all of it */
    const struct stream *stream;
    const struct outbox_keys *keys;
    struct arena *arena;
};
/* The packet of one of its items, ready for a link: as it lies there, or in the arena; where its
 * key is destroyed, what goes out in its place. */
MUST_CHECK int outbox_packet(const struct outbox_end *end, const struct outbox_item *item,
                             struct bytes *ret);

/* Puts back what copies we still have beyond what the peer has settled: for a hub restored from a
 * backup. One that knows an older incarnation has settled nothing of the later ones; a receipt of
 * incarnation 0 says that it knows none. Where numbers stay empty that the peer waits for, or an
 * older incarnation's messages are among them, the stream begins anew, in the order in which all
 * were sent. Returns how many were put back. */
MUST_CHECK int outbox_put_back(struct store_txn *txn, const struct stream *stream,
                               const struct receipt *receipt, const struct outbox_keys *keys,
                               uint64_t *ret_count);
