/* What waits for people: made of what the hub tells (notices.c) and of what we asked ourselves,
 * taken by name, handed back, done; and what the mail may say of it, which is how many and how old.
 *
 * An item has the identity of what it's about, not of the notice: a second word about the same
 * flag, question or call finds the same item. Questions, concerns and calls of our own are items
 * too, in state TAKEN by who raised them until an answer makes them NEW. */
#pragma once

#include "node/core/families.h"

enum {
    ITEM_KEEP_DAYS = 90, /* a done item, from when it came */
};

/* Kind and subject: a flag's id, a question's, a call's, a concern's; a family's handle where it's
 * about the consent or our support as such. */
struct message_id item_id_of(enum notice_kind kind, struct bytes subject);
/* As item_by_id; NULL where there's none. Errors: the world's. */
MUST_CHECK int item_about(struct node *node, const struct turn_view *view, enum notice_kind kind,
                          struct bytes subject, struct item **ret);
/* As family_covered, by the item's own token. */
MUST_CHECK int item_covered(const struct node *node, const struct turn_view *view,
                            const struct item *item, enum message_kind kind, enum refusal *ret);
/* The item of a command, of that kind (NONE: any). Refuses NOT_FOUND, WRONG_MOVE (another kind). */
MUST_CHECK int item_meet(struct node *node, const struct turn_view *view, uint32_t number,
                         enum notice_kind kind, struct item **ret, enum refusal *ret_refusal);
/* By name, for the team of who takes it. */
void item_take(struct item *item, const struct actor *actor);
void item_hand_back(struct item *item);
/* It's news again: to be read, and to be mailed. */
void item_renew(struct item *item, bool urgent);

/* ITEM_DONE: {"item": 7}. WRONG_MOVE where something else ends it: a flag of ours that's open, a
 * question to us without an answer, a call nobody made. NOT_YOURS: who is no caseworker, of what
 * others raised or took. */
MUST_CHECK int item_done_decide(struct node *node, const struct turn_view *view,
                                const struct command *command, struct decision *ret);
/* ITEMS_MAILED: {"items": 2}. Items that aren't there any more are passed over. TOO_LARGE above
 * ITEMS_MAILED_MAX. */
enum { ITEMS_MAILED_MAX = 200 };
MUST_CHECK int items_mailed_decide(struct node *node, const struct turn_view *view,
                                   const struct command *command, struct decision *ret);
/* The hub's receipt of what we said of an item: a refusal makes it news, with the reason. */
MUST_CHECK int item_settled(struct node *node, const struct turn_view *view,
                            const struct sent_note *note, struct decision *ret);
/* Done long ago: gone, so many at once. `ret_all` false where there are more. */
MUST_CHECK int items_decide_old(struct node *node, const struct turn_view *view,
                                struct decision *ret, bool *ret_all);

/* For the mail: numbers and days, never content. */
struct items_waiting {
    uint32_t *numbers; /* urgent and not mailed yet, at most ITEMS_MAILED_MAX */
    size_t count;
    uint64_t waiting;
    uint64_t unmailed;   /* of them, urgent or not: what a digest would be about */
    int32_t oldest_days; /* of those that wait; 0: none, or of today */
};
/* `team` zeros: all; else that team's and everybody's. Errors: as item_each. */
struct items_question {
    struct team_id team;
    int64_t now_ms;
};
MUST_CHECK int items_waiting(struct store_txn *view, const struct family_vault *vault,
                             const struct items_question *question, struct arena *arena,
                             struct items_waiting *ret);
