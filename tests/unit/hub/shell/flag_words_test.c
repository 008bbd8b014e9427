#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "hub/shell/flag_words.h"
#include "shared/base/family_lists.h"

static void each_kind_has_words_in_each_language(void **state) {
    (void)state;
    for (int kind = FLAG_GAP_AHEAD; kind <= FLAG_CALL_BACK; kind++) {
        const char *code = flag_kind_text((enum flag_kind)kind);
        for (int lang = 0; lang < LANGS; lang++) {
            const char *word = flag_word_kind((enum lang)lang, code);
            assert_true(strlen(word) > 3);
            assert_true(lang == LANG_EN || strcmp(word, code) != 0);
        }
        assert_string_not_equal(flag_word_kind(LANG_NL, code), flag_word_kind(LANG_FR, code));
    }
}

/* What has no word is shown as its code, which is English: French tells the two apart. */
static void each_reason_and_state_has_a_word(void **state) {
    (void)state;
    for (int flag = FLAG_OPEN; flag <= FLAG_CLOSED; flag++) {
        const char *code = flag_state_text((enum flag_state)flag);
        assert_string_not_equal(flag_word_state(LANG_FR, code), code);
    }
    for (int reason = ASK_LACK_OF_CAPACITY; reason <= ASK_OTHER; reason++) {
        const char *code = ask_reason_text((enum ask_reason)reason);
        assert_string_not_equal(flag_word_refusal(LANG_FR, code), code);
    }
    for (int reason = CONCERN_NOBODY_HELPS; reason <= CONCERN_OTHER; reason++) {
        const char *code = concern_reason_text((enum concern_reason)reason);
        assert_string_not_equal(flag_word_concern(LANG_FR, code), code);
    }
}

/* DESIGN 5: neutral; nobody is blamed, and silence isn't taken for absence. */
static void the_words_say_what_is_reported_and_blame_nobody(void **state) {
    (void)state;
    assert_string_equal(flag_word_kind(LANG_EN, "no-local-professional"),
                        "no organisation currently reports near support");
    static const char *const hard[] = {"fail", "neglect", "abandon", "fault", "refus"};
    for (int kind = FLAG_GAP_AHEAD; kind <= FLAG_CALL_BACK; kind++) {
        const char *word = flag_word_kind(LANG_EN, flag_kind_text((enum flag_kind)kind));
        for (size_t i = 0; i < sizeof(hard) / sizeof(hard[0]); i++) {
            assert_null(strstr(word, hard[i]));
        }
    }
}

static void a_code_of_a_later_version_stays_as_it_is(void **state) {
    (void)state;
    assert_string_equal(flag_word_kind(LANG_NL, "later"), "later");
    assert_string_equal(flag_word_state(LANG_NL, "later"), "later");
    assert_string_equal(flag_word_refusal(LANG_EN, "lack-of-capacity"), "lack of capacity");
    assert_string_equal(flag_word_concern(LANG_FR, "housing"), "logement");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_words_in_each_language),
        cmocka_unit_test(each_reason_and_state_has_a_word),
        cmocka_unit_test(the_words_say_what_is_reported_and_blame_nobody),
        cmocka_unit_test(a_code_of_a_later_version_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
