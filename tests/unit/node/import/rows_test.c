#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "node/import/rows.h"
#include "shared/base/civil.h"

enum { KEPT_MAX = 8, TRANSCRIPT_SIZE = 4096 };

struct outcome {
    size_t row_count;
    size_t rejected_count;
    struct case_row rows[KEPT_MAX];
    uint32_t row_lines[KEPT_MAX];
    int result;
    size_t length;
    char errors[TRANSCRIPT_SIZE]; /* "<line>,<column> <name>: <reason text>\n" */
    char notes[512];              /* "<column> <name>: <text>\n" */
};

static int find_municipality(const void *context, const char *text, int32_t day, struct nis *ret) {
    assert_int_equal(day, *(const int32_t *)context);
    bool kortrijk = strcmp(text, "34022") == 0 || strcmp(text, "Kortrijk") == 0;
    bool antwerpen = strcmp(text, "11007") == 0; /* Borsbeek until 2024 */
    ret->code = kortrijk || strcmp(text, "8500") == 0 ? 34022 : antwerpen ? 11002 : 0;
    return ret->code == 0 ? ERR_NOT_FOUND : 0;
}

static int find_language(const void *context, const char *text, struct language *ret) {
    (void)context;
    return strlen(text) == 3 ? language_parse(text, ret) : ERR_NOT_FOUND;
}

static int find_service(const void *context, const char *text, struct service_id *ret) {
    (void)context;
    return strcmp(text, "leefloon") == 0 ? service_id_parse(text, ret) : ERR_NOT_FOUND;
}

static int keep_row(void *context, const struct case_row *row, uint32_t line) {
    struct outcome *out = context;
    if (out->row_count < KEPT_MAX) {
        out->rows[out->row_count] = *row;
        out->row_lines[out->row_count] = line;
    }
    out->row_count++;
    return 0;
}

static int keep_errors(void *context, const struct row_rejection *rejection) {
    struct outcome *out = context;
    out->rejected_count++;
    for (size_t i = 0; i < rejection->count; i++) {
        const struct row_error *error = &rejection->errors[i];
        int r = snprintf(out->errors + out->length, TRANSCRIPT_SIZE - out->length, "%u,%u %s: %s\n",
                         error->line, error->column, error->column_name,
                         row_reason_text(error->reason, ROW_TONGUE_EN));
        out->length += (size_t)r;
        assert_true(out->length < TRANSCRIPT_SIZE);
    }
    return 0;
}

static int keep_note(void *context, const struct row_note *note) {
    struct outcome *out = context;
    size_t length = strlen(out->notes);
    snprintf(out->notes + length, sizeof(out->notes) - length, "%u %s: %s\n", note->column,
             note->column_name, column_note_text(note->note, ROW_TONGUE_EN));
    return 0;
}

static int32_t day_of(const char *iso) {
    int32_t day;
    assert_int_equal(date_parse(iso, &day), 0);
    return day;
}

static struct preset *belgian_preset(void) {
    static const char *const lines[][3] = {
        {"file", "dates", "dd/mm/yyyy"},
        {"columns", "id", "Dossiernummer"},
        {"columns", "municipality", "Gemeente"},
        {"columns", "postcode", "Postcode"},
        {"columns", "service", "Dienst"},
        {"columns", "language", "Contacttaal"},
        {"columns", "asked", "Datum aanvraag"},
        {"columns", "first_appointment", "Eerste afspraak"},
        {"columns", "last_contact", "Laatste contact"},
        {"columns", "closed", "Afgesloten"},
        {"columns", "close_reason", "Reden"},
        {"columns", "worker", "Medewerker"},
        {"services", "leefloon", "LL | RMI"},
        {"services", "fietslessen", "Leren fietsen"},
        {"languages", "nld", "NL | Nederlands"},
        {"close_reasons", "moved", "verhuisd"},
        {"close_reasons", "finished", "be\xC3\xABindigd"},
        {"empty", "cells", "nvt | 01/01/1900"},
    };
    struct preset *preset;
    assert_int_equal(preset_new(&preset), 0);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_null(preset_set(preset, lines[i][0], lines[i][1], lines[i][2]));
    }
    return preset;
}

