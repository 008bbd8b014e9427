/* New keys for what others seal to us: a sealing key each month, a contact key each quarter, said
 * in a directory entry that we sign alone (DESIGN 3).
 *
 * The shell makes the pair, keeps the secret and gives KEYS_ROTATE once that's durable. How the
 * entry gets into the directory is own_entry.h's matter. */
#pragma once

#include "node/core/families.h"

enum { CONTACT_KEY_DAYS = 91, DUE_ARENA_BYTES = 256 << 10 };

/* {"entry": 12}. Refusals: NOT_MEMBER, WRONG_MOVE (one is on its way), and what
 * directory_check says of it. */
MUST_CHECK int rotation_decide(struct node *node, const struct turn_view *view,
                               const struct command *command, struct decision *ret);
