#include "node/import/rows.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/import/fold.h"
#include "node/import/id_set.h"
#include "node/import/identity.h"

enum { MEMO_SLOTS = 1024, MEMO_BYTES_MAX = 63, HEADINGS_SIZE = 300 };

/* What a text stands for. */
union meaning {
    struct nis nis;
    struct service_id service;
    struct language language;
    enum close_reason close_reason;
};

/* A file says the same few words a hundred thousand times: each is looked up once. */
struct memo {
    bool used;
    enum preset_list list;
    int result;
    union meaning meaning;
    char text[MEMO_BYTES_MAX + 1];
};

struct rows {
    struct rows_options options;
    struct rows_sink sink;
    struct csv *csv;
    struct id_set ids;
    bool heading_done;
    uint32_t row_count;
    int place[CASE_COLUMN_COUNT]; /* of each column, from 0; -1 where the file has none */
    struct row_heading heading;
    struct memo memos[MEMO_SLOTS];
};

/* One record on its way to a row. */
struct reading {
    struct rows *rows;
    const struct csv_record *record;
    struct row_errors errors;
    struct case_row row;
};

static void complain(struct reading *in, enum case_column column, enum row_reason reason) {
    row_errors_add(&in->errors, &in->rows->heading, in->record, in->rows->place[column], reason);
}

static int reject(struct rows *rows, const struct row_errors *errors,
                  const struct csv_record *record) {
    struct row_rejection rejection = {
        .errors = errors->list,
        .count = errors->count,
        .record = record->fault == CSV_FAULT_NONE ? record : NULL,
    };
    return rows->sink.rejected(rows->sink.context, &rejection);
}

static int refuse_file(struct rows *rows, const struct row_error *error) {
    struct row_rejection rejection = {.errors = error, .count = 1, .whole_file = true};
    int r = rows->sink.rejected(rows->sink.context, &rejection);
    return r < 0 ? r : ERR_MALFORMED;
}

/* Whether the column has a cell with something in it; that's then in `ret`. */
static bool read_cell(const struct reading *in, enum case_column column, struct row_cell *ret) {
    int index = in->rows->place[column];
    if (index < 0 || in->record->fields[index].length == 0) {
        return false;
    }
    row_cell_read(ret, &in->record->fields[index]);
    char folded[FOLD_BYTES_MAX + 1];
    if (fold_text(ret->text, ret->length, folded) < 0) {
        return true;
    }
    return ret->too_long || !preset_is_empty(in->rows->options.preset, folded);
}

static int ask(const struct rows *rows, enum preset_list list, const char *text,
               union meaning *ret) {
    const struct import_lookups *lookups = &rows->options.lookups;
    switch (list) {
    case PRESET_LIST_SERVICES:
        return lookups->service(lookups->context, text, &ret->service);
    case PRESET_LIST_LANGUAGES:
        return lookups->language(lookups->context, text, &ret->language);
    case PRESET_LIST_MUNICIPALITIES:
        return lookups->municipality(lookups->context, text, rows->options.today, &ret->nis);
    case PRESET_LIST_CLOSE_REASONS:
        ret->close_reason = close_reason_parse(text);
        return ret->close_reason == CLOSE_REASON_NONE ? ERR_NOT_FOUND : 0;
    case PRESET_LIST_COLUMNS:
    case PRESET_LIST_EMPTY:
        break;
    }
    assert(false);
    return ERR_NOT_FOUND;
}

/* "8500 Kortrijk": four digits, a blank, a name. */
static int ask_with_postcode(const struct rows *rows, const char *text, union meaning *ret) {
    bool form = strspn(text, "0123456789") == 4 && text[4] == ' ';
    return form ? ask(rows, PRESET_LIST_MUNICIPALITIES, text + 5, ret) : ERR_NOT_FOUND;
}

