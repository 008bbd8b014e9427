#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/base/limits.h"
#include "shared/post/outbox.h"
#include "tests/unit/shared/post/post_fixture.h"

static const int64_t now_ms = 1800000000000;

static void push(struct post_fixture *f, uint64_t first_id, uint64_t count) {
    for (uint64_t id = first_id; id < first_id + count; id++) {
        const struct outbox_draft draft = {
            .kind = MESSAGE_KIND_STATUS, .id = post_id(id), .body = bytes_from_text("body")};
        struct bytes envelope;
        assert_int_equal(outbox_compose(f->txn, &f->stream, &draft, f->arena, &envelope), 0);
        assert_int_equal(outbox_push(f->txn, envelope, (struct bytes){0}, f->arena), 0);
    }
}

static void settle(struct post_fixture *f, const struct receipt *receipt, uint64_t keep_at) {
    const struct outbox_keep keep = {.at = keep_at, .now_ms = now_ms};
    const struct outbox_receipt from = {
        .stream = &f->stream, .receipt = receipt, .keep = &keep, .keys = &f->keys};
    struct outbox_settled settled;
    assert_int_equal(outbox_settle(f->txn, &from, f->arena, &settled), 0);
}

static uint64_t put_back(struct post_fixture *f, const struct receipt *receipt) {
    uint64_t count;
    assert_int_equal(outbox_put_back(f->txn, &f->stream, receipt, &f->keys, &count), 0);
    return count;
}

static uint64_t kept(struct post_fixture *f) {
    uint64_t count;
    assert_int_equal(store_count(f->txn, TABLE_OUTBOX_KEPT, &count), 0);
    return count;
}

/* What waits is exactly these ids, numbered from 1 on, in that incarnation. */
static void assert_waiting(struct post_fixture *f, uint64_t incarnation, const uint64_t *ids,
                           size_t count) {
    struct outbox_state state;
    struct outbox_item item = {0};
    assert_int_equal(outbox_state(f->txn, &f->stream, &state), 0);
    assert_int_equal(state.incarnation, incarnation);
    assert_int_equal(state.waiting, count);
    assert_int_equal(state.last_number, count);
    for (size_t i = 0; i < count; i++) {
        struct packet packet;
        struct envelope envelope;
        const struct message_id id = post_id(ids[i]);
        assert_int_equal(outbox_find(f->txn, &f->stream, item.number + 1, &item), 0);
        assert_int_equal(item.number, i + 1);
        assert_int_equal(packet_decode(item.packet, f->arena, &packet), REFUSAL_NONE);
        assert_int_equal(envelope_decode(packet.posting.envelope, f->arena, &envelope),
                         REFUSAL_NONE);
        assert_int_equal(envelope.incarnation, incarnation);
        assert_int_equal(envelope.number, i + 1);
        assert_true(message_id_equal(&envelope.id, &id));
    }
    assert_int_equal(outbox_find(f->txn, &f->stream, item.number + 1, &item), ERR_NOT_FOUND);
}

static void copies_of_two_incarnations_stand_side_by_side(void **state) {
    struct post_fixture *f = post_begin();
    push(f, 1, 2);
    settle(f, &(struct receipt){.incarnation = 1, .contiguous = 2}, 10);
    assert_int_equal(outbox_restart(f->txn, &f->stream, 2, &f->keys), 0);
    push(f, 11, 2);
    settle(f, &(struct receipt){.incarnation = 2, .contiguous = 2}, 10);
    assert_int_equal(kept(f), 4);
    post_end(f);
}

