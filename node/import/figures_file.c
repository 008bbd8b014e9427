#include "node/import/figures_file.h"

#include <stdlib.h>
#include <string.h>

#include "node/import/dates.h"
#include "node/import/fold.h"
#include "node/import/id_set.h"
#include "node/import/identity.h"
#include "shared/base/buf.h"
#include "shared/base/civil.h"

#define COLUMN_LIST(X)                                                                             \
    X(COLUMN_MONTH, "month")                                                                       \
    X(COLUMN_PERIOD_END, "period end")                                                             \
    X(COLUMN_PERIOD_DAYS, "period days")                                                           \
    X(COLUMN_SERVICE, "service")                                                                   \
    X(COLUMN_MUNICIPALITY, "municipality")                                                         \
    X(COLUMN_WAITING_TOTAL, "waiting total")                                                       \
    X(COLUMN_OPEN_CASES, "open cases")                                                             \
    X(COLUMN_FTE, "fte")

#define X(name, folded) name,
enum column { COLUMN_LIST(X) COLUMN_COUNT };
#undef X

static const char *const column_names[] = {
#define X(name, folded) folded,
    COLUMN_LIST(X)
#undef X
};

struct figures_file {
    struct figures_options options;
    struct figures_sink sink;
    struct csv *csv;
    struct id_set seen;
    bool heading_done;
    uint32_t row_count;
    int place[COLUMN_COUNT]; /* from 0; -1 where the file has none */
    size_t bin_count;
    int bins[HISTOGRAM_BINS_MAX]; /* their columns */
    uint16_t edges_weeks[HISTOGRAM_EDGES_MAX];
    bool open_bin; /* the last bin has been seen */
    struct row_heading heading;
};

struct reading {
    struct figures_file *file;
    const struct csv_record *record;
    struct row_errors errors;
    struct figures_row row;
};

static void complain_at(struct reading *in, int index, enum row_reason reason) {
    row_errors_add(&in->errors, &in->file->heading, in->record, index, reason);
}

static void complain(struct reading *in, enum column column, enum row_reason reason) {
    complain_at(in, in->file->place[column], reason);
}

static int refuse_file(struct figures_file *file, const struct row_error *error) {
    struct row_rejection rejection = {.errors = error, .count = 1, .whole_file = true};
    int r = file->sink.rejected(file->sink.context, &rejection);
    return r < 0 ? r : ERR_MALFORMED;
}

static int reject(struct figures_file *file, const struct row_errors *errors,
                  const struct csv_record *record) {
    struct row_rejection rejection = {
        .errors = errors->list,
        .count = errors->count,
        .record = record->fault == CSV_FAULT_NONE ? record : NULL,
    };
    return file->sink.rejected(file->sink.context, &rejection);
}

static bool read_cell(const struct reading *in, int index, struct row_cell *ret) {
    if (index < 0) {
        return false;
    }
    row_cell_read(ret, &in->record->fields[index]);
    return ret->too_long || ret->length > 0;
}

/* A whole number of at most `highest`; else a complaint and -1. */
static int64_t read_count(struct reading *in, int index, int64_t highest) {
    struct row_cell cell;
    if (!read_cell(in, index, &cell)) {
        complain_at(in, index, ROW_REASON_MISSING);
        return FIGURES_NOT_GIVEN;
    }
    int64_t value = 0;
    bool good = cell.length > 0 && strspn(cell.text, "0123456789") == cell.length;
    for (size_t i = 0; i < cell.length && good; i++) {
        value = value * 10 + (cell.text[i] - '0');
        good = value <= highest;
    }
    if (!good) {
        complain_at(in, index, ROW_REASON_NUMBER_UNREADABLE);
        return FIGURES_NOT_GIVEN;
    }
    return value;
}

/* yyyy-mm */
static bool month_read(const struct row_cell *cell, int32_t *ret_first_day, int32_t *ret_days) {
    char text[DATE_TEXT_SIZE] = "";
    if (cell->length != 7) {
        return false;
    }
    memcpy(text, cell->text, 7);
    memcpy(text + 7, "-01", 4);
    int32_t first;
    if (date_parse(text, &first) < 0) {
        return false;
    }
    struct date next = date_from_day(first);
    next.year += next.month == 12 ? 1 : 0;
    next.month = next.month % 12 + 1;
    *ret_first_day = first;
    *ret_days = day_from_date(next) - first;
    return true;
}

static void read_month(struct reading *in, const struct row_cell *cell) {
    if (!month_read(cell, &in->row.period_first_day, &in->row.period_days)) {
        complain(in, COLUMN_MONTH, ROW_REASON_DATE_UNREADABLE);
        return;
    }
    if (in->row.period_first_day + in->row.period_days - 1 > in->file->options.today) {
        complain(in, COLUMN_MONTH, ROW_REASON_DATE_FUTURE);
    }
}

