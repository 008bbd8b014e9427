/* Made-up families and what organisations send about them, for the benchmarks: cards made of a
 * number, messages composed, proven and signed as nodes do. Nothing here is about anybody. */
#pragma once

#include "shared/base/arena.h"
#include "shared/base/family_lists.h"
#include "shared/base/lists.h"
#include "shared/consent/card.h"
#include "shared/crypto/sign.h"
#include "tests/bench/org.h"

struct bench_family {
    struct family_handle handle;
    struct presence_seed seed;
    struct sign_public presence_public;
    struct sign_secret presence;
    struct sign_public family_public;
    struct sign_secret family;
};

/* Each number another card. */
void bench_family_make(uint32_t number, const struct hub_id *hub, struct bench_family *ret);

/* An organisation that speaks to a hub, and the numbers that it has used. */
struct bench_sender {
    struct address own;
    const struct org_keys *keys;
    uint64_t last[LANES];
    int64_t now_ms;
};

/* Whole packets, as they stand on the wire, in the arena. Errors: ERR_NO_MEMORY, ERR_TOO_LARGE. */

/* Three verifications at the hub: envelope, family, organisation. Presence, lost-support, fallback.
 * Support is on its way; or, one verification more, the issuer's own (its number 1) comes along. */
struct bench_consent {
    const struct org_id *fallback;
    bool own_support;
};
MUST_CHECK int bench_consent(struct bench_sender *sender, const struct bench_family *family,
                             const struct bench_consent *consent, struct arena *arena,
                             struct bytes *ret);
/* Two: envelope, presence key. Near and professional; `number` from 1. */
struct bench_support {
    enum support_state state;
    uint32_t number;
    int32_t day; /* of the last contact, or the end */
};
MUST_CHECK int bench_support(struct bench_sender *sender, const struct bench_family *family,
                             const struct bench_support *support, struct arena *arena,
                             struct bytes *ret);
/* Two: envelope, presence key (a new card's withdrawal). */
MUST_CHECK int bench_withdrawal(struct bench_sender *sender, const struct bench_family *family,
                                struct arena *arena, struct bytes *ret);
/* One: the envelope; what's in it is for the supporter alone. */
MUST_CHECK int bench_new_card(struct bench_sender *sender, const struct org_id *to,
                              struct arena *arena, struct bytes *ret);
/* A look with the card, under that nonce; signed by the family's key where `good`, else by none
 * that fits. One verification. */
struct bench_look {
    const struct hub_id *hub;
    const struct org_id *org;
    const uint8_t *nonce; /* LOOK_NONCE_BYTES */
    bool good;
    int64_t now_ms;
};
MUST_CHECK int bench_look(const struct bench_family *family, const struct bench_look *look,
                          struct arena *arena, struct bytes *ret);
