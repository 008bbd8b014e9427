#include <stdio.h>
#include <stdlib.h>

#include "hub/core/rebuild.h"
#include "tests/unit/hub/core/ending_world.h"

/* -- receipts and keys -- */

static void a_receipt_clears_its_sender_from_the_red_list(void **state) {
    struct world world = ending_begin();
    struct tombstone tombstone;
    struct erasure_cursor cursor;
    struct erasure_row row;
    give(&world);
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_CARD));
    const int64_t since_ms = world.fixture->now_ms;
    assert_true(fixture_tombstone(world.fixture, &world.a, 0, &tombstone));
    assert_taken(fixture_erased(world.fixture, &world.a, &tombstone.id));
    assert_taken(fixture_erased(world.fixture, &world.a, &tombstone.id)); /* and again */
    assert_taken(fixture_erased(world.fixture, &world.c, &tombstone.id));
    struct store_txn *view = fixture_read(world.fixture);
    assert_int_equal(erasure_first(view, &cursor, &row), 0);
    assert_true(org_id_equal(&row.org, &world.b.org));
    assert_true(message_id_equal(&row.tombstone, &tombstone.id));
    assert_int_equal(row.since_ms, since_ms);
    assert_int_equal(erasure_next(&cursor, &row), ERR_NOT_FOUND);
    store_abort(view);
    three_end(&world);
}

static uint64_t red_list(struct world *world, const struct party *party) {
    struct store_txn *view = fixture_read(world->fixture);
    struct erasure_cursor cursor;
    struct erasure_row row;
    uint64_t rows = 0;
    for (int r = erasure_first(view, &cursor, &row); r == 0; r = erasure_next(&cursor, &row)) {
        rows += party == NULL || org_id_equal(&row.org, &party->org) ? 1 : 0;
    }
    store_abort(view);
    if (party == NULL) {
        assert_int_equal(fixture_health(world->fixture).erasures_owed, rows);
    }
    return rows;
}

static void who_is_no_member_any_more_is_not_asked_for_a_receipt(void **state) {
    struct world world = ending_begin();
    give(&world);
    assert_int_equal(fixture_command_on(world.fixture, HUB_COMMAND_REVOKE, &world.c), REFUSAL_NONE);
    fixture_forget(world.fixture);
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_CARD));
    assert_int_equal(red_list(&world, NULL), 2);
    assert_int_equal(red_list(&world, &world.c), 0);
    assert_int_equal(fixture_postings_to(world.fixture, &world.c), 0);
    three_end(&world);
}

static void
a_freed_key_is_shredded_after_the_commit_and_asked_again_until_it_is_told(void **state) {
    struct world world = ending_begin();
    give(&world);
    assert_int_equal(world.fixture->to_shred_count, 0);
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_CARD));
    assert_int_equal(world.fixture->to_shred_count, 1);
    assert_int_equal(world.fixture->to_shred[0], 1);
    world.fixture->to_shred_count = 0;
    fixture_restart(world.fixture); /* died before it was shredded */
    fixture_tick(world.fixture);
    assert_int_equal(world.fixture->to_shred_count, 1);
    const uint64_t keys[] = {1};
    const struct hub_shredded_arguments arguments = {.keys = keys, .count = 1};
    world.fixture->shredded[1] = true;
    assert_int_equal(fixture_health(world.fixture).keys_to_shred, 1);
    assert_int_equal(
        fixture_command(world.fixture, ROLE_ADMINISTRATOR, HUB_COMMAND_SHREDDED, &arguments),
        REFUSAL_NONE);
    assert_int_equal(fixture_health(world.fixture).keys_to_shred, 0);
    world.fixture->to_shred_count = 0;
    world.fixture->now_ms += HOUR_MS;
    fixture_tick(world.fixture);
    assert_int_equal(world.fixture->to_shred_count, 0);
    three_end(&world);
}

static void a_key_that_was_used_is_never_offered_again(void **state) {
    struct world world = ending_begin();
    uint64_t last;
    give(&world);
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_CARD));
    fixture_restart(world.fixture);
    assert_int_equal(hub_last_key(world.fixture->hub, &last), 0);
    assert_int_equal(last, 1);
    fixture_hello(world.fixture, &world.a, 0);
    assert_taken(fixture_consent(world.fixture, &world.two, &world.a, NULL, NULL));
    assert_int_equal(fixture_family(world.fixture, &world.two)->record_key, 2);
    three_end(&world);
}

