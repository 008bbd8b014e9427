/* The coordinator's board: open flags by kind, age and whose turn it is, never a handle.
 *
 * TABLE_FLAGS: flag id -> row. Those of families come and go with their family's row
 * (family_store.h); the others, node-quiet and call-back, by facts of their own. */
#pragma once

#include "hub/core/family.h"
#include "shared/store/txn.h"
#include "shared/turn/decision.h"

enum { FLAG_ROW_BYTES_MAX = 160 };

/* What the coordinator sees of an open flag: never a handle. */
struct flag_row {
    struct message_id id;
    enum flag_kind kind;
    enum flag_state state;
    int32_t opened_day;
    struct org_id turn;         /* zeros: the board */
    int32_t acknowledge_by_day; /* FAMILY_DAY_NONE: no clock */
    int32_t contact_by_day;
    uint8_t reopened;
    bool escalated;
    struct org_id about_org; /* node-quiet: which; call-back: the desk; zeros else */
};
/* A row that belongs to no family (node-quiet, call-back): adds FACT_FLAG_ROW; closed: it goes. */
MUST_CHECK int flag_row_decide(const struct turn_view *view, const struct flag_row *row,
                               struct decision *ret);
struct flag_cursor {
    struct store_cursor at;
};
/* In order of id. Errors: ERR_NOT_FOUND at the end, ERR_STORAGE. */
MUST_CHECK int flag_first(struct store_txn *view, struct flag_cursor *cursor, struct flag_row *ret);
MUST_CHECK int flag_next(struct flag_cursor *cursor, struct flag_row *ret);

/* For family_store.h: a family's flag as the board has it, and its bytes. */
struct flag_row flag_row_of(const struct family_flag *flag);
void flag_row_write(struct buf *buf, const struct flag_row *row);
/* FACT_FLAG_ROW. */
MUST_CHECK int flag_row_apply(const struct turn_view *view, struct bytes body);
