/* People at the hub: users with a role, a team and a deputy, and the bearer tokens that speak for
 * them. Who may give which command is one table, default deny. */
#pragma once

#include "hub/core/commands.h"
#include "shared/base/arena.h"
#include "shared/store/txn.h"
#include "shared/turn/turn.h"

struct user_record {
    struct user_id user;
    enum role role;
    struct team_id team;
    struct user_id deputy;
};

struct token_record {
    struct user_id user;
    int64_t made_ms;
    int64_t expires_ms; /* 0: none */
    bool revoked;
    char label[64];
};

/* Errors: ERR_NOT_FOUND, ERR_STORAGE. */
MUST_CHECK int user_get(struct store_txn *view, const struct user_id *user,
                        struct user_record *ret);
MUST_CHECK int token_get(struct store_txn *view, const struct digest *token,
                         struct token_record *ret);

/* Who speaks with this token now: a live token of a user that exists.
 * Errors: ERR_DENIED, ERR_STORAGE. */
MUST_CHECK int token_actor(struct store_txn *view, const struct digest *token, int64_t now_ms,
                           struct actor *ret);

/* The hash under which a token is kept. */
struct digest token_digest(struct bytes token_text);

bool people_may(enum role role, enum hub_command command);
