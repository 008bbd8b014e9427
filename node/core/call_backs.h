/* "Call me back": a volunteer who is worried and has no card leaves own contact details, sealed to
 * the onthaal desk of the municipality. Nothing about a family travels (DESIGN 5). */
#pragma once

#include "node/core/notices.h"

/* CALL_BACK: {"item": 7, "desk": "..."}. Refusals: MALFORMED (no municipality, language or
 * contact), TOO_LARGE, NO_DESK. */
MUST_CHECK int call_back_decide(struct node *node, const struct turn_view *view,
                                const struct command *command, struct decision *ret);
/* CALLED_BACK: {"item": 7}. NOT_FOUND, WRONG_MOVE (no call, or made already). */
MUST_CHECK int called_back_decide(struct node *node, const struct turn_view *view,
                                  const struct command *command, struct decision *ret);

/* Who answers for a municipality on that day: the active member that the directory names as its
 * onthaal desk; else an OCMW in whose catchment it lies. The first by id where there are several.
 * Errors: ERR_NOT_FOUND, as member_get. */
MUST_CHECK int desk_find(struct store_txn *view, struct nis nis, int32_t today, struct arena *arena,
                         struct membership *ret);
