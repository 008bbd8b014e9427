/* "This family asked organisation O for service S": asked here, taken back, answered, passed on;
 * and what comes of it through the hub. Whom it is about goes along sealed to the contact key of
 * who is asked, and is sealed again for the next by who passes it on.
 *
 * A question has one item at who asked (NOTICE_ASK_NEWS) and one at who is asked (NOTICE_ASK),
 * which a question that comes back finds again. Taking back wins over an acceptance (PEERS 3.3),
 * but not over a refusal, which is its end already: people see the reason. */
#pragma once

#include "node/core/notices.h"

/* ASK: {"family": 12, "item": 7}. Refusals: as family_meet, family_row_of and family_covered;
 * EXISTS (the same question to the same organisation is open; with that item), NOT_ALLOWED (to
 * ourselves), UNKNOWN_RECIPIENT, MALFORMED (no service), FROM_THE_FUTURE, IMPLAUSIBLE (asked longer
 * than ASKED_BEFORE_DAYS_MAX ago), TOO_LARGE (the contact). `asked_day` 0: today. */
enum { ASKED_BEFORE_DAYS_MAX = 366 };
MUST_CHECK int ask_decide(struct node *node, const struct turn_view *view,
                          const struct command *command, struct decision *ret);
/* ASK_REVOKE: {"item": 7}. NOT_FOUND, WRONG_MOVE (refused or taken back already), NO_CONSENT. */
MUST_CHECK int ask_revoke_decide(struct node *node, const struct turn_view *view,
                                 const struct command *command, struct decision *ret);
/* ASK_ANSWER: {"item": 7}. NOT_FOUND, WRONG_MOVE (answered or taken back already; passed on to who
 * gave it to us: say no with the reason, then who asked hears it), UNKNOWN_VALUE, NOT_ALLOWED
 * (passed on to ourselves), UNKNOWN_RECIPIENT. */
MUST_CHECK int ask_answer_decide(struct node *node, const struct turn_view *view,
                                 const struct command *command, struct decision *ret);