static void read_period_end(struct reading *in) {
    struct row_cell cell;
    int32_t end;
    if (!read_cell(in, in->file->place[COLUMN_PERIOD_END], &cell)) {
        complain(in, COLUMN_PERIOD_END, ROW_REASON_MISSING);
        return;
    }
    if (date_read("yyyy-mm-dd", cell.text, cell.length, &end) < 0 &&
        date_read("dd/mm/yyyy", cell.text, cell.length, &end) < 0) {
        complain(in, COLUMN_PERIOD_END, ROW_REASON_DATE_UNREADABLE);
        return;
    }
    if (end > in->file->options.today) {
        complain(in, COLUMN_PERIOD_END, ROW_REASON_DATE_FUTURE);
        return;
    }
    int64_t days = read_count(in, in->file->place[COLUMN_PERIOD_DAYS], HISTOGRAM_COUNT_MAX);
    if (days == 0 || days > FIGURES_PERIOD_DAYS_MAX) {
        complain(in, COLUMN_PERIOD_DAYS, ROW_REASON_PERIOD);
        return;
    }
    in->row.period_days = (int32_t)days;
    in->row.period_first_day = end - (int32_t)days + 1;
}

static void read_period(struct reading *in) {
    struct row_cell cell;
    if (read_cell(in, in->file->place[COLUMN_MONTH], &cell)) {
        read_month(in, &cell);
    } else if (in->file->place[COLUMN_PERIOD_END] >= 0) {
        read_period_end(in);
    } else {
        complain(in, COLUMN_MONTH, ROW_REASON_MISSING);
    }
}

static void read_service(struct reading *in) {
    struct row_cell cell;
    if (!read_cell(in, in->file->place[COLUMN_SERVICE], &cell)) {
        complain(in, COLUMN_SERVICE, ROW_REASON_MISSING);
        return;
    }
    for (size_t i = 0; i < cell.length; i++) {
        bool capital = cell.text[i] >= 'A' && cell.text[i] <= 'Z';
        cell.text[i] = (char)(capital ? cell.text[i] - 'A' + 'a' : cell.text[i]);
    }
    if (service_id_parse(cell.text, &in->row.service) < 0) {
        complain(in, COLUMN_SERVICE, ROW_REASON_UNKNOWN_SERVICE);
    }
}

static void read_municipality(struct reading *in) {
    const struct import_lookups *lookups = &in->file->options.lookups;
    struct row_cell cell;
    if (!read_cell(in, in->file->place[COLUMN_MUNICIPALITY], &cell)) {
        return;
    }
    int32_t today = in->file->options.today;
    if (cell.too_long ||
        lookups->municipality(lookups->context, cell.text, today, &in->row.nis) < 0) {
        complain(in, COLUMN_MUNICIPALITY, ROW_REASON_UNKNOWN_MUNICIPALITY);
    }
}

static void read_waits(struct reading *in) {
    struct figures_file *file = in->file;
    size_t errors = in->errors.count;
    int64_t sum = 0;
    in->row.waiting_total = read_count(in, file->place[COLUMN_WAITING_TOTAL], HISTOGRAM_COUNT_MAX);
    histogram_init(&in->row.waits, file->edges_weeks, file->bin_count - 1);
    for (size_t i = 0; i < file->bin_count; i++) {
        in->row.waits.counts[i] = read_count(in, file->bins[i], HISTOGRAM_COUNT_MAX);
        sum += in->row.waits.counts[i];
    }
    if (in->errors.count == errors && sum != in->row.waiting_total) {
        complain(in, COLUMN_WAITING_TOTAL, ROW_REASON_BINS_SUM);
    }
}

