#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/crypto/rng.h"
#include "tests/unit/shared/members/region.h"

/* All three from reference.py, which shares no code with us. */
static void
an_entry_its_hash_and_its_signature_are_what_an_independent_program_makes(void **state) {
    static const char entry_hex[] =
        "0801122000000000000000000000000000000000000000000000000000000000000000001880"
        "d8c1a28c3422d10108011acc010a086b6f727472696a6b12145a7569642d576573742d566c61"
        "616e646572656e1a206ee091fd280a9b68554fa73c588125d47d3425c68a26ba236b4dad90f9"
        "0a8f921a2041e8fde132ad670e534cd8b275d2cd7eec77733c66f8db48a1cada7fabfc45551a"
        "20b4740ba4e0f7e0576f11e8149dbbb2529c212213db679831fb5d1b221e84552d20022a20c0"
        "c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c03220c1c1c1c1c1"
        "c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1";
    static const char hash_hex[] =
        "f6a5835a5ee7d23f23cc64e66f023ce5bd5332c17300d3aaa2c97e1955e067d3";
    static const char signature_hex[] =
        "4c28333fd47a862c7c623b4725f4bf7ea43ea4df04eab3df050f1564414ae62d5b98da2e3f0c"
        "fd2b5a2e50607a33533f0c7ba9bd93758c7fb2c89c32afaaed08";
    uint8_t expected[sizeof(entry_hex) / 2];
    uint8_t signature[SIGNATURE_BYTES];
    struct digest hash;
    struct fixture *fixture = begin();
    found(fixture, 2);
    struct bytes signed_bytes;
    struct signed_entry entry;
    assert_int_equal(directory_entry_at(fixture->txn, 1, &signed_bytes), 0);
    assert_int_equal(signed_entry_decode(signed_bytes, fixture->arena, &entry), REFUSAL_NONE);
    assert_int_equal(hex_decode(entry_hex, expected, sizeof(expected)), 0);
    assert_true(bytes_equal(entry.entry, BYTES_OF(expected)));
    assert_int_equal(hex_decode(signature_hex, signature, sizeof(signature)), 0);
    assert_memory_equal(entry.signatures[0].signature, signature, sizeof(signature));
    uint8_t expected_hash[32];
    assert_int_equal(hex_decode(hash_hex, expected_hash, sizeof(expected_hash)), 0);
    assert_int_equal(directory_hash_at(fixture->txn, 1, &hash), 0);
    assert_memory_equal(hash.bytes, expected_hash, sizeof(expected_hash));
    end(fixture);
}

static void an_empty_directory_has_a_zero_head_and_no_region(void **state) {
    struct fixture *fixture = begin();
    struct directory_head head = {.sequence = 9};
    struct region region;
    struct bytes bytes;
    struct position position;
    assert_int_equal(directory_head(fixture->txn, &head), 0);
    assert_int_equal(head.sequence, 0);
    assert_true(digest_is_zero(&head.hash));
    assert_int_equal(directory_region(fixture->txn, fixture->arena, &region), ERR_NOT_FOUND);
    assert_int_equal(directory_entry_at(fixture->txn, 0, &bytes), ERR_NOT_FOUND);
    assert_int_equal(directory_entry_at(fixture->txn, 1, &bytes), ERR_NOT_FOUND);
    assert_int_equal(directory_restored(fixture->txn, &position), ERR_NOT_FOUND);
    end(fixture);
}

static void the_founding_entry_says_what_the_region_is(void **state) {
    struct fixture *fixture = begin();
    struct region region;
    found(fixture, 2);
    assert_int_equal(directory_region(fixture->txn, fixture->arena, &region), 0);
    assert_string_equal(region.hub.text, "kortrijk");
    assert_int_equal(region.quorum, 2);
    assert_int_equal(region.director_count, 3);
    end(fixture);
}

