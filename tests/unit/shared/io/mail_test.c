#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/io/mail.h"

/* What goes over a wire is tested with a real server, in tests/e2e/mail_test.py. Nothing listens
 * on this port: what gets so far ends as ERR_NETWORK. */
static const struct mail_settings settings = {.url = "smtp://127.0.0.1:1",
                                              .from = "vangnet@ocmw-a.example"};
static const struct mail mail = {.to = {"team@ocmw-a.example"},
                                 .to_count = 1,
                                 .subject = "1 melding wacht",
                                 .body = "De oudste 2 dagen.\n",
                                 .now_ms = 1795339999500,
                                 .id = "7f3a"};

static void check_outcome(const struct mail_settings *of, const struct mail *sent, int error,
                          enum mail_fault fault) {
    struct mail_trouble trouble;
    memset(&trouble, 0xff, sizeof(trouble));
    assert_int_equal(mail_send(of, sent, &trouble), error);
    assert_int_equal(trouble.fault, fault);
    assert_int_equal(trouble.smtp_status, 0);
    assert_int_equal(trouble.refused, 0);
    assert_true(trouble.reason[0] != '\0' && strlen(trouble.reason) < MAIL_REASON_SIZE);
}

static void a_mail_that_may_be_sent_is_tried(void **state) {
    check_outcome(&settings, &mail, ERR_NETWORK, MAIL_FAULT_CONNECTION);
}

static void an_address_is_a_dot_string_at_a_domain(void **state) {
    static const char *const good[] = {"a@b", "team@ocmw-a.example",
                                       "voornaam.naam+vangnet@ocmw-a.example", "o'neill_1@x-y.be",
                                       "a@localhost"};
    static const char *const bad[] = {"",
                                      "@",
                                      "team",
                                      "@ocmw-a.example",
                                      "team@",
                                      "team@.be",
                                      "team@be.",
                                      "team@a..be",
                                      ".team@a.be",
                                      "team.@a.be",
                                      "te..am@a.be",
                                      "team@-a.be",
                                      "team@a-.be",
                                      "team@a@b.be",
                                      "te am@a.be",
                                      "team@a.be ",
                                      " team@a.be",
                                      "team@a.be\n",
                                      "team@a.be\r\nBcc: x@y.be",
                                      "team@a.be>",
                                      "<team@a.be>",
                                      "team@a.be> NOTIFY=NEVER",
                                      "team@a.be,x@y.be",
                                      "\"te am\"@a.be",
                                      "team@[127.0.0.1]",
                                      "te\xc3\xa9@a.be",
                                      "team@\xc3\xa9.be",
                                      "team(x)@a.be"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(mail_address_valid(good[i]));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (mail_address_valid(bad[i])) {
            fail_msg("'%s' is no address", bad[i]);
        }
    }
    assert_false(mail_address_valid(NULL));
}

/* RFC 5321, 4.5.3.1: 64 for the left part, 254 for the whole; RFC 1035, 2.3.4: 63 for a label. */
static void an_address_has_the_lengths_of_the_standard(void **state) {
    char text[400];
    for (size_t local = 64; local <= 65; local++) {
        memset(text, 'a', local);
        strcpy(text + local, "@a.be");
        assert_int_equal(mail_address_valid(text), local == 64);
    }
    for (size_t label = 63; label <= 64; label++) {
        strcpy(text, "a@");
        memset(text + 2, 'b', label);
        strcpy(text + 2 + label, ".be");
        assert_int_equal(mail_address_valid(text), label == 63);
    }
    for (size_t length = 254; length <= 255; length++) {
        for (size_t i = 0; i < length; i++) {
            text[i] = i == 1 ? '@' : i % 50 == 0 && i > 1 ? '.' : 'a';
        }
        text[length] = '\0';
        assert_int_equal(mail_address_valid(text), length == 254);
    }
}

static void settings_name_a_mail_server_and_nothing_else(void **state) {
    static const char *const good[] = {"smtp://mail.ocmw-a.example",
                                       "smtp://mail.ocmw-a.example:587",
                                       "smtps://mail.ocmw-a.example:465",
                                       "SMTP://Mail.ocmw-a.example/node.ocmw-a.example",
                                       "smtp://10.0.0.25:25",
                                       "smtp://[::1]:25",
                                       "smtp://localhost"};
    static const char *const bad[] = {"",
                                      "mail.ocmw-a.example",
                                      "mail.ocmw-a.example:25",
                                      "http://mail.ocmw-a.example",
                                      "file:///etc/passwd",
                                      "smtp://",
                                      "smtp://user:secret@mail.ocmw-a.example",
                                      "smtp://mail.ocmw-a.example:99999",
                                      "smtp://mail.ocmw-a.example?x",
                                      "smtp://mail.ocmw-a.example#x",
                                      "smtp://mail.ocmw-a.example/a%0d%0aMAIL",
                                      "smtp://mail.ocmw-a.example/a b",
                                      "smtp://mail.ocmw-a.example\r\n",
                                      " smtp://mail.ocmw-a.example"};
    struct mail_trouble trouble;
    struct mail_settings of = settings;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        of.url = good[i];
        if (mail_settings_check(&of, &trouble) != 0) {
            fail_msg("'%s': %s", good[i], trouble.reason);
        }
        assert_int_equal(trouble.fault, MAIL_FAULT_NONE);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        of.url = bad[i];
        if (mail_settings_check(&of, &trouble) != ERR_CONFIG) {
            fail_msg("'%s' is no mail server", bad[i]);
        }
        check_outcome(&of, &mail, ERR_CONFIG, MAIL_FAULT_SETTINGS);
    }
    of.url = NULL;
    check_outcome(&of, &mail, ERR_CONFIG, MAIL_FAULT_SETTINGS);
    of = settings;
    of.from = "vangnet@ocmw-a.example\r\nBcc: x@y.be";
    check_outcome(&of, &mail, ERR_CONFIG, MAIL_FAULT_SETTINGS);
}

