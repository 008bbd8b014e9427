#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/store/tables.h"

static void no_two_tables_share_a_name(void **state) {
    for (int i = 0; i < TABLE_COUNT; i++) {
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(table_name((enum table)i), table_name((enum table)j));
        }
    }
}

static void the_journal_isnt_rebuilt_from_itself(void **state) {
    assert_false(table_from_journal(TABLE_JOURNAL));
    assert_false(table_from_journal(TABLE_JOURNAL_BODY));
    assert_true(table_from_journal(TABLE_SIGNALS));
    assert_true(table_from_journal(TABLE_DIRECTORY));
}

/* On disk these are the names: whoever changes one loses the table. */
static void names_on_disk_stay(void **state) {
    assert_string_equal(table_name(TABLE_META), "meta");
    assert_string_equal(table_name(TABLE_JOURNAL), "journal");
    assert_string_equal(table_name(TABLE_OUTBOX_KEPT), "outbox_kept");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_two_tables_share_a_name),
        cmocka_unit_test(the_journal_isnt_rebuilt_from_itself),
        cmocka_unit_test(names_on_disk_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
