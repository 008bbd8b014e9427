/* The coordinator's board, as pages of it are read: open flags, the oldest first, by kind, age,
 * whose turn it is and what its clock says. Never a handle: there is none in what it reads. */
#pragma once

#include "hub/core/flag_rows.h"
#include "shared/store/txn.h"

enum { BOARD_PAGE_MAX = 200, BOARD_CURSOR_SIZE = 48 };

/* Between two rows: the day one was opened, and its id. */
struct board_place {
    int32_t opened_day;
    struct message_id id;
};

struct board_page {
    struct flag_row rows[BOARD_PAGE_MAX];
    size_t count;
    bool more; /* rows stand behind the last */
    /* Of all open flags, not of the page. */
    uint64_t open[FLAG_CALL_BACK + 1][FLAG_CLOSED + 1]; /* by kind and state */
    uint64_t total;
    uint64_t on_board; /* nobody's turn but the coordinator's */
    uint64_t overdue;
    int32_t oldest_day; /* FAMILY_DAY_NONE: none is open */
};

/* `limit` rows behind `after` (NULL: from the oldest on). Errors: ERR_STORAGE. */
struct board_query {
    const struct board_place *after; /* borrowed */
    size_t limit;                    /* 0 to BOARD_PAGE_MAX */
    int32_t today;
};
MUST_CHECK int board_read(struct store_txn *view, const struct board_query *query,
                          struct board_page *ret);

/* Whether what is due next of it was due before `today`: to be acknowledged, or the family to be
 * contacted. What is on the board has no clock. */
bool board_overdue(const struct flag_row *row, int32_t today);

void board_cursor_format(const struct flag_row *row, char ret_text[static BOARD_CURSOR_SIZE]);
/* Errors: ERR_MALFORMED. */
MUST_CHECK int board_cursor_parse(const char *text, struct board_place *ret);
