#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "hub/shell/say.h"

static void assert_said(enum lang lang, const char *instant, const char *wanted) {
    char text[SAY_TIME_SIZE];
    say_time(lang, instant, text);
    assert_string_equal(text, wanted);
}

/* By hand: UTC+1 in winter, UTC+2 in summer (directive 2000/84/EC). */
static void an_instant_is_said_in_brussels_time(void **state) {
    assert_said(LANG_NL, "2026-11-22T00:07:00.000Z", "22 november 2026, 01:07");
    assert_said(LANG_NL, "2026-07-01T22:30:59.999Z", "2 juli 2026, 00:30");
    assert_said(LANG_FR, "2026-12-31T23:00:00.000Z", "1 janvier 2027, 00:00");
    assert_said(LANG_EN, "2026-10-25T01:00:00.000Z", "25 October 2026, 02:00");
}

static void what_is_no_instant_is_a_dash(void **state) {
    assert_said(LANG_NL, NULL, "-");
    assert_said(LANG_NL, "", "-");
    assert_said(LANG_NL, "2026-02-30T10:00:00.000Z", "-");
    assert_said(LANG_NL, "2026-11-22 00:07:00.000Z", "-");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instant_is_said_in_brussels_time),
        cmocka_unit_test(what_is_no_instant_is_a_dash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