static void read_with(const struct preset *preset, struct bytes text, size_t cut,
                      struct outcome *ret) {
    static int32_t today;
    today = day_of("2026-11-23");
    struct rows_options options = {
        .preset = preset,
        .lookups = {.municipality = find_municipality,
                    .language = find_language,
                    .service = find_service,
                    .context = &today},
        .today = today,
        .key = {.bytes = {1, 2, 3}},
    };
    struct rows_sink sink = {
        .note = keep_note, .row = keep_row, .rejected = keep_errors, .context = ret};
    struct rows *rows;
    memset(ret, 0, sizeof(*ret));
    assert_int_equal(rows_new(&options, &sink, &rows), 0);
    struct bytes first = {.data = text.data, .length = cut};
    struct bytes second = {.data = text.data + cut, .length = text.length - cut};
    int r = rows_feed(rows, first);
    assert_true(r == 0 || r == ERR_MALFORMED);
    r = rows_feed(rows, second);
    assert_true(r == 0 || r == ERR_MALFORMED);
    ret->result = rows_end(rows);
    rows_free(rows);
}

static void read_text(const char *text, struct outcome *ret) {
    struct preset *preset = belgian_preset();
    read_with(preset, bytes_from_text(text), 0, ret);
    preset_free(preset);
}

#define HEADING                                                                                    \
    "Dossiernummer;Gemeente;Postcode;Dienst;Contacttaal;Datum aanvraag;Eerste afspraak;"           \
    "Laatste contact;Afgesloten;Reden;Medewerker\r\n"

/* One row below the heading that is refused for exactly these reasons. */
static void refused(const char *row, const char *errors) {
    char text[1024];
    struct outcome out;
    snprintf(text, sizeof(text), HEADING "%s\r\n", row);
    read_text(text, &out);
    assert_int_equal(out.result, 0);
    assert_int_equal(out.row_count, 0);
    assert_string_equal(out.errors, errors);
}

static void accepted(const char *row, struct case_row *ret) {
    char text[1024];
    struct outcome out;
    snprintf(text, sizeof(text), HEADING "%s\r\n", row);
    read_text(text, &out);
    assert_int_equal(out.result, 0);
    assert_string_equal(out.errors, "");
    assert_int_equal(out.row_count, 1);
    *ret = out.rows[0];
}

static void a_belgian_row_is_read_whole(void **state) {
    (void)state;
    struct case_row row;
    accepted("2026/17;Kortrijk;8500;LL;NL;5/03/2026;19/03/2026;2/11/2026;10/11/2026;Verhuisd;"
             "J. Peeters",
             &row);
    assert_string_equal(row.id, "2026/17");
    assert_int_equal(row.nis.code, 34022);
    assert_string_equal(row.service.text, "leefloon");
    assert_string_equal(row.language.code, "nld");
    assert_int_equal(row.asked_day, day_of("2026-03-05"));
    assert_int_equal(row.first_appointment_day, day_of("2026-03-19"));
    assert_int_equal(row.last_contact_day, day_of("2026-11-02"));
    assert_int_equal(row.closed_day, day_of("2026-11-10"));
    assert_int_equal(row.close_reason, CLOSE_REASON_MOVED);
    assert_true(row.worker != 0);
}

static void what_is_not_known_yet_stays_open(void **state) {
    (void)state;
    struct case_row row;
    accepted("17;;;leefloon;;5/03/2026;;nvt;01/01/1900;;", &row);
    assert_int_equal(row.nis.code, 0);
    assert_string_equal(row.language.code, "");
    assert_int_equal(row.first_appointment_day, ROW_DAY_NONE);
    assert_int_equal(row.last_contact_day, ROW_DAY_NONE);
    assert_int_equal(row.closed_day, ROW_DAY_NONE);
    assert_int_equal(row.close_reason, CLOSE_REASON_NONE);
    assert_int_equal(row.worker, 0);
}

