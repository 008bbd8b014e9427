#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hub/shell/table.h"

static char *printed(const struct text_table *table) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    assert_int_equal(table_print(table, out), 0);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void columns_are_as_wide_as_their_widest_cell(void **state) {
    const struct table_column columns[] = {{.head = "naam"}, {.head = "n", .right = true}};
    struct text_table table = table_of(columns, 2);
    table_cell(&table, "OCMW");
    table_cellf(&table, "%d", 120);
    table_cell(&table, "CAW Kuurne");
    table_cell(&table, "7");
    char *text = printed(&table);
    assert_string_equal(text, "naam          n\n"
                              "OCMW        120\n"
                              "CAW Kuurne    7\n");
    free(text);
    table_deinit(&table);
}

static void an_accent_counts_as_one_place(void **state) {
    const struct table_column columns[] = {{.head = "é"}, {.head = "x"}};
    struct text_table table = table_of(columns, 2);
    table_cell(&table, "→ Oekraïens");
    table_cell(&table, "a");
    table_cell(&table, "twaalf-lang");
    table_cell(&table, "b");
    char *text = printed(&table);
    assert_string_equal(text, "é            x\n→ Oekraïens  a\ntwaalf-lang  b\n");
    free(text);
    table_deinit(&table);
}

static void many_cells_and_empty_ones_fit(void **state) {
    const struct table_column columns[] = {{.head = "a"}, {.head = "b"}};
    struct text_table table = table_of(columns, 2);
    for (int i = 0; i < 500; i++) {
        table_cellf(&table, "%d", i);
        table_cell(&table, NULL);
    }
    assert_int_equal(table.error, 0);
    assert_int_equal(table.cell_count, 1000);
    char *text = printed(&table);
    assert_non_null(strstr(text, "\n499  \n"));
    free(text);
    table_deinit(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
        cmocka_unit_test(an_accent_counts_as_one_place),
        cmocka_unit_test(many_cells_and_empty_ones_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
