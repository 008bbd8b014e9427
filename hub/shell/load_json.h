/* A row of the region's load as JSON: the one place that gives it its shape (openapi.json,
 * LoadRow). Pure. */
#pragma once

#include "hub/core/totals.h"
#include "shared/io/json.h"

/* What the directory says of the row's organisation. */
struct load_names {
    const char *name; /* "" where it isn't a member any more */
    enum org_kind kind;
};

/* The members of the row's object, which the caller opened and closes. */
void load_json_fields(struct json_writer *writer, const struct load_row *row,
                      const struct load_names *names);

/* The same for a total (openapi.json, TotalRow). */
void total_json_fields(struct json_writer *writer, const struct total_row *row);

const char *freshness_text(enum freshness freshness);
const char *trend_text(enum trend_direction direction);
