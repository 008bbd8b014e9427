#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/store/env.h"
#include "shared/store/txn.h"
#include "tests/unit/shared/store/scratch.h"

struct fixture {
    struct scratch scratch;
    struct store *store;
    struct store_txn *txn; /* for writing */
};

static struct fixture *begin_with_map(uint64_t map_bytes) {
    static struct fixture fixture;
    fixture.scratch = scratch_new();
    struct store_params params = {
        .path = fixture.scratch.path, .durability = STORE_VOLATILE, .map_bytes = map_bytes};
    assert_int_equal(store_open(&params, &fixture.store), 0);
    assert_int_equal(store_begin_write(fixture.store, &fixture.txn), 0);
    return &fixture;
}

static struct fixture *begin(void) {
    return begin_with_map(16 << 20);
}

static void end(struct fixture *fixture) {
    store_abort(fixture->txn);
    store_close(fixture->store);
    scratch_free(&fixture->scratch);
}

static void put(struct store_txn *txn, const char *key, const char *value) {
    store_put(txn, TABLE_INBOX, bytes_from_text(key), bytes_from_text(value));
}

static void expect(struct store_txn *txn, const char *key, const char *value) {
    struct bytes found;
    int r = store_get(txn, TABLE_INBOX, bytes_from_text(key), &found);
    if (value == NULL) {
        assert_int_equal(r, ERR_NOT_FOUND);
    } else {
        assert_int_equal(r, 0);
        assert_true(bytes_equal(found, bytes_from_text(value)));
    }
}

static void expect_at(int r, const struct store_cursor *cursor, const char *key) {
    if (key == NULL) {
        assert_int_equal(r, ERR_NOT_FOUND);
    } else {
        assert_int_equal(r, 0);
        assert_true(bytes_equal(cursor->key, bytes_from_text(key)));
    }
}

static void what_is_put_is_found_replaced_and_deleted(void **state) {
    struct fixture *f = begin();
    expect(f->txn, "a", NULL);
    put(f->txn, "a", "one");
    expect(f->txn, "a", "one");
    put(f->txn, "a", "another");
    expect(f->txn, "a", "another");
    put(f->txn, "empty", "");
    expect(f->txn, "empty", "");
    store_delete(f->txn, TABLE_INBOX, bytes_from_text("a"));
    store_delete(f->txn, TABLE_INBOX, bytes_from_text("a"));
    expect(f->txn, "a", NULL);
    assert_int_equal(store_txn_error(f->txn), 0);
    end(f);
}

static void tables_dont_see_each_other(void **state) {
    struct fixture *f = begin();
    struct bytes value;
    put(f->txn, "a", "one");
    assert_int_equal(store_get(f->txn, TABLE_OUTBOX, bytes_from_text("a"), &value), ERR_NOT_FOUND);
    end(f);
}

static void a_view_stays_as_it_was_when_it_began(void **state) {
    struct fixture *f = begin();
    struct store_txn *before;
    struct store_txn *after;
    put(f->txn, "a", "one");
    assert_int_equal(store_begin_read(f->store, &before), 0);
    assert_int_equal(store_commit(f->txn), 0);
    assert_int_equal(store_begin_read(f->store, &after), 0);
    expect(before, "a", NULL);
    expect(after, "a", "one");
    store_abort(before);
    assert_int_equal(store_commit(after), 0);
    /* An ended view is used again, and must be new inside. */
    assert_int_equal(store_begin_read(f->store, &before), 0);
    expect(before, "a", "one");
    store_abort(before);
    f->txn = NULL;
    end(f);
}

static void more_views_than_are_kept_work_too(void **state) {
    struct fixture *f = begin();
    struct store_txn *views[40];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 40; i++) {
            assert_int_equal(store_begin_read(f->store, &views[i]), 0);
        }
        for (int i = 0; i < 40; i++) {
            expect(views[i], "a", NULL);
            store_abort(views[i]);
        }
    }
    end(f);
}

static void what_is_aborted_was_never_there(void **state) {
    struct fixture *f = begin();
    put(f->txn, "a", "one");
    store_abort(f->txn);
    store_abort(NULL);
    assert_int_equal(store_begin_write(f->store, &f->txn), 0);
    expect(f->txn, "a", NULL);
    end(f);
}

