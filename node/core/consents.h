/* Consents given at our table: the record that stays here, the token that travels, the envelopes
 * that the fallbacks alone can open. For the files in which a consent is given, changed, moved to a
 * new card or ended. */
#pragma once

#include "node/core/families.h"

/* How long the bare proof of a consent is kept after its end, where the record names no later day:
 * as long as somebody may still claim for what was done without one (Belgian Civil Code of 1804,
 * article 2262bis: five years). */
enum { CONSENT_PROOF_DAYS = 5 * 365 + 2 };

/* One consent under way in a decide. */
struct consent_making {
    struct node *node;
    const struct turn_view *view;
    const struct actor *actor;
    const struct consent_give_arguments *arguments;
    const struct own_support *moves; /* our support of the old card; NULL: none */
    bool support_expected;
    /* filled in */
    struct family_row *row;
    struct consent_kept *kept;
};

/* Judges and composes it: facts of the row, of our record, and of the message.
 * Errors: ERR_AGAIN, the world's. */
MUST_CHECK int consent_make(struct consent_making *making, struct decision *ret);

/* -- what giving and changing share -- */

/* What the card opens on our hub; the caller wipes it. */
struct consent_keys {
    struct sign_public family_public;
    struct sign_secret family;
    struct sign_public presence_public;
    struct presence_seed presence;
};
struct consent_keys consent_keys_of(const struct card *card, const struct hub_id *hub);
/* The presence key of a family that is known here, or whose card is on the table; the caller wipes
 * it. One of the two it must be. */
void consent_presence_of(const struct node *node, const struct family_met *met,
                         struct sign_secret *ret);
/* Ourselves as the directory has us. Refusals: NOT_MEMBER. */
MUST_CHECK int consent_issuer_own(struct node *node, const struct turn_view *view,
                                  struct consent_issuer *ret, enum refusal *ret_refusal);
/* Above that of `before` (NULL: not known). */
uint32_t consent_number_after(const struct consent_token *before, int64_t now_ms);
MUST_CHECK int consent_commit(const struct turn_view *view, const struct consent_kept *kept,
                              struct digest *ret);
/* Signs the token; then judges it as the hub will, but where `check` is NULL. */
struct consent_signing {
    struct node *node;
    const struct turn_view *view;
    const struct consent_token *token;
    const struct consent_check *check;
    const struct sign_secret *family;
    /* filled in */
    struct signed_token signed_token;
    enum consent_state state;
};
MUST_CHECK int consent_sign(struct consent_signing *signing, enum refusal *ret_refusal);
/* Before the talk: whether this family can be asked anew here, as CONSENT_CHANGE with a record will
 * judge it. Refusals: NOT_MEMBER, NEEDS_AUTHORITY (we may ask for nothing, or not for parts that
 * stand and would go). Errors: ERR_NO_MEMORY, ERR_STORAGE. */
struct consent_asking {
    const struct org_id *own;
    const struct family_vault *vault;
    const struct family_handle *handle;
};
MUST_CHECK int consent_asking_judge(struct store_txn *view, const struct consent_asking *asking,
                                    struct arena *arena, enum refusal *ret_refusal);
/* Seals the contacts to the token's fallbacks; NULL: none. Refusals: UNKNOWN_RECIPIENT (no member),
 * MAY_SANCTION, OUT_OF_SCOPE (a contact without its fallback), TOO_LARGE. */
struct consent_sealing {
    const struct turn_view *view;
    const struct consent_token *token;
    const struct presence_seed *presence;
    const char *first;
    const char *second;
    bool narrows; /* fallbacks that stand and get no new envelope are left as they are */
};
MUST_CHECK int consent_seal(const struct consent_sealing *sealing, struct consent_message *message,
                            enum refusal *ret_refusal);

/* "2027-10-31": the last day on which a consent stands. */
enum { DAY_TEXT_SIZE = 16 };
void consent_last_day(uint32_t end_month, char ret_text[static DAY_TEXT_SIZE]);
/* That event, at the end of the record; where it's full the second goes. */
void consent_record_add(struct consent_record *record, const struct consent_event *event);

/* -- withdrawing (withdrawals.c) -- */

struct withdrawing {
    struct node *node;
    const struct turn_view *view;
    const struct actor *actor;
    enum withdrawal_basis basis;
    const char *paper; /* NULL: none */
    struct family_met *met;
};
/* The message; and the row, where we have one, waits for the tombstone. WITHDRAWAL_CARD wants the
 * card, the others a row or the card. Errors: ERR_AGAIN, the world's. */
MUST_CHECK int withdrawal_make(const struct withdrawing *from, struct decision *ret);
