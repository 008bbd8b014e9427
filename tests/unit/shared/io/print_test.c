#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "shared/base/civil.h"
#include "shared/io/print.h"
#include "shared/io/print_html.h"

#define CODE       "7KQ2-M9XD-0ABC-4TRW-ZZ15-HJ8P-V3NE"
#define OTHER_CODE "0000-1111-2222-3333-4444-5555-6666"

static uint8_t memory[PRINT_BLANK_HEAD_BYTES + 200 * PRINT_BLANK_CARD_BYTES];

static struct card_page card(const char *language) {
    struct card_page page = {
        .code = CODE,
        .valid_until_day = day_from_date((struct date){2027, 11, 22}),
        .organisation = "OCMW Kuurne",
        .contact = "056 73 70 11",
        .scopes = {.presence = true,
                   .lost_support_alert = true,
                   .fallback_contact = true,
                   .first_fallback = "CAW Noord",
                   .second_fallback = "Buurthuis De Brug"},
    };
    memcpy(page.language.code, language, 3);
    return page;
}

/* The page as text; valid until the next one is written. */
static const char *written(const struct card_page *page) {
    struct buf out = buf_over(memory, PRINT_CARD_BYTES_MAX);
    assert_int_equal(card_page_write(page, &out), 0);
    assert_true(out.length < PRINT_CARD_BYTES_MAX);
    memory[out.length] = '\0';
    return (const char *)memory;
}

static int refused(const struct card_page *page) {
    struct buf out = buf_over(memory, PRINT_CARD_BYTES_MAX);
    const int r = card_page_write(page, &out);
    assert_int_equal(out.length, 0); /* nothing half-written */
    return r;
}

static size_t occurrences(const char *text, const char *part) {
    size_t count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

static void a_card_speaks_both_languages_and_sets_the_right_to_left_ones_right(void **state) {
    const struct card_page page = card("ara");
    const char *text = written(&page);
    assert_non_null(strstr(text, "Wat kunt u met deze kaart?"));
    assert_non_null(strstr(text, "ماذا يمكنكم أن تفعلوا بهذه البطاقة؟"));
    assert_non_null(strstr(text, "<h1 class=\"cell\" lang=\"ar\" dir=\"rtl\">"));
    assert_non_null(strstr(text, "<bdi>22 november 2027</bdi>"));
    assert_non_null(strstr(text, "<bdi>22 تشرين الثاني/نوفمبر 2027</bdi>"));
    assert_int_equal(occurrences(text, "<bdi dir=\"ltr\">056 73 70 11</bdi>"), 2);
    assert_int_equal(occurrences(text, "class=\"code\" dir=\"ltr\""), 1);
    assert_int_equal(occurrences(text, "<div class=\"row draft\">"), 1);
}

static void a_card_in_a_complete_language_carries_no_draft_mark(void **state) {
    static const char *const complete[] = {"nld", "fra", "eng"};
    for (size_t i = 0; i < 3; i++) {
        const struct card_page page = card(complete[i]);
        const char *text = written(&page);
        assert_null(strstr(text, "Ontwerp"));
        assert_null(strstr(text, "row draft"));
    }
}

static void a_dutch_card_says_everything_once(void **state) {
    const struct card_page page = card("nld");
    const char *text = written(&page);
    assert_int_equal(occurrences(text, "Wat kunt u met deze kaart?"), 1);
    assert_int_equal(occurrences(text, "056 73 70 11"), 1);
}

static void what_was_agreed_and_what_was_not_both_stand_on_the_card(void **state) {
    struct card_page page = card("fra");
    const char *text = written(&page);
    assert_int_equal(occurrences(text, "<b>Ja:</b>"), 3);
    assert_int_equal(occurrences(text, "<b>Nee:</b>"), 3);
    assert_int_equal(occurrences(text, "<b>Oui :</b>"), 3);
    assert_non_null(
        strstr(text, "eerst <bdi>CAW Noord</bdi>, daarna <bdi>Buurthuis De Brug</bdi>."));
    page.scopes.second_fallback = NULL;
    text = written(&page);
    assert_non_null(strstr(text, "contact met u opnemen: <bdi>CAW Noord</bdi>."));
    page.scopes.fallback_contact = false;
    text = written(&page);
    assert_null(strstr(text, "CAW Noord")); /* no name of whom the family didn't choose */
    assert_int_equal(occurrences(text, "<b>Nee:</b>"), 4);
}

static void all_that_a_family_named_for_a_conference_stands_on_its_card(void **state) {
    char list[PRINT_LIST_BYTES_MAX + 2] = "";
    memset(list, 'x', PRINT_LIST_BYTES_MAX);
    memcpy(list + PRINT_LIST_BYTES_MAX - 9, "De Laatst", 9);
    struct card_page page = card("ukr");
    page.scopes.case_conference = true;
    page.scopes.conference_with = list;
    assert_int_equal(occurrences(written(&page), "De Laatst</bdi>"), 2);
    list[PRINT_LIST_BYTES_MAX] = 'x';
    struct buf out = buf_over(memory, PRINT_CARD_BYTES_MAX);
    assert_int_equal(card_page_write(&page, &out), ERR_TOO_LARGE);
}

static void nothing_is_fetched_and_nothing_runs(void **state) {
    size_t count = 0;
    const struct print_language *all = print_language_all(&count);
    for (size_t i = 0; i < count; i++) {
        const struct card_page page = card(all[i].language.code);
        const char *text = written(&page);
        assert_non_null(strstr(text, "content=\"default-src 'none'; style-src 'unsafe-inline'; "));
        assert_null(strstr(text, "http:"));
        assert_null(strstr(text, "https:"));
        assert_null(strstr(text, "//"));
        assert_null(strstr(text, "<script"));
        assert_null(strstr(text, "url("));
        assert_null(strstr(text, "@import"));
        assert_null(strstr(text, "src="));
        assert_null(strstr(text, "href="));
    }
}

static void a_hostile_name_is_only_text(void **state) {
    struct card_page page = card("ara");
    page.organisation = "</bdi><script>alert(1)</script>\"'&";
    page.contact = "056\" onclick=\"x";
    const char *text = written(&page);
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, "\" onclick"));
    assert_non_null(strstr(text, "<bdi>&lt;/bdi&gt;&lt;script&gt;alert(1)&lt;/script&gt;"
                                 "&quot;&#39;&amp;</bdi>"));
    assert_non_null(strstr(text, "<bdi dir=\"ltr\">056&quot; onclick=&quot;x</bdi>"));
}