static int find_meaning(const struct rows *rows, enum preset_list list, const struct row_cell *cell,
                        union meaning *ret) {
    char folded[FOLD_BYTES_MAX + 1];
    if (cell->too_long || fold_text(cell->text, cell->length, folded) < 0) {
        return ERR_NOT_FOUND;
    }
    const char *ours = preset_word(rows->options.preset, list, folded);
    if (ours != NULL && list == PRESET_LIST_SERVICES) {
        return service_id_parse(ours, &ret->service);
    }
    int r = ask(rows, list, ours != NULL ? ours : cell->text, ret);
    if (r < 0 && list == PRESET_LIST_MUNICIPALITIES) {
        r = ask_with_postcode(rows, cell->text, ret);
    }
    return r;
}

static int resolve(struct rows *rows, enum preset_list list, const struct row_cell *cell,
                   union meaning *ret) {
    struct bytes text = {.data = (const uint8_t *)cell->text, .length = cell->length};
    if (cell->length > MEMO_BYTES_MAX) {
        return find_meaning(rows, list, cell, ret);
    }
    uint64_t hash = siphash(&rows->options.key, text) + (uint64_t)list;
    struct memo *memo = &rows->memos[hash % MEMO_SLOTS];
    if (!memo->used || memo->list != list || strcmp(memo->text, cell->text) != 0) {
        memset(memo, 0, sizeof(*memo));
        memo->used = true;
        memo->list = list;
        memcpy(memo->text, cell->text, cell->length + 1);
        memo->result = find_meaning(rows, list, cell, &memo->meaning);
    }
    if (memo->result == 0) {
        *ret = memo->meaning;
    }
    return memo->result;
}

static void cell_of_default(const char *text, struct row_cell *ret) {
    *ret = (struct row_cell){.length = strlen(text)};
    memcpy(ret->text, text, ret->length + 1);
}

/* The cell, or the preset's default for the column. */
static bool read_cell_or_default(const struct reading *in, enum case_column column,
                                 struct row_cell *ret) {
    if (read_cell(in, column, ret)) {
        return true;
    }
    const char *standing = preset_default(in->rows->options.preset, column);
    if (standing == NULL) {
        return false;
    }
    cell_of_default(standing, ret);
    return true;
}

static int read_id(struct reading *in) {
    struct rows *rows = in->rows;
    struct row_cell cell;
    if (!read_cell(in, CASE_COLUMN_ID, &cell)) {
        complain(in, CASE_COLUMN_ID, ROW_REASON_MISSING);
        return 0;
    }
    if (cell.too_long || cell.length > CASE_ID_BYTES_MAX) {
        complain(in, CASE_COLUMN_ID, ROW_REASON_ID_TOO_LONG);
        return 0;
    }
    if (is_national_number(cell.text)) {
        complain(in, CASE_COLUMN_ID, ROW_REASON_ID_NATIONAL_NUMBER);
        return 0;
    }
    memcpy(in->row.id, cell.text, cell.length + 1);
    struct bytes id = {.data = (const uint8_t *)cell.text, .length = cell.length};
    uint32_t earlier = 0;
    int r = id_set_add(&rows->ids, siphash(&rows->options.key, id), in->record->line, &earlier);
    if (r < 0) {
        return r;
    }
    if (earlier != 0) {
        size_t count = in->errors.count;
        complain(in, CASE_COLUMN_ID, ROW_REASON_ID_TWICE);
        in->errors.list[count].earlier_line = earlier;
    }
    return 0;
}

static void read_municipality(struct reading *in) {
    struct row_cell cell;
    union meaning meaning = {0};
    bool named = read_cell_or_default(in, CASE_COLUMN_MUNICIPALITY, &cell);
    if (named && resolve(in->rows, PRESET_LIST_MUNICIPALITIES, &cell, &meaning) == 0) {
        in->row.nis = meaning.nis;
        return;
    }
    bool coded = read_cell(in, CASE_COLUMN_POSTCODE, &cell);
    if (coded && resolve(in->rows, PRESET_LIST_MUNICIPALITIES, &cell, &meaning) == 0) {
        in->row.nis = meaning.nis;
        return;
    }
    if (named || coded) {
        complain(in, named ? CASE_COLUMN_MUNICIPALITY : CASE_COLUMN_POSTCODE,
                 ROW_REASON_UNKNOWN_MUNICIPALITY);
    }
}

