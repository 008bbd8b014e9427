/* The text of FILE.rejected.csv: the rows that weren't taken, each with where and why: a list by
 * which one mends the export itself. It's never imported (cells.h, is_rejected_heading): an import
 * replaces the whole register.
 *
 * Not the whole row: a column that an import doesn't store (names, national numbers, free text)
 * keeps its heading and is left empty, and so is every cell of a row that couldn't be taken apart
 * or has too many or too few columns, for there nobody knows what stands in which column. Three
 * columns come behind: rejected_line, rejected_column, rejected_reason.
 *
 * Against formulas in spreadsheets a cell that starts with = + - or @ gets an apostrophe in front.
 * Writes no file: gives the bytes to its caller, the import worker. */
#pragma once

#include "node/import/cells.h"
#include "node/import/reasons.h"

/* `write` gives 0 or a negative number; `text` is valid during the call. */
struct rejected_sink {
    int (*write)(void *context, struct bytes text);
    void *context;
};

struct rejected;

/* Errors: ERR_NO_MEMORY. */
MUST_CHECK int rejected_new(enum row_tongue tongue, struct rejected_sink sink,
                            struct rejected **ret);
void rejected_free(struct rejected *rejected);

/* Copies the heading; nothing is written before the first row. Errors: ERR_NO_MEMORY. */
MUST_CHECK int rejected_heading(struct rejected *rejected, const struct file_heading *heading);

/* Writes one row (before the first also the byte order mark and the heading). A refused file has no
 * rows: nothing is written for it. Errors: ERR_NO_MEMORY, what the sink gave. */
MUST_CHECK int rejected_row(struct rejected *rejected, const struct row_rejection *rejection);
