/* A member's standing: what the directors say, after it joined, that it is and may. Who joins and
 * leaves is joining.h; what follows for families of a right that changed is judged row by row
 * (flags.h), not here. Called for MEMBER_SET. */
#pragma once

#include "hub/core/commands.h"
#include "hub/core/hub.h"

/* An entry of the directory. Consents that the member took stand; what it sends from now on is
 * judged by what it may now. Nothing is written where nothing changes. The result: {"families": N},
 * the families that chose it as a fallback where it may sanction from now on, else 0. Refusals:
 * NOT_FOUND (never a member), and as joining_decide_op's. */
MUST_CHECK int standing_decide(struct hub *hub, const struct turn_view *view,
                               const struct member_set_arguments *arguments, struct decision *ret);
