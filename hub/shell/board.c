#include "hub/shell/board.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/bytes.h"
#include "shared/base/civil.h"

static int compare(const struct flag_row *row, const struct board_place *place) {
    if (row->opened_day != place->opened_day) {
        return row->opened_day < place->opened_day ? -1 : 1;
    }
    return memcmp(row->id.bytes, place->id.bytes, sizeof(row->id.bytes));
}

static struct board_place place_of(const struct flag_row *row) {
    return (struct board_place){.opened_day = row->opened_day, .id = row->id};
}

/* The coordinator's turn. */
static bool is_mine(const struct flag_row *row) {
    return row->turn.text[0] == '\0';
}

bool board_overdue(const struct flag_row *row, int32_t today) {
    const bool acknowledge = row->state == FLAG_OPEN && row->acknowledge_by_day != FAMILY_DAY_NONE;
    const bool contact = (row->state == FLAG_OPEN || row->state == FLAG_ACKNOWLEDGED) &&
                         row->contact_by_day != FAMILY_DAY_NONE;
    return (acknowledge && row->acknowledge_by_day < today) ||
           (contact && row->contact_by_day < today);
}

/* Keeps the page sorted; what falls off its end is for the next. */
static void insert(struct board_page *page, size_t limit, const struct flag_row *row) {
    const struct board_place place = place_of(row);
    size_t at = page->count;
    while (at > 0 && compare(&page->rows[at - 1], &place) > 0) {
        at--;
    }
    page->more = page->more || page->count == limit;
    if (at == limit) {
        return;
    }
    const size_t kept = page->count < limit ? page->count : limit - 1;
    memmove(&page->rows[at + 1], &page->rows[at], (kept - at) * sizeof(page->rows[0]));
    page->rows[at] = *row;
    page->count = kept + 1;
}

static void count(struct board_page *page, const struct flag_row *row, int32_t today) {
    if (row->kind <= FLAG_CALL_BACK && row->state <= FLAG_CLOSED) {
        page->open[row->kind][row->state]++;
    }
    page->total++;
    page->on_board += is_mine(row) ? 1 : 0;
    page->overdue += board_overdue(row, today) ? 1 : 0;
    if (page->oldest_day == FAMILY_DAY_NONE || row->opened_day < page->oldest_day) {
        page->oldest_day = row->opened_day;
    }
}

int board_read(struct store_txn *view, const struct board_query *query, struct board_page *ret) {
    struct flag_cursor cursor;
    struct flag_row row;
    int r;
    *ret = (struct board_page){.oldest_day = FAMILY_DAY_NONE};
    for (r = flag_first(view, &cursor, &row); r == 0; r = flag_next(&cursor, &row)) {
        count(ret, &row, query->today);
        if (query->limit > 0 && (query->after == NULL || compare(&row, query->after) > 0)) {
            insert(ret, query->limit, &row);
        }
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

void board_cursor_format(const struct flag_row *row, char ret_text[static BOARD_CURSOR_SIZE]) {
    char day[DATE_TEXT_SIZE];
    char id[2 * sizeof(row->id.bytes) + 1];
    date_format(row->opened_day, day);
    hex_encode(BYTES_OF(row->id.bytes), id);
    (void)snprintf(ret_text, BOARD_CURSOR_SIZE, "%s:%s", day, id);
}

int board_cursor_parse(const char *text, struct board_place *ret) {
    char day[DATE_TEXT_SIZE];
    struct board_place place;
    const char *colon = strchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) != sizeof(day) - 1) {
        return ERR_MALFORMED;
    }
    memcpy(day, text, sizeof(day) - 1);
    day[sizeof(day) - 1] = '\0';
    int r = date_parse(day, &place.opened_day);
    r = r < 0 ? r : hex_decode(colon + 1, place.id.bytes, sizeof(place.id.bytes));
    if (r == 0) {
        *ret = place;
    }
    return r;
}
