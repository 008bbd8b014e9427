/* What the files of node/core that deal with families give each other: who is meant, rows and items
 * as facts, messages to the hub, and the places where one file hands over to another.
 *
 * Inside node/core only. Everything here that ends in `ret` of struct decision adds facts to it;
 * a refusal goes into its `refusal`, and the caller (families.c) then drops the facts. ERR_AGAIN
 * means: not now (the key pool is empty, the outbox is full); people hear BUSY of it, a timer comes
 * back. */
#pragma once

#include "node/core/family_commands.h"
#include "node/core/family_store.h"
#include "node/core/state.h"
#include "shared/consent/consent.h"

/* -- who is meant (families.c) -- */

struct family_met {
    struct family_handle handle;
    const struct card *card; /* borrowed; NULL: not on the table */
    struct family_row *row;  /* NULL: not known here by this handle yet */
    struct item *item;       /* NULL: not meant by an item */
};

struct family_vault node_family_vault(const struct node *node);

/* Finds them. Refusals, in `ret_refusal`: MALFORMED (not exactly one of the three is set),
 * NOT_FOUND (no such number or item, or an item about no family), NO_CONSENT (the consent was
 * withdrawn here or has come to its end). Where there's a refusal `ret` is untouched.
 * Errors: as family_find, without ERR_NOT_FOUND. */
MUST_CHECK int family_meet(struct node *node, const struct turn_view *view,
                           const struct family_who *who, struct family_met **ret,
                           enum refusal *ret_refusal);
/* The same for who withdraws: also of a family whose withdrawal the hub refused, so that it can be
 * said again. */
MUST_CHECK int family_meet_leaving(struct node *node, const struct turn_view *view,
                                   const struct family_who *who, struct family_met **ret,
                                   enum refusal *ret_refusal);
/* The row of who was met, or a fresh one (in the arena, number 0, not written yet) with handle,
 * presence seed (of the card, or of the item's contact) and since_ms. Refuses NO_CONSENT where
 * nothing gives the presence seed. Errors: ERR_NO_MEMORY. */
MUST_CHECK int family_row_of(struct node *node, const struct turn_view *view,
                             const struct family_met *met, struct family_row **ret,
                             enum refusal *ret_refusal);

/* The row has this token now: its end and scopes with it. Errors: ERR_STORAGE (it doesn't decode).
 */
MUST_CHECK int family_row_learn(const struct turn_view *view, struct family_row *row,
                                const struct signed_token *from);

/* Whether the consent, as far as we know it, covers a message of that kind with the purpose of
 * consent_need_of; REFUSAL_NONE for a row whose token we were never told: the hub knows it.
 * `row` may be NULL (NONE too). */
MUST_CHECK int family_covered(const struct node *node, const struct turn_view *view,
                              const struct family_row *row, enum message_kind kind, bool by_family,
                              enum refusal *ret);
/* consent_need_of(kind)->purpose, for the body. */
enum purpose purpose_of_kind(enum message_kind kind);

/* -- rows and items as facts (family_facts.c) -- */

/* Gives the row a number and a record key where it has none (0), seals it, adds NODE_FACT_FAMILY.
 * Call it before family_post, which wants the number. At most once a row in a decision.
 * Errors: ERR_AGAIN, ERR_CRYPTO, ERR_STORAGE, ERR_NO_MEMORY, ERR_TOO_LARGE. */
MUST_CHECK int family_decide_row(struct node *node, const struct turn_view *view,
                                 struct family_row *row, struct decision *ret);
/* The same for an item: NODE_FACT_ITEM. An item with the id of one that we have takes its number
 * and record key (and replaces it): call item_by_id (family_store.h) first where the old state
 * counts. */
MUST_CHECK int item_decide(struct node *node, const struct turn_view *view, struct item *item,
                           struct decision *ret);
/* The item goes, its key is queued for shredding. */
MUST_CHECK int item_decide_gone(struct node *node, const struct turn_view *view,
                                const struct item *item, struct decision *ret);
/* A record key of the pool, never given before. Errors: ERR_AGAIN (the pool is empty, but for a few
 * that are left to withdrawals). */
MUST_CHECK int node_take_key(struct node *node, uint64_t *ret);
/* The same, for a withdrawal. */
MUST_CHECK int node_take_last_key(struct node *node, uint64_t *ret);
/* Under which key the row or item of that number lies, or will by a fact of this decision.
 * Errors: ERR_NOT_FOUND (there's none, or its key is gone), ERR_STORAGE. */
MUST_CHECK int family_row_key(const struct node *node, const struct turn_view *view,
                              uint32_t number, const struct decision *so_far, uint64_t *ret);
MUST_CHECK int item_row_key(const struct node *node, const struct turn_view *view, uint32_t number,
                            const struct decision *so_far, uint64_t *ret);

/* What goes for good: rows, items and their record keys, which are queued for shredding.
 * NODE_FACT_FAMILY_GONE. `row` may be NULL; items in the arena. */