static void only_founding_may_come_first_alone_and_only_once(void **state) {
    struct fixture *fixture = begin();
    struct member member = member_of(fixture, 1);
    struct public_key directors[3];
    struct region region = region_with(fixture, directors, 1);
    struct directory_op founding = {.kind = DIRECTORY_OP_FOUND, .region = &region};
    struct directory_op join_op = op_on(DIRECTORY_OP_JOIN, "ocmw", &member);
    struct directory_op both[] = {founding, join_op};
    assert_int_equal(judge_op(fixture, join_op, two_directors), REFUSAL_NOT_ALLOWED);
    assert_int_equal(judge(fixture, make(fixture, both, 2, two_directors)), REFUSAL_NOT_ALLOWED);
    found(fixture, 1);
    assert_int_equal(judge_op(fixture, founding, two_directors), REFUSAL_NOT_ALLOWED);
    end(fixture);
}

static void a_region_is_founded_by_the_quorum_that_it_names(void **state) {
    struct fixture *fixture = begin();
    struct public_key directors[3];
    struct region region = region_with(fixture, directors, 2);
    struct directory_op op = {.kind = DIRECTORY_OP_FOUND, .region = &region};
    assert_int_equal(judge_op(fixture, op, (struct signers){{DIRECTOR_1}}), REFUSAL_NOT_ALLOWED);
    assert_int_equal(judge_op(fixture, op, (struct signers){{0}}), REFUSAL_NOT_ALLOWED);
    assert_int_equal(judge_op(fixture, op, (struct signers){{DIRECTOR_1, 7}}), REFUSAL_NOT_ALLOWED);
    assert_int_equal(judge_op(fixture, op, (struct signers){{DIRECTOR_3, DIRECTOR_1}}),
                     REFUSAL_NONE);
    end(fixture);
}

static void a_region_with_one_director_named_twice_or_without_hub_keys_is_refused(void **state) {
    struct fixture *fixture = begin();
    struct public_key directors[3];
    struct region region = region_with(fixture, directors, 2);
    struct directory_op op = {.kind = DIRECTORY_OP_FOUND, .region = &region};
    directors[2] = directors[1];
    assert_int_equal(judge_op(fixture, op, two_directors), REFUSAL_MALFORMED);
    directors[2] = sign_key(fixture, DIRECTOR_3);
    region.hub_curve = key_of(0);
    assert_int_equal(judge_op(fixture, op, two_directors), REFUSAL_MALFORMED);
    end(fixture);
}

static void one_of_three_directors_is_enough_where_one_is_asked(void **state) {
    struct fixture *fixture = begin();
    struct member member = member_of(fixture, 1);
    found(fixture, 1);
    struct directory_op op = op_on(DIRECTORY_OP_JOIN, "ocmw", &member);
    assert_int_equal(judge_op(fixture, op, (struct signers){{DIRECTOR_3}}), REFUSAL_NONE);
    assert_int_equal(judge_op(fixture, op, (struct signers){{1}}), REFUSAL_NOT_ALLOWED);
    end(fixture);
}

static void a_director_who_signs_twice_counts_once(void **state) {
    struct fixture *fixture = begin();
    struct member member = member_of(fixture, 1);
    found(fixture, 2);
    struct directory_op op = op_on(DIRECTORY_OP_JOIN, "ocmw", &member);
    assert_int_equal(judge_op(fixture, op, (struct signers){{DIRECTOR_1, DIRECTOR_1}}),
                     REFUSAL_NOT_ALLOWED);
    assert_int_equal(judge_op(fixture, op, (struct signers){{DIRECTOR_1, DIRECTOR_1, DIRECTOR_3}}),
                     REFUSAL_NONE);
    end(fixture);
}

