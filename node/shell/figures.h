/* Rows of published figures put together by period and service: what one command of
 * `import --figures` carries, in both directions.
 *
 * Rows of single municipalities are added up, unless the file has a row of the whole organisation
 * for that period and service. Pure but for its memory. */
#pragma once

#include "node/core/commands.h"
#include "node/import/figures_file.h"
#include "shared/io/json.h"

struct figures_gather;

/* Errors: ERR_NO_MEMORY. */
MUST_CHECK int figures_gather_new(struct figures_gather **ret);
void figures_gather_free(struct figures_gather *gather); /* takes NULL */
/* Errors: ERR_NO_MEMORY, ERR_TOO_LARGE (a sum beyond what a signal carries). */
MUST_CHECK int figures_gather_add(struct figures_gather *gather, const struct figures_row *row);
/* After the last row. Errors: as figures_gather_add. */
MUST_CHECK int figures_gather_sort(struct figures_gather *gather);
/* The next period, oldest first; `at` starts at 0. Fills all but the start event; the services are
 * borrowed until the next call. False at the end. */
bool figures_gather_next(struct figures_gather *gather, size_t *at,
                         struct import_figures_arguments *ret);

/* The command as JSON, and back; `services` holds SIGNAL_SERVICES_MAX. What is wrong is the
 * reader's failure. */
void figures_write(struct json_writer *writer, const struct import_figures_arguments *arguments);
void figures_read(struct json_reader *reader, const struct json_value *from,
                  struct published_figures *services, struct import_figures_arguments *ret);
