/* A family's row as bytes: compact, with a version byte, before it's sealed (family_store.h). */
#pragma once

#include "hub/core/family.h"
#include "shared/base/arena.h"
#include "shared/base/buf.h"

enum { FAMILY_ROW_BYTES_MAX = 24 << 10 };

void family_write(struct buf *buf, const struct family *family);
/* In the arena; the token borrows from `bytes`, which must live as long.
 * Errors: ERR_STORAGE (no bytes of ours), ERR_NO_MEMORY. */
MUST_CHECK int family_read(struct bytes bytes, struct arena *arena, struct family **ret);

/* A name in as many bytes as it has; a failed read gives zeros. */
void org_write(struct buf *buf, const struct org_id *org);
struct org_id org_read(struct reader *reader);
/* A day, FAMILY_DAY_NONE too. */
void day_write(struct buf *buf, int32_t day);
int32_t day_read(struct reader *reader);
