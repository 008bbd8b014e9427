/* "Call me back": a volunteer who is worried and has no card leaves own contact details, sealed to
 * the onthaal desk of the municipality. Nothing about a family travels (DESIGN 5). */
#pragma once

#include "node/core/notices.h"

/* Our own item keeps those details, sealed, until they were called or the call ended: where the
 * desk leaves the region before it called, the next one is asked with them, by itself.
 *
 * CALL_BACK: {"item": 7, "desk": "..."}. Refusals: MALFORMED (no municipality, language or
 * contact), TOO_LARGE, NO_DESK. */
MUST_CHECK int call_back_decide(struct node *node, const struct turn_view *view,
                                const struct command *command, struct decision *ret);
/* CALLED_BACK: {"item": 7}. NOT_FOUND, WRONG_MOVE (no call, or made already). */
MUST_CHECK int called_back_decide(struct node *node, const struct turn_view *view,
                                  const struct command *command, struct decision *ret);
