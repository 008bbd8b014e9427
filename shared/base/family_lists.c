#include "shared/base/family_lists.h"

#include <stddef.h>
#include <string.h>

#define TEXT_CASE(name, number, text)                                                              \
    case name:                                                                                     \
        return text;
#define PARSE_CASE(name, number, text)                                                             \
    if (strcmp(given, text) == 0) {                                                                \
        return name;                                                                               \
    }
#define DEFINE_LIST(name, LIST, none)                                                              \
    const char *name##_text(enum name value) {                                                     \
        switch (value) { LIST(TEXT_CASE) case none : default : return NULL; }                      \
    }                                                                                              \
    enum name name##_parse(const char *given) {                                                    \
        LIST(PARSE_CASE) return none;                                                              \
    }

DEFINE_LIST(purpose, PURPOSE_LIST, PURPOSE_NONE)
DEFINE_LIST(scope, SCOPE_LIST, SCOPE_NONE)
DEFINE_LIST(consent_state, CONSENT_STATE_LIST, CONSENT_STATE_NONE)
DEFINE_LIST(legal_ground, LEGAL_GROUND_LIST, LEGAL_GROUND_NONE)
DEFINE_LIST(interpreter, INTERPRETER_LIST, INTERPRETER_NONE)
DEFINE_LIST(withdrawal_basis, WITHDRAWAL_BASIS_LIST, WITHDRAWAL_BASIS_NONE)
DEFINE_LIST(support_kind, SUPPORT_KIND_LIST, SUPPORT_KIND_NONE)
DEFINE_LIST(support_distance, SUPPORT_DISTANCE_LIST, SUPPORT_DISTANCE_NONE)
DEFINE_LIST(support_state, SUPPORT_STATE_LIST, SUPPORT_STATE_NONE)
DEFINE_LIST(end_reason, END_REASON_LIST, END_REASON_NONE)
DEFINE_LIST(ask_state, ASK_STATE_LIST, ASK_STATE_NONE)
DEFINE_LIST(ask_reason, ASK_REASON_LIST, ASK_REASON_NONE)
DEFINE_LIST(flag_kind, FLAG_KIND_LIST, FLAG_KIND_NONE)
DEFINE_LIST(flag_state, FLAG_STATE_LIST, FLAG_STATE_NONE)
DEFINE_LIST(flag_action, FLAG_ACTION_LIST, FLAG_ACTION_NONE)
DEFINE_LIST(flag_reason, FLAG_REASON_LIST, FLAG_REASON_NONE)
DEFINE_LIST(concern_reason, CONCERN_REASON_LIST, CONCERN_REASON_NONE)
DEFINE_LIST(concern_urgency, CONCERN_URGENCY_LIST, CONCERN_URGENCY_NONE)
DEFINE_LIST(concern_by, CONCERN_BY_LIST, CONCERN_BY_NONE)
DEFINE_LIST(new_card_reason, NEW_CARD_REASON_LIST, NEW_CARD_REASON_NONE)
DEFINE_LIST(notice_kind, NOTICE_KIND_LIST, NOTICE_KIND_NONE)