/* "12,5" or "12.5": hundredths, at most two decimals; -1 where it is something else. */
static int32_t hundredths(const char *text) {
    int32_t value = 0;
    int decimals = -1;
    for (; *text != '\0'; text++) {
        bool sign = *text == ',' || *text == '.';
        if (sign && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (*text < '0' || *text > '9' || decimals == 2 || value > FIGURES_FTE_HUNDREDTHS_MAX) {
            return -1;
        }
        value = value * 10 + (*text - '0');
        decimals += decimals >= 0 ? 1 : 0;
    }
    value *= decimals == 2 ? 1 : decimals == 1 ? 10 : 100;
    return value <= FIGURES_FTE_HUNDREDTHS_MAX ? value : -1;
}

static void read_optional(struct reading *in) {
    const int *place = in->file->place;
    struct row_cell cell;
    in->row.open_cases = FIGURES_NOT_GIVEN;
    in->row.fte_hundredths = FIGURES_NOT_GIVEN;
    if (read_cell(in, place[COLUMN_OPEN_CASES], &cell)) {
        in->row.open_cases = read_count(in, place[COLUMN_OPEN_CASES], HISTOGRAM_COUNT_MAX);
    }
    if (read_cell(in, place[COLUMN_FTE], &cell)) {
        in->row.fte_hundredths = cell.too_long ? -1 : hundredths(cell.text);
        if (in->row.fte_hundredths < 0) {
            complain(in, COLUMN_FTE, ROW_REASON_NUMBER_UNREADABLE);
        }
    }
}

static int check_unique(struct reading *in) {
    uint8_t memory[64];
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_i64(&buf, in->row.period_first_day);
    buf_i64(&buf, in->row.period_days);
    buf_u32(&buf, in->row.nis.code);
    buf_text(&buf, in->row.service.text);
    uint32_t earlier = 0;
    uint64_t hash = siphash(&in->file->options.key, buf_bytes(&buf));
    int r = id_set_add(&in->file->seen, hash, in->record->line, &earlier);
    if (r == 0 && earlier != 0) {
        complain_at(in, -1, ROW_REASON_FIGURES_TWICE);
        in->errors.list[in->errors.count - 1].earlier_line = earlier;
    }
    return r;
}

static int read_row(struct figures_file *file, const struct csv_record *record) {
    struct reading in = {.file = file, .record = record};
    if (record->count != file->heading.count) {
        complain_at(&in, -1, ROW_REASON_COLUMN_COUNT);
        return reject(file, &in.errors, record);
    }
    read_period(&in);
    read_service(&in);
    read_municipality(&in);
    read_waits(&in);
    read_optional(&in);
    if (in.errors.count == 0) {
        int r = check_unique(&in);
        if (r < 0) {
            return r;
        }
    }
    if (in.errors.count > 0) {
        return reject(file, &in.errors, record);
    }
    return file->sink.row(file->sink.context, &in.row, record->line);
}

/* Digits to a number of weeks; gives what follows, NULL where none stand there. */
static const char *read_weeks(const char *text, uint32_t *ret_weeks) {
    size_t length = strspn(text, "0123456789");
    *ret_weeks = 0;
    if (length == 0 || length > 4) {
        return NULL;
    }
    for (size_t i = 0; i < length; i++) {
        *ret_weeks = *ret_weeks * 10 + (uint32_t)(text[i] - '0');
    }
    return text + length;
}

/* "w4 8" or "w52 plus". `ret_to` is 0 for the open bin. */
static bool bin_heading(const char *folded, uint32_t *ret_from, uint32_t *ret_to) {
    if (folded[0] != 'w') {
        return false;
    }
    const char *rest = read_weeks(folded + 1, ret_from);
    if (rest == NULL || *rest != ' ') {
        return false;
    }
    *ret_to = 0;
    if (strcmp(rest + 1, "plus") == 0) {
        return true;
    }
    rest = read_weeks(rest + 1, ret_to);
    return rest != NULL && *rest == '\0';
}

/* Whether the bin follows on the ones before it. */
static bool add_bin(struct figures_file *file, int index, uint32_t from, uint32_t to) {
    uint32_t before = file->bin_count == 0 ? 0 : file->edges_weeks[file->bin_count - 1];
    bool last = to == 0;
    if (file->open_bin || from != before || (last && file->bin_count == 0)) {
        return false;
    }
    if (!last &&
        (to <= from || to > HISTOGRAM_EDGE_WEEKS_MAX || file->bin_count == HISTOGRAM_EDGES_MAX)) {
        return false;
    }
    if (!last) {
        file->edges_weeks[file->bin_count] = (uint16_t)to;
    }
    file->open_bin = last;
    file->bins[file->bin_count++] = index;
    return true;
}

static int refuse_column(struct figures_file *file, const struct csv_record *record, int index,
                         enum row_reason reason) {
    struct row_errors errors = {0};
    row_errors_add(&errors, &file->heading, record, index, reason);
    return refuse_file(file, &errors.list[0]);
}

static int tell_note(struct figures_file *file, size_t index, const char *folded) {
    const char *name = file->heading.names[index];
    if (file->sink.note == NULL || name[0] == '\0') {
        return 0;
    }
    struct row_note note = {
        .column = (uint32_t)index + 1,
        .column_name = name,
        .note = identity_heading(folded) ? COLUMN_NOTE_IDENTITY : COLUMN_NOTE_IGNORED,
    };
    return file->sink.note(file->sink.context, &note);
}

static enum column column_of(const char *folded) {
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (strcmp(folded, column_names[i]) == 0) {
            return (enum column)i;
        }
    }
    return strcmp(folded, "specialty code") == 0 ? COLUMN_SERVICE : COLUMN_COUNT;
}

