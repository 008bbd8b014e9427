#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/base/limits.h"
#include "shared/post/inbox.h"
#include "tests/unit/shared/post/post_fixture.h"

static struct stamp stamp_of(const struct post_fixture *f, uint64_t incarnation, uint64_t number,
                             uint64_t id) {
    return (struct stamp){
        .stream = f->stream, .incarnation = incarnation, .number = number, .id = post_id(id)};
}

static void settle(struct post_fixture *f, struct stamp stamp, enum refusal refusal) {
    enum inbox_verdict verdict;
    assert_int_equal(inbox_judge(f->txn, &stamp, &verdict), 0);
    assert_true(verdict == INBOX_NEW || verdict == INBOX_OUT_OF_ORDER);
    inbox_settle(f->txn, &stamp, refusal);
}

/* What became of that id before, REFUSAL_INTERNAL_FAULT where it's unknown. */
static enum refusal known(struct post_fixture *f, uint64_t incarnation, uint64_t number,
                          uint64_t id) {
    struct stamp stamp = stamp_of(f, incarnation, number, id);
    enum refusal refusal = REFUSAL_INTERNAL_FAULT;
    int r = inbox_known(f->txn, &stamp, &refusal);
    assert_true(r == 0 || r == ERR_NOT_FOUND);
    return refusal;
}

static void a_message_numbered_anew_is_known_by_its_id(void **state) {
    struct post_fixture *f = post_begin();
    settle(f, stamp_of(f, 1, 1, 10), REFUSAL_NONE);
    settle(f, stamp_of(f, 1, 2, 20), REFUSAL_STALE);
    assert_int_equal(known(f, 1, 3, 10), REFUSAL_INTERNAL_FAULT); /* numbers decide within one */
    settle(f, stamp_of(f, 2, 1, 30), REFUSAL_NONE);
    assert_int_equal(known(f, 2, 2, 10), REFUSAL_NONE);
    assert_int_equal(known(f, 2, 2, 20), REFUSAL_STALE);
    assert_int_equal(known(f, 2, 2, 40), REFUSAL_INTERNAL_FAULT);
    post_end(f);
}

/* The first message of the new incarnation is the one that begins it. */
static void the_message_that_begins_an_incarnation_is_known_too(void **state) {
    struct post_fixture *f = post_begin();
    settle(f, stamp_of(f, 1, 1, 10), REFUSAL_NONE);
    assert_int_equal(known(f, 2, 1, 10), REFUSAL_NONE);
    post_end(f);
}

static void beginning_anew_twice_forgets_nothing(void **state) {
    struct post_fixture *f = post_begin();
    settle(f, stamp_of(f, 1, 1, 10), REFUSAL_NONE);
    settle(f, stamp_of(f, 2, 1, 20), REFUSAL_NONE);
    settle(f, stamp_of(f, 3, 1, 30), REFUSAL_NONE);
    assert_int_equal(known(f, 3, 2, 10), REFUSAL_NONE);
    assert_int_equal(known(f, 3, 2, 20), REFUSAL_NONE);
    post_end(f);
}

static void who_begins_anew_time_and_again_fills_no_table(void **state) {
    struct post_fixture *f = post_begin();
    uint64_t count;
    for (uint64_t i = 1; i <= 5 * INBOX_KEPT; i++) {
        inbox_settle(
            f->txn,
            &(struct stamp){.stream = f->stream, .incarnation = i, .number = 1, .id = post_id(i)},
            REFUSAL_NONE);
    }
    assert_int_equal(store_count(f->txn, TABLE_INBOX, &count), 0);
    assert_true(count <= 2 * INBOX_KEPT + 2);
    assert_int_equal(known(f, 5 * INBOX_KEPT, 2, 5 * INBOX_KEPT - 1), REFUSAL_NONE);
    post_end(f);
}

static void another_senders_ids_are_its_own(void **state) {
    struct post_fixture *f = post_begin();
    settle(f, stamp_of(f, 1, 1, 10), REFUSAL_NONE);
    settle(f, stamp_of(f, 2, 1, 20), REFUSAL_NONE);
    struct stamp other = stamp_of(f, 2, 2, 10);
    enum refusal refusal;
    other.stream.lane = LANE_URGENT;
    assert_int_equal(inbox_known(f->txn, &other, &refusal), ERR_NOT_FOUND);
    post_end(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_numbered_anew_is_known_by_its_id),
        cmocka_unit_test(the_message_that_begins_an_incarnation_is_known_too),
        cmocka_unit_test(beginning_anew_twice_forgets_nothing),
        cmocka_unit_test(who_begins_anew_time_and_again_fills_no_table),
        cmocka_unit_test(another_senders_ids_are_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
