#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/core/commands.h"

static const enum role roles[] = {ROLE_ADMINISTRATOR, ROLE_CASEWORKER, ROLE_TOELEIDER,
                                  ROLE_VOLUNTEER, ROLE_READER};
enum { ROLES = sizeof(roles) / sizeof(roles[0]), LINE_SIZE = 400 };

static const enum node_command commands[] = {
#define X(name, number, text) name,
    NODE_COMMAND_LIST(X)
#undef X
};

/* README's line of that command, in "Who may do what". */
static bool find_line(FILE *readme, const char *command, char line[static LINE_SIZE]) {
    char start[80];
    (void)snprintf(start, sizeof(start), "| `%s` |", command);
    rewind(readme);
    while (fgets(line, LINE_SIZE, readme) != NULL) {
        if (strncmp(line, start, strlen(start)) == 0) {
            memmove(line, line + strlen(start), strlen(line) - strlen(start) + 1);
            return true;
        }
    }
    return false;
}

static void the_documentation_says_who_may_do_what(void **state) {
    (void)state;
    FILE *readme = fopen(README, "re");
    char line[LINE_SIZE];
    assert_non_null(readme);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        const char *text = node_command_text(commands[i]);
        if (!find_line(readme, text, line)) {
            fail_msg("README doesn't say who may %s", text);
        }
        const char *cell = line;
        for (size_t k = 0; k < ROLES; k++) {
            const bool told = strncmp(cell, " yes |", 6) == 0;
            if (told != node_may(roles[k], commands[i])) {
                fail_msg("%s: README and the table differ about %s", text, role_text(roles[k]));
            }
            cell = strchr(cell, '|') + 1;
        }
    }
    (void)fclose(readme);
}

static void what_is_not_in_the_table_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        assert_false(node_may(ROLE_NONE, commands[i]));
        assert_false(node_may(ROLE_READER, commands[i]));
        assert_false(node_may(ROLE_COORDINATOR, commands[i]));
        assert_false(node_may((enum role)99, commands[i]));
    }
    assert_false(node_may(ROLE_ADMINISTRATOR, NODE_COMMAND_NONE));
    assert_false(node_may(ROLE_CASEWORKER, (enum node_command)9999));
}

static void an_administrator_reads_nothing_of_a_family(void **state) {
    (void)state;
    for (uint32_t kind = NODE_COMMAND_CONSENT_GIVE; kind <= NODE_COMMAND_ITEM_DONE; kind++) {
        assert_false(node_may(ROLE_ADMINISTRATOR, (enum node_command)kind));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documentation_says_who_may_do_what),
        cmocka_unit_test(what_is_not_in_the_table_is_refused),
        cmocka_unit_test(an_administrator_reads_nothing_of_a_family),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
