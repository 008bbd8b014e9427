#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "hub/shell/copies.h"
#include "shared/base/civil.h"
#include "shared/crypto/random.h"
#include "tests/unit/shared/store/scratch.h"

struct fixture {
    struct scratch scratch;
    struct settings settings;
    struct records *records;
    struct copies *copies;
    struct copy found[COPIES_MAX];
    size_t count;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    f->scratch = scratch_new();
    *state = f;
    int r = random_init();
    r = r < 0 ? r : settings_default(f->scratch.path, &f->settings);
    r = r < 0 ? r : records_open(&f->settings, 0, &f->records);
    return r < 0 ? r : copies_new(&f->settings, f->records, &f->copies);
}

static int teardown(void **state) {
    struct fixture *f = *state;
    copies_free(f->copies);
    records_close(f->records);
    scratch_free(&f->scratch);
    free(f);
    return 0;
}

static int32_t day(const char *text) {
    int32_t found;
    assert_int_equal(date_parse(text, &found), 0);
    return found;
}

static void list(struct fixture *f) {
    assert_int_equal(copies_list(f->copies, f->found, &f->count), 0);
}

static void a_copy_carries_its_day_and_is_remembered(void **state) {
    struct fixture *f = *state;
    char first[PATH_MAX];
    char second[PATH_MAX];
    list(f);
    assert_int_equal(f->count, 0);
    assert_int_equal(copies_make(f->copies, f->scratch.path, day("2026-11-22"), first), 0);
    assert_int_equal(copies_make(f->copies, f->scratch.path, day("2026-11-22"), second), 0);
    assert_string_equal(first, scratch_below(&f->scratch, "keyring-2026-11-22").path);
    assert_string_equal(second, scratch_below(&f->scratch, "keyring-2026-11-22-2").path);
    list(f);
    assert_int_equal(f->count, 2);
    assert_string_equal(f->found[0].file, first);
    assert_int_equal(f->found[1].day, day("2026-11-22"));
    assert_int_equal(copy_expires_day(&f->found[1]), day("2026-12-22"));
}

static void a_copy_that_was_destroyed_is_forgotten(void **state) {
    struct fixture *f = *state;
    char file[PATH_MAX];
    assert_int_equal(copies_make(f->copies, f->scratch.path, day("2026-11-22"), file), 0);
    assert_int_equal(unlink(file), 0);
    list(f);
    assert_int_equal(f->count, 0);
    assert_int_equal(copies_make(f->copies, f->scratch.path, day("2026-11-23"), file), 0);
    list(f);
    assert_int_equal(f->count, 1);
    assert_int_equal(f->found[0].day, day("2026-11-23"));
}

static void a_copy_that_cant_be_made_leaves_none_on_the_list(void **state) {
    struct fixture *f = *state;
    char file[PATH_MAX] = "as it was";
    const struct scratch nowhere = scratch_below(&f->scratch, "nowhere");
    assert_int_equal(copies_make(f->copies, nowhere.path, day("2026-11-22"), file), ERR_IO);
    assert_string_equal(file, "as it was");
    list(f);
    assert_int_equal(f->count, 0);
}

static void a_tenth_copy_of_a_day_is_refused(void **state) {
    struct fixture *f = *state;
    char file[PATH_MAX];
    for (int i = 0; i < 9; i++) {
        assert_int_equal(copies_make(f->copies, f->scratch.path, day("2026-11-22"), file), 0);
    }
    assert_int_equal(copies_make(f->copies, f->scratch.path, day("2026-11-22"), file), ERR_EXISTS);
}

static void a_list_that_somebody_changed_is_said(void **state) {
    struct fixture *f = *state;
    FILE *file = fopen(scratch_below(&f->scratch, "keyring-copies").path, "w");
    assert_non_null(file);
    fputs("yesterday /tmp\n", file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(copies_list(f->copies, f->found, &f->count), ERR_MALFORMED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_copy_carries_its_day_and_is_remembered),
        TEST(a_copy_that_was_destroyed_is_forgotten),
        TEST(a_copy_that_cant_be_made_leaves_none_on_the_list),
        TEST(a_tenth_copy_of_a_day_is_refused),
        TEST(a_list_that_somebody_changed_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
