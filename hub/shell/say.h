/* What this program says to a person in its own words, in three languages. Texts shared with other
 * programs are in the catalogue (shared/io/text.h). */
#pragma once

#include <stdio.h>

#include "shared/io/cli.h"

/* A line: the text of the call's language, with {0} to {9} replaced. */
void say(const struct cli_call *call, FILE *to, const struct cli_text *text,
         const char *const *args);
#define SAY(nl, en, fr) (&(const struct cli_text){{nl, en, fr}})

/* The texts of an error of the table, to `err`; gives CLI_FAILED. */
enum cli_status say_error(const struct cli_call *call, int error);

/* That others can't reach a hub at such an address, and what to do. */
void say_loopback(const struct cli_call *call, const char *endpoint);

/* The directory of the call: --dir, else VANGNET_HUB_DIR, else /var/lib/vangnet-hub. */
const char *say_dir(const struct cli_call *call);
