/* The office: what hub and node do alike with what comes over a link, before their cores look at
 * the body, and with what goes back.
 *
 * Opening a posting checks everything that doesn't depend on its kind's meaning: who sent it, to
 * whom, its version, age, number, and whether that party may send that kind at all (kinds.h). An
 * acknowledgement says what of a peer's messages is settled, recomputed from the inbox, with one
 * signature for the whole turn. */
#pragma once

#include "shared/base/arena.h"
#include "shared/crypto/sign.h"
#include "shared/post/inbox.h"
#include "shared/post/kinds.h"

/* Who we are on one hub, and how the peer stands in the directory. */
struct office_peer {
    struct address own;
    struct address peer;   /* authenticated by the link */
    enum member_role role; /* MEMBER_ROLE_NONE: not a member, everything is refused */
    struct sign_public sign;
};

/* Where somebody works: `clock_off` says that our own clock isn't to be trusted, so nothing is
 * called expired or early. */
struct office_desk {
    struct store_txn *view; /* borrowed, as the next and the arena */
    const struct office_peer *peer;
    int64_t now_ms;
    bool clock_off;
    struct arena *arena;
};

struct office_mail {
    struct envelope envelope;
    struct bytes envelope_bytes; /* borrowed from the frame */
    struct bytes signature;
    struct stamp stamp;
    const struct post_kind *kind; /* NULL where a refusal came first */
};

/* What to do with a posting. `numbered`: the refusal, if any, uses the number (it's receipted), for
 * the message is authentic and in its place; else it is answered "not taken" or dropped. */
struct office_verdict {
    enum refusal refusal;
    bool duplicate; /* settled before: acknowledge again, change nothing */
    bool known;     /* came under an earlier number; `refusal` is what became of it: settle the new
                     * number with it, change nothing else */
    bool numbered;
};

/* Errors: ERR_STORAGE. */
MUST_CHECK int office_open(const struct office_desk *desk, const struct posting *posting,
                           struct office_mail *ret_mail, struct office_verdict *ret_verdict);

/* What an acknowledgement says beside receipts. */
struct office_notice {
    bool has_position;
    struct position position;
    uint64_t backed_up_to;
    struct directory_head directory;
    struct not_taken *not_taken; /* borrowed */
    size_t not_taken_count;
    bool has_asked; /* these three as in struct acknowledgement */
    struct position asked;
    bool holds_asked;
};

/* Receipts of all lanes of what the desk's peer sent us, signed by us: for a packet, or for a
 * welcome. Errors: ERR_STORAGE, ERR_NO_MEMORY, ERR_TOO_LARGE. */
MUST_CHECK int office_acknowledge(const struct office_desk *desk,
                                  const struct office_notice *notice,
                                  const struct sign_secret *sign,
                                  struct signed_acknowledgement *ret);

/* Checks signature and addresses of an acknowledgement that came from `peer`.
 * REFUSAL_BAD_SIGNATURE, REFUSAL_WRONG_SENDER or what decoding says. */
MUST_CHECK enum refusal office_read_acknowledgement(const struct office_peer *peer,
                                                    const struct signed_acknowledgement *from,
                                                    struct arena *arena,
                                                    struct acknowledgement *ret);
