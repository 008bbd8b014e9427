/* What a person asks of the load, read from a query string or checked for the command line: cuts,
 * filters, the week, and where a page goes on. Pure. */
#pragma once

#include "hub/core/load.h"
#include "shared/io/http.h"

enum { LOAD_CURSOR_SIZE = ORG_ID_MAX + 1 + 48 };

/* Reads `by`, `organisation`, `service`, `municipality`, `language`, `week`, `limit` and `cursor`.
 * A filter chooses its own cut where `by` is silent. Gives NULL, or a sentence that says what is
 * wrong; a name that isn't one of these is wrong too, except those in `others` (ends with NULL). */
const char *load_query_read(const struct http_request *request, const char *const *others,
                            int64_t now_ms, struct load_query *ret);

/* "organisation", "service", "municipality", "language"; and back, 0 where it's none. */
const char *load_view_text(enum load_view by);
enum load_view load_view_parse(const char *text);

/* A week as its last day: "2026-W47" (ISO 8601, its Sunday), or a day itself, "2026-11-22".
 * Errors: ERR_MALFORMED. */
MUST_CHECK int load_week_parse(const char *text, int32_t *ret_day);

/* Where the page after this row begins: "organisation:part". */
void load_cursor_format(const struct load_row *row, char ret_text[static LOAD_CURSOR_SIZE]);
/* Errors: ERR_MALFORMED. */
MUST_CHECK int load_cursor_parse(const char *text, struct load_query *query);
