#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "node/import/rows.h"
#include "shared/base/civil.h"
#include "shared/places/services.h"

enum { INI_LINE_MAX = 199 }; /* what the INI library reads of a line */

/* PRESETS_DIR is given by node/import/meson.build. */
static FILE *open_preset(const char *name) {
    char path[512];
    snprintf(path, sizeof(path), "%s/%s.ini", PRESETS_DIR, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

static void set_line(struct preset *preset, char *section, char *line) {
    line[strcspn(line, "\r\n")] = '\0';
    assert_true(strlen(line) < INI_LINE_MAX);
    assert_null(strstr(line, " ;"));
    if (line[0] == '\0' || line[0] == ';') {
        return;
    }
    if (line[0] == '[') {
        line[strcspn(line, "]")] = '\0';
        strcpy(section, line + 1);
        return;
    }
    char *value = strstr(line, " = ");
    assert_non_null(value);
    *value = '\0';
    const char *error = preset_set(preset, section, line, value + 3);
    if (error != NULL) {
        fail_msg("[%s] %s = %s: %s", section, line, value + 3, error);
    }
    struct service_id service;
    if (strcmp(section, "services") == 0) {
        assert_int_equal(service_id_parse(line, &service), 0);
        assert_non_null(service_by_id(&service));
    }
}

static struct preset *shipped(const char *name) {
    struct preset *preset;
    char section[256] = "";
    char line[256];
    assert_int_equal(preset_new(&preset), 0);
    FILE *file = open_preset(name);
    while (fgets(line, sizeof(line), file) != NULL) {
        set_line(preset, section, line);
    }
    fclose(file);
    assert_null(preset_check(preset));
    return preset;
}

struct outcome {
    size_t row_count;
    size_t rejected_count;
    struct case_row rows[4];
};

static int keep_row(void *context, const struct case_row *row, uint32_t line) {
    struct outcome *out = context;
    (void)line;
    assert_true(out->row_count < 4);
    out->rows[out->row_count++] = *row;
    return 0;
}

static int count_rejection(void *context, const struct row_rejection *rejection) {
    struct outcome *out = context;
    const struct row_error *error = &rejection->errors[0];
    out->rejected_count++;
    fail_msg("%u,%u %s: %s", error->line, error->column, error->column_name,
             row_reason_text(error->reason, ROW_TONGUE_EN));
    return 0;
}

static int32_t day_of(const char *iso) {
    int32_t day;
    assert_int_equal(date_parse(iso, &day), 0);
    return day;
}

static void read_with(const char *name, const char *text, struct outcome *ret) {
    struct preset *preset = shipped(name);
    struct rows_options options = {
        .preset = preset,
        .lookups = import_lookups_places,
        .today = day_of("2026-11-23"),
    };
    struct rows_sink sink = {.row = keep_row, .rejected = count_rejection, .context = ret};
    struct rows *rows;
    *ret = (struct outcome){0};
    assert_int_equal(rows_new(&options, &sink, &rows), 0);
    assert_int_equal(rows_feed(rows, bytes_from_text(text)), 0);
    assert_int_equal(rows_end(rows), 0);
    rows_free(rows);
    preset_free(preset);
}

static void the_generic_preset_reads_rfc_4180_with_iso_dates(void **state) {
    (void)state;
    struct outcome out;
    read_with("generic",
              "case_id,municipality,service,contact_language,asked_on,first_appointment_on,"
              "last_contact_on,closed_on,close_reason,worker\r\n"
              "17,34022,leefloon,ara,2026-03-05,2026-03-19,2026-11-02,2026-11-10,moved,jp\r\n",
              &out);
    assert_int_equal(out.rejected_count, 0);
    assert_int_equal(out.row_count, 1);
    assert_int_equal(out.rows[0].nis.code, 34022);
    assert_string_equal(out.rows[0].language.code, "ara");
    assert_int_equal(out.rows[0].closed_day, day_of("2026-11-10"));
    assert_int_equal(out.rows[0].close_reason, CLOSE_REASON_MOVED);
}

static void the_excel_preset_reads_what_belgian_excel_writes(void **state) {
    (void)state;
    struct outcome out;
    read_with("excel-be",
              "Nr;Gemeente;Dienst;Taal;Datum aanvraag;Eerste afspraak;Laatste contact;"
              "Afgesloten op;Reden\r\n"
              "17;Kortrijk;Leefloon;Oekra\xEF"
              "ens;5/03/2026;;;10/11/2026;Hulp be\xEBindigd\r\n"
              "18;8500 Kortrijk;\"Budgetbegeleiding en budgetbeheer\";Farsi;05-03-2026;"
              "19/03/2026;2/11/26;10/11/2026;Verhuisd\r\n",
              &out);
    assert_int_equal(out.rejected_count, 0);
    assert_int_equal(out.row_count, 2);
    assert_string_equal(out.rows[0].language.code, "ukr");
    assert_int_equal(out.rows[0].close_reason, CLOSE_REASON_FINISHED);
    assert_string_equal(out.rows[1].id, "18");
    assert_int_equal(out.rows[1].nis.code, 34022);
    assert_string_equal(out.rows[1].service.text, "budgetbeheer");
    assert_int_equal(out.rows[1].last_contact_day, day_of("2026-11-02"));
}

static void the_ocmw_preset_reads_a_client_packages_columns(void **state) {
    (void)state;
    struct outcome out;
    read_with("ocmw-pakket",
              "Dossiernummer;Gemeente;Postcode;Dienst;Contacttaal;Datum aanvraag;"
              "Datum eerste afspraak;Laatste contact;Datum afsluiting;Reden afsluiting;"
              "Maatschappelijk werker\r\n"
              "2026/17;Kortrijk;8500;RMI;Nederlands;05/03/2026;19/03/2026;02/11/2026;"
              "10/11/2026;niet bereikbaar;Peeters\r\n"
              "2026/18;;8500;Schuldhulpverlening;Arabisch;05/03/2026;;01/01/1900;;;\r\n",
              &out);
    assert_int_equal(out.rejected_count, 0);
    assert_int_equal(out.row_count, 2);
    assert_string_equal(out.rows[0].service.text, "leefloon");
    assert_string_equal(out.rows[0].language.code, "nld");
    assert_int_equal(out.rows[0].close_reason, CLOSE_REASON_UNREACHABLE);
    assert_true(out.rows[0].worker != 0);
    assert_int_equal(out.rows[1].nis.code, 34022);
    assert_string_equal(out.rows[1].service.text, "schuldbemiddeling");
    assert_int_equal(out.rows[1].last_contact_day, ROW_DAY_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generic_preset_reads_rfc_4180_with_iso_dates),
        cmocka_unit_test(the_excel_preset_reads_what_belgian_excel_writes),
        cmocka_unit_test(the_ocmw_preset_reads_a_client_packages_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