static void read_service(struct reading *in) {
    struct row_cell cell;
    union meaning meaning = {0};
    if (!read_cell_or_default(in, CASE_COLUMN_SERVICE, &cell)) {
        complain(in, CASE_COLUMN_SERVICE, ROW_REASON_MISSING);
        return;
    }
    if (resolve(in->rows, PRESET_LIST_SERVICES, &cell, &meaning) < 0) {
        complain(in, CASE_COLUMN_SERVICE, ROW_REASON_UNKNOWN_SERVICE);
        return;
    }
    in->row.service = meaning.service;
}

static void read_language(struct reading *in) {
    struct row_cell cell;
    union meaning meaning = {0};
    if (!read_cell_or_default(in, CASE_COLUMN_LANGUAGE, &cell)) {
        return;
    }
    if (resolve(in->rows, PRESET_LIST_LANGUAGES, &cell, &meaning) < 0) {
        complain(in, CASE_COLUMN_LANGUAGE, ROW_REASON_UNKNOWN_LANGUAGE);
        return;
    }
    in->row.language = meaning.language;
}

/* `last` is the latest day that the column may have. */
static int32_t read_day(struct reading *in, enum case_column column, int32_t last) {
    struct row_cell cell;
    int32_t today = in->rows->options.today;
    int32_t day;
    if (!read_cell(in, column, &cell)) {
        return ROW_DAY_NONE;
    }
    if (preset_read_date(in->rows->options.preset, cell.text, cell.length, &day) < 0) {
        complain(in, column, ROW_REASON_DATE_UNREADABLE);
        return ROW_DAY_NONE;
    }
    if (day > last) {
        complain(in, column, ROW_REASON_DATE_FUTURE);
        return ROW_DAY_NONE;
    }
    if (day < today - DAY_OLDEST_YEARS * 366) {
        complain(in, column, ROW_REASON_DATE_TOO_OLD);
        return ROW_DAY_NONE;
    }
    return day;
}

static void check_order(struct reading *in) {
    const struct case_row *row = &in->row;
    if (row->first_appointment_day != ROW_DAY_NONE && row->first_appointment_day < row->asked_day) {
        complain(in, CASE_COLUMN_FIRST_APPOINTMENT, ROW_REASON_APPOINTMENT_BEFORE_ASKED);
    }
    if (row->closed_day == ROW_DAY_NONE) {
        return;
    }
    if (row->closed_day < row->asked_day) {
        complain(in, CASE_COLUMN_CLOSED, ROW_REASON_CLOSED_BEFORE_ASKED);
    } else if (row->closed_day < row->first_appointment_day) {
        complain(in, CASE_COLUMN_CLOSED, ROW_REASON_CLOSED_BEFORE_APPOINTMENT);
    }
}

static void read_days(struct reading *in) {
    int32_t today = in->rows->options.today;
    struct case_row *row = &in->row;
    size_t errors = in->errors.count;
    row->asked_day = read_day(in, CASE_COLUMN_ASKED, today);
    if (row->asked_day == ROW_DAY_NONE && in->errors.count == errors) {
        complain(in, CASE_COLUMN_ASKED, ROW_REASON_MISSING);
    }
    row->first_appointment_day =
        read_day(in, CASE_COLUMN_FIRST_APPOINTMENT, today + DAYS_PLANNED_MAX);
    row->last_contact_day = read_day(in, CASE_COLUMN_LAST_CONTACT, today);
    row->closed_day = read_day(in, CASE_COLUMN_CLOSED, today);
    if (row->asked_day != ROW_DAY_NONE) {
        check_order(in);
    }
}

