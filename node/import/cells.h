/* What both file readers do with a CSV record: the heading by column, cells without the blanks
 * around them, errors with their place.
 *
 * Knows no column's meaning. Used by rows.c and figures_file.c only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/import/csv.h"
#include "node/import/reasons.h"
#include "shared/base/limits.h"

enum { CELL_BYTES_MAX = 127, HEADING_BYTES_MAX = 63 };

struct row_heading {
    size_t count;
    bool stored[IMPORT_COLUMNS_MAX];
    char names[IMPORT_COLUMNS_MAX][HEADING_BYTES_MAX + 1]; /* as spelled, cut at a whole letter */
};

/* Given out once, before the first row; what rejected.h needs. Valid during the callback. */
struct file_heading {
    const struct csv_record *record;
    const bool *stored; /* by column: whether anything of it is used */
    char delimiter;
};

/* A cell without blanks around it, and without the apostrophe that rejected.h (or a spreadsheet)
 * puts before = + - @. */
struct row_cell {
    size_t length;
    bool too_long; /* past CELL_BYTES_MAX; `text` is then empty */
    char text[CELL_BYTES_MAX + 1];
};

/* The errors found so far in one row. */
struct row_errors {
    size_t count;
    struct row_error list[ROW_ERRORS_MAX];
};

/* Copies the names. */
void row_heading_read(struct row_heading *heading, const struct csv_record *record);

/* Whether no cell of the record has anything but blanks in it. */
bool record_is_blank(const struct csv_record *record);

/* The field's text without the blanks around it; borrows. */
struct bytes row_cell_trim(const struct csv_field *field);

void row_cell_read(struct row_cell *cell, const struct csv_field *field);

/* Whether a spreadsheet would take the text for a formula: it starts with = + - or @ (OWASP, "CSV
 * injection"; tabs and line ends in front are blanks to us and never written). */
bool row_cell_is_formula(struct bytes trimmed);

/* `index` counts from 0; below 0 it is the whole row. */
void row_errors_add(struct row_errors *errors, const struct row_heading *heading,
                    const struct csv_record *record, int index, enum row_reason reason);

/* What the CSV reader found wrong, with the place it gives. */
void row_errors_add_fault(struct row_errors *errors, const struct row_heading *heading,
                          const struct csv_record *record);

/* The columns that we add to FILE.rejected.csv. A file that has one holds only the rows that were
 * refused: as a register it would replace the whole by a handful, so it's refused. */
bool is_rejected_heading(const char *name);
