/* Figures that an organisation has published already (`import --figures`): a CSV file of waits by
 * period and service, with its own bins.
 *
 * They're not made from the register and not perturbed again; the core marks them `published`. The
 * format is ours; deploy/presets/figures.md tells it to people:
 *   month                     the calendar month yyyy-mm; or instead of it
 *   period_end, period_days   the last day (yyyy-mm-dd or dd/mm/yyyy) and how many days
 *   service                   a service id; capitals are made small ("specialty_code" is the same)
 *   municipality              optional: NIS code, post code or name
 *   waiting_total             who waits at the period's end
 *   w0_4, w4_8, ... w52_plus  the same, by weeks waited: from more than a (w0: from 0) up to and
 *                             including b, as the bins of shared/figures/histogram.h; in order,
 *                             without gaps, together waiting_total in every row
 *   open_cases, fte           optional
 * Headings are compared by fold.h. A column of another name is told once and ignored: a file holds
 * one organisation, and two rows of the same period, service and municipality are refused. */
#pragma once

#include <stdint.h>

#include "node/import/cells.h"
#include "node/import/lookups.h"
#include "node/import/reasons.h"
#include "node/import/siphash.h"
#include "shared/base/ids.h"
#include "shared/figures/histogram.h"

enum {
    FIGURES_NOT_GIVEN = -1,
    FIGURES_PERIOD_DAYS_MAX = 400,
    FIGURES_FTE_HUNDREDTHS_MAX = 10000000,
};

struct figures_row {
    int32_t period_first_day;
    int32_t period_days;
    struct service_id service;
    struct nis nis; /* 0: the whole organisation */
    int64_t waiting_total;
    struct histogram waits;
    int64_t open_cases;     /* or FIGURES_NOT_GIVEN */
    int32_t fte_hundredths; /* or FIGURES_NOT_GIVEN */
};

struct figures_options {
    struct import_lookups lookups; /* only `municipality` is asked */
    int32_t today;                 /* no period may end after it */
    struct siphash_key key;
};

/* As struct rows_sink (rows.h). */
struct figures_sink {
    int (*heading)(void *context, const struct file_heading *heading);
    int (*note)(void *context, const struct row_note *note);
    int (*row)(void *context, const struct figures_row *row, uint32_t line);
    int (*rejected)(void *context, const struct row_rejection *rejection);
    void *context;
};

struct figures_file;

/* Copies options and sink. Errors: ERR_NO_MEMORY. */
MUST_CHECK int figures_file_new(const struct figures_options *options,
                                const struct figures_sink *sink, struct figures_file **ret);
void figures_file_free(struct figures_file *file);

/* Errors: as rows_feed and rows_end. */
MUST_CHECK int figures_file_feed(struct figures_file *file, struct bytes chunk);
MUST_CHECK int figures_file_end(struct figures_file *file);