static void a_hub_that_knows_an_older_incarnation_gets_all_since_in_order(void **state) {
    struct post_fixture *f = post_begin();
    const uint64_t ids[] = {2, 3, 11, 12, 13};
    push(f, 1, 3);
    /* receipted out of order: 3 before 2 */
    settle(f,
           &(struct receipt){.incarnation = 1, .contiguous = 1, .beyond = {1}, .beyond_bytes = 1},
           10);
    settle(f, &(struct receipt){.incarnation = 1, .contiguous = 3}, 11);
    assert_int_equal(outbox_restart(f->txn, &f->stream, 2, &f->keys), 0);
    push(f, 11, 3);
    settle(f, &(struct receipt){.incarnation = 2, .contiguous = 1}, 12);
    assert_int_equal(put_back(f, &(struct receipt){.incarnation = 1, .contiguous = 1}), 3);
    assert_waiting(f, 3, ids, 5);
    assert_int_equal(kept(f), 1); /* the first, which the hub still has */
    post_end(f);
}

static void a_hub_that_knows_nothing_gets_all_there_is(void **state) {
    struct post_fixture *f = post_begin();
    const uint64_t ids[] = {1, 2, 3};
    push(f, 1, 3);
    settle(f, &(struct receipt){.incarnation = 1, .contiguous = 2}, 10);
    assert_int_equal(put_back(f, &(struct receipt){.incarnation = 0}), 2);
    assert_waiting(f, 1, ids, 3);
    post_end(f);
}

/* The hub lost the refusal of 2 too, and would wait for a number that nobody sends. */
static void a_number_that_was_refused_leaves_no_hole(void **state) {
    struct post_fixture *f = post_begin();
    const uint64_t ids[] = {3, 4};
    struct refused refused = {.number = 2, .refusal = REFUSAL_STALE};
    push(f, 1, 4);
    settle(f,
           &(struct receipt){
               .incarnation = 1, .contiguous = 4, .refused = &refused, .refused_count = 1},
           10);
    assert_int_equal(put_back(f, &(struct receipt){.incarnation = 1, .contiguous = 1}), 2);
    assert_waiting(f, 2, ids, 2);
    post_end(f);
}

static void what_came_early_at_the_hub_is_no_hole(void **state) {
    struct post_fixture *f = post_begin();
    struct outbox_state now;
    push(f, 1, 3);
    settle(f, &(struct receipt){.incarnation = 1, .contiguous = 3}, 10);
    const struct receipt early = {
        .incarnation = 1, .contiguous = 1, .beyond = {1}, .beyond_bytes = 1}; /* 1 and 3 */
    assert_int_equal(put_back(f, &early), 1);
    assert_int_equal(outbox_state(f->txn, &f->stream, &now), 0);
    assert_true(now.incarnation == 1 && now.waiting == 1 && now.last_number == 3);
    post_end(f);
}

static void a_receipt_from_the_future_puts_nothing_back(void **state) {
    struct post_fixture *f = post_begin();
    push(f, 1, 2);
    settle(f, &(struct receipt){.incarnation = 1, .contiguous = 2}, 10);
    assert_int_equal(put_back(f, &(struct receipt){.incarnation = 2, .contiguous = 1}), 0);
    assert_int_equal(kept(f), 2);
    post_end(f);
}

static void copies_go_after_twenty_days(void **state) {
    struct post_fixture *f = post_begin();
    const int64_t days_ms = 20 * INT64_C(86400000);
    push(f, 1, 2);
    settle(f, &(struct receipt){.incarnation = 1, .contiguous = 2}, 10);
    assert_int_equal(outbox_trim(f->txn, &f->keys, 9, now_ms + days_ms, UINT64_MAX), 0);
    assert_int_equal(kept(f), 2);
    assert_int_equal(outbox_trim(f->txn, &f->keys, 9, now_ms + days_ms + 1, UINT64_MAX), 0);
    assert_int_equal(kept(f), 0);
    post_end(f);
}

