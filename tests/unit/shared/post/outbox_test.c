#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/base/limits.h"
#include "shared/post/outbox.h"
#include "tests/unit/shared/post/post_fixture.h"

static const int64_t now_ms = 1800000000000;

static struct bytes compose(struct post_fixture *f, uint64_t id, uint64_t ahead) {
    struct outbox_draft draft = {
        .kind = MESSAGE_KIND_STATUS,
        .id = post_id(id),
        .created_ms = 1000 + (int64_t)id,
        .body = bytes_from_text("body"),
        .ahead = ahead,
    };
    struct bytes envelope;
    assert_int_equal(outbox_compose(f->txn, &f->stream, &draft, f->arena, &envelope), 0);
    return envelope;
}

static void push(struct post_fixture *f, uint64_t count) {
    for (uint64_t id = 1; id <= count; id++) {
        struct bytes envelope = compose(f, id, 0);
        assert_int_equal(outbox_push(f->txn, envelope, (struct bytes){0}, f->arena), 0);
    }
}

static struct outbox_state state_of(struct post_fixture *f) {
    struct outbox_state state;
    assert_int_equal(outbox_state(f->txn, &f->stream, &state), 0);
    return state;
}

static struct outbox_settled settle(struct post_fixture *f, const struct receipt *receipt,
                                    uint64_t keep_at) {
    struct outbox_settled settled;
    const struct outbox_keep keep = {.at = keep_at, .now_ms = now_ms};
    const struct outbox_receipt from = {.stream = &f->stream,
                                        .receipt = receipt,
                                        .keep = keep_at == 0 ? NULL : &keep,
                                        .keys = &f->keys};
    assert_int_equal(outbox_settle(f->txn, &from, f->arena, &settled), 0);
    return settled;
}

static bool would_settle(struct post_fixture *f, const struct receipt *receipt) {
    bool would;
    assert_int_equal(outbox_would_settle(f->txn, &f->stream, receipt, &would), 0);
    return would;
}

/* The number of the first message that waits at or after `number`, 0: none. */
static uint64_t first(struct post_fixture *f, uint64_t number) {
    struct outbox_item item;
    int r = outbox_find(f->txn, &f->stream, number, &item);
    assert_true(r == 0 || r == ERR_NOT_FOUND);
    return r == 0 ? item.number : 0;
}

static void open_item(struct post_fixture *f, uint64_t number, struct posting *ret_posting,
                      struct envelope *ret) {
    struct outbox_item item;
    struct packet packet;
    assert_int_equal(outbox_find(f->txn, &f->stream, number, &item), 0);
    assert_true(item.number == number);
    assert_int_equal(packet_decode(item.packet, f->arena, &packet), REFUSAL_NONE);
    assert_int_equal(packet.content, PACKET_POSTING);
    assert_int_equal(envelope_decode(packet.posting.envelope, f->arena, ret), REFUSAL_NONE);
    *ret_posting = packet.posting;
}

static uint64_t kept(struct post_fixture *f) {
    uint64_t count;
    assert_int_equal(store_count(f->txn, TABLE_OUTBOX_KEPT, &count), 0);
    return count;
}

static void messages_get_the_numbers_from_one_on(void **state) {
    struct post_fixture *f = post_begin();
    struct posting posting;
    struct envelope envelope;
    assert_true(state_of(f).incarnation == 0);
    push(f, 3);
    assert_true(state_of(f).incarnation == 1);
    assert_true(state_of(f).last_number == 3 && state_of(f).waiting == 3);
    for (uint64_t number = 1; number <= 3; number++) {
        open_item(f, number, &posting, &envelope);
        assert_true(envelope.number == number && envelope.incarnation == 1);
        struct message_id id = post_id(number);
        assert_true(message_id_equal(&envelope.id, &id));
        assert_true(bytes_equal(envelope.body, bytes_from_text("body")));
        assert_true(address_equal(&envelope.sender, &f->node));
        assert_true(address_equal(&envelope.recipient, &f->hub));
    }
    post_end(f);
}

static void several_are_composed_ahead_and_pushed_in_order(void **state) {
    struct post_fixture *f = post_begin();
    struct bytes one = compose(f, 1, 0);
    struct bytes two = compose(f, 2, 1);
    assert_int_equal(outbox_push(f->txn, one, (struct bytes){0}, f->arena), 0);
    assert_int_equal(outbox_push(f->txn, two, (struct bytes){0}, f->arena), 0);
    assert_true(state_of(f).last_number == 2);
    post_end(f);
}

