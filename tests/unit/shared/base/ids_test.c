#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/base/ids.h"

static void an_id_of_letters_digits_and_dashes_is_taken(void **state) {
    static const char *const good[] = {"a",    "9",    "ocmw-kortrijk",
                                       "3-b-", "a--b", "abcdefghijklmnopqrstuvwxyz01234"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct org_id org;
        assert_int_equal(org_id_parse(good[i], &org), 0);
        assert_string_equal(org.text, good[i]);
    }
}

static void an_id_with_another_character_is_refused(void **state) {
    static const char *const bad[] = {"",          "-a",          "A",   "aB", "a b",
                                      " a",        "a\n",         "a_",  "a.", "a@region",
                                      "ocmw/gent", "caf\xc3\xa9", "\xff"};
    struct org_id org;
    memset(&org, 'q', sizeof(org));
    const struct org_id before = org;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(org_id_parse(bad[i], &org), ERR_MALFORMED);
        assert_memory_equal(&org, &before, sizeof(org));
    }
}

static void every_kind_of_id_has_its_own_length(void **state) {
    char text[64];
    memset(text, 'a', sizeof(text));
    struct org_id org;
    struct hub_id hub;
    struct service_id service;
    struct user_id user;
    struct team_id team;
    for (size_t length = 1; length < sizeof(text); length++) {
        memset(text, 'a', sizeof(text));
        text[length] = '\0';
        assert_int_equal(org_id_parse(text, &org), length <= ORG_ID_MAX ? 0 : ERR_MALFORMED);
        assert_int_equal(hub_id_parse(text, &hub), length <= HUB_ID_MAX ? 0 : ERR_MALFORMED);
        assert_int_equal(service_id_parse(text, &service),
                         length <= SERVICE_ID_MAX ? 0 : ERR_MALFORMED);
        assert_int_equal(user_id_parse(text, &user), length <= USER_ID_MAX ? 0 : ERR_MALFORMED);
        assert_int_equal(team_id_parse(text, &team), length <= TEAM_ID_MAX ? 0 : ERR_MALFORMED);
    }
}

static void what_stood_in_an_id_before_does_not_show(void **state) {
    struct org_id reused;
    struct org_id fresh = {0};
    assert_int_equal(org_id_parse("a-long-name-of-before", &reused), 0);
    assert_int_equal(org_id_parse("new", &reused), 0);
    assert_int_equal(org_id_parse("new", &fresh), 0);
    assert_true(org_id_equal(&reused, &fresh));
    assert_memory_equal(&reused, &fresh, sizeof(fresh));
}

static void an_address_is_both_organisation_and_hub(void **state) {
    struct address a = {0};
    struct address b = {0};
    assert_int_equal(org_id_parse("ocmw-menen", &a.org), 0);
    assert_int_equal(hub_id_parse("zwvl", &a.hub), 0);
    b = a;
    assert_true(address_equal(&a, &b));
    assert_int_equal(hub_id_parse("other", &b.hub), 0);
    assert_false(address_equal(&a, &b));
    b = a;
    b.org = HUB_ORG;
    assert_false(address_equal(&a, &b));
}

static void the_hubs_own_name_is_a_well_formed_id(void **state) {
    struct org_id parsed;
    assert_int_equal(org_id_parse("hub", &parsed), 0);
    assert_true(org_id_equal(&parsed, &HUB_ORG));
}

static void a_language_is_three_small_letters(void **state) {
    static const char *const bad[] = {"", "n", "nl", "nldx", "NLD", "n1d", "nl ", "fr\xc3\xa9"};
    struct language language = {.code = "tir"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(language_parse(bad[i], &language), ERR_MALFORMED);
        assert_string_equal(language.code, "tir");
    }
    assert_int_equal(language_parse("nld", &language), 0);
    assert_string_equal(language.code, "nld");
}

/* NIS codes have five digits and their first is the province's, 1 to 9 (Statbel, REFNIS). */
static void a_nis_code_is_five_digits(void **state) {
    static const char *const bad[] = {"",      "3",      "3402",   "340220", "34O22",
                                      "03402", "-3402",  " 3402",  "34022 ", "34.22",
                                      "00000", "+34022", "34022\n"};
    struct nis nis = {.code = 7};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(nis_parse(bad[i], &nis), ERR_MALFORMED);
        assert_int_equal(nis.code, 7);
    }
    assert_int_equal(nis_parse("34022", &nis), 0); /* Kortrijk */
    assert_int_equal(nis.code, 34022);
    assert_int_equal(nis_parse("99999", &nis), 0);
    assert_int_equal(nis_parse("10000", &nis), 0);
}

static void digests_and_message_ids_differ_by_one_bit(void **state) {
    struct digest a = {0};
    struct digest b = {0};
    assert_true(digest_is_zero(&a));
    assert_true(digest_equal(&a, &b));
    b.bytes[31] = 1;
    assert_false(digest_equal(&a, &b));
    assert_false(digest_is_zero(&b));
    struct message_id m = {0};
    struct message_id n = {0};
    assert_true(message_id_equal(&m, &n));
    n.bytes[0] = 0x80;
    assert_false(message_id_equal(&m, &n));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_of_letters_digits_and_dashes_is_taken),
        cmocka_unit_test(an_id_with_another_character_is_refused),
        cmocka_unit_test(every_kind_of_id_has_its_own_length),
        cmocka_unit_test(what_stood_in_an_id_before_does_not_show),
        cmocka_unit_test(an_address_is_both_organisation_and_hub),
        cmocka_unit_test(the_hubs_own_name_is_a_well_formed_id),
        cmocka_unit_test(a_language_is_three_small_letters),
        cmocka_unit_test(a_nis_code_is_five_digits),
        cmocka_unit_test(digests_and_message_ids_differ_by_one_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