static void a_name_with_a_placeholder_stays_as_it_is(void **state) {
    struct card_page page = card("fra");
    page.scopes.first_fallback = "{1}{0}";
    assert_int_equal(occurrences(written(&page), "<bdi>{1}{0}</bdi>"), 2);
}

static void what_turns_or_breaks_a_line_is_left_off(void **state) {
    static const struct {
        const char *given;
        const char *shown;
    } cases[] = {
        {"a\xe2\x80\xae"
         "b",
         "ab"}, /* U+202E right-to-left override */
        {"a\xe2\x81\xa6"
         "b\xe2\x81\xa9",
         "ab"},                                     /* U+2066, U+2069 isolates */
        {"\xe2\x80\x8e\xe2\x80\x8f\xd8\x9cx", "x"}, /* U+200E, U+200F, U+061C marks */
        {"a\nb\tc\xe2\x80\xa8"
         "d\xc2\x85"
         "e",
         "a b c d e"}, /* U+2028, U+0085 */
        {"a\x01\x1b\x7f\xc2\x9b"
         "b",
         "ab"}, /* C0, DEL, C1 */
        {"\xef\xbb\xbf"
         "a\xf3\xa0\x81\x81\xef\xbf\xbe",
         "a"}, /* BOM, tag A, U+FFFE */
        {"\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xb4", "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xb4"}, /* ZWNJ */
        {"\xf0\x9f\x8f\xa0", "\xf0\x9f\x8f\xa0"},                     /* U+1F3E0 */
        {"a\xff\xc0\x80z", "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz"}, /* malformed, overlong NUL */
        {"a\xe2\x80", "a\xef\xbf\xbd\xef\xbf\xbd"},                   /* cut short */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out = buf_over(memory, 200);
        html_text(&out, cases[i].given);
        assert_int_equal(out.error, 0);
        memory[out.length] = '\0';
        assert_string_equal((const char *)memory, cases[i].shown);
    }
}