static void a_second_director_can_add_a_signature_later(void **state) {
    struct fixture *fixture = begin();
    struct member member = member_of(fixture, 1);
    found(fixture, 2);
    struct directory_op op = op_on(DIRECTORY_OP_JOIN, "ocmw", &member);
    struct bytes one = make(fixture, &op, 1, (struct signers){{DIRECTOR_1}});
    struct bytes two;
    const struct directory_signer second = {.public_key = fixture->publics[DIRECTOR_2],
                                            .secret = &fixture->secrets[DIRECTOR_2]};
    assert_int_equal(judge(fixture, one), REFUSAL_NOT_ALLOWED);
    assert_int_equal(directory_cosign(one, &second, fixture->arena, &two), 0);
    assert_int_equal(judge(fixture, two), REFUSAL_NONE);
    assert_int_equal(directory_cosign(bytes_from_text("?"), &second, fixture->arena, &two),
                     ERR_MALFORMED);
    end(fixture);
}

/* Every byte turned over, every cut: none may pass, and judging writes nothing. */
static void a_forged_or_cut_entry_is_refused_and_nothing_changes(void **state) {
    struct fixture *fixture = begin();
    struct member member = member_of(fixture, 1);
    found(fixture, 2);
    struct directory_op op = op_on(DIRECTORY_OP_JOIN, "ocmw", &member);
    struct bytes good = make(fixture, &op, 1, two_directors);
    uint8_t copy[4096];
    assert_true(good.length < sizeof(copy));
    struct digest before = state_hash(fixture->txn);
    for (size_t i = 0; i < good.length; i++) {
        memcpy(copy, good.data, good.length);
        copy[i] ^= 0x01;
        assert_int_not_equal(judge(fixture, (struct bytes){copy, good.length}), REFUSAL_NONE);
    }
    for (size_t length = 0; length < good.length; length++) {
        memcpy(copy, good.data, length);
        assert_int_not_equal(judge(fixture, (struct bytes){copy, length}), REFUSAL_NONE);
    }
    struct digest after = state_hash(fixture->txn);
    assert_true(digest_equal(&before, &after));
    assert_int_equal(judge(fixture, good), REFUSAL_NONE);
    end(fixture);
}

static void a_signature_that_does_not_verify_spoils_the_entry(void **state) {
    struct fixture *fixture = begin();
    struct member member = member_of(fixture, 1);
    found(fixture, 1);
    struct directory_op op = op_on(DIRECTORY_OP_JOIN, "ocmw", &member);
    struct signed_entry entry;
    struct bytes forged;
    struct bytes good = make(fixture, &op, 1, two_directors);
    assert_int_equal(signed_entry_decode(good, fixture->arena, &entry), REFUSAL_NONE);
    entry.signatures[1].signature[40] ^= 1;
    assert_int_equal(signed_entry_encode(&entry, fixture->arena, &forged), 0);
    assert_int_equal(judge(fixture, forged), REFUSAL_BAD_SIGNATURE);
    end(fixture);
}

static void entries_count_only_in_their_order(void **state) {
    struct fixture *fixture = begin();
    struct member member = member_of(fixture, 1);
    found(fixture, 2);
    struct directory_op op = op_on(DIRECTORY_OP_JOIN, "ocmw", &member);
    struct bytes second = make(fixture, &op, 1, two_directors);
    member = member_of(fixture, 10);
    op = op_on(DIRECTORY_OP_JOIN, "caw", &member);
    struct bytes fork = make(fixture, &op, 1, two_directors);
    take(fixture, second);
    struct bytes third = make(fixture, &op, 1, two_directors);
    assert_int_equal(judge(fixture, second), REFUSAL_STALE);
    assert_int_equal(judge(fixture, fork), REFUSAL_BROKEN_CHAIN);
    assert_int_equal(judge(fixture, third), REFUSAL_NONE);
    struct fixture *other = begin();
    found(other, 2);
    assert_int_equal(judge(other, third), REFUSAL_TOO_FAR_AHEAD);
    end(other);
    end(fixture);
}

static struct bytes entry_with(struct fixture *fixture, const struct directory_entry *entry) {
    struct bytes bytes;
    assert_int_equal(directory_entry_encode(entry, fixture->arena, &bytes), 0);
    return sign_entry(fixture, bytes, two_directors);
}

