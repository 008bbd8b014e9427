#include "node/shell/importer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/import/figures_file.h"
#include "node/import/rejected.h"
#include "node/import/rows.h"
#include "node/shell/figures.h"
#include "node/shell/importer_file.h"

struct import_run {
    const struct importer_options *options;
    struct importer_report *report;
    struct rejected *rejected;
    struct rejected_output output;
    struct figures_gather *figures;
    bool looked; /* at how the file begins */
    bool begun;
    size_t count;
    struct register_case cases[IMPORT_BATCH_ROWS];
};

int rejected_path(const char *path, char ret_path[static IMPORTER_PATH_SIZE]) {
    size_t length = strlen(path);
    if (length > 4 && strcasecmp(path + length - 4, ".csv") == 0) {
        length -= 4;
    }
    const int wrote =
        snprintf(ret_path, IMPORTER_PATH_SIZE, "%.*s.rejected.csv", (int)length, path);
    return wrote >= IMPORTER_PATH_SIZE ? ERR_TOO_LARGE : 0;
}

static int flush(struct import_run *run) {
    const struct import_port *port = run->options->port;
    const size_t count = run->count;
    run->count = 0;
    if (count == 0 || port == NULL) {
        return 0;
    }
    return port->rows(port->ctx, run->cases, count);
}

static int take_row(void *context, const struct case_row *row, uint32_t line) {
    (void)line;
    struct import_run *run = context;
    struct register_case *one = &run->cases[run->count++];
    *one = (struct register_case){
        .nis = row->nis,
        .service = row->service,
        .language = row->language,
        .asked_day = row->asked_day,
        .first_appointment_day = row->first_appointment_day,
        .last_contact_day = row->last_contact_day,
        .closed_day = row->closed_day,
        .close_reason = row->close_reason,
        .worker = row->worker,
    };
    _Static_assert(sizeof(one->id) == sizeof(row->id), "the same bound on both sides");
    _Static_assert((int)ROW_DAY_NONE == (int)REGISTER_DAY_NONE, "the same word for no day");
    memcpy(one->id, row->id, sizeof(one->id));
    run->report->rows++;
    return run->count == IMPORT_BATCH_ROWS ? flush(run) : 0;
}

static int take_figures(void *context, const struct figures_row *row, uint32_t line) {
    (void)line;
    struct import_run *run = context;
    run->report->rows++;
    return figures_gather_add(run->figures, row);
}

static int take_heading(void *context, const struct file_heading *heading) {
    struct import_run *run = context;
    return rejected_heading(run->rejected, heading);
}

static int take_note(void *context, const struct row_note *note) {
    struct importer_report *report = ((struct import_run *)context)->report;
    if (note->note != COLUMN_NOTE_IDENTITY) {
        report->ignored_count++;
    } else if (report->identity_count < IMPORTER_COLUMNS) {
        (void)snprintf(report->identity[report->identity_count++], IMPORTER_NAME_SIZE, "%s",
                       note->column_name);
    }
    return 0;
}

static void count_error(struct importer_report *report, const struct row_error *error) {
    struct importer_reason *reason = &report->reasons[error->reason];
    if (reason->rows < IMPORTER_LINES) {
        reason->lines[reason->rows] = error->line;
    }
    if (reason->rows == 0) {
        (void)snprintf(reason->column, sizeof(reason->column), "%s", error->column_name);
    }
    reason->rows++;
    if (error->reason == ROW_REASON_MISSING_COLUMN) {
        (void)snprintf(report->headings, sizeof(report->headings), "%s", error->value);
    }
}

static int take_rejected(void *context, const struct row_rejection *rejection) {
    struct import_run *run = context;
    for (size_t i = 0; i < rejection->count; i++) {
        count_error(run->report, &rejection->errors[i]);
    }
    run->report->refused = run->report->refused || rejection->whole_file;
    if (rejection->whole_file) {
        return 0;
    }
    run->report->rejected++;
    return rejected_row(run->rejected, rejection);
}

/* One of the two readers, behind the same three calls. */
struct import_reader {
    struct rows *rows;
    struct figures_file *figures;
};

static int reader_new(struct import_run *run, struct import_reader *ret) {
    const struct importer_options *options = run->options;
    *ret = (struct import_reader){0};
    if (options->figures) {
        const struct figures_options how = {
            .lookups = import_lookups_places, .today = options->today, .key = options->workers};
        const struct figures_sink sink = {.heading = take_heading,
                                          .note = take_note,
                                          .row = take_figures,
                                          .rejected = take_rejected,
                                          .context = run};
        return figures_file_new(&how, &sink, &ret->figures);
    }
    const struct rows_options how = {.preset = options->preset,
                                     .lookups = import_lookups_places,
                                     .today = options->today,
                                     .key = options->workers};
    const struct rows_sink sink = {.heading = take_heading,
                                   .note = take_note,
                                   .row = take_row,
                                   .rejected = take_rejected,
                                   .context = run};
    return rows_new(&how, &sink, &ret->rows);
}

static int reader_feed(void *context, struct bytes chunk) {
    const struct import_reader *reader = context;
    return reader->rows != NULL ? rows_feed(reader->rows, chunk)
                                : figures_file_feed(reader->figures, chunk);
}

