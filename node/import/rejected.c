#include "node/import/rejected.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
    char *data; /* owned */
    size_t length;
    size_t size;
    int error;
};

struct rejected {
    struct rejected_sink sink;
    enum row_tongue tongue;
    char delimiter;
    bool started;
    size_t columns;
    bool stored[IMPORT_COLUMNS_MAX];
    struct text heading;
    struct text row;
};

int rejected_new(enum row_tongue tongue, struct rejected_sink sink, struct rejected **ret) {
    struct rejected *rejected = calloc(1, sizeof(*rejected));
    if (rejected == NULL) {
        return ERR_NO_MEMORY;
    }
    rejected->tongue = tongue;
    rejected->sink = sink;
    rejected->delimiter = ',';
    *ret = rejected;
    return 0;
}

void rejected_free(struct rejected *rejected) {
    if (rejected == NULL) {
        return;
    }
    free(rejected->heading.data);
    free(rejected->row.data);
    free(rejected);
}

static void add(struct text *text, const char *data, size_t length) {
    if (text->error < 0) {
        return;
    }
    if (text->length + length > text->size) {
        size_t size = 2 * (text->length + length) + 256;
        char *grown = realloc(text->data, size);
        if (grown == NULL) {
            text->error = ERR_NO_MEMORY;
            return;
        }
        text->data = grown;
        text->size = size;
    }
    if (length > 0) {
        memcpy(text->data + text->length, data, length);
        text->length += length;
    }
}

static bool needs_quotes(struct bytes cell) {
    for (size_t i = 0; i < cell.length; i++) {
        if (strchr("\",;\t\r\n", cell.data[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static void add_cell(struct text *text, struct bytes cell) {
    bool quotes = needs_quotes(cell);
    add(text, "\"", quotes ? 1 : 0);
    if (row_cell_is_formula(cell)) {
        add(text, "'", 1);
    }
    for (size_t i = 0; i < cell.length; i++) {
        if (cell.data[i] == '"') {
            add(text, "\"", 1);
        }
        add(text, (const char *)cell.data + i, 1);
    }
    add(text, "\"", quotes ? 1 : 0);
}

int rejected_heading(struct rejected *rejected, const struct file_heading *heading) {
    const struct csv_record *record = heading->record;
    rejected->columns = record->count;
    rejected->delimiter = heading->delimiter;
    rejected->heading.length = 0;
    for (size_t i = 0; i < record->count; i++) {
        rejected->stored[i] = heading->stored[i];
        add_cell(&rejected->heading, row_cell_trim(&record->fields[i]));
        add(&rejected->heading, &rejected->delimiter, 1);
    }
    const char *const own[] = {"rejected_line", "rejected_column", "rejected_reason"};
    for (size_t i = 0; i < 3; i++) {
        add_cell(&rejected->heading, bytes_from_text(own[i]));
        add(&rejected->heading, i < 2 ? &rejected->delimiter : "\r\n", i < 2 ? 1 : 2);
    }
    return rejected->heading.error;
}

static int start(struct rejected *rejected) {
    static const char bom[] = "\xEF\xBB\xBF";
    rejected->started = true;
    int r = rejected->sink.write(rejected->sink.context, bytes_from_text(bom));
    if (r < 0) {
        return r;
    }
    struct bytes heading = {
        .data = (const uint8_t *)rejected->heading.data,
        .length = rejected->heading.length,
    };
    return rejected->sink.write(rejected->sink.context, heading);
}

static void add_number(struct text *text, uint32_t number) {
    char digits[16];
    int length = snprintf(digits, sizeof(digits), "%u", number);
    add(text, digits, (size_t)length);
}

static void add_reasons(struct text *text, const struct row_rejection *rejection,
                        enum row_tongue tongue) {
    char reasons[ROW_ERRORS_MAX * 256];
    size_t length = 0;
    for (size_t i = 0; i < rejection->count; i++) {
        const struct row_error *error = &rejection->errors[i];
        bool named = error->column_name[0] != '\0';
        int r =
            snprintf(reasons + length, sizeof(reasons) - length, "%s%s%s%s", i > 0 ? "; " : "",
                     error->column_name, named ? ": " : "", row_reason_text(error->reason, tongue));
        if (r < 0 || (size_t)r >= sizeof(reasons) - length) {
            break;
        }
        length += (size_t)r;
    }
    reasons[length] = '\0';
    add_cell(text, bytes_from_text(reasons));
}

static bool has_cells(const struct row_rejection *rejection) {
    return rejection->record != NULL && rejection->errors[0].reason != ROW_REASON_COLUMN_COUNT;
}

int rejected_row(struct rejected *rejected, const struct row_rejection *rejection) {
    struct text *row = &rejected->row;
    if (rejection->whole_file) {
        return 0;
    }
    row->length = 0;
    for (size_t i = 0; i < rejected->columns; i++) {
        if (has_cells(rejection) && rejected->stored[i]) {
            add_cell(row, row_cell_trim(&rejection->record->fields[i]));
        }
        add(row, &rejected->delimiter, 1);
    }
    add_number(row, rejection->errors[0].line);
    add(row, &rejected->delimiter, 1);
    add_number(row, rejection->errors[0].column);
    add(row, &rejected->delimiter, 1);
    add_reasons(row, rejection, rejected->tongue);
    add(row, "\r\n", 2);
    if (row->error < 0) {
        return row->error;
    }
    int r = rejected->started ? 0 : start(rejected);
    if (r < 0) {
        return r;
    }
    struct bytes text = {.data = (const uint8_t *)row->data, .length = row->length};
    return rejected->sink.write(rejected->sink.context, text);
}
