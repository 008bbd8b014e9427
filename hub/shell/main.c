#include <stdlib.h>

#include "hub/shell/commands.h"

int main(int argc, char **argv) {
    const struct lang_sources sources = {
        .vangnet_lang = getenv("VANGNET_LANG"),
        .lc_all = getenv("LC_ALL"),
        .lc_messages = getenv("LC_MESSAGES"),
        .lang = getenv("LANG"),
    };
    const struct cli_io io = {.out = stdout, .err = stderr, .lang = lang_choose(&sources)};
    (void)argc;
    enum cli_status status = cli_main(&hub_program, &io, argv, NULL);
    if (fflush(stdout) != 0 && status == CLI_OK) {
        return CLI_FAILED; /* such as a full disk behind a redirection */
    }
    return (int)status;
}
