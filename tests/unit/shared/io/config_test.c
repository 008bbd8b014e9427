#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/io/config.h"

struct kept {
    char text[2000];
};

static int keep(void *ctx, const struct config_entry *entry, char ret_reason[CONFIG_REASON_SIZE]) {
    struct kept *kept = ctx;
    const size_t length = strlen(kept->text);
    if (strcmp(entry->name, "refuse") == 0) {
        snprintf(ret_reason, CONFIG_REASON_SIZE, "not today");
        return ERR_CONFIG;
    }
    snprintf(kept->text + length, sizeof(kept->text) - length, "%d:%s/%s=%s;", entry->line,
             entry->section, entry->name, entry->value);
    return 0;
}

static int read_text(const char *text, struct kept *kept, struct config_error *error) {
    const struct config_sink sink = {.entry = keep, .ctx = kept};
    kept->text[0] = '\0';
    error->text[0] = '\0';
    return config_read_text("x.ini", text, &sink, error);
}

static void a_name_may_repeat_where_the_sink_says_so(void **state) {
    (void)state;
    struct kept kept = {{0}};
    struct config_error error;
    const struct config_sink sink = {.entry = keep, .ctx = &kept, .repeats = true};
    assert_int_equal(config_read_text("x.ini", "[s]\na = 1\na = 2\n", &sink, &error), 0);
    assert_string_equal(kept.text, "2:s/a=1;3:s/a=2;");
}

static void entries_come_with_section_and_line(void **state) {
    (void)state;
    struct kept kept;
    struct config_error error;
    assert_int_equal(
        read_text("# comment\ntop = 1\n  next = 2\n[columns]\r\n  case id =  Dossier nr \r\n"
                  "; comment\ndelimiter = ;\nwait=a=b\n[empty]\nx =\n",
                  &kept, &error),
        0);
    assert_string_equal(kept.text,
                        "2:/top=1;3:/next=2;5:columns/case id=Dossier nr;7:columns/delimiter=;;"
                        "8:columns/wait=a=b;10:empty/x=;");
}

static void a_wrong_line_is_named_with_file_and_line(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *error;
    } cases[] = {
        {"a = 1\nnonsense\nrefuse = 1\n",
         "x.ini:2: this is neither \"name = value\", a [section] nor a comment"},
        {"a = 1\n[open\n", "x.ini:2: this is neither \"name = value\", a [section] nor a comment"},
        {"refuse = 1\nnonsense\n", "x.ini:1: not today"},
        {"[s]\na = 1\n[t]\na = 1\n[s]\na = 2\n", "x.ini:6: \"a\" was given already in line 2"},
        {"= 1\n", "x.ini:1: there is no name before the '='"},
        {"[a2345678901234567890123456789012345678901234567890]\na=1\n",
         "x.ini:2: the section's name is longer than 48 bytes"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct kept kept;
        struct config_error error;
        assert_int_equal(read_text(cases[i].text, &kept, &error), ERR_CONFIG);
        assert_string_equal(error.text, cases[i].error);
    }
}

static void a_long_line_passes_up_to_the_limit(void **state) {
    (void)state;
    static char text[CONFIG_LINE_BYTES_MAX + 10];
    const struct config_key keys[] = {
        {.section = "", .name = "a", .kind = CONFIG_TEXT, .target = (char[5000]){0}, .size = 5000}};
    const struct config_table table = {keys, 1};
    struct config_error error;
    memset(text, 'x', sizeof(text));
    memcpy(text, "a=", 2);
    text[CONFIG_LINE_BYTES_MAX - 1] = '\n';
    text[CONFIG_LINE_BYTES_MAX] = '\0';
    assert_int_equal(config_read_table_text("x.ini", text, &table, &error), 0);
    assert_int_equal(strlen(keys[0].target), CONFIG_LINE_BYTES_MAX - 3);
    text[CONFIG_LINE_BYTES_MAX - 1] = 'x';
    text[CONFIG_LINE_BYTES_MAX] = '\n';
    text[CONFIG_LINE_BYTES_MAX + 1] = '\0';
    assert_int_equal(config_read_table_text("x.ini", text, &table, &error), ERR_CONFIG);
    assert_string_equal(error.text, "x.ini:1: the line is longer than 4000 bytes");
}

struct settings {
    char name[8];
    int64_t port;
    bool loud;
};

