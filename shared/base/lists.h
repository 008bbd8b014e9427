/* The closed lists: every word that parties exchange and that a rule decides on.
 *
 * The number travels and is stored, so a number never changes its meaning and is never used again;
 * the text is for configuration, JSON and logs. Value 0 is always "not given". What people read is
 * in the catalogue (shared/io/text.h). A value that isn't on its list is refused, never guessed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/lists_declare.h"

/* Organisations (DESIGN 3). dmw: social service of a health insurer; agii: integration agency. */
#define ORG_KIND_LIST(X)                                                                           \
    X(ORG_KIND_OCMW, 1, "ocmw")                                                                    \
    X(ORG_KIND_AGII, 2, "agii")                                                                    \
    X(ORG_KIND_CAW, 3, "caw")                                                                      \
    X(ORG_KIND_DMW, 4, "dmw")                                                                      \
    X(ORG_KIND_VOLUNTEERS, 5, "volunteers")                                                        \
    X(ORG_KIND_SCHOOL, 6, "school")                                                                \
    X(ORG_KIND_VDAB, 7, "vdab")                                                                    \
    X(ORG_KIND_NT2, 8, "nt2")                                                                      \
    X(ORG_KIND_INTERPRETER, 9, "interpreter")                                                      \
    X(ORG_KIND_REFUGE, 10, "refuge")                                                               \
    X(ORG_KIND_ADDICTION, 11, "addiction")                                                         \
    X(ORG_KIND_OTHER, 12, "other")

/* territorial: an OCMW's own tasks, tied by the law of 2 April 1965 to one municipality. */
#define COMPETENCE_LIST(X)                                                                         \
    X(COMPETENCE_TERRITORIAL, 1, "territorial")                                                    \
    X(COMPETENCE_REGIONAL, 2, "regional")                                                          \
    X(COMPETENCE_OPEN, 3, "open")

#define CONSENT_RIGHT_LIST(X)                                                                      \
    X(CONSENT_RIGHT_NO, 1, "no")                                                                   \
    X(CONSENT_RIGHT_LIMITED, 2, "limited")                                                         \
    X(CONSENT_RIGHT_FULL, 3, "full")

/* People. Hub: coordinator, administrator. Node: the others and administrator. */
#define ROLE_LIST(X)                                                                               \
    X(ROLE_ADMINISTRATOR, 1, "administrator")                                                      \
    X(ROLE_COORDINATOR, 2, "coordinator")                                                          \
    X(ROLE_CASEWORKER, 3, "caseworker")                                                            \
    X(ROLE_TOELEIDER, 4, "toeleider")                                                              \
    X(ROLE_VOLUNTEER, 5, "volunteer")                                                              \
    X(ROLE_READER, 6, "reader")

/* What a member does in a region's directory. */
#define MEMBER_ROLE_LIST(X)                                                                        \
    X(MEMBER_ROLE_NODE, 1, "node")                                                                 \
    X(MEMBER_ROLE_HUB, 2, "hub")

/* Staff-set status of a service. */
#define SERVICE_STATUS_LIST(X)                                                                     \
    X(SERVICE_STATUS_OPEN, 1, "open")                                                              \
    X(SERVICE_STATUS_LIMITED, 2, "limited")                                                        \
    X(SERVICE_STATUS_CLOSED, 3, "closed")

/* From when a wait counts. A figure without its start event is worthless (PEERS 0.5). */
#define START_EVENT_LIST(X)                                                                        \
    X(START_EVENT_ASKED, 1, "asked")                                                               \
    X(START_EVENT_REFERRED, 2, "referred")

/* Why a case closed; left_* without a first appointment is "left without starting". */
#define CLOSE_REASON_LIST(X)                                                                       \
    X(CLOSE_REASON_FINISHED, 1, "finished")                                                        \
    X(CLOSE_REASON_MOVED, 2, "moved")                                                              \
    X(CLOSE_REASON_ELSEWHERE, 3, "elsewhere")                                                      \
    X(CLOSE_REASON_UNREACHABLE, 4, "unreachable")                                                  \
    X(CLOSE_REASON_REFUSED, 5, "refused")                                                          \
    X(CLOSE_REASON_NOT_COMPETENT, 6, "not-competent")                                              \
    X(CLOSE_REASON_OTHER, 7, "other")

