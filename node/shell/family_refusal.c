#include "node/shell/family_refusal.h"

static bool has(struct scopes scopes, enum scope scope) {
    return (scopes.bits & scope_bit(scope)) != 0;
}

/* A consent whose parts don't fit together. */
static struct text_pair unfit(struct scopes scopes, const struct consent_record *record) {
    const bool first = record != NULL && record->fallback_first.text[0] != '\0';
    const bool second = record != NULL && record->fallback_second.text[0] != '\0';
    if (has(scopes, SCOPE_FALLBACK) && record != NULL && !first) {
        return (struct text_pair){TEXT_FAMILY_FALLBACK_WHO, TEXT_FAMILY_FALLBACK_WHO_NEXT};
    }
    if (!has(scopes, SCOPE_FALLBACK) && (first || second)) {
        return (struct text_pair){TEXT_FAMILY_FALLBACK_PART, TEXT_FAMILY_FALLBACK_PART_NEXT};
    }
    if (has(scopes, SCOPE_LOST_SUPPORT) && !has(scopes, SCOPE_PRESENCE)) {
        return (struct text_pair){TEXT_FAMILY_LOST_PRESENCE, TEXT_FAMILY_LOST_PRESENCE_NEXT};
    }
    return text_of_refusal(REFUSAL_OUT_OF_SCOPE);
}

static struct text_pair of_change(const struct consent_change_arguments *change,
                                  enum refusal refusal) {
    const bool narrows = change->record == NULL;
    if (narrows && (refusal == REFUSAL_NO_TEACH_BACK || refusal == REFUSAL_NEEDS_AUTHORITY)) {
        return (struct text_pair){TEXT_FAMILY_NARROW_ADDS, TEXT_FAMILY_NARROW_ADDS_NEXT};
    }
    return refusal == REFUSAL_OUT_OF_SCOPE ? unfit(change->scopes, change->record)
                                           : text_of_refusal(refusal);
}

struct text_pair family_refusal_text(const struct job *job, enum refusal refusal) {
    const struct family_request *request = job->request;
    const bool unscoped = refusal == REFUSAL_OUT_OF_SCOPE;
    if (request == NULL) {
        return text_of_refusal(refusal);
    }
    switch ((int)job->command.kind) {
    case NODE_COMMAND_CONSENT_GIVE:
        return unscoped ? unfit(request->arguments.give.scopes, request->arguments.give.record)
                        : text_of_refusal(refusal);
    case NODE_COMMAND_NEW_CARD:
        return unscoped ? unfit(request->arguments.new_card.give.scopes,
                                request->arguments.new_card.give.record)
                        : text_of_refusal(refusal);
    case NODE_COMMAND_CONSENT_CHANGE:
        return of_change(&request->arguments.change, refusal);
    case NODE_COMMAND_SUPPORT_START:
        if (refusal == REFUSAL_NOT_ALLOWED) {
            return (struct text_pair){TEXT_FAMILY_INFORMAL_ONLY, TEXT_FAMILY_INFORMAL_ONLY_NEXT};
        }
        return text_of_refusal(refusal);
    default:
        return text_of_refusal(refusal);
    }
}
