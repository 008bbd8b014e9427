/* By which connection each member was heard last, and when: the way back to it.
 *
 * ROUTER gives every connection a new route; the name is what the doorman knows the key by. In
 * memory only: whoever speaks again is there again. The turn thread writes, the pages read. */
#pragma once

#include <stdint.h>

#include "shared/base/ids.h"
#include "shared/io/link.h"

struct routes;

/* Errors: ERR_NO_MEMORY. */
MUST_CHECK int routes_new(struct routes **ret);
void routes_free(struct routes *routes); /* takes NULL */

/* Beyond MEMBERS_MAX names nothing is noted. */
void routes_note(struct routes *routes, const struct org_id *org, const struct link_route *route,
                 int64_t now_ms);
/* Errors: ERR_NOT_FOUND. */
MUST_CHECK int routes_find(struct routes *routes, const struct org_id *org, struct link_route *ret);
void routes_drop(struct routes *routes, const struct org_id *org);
/* When it was heard last; 0: not since the start. */
int64_t routes_heard_ms(struct routes *routes, const struct org_id *org);
