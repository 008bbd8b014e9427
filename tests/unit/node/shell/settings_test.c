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

#include "node/shell/mail_plan.h"
#include "node/shell/settings.h"

struct home {
    char top[64];
    struct place place;
};

static int set_up(void **state) {
    struct home *home = calloc(1, sizeof(*home));
    char dir[128];
    assert_non_null(home);
    strcpy(home->top, "/tmp/vangnet-place-XXXXXX");
    assert_non_null(mkdtemp(home->top));
    (void)snprintf(dir, sizeof(dir), "%s/node/", home->top);
    assert_int_equal(place_init(dir, &home->place), 0);
    *state = home;
    return 0;
}

static int tear_down(void **state) {
    struct home *home = *state;
    char command[128];
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", home->top);
    const int r = system(command);
    free(home);
    return r;
}

static mode_t mode_of(const struct home *home, const char *name) {
    struct stat about;
    const struct place_path path = place_path(&home->place, name);
    assert_int_equal(stat(path.text, &about), 0);
    return about.st_mode & 0777;
}

static void a_new_directory_is_its_owners_alone(void **state) {
    const struct home *home = *state;
    assert_int_equal(place_make(&home->place), 0);
    assert_int_equal(mode_of(home, "."), 0700);
    assert_int_equal(mode_of(home, PLACE_KEYS), 0700);
    assert_int_equal(place_make(&home->place), 0);
}

static void a_directory_with_other_things_is_refused(void **state) {
    const struct home *home = *state;
    assert_int_equal(mkdir(home->place.dir, 0755), 0);
    assert_int_equal(place_write(&home->place, "letter", bytes_from_text("mine")), 0);
    assert_int_equal(place_make(&home->place), ERR_EXISTS);
    assert_false(place_has(&home->place, PLACE_KEYS));
}

static void a_file_is_replaced_whole_and_private(void **state) {
    const struct home *home = *state;
    struct bytes read;
    assert_int_equal(place_make(&home->place), 0);
    assert_int_equal(place_write(&home->place, "note", bytes_from_text("a longer first text")), 0);
    assert_int_equal(place_write(&home->place, "note", bytes_from_text("second")), 0);
    assert_int_equal(mode_of(home, "note"), 0600);
    assert_false(place_has(&home->place, "note.new"));
    assert_int_equal(place_read(&home->place, "note", 6, &read), 0);
    assert_string_equal((const char *)read.data, "second");
    free((void *)(uintptr_t)read.data);
    assert_int_equal(place_read(&home->place, "note", 5, &read), ERR_TOO_LARGE);
    assert_int_equal(place_remove(&home->place, "note"), 0);
    assert_int_equal(place_remove(&home->place, "note"), 0);
    assert_int_equal(place_read(&home->place, "note", 5, &read), ERR_NOT_FOUND);
}

static struct settings some_settings(void) {
    struct settings settings = {
        .name = "OCMW Sint-Niklaas; \"Het Huis\"",
        .endpoint = "tcp://hub.example:5670",
        .join_endpoint = "tcp://hub.example:5671",
        .http_port = 8480,
        .lock_memory = true,
    };
    assert_int_equal(org_id_parse("ocmw-a", &settings.own.org), 0);
    assert_int_equal(hub_id_parse("zuid", &settings.own.hub), 0);
    memset(settings.hub_key, 0xab, sizeof(settings.hub_key));
    memset(settings.fingerprint.bytes, 0xcd, sizeof(settings.fingerprint.bytes));
    return settings;
}

static void what_join_wrote_is_what_the_daemon_reads(void **state) {
    const struct home *home = *state;
    const struct settings wanted = some_settings();
    struct settings found;
    struct config_error error;
    assert_int_equal(place_make(&home->place), 0);
    assert_int_equal(settings_load(&home->place, &found, &error), ERR_NOT_FOUND);
    assert_int_equal(settings_save(&home->place, &wanted), 0);
    assert_int_equal(settings_load(&home->place, &found, &error), 0);
    assert_true(address_equal(&found.own, &wanted.own));
    assert_string_equal(found.name, wanted.name);
    assert_string_equal(found.endpoint, wanted.endpoint);
    assert_string_equal(found.join_endpoint, wanted.join_endpoint);
    assert_memory_equal(found.hub_key, wanted.hub_key, 32);
    assert_true(digest_equal(&found.fingerprint, &wanted.fingerprint));
    assert_string_equal(found.http_address, "");
    assert_true(found.lock_memory);
}

static void a_wrong_line_is_named(void **state) {
    const struct home *home = *state;
    const struct settings settings = some_settings();
    struct settings found;
    struct config_error error = {0};
    struct bytes text;
    assert_int_equal(place_make(&home->place), 0);
    assert_int_equal(settings_save(&home->place, &settings), 0);
    assert_int_equal(place_read(&home->place, PLACE_CONFIG, 64 << 10, &text), 0);
    char *key = strstr((char *)(uintptr_t)text.data, "abababab");
    assert_non_null(key);
    *key = 'x';
    assert_int_equal(place_write(&home->place, PLACE_CONFIG, text), 0);
    free((void *)(uintptr_t)text.data);
    assert_int_equal(settings_load(&home->place, &found, &error), ERR_CONFIG);
    assert_non_null(strstr(error.text, "[hub] key"));
}

/* As an administrator does it: the comment's sign goes. */
static void the_example_of_mail_can_be_used_as_it_stands(void **state) {
    const struct home *home = *state;
    const struct settings settings = some_settings();
    struct settings found;
    struct mail_groups groups;
    struct config_error error = {0};
    struct bytes text;
    char wrong[80];
    assert_int_equal(place_make(&home->place), 0);
    assert_int_equal(settings_save(&home->place, &settings), 0);
    assert_int_equal(place_read(&home->place, PLACE_CONFIG, 64 << 10, &text), 0);
    char *at = strstr((char *)(uintptr_t)text.data, "; url = ");
    char *end = strstr((char *)(uintptr_t)text.data, "[memory]");
    assert_non_null(at);
    for (; at != NULL && at < end;
         at = strstr(at, "\n; ") == NULL ? NULL : strstr(at, "\n; ") + 1) {
        memcpy(at, "  ", 2);
    }
    assert_int_equal(place_write(&home->place, PLACE_CONFIG, text), 0);
    free((void *)(uintptr_t)text.data);
    if (settings_load(&home->place, &found, &error) < 0) {
        fail_msg("%s", error.text);
    }
    assert_string_equal(found.mail.from, "vangnet@ocmw.example");
    assert_string_equal(found.mail.language, "nl");
    assert_int_equal(mail_groups_read(found.mail.to, found.mail.teams, &groups, wrong), 0);
    assert_int_equal(groups.count, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_directory_is_its_owners_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_directory_with_other_things_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_is_replaced_whole_and_private, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_join_wrote_is_what_the_daemon_reads, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_wrong_line_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_example_of_mail_can_be_used_as_it_stands, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
