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

void say_loopback(const struct cli_call *call, const char *endpoint) {
    say(call, call->err,
        SAY("! Anderen kunnen deze hub niet bereiken: {0} is alleen voor deze machine. Zet in "
            "hub.conf \"listen\" op tcp://0.0.0.0:POORT en \"public\" op de naam van deze "
            "machine, voor [members] en [enrol], en herstart de hub (bij init: --listen, --enrol "
            "en "
            "--public).",
            "! Others can't reach this hub: {0} is for this machine only. Set \"listen\" in "
            "hub.conf to tcp://0.0.0.0:PORT and \"public\" to this machine's name, for [members] "
            "and [enrol], and restart the hub (with init: --listen, --enrol and --public).",
            "! Les autres ne peuvent pas joindre ce hub : {0} ne vaut que pour cette machine. Dans "
            "hub.conf, mettez « listen » à tcp://0.0.0.0:PORT et « public » au nom de cette "
            "machine, pour [members] et [enrol], puis redémarrez le hub (avec init : --listen, "
            "--enrol et --public)."),
        TEXT_ARGS(endpoint));
}

const char *say_dir(const struct cli_call *call) {
    const char *other = getenv("VANGNET_HUB_DIR");
    return cli_text(call, "dir",
                    other != NULL && other[0] != '\0' ? other : "/var/lib/vangnet-hub");
}
