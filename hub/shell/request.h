/* A command on its way from an HTTP thread, or the backup's, to the turn thread, over the ring
 * (shared/io/ring.h).
 *
 * It's made by who asks, travels through ring and turn, and ends in its `done`, on the turn's
 * thread. */
#pragma once

#include "hub/core/commands.h"
#include "shared/io/text.h"
#include "shared/turn/turn.h"

struct request {
    struct command command; /* `arguments` points at the union below */
    union {
        struct invite_arguments invite;
        struct member_arguments member;
        struct member_set_arguments set;
        struct entry_arguments entry;
        struct user_record user;
        struct token_arguments token;
        struct backed_up_arguments backed_up;
        struct hub_shredded_arguments shredded;
    } arguments;
    void *blob;          /* owned: what entry.signed_entry or shredded.keys borrow; or NULL */
    uint64_t http_token; /* the HTTP request that waits; 0: none */
    enum lang lang;      /* in which it's answered */
    char key[2 * sizeof(struct message_id) + 1]; /* the sender's own id for it, hexadecimal */
    char result[64]; /* what the core says of it, as JSON; empty: nothing */
    /* The outcome is durable. Borrows everything. */
    void (*done)(void *context, const struct request *request, enum refusal refusal);
    void *context;
};

/* Zeroed, its command of that kind; NULL without memory. */
struct request *request_new(enum hub_command kind);
void request_free(struct request *request); /* takes NULL */
