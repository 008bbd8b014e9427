/* What an organisation that asks to join says of itself, in words: a person reads this before
 * approving it. Of the API's Member (openapi.json); used by approve, members and member set. */
#pragma once

#include "shared/io/cli.h"
#include "shared/io/json.h"

/* May sanction, may ask for consent, hidden: lines to the call's `out`, of an object that has these
 * three. */
void applicant_print_rights(const struct cli_call *call, struct json_reader *answer,
                            const struct json_value *member);

/* Several lines to the call's `out`, the six words last. What isn't in `member` is a failure of the
 * reader, as json_need_text has it. */
void applicant_print(const struct cli_call *call, struct json_reader *answer,
                     const struct json_value *member);
