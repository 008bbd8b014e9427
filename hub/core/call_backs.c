#include <string.h>

#include "hub/core/counts.h"
#include "hub/core/families.h"
#include "hub/core/flag_rows.h"
#include "hub/core/notices.h"
#include "shared/base/civil.h"
#include "shared/consent/consent.h"
#include "shared/places/working_days.h"

/* "Call me back": a volunteer who worries, without a card. Nothing about a family is in it; its own
 * details are sealed to the onthaal desk. The hub keeps that it was asked, and the clock.
 *
 * TABLE_CALL_BACKS: id -> version, from, to, municipality, language, since, until which day,
 * whether it stands on the board. */

enum { VERSION = 1, OPEN_PER_MEMBER_MAX = 50, ROW_BYTES = 256, DUE_FACTS_MAX = 64 };

struct call_back_row {
    struct message_id id;
    struct org_id from;
    struct org_id to;
    struct nis nis;
    struct language language;
    int32_t since_day;
    int32_t until_day;
    bool on_board;
    bool done; /* in a fact: it goes */
};

static void row_write(struct buf *buf, const struct call_back_row *row) {
    buf_u8(buf, VERSION);
    buf_raw(buf, BYTES_OF(row->id));
    buf_text(buf, row->from.text);
    buf_text(buf, row->to.text);
    buf_u32(buf, row->nis.code);
    buf_text(buf, row->language.code);
    buf_u32(buf, (uint32_t)row->since_day);
    buf_u32(buf, (uint32_t)row->until_day);
    buf_u8(buf, row->on_board);
    buf_u8(buf, row->done);
}

static int row_read(struct bytes value, struct call_back_row *ret) {
    struct reader reader = reader_over(value);
    struct call_back_row row = {0};
    uint8_t version = read_u8(&reader);
    read_raw(&reader, row.id.bytes, sizeof(row.id.bytes));
    read_text(&reader, row.from.text, sizeof(row.from.text));
    read_text(&reader, row.to.text, sizeof(row.to.text));
    row.nis.code = read_u32(&reader);
    read_text(&reader, row.language.code, sizeof(row.language.code));
    row.since_day = (int32_t)read_u32(&reader);
    row.until_day = (int32_t)read_u32(&reader);
    row.on_board = read_u8(&reader) != 0;
    row.done = read_u8(&reader) != 0;
    if (version != VERSION || reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    *ret = row;
    return 0;
}

static int row_get(struct store_txn *view, const struct message_id *id, struct call_back_row *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_CALL_BACKS, BYTES_OF(*id), &value);
    return r < 0 ? r : row_read(value, ret);
}

static int add_row(const struct turn_view *view, const struct call_back_row *row,
                   struct decision *ret) {
    struct buf buf = decision_buf(view, ROW_BYTES);
    row_write(&buf, row);
    return decision_add(ret, FACT_CALL_BACK, &buf);
}

/* What the coordinator sees of one that nobody answers. */
static int board(const struct turn_view *view, const struct call_back_row *row,
                 enum flag_state state, struct decision *ret) {
    const struct flag_row flag = {
        .id = row->id,
        .kind = FLAG_CALL_BACK,
        .state = state,
        .opened_day = row->since_day,
        .acknowledge_by_day = FAMILY_DAY_NONE,
        .contact_by_day = FAMILY_DAY_NONE,
        .escalated = true,
        .about_org = row->to,
    };
    return flag_row_decide(view, &flag, ret);
}

