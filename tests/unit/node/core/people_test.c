#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "node/core/commands.h"

/* The same table as README's "Who may do what", written out by hand: every cell is compared. */
static const struct {
    const char *command;
    const char *roles; /* a: administrator, c: caseworker, t: toeleider, v: volunteer */
} table[] = {
    {"import-begin", "ac"},
    {"import-rows", "ac"},
    {"import-switch", "ac"},
    {"import-drop", "ac"},
    {"import-figures", "a"},
    {"status-set", "ac"},
    {"publish", "a"},
    {"user-add", "a"},
    {"token-create", "a"},
    {"shredded", "a"},
    {"consent-give", "ctv"},
    {"consent-change", "c"},
    {"withdraw", "ctv"},
    {"support-start", "ctv"},
    {"support-ending", "c"},
    {"support-end", "ctv"},
    {"ask", "c"},
    {"ask-revoke", "c"},
    {"ask-answer", "c"},
    {"concern", "ctv"},
    {"flag-answer", "c"},
    {"call-back", "ctv"},
    {"called-back", "c"},
    {"new-card", "c"},
    {"informal", "c"},
    {"look", "ctv"},
    {"item-done", "ctv"},
    {"items-mailed", "a"},
    {"keys-rotate", "a"},
    {"hours", "ac"},
};

static char letter_of(enum role role) {
    switch (role) {
    case ROLE_ADMINISTRATOR:
        return 'a';
    case ROLE_CASEWORKER:
        return 'c';
    case ROLE_TOELEIDER:
        return 't';
    case ROLE_VOLUNTEER:
        return 'v';
    case ROLE_NONE:
    case ROLE_COORDINATOR:
    case ROLE_READER:
    default:
        return '-';
    }
}

static const char *roles_of(const char *command) {
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(table[i].command, command) == 0) {
            return table[i].roles;
        }
    }
    fail_msg("%s isn't in the table", command);
    return "";
}

static void every_role_may_give_its_own_commands_and_no_other(void **state) {
    size_t commands = 0;
    for (int command = 0; command < 64; command++) {
        const char *text = node_command_text((enum node_command)command);
        commands += text != NULL;
        for (int role = 0; role < 16; role++) {
            const char letter = letter_of((enum role)role);
            const bool expected =
                text != NULL && letter != '-' && strchr(roles_of(text), letter) != NULL;
            assert_int_equal(node_may((enum role)role, (enum node_command)command), expected);
        }
    }
    assert_int_equal(commands, sizeof(table) / sizeof(table[0]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_role_may_give_its_own_commands_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
