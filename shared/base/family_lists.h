/* The closed lists about families: purposes, scopes, consents, supports, questions asked, flags.
 *
 * As in lists.h: the number travels and is stored and never changes its meaning; the text is for
 * configuration, JSON and logs; 0 is "not given"; what isn't on a list is refused. */
#pragma once

#include <stdint.h>

#include "shared/base/lists_declare.h"

/* What anything about a family may be for (DESIGN 2, promise 9). There is none for control,
 * sanction or enforcement, and both ends refuse what isn't here. */
#define PURPOSE_LIST(X)                                                                            \
    X(PURPOSE_SUPPORT, 1, "support")                                                               \
    X(PURPOSE_CONFERENCE, 2, "conference")                                                         \
    X(PURPOSE_WELCOME, 3, "welcome")                                                               \
    X(PURPOSE_CONCERN, 4, "concern")

/* What a family may agree to, each by itself; travels as bit (number - 1). */
#define SCOPE_LIST(X)                                                                              \
    X(SCOPE_PRESENCE, 1, "presence")                                                               \
    X(SCOPE_LOST_SUPPORT, 2, "lost-support")                                                       \
    X(SCOPE_CONCERN, 3, "concern")                                                                 \
    X(SCOPE_FALLBACK, 4, "fallback")                                                               \
    X(SCOPE_CONFERENCE, 5, "conference")                                                           \
    X(SCOPE_WELCOME, 6, "welcome")

#define CONSENT_STATE_LIST(X)                                                                      \
    X(CONSENT_GIVEN, 1, "given")                                                                   \
    X(CONSENT_NARROWED, 2, "narrowed")                                                             \
    X(CONSENT_WITHDRAWN, 3, "withdrawn")                                                           \
    X(CONSENT_EXPIRED, 4, "expired")                                                               \
    X(CONSENT_SUPERSEDED, 5, "superseded")

/* The ground that stands beside a consent, for consent to a public body is often not one
 * (GDPR, articles 6 and 9, recital 43). */
#define LEGAL_GROUND_LIST(X)                                                                       \
    X(LEGAL_GROUND_CONSENT, 1, "consent")                                                          \
    X(LEGAL_GROUND_PUBLIC_TASK, 2, "public-task")                                                  \
    X(LEGAL_GROUND_LEGAL_DUTY, 3, "legal-duty")                                                    \
    X(LEGAL_GROUND_VITAL_INTEREST, 4, "vital-interest")

/* Who put the talk into the family's language; a minor never does. */
#define INTERPRETER_LIST(X)                                                                        \
    X(INTERPRETER_NOT_NEEDED, 1, "not-needed")                                                     \
    X(INTERPRETER_PHONE, 2, "phone")                                                               \
    X(INTERPRETER_VIDEO, 3, "video")                                                               \
    X(INTERPRETER_ON_SITE, 4, "on-site")                                                           \
    X(INTERPRETER_COLLEAGUE, 5, "colleague")                                                       \
    X(INTERPRETER_ADULT_CHOSEN, 6, "adult-chosen-by-family")                                       \
    X(INTERPRETER_MINOR, 7, "minor") /* can be said, and is refused */

/* By what a family's consent ends before its time. */
#define WITHDRAWAL_BASIS_LIST(X)                                                                   \
    X(WITHDRAWAL_CARD, 1, "card")                                                                  \
    X(WITHDRAWAL_PAPER, 2, "paper") /* signed by an adult of the family, kept by the sender */     \
    X(WITHDRAWAL_NEW_CARD, 3, "new-card")

#define SUPPORT_KIND_LIST(X)                                                                       \
    X(SUPPORT_PROFESSIONAL, 1, "professional")                                                     \
    X(SUPPORT_INFORMAL, 2, "informal")

#define SUPPORT_DISTANCE_LIST(X)                                                                   \
    X(SUPPORT_NEAR, 1, "near")                                                                     \
    X(SUPPORT_DISTANT, 2, "distant")

#define SUPPORT_STATE_LIST(X)                                                                      \
    X(SUPPORT_ACTIVE, 1, "active")                                                                 \
    X(SUPPORT_ENDING, 2, "ending")                                                                 \
    X(SUPPORT_ENDED, 3, "ended")

#define END_REASON_LIST(X)                                                                         \
    X(END_MOVING, 1, "moving")                                                                     \
    X(END_FINISHED, 2, "finished")                                                                 \
    X(END_CAPACITY, 3, "capacity")                                                                 \
    X(END_UNREACHABLE, 4, "unreachable")                                                           \
    X(END_NOT_COMPETENT, 5, "not-competent")                                                       \
    X(END_FAMILY_WISH, 6, "family-wish")                                                           \
    X(END_ORGANISATION_LEFT, 7, "organisation-left") /* said by the hub */                         \
    X(END_OTHER, 8, "other")