static void read_close_reason(struct reading *in) {
    struct row_cell cell;
    struct row_cell closed;
    union meaning meaning = {0};
    if (!read_cell(in, CASE_COLUMN_CLOSE_REASON, &cell)) {
        return;
    }
    if (resolve(in->rows, PRESET_LIST_CLOSE_REASONS, &cell, &meaning) < 0) {
        complain(in, CASE_COLUMN_CLOSE_REASON, ROW_REASON_UNKNOWN_CLOSE_REASON);
        return;
    }
    if (!read_cell(in, CASE_COLUMN_CLOSED, &closed)) {
        complain(in, CASE_COLUMN_CLOSE_REASON, ROW_REASON_REASON_WITHOUT_DATE);
        return;
    }
    in->row.close_reason = meaning.close_reason;
}

static void read_worker(struct reading *in) {
    struct row_cell cell;
    char folded[FOLD_BYTES_MAX + 1];
    if (!read_cell(in, CASE_COLUMN_WORKER, &cell)) {
        return;
    }
    bool short_enough = fold_text(cell.text, cell.length, folded) >= 0;
    struct bytes name = bytes_from_text(short_enough ? folded : cell.text);
    uint64_t hash = siphash(&in->rows->options.key, name);
    in->row.worker = hash == 0 ? 1 : hash;
}

static bool has_columns_of_heading(const struct rows *rows, const struct csv_record *record) {
    for (size_t i = rows->heading.count; i < record->count; i++) {
        if (record->fields[i].length > 0) {
            return false;
        }
    }
    return record->count >= rows->heading.count;
}

static int read_row(struct rows *rows, const struct csv_record *record) {
    struct reading in = {.rows = rows, .record = record};
    if (!has_columns_of_heading(rows, record)) {
        row_errors_add(&in.errors, &rows->heading, record, -1, ROW_REASON_COLUMN_COUNT);
        return reject(rows, &in.errors, record);
    }
    int r = read_id(&in);
    if (r < 0) {
        return r;
    }
    read_municipality(&in);
    read_service(&in);
    read_language(&in);
    read_days(&in);
    read_close_reason(&in);
    read_worker(&in);
    if (in.errors.count > 0) {
        return reject(rows, &in.errors, record);
    }
    return rows->sink.row(rows->sink.context, &in.row, record->line);
}

static int reject_fault(struct rows *rows, const struct csv_record *record) {
    struct row_errors errors = {0};
    row_errors_add_fault(&errors, &rows->heading, record);
    if (record->fault == CSV_FAULT_UTF16 || !rows->heading_done) {
        return refuse_file(rows, &errors.list[0]);
    }
    return reject(rows, &errors, record);
}

/* A note on a column that nothing is read from. */
static int tell_note(struct rows *rows, size_t index, const char *folded) {
    const char *name = rows->heading.names[index];
    if (rows->sink.note == NULL || name[0] == '\0') {
        return 0;
    }
    struct row_note note = {
        .column = (uint32_t)index + 1,
        .column_name = name,
        .note = identity_heading(folded) ? COLUMN_NOTE_IDENTITY : COLUMN_NOTE_IGNORED,
    };
    return rows->sink.note(rows->sink.context, &note);
}

static int map_column(struct rows *rows, const struct csv_record *record, size_t index) {
    const struct csv_field *field = &record->fields[index];
    char folded[FOLD_BYTES_MAX + 1];
    enum case_column column = CASE_COLUMN_NONE;
    if (is_rejected_heading(rows->heading.names[index])) {
        struct row_errors errors = {0};
        row_errors_add(&errors, &rows->heading, record, (int)index, ROW_REASON_REJECTED_FILE);
        return refuse_file(rows, &errors.list[0]);
    }
    if (fold_text(field->text, field->length, folded) >= 0) {
        column = preset_column(rows->options.preset, folded);
    }
    if (column == CASE_COLUMN_NONE) {
        return tell_note(rows, index, folded);
    }
    if (rows->place[column] >= 0) {
        struct row_errors errors = {0};
        row_errors_add(&errors, &rows->heading, record, (int)index, ROW_REASON_COLUMN_TWICE);
        return refuse_file(rows, &errors.list[0]);
    }
    rows->place[column] = (int)index;
    rows->heading.stored[index] = true;
    return 0;
}

