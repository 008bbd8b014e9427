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

#include "shared/crypto/random.h"
#include "shared/vault/keyring.h"
#include "tests/unit/shared/store/scratch.h"

static const struct keyring_master master = {{5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5,
                                              5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5}};

struct fixture {
    struct scratch scratch;
    struct scratch path;
    struct keyring *keyring;
};

struct seed {
    uint8_t bytes[KEYRING_SEED_BYTES];
};

static struct seed seed_of(uint8_t number) {
    struct seed seed;
    memset(seed.bytes, number, sizeof(seed.bytes));
    return seed;
}

static void reopen(struct fixture *f) {
    keyring_close(f->keyring);
    f->keyring = NULL;
    assert_int_equal(keyring_open(f->path.path, &master, &f->keyring), 0);
}

static int setup_group(void **state) {
    return random_init();
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->scratch = scratch_new();
    f->path = scratch_below(&f->scratch, "keyring");
    assert_int_equal(keyring_create(f->path.path, &master, seed_of(1).bytes), 0);
    reopen(f);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    keyring_close(f->keyring);
    scratch_free(&f->scratch);
    free(f);
    return 0;
}

static uint64_t reserve(struct fixture *f, uint8_t seed, uint32_t count) {
    uint64_t first;
    assert_int_equal(keyring_reserve(f->keyring, seed_of(seed).bytes, count, &first), 0);
    return first;
}

static bool has(struct fixture *f, uint64_t id) {
    struct record_key key;
    int r = keyring_get(f->keyring, id, &key);
    assert_true(r == 0 || r == ERR_NOT_FOUND);
    assert_true(r < 0 || key.id == id);
    return r == 0;
}

static bool exists(const struct fixture *f, const char *name) {
    return access(scratch_below(&f->scratch, name).path, F_OK) == 0;
}

static size_t read_file(const char *path, uint8_t *ret, size_t size) {
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t length = fread(ret, 1, size, file);
    fclose(file);
    return length;
}

static void write_file(const char *path, const uint8_t *data, size_t length) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void a_copy_opens_what_was_there_and_replaces_nothing(void **state) {
    struct fixture *f = *state;
    const struct scratch path = scratch_below(&f->scratch, "copy");
    struct keyring *copy;
    struct record_key here;
    struct record_key there;
    const uint64_t first = reserve(f, 2, 3);
    assert_int_equal(keyring_get(f->keyring, first, &here), 0);
    assert_int_equal(keyring_copy(f->keyring, seed_of(9).bytes, path.path), 0);
    assert_int_equal(keyring_copy(f->keyring, seed_of(9).bytes, path.path), ERR_EXISTS);
    assert_int_equal(
        keyring_copy(f->keyring, seed_of(9).bytes, scratch_below(&f->scratch, "no/copy").path),
        ERR_IO);
    assert_int_equal(keyring_shred(f->keyring, seed_of(4).bytes, &first, 1), 0);
    assert_int_equal(keyring_open(path.path, &master, &copy), 0);
    assert_int_equal(keyring_count(copy), 3);
    assert_int_equal(keyring_next_id(copy), first + 3);
    assert_int_equal(keyring_get(copy, first, &there), 0);
    assert_memory_equal(&here, &there, sizeof(here));
    assert_false(has(f, first));
    keyring_close(copy);
}

static void reserved_keys_are_there_after_reopening(void **state) {
    struct fixture *f = *state;
    struct record_key before;
    struct record_key after;
    assert_int_equal(reserve(f, 2, 3), 1);
    assert_int_equal(reserve(f, 3, 1), 4);
    assert_int_equal(keyring_get(f->keyring, 3, &before), 0);
    reopen(f);
    assert_int_equal(keyring_count(f->keyring), 4);
    assert_int_equal(keyring_next_id(f->keyring), 5);
    assert_int_equal(keyring_get(f->keyring, 3, &after), 0);
    assert_memory_equal(before.key.bytes, after.key.bytes, sizeof(after.key.bytes));
    assert_false(has(f, 0));
    assert_false(has(f, 5));
}

static void no_two_keys_are_alike(void **state) {
    struct fixture *f = *state;
    enum { COUNT = 20 };
    struct record_key keys[COUNT];
    reserve(f, 2, COUNT / 2);
    reserve(f, 3, COUNT / 2);
    for (uint64_t i = 0; i < COUNT; i++) {
        assert_int_equal(keyring_get(f->keyring, i + 1, &keys[i]), 0);
        for (uint64_t j = 0; j < i; j++) {
            assert_memory_not_equal(keys[i].key.bytes, keys[j].key.bytes, 32);
        }
    }
}

