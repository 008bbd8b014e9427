/* Tombstones at a node: what came from others about a family goes, its keys are shredded, and only
 * then the hub gets the signed receipt (DESIGN 5, Withdrawing).
 *
 * Three commits, each of which a crash may follow: the tombstone's arrival erases row, items and
 * all that is in them and queues their record keys; SHREDDED takes keys from that queue; a tick
 * that finds none in it that stood there when the tombstone came composes the receipt. Our own
 * register isn't touched, and of our own record of the consent the bare proof stays until its
 * retention ends. */
#pragma once

#include "node/core/families.h"

/* Whether that handle's consent ended here by a tombstone. Errors: ERR_STORAGE. */
MUST_CHECK int stone_stands(const struct node *node, struct store_txn *view,
                            const struct family_handle *handle, bool *ret);
/* Carries a tombstone out, or, with an id of zeros, our own word that a consent ended, which is
 * receipted to nobody; family_mail.c adds the stamp. Errors: ERR_AGAIN (a record key is wanted for
 * the bare proof), the world's. */
MUST_CHECK int stones_take(struct node *node, const struct turn_view *view,
                           const struct tombstone *tombstone, struct decision *ret);
/* The hub knows of no consent for a family that was withdrawn here: erased without its tombstone.
 */
MUST_CHECK int stones_erase_family(struct node *node, const struct turn_view *view, uint32_t number,
                                   struct decision *ret);
/* Receipts of tombstones that are carried out. */
MUST_CHECK int stones_decide_due(struct node *node, const struct turn_view *view,
                                 struct decision *ret);
/* Our own records past their retention go, and tombstones that no consent can be under any more;
 * and what is kept under a consent whose end passed without a word of the hub. */
MUST_CHECK int stones_decide_swept(struct node *node, const struct turn_view *view,
                                   struct decision *ret);
MUST_CHECK int stones_apply(const struct node *node, const struct turn_view *view,
                            const struct fact *fact);

/* Appends the event that ends a consent to its record, once. */
void consent_record_end(struct consent_record *record, const struct consent_event *end);

/* What we ourselves said about a family whose card was replaced, where the tombstone overtook the
 * news of the new card: kept a month at most, sealed under a record key of its own that is shredded
 * with it. No handle and no presence seed: of that key the public half alone, without which nobody
 * could tell who may bring the news. It opens nothing and signs nothing. */
struct remnant {
    struct own_support support;
    struct sign_public presence;
    uint64_t record_key;
};
/* Errors: ERR_NOT_FOUND, ERR_CRYPTO, ERR_STORAGE. */
MUST_CHECK int stone_remnant(const struct node *node, const struct turn_view *view,
                             const struct family_handle *old, struct remnant *ret);
/* It moved to the new handle: the remnant goes. */
MUST_CHECK int stone_decide_moved(struct node *node, const struct turn_view *view,
                                  const struct family_handle *old, uint64_t record_key,
                                  struct decision *ret);

/* -- for stones_swept.c -- */

enum { STONE_DAYS = 367 }; /* no consent lives longer than twelve months */

/* A letter and a lookup: 'h' the handle's stone, 'm' what of our own is kept until the family's new
 * card comes. */
struct stone_key {
    uint8_t bytes[1 + sizeof(struct digest)];
};
struct stone_key stone_key(char letter, const struct digest *lookup);
/* That record of TABLE_STONES goes; the key that it was sealed under is queued for shredding (0:
 * none). */
MUST_CHECK int stone_decide_forgotten(const struct turn_view *view, struct bytes key,
                                      uint64_t shred, struct decision *ret);
