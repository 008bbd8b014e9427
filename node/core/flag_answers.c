#include "node/core/flag_answers.h"

#include "node/core/supports.h"

static bool reason_fits(const struct flag_answer_arguments *arguments) {
    if (arguments->action != FLAG_CLOSE) {
        return arguments->reason == FLAG_REASON_NONE;
    }
    return flag_reason_text(arguments->reason) != NULL &&
           arguments->reason != FLAG_REASON_CONSENT_ENDED && /* these two are the hub's */
           arguments->reason != FLAG_REASON_MERGED;
}

static enum refusal judge_local(enum flag_action action, const struct item *item) {
    if (action == FLAG_TAKE) {
        return item->state == ITEM_DONE ? REFUSAL_WRONG_MOVE : REFUSAL_NONE;
    }
    bool back = action == FLAG_HAND_BACK && item->state == ITEM_TAKEN;
    return back ? REFUSAL_NONE : REFUSAL_WRONG_MOVE;
}

/* As the hub's own rules (hub/core/flags.h), by what we know. */
static enum refusal judge_flag(enum flag_action action, const struct item *item) {
    if (item->flag.state == FLAG_CLOSED) {
        return REFUSAL_WRONG_MOVE;
    }
    switch (action) {
    case FLAG_TAKE:
        return REFUSAL_NONE;
    case FLAG_CONTACT:
        return item->flag.state == FLAG_CONTACTED ? REFUSAL_WRONG_MOVE : REFUSAL_NONE;
    case FLAG_CLOSE:
        return item->flag.state == FLAG_CONTACTED ? REFUSAL_NONE : REFUSAL_NOT_CONTACTED;
    case FLAG_HAND_BACK: /* also before anybody took it: "not for us" */
        return item->state == ITEM_TAKEN || item->flag.yours ? REFUSAL_NONE : REFUSAL_WRONG_MOVE;
    case FLAG_ACTION_NONE:
    default:
        return REFUSAL_UNKNOWN_VALUE;
    }
}

static void move_local(struct item *item, const struct command *command, enum flag_action action) {
    if (action == FLAG_TAKE) {
        item_take(item, &command->actor);
    } else {
        item_hand_back(item);
    }
}

static void move_flag(struct item *item, const struct command *command,
                      const struct flag_answer_arguments *arguments) {
    item->refusal = REFUSAL_NONE;
    switch (arguments->action) {
    case FLAG_TAKE:
        item_take(item, &command->actor);
        item->flag.state = item->flag.state == FLAG_OPEN ? FLAG_ACKNOWLEDGED : item->flag.state;
        break;
    case FLAG_CONTACT:
        item_take(item, &command->actor);
        item->flag.state = FLAG_CONTACTED;
        break;
    case FLAG_CLOSE:
        item->flag.state = FLAG_CLOSED;
        item->flag.reason = arguments->reason;
        item->state = ITEM_DONE;
        item->urgent = false;
        break;
    case FLAG_HAND_BACK:
        item_hand_back(item);
        item->flag.yours = false;
        item->state = ITEM_DONE;
        item->urgent = false;
        break;
    case FLAG_ACTION_NONE:
    default:
        break;
    }
}

static int post(struct node *node, const struct turn_view *view,
                const struct flag_answer_arguments *arguments, const struct item *item,
                struct decision *ret) {
    const struct flag_answer answer = {
        .purpose = purpose_of_kind(MESSAGE_KIND_FLAG_ANSWER),
        .flag = item->flag.id,
        .handle = item->handle,
        .action = arguments->action,
        .reason = arguments->reason,
    };
    struct bytes body;
    int r = flag_answer_encode(&answer, view->arena, &body);
    if (r < 0) {
        return r;
    }
    struct sent_note note = {.kind = MESSAGE_KIND_FLAG_ANSWER,
                             .family = item->family,
                             .item = item->number,
                             .about = answer.flag};
    return family_post(node, view, body, &note, ret);
}

/* Who contacted a family that we support has confirmed the support too. */
static int confirm_support(struct node *node, const struct turn_view *view, const struct item *item,
                           struct decision *ret) {
    const struct family_vault vault = node_family_vault(node);
    struct family_row *row;
    int r = family_find(view->txn, &vault, &item->handle, view->arena, &row);
    if (r < 0) {
        return r == ERR_NOT_FOUND || r == ERR_CRYPTO ? 0 : r;
    }
    return support_contacted(node, view, row, ret);
}

static int answer_flag(struct node *node, const struct turn_view *view,
                       const struct command *command, struct item *item, struct decision *ret) {
    const struct flag_answer_arguments *arguments = command->arguments;
    /* From one of us to another: the hub knows already that we have it. */
    bool among_us = arguments->action == FLAG_TAKE && item->state == ITEM_TAKEN &&
                    item->flag.state != FLAG_OPEN;
    int r = item_covered(node, view, item, MESSAGE_KIND_FLAG_ANSWER, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    move_flag(item, command, arguments);
    r = item_decide(node, view, item, ret);
    if (r == 0 && !among_us) {
        r = post(node, view, arguments, item, ret);
    }
    return r == 0 && arguments->action == FLAG_CONTACT ? confirm_support(node, view, item, ret) : r;
}

int flag_answer_decide(struct node *node, const struct turn_view *view,
                       const struct command *command, struct decision *ret) {
    const struct flag_answer_arguments *arguments = command->arguments;
    struct item *item = NULL;
    if (flag_action_text(arguments->action) == NULL || !reason_fits(arguments)) {
        ret->refusal = REFUSAL_UNKNOWN_VALUE;
        return 0;
    }
    int r = item_meet(node, view, arguments->item, NOTICE_KIND_NONE, &item, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    bool flag = item->kind == NOTICE_FLAG;
    ret->refusal =
        flag ? judge_flag(arguments->action, item) : judge_local(arguments->action, item);
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    if (flag) {
        r = answer_flag(node, view, command, item, ret);
    } else {
        move_local(item, command, arguments->action);
        r = item_decide(node, view, item, ret);
    }
    return r < 0 || ret->refusal != REFUSAL_NONE
               ? r
               : node_result(view, ret, "{\"item\":%u}", item->number);
}
