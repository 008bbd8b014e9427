/* The people of a hub or a node: users with a role, a team and a deputy, and the bearer tokens that
 * speak for them. Who may give which command is not here: each core has its own table (people_may,
 * node_may).
 *
 * Both cores' decide and apply call it; shells ask who speaks. A fact's body is key and value of a
 * table, one behind the other. */
#pragma once

#include "shared/turn/turn.h"

struct user_record {
    struct user_id user;
    enum role role;
    struct team_id team;   /* may be zeros */
    struct user_id deputy; /* may be zeros */
};

struct token_record {
    struct user_id user;
    int64_t made_ms;
    int64_t expires_ms; /* 0: none */
    bool revoked;
    char label[64];
};

/* The token's text never comes here, only its hash. */
struct token_arguments {
    struct digest token;
    struct user_id user;
    int64_t expires_ms; /* 0: none */
    char label[64];
};

/* A core's numbers for the facts. Without TOKEN_REVOKED (0) its tokens only end by their time, and
 * their records have no place for a mark. */
struct people_facts {
    uint16_t user;
    uint16_t token;
    uint16_t token_revoked;
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

/* Adds the user, or replaces who has that name. Refuses UNKNOWN_VALUE: no known role, or no name.
 * Errors: as decision_add's. */
MUST_CHECK int user_decide(const struct turn_view *view, const struct people_facts *facts,
                           const struct user_record *user, struct decision *ret);
/* Refuses NOT_FOUND (no such user) and EXISTS (no token is made twice, whatever became of it).
 * Errors: ERR_STORAGE and decision_add's; so too below. */
MUST_CHECK int token_decide(const struct turn_view *view, const struct people_facts *facts,
                            const struct token_arguments *arguments, struct decision *ret);
/* Of the arguments only the token counts. Refuses NOT_FOUND. For cores that have the fact. */
MUST_CHECK int token_revoke_decide(const struct turn_view *view, const struct people_facts *facts,
                                   const struct token_arguments *arguments, struct decision *ret);

/* Write what the fact of that name says. Errors: ERR_STORAGE (a body that decide never wrote), and
 * of the last ERR_NO_MEMORY. Failures to write stick to the transaction. */
MUST_CHECK int user_apply(const struct turn_view *view, struct bytes body);
MUST_CHECK int token_apply(const struct turn_view *view, struct bytes body);
MUST_CHECK int token_revoked_apply(const struct turn_view *view, struct bytes body);
