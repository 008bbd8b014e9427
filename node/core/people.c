#include "node/core/people.h"

#include <string.h>

#include "node/core/state.h"
#include "shared/crypto/hash.h"

enum { VERSION = 1, RECORD_BYTES_MAX = 512 };

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

struct digest node_token_digest(struct bytes token_text) {
    return hash_of("token/v1", token_text);
}

int node_user_get(struct store_txn *view, const struct user_id *user, struct node_user *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_USERS, BYTES_OF(*user), &value);
    if (r < 0) {
        return r;
    }
    struct reader reader = reader_over(value);
    struct node_user record = {.user = *user};
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

int node_token_get(struct store_txn *view, const struct digest *token, struct node_token *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_TOKENS, BYTES_OF(*token), &value);
    if (r < 0) {
        return r;
    }
    struct reader reader = reader_over(value);
    struct node_token record = {.made_ms = 0};
    uint8_t version = read_u8(&reader);
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

int node_token_actor(struct store_txn *view, const struct digest *token, int64_t now_ms,
                     struct actor *ret) {
    struct node_token record;
    struct node_user user;
    int r = node_token_get(view, token, &record);
    if (r == 0) {
        bool dead = record.expires_ms != 0 && record.expires_ms <= now_ms;
        r = dead ? ERR_DENIED : node_user_get(view, &record.user, &user);
    }
    if (r < 0) {
        return r == ERR_NOT_FOUND ? ERR_DENIED : r;
    }
    *ret = (struct actor){.user = user.user, .role = user.role, .team = user.team};
    return 0;
}

/* -- decide -- */

static int decide_user(const struct turn_view *view, const struct node_user_arguments *arguments,
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
    return decision_add(ret, NODE_FACT_USER, &buf);
}

static int decide_token(const struct turn_view *view, const struct node_token_arguments *arguments,
                        struct decision *ret) {
    struct node_user user;
    struct node_token token;
    int r = node_user_get(view->txn, &arguments->user, &user);
    if (r < 0) {
        ret->refusal = REFUSAL_NOT_FOUND;
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    r = node_token_get(view->txn, &arguments->token, &token);
    if (r != ERR_NOT_FOUND) {
        ret->refusal = REFUSAL_EXISTS;
        return r;
    }
    struct buf buf = decision_buf(view, RECORD_BYTES_MAX);
    buf_raw(&buf, BYTES_OF(arguments->token));
    buf_u8(&buf, VERSION);
    buf_i64(&buf, view->now_ms);
    buf_i64(&buf, arguments->expires_ms);
    buf_raw(&buf, BYTES_OF(arguments->user));
    buf_raw(&buf, BYTES_OF(arguments->label));
    return decision_add(ret, NODE_FACT_TOKEN, &buf);
}

int node_people_decide(const struct turn_view *view, const struct command *command,
                       struct decision *ret) {
    return command->kind == NODE_COMMAND_USER_ADD ? decide_user(view, command->arguments, ret)
                                                  : decide_token(view, command->arguments, ret);
}

/* -- apply -- */

/* The facts are key and value, one behind the other. */
int node_people_apply(const struct turn_view *view, const struct fact *fact) {
    bool user = fact->type == NODE_FACT_USER;
    size_t key_bytes = user ? sizeof(struct user_id) : sizeof(struct digest);
    if (fact->body.length <= key_bytes) {
        return ERR_STORAGE;
    }
    struct bytes key = {.data = fact->body.data, .length = key_bytes};
    struct bytes value = {.data = fact->body.data + key_bytes,
                          .length = fact->body.length - key_bytes};
    store_put(view->txn, user ? TABLE_USERS : TABLE_TOKENS, key, value);
    return 0;
}
