#include "hub/core/people.h"

#include "hub/core/joining.h"
#include "hub/core/journal.h"
#include "hub/core/standing.h"
#include "hub/core/state.h"

static const struct people_facts people_facts = {
    .user = FACT_USER, .token = FACT_TOKEN, .token_revoked = FACT_TOKEN_REVOKED};

/* Role by command: documentation and test read this table (README, "Who may do what"). */
static const struct {
    enum hub_command command;
    enum role role;
} permissions[] = {
    {HUB_COMMAND_INVITE, ROLE_ADMINISTRATOR},       {HUB_COMMAND_INVITE, ROLE_COORDINATOR},
    {HUB_COMMAND_APPROVE, ROLE_ADMINISTRATOR},      {HUB_COMMAND_APPROVE, ROLE_COORDINATOR},
    {HUB_COMMAND_DECLINE, ROLE_ADMINISTRATOR},      {HUB_COMMAND_DECLINE, ROLE_COORDINATOR},
    {HUB_COMMAND_REVOKE, ROLE_ADMINISTRATOR},       {HUB_COMMAND_REVOKE, ROLE_COORDINATOR},
    {HUB_COMMAND_LEAVE, ROLE_ADMINISTRATOR},        {HUB_COMMAND_LEAVE, ROLE_COORDINATOR},
    {HUB_COMMAND_MEMBER_SET, ROLE_ADMINISTRATOR},   {HUB_COMMAND_MEMBER_SET, ROLE_COORDINATOR},
    {HUB_COMMAND_ENTRY, ROLE_ADMINISTRATOR},        {HUB_COMMAND_USER_ADD, ROLE_ADMINISTRATOR},
    {HUB_COMMAND_TOKEN_CREATE, ROLE_ADMINISTRATOR}, {HUB_COMMAND_TOKEN_REVOKE, ROLE_ADMINISTRATOR},
    {HUB_COMMAND_BACKED_UP, ROLE_ADMINISTRATOR},    {HUB_COMMAND_SHREDDED, ROLE_ADMINISTRATOR},
};

bool people_may(enum role role, enum hub_command command) {
    for (size_t i = 0; i < sizeof(permissions) / sizeof(permissions[0]); i++) {
        if (permissions[i].command == command && permissions[i].role == role) {
            return true;
        }
    }
    return false;
}

const char *hub_command_text(enum hub_command kind) {
    switch (kind) {
#define X(name, number, text)                                                                      \
    case name:                                                                                     \
        return text;
        HUB_COMMAND_LIST(X)
#undef X
    case HUB_COMMAND_NONE:
    default:
        return NULL;
    }
}

int people_backed_up_to(struct store_txn *view, uint64_t *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_STATE, bytes_from_text("backed-up-to"), &value);
    *ret = r == 0 && value.length == 8 ? be64_read(value.data) : 0;
    return r == ERR_NOT_FOUND ? 0 : r;
}

/* -- decide -- */

/* A backup holds what it held: the mark never goes back, nor ahead of the journal. */
static int decide_backed_up(const struct turn_view *view,
                            const struct backed_up_arguments *arguments, struct decision *ret) {
    struct position position;
    uint64_t before = 0;
    int r = journal_position(view->txn, &position);
    if (r == 0) {
        r = people_backed_up_to(view->txn, &before);
    }
    if (r < 0) {
        return r;
    }
    if (arguments->sequence > position.sequence || arguments->sequence < before) {
        ret->refusal = REFUSAL_IMPLAUSIBLE;
        return 0;
    }
    struct buf buf = decision_buf(view, 8);
    buf_u64(&buf, arguments->sequence);
    return decision_add(ret, FACT_BACKED_UP, &buf);
}

static int decide_shredded(const struct turn_view *view,
                           const struct hub_shredded_arguments *arguments, struct decision *ret) {
    struct buf buf = decision_buf(view, 8 * arguments->count + 1);
    for (size_t i = 0; i < arguments->count; i++) {
        buf_u64(&buf, arguments->keys[i]);
    }
    return decision_add(ret, FACT_SHREDDED, &buf);
}

/* Where room is short: only what makes the region smaller or safer. */
static bool goes_without_room(enum hub_command kind) {
    return kind == HUB_COMMAND_SHREDDED || kind == HUB_COMMAND_REVOKE ||
           kind == HUB_COMMAND_LEAVE || kind == HUB_COMMAND_DECLINE ||
           kind == HUB_COMMAND_TOKEN_REVOKE;
}

int commands_decide(struct hub *hub, const struct turn_view *view, const struct command *command,
                    struct decision *ret) {
    enum hub_command kind = (enum hub_command)command->kind;
    if (!people_may(command->actor.role, kind)) {
        ret->refusal = REFUSAL_NOT_ALLOWED;
        return 0;
    }
    if (view->short_of_room && !goes_without_room(kind)) {
        ret->refusal = REFUSAL_NO_ROOM;
        return 0;
    }
    switch (kind) {
    case HUB_COMMAND_USER_ADD:
        return user_decide(view, &people_facts, command->arguments, ret);
    case HUB_COMMAND_TOKEN_CREATE:
        return token_decide(view, &people_facts, command->arguments, ret);
    case HUB_COMMAND_TOKEN_REVOKE:
        return token_revoke_decide(view, &people_facts, command->arguments, ret);
    case HUB_COMMAND_BACKED_UP:
        return decide_backed_up(view, command->arguments, ret);
    case HUB_COMMAND_SHREDDED:
        return decide_shredded(view, command->arguments, ret);
    case HUB_COMMAND_INVITE:
    case HUB_COMMAND_APPROVE:
    case HUB_COMMAND_DECLINE:
    case HUB_COMMAND_REVOKE:
    case HUB_COMMAND_LEAVE:
    case HUB_COMMAND_ENTRY:
        return joining_decide_command(hub, view, command, ret);
    case HUB_COMMAND_MEMBER_SET:
        return standing_decide(hub, view, command->arguments, ret);
    case HUB_COMMAND_NONE:
    default:
        ret->refusal = REFUSAL_UNKNOWN_KIND;
        return 0;
    }
}

/* -- apply -- */

int people_apply(const struct turn_view *view, const struct fact *fact) {
    switch ((int)fact->type) {
    case FACT_USER:
        return user_apply(view, fact->body);
    case FACT_TOKEN:
        return token_apply(view, fact->body);
    case FACT_TOKEN_REVOKED:
        return token_revoked_apply(view, fact->body);
    case FACT_BACKED_UP:
        store_put(view->txn, TABLE_STATE, bytes_from_text("backed-up-to"), fact->body);
        return 0;
    default:
        return ERR_UNSUPPORTED;
    }
}
