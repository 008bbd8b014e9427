#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "node/import/encoding.h"

static void expect(const char *windows, const char *utf8) {
    char out[64];
    size_t length = utf8_from_windows_1252(windows, strlen(windows), out);
    assert_int_equal(length, strlen(utf8));
    assert_memory_equal(out, utf8, length);
}

/* Known answers: the WHATWG Encoding Standard's index-windows-1252. */
static void windows_1252_becomes_utf8(void **state) {
    (void)state;
    expect("gezin", "gezin");
    expect("\x80", "\xE2\x82\xAC");                   /* U+20AC euro */
    expect("\x91x\x92", "\xE2\x80\x98x\xE2\x80\x99"); /* U+2018 U+2019 */
    expect("\x99", "\xE2\x84\xA2");                   /* U+2122 */
    expect("\x9F", "\xC5\xB8");                       /* U+0178 */
    expect("\xE9\xEB\xFF", "\xC3\xA9\xC3\xAB\xC3\xBF");
    expect("\x81", "\xC2\x81"); /* no letter: the control character */
}

static bool valid(const char *text) {
    return utf8_valid(text, strlen(text));
}

/* The Unicode Standard, table 3-7, and its examples of ill-formed sequences. */
static void only_well_formed_utf8_counts_as_utf8(void **state) {
    (void)state;
    assert_true(valid(""));
    assert_true(valid("be\xC3\xAB"
                      "indigd \xE2\x82\xAC \xF0\x9F\x91\xAA"));
    assert_true(valid("\xF4\x8F\xBF\xBF"));
    assert_false(valid("\xC0\xAF"));         /* not the shortest */
    assert_false(valid("\xE0\x9F\xBF"));     /* not the shortest */
    assert_false(valid("\xED\xA0\x80"));     /* a surrogate */
    assert_false(valid("\xF4\x90\x80\x80")); /* past U+10FFFF */
    assert_false(valid("\xF5\x80\x80\x80"));
    assert_false(valid("caf\xE9"));
    assert_false(valid("\xE2\x82"));
    assert_false(valid("\x80"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_1252_becomes_utf8),
        cmocka_unit_test(only_well_formed_utf8_counts_as_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
