#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/base/limits.h"
#include "shared/post/inbox.h"
#include "tests/unit/shared/post/post_fixture.h"

static struct stamp stamp_of(const struct post_fixture *f, uint64_t incarnation, uint64_t number) {
    return (struct stamp){.stream = f->stream,
                          .incarnation = incarnation,
                          .number = number,
                          .id = post_id(incarnation * 1000000 + number)};
}

static enum inbox_verdict judge(struct post_fixture *f, uint64_t incarnation, uint64_t number) {
    struct stamp stamp = stamp_of(f, incarnation, number);
    enum inbox_verdict verdict = 0;
    assert_int_equal(inbox_judge(f->txn, &stamp, &verdict), 0);
    return verdict;
}

static void settle(struct post_fixture *f, uint64_t incarnation, uint64_t number,
                   enum refusal refusal) {
    struct stamp stamp = stamp_of(f, incarnation, number);
    inbox_settle(f->txn, &stamp, refusal);
}

static struct receipt receipt_of(struct post_fixture *f) {
    struct receipt receipt;
    assert_int_equal(inbox_receipt(f->txn, &f->stream, f->arena, &receipt), 0);
    return receipt;
}

static void a_stream_that_never_was_has_an_empty_receipt(void **state) {
    struct post_fixture *f = post_begin();
    struct receipt receipt = receipt_of(f);
    assert_true(receipt.incarnation == 0 && receipt.contiguous == 0);
    assert_int_equal(receipt.beyond_bytes, 0);
    assert_int_equal(receipt.refused_count, 0);
    post_end(f);
}

static void numbers_in_order_are_new_once_and_then_duplicates(void **state) {
    struct post_fixture *f = post_begin();
    for (uint64_t number = 1; number <= 20; number++) {
        assert_int_equal(judge(f, 1, number), INBOX_NEW);
        settle(f, 1, number, REFUSAL_NONE);
        assert_int_equal(judge(f, 1, number), INBOX_DUPLICATE);
        assert_true(receipt_of(f).contiguous == number);
    }
    post_end(f);
}

static void what_came_early_is_kept_and_closes_the_gap(void **state) {
    struct post_fixture *f = post_begin();
    assert_int_equal(judge(f, 1, 3), INBOX_OUT_OF_ORDER);
    settle(f, 1, 3, REFUSAL_NONE);
    settle(f, 1, 5, REFUSAL_NONE);
    struct receipt receipt = receipt_of(f);
    assert_true(receipt.contiguous == 0);
    /* bit 0 is number 2: 3 and 5 are bits 1 and 3 */
    assert_int_equal(receipt.beyond_bytes, 1);
    assert_int_equal(receipt.beyond[0], 0x0a);
    assert_int_equal(judge(f, 1, 3), INBOX_DUPLICATE);
    assert_int_equal(judge(f, 1, 4), INBOX_OUT_OF_ORDER);
    settle(f, 1, 1, REFUSAL_NONE);
    receipt = receipt_of(f);
    assert_true(receipt.contiguous == 1);
    assert_int_equal(receipt.beyond[0], 0x05);
    settle(f, 1, 2, REFUSAL_NONE);
    receipt = receipt_of(f);
    assert_true(receipt.contiguous == 3);
    assert_int_equal(receipt.beyond[0], 0x01);
    settle(f, 1, 4, REFUSAL_NONE);
    receipt = receipt_of(f);
    assert_true(receipt.contiguous == 5);
    assert_int_equal(receipt.beyond_bytes, 0);
    post_end(f);
}

static void the_window_ends_where_it_says(void **state) {
    struct post_fixture *f = post_begin();
    assert_int_equal(judge(f, 1, INBOX_WINDOW), INBOX_OUT_OF_ORDER);
    assert_int_equal(judge(f, 1, INBOX_WINDOW + 1), INBOX_TOO_FAR);
    assert_int_equal(judge(f, 1, UINT64_MAX), INBOX_TOO_FAR);
    settle(f, 1, INBOX_WINDOW, REFUSAL_NONE);
    assert_int_equal(judge(f, 1, INBOX_WINDOW), INBOX_DUPLICATE);
    settle(f, 1, 1, REFUSAL_NONE);
    assert_int_equal(judge(f, 1, INBOX_WINDOW), INBOX_DUPLICATE);
    assert_int_equal(judge(f, 1, INBOX_WINDOW + 1), INBOX_OUT_OF_ORDER);
    assert_int_equal(judge(f, 1, INBOX_WINDOW + 2), INBOX_TOO_FAR);
    post_end(f);
}

