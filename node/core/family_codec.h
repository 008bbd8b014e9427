/* Rows, items and kept consents as the plaintext that is sealed. For family_store.c and
 * family_facts.c only; a version byte comes first. Texts and tokens of what is decoded point into
 * the bytes. */
#pragma once

#include "node/core/family_store.h"
#include "shared/base/buf.h"

enum {
    FAMILY_ROW_BYTES_MAX = 6144,
    FAMILY_ITEM_BYTES_MAX = 4096,
    FAMILY_CONSENT_BYTES_MAX = 12288,
};

void family_row_encode(const struct family_row *row, struct buf *out);
void family_item_encode(const struct item *item, struct buf *out);
void family_consent_encode(const struct consent_kept *kept, struct buf *out);

/* Errors: ERR_STORAGE (not what we wrote). */
MUST_CHECK int family_row_decode(struct bytes bytes, struct family_row *ret);
MUST_CHECK int family_item_decode(struct bytes bytes, struct item *ret);
MUST_CHECK int family_consent_decode(struct bytes bytes, struct consent_kept *ret);
