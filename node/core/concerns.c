#include "node/core/concerns.h"

#include <string.h>

#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/crypto/secret.h"

/* A phone's clock may be a little ahead of ours. */
enum { AHEAD_MS_MAX = 10 * MINUTE_MS };

static enum refusal judge(const struct concern_arguments *arguments, enum role role,
                          int64_t now_ms) {
    const int64_t at_ms = arguments->at_ms;
    bool professional = role == ROLE_CASEWORKER || role == ROLE_ADMINISTRATOR;
    if (concern_by_text(arguments->by) == NULL || concern_reason_text(arguments->reason) == NULL ||
        concern_urgency_text(arguments->urgency) == NULL) {
        return REFUSAL_UNKNOWN_VALUE;
    }
    if (arguments->by == CONCERN_BY_PROFESSIONAL && !professional) {
        return REFUSAL_NOT_ALLOWED;
    }
    if (at_ms == 0) {
        return REFUSAL_NONE;
    }
    if (!instant_valid(at_ms)) {
        return REFUSAL_MALFORMED;
    }
    if (at_ms > now_ms + AHEAD_MS_MAX) {
        return REFUSAL_FROM_THE_FUTURE;
    }
    return now_ms - at_ms > (int64_t)CONCERN_AGE_DAYS * DAY_MS ? REFUSAL_IMPLAUSIBLE : REFUSAL_NONE;
}

static int prove(const struct node *node, const struct turn_view *view, const struct card *card,
                 const struct concern *concern, struct bytes *ret_body) {
    struct sign_public public_key;
    struct sign_secret secret;
    struct bytes statement;
    int r = concern_encode(concern, view->arena, &statement);
    if (r < 0) {
        return r;
    }
    card_family_keys(card, &node->params.own.hub, &public_key, &secret);
    const struct family_statement proven = {
        .key = &secret, .domain = CONCERN_DOMAIN, .statement = statement};
    r = family_prove(view, &proven, ret_body);
    secret_wipe(&secret, sizeof(secret));
    return r;
}

static int raise_concern(struct node *node, const struct turn_view *view,
                         const struct command *command, const struct family_met *met,
                         struct decision *ret) {
    const struct concern_arguments *arguments = command->arguments;
    struct concern concern = {
        .purpose = purpose_of_kind(MESSAGE_KIND_CONCERN),
        .handle = met->handle,
        .org = node->params.own.org,
        .by = arguments->by,
        .reason = arguments->reason,
        .urgency = arguments->urgency,
        .at_ms = arguments->at_ms == 0 ? view->now_ms : arguments->at_ms,
    };
    struct bytes body;
    rng_fill(view->rng, concern.id.bytes, sizeof(concern.id.bytes));
    struct item item = {
        .id = item_id_of(NOTICE_ANSWER, BYTES_OF(concern.id)),
        .kind = NOTICE_ANSWER,
        .handle = met->handle,
        .family = met->row == NULL ? 0 : met->row->number,
        .about = concern.id,
        .flag = {.concern = concern.reason, .urgency = concern.urgency},
        .received_ms = view->now_ms,
    };
    item_take(&item, &command->actor);
    int r = prove(node, view, met->card, &concern, &body);
    if (r == 0) {
        r = item_decide(node, view, &item, ret);
    }
    if (r < 0) {
        return r;
    }
    struct sent_note note = {.kind = MESSAGE_KIND_CONCERN,
                             .family = item.family,
                             .item = item.number,
                             .about = concern.id};
    r = family_post(node, view, body, &note, ret);
    return r < 0 ? r : node_result(view, ret, "{\"item\":%u}", item.number);
}

int concern_decide(struct node *node, const struct turn_view *view, const struct command *command,
                   struct decision *ret) {
    const struct concern_arguments *arguments = command->arguments;
    const struct family_who who = {.card = arguments->card};
    struct family_met *met = NULL;
    ret->refusal = judge(arguments, command->actor.role, view->now_ms);
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    int r = family_meet(node, view, &who, &met, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = family_covered(node, view, met->row, MESSAGE_KIND_CONCERN,
                       arguments->by == CONCERN_BY_FAMILY, &ret->refusal);
    return r < 0 || ret->refusal != REFUSAL_NONE ? r : raise_concern(node, view, command, met, ret);
}