/* A database that is older than its keyring. */
static void a_row_whose_key_is_gone_is_unknown_and_goes_when_it_is_due(void **state) {
    struct world world = ending_begin();
    give(&world);
    world.fixture->shredded[1] = true;
    assert_refused(fixture_support(world.fixture, &world.one, &world.c), REFUSAL_NO_CONSENT);
    go_to(&world, world.fixture->now_ms + 60 * (int64_t)DAY_MS);
    assert_nothing_left(&world);
    three_end(&world);
}

/* -- on the way -- */

static void hello_from_nothing(struct world *world, const struct party *party) {
    const struct packet packet = {.content = PACKET_HELLO,
                                  .hello = {.version_min = 1,
                                            .version_max = 1,
                                            .organisation = party->org,
                                            .now_ms = world->fixture->now_ms}};
    struct bytes frame;
    assert_int_equal(packet_encode(&packet, world->fixture->arena, &frame), 0);
    fixture_push(world->fixture, party, frame);
    fixture_turn(world->fixture);
}

/* Both stand on the urgent lane, and the one must not throw the other away. */
static void
a_node_that_lost_its_directory_gets_it_again_and_its_tombstones_behind_it(void **state) {
    struct world world = ending_begin();
    struct tombstone tombstone;
    struct party late = party_make("ocmw-l", 5);
    give(&world);
    greet(&world);
    fixture_drain(world.fixture, &world.c);
    hub_lost(world.fixture->hub, &world.c.org);
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_CARD));
    assert_taken(fixture_consent(world.fixture, &world.two, &world.a, NULL, NULL));
    assert_taken(fixture_support(world.fixture, &world.two, &world.c));
    hub_lost(world.fixture->hub, &world.c.org);
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.two, WITHDRAWAL_CARD));
    fixture_join(world.fixture, &late);
    fixture_forget(world.fixture);
    hello_from_nothing(&world, &world.c);
    assert_int_equal(fixture_facts(world.fixture, FACT_DIRECTORY_AGAIN), 1);
    assert_true(fixture_tombstone(world.fixture, &world.c, 0, &tombstone));
    assert_true(family_handle_equal(&tombstone.handle, &world.one.handle));
    assert_true(fixture_tombstone(world.fixture, &world.c, 1, &tombstone));
    assert_true(family_handle_equal(&tombstone.handle, &world.two.handle));
    hello_from_nothing(&world, &world.c); /* it waits already */
    assert_int_equal(fixture_facts(world.fixture, FACT_DIRECTORY_AGAIN), 1);
    fixture_drain(world.fixture, &world.c);
    assert_int_equal(fixture_health(world.fixture).turns.batches_replayed, 0);
    three_end(&world);
}

/* As the same organisation, with keys of its own. */
static struct party rejoin_c(struct world *world) {
    struct party again = party_make("caw-c", 6);
    again.incarnation = 2;
    fixture_forget(world->fixture);
    fixture_join(world->fixture, &again);
    return again;
}

/* The directory takes more than one message by then, and the tombstones come behind it. */
static void a_tombstone_that_waits_for_who_was_revoked_is_told_again_when_it_rejoins(void **state) {
    struct world world = ending_begin();
    struct tombstone told[3];
    give(&world);
    assert_taken(fixture_consent(world.fixture, &world.two, &world.a, NULL, NULL));
    assert_taken(fixture_support(world.fixture, &world.two, &world.c));
    greet(&world);
    fixture_drain(world.fixture, &world.c);
    hub_lost(world.fixture->hub, &world.c.org);
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_CARD));
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.two, WITHDRAWAL_CARD));
    assert_int_equal(fixture_command_on(world.fixture, HUB_COMMAND_REVOKE, &world.c), REFUSAL_NONE);
    for (int i = 0; i < 16; i++) {
        char name[16];
        snprintf(name, sizeof(name), "school-%d", i);
        struct party school = party_make(name, 20 + i);
        fixture_join(world.fixture, &school);
    }
    assert_int_equal(count(&world, TABLE_ERASURES), 5); /* a twice, b, c twice */
    struct party again = rejoin_c(&world);
    assert_true(fixture_tombstone(world.fixture, &world.c, 0, &told[0])); /* to the key it had */
    assert_true(fixture_tombstone(world.fixture, &world.c, 1, &told[1]));
    assert_false(fixture_tombstone(world.fixture, &world.c, 2, &told[2]));
    assert_taken(fixture_erased(world.fixture, &again, &told[0].id));
    assert_taken(fixture_erased(world.fixture, &again, &told[1].id));
    assert_int_equal(count(&world, TABLE_ERASURES), 3);
    assert_int_equal(fixture_health(world.fixture).turns.batches_replayed, 0);
    three_end(&world);
}