static void an_entry_that_does_not_follow_the_last_is_refused(void **state) {
    struct fixture *fixture = begin();
    struct member member = member_of(fixture, 1);
    struct directory_op op = op_on(DIRECTORY_OP_JOIN, "ocmw", &member);
    found(fixture, 2);
    struct directory_entry entry = {
        .sequence = 2, .time_ms = region_start_ms, .ops = &op, .op_count = 1};
    assert_int_equal(judge(fixture, entry_with(fixture, &entry)), REFUSAL_BROKEN_CHAIN);
    assert_int_equal(directory_hash_at(fixture->txn, 1, &entry.previous), 0);
    assert_int_equal(judge(fixture, entry_with(fixture, &entry)), REFUSAL_NONE);
    end(fixture);
}

static void time_may_run_back_an_hour_and_no_more(void **state) {
    struct fixture *fixture = begin();
    struct member member = member_of(fixture, 1);
    struct directory_op op = op_on(DIRECTORY_OP_JOIN, "ocmw", &member);
    found(fixture, 2);
    struct directory_entry entry = {.sequence = 2, .ops = &op, .op_count = 1};
    assert_int_equal(directory_hash_at(fixture->txn, 1, &entry.previous), 0);
    entry.time_ms = region_start_ms - DIRECTORY_BACK_MS;
    assert_int_equal(judge(fixture, entry_with(fixture, &entry)), REFUSAL_NONE);
    entry.time_ms--;
    assert_int_equal(judge(fixture, entry_with(fixture, &entry)), REFUSAL_CLOCK_OFF);
    entry.time_ms = INT64_MAX;
    assert_int_equal(judge(fixture, entry_with(fixture, &entry)), REFUSAL_MALFORMED);
    end(fixture);
}