/* Written by a Python program from the format in keyring.c: ChaCha20 and Poly1305 by the package
 * cryptography (OpenSSL), HChaCha20 written out from the draft, BLAKE2b by hashlib. Master key 32
 * bytes 05, seed 32 bytes 09, two keys. */
static void a_file_made_by_another_program_opens(void **state) {
    struct fixture *f = *state;
    static const char file_hex[] =
        "76616e676b65797301f2a76980dfc7a4924b326a129e9e7c7ee381ff8caa2e4fd1ee76966fd1b019090000"
        "00000000000300000002f522e7ae4ea50aa5b9afe999a909d36e332a59d3294c9f9bb6e2f7744046d6b20c"
        "21f04e8ff329dc7adb07922e523184eea02856ef485c211c5109d20767d6218554f299e6119755033989d8"
        "c67931aae2be4160c9d95447bc13dd81fb24be2a";
    uint8_t file[149];
    assert_int_equal(hex_decode(file_hex, file, sizeof(file)), 0);
    write_file(f->path.path, file, sizeof(file));
    reopen(f);
    struct record_key key;
    char text[65];
    assert_int_equal(keyring_get(f->keyring, 2, &key), 0);
    hex_encode(BYTES_OF(key.key.bytes), text);
    assert_string_equal(text, "9e04bef893da544475f4bbadbc327d8ef6ef6368c00f7d37e109767782275f3f");
    assert_int_equal(keyring_next_id(f->keyring), 3);
}

static void shredded_keys_are_gone_and_the_others_stay(void **state) {
    struct fixture *f = *state;
    const uint64_t ids[] = {2, 4, 99, 2};
    reserve(f, 2, 5);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(keyring_shred(f->keyring, seed_of(3).bytes, ids, 4), 0);
        assert_int_equal(keyring_count(f->keyring), 3);
        assert_true(has(f, 1) && has(f, 3) && has(f, 5));
        assert_false(has(f, 2) || has(f, 4));
        reopen(f);
    }
}

static void an_id_is_never_given_again(void **state) {
    struct fixture *f = *state;
    const uint64_t ids[] = {1, 2};
    reserve(f, 2, 2);
    assert_int_equal(keyring_shred(f->keyring, seed_of(3).bytes, ids, 2), 0);
    reopen(f);
    assert_int_equal(reserve(f, 4, 1), 3);
}

/* The old file's blocks are what a disk recovery would read: they are zeros, through a descriptor
 * that was opened before. */
