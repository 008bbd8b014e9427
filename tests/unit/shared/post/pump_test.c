#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/post/outbox.h"
#include "shared/post/pump.h"
#include "tests/unit/shared/post/post_fixture.h"

/* A link that notes lane and number of what it took, and takes no more than it has room for. */
struct line {
    struct arena *arena;
    struct {
        enum lane lane;
        uint64_t number;
    } taken[64];
    size_t count;
    size_t room;
    int otherwise;
};

static int take(void *context, const struct address *peer, struct bytes bytes) {
    struct line *line = context;
    struct packet packet;
    struct envelope envelope;
    assert_string_equal(peer->org.text, "hub");
    if (line->count == line->room) {
        return line->otherwise;
    }
    assert_int_equal(packet_decode(bytes, line->arena, &packet), REFUSAL_NONE);
    assert_int_equal(envelope_decode(packet.posting.envelope, line->arena, &envelope),
                     REFUSAL_NONE);
    line->taken[line->count].lane = envelope.lane;
    line->taken[line->count++].number = envelope.number;
    return 0;
}

static void push(struct post_fixture *f, enum lane lane, size_t count) {
    f->stream.lane = lane;
    for (size_t i = 0; i < count; i++) {
        struct outbox_draft draft = {.kind = MESSAGE_KIND_SIGNAL, .id = post_id(i + 1)};
        struct bytes envelope;
        assert_int_equal(outbox_compose(f->txn, &f->stream, &draft, f->arena, &envelope), 0);
        assert_int_equal(outbox_push(f->txn, envelope, (struct bytes){0}, f->arena), 0);
    }
}

static void run(struct post_fixture *f, struct pump *pump, struct line *line, int64_t now_ms) {
    struct pump_link link = {.own = &f->node, .peer = &f->hub, .send = take, .context = line};
    line->arena = f->arena;
    assert_int_equal(pump_run(pump, f->txn, &link, now_ms), 0);
}

static void the_urgent_lane_goes_first(void **state) {
    struct post_fixture *f = post_begin();
    struct line line = {.room = 64};
    struct pump pump;
    pump_reset(&pump);
    push(f, LANE_ORDINARY, 2);
    push(f, LANE_URGENT, 2);
    run(f, &pump, &line, 1000);
    assert_int_equal(line.count, 4);
    const enum lane lanes[] = {LANE_URGENT, LANE_URGENT, LANE_ORDINARY, LANE_ORDINARY};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(line.taken[i].lane, lanes[i]);
        assert_true(line.taken[i].number == 1 + i % 2);
    }
    run(f, &pump, &line, 1001);
    assert_int_equal(line.count, 4);
    post_end(f);
}

static void a_full_link_ends_the_round_and_the_next_goes_on(void **state) {
    struct post_fixture *f = post_begin();
    struct line line = {.room = 3, .otherwise = ERR_AGAIN};
    struct pump pump;
    pump_reset(&pump);
    push(f, LANE_URGENT, 2);
    push(f, LANE_ORDINARY, 3);
    run(f, &pump, &line, 1000);
    assert_int_equal(line.count, 3);
    assert_true(pump_wake_ms(&pump) <= 1000 + FLIGHT_WAIT_MIN_MS);
    line.room = 64;
    run(f, &pump, &line, 1001);
    assert_int_equal(line.count, 5);
    assert_true(line.taken[3].number == 2 && line.taken[4].number == 3);
    post_end(f);
}

static void without_a_link_nothing_is_lost(void **state) {
    struct post_fixture *f = post_begin();
    struct line line = {.otherwise = ERR_NOT_FOUND};
    struct pump pump;
    pump_reset(&pump);
    push(f, LANE_ORDINARY, 2);
    run(f, &pump, &line, 1000);
    assert_int_equal(line.count, 0);
    line.room = 64;
    pump_reset(&pump);
    run(f, &pump, &line, 1001);
    assert_int_equal(line.count, 2);
    post_end(f);
}

static void settled_messages_between_are_passed_over(void **state) {
    struct post_fixture *f = post_begin();
    struct line line = {.room = 64};
    struct outbox_settled settled;
    struct pump pump;
    pump_reset(&pump);
    push(f, LANE_ORDINARY, 4);
    struct receipt receipt = {.incarnation = 1, .contiguous = 1, .beyond = {1}, .beyond_bytes = 1};
    assert_int_equal(
        outbox_settle(f->txn, &(struct outbox_receipt){.stream = &f->stream, .receipt = &receipt},
                      f->arena, &settled),
        0);
    run(f, &pump, &line, 1000);
    assert_int_equal(line.count, 2);
    assert_true(line.taken[0].number == 2 && line.taken[1].number == 4);
    post_end(f);
}

static void it_wakes_when_silence_has_lasted_and_never_for_nothing(void **state) {
    struct post_fixture *f = post_begin();
    struct line line = {.room = 64};
    struct outbox_settled settled;
    struct pump pump;
    pump_reset(&pump);
    run(f, &pump, &line, 1000);
    assert_true(pump_wake_ms(&pump) == INT64_MAX);
    push(f, LANE_ORDINARY, 1);
    run(f, &pump, &line, 1000);
    assert_true(pump_wake_ms(&pump) == 1000 + FLIGHT_WAIT_MIN_MS);
    run(f, &pump, &line, 1000 + FLIGHT_WAIT_MIN_MS);
    assert_int_equal(line.count, 2);
    struct receipt receipt = {.incarnation = 1, .contiguous = 1};
    assert_int_equal(
        outbox_settle(f->txn, &(struct outbox_receipt){.stream = &f->stream, .receipt = &receipt},
                      f->arena, &settled),
        0);
    run(f, &pump, &line, 9000);
    assert_true(pump_wake_ms(&pump) == INT64_MAX);
    post_end(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_urgent_lane_goes_first),
        cmocka_unit_test(a_full_link_ends_the_round_and_the_next_goes_on),
        cmocka_unit_test(without_a_link_nothing_is_lost),
        cmocka_unit_test(settled_messages_between_are_passed_over),
        cmocka_unit_test(it_wakes_when_silence_has_lasted_and_never_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
