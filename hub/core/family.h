/* One family as the hub knows it: a handle, its consent's token, who says to support it, what was
 * asked, which flags stand. Never who it is.
 *
 * Plain data: decide loads a row, works on the copy with the functions of families.h and flags.h,
 * and makes facts of the result. How it lies in the tables, sealed, is in
 * family_store.h. Days are Brussels days (shared/base/civil.h). */
#pragma once

#include "shared/base/family_lists.h"
#include "shared/base/ids.h"
#include "shared/base/limits.h"
#include "shared/wire/family.h"

enum {
    FAMILY_DAY_NONE = INT32_MIN,
    FLAG_LINE_MAX = 8, /* four, and a deputy of each */
    FLAG_RAISERS_MAX = 8,
    FAMILY_HOLDERS_KEPT = 16, /* places among holders for whom the rules must tell */
};

struct family_support {
    struct org_id org;
    uint32_t number;
    enum support_kind kind;
    enum support_distance distance;
    enum support_state state;
    enum end_reason why;
    int32_t since_day;
    int32_t end_day; /* FAMILY_DAY_NONE: none announced */
    struct nis moving_to;
    struct org_id successor;
    int32_t confirmed_day;
    bool named;
    bool silent; /* more than SUPPORT_SILENT_DAYS without a contact */
    bool quiet;  /* its node hasn't been heard for so long that it doesn't count */
};

struct family_ask {
    struct message_id id;
    struct org_id org; /* who recorded it */
    struct org_id to;  /* whose turn it is to answer */
    struct service_id service;
    enum ask_state state;
    enum ask_reason reason;
    int32_t asked_day;
    int32_t received_day;
    int32_t answered_day; /* FAMILY_DAY_NONE: not yet */
    uint8_t passes;       /* how often it was passed on */
};

struct flag_raiser {
    struct org_id org;
    struct message_id about; /* the raiser's own id: of its concern, or its ask */
};

struct family_flag {
    struct message_id id;
    enum flag_kind kind;
    enum flag_state state;
    int32_t opened_day;
    struct message_id about; /* the ask */
    struct org_id about_org; /* the support that is silent */
    /* Whose turn: line[turn]; turn == line_count is the coordinator's board. */
    struct org_id line[FLAG_LINE_MAX];
    uint8_t line_count;
    uint8_t turn;
    bool deputised; /* the closure of this turn's owner has moved it once */
    int32_t acknowledge_by_day;
    int32_t contact_by_day;
    struct org_id taken_by;   /* zeros: nobody has */
    int32_t acknowledged_day; /* the first time; FAMILY_DAY_NONE */
    int32_t contacted_day;
    int32_t closed_day;
    enum flag_reason reason;
    bool cured; /* closed, and what it was about was over once since */
    uint8_t reopened;
    enum concern_reason concern;
    enum concern_urgency urgency;
    struct flag_raiser raisers[FLAG_RAISERS_MAX];
    uint8_t raiser_count;
    bool by_family; /* a concern that the family itself raised too: it needs no scope */
};

struct family_look {
    struct org_id org;
    int32_t day;
};

struct family {
    struct family_handle handle;
    uint64_t record_key;
    enum consent_state state; /* given or narrowed: others have no row */
    struct consent_token token;
    struct signed_token signed_token; /* borrowed from whatever it was read from */
    int32_t given_day;
    uint32_t end_month_max; /* of any token of this handle: a tombstone stands until then */

    struct family_support supports[FAMILY_SUPPORTS_MAX];
    size_t support_count;
    struct family_ask asks[FAMILY_ASKS_MAX];
    size_t ask_count;
    struct family_flag flags[FAMILY_FLAGS_MAX];
    size_t flag_count;
    struct family_look looks[FAMILY_LOOKS_MAX]; /* oldest first */
    size_t look_count;
    /* Who got anything about this family through the hub: whom a tombstone goes to. */
    struct org_id holders[FAMILY_HOLDERS_MAX];
    size_t holder_count;

    int32_t near_ended_day;  /* since when no near professional support counts; FAMILY_DAY_NONE */
    int32_t grace_until_day; /* the last day on which a named successor may still come */
    bool had_two;            /* two or more supporters counted at one time */
    uint8_t endings_told;    /* bit 0: 60 days before, bit 1: 14 days before */
    int64_t due_ms;          /* when to judge it again; INT64_MAX: not by time */

    /* Not in the row: envelopes that came with the message under work; an empty box takes away what
     * was left for that organisation. Borrowed. */
    const struct contact_envelope *envelopes;
    size_t envelope_count;
};

/* -- what follows from a change, found by the pure functions and made into facts by families.h --
 */

enum { FAMILY_NOTICES_MAX = 160, FAMILY_COUNTS_MAX = 48 };

