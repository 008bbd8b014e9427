/* The flags: when one rises, whose turn it is, when it ends. Pure rules over struct family; no
 * table, no message, no clock but the world's day (DESIGN 2.4, 5; PEERS 3.1, 4.1).
 *
 * When. Each kind is at most once open per family, asked-not-taken once per question. All but the
 * last two need the scope lost-support; a named successor is somebody else who is a member.
 *   no-local-professional  no near professional support counts, whatever informal or distant
 *                          support there is; not within the grace
 *   gap-ahead              near support counts, and all of it is ending without a named successor
 *   silent                 a near professional support has had no contact for more than 42 days
 *                          (its node isn't quiet), while another still counts (else it's
 *                          no-local-professional)
 *   one-left               two or more supporters counted at one time since none did, one does now
 *                          and is near and professional, and stays (else it's one of the first
 *                          two). Not while a silent one is open, nor when who ended last handed
 *                          over to the one that's left, nor while the successor that somebody named
 *                          may still come: a good hand-over, with or without days together, raises
 *                          nothing
 *   asked-not-taken        a question isn't taken at the end of the 10th working day after the hub
 *                          got it, refused or passed on or not
 *   concern                somebody raised one; while one is open, others merge into it: a raiser
 *                          more, and reason, urgency and clocks of the more urgent; each is counted
 *                          under its own reason
 * Merging: gap-ahead, silent and one-left become no-local-professional when that is true: the same
 * flag and id, a new line and new clocks, unless somebody who is not leaving has taken it: then it
 * keeps its taker and clocks, and the line goes on behind it. Were several of them open, the others
 * end as merged; so does one-left beside a gap-ahead.
 *
 * Grace: when near support first ends and its last supporter named a successor (or a new consent
 * says that support is on its way: flags_expect_support), no-local-professional waits 5 working
 * days from that day; it's fixed then and no later word moves it. That day is the last on which one
 * of the near professional supports on the row stopped counting: its end, though it was told later,
 * or the 43rd day of its silence; where that can't be said (its node is quiet; there is none on the
 * row), the day that it was noticed.
 *
 * Line (organisations that are gone are left out, each stands once; who refused the question, or
 * raised the concern in its own name, stands last):
 *   gap-ahead               who leaves last, first fallback, second fallback
 *   no-local-professional   first fallback, second fallback; where there are none: the near
 *                           professional supporters that ended last, three at most
 *   silent                  the silent one, first fallback, second fallback
 *   one-left                the one that is left, first fallback, second fallback
 *   asked-not-taken         first fallback, second fallback; where there are none: near supporters
 *   concern                 near professional supporters (last contact first), first, second
 * An empty line is the coordinator's board at once. Told beside the line, `yours` false: with
 * no-local-professional and gap-ahead all supporters that haven't ended and the three near
 * professional ones that ended last; with one-left the one that's left; who raised it, always
 * (NOTICE_ANSWER: whose turn it is, taken, contacted, closed). Who has its turn gets the envelope
 * that the family left for it, if no near professional support counts.
 *
 * Clocks, in working days after the day that a turn begins: acknowledged in 3, family contacted in
 * 10; of a concern for today, in each of its turns: acknowledged by the end of the next working
 * day, contacted in 3. One that becomes a concern for today by a merge has the latter from that day
 * on, but never later than it had. Past either the next in line has its turn with new clocks, at
 * last the board, which has none. They never stop. On a working day that is its owner's closure day
 * a flag moves to the owner's deputy, once in that turn and without a new clock; a deputy that's
 * closed too, or none: to the next in line at once. Who has taken it keeps it over its closure
 * days, unless they last until the clock of contact has run out; who contacted the family keeps it
 * while it's a member.
 *
 * Who may sanction is in no line as a fallback, gets no envelope and no notice as one (DESIGN 2,
 * promise 9). Where the directory says so after the family chose it, it's passed over from then on,
 * and what it has goes to the next at the row's next look (an open flag's next working day at the
 * latest): unless it supports or supported the family, raised the flag and took it, or has spoken
 * with the family already.
 *
 * Who may answer: the line up to now, who raised it, supporters that haven't ended and, of
 * no-local-professional and gap-ahead, the three that ended last. An informal supporter that isn't
 * in the line can't take a flag about professional support (all but concern and asked-not-taken):
 * or a buddy, with the best will, would silence the alarm that nobody but the buddy is there.
 *
 * Ends: closed by who has it, with a reason, after it was contacted; or by itself, reason
 * supported, when what it was about is over (near support counts again, the question is taken, a
 * second supporter came, the silent one had contact): each of these is an organisation's word that
 * it has spoken with the family. A question that was taken back ends its flag as not-wanted; a
 * scope that was taken back ends its flags as consent-ended (a concern needs that scope unless the
 * family itself raised it). A concern never ends by itself else. Who closes one while what it's
 * about goes on keeps it closed until that was over once. Within 28 days after an end the same
 * thing (kind; question; who is silent; a concern's reason) reopens the same flag, with its dates
 * begun anew and counted anew; later it's a new one. Where the row is full the oldest closed flag
 * makes place. */
#pragma once

#include "hub/core/family.h"

enum { FLAG_REOPEN_DAYS = 28 };

/* Who has a flag: who took it, else whose turn it is; zeros: the coordinator's board. */
struct org_id flag_owner(const struct family_flag *flag);

/* Brings the row up to the world's day: silence, ends that passed, grace, every kind above, clocks,
 * closures, consents that end soon (60 and 14 days before, each once and only where the consent was
 * given for longer: NOTICE_ENDING to supporters and fallbacks); sets due_ms to when it must be
 * looked at again: the start of a Brussels day, and each working day while a flag is in somebody's
 * turn, for closure days may be told at any time. Doing it twice changes nothing. The consent's own
 * end isn't judged here (families.h erases). */
void flags_judge(struct family *family, const struct family_world *world,
                 struct family_effects *effects);

/* A new consent says that near professional support is on its way: the grace, for a row on which
 * none ever counted. Call it before the first flags_judge. */
void flags_expect_support(struct family *family, const struct family_world *world);

/* Take, contacted, close, hand back, by an organisation that may answer. Refusals: NOT_FOUND,
 * NOT_YOURS (may not, or another has taken it; close: who hasn't taken it; hand back: who neither
 * took it nor, while nobody has, has its turn), NOT_CONTACTED (close before contacted), NOT_ALLOWED
 * (close with a reason that only the hub says, or none), WRONG_MOVE (already closed; contacted
 * twice). Taking stops the clock of acknowledging, and twice is no more than once; contacted also
 * takes. Hand back: the next in line's turn. Tells the raisers. */
MUST_CHECK enum refusal flags_answer(struct family *family, const struct family_world *world,
                                     const struct org_id *org, const struct flag_answer *answer,
                                     struct family_effects *effects);

/* A fallback that the family wants no more: out of every line that it hasn't had its turn in; what
 * it has goes to the next. Not while it supports the family. */
void flags_dismiss(struct family *family, const struct family_world *world,
                   const struct org_id *org, struct family_effects *effects);

/* A concern, whose proof and consent were checked. Refusals: EXISTS (the same id came before). */
MUST_CHECK enum refusal flags_concern(struct family *family, const struct family_world *world,
                                      const struct concern *concern,
                                      struct family_effects *effects);
