/* The directory: a chain of signed entries that says who belongs to a region and with which keys.
 *
 * Every node and the hub keep it whole (DESIGN 3). Here it's checked, applied and read, and new
 * entries are composed; bytes come from whoever has them, the post is never asked.
 * `directory_check` is part of decide and reads only; `directory_apply` is part of apply, knows no
 * rule, and makes the same tables of the same entries on every machine. The records of members are
 * in members.h.
 *
 * An entry's hash is hash_run(previous), hash_run(entry bytes) under "directory-chain/v1"; who
 * signs, signs the entry's bytes under "directory/v1" (vangnet.proto). Who must have signed:
 *
 *   found                                       k of the directors that it names
 *   join revoke role rotate-curve catchment restore    k of n directors
 *   rotate-sign                                 k of n directors and the old signing key
 *   leave                                       k of n directors, or the organisation itself
 *   endpoint rotate-seal rotate-contact services hours    the organisation alone
 *
 * What each kind may carry: join, the whole member; role, the whole standing (role, kind,
 * competence, consent right, sanctions, hidden), and name and enterprise number where they change;
 * catchment, the catchment and the municipalities it's the onthaal desk of; services, services and
 * languages; hours, walk-in and sitting hours and closures; rotations, the key with its day. Lists
 * replace the lists before. An organisation that left or was revoked may join again, with keys that
 * nobody ever had. */
#pragma once

#include "shared/base/arena.h"
#include "shared/base/bytes.h"
#include "shared/base/err.h"
#include "shared/base/lists.h"
#include "shared/crypto/sign.h"
#include "shared/store/txn.h"
#include "shared/wire/directory.h"

enum { DIRECTORY_BACK_MS = 60 * 60 * 1000 }; /* how far an entry's time may lie before the last */

/* The last entry; zeros where there's none. Errors: the view's failure, ERR_STORAGE. */
MUST_CHECK int directory_head(struct store_txn *view, struct directory_head *ret);

struct directory_checked {
    enum refusal refusal; /* REFUSAL_NONE: it's the next entry and may be applied */
    /* only with REFUSAL_NONE: */
    struct digest hash;
    struct directory_entry entry; /* in the arena */
};

/* Whether the bytes are the next entry: well-formed, chained, signed by who must, and lawful for
 * the members as they are. For sequence 1 the caller compares `hash` with the fingerprint that it
 * trusts; the hub compares the entry's time with its clock. Refusals:
 *   MALFORMED, TOO_LARGE, UNKNOWN_VALUE    the form (shared/wire/directory.h); MALFORMED
 *                     also where a part is missing that the kind must carry
 *   STALE             this very entry is there already
 *   BROKEN_CHAIN      another entry holds its number, or it doesn't follow the last
 *   TOO_FAR_AHEAD     entries between are missing
 *   CLOCK_OFF         more than an hour before the last entry
 *   BAD_SIGNATURE     one of its signatures doesn't verify
 *   NOT_ALLOWED       those who signed may not decide this; a part that the kind doesn't cover; the
 *                     hub's own id; found after the first entry, or something else as the first;
 *                     two operations on one organisation that could hinder each other
 *   EXISTS            the organisation is a member already; a key that anybody has or had
 *   NOT_FOUND         the organisation never joined
 *   NOT_MEMBER        it has left
 *   REVOKED           it was revoked
 *   NO_ROOM           MEMBERS_MAX are reached
 *
 * Errors (nothing is said about the entry then): the view's failure, ERR_NO_MEMORY (the arena can't
 * hold the entry or the directory's own records), ERR_STORAGE (they don't decode). */
MUST_CHECK int directory_check(struct store_txn *view, struct bytes signed_bytes,
                               struct arena *arena, struct directory_checked *ret);

/* Writes the entry and what it changes; the head moves to it. Only for bytes that directory_check
 * accepted on the state that `txn` has now, or a replay of the same order. Never refuses. The arena
 * is scratch. Errors, after which the transaction must be aborted: ERR_NO_MEMORY, ERR_STORAGE (the
 * bytes or the tables don't decode); a failed write stays in the transaction. */
MUST_CHECK int directory_apply(struct store_txn *txn, struct bytes signed_bytes,
                               struct arena *arena);

/* The signed bytes as they came, for passing on; valid until the transaction's next write.
 * Errors: ERR_NOT_FOUND, the view's failure, ERR_STORAGE. */
MUST_CHECK int directory_entry_at(struct store_txn *view, uint64_t sequence, struct bytes *ret);
/* The hash in the chain, sequence >= 1. That of entry 1 is the region's fingerprint. As above. */
MUST_CHECK int directory_hash_at(struct store_txn *view, uint64_t sequence, struct digest *ret);
/* What the first entry says, in the arena.
 * Errors: ERR_NOT_FOUND, the view's failure, ERR_NO_MEMORY, ERR_STORAGE. */
MUST_CHECK int directory_region(struct store_txn *view, struct arena *arena, struct region *ret);
/* The position that the last `restore` names. Errors: ERR_NOT_FOUND, the view's failure,
 * ERR_STORAGE. */
MUST_CHECK int directory_restored(struct store_txn *view, struct position *ret);

struct directory_draft {
    int64_t now_ms;
    struct directory_op *ops; /* borrows */
    size_t op_count;
};

/* The bytes of the next entry, unsigned and unchecked: sign them, then let directory_check judge.
 * Its time is the draft's, or the last entry's where that is later.
 * In the arena. Errors: ERR_NO_MEMORY, ERR_TOO_LARGE, the view's failure. */
MUST_CHECK int directory_compose(struct store_txn *view, const struct directory_draft *draft,
                                 struct arena *arena, struct bytes *ret);

struct directory_signer {
    struct sign_public public_key;
    const struct sign_secret *secret; /* borrows */
};

/* The entry with these signatures, in the arena. Errors: ERR_NO_MEMORY, ERR_TOO_LARGE. */
MUST_CHECK int directory_sign(struct bytes entry_bytes, const struct directory_signer *signers,
                              size_t count, struct arena *arena, struct bytes *ret);
/* Adds one more signature to a signed entry, for directors who each keep their own key.
 * Errors: ERR_MALFORMED, ERR_NO_MEMORY, ERR_TOO_LARGE. */
MUST_CHECK int directory_cosign(struct bytes signed_bytes, const struct directory_signer *signer,
                                struct arena *arena, struct bytes *ret);

/* The hash of an entry in the chain (see above). */
struct digest directory_entry_hash(const struct digest *previous, struct bytes entry_bytes);
