#include "shared/turn/people.h"

#include <assert.h>
#include <string.h>

#include "shared/crypto/hash.h"
#include "shared/turn/decision.h"

enum { VERSION = 1, RECORD_BYTES_MAX = 512 };

/* A token's record: version, the mark where there's a place for it, two times, user and label. */
enum {
    MARK_AT = 1,
    TOKEN_BYTES = 1 + 8 + 8 + sizeof(struct user_id) + sizeof(((struct token_record *)0)->label),
    MARKED_TOKEN_BYTES = TOKEN_BYTES + 1,
};

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
    struct token_record record = {.revoked = false};
    uint8_t version = read_u8(&reader);
    record.revoked = value.length == MARKED_TOKEN_BYTES && read_u8(&reader) != 0;
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

/* -- decide -- */

int user_decide(const struct turn_view *view, const struct people_facts *facts,
                const struct user_record *user, struct decision *ret) {
    if (role_text(user->role) == NULL || user->user.text[0] == '\0') {
        ret->refusal = REFUSAL_UNKNOWN_VALUE;
        return 0;
    }
    struct buf buf = decision_buf(view, RECORD_BYTES_MAX);
    buf_raw(&buf, BYTES_OF(user->user));
    buf_u8(&buf, VERSION);
    buf_u32(&buf, user->role);
    buf_raw(&buf, BYTES_OF(user->team));
    buf_raw(&buf, BYTES_OF(user->deputy));
    return decision_add(ret, facts->user, &buf);
}

int token_decide(const struct turn_view *view, const struct people_facts *facts,
                 const struct token_arguments *arguments, struct decision *ret) {
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
    if (facts->token_revoked != 0) {
        buf_u8(&buf, 0);
    }
    buf_i64(&buf, view->now_ms);
    buf_i64(&buf, arguments->expires_ms);
    buf_raw(&buf, BYTES_OF(arguments->user));
    buf_raw(&buf, BYTES_OF(arguments->label));
    return decision_add(ret, facts->token, &buf);
}

int token_revoke_decide(const struct turn_view *view, const struct people_facts *facts,
                        const struct token_arguments *arguments, struct decision *ret) {
    assert(facts->token_revoked != 0);
    struct token_record record;
    int r = token_get(view->txn, &arguments->token, &record);
    if (r < 0) {
        ret->refusal = REFUSAL_NOT_FOUND;
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    struct buf buf = decision_buf(view, RECORD_BYTES_MAX);
    buf_raw(&buf, BYTES_OF(arguments->token));
    return decision_add(ret, facts->token_revoked, &buf);
}

/* -- apply -- */

static int put(const struct turn_view *view, enum table table, struct bytes body,
               size_t key_bytes) {
    if (body.length <= key_bytes) {
        return ERR_STORAGE;
    }
    struct bytes key = {.data = body.data, .length = key_bytes};
    struct bytes value = {.data = body.data + key_bytes, .length = body.length - key_bytes};
    store_put(view->txn, table, key, value);
    return 0;
}

int user_apply(const struct turn_view *view, struct bytes body) {
    return put(view, TABLE_USERS, body, sizeof(struct user_id));
}

int token_apply(const struct turn_view *view, struct bytes body) {
    return put(view, TABLE_TOKENS, body, sizeof(struct digest));
}

int token_revoked_apply(const struct turn_view *view, struct bytes body) {
    struct bytes value;
    int r = store_get(view->txn, TABLE_TOKENS, body, &value);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    if (value.length != MARKED_TOKEN_BYTES) {
        return ERR_STORAGE;
    }
    uint8_t *record = arena_alloc(view->arena, value.length, 1);
    if (record == NULL) {
        return ERR_NO_MEMORY;
    }
    memcpy(record, value.data, value.length);
    record[MARK_AT] = 1;
    store_put(view->txn, TABLE_TOKENS, body,
              (struct bytes){.data = record, .length = value.length});
    return 0;
}
