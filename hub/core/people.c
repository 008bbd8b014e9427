#include "hub/core/people.h"

#include <stdio.h>
#include <string.h>

#include "hub/core/joining.h"
#include "hub/core/journal.h"
#include "hub/core/state.h"
#include "shared/crypto/hash.h"

enum { VERSION = 1, RECORD_BYTES_MAX = 512 };

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
    {HUB_COMMAND_ENTRY, ROLE_ADMINISTRATOR},        {HUB_COMMAND_USER_ADD, ROLE_ADMINISTRATOR},
    {HUB_COMMAND_TOKEN_CREATE, ROLE_ADMINISTRATOR}, {HUB_COMMAND_TOKEN_REVOKE, ROLE_ADMINISTRATOR},
    {HUB_COMMAND_BACKED_UP, ROLE_ADMINISTRATOR},
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

struct digest token_digest(struct bytes token_text) {
    return hash_of("token/v1", token_text);
}

int user_get(struct store_txn *view, const struct user_id *user, struct user_record *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_USERS, BYTES_OF(*user), &value);
    if (r < 0) {
        return r;
    }
    struct reader reader = reader_over(value);
    struct user_record record = {.user = *user};
    uint8_t version = read_u8(&reader);
    record.role = (enum role)read_u32(&reader);
    read_raw(&reader, record.team.text, sizeof(record.team.text));
    read_raw(&reader, record.deputy.text, sizeof(record.deputy.text));
    if (version != VERSION || reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    *ret = record;
    return 0;
}

int token_get(struct store_txn *view, const struct digest *token, struct token_record *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_TOKENS, BYTES_OF(*token), &value);
    if (r < 0) {
        return r;
    }
    struct reader reader = reader_over(value);
    struct token_record record = {0};
    uint8_t version = read_u8(&reader);
    record.revoked = read_u8(&reader) != 0;
    record.made_ms = read_i64(&reader);
    record.expires_ms = read_i64(&reader);
    read_raw(&reader, record.user.text, sizeof(record.user.text));
    read_raw(&reader, record.label, sizeof(record.label));
    if (version != VERSION || reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    *ret = record;
    return 0;
}

int token_actor(struct store_txn *view, const struct digest *token, int64_t now_ms,
                struct actor *ret) {
    struct token_record record;
    struct user_record user;
    int r = token_get(view, token, &record);
    if (r == 0) {
        bool dead = record.revoked || (record.expires_ms != 0 && record.expires_ms <= now_ms);
        r = dead ? ERR_DENIED : user_get(view, &record.user, &user);
    }
    if (r < 0) {
        return r == ERR_NOT_FOUND ? ERR_DENIED : r;
    }
    *ret = (struct actor){.user = user.user, .role = user.role, .team = user.team};
    return 0;
}

int people_backed_up_to(struct store_txn *view, uint64_t *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_STATE, bytes_from_text("backed-up-to"), &value);
    *ret = r == 0 && value.length == 8 ? be64_read(value.data) : 0;
    return r == ERR_NOT_FOUND ? 0 : r;
}

/* -- decide -- */

static int decide_user(const struct turn_view *view, const struct user_arguments *arguments,
                       struct decision *ret) {
    if (role_text(arguments->role) == NULL || arguments->user.text[0] == '\0') {
        ret->refusal = REFUSAL_UNKNOWN_VALUE;
        return 0;
    }
    struct buf buf = decision_buf(view, RECORD_BYTES_MAX);
    buf_raw(&buf, BYTES_OF(arguments->user));
    buf_u8(&buf, VERSION);
    buf_u32(&buf, arguments->role);
    buf_raw(&buf, BYTES_OF(arguments->team));
    buf_raw(&buf, BYTES_OF(arguments->deputy));
    return decision_add(ret, FACT_USER, &buf);
}

