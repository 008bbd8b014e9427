#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "shared/store/env.h"
#include "shared/store/internal.h"
#include "shared/store/txn.h"
#include "tests/unit/shared/store/scratch.h"

static const char secret_text[] = "this sentence was deleted before the backup was made";

static struct store *open_at(const struct scratch *at) {
    struct store *store = NULL;
    struct store_params params = {.path = at->path, .map_bytes = 64 << 20};
    assert_int_equal(store_open(&params, &store), 0);
    return store;
}

static int try_open(const struct scratch *at) {
    struct store *store = NULL;
    struct store_params params = {.path = at->path, .map_bytes = 64 << 20};
    int r = store_open(&params, &store);
    if (r == 0) {
        store_close(store);
    }
    return r;
}

static void put_one(struct store *store, const char *key, const char *value) {
    struct store_txn *txn;
    assert_int_equal(store_begin_write(store, &txn), 0);
    store_put(txn, TABLE_META, bytes_from_text(key), bytes_from_text(value));
    assert_int_equal(store_commit(txn), 0);
}

static bool holds(struct store *store, const char *key) {
    struct store_txn *txn;
    struct bytes value;
    assert_int_equal(store_begin_read(store, &txn), 0);
    int r = store_get(txn, TABLE_META, bytes_from_text(key), &value);
    store_abort(txn);
    assert_true(r == 0 || r == ERR_NOT_FOUND);
    return r == 0;
}

static int status_of(pid_t child) {
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void what_was_committed_is_there_after_reopening(void **state) {
    struct scratch scratch = scratch_new();
    struct scratch at = scratch_below(&scratch, "store");
    struct store *store = open_at(&at);
    put_one(store, "key", "value");
    store_close(store);
    store = open_at(&at);
    assert_true(holds(store, "key"));
    store_close(store);
    store_close(NULL);
    scratch_free(&scratch);
}

static void a_store_opens_once_at_a_time(void **state) {
    struct scratch scratch = scratch_new();
    struct store *store = open_at(&scratch);
    assert_int_equal(try_open(&scratch), ERR_LOCKED);
    store_close(store);
    assert_int_equal(try_open(&scratch), 0);
    scratch_free(&scratch);
}

static void another_process_cant_open_it_until_the_first_died(void **state) {
    struct scratch scratch = scratch_new();
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct store *store = open_at(&scratch);
        put_one(store, "committed", "1");
        struct store_txn *txn;
        assert_int_equal(store_begin_write(store, &txn), 0);
        store_put(txn, TABLE_META, bytes_from_text("uncommitted"), bytes_from_text("1"));
        assert_int_equal(write(ready[1], "x", 1), 1);
        alarm(60); /* not for ever, should the parent's test fail */
        pause();
        _exit(0);
    }
    char x;
    assert_int_equal(read(ready[0], &x, 1), 1);
    assert_int_equal(try_open(&scratch), ERR_LOCKED);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_true(WIFSIGNALED(status_of(child)));
    struct store *store = open_at(&scratch);
    assert_true(holds(store, "committed"));
    assert_false(holds(store, "uncommitted"));
    store_close(store);
    close(ready[0]);
    close(ready[1]);
    scratch_free(&scratch);
}

static void a_directory_without_a_parent_is_an_io_error(void **state) {
    struct scratch scratch = scratch_new();
    struct scratch at = scratch_below(&scratch, "missing/store");
    assert_int_equal(try_open(&at), ERR_IO);
    scratch_free(&scratch);
}

static void a_file_that_is_no_database_is_refused(void **state) {
    struct scratch scratch = scratch_new();
    struct scratch at = scratch_below(&scratch, "data.mdb");
    FILE *file = fopen(at.path, "w");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++) {
        fputs("not a database\n", file);
    }
    fclose(file);
    assert_int_equal(try_open(&scratch), ERR_STORAGE);
    scratch_free(&scratch);
}

