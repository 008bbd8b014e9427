#include "node/core/asks.h"
#include "node/core/call_backs.h"
#include "node/core/concerns.h"
#include "node/core/flag_answers.h"
#include "node/core/supports.h"

/* Which file decides what (families.h). */

int work_decide(struct node *node, const struct turn_view *view, const struct command *command,
                struct decision *ret) {
    switch ((int)command->kind) {
    case NODE_COMMAND_SUPPORT_START:
        return support_start_decide(node, view, command, ret);
    case NODE_COMMAND_SUPPORT_ENDING:
    case NODE_COMMAND_SUPPORT_END:
        return support_end_decide(node, view, command, ret);
    case NODE_COMMAND_ASK:
        return ask_decide(node, view, command, ret);
    case NODE_COMMAND_ASK_REVOKE:
        return ask_revoke_decide(node, view, command, ret);
    case NODE_COMMAND_ASK_ANSWER:
        return ask_answer_decide(node, view, command, ret);
    case NODE_COMMAND_CONCERN:
        return concern_decide(node, view, command, ret);
    case NODE_COMMAND_FLAG_ANSWER:
        return flag_answer_decide(node, view, command, ret);
    case NODE_COMMAND_CALL_BACK:
        return call_back_decide(node, view, command, ret);
    case NODE_COMMAND_CALLED_BACK:
        return called_back_decide(node, view, command, ret);
    case NODE_COMMAND_INFORMAL:
        return informal_decide(node, view, command, ret);
    case NODE_COMMAND_ITEM_DONE:
        return item_done_decide(node, view, command, ret);
    case NODE_COMMAND_ITEMS_MAILED:
        return items_mailed_decide(node, view, command, ret);
    default:
        ret->refusal = REFUSAL_UNKNOWN_KIND;
        return 0;
    }
}

int work_decide_due(struct node *node, const struct turn_view *view, struct decision *ret) {
    return supports_decide_due(node, view, ret);
}

int work_sent_settled(struct node *node, const struct turn_view *view, const struct sent_note *note,
                      struct decision *ret) {
    return note->kind == MESSAGE_KIND_SUPPORT ? support_settled(node, view, note, ret)
                                              : item_settled(node, view, note, ret);
}

int work_apply(struct node *node, const struct turn_view *view, const struct fact *fact) {
    (void)node;
    return fact->type == NODE_FACT_SWEPT_SUPPORTS ? supports_apply(view, fact) : ERR_UNSUPPORTED;
}
