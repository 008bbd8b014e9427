#include <string.h>

#include "node/shell/run.h"
#include "shared/base/civil.h"
#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"
#include "shared/io/log.h"
#include "shared/members/members.h"

enum {
    POOL_LOW = 64,
    POOL_BATCH = 128, /* what a restart leaves unused of it is a few kilobytes of the keyring */
    LOOK_AT_KEYS_MS = 10000,
    CONTACT_KEY_LIFE_DAYS = 92,
    MEMBER_ARENA_BYTES = 1 << 20,
};

void loop_offer_keys(struct run *run) {
    uint8_t seed[KEYRING_SEED_BYTES];
    uint64_t first;
    if (node_keys_left(run->node) >= POOL_LOW) {
        return;
    }
    random_fill(seed, sizeof(seed));
    int r = keyring_reserve(run->desk.keyring, seed, POOL_BATCH, &first);
    secret_wipe(seed, sizeof(seed));
    if (r < 0) {
        log_limited(clock_monotonic_ms(&run->desk.clock), LOG_LEVEL_WARNING, "keys_not_reserved",
                    "reason", err_text(r), NULL);
        return;
    }
    node_offer_keys(run->node, first, POOL_BATCH);
}

/* -- keys that others seal to -- */

static void rotate(struct run *run, enum secret_kind kind, int32_t today) {
    struct curve_public key;
    int r = secrets_next(run->secrets, kind, &key);
    struct job *job = r < 0 ? NULL : job_new(NODE_COMMAND_KEYS_ROTATE);
    if (job == NULL) {
        log_limited(clock_monotonic_ms(&run->desk.clock), LOG_LEVEL_WARNING, "key_not_made",
                    "reason", err_text(r < 0 ? r : ERR_NO_MEMORY), NULL);
        return;
    }
    const bool contact = kind == SECRET_CONTACT;
    random_fill(&job->command.id, sizeof(job->command.id));
    job->arguments.rotate = (struct keys_rotate_arguments){
        .contact = contact,
        .key = key,
        .from_day = today,
        .until_day = today + (contact ? CONTACT_KEY_LIFE_DAYS : SEALING_KEY_DAYS),
    };
    log_line(LOG_LEVEL_INFO, "key_renewed", "key", contact ? "contact" : "sealing", NULL);
    loop_give(run, job);
}

/* How the directory names our keys now. */
static int own_keys(struct run *run, struct curve_public ret[static SECRET_KINDS]) {
    struct membership own;
    struct store_txn *view;
    struct arena *arena;
    int r = arena_new(MEMBER_ARENA_BYTES, &arena);
    if (r < 0) {
        return r;
    }
    r = store_begin_read(run->desk.store, &view);
    if (r == 0) {
        r = member_get(view, &run->desk.settings.own.org, arena, &own);
        store_abort(view);
    }
    if (r == 0) {
        memcpy(ret[SECRET_SEAL].bytes, own.member.seal.bytes, sizeof(ret->bytes));
        memcpy(ret[SECRET_CONTACT].bytes, own.member.contact.bytes, sizeof(ret->bytes));
    }
    arena_free(arena);
    return r;
}

static int follow_directory(struct run *run, int32_t today) {
    struct curve_public named[SECRET_KINDS];
    int r = own_keys(run, named);
    for (int kind = 0; r >= 0 && kind < SECRET_KINDS; kind++) {
        r = secrets_follow(run->secrets, (enum secret_kind)kind, &named[kind], today);
    }
    return r < 0 ? r : secrets_destroy_old(run->secrets, today);
}

/* Only by a clock that the hub confirms: a jump of it destroys nothing. */
void loop_look_at_keys(struct run *run, const struct node_health *health) {
    const int64_t now_ms = clock_now_ms(&run->desk.clock);
    const int64_t monotonic_ms = clock_monotonic_ms(&run->desk.clock);
    struct node_keys_due due;
    if (!health->connected || !health->member || health->clock_halted ||
        monotonic_ms - run->keys_ms < LOOK_AT_KEYS_MS) {
        return;
    }
    run->keys_ms = monotonic_ms;
    const int32_t today = brussels_day(now_ms);
    int r = node_keys_due(run->node, now_ms, &due);
    if (r == 0 && due.clock_doubted) {
        return;
    }
    r = r < 0 ? r : follow_directory(run, today);
    if (r < 0) {
        log_limited(monotonic_ms, LOG_LEVEL_WARNING, "keys_not_followed", "reason", err_text(r),
                    NULL);
        return;
    }
    if (due.sealing) {
        rotate(run, SECRET_SEAL, today);
    }
    if (due.contact) {
        rotate(run, SECRET_CONTACT, today);
    }
}
