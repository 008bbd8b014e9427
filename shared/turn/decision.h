/* Writing what decide found: bodies of facts in the turn's arena, facts into the decision. Both
 * cores' decide calls it. */
#pragma once

#include "shared/base/buf.h"
#include "shared/turn/turn.h"

/* A buffer from the turn's arena; its failure shows when it's added. */
struct buf decision_buf(const struct turn_view *view, size_t size);

/* Adds a fact of a core's own list (at most UINT16_MAX) whose body was written to `buf`.
 * Errors: the buffer's; ERR_TOO_LARGE where the list is full; ERR_NO_MEMORY. */
MUST_CHECK int decision_add(struct decision *decision, uint32_t type, const struct buf *buf);
/* One that stands already, as it is: of another decision of this event, or sealed in the journal
 * under its record key. Errors: ERR_TOO_LARGE, ERR_NO_MEMORY. */
MUST_CHECK int decision_push(struct decision *decision, const struct fact *fact);

/* How many of its facts are of that type and have a body that begins with `head`. */
size_t decision_count(const struct decision *decision, uint32_t type, struct bytes head);
