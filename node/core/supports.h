/* Our own supports of families: started, announced to end and ended by people, and from then on
 * following the register, so that nobody types anything twice (DESIGN 5).
 *
 * A support that follows a case hears from each import: a later contact confirms it, a closed case
 * ends it, a case that reopened starts it again. A case that isn't there any more changes nothing:
 * the support goes silent by itself, which is the safe side. Without a case nothing follows. */
#pragma once

#include "node/core/families.h"

/* What the register says of a support's case today. Pure. */
struct support_step {
    bool changed; /* the row isn't what it was */
    bool say;     /* and the hub should know: the number is one up */
};

/* `one` NULL: no such case. Contacts and closing days that lie after `today` are none yet. A newer
 * contact is said when what was told is SUPPORT_CONFIRM_DAYS old, or together with anything else.
 * A reopened case starts again with the contact that is known, not with today: nobody spoke with
 * the family by reopening a file. */
struct support_step support_follow(struct own_support *own, const struct register_case *one,
                                   int32_t today);

/* SUPPORT_START: {"family": 12, "case": "followed" | "not-there-yet" | "none"}. A case that no
 * import has brought yet is linked all the same: at intake the export is a day behind. Said again,
 * in the same words, of a support without a case: they met today, and the hub hears of it.
 * SUPPORT_ENDING and SUPPORT_END: {"family": 12}. Refusals: as family_meet and family_covered;
 * EXISTS (it's active already, or the case is another family's; with that family's number),
 * NOT_ALLOWED (professional support by a role that can't give it, so can't end it; or ourselves as
 * successor), WRONG_MOVE (a case that is closed; an item that isn't taken up; ended already),
 * NOT_FOUND (no support of ours), UNKNOWN_VALUE, UNKNOWN_RECIPIENT (the successor), IMPLAUSIBLE
 * (the day), MALFORMED. */
MUST_CHECK int support_start_decide(struct node *node, const struct turn_view *view,
                                    const struct command *command, struct decision *ret);
MUST_CHECK int support_end_decide(struct node *node, const struct turn_view *view,
                                  const struct command *command, struct decision *ret);
/* Somebody of ours spoke with the family today (a flag that was contacted): an active support is
 * confirmed, at most once a day. Nothing where there is none. */
MUST_CHECK int support_contacted(struct node *node, const struct turn_view *view,
                                 struct family_row *row, struct decision *ret);
/* INFORMAL: {"family": 12, "informal": 2}. Stays here. Refusals: NOT_FOUND, MALFORMED, TOO_LARGE,
 * OVER_QUOTA. */
MUST_CHECK int informal_decide(struct node *node, const struct turn_view *view,
                               const struct command *command, struct decision *ret);

/* The hub ended it (NOTICE_SUPPORT_OVER). */
MUST_CHECK int support_over_decide(struct node *node, const struct turn_view *view,
                                   struct family_row *row, enum end_reason why,
                                   struct decision *ret);
/* The hub's receipt: taken; no consent stands (said again each day, SUPPORT_RETRY_DAYS long, then
 * people see an item); our numbers are behind (after a backup: further on tomorrow); else given up
 * at once. */
MUST_CHECK int support_settled(struct node *node, const struct turn_view *view,
                               const struct sent_note *note, struct decision *ret);

/* A slice of the walk over all families, once after each import and once a day; and items that were
 * done ITEM_KEEP_DAYS ago go. NODE_FACT_SWEPT_SUPPORTS. */
MUST_CHECK int supports_decide_due(struct node *node, const struct turn_view *view,
                                   struct decision *ret);
MUST_CHECK int supports_apply(const struct turn_view *view, const struct fact *fact);

/* -- for the two files of supports -- */

/* What is said next has the next number, and the newest contact. */
void support_next_word(struct own_support *own);
void support_clear_end(struct support *said);
/* Writes the row and tells the hub. Errors: as family_decide_row and family_post. */
MUST_CHECK int support_say(struct node *node, const struct turn_view *view, struct family_row *row,
                           struct decision *ret);
/* People see an item, with the refusal and no reason of an end: the hub never had it. */
MUST_CHECK int support_give_up(struct node *node, const struct turn_view *view,
                               struct family_row *row, enum refusal refusal, struct decision *ret);
/* The case as the register has it now, in `memory`; NULL where it isn't there. */
MUST_CHECK int support_case(const struct node *node, const struct turn_view *view, const char *id,
                            struct register_case *memory, const struct register_case **ret);
bool support_day_has_been(int32_t day, int32_t today);
