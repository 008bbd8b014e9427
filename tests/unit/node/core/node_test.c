/* A node and its hub: greeting, believing, waiting, and refusing a hub that isn't where it was. */
#include "tests/unit/node/core/fixture.h"

#include <stdlib.h>

static int setup(void **state) {
    *state = bench_new("ocmw-kortrijk");
    return 0;
}

static int teardown(void **state) {
    bench_free(*state);
    return 0;
}

static enum refusal set_status(struct bench *bench, enum service_status status) {
    const struct service_state one = {.service = service_named("onthaal"), .status = status};
    const struct status_arguments arguments = {.services = &one, .count = 1};
    return bench_command(bench, NODE_COMMAND_STATUS_SET, &arguments);
}

/* How many packets of that content the node has sent since `from`. */
static size_t count_sent(struct bench *bench, size_t from, enum packet_content content) {
    size_t count = 0;
    for (size_t i = from; i < bench->frame_count; i++) {
        struct packet packet;
        assert_int_equal(packet_decode(bench->frames[i], bench->hub->arena, &packet), REFUSAL_NONE);
        count += packet.content == content ? 1 : 0;
    }
    return count;
}

static void receive(struct bench *bench, struct bytes frame) {
    assert_int_equal(node_receive(bench->node, frame), 0);
    bench_turn(bench);
}

/* -- greeting and joining -- */

static void a_newcomer_learns_the_directory_and_the_hubs_key(void **state) {
    struct bench *bench = *state;
    struct node_founding founding;
    assert_false(bench_health(bench).member);
    bench_connect(bench);
    struct node_health health = bench_health(bench);
    assert_true(health.connected);
    assert_true(health.member);
    assert_int_equal(health.directory.sequence, 2);
    assert_int_equal(health.hub_position.epoch, 7);
    assert_int_equal(node_founded(bench->store, &founding), 0);
    assert_memory_equal(founding.hub_sign.bytes, bench->hub->params.keys.sign_public.bytes, 32);
    /* and the hub has nothing left to tell it */
    size_t before = bench->hub->sent_count;
    bench_pass(bench, 10000);
    assert_int_equal(bench->hub->sent_count, before);
}

static void a_directory_of_another_region_is_not_believed(void **state) {
    struct bench *bench = *state;
    struct node_founding founding;
    assert_int_equal(node_founded(bench->store, &founding), 0);
    node_free(bench->node);
    store_close(bench->store);
    scratch_free(&bench->scratch);
    bench->scratch = scratch_new();
    const struct store_params params = {
        .path = bench->scratch.path, .durability = STORE_VOLATILE, .map_bytes = 64 << 20};
    assert_int_equal(store_open(&params, &bench->store), 0);
    bench->params.store = bench->store;
    founding.fingerprint.bytes[0] ^= 1;
    assert_int_equal(node_found(bench->store, &founding), 0);
    assert_int_equal(node_new(&bench->params, &bench->node), 0);
    bench_connect(bench);
    assert_int_equal(bench_health(bench).directory.sequence, 0);
    assert_false(bench_health(bench).connected);
    assert_true(bench_health(bench).turns.refusals[REFUSAL_BROKEN_CHAIN] > 0);
}

static void an_unanswered_greeting_is_repeated_ever_more_slowly(void **state) {
    struct bench *bench = *state;
    /* By the header: at once, after 2, 4, 8, 16, 32 and then every 60 seconds. */
    const int64_t at_s[] = {0, 2, 6, 14, 30, 62, 122, 182};
    int64_t start_ms = bench->hub->now_ms;
    size_t greetings = 0;
    node_connected(bench->node);
    for (int64_t second = 0; second <= 185; second++) {
        bench->hub->now_ms = start_ms + second * 1000;
        size_t from = bench->frame_count;
        bench_tick(bench);
        size_t said = count_sent(bench, from, PACKET_HELLO);
        bool due = greetings < 8 && at_s[greetings] == second;
        assert_int_equal(said, due ? 1 : 0);
        greetings += said;
    }
    assert_int_equal(greetings, 8);
}