static void what_is_no_entry_is_refused_by_its_form(void **state) {
    struct fixture *fixture = begin();
    struct member member = member_of(fixture, 1);
    struct directory_op op = op_on((enum directory_op_kind)99, "ocmw", &member);
    static const uint8_t large[PACKET_BYTES_MAX + 1];
    found(fixture, 2);
    assert_int_equal(judge_op(fixture, op, two_directors), REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(judge(fixture, (struct bytes){0}), REFUSAL_MALFORMED);
    assert_int_equal(judge(fixture, BYTES_OF(large)), REFUSAL_TOO_LARGE);
    end(fixture);
}

static void a_restore_names_the_position_that_is_kept(void **state) {
    struct fixture *fixture = begin();
    struct position position;
    found(fixture, 2);
    struct directory_op op = {.kind = DIRECTORY_OP_RESTORE,
                              .has_position = true,
                              .position = {.epoch = 3, .sequence = 77, .head = {.bytes = {5}}}};
    take(fixture, make(fixture, &op, 1, two_directors));
    join(fixture, "ocmw", 1);
    assert_int_equal(directory_restored(fixture->txn, &position), 0);
    assert_int_equal(position.epoch, 3);
    assert_int_equal(position.sequence, 77);
    assert_int_equal(position.head.bytes[0], 5);
    end(fixture);
}

/* Some lawful next entry, whatever the random numbers say. */
static struct bytes random_entry(struct fixture *fixture, struct rng *rng, int *joined) {
    static const char *const names[] = {"ocmw", "caw", "dmw", "vdab", "nt2", "school"};
    size_t who = (size_t)rng_below(rng, 6);
    struct member_standing standing;
    struct org_id org = org_of(names[who]);
    int r = member_standing(fixture->txn, &org, &standing);
    struct member member = {0};
    struct directory_op op = {.kind = DIRECTORY_OP_JOIN, .organisation = org, .member = &member};
    if (r == ERR_NOT_FOUND || !standing.active) {
        member = member_of(fixture, 1 + *joined);
        *joined += 1;
        return make(fixture, &op, 1, two_directors);
    }
    struct language languages[2] = {{"nld"}, {"fra"}};
    int own = 1;
    while (memcmp(fixture->publics[own].bytes, standing.sign.bytes, 32) != 0) {
        own++;
    }
    const struct signers all = {{DIRECTOR_1, DIRECTOR_3, own}};
    switch (rng_below(rng, 5)) {
    case 0:
        op.kind = *joined < 190 ? DIRECTORY_OP_REVOKE : DIRECTORY_OP_ENDPOINT;
        op.member = op.kind == DIRECTORY_OP_REVOKE ? NULL : &member;
        break;
    case 1:
        op.kind = DIRECTORY_OP_ROTATE_SEAL;
        rng_fill(rng, member.seal.bytes, sizeof(member.seal.bytes));
        break;
    case 2:
        op.kind = DIRECTORY_OP_SERVICES;
        member.languages = languages;
        member.language_count = (size_t)rng_below(rng, 3);
        break;
    case 3:
        op.kind = DIRECTORY_OP_ROTATE_CURVE;
        rng_fill(rng, member.curve.bytes, sizeof(member.curve.bytes));
        break;
    default:
        op.kind = DIRECTORY_OP_ENDPOINT;
        memcpy(member.endpoint, "tcp://192.0.2.1:7300", 21);
    }
    return make(fixture, &op, 1, all);
}

static void two_hundred_entries_make_the_same_tables_wherever_they_are_replayed(void **state) {
    struct fixture *hub = begin();
    struct fixture *node = begin();
    struct rng rng;
    const struct public_key seed = key_of(42);
    int joined = 0;
    rng_init(&rng, seed.bytes);
    found(hub, 2);
    for (int i = 1; i < 200; i++) {
        take(hub, random_entry(hub, &rng, &joined));
    }
    for (uint64_t sequence = 1; sequence <= 200; sequence++) {
        struct bytes bytes;
        assert_int_equal(directory_entry_at(hub->txn, sequence, &bytes), 0);
        take(node, bytes);
        if (sequence % 50 == 0) { /* another process would begin from the disk */
            arena_reset(node->arena);
            assert_int_equal(store_commit(node->txn), 0);
            assert_int_equal(store_begin_write(node->store, &node->txn), 0);
        }
    }
    struct digest at_hub = state_hash(hub->txn);
    struct digest at_node = state_hash(node->txn);
    assert_true(digest_equal(&at_hub, &at_node));
    end(node);
    end(hub);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_its_hash_and_its_signature_are_what_an_independent_program_makes),
        cmocka_unit_test(an_empty_directory_has_a_zero_head_and_no_region),
        cmocka_unit_test(the_founding_entry_says_what_the_region_is),
        cmocka_unit_test(only_founding_may_come_first_alone_and_only_once),
        cmocka_unit_test(a_region_is_founded_by_the_quorum_that_it_names),
        cmocka_unit_test(a_region_with_one_director_named_twice_or_without_hub_keys_is_refused),
        cmocka_unit_test(one_of_three_directors_is_enough_where_one_is_asked),
        cmocka_unit_test(a_director_who_signs_twice_counts_once),
        cmocka_unit_test(a_second_director_can_add_a_signature_later),
        cmocka_unit_test(a_forged_or_cut_entry_is_refused_and_nothing_changes),
        cmocka_unit_test(a_signature_that_does_not_verify_spoils_the_entry),
        cmocka_unit_test(entries_count_only_in_their_order),
        cmocka_unit_test(an_entry_that_does_not_follow_the_last_is_refused),
        cmocka_unit_test(time_may_run_back_an_hour_and_no_more),
        cmocka_unit_test(what_is_no_entry_is_refused_by_its_form),
        cmocka_unit_test(a_restore_names_the_position_that_is_kept),
        cmocka_unit_test(two_hundred_entries_make_the_same_tables_wherever_they_are_replayed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