struct family_gone {
    const struct family_row *row;
    const struct item *const *items;
    size_t item_count;
};
MUST_CHECK int family_decide_gone(struct node *node, const struct turn_view *view,
                                  const struct family_gone *gone, struct decision *ret);
/* Our own record of a consent, sealed under `kept->record_key` (0: a new one of the pool);
 * `shred`: the key that it was sealed under before, which goes (0: none). NODE_FACT_CONSENT. */
MUST_CHECK int consent_decide_kept(struct node *node, const struct turn_view *view,
                                   struct consent_kept *kept, uint64_t shred, struct decision *ret);
MUST_CHECK int consent_decide_gone(struct node *node, const struct turn_view *view,
                                   const struct consent_kept *kept, struct decision *ret);
/* For apply: NODE_FACT_FAMILY, _FAMILY_GONE, _ITEM, _CONSENT. */
MUST_CHECK int family_facts_apply(const struct turn_view *view, const struct fact *fact);

/* -- messages to the hub (family_post.c) -- */

/* What a message on its way is about, in TABLE_SENT until its receipt. Names no handle. */
struct sent_note {
    struct message_id id;
    enum message_kind kind;
    uint32_t family;         /* its number here, 0: none */
    uint32_t item;           /* likewise */
    struct message_id about; /* of the question, concern ...; zeros: none */
    int32_t day;             /* when it was composed, Brussels */
    bool settled;            /* the hub's receipt came; */
    enum refusal refusal;    /* NONE: taken */
};

/* The next message on its kind's lane; several in one decision get consecutive numbers. It's signed
 * and sealed when it's applied: under the record key of its family's row, else of its item, so that
 * it can't be opened any longer than they; a withdrawal, and what is about neither, under a key of
 * its own that goes with the last copy. Adds NODE_FACT_SENT, which carries the envelope and the
 * note. `note`: kind, family, item, about are the caller's; id and day are filled in. Errors:
 * ERR_AGAIN, and as outbox_compose. */
MUST_CHECK int family_post(struct node *node, const struct turn_view *view, struct bytes body,
                           struct sent_note *note, struct decision *ret);
/* Of a message on its way. Errors: ERR_NOT_FOUND, ERR_STORAGE. */
MUST_CHECK int sent_find(struct store_txn *view, const struct message_id *id,
                         struct sent_note *ret);
/* For apply: the hub's receipt of it came. Others' messages change nothing. Errors: ERR_STORAGE. */
MUST_CHECK int sent_settle(struct store_txn *txn, const struct message_id *id,
                           enum refusal refusal);
/* The settled one after that id (NULL: the first). Errors: ERR_NOT_FOUND, ERR_STORAGE. */
MUST_CHECK int sent_settled_next(struct store_txn *view, const struct message_id *after,
                                 struct sent_note *ret);
/* It's dealt with. */
MUST_CHECK int sent_decide_drop(const struct turn_view *view, const struct message_id *id,
                                struct decision *ret);
/* For apply: NODE_FACT_SENT. */
MUST_CHECK int sent_apply(const struct node *node, const struct turn_view *view,
                          const struct fact *fact);
/* A support signed by the row's presence key, encoded as MESSAGE_KIND_SUPPORT's body; and as the
 * part of a consent message. In the arena. */
MUST_CHECK int family_prove_support(const struct turn_view *view, const struct family_row *row,
                                    const struct support *said, struct proven *ret);
/* The body of a kind whose statement is signed by a key (support, ask: presence; withdrawal,
 * concern: family key or presence): encodes proven. */
struct family_statement {
    const struct sign_secret *key;
    const char *domain;
    struct bytes statement;
};
MUST_CHECK int family_prove(const struct turn_view *view, const struct family_statement *statement,
                            struct bytes *ret_body);

/* -- the directory, for sealing to others -- */

/* An active member. Refusals: UNKNOWN_RECIPIENT. Errors: as member_get, without ERR_NOT_FOUND. */
MUST_CHECK int family_member(const struct turn_view *view, const struct org_id *org,
                             struct membership *ret, enum refusal *ret_refusal);
/* Seals a contact to a member's contact key, with fresh randomness; `presence` may be NULL.
 * TOO_LARGE where the text is. */
struct contact_draft {
    const char *text;
    const struct presence_seed *presence;
};
MUST_CHECK int family_seal_contact(const struct turn_view *view, const struct contact_draft *draft,
                                   const struct membership *to, struct sealed *ret,
                                   enum refusal *ret_refusal);
/* To a member's sealing key. UNKNOWN_RECIPIENT where it has none that's a key. */
MUST_CHECK int family_seal(const struct turn_view *view, struct bytes plain,
                           const struct membership *to, struct sealed *ret,
                           enum refusal *ret_refusal);
/* Opens what was sealed to us, in the arena: no secret of ours may be in it but for this turn.
 * Errors: ERR_NOT_FOUND (a key that isn't ours, or destroyed), ERR_CRYPTO, ERR_NO_MEMORY. */
