/* What cli.c and cli_help.c share; not for others. */
#pragma once

#include "shared/io/cli.h"

enum {
    CLI_STANDARD_OPTIONS = 3,
};

/* --help, --lang and --version. Their help stands in the catalogue. */
extern const struct cli_option cli_standard_options[CLI_STANDARD_OPTIONS];