static void windows_1252_and_utf8_give_the_same_row(void **state) {
    (void)state;
    struct case_row windows;
    struct case_row utf8;
    accepted("17;;;LL;;5/03/2026;;;10/03/2026;Be\xEBindigd;", &windows);
    accepted("17;;;LL;;5/03/2026;;;10/03/2026;be\xC3\xABindigd;", &utf8);
    assert_int_equal(windows.close_reason, CLOSE_REASON_FINISHED);
    assert_memory_equal(&windows, &utf8, sizeof(utf8));
}

static void a_merged_municipality_is_rebased(void **state) {
    (void)state;
    struct case_row row;
    accepted("17;11007;;LL;;5/03/2026;;;;;", &row);
    assert_int_equal(row.nis.code, 11002);
}

static void the_post_code_helps_where_the_name_is_unknown(void **state) {
    (void)state;
    struct case_row row;
    accepted("17;Kotrijk;8500;LL;;5/03/2026;;;;;", &row);
    assert_int_equal(row.nis.code, 34022);
    accepted("17;8500 Kortrijk;;LL;;5/03/2026;;;;;", &row);
    assert_int_equal(row.nis.code, 34022);
}

static void a_service_that_the_preset_names_is_believed(void **state) {
    (void)state;
    struct case_row row;
    accepted("17;;;leren fietsen;;5/03/2026;;;;;", &row);
    assert_string_equal(row.service.text, "fietslessen");
    refused("17;;;fietslessen;;5/03/2026;;;;;", "2,4 Dienst: unknown service\n");
}

static void a_planned_first_appointment_is_kept(void **state) {
    (void)state;
    struct case_row row;
    accepted("17;;;LL;;5/11/2026;15/01/2027;;;;", &row);
    assert_int_equal(row.first_appointment_day, day_of("2027-01-15"));
    refused("17;;;LL;;5/11/2026;15/01/2062;;;;", "2,7 Eerste afspraak: date in the future\n");
}

static void the_same_worker_is_the_same_number(void **state) {
    (void)state;
    struct case_row one;
    struct case_row two;
    struct case_row other;
    accepted("17;;;LL;;5/11/2026;;;;;J. Peeters", &one);
    accepted("18;;;LL;;5/11/2026;;;;; j  peeters", &two);
    accepted("19;;;LL;;5/11/2026;;;;;K. Peeters", &other);
    assert_true(one.worker == two.worker);
    assert_true(one.worker != other.worker);
}

static void each_unknown_word_is_named_with_its_place(void **state) {
    (void)state;
    refused("17;Kotrijk;9999;Wonen;Klingon;5/03/2026;;;6/03/2026;weg;",
            "2,2 Gemeente: unknown municipality\n"
            "2,4 Dienst: unknown service\n"
            "2,5 Contacttaal: unknown language\n"
            "2,10 Reden: unknown reason for closing\n");
}

static void an_id_must_be_there_and_not_be_a_national_number(void **state) {
    (void)state;
    refused(" ;;;LL;;5/03/2026;;;;;", "2,1 Dossiernummer: isn't filled in\n");
    refused("88.02.29-999.90;;;LL;;5/03/2026;;;;;",
            "2,1 Dossiernummer: a national number can't serve as own id\n");
    refused("12345678901234567890123456789012345678901234567890123456789012345;;;LL;;5/03/2026;;"
            ";;;",
            "2,1 Dossiernummer: the own id is longer than 64 bytes\n");
    struct case_row row;
    accepted("1234567890123456789012345678901234567890123456789012345678901234;;;LL;;5/03/2026;;"
             ";;;",
             &row);
}

static void a_missing_service_or_date_is_refused(void **state) {
    (void)state;
    refused("17;;;;;;;;;;", "2,4 Dienst: isn't filled in\n2,6 Datum aanvraag: isn't filled in\n");
}