/* Against a naive set: every number of a shuffled thousand, judged before and after. */
static void any_order_within_the_window_settles_each_number_once(void **state) {
    struct post_fixture *f = post_begin();
    enum { COUNT = 1000 };
    static bool settled[COUNT + 1];
    memset(settled, 0, sizeof(settled));
    uint64_t number = 1;
    for (int i = 0; i < 1008; i++) {
        number = (number * 401) % 1009; /* 401 is a primitive root: each of 1..1008 comes once */
        if (number > COUNT) {
            continue;
        }
        assert_int_not_equal(judge(f, 1, number), INBOX_DUPLICATE);
        settle(f, 1, number, REFUSAL_NONE);
        settled[number] = true;
        struct receipt receipt = receipt_of(f);
        uint64_t contiguous = 0;
        while (contiguous < COUNT && settled[contiguous + 1]) {
            contiguous++;
        }
        assert_true(receipt.contiguous == contiguous);
        for (uint64_t k = contiguous + 2; k <= COUNT; k++) {
            uint64_t bit = k - contiguous - 2;
            bool said =
                bit / 8 < receipt.beyond_bytes && (receipt.beyond[bit / 8] >> (bit % 8) & 1) != 0;
            assert_true(said == settled[k]);
        }
        arena_reset(f->arena);
    }
    assert_true(receipt_of(f).contiguous == COUNT);
    post_end(f);
}

static void the_same_number_with_another_id_is_a_conflict(void **state) {
    struct post_fixture *f = post_begin();
    settle(f, 1, 1, REFUSAL_NONE);
    settle(f, 1, 3, REFUSAL_NONE);
    for (uint64_t number = 1; number <= 3; number += 2) {
        struct stamp other = stamp_of(f, 1, number);
        enum inbox_verdict verdict;
        other.id = post_id(99);
        assert_int_equal(inbox_judge(f->txn, &other, &verdict), 0);
        assert_int_equal(verdict, INBOX_CONFLICT);
    }
    post_end(f);
}

static void ids_and_refusals_are_forgotten_after_a_thousand_numbers(void **state) {
    struct post_fixture *f = post_begin();
    struct stamp other = stamp_of(f, 1, 1);
    enum inbox_verdict verdict;
    uint64_t ids;
    other.id = post_id(99);
    settle(f, 1, 1, REFUSAL_STALE);
    for (uint64_t number = 2; number <= INBOX_KEPT; number++) {
        settle(f, 1, number, REFUSAL_NONE);
    }
    assert_int_equal(inbox_judge(f->txn, &other, &verdict), 0);
    assert_int_equal(verdict, INBOX_CONFLICT);
    assert_int_equal(receipt_of(f).refused_count, 1);
    settle(f, 1, INBOX_KEPT + 1, REFUSAL_NONE);
    assert_int_equal(inbox_judge(f->txn, &other, &verdict), 0);
    assert_int_equal(verdict, INBOX_DUPLICATE);
    assert_int_equal(receipt_of(f).refused_count, 0);
    assert_int_equal(store_count(f->txn, TABLE_INBOX, &ids), 0);
    assert_true(ids == INBOX_KEPT);
    post_end(f);
}

static void a_receipt_names_what_was_refused(void **state) {
    struct post_fixture *f = post_begin();
    settle(f, 1, 1, REFUSAL_NONE);
    settle(f, 1, 2, REFUSAL_EXPIRED);
    settle(f, 1, 4, REFUSAL_MALFORMED);
    struct receipt receipt = receipt_of(f);
    assert_true(receipt.contiguous == 2);
    assert_int_equal(receipt.refused_count, 2);
    assert_true(receipt.refused[0].number == 2 && receipt.refused[1].number == 4);
    assert_int_equal(receipt.refused[0].refusal, REFUSAL_EXPIRED);
    assert_int_equal(receipt.refused[1].refusal, REFUSAL_MALFORMED);
    post_end(f);
}

