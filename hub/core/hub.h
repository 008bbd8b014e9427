/* A hub as a whole, without sockets, files or clock: what comes in is queued, a turn decides and
 * applies it, and what goes out is handed to callbacks after the commit.
 *
 * The shell drives one over ZeroMQ and HTTP; the simulator drives the same objects over virtual
 * links. Single thread, but for the functions that take a transaction of their own (load.h). */
#pragma once

#include "hub/core/commands.h"
#include "hub/core/family_keys.h"
#include "shared/base/ids.h"
#include "shared/crypto/curve.h"
#include "shared/crypto/sign.h"
#include "shared/post/pump.h"
#include "shared/turn/turn.h"

struct hub;

struct hub_keys {
    struct sign_public sign_public;
    const struct sign_secret *sign_secret; /* borrowed, in secret memory */
    struct curve_public curve_public;
    /* The director's key, when its file is there: invitations that need no approval want it. */
    const struct sign_secret *director; /* borrowed; NULL: not there */
    struct sign_public director_public;
};

struct hub_links {
    void *context;
    /* To a member: as struct pump_link's send. */
    int (*send)(void *context, const struct address *peer, struct bytes packet);
    /* To a stranger on the enrolment socket, by the token that came with its frame. */
    void (*answer)(void *context, void *token, struct bytes packet);
    /* A command is done; `result` is borrowed. `refusal` REFUSAL_NONE: done. */
    void (*command_done)(void *context, const struct command *command, enum refusal refusal,
                         struct bytes result);
    /* A member may no longer speak: cut its connection. */
    void (*cut)(void *context, const struct org_id *org);
    /* Record keys that no family uses any more, after the commit that says so: destroy them, then
     * tell by HUB_COMMAND_SHREDDED. Said again until that has come. */
    void (*shred)(void *context, const uint64_t *ids, size_t count);
};

struct hub_params {
    struct store *store; /* borrowed; hub_begin was called on it once */
    struct hub_id hub;
    struct hub_keys keys;
    struct hub_links links;
    struct family_keys families;
    struct turn_marker marker;
    struct turn_faults faults;
};

/* What `init` writes into an empty store: the journal under `epoch` and the founding entry, signed
 * by the director. Errors: ERR_EXISTS (a hub stands there), ERR_STORAGE, ERR_NO_ROOM,
 * ERR_NO_MEMORY. */
struct hub_founding {
    struct hub_id hub;
    const char *region_name;
    uint64_t epoch;
    int64_t now_ms;
};
MUST_CHECK int hub_found(struct store *store, const struct hub_founding *founding,
                         const struct hub_keys *keys, struct rng *rng);

/* Errors: ERR_NO_MEMORY, ERR_STORAGE, ERR_NOT_FOUND (no hub was founded in that store). */
MUST_CHECK int hub_new(const struct hub_params *params, struct hub **ret);
void hub_free(struct hub *hub);

/* A frame from an authenticated member. Errors: ERR_AGAIN (run a turn first), ERR_TOO_LARGE,
 * ERR_NO_MEMORY. */
MUST_CHECK int hub_receive(struct hub *hub, const struct org_id *org, struct bytes frame);
/* A frame from a stranger on the enrolment socket. Errors as above. */
MUST_CHECK int hub_receive_stranger(struct hub *hub, void *token, struct bytes frame);
/* The command is borrowed until command_done. Errors: ERR_AGAIN, ERR_NO_MEMORY. */
MUST_CHECK int hub_command(struct hub *hub, const struct command *command);
/* The link to a member is gone: keep what waits until it greets again. */
void hub_lost(struct hub *hub, const struct org_id *org);

/* Record keys for families that are new, `count` from `first_id` on: durable in the keyring, never
 * used before, and above all that were offered before. Without one a consent gets BUSY, so offer
 * more before they run out. A start offers again what lies above hub_last_key: nothing used it.
 * Errors: ERR_AGAIN (more runs of keys wait than a hub keeps: offer again later). */
MUST_CHECK int hub_offer_keys(struct hub *hub, uint64_t first_id, uint64_t count);
uint64_t hub_keys_left(const struct hub *hub);
/* The highest record key that a family uses or ever used; 0: none. Errors: ERR_STORAGE, and those
 * of store_begin_read. */
MUST_CHECK int hub_last_key(struct hub *hub, uint64_t *ret);

/* Runs all that is queued. Errors as turn_run. */
MUST_CHECK int hub_turn(struct hub *hub, int64_t now_ms, struct rng *rng, bool short_of_room);
bool hub_has_work(const struct hub *hub);
/* About each second: resends what flew too long, trims old command results and figures. Errors as
 * turn_run. */
MUST_CHECK int hub_tick(struct hub *hub, int64_t now_ms, struct rng *rng, bool short_of_room);

struct hub_health {
    struct position position;
    uint64_t backed_up_to;
    struct turn_counts turns;
    uint64_t unknown_fields;
    uint64_t strangers_refused;
    uint64_t acknowledgements;
    size_t members_present;
    int64_t clock_skew_ms; /* the members' median clock less ours */
    /* An hour off its members, or before its own journal and no member confirms it: expiries,
     * deadlines and deletions stand still, nobody joins, withdrawals go on. With fewer than three
     * members to ask, a clock that is ahead isn't noticed. */
    bool clock_halted;
    uint64_t families;
    uint64_t flags_open;    /* on the board's list, whoever's turn it is */
    uint64_t tombstones;    /* that still stand; withdrawals that wait for their consent too */
    uint64_t erasures_owed; /* by members */
    uint64_t keys_to_shred;
    uint64_t keys_left;
};
/* Errors: ERR_STORAGE. */
MUST_CHECK int hub_health(struct hub *hub, struct hub_health *ret);
