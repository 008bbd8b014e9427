#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "node/shell/mail_plan.h"
#include "shared/base/civil.h"
#include "shared/base/err.h"

static int64_t at(const char *date, int32_t hour, int32_t minute) {
    int32_t day;
    assert_int_equal(date_parse(date, &day), 0);
    return brussels_instant(day, hour * 60 + minute);
}

static const struct mail_waiting urgent = {.urgent = 1, .waiting = 1};
static const struct mail_waiting calm = {.waiting = 3, .oldest_days = 2};
static const struct mail_waiting nothing = {.waiting = 0};

static void teams_and_their_deputies_are_read(void **state) {
    (void)state;
    struct mail_groups groups;
    char wrong[80];
    assert_int_equal(mail_groups_read("baas@ocmw.example",
                                      "onthaal: an@ocmw.example , bram@ocmw.example;gezin:c@x.be",
                                      &groups, wrong),
                     0);
    assert_int_equal(groups.count, 3);
    assert_string_equal(groups.list[0].team.text, "");
    assert_string_equal(groups.list[0].to[0], "baas@ocmw.example");
    assert_string_equal(groups.list[1].team.text, "onthaal");
    assert_int_equal(groups.list[1].count, 2);
    assert_string_equal(groups.list[1].to[1], "bram@ocmw.example");
    assert_string_equal(groups.list[2].to[0], "c@x.be");
}

static void what_is_no_address_or_team_is_named(void **state) {
    (void)state;
    struct mail_groups groups;
    char wrong[80];
    assert_int_equal(mail_groups_read("an@ocmw.example, bram", "", &groups, wrong), ERR_MALFORMED);
    assert_string_equal(wrong, "bram");
    assert_int_equal(mail_groups_read("", "onthaal an@x.be", &groups, wrong), ERR_MALFORMED);
    assert_int_equal(mail_groups_read("", "Onthaal: an@x.be", &groups, wrong), ERR_MALFORMED);
    assert_int_equal(mail_groups_read("", "onthaal:", &groups, wrong), ERR_MALFORMED);
    assert_int_equal(mail_groups_read("", "", &groups, wrong), ERR_MALFORMED);
}

static void what_is_urgent_goes_at_once_but_once_a_quarter(void **state) {
    (void)state;
    struct mail_memory memory = {.digest_day = 0};
    const int64_t night_ms = at("2026-11-21", 3, 0); /* a Saturday: a flag waits for no hour */
    assert_true(mail_due(&memory, &urgent, night_ms));
    assert_false(mail_due(&memory, &calm, night_ms));
    mail_sent(&memory, night_ms);
    assert_false(mail_due(&memory, &urgent, night_ms + MAIL_QUIET_MS - 1));
    assert_true(mail_due(&memory, &urgent, night_ms + MAIL_QUIET_MS));
}

/* 2026-11-23 is a Monday; 11 November is Armistice Day. */
static void a_digest_goes_each_working_day_from_eight(void **state) {
    (void)state;
    struct mail_memory memory = {.digest_day = 0};
    assert_false(mail_due(&memory, &calm, at("2026-11-22", 12, 0))); /* Sunday */
    assert_false(mail_due(&memory, &calm, at("2026-11-11", 12, 0)));
    assert_false(mail_due(&memory, &calm, at("2026-11-23", 7, 59)));
    assert_true(mail_due(&memory, &calm, at("2026-11-23", 8, 0)));
    assert_false(mail_due(&memory, &nothing, at("2026-11-23", 8, 0)));
    mail_sent(&memory, at("2026-11-23", 8, 0));
    assert_false(mail_due(&memory, &calm, at("2026-11-23", 18, 0)));
    assert_true(mail_due(&memory, &calm, at("2026-11-24", 8, 0)));
}

static void an_urgent_mail_after_eight_is_the_digest_too(void **state) {
    (void)state;
    struct mail_memory memory = {.digest_day = 0};
    mail_sent(&memory, at("2026-11-23", 7, 0));
    assert_true(mail_due(&memory, &calm, at("2026-11-23", 8, 0)));
    mail_sent(&memory, at("2026-11-23", 9, 0));
    assert_false(mail_due(&memory, &calm, at("2026-11-23", 10, 0)));
}

static void what_failed_is_tried_again_until_it_arrives(void **state) {
    (void)state;
    struct mail_memory memory = {.digest_day = 0};
    const int64_t now_ms = at("2026-11-21", 3, 0);
    mail_failed(&memory, &urgent, now_ms);
    assert_false(mail_due(&memory, &urgent, now_ms + MINUTE_MS - 1));
    /* Another group's mail went out, so that nothing is urgent any more: it's owed all the same. */
    assert_true(mail_due(&memory, &calm, now_ms + MINUTE_MS));
    mail_failed(&memory, &calm, now_ms);
    assert_false(mail_due(&memory, &calm, now_ms + 2 * MINUTE_MS - 1));
    for (int i = 0; i < 40; i++) {
        mail_failed(&memory, &calm, now_ms);
    }
    assert_true(mail_due(&memory, &calm, now_ms + 15 * MINUTE_MS));
    mail_sent(&memory, now_ms + 15 * MINUTE_MS);
    assert_false(mail_due(&memory, &calm, now_ms + 60 * MINUTE_MS));
}

static void a_clock_that_went_back_keeps_nobody_silent(void **state) {
    (void)state;
    struct mail_memory memory = {.digest_day = 0};
    mail_sent(&memory, at("2027-11-23", 9, 0));
    assert_true(mail_due(&memory, &urgent, at("2026-11-21", 9, 0)));
}

static void it_says_how_many_and_how_old_and_no_more(void **state) {
    (void)state;
    char subject[MAIL_SUBJECT_BYTES_MAX];
    char body[MAIL_TEXT_SIZE];
    const struct mail_waiting one = {.waiting = 1, .oldest_days = 1};
    mail_text(LANG_EN, &one, subject, body);
    assert_string_equal(subject, "Vangnet: 1 item waits, for 1 day");
    assert_string_equal(body,
                        "Vangnet: 1 item waits, for 1 day.\n\nLook in Vangnet (\"vangnet-node "
                        "inbox\"). What it is about is left out of this mail on purpose.\n");
    mail_text(LANG_NL, &calm, subject, body);
    assert_string_equal(subject, "Vangnet: 3 punten wachten, het oudste 2 dagen");
    assert_ptr_equal(strstr(body, subject), body);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(teams_and_their_deputies_are_read),
        cmocka_unit_test(what_is_no_address_or_team_is_named),
        cmocka_unit_test(what_is_urgent_goes_at_once_but_once_a_quarter),
        cmocka_unit_test(a_digest_goes_each_working_day_from_eight),
        cmocka_unit_test(an_urgent_mail_after_eight_is_the_digest_too),
        cmocka_unit_test(what_failed_is_tried_again_until_it_arrives),
        cmocka_unit_test(a_clock_that_went_back_keeps_nobody_silent),
        cmocka_unit_test(it_says_how_many_and_how_old_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
