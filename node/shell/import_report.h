/* What an import did, told to the person who started it. Values of rows are never printed: only
 * where they stand. */
#pragma once

#include "node/shell/importer.h"
#include "shared/io/cli.h"

/* `result`: what the switch answered, JSON, or NULL. Whether the file was of use. */
bool import_report(const struct cli_call *call, const struct importer_options *options,
                   const struct importer_report *report, const char *result);
