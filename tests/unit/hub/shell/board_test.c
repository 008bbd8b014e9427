#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "hub/shell/board.h"
#include "shared/store/env.h"
#include "shared/store/txn.h"
#include "tests/unit/shared/store/scratch.h"

enum { TODAY = 20000 };

struct fixture {
    struct scratch scratch;
    struct store *store;
    struct board_page page;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    f->scratch = scratch_new();
    const struct store_params params = {.path = f->scratch.path, .durability = STORE_VOLATILE};
    *state = f;
    return store_open(&params, &f->store);
}

static int teardown(void **state) {
    struct fixture *f = *state;
    store_close(f->store);
    scratch_free(&f->scratch);
    free(f);
    return 0;
}

static struct flag_row row_of(uint8_t id, int32_t opened_day) {
    struct flag_row row = {
        .kind = FLAG_NO_LOCAL,
        .state = FLAG_OPEN,
        .opened_day = opened_day,
        .turn = {.text = "ocmw-kuurne"},
        .acknowledge_by_day = TODAY,
        .contact_by_day = TODAY + 7,
    };
    memset(row.id.bytes, id, sizeof(row.id.bytes));
    return row;
}

static void put(struct fixture *f, const struct flag_row *row) {
    struct store_txn *txn;
    uint8_t memory[FLAG_ROW_BYTES_MAX];
    struct buf buf = buf_over(memory, sizeof(memory));
    flag_row_write(&buf, row);
    assert_int_equal(store_begin_write(f->store, &txn), 0);
    store_put(txn, TABLE_FLAGS, BYTES_OF(row->id.bytes), buf_bytes(&buf));
    assert_int_equal(store_commit(txn), 0);
}

static void read_board(struct fixture *f, size_t limit, const struct board_place *after) {
    struct store_txn *view;
    const struct board_query query = {.limit = limit, .after = after, .today = TODAY};
    assert_int_equal(store_begin_read(f->store, &view), 0);
    assert_int_equal(board_read(view, &query, &f->page), 0);
    store_abort(view);
}

static void an_empty_board_says_so(void **state) {
    struct fixture *f = *state;
    read_board(f, 10, NULL);
    assert_int_equal(f->page.count, 0);
    assert_int_equal(f->page.total, 0);
    assert_int_equal(f->page.oldest_day, FAMILY_DAY_NONE);
    assert_false(f->page.more);
}

/* Ids rise while days don't, so that the table's own order is another one. */
static void pages_go_from_the_oldest_on_and_miss_none(void **state) {
    struct fixture *f = *state;
    static const int days[] = {5, 3, 9, 1, 3, 7, 1};
    static const int expected[] = {1, 1, 3, 3, 5, 7, 9};
    struct board_place place;
    const struct board_place *after = NULL;
    size_t seen = 0;
    for (size_t i = 0; i < 7; i++) {
        struct flag_row row = row_of((uint8_t)(i + 1), TODAY - 20 + days[i]);
        put(f, &row);
    }
    do {
        char cursor[BOARD_CURSOR_SIZE];
        read_board(f, 3, after);
        assert_int_equal(f->page.total, 7);
        assert_int_equal(f->page.oldest_day, TODAY - 19);
        for (size_t i = 0; i < f->page.count; i++) {
            assert_int_equal(f->page.rows[i].opened_day, TODAY - 20 + expected[seen++]);
        }
        board_cursor_format(&f->page.rows[f->page.count - 1], cursor);
        assert_int_equal(board_cursor_parse(cursor, &place), 0);
        after = &place;
    } while (f->page.more);
    assert_int_equal(seen, 7);
    read_board(f, 7, NULL);
    assert_int_equal(f->page.count, 7);
    assert_false(f->page.more);
}

static void what_is_due_next_decides_whether_it_is_late(void **state) {
    (void)state;
    struct flag_row row = row_of(1, TODAY - 9);
    assert_false(board_overdue(&row, TODAY)); /* its last day */
    assert_true(board_overdue(&row, TODAY + 1));
    row.state = FLAG_ACKNOWLEDGED;
    assert_false(board_overdue(&row, TODAY + 7));
    assert_true(board_overdue(&row, TODAY + 8));
    row.state = FLAG_CONTACTED;
    assert_false(board_overdue(&row, TODAY + 100));
    row = row_of(1, TODAY - 9);
    row.acknowledge_by_day = FAMILY_DAY_NONE;
    row.contact_by_day = FAMILY_DAY_NONE;
    assert_false(board_overdue(&row, TODAY + 100));
}

static void all_flags_are_counted_whatever_the_page(void **state) {
    struct fixture *f = *state;
    struct flag_row mine = row_of(1, TODAY - 30);
    struct flag_row late = row_of(2, TODAY - 10);
    struct flag_row concern = row_of(3, TODAY);
    mine.turn = (struct org_id){0};
    mine.acknowledge_by_day = FAMILY_DAY_NONE;
    mine.contact_by_day = FAMILY_DAY_NONE;
    late.acknowledge_by_day = TODAY - 1;
    concern.kind = FLAG_CONCERN;
    concern.state = FLAG_ACKNOWLEDGED;
    put(f, &mine);
    put(f, &late);
    put(f, &concern);
    read_board(f, 0, NULL);
    assert_int_equal(f->page.count, 0);
    assert_int_equal(f->page.total, 3);
    assert_int_equal(f->page.on_board, 1);
    assert_int_equal(f->page.overdue, 1);
    assert_int_equal(f->page.open[FLAG_NO_LOCAL][FLAG_OPEN], 2);
    assert_int_equal(f->page.open[FLAG_CONCERN][FLAG_ACKNOWLEDGED], 1);
    assert_int_equal(f->page.open[FLAG_CONCERN][FLAG_OPEN], 0);
}

static void a_cursor_that_isnt_ours_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"",
                                        ":",
                                        "2026-11-22",
                                        "2026-11-22:",
                                        "2026-11-22:00",
                                        "2026-13-22:"
                                        "00112233445566778899aabbccddeeff",
                                        "2026-11-22:00112233445566778899aabbccddeefg",
                                        "2026-11-22:00112233445566778899aabbccddeeff0"};
    struct board_place place;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(board_cursor_parse(wrong[i], &place), ERR_MALFORMED);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_empty_board_says_so),
        TEST(pages_go_from_the_oldest_on_and_miss_none),
        TEST(what_is_due_next_decides_whether_it_is_late),
        TEST(all_flags_are_counted_whatever_the_page),
        TEST(a_cursor_that_isnt_ours_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