static void a_link_that_died_silently_shows_within_two_minutes(void **state) {
    struct bench *bench = *state;
    bench_connect(bench);
    bench->deaf = true;
    for (int i = 0; i < 120; i++) {
        bench_pass(bench, 1000);
    }
    assert_false(bench_health(bench).connected);
    bench->deaf = false;
    for (int i = 0; i < 60; i++) {
        bench_pass(bench, 1000);
    }
    assert_true(bench_health(bench).connected);
}

static void a_hub_without_a_version_in_common_is_named(void **state) {
    struct bench *bench = *state;
    const struct packet packet = {
        .content = PACKET_WELCOME,
        .welcome = {.version = 0, .refusal = REFUSAL_UNKNOWN_VERSION},
    };
    struct bytes frame;
    assert_int_equal(packet_encode(&packet, bench->hub->arena, &frame), 0);
    node_connected(bench->node);
    receive(bench, frame);
    assert_int_equal(bench_health(bench).hello_refusal, REFUSAL_UNKNOWN_VERSION);
    assert_false(bench_health(bench).connected);
}

/* -- the post -- */

static void what_is_said_while_the_hub_is_away_arrives_later(void **state) {
    struct bench *bench = *state;
    bench_connect(bench);
    node_lost(bench->node);
    assert_int_equal(set_status(bench, SERVICE_STATUS_OPEN), REFUSAL_NONE);
    assert_int_equal(set_status(bench, SERVICE_STATUS_CLOSED), REFUSAL_NONE);
    struct node_health health = bench_health(bench);
    assert_int_equal(health.waiting, 2);
    assert_int_equal(health.oldest_waiting_ms, bench->hub->now_ms);
    bench_restart(bench);
    assert_int_equal(bench_health(bench).waiting, 2);
    bench_connect(bench);
    assert_int_equal(bench_health(bench).waiting, 0);
    assert_int_equal(fixture_facts(bench->hub, FACT_STATUS), 2);
}

static void a_message_whose_receipt_was_lost_counts_once(void **state) {
    struct bench *bench = *state;
    bench_connect(bench);
    bench->deaf = true;
    assert_int_equal(set_status(bench, SERVICE_STATUS_OPEN), REFUSAL_NONE);
    bench_carry(bench);
    assert_int_equal(bench_health(bench).waiting, 1);
    assert_int_equal(fixture_facts(bench->hub, FACT_STATUS), 1);
    bench->deaf = false;
    bench_restart(bench);
    bench_connect(bench);
    bench_pass(bench, 5000);
    assert_int_equal(bench_health(bench).waiting, 0);
    assert_int_equal(fixture_facts(bench->hub, FACT_STATUS), 1);
}

/* The hub has taken what this store doesn't know of: its number is free only in another life. */
static void a_node_put_back_from_a_backup_begins_its_numbers_anew(void **state) {
    struct bench *bench = *state;
    bench_connect(bench);
    bench_backup(bench);
    assert_int_equal(set_status(bench, SERVICE_STATUS_OPEN), REFUSAL_NONE);
    bench_carry(bench);
    bench_restore(bench);
    bench_connect(bench);
    assert_int_equal(set_status(bench, SERVICE_STATUS_CLOSED), REFUSAL_NONE);
    bench_pass(bench, 5000);
    assert_int_equal(bench_health(bench).waiting, 0);
    assert_int_equal(fixture_facts(bench->hub, FACT_STATUS), 2);
}

/* The same, but another message has taken the number before the hub was heard: its receipt covers
 * the number and not the message. */
static void a_receipt_for_another_message_of_that_number_loses_nothing(void **state) {
    struct bench *bench = *state;
    bench_connect(bench);
    bench_backup(bench);
    assert_int_equal(set_status(bench, SERVICE_STATUS_OPEN), REFUSAL_NONE);
    bench_carry(bench);
    bench_restore(bench);
    assert_int_equal(set_status(bench, SERVICE_STATUS_CLOSED), REFUSAL_NONE);
    bench_connect(bench);
    bench_pass(bench, 5000);
    assert_int_equal(bench_health(bench).waiting, 0);
    assert_int_equal(fixture_facts(bench->hub, FACT_STATUS), 2);
}

