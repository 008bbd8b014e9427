/* Sends the mails that tell team and deputy that something waits: a thread of the daemon, for the
 * mail server may keep it waiting half a minute.
 *
 * It reads items in views of its own, and tells the core which ones were mailed by a command on the
 * ring. When each group was last sent something is kept in mail-sent in the node's directory. */
#pragma once

#include "node/shell/jobs.h"
#include "node/shell/mail_plan.h"

struct mailer;

/* Nothing is started where settings name no server: `*ret` is then NULL. The desk is borrowed until
 * mailer_stop. Errors: ERR_CONFIG with what's wrong, ERR_NO_MEMORY, ERR_AGAIN (no thread). */
enum { MAILER_WRONG_SIZE = 400 };
MUST_CHECK int mailer_start(struct desk *desk, struct mailer **ret,
                            char ret_wrong[static MAILER_WRONG_SIZE]);
/* Waits for a mail under way; takes NULL. Before the ring is freed. */
void mailer_stop(struct mailer *mailer);

/* How it fares, from any thread; takes NULL. */
struct mailer_state {
    bool on;
    bool failing;
    enum mail_fault fault;
    char reason[MAIL_REASON_SIZE];
    int64_t sent_ms; /* 0: never */
};
struct mailer_state mailer_state(struct mailer *mailer);
