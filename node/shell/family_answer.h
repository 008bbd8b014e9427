/* What a person gets back about a family besides the core's own result: the card's page, a look's
 * answer, blank cards, the spoken script. On whichever thread, with a view of its own. */
#pragma once

#include "node/core/family_store.h"
#include "node/shell/jobs.h"
#include "shared/io/print.h"

/* The result of a consent with a card drawn for it, and its page. A command repeated under the same
 * key made no second card: refused EXISTS, for the first one's page was shown and forgotten. */
void family_answer_card(const struct desk *desk, const struct job *job, struct bytes result,
                        struct http_response *response);
void family_answer_look(const struct desk *desk, const struct job *job,
                        const struct look_answer *answer, struct http_response *response);

/* {"page": html}. `scopes` as the family is asked; names are those of the directory. */
struct script_order {
    struct language language;
    struct scopes scopes;
    uint32_t end_month;
    const struct consent_record *record; /* fallbacks and conference */
    const char *telephone;               /* "": the organisation's own */
};
void family_answer_script(const struct desk *desk, enum lang lang, const struct script_order *order,
                          struct http_response *response);
/* {"cards": n, "page": html}: `count` cards drawn here and forgotten; each opens nothing until it's
 * activated together with a family. */
struct pack_order {
    struct language language;
    uint32_t count; /* 1..PACK_CARDS_MAX */
    const char *telephone;
};
void family_answer_pack(const struct desk *desk, enum lang lang, const struct pack_order *order,
                        struct http_response *response);

struct family_vault desk_vault(const struct desk *desk);
