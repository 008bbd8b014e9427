/* What a hub remembers of its peers between turns, in memory only: who is there, what is owed to
 * them after this turn, how the post to them flies. Losing all of it loses nothing.
 *
 * Walking is in order of first appearance, never by address, so that runs repeat. */
#pragma once

#include <stdbool.h>

#include "shared/base/ids.h"
#include "shared/post/pump.h"
#include "shared/wire/packet.h"

enum {
    PEER_NOT_TAKEN_MAX = 64,
    PEERS_SKEWS_MIN = 3, /* fewer clocks than this judge nobody's */
};

struct peer {
    struct org_id org;
    struct pump pump;
    bool present;       /* we heard from it since it last couldn't be reached */
    bool owes;          /* an acknowledgement is due after this turn */
    bool greet;         /* a welcome is due after this turn, instead of the acknowledgement */
    bool has_post;      /* look into its outbox after this turn */
    bool no_version;    /* we share none with it: no post */
    struct hello hello; /* of the greeting */
    struct not_taken not_taken[PEER_NOT_TAKEN_MAX]; /* of this turn */
    size_t not_taken_count;
    int64_t heard_ms;
    int32_t heard_day; /* the day that TABLE_HEARD is known to have */
    int64_t skew_ms;   /* its clock less ours, when we last heard a Hello */
    bool has_skew;
    uint8_t look_nonce[LOOK_NONCE_BYTES]; /* for its next look; zeros: none yet */
    struct digest look;                   /* the request that has it, with look_taken */
    bool look_taken;
    int64_t look_hour_ms; /* when the hour of its quota began */
    uint32_t looks;       /* in that hour */
    int32_t quota_day;    /* of the four behind it */
    uint32_t families;    /* that it began */
    uint32_t consent_changes;
    uint32_t new_cards;       /* that it told others of */
    uint32_t family_messages; /* what else it said of families */
};

struct peers;

/* Whether the greeting's range of versions holds ours. */
static inline bool hello_speaks_ours(const struct hello *hello) {
    return hello->version_min <= WIRE_VERSION && hello->version_max >= WIRE_VERSION;
}

/* Errors: ERR_NO_MEMORY. */
MUST_CHECK int peers_new(struct peers **ret);
void peers_free(struct peers *peers);

/* Finds or adds; NULL when there is no memory or MEMBERS_MAX is reached. Stays where it is as long
 * as `peers` lives. */
struct peer *peers_get(struct peers *peers, const struct org_id *org);
/* As above, with what it did on an earlier day forgotten. In memory, and counted again where a turn
 * is done again: a bound on floods, not a ledger. */
struct peer *peers_today(struct peers *peers, const struct org_id *org, int32_t today);
/* NULL where it isn't known. */
struct peer *peers_find(struct peers *peers, const struct org_id *org);
size_t peers_count(const struct peers *peers);
struct peer *peers_at(struct peers *peers, size_t index);

/* The median of the known skews, in ms; false where fewer than PEERS_SKEWS_MIN are known. */
bool peers_median_skew(const struct peers *peers, int64_t *ret_ms);
