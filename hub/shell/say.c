#include "hub/shell/say.h"

#include <stdlib.h>

void say(const struct cli_call *call, FILE *to, const struct cli_text *text,
         const char *const *args) {
    size_t count = 0;
    while (args != NULL && args[count] != NULL) {
        count++;
    }
    for (const char *c = cli_pick(text, call->lang); *c != '\0'; c++) {
        bool is_place = c[0] == '{' && c[1] >= '0' && c[1] <= '9' && c[2] == '}';
        if (is_place && (size_t)(c[1] - '0') < count) {
            fputs(args[c[1] - '0'], to);
            c += 2;
        } else {
            fputc(*c, to);
        }
    }
    fputc('\n', to);
}

enum cli_status say_error(const struct cli_call *call, int error) {
    cli_say(call, text_of_error(error), NULL);
    return CLI_FAILED;
}

const char *say_dir(const struct cli_call *call) {
    const char *other = getenv("VANGNET_HUB_DIR");
    return cli_text(call, "dir",
                    other != NULL && other[0] != '\0' ? other : "/var/lib/vangnet-hub");
}
