/* People at a node: users with a role, a team and a deputy, and the bearer tokens that speak for
 * them. Who may give which command is one table, default deny (node_may in commands.h). */
#pragma once

#include "node/core/commands.h"
#include "shared/store/txn.h"
#include "shared/turn/turn.h"

struct node_user {
    struct user_id user;
    enum role role;
    struct team_id team;
    struct user_id deputy;
};

struct node_token {
    struct user_id user;
    int64_t made_ms;
    int64_t expires_ms; /* 0: none */
    char label[64];
};

/* Errors: ERR_NOT_FOUND, ERR_STORAGE. */
MUST_CHECK int node_user_get(struct store_txn *view, const struct user_id *user,
                             struct node_user *ret);
MUST_CHECK int node_token_get(struct store_txn *view, const struct digest *token,
                              struct node_token *ret);

/* Who speaks with this token now: a live token of a user that exists.
 * Errors: ERR_DENIED, ERR_STORAGE. */
MUST_CHECK int node_token_actor(struct store_txn *view, const struct digest *token, int64_t now_ms,
                                struct actor *ret);

/* The hash under which a token is kept. */
struct digest node_token_digest(struct bytes token_text);