static int count_open_of(struct store_txn *view, const struct org_id *from, unsigned *ret) {
    struct store_cursor cursor;
    struct call_back_row row;
    int r;
    *ret = 0;
    for (r = store_first(view, TABLE_CALL_BACKS, &cursor); r == 0; r = store_next(&cursor)) {
        r = row_read(cursor.value, &row);
        if (r < 0) {
            return r;
        }
        *ret += org_id_equal(&row.from, from);
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

static int judge_new(const struct turn_view *view, const struct org_id *from,
                     const struct call_back *message, enum refusal *ret) {
    struct call_back_row row;
    bool member = false;
    unsigned open = 0;
    *ret = consent_purpose_check(MESSAGE_KIND_CALL_BACK, message->purpose);
    if (*ret != REFUSAL_NONE) {
        return 0;
    }
    int r = row_get(view->txn, &message->id, &row);
    if (r != ERR_NOT_FOUND) {
        *ret = REFUSAL_EXISTS;
        return r;
    }
    r = member_is_active(view->txn, &message->to, &member);
    if (r < 0 || !member) {
        *ret = REFUSAL_NO_DESK;
        return r;
    }
    r = count_open_of(view->txn, from, &open);
    *ret = open >= OPEN_PER_MEMBER_MAX ? REFUSAL_OVER_QUOTA : REFUSAL_NONE;
    return r;
}

static int decide_call_back(struct hub *hub, const struct turn_view *view,
                            const struct office_mail *mail, struct decision *ret) {
    struct call_back message;
    const struct org_id *from = &mail->envelope.sender.org;
    const int32_t today = brussels_day(view->now_ms);
    if (mail->envelope_bytes.length > RELAYED_BYTES_MAX) {
        ret->refusal = REFUSAL_TOO_LARGE;
        return 0;
    }
    ret->refusal = call_back_decode(mail->envelope.body, view->arena, &message);
    if (ret->refusal != REFUSAL_NONE) {
        return arena_judged(ret->refusal);
    }
    int r = judge_new(view, from, &message, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    const struct call_back_row row = {
        .id = message.id,
        .from = *from,
        .to = message.to,
        .nis = message.nis,
        .language = message.language,
        .since_day = today,
        .until_day = working_days_after(today, FLAG_ACKNOWLEDGE_WORKING_DAYS),
    };
    struct notice notice = {
        .kind = NOTICE_CALL_BACK,
        .purpose = PURPOSE_CONCERN,
        .about = message.id,
        .origin = {.envelope = mail->envelope_bytes, .signature = mail->signature},
    };
    rng_fill(view->rng, notice.id.bytes, sizeof(notice.id.bytes));
    const struct family_count count = {.kind = COUNT_CALL_BACK};
    r = families_taken(view, mail, ret);
    if (r == 0) {
        r = add_row(view, &row, ret);
    }
    if (r == 0) {
        r = counts_decide(view, &count, 1, ret);
    }
    return r < 0 ? r : notices_post(hub, view, &message.to, &notice, ret);
}

static int decide_done(struct hub *hub, const struct turn_view *view,
                       const struct office_mail *mail, struct call_back_row *row,
                       struct decision *ret) {
    const int32_t days = brussels_day(view->now_ms) - row->since_day;
    struct notice notice = {
        .kind = NOTICE_CALLED_BACK, .purpose = PURPOSE_CONCERN, .about = row->id};
    const struct family_count count = {.kind = COUNT_CALLED_BACK,
                                       .days = days < 0 ? 0 : (uint32_t)days};
    row->done = true;
    rng_fill(view->rng, notice.id.bytes, sizeof(notice.id.bytes));
    int r = families_taken(view, mail, ret);
    if (r == 0) {
        r = add_row(view, row, ret);
    }
    if (r == 0 && row->on_board) {
        r = board(view, row, FLAG_CLOSED, ret);
    }
    if (r == 0) {
        r = counts_decide(view, &count, 1, ret);
    }
    return r < 0 ? r : notices_post(hub, view, &row->from, &notice, ret);
}

static int decide_called_back(struct hub *hub, const struct turn_view *view,
                              const struct office_mail *mail, struct decision *ret) {
    struct called_back message;
    struct call_back_row row;
    ret->refusal = called_back_decode(mail->envelope.body, view->arena, &message);
    if (ret->refusal != REFUSAL_NONE) {
        return arena_judged(ret->refusal);
    }
    ret->refusal = consent_purpose_check(MESSAGE_KIND_CALLED_BACK, message.purpose);
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    int r = row_get(view->txn, &message.id, &row);
    if (r == ERR_NOT_FOUND) {
        ret->refusal = REFUSAL_NOT_FOUND;
        return 0;
    }
    if (r < 0) {
        return r;
    }
    if (!org_id_equal(&row.to, &mail->envelope.sender.org)) {
        ret->refusal = REFUSAL_NOT_YOURS;
        return 0;
    }
    return decide_done(hub, view, mail, &row, ret);
}

int call_backs_decide(struct hub *hub, const struct turn_view *view, const struct office_mail *mail,
                      struct decision *ret) {
    return mail->kind->kind == MESSAGE_KIND_CALL_BACK ? decide_call_back(hub, view, mail, ret)
                                                      : decide_called_back(hub, view, mail, ret);
}

/* Its desk is no member any more. The details were sealed to that desk alone, so only who asked can
 * ask another: it hears why. */
static int decide_left(struct hub *hub, const struct turn_view *view, struct call_back_row *row,
                       struct decision *ret) {
    struct notice notice = {.kind = NOTICE_CALLED_BACK,
                            .purpose = PURPOSE_CONCERN,
                            .about = row->id,
                            .why = END_ORGANISATION_LEFT};
    row->done = true;
    rng_fill(view->rng, notice.id.bytes, sizeof(notice.id.bytes));
    int r = add_row(view, row, ret);
    if (r == 0 && row->on_board) {
        r = board(view, row, FLAG_CLOSED, ret);
    }
    return r < 0 ? r : notices_post(hub, view, &row->from, &notice, ret);
}

static int decide_late(const struct turn_view *view, struct call_back_row *row,
                       struct decision *ret) {
    row->on_board = true;
    int r = add_row(view, row, ret);
    return r < 0 ? r : board(view, row, FLAG_OPEN, ret);
}

static int decide_row(struct hub *hub, const struct turn_view *view, struct call_back_row *row,
                      struct decision *ret) {
    bool there = false;
    int r = member_is_active(view->txn, &row->to, &there);
    if (r < 0) {
        return r;
    }
    if (!there) {
        return decide_left(hub, view, row, ret);
    }
    const bool late = !row->on_board && brussels_day(view->now_ms) > row->until_day;
    return late ? decide_late(view, row, ret) : 0;
}

/* Each is looked at once a day, for its clock is one of days, and when the directory has changed:
 * a desk may have left. */
int call_backs_decide_due(struct hub *hub, const struct turn_view *view, struct decision *ret) {
    const int32_t today = brussels_day(view->now_ms);
    const size_t before = ret->fact_count;
    struct directory_head head;
    struct store_cursor cursor;
    struct call_back_row row;
    int r = directory_head(view->txn, &head);
    if (r < 0 || (hub->call_backs_day == today && hub->call_backs_head == head.sequence)) {
        return r;
    }
    for (r = store_first(view->txn, TABLE_CALL_BACKS, &cursor);
         r == 0 && ret->fact_count - before < DUE_FACTS_MAX; r = r < 0 ? r : store_next(&cursor)) {
        r = row_read(cursor.value, &row);
        r = r < 0 ? r : decide_row(hub, view, &row, ret);
    }
    if (r == ERR_NOT_FOUND && ret->fact_count == before) { /* all were seen, and none moved */
        hub->call_backs_day = today;
        hub->call_backs_head = head.sequence;
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

int call_backs_apply(const struct turn_view *view, const struct fact *fact) {
    struct call_back_row row;
    int r = row_read(fact->body, &row);
    if (r < 0) {
        return r;
    }
    if (row.done) {
        store_delete(view->txn, TABLE_CALL_BACKS, BYTES_OF(row.id));
    } else {
        store_put(view->txn, TABLE_CALL_BACKS, BYTES_OF(row.id), fact->body);
    }
    return 0;
}
