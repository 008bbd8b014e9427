#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hub/shell/keys.h"
#include "shared/crypto/random.h"

struct place {
    char dir[64];
    char hub[96];
    char director[96];
};

static int make_place(void **state) {
    struct place *place = calloc(1, sizeof(*place));
    strcpy(place->dir, "/tmp/hub-keys-XXXXXX");
    if (random_init() < 0 || mkdtemp(place->dir) == NULL) {
        return -1;
    }
    snprintf(place->hub, sizeof(place->hub), "%s/hub.key", place->dir);
    snprintf(place->director, sizeof(place->director), "%s/director.key", place->dir);
    *state = place;
    return 0;
}

static int remove_place(void **state) {
    struct place *place = *state;
    (void)unlink(place->hub);
    (void)unlink(place->director);
    (void)rmdir(place->dir);
    free(place);
    return 0;
}

static void write_key(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static void made_keys_load_and_are_readable_by_their_owner_alone(void **state) {
    const struct place *place = *state;
    struct keys *keys;
    struct keys *again;
    struct stat stat_;
    assert_int_equal(keys_make(place->hub, KEY_HUB), 0);
    assert_int_equal(keys_make(place->director, KEY_DIRECTOR), 0);
    assert_int_equal(keys_make(place->hub, KEY_HUB), ERR_EXISTS);
    assert_int_equal(stat(place->hub, &stat_), 0);
    assert_int_equal(stat_.st_mode & 0777, 0600);
    assert_int_equal(keys_load(place->hub, place->director, &keys), 0);
    assert_int_equal(keys_load(place->hub, place->director, &again), 0);
    assert_non_null(keys->hub.director);
    assert_memory_equal(&keys->hub.sign_public, &again->hub.sign_public,
                        sizeof(keys->hub.sign_public));
    assert_memory_not_equal(&keys->hub.sign_public, &keys->hub.director_public,
                            sizeof(keys->hub.sign_public));
    keys_free(keys);
    keys_free(again);
}

/* RFC 8032, 7.1, test 1: this seed and this public key. */
static void the_seed_in_the_file_is_the_private_key_of_the_standard(void **state) {
    const struct place *place = *state;
    struct keys *keys;
    uint8_t expected[32];
    write_key(place->hub, "vangnet hub key v1 "
                          "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60\n");
    assert_int_equal(hex_decode("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                                expected, sizeof(expected)),
                     0);
    assert_int_equal(keys_load(place->hub, place->director, &keys), 0);
    assert_memory_equal(keys->hub.sign_public.bytes, expected, sizeof(expected));
    assert_null(keys->hub.director); /* its file isn't there */
    keys_free(keys);
}

static void a_file_that_isnt_a_key_is_refused(void **state) {
    const struct place *place = *state;
    static const char *const wrong[] = {
        "", "vangnet hub key v1 12\n",
        "vangnet director key v1 "
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60\n",
        "vangnet hub key v2 9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60\n"};
    struct keys *keys;
    assert_int_equal(keys_load(place->hub, place->director, &keys), ERR_NOT_FOUND);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        write_key(place->hub, wrong[i]);
        assert_int_equal(keys_load(place->hub, place->director, &keys), ERR_MALFORMED);
    }
}

static void a_key_that_others_may_read_is_refused(void **state) {
    const struct place *place = *state;
    struct keys *keys;
    assert_int_equal(keys_make(place->hub, KEY_HUB), 0);
    assert_int_equal(chmod(place->hub, 0604), 0);
    assert_int_equal(keys_load(place->hub, place->director, &keys), ERR_DENIED);
}

static void a_draw_depends_on_key_purpose_and_command(void **state) {
    const struct place *place = *state;
    struct keys *keys;
    const struct message_id one = {{1}};
    const struct message_id two = {{2}};
    assert_int_equal(keys_make(place->hub, KEY_HUB), 0);
    assert_int_equal(keys_load(place->hub, place->director, &keys), 0);
    struct digest drawn = keys_draw(keys, "token/v1", &one);
    struct digest again = keys_draw(keys, "token/v1", &one);
    struct digest other = keys_draw(keys, "token/v1", &two);
    struct digest purpose = keys_draw(keys, "invitation-id/v1", &one);
    assert_true(digest_equal(&drawn, &again));
    assert_false(digest_equal(&drawn, &other));
    assert_false(digest_equal(&drawn, &purpose));
    keys_free(keys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(made_keys_load_and_are_readable_by_their_owner_alone,
                                        make_place, remove_place),
        cmocka_unit_test_setup_teardown(the_seed_in_the_file_is_the_private_key_of_the_standard,
                                        make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_file_that_isnt_a_key_is_refused, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(a_key_that_others_may_read_is_refused, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(a_draw_depends_on_key_purpose_and_command, make_place,
                                        remove_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