/* "This family asked organisation O for service S." */
#define ASK_STATE_LIST(X)                                                                          \
    X(ASK_OPEN, 1, "open")                                                                         \
    X(ASK_TAKEN, 2, "taken")                                                                       \
    X(ASK_REFUSED, 3, "refused")                                                                   \
    X(ASK_PASSED_ON, 4, "passed-on")                                                               \
    X(ASK_REVOKED, 5, "revoked") /* by who asked */

/* Why not (after Primero's list of reasons, PEERS 1.1). */
#define ASK_REASON_LIST(X)                                                                         \
    X(ASK_LACK_OF_CAPACITY, 1, "lack-of-capacity")                                                 \
    X(ASK_UNABLE_TO_CONTACT, 2, "unable-to-contact")                                               \
    X(ASK_FAMILY_DECLINED, 3, "family-declined")                                                   \
    X(ASK_NOT_COMPETENT, 4, "not-competent")                                                       \
    X(ASK_NO_RIGHT, 5, "no-right") /* conditions aren't met */                                     \
    X(ASK_LANGUAGE, 6, "language")                                                                 \
    X(ASK_OTHER, 7, "other")

#define FLAG_KIND_LIST(X)                                                                          \
    X(FLAG_GAP_AHEAD, 1, "gap-ahead")                                                              \
    X(FLAG_NO_LOCAL, 2, "no-local-professional")                                                   \
    X(FLAG_ASKED_NOT_TAKEN, 3, "asked-not-taken")                                                  \
    X(FLAG_SILENT, 4, "silent")                                                                    \
    X(FLAG_CONCERN, 5, "concern")                                                                  \
    X(FLAG_ONE_LEFT, 6, "one-left")                                                                \
    X(FLAG_NODE_QUIET, 7, "node-quiet") /* of an organisation, on the coordinator's board */       \
    X(FLAG_CALL_BACK, 8, "call-back")   /* of a desk that doesn't call back, likewise */

#define FLAG_STATE_LIST(X)                                                                         \
    X(FLAG_OPEN, 1, "open")                                                                        \
    X(FLAG_ACKNOWLEDGED, 2, "acknowledged")                                                        \
    X(FLAG_CONTACTED, 3, "contacted")                                                              \
    X(FLAG_CLOSED, 4, "closed")

#define FLAG_ACTION_LIST(X)                                                                        \
    X(FLAG_TAKE, 1, "take")                                                                        \
    X(FLAG_CONTACT, 2, "contacted")                                                                \
    X(FLAG_CLOSE, 3, "close")                                                                      \
    X(FLAG_HAND_BACK, 4, "hand-back")

#define FLAG_REASON_LIST(X)                                                                        \
    X(FLAG_REASON_SUPPORTED, 1, "supported")                                                       \
    X(FLAG_REASON_HELPED, 2, "helped")                                                             \
    X(FLAG_REASON_NOT_WANTED, 3, "not-wanted") /* the family wants no help now */                  \
    X(FLAG_REASON_MISTAKEN, 4, "mistaken")                                                         \
    X(FLAG_REASON_LEFT, 5, "left-region")                                                          \
    X(FLAG_REASON_CONSENT_ENDED, 6, "consent-ended") /* said by the hub, as is the next */         \
    X(FLAG_REASON_MERGED, 7, "merged")               /* it goes on in another flag */

/* What a concern is about: the toeleiders' structural signals, counted per quarter. */
#define CONCERN_REASON_LIST(X)                                                                     \
    X(CONCERN_NOBODY_HELPS, 1, "nobody-helps")                                                     \
    X(CONCERN_NO_ANSWER, 2, "no-answer") /* an organisation doesn't answer */                      \
    X(CONCERN_WAITING, 3, "waiting-too-long")                                                      \
    X(CONCERN_LANGUAGE, 4, "language")                                                             \
    X(CONCERN_HOUSING, 5, "housing")                                                               \
    X(CONCERN_INCOME, 6, "income")                                                                 \
    X(CONCERN_HEALTH, 7, "health")                                                                 \
    X(CONCERN_SCHOOL, 8, "school")                                                                 \
    X(CONCERN_PAPERS, 9, "papers")                                                                 \
    X(CONCERN_ALONE, 10, "alone")                                                                  \
    X(CONCERN_OTHER, 11, "other")