static int decide_token(const struct turn_view *view, const struct token_arguments *arguments,
                        struct decision *ret) {
    struct user_record user;
    struct token_record token;
    int r = user_get(view->txn, &arguments->user, &user);
    if (r < 0) {
        ret->refusal = REFUSAL_NOT_FOUND;
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    r = token_get(view->txn, &arguments->token, &token);
    if (r != ERR_NOT_FOUND) {
        ret->refusal = REFUSAL_EXISTS;
        return r;
    }
    struct buf buf = decision_buf(view, RECORD_BYTES_MAX);
    buf_raw(&buf, BYTES_OF(arguments->token));
    buf_u8(&buf, VERSION);
    buf_u8(&buf, 0);
    buf_i64(&buf, view->now_ms);
    buf_i64(&buf, arguments->expires_ms);
    buf_raw(&buf, BYTES_OF(arguments->user));
    buf_raw(&buf, BYTES_OF(arguments->label));
    return decision_add(ret, FACT_TOKEN, &buf);
}

static int decide_token_revoke(const struct turn_view *view,
                               const struct token_arguments *arguments, struct decision *ret) {
    struct token_record token;
    int r = token_get(view->txn, &arguments->token, &token);
    if (r < 0) {
        ret->refusal = REFUSAL_NOT_FOUND;
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    struct buf buf = decision_buf(view, RECORD_BYTES_MAX);
    buf_raw(&buf, BYTES_OF(arguments->token));
    return decision_add(ret, FACT_TOKEN_REVOKED, &buf);
}

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

/* Where room is short: only what makes the region smaller or safer. */
static bool goes_without_room(enum hub_command kind) {
    return kind == HUB_COMMAND_REVOKE || kind == HUB_COMMAND_LEAVE || kind == HUB_COMMAND_DECLINE ||
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
        return decide_user(view, command->arguments, ret);
    case HUB_COMMAND_TOKEN_CREATE:
        return decide_token(view, command->arguments, ret);
    case HUB_COMMAND_TOKEN_REVOKE:
        return decide_token_revoke(view, command->arguments, ret);
    case HUB_COMMAND_BACKED_UP:
        return decide_backed_up(view, command->arguments, ret);
    case HUB_COMMAND_INVITE:
    case HUB_COMMAND_APPROVE:
    case HUB_COMMAND_DECLINE:
    case HUB_COMMAND_REVOKE:
    case HUB_COMMAND_LEAVE:
    case HUB_COMMAND_ENTRY:
        return joining_decide_command(hub, view, command, ret);
    case HUB_COMMAND_NONE:
    default:
        ret->refusal = REFUSAL_UNKNOWN_KIND;
        return 0;
    }
}

/* -- apply -- */

/* The facts are key and value, one behind the other. */
static void put(const struct turn_view *view, enum table table, struct bytes body,
                size_t key_bytes) {
    struct bytes key = {.data = body.data, .length = key_bytes};
    struct bytes value = {.data = body.data + key_bytes, .length = body.length - key_bytes};
    store_put(view->txn, table, key, value);
}

static int revoke_token(const struct turn_view *view, struct bytes key) {
    struct bytes value;
    int r = store_get(view->txn, TABLE_TOKENS, key, &value);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    struct bytes copy = arena_copy(view->arena, value);
    if (copy.data == NULL || copy.length < 2) {
        return ERR_NO_MEMORY;
    }
    uint8_t *record = arena_alloc(view->arena, copy.length, 1);
    if (record == NULL) {
        return ERR_NO_MEMORY;
    }
    memcpy(record, copy.data, copy.length);
    record[1] = 1;
    store_put(view->txn, TABLE_TOKENS, key, (struct bytes){.data = record, .length = copy.length});
    return 0;
}

int people_apply(const struct turn_view *view, const struct fact *fact) {
    switch ((int)fact->type) {
    case FACT_USER:
        if (fact->body.length <= sizeof(struct user_id)) {
            return ERR_STORAGE;
        }
        put(view, TABLE_USERS, fact->body, sizeof(struct user_id));
        return 0;
    case FACT_TOKEN:
        if (fact->body.length <= sizeof(struct digest)) {
            return ERR_STORAGE;
        }
        put(view, TABLE_TOKENS, fact->body, sizeof(struct digest));
        return 0;
    case FACT_TOKEN_REVOKED:
        return revoke_token(view, fact->body);
    case FACT_BACKED_UP:
        store_put(view->txn, TABLE_STATE, bytes_from_text("backed-up-to"), fact->body);
        return 0;
    default:
        return ERR_UNSUPPORTED;
    }
}
