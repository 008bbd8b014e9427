/* How families lie in the hub's tables: rows sealed under a key of their consent's own, under keyed
 * hashes, so that erasing the key erases them everywhere (DESIGN 3, Storage; PRIVACY 3).
 *
 * TABLE_FAMILIES: lookup -> sealed row. TABLE_FAMILY_ENVELOPES: lookup and organisation -> sealed
 * envelope. TABLE_FAMILY_DUE: be64 instant and lookup -> nothing. TABLE_FLAGS: flag id -> what the
 * coordinator may see of an open flag. TABLE_TOMBSTONES: lookup -> until when. TABLE_ERASURES:
 * tombstone id and organisation -> since when it's owed. TABLE_HEARD: organisation -> day. */
#pragma once

#include "hub/core/family.h"
#include "shared/store/txn.h"
#include "shared/turn/turn.h"
#include "shared/vault/vault.h"

/* The hub's secrets for families; part of hub_params. */
struct family_keys {
    struct vault_keys records;           /* the keyring */
    const struct vault_index_key *index; /* borrowed */
};

struct digest family_lookup(const struct vault_index_key *index,
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
/* Whether a handle was withdrawn or superseded and its consent's own end hasn't come. */
MUST_CHECK int family_tombstoned(struct store_txn *view, const struct family_keys *keys,
                                 const struct family_handle *handle, bool *ret);

/* What the coordinator sees of an open flag: never a handle. */
struct flag_row {
    struct message_id id;
    enum flag_kind kind;
    enum flag_state state;
    int32_t opened_day;
    struct org_id turn;         /* zeros: the board */
    int32_t acknowledge_by_day; /* FAMILY_DAY_NONE: no clock */
    int32_t contact_by_day;
    uint8_t reopened;
    bool escalated;
    struct org_id about_org; /* node-quiet: which; call-back: the desk; zeros else */
};
/* A row that belongs to no family (node-quiet, call-back): adds FACT_FLAG_ROW; closed: it goes. */
MUST_CHECK int flag_row_decide(const struct turn_view *view, const struct flag_row *row,
                               struct decision *ret);
struct flag_cursor {
    struct store_cursor at;
};
/* In order of id. Errors: ERR_NOT_FOUND at the end, ERR_STORAGE. */
MUST_CHECK int flag_first(struct store_txn *view, struct flag_cursor *cursor, struct flag_row *ret);
MUST_CHECK int flag_next(struct flag_cursor *cursor, struct flag_row *ret);

/* Erasure receipts still owed: the red list. */
struct erasure_row {
    struct message_id tombstone;
    struct org_id org;
    int64_t since_ms;
};
struct erasure_cursor {
    struct store_cursor at;
};
MUST_CHECK int erasure_first(struct store_txn *view, struct erasure_cursor *cursor,
                             struct erasure_row *ret);
MUST_CHECK int erasure_next(struct erasure_cursor *cursor, struct erasure_row *ret);

/* Record keys that nothing uses any more and that aren't known to be shredded. */
MUST_CHECK int families_to_shred(struct store_txn *view, uint64_t *ret_keys, size_t limit,
                                 size_t *ret_count);