static void the_files_are_for_their_owner_alone(void **state) {
    struct scratch scratch = scratch_new();
    struct scratch at = scratch_below(&scratch, "store");
    store_close(open_at(&at));
    static const char *names[] = {"store", "store/data.mdb", "store/lock.mdb", "store/owner.lock"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct stat stat_of;
        assert_int_equal(stat(scratch_below(&scratch, names[i]).path, &stat_of), 0);
        assert_int_equal(stat_of.st_mode & 077, 0);
    }
    scratch_free(&scratch);
}

static int plenty(const struct store *store, uint64_t *ret) {
    *ret = (uint64_t)1 << 40;
    return 0;
}

static int nothing_left(const struct store *store, uint64_t *ret) {
    *ret = 0;
    return 0;
}

/* RELIABILITY 0, item 9: measured on tmpfs and ext4, a full disk is EIO to LMDB. */
static void a_full_disk_is_no_room_and_a_broken_one_isnt(void **state) {
    struct store roomy = {.disk_free_bytes = plenty};
    struct store full = {.disk_free_bytes = nothing_left};
    assert_int_equal(store_translate(&full, EIO), ERR_NO_ROOM);
    assert_int_equal(store_translate(&roomy, EIO), ERR_STORAGE);
    assert_int_equal(store_translate(&roomy, ENOSPC), ERR_NO_ROOM);
    assert_int_equal(store_translate(&roomy, MDB_MAP_FULL), ERR_NO_ROOM);
    assert_int_equal(store_translate(&full, MDB_PANIC), ERR_STORAGE);
    assert_int_equal(store_translate(&full, 0), 0);
}

/* A file size limit makes the disk fail while it has room: never to be taken for "no room". */
static int write_past_a_limit(const struct scratch *scratch) {
    struct store *store = open_at(scratch);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {.rlim_cur = 64 << 10, .rlim_max = 64 << 10};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    struct store_txn *txn;
    static uint8_t large[256 << 10];
    assert_int_equal(store_begin_write(store, &txn), 0);
    store_put(txn, TABLE_META, bytes_from_text("large"), BYTES_OF(large));
    return store_commit(txn) == ERR_STORAGE ? 0 : 1;
}