static void copies_go_once_the_hubs_backups_hold_them(void **state) {
    struct bench *bench = *state;
    bench_connect(bench);
    assert_int_equal(set_status(bench, SERVICE_STATUS_OPEN), REFUSAL_NONE);
    bench_carry(bench);
    assert_int_equal(bench_count(bench, TABLE_OUTBOX), 0);
    assert_int_equal(bench_count(bench, TABLE_OUTBOX_KEPT), 1);
    const struct backed_up_arguments saved = {.sequence =
                                                  fixture_health(bench->hub).position.sequence};
    assert_int_equal(fixture_command(bench->hub, ROLE_ADMINISTRATOR, HUB_COMMAND_BACKED_UP, &saved),
                     REFUSAL_NONE);
    bench_pass(bench, 61000);
    assert_int_equal(bench_count(bench, TABLE_OUTBOX_KEPT), 0);
}

/* -- a hub that isn't where it was -- */

static struct position position_of(struct bench *bench) {
    return bench_health(bench).hub_position;
}

static void a_hub_that_goes_back_gets_nothing(void **state) {
    struct bench *bench = *state;
    bench_connect(bench);
    struct position back = position_of(bench);
    struct position before = back;
    back.sequence--;
    receive(bench, hub_says(bench, &back, NULL, bench->hub->now_ms + 1000));
    assert_true(bench_health(bench).hub_went_back);
    assert_int_equal(position_of(bench).sequence, before.sequence);
    size_t from = bench->frame_count;
    assert_int_equal(set_status(bench, SERVICE_STATUS_OPEN), REFUSAL_NONE);
    bench_tick(bench);
    assert_int_equal(count_sent(bench, from, PACKET_POSTING), 0);
    assert_int_equal(bench_health(bench).waiting, 1);
}

static void a_hub_that_forks_gets_nothing(void **state) {
    struct bench *bench = *state;
    bench_connect(bench);
    struct position fork = position_of(bench);
    fork.head.bytes[3] ^= 1;
    receive(bench, hub_says(bench, &fork, NULL, bench->hub->now_ms + 1000));
    assert_true(bench_health(bench).hub_went_back);
    fork = position_of(bench);
    fork.epoch++;
    receive(bench, hub_says(bench, &fork, NULL, bench->hub->now_ms + 2000));
    assert_true(bench_health(bench).hub_went_back);
}

static void what_a_forked_hub_receipts_settles_nothing(void **state) {
    struct bench *bench = *state;
    bench_connect(bench);
    bench->deaf = true;
    assert_int_equal(set_status(bench, SERVICE_STATUS_OPEN), REFUSAL_NONE);
    struct position fork = position_of(bench);
    fork.head.bytes[3] ^= 1;
    const struct receipt receipt = {.lane = LANE_ORDINARY, .incarnation = 1, .contiguous = 1};
    receive(bench, hub_says(bench, &fork, &receipt, bench->hub->now_ms + 1000));
    assert_int_equal(bench_health(bench).waiting, 1);
}

static void an_acknowledgement_that_was_overtaken_says_nothing(void **state) {
    struct bench *bench = *state;
    bench_connect(bench);
    struct position old = position_of(bench);
    old.sequence--;
    receive(bench, hub_says(bench, &old, NULL, bench->hub->now_ms - 1000));
    assert_false(bench_health(bench).hub_went_back);
    assert_int_equal(position_of(bench).sequence, old.sequence + 1);
}

static void a_forged_acknowledgement_is_refused(void **state) {
    struct bench *bench = *state;
    bench_connect(bench);
    struct position ahead = position_of(bench);
    ahead.sequence += 100;
    bench->hub->sign.bytes[0] ^= 1;
    receive(bench, hub_says(bench, &ahead, NULL, bench->hub->now_ms));
    bench->hub->sign.bytes[0] ^= 1;
    assert_int_equal(position_of(bench).sequence + 100, ahead.sequence);
    assert_int_equal(bench_health(bench).turns.refusals[REFUSAL_BAD_SIGNATURE], 1);
}

