#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/io/mail_message.h"

/* A whole mail of its own kind stands in tests/e2e/mail_test.py, where Python reads it back. */
static char *message(const char *subject, const char *body, int64_t now_ms) {
    const struct mail mail = {.to = {"team@ocmw-a.example"},
                              .to_count = 1,
                              .subject = subject,
                              .body = body,
                              .now_ms = now_ms,
                              .id = "7f3a"};
    char *text = NULL;
    size_t length = 0;
    const char *reason = NULL;
    assert_int_equal(mail_message_new("vangnet@ocmw-a.example", &mail, &text, &length, &reason), 0);
    assert_int_equal(strlen(text), length);
    return text;
}

static void check_has(const char *subject, const char *body, int64_t now_ms, const char *part) {
    char *text = message(subject, body, now_ms);
    if (strstr(text, part) == NULL) {
        fail_msg("'%s' isn't in:\n%s", part, text);
    }
    free(text);
}

/* Python: email.utils.format_datetime(datetime.fromtimestamp(ms // 1000, timezone.utc)); a day of
 * one digit may stand with or without a zero (RFC 5322, 3.3). */
static void the_date_is_in_utc_as_rfc_5322_writes_it(void **state) {
    check_has("", "", 0, "\r\nDate: Thu, 1 Jan 1970 00:00:00 +0000\r\n");
    check_has("", "", 1709251199999, "\r\nDate: Thu, 29 Feb 2024 23:59:59 +0000\r\n");
    check_has("", "", 1798758000000, "\r\nDate: Thu, 31 Dec 2026 23:00:00 +0000\r\n");
}

/* RFC 2047: what isn't plain goes as "B" encoded words; the base64 is Python's. */
static void a_subject_that_is_not_plain_goes_as_encoded_words(void **state) {
    check_has("1 melding wacht", "", 0, "\r\nSubject: 1 melding wacht\r\n");
    check_has("", "", 0, "\r\nSubject: \r\n");
    check_has("\xc3\xa9\xc3\xa9n", "", 0, "\r\nSubject: =?utf-8?B?w6nDqW4=?=\r\n");
    check_has(" a ", "", 0, "\r\nSubject: =?utf-8?B?IGEg?=\r\n");
    check_has("=?utf-8?B?", "", 0, "\r\nSubject: =?utf-8?B?PT91dGYtOD9CPw==?=\r\n");
    /* 38 bytes of a, then a letter of two: a character isn't cut in two (section 5). */
    check_has("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xa9", "", 0,
              "\r\nSubject: =?utf-8?B?YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=?=\r\n"
              " =?utf-8?B?w6k=?=\r\n");
}

/* RFC 2045, 6.7, rules 1 to 5. */
static void a_body_is_quoted_printable(void **state) {
    check_has("", "a=b\n", 0, "\r\n\r\na=3Db\r\n");
    check_has("", "no end", 0, "\r\n\r\nno end\r\n");
    check_has("", "blank \ntab\t\n", 0, "\r\n\r\nblank=20\r\ntab=09\r\n");
    check_has("", "in  side\tit\n", 0, "\r\n\r\nin  side\tit\r\n");
    check_has("", "\n\n.\n..a\n", 0, "\r\n\r\n\r\n\r\n=2E\r\n=2E.a\r\n");
    check_has("", "\xe2\x82\xac", 0, "\r\n\r\n=E2=82=AC\r\n");
}

static void a_dot_that_a_soft_break_puts_first_is_written_out(void **state) {
    char body[100];
    memset(body, 'a', 75);
    strcpy(body + 75, ".\n");
    char part[120];
    (void)snprintf(part, sizeof(part), "\r\n\r\n%.75s=\r\n=2E\r\n", body);
    check_has("", body, 0, part);
}

static void check_lines(const char *text) {
    const char *end = strstr(text, "\r\n");
    while (*text != '\0') {
        assert_non_null(end);
        assert_true(end - text <= 76);
        assert_int_equal(strcspn(text, "\r\n"), end - text); /* none of them alone */
        assert_true(text[0] != '.');
        text = end + 2;
        end = strstr(text, "\r\n");
    }
}

/* Every length of line, with each kind of character where the break falls. */
static void no_line_is_longer_than_76_whatever_the_text(void **state) {
    static const char *const kinds[] = {
        "a", " ", "=", ".", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8f\xa0", "a b", ". "};
    for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
        for (size_t lead = 0; lead < 80; lead++) {
            char body[400] = "";
            char subject[MAIL_SUBJECT_BYTES_MAX + 1] = "";
            memset(body, 'x', lead);
            memset(subject, 'x', lead);
            for (size_t i = 0; i < 30; i++) {
                strcat(body, kinds[kind]);
                strcat(subject, kinds[kind]);
            }
            char *text = message(subject, body, 0);
            check_lines(text);
            free(text);
        }
    }
}

static void nothing_is_given_where_a_text_is_refused(void **state) {
    const struct mail mail = {
        .to = {"team@ocmw-a.example"}, .to_count = 1, .subject = "a\n", .body = "", .id = "7f3a"};
    char untouched = 'x';
    char *text = &untouched;
    size_t length = 7;
    const char *reason = NULL;
    assert_int_equal(mail_message_new("vangnet@ocmw-a.example", &mail, &text, &length, &reason),
                     ERR_MALFORMED);
    assert_ptr_equal(text, &untouched);
    assert_int_equal(length, 7);
    assert_non_null(reason);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_date_is_in_utc_as_rfc_5322_writes_it),
        cmocka_unit_test(a_subject_that_is_not_plain_goes_as_encoded_words),
        cmocka_unit_test(a_body_is_quoted_printable),
        cmocka_unit_test(a_dot_that_a_soft_break_puts_first_is_written_out),
        cmocka_unit_test(no_line_is_longer_than_76_whatever_the_text),
        cmocka_unit_test(nothing_is_given_where_a_text_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
