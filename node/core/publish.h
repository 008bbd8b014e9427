/* The weekly figures on their way out: which freeze is due, what it publishes, and that it stays
 * so.
 *
 * A freeze is decided once, from the register as it is then, and kept; another import in the same
 * week changes nothing of it (PRIVACY 2.4). It's decided at the node's own offset after the freeze,
 * or at once when somebody asks to publish. What may leave is disclosure.h's matter.
 *
 * TABLE_FREEZE: be32 freeze day -> when and from what it was decided, the message, the body. */
#pragma once

#include "node/core/disclosure.h"
#include "node/core/node.h"
#include "node/core/register.h"
#include "shared/base/arena.h"
#include "shared/store/txn.h"
#include "shared/turn/turn.h"

/* A register that was imported longer ago than this says nothing of the freeze: the hub would call
 * such a figure unknown (DESIGN 4: two periods and a day). */
enum { PUBLISH_REGISTER_DAYS_MAX = 15 };

struct freeze_record {
    int32_t freeze_day;
    int64_t decided_ms;
    uint64_t generation; /* 0: the hub told us what we had published */
    uint64_t withheld;   /* figures that a limit or the guard kept back */
    struct message_id message;
    struct bytes body; /* of the signal; valid as store_get's */
};

/* Errors: ERR_NOT_FOUND, ERR_STORAGE. */
MUST_CHECK int freeze_get(struct store_txn *view, int32_t freeze_day, struct freeze_record *ret);
MUST_CHECK int freeze_last(struct store_txn *view, struct freeze_record *ret);

/* What a freeze would publish by the register as it is and the memory before that freeze, in the
 * arena. Errors: as register_each, weekly_add and disclosure_decide. */
struct publish_source {
    const struct node_keys *keys;
    const struct register_generation *standing;
    int32_t freeze_day;
};
MUST_CHECK int publish_disclose(struct store_txn *view, const struct publish_source *source,
                                struct arena *arena, struct disclosure *ret);

/* Whether somebody has published by command once: TABLE_SETTINGS "released". Errors: ERR_STORAGE.
 */
MUST_CHECK int publish_released(struct store_txn *view, bool *ret);

/* When the node sends the freeze that stands at `freeze_ms` (freeze_before). */
int64_t publish_due_ms(const struct org_id *own, int64_t freeze_ms);

/* What the standing freeze has published or would publish now, beside the true figures of the
 * register as it is now. Once it's decided, a line that is neither withheld nor published came into
 * the register later. */
struct publish_preview {
    int32_t freeze_day;
    bool decided;
    bool released; /* publish_released */
    int64_t due_ms;
    struct signal signal;
    struct preview preview;
};
/* For the shell, in a transaction of its own (any thread, as far as the keys allow it). Everything
 * in the arena. Errors: ERR_NOT_FOUND (no register, or its key is gone), ERR_TOO_LARGE (more
 * categories than a signal carries), ERR_CRYPTO, ERR_NO_MEMORY, ERR_STORAGE. */
struct publish_preview_of {
    struct org_id own;
    struct node_keys keys;
    int64_t now_ms;
};
MUST_CHECK int publish_preview(struct store_txn *view, const struct publish_preview_of *of,
                               struct arena *arena, struct publish_preview *ret);

/* For apply: the hub holds this signal of ours (memory.c). Errors: ERR_NO_MEMORY, ERR_STORAGE. */
MUST_CHECK int publish_adopt(const struct turn_view *view, struct bytes body);