static int map_column(struct figures_file *file, const struct csv_record *record, size_t index) {
    const struct csv_field *field = &record->fields[index];
    char folded[FOLD_BYTES_MAX + 1];
    uint32_t from;
    uint32_t to;
    if (is_rejected_heading(file->heading.names[index])) {
        return refuse_column(file, record, (int)index, ROW_REASON_REJECTED_FILE);
    }
    if (fold_text(field->text, field->length, folded) < 0) {
        return tell_note(file, index, folded);
    }
    if (bin_heading(folded, &from, &to)) {
        file->heading.stored[index] = true;
        bool follows = add_bin(file, (int)index, from, to);
        return follows ? 0 : refuse_column(file, record, (int)index, ROW_REASON_BINS_HEADING);
    }
    enum column column = column_of(folded);
    if (column == COLUMN_COUNT) {
        return tell_note(file, index, folded);
    }
    if (file->place[column] >= 0) {
        return refuse_column(file, record, (int)index, ROW_REASON_COLUMN_TWICE);
    }
    file->place[column] = (int)index;
    file->heading.stored[index] = true;
    return 0;
}

static const char *missing_column(const struct figures_file *file) {
    bool by_end = file->place[COLUMN_PERIOD_END] >= 0;
    if (by_end && file->place[COLUMN_PERIOD_DAYS] < 0) {
        return "period_days";
    }
    if (!by_end && file->place[COLUMN_MONTH] < 0) {
        return "period_end";
    }
    if (file->place[COLUMN_SERVICE] < 0) {
        return "service";
    }
    if (file->place[COLUMN_WAITING_TOTAL] < 0) {
        return "waiting_total";
    }
    return file->open_bin ? NULL : "w..._plus";
}

static int read_heading(struct figures_file *file, const struct csv_record *record) {
    row_heading_read(&file->heading, record);
    for (size_t i = 0; i < record->count; i++) {
        int r = map_column(file, record, i);
        if (r < 0) {
            return r;
        }
    }
    struct row_error error = {
        .line = record->line,
        .column_name = missing_column(file),
        .value = "",
        .reason = ROW_REASON_MISSING_COLUMN,
    };
    if (error.column_name != NULL) {
        return refuse_file(file, &error);
    }
    file->heading_done = true;
    struct file_heading heading = {
        .record = record,
        .stored = file->heading.stored,
        .delimiter = csv_delimiter(file->csv),
    };
    return file->sink.heading == NULL ? 0 : file->sink.heading(file->sink.context, &heading);
}

static int reject_fault(struct figures_file *file, const struct csv_record *record) {
    struct row_errors errors = {0};
    row_errors_add_fault(&errors, &file->heading, record);
    if (record->fault == CSV_FAULT_UTF16 || !file->heading_done) {
        return refuse_file(file, &errors.list[0]);
    }
    return reject(file, &errors, record);
}

static int take_record(void *context, const struct csv_record *record) {
    struct figures_file *file = context;
    if (record->fault != CSV_FAULT_NONE) {
        return reject_fault(file, record);
    }
    if (record_is_blank(record)) {
        return 0;
    }
    if (!file->heading_done) {
        return read_heading(file, record);
    }
    if (file->row_count == IMPORT_ROWS_MAX) {
        return refuse_column(file, record, -1, ROW_REASON_TOO_MANY_ROWS);
    }
    file->row_count++;
    return read_row(file, record);
}

int figures_file_new(const struct figures_options *options, const struct figures_sink *sink,
                     struct figures_file **ret) {
    struct figures_file *file = calloc(1, sizeof(*file));
    if (file == NULL) {
        return ERR_NO_MEMORY;
    }
    file->options = *options;
    file->sink = *sink;
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        file->place[i] = -1;
    }
    struct csv_sink records = {.record = take_record, .context = file};
    int r = csv_new('\0', records, &file->csv);
    if (r < 0) {
        free(file);
        return r;
    }
    *ret = file;
    return 0;
}

void figures_file_free(struct figures_file *file) {
    if (file == NULL) {
        return;
    }
    csv_free(file->csv);
    id_set_deinit(&file->seen);
    free(file);
}

int figures_file_feed(struct figures_file *file, struct bytes chunk) {
    return csv_feed(file->csv, chunk);
}

int figures_file_end(struct figures_file *file) {
    int r = csv_end(file->csv);
    if (r == 0 && !file->heading_done) {
        struct row_error error = {
            .line = 1, .column_name = "", .value = "", .reason = ROW_REASON_EMPTY_FILE};
        r = refuse_file(file, &error);
    }
    return r;
}