static int refuse_missing(struct rows *rows, const struct csv_record *record,
                          enum case_column column) {
    char found[HEADINGS_SIZE] = "";
    for (size_t i = 0; i < rows->heading.count; i++) {
        const size_t length = strlen(found);
        (void)snprintf(found + length, sizeof(found) - length, "%s%s", i == 0 ? "" : ", ",
                       rows->heading.names[i]);
    }
    struct row_error error = {
        .line = record->line,
        .column_name = case_column_key(column),
        .value = found,
        .reason = ROW_REASON_MISSING_COLUMN,
    };
    return refuse_file(rows, &error);
}

static int check_columns(struct rows *rows, const struct csv_record *record) {
    const struct preset *preset = rows->options.preset;
    static const enum case_column needed[] = {CASE_COLUMN_ID, CASE_COLUMN_SERVICE,
                                              CASE_COLUMN_ASKED};
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (rows->place[needed[i]] < 0 && preset_default(preset, needed[i]) == NULL) {
            return refuse_missing(rows, record, needed[i]);
        }
    }
    bool placed = rows->place[CASE_COLUMN_MUNICIPALITY] >= 0 ||
                  rows->place[CASE_COLUMN_POSTCODE] >= 0 ||
                  preset_default(preset, CASE_COLUMN_MUNICIPALITY) != NULL;
    return placed ? 0 : refuse_missing(rows, record, CASE_COLUMN_MUNICIPALITY);
}

static int read_heading(struct rows *rows, const struct csv_record *record) {
    row_heading_read(&rows->heading, record);
    for (size_t i = 0; i < record->count; i++) {
        int r = map_column(rows, record, i);
        if (r < 0) {
            return r;
        }
    }
    int r = check_columns(rows, record);
    if (r < 0) {
        return r;
    }
    rows->heading_done = true;
    struct file_heading heading = {
        .record = record,
        .stored = rows->heading.stored,
        .delimiter = csv_delimiter(rows->csv),
    };
    return rows->sink.heading == NULL ? 0 : rows->sink.heading(rows->sink.context, &heading);
}

static int take_record(void *context, const struct csv_record *record) {
    struct rows *rows = context;
    if (record->fault != CSV_FAULT_NONE) {
        return reject_fault(rows, record);
    }
    if (record_is_blank(record)) {
        return 0;
    }
    if (!rows->heading_done) {
        return read_heading(rows, record);
    }
    if (rows->row_count == IMPORT_ROWS_MAX) {
        struct row_errors errors = {0};
        row_errors_add(&errors, &rows->heading, record, -1, ROW_REASON_TOO_MANY_ROWS);
        return refuse_file(rows, &errors.list[0]);
    }
    rows->row_count++;
    return read_row(rows, record);
}

int rows_new(const struct rows_options *options, const struct rows_sink *sink, struct rows **ret) {
    assert(preset_check(options->preset) == NULL);
    struct rows *rows = calloc(1, sizeof(*rows));
    if (rows == NULL) {
        return ERR_NO_MEMORY;
    }
    rows->options = *options;
    rows->sink = *sink;
    for (size_t i = 0; i < CASE_COLUMN_COUNT; i++) {
        rows->place[i] = -1;
    }
    struct csv_sink records = {.record = take_record, .context = rows};
    int r = csv_new(preset_delimiter(options->preset), records, &rows->csv);
    if (r < 0) {
        free(rows);
        return r;
    }
    *ret = rows;
    return 0;
}

void rows_free(struct rows *rows) {
    if (rows == NULL) {
        return;
    }
    csv_free(rows->csv);
    id_set_deinit(&rows->ids);
    free(rows);
}

int rows_feed(struct rows *rows, struct bytes chunk) {
    return csv_feed(rows->csv, chunk);
}

int rows_end(struct rows *rows) {
    int r = csv_end(rows->csv);
    if (r == 0 && !rows->heading_done) {
        struct row_error error = {
            .line = 1, .column_name = "", .value = "", .reason = ROW_REASON_EMPTY_FILE};
        r = refuse_file(rows, &error);
    }
    return r;
}
