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
    if (narrows && refusal == REFUSAL_NOT_FOUND) {
        return (struct text_pair){TEXT_FAMILY_LOOK_FIRST, TEXT_FAMILY_LOOK_FIRST_NEXT};
    }
    return refusal == REFUSAL_OUT_OF_SCOPE ? unfit(change->scopes, change->record)
                                           : text_of_refusal(refusal);
}

/* The old card's keys are what supporters believe the new one by: without card or row there's only
 * beginning anew. */
static struct text_pair of_new_card(const struct new_card_arguments *arguments,
                                    enum refusal refusal) {
    if (refusal == REFUSAL_NOT_FOUND || refusal == REFUSAL_NO_CONSENT) {
        return (struct text_pair){TEXT_FAMILY_OLD_CARD_UNKNOWN, TEXT_FAMILY_OLD_CARD_UNKNOWN_NEXT};
    }
    return refusal == REFUSAL_OUT_OF_SCOPE ? unfit(arguments->give.scopes, arguments->give.record)
                                           : text_of_refusal(refusal);
}

static struct text_pair of_command(const struct job *job, enum refusal refusal) {
    const struct family_request *request = job->request;
    const bool unscoped = refusal == REFUSAL_OUT_OF_SCOPE;
    switch ((int)job->command.kind) {
    case NODE_COMMAND_CONSENT_GIVE:
        return unscoped ? unfit(request->arguments.give.scopes, request->arguments.give.record)
                        : text_of_refusal(refusal);
    case NODE_COMMAND_NEW_CARD:
        return of_new_card(&request->arguments.new_card, refusal);
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

static bool takes_consent(enum node_command kind) {
    return kind == NODE_COMMAND_CONSENT_GIVE || kind == NODE_COMMAND_CONSENT_CHANGE ||
           kind == NODE_COMMAND_NEW_CARD;
}

static struct text_pair exists(enum node_command kind) {
    switch ((int)kind) {
    case NODE_COMMAND_CONSENT_GIVE:
        return (struct text_pair){TEXT_FAMILY_CARD_IN_USE, TEXT_FAMILY_CARD_IN_USE_NEXT};
    case NODE_COMMAND_SUPPORT_START:
        return (struct text_pair){TEXT_FAMILY_SUPPORTED, TEXT_FAMILY_SUPPORTED_NEXT};
    case NODE_COMMAND_ASK:
        return (struct text_pair){TEXT_FAMILY_ASKED_ALREADY, TEXT_FAMILY_ASKED_ALREADY_NEXT};
    default:
        return text_of_refusal(REFUSAL_EXISTS);
    }
}

/* What means the same for most commands about a family. */
static struct text_pair of_any(enum node_command kind, enum refusal refusal) {
    switch ((int)refusal) {
    case REFUSAL_EXISTS:
        return exists(kind);
    case REFUSAL_NOT_FOUND:
        return (struct text_pair){TEXT_FAMILY_NOT_HERE, TEXT_FAMILY_NOT_HERE_NEXT};
    case REFUSAL_UNKNOWN_RECIPIENT:
        return (struct text_pair){TEXT_FAMILY_NO_ORG, TEXT_FAMILY_NO_ORG_NEXT};
    case REFUSAL_BUSY: /* of who asks at a desk nothing is tried again by itself */
        return (struct text_pair){TEXT_NODE_NOT_NOW, TEXT_NODE_NOT_NOW_NEXT};
    case REFUSAL_IMPLAUSIBLE:
    case REFUSAL_FROM_THE_FUTURE:
        return (struct text_pair){TEXT_FAMILY_DAY_OUT, TEXT_FAMILY_DAY_OUT_NEXT};
    case REFUSAL_EXPIRED:
        return takes_consent(kind)
                   ? (struct text_pair){TEXT_FAMILY_UNTIL_PAST, TEXT_FAMILY_UNTIL_PAST_NEXT}
                   : text_of_refusal(refusal);
    case REFUSAL_NO_CONSENT:
        return kind == NODE_COMMAND_WITHDRAW
                   ? (struct text_pair){TEXT_FAMILY_ENDED_ALREADY, TEXT_FAMILY_ENDED_ALREADY_NEXT}
                   : text_of_refusal(refusal);
    default:
        return text_of_refusal(refusal);
    }
}

struct text_pair family_refusal_text(const struct job *job, enum refusal refusal) {
    const struct text_pair listed = text_of_refusal(refusal);
    if (job->request == NULL) {
        return listed;
    }
    const struct text_pair said = of_command(job, refusal);
    return said.what == listed.what ? of_any(job->command.kind, refusal) : said;
}
