/* The flags: when one rises, whose turn it is, when it ends. Pure rules over struct family; no
 * table, no message, no clock but the world's day (DESIGN 2.4, 5; PEERS 3.1, 4.1).
 *
 * When (each kind at most once open per family, asked-not-taken once per question):
 *   no-local-professional  scope lost-support; no near professional support counts, whatever
 *                          informal or distant support there is; not within the grace
 *   gap-ahead              scope lost-support; near support counts, and all of it is ending without
 *                          a named successor
 *   silent                 a near professional support has had no contact for more than 42 days,
 *                          while another still counts (else it's no-local-professional)
 *   one-left               two or more supporters counted once, one does now; not beside an open
 *                          no-local-professional or gap-ahead
 *   asked-not-taken        a question isn't taken at the end of the 10th working day after the hub
 *                          got it, refused or passed on or not
 *   concern                somebody raised one; while one is open, others merge into it: a raiser
 *                          more, the more urgent of both
 * Merging: gap-ahead, silent and one-left become no-local-professional when that is true: the same
 * flag and id, a new line and new clocks, unless somebody who is not leaving has taken it.
 *
 * Grace: when near support first ends and its last supporter named a successor (or a new consent
 * says that support is on its way), no-local-professional waits 5 working days from that day; it's
 * fixed then and no later word moves it.
 *
 * Line (organisations that are gone are left out, each stands once):
 *   gap-ahead               who leaves last, first fallback, second fallback
 *   no-local-professional   first fallback, second fallback; without the scope fallback: the
 *                           supporters that ended last
 *   silent                  the silent one, first fallback, second fallback
 *   one-left                the one that is left if it is professional and near, first, second
 *   asked-not-taken         first fallback, second fallback; without: near supporters
 *   concern                 near professional supporters (last contact first), first, second
 * An empty line is the coordinator's board at once. Told beside the line, `yours` false: with
 * no-local-professional and gap-ahead all supporters that haven't ended and the three near
 * professional ones that ended last; with one-left the one that's left; who raised it, always.
 *
 * Clocks, in working days after the day that a turn begins: acknowledged in 3, family contacted in
 * 10. Past either the next in line has its turn with new clocks, at last the board, which has none.
 * They never stop. On a closure day of its owner a flag moves to the owner's deputy, once in that
 * turn and without a new clock; a deputy that's closed too, or none: to the next in line at once.
 *
 * Ends: closed by who has it, with a reason, after it was contacted; or by itself, reason
 * supported, when what it was about is over (near support counts again, the question is taken, a
 * second supporter came, the silent one had contact): each of these is an organisation's word that
 * it has spoken with the family. A concern never ends by itself. Who closes one while what it's
 * about goes on keeps it closed until that was over once. Within 28 days after an end the same
 * thing reopens the same flag, later it's a new one. */
#pragma once

#include "hub/core/family.h"

/* Brings the row up to the world's day: silence, ends that passed, grace, every kind above, clocks,
 * closures, consents that end soon (60 and 14 days before: NOTICE_ENDING to supporters and
 * fallbacks); sets due_ms to when it must be looked at again. Doing it twice changes nothing. The
 * consent's own end isn't judged here (families.h erases). */
void flags_judge(struct family *family, const struct family_world *world,
                 struct family_effects *effects);

/* Take, contacted, close, hand back, by an organisation that was told of it (its line, or a
 * supporter). Refusals: NOT_FOUND, NOT_YOURS (not told, or another has taken it; close and
 * contacted: who hasn't taken it), NOT_CONTACTED (close before contacted), WRONG_MOVE (already
 * closed; contacted twice). Taking stops the clock of acknowledging; contacted also takes. Hand
 * back: the next in line's turn. Tells the raisers. */
MUST_CHECK enum refusal flags_answer(struct family *family, const struct family_world *world,
                                     const struct org_id *org, const struct flag_answer *answer,
                                     struct family_effects *effects);

/* A concern, whose proof and consent were checked. Refusals: EXISTS (the same id came before). */
MUST_CHECK enum refusal flags_concern(struct family *family, const struct family_world *world,
                                      const struct concern *concern,
                                      struct family_effects *effects);
