/* Rebuild: the replicated tables made anew from the journal alone, and the hash that tells whether
 * they are what they were (DESIGN 3).
 *
 * Runs while nobody else writes (the daemon is stopped). */
#pragma once

#include "shared/base/ids.h"
#include "shared/store/txn.h"
#include "shared/vault/vault.h"

struct store;

/* Over every table marked from_journal, in the order of the list: names, keys and values.
 * Errors: ERR_STORAGE. */
MUST_CHECK int rebuild_state_hash(struct store_txn *view, struct digest *ret);

struct rebuild_report {
    uint64_t facts;
    struct digest before;
    struct digest after; /* equal to `before` unless something was broken */
};

/* Verifies the chain, empties the tables and applies every fact again, all in one transaction that
 * is only committed when the chain holds; a state that differed is replaced by the rebuilt one.
 * What a later fact erased stays erased. `keys` opens what stands about families; NULL where
 * there's none. Errors: ERR_CHAIN (the journal itself is broken: nothing was changed), ERR_CRYPTO
 * (a family's fact, and its record key isn't there: a keyring of another time), ERR_UNSUPPORTED (a
 * fact of a later version), ERR_STORAGE, ERR_NO_ROOM, ERR_NO_MEMORY. */
MUST_CHECK int rebuild_run(struct store *store, const struct vault_keys *keys,
                           struct rebuild_report *ret);
