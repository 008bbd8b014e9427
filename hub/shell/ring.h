/* Commands on their way from the HTTP threads to the turn thread: a bounded ring and a descriptor
 * that wakes it.
 *
 * Any thread pushes, the turn thread pops. A request is made by a handler, travels through ring and
 * turn, and ends in its `done`, on the turn's thread. */
#pragma once

#include "hub/core/commands.h"
#include "shared/turn/turn.h"

struct request {
    struct command command; /* `arguments` points at the union below */
    union {
        struct invite_arguments invite;
        struct member_arguments member;
        struct entry_arguments entry;
        struct user_arguments user;
        struct token_arguments token;
        struct backed_up_arguments backed_up;
    } arguments;
    uint8_t *blob;       /* owned: what entry.signed_entry borrows; or NULL */
    uint64_t http_token; /* the HTTP request that waits; 0: none */
    char key[2 * sizeof(struct message_id) + 1]; /* the sender's own id for it, hexadecimal */
    /* The outcome is durable. Borrows everything. */
    void (*done)(void *context, const struct request *request, enum refusal refusal);
    void *context;
};

/* Zeroed, its command of that kind; NULL without memory. */
struct request *request_new(enum hub_command kind);
void request_free(struct request *request); /* takes NULL */

struct ring;

/* Errors: ERR_NO_MEMORY, ERR_IO (no eventfd left). */
MUST_CHECK int ring_new(struct ring **ret);
void ring_free(struct ring *ring); /* with the requests in it; takes NULL */
/* Takes the request where it gives 0. Errors: ERR_AGAIN (full, or closed). */
MUST_CHECK int ring_push(struct ring *ring, struct request *request);
/* The caller's from here; NULL where it's empty. */
struct request *ring_pop(struct ring *ring);
/* From here on nothing is taken any more. */
void ring_close(struct ring *ring);
/* Readable while something waits. */
int ring_fd(const struct ring *ring);