#define CONCERN_URGENCY_LIST(X)                                                                    \
    X(CONCERN_TODAY, 1, "today")                                                                   \
    X(CONCERN_THIS_WEEK, 2, "this-week")                                                           \
    X(CONCERN_CAN_WAIT, 3, "can-wait")

#define CONCERN_BY_LIST(X)                                                                         \
    X(CONCERN_BY_FAMILY, 1, "family")                                                              \
    X(CONCERN_BY_VOLUNTEER, 2, "volunteer")                                                        \
    X(CONCERN_BY_PROFESSIONAL, 3, "professional")

/* Why an old card makes place for a new one. */
#define NEW_CARD_REASON_LIST(X)                                                                    \
    X(NEW_CARD_RENEWAL, 1, "renewal")                                                              \
    X(NEW_CARD_LOST, 2, "lost")                                                                    \
    X(NEW_CARD_WRONG_HANDS, 3, "wrong-hands")                                                      \
    X(NEW_CARD_SPLIT, 4, "split") /* the household: the old card stays with the others */

/* What a hub tells a node. */
#define NOTICE_KIND_LIST(X)                                                                        \
    X(NOTICE_FLAG, 1, "flag")                  /* it's your turn, or you should know */            \
    X(NOTICE_FLAG_OVER, 2, "flag-over")        /* closed, or another's turn */                     \
    X(NOTICE_ANSWER, 3, "answer")              /* to who raised it: what became of it */           \
    X(NOTICE_ENDING, 4, "ending")              /* a consent ends in 60 or 14 days */               \
    X(NOTICE_ASK, 5, "ask")                    /* a family asked you */                            \
    X(NOTICE_ASK_NEWS, 6, "ask-news")          /* to who asked */                                  \
    X(NOTICE_CALL_BACK, 7, "call-back")        /* somebody asks to be called */                    \
    X(NOTICE_CALLED_BACK, 8, "called")         /* to who asked to be called */                     \
    X(NOTICE_NEW_CARD, 9, "new-card")          /* a family that you support has a new card */      \
    X(NOTICE_SUPPORT_OVER, 10, "support-over") /* the hub ended your support; the reason is told   \
                                                */

DECLARE_LIST(purpose, PURPOSE_LIST, PURPOSE_NONE)
DECLARE_LIST(scope, SCOPE_LIST, SCOPE_NONE)
DECLARE_LIST(consent_state, CONSENT_STATE_LIST, CONSENT_STATE_NONE)
DECLARE_LIST(legal_ground, LEGAL_GROUND_LIST, LEGAL_GROUND_NONE)
DECLARE_LIST(interpreter, INTERPRETER_LIST, INTERPRETER_NONE)
DECLARE_LIST(withdrawal_basis, WITHDRAWAL_BASIS_LIST, WITHDRAWAL_BASIS_NONE)
DECLARE_LIST(support_kind, SUPPORT_KIND_LIST, SUPPORT_KIND_NONE)
DECLARE_LIST(support_distance, SUPPORT_DISTANCE_LIST, SUPPORT_DISTANCE_NONE)
DECLARE_LIST(support_state, SUPPORT_STATE_LIST, SUPPORT_STATE_NONE)
DECLARE_LIST(end_reason, END_REASON_LIST, END_REASON_NONE)
DECLARE_LIST(ask_state, ASK_STATE_LIST, ASK_STATE_NONE)
DECLARE_LIST(ask_reason, ASK_REASON_LIST, ASK_REASON_NONE)
DECLARE_LIST(flag_kind, FLAG_KIND_LIST, FLAG_KIND_NONE)
DECLARE_LIST(flag_state, FLAG_STATE_LIST, FLAG_STATE_NONE)
DECLARE_LIST(flag_action, FLAG_ACTION_LIST, FLAG_ACTION_NONE)
DECLARE_LIST(flag_reason, FLAG_REASON_LIST, FLAG_REASON_NONE)
DECLARE_LIST(concern_reason, CONCERN_REASON_LIST, CONCERN_REASON_NONE)
DECLARE_LIST(concern_urgency, CONCERN_URGENCY_LIST, CONCERN_URGENCY_NONE)
DECLARE_LIST(concern_by, CONCERN_BY_LIST, CONCERN_BY_NONE)
DECLARE_LIST(new_card_reason, NEW_CARD_REASON_LIST, NEW_CARD_REASON_NONE)
DECLARE_LIST(notice_kind, NOTICE_KIND_LIST, NOTICE_KIND_NONE)

/* Scopes as they travel. */
struct scopes {
    uint32_t bits;
};

static inline uint32_t scope_bit(enum scope scope) {
    return (uint32_t)1 << ((uint32_t)scope - 1);
}
