/* "Somebody should look at this family": three answers with its card on the table, by a volunteer,
 * a professional or the family itself. The answer to it comes back as news of its item.
 *
 * The card gives the family's key, which signs it; nothing of the card stays. The item keeps the
 * handle, so that the answer is known to be about it, until the consent ends. */
#pragma once

#include "node/core/items.h"

/* CONCERN: {"item": 7}. Refusals: as family_meet and family_covered (a concern of the family itself
 * needs no scope); UNKNOWN_VALUE, NOT_ALLOWED (as a professional, by a role that isn't one),
 * FROM_THE_FUTURE, IMPLAUSIBLE (raised more than CONCERN_AGE_DAYS ago: the hub would refuse it). */
MUST_CHECK int concern_decide(struct node *node, const struct turn_view *view,
                              const struct command *command, struct decision *ret);
