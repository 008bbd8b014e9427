/* The directory on its way to the members, and to those that lost or left it. */
#include "shared/members/directory.h"
#include "tests/unit/hub/core/fixture.h"

/* -- the directory on its way -- */

/* A node's copy of the directory, fed with what the hub sent it. */
struct copy {
    struct scratch scratch;
    struct store *store;
    struct store_txn *txn;
    uint64_t messages;
    uint64_t incarnation;
    uint64_t last_number;
};

static void copy_open(struct copy *copy) {
    *copy = (struct copy){.scratch = scratch_new()};
    const struct store_params params = {
        .path = copy->scratch.path, .durability = STORE_VOLATILE, .map_bytes = 64 << 20};
    assert_int_equal(store_open(&params, &copy->store), 0);
    assert_int_equal(store_begin_write(copy->store, &copy->txn), 0);
}

static void copy_close(struct copy *copy) {
    store_abort(copy->txn);
    store_close(copy->store);
    scratch_free(&copy->scratch);
}

static void copy_take_body(struct copy *copy, struct fixture *fixture, struct bytes body) {
    struct bytes *entries;
    size_t count;
    assert_int_equal(directory_decode(body, fixture->arena, &entries, &count), REFUSAL_NONE);
    for (size_t i = 0; i < count; i++) {
        struct directory_checked checked;
        assert_int_equal(directory_check(copy->txn, entries[i], fixture->arena, &checked), 0);
        assert_int_equal(checked.refusal, REFUSAL_NONE);
        assert_int_equal(directory_apply(copy->txn, entries[i], fixture->arena), 0);
    }
}

/* What was captured for the party since the last fixture_forget, in order of its numbers, once
 * each. */
static void copy_take(struct copy *copy, struct fixture *fixture, const struct party *party) {
    for (size_t i = 0; i < fixture->sent_count; i++) {
        struct packet packet;
        struct envelope envelope;
        if (!org_id_equal(&fixture->sent[i].to, &party->org)) {
            continue;
        }
        assert_int_equal(packet_decode(fixture->sent[i].packet, fixture->arena, &packet),
                         REFUSAL_NONE);
        if (packet.content != PACKET_POSTING) {
            continue;
        }
        assert_int_equal(envelope_decode(packet.posting.envelope, fixture->arena, &envelope),
                         REFUSAL_NONE);
        assert_int_equal(envelope.kind, MESSAGE_KIND_DIRECTORY);
        assert_int_equal(envelope.lane, LANE_URGENT);
        if (envelope.number <= copy->last_number && envelope.incarnation == copy->incarnation) {
            continue;
        }
        assert_int_equal(envelope.number, copy->last_number + 1);
        copy->incarnation = envelope.incarnation;
        copy->last_number = envelope.number;
        copy->messages++;
        copy_take_body(copy, fixture, envelope.body);
    }
}

static void assert_whole(struct copy *copy, struct fixture *fixture) {
    struct directory_head theirs;
    struct directory_head ours;
    struct store_txn *view = fixture_read(fixture);
    assert_int_equal(directory_head(copy->txn, &theirs), 0);
    assert_int_equal(directory_head(view, &ours), 0);
    store_abort(view);
    assert_int_equal(theirs.sequence, ours.sequence);
    assert_true(digest_equal(&theirs.hash, &ours.hash));
}

static void every_member_gets_every_entry_and_a_newcomer_the_whole_chain(void **state) {
    enum { MEMBERS = 20 };
    struct fixture *fixture = fixture_new();
    struct party parties[MEMBERS + 1];
    struct copy first;
    struct copy newcomer;
    copy_open(&first);
    for (int i = 0; i <= MEMBERS; i++) {
        char name[16];
        snprintf(name, sizeof(name), "ocmw-%02d", i);
        parties[i] = party_make(name, i + 1);
    }
    for (int i = 0; i < MEMBERS; i++) {
        fixture_forget(fixture);
        fixture_join(fixture, &parties[i]);
        fixture_drain(fixture, &parties[0]);
        copy_take(&first, fixture, &parties[0]);
        assert_whole(&first, fixture);
    }
    assert_int_equal(first.messages, MEMBERS); /* the chain of two, then entry by entry */
    copy_open(&newcomer);
    fixture_forget(fixture);
    fixture_join(fixture, &parties[MEMBERS]);
    copy_take(&newcomer, fixture, &parties[MEMBERS]);
    assert_whole(&newcomer, fixture);
    assert_int_equal(newcomer.messages, 2); /* 22 entries, 16 a message */
    for (int i = 0; i < MEMBERS; i++) {
        assert_non_null(fixture_packet(fixture, &parties[i], PACKET_POSTING));
    }
    copy_close(&first);
    copy_close(&newcomer);
    fixture_free(fixture);
}