static void keys_are_walked_in_the_order_of_their_bytes(void **state) {
    struct fixture *f = begin();
    struct store_cursor cursor;
    put(f->txn, "b", "");
    put(f->txn, "a", "");
    put(f->txn, "ab", "");
    put(f->txn, "\xff", "");
    expect_at(store_first(f->txn, TABLE_INBOX, &cursor), &cursor, "a");
    expect_at(store_next(&cursor), &cursor, "ab");
    expect_at(store_next(&cursor), &cursor, "b");
    expect_at(store_next(&cursor), &cursor, "\xff");
    expect_at(store_next(&cursor), &cursor, NULL);
    expect_at(store_previous(&cursor), &cursor, "b");
    expect_at(store_last(f->txn, TABLE_INBOX, &cursor), &cursor, "\xff");
    expect_at(store_seek(f->txn, TABLE_INBOX, bytes_from_text("aa"), &cursor), &cursor, "ab");
    expect_at(store_previous(&cursor), &cursor, "a");
    expect_at(store_previous(&cursor), &cursor, NULL);
    expect_at(store_seek(f->txn, TABLE_INBOX, bytes_from_text(""), &cursor), &cursor, "a");
    expect_at(store_first(f->txn, TABLE_OUTBOX, &cursor), &cursor, NULL);
    end(f);
}

static void a_prefix_is_walked_and_nothing_after_it(void **state) {
    struct fixture *f = begin();
    struct bytes prefix = bytes_from_text("b/");
    struct store_cursor cursor;
    put(f->txn, "a/1", "");
    put(f->txn, "b/1", "");
    put(f->txn, "b/2", "");
    put(f->txn, "b0", "");
    int found = 0;
    int r;
    for (r = store_seek(f->txn, TABLE_INBOX, prefix, &cursor);
         r == 0 && store_under(&cursor, prefix); r = store_next(&cursor)) {
        found++;
    }
    assert_int_equal(r, 0);
    assert_int_equal(found, 2);
    end(f);
}

static void the_last_key_of_a_prefix_is_found_whatever_follows(void **state) {
    struct fixture *f = begin();
    struct store_cursor cursor;
    const char *prefixes[] = {"a/", "b/", "\xff\xff", "", "c/"};
    const char *lasts[] = {"a/2", "b/9", "\xff\xff\x01", "\xff\xff\x01", NULL};
    put(f->txn, "a/1", "");
    put(f->txn, "a/2", "");
    put(f->txn, "b/9", "");
    put(f->txn, "\xff\xff\x01", "");
    for (int i = 0; i < 5; i++) {
        int r = store_last_under(f->txn, TABLE_INBOX, bytes_from_text(prefixes[i]), &cursor);
        expect_at(r, &cursor, lasts[i]);
    }
    expect_at(store_last_under(f->txn, TABLE_OUTBOX, bytes_from_text("a"), &cursor), &cursor, NULL);
    end(f);
}

static void a_walk_may_delete_what_it_stands_on(void **state) {
    struct fixture *f = begin();
    struct store_cursor cursor;
    uint64_t count;
    for (uint32_t i = 0; i < 5000; i++) {
        uint8_t key[4];
        be32_write(key, i);
        store_put(f->txn, TABLE_INBOX, BYTES_OF(key), BYTES_OF(key));
    }
    uint32_t met = 0;
    int r;
    for (r = store_first(f->txn, TABLE_INBOX, &cursor); r == 0; r = store_next(&cursor)) {
        assert_int_equal(be32_read(cursor.key.data), met);
        met++;
        if (met % 3 != 0) {
            store_delete(f->txn, TABLE_INBOX, cursor.key);
        }
    }
    assert_int_equal(r, ERR_NOT_FOUND);
    assert_int_equal(met, 5000);
    assert_int_equal(store_count(f->txn, TABLE_INBOX, &count), 0);
    assert_int_equal(count, 1666);
    end(f);
}

