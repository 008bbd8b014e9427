#include "node/import/cells.h"

#include <string.h>

static size_t blank_length(const char *text, size_t rest) {
    if (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n') {
        return 1;
    }
    return rest >= 2 && memcmp(text, "\xC2\xA0", 2) == 0 ? 2 : 0;
}

static size_t blank_length_before(const char *text, size_t length) {
    if (blank_length(text + length - 1, 1) == 1) {
        return 1;
    }
    return length >= 2 && blank_length(text + length - 2, 2) == 2 ? 2 : 0;
}

struct bytes row_cell_trim(const struct csv_field *field) {
    const char *text = field->text;
    size_t length = field->length;
    size_t step;
    while (length > 0 && (step = blank_length(text, length)) > 0) {
        text += step;
        length -= step;
    }
    while (length > 0 && (step = blank_length_before(text, length)) > 0) {
        length -= step;
    }
    return (struct bytes){.data = (const uint8_t *)text, .length = length};
}

static void copy_name(char ret[static HEADING_BYTES_MAX + 1], struct bytes text) {
    size_t length = text.length;
    if (length > HEADING_BYTES_MAX) {
        length = HEADING_BYTES_MAX;
        while (length > 0 && (text.data[length] & 0xC0) == 0x80) {
            length--;
        }
    }
    memcpy(ret, text.data, length);
    ret[length] = '\0';
}

void row_heading_read(struct row_heading *heading, const struct csv_record *record) {
    heading->count = record->count;
    for (size_t i = 0; i < record->count; i++) {
        copy_name(heading->names[i], row_cell_trim(&record->fields[i]));
        heading->stored[i] = false;
    }
}

bool record_is_blank(const struct csv_record *record) {
    for (size_t i = 0; i < record->count; i++) {
        if (record->fields[i].length > 0 && row_cell_trim(&record->fields[i]).length > 0) {
            return false;
        }
    }
    return true;
}

bool row_cell_is_formula(struct bytes trimmed) {
    return trimmed.length > 0 && memchr("=+-@", trimmed.data[0], 4) != NULL;
}

void row_cell_read(struct row_cell *cell, const struct csv_field *field) {
    struct bytes text = row_cell_trim(field);
    if (text.length > 0 && text.data[0] == '\'') {
        struct bytes rest = {.data = text.data + 1, .length = text.length - 1};
        text = row_cell_is_formula(rest) ? rest : text;
    }
    cell->too_long = text.length > CELL_BYTES_MAX;
    cell->length = cell->too_long ? 0 : text.length;
    memcpy(cell->text, text.data, cell->length);
    cell->text[cell->length] = '\0';
}

void row_errors_add(struct row_errors *errors, const struct row_heading *heading,
                    const struct csv_record *record, int index, enum row_reason reason) {
    if (errors->count == ROW_ERRORS_MAX) {
        return;
    }
    struct row_error *error = &errors->list[errors->count++];
    *error =
        (struct row_error){.line = record->line, .column_name = "", .value = "", .reason = reason};
    if (index < 0) {
        return;
    }
    error->column = (uint32_t)index + 1;
    if ((size_t)index < heading->count) {
        error->column_name = heading->names[index];
    }
    if ((size_t)index < record->count) {
        error->line = record->fields[index].line;
        error->value = record->fields[index].text;
    }
}

void row_errors_add_fault(struct row_errors *errors, const struct row_heading *heading,
                          const struct csv_record *record) {
    int index = (int)record->fault_column - 1;
    row_errors_add(errors, heading, record, index, row_reason_of_fault(record->fault));
    errors->list[errors->count - 1].line = record->fault_line;
}

bool is_rejected_heading(const char *name) {
    return strcmp(name, "rejected_line") == 0 || strcmp(name, "rejected_column") == 0 ||
           strcmp(name, "rejected_reason") == 0;
}