static int read_settings(const char *text, struct settings *settings, struct config_error *error) {
    const struct config_key keys[] = {
        {.section = "hub",
         .name = "name",
         .kind = CONFIG_TEXT,
         .target = settings->name,
         .size = sizeof(settings->name),
         .required = true},
        {.section = "http",
         .name = "port",
         .kind = CONFIG_INT,
         .target = &settings->port,
         .least = 0,
         .most = 65535},
        {.section = "http", .name = "loud", .kind = CONFIG_BOOL, .target = &settings->loud},
    };
    const struct config_table table = {.keys = keys, .count = sizeof(keys) / sizeof(keys[0])};
    *settings = (struct settings){.port = 8080};
    return config_read_table_text("hub.ini", text, &table, error);
}

static void a_table_fills_its_targets_and_keeps_defaults(void **state) {
    (void)state;
    struct settings settings;
    struct config_error error;
    assert_int_equal(read_settings("[hub]\nname = zwvl\n", &settings, &error), 0);
    assert_string_equal(settings.name, "zwvl");
    assert_int_equal(settings.port, 8080);
    assert_false(settings.loud);
    assert_int_equal(
        read_settings("[hub]\nname = 1234567\n[http]\nport = 0\nloud = yes\n", &settings, &error),
        0);
    assert_int_equal(settings.port, 0);
    assert_true(settings.loud);
}

static void a_table_refuses_what_it_does_not_know(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *error;
    } cases[] = {
        {"[hub]\nnaam = x\n", "hub.ini:2: nothing is called \"naam\" in section [hub]"},
        {"[http]\nname = x\n", "hub.ini:2: nothing is called \"name\" in section [http]"},
        {"[http]\nport = 1\n", "hub.ini: \"name\" is missing in section [hub]"},
        {"[http]\nport = 65536\n", "hub.ini:2: \"port\" must be a whole number from 0 to 65535"},
        {"[http]\nport = 8o\n", "hub.ini:2: \"port\" must be a whole number from 0 to 65535"},
        {"[http]\nport =\n", "hub.ini:2: \"port\" must be a whole number from 0 to 65535"},
        {"[http]\nloud = maybe\n", "hub.ini:2: \"loud\" must be yes or no"},
        {"[hub]\nname = 12345678\n", "hub.ini:2: \"name\" is longer than 7 bytes"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct settings settings;
        struct config_error error;
        assert_int_equal(read_settings(cases[i].text, &settings, &error), ERR_CONFIG);
        assert_string_equal(error.text, cases[i].error);
    }
}

static int read_file(const char *content, size_t length, struct config_error *error) {
    struct kept kept = {""};
    const struct config_sink sink = {.entry = keep, .ctx = &kept};
    char path[] = "/tmp/config-test-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, length), length);
    close(fd);
    const int r = config_read(path, &sink, error);
    unlink(path);
    return r;
}

static void a_file_must_be_there_a_text_and_not_too_large(void **state) {
    (void)state;
    struct config_error error;
    const struct config_sink sink = {.entry = keep, .ctx = NULL};
    assert_int_equal(config_read("/nonexistent.ini", &sink, &error), ERR_NOT_FOUND);
    assert_string_equal(error.text, "/nonexistent.ini: not found");
    assert_int_equal(read_file("\xef\xbb\xbf"
                               "a = 1\n",
                               9, &error),
                     0);
    assert_int_equal(read_file("a\0 = 1\n", 7, &error), ERR_CONFIG);
    char *big = malloc(CONFIG_FILE_BYTES_MAX + 1);
    assert_non_null(big);
    memset(big, '\n', CONFIG_FILE_BYTES_MAX + 1);
    assert_int_equal(read_file(big, CONFIG_FILE_BYTES_MAX, &error), 0);
    assert_int_equal(read_file(big, CONFIG_FILE_BYTES_MAX + 1, &error), ERR_TOO_LARGE);
    free(big);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_may_repeat_where_the_sink_says_so),
        cmocka_unit_test(entries_come_with_section_and_line),
        cmocka_unit_test(a_wrong_line_is_named_with_file_and_line),
        cmocka_unit_test(a_long_line_passes_up_to_the_limit),
        cmocka_unit_test(a_table_fills_its_targets_and_keeps_defaults),
        cmocka_unit_test(a_table_refuses_what_it_does_not_know),
        cmocka_unit_test(a_file_must_be_there_a_text_and_not_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
