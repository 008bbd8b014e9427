#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hub/shell/settings.h"

struct place {
    char dir[64];
    char file[96];
};

static int make_place(void **state) {
    struct place *place = calloc(1, sizeof(*place));
    strcpy(place->dir, "/tmp/hub-settings-XXXXXX");
    if (mkdtemp(place->dir) == NULL) {
        return -1;
    }
    snprintf(place->file, sizeof(place->file), "%s/hub.conf", place->dir);
    *state = place;
    return 0;
}

static int remove_place(void **state) {
    struct place *place = *state;
    (void)unlink(place->file);
    (void)rmdir(place->dir);
    free(place);
    return 0;
}

static void write_file(const struct place *place, const char *text) {
    FILE *file = fopen(place->file, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void what_is_written_is_read_again(void **state) {
    const struct place *place = *state;
    struct settings settings;
    struct settings read;
    struct config_error wrong;
    char *text;
    assert_int_equal(settings_default(place->dir, &settings), 0);
    strcpy(settings.hub, "zwvl");
    strcpy(settings.name, "Zuid-West-Vlaanderen; \"het zuiden\" #1");
    strcpy(settings.public_members, "tcp://hub.example.org:5670");
    assert_int_equal(settings_parse_api("[::1]:9000", &settings), 0);
    assert_int_equal(settings_format(&settings, &text), 0);
    write_file(place, text);
    free(text);
    assert_int_equal(settings_read(place->dir, &read, &wrong), 0);
    assert_string_equal(read.hub, settings.hub);
    assert_string_equal(read.name, settings.name);
    assert_string_equal(read.members, "tcp://127.0.0.1:5670");
    assert_string_equal(read.public_members, settings.public_members);
    assert_string_equal(read.public_enrol, "");
    assert_string_equal(read.api_address, "::1");
    assert_int_equal(read.api_port, 9000);
    assert_string_equal(read.director_key, "director.key");
    assert_false(read.unlocked_keys);
}

static void a_wrong_id_or_a_missing_one_is_said(void **state) {
    const struct place *place = *state;
    struct settings read;
    struct config_error wrong;
    write_file(place, "[hub]\nid = Zuid West\nname = x\n");
    assert_int_equal(settings_read(place->dir, &read, &wrong), ERR_CONFIG);
    assert_non_null(strstr(wrong.text, "lower-case"));
    write_file(place, "[hub]\nname = x\n");
    assert_int_equal(settings_read(place->dir, &read, &wrong), ERR_CONFIG);
    assert_non_null(strstr(wrong.text, "id"));
    (void)unlink(place->file);
    assert_int_equal(settings_read(place->dir, &read, &wrong), ERR_NOT_FOUND);
}

static void an_address_needs_a_host_and_a_port(void **state) {
    static const char *const wrong[] = {"",      "8670",    ":8670",  "127.0.0.1:", "a:70000",
                                        "a:86x", "[::1:80", "::1:80", "[]:80",      "a:123456"};
    struct settings settings;
    assert_int_equal(settings_default("/x", &settings), 0);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(settings_parse_api(wrong[i], &settings), ERR_MALFORMED);
    }
    assert_string_equal(settings.api_address, "127.0.0.1");
    assert_int_equal(settings_parse_api("0.0.0.0:80", &settings), 0);
    assert_string_equal(settings.api_address, "0.0.0.0");
    assert_int_equal(settings.api_port, 80);
}

static void paths_lie_in_the_directory_unless_absolute(void **state) {
    struct settings settings;
    char path[SETTINGS_PATH_SIZE];
    assert_int_equal(settings_default("/var/lib/hub", &settings), 0);
    assert_int_equal(settings_path(&settings, "hub.key", path), 0);
    assert_string_equal(path, "/var/lib/hub/hub.key");
    assert_int_equal(settings_path(&settings, "/media/stick/director.key", path), 0);
    assert_string_equal(path, "/media/stick/director.key");
}

static void a_value_that_would_break_the_file_is_refused(void **state) {
    assert_true(settings_value_ok("Zuid-West-Vlaanderen"));
    assert_true(settings_value_ok("Oostkamp é"));
    assert_false(settings_value_ok(""));
    assert_false(settings_value_ok(" x"));
    assert_false(settings_value_ok("x\n[keys]"));
    assert_false(settings_value_ok("x\r"));
}

static void only_this_machines_own_addresses_are_loopback(void **state) {
    assert_true(settings_is_loopback("tcp://127.0.0.1:5670"));
    assert_true(settings_is_loopback("tcp://127.1.2.3:5670"));
    assert_true(settings_is_loopback("tcp://localhost:5670"));
    assert_true(settings_is_loopback("tcp://[::1]:5670"));
    assert_false(settings_is_loopback("tcp://0.0.0.0:5670"));
    assert_false(settings_is_loopback("tcp://[::]:5670"));
    assert_false(settings_is_loopback("tcp://hub.example.org:5670"));
    assert_false(settings_is_loopback("tcp://localhost.example.org:5670"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_this_machines_own_addresses_are_loopback),
        cmocka_unit_test_setup_teardown(what_is_written_is_read_again, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_wrong_id_or_a_missing_one_is_said, make_place,
                                        remove_place),
        cmocka_unit_test(an_address_needs_a_host_and_a_port),
        cmocka_unit_test(paths_lie_in_the_directory_unless_absolute),
        cmocka_unit_test(a_value_that_would_break_the_file_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