static void unreadable_and_impossible_dates_are_refused(void **state) {
    (void)state;
    refused("17;;;LL;;2026-03-05;31/04/2026;x;29/02/2025;;",
            "2,6 Datum aanvraag: unreadable or impossible date\n"
            "2,7 Eerste afspraak: unreadable or impossible date\n"
            "2,8 Laatste contact: unreadable or impossible date\n"
            "2,9 Afgesloten: unreadable or impossible date\n");
}

static void dates_in_the_future_or_long_ago_are_refused(void **state) {
    (void)state;
    refused("17;;;LL;;24/11/2026;;24/11/2026;24/11/2026;;",
            "2,6 Datum aanvraag: date in the future\n"
            "2,8 Laatste contact: date in the future\n"
            "2,9 Afgesloten: date in the future\n");
    refused("17;;;LL;;1/01/1970;;;;;", "2,6 Datum aanvraag: date of more than 30 years ago\n");
    struct case_row row;
    accepted("17;;;LL;;23/11/2026;;23/11/2026;23/11/2026;;", &row);
}

static void dates_that_run_backwards_are_refused(void **state) {
    (void)state;
    refused("17;;;LL;;5/03/2026;4/03/2026;;;;",
            "2,7 Eerste afspraak: first appointment before the request\n");
    refused("17;;;LL;;5/03/2026;;;4/03/2026;;", "2,9 Afgesloten: closed before the request\n");
    refused("17;;;LL;;5/03/2026;9/03/2026;;8/03/2026;;",
            "2,9 Afgesloten: closed before the first appointment\n");
    struct case_row row;
    accepted("17;;;LL;;5/03/2026;5/03/2026;1/03/2026;5/03/2026;;", &row);
}

static void a_reason_needs_a_closing_date(void **state) {
    (void)state;
    refused("17;;;LL;;5/03/2026;;;;verhuisd;",
            "2,10 Reden: reason for closing without a closing date\n");
}

static void an_id_that_comes_twice_is_refused_the_second_time(void **state) {
    (void)state;
    struct outcome out;
    read_text(HEADING "17;;;LL;;5/03/2026;;;;;\r\n18;;;LL;;5/03/2026;;;;;\r\n"
                      "17;;;LL;;6/03/2026;;;;;\r\n",
              &out);
    assert_int_equal(out.row_count, 2);
    assert_string_equal(out.errors, "4,1 Dossiernummer: an earlier row has this own id\n");
}

static void one_bad_row_does_not_stop_the_others(void **state) {
    (void)state;
    struct outcome out;
    read_text(HEADING "17;;;LL;;5/03/2026;;;;;\r\n"
                      "18;;;LL;;5/13/2026;;;;;\r\n"
                      "\r\n"
                      ";;;;;;;;;;\r\n"
                      "19;\"a\"b;;LL;;5/03/2026;;;;;\r\n"
                      "20;;LL\r\n"
                      "21;;;LL;;5/03/2026;;;;;;;\r\n"
                      "22;;;LL;;5/03/2026;;;;;;x\r\n"
                      "23;;;\"LL\";;\"5/03/2026\";;;;;",
              &out);
    assert_int_equal(out.result, 0);
    assert_int_equal(out.row_count, 3);
    assert_string_equal(out.rows[1].id, "21");
    assert_int_equal(out.row_lines[2], 10);
    assert_string_equal(out.errors, "3,6 Datum aanvraag: unreadable or impossible date\n"
                                    "6,2 Gemeente: text after the closing quote\n"
                                    "7,0 : the row hasn't as many columns as the heading\n"
                                    "9,0 : the row hasn't as many columns as the heading\n");
}

static void an_error_has_the_line_of_its_own_cell(void **state) {
    (void)state;
    refused("\"1\n7\";;;LL;;\"5/13/2026\";;;;;", "3,6 Datum aanvraag: unreadable or impossible "
                                                 "date\n");
}