static void a_page_that_cannot_be_is_refused_before_anything_is_written(void **state) {
    static const char *const codes[] = {
        NULL,
        "",
        "7KQ2-M9XD-0ABC-4TRW-ZZ15-HJ8P-V3N",
        "7KQ2-M9XD-0ABC-4TRW-ZZ15-HJ8P-V3NEE",
        "7KQ2-M9XD-0ABC-4TRW-ZZ15-HJ8P-v3ne",
        "7KQ2M-9XD-0ABC-4TRW-ZZ15-HJ8P-V3NE",
        "7KQ2 M9XD 0ABC 4TRW ZZ15 HJ8P V3NE",
        "7KQ2-M9XD-0ABC-4TRW-ZZ15-HJ8P-V3<E",
    };
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        struct card_page page = card("fra");
        page.code = codes[i];
        assert_int_equal(refused(&page), ERR_MALFORMED);
    }
    struct card_page page = card("kmr");
    assert_int_equal(refused(&page), ERR_UNSUPPORTED);
    page = card("fra");
    page.valid_until_day = INT32_MAX;
    assert_int_equal(refused(&page), ERR_MALFORMED);
    page = card("fra");
    page.organisation = "";
    assert_int_equal(refused(&page), ERR_MALFORMED);
    page = card("fra");
    page.scopes.first_fallback = NULL;
    assert_int_equal(refused(&page), ERR_MALFORMED);
    char long_name[PRINT_FIELD_BYTES_MAX + 2];
    memset(long_name, 'a', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    page = card("fra");
    page.organisation = long_name;
    assert_int_equal(refused(&page), ERR_TOO_LARGE);
    page = card("fra");
    page.contact = long_name;
    assert_int_equal(refused(&page), ERR_TOO_LARGE);
    page = card("fra");
    page.scopes.second_fallback = long_name;
    assert_int_equal(refused(&page), ERR_TOO_LARGE);
}

static void a_card_without_a_telephone_line_asks_nobody_to_call(void **state) {
    struct card_page page = card("fra");
    page.contact = NULL;
    assert_null(strstr(written(&page), "Vragen? Bel"));
    page.contact = "";
    assert_null(strstr(written(&page), "Vragen? Bel"));
}

static void memory_that_is_too_small_fails_and_an_earlier_failure_stays(void **state) {
    const struct card_page page = card("ukr");
    struct buf out = buf_over(memory, 5000);
    assert_int_equal(card_page_write(&page, &out), ERR_TOO_LARGE);
    out = buf_over(memory, PRINT_CARD_BYTES_MAX);
    out.error = ERR_IO;
    assert_int_equal(card_page_write(&page, &out), ERR_IO);
}

/* The longest that a field may be, of what takes most room once escaped. */
static void the_longest_page_of_any_language_fits_what_the_header_promises(void **state) {
    char quotes[PRINT_FIELD_BYTES_MAX + 1];
    memset(quotes, '"', sizeof(quotes) - 1);
    quotes[sizeof(quotes) - 1] = '\0';
    const char *codes[PRINT_BLANK_CARDS_MAX];
    for (size_t i = 0; i < PRINT_BLANK_CARDS_MAX; i++) {
        codes[i] = CODE;
    }
    size_t count = 0;
    const struct print_language *all = print_language_all(&count);
    for (size_t i = 0; i < count; i++) {
        const struct print_scopes scopes = {true, true,   true,   true,  true,
                                            true, quotes, quotes, quotes};
        struct card_page page = card(all[i].language.code);
        page.organisation = page.contact = quotes;
        page.scopes = scopes;
        (void)written(&page);
        const struct consent_script script = {.language = all[i].language,
                                              .organisation = quotes,
                                              .contact = quotes,
                                              .valid_until_day = page.valid_until_day,
                                              .asked = scopes};
        struct buf out = buf_over(memory, PRINT_SCRIPT_BYTES_MAX);
        assert_int_equal(consent_script_write(&script, &out), 0);
        const struct blank_cards_page pack = {.language = all[i].language,
                                              .codes = codes,
                                              .count = PRINT_BLANK_CARDS_MAX,
                                              .group = quotes,
                                              .contact = quotes};
        out = buf_over(memory, sizeof(memory));
        assert_int_equal(blank_cards_page_write(&pack, &out), 0);
    }
}

static void a_pack_has_a_side_for_each_code_and_a_line_for_the_date(void **state) {
    static const char *const codes[] = {CODE, OTHER_CODE};
    struct blank_cards_page pack = {.language = {"som"},
                                    .codes = codes,
                                    .count = 2,
                                    .group = "Buren <zonder> Grenzen",
                                    .contact = "0470 00 00 00"};
    struct buf out = buf_over(memory, PRINT_BLANK_HEAD_BYTES + 2 * PRINT_BLANK_CARD_BYTES);
    assert_int_equal(blank_cards_page_write(&pack, &out), 0);
    memory[out.length] = '\0';
    const char *text = (const char *)memory;
    assert_int_equal(occurrences(text, "<section class=\"side blank\">"), 2);
    assert_int_equal(occurrences(text, "<span>0000-1111-2222-3333-</span>"), 1);
    assert_int_equal(occurrences(text, "<span>4444-5555-6666</span>"), 1);
    assert_int_equal(occurrences(text, "Geldig tot en met <span class=\"fill\"></span>"), 2);
    assert_int_equal(occurrences(text, "Deze kaart werkt nog niet"), 2);
    assert_null(strstr(text, "<zonder>"));
    pack.count = 0;
    out = buf_over(memory, sizeof(memory));
    assert_int_equal(blank_cards_page_write(&pack, &out), ERR_MALFORMED);
    pack.count = PRINT_BLANK_CARDS_MAX + 1;
    assert_int_equal(blank_cards_page_write(&pack, &out), ERR_MALFORMED);
    assert_int_equal(out.length, 0);
}