static void a_new_incarnation_counts_from_one_and_ends_the_old(void **state) {
    struct post_fixture *f = post_begin();
    uint64_t ids;
    for (uint64_t number = 1; number <= 5; number++) {
        settle(f, 1, number, number == 3 ? REFUSAL_STALE : REFUSAL_NONE);
    }
    assert_int_equal(judge(f, 2, 1), INBOX_NEW);
    assert_int_equal(judge(f, 2, 4), INBOX_OUT_OF_ORDER);
    settle(f, 2, 1, REFUSAL_NONE);
    assert_int_equal(judge(f, 1, 6), INBOX_OLD_INCARNATION);
    assert_int_equal(judge(f, 1, 1), INBOX_OLD_INCARNATION);
    struct receipt receipt = receipt_of(f);
    assert_true(receipt.incarnation == 2 && receipt.contiguous == 1);
    assert_int_equal(receipt.refused_count, 0);
    assert_int_equal(store_count(f->txn, TABLE_INBOX, &ids), 0);
    assert_true(ids == 6); /* and what is known of the old one */
    post_end(f);
}

static void streams_know_nothing_of_each_other(void **state) {
    struct post_fixture *f = post_begin();
    settle(f, 1, 1, REFUSAL_NONE);
    f->stream.lane = LANE_URGENT;
    assert_int_equal(judge(f, 1, 1), INBOX_NEW);
    settle(f, 2, 1, REFUSAL_NONE);
    f->stream.lane = LANE_ORDINARY;
    assert_int_equal(judge(f, 1, 1), INBOX_DUPLICATE);
    post_end(f);
}

static void a_fact_settles_the_number_that_its_body_names_or_nothing(void **state) {
    struct post_fixture *f = post_begin();
    uint8_t memory[256];
    struct buf buf = buf_over(memory, sizeof(memory));
    struct stamp stamp = stamp_of(f, 1, 1);
    stamp_write(&buf, &stamp);
    assert_int_equal(inbox_apply_refused(f->txn, buf_bytes(&buf)), ERR_STORAGE);
    assert_int_equal(judge(f, 1, 1), INBOX_NEW);
    assert_int_equal(inbox_apply_taken(f->txn, buf_bytes(&buf)), 0);
    stamp = stamp_of(f, 1, 2);
    buf = buf_over(memory, sizeof(memory));
    inbox_refused_write(&buf, &stamp, REFUSAL_NOT_YOURS);
    assert_int_equal(inbox_apply_taken(f->txn, buf_bytes(&buf)), ERR_STORAGE);
    assert_int_equal(judge(f, 1, 2), INBOX_NEW);
    assert_int_equal(inbox_apply_refused(f->txn, buf_bytes(&buf)), 0);
    struct receipt receipt = receipt_of(f);
    assert_true(receipt.contiguous == 2 && receipt.refused_count == 1);
    assert_true(receipt.refused[0].number == 2);
    assert_int_equal(receipt.refused[0].refusal, REFUSAL_NOT_YOURS);
    post_end(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_that_never_was_has_an_empty_receipt),
        cmocka_unit_test(numbers_in_order_are_new_once_and_then_duplicates),
        cmocka_unit_test(what_came_early_is_kept_and_closes_the_gap),
        cmocka_unit_test(the_window_ends_where_it_says),
        cmocka_unit_test(any_order_within_the_window_settles_each_number_once),
        cmocka_unit_test(the_same_number_with_another_id_is_a_conflict),
        cmocka_unit_test(ids_and_refusals_are_forgotten_after_a_thousand_numbers),
        cmocka_unit_test(a_receipt_names_what_was_refused),
        cmocka_unit_test(a_new_incarnation_counts_from_one_and_ends_the_old),
        cmocka_unit_test(streams_know_nothing_of_each_other),
        cmocka_unit_test(a_fact_settles_the_number_that_its_body_names_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
