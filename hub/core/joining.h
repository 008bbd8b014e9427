/* Joining, leaving, revoking: from invitation to directory entry, and the directory on its way to
 * every member.
 *
 * The checks of entries and requests are shared/members; here is who may ask for what, and what
 * becomes a fact. */
#pragma once

#include "hub/core/hub.h"
#include "shared/members/invitation.h"

MUST_CHECK int joining_decide_command(struct hub *hub, const struct turn_view *view,
                                      const struct command *command, struct decision *ret);
/* An entry of that one operation, signed by the director whose key is at hand: facts, or a refusal.
 * NOT_YET: there's no such key; NOT_ALLOWED: it alone isn't enough, more directors must sign. */
MUST_CHECK int joining_decide_op(struct hub *hub, const struct turn_view *view,
                                 struct directory_op *op, struct decision *ret);
