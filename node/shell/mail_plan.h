/* When a mail is due, to whom, and what it says: never what an item is about (DESIGN 5). Pure.
 *
 * Urgent items at once, but one mail a quarter of an hour; else one a working day, from 08:00 in
 * Brussels, as long as something waits. A mail says how many wait and how old the oldest is. */
#pragma once

#include "shared/base/ids.h"
#include "shared/io/mail.h"
#include "shared/io/text.h"

enum {
    MAIL_GROUPS_MAX = 16,
    MAIL_QUIET_MS = 15 * 60000,
    MAIL_DIGEST_MINUTE = 8 * 60,
};

/* A team, with its deputies; the first may be nobody's in particular: it hears of everything. */
struct mail_group {
    struct team_id team; /* zeros: all */
    char to[MAIL_RECIPIENTS_MAX][MAIL_ADDRESS_BYTES_MAX + 1];
    size_t count;
};

struct mail_groups {
    struct mail_group list[MAIL_GROUPS_MAX];
    size_t count;
};

/* `to`: "an@x, bram@x"; `teams`: "onthaal: an@x, bram@x; gezin: carl@x"; each may be "". What can't
 * be taken stands in `ret_wrong`, cut. Errors: ERR_MALFORMED, ERR_TOO_LARGE (too many). */
MUST_CHECK int mail_groups_read(const char *to, const char *teams, struct mail_groups *ret,
                                char ret_wrong[static 80]);

/* What a group was sent; all zeros at first. */
struct mail_memory {
    int64_t sent_ms;
    int32_t digest_day;
    bool owed; /* a mail about something urgent failed: due until one arrives */
    unsigned failures;
    int64_t retry_ms; /* not before */
};

struct mail_waiting {
    uint64_t urgent; /* not mailed yet */
    uint64_t waiting;
    int32_t oldest_days;
};

bool mail_due(const struct mail_memory *memory, const struct mail_waiting *waiting, int64_t now_ms);
void mail_sent(struct mail_memory *memory, int64_t now_ms);
/* Again after 1, 2, 4 and at most 15 minutes. */
void mail_failed(struct mail_memory *memory, const struct mail_waiting *waiting, int64_t now_ms);

enum { MAIL_TEXT_SIZE = 600 };
void mail_text(enum lang lang, const struct mail_waiting *waiting,
               char ret_subject[static MAIL_SUBJECT_BYTES_MAX],
               char ret_body[static MAIL_TEXT_SIZE]);
