/* Self-diagnosis: from how a node fares to sentences that a person can act on.
 *
 * Pure: what is wrong, what is fine and what comes next, in order of weight; as JSON for the API
 * and the command line. It mends nothing. */
#pragma once

#include "node/core/node.h"
#include "node/shell/mailer.h"
#include "shared/io/audit.h"
#include "shared/io/json.h"
#include "shared/io/link.h"
#include "shared/io/text.h"

enum {
    DIAGNOSIS_FINDINGS_MAX = 24,
    DIAGNOSIS_ARGS = 3,
    DIAGNOSIS_ARG_SIZE = 128,
    DIAGNOSIS_REGISTER_OLD_DAYS = 8,
};

enum joining_state {
    JOINING_DONE = 0, /* a member, as far as we know */
    JOINING_ASKING,   /* the hub hasn't answered yet */
    JOINING_WAITING,  /* the coordinator hasn't approved yet */
    JOINING_REFUSED,
};

struct vitals {
    const struct node_health *health; /* borrowed, as the others */
    const struct mailer_state *mail;  /* NULL: not asked */
    const struct audit_health *audit; /* NULL: not asked */
    bool audit_key_here;              /* its first key still lies beside it */
    const char *hub;
    const char *endpoint;
    const char *words; /* the six, for the coordinator */
    enum joining_state joining;
    enum refusal join_refusal;
    enum link_state link;
    int64_t now_ms;
    bool short_of_room;
};

struct finding {
    bool attention;
    enum text_id what;
    enum text_id next; /* TEXT_NONE where there's nothing to do */
    char args[DIAGNOSIS_ARGS][DIAGNOSIS_ARG_SIZE];
};

struct diagnosis {
    struct finding findings[DIAGNOSIS_FINDINGS_MAX];
    size_t count;
};

/* `lang` for what stands inside sentences (a refusal's text). */
void diagnose(const struct vitals *vitals, enum lang lang, struct diagnosis *ret);
bool diagnosis_fine(const struct diagnosis *diagnosis);
/* Opened and closed: {"fine": ..., "findings": [...], ...}. */
void diagnosis_write(struct json_writer *writer, const struct diagnosis *diagnosis,
                     const struct vitals *vitals, enum lang lang);
/* "2026-11-23 06:00", Brussels; "-" for 0. */
void moment_format(int64_t instant_ms, char ret_text[static 24]);
