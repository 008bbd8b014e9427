#include "node/core/asks.h"

#include "shared/base/civil.h"
#include "shared/crypto/secret.h"

static bool is_set(const struct org_id *org) {
    return org->text[0] != '\0';
}

/* -- saying it -- */

static int post_ask(struct node *node, const struct turn_view *view, const struct family_row *row,
                    const struct ask *ask, const struct item *item, struct decision *ret) {
    struct sign_public public_key;
    struct sign_secret secret;
    struct bytes statement;
    struct bytes body;
    int r = ask_encode(ask, view->arena, &statement);
    if (r < 0) {
        return r;
    }
    presence_keys(&row->presence, &public_key, &secret);
    const struct family_statement proven = {
        .key = &secret, .domain = ASK_DOMAIN, .statement = statement};
    r = family_prove(view, &proven, &body);
    secret_wipe(&secret, sizeof(secret));
    if (r < 0) {
        return r;
    }
    struct sent_note note = {
        .kind = MESSAGE_KIND_ASK, .family = row->number, .item = item->number, .about = ask->id};
    return family_post(node, view, body, &note, ret);
}

/* -- we ask -- */

static enum refusal judge_ask(const struct node *node, const struct ask_arguments *arguments,
                              int32_t asked_day, int32_t today) {
    struct service_id service;
    if (service_id_parse(arguments->service.text, &service) < 0 || !day_valid(asked_day)) {
        return REFUSAL_MALFORMED;
    }
    if (org_id_equal(&arguments->to, &node->params.own.org)) {
        return REFUSAL_NOT_ALLOWED;
    }
    if (asked_day > today) {
        return REFUSAL_FROM_THE_FUTURE;
    }
    return asked_day < today - ASKED_BEFORE_DAYS_MAX ? REFUSAL_IMPLAUSIBLE : REFUSAL_NONE;
}

/* The same question, still open. */
struct same_question {
    const struct family_handle *handle;
    const struct ask_arguments *arguments;
    uint32_t number;
};

static int compare_question(void *context, const struct item *item) {
    struct same_question *same = context;
    bool open = item->kind == NOTICE_ASK_NEWS &&
                (item->ask_state == ASK_OPEN || item->ask_state == ASK_PASSED_ON);
    if (open && family_handle_equal(&item->handle, same->handle) &&
        org_id_equal(&item->from, &same->arguments->to) &&
        service_id_equal(&item->service, &same->arguments->service)) {
        same->number = item->number;
    }
    return 0;
}

static int judge_double(struct node *node, const struct turn_view *view,
                        const struct family_row *row, const struct ask_arguments *arguments,
                        struct decision *ret) {
    struct family_vault vault = node_family_vault(node);
    struct same_question same = {.handle = &row->handle, .arguments = arguments};
    int r = item_each(view->txn, &vault, view->arena, compare_question, &same);
    if (r < 0 || same.number == 0) {
        return r;
    }
    ret->refusal = REFUSAL_EXISTS;
    return node_result(view, ret, "{\"item\":%u}", same.number);
}

static int seal_whom(const struct turn_view *view, const struct family_row *row,
                     const struct ask_arguments *arguments, struct sealed *ret_sealed,
                     enum refusal *ret_refusal) {
    struct membership to;
    const struct contact_draft draft = {
        .text = arguments->contact == NULL ? "" : arguments->contact,
        .presence = arguments->with_presence ? &row->presence : NULL,
    };
    int r = family_member(view, &arguments->to, &to, ret_refusal);
    bool nothing = arguments->contact == NULL && !arguments->with_presence;
    if (r < 0 || *ret_refusal != REFUSAL_NONE || nothing) {
        return r;
    }
    return family_seal_contact(view, &draft, &to, ret_sealed, ret_refusal);
}