static void identity_and_unknown_columns_are_named_once_and_not_passed_on(void **state) {
    (void)state;
    struct outcome out;
    read_text("Dossiernummer;Naam;Gemeente;Dienst;Datum aanvraag;Opmerkingen;GSM\r\n"
              "17;Jansen;Kortrijk;LL;5/03/2026;belt vaak;0499\r\n"
              "18;Jansen;Kortrijk;LL;5/03/2026;;\r\n",
              &out);
    assert_int_equal(out.row_count, 2);
    assert_string_equal(out.notes, "2 Naam: not stored (identity)\n"
                                   "6 Opmerkingen: not stored\n"
                                   "7 GSM: not stored (identity)\n");
    const char *data = (const char *)out.rows;
    assert_null(memmem(data, sizeof(out.rows), "Jansen", 6));
    assert_null(memmem(data, sizeof(out.rows), "0499", 4));
}

static void whole(const char *text, const char *errors) {
    struct outcome out;
    read_text(text, &out);
    assert_int_equal(out.result, ERR_MALFORMED);
    assert_int_equal(out.rejected_count, 1);
    assert_string_equal(out.errors, errors);
}

static void a_file_that_cannot_be_used_is_refused_whole(void **state) {
    (void)state;
    whole("", "1,0 : the file is empty\n");
    whole("\r\n\r\n", "1,0 : the file is empty\n");
    whole("Gemeente;Dienst;Datum aanvraag\n1;2;3\n", "1,0 id: this column isn't in the heading\n");
    whole("Dossiernummer;Dienst;Datum aanvraag\n",
          "1,0 municipality: this column isn't in the heading\n");
    whole("Dossiernummer;Gemeente;dossiernummer;Dienst;Datum aanvraag\n",
          "1,3 dossiernummer: this column stands twice in the heading\n");
    whole(
        "Dossiernummer;Gemeente;Dienst;Datum aanvraag;rejected_line\n17;Kortrijk;LL;5/03/2026;2\n",
        "1,5 rejected_line: these are the refused rows only: mend the rows in the export itself "
        "and import that again\n");
    whole("\xFF\xFE"
          "D",
          "1,1 : the file is UTF-16: save it as \"CSV UTF-8\"\n");
    whole("\"Dossiernummer;Gemeente", "1,1 : a quote wasn't closed\n");
}

static void a_default_stands_in_for_an_absent_column(void **state) {
    (void)state;
    struct preset *preset = belgian_preset();
    struct outcome out;
    assert_null(preset_set(preset, "defaults", "service", "buddy"));
    assert_null(preset_set(preset, "defaults", "municipality", "34022"));
    assert_null(preset_set(preset, "defaults", "language", "nld"));
    /* the catalogue of this test doesn't know it: only the preset does */
    assert_null(preset_set(preset, "services", "buddy", "buddy"));
    read_with(preset, bytes_from_text("Dossiernummer;Datum aanvraag\n17;5/03/2026\n"), 0, &out);
    assert_string_equal(out.errors, "");
    assert_int_equal(out.row_count, 1);
    assert_string_equal(out.rows[0].service.text, "buddy");
    assert_int_equal(out.rows[0].nis.code, 34022);
    assert_string_equal(out.rows[0].language.code, "nld");
    preset_free(preset);
}

static void an_apostrophe_before_a_formula_is_taken_off(void **state) {
    (void)state;
    struct case_row row;
    accepted("'=17;;;LL;;5/03/2026;;;;;", &row);
    assert_string_equal(row.id, "=17");
    accepted("'s-17;;;LL;;5/03/2026;;;;;", &row);
    assert_string_equal(row.id, "'s-17");
}

