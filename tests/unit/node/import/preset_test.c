#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "node/import/fold.h"
#include "node/import/preset.h"
#include "shared/base/civil.h"

static struct preset *fresh(void) {
    struct preset *preset;
    assert_int_equal(preset_new(&preset), 0);
    return preset;
}

static void set(struct preset *preset, const char *section, const char *key, const char *value) {
    assert_null(preset_set(preset, section, key, value));
}

static void refuse(const char *section, const char *key, const char *value) {
    struct preset *preset = fresh();
    assert_non_null(preset_set(preset, section, key, value));
    preset_free(preset);
}

static void headings_are_found_whatever_their_case(void **state) {
    (void)state;
    struct preset *preset = fresh();
    set(preset, "columns", "asked", "Datum aanvraag | Aanvraagdatum");
    set(preset, "columns", "asked", "Gevraagd op");
    assert_int_equal(preset_column(preset, "datum aanvraag"), CASE_COLUMN_ASKED);
    assert_int_equal(preset_column(preset, "gevraagd op"), CASE_COLUMN_ASKED);
    assert_int_equal(preset_column(preset, "opmerking"), CASE_COLUMN_NONE);
    preset_free(preset);
    preset_free(NULL);
}

static void words_are_mapped_list_by_list(void **state) {
    (void)state;
    struct preset *preset = fresh();
    set(preset, "services", "leefloon", "LL|RMI");
    set(preset, "languages", "nld", "NL");
    set(preset, "close_reasons", "not-competent", "niet bevoegd");
    set(preset, "municipalities", "34022", "Kortrijk stad");
    assert_string_equal(preset_word(preset, PRESET_LIST_SERVICES, "rmi"), "leefloon");
    assert_string_equal(preset_word(preset, PRESET_LIST_LANGUAGES, "nl"), "nld");
    assert_null(preset_word(preset, PRESET_LIST_LANGUAGES, "rmi"));
    assert_string_equal(preset_word(preset, PRESET_LIST_CLOSE_REASONS, "niet bevoegd"),
                        "not-competent");
    assert_string_equal(preset_word(preset, PRESET_LIST_MUNICIPALITIES, "kortrijk stad"), "34022");
    preset_free(preset);
}

static void cells_that_mean_nothing_are_empty(void **state) {
    (void)state;
    struct preset *preset = fresh();
    set(preset, "empty", "cells", "n.v.t. | 01/01/1900");
    assert_true(preset_is_empty(preset, "n v t"));
    assert_true(preset_is_empty(preset, "01/01/1900"));
    assert_true(preset_is_empty(preset, ""));
    assert_false(preset_is_empty(preset, "02/01/1900"));
    preset_free(preset);
}

static void dates_are_tried_in_the_order_given(void **state) {
    (void)state;
    struct preset *preset = fresh();
    int32_t day;
    int32_t expected;
    set(preset, "file", "dates", "dd/mm/yyyy | mm/dd/yyyy");
    assert_int_equal(date_parse("2026-04-03", &expected), 0);
    assert_int_equal(preset_read_date(preset, "03/04/2026", 10, &day), 0);
    assert_int_equal(day, expected);
    assert_int_equal(date_parse("2026-03-14", &expected), 0);
    assert_int_equal(preset_read_date(preset, "03/14/2026", 10, &day), 0);
    assert_int_equal(day, expected);
    assert_int_equal(preset_read_date(preset, "2026-03-14", 10, &day), ERR_MALFORMED);
    preset_free(preset);
}

static void a_line_that_makes_no_sense_is_refused_with_a_reason(void **state) {
    (void)state;
    refuse("colums", "id", "x");
    refuse("columns", "name", "x");
    refuse("services", "Not An Id", "x");
    refuse("languages", "nl", "x");
    refuse("municipalities", "8500", "x");
    refuse("close_reasons", "gone", "x");
    refuse("empty", "words", "x");
    refuse("file", "delimiter", "pipe");
    refuse("file", "dates", "dd/mm");
    refuse("file", "encoding", "latin1");
    refuse("defaults", "id", "x");
    refuse("defaults", "language", "nl");
    refuse("columns", "id",
           "this heading is so long that nobody would ever write it down in a file of any kind, "
           "and so it is refused");
}

static void a_column_that_names_a_person_cannot_be_mapped(void **state) {
    (void)state;
    refuse("columns", "id", "Rijksregisternummer");
    refuse("columns", "worker", "E-mail medewerker");
    refuse("columns", "id", "dossier | INSZ");
}

static void one_word_cannot_mean_two_things(void **state) {
    (void)state;
    struct preset *preset = fresh();
    set(preset, "columns", "asked", "datum");
    set(preset, "columns", "asked", "Datum");
    assert_non_null(preset_set(preset, "columns", "closed", "DATUM"));
    preset_free(preset);
}

static void what_every_file_needs_must_be_there(void **state) {
    (void)state;
    struct preset *preset = fresh();
    assert_non_null(preset_check(preset));
    set(preset, "file", "dates", "yyyy-mm-dd");
    assert_non_null(preset_check(preset));
    set(preset, "columns", "id", "id");
    assert_non_null(preset_check(preset));
    set(preset, "columns", "asked", "asked");
    assert_non_null(preset_check(preset));
    set(preset, "defaults", "service", "buddy");
    assert_non_null(preset_check(preset));
    set(preset, "columns", "postcode", "postcode");
    assert_null(preset_check(preset));
    assert_string_equal(preset_default(preset, CASE_COLUMN_SERVICE), "buddy");
    assert_null(preset_default(preset, CASE_COLUMN_LANGUAGE));
    preset_free(preset);
}

static void a_preset_that_is_full_says_so(void **state) {
    (void)state;
    struct preset *preset = fresh();
    const char *error = NULL;
    char word[8] = "aaaa";
    int taken = 0;
    while (error == NULL && taken <= PRESET_WORDS_MAX) {
        word[0] = (char)('a' + taken % 26);
        word[1] = (char)('a' + taken / 26 % 26);
        word[2] = (char)('a' + taken / 676 % 26);
        error = preset_set(preset, "empty", "cells", word);
        taken += error == NULL ? 1 : 0;
    }
    assert_non_null(error);
    assert_int_equal(taken, PRESET_WORDS_MAX);
    preset_free(preset);
}

static void the_separator_is_kept(void **state) {
    (void)state;
    struct preset *preset = fresh();
    assert_int_equal(preset_delimiter(preset), '\0');
    set(preset, "file", "delimiter", "semicolon");
    assert_int_equal(preset_delimiter(preset), ';');
    set(preset, "file", "delimiter", "auto");
    assert_int_equal(preset_delimiter(preset), '\0');
    preset_free(preset);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headings_are_found_whatever_their_case),
        cmocka_unit_test(words_are_mapped_list_by_list),
        cmocka_unit_test(cells_that_mean_nothing_are_empty),
        cmocka_unit_test(dates_are_tried_in_the_order_given),
        cmocka_unit_test(a_line_that_makes_no_sense_is_refused_with_a_reason),
        cmocka_unit_test(a_column_that_names_a_person_cannot_be_mapped),
        cmocka_unit_test(one_word_cannot_mean_two_things),
        cmocka_unit_test(what_every_file_needs_must_be_there),
        cmocka_unit_test(a_preset_that_is_full_says_so),
        cmocka_unit_test(the_separator_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