static int put_question(struct node *node, const struct turn_view *view,
                        const struct command *command, const struct ask *ask,
                        struct family_row *row, struct decision *ret) {
    struct item item = {
        .id = item_id_of(NOTICE_ASK_NEWS, BYTES_OF(ask->id)),
        .kind = NOTICE_ASK_NEWS,
        .handle = row->handle,
        .about = ask->id,
        .from = ask->to,
        .service = ask->service,
        .ask_state = ASK_OPEN,
        .token = row->token,
        .received_ms = view->now_ms,
    };
    int r = family_decide_row(node, view, row, ret);
    item.family = row->number;
    item_take(&item, &command->actor);
    if (r == 0) {
        r = item_decide(node, view, &item, ret);
    }
    if (r == 0) {
        r = post_ask(node, view, row, ask, &item, ret);
    }
    return r < 0 ? r
                 : node_result(view, ret, "{\"family\":%u,\"item\":%u}", row->number, item.number);
}

static int ask_met(struct node *node, const struct turn_view *view, const struct command *command,
                   struct family_row *row, struct decision *ret) {
    const struct ask_arguments *arguments = command->arguments;
    struct ask ask = {
        .purpose = purpose_of_kind(MESSAGE_KIND_ASK),
        .handle = row->handle,
        .org = node->params.own.org,
        .to = arguments->to,
        .service = arguments->service,
        .asked_day = arguments->asked_day == 0 ? brussels_day(view->now_ms) : arguments->asked_day,
    };
    rng_fill(view->rng, ask.id.bytes, sizeof(ask.id.bytes));
    ret->refusal = judge_ask(node, arguments, ask.asked_day, brussels_day(view->now_ms));
    int r = 0;
    if (ret->refusal == REFUSAL_NONE) {
        r = family_covered(node, view, row, MESSAGE_KIND_ASK, false, &ret->refusal);
    }
    if (r == 0 && ret->refusal == REFUSAL_NONE) {
        r = judge_double(node, view, row, arguments, ret);
    }
    if (r == 0 && ret->refusal == REFUSAL_NONE) {
        r = seal_whom(view, row, arguments, &ask.contact, &ret->refusal);
    }
    return r < 0 || ret->refusal != REFUSAL_NONE
               ? r
               : put_question(node, view, command, &ask, row, ret);
}

int ask_decide(struct node *node, const struct turn_view *view, const struct command *command,
               struct decision *ret) {
    const struct ask_arguments *arguments = command->arguments;
    struct family_met *met = NULL;
    struct family_row *row = NULL;
    int r = family_meet(node, view, &arguments->who, &met, &ret->refusal);
    if (r == 0 && ret->refusal == REFUSAL_NONE) {
        r = family_row_of(node, view, met, &row, &ret->refusal);
    }
    return r < 0 || ret->refusal != REFUSAL_NONE ? r : ask_met(node, view, command, row, ret);
}

/* -- we take it back -- */

static int find_row(struct node *node, const struct turn_view *view, const struct item *item,
                    struct family_row **ret, enum refusal *ret_refusal) {
    struct family_vault vault = node_family_vault(node);
    int r = family_find(view->txn, &vault, &item->handle, view->arena, ret);
    if (r == ERR_NOT_FOUND || r == ERR_CRYPTO) {
        *ret_refusal = REFUSAL_NO_CONSENT;
        return 0;
    }
    return r < 0 ? r : family_covered(node, view, *ret, MESSAGE_KIND_ASK, false, ret_refusal);
}

