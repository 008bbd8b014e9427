#include "shared/base/lists.h"

#include "shared/base/lists_define.h"

#define FINAL_TEXT_CASE(name, number, text, final)  TEXT_CASE(name, number, text)
#define FINAL_PARSE_CASE(name, number, text, final) PARSE_CASE(name, number, text)

DEFINE_LIST(org_kind, ORG_KIND_LIST, ORG_KIND_NONE)
DEFINE_LIST(competence, COMPETENCE_LIST, COMPETENCE_NONE)
DEFINE_LIST(consent_right, CONSENT_RIGHT_LIST, CONSENT_RIGHT_NONE)
DEFINE_LIST(role, ROLE_LIST, ROLE_NONE)
DEFINE_LIST(member_role, MEMBER_ROLE_LIST, MEMBER_ROLE_NONE)
DEFINE_LIST(service_status, SERVICE_STATUS_LIST, SERVICE_STATUS_NONE)
DEFINE_LIST(start_event, START_EVENT_LIST, START_EVENT_NONE)
DEFINE_LIST(close_reason, CLOSE_REASON_LIST, CLOSE_REASON_NONE)
DEFINE_LIST(figures_origin, FIGURES_ORIGIN_LIST, FIGURES_ORIGIN_NONE)
DEFINE_LIST(message_kind, MESSAGE_KIND_LIST, MESSAGE_KIND_NONE)
DEFINE_ENTRIES(refusal, REFUSAL_NONE, REFUSAL_LIST(FINAL_TEXT_CASE), REFUSAL_LIST(FINAL_PARSE_CASE))

bool refusal_is_final(enum refusal refusal) {
    switch (refusal) {
#define X(name, number, text, final)                                                               \
    case name:                                                                                     \
        return final;
        REFUSAL_LIST(X)
#undef X
    case REFUSAL_NONE:
    default:
        return false;
    }
}
