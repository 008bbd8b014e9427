/* Entries of the directory that this organisation makes about itself and signs alone: new keys
 * (rotation.h) and closure days (hours.h).
 *
 * An entry stands on the directory's head as we know it. Where another came first the hub refuses
 * it and it's made anew on the head that we know by then. One of a kind is on its way at a time;
 * one more may wait behind it. What may stand in it is its maker's matter. */
#pragma once

#include "node/core/families.h"

enum own_entry_kind { OWN_ENTRY_SEAL = 1, OWN_ENTRY_CONTACT = 2, OWN_ENTRY_HOURS = 3 };

struct own_entry {
    enum own_entry_kind kind;
    struct member part; /* only what changes; of OWN_ENTRY_HOURS the closures alone */
    uint64_t head;      /* the entry that it was composed on, or that it waits behind */
    bool waits;         /* not sent yet: the one on its way comes first */
};

/* The one on its way or waiting, in the arena. Errors: ERR_NOT_FOUND (none), ERR_STORAGE,
 * ERR_NO_MEMORY. */
MUST_CHECK int own_entry_get(struct store_txn *view, enum own_entry_kind kind, struct arena *arena,
                             struct own_entry *ret);
/* Composes, signs, checks and posts it; `head` is filled in. Walk-in and sitting hours stay as the
 * directory has them. Refusals: what directory_check says of it. */
MUST_CHECK int own_entry_post(struct node *node, const struct turn_view *view,
                              struct own_entry *entry, struct decision *ret);
/* Takes the place of what waits behind the one on its way, which has that `head`. */
MUST_CHECK int own_entry_wait(const struct turn_view *view, struct own_entry *entry,
                              struct decision *ret);
/* The hub's receipt: done, or made anew; then the one that waits. ERR_AGAIN: the entry that came on
 * that head isn't here yet. */
MUST_CHECK int own_entry_settled(struct node *node, const struct turn_view *view,
                                 const struct sent_note *note, struct decision *ret);
MUST_CHECK int own_entry_apply(const struct turn_view *view, const struct fact *fact);
