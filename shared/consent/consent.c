#include "shared/consent/consent.h"

#include <assert.h>

#include "shared/base/civil.h"

enum {
    CONSENT_STATES = CONSENT_SUPERSEDED + 1,
    MONTHS_A_YEAR = 12,
    FIRST_YEAR = 1970,
    LAST_MONTH = (2200 - FIRST_YEAR) * MONTHS_A_YEAR + MONTHS_A_YEAR - 1,
    BRUSSELS_MIDNIGHT = 0,
};

/*                +------+        +------+
 *      given     |      v narrow |      v
 *   o--------> GIVEN -------> NARROWED
 *                |  <-------      |
 *                |    widen       |
 *                +-------+--------+
 *                        |
 *        +---------------+----------------+
 *        v               v                v
 *    WITHDRAWN        EXPIRED        SUPERSEDED
 *    (by the family)  (its end)      (by a new card)
 *
 * Nothing leads out of the lower row: a family that agrees again gets a new card, and with it a new
 * handle. GIVEN and NARROWED may be said again, under a higher number. */
static const bool allowed[CONSENT_STATES][CONSENT_STATES] = {
    [CONSENT_STATE_NONE] = {[CONSENT_GIVEN] = true},
    [CONSENT_GIVEN] = {[CONSENT_GIVEN] = true,
                       [CONSENT_NARROWED] = true,
                       [CONSENT_WITHDRAWN] = true,
                       [CONSENT_EXPIRED] = true,
                       [CONSENT_SUPERSEDED] = true},
    [CONSENT_NARROWED] = {[CONSENT_GIVEN] = true,
                          [CONSENT_NARROWED] = true,
                          [CONSENT_WITHDRAWN] = true,
                          [CONSENT_EXPIRED] = true,
                          [CONSENT_SUPERSEDED] = true},
};

bool consent_move_allowed(enum consent_state from, enum consent_state to) {
    return (unsigned)from < CONSENT_STATES && (unsigned)to < CONSENT_STATES && allowed[from][to];
}

/* ---- months ---- */

uint32_t month_of_day(int32_t day) {
    const struct date date = date_from_day(day);
    return date.year < FIRST_YEAR
               ? 0
               : (uint32_t)((date.year - FIRST_YEAR) * MONTHS_A_YEAR + date.month - 1);
}

int32_t month_first_day(uint32_t month) {
    const int32_t known = (int32_t)(month < LAST_MONTH ? month : LAST_MONTH);
    return day_from_date((struct date){
        .year = FIRST_YEAR + known / MONTHS_A_YEAR,
        .month = known % MONTHS_A_YEAR + 1,
        .day = 1,
    });
}

int64_t consent_end_ms(uint32_t end_month) {
    return brussels_instant(month_first_day(end_month), BRUSSELS_MIDNIGHT);
}

/* The first of the month twelve months on is never later than that day twelve months on. */
uint32_t consent_end_month_max(int32_t day) {
    return month_of_day(day) + CONSENT_MONTHS_MAX;
}

/* ---- scopes ---- */

static uint32_t all_scopes(void) {
    uint32_t bits = 0;
#define X(name, number, text) bits |= scope_bit(name);
    SCOPE_LIST(X)
#undef X
    return bits;
}

static bool has_scope(const struct consent_token *token, enum scope scope) {
    return (token->scopes.bits & scope_bit(scope)) != 0;
}

struct scopes consent_scopes_of_right(enum consent_right right) {
    switch (right) {
    case CONSENT_RIGHT_LIMITED:
        return (struct scopes){scope_bit(SCOPE_CONCERN) | scope_bit(SCOPE_FALLBACK)};
    case CONSENT_RIGHT_FULL:
        return (struct scopes){all_scopes()};
    case CONSENT_RIGHT_NONE:
    case CONSENT_RIGHT_NO:
    default:
        return (struct scopes){0};
    }
}

