/* Decides what of an organisation's true figures leaves it, and perturbs that.
 *
 * Gets the sums of one freeze (weekly.h) and the last accepted signal, its only memory; gives the
 * signal and, for the organisation's own eyes, the preview. Doesn't send, store or know the time.
 * Called once a freeze by the publisher, which keeps the result and repeats it unchanged until the
 * next: a second call after another import could differ and would be a second look (PRIVACY 2.4).
 *
 * Every decision is taken on perturbed values, for what isn't published would else tell the truth.
 * Rules: DESIGN 4. Method: PRIVACY 2.1 (cellkey.h). */
#pragma once

#include "node/core/preview.h"
#include "node/core/weekly.h"
#include "shared/base/arena.h"
#include "shared/wire/signal.h"

enum {
    DISCLOSURE_FAMILIES_MIN = 10,    /* for a histogram */
    DISCLOSURE_CATEGORIES_MIN = 2,   /* not empty, for the parts of a dimension */
    PUBLISH_SPREAD_MINUTES = 2 * 60, /* from the freeze at 06:00, so done before work begins */
};

struct disclosure {
    struct signal signal;   /* all of it valid as long as the arena, as the preview */
    struct preview preview; /* true figures: for the organisation itself only */
};

/* - Open cases in total, perturbed: below 50 (hysteresis 2 against `last`) only the bands of both
 *   totals leave, the band of families waiting being at most that of open cases.
 * - From 50: both totals, and by service, municipality and language the perturbed open cases and
 *   families waiting. A column only where its dimension has two categories that aren't 0. A
 *   category is named while it isn't 0, and once more, as 0, after it was: whether it's named
 *   depends on published values alone.
 * - Four histograms a service, each only from 10 perturbed cases in all its bins; each bin is a
 *   cell of its own, so bins don't add up. Where a service stands alone its histograms leave
 *   without the counts. Starts and leavings are taken from `last` while their days stay the same
 *   (weekly_same_cut): what is entered late shows at the next cut.
 * - Then the leak guard (leak_guard.h).
 * `last` may be NULL; figures of origin `published` are no memory. Changes `weekly` only by naming
 * empty categories. Errors: ERR_NO_MEMORY. */
MUST_CHECK int disclosure_decide(struct weekly *weekly, const struct signal *last,
                                 enum start_event start_event, struct arena *arena,
                                 struct disclosure *ret);

/* Minutes after the freeze at which this organisation sends, 0 .. PUBLISH_SPREAD_MINUTES - 1: a
 * function of its id alone, so that the time tells nothing of its data (PRIVACY 2.4, 10). */
int32_t publish_offset_minutes(const struct org_id *org);
