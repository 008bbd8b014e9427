/* What the hub tells us about families, for arrivals.c: NOTICE and TOMBSTONE, sealed to us. */
#pragma once

#include "node/core/state.h"

/* Opens, checks and hands over; adds NODE_FACT_TAKEN. Refusals that aren't final: NOT_YET (our
 * directory is behind), BUSY, NO_ROOM. Errors: the world's. */
MUST_CHECK int family_mail_decide(struct node *node, const struct turn_view *view,
                                  const struct office_mail *mail, struct decision *ret);
