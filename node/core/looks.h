/* Looking by card: a question to the hub, signed by the family's key over a nonce of the hub's, and
 * its answer, which nobody keeps (DESIGN 5). Only the token of a good one stays in memory for a
 * while: who narrows a consent at a table that doesn't know the family has looked just before, and
 * without the last token nobody but the hub could tell what that takes away.
 *
 * A look writes nothing, so it's no part of a turn: it waits in memory for the link, one is under
 * way at a time (each answer brings the nonce of the next), and after LOOK_WAIT_MS it has none. */
#pragma once

#include "node/core/families.h"

enum { LOOK_WAIT_MS = 10000, LOOK_SHOWN_MS = 15 * 60000 };

/* Queues it; REFUSAL_BUSY through node_links.looked where too many wait. */
void looks_ask(struct node *node, const struct command *command);
bool looks_waiting(const struct node *node);
/* Sends what can be sent, gives up what waited too long. After each turn. */
void looks_run(struct node *node, int64_t now_ms, struct rng *rng);

/* What a reply says, once its token was checked. In the arena. */
struct look_news {
    uint8_t id[16];
    uint8_t next_nonce[LOOK_NONCE_BYTES];
    enum refusal refusal;
    struct look_answer answer;
    struct consent_token token; /* where it was found */
};
MUST_CHECK int looks_read(struct node *node, const struct turn_view *view,
                          const struct look_reply *reply, struct look_news *ret);
/* After the commit: who asked hears it. */
void looks_outcome(struct node *node, const struct look_news *news);
/* As if a look had shown it: the next change at this table goes above it. */
void looks_show(struct node *node, const struct consent_token *token, int64_t now_ms);
/* The token that a look at that handle showed, LOOK_SHOWN_MS ago at most; NULL: none did. Borrowed,
 * valid until the next turn. */
const struct consent_token *looks_shown(const struct node *node, const struct family_handle *handle,
                                        int64_t now_ms);
/* A welcome brought a nonce. */
void looks_nonce(struct node *node, const uint8_t nonce[static LOOK_NONCE_BYTES]);
/* The link is gone: so is the nonce. */
void looks_lost(struct node *node);
