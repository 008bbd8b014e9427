/* How families lie in the hub's tables: rows sealed under a key of their consent's own, under keyed
 * hashes, so that erasing the key erases them everywhere (DESIGN 3, Storage; PRIVACY 3). Called by
 * families.h and what works on families; tombstones are in tombstones.h.
 *
 * TABLE_FAMILIES: lookup -> due, ids of its open flags, sealed row. TABLE_FAMILY_ENVELOPES: lookup
 * and organisation -> sealed envelope. TABLE_FAMILY_DUE: be64 instant and lookup -> nothing (longer
 * keys are tombstones.h's). TABLE_FLAGS is flag_rows.h's.
 * TABLE_SHRED: be64 record key -> nothing. The sealing is done by decide, with nonces of the turn's
 * randomness, so apply needs no key. */
#pragma once

#include "hub/core/family.h"
#include "hub/core/family_keys.h"
#include "hub/core/flag_rows.h"
#include "shared/store/txn.h"
#include "shared/turn/decision.h"
#include "shared/vault/vault.h"

struct digest family_lookup_key(const struct vault_index_key *index,
                                const struct family_handle *handle);

/* A copy in the arena. Errors: ERR_NOT_FOUND, ERR_CRYPTO (its key is gone: it's being erased),
 * ERR_STORAGE, ERR_NO_MEMORY. */
MUST_CHECK int family_get(struct store_txn *view, const struct family_keys *keys,
                          const struct family_handle *handle, struct arena *arena,
                          struct family **ret);
MUST_CHECK int family_get_by_lookup(struct store_txn *view, const struct family_keys *keys,
                                    const struct digest *lookup, struct arena *arena,
                                    struct family **ret);
/* The envelope that the family left for an organisation. Errors: ERR_NOT_FOUND, as above. */
MUST_CHECK int family_envelope_get(struct store_txn *view, const struct family_keys *keys,
                                   const struct family *family, const struct org_id *org,
                                   struct arena *arena, struct sealed *ret);

/* Record keys that nothing uses any more and that aren't known to be shredded. */
MUST_CHECK int families_to_shred(struct store_txn *view, uint64_t *ret_keys, size_t limit,
                                 size_t *ret_count);

/* -- decide -- */

/* Adds FACT_FAMILY: the row as it is now, due at its due_ms, and its `envelopes`. `change` is for
 * who reads the journal. Errors: ERR_CRYPTO (its key is gone), ERR_NO_MEMORY, decision_add's. */
struct family_writing {
    const struct turn_view *view;
    const struct family_keys *keys;
    struct arena *scratch;
};
MUST_CHECK int family_decide(const struct family_writing *writing, const struct family *family,
                             uint8_t change, struct decision *ret);
/* Adds FACT_FAMILY_ERASED: the row goes, with all that the journal has of it. `record_key` 0: not
 * known. Errors: ERR_STORAGE, decision_add's. */
MUST_CHECK int family_decide_erased(const struct turn_view *view, const struct digest *lookup,
                                    uint64_t record_key, struct decision *ret);
/* The record key that a row is sealed under, also where that key is gone. Errors: ERR_NOT_FOUND,
 * ERR_STORAGE. */
MUST_CHECK int family_record_key(struct store_txn *view, const struct digest *lookup,
                                 uint64_t *ret);
/* The next family in order of lookup, from `from` on. Errors: ERR_NOT_FOUND, ERR_STORAGE. */
MUST_CHECK int family_next(struct store_txn *view, const struct digest *from, struct digest *ret);
/* The lookup right after this one. */
struct digest family_lookup_after(struct digest lookup);
/* The highest record key in use, ever; 0: none. Errors: ERR_STORAGE. */
MUST_CHECK int family_last_key(struct store_txn *view, uint64_t *ret);

/* -- apply: FACT_FAMILY, FACT_FAMILY_ERASED, FACT_SHREDDED, FACT_FLAG_ROW -- */

MUST_CHECK int family_store_apply(const struct turn_view *view, const struct fact *fact);