enum refusal consent_scopes_check(const struct consent_token *token) {
    const uint32_t bits = token->scopes.bits;
    const bool first = token->fallback_first.text[0] != '\0';
    const bool second = token->fallback_second.text[0] != '\0';
    if ((bits & ~all_scopes()) != 0) {
        return REFUSAL_UNKNOWN_VALUE;
    }
    if ((bits & ~scope_bit(SCOPE_FALLBACK)) == 0) {
        return REFUSAL_NO_SCOPE;
    }
    if (has_scope(token, SCOPE_LOST_SUPPORT) && !has_scope(token, SCOPE_PRESENCE)) {
        return REFUSAL_OUT_OF_SCOPE;
    }
    if (has_scope(token, SCOPE_FALLBACK) != first || (second && !first)) {
        return REFUSAL_OUT_OF_SCOPE;
    }
    return REFUSAL_NONE;
}

/* ---- what needs which ---- */

/* A concern is about a family that may have agreed to nothing else, so what follows from its flag
 * needs no scope of its own. What ends a consent (withdrawal, tombstone, erased) needs none. */
static const struct consent_need needs[] = {
    {MESSAGE_KIND_CONSENT, PURPOSE_SUPPORT, SCOPE_NONE},
    {MESSAGE_KIND_SUPPORT, PURPOSE_SUPPORT, SCOPE_PRESENCE},
    {MESSAGE_KIND_ASK, PURPOSE_SUPPORT, SCOPE_PRESENCE},
    {MESSAGE_KIND_ASK_ANSWER, PURPOSE_SUPPORT, SCOPE_PRESENCE},
    {MESSAGE_KIND_CONCERN, PURPOSE_CONCERN, SCOPE_CONCERN},
    {MESSAGE_KIND_FLAG_ANSWER, PURPOSE_SUPPORT, SCOPE_NONE},
    {MESSAGE_KIND_NEW_CARD, PURPOSE_SUPPORT, SCOPE_PRESENCE},
    {MESSAGE_KIND_NOTICE, PURPOSE_SUPPORT, SCOPE_NONE},
};

const struct consent_need *consent_need_of(enum message_kind kind) {
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        if (needs[i].kind == kind) {
            return &needs[i];
        }
    }
    return NULL;
}

enum refusal consent_purpose_check(enum message_kind kind, uint32_t purpose) {
    const struct consent_need *need = consent_need_of(kind);
    const bool call = kind == MESSAGE_KIND_CALL_BACK || kind == MESSAGE_KIND_CALLED_BACK;
    if (purpose > INT32_MAX || purpose_text((enum purpose)purpose) == NULL) {
        return REFUSAL_UNKNOWN_PURPOSE;
    }
    const enum purpose wanted = call           ? PURPOSE_CONCERN
                                : need != NULL ? need->purpose
                                               : PURPOSE_NONE;
    return (enum purpose)purpose == wanted ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED;
}

static bool stands(const struct consent_token *token, enum consent_state state,
                   const struct consent_question *question) {
    if (token == NULL || (state != CONSENT_GIVEN && state != CONSENT_NARROWED)) {
        return false;
    }
    return question->clock_off || question->now_ms < consent_end_ms(token->end_month);
}

enum refusal consent_covers(const struct consent_token *token, enum consent_state state,
                            const struct consent_question *question) {
    const struct consent_need *need = consent_need_of(question->kind);
    const enum refusal refusal = consent_purpose_check(question->kind, question->purpose);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    if (need == NULL) {
        return REFUSAL_NOT_ALLOWED;
    }
    if (!stands(token, state, question)) {
        return REFUSAL_NO_CONSENT;
    }
    const bool own_concern = question->by_family && question->kind == MESSAGE_KIND_CONCERN;
    if (need->scope != SCOPE_NONE && !own_concern && !has_scope(token, need->scope)) {
        return REFUSAL_OUT_OF_SCOPE;
    }
    return REFUSAL_NONE;
}