/* Whether figures are our own perturbed ones or what an organisation had published already. */
#define FIGURES_ORIGIN_LIST(X)                                                                     \
    X(FIGURES_ORIGIN_REGISTER, 1, "register")                                                      \
    X(FIGURES_ORIGIN_PUBLISHED, 2, "published")

/* What travels through the post, by the kind number in its envelope. */
#define MESSAGE_KIND_LIST(X)                                                                       \
    X(MESSAGE_KIND_SIGNAL, 1, "signal")                                                            \
    X(MESSAGE_KIND_STATUS, 2, "status")                                                            \
    X(MESSAGE_KIND_DIRECTORY, 3, "directory")                                                      \
    X(MESSAGE_KIND_MEMBER_UPDATE, 4, "member-update")                                              \
    /* about families: node to hub, ... */                                                         \
    X(MESSAGE_KIND_CONSENT, 5, "consent")                                                          \
    X(MESSAGE_KIND_WITHDRAWAL, 6, "withdrawal")                                                    \
    X(MESSAGE_KIND_SUPPORT, 7, "support")                                                          \
    X(MESSAGE_KIND_ASK, 8, "ask")                                                                  \
    X(MESSAGE_KIND_ASK_ANSWER, 9, "ask-answer")                                                    \
    X(MESSAGE_KIND_CONCERN, 10, "concern")                                                         \
    X(MESSAGE_KIND_FLAG_ANSWER, 11, "flag-answer")                                                 \
    X(MESSAGE_KIND_CALL_BACK, 12, "call-back")                                                     \
    X(MESSAGE_KIND_CALLED_BACK, 13, "called-back")                                                 \
    X(MESSAGE_KIND_NEW_CARD, 14, "new-card")                                                       \
    X(MESSAGE_KIND_ERASED, 15, "erased")                                                           \
    /* ... and hub to node */                                                                      \
    X(MESSAGE_KIND_NOTICE, 16, "notice")                                                           \
    X(MESSAGE_KIND_TOMBSTONE, 17, "tombstone")

/* The three lanes of a stream (DESIGN 3). Lane 0 overtakes everything. */
enum lane {
    LANE_URGENT = 0,   /* withdrawals, tombstones, directory */
    LANE_ORDINARY = 1, /* everything else */
    LANE_ATTACHMENT = 2,
};

/* What an untrusted sender gets back. `final`: the message used its number and won't be taken
 * later; otherwise no number was used and the sender keeps the message and tries again. */
