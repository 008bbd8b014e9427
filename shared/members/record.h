/* How members and their keys lie in the tables. Private to shared/members.
 *
 * MEMBERS, by id: version, state, role, since, entry, signing key, CURVE key (the fixed head, read
 * for every message), then the member as wire encodes it. MEMBER_KEYS, by purpose and key: version
 * and id; a key that was ever used stays. */
#pragma once

#include "shared/members/members.h"

/* On disk: never renumber. */
enum record_state { RECORD_ACTIVE = 1, RECORD_LEFT = 2, RECORD_REVOKED = 3 };

struct record {
    enum record_state state;
    int64_t since_ms;
    uint64_t entry;
    struct member member;
};

enum key_purpose { KEY_CURVE = 'c', KEY_SIGN = 's' };

/* Errors: ERR_NOT_FOUND, the view's failure, ERR_NO_MEMORY, ERR_STORAGE. */
MUST_CHECK int record_get(struct store_txn *view, const struct org_id *org, struct arena *arena,
                          struct record *ret);
/* Errors: ERR_NO_MEMORY; a failed write stays in the transaction. */
MUST_CHECK int record_put(struct store_txn *txn, const struct org_id *org,
                          const struct record *record, struct arena *arena);

void record_key_put(struct store_txn *txn, enum key_purpose purpose, const struct public_key *key,
                    const struct org_id *org);
/* Errors: ERR_NOT_FOUND, the view's failure, ERR_STORAGE. */
MUST_CHECK int record_key_get(struct store_txn *view, enum key_purpose purpose,
                              const struct public_key *key, struct org_id *ret);