/* The directors' entry, signed by the only director, as the hub would send it. */
static struct bytes restore_entry(struct bench *bench, const struct position *kept) {
    struct directory_op op = {
        .kind = DIRECTORY_OP_RESTORE, .has_position = true, .position = *kept};
    const struct directory_draft draft = {.now_ms = bench->hub->now_ms, .ops = &op, .op_count = 1};
    const struct directory_signer director = {.public_key = bench->hub->params.keys.director_public,
                                              .secret = &bench->hub->director};
    struct bytes entry;
    struct bytes signed_entry;
    struct store_txn *view = bench_read(bench);
    assert_int_equal(directory_compose(view, &draft, bench->hub->arena, &entry), 0);
    store_abort(view);
    assert_int_equal(directory_sign(entry, &director, 1, bench->hub->arena, &signed_entry), 0);
    return signed_entry;
}

/* A posting of the hub with that entry in it, as the next of its urgent lane. */
static struct bytes hub_posts(struct bench *bench, struct bytes entry, uint64_t number) {
    struct envelope envelope = {
        .version = WIRE_VERSION,
        .sender = {.org = HUB_ORG, .hub = bench->hub->params.hub},
        .recipient = bench->params.own,
        .lane = LANE_URGENT,
        .incarnation = 1,
        .number = number,
        .id = fixture_id(bench->hub),
        .created_ms = bench->hub->now_ms,
        .kind = MESSAGE_KIND_DIRECTORY,
    };
    struct packet packet = {.content = PACKET_POSTING};
    struct bytes frame;
    struct arena *arena = bench->hub->arena;
    assert_int_equal(directory_encode(&entry, 1, arena, &envelope.body), 0);
    assert_int_equal(envelope_encode(&envelope, arena, &packet.posting.envelope), 0);
    assert_int_equal(packet_encode(&packet, arena, &frame), 0);
    return frame;
}

static void the_directors_restore_heals_once_and_what_was_lost_is_sent_again(void **state) {
    struct bench *bench = *state;
    bench_connect(bench);
    struct position kept = position_of(bench);
    assert_int_equal(set_status(bench, SERVICE_STATUS_OPEN), REFUSAL_NONE);
    bench_carry(bench);
    assert_int_equal(bench_count(bench, TABLE_OUTBOX_KEPT), 1);
    int64_t later_ms = bench->hub->now_ms + 1000;
    receive(bench, hub_says(bench, &kept, NULL, later_ms));
    assert_true(bench_health(bench).hub_went_back);
    receive(bench, hub_posts(bench, restore_entry(bench, &kept), 2));
    receive(bench, hub_says(bench, &kept, NULL, later_ms + 1000));
    assert_false(bench_health(bench).hub_went_back);
    assert_int_equal(bench_health(bench).waiting, 1);
    assert_int_equal(bench_count(bench, TABLE_OUTBOX_KEPT), 0);
    /* One restore covers one going back. */
    struct position on = kept;
    on.sequence += 5;
    receive(bench, hub_says(bench, &on, NULL, later_ms + 2000));
    assert_false(bench_health(bench).hub_went_back);
    receive(bench, hub_says(bench, &kept, NULL, later_ms + 3000));
    assert_true(bench_health(bench).hub_went_back);
}

static void who_was_revoked_says_nothing_more(void **state) {
    struct bench *bench = *state;
    struct member_arguments revoke = {.org = bench->party.org, .reason = "left the region"};
    struct bytes entry;
    bench_connect(bench);
    assert_int_equal(set_status(bench, SERVICE_STATUS_OPEN), REFUSAL_NONE);
    assert_int_equal(fixture_command(bench->hub, ROLE_COORDINATOR, HUB_COMMAND_REVOKE, &revoke),
                     REFUSAL_NONE);
    struct store_txn *view = fixture_read(bench->hub);
    assert_int_equal(directory_entry_at(view, 3, &entry), 0);
    entry = arena_copy(bench->hub->arena, entry);
    store_abort(view);
    receive(bench, hub_posts(bench, entry, 2));
    assert_false(bench_health(bench).member);
    size_t from = bench->frame_count;
    for (int i = 0; i < 100; i++) {
        bench->hub->now_ms += 1000;
        bench_tick(bench);
    }
    assert_int_equal(bench->frame_count, from);
}

