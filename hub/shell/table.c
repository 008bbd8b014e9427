#include "hub/shell/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct text_table table_of(const struct table_column *columns, size_t count) {
    return (struct text_table){.columns = columns, .column_count = count};
}

void table_deinit(struct text_table *table) {
    for (size_t i = 0; i < table->cell_count; i++) {
        free(table->cells[i]);
    }
    free(table->cells);
    *table = (struct text_table){0};
}

static bool grow(struct text_table *table) {
    size_t size = table->cell_size == 0 ? 64 : 2 * table->cell_size;
    char **cells = realloc(table->cells, size * sizeof(cells[0]));
    if (cells == NULL) {
        return false;
    }
    table->cells = cells;
    table->cell_size = size;
    return true;
}

/* Takes `text`. */
static void add(struct text_table *table, char *text) {
    if (text == NULL || (table->cell_count == table->cell_size && !grow(table))) {
        free(text);
        table->error = ERR_NO_MEMORY;
        return;
    }
    table->cells[table->cell_count++] = text;
}

void table_cell(struct text_table *table, const char *text) {
    if (table->error == 0) {
        add(table, strdup(text == NULL ? "" : text));
    }
}

void table_cellf(struct text_table *table, const char *form, ...) {
    char *text = NULL;
    va_list args;
    if (table->error < 0) {
        return;
    }
    va_start(args, form);
    int length = vasprintf(&text, form, args);
    va_end(args);
    add(table, length < 0 ? NULL : text);
}

/* Characters of UTF-8: every byte but those that continue one. */
static size_t width_of(const char *text) {
    size_t width = 0;
    for (; *text != '\0'; text++) {
        width += ((unsigned char)*text & 0xc0) != 0x80 ? 1 : 0;
    }
    return width;
}

static void print_cell(const struct table_column *column, size_t width, bool last, const char *text,
                       FILE *out) {
    size_t pad = width - width_of(text);
    if (column->right) {
        fprintf(out, "%*s%s", (int)pad, "", text);
    } else if (last) {
        fputs(text, out);
    } else {
        fprintf(out, "%s%*s", text, (int)pad, "");
    }
    fputs(last ? "\n" : "  ", out);
}

int table_print(const struct text_table *table, FILE *out) {
    size_t widths[TABLE_COLUMNS_MAX];
    size_t count = table->column_count;
    if (table->error < 0) {
        return table->error;
    }
    for (size_t i = 0; i < count; i++) {
        widths[i] = width_of(table->columns[i].head);
    }
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t width = width_of(table->cells[i]);
        widths[i % count] = width > widths[i % count] ? width : widths[i % count];
    }
    for (size_t i = 0; i < count; i++) {
        print_cell(&table->columns[i], widths[i], i + 1 == count, table->columns[i].head, out);
    }
    for (size_t i = 0; i < table->cell_count; i++) {
        print_cell(&table->columns[i % count], widths[i % count], i % count + 1 == count,
                   table->cells[i], out);
    }
    return 0;
}