static void what_ends_while_a_holder_is_no_member_is_told_when_it_rejoins(void **state) {
    struct world world = ending_begin();
    struct tombstone told;
    give(&world);
    assert_int_equal(fixture_command_on(world.fixture, HUB_COMMAND_REVOKE, &world.c), REFUSAL_NONE);
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_CARD));
    struct party again = rejoin_c(&world);
    assert_true(fixture_tombstone(world.fixture, &world.c, 0, &told)); /* to the key it had */
    assert_true(family_handle_equal(&told.handle, &world.one.handle));
    assert_int_equal(red_list(&world, &world.c), 1);
    assert_taken(fixture_erased(world.fixture, &again, &told.id));
    assert_int_equal(red_list(&world, NULL), 2);
    three_end(&world);
}

/* -- what can be read afterwards -- */

static bool in_file(struct world *world, struct bytes needle) {
    char path[PATH_MAX + 16];
    snprintf(path, sizeof(path), "%s/data.mdb", world->fixture->scratch.path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    rewind(file);
    uint8_t *bytes = malloc((size_t)size);
    assert_non_null(bytes);
    size_t got = fread(bytes, 1, (size_t)size, file);
    fclose(file);
    bool found = memmem(bytes, got, needle.data, needle.length) != NULL;
    free(bytes);
    return found;
}

/* All pages, freed ones too: so nothing was ever written in clear. */
static void no_page_of_the_file_ever_held_a_handle_a_key_or_a_token(void **state) {
    struct world world = ending_begin();
    const struct bytes said = bytes_from_text("caw-c"); /* the search finds what is there */
    const struct signed_token token = give(&world);
    for (int i = 0; i < 2; i++) {
        assert_true(in_file(&world, said));
        assert_false(in_file(&world, BYTES_OF(world.one.handle)));
        assert_false(in_file(&world, BYTES_OF(world.one.presence_public)));
        assert_false(in_file(&world, BYTES_OF(world.one.family_public)));
        assert_false(in_file(&world, token.token));
        assert_false(in_file(&world, token.family_signature));
        assert_false(in_file(&world, bytes_from_text("sealed for the fallback")));
        assert_taken(fixture_consent(world.fixture, &world.two, &world.a, NULL, NULL));
        if (i == 0) {
            assert_taken(fixture_withdraw(world.fixture, &world.b, &world.two, WITHDRAWAL_PAPER));
            assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_CARD));
            world.two = household_make(world.fixture, 3);
        }
    }
    const struct household early = household_make(world.fixture, 4);
    assert_refused(fixture_withdraw(world.fixture, &world.b, &early, WITHDRAWAL_CARD),
                   REFUSAL_NO_CONSENT);
    assert_false(in_file(&world, BYTES_OF(early.handle)));
    three_end(&world);
}