static void a_walk_may_write_under_its_own_key(void **state) {
    struct fixture *f = begin();
    struct store_cursor cursor;
    static uint8_t large[700];
    for (uint32_t i = 0; i < 500; i++) {
        uint8_t key[4];
        be32_write(key, i);
        store_put(f->txn, TABLE_INBOX, BYTES_OF(key), BYTES_OF(key));
    }
    uint32_t met = 0;
    int r;
    for (r = store_first(f->txn, TABLE_INBOX, &cursor); r == 0; r = store_next(&cursor)) {
        assert_int_equal(be32_read(cursor.key.data), met);
        assert_int_equal(cursor.value.length, 4);
        met++;
        store_put(f->txn, TABLE_INBOX, cursor.key, BYTES_OF(large)); /* splits the page */
    }
    assert_int_equal(r, ERR_NOT_FOUND);
    assert_int_equal(met, 500);
    uint64_t count;
    assert_int_equal(store_count(f->txn, TABLE_INBOX, &count), 0);
    assert_int_equal(count, 500);
    end(f);
}

static void two_walks_through_one_table_dont_disturb_each_other(void **state) {
    struct fixture *f = begin();
    struct store_cursor up;
    struct store_cursor down;
    put(f->txn, "a", "");
    put(f->txn, "b", "");
    put(f->txn, "c", "");
    expect_at(store_first(f->txn, TABLE_INBOX, &up), &up, "a");
    expect_at(store_last(f->txn, TABLE_INBOX, &down), &down, "c");
    expect_at(store_next(&up), &up, "b");
    expect_at(store_previous(&down), &down, "b");
    expect_at(store_next(&up), &up, "c");
    expect_at(store_previous(&down), &down, "a");
    expect_at(store_next(&up), &up, NULL);
    expect_at(store_previous(&down), &down, NULL);
    end(f);
}

/* 64 KiB are 16 pages of 4 KiB. */
static void a_full_map_undoes_the_transaction_and_the_store_goes_on(void **state) {
    struct fixture *f = begin_with_map(64 << 10);
    static uint8_t large[128 << 10];
    struct bytes value;
    put(f->txn, "kept", "value");
    assert_int_equal(store_commit(f->txn), 0);

    assert_int_equal(store_begin_write(f->store, &f->txn), 0);
    put(f->txn, "before", "value");
    store_put(f->txn, TABLE_INBOX, bytes_from_text("large"), BYTES_OF(large));
    assert_int_equal(store_txn_error(f->txn), ERR_NO_ROOM);
    put(f->txn, "after", "value");
    store_delete(f->txn, TABLE_INBOX, bytes_from_text("kept"));
    store_clear(f->txn, TABLE_INBOX);
    assert_int_equal(store_get(f->txn, TABLE_INBOX, bytes_from_text("kept"), &value), ERR_NO_ROOM);
    struct store_cursor cursor;
    assert_int_equal(store_first(f->txn, TABLE_INBOX, &cursor), ERR_NO_ROOM);
    assert_int_equal(store_commit(f->txn), ERR_NO_ROOM);

    assert_int_equal(store_begin_write(f->store, &f->txn), 0);
    expect(f->txn, "kept", "value");
    expect(f->txn, "before", NULL);
    expect(f->txn, "after", NULL);
    put(f->txn, "small", "value");
    assert_int_equal(store_commit(f->txn), 0);
    assert_int_equal(store_begin_write(f->store, &f->txn), 0);
    expect(f->txn, "small", "value");
    end(f);
}

static void a_cleared_table_is_empty_and_walks_of_it_end(void **state) {
    struct fixture *f = begin();
    struct store_cursor cursor;
    uint64_t count;
    put(f->txn, "a", "");
    put(f->txn, "b", "");
    expect_at(store_first(f->txn, TABLE_INBOX, &cursor), &cursor, "a");
    store_clear(f->txn, TABLE_INBOX);
    expect_at(store_next(&cursor), &cursor, NULL);
    assert_int_equal(store_count(f->txn, TABLE_INBOX, &count), 0);
    assert_int_equal(count, 0);
    put(f->txn, "c", "");
    expect_at(store_next(&cursor), &cursor, "c");
    end(f);
}