static void a_receipt_takes_what_it_covers_and_no_more(void **state) {
    struct post_fixture *f = post_begin();
    push(f, 6);
    /* 1, 2 and beyond them 4 and 6: bits 0 and 2 above number 3 */
    struct receipt receipt = {.lane = LANE_ORDINARY,
                              .incarnation = 1,
                              .contiguous = 2,
                              .beyond = {0x05},
                              .beyond_bytes = 1};
    assert_true(would_settle(f, &receipt));
    assert_true(settle(f, &receipt, 0).settled == 4);
    assert_true(state_of(f).waiting == 2);
    assert_true(first(f, 0) == 3 && first(f, 4) == 5 && first(f, 6) == 0);
    assert_false(would_settle(f, &receipt));
    assert_true(settle(f, &receipt, 0).settled == 0);
    assert_true(kept(f) == 0);
    post_end(f);
}

static void a_receipt_of_another_incarnation_changes_nothing(void **state) {
    struct post_fixture *f = post_begin();
    push(f, 2);
    for (uint64_t incarnation = 0; incarnation <= 2; incarnation += 2) {
        struct receipt receipt = {.incarnation = incarnation, .contiguous = 2};
        assert_false(would_settle(f, &receipt));
        assert_true(settle(f, &receipt, 0).settled == 0);
    }
    assert_true(state_of(f).waiting == 2);
    post_end(f);
}

/* A peer may say any number; what would settle must settle, or each such word would be a fact. */
static void a_receipt_up_to_the_last_number_there_is_settles_all(void **state) {
    for (uint64_t below = 0; below < 3; below++) {
        struct post_fixture *f = post_begin();
        push(f, 3);
        struct receipt receipt = {
            .incarnation = 1, .contiguous = UINT64_MAX - below, .beyond_bytes = 128};
        assert_true(would_settle(f, &receipt));
        assert_true(settle(f, &receipt, 0).settled == 3);
        assert_false(would_settle(f, &receipt));
        post_end(f);
    }
}

static void refused_messages_are_told_and_not_kept(void **state) {
    struct post_fixture *f = post_begin();
    push(f, 3);
    struct refused refused = {.number = 2, .refusal = REFUSAL_STALE};
    struct receipt receipt = {
        .incarnation = 1, .contiguous = 3, .refused = &refused, .refused_count = 1};
    struct outbox_settled settled = settle(f, &receipt, 50);
    assert_true(settled.settled == 3);
    assert_int_equal(settled.refused_count, 1);
    assert_true(settled.refused[0].number == 2);
    assert_int_equal(settled.refused[0].refusal, REFUSAL_STALE);
    assert_int_equal(settled.refused[0].kind, MESSAGE_KIND_STATUS);
    struct message_id id = post_id(2);
    assert_true(message_id_equal(&settled.refused[0].id, &id));
    assert_true(kept(f) == 2);
    post_end(f);
}

static void copies_stay_until_a_backup_holds_them(void **state) {
    struct post_fixture *f = post_begin();
    push(f, 4);
    struct receipt receipt = {.incarnation = 1, .contiguous = 2};
    settle(f, &receipt, 10);
    receipt.contiguous = 4;
    settle(f, &receipt, 20);
    assert_true(kept(f) == 4);
    assert_int_equal(outbox_trim(f->txn, &f->keys, 9, now_ms, UINT64_MAX), 0);
    assert_true(kept(f) == 4);
    assert_int_equal(outbox_trim(f->txn, &f->keys, 10, now_ms, UINT64_MAX), 0);
    assert_true(kept(f) == 2);
    assert_int_equal(outbox_trim(f->txn, &f->keys, 20, now_ms, UINT64_MAX), 0);
    assert_true(kept(f) == 0);
    post_end(f);
}

static void beyond_the_byte_limit_the_oldest_copies_go(void **state) {
    struct post_fixture *f = post_begin();
    struct outbox_item item;
    push(f, 4);
    assert_int_equal(outbox_find(f->txn, &f->stream, 1, &item), 0);
    uint64_t bytes = item.packet.length;
    for (uint64_t number = 1; number <= 4; number++) {
        struct receipt receipt = {.incarnation = 1, .contiguous = number};
        settle(f, &receipt, number);
    }
    assert_int_equal(outbox_trim(f->txn, &f->keys, 0, now_ms, 3 * bytes), 0);
    assert_true(kept(f) == 2); /* each is a little larger than its packet */
    struct receipt none = {.incarnation = 1};
    uint64_t count;
    assert_int_equal(outbox_put_back(f->txn, &f->stream, &none, &f->keys, &count), 0);
    assert_true(count == 2 && first(f, 0) == 1); /* what is left, without a gap before it */
    post_end(f);
}

