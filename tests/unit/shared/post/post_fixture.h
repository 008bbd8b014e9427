/* A store with one writing transaction, an arena, two parties and their keys: for the post's tests.
 * Include after cmocka.h. */
#pragma once

#include <string.h>

#include "shared/base/arena.h"
#include "shared/crypto/sign.h"
#include "shared/post/outbox.h"
#include "shared/post/stream.h"
#include "shared/store/env.h"
#include "shared/store/txn.h"
#include "tests/unit/shared/store/scratch.h"

enum { POST_KEYS = 16 };

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
    struct outbox_keys keys;   /* the node's: a keyring of a few record keys */
    bool destroyed[POST_KEYS]; /* of the keys 1 to POST_KEYS - 1 */
    bool spent[POST_KEYS];
};

static struct post_fixture post_fixture;

static inline int post_key(void *context, uint64_t id, struct record_key *ret) {
    const struct post_fixture *fixture = context;
    if (id == 0 || id >= POST_KEYS || fixture->destroyed[id]) {
        return ERR_NOT_FOUND;
    }
    *ret = (struct record_key){.id = id, .key = {{0x20, (uint8_t)id}}};
    return 0;
}

static inline void post_spent(struct store_txn *txn, uint64_t record_key) {
    (void)txn;
    post_fixture.spent[record_key] = true;
}

static inline struct post_fixture *post_begin(void) {
    const uint8_t seeds[2][32] = {{1}, {2}};
    post_fixture = (struct post_fixture){.node = {{"ocmw-kortrijk"}, {"zuid-west"}},
                                         .hub = {{"hub"}, {"zuid-west"}}};
    post_fixture.scratch = scratch_new();
    struct store_params params = {
        .path = post_fixture.scratch.path, .durability = STORE_VOLATILE, .map_bytes = 16 << 20};
    assert_int_equal(store_open(&params, &post_fixture.store), 0);
    assert_int_equal(store_begin_write(post_fixture.store, &post_fixture.txn), 0);
    assert_int_equal(arena_new(16 << 20, &post_fixture.arena), 0);
    post_fixture.stream = (struct stream){
        .sender = post_fixture.node, .recipient = post_fixture.hub, .lane = LANE_ORDINARY};
    sign_keys_from_seed(seeds[0], &post_fixture.node_public, &post_fixture.node_secret);
    sign_keys_from_seed(seeds[1], &post_fixture.hub_public, &post_fixture.hub_secret);
    post_fixture.keys = (struct outbox_keys){.sign = &post_fixture.node_secret,
                                             .records = {.get = post_key, .context = &post_fixture},
                                             .spent = post_spent};
    return &post_fixture;
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
