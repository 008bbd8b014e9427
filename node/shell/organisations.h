/* The region's members as the daemon lists them, while a person talks with a family: which consent
 * may be asked here, and who can be a fallback. */
#pragma once

#include "node/shell/family_talk.h"

struct organisations {
    struct client_response response;
    struct json_reader reader;
};

/* `talk`: the command that follows the talk ("consent-give"), refused at once to who may not take
 * a consent; NULL: none. What went wrong was said. The caller closes. */
MUST_CHECK int organisations_open(const struct cli_call *call, const char *talk,
                                  struct organisations *ret);
void organisations_close(struct organisations *organisations);

/* Which scopes may be asked here, by who asks. */
struct scopes organisations_may_ask(const struct organisations *organisations);
/* Whether it's an active member's id, of one that can be a fallback. */
bool organisations_can_be_fallback(const struct organisations *organisations, const char *id);
/* Those that can, by id and name, to `to`. */
void organisations_say_fallbacks(const struct cli_call *call,
                                 const struct organisations *organisations, FILE *to);