static int reader_finish(const struct import_reader *reader) {
    return reader->rows != NULL ? rows_end(reader->rows) : figures_file_end(reader->figures);
}

static void reader_free(struct import_reader *reader) {
    rows_free(reader->rows);
    figures_file_free(reader->figures);
}

static int send_figures(struct import_run *run) {
    const struct import_port *port = run->options->port;
    struct import_figures_arguments arguments = {.start_event = run->options->start_event};
    int r = figures_gather_sort(run->figures);
    for (size_t at = 0; r == 0 && figures_gather_next(run->figures, &at, &arguments);) {
        run->report->periods++;
        r = port == NULL ? 0 : port->figures(port->ctx, &arguments);
    }
    return r;
}

/* An export of another thing, or of one person's cases only: nothing in it looks wrong, but the
 * register would be gone. */
static bool is_shrunk(const struct importer_options *options,
                      const struct importer_report *report) {
    const uint64_t standing = options->standing_cases;
    return !options->figures && !options->force && options->port != NULL &&
           ((standing >= IMPORTER_BRAKE_CASES && report->rows < (standing + 1) / 2) ||
            (standing > 0 && report->rows == 0));
}

/* The rows are read: what becomes of them. */
static int settle(struct import_run *run) {
    const struct import_port *port = run->options->port;
    struct importer_report *report = run->report;
    report->hollow = !report->refused && report->rows == 0 && report->rejected > 0;
    report->shrunk = !report->refused && !report->hollow && is_shrunk(run->options, report);
    if (report->refused || report->hollow || report->shrunk) {
        return 0;
    }
    if (run->options->figures) {
        return send_figures(run);
    }
    int r = flush(run);
    if (r < 0 || port == NULL) {
        return r;
    }
    r = port->finish(port->ctx, report->rejected);
    run->begun = run->begun && r < 0;
    return r;
}

static int read_rows(struct import_run *run, const struct digest *known) {
    struct import_reader reader;
    int r = reader_new(run, &reader);
    if (r < 0) {
        return r;
    }
    struct digest digest;
    struct file_pass pass = {.path = run->options->path,
                             .take = reader_feed,
                             .ctx = &reader,
                             .progress = run->options->progress,
                             .progress_ctx = run->options->progress_ctx};
    r = file_pass_run(&pass, &digest);
    r = r < 0 ? r : reader_finish(&reader);
    reader_free(&reader);
    if (r == ERR_MALFORMED && run->report->refused) {
        return 0;
    }
    if (r == 0 && !digest_equal(&digest, known)) {
        return ERR_IO;
    }
    return r;
}

/* How a ZIP (.xlsx, .ods) and an old .xls begin; no text does. */
static int look_for_excel(void *context, struct bytes chunk) {
    static const uint8_t starts[][4] = {{'P', 'K', 3, 4}, {0xd0, 0xcf, 0x11, 0xe0}};
    struct import_run *run = context;
    for (size_t i = 0; i < 2 && !run->looked; i++) {
        if (chunk.length >= 4 && memcmp(chunk.data, starts[i], 4) == 0) {
            const struct row_error error = {
                .line = 1, .column_name = "", .value = "", .reason = ROW_REASON_EXCEL};
            run->report->refused = true;
            count_error(run->report, &error);
        }
    }
    run->looked = true;
    return 0;
}

static int run_all(struct import_run *run) {
    const struct importer_options *options = run->options;
    struct digest digest;
    struct file_pass pass = {.path = options->path, .take = look_for_excel, .ctx = run};
    int r = file_pass_run(&pass, &digest);
    if (r < 0 || run->report->refused) {
        return r;
    }
    if (options->port != NULL && !options->figures) {
        r = options->port->begin(options->port->ctx, &digest);
        if (r == ERR_EXISTS) {
            run->report->unchanged = true;
            return 0;
        }
        if (r < 0) {
            return r;
        }
        run->begun = true;
    }
    r = read_rows(run, &digest);
    r = r < 0 ? r : settle(run);
    return r < 0 ? r : rejected_output_keep(&run->output);
}

int importer_run(const struct importer_options *options, struct importer_report *ret_report) {
    struct import_run *run = calloc(1, sizeof(*run));
    if (run == NULL) {
        return ERR_NO_MEMORY;
    }
    *ret_report = (struct importer_report){0};
    run->options = options;
    run->report = ret_report;
    run->output.fd = -1;
    int r = rejected_path(options->path, run->output.path);
    const struct rejected_sink sink = {.write = rejected_output_write, .context = &run->output};
    r = r < 0 ? r : rejected_new(options->tongue, sink, &run->rejected);
    r = r < 0 || !options->figures ? r : figures_gather_new(&run->figures);
    r = r < 0 ? r : run_all(run);
    if (run->begun) {
        options->port->drop(options->port->ctx);
    }
    if (run->output.kept) {
        memcpy(ret_report->rejected_path, run->output.path, sizeof(ret_report->rejected_path));
    }
    rejected_output_deinit(&run->output);
    rejected_free(run->rejected);
    figures_gather_free(run->figures);
    free(run);
    return r;
}
