/* Everything that reads a file from outside: the CSV reader, the row reader with its rejected file,
 * and the reader of published figures. Whatever comes in, it must not crash, and it must say the
 * same when the file arrives byte by byte as when it arrives in one piece. */
#include <stdint.h>
#include <stdlib.h>

#include "node/import/figures_file.h"
#include "node/import/rejected.h"
#include "node/import/rows.h"
#include "node/import/siphash.h"

enum { TODAY = 20780 }; /* 2026-11-23 */

/* What was said, folded into a number. */
struct tally {
    uint64_t hash;
    struct rejected *rejected;
};

static void mix(struct tally *tally, struct bytes data) {
    struct siphash_key key = {0};
    uint64_t both[2] = {tally->hash, siphash(&key, data)};
    tally->hash = siphash(&key, BYTES_OF(both));
}

static int mix_record(void *context, const struct csv_record *record) {
    struct tally *tally = context;
    uint32_t place[] = {record->line, record->fault, record->fault_line, record->fault_column};
    mix(tally, BYTES_OF(place));
    for (size_t i = 0; i < record->count; i++) {
        mix(tally, bytes_from_text(record->fields[i].text));
        mix(tally, BYTES_OF(record->fields[i].line));
    }
    return 0;
}

static int mix_case(void *context, const struct case_row *row, uint32_t line) {
    mix(context, BYTES_OF(*row));
    mix(context, BYTES_OF(line));
    return 0;
}

static int mix_figures(void *context, const struct figures_row *row, uint32_t line) {
    if (histogram_check(&row->waits) != REFUSAL_NONE ||
        histogram_total(&row->waits) != row->waiting_total) {
        abort();
    }
    mix(context, BYTES_OF(row->waiting_total));
    mix(context, BYTES_OF(line));
    return 0;
}

static int mix_note(void *context, const struct row_note *note) {
    mix(context, bytes_from_text(note->column_name));
    return 0;
}

static int mix_text(void *context, struct bytes text) {
    mix(context, text);
    return 0;
}

static int pass_heading(void *context, const struct file_heading *heading) {
    struct tally *tally = context;
    return rejected_heading(tally->rejected, heading);
}

static int pass_rejection(void *context, const struct row_rejection *rejection) {
    struct tally *tally = context;
    return rejected_row(tally->rejected, rejection);
}

static struct preset *new_preset(void) {
    static const char *const lines[][3] = {
        {"file", "dates", "dd/mm/yyyy | yyyy-mm-dd | yyyymmdd"},
        {"columns", "id", "id | dossiernummer"},
        {"columns", "municipality", "gemeente | municipality"},
        {"columns", "postcode", "postcode"},
        {"columns", "service", "dienst | service"},
        {"columns", "language", "contacttaal | language"},
        {"columns", "asked", "datum aanvraag | asked"},
        {"columns", "first_appointment", "eerste afspraak"},
        {"columns", "last_contact", "laatste contact"},
        {"columns", "closed", "afgesloten"},
        {"columns", "close_reason", "reden"},
        {"columns", "worker", "medewerker"},
        {"services", "leefloon", "LL"},
        {"empty", "cells", "nvt"},
    };
    struct preset *preset;
    if (preset_new(&preset) < 0) {
        abort();
    }
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (preset_set(preset, lines[i][0], lines[i][1], lines[i][2]) != NULL) {
            abort();
        }
    }
    return preset;
}

struct readers {
    struct csv *csv;
    struct rows *rows;
    struct figures_file *figures;
    struct tally tallies[3];
};

static void open_readers(struct readers *readers, const struct preset *preset) {
    struct tally *tallies = readers->tallies;
    struct csv_sink records = {.record = mix_record, .context = &tallies[0]};
    struct rows_options rows = {.preset = preset, .lookups = import_lookups_places, .today = TODAY};
    struct rows_sink cases = {pass_heading, mix_note, mix_case, pass_rejection, &tallies[1]};
    struct figures_options figures = {.lookups = import_lookups_places, .today = TODAY};
    struct figures_sink published = {pass_heading, mix_note, mix_figures, pass_rejection,
                                     &tallies[2]};
    for (size_t i = 1; i < 3; i++) {
        struct rejected_sink text = {.write = mix_text, .context = &tallies[i]};
        if (rejected_new(ROW_TONGUE_NL, text, &tallies[i].rejected) < 0) {
            abort();
        }
    }
    if (csv_new('\0', records, &readers->csv) < 0 || rows_new(&rows, &cases, &readers->rows) < 0 ||
        figures_file_new(&figures, &published, &readers->figures) < 0) {
        abort();
    }
}

static void feed_readers(struct readers *readers, struct bytes chunk) {
    int results[] = {
        csv_feed(readers->csv, chunk),
        rows_feed(readers->rows, chunk),
        figures_file_feed(readers->figures, chunk),
    };
    if (results[0] < 0) {
        abort();
    }
}

static void close_readers(struct readers *readers, uint64_t ret_hashes[static 3]) {
    int results[] = {
        csv_end(readers->csv),
        rows_end(readers->rows),
        figures_file_end(readers->figures),
    };
    for (size_t i = 0; i < 3; i++) {
        mix(&readers->tallies[i], BYTES_OF(results[i]));
        ret_hashes[i] = readers->tallies[i].hash;
    }
    csv_free(readers->csv);
    rows_free(readers->rows);
    figures_file_free(readers->figures);
    rejected_free(readers->tallies[1].rejected);
    rejected_free(readers->tallies[2].rejected);
}

static void read_in_steps(const struct preset *preset, struct bytes file, size_t step,
                          uint64_t ret_hashes[static 3]) {
    struct readers readers = {0};
    open_readers(&readers, preset);
    for (size_t at = 0; at < file.length; at += step) {
        size_t rest = file.length - at;
        struct bytes chunk = {.data = file.data + at, .length = rest < step ? rest : step};
        feed_readers(&readers, chunk);
    }
    close_readers(&readers, ret_hashes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes file = {.data = data, .length = size};
    uint64_t whole[3];
    uint64_t bytewise[3];
    struct preset *preset = new_preset();
    read_in_steps(preset, file, size + 1, whole);
    read_in_steps(preset, file, 1, bytewise);
    preset_free(preset);
    for (size_t i = 0; i < 3; i++) {
        if (whole[i] != bytewise[i]) {
            abort();
        }
    }
    return 0;
}