#define REFUSAL_LIST(X)                                                                            \
    X(REFUSAL_MALFORMED, 1, "malformed", true)                                                     \
    X(REFUSAL_TOO_LARGE, 2, "too-large", true)                                                     \
    X(REFUSAL_UNKNOWN_VERSION, 3, "unknown-version", true)                                         \
    X(REFUSAL_UNKNOWN_KIND, 4, "unknown-kind", true)                                               \
    X(REFUSAL_UNKNOWN_VALUE, 5, "unknown-value", true)                                             \
    X(REFUSAL_WRONG_SENDER, 6, "wrong-sender", false)                                              \
    X(REFUSAL_NOT_MEMBER, 7, "not-member", false)                                                  \
    X(REFUSAL_REVOKED, 8, "revoked", false)                                                        \
    X(REFUSAL_BAD_SIGNATURE, 9, "bad-signature", true)                                             \
    X(REFUSAL_NOT_ALLOWED, 10, "not-allowed", true)                                                \
    X(REFUSAL_EXPIRED, 11, "expired", true)                                                        \
    X(REFUSAL_CLOCK_OFF, 12, "clock-off", false)                                                   \
    X(REFUSAL_CONFLICT, 13, "conflict", false)                                                     \
    X(REFUSAL_TOO_FAR_AHEAD, 14, "too-far-ahead", false)                                           \
    X(REFUSAL_NO_ROOM, 15, "no-room", false)                                                       \
    X(REFUSAL_BUSY, 16, "busy", false)                                                             \
    X(REFUSAL_NOT_YET, 17, "not-yet", false)                                                       \
    X(REFUSAL_INTERNAL_FAULT, 18, "internal-fault", true)                                          \
    X(REFUSAL_STALE, 19, "stale", true)                                                            \
    X(REFUSAL_IMPLAUSIBLE, 20, "implausible", true)                                                \
    X(REFUSAL_UNKNOWN_RECIPIENT, 21, "unknown-recipient", false)                                   \
    X(REFUSAL_BAD_INVITATION, 22, "bad-invitation", true)                                          \
    X(REFUSAL_EXISTS, 23, "exists", true)                                                          \
    X(REFUSAL_NOT_FOUND, 24, "not-found", true)                                                    \
    X(REFUSAL_OLD_INCARNATION, 25, "old-incarnation", false)                                       \
    X(REFUSAL_BROKEN_CHAIN, 26, "broken-chain", true)                                              \
    X(REFUSAL_WITHHELD, 27, "withheld", true)                                                      \
    X(REFUSAL_DEADLINE, 28, "deadline", true)                                                      \
    X(REFUSAL_FROM_THE_FUTURE, 29, "from-the-future", true)                                        \
    /* No consent that covers this stands: never given, not yet, withdrawn or past its end; which  \
     * of them isn't told. Final, so that one support doesn't hold up its lane: its node tries a   \
     * new message each day. */                                                                    \
    X(REFUSAL_NO_CONSENT, 30, "no-consent", true)                                                  \
    X(REFUSAL_OUT_OF_SCOPE, 31, "out-of-scope", true)                                              \
    X(REFUSAL_NO_SCOPE, 32, "no-scope", true) /* a consent to nothing */                           \
    X(REFUSAL_TOO_LONG, 33, "too-long", true) /* beyond 12 months */                               \
    X(REFUSAL_MISTYPED, 34, "mistyped", true) /* a card's check characters don't fit */            \
    X(REFUSAL_MINOR_INTERPRETER, 35, "minor-interpreter", true)                                    \
    X(REFUSAL_NOT_YOURS, 36, "not-yours", true)                                                    \
    X(REFUSAL_NEEDS_AUTHORITY, 37, "needs-authority", true) /* the card alone can't widen */       \
    X(REFUSAL_NOT_CONTACTED, 38, "not-contacted", true)     /* nobody spoke with the family */     \
    X(REFUSAL_WRONG_MOVE, 39, "wrong-move", true)           /* not from the state that it has */   \
    X(REFUSAL_UNKNOWN_PURPOSE, 40, "unknown-purpose", true)                                        \
    X(REFUSAL_OVER_QUOTA, 41, "over-quota", true)                                                  \
    X(REFUSAL_NO_ANSWER, 42, "no-answer",                                                          \
      true) /* the hub can't be reached now, or keeps silent */                                    \
    X(REFUSAL_NO_TEACH_BACK, 43, "no-teach-back", true)                                            \
    X(REFUSAL_NO_DESK, 44, "no-desk", true) /* no onthaal desk known for that municipality */      \
    X(REFUSAL_MAY_SANCTION, 45, "may-sanction", true) /* never a fallback */

DECLARE_LIST(org_kind, ORG_KIND_LIST, ORG_KIND_NONE)
DECLARE_LIST(competence, COMPETENCE_LIST, COMPETENCE_NONE)
DECLARE_LIST(consent_right, CONSENT_RIGHT_LIST, CONSENT_RIGHT_NONE)
DECLARE_LIST(role, ROLE_LIST, ROLE_NONE)
DECLARE_LIST(member_role, MEMBER_ROLE_LIST, MEMBER_ROLE_NONE)
DECLARE_LIST(service_status, SERVICE_STATUS_LIST, SERVICE_STATUS_NONE)
DECLARE_LIST(start_event, START_EVENT_LIST, START_EVENT_NONE)
DECLARE_LIST(close_reason, CLOSE_REASON_LIST, CLOSE_REASON_NONE)
DECLARE_LIST(figures_origin, FIGURES_ORIGIN_LIST, FIGURES_ORIGIN_NONE)
DECLARE_LIST(message_kind, MESSAGE_KIND_LIST, MESSAGE_KIND_NONE)
#define FINAL_ENTRY(name, number, text, final) ENUM_ENTRY(name, number, text)
DECLARE_ENTRIES(refusal, REFUSAL_NONE, REFUSAL_LIST(FINAL_ENTRY))
#undef FINAL_ENTRY

/* Whether a refusal uses the message's number (see REFUSAL_LIST). */
bool refusal_is_final(enum refusal refusal);
