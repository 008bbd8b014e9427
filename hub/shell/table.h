/* A table for a terminal: columns as wide as their widest cell, numbers to the right. Counts
 * characters, not bytes; a character that is two columns wide stands out a little. Pure but for the
 * file it prints to. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "shared/base/err.h"

enum { TABLE_COLUMNS_MAX = 12 };

struct table_column {
    const char *head; /* borrowed, as long as the table */
    bool right;
};

struct text_table {
    const struct table_column *columns; /* borrowed */
    size_t column_count;
    char **cells; /* owned, row by row */
    size_t cell_count;
    size_t cell_size;
    int error; /* 0 or ERR_NO_MEMORY; later calls do nothing */
};

struct text_table table_of(const struct table_column *columns, size_t count);
void table_deinit(struct text_table *table);
/* The next cell; a row is full after `column_count` of them. Copies; NULL is an empty cell. */
void table_cell(struct text_table *table, const char *text);
__attribute__((format(printf, 2, 3))) void table_cellf(struct text_table *table, const char *form,
                                                       ...);
/* Errors: ERR_NO_MEMORY (nothing was printed). */
MUST_CHECK int table_print(const struct text_table *table, FILE *out);
