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

/* One family under work in a decide; all of it in the turn's arena. */
struct family_work {
    struct hub *hub;
    const struct turn_view *view;
    struct family *family;
    struct family_world world;
    struct family_effects *effects;
};

/* Loads a copy. Errors: ERR_NOT_FOUND (no consent stands for that handle), the world's. */
MUST_CHECK int families_load(struct hub *hub, const struct turn_view *view,
                             const struct family_handle *handle, struct family_work *ret);
/* Judges the flags and adds the facts of the row, the notices and the counts.
 * Errors: decision_add's, the world's. */
MUST_CHECK int families_finish(struct family_work *work, enum family_change change,
                               struct decision *ret);
/* The message of this mail is taken: its number. */
MUST_CHECK int families_taken(const struct turn_view *view, const struct office_mail *mail,
                              struct decision *ret);

/* What a body of a family kind gets. */
MUST_CHECK int families_decide(struct hub *hub, const struct turn_view *view,
                               const struct office_mail *mail, struct decision *ret);
/* When time has passed: rows that are due, consents past their end, quiet nodes, members that
 * left, tombstones past their time. */
MUST_CHECK int families_decide_due(struct hub *hub, const struct turn_view *view,
                                   struct decision *ret);
/* FACT_TAKEN .. FACT_HEARD. */
MUST_CHECK int families_apply(const struct turn_view *view, const struct fact *fact);

/* By kind, each on a loaded copy with a consent that covers it; a refusal changes nothing. */
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
 * in the arena: arrivals.c hands it to looks_outcome, which sends at once and gives the peer a new
 * nonce. The nonce that stands goes into every welcome (looks_nonce). */
struct look_outcome;
MUST_CHECK int looks_decide(struct hub *hub, const struct turn_view *view,
                            const struct event *event, const struct look_request *request,
                            struct look_outcome **ret_outcome, struct decision *ret);
void looks_outcome(struct hub *hub, const struct org_id *peer, const struct look_outcome *outcome);
