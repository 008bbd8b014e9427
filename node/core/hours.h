/* Closure days of this organisation, and who stands in for it then: said in a directory entry that
 * it signs alone (DESIGN 3). Of walk-in and sitting hours nothing changes here.
 *
 * What closure days do to flags is the hub's matter (hub/core/flags.h). */
#pragma once

#include "node/core/families.h"

enum { CLOSURE_AHEAD_DAYS = 2 * 366 };

/* HOURS: these closures in place of all before; those that are past are dropped. {"kept": 2}.
 * Where an entry is on its way this waits behind it; the same again says nothing.
 * Refusals: NOT_MEMBER, CLOCK_OFF (what is past can't be known), TOO_LARGE (above CLOSURES_MAX),
 * MALFORMED (one ends before it begins), FROM_THE_FUTURE (ends later than CLOSURE_AHEAD_DAYS),
 * CONFLICT (two share a day), UNKNOWN_RECIPIENT (a deputy that is no active member, or ourselves),
 * and what directory_check says. */
MUST_CHECK int hours_decide(struct node *node, const struct turn_view *view,
                            const struct command *command, struct decision *ret);

struct hours_told {
    const struct closure *closures; /* in the arena, by day */
    size_t count;
    bool under_way; /* told here, and not in the directory yet */
};

/* What was told last. Errors: the view's failure, ERR_NO_MEMORY, ERR_STORAGE. */
MUST_CHECK int hours_told(struct store_txn *view, const struct org_id *own, struct arena *arena,
                          struct hours_told *ret);