/* -- an entry that doesn't fit -- */

static void a_message_with_a_bad_entry_is_refused_and_receipted(void **state) {
    struct bench *bench = *state;
    bench_connect(bench);
    struct position kept = position_of(bench);
    uint8_t spoilt[2048];
    struct bytes entry = restore_entry(bench, &kept);
    assert_true(entry.length <= sizeof(spoilt));
    memcpy(spoilt, entry.data, entry.length);
    spoilt[entry.length - 1] ^= 1; /* in the signature */
    size_t from = bench->frame_count;
    receive(bench, hub_posts(bench, (struct bytes){spoilt, entry.length}, 2));
    assert_int_equal(bench_health(bench).directory.sequence, 2);
    struct packet packet;
    struct acknowledgement said;
    assert_int_equal(bench->frame_count, from + 1);
    assert_int_equal(packet_decode(bench->frames[from], bench->hub->arena, &packet), REFUSAL_NONE);
    assert_int_equal(
        acknowledgement_decode(packet.acknowledgement.acknowledgement, bench->hub->arena, &said),
        REFUSAL_NONE);
    assert_int_equal(said.receipts[0].contiguous, 2);
    assert_int_equal(said.receipts[0].refused_count, 1);
    assert_int_equal(said.receipts[0].refused[0].refusal, REFUSAL_BAD_SIGNATURE);
}

static void frames_that_are_no_packets_change_nothing(void **state) {
    struct bench *bench = *state;
    static const uint8_t noise[] = {0xff, 0xff, 0xff, 0x07, 0x00};
    bench_connect(bench);
    struct position before = position_of(bench);
    receive(bench, BYTES_OF(noise));
    struct packet packet = {.content = PACKET_HELLO, .hello = {.version_min = 1, .version_max = 1}};
    struct bytes frame;
    packet.hello.organisation = bench->party.org;
    assert_int_equal(packet_encode(&packet, bench->hub->arena, &frame), 0);
    receive(bench, frame); /* a hub doesn't greet */
    assert_int_equal(bench_health(bench).turns.refusals[REFUSAL_NOT_ALLOWED], 1);
    assert_int_equal(position_of(bench).sequence, before.sequence);
}

/* -- clocks and people -- */

static void a_clock_six_minutes_off_is_told_and_an_hour_off_stops(void **state) {
    struct bench *bench = *state;
    bench->skew_ms = 6 * (int64_t)MINUTE_MS;
    bench_connect(bench);
    assert_true(bench_health(bench).clock_warn);
    assert_false(bench_health(bench).clock_halted);
    assert_int_equal(bench_health(bench).clock_skew_ms, -6 * (int64_t)MINUTE_MS);
    bench->skew_ms = 60 * (int64_t)MINUTE_MS;
    bench_pass(bench, 61000);
    assert_true(bench_health(bench).clock_halted);
}

static void commands_are_for_the_roles_of_the_table(void **state) {
    struct bench *bench = *state;
    const struct service_state one = {.service = service_named("onthaal"),
                                      .status = SERVICE_STATUS_OPEN};
    const struct status_arguments arguments = {.services = &one, .count = 1};
    assert_int_equal(bench_command_by(bench, ROLE_CASEWORKER, NODE_COMMAND_STATUS_SET, &arguments),
                     REFUSAL_NONE);
    assert_int_equal(bench_command_by(bench, ROLE_READER, NODE_COMMAND_STATUS_SET, &arguments),
                     REFUSAL_NOT_ALLOWED);
    assert_int_equal(bench_command_by(bench, ROLE_NONE, NODE_COMMAND_STATUS_SET, &arguments),
                     REFUSAL_NOT_ALLOWED);
    assert_int_equal(bench_command_by(bench, ROLE_CASEWORKER, NODE_COMMAND_PUBLISH, NULL),
                     REFUSAL_NOT_ALLOWED);
    assert_int_equal(bench_command(bench, (enum node_command)99, NULL), REFUSAL_NOT_ALLOWED);
}