/* What isn't receipted comes again: after a while, and when the member greets. */
static void an_entry_is_sent_until_it_is_receipted(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    struct party b = party_make("ocmw-b", 2);
    fixture_join(fixture, &a);
    fixture_forget(fixture);
    fixture_join(fixture, &b);
    assert_int_equal(fixture_postings_to(fixture, &a), 1);
    fixture->now_ms += 3000;
    fixture_tick(fixture);
    assert_int_equal(fixture_postings_to(fixture, &a), 2);
    fixture_hello(fixture, &a, 0);
    assert_int_equal(fixture_postings_to(fixture, &a), 3);
    fixture_drain(fixture, &a);
    fixture->now_ms += HOUR_MS;
    fixture_tick(fixture);
    fixture_hello(fixture, &a, 0);
    assert_int_equal(fixture_postings_to(fixture, &a), 3);
    assert_int_equal(fixture_count(fixture, TABLE_OUTBOX), 0);
    fixture_free(fixture);
}

static void a_repeated_or_foreign_receipt_makes_no_fact(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    fixture_join(fixture, &a);
    uint64_t facts = fixture_facts(fixture, FACT_RECEIVED);
    assert_int_equal(facts, 1);
    fixture_drain(fixture, &a);
    assert_int_equal(fixture_facts(fixture, FACT_RECEIVED), facts);
    struct party impostor = a;
    impostor.secret = party_make("ocmw-b", 2).secret;
    fixture_drain(fixture, &impostor);
    assert_int_equal(fixture_refusals(fixture, REFUSAL_BAD_SIGNATURE), 1);
    assert_int_equal(fixture_facts(fixture, FACT_RECEIVED), facts);
    fixture_free(fixture);
}

/* -- members that lost what they had -- */

static void hello_from(struct fixture *fixture, const struct party *party, uint64_t sequence) {
    const struct packet packet = {.content = PACKET_HELLO,
                                  .hello = {.version_min = 1,
                                            .version_max = 1,
                                            .organisation = party->org,
                                            .now_ms = fixture->now_ms,
                                            .directory = {.sequence = sequence}}};
    struct bytes frame;
    assert_int_equal(packet_encode(&packet, fixture->arena, &frame), 0);
    fixture_push(fixture, party, frame);
    fixture_turn(fixture);
}

/* The same keys on an empty disk: all was receipted once, and is gone. */
static void a_node_with_an_empty_store_gets_the_whole_directory_again(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    struct party b = party_make("ocmw-b", 2);
    struct copy copy;
    fixture_join(fixture, &a);
    fixture_forget(fixture);
    fixture_join(fixture, &b);
    fixture_drain(fixture, &a);
    assert_int_equal(fixture_count(fixture, TABLE_OUTBOX), 0);
    fixture_forget(fixture);
    hello_from(fixture, &a, 0);
    hello_from(fixture, &a, 0); /* it waits already: no third time */
    assert_int_equal(fixture_facts(fixture, FACT_DIRECTORY_AGAIN), 1);
    copy_open(&copy);
    copy_take(&copy, fixture, &a);
    assert_whole(&copy, fixture);
    copy_close(&copy);
    fixture_drain(fixture, &a);
    assert_int_equal(fixture_count(fixture, TABLE_OUTBOX), 0);
    fixture_hello(fixture, &a, 0);
    assert_int_equal(fixture_facts(fixture, FACT_DIRECTORY_AGAIN), 1);
    fixture_free(fixture);
}

/* From a backup that ends before an entry which it once receipted, with a later one under way. */
static void a_node_put_back_from_a_backup_gets_what_it_misses(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    struct party b = party_make("ocmw-b", 2);
    struct party c = party_make("ocmw-c", 3);
    struct copy copy;
    fixture_join(fixture, &a);
    copy_open(&copy);
    copy_take(&copy, fixture, &a);
    assert_whole(&copy, fixture);
    fixture_forget(fixture);
    fixture_join(fixture, &b);
    fixture_drain(fixture, &a);
    fixture_join(fixture, &c);
    fixture_forget(fixture);
    hello_from(fixture, &a, 2);
    assert_int_equal(fixture_facts(fixture, FACT_DIRECTORY_AGAIN), 1);
    copy.last_number = 0;
    copy_take(&copy, fixture, &a);
    assert_whole(&copy, fixture);
    assert_int_equal(copy.incarnation, 2);
    copy_close(&copy);
    fixture_free(fixture);
}

/* -- leaving -- */

static void revoking_tells_the_others_and_cuts_the_one(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    struct party b = party_make("ocmw-b", 2);
    fixture_join(fixture, &a);
    fixture_join(fixture, &b);
    fixture_drain(fixture, &a);
    fixture_forget(fixture);
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_REVOKE, &a), REFUSAL_NONE);
    assert_int_equal(fixture->cut_count, 1);
    assert_true(org_id_equal(&fixture->cut[0], &a.org));
    assert_false(fixture_is_member(fixture, &a));
    assert_int_equal(fixture_postings_to(fixture, &b), 1);
    assert_int_equal(fixture_count(fixture, TABLE_OUTBOX), 1); /* b's */
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_REVOKE, &a), REFUSAL_REVOKED);
    fixture_free(fixture);
}

