/* The command line's side of the control socket: one request, one answer, and what to tell a person
 * when it isn't the one hoped for. */
#pragma once

#include "shared/io/cli.h"
#include "shared/io/client.h"
#include "shared/io/json.h"

struct talk_request {
    const char *method;
    const char *path;
    const char *body; /* JSON, or NULL */
    /* Where given, takes the answer's body piece by piece. */
    int (*on_data)(void *ctx, struct bytes piece);
    void *ctx;
    /* Where given, said instead of the daemon's words when it knows nobody of that name. */
    const struct cli_text *unknown;
    const char *name; /* {0} in it */
};

/* Sends, and opens the answer's JSON into `ret` (json_close it) where it was a 2xx; `ret` may be
 * NULL. Otherwise tells what happened and what to do, and gives CLI_FAILED. A command goes with a
 * key of its own, and once more under the same key where its answer got lost. */
enum cli_status talk(const struct cli_call *call, const struct talk_request *request,
                     struct json_reader *ret);
/* As above, printing the answer as it came. */
enum cli_status talk_print(const struct cli_call *call, const char *path);

/* A text as JSON, quotes included, malloc'd; NULL without memory. */
char *talk_quote(const char *text);