static void a_disk_that_fails_with_room_left_is_a_storage_error(void **state) {
    struct scratch scratch = scratch_new();
    pid_t child = fork();
    if (child == 0) {
        _exit(write_past_a_limit(&scratch));
    }
    int status = status_of(child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    struct store *store = open_at(&scratch);
    assert_false(holds(store, "large"));
    store_close(store);
    scratch_free(&scratch);
}

static bool file_contains(const char *path, const char *text) {
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    static char data[4 << 20];
    size_t length = fread(data, 1, sizeof(data), file);
    fclose(file);
    return memmem(data, length, text, strlen(text)) != NULL;
}

static void a_backup_opens_as_a_store_and_holds_nothing_deleted(void **state) {
    struct scratch scratch = scratch_new();
    struct scratch at = scratch_below(&scratch, "store");
    struct scratch restored = scratch_below(&scratch, "restored");
    struct scratch copy = scratch_below(&scratch, "restored/data.mdb");
    struct store *store = open_at(&at);
    put_one(store, "kept", "value");
    put_one(store, "deleted", secret_text);
    struct store_txn *txn;
    assert_int_equal(store_begin_write(store, &txn), 0);
    store_delete(txn, TABLE_META, bytes_from_text("deleted"));
    assert_int_equal(store_commit(txn), 0);
    assert_true(file_contains(scratch_below(&at, "data.mdb").path, secret_text));

    assert_int_equal(mkdir(restored.path, 0700), 0);
    assert_int_equal(store_backup(store, copy.path), 0);
    store_close(store);
    assert_false(file_contains(copy.path, secret_text));
    store = open_at(&restored);
    assert_true(holds(store, "kept"));
    assert_false(holds(store, "deleted"));
    store_close(store);
    scratch_free(&scratch);
}

static void a_backup_that_cant_be_made_leaves_the_old_one(void **state) {
    struct scratch scratch = scratch_new();
    struct scratch at = scratch_below(&scratch, "store");
    struct scratch copy = scratch_below(&scratch, "backup");
    struct scratch obstacle = scratch_below(&scratch, "backup.new");
    struct store *store = open_at(&at);
    assert_int_equal(store_backup(store, copy.path), 0);
    struct stat before;
    assert_int_equal(stat(copy.path, &before), 0);
    assert_int_equal(mkdir(obstacle.path, 0700), 0);
    put_one(store, "new", "value");
    assert_int_equal(store_backup(store, copy.path), ERR_IO);
    struct stat after;
    assert_int_equal(stat(copy.path, &after), 0);
    assert_true(before.st_ino == after.st_ino);
    struct scratch nowhere = scratch_below(&scratch, "missing/backup");
    assert_int_equal(store_backup(store, nowhere.path), ERR_IO);
    store_close(store);
    scratch_free(&scratch);
}

static void deleting_gives_space_back_to_the_store_but_not_to_the_disk(void **state) {
    struct scratch scratch = scratch_new();
    struct store *store = open_at(&scratch);
    struct store_space empty;
    struct store_space full;
    struct store_space cleared;
    static uint8_t large[1 << 20];
    struct store_txn *txn;
    assert_int_equal(store_space(store, &empty), 0);
    assert_int_equal(store_begin_write(store, &txn), 0);
    store_put(txn, TABLE_META, bytes_from_text("large"), BYTES_OF(large));
    assert_int_equal(store_commit(txn), 0);
    assert_int_equal(store_space(store, &full), 0);
    assert_int_equal(store_begin_write(store, &txn), 0);
    store_clear(txn, TABLE_META);
    assert_int_equal(store_commit(txn), 0);
    assert_int_equal(store_space(store, &cleared), 0);

    assert_int_equal(empty.map_bytes, 64 << 20);
    assert_true(empty.disk_free_bytes > 0);
    assert_true(full.used_bytes >= empty.used_bytes + sizeof(large));
    assert_true(cleared.used_bytes < empty.used_bytes + sizeof(large) / 2);
    assert_true(cleared.file_bytes >= full.file_bytes);
    store_close(store);
    scratch_free(&scratch);
}

static void checking_readers_leaves_the_living_alone(void **state) {
    struct scratch scratch = scratch_new();
    struct store *store = open_at(&scratch);
    put_one(store, "key", "old");
    struct store_txn *reader;
    struct bytes value;
    assert_int_equal(store_begin_read(store, &reader), 0);
    assert_int_equal(store_reader_check(store), 0);
    put_one(store, "key", "new");
    assert_int_equal(store_get(reader, TABLE_META, bytes_from_text("key"), &value), 0);
    assert_true(bytes_equal(value, bytes_from_text("old")));
    store_abort(reader);
    store_close(store);
    scratch_free(&scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_committed_is_there_after_reopening),
        cmocka_unit_test(a_store_opens_once_at_a_time),
        cmocka_unit_test(another_process_cant_open_it_until_the_first_died),
        cmocka_unit_test(a_directory_without_a_parent_is_an_io_error),
        cmocka_unit_test(a_file_that_is_no_database_is_refused),
        cmocka_unit_test(the_files_are_for_their_owner_alone),
        cmocka_unit_test(a_full_disk_is_no_room_and_a_broken_one_isnt),
        cmocka_unit_test(a_disk_that_fails_with_room_left_is_a_storage_error),
        cmocka_unit_test(a_backup_opens_as_a_store_and_holds_nothing_deleted),
        cmocka_unit_test(a_backup_that_cant_be_made_leaves_the_old_one),
        cmocka_unit_test(deleting_gives_space_back_to_the_store_but_not_to_the_disk),
        cmocka_unit_test(checking_readers_leaves_the_living_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
