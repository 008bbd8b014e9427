#include "hub/core/flag_rows.h"

#include <string.h>

#include "hub/core/facts.h"
#include "hub/core/family_codec.h"
#include "hub/core/flags.h"

enum { VERSION = 1 };

void flag_row_write(struct buf *buf, const struct flag_row *row) {
    buf_u8(buf, VERSION);
    buf_u8(buf, (uint8_t)row->kind);
    buf_u8(buf, (uint8_t)row->state);
    day_write(buf, row->opened_day);
    org_write(buf, &row->turn);
    day_write(buf, row->acknowledge_by_day);
    day_write(buf, row->contact_by_day);
    buf_u8(buf, row->reopened);
    buf_u8(buf, row->escalated ? 1 : 0);
    org_write(buf, &row->about_org);
}

static int flag_read(struct bytes key, struct bytes value, struct flag_row *ret) {
    struct reader reader = reader_over(value);
    struct flag_row row = {0};
    uint8_t version = read_u8(&reader);
    row.kind = (enum flag_kind)read_u8(&reader);
    row.state = (enum flag_state)read_u8(&reader);
    row.opened_day = day_read(&reader);
    row.turn = org_read(&reader);
    row.acknowledge_by_day = day_read(&reader);
    row.contact_by_day = day_read(&reader);
    row.reopened = read_u8(&reader);
    row.escalated = read_u8(&reader) != 0;
    row.about_org = org_read(&reader);
    if (key.length != sizeof(row.id.bytes) || version != VERSION || reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    memcpy(row.id.bytes, key.data, sizeof(row.id.bytes));
    *ret = row;
    return 0;
}

struct flag_row flag_row_of(const struct family_flag *flag) {
    return (struct flag_row){
        .id = flag->id,
        .kind = flag->kind,
        .state = flag->state,
        .opened_day = flag->opened_day,
        .turn = flag_owner(flag),
        .acknowledge_by_day = flag->acknowledge_by_day,
        .contact_by_day = flag->contact_by_day,
        .reopened = flag->reopened,
        .escalated = flag->turn >= flag->line_count,
    };
}

int flag_first(struct store_txn *view, struct flag_cursor *cursor, struct flag_row *ret) {
    int r = store_first(view, TABLE_FLAGS, &cursor->at);
    return r < 0 ? r : flag_read(cursor->at.key, cursor->at.value, ret);
}

int flag_next(struct flag_cursor *cursor, struct flag_row *ret) {
    int r = store_next(&cursor->at);
    return r < 0 ? r : flag_read(cursor->at.key, cursor->at.value, ret);
}

int flag_row_decide(const struct turn_view *view, const struct flag_row *row,
                    struct decision *ret) {
    struct buf buf = decision_buf(view, FLAG_ROW_BYTES_MAX);
    buf_raw(&buf, BYTES_OF(row->id));
    buf_u8(&buf, row->state == FLAG_CLOSED ? 0 : 1);
    flag_row_write(&buf, row);
    return decision_add(ret, FACT_FLAG_ROW, &buf);
}

int flag_row_apply(const struct turn_view *view, struct bytes body) {
    struct reader reader = reader_over(body);
    struct message_id id = {0};
    read_raw(&reader, id.bytes, sizeof(id.bytes));
    bool stands = read_u8(&reader) != 0;
    if (reader.error != 0) {
        return ERR_STORAGE;
    }
    if (stands) {
        store_put(view->txn, TABLE_FLAGS, BYTES_OF(id), reader.rest);
    } else {
        store_delete(view->txn, TABLE_FLAGS, BYTES_OF(id));
    }
    return 0;
}
