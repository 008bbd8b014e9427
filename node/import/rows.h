/* From an export of the client system to rows of cases: bytes go in, checked rows come out.
 *
 * Streaming: what it keeps is one record and 16 bytes for each id it has seen. It decides nothing
 * about generations (node/core/register) and stores nothing. Everything that no column of the
 * preset asks for is left here: names, addresses, national numbers, free text.
 *
 * Caller: the import worker of the node's shell. Used with rejected.h for what is refused. */
#pragma once

#include <stdint.h>

#include "node/import/cells.h"
#include "node/import/lookups.h"
#include "node/import/preset.h"
#include "node/import/reasons.h"
#include "node/import/siphash.h"
#include "shared/base/ids.h"
#include "shared/base/lists.h"

enum {
    ROW_DAY_NONE = INT32_MIN,
    DAY_OLDEST_YEARS = 30,  /* a date further back is a placeholder or a slip */
    DAYS_PLANNED_MAX = 731, /* how far ahead a first appointment may be planned */
};

/* Days as in civil.h. The rules that hold for every row given out:
 * asked_day <= today; last_contact_day and closed_day <= today; first_appointment_day may lie ahead
 * (planned: the family still waits) by DAYS_PLANNED_MAX; asked <= first appointment <= closed, as
 * far as they're given; a close reason only with a closing day (which may come without a reason).
 * A service that the preset names is believed, for a region may have ids of its own; any other must
 * be known to the lookups. A municipality or language that the file leaves empty is nis 0 or
 * language "". */
struct case_row {
    char id[CASE_ID_BYTES_MAX + 1]; /* the organisation's own, trimmed, else as in the file */
    struct nis nis;                 /* the code valid today */
    struct service_id service;
    struct language language;
    int32_t asked_day;
    int32_t first_appointment_day; /* or ROW_DAY_NONE, as the next two */
    int32_t last_contact_day;
    int32_t closed_day;
    enum close_reason close_reason;
    uint64_t worker; /* siphash of the folded name under the node's key; 0 where none is given */
};

struct rows_options {
    const struct preset *preset;   /* borrowed until rows_free; has passed preset_check */
    struct import_lookups lookups; /* all three functions given */
    int32_t today;                 /* the Brussels day on which the file is read */
    struct siphash_key key;        /* the node's own, the same at every import */
};

/* Each gives 0, or a negative number that ends the reading; what they point at is valid during the
 * call. `heading` and `note` may be NULL. A row comes out only if nothing in it is refused. */
struct rows_sink {
    int (*heading)(void *context, const struct file_heading *heading);
    int (*note)(void *context, const struct row_note *note);
    int (*row)(void *context, const struct case_row *row, uint32_t line);
    int (*rejected)(void *context, const struct row_rejection *rejection);
    void *context;
};

struct rows;

/* Copies options and sink. Errors: ERR_NO_MEMORY. */
MUST_CHECK int rows_new(const struct rows_options *options, const struct rows_sink *sink,
                        struct rows **ret);
void rows_free(struct rows *rows);

/* Errors: ERR_MALFORMED once the whole file was refused (the sink was told why; an empty file is
 * refused at its end), ERR_NO_MEMORY, what the sink gave. Each is kept: later calls give it again.
 */
MUST_CHECK int rows_feed(struct rows *rows, struct bytes chunk);
MUST_CHECK int rows_end(struct rows *rows);