static void a_token_speaks_for_its_user_until_it_expires(void **state) {
    struct bench *bench = *state;
    struct actor actor;
    struct user_record user = {.role = ROLE_CASEWORKER};
    struct token_arguments token = {.expires_ms = bench->hub->now_ms + 1000, .label = "desk"};
    token.token = token_digest(bytes_from_text("a secret text"));
    assert_int_equal(user_id_parse("els", &user.user), 0);
    token.user = user.user;
    assert_int_equal(bench_command(bench, NODE_COMMAND_TOKEN_CREATE, &token), REFUSAL_NOT_FOUND);
    assert_int_equal(bench_command(bench, NODE_COMMAND_USER_ADD, &user), REFUSAL_NONE);
    assert_int_equal(bench_command(bench, NODE_COMMAND_TOKEN_CREATE, &token), REFUSAL_NONE);
    assert_int_equal(bench_command(bench, NODE_COMMAND_TOKEN_CREATE, &token), REFUSAL_EXISTS);
    struct store_txn *view = bench_read(bench);
    int64_t now_ms = bench->hub->now_ms;
    assert_int_equal(token_actor(view, &token.token, now_ms, &actor), 0);
    assert_int_equal(actor.role, ROLE_CASEWORKER);
    assert_string_equal(actor.user.text, "els");
    assert_int_equal(token_actor(view, &token.token, now_ms + 1000, &actor), ERR_DENIED);
    token.token.bytes[0] ^= 1;
    assert_int_equal(token_actor(view, &token.token, now_ms, &actor), ERR_DENIED);
    store_abort(view);
}

static void without_room_only_deletions_are_taken(void **state) {
    struct bench *bench = *state;
    const struct shredded_arguments done = {.count = 0};
    const struct command status = {
        .id = {{1}}, .actor = {.role = ROLE_ADMINISTRATOR}, .kind = NODE_COMMAND_PUBLISH};
    const struct command shredded = {.id = {{2}},
                                     .actor = {.role = ROLE_ADMINISTRATOR},
                                     .kind = NODE_COMMAND_SHREDDED,
                                     .arguments = &done};
    assert_int_equal(node_command(bench->node, &status), 0);
    assert_int_equal(node_turn(bench->node, bench->hub->now_ms, &bench->rng, true), 0);
    assert_int_equal(bench->refusal, REFUSAL_NO_ROOM);
    assert_int_equal(node_command(bench->node, &shredded), 0);
    assert_int_equal(node_turn(bench->node, bench->hub->now_ms, &bench->rng, true), 0);
    assert_int_equal(bench->refusal, REFUSAL_NONE);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_newcomer_learns_the_directory_and_the_hubs_key),
        TEST(a_directory_of_another_region_is_not_believed),
        TEST(an_unanswered_greeting_is_repeated_ever_more_slowly),
        TEST(a_link_that_died_silently_shows_within_two_minutes),
        TEST(a_hub_without_a_version_in_common_is_named),
        TEST(what_is_said_while_the_hub_is_away_arrives_later),
        TEST(a_message_whose_receipt_was_lost_counts_once),
        TEST(a_node_put_back_from_a_backup_begins_its_numbers_anew),
        TEST(a_receipt_for_another_message_of_that_number_loses_nothing),
        TEST(copies_go_once_the_hubs_backups_hold_them),
        TEST(a_hub_that_goes_back_gets_nothing),
        TEST(a_hub_that_forks_gets_nothing),
        TEST(what_a_forked_hub_receipts_settles_nothing),
        TEST(an_acknowledgement_that_was_overtaken_says_nothing),
        TEST(a_forged_acknowledgement_is_refused),
        TEST(the_directors_restore_heals_once_and_what_was_lost_is_sent_again),
        TEST(who_was_revoked_says_nothing_more),
        TEST(a_message_with_a_bad_entry_is_refused_and_receipted),
        TEST(frames_that_are_no_packets_change_nothing),
        TEST(a_clock_six_minutes_off_is_told_and_an_hour_off_stops),
        TEST(commands_are_for_the_roles_of_the_table),
        TEST(a_token_speaks_for_its_user_until_it_expires),
        TEST(without_room_only_deletions_are_taken),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
