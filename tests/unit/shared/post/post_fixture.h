/* A store with one writing transaction, an arena, two parties and their keys: for the post's tests.
 * Include after cmocka.h. */
#pragma once

#include <string.h>

#include "shared/base/arena.h"
#include "shared/crypto/sign.h"
#include "shared/post/stream.h"
#include "shared/store/env.h"
#include "shared/store/txn.h"
#include "tests/unit/shared/store/scratch.h"

struct post_fixture {
    struct scratch scratch;
    struct store *store;
    struct store_txn *txn;
    struct arena *arena;
    struct address node;
    struct address hub;
    struct stream stream; /* from the node to the hub, ordinary lane */
    struct sign_public node_public;
    struct sign_secret node_secret;
    struct sign_public hub_public;
    struct sign_secret hub_secret;
};

static inline struct post_fixture *post_begin(void) {
    static struct post_fixture fixture;
    const uint8_t seeds[2][32] = {{1}, {2}};
    fixture = (struct post_fixture){.node = {{"ocmw-kortrijk"}, {"zuid-west"}},
                                    .hub = {{"hub"}, {"zuid-west"}}};
    fixture.scratch = scratch_new();
    struct store_params params = {
        .path = fixture.scratch.path, .durability = STORE_VOLATILE, .map_bytes = 16 << 20};
    assert_int_equal(store_open(&params, &fixture.store), 0);
    assert_int_equal(store_begin_write(fixture.store, &fixture.txn), 0);
    assert_int_equal(arena_new(16 << 20, &fixture.arena), 0);
    fixture.stream =
        (struct stream){.sender = fixture.node, .recipient = fixture.hub, .lane = LANE_ORDINARY};
    sign_keys_from_seed(seeds[0], &fixture.node_public, &fixture.node_secret);
    sign_keys_from_seed(seeds[1], &fixture.hub_public, &fixture.hub_secret);
    return &fixture;
}

static inline void post_end(struct post_fixture *fixture) {
    assert_int_equal(store_txn_error(fixture->txn), 0);
    store_abort(fixture->txn);
    store_close(fixture->store);
    scratch_free(&fixture->scratch);
    arena_free(fixture->arena);
}

/* An id that tells its number, so that two messages never share one. */
static inline struct message_id post_id(uint64_t number) {
    struct message_id id = {.bytes = {0xaa}};
    be64_write(id.bytes + 8, number);
    return id;
}
