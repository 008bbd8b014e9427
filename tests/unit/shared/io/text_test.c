#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "shared/base/err.h"
#include "shared/io/text.h"

/* Bit n for {n}. */
static unsigned placeholders(const char *text) {
    unsigned found = 0;
    for (const char *at = strchr(text, '{'); at != NULL; at = strchr(at + 1, '{')) {
        assert_true(at[1] >= '0' && at[1] <= '9' && at[2] == '}');
        found |= 1u << (at[1] - '0');
    }
    return found;
}

static void every_entry_has_three_languages_and_the_same_placeholders(void **state) {
    (void)state;
    for (int id = 1; id < TEXT_COUNT; id++) {
        const char *dutch = text_get(LANG_NL, (enum text_id)id);
        for (int lang = 0; lang < LANGS; lang++) {
            const char *text = text_get((enum lang)lang, (enum text_id)id);
            if (text[0] == '\0' || placeholders(text) != placeholders(dutch)) {
                fail_msg("%s in %s", text_name((enum text_id)id), lang_text((enum lang)lang));
            }
        }
        assert_int_equal(text_find(text_name((enum text_id)id)), id); /* no name twice */
    }
}

#define ASSERT_PAIR(function, name)                                                                \
    do {                                                                                           \
        const struct text_pair pair = function(name);                                              \
        assert_string_equal(text_name(pair.what), #name);                                          \
        assert_string_equal(text_name(pair.next), #name "_NEXT");                                  \
    } while (0);

static void every_refusal_and_error_says_what_happened_and_what_to_do(void **state) {
    (void)state;
#define X(name, ...) ASSERT_PAIR(text_of_refusal, name)
    REFUSAL_LIST(X)
#undef X
#define X(name, ...) ASSERT_PAIR(text_of_error, name)
    ERR_TABLE(X)
#undef X
    assert_int_equal(text_of_refusal((enum refusal)9999).what, TEXT_UNEXPECTED);
    assert_int_equal(text_of_error(-9999).next, TEXT_UNEXPECTED_NEXT);
}

static void every_kind_and_status_has_a_name(void **state) {
    (void)state;
#define X(name, ...) assert_string_equal(text_name(text_of_org_kind(name)), #name);
    ORG_KIND_LIST(X)
#undef X
#define X(name, ...) assert_string_equal(text_name(text_of_service_status(name)), #name);
    SERVICE_STATUS_LIST(X)
#undef X
    assert_int_equal(text_of_org_kind(ORG_KIND_NONE), TEXT_NONE);
}

static void the_strongest_source_names_the_language(void **state) {
    (void)state;
    static const struct {
        struct lang_sources sources;
        enum lang wanted;
    } cases[] = {
        {{NULL, NULL, NULL, NULL, NULL}, LANG_NL},
        {{"fr", "en", "en", "en", "en"}, LANG_FR},
        {{NULL, "en", "fr_BE.UTF-8", NULL, NULL}, LANG_EN},
        {{NULL, "", "fr_BE.UTF-8", "en", "en"}, LANG_FR},
        {{NULL, "de", NULL, "en_GB@euro", "fr"}, LANG_EN},
        {{NULL, NULL, "", "", "fr"}, LANG_FR},
        /* An LC_ALL that isn't ours still hides what is weaker. */
        {{NULL, NULL, "C.UTF-8", "fr", "fr"}, LANG_NL},
        {{NULL, NULL, NULL, NULL, "enx"}, LANG_NL},
        {{NULL, NULL, NULL, NULL, "e"}, LANG_NL},
        {{NULL, NULL, NULL, NULL, "en"}, LANG_EN},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(lang_choose(&cases[i].sources), cases[i].wanted);
    }
}

static void a_browser_is_answered_in_the_first_language_that_is_ours(void **state) {
    (void)state;
    static const struct {
        const char *header;
        enum lang wanted;
    } cases[] = {
        {NULL, LANG_NL},
        {"", LANG_NL},
        {"fr", LANG_FR},
        {"EN-gb", LANG_EN},
        {"fr-BE,fr;q=0.9,nl;q=0.8", LANG_FR},
        {"de, ti;q=0.9 , en;q=0.5", LANG_EN},
        {"*", LANG_NL},
        {"fry, en", LANG_EN}, /* Frisian */
        {";;,, ,", LANG_NL},
        {"de;q=en", LANG_NL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(lang_accepted(cases[i].header), cases[i].wanted);
    }
}

static void arguments_take_the_place_of_their_numbers(void **state) {
    (void)state;
    char text[200];
    text_format(LANG_EN, TEXT_CLI_NOT_RUNNING_NEXT, TEXT_ARGS("vangnet-hub", "/x{0}"), text,
                sizeof(text));
    assert_string_equal(text, "Start it with \"vangnet-hub run --dir /x{0}\", or check --dir.");
    text_format(LANG_NL, TEXT_CLI_UNKNOWN_COMMAND, NULL, text, sizeof(text));
    assert_string_equal(text, "\"{0}\" is geen opdracht.");
    text_format(LANG_NL, TEXT_CLI_NOT_RUNNING_NEXT, TEXT_ARGS("p"), text, sizeof(text));
    assert_string_equal(text, "Start het met \"p run --dir {1}\", of kijk --dir na.");
}

static void what_does_not_fit_ends_after_a_whole_character(void **state) {
    (void)state;
    char text[8];
    text_format(LANG_FR, TEXT_CLI_UNKNOWN_COMMAND, TEXT_ARGS("\xc3\xa9\xc3\xa9"), text,
                sizeof(text));
    /* The guillemet and each letter take 2 bytes, the space 1, the NUL 1: 8 hold all of it. */
    assert_string_equal(text, "\xc2\xab \xc3\xa9\xc3\xa9");
    text_format(LANG_FR, TEXT_CLI_UNKNOWN_COMMAND, TEXT_ARGS("\xc3\xa9\xc3\xa9"), text, 7);
    assert_string_equal(text, "\xc2\xab \xc3\xa9");
    text_format(LANG_FR, TEXT_CLI_UNKNOWN_COMMAND, NULL, text, 1);
    assert_string_equal(text, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_has_three_languages_and_the_same_placeholders),
        cmocka_unit_test(every_refusal_and_error_says_what_happened_and_what_to_do),
        cmocka_unit_test(every_kind_and_status_has_a_name),
        cmocka_unit_test(the_strongest_source_names_the_language),
        cmocka_unit_test(a_browser_is_answered_in_the_first_language_that_is_ours),
        cmocka_unit_test(arguments_take_the_place_of_their_numbers),
        cmocka_unit_test(what_does_not_fit_ends_after_a_whole_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