/* The next message of its lane, while the connection is still there; and nothing behind it. */
static void who_is_revoked_is_told_so_as_the_last_thing(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    struct party b = party_make("ocmw-b", 2);
    struct copy copy;
    fixture_join(fixture, &a);
    fixture_join(fixture, &b);
    fixture_drain(fixture, &a);
    copy_open(&copy);
    copy_take(&copy, fixture, &a);
    fixture_forget(fixture);
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_REVOKE, &a), REFUSAL_NONE);
    assert_int_equal(fixture_postings_to(fixture, &a), 1);
    copy_take(&copy, fixture, &a);
    assert_whole(&copy, fixture);
    fixture_forget(fixture);
    struct party c = party_make("ocmw-c", 3);
    fixture_join(fixture, &c);
    assert_int_equal(fixture_postings_to(fixture, &a), 0);
    copy_close(&copy);
    fixture_free(fixture);
}

/* It comes back some day: until then it hears it at the door. */
static void who_is_away_when_it_is_revoked_is_sent_nothing(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    fixture_join(fixture, &a);
    fixture_restart(fixture); /* nobody has greeted since */
    fixture_forget(fixture);
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_REVOKE, &a), REFUSAL_NONE);
    assert_int_equal(fixture_postings_to(fixture, &a), 0);
    fixture_free(fixture);
}

/* An organisation that comes back is a node with an empty inbox: its first message must be number
 * 1, or it would wait for ever for those before. */
static void who_comes_back_gets_the_whole_chain_from_number_one(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    struct party again = party_make("ocmw-a", 3);
    struct party b = party_make("ocmw-b", 2);
    struct copy copy;
    fixture_join(fixture, &a);
    fixture_join(fixture, &b); /* one entry more for a, which it never receipts */
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_REVOKE, &a), REFUSAL_NONE);
    fixture_forget(fixture);
    fixture_join(fixture, &again);
    assert_true(fixture_is_member(fixture, &again));
    copy_open(&copy);
    copy_take(&copy, fixture, &again);
    assert_whole(&copy, fixture);
    assert_int_equal(fixture_count(fixture, TABLE_OUTBOX), 2); /* b's: revoked, joined again */
    copy_close(&copy);
    fixture_free(fixture);
}

/* -- large entries -- */

/* The entry with bytes behind it that a newer version might put there. */
static struct bytes padded(struct fixture *fixture, struct bytes signed_entry, size_t total) {
    uint8_t *bytes = arena_alloc(fixture->arena, total, 1);
    size_t run = total - signed_entry.length - 5;
    assert_non_null(bytes);
    memcpy(bytes, signed_entry.data, signed_entry.length);
    const uint8_t head[5] = {0x9a, 0x06, (uint8_t)(0x80 | (run & 0x7f)),
                             (uint8_t)(0x80 | (run >> 7 & 0x7f)), (uint8_t)(run >> 14)};
    memcpy(bytes + signed_entry.length, head, sizeof(head)); /* field 99, a run */
    return (struct bytes){.data = bytes, .length = total};
}

/* A member could else stop whoever joins after it: sixteen entries together above what one
 * message may hold. */
static void large_entries_go_to_a_newcomer_in_more_messages(void **state) {
    enum { ENTRIES = 18, ENTRY_BYTES = 18 << 10 };
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    struct party newcomer = party_make("ocmw-b", 2);
    struct copy copy;
    fixture_join(fixture, &a);
    for (int i = 0; i < ENTRIES; i++) {
        struct member moved = {.endpoint = "tcp://10.0.0.7:7300"};
        struct directory_op op = {
            .kind = DIRECTORY_OP_ENDPOINT, .organisation = a.org, .member = &moved};
        struct mail mail = fixture_update_mail(fixture, &a, &op, &a);
        struct bytes entry = mail.envelope.body;
        mail.envelope.body = padded(fixture, entry, ENTRY_BYTES + 1);
        struct mail too_large = mail;
        assert_refused(fixture_post(fixture, &a, &too_large), REFUSAL_TOO_LARGE);
        mail = fixture_update_mail(fixture, &a, &op, &a);
        mail.envelope.body = padded(fixture, entry, ENTRY_BYTES);
        assert_taken(fixture_post(fixture, &a, &mail));
    }
    fixture_forget(fixture);
    fixture_join(fixture, &newcomer);
    copy_open(&copy);
    copy_take(&copy, fixture, &newcomer);
    assert_whole(&copy, fixture);
    copy_close(&copy);
    fixture_free(fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_gets_every_entry_and_a_newcomer_the_whole_chain),
        cmocka_unit_test(an_entry_is_sent_until_it_is_receipted),
        cmocka_unit_test(a_repeated_or_foreign_receipt_makes_no_fact),
        cmocka_unit_test(a_node_with_an_empty_store_gets_the_whole_directory_again),
        cmocka_unit_test(a_node_put_back_from_a_backup_gets_what_it_misses),
        cmocka_unit_test(revoking_tells_the_others_and_cuts_the_one),
        cmocka_unit_test(who_is_revoked_is_told_so_as_the_last_thing),
        cmocka_unit_test(who_is_away_when_it_is_revoked_is_sent_nothing),
        cmocka_unit_test(who_comes_back_gets_the_whole_chain_from_number_one),
        cmocka_unit_test(large_entries_go_to_a_newcomer_in_more_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