static void a_family_that_was_erased_is_erased_in_a_rebuild_too(void **state) {
    struct world world = ending_begin();
    struct rebuild_report report;
    const struct vault_keys *keys = &world.fixture->params.families.records;
    give(&world);
    assert_taken(fixture_consent(world.fixture, &world.two, &world.a, NULL, NULL));
    assert_taken(fixture_withdraw(world.fixture, &world.a, &world.one, WITHDRAWAL_CARD));
    world.fixture->shredded[1] = true;
    fixture_stop(world.fixture);
    assert_int_equal(rebuild_run(world.fixture->store, keys, &report), 0);
    assert_memory_equal(&report.before, &report.after, sizeof(report.after));
    fixture_start(world.fixture);
    assert_null(fixture_family(world.fixture, &world.one));
    assert_non_null(fixture_family(world.fixture, &world.two));
    fixture_stop(world.fixture);
    world.fixture->shredded[2] = true; /* a keyring of another time */
    assert_int_equal(rebuild_run(world.fixture->store, keys, &report), ERR_CRYPTO);
    assert_int_equal(rebuild_run(world.fixture->store, NULL, &report), ERR_CRYPTO);
    three_end(&world);
}

/* What nobody can read any more is said to be gone, or a rebuild would stumble over it. */
static void a_consent_in_the_place_of_a_row_whose_key_is_gone_erases_that_first(void **state) {
    struct world world = ending_begin();
    struct rebuild_report report;
    give(&world);
    world.fixture->shredded[1] = true;
    world.one.token_number = 5;
    assert_taken(fixture_consent(world.fixture, &world.one, &world.a, NULL, NULL));
    assert_int_equal(fixture_family(world.fixture, &world.one)->record_key, 2);
    assert_int_equal(count(&world, TABLE_FAMILY_ENVELOPES), 0);
    fixture_stop(world.fixture);
    assert_int_equal(
        rebuild_run(world.fixture->store, &world.fixture->params.families.records, &report), 0);
    assert_memory_equal(&report.before, &report.after, sizeof(report.after));
    fixture_start(world.fixture);
    assert_non_null(fixture_family(world.fixture, &world.one));
    three_end(&world);
}

static uint64_t first_of(struct world *world, enum hub_fact type) {
    struct store_txn *view = fixture_read(world->fixture);
    struct journal_record record;
    uint64_t sequence = 1;
    while (journal_read(view, sequence, &record) == 0 && record.type != (uint16_t)type) {
        sequence++;
    }
    store_abort(view);
    return sequence;
}

static void a_body_that_no_fact_erased_is_missing(void **state) {
    struct world world = ending_begin();
    struct rebuild_report report;
    struct store_txn *txn;
    uint8_t key[8];
    give(&world);
    const uint64_t sequence = first_of(&world, FACT_FAMILY);
    be64_write(key, sequence);
    assert_int_equal(store_begin_write(world.fixture->store, &txn), 0);
    store_delete(txn, TABLE_JOURNAL_BODY, BYTES_OF(key));
    assert_int_equal(store_commit(txn), 0);
    const struct journal_verdict verdict = verify(&world);
    assert_int_equal(verdict.broken_at, sequence);
    assert_string_equal(verdict.reason, "a body is missing");
    fixture_stop(world.fixture);
    assert_int_equal(
        rebuild_run(world.fixture->store, &world.fixture->params.families.records, &report),
        ERR_CHAIN);
    three_end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_receipt_clears_its_sender_from_the_red_list),
        cmocka_unit_test(who_is_no_member_any_more_is_not_asked_for_a_receipt),
        cmocka_unit_test(a_key_that_was_used_is_never_offered_again),
        cmocka_unit_test(a_row_whose_key_is_gone_is_unknown_and_goes_when_it_is_due),
        cmocka_unit_test(no_page_of_the_file_ever_held_a_handle_a_key_or_a_token),
        cmocka_unit_test(a_family_that_was_erased_is_erased_in_a_rebuild_too),
        cmocka_unit_test(a_consent_in_the_place_of_a_row_whose_key_is_gone_erases_that_first),
        cmocka_unit_test(a_body_that_no_fact_erased_is_missing),
        cmocka_unit_test(a_freed_key_is_shredded_after_the_commit_and_asked_again_until_it_is_told),
        cmocka_unit_test(a_tombstone_that_waits_for_who_was_revoked_is_told_again_when_it_rejoins),
        cmocka_unit_test(what_ends_while_a_holder_is_no_member_is_told_when_it_rejoins),
        cmocka_unit_test(a_node_that_lost_its_directory_gets_it_again_and_its_tombstones_behind_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
