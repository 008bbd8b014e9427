/* What stays of a consent that has ended: that its handle may not come again, who still has to say
 * that it erased what it had, and withdrawals that came before the consent that they end.
 *
 * A withdrawal overtakes everything, so it may overtake its own consent, and a hub restored from a
 * backup gets withdrawals again before it gets consents. The hub can't check one for a handle that
 * it doesn't know: the keys stand in the token. It refuses it as it refuses any withdrawal that
 * finds nothing (no-consent), and keeps sender, statement and proof aside, the handle taken out of
 * the statement; when that handle's consent comes and the proof holds under the token's keys, the
 * consent is refused and gets its tombstone, else what was kept means nothing. Each organisation
 * may have WAITING_PER_MEMBER_MAX of those, so that none fills the disk.
 *
 * TABLE_TOMBSTONES: 't', lookup -> id, until. 'p', lookup, organisation -> what waits.
 * TABLE_ERASURES: tombstone id, organisation -> since when it's owed. TABLE_FAMILY_DUE: be64
 * instant, lookup, 't' or 'p' and organisation. */
#pragma once

#include "hub/core/family_store.h"
#include "hub/core/state.h"

enum { WAITING_PER_MEMBER_MAX = 256 };

/* Whether a handle was withdrawn or superseded and no token of it can be in time any more.
 * Errors: ERR_STORAGE. */
MUST_CHECK int tombstone_stands(struct store_txn *view, const struct digest *lookup, bool *ret);

/* A tombstone with a fresh id: FACT_TOMBSTONE, and to each node that holds something of the family
 * the message, sealed; for one that is no member now it waits, should it join again. With
 * `until_ms` now or before it only asks for receipts, unless the clock is halted: it may be ahead.
 * Errors: the world's, decision_add's. */
struct tombstone_draft {
    const struct digest *lookup;
    const struct family_handle *handle;
    enum withdrawal_basis basis; /* 0: the consent came to its end */
    int64_t until_ms;
    const struct org_id *holders;
    size_t holder_count;
};
MUST_CHECK int tombstones_decide(struct hub *hub, const struct turn_view *view,
                                 const struct tombstone_draft *draft, struct decision *ret);
/* TOMBSTONE_OVER for an entry of TABLE_FAMILY_DUE that isn't a family's. */
MUST_CHECK int tombstones_decide_over(const struct turn_view *view, struct bytes due_key,
                                      struct decision *ret);
/* MESSAGE_KIND_ERASED: a receipt; one that nobody waits for changes nothing. */
MUST_CHECK int tombstones_decide_erased(const struct turn_view *view,
                                        const struct office_mail *mail, struct decision *ret);

/* Keeps a withdrawal of a handle that isn't known; adds nothing where the sender has too many, or
 * the handle doesn't stand in the statement just once. */
MUST_CHECK int waiting_decide(const struct turn_view *view, const struct digest *lookup,
                              const struct withdrawal *withdrawal, const struct proven *proven,
                              struct decision *ret);
/* Whether one that waits was signed by the keys of this token. Errors: ERR_STORAGE, ERR_NO_MEMORY.
 */
struct waiting_found {
    bool found;
    enum withdrawal_basis basis;
};
MUST_CHECK int waiting_find(const struct turn_view *view, const struct digest *lookup,
                            const struct consent_token *token, struct waiting_found *ret);

/* FACT_TOMBSTONE, FACT_TOMBSTONE_OVER, FACT_ERASED. */
MUST_CHECK int tombstones_apply(const struct turn_view *view, const struct fact *fact);

/* Erasure receipts that members still owe: the red list. Who left owes none until it's a member
 * again. Errors: ERR_NOT_FOUND at the end, ERR_STORAGE. */
struct erasure_row {
    struct message_id tombstone;
    struct org_id org;
    int64_t since_ms;
};
struct erasure_cursor {
    struct store_txn *view;
    struct store_cursor at;
};
MUST_CHECK int erasure_first(struct store_txn *view, struct erasure_cursor *cursor,
                             struct erasure_row *ret);
MUST_CHECK int erasure_next(struct erasure_cursor *cursor, struct erasure_row *ret);
