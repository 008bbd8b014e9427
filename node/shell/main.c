#include <stdio.h>
#include <stdlib.h>

#include "node/shell/commands.h"
#include "shared/crypto/random.h"

int main(int argc, char **argv) {
    (void)argc;
    const struct lang_sources sources = {
        .vangnet_lang = getenv("VANGNET_LANG"),
        .lc_all = getenv("LC_ALL"),
        .lc_messages = getenv("LC_MESSAGES"),
        .lang = getenv("LANG"),
    };
    const struct cli_io io = {.out = stdout, .err = stderr, .lang = lang_choose(&sources)};
    if (random_init() < 0) {
        fprintf(stderr, "%s\n", err_text(ERR_CRYPTO));
        return CLI_FAILED;
    }
    const enum cli_status status = cli_main(&node_program, &io, argv, NULL);
    return fflush(stdout) == 0 ? (int)status : CLI_FAILED;
}
