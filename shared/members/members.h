/* The organisations of a region as the directory has them now: who they are, and whether they may
 * speak.
 *
 * Read only: directory_apply (directory.h) is the one writer. Former members stay, so that their
 * keys and ids are known. */
#pragma once

#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/base/ids.h"
#include "shared/base/lists.h"
#include "shared/crypto/words.h"
#include "shared/store/txn.h"
#include "shared/wire/directory.h"

/* Exactly one of active, revoked and left is true. */
struct membership {
    struct org_id org;
    struct member member;
    bool active;
    bool revoked;
    bool left;
    int64_t since_ms; /* when that began, by the entry's time */
    uint64_t entry;   /* the entry that last changed the record */
};

/* What each message is judged by, read without decoding lists. */
struct member_standing {
    bool active;
    bool revoked;
    bool left;
    enum member_role role;
    struct public_key sign;
    struct public_key curve;
    int64_t since_ms;
    uint64_t entry;
};

/* In the arena. Errors: ERR_NOT_FOUND (never a member), the view's failure, ERR_NO_MEMORY,
 * ERR_STORAGE (the record doesn't decode). */
MUST_CHECK int member_get(struct store_txn *view, const struct org_id *org, struct arena *arena,
                          struct membership *ret);
/* Errors: as member_get, without ERR_NO_MEMORY. */
MUST_CHECK int member_standing(struct store_txn *view, const struct org_id *org,
                               struct member_standing *ret);
/* Whether it's a member now; who never was isn't. Errors: as member_standing, without
 * ERR_NOT_FOUND. */
MUST_CHECK int member_is_active(struct store_txn *view, const struct org_id *org, bool *ret);
/* Whose transport key it is, for ZAP. Errors: ERR_NOT_FOUND (nobody's, the hub's own, or of one who
 * left), ERR_DENIED (of a revoked member, or replaced by another key), the view's failure,
 * ERR_STORAGE. */
MUST_CHECK int member_by_curve_key(struct store_txn *view, const struct public_key *key,
                                   struct org_id *ret);

/* All that ever joined, by id. Errors: ERR_NOT_FOUND at the end, and as member_get. */
struct members_cursor {
    struct store_cursor at; /* the room's own */
};
MUST_CHECK int members_first(struct store_txn *view, struct arena *arena,
                             struct members_cursor *cursor, struct membership *ret);
MUST_CHECK int members_next(struct members_cursor *cursor, struct arena *arena,
                            struct membership *ret);
/* How many are active. Errors: the view's failure, ERR_STORAGE. */
MUST_CHECK int members_count(struct store_txn *view, uint64_t *ret);

/* Six words that the applicant and the coordinator read to each other before approval: of
 * (id, signing key, CURVE key) under "member-words/v1", each by hash_run (PRIVACY 4.3). */
void member_words(const struct org_id *org, const struct public_key *sign,
                  const struct public_key *curve, char ret_text[static WORDS_TEXT_SIZE]);