struct family_notice {
    struct org_id to;
    enum notice_kind kind;
    struct message_id flag; /* FLAG, FLAG_OVER, ANSWER: of family->flags, zeros else */
    bool yours;
    struct message_id about;      /* ANSWER, ASK, ASK_NEWS: the raiser's or the ask's id */
    struct org_id by;             /* who took it, closed it, has it now; zeros: the board */
    bool with_contact;            /* hand over the envelope that the family left for `to` */
    enum end_reason why;          /* SUPPORT_OVER */
    const struct posting *origin; /* ASK, ASK_NEWS: borrowed until the facts are made */
};

/* What is counted, and outlives the family: never per handle (hub/core/counts.h). */
#define FAMILY_COUNT_LIST(X)                                                                       \
    X(COUNT_FLAG_OPENED, 1, "flag-opened")             /* which: enum flag_kind */                 \
    X(COUNT_FLAG_ACKNOWLEDGED, 2, "flag-acknowledged") /* days since opened */                     \
    X(COUNT_FLAG_CONTACTED, 3, "flag-contacted")       /* days since opened */                     \
    X(COUNT_FLAG_CLOSED, 4, "flag-closed")             /* which: enum flag_reason */               \
    X(COUNT_FLAG_ESCALATED, 5, "flag-escalated")       /* to the board; which: enum flag_kind */   \
    X(COUNT_WITHOUT_LOCAL, 6, "without-local")         /* days, when it ends */                    \
    X(COUNT_ASK_REFUSED, 7, "ask-refused")             /* which: enum ask_reason */                \
    X(COUNT_CONCERN, 8, "concern")                     /* which: enum concern_reason */            \
    X(COUNT_CONSENT_GIVEN, 9, "consent-given")                                                     \
    X(COUNT_CONSENT_WITHDRAWN, 10, "consent-withdrawn") /* which: enum withdrawal_basis */         \
    X(COUNT_CONSENT_LAPSED, 11, "consent-lapsed")       /* ended without an answer */              \
    X(COUNT_CALL_BACK, 12, "call-back")                                                            \
    X(COUNT_CALLED_BACK, 13, "called-back")     /* days */                                         \
    X(COUNT_CARD_REPLACED, 14, "card-replaced") /* the new one counts as given */
#define X(name, number, text) name = number,
enum family_count_kind { FAMILY_COUNT_NONE = 0, FAMILY_COUNT_LIST(X) };
#undef X

struct family_count {
    enum family_count_kind kind;
    uint32_t which;
    uint32_t days;
};

struct family_effects {
    struct family_notice notices[FAMILY_NOTICES_MAX];
    size_t notice_count;
    struct family_count counts[FAMILY_COUNTS_MAX];
    size_t count_count;
};

/* Both drop what doesn't fit, the last ones first: the lists are larger than what one change of one
 * row can cause (asserted in tests). */
void effects_notice(struct family_effects *effects, const struct family_notice *notice);
void effects_count(struct family_effects *effects, enum family_count_kind kind, uint32_t which,
                   uint32_t days);

/* Whether anything of the world matters: who is at its desk. */
enum desk { DESK_OPEN = 1, DESK_CLOSED, DESK_GONE };

struct family_world {
    int64_t now_ms;
    int32_t today;   /* brussels_day(now_ms) */
    struct rng *rng; /* ids of new flags */
    /* Whether the organisation is there on `day`: GONE (no member), CLOSED (a closure day; its
     * deputy, zeros if it has none). */
    enum desk (*desk)(void *context, const struct org_id *org, int32_t day,
                      struct org_id *ret_deputy);
    /* Whether the organisation may sanction, by the directory of now. */
    bool (*may_sanction)(void *context, const struct org_id *org);
    void *context;
};

/* -- small questions -- */

/* A row for a new handle: empty, but for what isn't known yet. */
void family_init(struct family *family, const struct family_handle *handle);
bool family_has_scope(const struct family *family, enum scope scope);
/* Counts as near professional support on `today`: professional, near, active or ending on a later
 * day, neither silent nor of a quiet node (DESIGN 5). */
bool support_is_near(const struct family_support *support, int32_t today);
/* As above for any kind of supporter. */
bool support_counts(const struct family_support *support, int32_t today);
struct family_support *family_support_of(struct family *family, const struct org_id *org);
struct family_flag *family_flag_find(struct family *family, const struct message_id *id);
struct family_ask *family_ask_find(struct family *family, const struct message_id *id);
/* Adds a holder, once. False where the list is full: then nothing may be told to it, for no
 * tombstone would reach it. */
bool family_hold(struct family *family, const struct org_id *org);
/* The same for who comes by somebody's word (supports, asks, looks): the last FAMILY_HOLDERS_KEPT
 * places aren't theirs, or a member that asks half the region would leave a flag with nobody who
 * may be told that it has the turn. */
bool family_admit(struct family *family, const struct org_id *org);
