/* The hub as a running program: `run` opens everything in the one order that is safe, turns until
 * it's asked to stop, and closes in reverse. */
#pragma once

#include "shared/io/cli.h"

enum cli_status daemon_run(const struct cli_call *call);
