#include "hub/shell/say.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/civil.h"

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

const struct cli_text say_time_zone = {{"Brusselse tijd", "Brussels time", "heure de Bruxelles"}};

int say_time_parse(const char *instant, int64_t *ret_ms) {
    char date[DATE_TEXT_SIZE];
    int hour;
    int minute;
    int32_t day;
    snprintf(date, sizeof(date), "%.10s", instant);
    if (strlen(instant) < 16 || date_parse(date, &day) < 0 ||
        sscanf(instant + 10, "T%2d:%2d", &hour, &minute) != 2) {
        return ERR_MALFORMED;
    }
    *ret_ms = (int64_t)day * DAY_MS + hour * (int64_t)HOUR_MS + minute * (int64_t)MINUTE_MS;
    return 0;
}

void say_time(enum lang lang, const char *instant, char ret[static SAY_TIME_SIZE]) {
    static const struct cli_text months[] = {
        {{"januari", "January", "janvier"}},
        {{"februari", "February", "février"}},
        {{"maart", "March", "mars"}},
        {{"april", "April", "avril"}},
        {{"mei", "May", "mai"}},
        {{"juni", "June", "juin"}},
        {{"juli", "July", "juillet"}},
        {{"augustus", "August", "août"}},
        {{"september", "September", "septembre"}},
        {{"oktober", "October", "octobre"}},
        {{"november", "November", "novembre"}},
        {{"december", "December", "décembre"}},
    };
    int64_t at_ms;
    if (instant == NULL || say_time_parse(instant, &at_ms) < 0) {
        snprintf(ret, SAY_TIME_SIZE, "-");
        return;
    }
    struct date date = date_from_day(brussels_day(at_ms));
    int32_t minute = brussels_minute_of_day(at_ms);
    snprintf(ret, SAY_TIME_SIZE, "%d %s %d, %02d:%02d", date.day,
             cli_pick(&months[date.month - 1], lang), date.year, minute / 60, minute % 60);
}

const char *say_dir(const struct cli_call *call) {
    const char *other = getenv("VANGNET_HUB_DIR");
    return cli_text(call, "dir",
                    other != NULL && other[0] != '\0' ? other : "/var/lib/vangnet-hub");
}
