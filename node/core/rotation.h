/* New keys for what others seal to us: a sealing key each month, a contact key each quarter, said
 * in a directory entry that we sign alone (DESIGN 3).
 *
 * The shell makes the pair, keeps the secret and gives KEYS_ROTATE once that's durable. The entry
 * stands on the directory's head as we know it; where another came first, the hub refuses it and it
 * is made anew. */
#pragma once

#include "node/core/families.h"

enum { CONTACT_KEY_DAYS = 91, DUE_ARENA_BYTES = 256 << 10 };

/* {"entry": 12}. Refusals: NOT_MEMBER, WRONG_MOVE (one is on its way), and what
 * directory_check says of it. */
MUST_CHECK int rotation_decide(struct node *node, const struct turn_view *view,
                               const struct command *command, struct decision *ret);
/* The hub's receipt: done, or made anew on the head that we know by now. */
MUST_CHECK int rotation_settled(struct node *node, const struct turn_view *view,
                                const struct sent_note *note, struct decision *ret);
MUST_CHECK int rotation_apply(const struct turn_view *view, const struct fact *fact);
