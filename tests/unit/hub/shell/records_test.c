#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>

#include "hub/shell/records.h"
#include "shared/crypto/random.h"
#include "tests/unit/shared/store/scratch.h"

struct fixture {
    struct scratch scratch;
    struct settings settings;
    struct records *records;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    f->scratch = scratch_new();
    *state = f;
    return random_init() < 0 ? -1 : settings_default(f->scratch.path, &f->settings);
}

static int teardown(void **state) {
    struct fixture *f = *state;
    records_close(f->records);
    scratch_free(&f->scratch);
    free(f);
    return 0;
}

static void reopen(struct fixture *f, uint64_t last_key) {
    records_close(f->records);
    f->records = NULL;
    assert_int_equal(records_open(&f->settings, last_key, &f->records), 0);
}

static int mode_of(const struct fixture *f, const char *name) {
    struct stat about;
    assert_int_equal(stat(scratch_below(&f->scratch, name).path, &about), 0);
    return about.st_mode & 0777;
}

static void a_hub_that_used_no_key_gets_its_files(void **state) {
    struct fixture *f = *state;
    reopen(f, 0);
    assert_int_equal(mode_of(f, "master.key"), 0600);
    assert_int_equal(mode_of(f, "keyring"), 0600);
    reopen(f, 0);
}

static void what_was_made_is_left_as_it_is(void **state) {
    struct fixture *f = *state;
    uint64_t first;
    assert_int_equal(records_make(&f->settings), 0);
    reopen(f, 0);
    assert_int_equal(records_reserve(f->records, 2, &first), 0);
    assert_int_equal(records_make(&f->settings), 0);
    reopen(f, first);
    struct record_key key;
    struct family_keys keys = records_keys(f->records);
    assert_int_equal(keys.records.get(keys.records.context, first, &key), 0);
}

static void a_hub_that_used_keys_isnt_given_an_empty_keyring(void **state) {
    struct fixture *f = *state;
    assert_int_equal(records_open(&f->settings, 1, &f->records), ERR_NOT_FOUND);
    assert_int_equal(access(scratch_below(&f->scratch, "keyring").path, F_OK), -1);
    reopen(f, 0);
    records_close(f->records);
    f->records = NULL;
    assert_int_equal(unlink(scratch_below(&f->scratch, "master.key").path), 0);
    assert_int_equal(records_open(&f->settings, 0, &f->records), ERR_NOT_FOUND);
}

static void a_keyring_older_than_the_database_is_refused(void **state) {
    struct fixture *f = *state;
    uint64_t first;
    reopen(f, 0);
    assert_int_equal(records_reserve(f->records, 3, &first), 0);
    reopen(f, 3);
    records_close(f->records);
    f->records = NULL;
    assert_int_equal(records_open(&f->settings, 4, &f->records), ERR_CHAIN);
}

static void opening_what_is_there_makes_nothing(void **state) {
    struct fixture *f = *state;
    assert_int_equal(records_open_there(&f->settings, &f->records), ERR_NOT_FOUND);
    assert_int_equal(access(scratch_below(&f->scratch, "master.key").path, F_OK), -1);
    assert_int_equal(records_make(&f->settings), 0);
    assert_int_equal(records_open_there(&f->settings, &f->records), 0);
}

static void the_index_stays_the_same_and_is_each_hubs_own(void **state) {
    struct fixture *f = *state;
    reopen(f, 0);
    const struct vault_index_key before = *records_keys(f->records).index;
    reopen(f, 0);
    assert_memory_equal(&before, records_keys(f->records).index, sizeof(before));
    records_close(f->records);
    f->records = NULL;
    assert_int_equal(unlink(scratch_below(&f->scratch, "master.key").path), 0);
    assert_int_equal(unlink(scratch_below(&f->scratch, "keyring").path), 0);
    reopen(f, 0);
    assert_memory_not_equal(&before, records_keys(f->records).index, sizeof(before));
}

/* Keys 1 to 6; the database used up to 2, and 4 was used and destroyed after the day that the
 * database was restored to. */
static void only_keys_that_are_there_are_offered_again(void **state) {
    struct fixture *f = *state;
    const uint64_t gone = 4;
    uint64_t first;
    uint64_t count;
    reopen(f, 0);
    assert_false(records_next_run(f->records, 0, &first, &count));
    assert_int_equal(records_reserve(f->records, 6, &first), 0);
    assert_int_equal(records_shred(f->records, &gone, 1), 0);
    assert_true(records_next_run(f->records, 2, &first, &count));
    assert_int_equal(first, 3);
    assert_int_equal(count, 1);
    assert_true(records_next_run(f->records, 3, &first, &count));
    assert_int_equal(first, 5);
    assert_int_equal(count, 2);
    assert_false(records_next_run(f->records, 6, &first, &count));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_hub_that_used_no_key_gets_its_files),
        TEST(what_was_made_is_left_as_it_is),
        TEST(a_hub_that_used_keys_isnt_given_an_empty_keyring),
        TEST(a_keyring_older_than_the_database_is_refused),
        TEST(opening_what_is_there_makes_nothing),
        TEST(the_index_stays_the_same_and_is_each_hubs_own),
        TEST(only_keys_that_are_there_are_offered_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
