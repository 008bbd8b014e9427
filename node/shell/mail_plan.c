#include "node/shell/mail_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/civil.h"
#include "shared/places/working_days.h"

enum { RETRY_MAX_MINUTES = 15 };

/* -- to whom -- */

/* The next part of a list, trimmed, into `ret`; moves on behind it. False at the end. */
static bool next_part(const char **list, const char *separators, char *ret, size_t size) {
    const char *at = *list + strspn(*list, " \t");
    size_t length = strcspn(at, separators);
    if (*at == '\0') {
        return false;
    }
    *list = at + length + (at[length] == '\0' ? 0 : 1);
    while (length > 0 && strchr(" \t", at[length - 1]) != NULL) {
        length--;
    }
    (void)snprintf(ret, size, "%.*s", (int)length, at);
    return true;
}

static int wrong(char ret_wrong[static 80], const char *text) {
    (void)snprintf(ret_wrong, 80, "%.79s", text);
    return ERR_MALFORMED;
}

static int read_addresses(const char *list, struct mail_group *group, char ret_wrong[static 80]) {
    char address[MAIL_ADDRESS_BYTES_MAX + 2];
    while (next_part(&list, ",", address, sizeof(address))) {
        if (!mail_address_valid(address)) {
            return wrong(ret_wrong, address);
        }
        if (group->count == MAIL_RECIPIENTS_MAX) {
            (void)wrong(ret_wrong, address);
            return ERR_TOO_LARGE;
        }
        memcpy(group->to[group->count++], address, sizeof(group->to[0]));
    }
    return group->count == 0 ? wrong(ret_wrong, group->team.text) : 0;
}

static int read_team(const char *part, struct mail_groups *groups, char ret_wrong[static 80]) {
    char name[TEAM_ID_MAX + 2];
    const char *rest = part;
    if (groups->count == MAIL_GROUPS_MAX) {
        (void)wrong(ret_wrong, part);
        return ERR_TOO_LARGE;
    }
    struct mail_group *group = &groups->list[groups->count++];
    if (strchr(part, ':') == NULL || !next_part(&rest, ":", name, sizeof(name)) ||
        team_id_parse(name, &group->team) < 0) {
        return wrong(ret_wrong, part);
    }
    return read_addresses(rest, group, ret_wrong);
}

int mail_groups_read(const char *to, const char *teams, struct mail_groups *ret,
                     char ret_wrong[static 80]) {
    char part[MAIL_RECIPIENTS_MAX * (MAIL_ADDRESS_BYTES_MAX + 2)];
    struct mail_groups groups = {.count = 0};
    int r = 0;
    if (to[0] != '\0') {
        r = read_addresses(to, &groups.list[groups.count++], ret_wrong);
    }
    while (r == 0 && next_part(&teams, ";", part, sizeof(part))) {
        r = read_team(part, &groups, ret_wrong);
    }
    if (r == 0 && groups.count == 0) {
        r = wrong(ret_wrong, "to");
    }
    if (r == 0) {
        *ret = groups;
    }
    return r;
}

/* -- when -- */

static bool digest_due(const struct mail_memory *memory, int64_t now_ms) {
    const int32_t today = brussels_day(now_ms);
    return memory->digest_day != today && working_days_cover(today) && working_day(today) &&
           brussels_minute_of_day(now_ms) >= MAIL_DIGEST_MINUTE;
}

bool mail_due(const struct mail_memory *memory, const struct mail_waiting *waiting,
              int64_t now_ms) {
    if (waiting->waiting == 0 || now_ms < memory->retry_ms) {
        return false;
    }
    /* A clock that went back doesn't keep us silent until it's past the last mail. */
    const bool quiet = now_ms >= memory->sent_ms && now_ms - memory->sent_ms < MAIL_QUIET_MS;
    return ((waiting->urgent > 0 || memory->owed) && !quiet) || digest_due(memory, now_ms);
}

void mail_sent(struct mail_memory *memory, int64_t now_ms) {
    const bool is_digest = digest_due(memory, now_ms);
    *memory = (struct mail_memory){
        .sent_ms = now_ms,
        .digest_day = is_digest ? brussels_day(now_ms) : memory->digest_day,
    };
}

void mail_failed(struct mail_memory *memory, const struct mail_waiting *waiting, int64_t now_ms) {
    const unsigned doubled = memory->failures < 4 ? 1u << memory->failures : RETRY_MAX_MINUTES;
    memory->failures++;
    memory->owed = memory->owed || waiting->urgent > 0;
    memory->retry_ms = now_ms + (int64_t)doubled * MINUTE_MS;
}

/* -- what it says -- */

void mail_text(enum lang lang, const struct mail_waiting *waiting,
               char ret_subject[static MAIL_SUBJECT_BYTES_MAX],
               char ret_body[static MAIL_TEXT_SIZE]) {
    char count[24];
    char days[16];
    const bool one = waiting->waiting == 1;
    const bool one_day = waiting->oldest_days == 1;
    (void)snprintf(count, sizeof(count), "%" PRIu64, waiting->waiting);
    (void)snprintf(days, sizeof(days), "%d", waiting->oldest_days);
    char age[64];
    text_format(lang, one_day ? TEXT_MAIL_ONE_DAY : TEXT_MAIL_DAYS, TEXT_ARGS(days), age,
                sizeof(age));
    text_format(lang, one ? TEXT_MAIL_ONE : TEXT_MAIL_MANY, TEXT_ARGS(count, age), ret_subject,
                MAIL_SUBJECT_BYTES_MAX);
    text_format(lang, TEXT_MAIL_BODY, TEXT_ARGS(ret_subject), ret_body, MAIL_TEXT_SIZE);
}
