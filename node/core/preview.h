/* Every figure that could leave, beside what does leave and why the rest doesn't.
 *
 * For `preview` and the node's own pages only: it holds true figures, so it lives in scratch memory
 * and never on the wire. Filled by disclosure.h. Also the closed list of reasons to withhold, which
 * the leak guard shares. */
#pragma once

#include "node/core/weekly.h"
#include "shared/base/arena.h"
#include "shared/wire/signal.h"

/* Why a figure stays in the node. The first five are the rules of publishing; from CROSSED on it's
 * the leak guard speaking. */
enum withheld {
    WITHHELD_NOT = 0,
    WITHHELD_SMALL_ORGANISATION, /* fewer than 50 open cases: only totals leave, as bands */
    WITHHELD_SINGLE_CATEGORY,    /* everybody is in one category, which would say it of each */
    WITHHELD_FEW_FAMILIES,       /* fewer than 10 families */
    WITHHELD_NOT_DUE,            /* comes out after weeks 5, 9 and 13 of the quarter only */
    WITHHELD_NONE_TO_SHOW,       /* published as nobody, so the category isn't named */
    WITHHELD_CROSSED,            /* crosses two dimensions */
    WITHHELD_LONE_CHANGE,        /* the only category that came or went, fewer than 10 families */
    WITHHELD_BELOW_LIMIT,        /* a part of an organisation below the limit for parts */
    WITHHELD_CERTAINTY,          /* a change so large in a small cell that noise can't explain it */
    WITHHELD_LIKE_NAME,          /* looks like a name */
    WITHHELD_LIKE_PHONE,         /* looks like a phone number */
    WITHHELD_LIKE_NATIONAL_NUMBER, /* looks like a national number */
};

enum measure {
    MEASURE_OPEN = 1,
    MEASURE_WAITING,
    MEASURE_STILL_WAITING,
    MEASURE_STARTED_THIS_QUARTER,
    MEASURE_STARTED_LAST_QUARTER,
    MEASURE_LEFT,
    MEASURE_SINCE_CONTACT,
};

/* Names one figure of a signal. */
struct figure_name {
    enum dimension dimension;
    enum measure measure;
    enum close_reason reason;    /* MEASURE_LEFT only */
    char id[SERVICE_ID_MAX + 1]; /* service, NIS code or language; empty for the total */
};

struct preview_line {
    struct figure_name name;
    enum withheld withheld; /* NOT: it leaves */
    int64_t true_count;     /* cases, of a histogram those in all its bins */
    struct count published; /* counts; COUNT_NONE when withheld or a histogram */
    bool has_bins;
    uint32_t true_bins[WEEKLY_BINS];
    struct wait_bins published_bins; /* edge_count 0 when withheld */
};

struct preview {
    struct preview_line *lines; /* valid as long as the arena */
    size_t count;
    size_t limit;
};

/* The API's words. */
const char *measure_text(enum measure measure);
const char *dimension_text(enum dimension dimension);

/* Room for every figure of `weekly`. Errors: ERR_NO_MEMORY. */
MUST_CHECK int preview_init(struct preview *preview, struct arena *arena,
                            const struct weekly *weekly);
/* The next line, zeroed; valid as long as the arena. */
struct preview_line *preview_add(struct preview *preview);
/* The line of that name, or NULL. */
struct preview_line *preview_find(const struct preview *preview, const struct figure_name *name);

/* The id of a category as text. */
void category_id_text(enum dimension dimension, const struct category_cells *category,
                      char ret[static SERVICE_ID_MAX + 1]);
