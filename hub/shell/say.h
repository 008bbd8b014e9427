/* What this program says to a person in its own words, in three languages. Texts shared with other
 * programs are in the catalogue (shared/io/text.h). */
#pragma once

#include <stdio.h>

#include "shared/base/err.h"
#include "shared/io/cli.h"

/* A line: the text of the call's language, with {0} to {9} replaced. */
void say(const struct cli_call *call, FILE *to, const struct cli_text *text,
         const char *const *args);
#define SAY(nl, en, fr) (&(const struct cli_text){{nl, en, fr}})

/* The texts of an error of the table, to `err`; gives CLI_FAILED. */
enum cli_status say_error(const struct cli_call *call, int error);

/* That others can't reach a hub at such an address, and what to do. */
void say_loopback(const struct cli_call *call, const char *endpoint);

enum { SAY_TIME_SIZE = 48 };

/* An instant as the API writes it ("2026-11-22T00:07:00.000Z") as a person reads it, Brussels time:
 * "22 november 2026, 01:07"; "-" where it isn't one, or NULL. */
void say_time(enum lang lang, const char *instant, char ret[static SAY_TIME_SIZE]);
/* Errors: ERR_MALFORMED. */
MUST_CHECK int say_time_parse(const char *instant, int64_t *ret_ms);
/* "Brusselse tijd" */
extern const struct cli_text say_time_zone;

/* The directory of the call: --dir, else VANGNET_HUB_DIR, else /var/lib/vangnet-hub. */
const char *say_dir(const struct cli_call *call);
