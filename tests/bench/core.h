/* A hub without sockets over a real store, for measuring its core alone and for filling stores:
 * made-up members join by entries of a few at a time, their packets go in, and acknowledgements
 * are counted and dropped.
 *
 * Not a test of behaviour and not the load of deploy/bench, which goes over a socket. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "hub/core/hub.h"
#include "shared/store/env.h"
#include "tests/bench/org.h"

struct core_params {
    const char *store; /* its directory */
    struct hub_id hub; /* of the region */
    bool found;        /* begin an empty store; else go on with the one that stands there */
    bool durable;
    const struct hub_keys *keys; /* the director's too; borrowed until core_close */
    uint64_t record_keys;        /* so many families may come: made of their numbers, no keyring */
};

struct core {
    struct store *store;
    struct hub *hub;
    struct hub_id id;
    const struct hub_keys *keys;
    struct rng rng;
    uint64_t acknowledgements;
    uint64_t bytes_out;
    enum refusal refused; /* of the last command */
    struct vault_index_key index;
    uint64_t shredded[64]; /* keys that the hub asked to destroy: there's no keyring to do it in */
    size_t shredded_count;
    uint8_t *last; /* a copy of the last packet to a member */
    size_t last_bytes;
};

/* Errors: as store_open, hub_found, hub_new. */
MUST_CHECK int core_open(const struct core_params *params, struct core *ret);
void core_close(struct core *core);

/* Members first .. first + count - 1. Errors: ERR_DENIED (refused, said on stderr), as turn_run. */
MUST_CHECK int core_join(struct core *core, uint32_t first, size_t count, int64_t now_ms);

/* A signal of member `number` goes in, and the turn runs where it's full. Errors: as turn_run. */
MUST_CHECK int core_take(struct core *core, uint32_t number, struct bytes packet, int64_t now_ms);

/* Member `number` greets, with the whole directory. Errors: as turn_run. */
MUST_CHECK int core_hello(struct core *core, uint32_t number, int64_t now_ms);
/* Says that what the hub asked to destroy is destroyed, as a shell does. Errors: as turn_run. */
MUST_CHECK int core_shredded(struct core *core, int64_t now_ms);

/* Errors: ERR_DENIED (less than `facts` came of it all, or something was refused). */
MUST_CHECK int core_check(struct core *core, uint64_t facts);

/* Empties what the hub would still send, as if every member had fetched it. Errors: ERR_STORAGE. */
MUST_CHECK int core_forget_post(struct core *core);
