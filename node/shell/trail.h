/* Which of a node's commands and readings go into its audit log (shared/io/audit.h), and what an
 * entry says: the user, the kind of command with "-refused" behind it where it was, and as a
 * commitment which family, item or user of this node it was about. Never a card, and none of what
 * was said. What the daemon does by itself, and the rows of an import, aren't in it. */
#pragma once

#include "node/core/commands.h"
#include "node/shell/jobs.h"
#include "shared/io/audit.h"

#define TRAIL_LOG   "audit.log"
#define TRAIL_STATE "audit.state"
#define TRAIL_FIRST "audit-first.key" /* to be moved to whoever verifies */

enum { TRAIL_ABOUT_SIZE = 64 };

/* Makes the log where neither of its files is there, and opens it. What is wrong with it never
 * stops a node: audit_health says it. Errors: ERR_NO_MEMORY. */
MUST_CHECK int trail_open(const struct place *place, int64_t now_ms, struct audit **ret);

/* A command that was done or refused; `result` is the core's. Any thread. */
void trail_command(const struct desk *desk, const struct job *job, enum refusal refusal,
                   struct bytes result);
/* A person read something of a family or an item (`number` 0: a list). */
void trail_read(const struct desk *desk, const struct actor *actor, const char *action,
                const char *of, uint32_t number);

/* What it's about, as "family 12"; false: nothing that has a number here. Pure. */
bool trail_about(const struct job *job, struct bytes result, char ret[static TRAIL_ABOUT_SIZE]);
/* Whether commands of that kind are noted. Pure. */
bool trail_notes(enum node_command kind);

/* The first key, from its file. Errors: ERR_NOT_FOUND, ERR_MALFORMED, ERR_IO. */
MUST_CHECK int trail_read_key(const char *path, struct audit_key *ret);
