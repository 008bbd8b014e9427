/* What the tables of the load have in common: cells made of an answer's members, and the address
 * that the command line's filters make. */
#pragma once

#include <stdbool.h>

#include "hub/shell/table.h"
#include "shared/io/cli.h"
#include "shared/io/json.h"

enum { LOAD_PATH_SIZE = 512 };

#define LOAD_UNKNOWN "?"

/* `elapsed.PART_weeks` of the row in the person's notation; "> 26" beyond the last bin. */
void load_cell_weeks(const struct cli_call *call, struct json_reader *answer,
                     const struct json_value *row, const char *part, struct text_table *table);

/* The row's service, municipality or language in words; "" where it has none. */
const char *load_part_name(const struct cli_call *call, struct json_reader *answer,
                           const struct json_value *row);
/* What that column is called. */
const char *load_part_head(const struct cli_call *call);

/* `base` with the call's filters; says what is wrong where it gives false. `cursor` may be NULL. */
bool load_path(const struct cli_call *call, const char *base, const char *cursor,
               char ret[static LOAD_PATH_SIZE]);

/* commands_totals.c: the table of `load --region`. */
enum cli_status totals_print(const struct cli_call *call);
