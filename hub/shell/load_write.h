/* Rows of load with the names of their organisations, as the API's pages and exports write them. */
#pragma once

#include "hub/core/load.h"
#include "shared/io/json.h"

/* Looks names up once an organisation; zeroed to begin with, dead with its arena. */
struct load_names_cache {
    struct org_id org;
    const char *name;
    enum org_kind kind;
};

/* One row as an object; `cursor` is its first member where it isn't NULL. Errors: ERR_STORAGE,
 * ERR_NO_MEMORY; the writer's own failures stay in it. */
MUST_CHECK int load_write_row(struct json_writer *writer, struct store_txn *view,
                              struct arena *arena, struct load_names_cache *cache,
                              const struct load_row *row);

/* The weeks of one organisation before and with `query->until_day`, newest first, as many whole
 * weeks as fit, in one go; moves `query->until_day` behind them. `ret_more`: there are older ones.
 * Errors: as load_series. */
enum { LOAD_CHUNK_ROWS = SIGNAL_MUNICIPALITIES_MAX }; /* a whole week of any cut fits */
MUST_CHECK int load_chunk(struct store_txn *view, struct load_query *query, int32_t from_day,
                          struct arena *arena, struct load_page *ret_page, bool *ret_more);