static void keys_of_all_lengths_are_kept_whole(void **state) {
    struct fixture *f = begin();
    uint8_t key[STORE_KEY_BYTES_MAX];
    memset(key, 'k', sizeof(key));
    for (size_t length = 1; length <= sizeof(key); length++) {
        struct bytes name = {.data = key, .length = length};
        store_put(f->txn, TABLE_INBOX, name, BYTES_OF(length));
    }
    struct store_cursor cursor;
    size_t expected = 1;
    for (int r = store_first(f->txn, TABLE_INBOX, &cursor); r == 0; r = store_next(&cursor)) {
        assert_int_equal(cursor.key.length, expected);
        assert_memory_equal(cursor.value.data, &expected, sizeof(expected));
        expected++;
    }
    assert_int_equal(expected, STORE_KEY_BYTES_MAX + 1);
    end(f);
}

/* Numerical Recipes' generator (Press et al., 7.1): the same walk on every machine. */
static uint32_t draw(uint32_t *seed, uint32_t bound) {
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 8) % bound;
}

enum { MODEL_KEYS = 512 };

static int model_next(const bool *model, int from) {
    for (int i = from; i < MODEL_KEYS; i++) {
        if (model[i]) {
            return i;
        }
    }
    return -1;
}

static int model_previous(const bool *model, int from) {
    for (int i = from; i >= 0; i--) {
        if (model[i]) {
            return i;
        }
    }
    return -1;
}

static void expect_place(int r, const struct store_cursor *cursor, int place) {
    assert_int_equal(r, place < 0 ? ERR_NOT_FOUND : 0);
    if (place >= 0) {
        assert_int_equal(be32_read(cursor->key.data), place);
    }
}

/* A table of flags does the same puts, deletions, commits and steps as the store. */
static void a_long_random_walk_agrees_with_a_simple_model(void **state) {
    struct fixture *f = begin();
    bool model[MODEL_KEYS] = {false};
    struct store_cursor cursor;
    int at = -1;
    uint32_t seed = 1;
    for (int step = 0; step < 40000; step++) {
        uint8_t key[4];
        uint32_t number = draw(&seed, MODEL_KEYS);
        uint32_t what = draw(&seed, 1000);
        be32_write(key, number);
        if (what < 250) {
            static uint8_t value[300];
            struct bytes part = {.data = value, .length = draw(&seed, sizeof(value))};
            store_put(f->txn, TABLE_INBOX, BYTES_OF(key), part);
            model[number] = true;
        } else if (what < 500) {
            store_delete(f->txn, TABLE_INBOX, BYTES_OF(key));
            model[number] = false;
        } else if (what < 600 || at < 0) {
            at = model_next(model, (int)number);
            expect_place(store_seek(f->txn, TABLE_INBOX, BYTES_OF(key), &cursor), &cursor, at);
        } else if (what < 995) {
            bool up = what < 800;
            int to = up ? model_next(model, at + 1) : model_previous(model, at - 1);
            expect_place(up ? store_next(&cursor) : store_previous(&cursor), &cursor, to);
            at = to < 0 ? at : to;
        } else {
            assert_int_equal(store_commit(f->txn), 0);
            assert_int_equal(store_begin_write(f->store, &f->txn), 0);
            at = -1;
        }
    }
    assert_int_equal(store_txn_error(f->txn), 0);
    end(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_is_found_replaced_and_deleted),
        cmocka_unit_test(tables_dont_see_each_other),
        cmocka_unit_test(a_view_stays_as_it_was_when_it_began),
        cmocka_unit_test(more_views_than_are_kept_work_too),
        cmocka_unit_test(what_is_aborted_was_never_there),
        cmocka_unit_test(keys_are_walked_in_the_order_of_their_bytes),
        cmocka_unit_test(a_prefix_is_walked_and_nothing_after_it),
        cmocka_unit_test(the_last_key_of_a_prefix_is_found_whatever_follows),
        cmocka_unit_test(a_walk_may_delete_what_it_stands_on),
        cmocka_unit_test(a_walk_may_write_under_its_own_key),
        cmocka_unit_test(two_walks_through_one_table_dont_disturb_each_other),
        cmocka_unit_test(a_full_map_undoes_the_transaction_and_the_store_goes_on),
        cmocka_unit_test(a_cleared_table_is_empty_and_walks_of_it_end),
        cmocka_unit_test(keys_of_all_lengths_are_kept_whole),
        cmocka_unit_test(a_long_random_walk_agrees_with_a_simple_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
