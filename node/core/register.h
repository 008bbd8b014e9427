/* The register: the organisation's cases as its client system last exported them, sealed.
 *
 * Generations: an import stages a new one beside the standing one, and the switch is one turn.
 * What no longer stands is garbage: its record key goes first (so nobody can read it any more), its
 * rows follow a slice a tick. Reading text is node/import, counting is weekly.h.
 *
 * TABLE_REGISTER: be64 generation, vault_lookup_key of the own id -> the case, sealed under the
 * generation's record key. TABLE_REGISTER_META: "standing", "staged", "last", "garbage/", "shred/".
 */
#pragma once

#include "node/core/commands.h"
#include "shared/base/err.h"
#include "shared/store/txn.h"
#include "shared/vault/vault.h"

enum { REGISTER_SWEEP_ROWS = 5000 };

struct register_generation {
    uint64_t generation; /* from 1 */
    uint64_t record_key;
    struct digest file;
    uint64_t cases;    /* staged: rows so far */
    uint64_t rejected; /* rows that the reader refused */
    int64_t time_ms;   /* staged: when begun; standing: when switched to */
};

/* From one generation to the next; a case may count in several. */
struct register_changes {
    uint64_t opened;                         /* not there before */
    uint64_t contacted;                      /* its last contact is a later one */
    uint64_t moved;                          /* to another municipality, both known */
    uint64_t closed[CLOSE_REASON_OTHER + 1]; /* by reason, 0: none given */
    uint64_t reopened;
    uint64_t vanished; /* was open, isn't there any more */
};

/* Errors: ERR_NOT_FOUND (none), ERR_STORAGE. `ret_changes` may be NULL. */
MUST_CHECK int register_standing(struct store_txn *view, struct register_generation *ret,
                                 struct register_changes *ret_changes);
MUST_CHECK int register_staged(struct store_txn *view, struct register_generation *ret);

/* Each case in no telling order; valid during the call, which gives 0 or a negative number that
 * ends the walk and is returned. Errors: ERR_NOT_FOUND (the record key is gone), ERR_CRYPTO (a row
 * doesn't open), the view's failure. */
struct register_visitor {
    int (*visit)(void *context, const struct register_case *one);
    void *context;
};
MUST_CHECK int register_each(struct store_txn *view, const struct vault_keys *keys,
                             const struct register_generation *generation,
                             const struct register_visitor *visitor);

/* One case of the standing generation by the organisation's own id.
 * Errors: ERR_NOT_FOUND, ERR_CRYPTO, the view's failure. */
MUST_CHECK int register_find(struct store_txn *view, const struct vault_keys *keys,
                             const struct vault_index_key *index, const char *id,
                             struct register_case *ret);

enum register_change_bit {
    REGISTER_OPENED = 1,
    REGISTER_CONTACTED = 2,
    REGISTER_MOVED = 4,
    REGISTER_CLOSED = 8,
    REGISTER_REOPENED = 16,
    REGISTER_VANISHED = 32,
};

struct register_change {
    unsigned what;                      /* bits of register_change_bit; never 0 */
    const struct register_case *before; /* NULL: it wasn't there */
    const struct register_case *after;  /* NULL: it's gone */
};

/* Who hears of each case that changed; as register_visitor. */
struct register_listener {
    int (*hear)(void *context, const struct register_change *change);
    void *context;
};

/* The two generations side by side: two sorted walks, merged. `old` may be NULL. `ret_cases`: how
 * many the new one has. Errors: as register_each, for the new one; an old one whose key is gone
 * counts as none. */
struct register_pair {
    const struct register_generation *old;
    const struct register_generation *new;
};
MUST_CHECK int register_diff(struct store_txn *view, const struct vault_keys *keys,
                             const struct register_pair *pair,
                             const struct register_listener *listener, uint64_t *ret_cases);

/* Record keys that no row uses and that aren't known to be shredded yet, the lowest first, at most
 * `limit`. Errors: ERR_STORAGE. */
MUST_CHECK int register_to_shred(struct store_txn *view, uint64_t *ret_keys, size_t limit,
                                 size_t *ret_count);
/* The highest of them; 0: there's none. Errors: ERR_STORAGE. */
MUST_CHECK int register_last_to_shred(struct store_txn *view, uint64_t *ret);

/* -- for the files of the register -- */

enum { REGISTER_KEY_BYTES = 8 + 32, REGISTER_CASE_BYTES_MAX = 160 };
enum { REGISTER_SEALED_BYTES_MAX = REGISTER_CASE_BYTES_MAX + VAULT_OVERHEAD_BYTES };

struct register_key {
    uint8_t bytes[REGISTER_KEY_BYTES];
};

struct register_key register_key(const struct vault_index_key *index, uint64_t generation,
                                 const char *id);
/* Whether all of it is what a case may hold. */
bool register_case_valid(const struct register_case *one);
/* Appends the sealed case to `out`. */
void register_seal(const struct record_key *key, const struct register_key *place,
                   const struct register_case *one, struct buf *out);
/* Errors: ERR_CRYPTO. */
MUST_CHECK int register_open(const struct record_key *key, struct bytes place, struct bytes sealed,
                             struct register_case *ret);
