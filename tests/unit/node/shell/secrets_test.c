#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/shell/keys.h"
#include "node/shell/secrets.h"
#include "shared/base/civil.h"
#include "shared/crypto/random.h"

struct home {
    char top[64];
    struct place place;
    struct keys keys;
    struct secrets *secrets;
};

static int32_t day_of(const char *text) {
    int32_t day;
    assert_int_equal(date_parse(text, &day), 0);
    return day;
}

static int set_up(void **state) {
    struct home *home = calloc(1, sizeof(*home));
    char dir[128];
    assert_non_null(home);
    strcpy(home->top, "/tmp/vangnet-secrets-XXXXXX");
    assert_non_null(mkdtemp(home->top));
    (void)snprintf(dir, sizeof(dir), "%s/node", home->top);
    assert_int_equal(place_init(dir, &home->place), 0);
    assert_int_equal(place_make(&home->place), 0);
    assert_int_equal(keys_make(&home->place), 0);
    assert_int_equal(keys_load(&home->place, &home->keys), 0);
    assert_int_equal(secrets_open(&home->place, &home->secrets), 0);
    *state = home;
    return 0;
}

static int tear_down(void **state) {
    struct home *home = *state;
    char command[128];
    secrets_close(home->secrets);
    keys_deinit(&home->keys);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", home->top);
    const int r = system(command);
    free(home);
    return r;
}

static void reopen(struct home *home) {
    secrets_close(home->secrets);
    home->secrets = NULL;
    assert_int_equal(secrets_open(&home->place, &home->secrets), 0);
}

/* Whether the secret is there, and is the one of that public key. */
static bool opens(const struct home *home, const struct curve_public *key) {
    struct curve_secret secret;
    int r = secrets_get(home->secrets, key->bytes, &secret);
    if (r < 0) {
        assert_int_equal(r, ERR_NOT_FOUND);
        return false;
    }
    const struct curve_public back = curve_public_of(&secret);
    assert_memory_equal(back.bytes, key->bytes, sizeof(back.bytes));
    return true;
}

static void the_keys_of_the_join_open(void **state) {
    const struct home *home = *state;
    const struct curve_public other = {.bytes = {1}};
    assert_true(opens(home, &home->keys.seal));
    assert_true(opens(home, &home->keys.contact));
    assert_false(opens(home, &home->keys.transport));
    assert_false(opens(home, &other));
}

static void a_new_key_is_a_file_of_its_owner_before_it_is_told(void **state) {
    struct home *home = *state;
    struct curve_public next;
    struct curve_public again;
    struct stat about;
    const struct place_path path = place_path(&home->place, "keys/seal-next.seed");
    assert_int_equal(secrets_next(home->secrets, SECRET_SEAL, &next), 0);
    assert_int_equal(stat(path.text, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_memory_not_equal(next.bytes, home->keys.seal.bytes, 32);
    reopen(home);
    assert_int_equal(secrets_next(home->secrets, SECRET_SEAL, &again), 0);
    assert_memory_equal(again.bytes, next.bytes, 32); /* one at a time is on its way */
    assert_true(opens(home, &next));
    assert_true(opens(home, &home->keys.seal));
}

static void it_takes_its_place_when_the_directory_names_it(void **state) {
    struct home *home = *state;
    struct curve_public next;
    const int32_t today = day_of("2026-11-22");
    assert_int_equal(secrets_next(home->secrets, SECRET_SEAL, &next), 0);
    assert_int_equal(secrets_follow(home->secrets, SECRET_SEAL, &home->keys.seal, today), 0);
    assert_true(place_has(&home->place, "keys/seal-next.seed"));
    assert_int_equal(secrets_follow(home->secrets, SECRET_SEAL, &next, today), 1);
    assert_false(place_has(&home->place, "keys/seal-next.seed"));
    assert_true(place_has(&home->place, "keys/seal.seed"));
    assert_true(place_has(&home->place, "keys/seal-2026-11-22.seed"));
    reopen(home);
    assert_true(opens(home, &next));
    assert_true(opens(home, &home->keys.seal));
    struct keys now;
    assert_int_equal(keys_load(&home->place, &now), 0);
    assert_memory_equal(now.seal.bytes, next.bytes, 32);
    keys_deinit(&now);
}

/* 35 days and 16 months: limits.h, DESIGN 3. */
static void a_replaced_secret_is_destroyed_when_its_time_is_over(void **state) {
    struct home *home = *state;
    struct curve_public next[SECRET_KINDS];
    const int32_t today = day_of("2026-11-22");
    for (int kind = 0; kind < SECRET_KINDS; kind++) {
        assert_int_equal(secrets_next(home->secrets, (enum secret_kind)kind, &next[kind]), 0);
        assert_int_equal(secrets_follow(home->secrets, (enum secret_kind)kind, &next[kind], today),
                         1);
    }
    assert_int_equal(secrets_destroy_old(home->secrets, today + 35), 0);
    assert_true(opens(home, &home->keys.seal));
    assert_int_equal(secrets_destroy_old(home->secrets, today + 36), 1);
    assert_false(opens(home, &home->keys.seal));
    assert_false(place_has(&home->place, "keys/seal-2026-11-22.seed"));
    assert_true(opens(home, &home->keys.contact));
    assert_int_equal(secrets_destroy_old(home->secrets, today + 491), 1);
    assert_false(opens(home, &home->keys.contact));
    reopen(home);
    assert_true(opens(home, &next[SECRET_SEAL]));
    assert_true(opens(home, &next[SECRET_CONTACT]));
}

static void a_crash_between_two_renames_is_mended(void **state) {
    struct home *home = *state;
    struct curve_public next;
    const struct place_path current = place_path(&home->place, "keys/seal.seed");
    const struct place_path old = place_path(&home->place, "keys/seal-2026-11-22.seed");
    assert_int_equal(secrets_next(home->secrets, SECRET_SEAL, &next), 0);
    assert_int_equal(rename(current.text, old.text), 0);
    assert_int_equal(secrets_mend(&home->place), 0);
    struct keys now;
    assert_int_equal(keys_load(&home->place, &now), 0);
    assert_memory_equal(now.seal.bytes, next.bytes, 32);
    keys_deinit(&now);
    reopen(home);
    assert_true(opens(home, &home->keys.seal));
}

static void a_secret_that_others_may_read_is_refused(void **state) {
    struct home *home = *state;
    const struct place_path path = place_path(&home->place, "keys/contact.seed");
    struct secrets *secrets;
    assert_int_equal(chmod(path.text, 0644), 0);
    assert_int_equal(secrets_open(&home->place, &secrets), ERR_DENIED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_keys_of_the_join_open, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_new_key_is_a_file_of_its_owner_before_it_is_told, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(it_takes_its_place_when_the_directory_names_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_replaced_secret_is_destroyed_when_its_time_is_over,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_crash_between_two_renames_is_mended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_secret_that_others_may_read_is_refused, set_up,
                                        tear_down),
    };
    if (random_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