int ask_revoke_decide(struct node *node, const struct turn_view *view,
                      const struct command *command, struct decision *ret) {
    const struct ask_revoke_arguments *arguments = command->arguments;
    struct family_row *row = NULL;
    struct item *item = NULL;
    int r = item_meet(node, view, arguments->item, NOTICE_ASK_NEWS, &item, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    bool stands = item->ask_state == ASK_OPEN || item->ask_state == ASK_PASSED_ON ||
                  item->ask_state == ASK_TAKEN;
    if (!stands) {
        ret->refusal = REFUSAL_WRONG_MOVE;
        return 0;
    }
    r = find_row(node, view, item, &row, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    const struct ask ask = {
        .purpose = purpose_of_kind(MESSAGE_KIND_ASK),
        .id = item->about,
        .handle = item->handle,
        .org = node->params.own.org,
        .to = item->from,
        .service = item->service,
        .asked_day = brussels_day(item->received_ms),
        .revoked = true,
    };
    item->ask_state = ASK_REVOKED;
    item->state = ITEM_DONE;
    item->refusal = REFUSAL_NONE;
    r = item_decide(node, view, item, ret);
    if (r == 0) {
        r = post_ask(node, view, row, &ask, item, ret);
    }
    return r < 0 ? r : node_result(view, ret, "{\"item\":%u}", item->number);
}

/* -- we answer -- */

static enum refusal judge_answer(const struct node *node,
                                 const struct ask_answer_arguments *arguments,
                                 const struct item *item) {
    bool passes = arguments->state == ASK_PASSED_ON;
    bool refuses = arguments->state == ASK_REFUSED;
    if (item->ask_state != ASK_OPEN) {
        return REFUSAL_WRONG_MOVE;
    }
    if (!passes && !refuses && arguments->state != ASK_TAKEN) {
        return REFUSAL_UNKNOWN_VALUE;
    }
    if (refuses != (ask_reason_text(arguments->reason) != NULL) ||
        passes != is_set(&arguments->passed_to)) {
        return REFUSAL_UNKNOWN_VALUE;
    }
    if (passes && org_id_equal(&arguments->passed_to, &node->params.own.org)) {
        return REFUSAL_NOT_ALLOWED;
    }
    bool back = passes && org_id_equal(&arguments->passed_to, &item->from);
    return back ? REFUSAL_WRONG_MOVE : REFUSAL_NONE;
}

/* What we were given goes on to the next, and nothing more. */
static int seal_again(const struct turn_view *view, const struct item *item,
                      const struct org_id *next, struct sealed *ret_sealed,
                      enum refusal *ret_refusal) {
    struct membership to;
    const struct contact_draft draft = {
        .text = item->contact.text,
        .presence = item->contact.has_presence ? &item->contact.presence : NULL,
    };
    int r = family_member(view, next, &to, ret_refusal);
    if (r < 0 || *ret_refusal != REFUSAL_NONE || !item->has_contact) {
        return r;
    }
    return family_seal_contact(view, &draft, &to, ret_sealed, ret_refusal);
}

static int post_answer(struct node *node, const struct turn_view *view,
                       const struct ask_answer *answer, const struct item *item,
                       struct decision *ret) {
    struct bytes body;
    int r = ask_answer_encode(answer, view->arena, &body);
    if (r < 0) {
        return r;
    }
    struct sent_note note = {.kind = MESSAGE_KIND_ASK_ANSWER,
                             .family = item->family,
                             .item = item->number,
                             .about = answer->id};
    return family_post(node, view, body, &note, ret);
}

static int answer_met(struct node *node, const struct turn_view *view,
                      const struct command *command, struct item *item, struct decision *ret) {
    const struct ask_answer_arguments *arguments = command->arguments;
    struct ask_answer answer = {
        .purpose = purpose_of_kind(MESSAGE_KIND_ASK_ANSWER),
        .id = item->about,
        .handle = item->handle,
        .state = arguments->state,
        .reason = arguments->reason,
        .passed_to = arguments->passed_to,
    };
    int r = 0;
    if (arguments->state == ASK_PASSED_ON) {
        answer.service = item->service;
        r = seal_again(view, item, &arguments->passed_to, &answer.contact, &ret->refusal);
    }
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    item_take(item, &command->actor);
    item->ask_state = arguments->state;
    item->ask_reason = arguments->reason;
    item->refusal = REFUSAL_NONE;
    if (arguments->state != ASK_TAKEN) {
        item->state = ITEM_DONE;
    }
    r = item_decide(node, view, item, ret);
    if (r == 0) {
        r = post_answer(node, view, &answer, item, ret);
    }
    return r < 0 ? r : node_result(view, ret, "{\"item\":%u}", item->number);
}

int ask_answer_decide(struct node *node, const struct turn_view *view,
                      const struct command *command, struct decision *ret) {
    const struct ask_answer_arguments *arguments = command->arguments;
    struct item *item = NULL;
    int r = item_meet(node, view, arguments->item, NOTICE_ASK, &item, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    ret->refusal = judge_answer(node, arguments, item);
    if (ret->refusal == REFUSAL_NONE) {
        r = item_covered(node, view, item, MESSAGE_KIND_ASK_ANSWER, &ret->refusal);
    }
    if (r == 0 && ret->refusal == REFUSAL_NONE) {
        r = answer_met(node, view, command, item, ret);
    }
    secret_wipe(&item->contact, sizeof(item->contact));
    return r;
}