static void a_hub_put_back_from_its_backup_gets_the_copies_again(void **state) {
    struct post_fixture *f = post_begin();
    push(f, 5);
    struct receipt receipt = {.incarnation = 1, .contiguous = 4};
    uint64_t count;
    settle(f, &receipt, 10);
    receipt.contiguous = 2;
    assert_int_equal(outbox_put_back(f->txn, &f->stream, &receipt, &f->keys, &count), 0);
    assert_true(count == 2);
    assert_true(state_of(f).waiting == 3 && state_of(f).last_number == 5);
    assert_true(first(f, 0) == 3 && first(f, 4) == 4 && first(f, 5) == 5);
    assert_true(kept(f) == 2);
    post_end(f);
}

static void copies_of_an_earlier_incarnation_never_take_a_new_ones_place(void **state) {
    struct post_fixture *f = post_begin();
    struct posting posting;
    struct envelope envelope;
    uint64_t count;
    push(f, 3);
    struct receipt receipt = {.incarnation = 1, .contiguous = 3};
    settle(f, &receipt, 10);
    assert_int_equal(outbox_restart(f->txn, &f->stream, 2, &f->keys), 0);
    push(f, 2);
    struct receipt none = {.incarnation = 2};
    assert_int_equal(outbox_put_back(f->txn, &f->stream, &none, &f->keys, &count), 0);
    assert_true(count == 0 && state_of(f).waiting == 2);
    for (uint64_t number = 1; number <= 2; number++) {
        open_item(f, number, &posting, &envelope);
        assert_true(envelope.incarnation == 2);
    }
    post_end(f);
}

static void a_stream_begun_anew_numbers_what_waits_from_one(void **state) {
    struct post_fixture *f = post_begin();
    struct posting posting;
    struct envelope envelope;
    struct bytes last;
    push(f, 4);
    struct receipt receipt = {.incarnation = 1, .contiguous = 1, .beyond = {1}, .beyond_bytes = 1};
    settle(f, &receipt, 0); /* 1 and 3: 2 and 4 wait */
    last = compose(f, 5, 0);
    struct signature signature = sign_bytes(&f->node_secret, "envelope/v1", last);
    assert_int_equal(outbox_push(f->txn, last, BYTES_OF(signature), f->arena), 0);
    assert_int_equal(outbox_restart(f->txn, &f->stream, 7, &f->keys), 0);
    assert_true(state_of(f).incarnation == 7 && state_of(f).last_number == 3);
    assert_true(state_of(f).waiting == 3 && first(f, 4) == 0);
    const uint64_t ids[] = {2, 4, 5};
    for (uint64_t number = 1; number <= 3; number++) {
        struct message_id id = post_id(ids[number - 1]);
        open_item(f, number, &posting, &envelope);
        assert_true(envelope.incarnation == 7 && envelope.number == number);
        assert_true(message_id_equal(&envelope.id, &id));
        assert_int_equal(posting.signature.length, number == 3 ? SIGNATURE_BYTES : 0);
    }
    memcpy(signature.bytes, posting.signature.data, sizeof(signature.bytes));
    assert_true(sign_check(&f->node_public, "envelope/v1", posting.envelope, &signature));
    post_end(f);
}

static void a_body_that_nobody_would_take_is_not_composed(void **state) {
    struct post_fixture *f = post_begin();
    static const uint8_t body[ENVELOPE_BODY_BYTES_MAX + 1];
    struct outbox_draft draft = {.kind = MESSAGE_KIND_STATUS, .body = BYTES_OF(body)};
    struct bytes envelope;
    assert_int_equal(outbox_compose(f->txn, &f->stream, &draft, f->arena, &envelope),
                     ERR_TOO_LARGE);
    draft.body.length--;
    assert_int_equal(outbox_compose(f->txn, &f->stream, &draft, f->arena, &envelope), 0);
    post_end(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_get_the_numbers_from_one_on),
        cmocka_unit_test(a_body_that_nobody_would_take_is_not_composed),
        cmocka_unit_test(several_are_composed_ahead_and_pushed_in_order),
        cmocka_unit_test(a_receipt_takes_what_it_covers_and_no_more),
        cmocka_unit_test(a_receipt_of_another_incarnation_changes_nothing),
        cmocka_unit_test(a_receipt_up_to_the_last_number_there_is_settles_all),
        cmocka_unit_test(refused_messages_are_told_and_not_kept),
        cmocka_unit_test(copies_stay_until_a_backup_holds_them),
        cmocka_unit_test(beyond_the_byte_limit_the_oldest_copies_go),
        cmocka_unit_test(a_hub_put_back_from_its_backup_gets_the_copies_again),
        cmocka_unit_test(copies_of_an_earlier_incarnation_never_take_a_new_ones_place),
        cmocka_unit_test(a_stream_begun_anew_numbers_what_waits_from_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
