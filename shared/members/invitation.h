/* Invitations and what is done with them: the string that a new organisation gets, the hub's record
 * of it, and the application that it sends.
 *
 * The hub never keeps the secret, only the key made of it (invitation_key): enough to check a
 * proof, not enough to write the string again. Who approves is the hub's core's and coordinator's
 * matter; a join takes effect by an entry in the directory (directory.h). */
#pragma once

#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/base/ids.h"
#include "shared/base/lists.h"
#include "shared/crypto/sign.h"
#include "shared/store/txn.h"
#include "shared/wire/directory.h"
#include "shared/wire/packet.h"

enum {
    INVITATION_ENDPOINT_SIZE = 128, /* with a NUL */
    INVITATION_SECRET_BYTES = 16,
    INVITATION_TEXT_SIZE = 1024, /* with a NUL */
};

struct invitation_id {
    uint8_t bytes[16];
};

/* What the string holds. It carries the secret: the caller wipes it. */
struct invitation {
    struct invitation_id id;
    uint8_t secret[INVITATION_SECRET_BYTES];
    struct digest fingerprint; /* of the region: the hash of the directory's first entry */
    struct public_key hub_curve;
    int64_t expires_ms;
    struct hub_id hub;
    char join_endpoint[INVITATION_ENDPOINT_SIZE]; /* takes strangers */
    char endpoint[INVITATION_ENDPOINT_SIZE];      /* takes members */
    char region[NAME_BYTES_MAX + 1];              /* its name, may be empty */
};

/* "vangnet1:" and groups of sixteen Crockford base32 characters with '-' between. Each group ends
 * with two check characters, a shortened Reed-Solomon code over GF(32) of distance 3, and a hash
 * covers the whole. The endpoints are printable ASCII, as a shell's configuration has them. */
void invitation_format(const struct invitation *invitation,
                       char ret_text[static INVITATION_TEXT_SIZE]);

/* Spaces, line breaks and '-' may stand anywhere; case doesn't matter; o is read as 0, i and l as
 * 1. Expiry isn't looked at. Refusals: MALFORMED (not an invitation, or mistyped), TOO_LARGE,
 * UNKNOWN_VERSION. `ret_place` is 0 or, with a refusal, the place in `text` (from 1) of the fault:
 * the exact one where a single character in its group is wrong, else in the same group.
 * `ret_place` is always written, `ret` only without a refusal. */
MUST_CHECK enum refusal invitation_parse(const char *text, struct invitation *ret,
                                         size_t *ret_place);

/* hash_of("invitation/v1", secret): what the hub keeps and both derive the proof from. */
struct digest invitation_key(const uint8_t secret[static INVITATION_SECRET_BYTES]);
/* hash_keyed(key, "join/v1", application). */
struct digest invitation_proof(const struct digest *key, struct bytes application);

/* On disk: never renumber. */
enum invitation_state { INVITATION_OPEN = 1, INVITATION_USED = 2, INVITATION_WITHDRAWN = 3 };

struct invitation_record {
    struct invitation_id id;
    struct digest key;
    struct org_id org; /* zeros: for whoever has the string */
    int64_t made_ms;
    int64_t expires_ms;
    struct user_id made_by;
    bool approve_at_once;
    enum invitation_state state;
    struct org_id used_by;     /* zeros until used */
    struct digest application; /* join_application_hash of what used it; zeros until then */
};

void invitation_put(struct store_txn *txn, const struct invitation_record *record);
/* Errors: ERR_NOT_FOUND, the view's failure, ERR_STORAGE (the record doesn't decode). */
MUST_CHECK int invitation_get(struct store_txn *view, const struct invitation_id *id,
                              struct invitation_record *ret);
/* By id. Errors: ERR_NOT_FOUND at the end, and as invitation_get. */
struct invitation_cursor {
    struct store_cursor at; /* the room's own */
};
MUST_CHECK int invitation_first(struct store_txn *view, struct invitation_cursor *cursor,
                                struct invitation_record *ret);
MUST_CHECK int invitation_next(struct invitation_cursor *cursor, struct invitation_record *ret);

/* An application that waits for the coordinator, one an organisation. */
struct pending_join {
    struct org_id org;
    struct invitation_id invitation;
    int64_t received_ms;
    struct bytes application; /* as signed */
};

/* The application's length at most PACKET_BYTES_MAX. Errors: ERR_NO_MEMORY; a failed write stays
 * in the transaction. The arena is scratch. */
MUST_CHECK int pending_put(struct store_txn *txn, const struct pending_join *pending,
                           struct arena *arena);
/* `application` in the arena. Errors: as invitation_get, ERR_NO_MEMORY. */
MUST_CHECK int pending_get(struct store_txn *view, const struct org_id *org, struct arena *arena,
                           struct pending_join *ret);
void pending_delete(struct store_txn *txn, const struct org_id *org);
/* By id of the organisation. Errors: ERR_NOT_FOUND at the end, and as pending_get. */
struct pending_cursor {
    struct store_cursor at; /* the room's own */
};
MUST_CHECK int pending_first(struct store_txn *view, struct arena *arena,
                             struct pending_cursor *cursor, struct pending_join *ret);
MUST_CHECK int pending_next(struct pending_cursor *cursor, struct arena *arena,
                            struct pending_join *ret);

struct digest join_application_hash(struct bytes application);

/* The applicant's side: request, in the arena, for the application's bytes as they'll be signed
 * (join_application_encode). It sends the very same bytes again until it's answered. Errors:
 * ERR_NO_MEMORY. */
MUST_CHECK int join_compose(const struct invitation *invitation, struct bytes application,
                            const struct sign_secret *secret, struct arena *arena,
                            struct join_request *ret);

struct join_checked {
    enum refusal refusal;
    /* only with REFUSAL_NONE: */
    bool repeated;         /* the same application came before: nothing to write */
    enum join_state state; /* JOIN_WAITING where new; else what has become of it */
    struct invitation_record invitation;
    struct join_application application; /* in the arena */
};

/* Judges a request from a stranger. One that used its invitation before, with the same application,
 * is accepted again whatever the time: `state` is then JOIN_WAITING (pending), JOIN_APPROVED (a
 * member with that signing key) or JOIN_REFUSED (declined, or gone since). Refusals:
 *   BAD_INVITATION    unknown, withdrawn, used with another application, or the proof is wrong
 *   EXPIRED           the invitation
 *   MALFORMED, TOO_LARGE, UNKNOWN_VALUE, NO_ROOM    the application, as in directory_check
 *   BAD_SIGNATURE     not by the signing key that it names
 *   UNKNOWN_RECIPIENT for another hub
 *   NOT_ALLOWED       the invitation is for another organisation; the hub's own id; another role
 *                     than MEMBER_ROLE_NODE, which only directors give
 *   EXISTS            the organisation is a member, or waits already with another signing key; a
 *                     key that anybody has or had (after a revocation it needs new ones)
 * An application of who waits, by the same signing key and a new invitation, takes the place of the
 * one that waits: a correction.
 * Errors: the view's failure, ERR_NO_MEMORY, ERR_NOT_FOUND (no directory yet), ERR_STORAGE. */
MUST_CHECK int join_check(struct store_txn *view, const struct join_request *request,
                          int64_t now_ms, struct arena *arena, struct join_checked *ret);