/* The count is of what is there, after copies came, were put back and went. */
static void the_byte_limit_counts_what_is_there(void **state) {
    struct post_fixture *f = post_begin();
    struct store_cursor cursor;
    push(f, 1, 6);
    settle(f, &(struct receipt){.incarnation = 1, .contiguous = 4}, 10);
    assert_int_equal(store_first(f->txn, TABLE_OUTBOX_KEPT, &cursor), 0);
    uint64_t one = cursor.value.length;
    assert_int_equal(put_back(f, &(struct receipt){.incarnation = 1, .contiguous = 2}), 2);
    settle(f, &(struct receipt){.incarnation = 1, .contiguous = 6}, 20);
    assert_int_equal(kept(f), 6);
    assert_int_equal(outbox_trim(f->txn, &f->keys, 0, now_ms, 6 * one), 0);
    assert_int_equal(kept(f), 6);
    assert_int_equal(outbox_trim(f->txn, &f->keys, 0, now_ms, 6 * one - 1), 0);
    assert_int_equal(kept(f), 5);
    assert_int_equal(outbox_trim(f->txn, &f->keys, 0, now_ms, 2 * one), 0);
    assert_int_equal(kept(f), 2);
    post_end(f);
}

static void an_envelope_above_the_limit_is_called_too_large(void **state) {
    struct post_fixture *f = post_begin();
    static const uint8_t body[ENVELOPE_BODY_BYTES_MAX + 1];
    const struct envelope envelope = {.version = WIRE_VERSION,
                                      .sender = f->node,
                                      .recipient = f->hub,
                                      .lane = LANE_ORDINARY,
                                      .incarnation = 1,
                                      .number = 1,
                                      .id = post_id(1),
                                      .created_ms = now_ms,
                                      .kind = MESSAGE_KIND_STATUS,
                                      .body = BYTES_OF(body)};
    struct bytes bytes;
    assert_int_equal(envelope_encode(&envelope, f->arena, &bytes), 0);
    assert_int_equal(outbox_push(f->txn, bytes, (struct bytes){0}, f->arena), ERR_TOO_LARGE);
    post_end(f);
}

static void copies_that_name_what_must_be_forgotten_go(void **state) {
    struct post_fixture *f = post_begin();
    const char *bodies[] = {"of nobody", "of P-17 and more", "of P-17 at last", "of P-18"};
    for (uint64_t i = 0; i < 4; i++) {
        const struct outbox_draft draft = {.kind =
                                               i == 2 ? MESSAGE_KIND_SIGNAL : MESSAGE_KIND_STATUS,
                                           .id = post_id(i + 1),
                                           .body = bytes_from_text(bodies[i])};
        struct bytes envelope;
        assert_int_equal(outbox_compose(f->txn, &f->stream, &draft, f->arena, &envelope), 0);
        assert_int_equal(outbox_push(f->txn, envelope, (struct bytes){0}, f->arena), 0);
    }
    settle(f, &(struct receipt){.incarnation = 1, .contiguous = 4}, 10);
    assert_int_equal(
        outbox_forget(f->txn, &f->keys, bytes_from_text("P-17"), MESSAGE_KIND_SIGNAL, f->arena), 0);
    assert_int_equal(kept(f), 3);
    assert_int_equal(
        outbox_forget(f->txn, &f->keys, bytes_from_text("P-17"), MESSAGE_KIND_NONE, f->arena), 0);
    assert_int_equal(kept(f), 2);
    /* What is left still goes to a hub that lost all of it, without a hole. */
    assert_int_equal(put_back(f, &(struct receipt){.lane = LANE_ORDINARY}), 2);
    const uint64_t left[] = {1, 4};
    assert_waiting(f, 2, left, 2);
    post_end(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_of_two_incarnations_stand_side_by_side),
        cmocka_unit_test(copies_that_name_what_must_be_forgotten_go),
        cmocka_unit_test(a_hub_that_knows_an_older_incarnation_gets_all_since_in_order),
        cmocka_unit_test(a_hub_that_knows_nothing_gets_all_there_is),
        cmocka_unit_test(a_number_that_was_refused_leaves_no_hole),
        cmocka_unit_test(what_came_early_at_the_hub_is_no_hole),
        cmocka_unit_test(a_receipt_from_the_future_puts_nothing_back),
        cmocka_unit_test(copies_go_after_twenty_days),
        cmocka_unit_test(the_byte_limit_counts_what_is_there),
        cmocka_unit_test(an_envelope_above_the_limit_is_called_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
