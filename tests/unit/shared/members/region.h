/* A region for the tests of this room: three directors of whom some must sign, a store, and short
 * ways to compose, judge and take entries. Keys are made of a number, so nothing is random. */
#pragma once

#include <string.h>

#include "shared/crypto/hash.h"
#include "shared/members/directory.h"
#include "shared/members/members.h"
#include "shared/store/env.h"
#include "tests/unit/shared/store/scratch.h"

enum { DIRECTOR_1 = 0xd1, DIRECTOR_2 = 0xd2, DIRECTOR_3 = 0xd3, HUB_CURVE = 0xc0, HUB_SIGN = 0xc1 };

/* The time of the known answer in reference.py. */
static const int64_t region_start_ms = 1790000000000;

struct fixture {
    struct scratch scratch;
    struct store *store;
    struct store_txn *txn;
    struct arena *arena;
    struct sign_secret secrets[256];
    struct sign_public publics[256];
};

static inline struct public_key key_of(int number) {
    struct public_key key;
    memset(key.bytes, number, sizeof(key.bytes));
    return key;
}

static inline struct public_key sign_key(const struct fixture *fixture, int number) {
    struct public_key key;
    memcpy(key.bytes, fixture->publics[number].bytes, sizeof(key.bytes));
    return key;
}

static inline struct org_id org_of(const char *text) {
    struct org_id org;
    assert_int_equal(org_id_parse(text, &org), 0);
    return org;
}

static inline struct fixture *begin(void) {
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    fixture->scratch = scratch_new();
    const struct store_params params = {
        .path = fixture->scratch.path, .durability = STORE_VOLATILE, .map_bytes = 64 << 20};
    assert_int_equal(store_open(&params, &fixture->store), 0);
    assert_int_equal(store_begin_write(fixture->store, &fixture->txn), 0);
    assert_int_equal(arena_new(64 << 20, &fixture->arena), 0);
    for (int i = 0; i < 256; i++) {
        struct public_key seed = key_of(i);
        sign_keys_from_seed(seed.bytes, &fixture->publics[i], &fixture->secrets[i]);
    }
    return fixture;
}

static inline void end(struct fixture *fixture) {
    store_abort(fixture->txn);
    store_close(fixture->store);
    scratch_free(&fixture->scratch);
    arena_free(fixture->arena);
    free(fixture);
}

/* Who signs: a list of key numbers, ended by 0. */
struct signers {
    int keys[8];
};

static const struct signers two_directors = {{DIRECTOR_1, DIRECTOR_2}};

static inline struct bytes sign_entry(struct fixture *fixture, struct bytes entry,
                                      struct signers signers) {
    struct directory_signer list[8];
    struct bytes signed_bytes;
    size_t count = 0;
    for (; count < 8 && signers.keys[count] != 0; count++) {
        int number = signers.keys[count];
        list[count] = (struct directory_signer){
            .public_key = fixture->publics[number],
            .secret = &fixture->secrets[number],
        };
    }
    assert_int_equal(directory_sign(entry, list, count, fixture->arena, &signed_bytes), 0);
    return signed_bytes;
}

/* At the region's start and a minute for each entry. */
static inline struct bytes make(struct fixture *fixture, struct directory_op *ops, size_t count,
                                struct signers signers) {
    struct directory_head head;
    struct bytes entry;
    assert_int_equal(directory_head(fixture->txn, &head), 0);
    const struct directory_draft draft = {
        .now_ms = region_start_ms + (int64_t)head.sequence * 60000, .ops = ops, .op_count = count};
    assert_int_equal(directory_compose(fixture->txn, &draft, fixture->arena, &entry), 0);
    return sign_entry(fixture, entry, signers);
}

static inline enum refusal judge(struct fixture *fixture, struct bytes signed_bytes) {
    struct directory_checked checked;
    assert_int_equal(directory_check(fixture->txn, signed_bytes, fixture->arena, &checked), 0);
    return checked.refusal;
}

static inline void take(struct fixture *fixture, struct bytes signed_bytes) {
    assert_int_equal(judge(fixture, signed_bytes), REFUSAL_NONE);
    assert_int_equal(directory_apply(fixture->txn, signed_bytes, fixture->arena), 0);
    assert_int_equal(store_txn_error(fixture->txn), 0);
}

static inline struct region region_with(const struct fixture *fixture, struct public_key *directors,
                                        uint32_t quorum) {
    struct region region = {
        .name = "Zuid-West-Vlaanderen",
        .directors = directors,
        .director_count = 3,
        .quorum = quorum,
        .hub_curve = key_of(HUB_CURVE),
        .hub_sign = key_of(HUB_SIGN),
    };
    assert_int_equal(hub_id_parse("kortrijk", &region.hub), 0);
    directors[0] = sign_key(fixture, DIRECTOR_1);
    directors[1] = sign_key(fixture, DIRECTOR_2);
    directors[2] = sign_key(fixture, DIRECTOR_3);
    return region;
}

static inline void found(struct fixture *fixture, uint32_t quorum) {
    struct public_key directors[3];
    struct region region = region_with(fixture, directors, quorum);
    struct directory_op op = {.kind = DIRECTORY_OP_FOUND, .region = &region};
    take(fixture, make(fixture, &op, 1, (struct signers){{DIRECTOR_1, DIRECTOR_2}}));
}

/* A member whose keys are made of `number` (its CURVE key) and the numbers after. */
static inline struct member member_of(const struct fixture *fixture, int number) {
    return (struct member){
        .name = "OCMW",
        .kind = ORG_KIND_OCMW,
        .competence = COMPETENCE_TERRITORIAL,
        .role = MEMBER_ROLE_NODE,
        .curve = key_of(number),
        .sign = sign_key(fixture, number),
        .seal = key_of(number + 1),
        .contact = key_of(number + 2),
        .may_take_consent = CONSENT_RIGHT_FULL,
        .hidden = true,
    };
}

static inline void join(struct fixture *fixture, const char *org, int number) {
    struct member member = member_of(fixture, number);
    struct directory_op op = {
        .kind = DIRECTORY_OP_JOIN, .organisation = org_of(org), .member = &member};
    take(fixture, make(fixture, &op, 1, (struct signers){{DIRECTOR_1, DIRECTOR_2}}));
}

/* Over every table that the journal makes. */
static inline struct digest state_hash(struct store_txn *txn) {
    struct hash hash;
    hash_begin(&hash, "test/v1");
    for (int table = 0; table < TABLE_COUNT; table++) {
        struct store_cursor cursor;
        if (!table_from_journal((enum table)table)) {
            continue;
        }
        hash_u64(&hash, (uint64_t)table);
        int r = store_first(txn, (enum table)table, &cursor);
        for (; r == 0; r = store_next(&cursor)) {
            hash_run(&hash, cursor.key);
            hash_run(&hash, cursor.value);
        }
        assert_int_equal(r, ERR_NOT_FOUND);
    }
    return hash_end(&hash);
}

/* One operation judged on the region as it is; `by` signs. Judging writes nothing. */
static inline enum refusal judge_op(struct fixture *fixture, struct directory_op op,
                                    struct signers by) {
    struct digest before = state_hash(fixture->txn);
    enum refusal refusal = judge(fixture, make(fixture, &op, 1, by));
    struct digest after = state_hash(fixture->txn);
    assert_true(digest_equal(&before, &after));
    return refusal;
}

static inline struct directory_op op_on(enum directory_op_kind kind, const char *org,
                                        struct member *member) {
    return (struct directory_op){.kind = kind, .organisation = org_of(org), .member = member};
}
