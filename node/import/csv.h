/* A push reader of separated values: bytes go in as they come, records come out.
 *
 * RFC 4180 with what Belgian Excel and client systems make of it: comma, semicolon or tab, a byte
 * order mark, a first line "sep=;", CRLF, LF or CR, UTF-8 or Windows-1252 (encoding.h has the
 * rule); what comes out is always UTF-8. It knows nothing of columns' meanings (that's rows.h and
 * figures_file.h) and opens no file. Memory is fixed: some 0.5 MiB, whatever the file.
 *
 * Where RFC 4180 leaves a choice: a quote inside a field that doesn't start with one is an ordinary
 * character; a closing quote must be followed by a separator or a line end; a line without anything
 * on it is passed over. A record with a fault is given out without fields and reading goes on at
 * the next line end, so one bad line costs one line (an opening quote that nobody closes costs what
 * follows it up to the next quote or IMPORT_LINE_BYTES_MAX). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "shared/base/bytes.h"
#include "shared/base/err.h"
#include "shared/base/limits.h"

enum csv_fault {
    CSV_FAULT_NONE = 0,
    CSV_FAULT_NUL,              /* a zero byte */
    CSV_FAULT_TOO_LONG,         /* a record of more than IMPORT_LINE_BYTES_MAX bytes */
    CSV_FAULT_TOO_MANY_COLUMNS, /* more than IMPORT_COLUMNS_MAX */
    CSV_FAULT_AFTER_QUOTE,      /* text between a closing quote and the separator */
    CSV_FAULT_OPEN_QUOTE,       /* the file ends inside quotes */
    CSV_FAULT_UTF16,            /* the file is UTF-16; nothing more is given out */
};

struct csv_field {
    const char *text; /* UTF-8 with a NUL after it; no NUL inside */
    size_t length;
    uint32_t line; /* where the field starts, from 1 */
};

/* Valid during the callback. A field's column is its place in `fields`, counted from 1. */
struct csv_record {
    const struct csv_field *fields;
    size_t count;
    uint32_t line; /* of the first field */
    enum csv_fault fault;
    uint32_t fault_line;
    uint32_t fault_column;
};

/* `record` gives 0, or a negative number that ends the reading. */
struct csv_sink {
    int (*record)(void *context, const struct csv_record *record);
    void *context;
};

struct csv;

/* `delimiter` is ',', ';' or tab; 0 takes the one that the first line has most of outside quotes
 * (in a draw: semicolon, then tab, then comma). A line "sep=X" decides for itself.
 * Errors: ERR_NO_MEMORY. */
MUST_CHECK int csv_new(char delimiter, struct csv_sink sink, struct csv **ret);
void csv_free(struct csv *csv);

/* Borrows `chunk` during the call. Errors: what the sink gave, now and at every later call. */
MUST_CHECK int csv_feed(struct csv *csv, struct bytes chunk);
/* The file ends here: gives out a last line that has no line end. Errors: as csv_feed. */
MUST_CHECK int csv_end(struct csv *csv);

/* The separator in use; 0 before the first line is complete. */
char csv_delimiter(const struct csv *csv);