static void a_line_end_in_a_header_is_refused_before_anybody_is_called(void **state) {
    static const char *const injected[] = {"1 melding\r\nBcc: x@y.be",
                                           "1 melding\nBcc: x@y.be",
                                           "1 melding\rBcc: x@y.be",
                                           "1 melding\n",
                                           "\t1 melding",
                                           "1 melding\x7f",
                                           "1 melding\xc2\x85",
                                           "1 melding\xe9",
                                           "1 melding\xc0\x8a"};
    for (size_t i = 0; i < sizeof(injected) / sizeof(injected[0]); i++) {
        struct mail sent = mail;
        sent.subject = injected[i];
        check_outcome(&settings, &sent, ERR_MALFORMED, MAIL_FAULT_MESSAGE);
    }
    static const char *const ids[] = {"",        "a b",      "a>", "a@b",  "a\r\nBcc: x@y.be",
                                      "a\nx: y", "\xc3\xa9", ".a", "a..b", "a_b"};
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        struct mail sent = mail;
        sent.id = ids[i];
        check_outcome(&settings, &sent, ERR_MALFORMED, MAIL_FAULT_MESSAGE);
    }
}

static void a_body_is_lines_of_text(void **state) {
    static const char *const bad[] = {"a\r\nb", "a\rb",  "a\x1b[2J",
                                      "a\x7f",  "a\xff", "a\xed\xa0\x80"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct mail sent = mail;
        sent.body = bad[i];
        check_outcome(&settings, &sent, ERR_MALFORMED, MAIL_FAULT_MESSAGE);
    }
    struct mail sent = mail;
    sent.body = "";
    check_outcome(&settings, &sent, ERR_NETWORK, MAIL_FAULT_CONNECTION);
}

static void a_mail_has_one_to_eight_recipients(void **state) {
    struct mail sent = mail;
    sent.to_count = 0;
    check_outcome(&settings, &sent, ERR_MALFORMED, MAIL_FAULT_MESSAGE);
    sent.to_count = MAIL_RECIPIENTS_MAX + 1;
    check_outcome(&settings, &sent, ERR_MALFORMED, MAIL_FAULT_MESSAGE);
    sent.to_count = MAIL_RECIPIENTS_MAX;
    for (size_t i = 0; i < MAIL_RECIPIENTS_MAX; i++) {
        sent.to[i] = "team@ocmw-a.example";
    }
    check_outcome(&settings, &sent, ERR_NETWORK, MAIL_FAULT_CONNECTION);
    sent.to[7] = "team@ocmw-a.example\n";
    check_outcome(&settings, &sent, ERR_MALFORMED, MAIL_FAULT_MESSAGE);
}

static void a_text_that_is_too_long_is_refused(void **state) {
    static char text[MAIL_BODY_BYTES_MAX + 2];
    memset(text, 'a', sizeof(text) - 1);
    struct mail sent = mail;
    sent.body = text;
    check_outcome(&settings, &sent, ERR_TOO_LARGE, MAIL_FAULT_MESSAGE);
    sent.body = text + 1;
    check_outcome(&settings, &sent, ERR_NETWORK, MAIL_FAULT_CONNECTION);
    sent = mail;
    sent.subject = text + sizeof(text) - 1 - (MAIL_SUBJECT_BYTES_MAX + 1);
    check_outcome(&settings, &sent, ERR_TOO_LARGE, MAIL_FAULT_MESSAGE);
    sent.subject++;
    check_outcome(&settings, &sent, ERR_NETWORK, MAIL_FAULT_CONNECTION);
    sent = mail;
    sent.id = text + sizeof(text) - 1 - (MAIL_ID_CHARACTERS_MAX + 1);
    check_outcome(&settings, &sent, ERR_TOO_LARGE, MAIL_FAULT_MESSAGE);
}

static void every_fault_has_its_own_sentence(void **state) {
    for (int i = MAIL_FAULT_NONE; i <= MAIL_FAULT_MEMORY; i++) {
        assert_true(mail_fault_text((enum mail_fault)i)[0] != '\0');
        for (int j = MAIL_FAULT_NONE; j < i; j++) {
            assert_string_not_equal(mail_fault_text((enum mail_fault)i),
                                    mail_fault_text((enum mail_fault)j));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mail_that_may_be_sent_is_tried),
        cmocka_unit_test(an_address_is_a_dot_string_at_a_domain),
        cmocka_unit_test(an_address_has_the_lengths_of_the_standard),
        cmocka_unit_test(settings_name_a_mail_server_and_nothing_else),
        cmocka_unit_test(a_line_end_in_a_header_is_refused_before_anybody_is_called),
        cmocka_unit_test(a_body_is_lines_of_text),
        cmocka_unit_test(a_mail_has_one_to_eight_recipients),
        cmocka_unit_test(a_text_that_is_too_long_is_refused),
        cmocka_unit_test(every_fault_has_its_own_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
