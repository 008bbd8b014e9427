#include "node/core/state.h"

/* Role by command: documentation and test read this table (README, "Who may do what"). */
static const struct {
    enum node_command command;
    enum role role;
} permissions[] = {
    {NODE_COMMAND_IMPORT_BEGIN, ROLE_ADMINISTRATOR},
    {NODE_COMMAND_IMPORT_BEGIN, ROLE_CASEWORKER},
    {NODE_COMMAND_IMPORT_ROWS, ROLE_ADMINISTRATOR},
    {NODE_COMMAND_IMPORT_ROWS, ROLE_CASEWORKER},
    {NODE_COMMAND_IMPORT_SWITCH, ROLE_ADMINISTRATOR},
    {NODE_COMMAND_IMPORT_SWITCH, ROLE_CASEWORKER},
    {NODE_COMMAND_IMPORT_DROP, ROLE_ADMINISTRATOR},
    {NODE_COMMAND_IMPORT_DROP, ROLE_CASEWORKER},
    {NODE_COMMAND_IMPORT_FIGURES, ROLE_ADMINISTRATOR},
    {NODE_COMMAND_STATUS_SET, ROLE_ADMINISTRATOR},
    {NODE_COMMAND_STATUS_SET, ROLE_CASEWORKER},
    {NODE_COMMAND_PUBLISH, ROLE_ADMINISTRATOR},
    {NODE_COMMAND_USER_ADD, ROLE_ADMINISTRATOR},
    {NODE_COMMAND_TOKEN_CREATE, ROLE_ADMINISTRATOR},
    {NODE_COMMAND_SHREDDED, ROLE_ADMINISTRATOR},
    /* families: an administrator runs the machine and reads nothing of them; a toeleider may what a
     * volunteer may, whatever the organisation */
    {NODE_COMMAND_CONSENT_GIVE, ROLE_CASEWORKER},
    {NODE_COMMAND_CONSENT_GIVE, ROLE_TOELEIDER},
    {NODE_COMMAND_CONSENT_GIVE, ROLE_VOLUNTEER},
    {NODE_COMMAND_CONSENT_CHANGE, ROLE_CASEWORKER},
    {NODE_COMMAND_WITHDRAW, ROLE_CASEWORKER},
    {NODE_COMMAND_WITHDRAW, ROLE_TOELEIDER}, /* by the card, as below */
    {NODE_COMMAND_WITHDRAW, ROLE_VOLUNTEER},
    {NODE_COMMAND_SUPPORT_START, ROLE_CASEWORKER},
    {NODE_COMMAND_SUPPORT_START, ROLE_TOELEIDER},
    {NODE_COMMAND_SUPPORT_START, ROLE_VOLUNTEER},
    {NODE_COMMAND_SUPPORT_ENDING, ROLE_CASEWORKER},
    {NODE_COMMAND_SUPPORT_END, ROLE_CASEWORKER},
    {NODE_COMMAND_SUPPORT_END, ROLE_TOELEIDER},
    {NODE_COMMAND_SUPPORT_END, ROLE_VOLUNTEER},
    {NODE_COMMAND_ASK, ROLE_CASEWORKER},
    {NODE_COMMAND_ASK_REVOKE, ROLE_CASEWORKER},
    {NODE_COMMAND_ASK_ANSWER, ROLE_CASEWORKER},
    {NODE_COMMAND_CONCERN, ROLE_CASEWORKER},
    {NODE_COMMAND_CONCERN, ROLE_TOELEIDER},
    {NODE_COMMAND_CONCERN, ROLE_VOLUNTEER},
    {NODE_COMMAND_FLAG_ANSWER, ROLE_CASEWORKER},
    {NODE_COMMAND_CALL_BACK, ROLE_CASEWORKER},
    {NODE_COMMAND_CALL_BACK, ROLE_TOELEIDER},
    {NODE_COMMAND_CALL_BACK, ROLE_VOLUNTEER},
    {NODE_COMMAND_CALLED_BACK, ROLE_CASEWORKER},
    {NODE_COMMAND_NEW_CARD, ROLE_CASEWORKER},
    {NODE_COMMAND_INFORMAL, ROLE_CASEWORKER},
    {NODE_COMMAND_LOOK, ROLE_CASEWORKER},
    {NODE_COMMAND_LOOK, ROLE_TOELEIDER},
    {NODE_COMMAND_LOOK, ROLE_VOLUNTEER},
    {NODE_COMMAND_ITEM_DONE, ROLE_CASEWORKER},
    {NODE_COMMAND_ITEM_DONE, ROLE_TOELEIDER}, /* of what they raised themselves, as below */
    {NODE_COMMAND_ITEM_DONE, ROLE_VOLUNTEER},
    {NODE_COMMAND_ITEMS_MAILED, ROLE_ADMINISTRATOR},
    {NODE_COMMAND_KEYS_ROTATE, ROLE_ADMINISTRATOR},
    {NODE_COMMAND_HOURS, ROLE_ADMINISTRATOR},
    {NODE_COMMAND_HOURS, ROLE_CASEWORKER},
};

bool node_may(enum role role, enum node_command command) {
    for (size_t i = 0; i < sizeof(permissions) / sizeof(permissions[0]); i++) {
        if (permissions[i].command == command && permissions[i].role == role) {
            return true;
        }
    }
    return false;
}

const char *node_command_text(enum node_command kind) {
    switch (kind) {
#define X(name, number, text)                                                                      \
    case name:                                                                                     \
        return text;
        NODE_COMMAND_LIST(X)
#undef X
    case NODE_COMMAND_NONE:
    default:
        return NULL;
    }
}

/* Tokens end by their time only: no command revokes one. */
static const struct people_facts people_facts = {.user = NODE_FACT_USER, .token = NODE_FACT_TOKEN};

int node_people_decide(const struct turn_view *view, const struct command *command,
                       struct decision *ret) {
    return command->kind == NODE_COMMAND_USER_ADD
               ? user_decide(view, &people_facts, command->arguments, ret)
               : token_decide(view, &people_facts, command->arguments, ret);
}

int node_people_apply(const struct turn_view *view, const struct fact *fact) {
    return fact->type == NODE_FACT_USER ? user_apply(view, fact->body)
                                        : token_apply(view, fact->body);
}
