/* What the hub tells us, made into items. arrivals.c has opened it and checked form, purpose,
 * signatures and consent (struct notice_news); here is what each kind does, and whether it's for us
 * at all.
 *
 * Called through items_take_notice (families.h). Refusals, with nothing stored: NO_CONSENT (about a
 * family, without a token, and we know of no consent either), NOT_FOUND (an answer to nothing that
 * we raised: an orphan), NOT_YOURS (from another than who may say it, or to another than us),
 * BAD_SIGNATURE (a statement that isn't by the family's presence key), MALFORMED, UNKNOWN_VALUE.
 * Older news than what an item has is taken and changes nothing. */
#pragma once

#include "node/core/items.h"

/* One notice under work. */
struct notice_work {
    struct node *node;
    const struct turn_view *view;
    const struct notice_news *news;
    const struct notice *notice;
    struct family_row *row; /* NULL: not known here */
    struct decision *ret;
};

/* The item about it; where there's none a fresh one of that kind with what all notices tell, and
 * `ret_fresh` true. NULL: the one we have holds newer news. */
MUST_CHECK int notice_item(const struct notice_work *work, enum notice_kind kind,
                           struct bytes subject, struct item **ret, bool *ret_fresh);

/* By kind (ask_notices.c, call_backs.c). */
MUST_CHECK int ask_notice_take(const struct notice_work *work);
MUST_CHECK int ask_news_take(const struct notice_work *work);
MUST_CHECK int call_back_notice_take(const struct notice_work *work);
MUST_CHECK int called_back_notice_take(const struct notice_work *work);