static void what_a_shredding_replaced_is_overwritten_and_gone(void **state) {
    struct fixture *f = *state;
    const uint64_t id = 1;
    static const uint8_t zeros[1000];
    uint8_t old[1000];
    reserve(f, 2, 2);
    int fd = open(f->path.path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(keyring_shred(f->keyring, seed_of(3).bytes, &id, 1), 0);
    ssize_t length = pread(fd, old, sizeof(old), 0);
    close(fd);
    assert_int_equal(length, 149);
    assert_memory_equal(old, zeros, (size_t)length);
    assert_false(exists(f, "keyring.old"));
    assert_false(exists(f, "keyring.new"));
}

static void keys_arent_readable_in_the_file(void **state) {
    struct fixture *f = *state;
    struct record_key key;
    uint8_t file[1000];
    reserve(f, 2, 2);
    assert_int_equal(keyring_get(f->keyring, 1, &key), 0);
    size_t length = read_file(f->path.path, file, sizeof(file));
    assert_null(memmem(file, length, key.key.bytes, 16));
    struct stat it;
    assert_int_equal(stat(f->path.path, &it), 0);
    assert_int_equal(it.st_mode & 077, 0);
}

static void a_torn_or_altered_file_is_refused_and_left_as_it_is(void **state) {
    struct fixture *f = *state;
    uint8_t good[149];
    uint8_t bad[149];
    struct keyring *keyring = NULL;
    reserve(f, 2, 2);
    assert_int_equal(read_file(f->path.path, good, sizeof(good)), sizeof(good));
    for (size_t i = 0; i < sizeof(good); i++) {
        int expected = i == 8 ? ERR_UNSUPPORTED : ERR_CRYPTO; /* the version's byte */
        memcpy(bad, good, sizeof(good));
        bad[i] ^= 2;
        write_file(f->path.path, bad, sizeof(bad));
        assert_int_equal(keyring_open(f->path.path, &master, &keyring), expected);
        write_file(f->path.path, good, i);
        assert_int_equal(keyring_open(f->path.path, &master, &keyring), ERR_CRYPTO);
        assert_int_equal(read_file(f->path.path, bad, sizeof(bad)), i);
    }
    write_file(f->path.path, good, sizeof(good));
    reopen(f);
    assert_true(has(f, 2));
}

static void another_master_key_opens_nothing(void **state) {
    struct fixture *f = *state;
    struct keyring_master other = master;
    struct keyring *keyring = NULL;
    other.bytes[31] ^= 1;
    assert_int_equal(keyring_open(f->path.path, &other, &keyring), ERR_CRYPTO);
}

static void a_missing_keyring_isnt_made_by_opening_it(void **state) {
    struct fixture *f = *state;
    struct keyring *keyring = NULL;
    struct scratch missing = scratch_below(&f->scratch, "missing");
    assert_int_equal(keyring_open(missing.path, &master, &keyring), ERR_NOT_FOUND);
    assert_false(exists(f, "missing"));
    assert_int_equal(keyring_create(f->path.path, &master, seed_of(9).bytes), ERR_EXISTS);
}

/* Died while the new file was being written. */
static void half_a_new_file_is_cleared_away(void **state) {
    struct fixture *f = *state;
    reserve(f, 2, 2);
    write_file(scratch_below(&f->scratch, "keyring.new").path, (const uint8_t *)"vangkeys", 8);
    reopen(f);
    assert_true(has(f, 1) && has(f, 2));
    assert_false(exists(f, "keyring.new"));
}

/* Died after the old file got its second name, before the new one took its place: both names are
 * the file in use. */
static void a_second_name_of_the_file_in_use_isnt_overwritten(void **state) {
    struct fixture *f = *state;
    reserve(f, 2, 2);
    struct scratch old = scratch_below(&f->scratch, "keyring.old");
    assert_int_equal(link(f->path.path, old.path), 0);
    reopen(f);
    reopen(f);
    assert_true(has(f, 1) && has(f, 2));
    assert_false(exists(f, "keyring.old"));
}

/* Died after the new file took its place. */
static void an_old_file_left_behind_is_overwritten_at_the_next_opening(void **state) {
    struct fixture *f = *state;
    static const uint8_t zeros[9];
    uint8_t found[9];
    struct scratch old = scratch_below(&f->scratch, "keyring.old");
    write_file(old.path, (const uint8_t *)"old keys!", 9);
    int fd = open(old.path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    reopen(f);
    assert_int_equal(pread(fd, found, sizeof(found), 0), sizeof(found));
    assert_memory_equal(found, zeros, sizeof(zeros));
    close(fd);
    assert_false(exists(f, "keyring.old"));
}

static void a_write_that_fails_changes_nothing(void **state) {
    struct fixture *f = *state;
    uint64_t first;
    const uint64_t id = 1;
    struct rlimit before;
    reserve(f, 2, 2);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 64, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int r_reserve = keyring_reserve(f->keyring, seed_of(3).bytes, 5, &first);
    int r_shred = keyring_shred(f->keyring, seed_of(4).bytes, &id, 1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(r_reserve, ERR_IO);
    assert_int_equal(r_shred, ERR_IO);
    assert_true(has(f, 1) && has(f, 2));
    reopen(f);
    assert_true(has(f, 1) && has(f, 2));
    assert_int_equal(keyring_next_id(f->keyring), 3);
    assert_int_equal(keyring_shred(f->keyring, seed_of(4).bytes, &id, 1), 0);
    assert_false(has(f, 1));
}

/* Reserves two keys, says so, shreds the first of them, says so, until it's killed. */
static void work_until_killed(const struct fixture *f, int out) {
    struct keyring *keyring = NULL;
    if (keyring_open(f->path.path, &master, &keyring) < 0) {
        _exit(1);
    }
    for (uint8_t i = 0;; i++) {
        uint64_t first;
        struct seed seed;
        random_fill(seed.bytes, sizeof(seed.bytes));
        if (keyring_reserve(keyring, seed.bytes, 2, &first) < 0 ||
            write(out, &first, sizeof(first)) < 0) {
            _exit(1);
        }
        random_fill(seed.bytes, sizeof(seed.bytes));
        if (keyring_shred(keyring, seed.bytes, &first, 1) < 0 ||
            write(out, &first, sizeof(first)) < 0) {
            _exit(1);
        }
    }
}

/* What it said before it died: the last id it reserved, and whether it had shredded it. */
static uint64_t kill_after(struct fixture *f, int messages, bool *ret_shredded) {
    int ends[2];
    uint64_t id = 0;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        work_until_killed(f, ends[1]);
    }
    close(ends[1]);
    int heard = 0;
    uint64_t message;
    while (read(ends[0], &message, sizeof(message)) == sizeof(message)) {
        id = message;
        heard++;
        if (heard == messages) {
            assert_int_equal(kill(child, SIGKILL), 0);
        }
    }
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    *ret_shredded = heard % 2 == 0;
    return id;
}

/* The kill falls anywhere in the write after the last message. */
static void a_process_killed_at_any_moment_kept_its_word(void **state) {
    struct fixture *f = *state;
    for (int round = 0; round < 30; round++) {
        bool shredded;
        keyring_close(f->keyring);
        f->keyring = NULL;
        uint64_t id = kill_after(f, 1 + round % 7, &shredded);
        reopen(f);
        assert_true(has(f, id + 1));
        assert_false(shredded && has(f, id));
        assert_false(exists(f, "keyring.new") || exists(f, "keyring.old"));
    }
}

static void cores_find_keys_through_the_table_of_functions(void **state) {
    struct fixture *f = *state;
    struct record_key key;
    struct vault_keys keys = keyring_keys(f->keyring);
    reserve(f, 2, 1);
    assert_int_equal(keys.get(keys.context, 1, &key), 0);
    assert_int_equal(keys.get(keys.context, 2, &key), ERR_NOT_FOUND);
}

static void a_master_key_is_saved_once_and_read_by_its_owner_alone(void **state) {
    struct fixture *f = *state;
    struct keyring_master loaded;
    struct scratch path = scratch_below(&f->scratch, "master");
    assert_int_equal(keyring_master_load(path.path, &loaded), ERR_NOT_FOUND);
    assert_int_equal(keyring_master_save(path.path, &master), 0);
    assert_int_equal(keyring_master_save(path.path, &master), ERR_EXISTS);
    assert_int_equal(keyring_master_load(path.path, &loaded), 0);
    assert_memory_equal(loaded.bytes, master.bytes, sizeof(master.bytes));
    assert_int_equal(chmod(path.path, 0640), 0);
    assert_int_equal(keyring_master_load(path.path, &loaded), ERR_DENIED);
}

static void a_master_key_of_another_length_is_malformed(void **state) {
    struct fixture *f = *state;
    static const uint8_t data[33];
    const size_t lengths[] = {0, 31, 33};
    for (int i = 0; i < 3; i++) {
        struct keyring_master loaded;
        struct scratch path = scratch_below(&f->scratch, "master");
        write_file(path.path, data, lengths[i]);
        assert_int_equal(chmod(path.path, 0600), 0);
        assert_int_equal(keyring_master_load(path.path, &loaded), ERR_MALFORMED);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(reserved_keys_are_there_after_reopening),
        TEST(a_copy_opens_what_was_there_and_replaces_nothing),
        TEST(no_two_keys_are_alike),
        TEST(a_file_made_by_another_program_opens),
        TEST(shredded_keys_are_gone_and_the_others_stay),
        TEST(an_id_is_never_given_again),
        TEST(what_a_shredding_replaced_is_overwritten_and_gone),
        TEST(keys_arent_readable_in_the_file),
        TEST(a_torn_or_altered_file_is_refused_and_left_as_it_is),
        TEST(another_master_key_opens_nothing),
        TEST(a_missing_keyring_isnt_made_by_opening_it),
        TEST(half_a_new_file_is_cleared_away),
        TEST(a_second_name_of_the_file_in_use_isnt_overwritten),
        TEST(an_old_file_left_behind_is_overwritten_at_the_next_opening),
        TEST(a_write_that_fails_changes_nothing),
        TEST(a_process_killed_at_any_moment_kept_its_word),
        TEST(cores_find_keys_through_the_table_of_functions),
        TEST(a_master_key_is_saved_once_and_read_by_its_owner_alone),
        TEST(a_master_key_of_another_length_is_malformed),
    };
    return cmocka_run_group_tests(tests, setup_group, NULL);
}
