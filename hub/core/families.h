/* From a message about a family to facts: what all kinds do alike, once the office let it through.
 *
 * load the row, check the consent, let the kind's own file change the copy, judge the flags, and
 * make facts: the message's number (FACT_TAKEN), the row (FACT_FAMILY, sealed in the journal), what
 * is told to nodes (FACT_POSTED, each sealed to its receiver) and what is counted (FACT_COUNTED).
 */
#pragma once

#include "hub/core/family.h"
#include "hub/core/state.h"

/* What changed a row, for whoever reads the journal. */
#define FAMILY_CHANGE_LIST(X)                                                                      \
    X(CHANGE_CONSENT, 1, "consent")                                                                \
    X(CHANGE_SUPPORT, 2, "support")                                                                \
    X(CHANGE_ASK, 3, "ask")                                                                        \
    X(CHANGE_ASK_ANSWER, 4, "ask-answer")                                                          \
    X(CHANGE_CONCERN, 5, "concern")                                                                \
    X(CHANGE_FLAG_ANSWER, 6, "flag-answer")                                                        \
    X(CHANGE_LOOK, 7, "look")                                                                      \
    X(CHANGE_TIME, 8, "time")                                                                      \
    X(CHANGE_MEMBER_LEFT, 9, "member-left")                                                        \
    X(CHANGE_NODE_QUIET, 10, "node-quiet")
#define X(name, number, text) name = number,
enum family_change { FAMILY_CHANGE_NONE = 0, FAMILY_CHANGE_LIST(X) };
#undef X

enum {
    /* The most that one family's change can add to a decision: its notices and counts, and a
     * handful of facts of its own. Who works through several stops when no more of them fit. */
    FAMILY_FACTS_MAX = FAMILY_NOTICES_MAX + FAMILY_COUNTS_MAX + 8,
    FAMILIES_RESERVE = 160, /* for what else a timer event decides: who was heard, call-backs */
};

/* One family under work in a decide; all of it in the hub's scratch, which lives until the next
 * event is decided. */
struct family_work {
    struct hub *hub;
    const struct turn_view *view;
    struct family *family;
    struct family_world world;
    struct family_effects *effects;
    int failed; /* of the world's questions: the judging is void */
};

/* Work on a row that isn't there yet, or that somebody has loaded: `family` in the hub's scratch.
 * Errors: ERR_NO_MEMORY. */
MUST_CHECK int families_begin(struct hub *hub, const struct turn_view *view, struct family *family,
                              struct family_work *ret);
/* Loads a copy. Errors: ERR_NOT_FOUND (no consent stands for that handle, or its record key is
 * gone), the world's. */
MUST_CHECK int families_load(struct hub *hub, const struct turn_view *view,
                             const struct family_handle *handle, struct family_work *ret);
/* Judges the flags and adds the facts of the row, the notices and the counts. By a halted clock
 * nothing is judged: the row is due as soon as the clock stands again.
 * Errors: decision_add's, the world's. */
MUST_CHECK int families_finish(struct family_work *work, enum family_change change,
                               struct decision *ret);
/* The consent ends: the row goes with all that the journal has of it, whoever holds something is
 * told, and what was open is counted. `basis` 0: it came to its own end (withdrawals.c). */
MUST_CHECK int families_erase(struct family_work *work, enum withdrawal_basis basis,
                              struct decision *ret);
/* Its key is gone while its row is there: a database older than its keyring. Nobody can read it any
 * more, and nobody knows whom to tell: it goes. */
MUST_CHECK int families_decide_unreadable(const struct turn_view *view, const struct digest *lookup,
                                          struct decision *ret);
/* The message of this mail is taken: its number. */
MUST_CHECK int families_taken(const struct turn_view *view, const struct office_mail *mail,
                              struct decision *ret);
/* Of a bound on what one member says in a day: BUSY, for an hour, once `said` has come to it. */
void families_judge_quota(uint32_t said, uint32_t max, struct decision *ret);

/* What a body of a family kind gets. */
MUST_CHECK int families_decide_mail(struct hub *hub, const struct turn_view *view,
                                    const struct office_mail *mail, struct decision *ret);
/* When time has passed (families_due.c): rows that are due, consents past their end, quiet nodes,
 * members that left, tombstones past their time; a slice of it each time, the earliest first. Not
 * called while the clock is halted; where room is short only what makes us hold less. */
MUST_CHECK bool families_room(const struct decision *decision); /* for one family more */
MUST_CHECK int families_decide_time(struct hub *hub, const struct turn_view *view,
                                    struct decision *ret);
/* FACT_TAKEN, and what family_store.h and tombstones.h apply. */
MUST_CHECK int families_apply_fact(const struct turn_view *view, const struct fact *fact);

/* Consents and withdrawals: decided whole, for there may be no row (consents.c, withdrawals.c). */
MUST_CHECK int consents_decide(struct hub *hub, const struct turn_view *view,
                               const struct office_mail *mail, struct decision *ret);
MUST_CHECK int withdrawals_decide(struct hub *hub, const struct turn_view *view,
                                  const struct office_mail *mail, struct decision *ret);
/* One organisation's own support, by itself or within its consent message. Refusals: as
 * supports_take. */
MUST_CHECK int supports_put(struct family_work *work, const struct org_id *sender,
                            const struct proven *proven, enum refusal *ret);
/* Takes away what a narrowed consent no longer covers (supports.c). */
void supports_narrow(struct family_work *work);

/* By kind, each on a loaded copy with a consent that covers it; a refusal changes nothing. */
/* Refusals: NOT_YOURS (another's support), BAD_SIGNATURE (not the presence key's), STALE (its
 * number isn't above the one that stands), BUSY (what it supported before it left is still being
 * ended), FROM_THE_FUTURE, OVER_QUOTA (FAMILY_SUPPORTS_MAX that
 * haven't ended), and what decoding says. */
MUST_CHECK int supports_take(struct family_work *work, const struct office_mail *mail,
                             enum refusal *ret);
MUST_CHECK int asks_take(struct family_work *work, const struct office_mail *mail,
                         enum refusal *ret);
MUST_CHECK int ask_answers_take(struct family_work *work, const struct office_mail *mail,
                                enum refusal *ret);
MUST_CHECK int concerns_take(struct family_work *work, const struct office_mail *mail,
                             enum refusal *ret);
MUST_CHECK int flag_answers_take(struct family_work *work, const struct office_mail *mail,
                                 enum refusal *ret);

/* About no family: decided whole (call_backs.c, new_cards.c). */
MUST_CHECK int call_backs_decide(struct hub *hub, const struct turn_view *view,
                                 const struct office_mail *mail, struct decision *ret);
MUST_CHECK int new_cards_decide(struct hub *hub, const struct turn_view *view,
                                const struct office_mail *mail, struct decision *ret);
MUST_CHECK int call_backs_decide_due(struct hub *hub, const struct turn_view *view,
                                     struct decision *ret);
MUST_CHECK int call_backs_apply(const struct turn_view *view, const struct fact *fact);

/* A look (looks.c): a good one adds facts. What is sent back after the commit is in `ret_outcome`,
 * in the arena: arrivals.c hands it to looks_answer, which sends at once and gives the peer a new
 * nonce. The nonce that stands goes into every welcome (looks_nonce). */
struct look_outcome;
MUST_CHECK int looks_decide(struct hub *hub, const struct turn_view *view,
                            const struct event *event, const struct look_request *request,
                            struct look_outcome **ret_outcome, struct decision *ret);
void looks_answer(struct hub *hub, const struct org_id *peer, const struct look_outcome *outcome);