MUST_CHECK int node_unseal(const struct node *node, const struct turn_view *view,
                           const struct sealed *sealed, struct bytes *ret);
/* Opens what was sealed to one of our contact keys. The caller wipes it. Errors: ERR_NOT_FOUND (a
 * key that isn't ours, or destroyed), ERR_CRYPTO, ERR_MALFORMED. */
MUST_CHECK int node_open_contact(const struct node *node, const struct sealed *sealed,
                                 struct contact *ret);

/* -- what the hub tells us (arrivals.c) -- */

/* A notice whose form, purpose and signatures were checked, and whose handle has no tombstone. */
struct notice_news {
    const struct notice *notice;
    int64_t said_ms;                   /* when the hub composed it */
    const struct consent_token *token; /* NULL: none came; else signed as it must be, and it covers
                                        * this kind now */
    const struct envelope *origin;     /* NULL: none; else its sender's own signature was good, and
                                        * its kind is the one that such a notice carries */
};

/* A token that came from the hub or from others: hub, form, and both signatures by the issuer's key
 * of then. NOT_YET where we don't know the issuer yet. Errors: the view's. */
MUST_CHECK int family_token_read(const struct node *node, const struct turn_view *view,
                                 const struct signed_token *from, struct consent_token *ret,
                                 enum refusal *ret_refusal);

/* -- what work.c, items.c, supports.c and their neighbours give -- */

/* Takes the notice: adds the facts of what becomes of it (arrivals.c adds the stamp). NEW_CARD goes
 * to new_card.c. A refusal is told to the hub. */
MUST_CHECK int items_take_notice(struct node *node, const struct turn_view *view,
                                 const struct notice_news *news, struct decision *ret);
/* The hub's receipt of a message of kinds support, ask, ask-answer, concern, flag-answer,
 * call-back, called-back came, `note->refusal` says how it went. families.c drops the note
 * afterwards. */
MUST_CHECK int work_sent_settled(struct node *node, const struct turn_view *view,
                                 const struct sent_note *note, struct decision *ret);
/* SUPPORT_START, _ENDING, _END, ASK, ASK_REVOKE, ASK_ANSWER, CONCERN, FLAG_ANSWER, CALL_BACK,
 * CALLED_BACK, INFORMAL, ITEM_DONE, ITEMS_MAILED. */
MUST_CHECK int work_decide(struct node *node, const struct turn_view *view,
                           const struct command *command, struct decision *ret);
/* Each tick, while the clock is sound: follow the register, try again what waits. A step that
 * gives ERR_AGAIN or ERR_TOO_LARGE (the decision is full) takes its own facts back. */
MUST_CHECK int work_decide_due(struct node *node, const struct turn_view *view,
                               struct decision *ret);
/* NODE_FACT_SWEPT_SUPPORTS. */
MUST_CHECK int work_apply(struct node *node, const struct turn_view *view, const struct fact *fact);
/* Fills in row->support as a new or renewed support of ours (state active, its number one up, case
 * linked), and says nothing yet: for support-start, and for a consent that carries it at once. A
 * case that no import has brought yet is linked too. Refusals, with the row untouched: EXISTS (it's
 * active, or the case is another family's), WRONG_MOVE (the case is closed), UNKNOWN_VALUE,
 * MALFORMED (the case's id). Who may give which kind is the caller's. */
MUST_CHECK int support_begin(struct node *node, const struct turn_view *view,
                             struct family_row *row, const struct support_words *words,
                             enum refusal *ret_refusal);

/* -- what consents.c, new_card.c, withdrawals.c, looks.c give families.c -- */

MUST_CHECK int consent_give_decide(struct node *node, const struct turn_view *view,
                                   const struct command *command, struct decision *ret);
MUST_CHECK int consent_change_decide(struct node *node, const struct turn_view *view,
                                     const struct command *command, struct decision *ret);
MUST_CHECK int withdraw_decide(struct node *node, const struct turn_view *view,
                               const struct command *command, struct decision *ret);
MUST_CHECK int new_card_decide(struct node *node, const struct turn_view *view,
                               const struct command *command, struct decision *ret);

/* -- for node.c and arrivals.c (families.c) -- */

/* The commands from CONSENT_GIVE on, but LOOK (looks.h). */
MUST_CHECK int families_decide(struct node *node, const struct turn_view *view,
                               const struct command *command, struct decision *ret);
/* When time has passed. */
MUST_CHECK int families_decide_due(struct node *node, const struct turn_view *view,
                                   struct decision *ret);
/* NODE_FACT_FAMILY to NODE_FACT_KEYS, but NODE_FACT_TAKEN. */
MUST_CHECK int families_apply(struct node *node, const struct turn_view *view,
                              const struct fact *fact);
/* A family that we support has a new card (NOTICE_NEW_CARD): our support moves by itself. */
MUST_CHECK int new_card_take_notice(struct node *node, const struct turn_view *view,
                                    const struct notice_news *news, struct decision *ret);
