/* What a node believes of its hub's signed word: that it still holds what it said before, the
 * directory that it announces, and its bounds. */
#include "hub/core/signals.h"
#include "node/core/state.h"
#include "tests/unit/node/core/fixture.h"

static int setup(void **state) {
    struct bench *bench = bench_new("ocmw-kortrijk");
    bench_connect(bench);
    *state = bench;
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

static struct acknowledgement word_of(struct bench *bench) {
    const struct node_health health = bench_health(bench);
    return (struct acknowledgement){
        .sender = {.org = HUB_ORG, .hub = bench->hub->params.hub},
        .recipient = bench->params.own,
        .now_ms = bench->hub->now_ms + 1000,
        .has_position = true,
        .position = health.hub_position,
        .directory = health.directory,
    };
}

static struct signed_acknowledgement sign_word(struct bench *bench,
                                               const struct acknowledgement *said) {
    struct signed_acknowledgement word;
    struct arena *arena = bench->hub->arena;
    assert_int_equal(acknowledgement_encode(said, arena, &word.acknowledgement), 0);
    struct signature signature =
        sign_bytes(&bench->hub->sign, "acknowledgement/v1", word.acknowledgement);
    word.signature = arena_copy(arena, BYTES_OF(signature));
    assert_non_null(word.signature.data);
    return word;
}

static void receive(struct bench *bench, const struct packet *packet) {
    struct bytes frame;
    assert_int_equal(packet_encode(packet, bench->hub->arena, &frame), 0);
    assert_int_equal(node_receive(bench->node, frame), 0);
    bench_turn(bench);
}

static void acknowledge(struct bench *bench, const struct acknowledgement *said) {
    receive(bench, &(struct packet){.content = PACKET_ACKNOWLEDGEMENT,
                                    .acknowledgement = sign_word(bench, said)});
}

static void welcome(struct bench *bench, const struct acknowledgement *said) {
    receive(bench, &(struct packet){.content = PACKET_WELCOME,
                                    .welcome = {.version = WIRE_VERSION,
                                                .acknowledgement = sign_word(bench, said)}});
}

/* A hub put back from its backup that has gone on since: it's further than we knew, on another
 * road. */
static struct acknowledgement lost_word(struct bench *bench) {
    struct acknowledgement said = word_of(bench);
    said.has_asked = true;
    said.asked = said.position;
    said.holds_asked = false;
    said.position.sequence += 20;
    said.position.head.bytes[0] ^= 1;
    return said;
}

/* -- position -- */

static void a_hub_that_lost_what_we_heard_is_back_however_far_it_is(void **state) {
    struct bench *bench = *state;
    struct position before = bench_health(bench).hub_position;
    struct acknowledgement said = lost_word(bench);
    welcome(bench, &said);
    assert_true(bench_health(bench).hub_went_back);
    assert_int_equal(bench_health(bench).hub_position.sequence, before.sequence);
}

static void only_an_answer_clears_a_hub_that_lost_what_we_heard(void **state) {
    struct bench *bench = *state;
    struct acknowledgement said = lost_word(bench);
    struct position asked = said.asked;
    welcome(bench, &said);
    said.has_asked = false;
    said.now_ms += 1000;
    acknowledge(bench, &said);
    assert_true(bench_health(bench).hub_went_back);
    said.has_asked = true;
    said.asked = asked;
    said.holds_asked = true;
    said.now_ms += 1000;
    welcome(bench, &said);
    assert_false(bench_health(bench).hub_went_back);
    assert_int_equal(bench_health(bench).hub_position.sequence, said.position.sequence);
}

static void an_answer_about_an_older_position_says_nothing(void **state) {
    struct bench *bench = *state;
    struct acknowledgement said = lost_word(bench);
    said.asked.sequence--;
    welcome(bench, &said);
    assert_false(bench_health(bench).hub_went_back);
}

static void a_position_without_an_epoch_is_refused(void **state) {
    struct bench *bench = *state;
    struct acknowledgement said = word_of(bench);
    said.position.epoch = 0;
    acknowledge(bench, &said);
    assert_int_equal(bench_health(bench).turns.refusals[REFUSAL_MALFORMED], 1);
    assert_int_equal(bench_health(bench).hub_position.epoch, 7);
}

static void backups_reach_no_further_than_the_hub_itself(void **state) {
    struct bench *bench = *state;
    assert_int_equal(set_status(bench, SERVICE_STATUS_OPEN), REFUSAL_NONE);
    bench_carry(bench);
    assert_int_equal(bench_count(bench, TABLE_OUTBOX_KEPT), 1);
    struct acknowledgement said = word_of(bench);
    said.backed_up_to = UINT64_MAX;
    acknowledge(bench, &said);
    assert_int_equal(bench_count(bench, TABLE_OUTBOX_KEPT), 0);
    /* what is settled later isn't held by a backup of today */
    struct store_txn *view = bench_read(bench);
    struct hearing_record record;
    assert_int_equal(hearing_record_get(view, &record), 0);
    assert_int_equal(record.backed_up_to, record.position.sequence);
    store_abort(view);
}

/* -- the directory -- */

static void a_directory_withheld_for_more_than_an_hour_is_told(void **state) {
    struct bench *bench = *state;
    struct acknowledgement said = word_of(bench);
    said.directory.sequence++;
    acknowledge(bench, &said);
    assert_false(bench_health(bench).directory_withheld);
    bench->hub->now_ms += HOUR_MS;
    assert_false(bench_health(bench).directory_withheld);
    bench->hub->now_ms += 1;
    assert_true(bench_health(bench).directory_withheld);
    /* and not forgotten when a lower one is said again */
    said.directory.sequence--;
    said.now_ms += 2 * HOUR_MS;
    acknowledge(bench, &said);
    assert_true(bench_health(bench).directory_withheld);
    assert_false(bench_health(bench).directory_forked);
}

static void a_directory_that_forked_is_told(void **state) {
    struct bench *bench = *state;
    struct acknowledgement said = word_of(bench);
    acknowledge(bench, &said);
    assert_false(bench_health(bench).directory_forked);
    said.directory.hash.bytes[5] ^= 1;
    acknowledge(bench, &said);
    assert_true(bench_health(bench).directory_forked);
}

static void a_greeting_says_which_directory_we_have(void **state) {
    struct bench *bench = *state;
    size_t from = bench->frame_count;
    size_t greetings = 0;
    struct directory_head own = bench_health(bench).directory;
    bench_pass(bench, 61000);
    for (size_t i = from; i < bench->frame_count; i++) {
        struct packet packet;
        assert_int_equal(packet_decode(bench->frames[i], bench->hub->arena, &packet), REFUSAL_NONE);
        if (packet.content == PACKET_HELLO) {
            greetings++;
            assert_int_equal(packet.hello.directory.sequence, own.sequence);
            assert_true(digest_equal(&packet.hello.directory.hash, &own.hash));
        }
    }
    assert_true(greetings > 0);
}

/* -- the clock, and what the hub has of our figures -- */

static void nothing_is_made_while_the_clock_is_an_hour_off(void **state) {
    struct bench *bench = *state;
    bench->skew_ms = HOUR_MS;
    bench_pass(bench, 61000);
    assert_true(bench_health(bench).clock_halted);
    const struct published_figures one = {.service = service_named("budget"), .waiting_total = 12};
    const struct import_figures_arguments figures = {
        .as_of_day = first_day() - 7, .period_days = 31, .services = &one, .count = 1};
    assert_int_equal(set_status(bench, SERVICE_STATUS_OPEN), REFUSAL_CLOCK_OFF);
    assert_int_equal(bench_command(bench, NODE_COMMAND_IMPORT_FIGURES, &figures),
                     REFUSAL_CLOCK_OFF);
    assert_int_equal(bench_command(bench, NODE_COMMAND_PUBLISH, NULL), REFUSAL_CLOCK_OFF);
    assert_int_equal(bench_health(bench).waiting, 0);
}

/* A node in another life hears that the hub has figures of that day. */
static int hear_figures_of(struct bench *bench, int32_t day) {
    const struct signal signal = {.as_of_day = day,
                                  .origin = FIGURES_ORIGIN_REGISTER,
                                  .start_event = START_EVENT_ASKED,
                                  .period_days = 7};
    struct acknowledgement said = word_of(bench);
    struct packet packet = {.content = PACKET_WELCOME};
    struct freeze_record freeze;
    packet.welcome =
        (struct welcome){.version = WIRE_VERSION, .acknowledgement = sign_word(bench, &said)};
    assert_int_equal(signal_encode(&signal, bench->hub->arena, &packet.welcome.last_signal), 0);
    bench_restart(bench);
    receive(bench, &packet);
    return bench_freeze(bench, day, &freeze);
}

static void only_figures_of_a_freeze_that_has_been_are_taken_back(void **state) {
    struct bench *bench = *state;
    assert_int_equal(hear_figures_of(bench, first_day() + 7), ERR_NOT_FOUND);
    assert_int_equal(hear_figures_of(bench, first_day() - 6), ERR_NOT_FOUND);
    assert_int_equal(hear_figures_of(bench, first_day()), 0);
}

/* -- numbers begun anew -- */

static enum service_status status_at_hub(struct bench *bench) {
    struct status_record record;
    struct store_txn *view = fixture_read(bench->hub);
    assert_int_equal(signals_status(view, &bench->party.org, bench->hub->arena, &record), 0);
    store_abort(view);
    return record.status.services[0].status;
}

/* The backup holds a status that the hub took, without its receipt; then came another. */
static void what_a_restored_node_says_again_changes_nothing(void **state) {
    struct bench *bench = *state;
    bench->deaf = true;
    assert_int_equal(set_status(bench, SERVICE_STATUS_OPEN), REFUSAL_NONE);
    bench_carry(bench);
    bench_backup(bench);
    bench->deaf = false;
    assert_int_equal(set_status(bench, SERVICE_STATUS_CLOSED), REFUSAL_NONE);
    bench_carry(bench);
    assert_int_equal(status_at_hub(bench), SERVICE_STATUS_CLOSED);
    bench_restore(bench);
    bench_connect(bench);
    bench_pass(bench, 5000);
    bench_pass(bench, 61000);
    assert_int_equal(bench_health(bench).waiting, 0);
    assert_int_equal(status_at_hub(bench), SERVICE_STATUS_CLOSED);
    assert_int_equal(set_status(bench, SERVICE_STATUS_OPEN), REFUSAL_NONE);
    bench_carry(bench);
    assert_int_equal(status_at_hub(bench), SERVICE_STATUS_OPEN);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_hub_that_lost_what_we_heard_is_back_however_far_it_is),
        TEST(only_an_answer_clears_a_hub_that_lost_what_we_heard),
        TEST(an_answer_about_an_older_position_says_nothing),
        TEST(a_position_without_an_epoch_is_refused),
        TEST(backups_reach_no_further_than_the_hub_itself),
        TEST(a_directory_withheld_for_more_than_an_hour_is_told),
        TEST(a_directory_that_forked_is_told),
        TEST(a_greeting_says_which_directory_we_have),
        TEST(nothing_is_made_while_the_clock_is_an_hour_off),
        TEST(only_figures_of_a_freeze_that_has_been_are_taken_back),
        TEST(what_a_restored_node_says_again_changes_nothing),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