static const char *spoken(const char *language, const struct print_scopes *asked) {
    struct consent_script script = {.organisation = "OCMW Kuurne",
                                    .valid_until_day = day_from_date((struct date){2027, 8, 1}),
                                    .asked = *asked};
    memcpy(script.language.code, language, 3);
    struct buf out = buf_over(memory, PRINT_SCRIPT_BYTES_MAX);
    assert_int_equal(consent_script_write(&script, &out), 0);
    memory[out.length] = '\0';
    return (const char *)memory;
}

static void the_script_asks_only_what_is_asked_and_each_apart(void **state) {
    const struct print_scopes two = {.volunteer_concern = true, .welcome = true};
    const char *text = spoken("fra", &two);
    assert_int_equal(occurrences(text, "class=\"row question\""), 2);
    assert_int_equal(occurrences(text, "</span>ja / oui</span>"), 2);
    assert_int_equal(occurrences(text, "</span>klopt / c’est juste</span>"), 5);
    assert_non_null(strstr(text, "<bdi>1er août 2027</bdi>"));
    assert_null(strstr(text, "gesloten omslag"));
    const struct print_scopes fallback = {.fallback_contact = true, .first_fallback = "CAW Noord"};
    text = spoken("eng", &fallback);
    assert_int_equal(occurrences(text, "class=\"row question\""), 1);
    assert_non_null(strstr(text, "Our proposal is: <bdi>CAW Noord</bdi>."));
}

static void a_script_in_another_language_is_english_with_a_note_for_the_interpreter(void **state) {
    const struct print_scopes one = {.presence = true};
    static const char *const others[] = {"tir", "kmr", "ary"};
    for (size_t i = 0; i < 3; i++) {
        const char *text = spoken(others[i], &one);
        assert_int_equal(occurrences(text, "<div class=\"row note\">"), 1);
        assert_non_null(strstr(text, "I want to ask you something."));
    }
    assert_null(strstr(spoken("fra", &one), "<div class=\"row note\">"));
    assert_null(strstr(spoken("nld", &one), "<div class=\"row note\">"));
}

static void a_script_that_asks_nothing_is_refused(void **state) {
    const struct consent_script script = {
        .language = {"fra"}, .organisation = "OCMW Kuurne", .valid_until_day = 21000};
    struct buf out = buf_over(memory, PRINT_SCRIPT_BYTES_MAX);
    assert_int_equal(consent_script_write(&script, &out), ERR_MALFORMED);
    assert_int_equal(out.length, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_speaks_both_languages_and_sets_the_right_to_left_ones_right),
        cmocka_unit_test(a_card_in_a_complete_language_carries_no_draft_mark),
        cmocka_unit_test(a_dutch_card_says_everything_once),
        cmocka_unit_test(what_was_agreed_and_what_was_not_both_stand_on_the_card),
        cmocka_unit_test(all_that_a_family_named_for_a_conference_stands_on_its_card),
        cmocka_unit_test(nothing_is_fetched_and_nothing_runs),
        cmocka_unit_test(a_hostile_name_is_only_text),
        cmocka_unit_test(a_name_with_a_placeholder_stays_as_it_is),
        cmocka_unit_test(what_turns_or_breaks_a_line_is_left_off),
        cmocka_unit_test(a_page_that_cannot_be_is_refused_before_anything_is_written),
        cmocka_unit_test(a_card_without_a_telephone_line_asks_nobody_to_call),
        cmocka_unit_test(memory_that_is_too_small_fails_and_an_earlier_failure_stays),
        cmocka_unit_test(the_longest_page_of_any_language_fits_what_the_header_promises),
        cmocka_unit_test(a_pack_has_a_side_for_each_code_and_a_line_for_the_date),
        cmocka_unit_test(the_script_asks_only_what_is_asked_and_each_apart),
        cmocka_unit_test(a_script_in_another_language_is_english_with_a_note_for_the_interpreter),
        cmocka_unit_test(a_script_that_asks_nothing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