static void it_does_not_matter_where_the_file_is_cut(void **state) {
    (void)state;
    static const char text[] = "\xEF\xBB\xBF" HEADING "17;Kortrijk;;LL;NL;5/03/2026;;;;;\r\n"
                               "\"18\r\n\";;;LL;;5/13/2026;;;;;\r\n"
                               "19;\"a\"b;;LL;;5/03/2026;;;;;\r\n"
                               "20;;;RMI;;5/03/2026;;;6/03/2026;Be\xEBindigd;x\r\n17;;;;;;;;;;";
    struct preset *preset = belgian_preset();
    struct outcome first;
    struct outcome out;
    struct bytes bytes = bytes_from_text(text);
    read_with(preset, bytes, 0, &first);
    assert_int_equal(first.row_count, 2);
    assert_int_equal(first.rejected_count, 3);
    for (size_t cut = 1; cut <= bytes.length; cut++) {
        read_with(preset, bytes, cut, &out);
        assert_memory_equal(&out, &first, sizeof(out));
    }
    preset_free(preset);
}

static int refuse_row(void *context, const struct case_row *row, uint32_t line) {
    (void)context;
    (void)row;
    (void)line;
    return ERR_CANCELLED;
}

static void a_sink_that_fails_ends_the_import(void **state) {
    (void)state;
    int32_t today = day_of("2026-11-23");
    struct preset *preset = belgian_preset();
    struct rows_options options = {
        .preset = preset,
        .lookups = {find_municipality, find_language, find_service, &today},
        .today = today,
    };
    struct rows_sink sink = {.row = refuse_row, .rejected = keep_errors};
    struct rows *rows;
    assert_int_equal(rows_new(&options, &sink, &rows), 0);
    assert_int_equal(rows_feed(rows, bytes_from_text(HEADING "17;;;LL;;5/03/2026;;;;;\r\n")),
                     ERR_CANCELLED);
    assert_int_equal(rows_end(rows), ERR_CANCELLED);
    rows_free(rows);
    rows_free(NULL);
    preset_free(preset);
}

static void every_reason_has_three_sentences(void **state) {
    (void)state;
    for (int reason = 1; reason < ROW_REASON_COUNT; reason++) {
        for (int tongue = ROW_TONGUE_NL; tongue <= ROW_TONGUE_FR; tongue++) {
            const char *text = row_reason_text((enum row_reason)reason, (enum row_tongue)tongue);
            assert_non_null(text);
            assert_true(strlen(text) > 5 && strlen(text) < 120);
        }
    }
    assert_null(row_reason_text(ROW_REASON_NONE, ROW_TONGUE_NL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_belgian_row_is_read_whole),
        cmocka_unit_test(what_is_not_known_yet_stays_open),
        cmocka_unit_test(windows_1252_and_utf8_give_the_same_row),
        cmocka_unit_test(a_merged_municipality_is_rebased),
        cmocka_unit_test(the_post_code_helps_where_the_name_is_unknown),
        cmocka_unit_test(a_service_that_the_preset_names_is_believed),
        cmocka_unit_test(a_planned_first_appointment_is_kept),
        cmocka_unit_test(the_same_worker_is_the_same_number),
        cmocka_unit_test(each_unknown_word_is_named_with_its_place),
        cmocka_unit_test(an_id_must_be_there_and_not_be_a_national_number),
        cmocka_unit_test(a_missing_service_or_date_is_refused),
        cmocka_unit_test(unreadable_and_impossible_dates_are_refused),
        cmocka_unit_test(dates_in_the_future_or_long_ago_are_refused),
        cmocka_unit_test(dates_that_run_backwards_are_refused),
        cmocka_unit_test(a_reason_needs_a_closing_date),
        cmocka_unit_test(an_id_that_comes_twice_is_refused_the_second_time),
        cmocka_unit_test(one_bad_row_does_not_stop_the_others),
        cmocka_unit_test(an_error_has_the_line_of_its_own_cell),
        cmocka_unit_test(identity_and_unknown_columns_are_named_once_and_not_passed_on),
        cmocka_unit_test(a_file_that_cannot_be_used_is_refused_whole),
        cmocka_unit_test(a_default_stands_in_for_an_absent_column),
        cmocka_unit_test(an_apostrophe_before_a_formula_is_taken_off),
        cmocka_unit_test(it_does_not_matter_where_the_file_is_cut),
        cmocka_unit_test(a_sink_that_fails_ends_the_import),
        cmocka_unit_test(every_reason_has_three_sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
