/* Flags in people's hands: taken by name, family contacted, closed with a reason, handed back. What
 * one does is shown here at once and said to the hub, which decides; its refusal makes the item
 * news again (items.h). */
#pragma once

#include "node/core/items.h"

/* FLAG_ANSWER: {"item": 7}. Taking and handing back go for every item, and stay here where it's no
 * flag; a colleague may take over what another had. Refusals: NOT_FOUND, UNKNOWN_VALUE (action; a
 * reason of closing, or one where nothing closes), NOT_CONTACTED (closed before anybody spoke with
 * the family), WRONG_MOVE (closed or done; contacted twice; handed back by who doesn't have
 * it; contacted or closed where it's no flag), NO_CONSENT. */
MUST_CHECK int flag_answer_decide(struct node *node, const struct turn_view *view,
                                  const struct command *command, struct decision *ret);
