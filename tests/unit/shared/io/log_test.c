#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shared/io/log.h"

static int ends[2];

static int setup(void **state) {
    (void)state;
    if (pipe(ends) < 0) {
        return -1;
    }
    log_set_fd(ends[1]);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    log_set_fd(STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

/* Everything logged since the last call; the dot tells an empty log from a blocked read. */
static const char *logged(void) {
    static char text[1 << 16];
    assert_int_equal(write(ends[1], ".", 1), 1);
    const ssize_t length = read(ends[0], text, sizeof(text) - 1);
    assert_true(length > 0);
    text[length - 1] = '\0';
    return text;
}

static void a_line_carries_the_priority_and_the_pairs(void **state) {
    (void)state;
    log_line(LOG_LEVEL_WARNING, "joined", "org", "ocmw-kuurne", "count", LOG_INT(-3), NULL);
    assert_string_equal(logged(), "<4>event=joined org=ocmw-kuurne count=-3\n");
    log_line(LOG_LEVEL_INFO, "ready", NULL);
    assert_string_equal(logged(), "<6>event=ready\n");
}

static void what_a_peer_wrote_stays_within_its_value(void **state) {
    (void)state;
    static const struct {
        const char *value;
        const char *wanted;
    } cases[] = {
        {"a b", "\"a b\""},
        {"", "\"\""},
        {NULL, "-"},
        {"x=y", "\"x=y\""},
        {"\"quoted\\\"", "\"\\\"quoted\\\\\\\"\""},
        {"two\n<0>event=forged", "\"two\\n<0>event=forged\""},
        {"\x1b[2J\t\x7f", "\"\\x1b[2J\\x09\\x7f\""},
        {"\xc2\x9b"
         "31m",
         "\"\\xc2\\x9b31m\""},
        {"caf\xc3\xa9 \xff", "\"caf\xc3\xa9 \\xff\""},
        {"%s%n", "%s%n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char wanted[200];
        snprintf(wanted, sizeof(wanted), "<6>event=e k=%s\n", cases[i].wanted);
        log_line(LOG_LEVEL_INFO, "e", "k", cases[i].value, NULL);
        assert_string_equal(logged(), wanted);
    }
}

static void a_pair_that_does_not_fit_is_left_out_whole(void **state) {
    (void)state;
    char big[LOG_LINE_BYTES_MAX * 2];
    memset(big, 'b', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    log_line(LOG_LEVEL_INFO, "e", "small", "1", "big", big, "after", "2", NULL);
    assert_string_equal(logged(), "<6>event=e small=1 truncated=yes\n");
    /* The longest that fits: the room less the frame, the tail and its NUL. */
    big[LOG_LINE_BYTES_MAX - strlen("<6>event=e k=") - sizeof(" truncated=yes\n")] = '\0';
    log_line(LOG_LEVEL_INFO, "e", "k", big, NULL);
    const char *line = logged();
    assert_null(strstr(line, "truncated"));
    assert_true(strlen(line) <= LOG_LINE_BYTES_MAX);
}

static size_t lines_in(const char *text) {
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += *text == '\n';
    }
    return count;
}

static void what_a_peer_repeats_is_held_back_and_counted(void **state) {
    (void)state;
    for (int i = 0; i < 25; i++) {
        log_limited(1000 + i, LOG_LEVEL_INFO, "noise", "n", LOG_INT(i), NULL);
    }
    log_limited(1030, LOG_LEVEL_INFO, "other", NULL);
    const char *text = logged();
    assert_int_equal(lines_in(text), LOG_BURST + 1);
    assert_non_null(strstr(text, "<6>event=noise n=9\n<6>event=other\n"));
    log_limited(1000 + LOG_WINDOW_MS - 1, LOG_LEVEL_INFO, "noise", NULL);
    assert_string_equal(logged(), "");
    log_limited(1000 + LOG_WINDOW_MS, LOG_LEVEL_INFO, "noise", NULL);
    assert_string_equal(logged(), "<6>event=noise suppressed=16\n");
    log_limited(1001 + LOG_WINDOW_MS, LOG_LEVEL_INFO, "noise", NULL);
    assert_string_equal(logged(), "<6>event=noise\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_carries_the_priority_and_the_pairs, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_peer_wrote_stays_within_its_value, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pair_that_does_not_fit_is_left_out_whole, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_a_peer_repeats_is_held_back_and_counted, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
