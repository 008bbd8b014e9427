#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/store/env.h"
#include "shared/turn/results.h"
#include "tests/unit/shared/store/scratch.h"

static const int64_t now_ms = 1800000000000;
static const struct message_id one = {.bytes = "one"};
static const struct message_id two = {.bytes = "two"};

struct fixture {
    struct scratch scratch;
    struct store *store;
    struct store_txn *txn;
};

static struct fixture *begin(void) {
    static struct fixture fixture;
    fixture.scratch = scratch_new();
    struct store_params params = {
        .path = fixture.scratch.path, .durability = STORE_VOLATILE, .map_bytes = 4 << 20};
    assert_int_equal(store_open(&params, &fixture.store), 0);
    assert_int_equal(store_begin_write(fixture.store, &fixture.txn), 0);
    return &fixture;
}

static void end(struct fixture *f) {
    assert_int_equal(store_txn_error(f->txn), 0);
    store_abort(f->txn);
    store_close(f->store);
    scratch_free(&f->scratch);
}

static void keep(struct fixture *f, const struct message_id *id, int64_t finished_ms) {
    struct command_outcome outcome = {.finished_ms = finished_ms,
                                      .refusal = REFUSAL_EXISTS,
                                      .result = bytes_from_text("{\"n\":1}")};
    assert_int_equal(results_keep(f->txn, id, &outcome), 0);
}

static void a_result_is_found_under_its_commands_id(void **state) {
    struct fixture *f = begin();
    struct command_outcome found;
    keep(f, &one, now_ms);
    assert_int_equal(results_find(f->txn, &one, &found), 0);
    assert_true(found.finished_ms == now_ms);
    assert_int_equal(found.refusal, REFUSAL_EXISTS);
    assert_true(bytes_equal(found.result, bytes_from_text("{\"n\":1}")));
    assert_int_equal(results_find(f->txn, &two, &found), ERR_NOT_FOUND);
    end(f);
}

static void results_go_after_a_day_and_not_before(void **state) {
    struct fixture *f = begin();
    struct command_outcome found;
    const int64_t day_ms = COMMAND_RESULT_KEEP_HOURS * (int64_t)HOUR_MS;
    keep(f, &one, now_ms);
    keep(f, &two, now_ms + 1000);
    assert_int_equal(results_trim(f->txn, now_ms + day_ms), 0);
    assert_int_equal(results_find(f->txn, &one, &found), 0);
    assert_int_equal(results_trim(f->txn, now_ms + day_ms + 1), 0);
    assert_int_equal(results_find(f->txn, &one, &found), ERR_NOT_FOUND);
    assert_int_equal(results_find(f->txn, &two, &found), 0);
    end(f);
}

static void a_result_beyond_64_kib_is_not_kept(void **state) {
    struct fixture *f = begin();
    static uint8_t large[(64 << 10) + 64];
    struct command_outcome outcome = {.result = {.data = large, .length = 64 << 10}};
    assert_int_equal(results_keep(f->txn, &one, &outcome), 0);
    outcome.result.length = sizeof(large);
    assert_int_equal(results_keep(f->txn, &two, &outcome), ERR_TOO_LARGE);
    end(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_is_found_under_its_commands_id),
        cmocka_unit_test(results_go_after_a_day_and_not_before),
        cmocka_unit_test(a_result_beyond_64_kib_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
