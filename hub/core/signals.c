#include "hub/core/signals.h"

#include <string.h>

#include "hub/core/state.h"
#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/figures/histogram.h"
#include "shared/figures/interval.h"

enum {
    RECORD_VERSION = 1,
    KEY_BYTES = ORG_ID_MAX + 1 + 4,
    SMALLEST_PUBLISHED = 3, /* js = 2: a register's perturbed counts are 0 or 3 and more */
    TABLES_FROM = 50 - BAND_HYSTERESIS, /* open cases; below them there are only bands */
};

struct signal_key {
    uint8_t bytes[KEY_BYTES];
};

static struct signal_key signal_key(const struct org_id *org, int32_t day) {
    struct signal_key key;
    memcpy(key.bytes, org->text, sizeof(org->text));
    be32_write(key.bytes + sizeof(org->text), (uint32_t)day);
    return key;
}

/* -- decide -- */

static bool count_plausible(const struct count *count) {
    return count->form != COUNT_VALUE || count->value == 0 || count->value >= SMALLEST_PUBLISHED;
}

static bool bins_plausible(const struct wait_bins *bins) {
    for (size_t i = 0; bins->edge_count > 0 && i <= bins->edge_count; i++) {
        if (bins->counts[i] != 0 && bins->counts[i] < SMALLEST_PUBLISHED) {
            return false;
        }
    }
    return true;
}

/* What every reader of histograms relies on, whoever published them. */
static bool bins_sound(const struct wait_bins *bins) {
    struct histogram histogram = {.edge_count = (uint8_t)bins->edge_count};
    if (bins->edge_count == 0) {
        return true;
    }
    memcpy(histogram.edges_weeks, bins->edges_weeks, sizeof(histogram.edges_weeks));
    for (size_t i = 0; i <= bins->edge_count; i++) {
        histogram.counts[i] = bins->counts[i];
    }
    return histogram_check(&histogram) == REFUSAL_NONE;
}

static bool all_bins_sound(const struct signal *signal) {
    bool sound = true;
    for (size_t i = 0; i < signal->service_count; i++) {
        const struct service_figures *service = &signal->services[i];
        sound = sound && bins_sound(&service->still_waiting) &&
                bins_sound(&service->started_this_quarter) &&
                bins_sound(&service->started_last_quarter) && bins_sound(&service->since_contact);
        for (size_t k = 0; k < service->left_count; k++) {
            sound = sound && bins_sound(&service->left[k].waits);
        }
    }
    return sound;
}

static bool service_plausible(const struct service_figures *service) {
    bool plausible =
        count_plausible(&service->open) && count_plausible(&service->waiting) &&
        bins_plausible(&service->still_waiting) && bins_plausible(&service->started_this_quarter) &&
        bins_plausible(&service->started_last_quarter) && bins_plausible(&service->since_contact);
    for (size_t i = 0; i < service->left_count; i++) {
        plausible = plausible && bins_plausible(&service->left[i].waits);
    }
    return plausible;
}

/* What no honest node's disclosure lets out (DESIGN 4). Published figures are what their owner made
 * public already and aren't judged. */
static bool disclosure_kept(const struct signal *signal) {
    if (signal->origin != FIGURES_ORIGIN_REGISTER) {
        return true;
    }
    bool has_tables =
        signal->service_count > 0 || signal->place_count > 0 || signal->language_count > 0;
    if (has_tables && (signal->open.form != COUNT_VALUE || signal->open.value < TABLES_FROM)) {
        return false;
    }
    bool kept = count_plausible(&signal->open) && count_plausible(&signal->waiting);
    for (size_t i = 0; i < signal->service_count; i++) {
        kept = kept && service_plausible(&signal->services[i]);
    }
    for (size_t i = 0; i < signal->place_count; i++) {
        kept = kept && count_plausible(&signal->places[i].open) &&
               count_plausible(&signal->places[i].waiting);
    }
    for (size_t i = 0; i < signal->language_count; i++) {
        kept = kept && count_plausible(&signal->languages[i].open) &&
               count_plausible(&signal->languages[i].waiting);
    }
    return kept;
}

static enum refusal judge_signal(const struct hub *hub, const struct turn_view *view,
                                 const struct signal *signal) {
    int32_t today = brussels_day(view->now_ms);
    if (!disclosure_kept(signal) || !all_bins_sound(signal)) {
        return REFUSAL_IMPLAUSIBLE;
    }
    if (hub->clock_halted) {
        return REFUSAL_NONE;
    }
    if (signal->as_of_day > today) {
        return REFUSAL_FROM_THE_FUTURE;
    }
    return signal->as_of_day < today - SIGNAL_KEEP_WEEKS * 7 ? REFUSAL_STALE : REFUSAL_NONE;
}

int signals_decide(struct hub *hub, const struct turn_view *view, const struct office_mail *mail,
                   struct decision *ret) {
    struct signal signal;
    struct status status;
    bool is_signal = mail->kind->kind == MESSAGE_KIND_SIGNAL;
    if (is_signal) {
        ret->refusal = signal_decode(mail->envelope.body, view->arena, &signal);
    } else {
        ret->refusal = status_decode(mail->envelope.body, view->arena, &status);
    }
    if (ret->refusal == REFUSAL_NO_ROOM) {
        return ERR_NO_MEMORY;
    }
    if (ret->refusal == REFUSAL_NONE && is_signal) {
        ret->refusal = judge_signal(hub, view, &signal);
    }
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    struct bytes body = is_signal ? signal_unpadded(mail->envelope.body) : mail->envelope.body;
    struct buf buf = decision_buf(view, 256 + body.length);
    stamp_write(&buf, &mail->stamp);
    buf_i64(&buf, view->now_ms);
    buf_u32(&buf, is_signal ? (uint32_t)signal.as_of_day : 0);
    buf_run(&buf, body);
    return decision_add(ret, is_signal ? FACT_SIGNAL : FACT_STATUS, &buf);
}

int signals_decide_retention(struct hub *hub, const struct turn_view *view, struct decision *ret) {
    struct bytes value;
    int32_t before = brussels_day(view->now_ms) - SIGNAL_KEEP_WEEKS * 7;
    if (hub->clock_halted) {
        return 0;
    }
    int r = store_get(view->txn, TABLE_STATE, bytes_from_text("retention"), &value);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    if (r == 0 && value.length == 4 && (int32_t)be32_read(value.data) >= before) {
        return 0;
    }
    struct buf buf = decision_buf(view, 4);
    buf_u32(&buf, (uint32_t)before);
    return decision_add(ret, FACT_RETENTION, &buf);
}

/* -- apply -- */

struct signal_fact {
    struct stamp stamp;
    int64_t received_ms;
    int32_t as_of_day;
    struct bytes body;
};

static int fact_parse(struct bytes bytes, struct signal_fact *ret) {
    struct reader reader = reader_over(bytes);
    stamp_read(&reader, &ret->stamp);
    ret->received_ms = read_i64(&reader);
    ret->as_of_day = (int32_t)read_u32(&reader);
    ret->body = read_run(&reader);
    return reader_end(&reader) < 0 ? ERR_STORAGE : 0;
}

/* The record: version, when received, incarnation and number of its message, and the body. */
struct record {
    int64_t received_ms;
    uint64_t incarnation;
    uint64_t number;
    struct bytes body;
};

static int record_parse(struct bytes value, struct record *ret) {
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    ret->received_ms = read_i64(&reader);
    ret->incarnation = read_u64(&reader);
    ret->number = read_u64(&reader);
    ret->body = read_run(&reader);
    return version != RECORD_VERSION || reader_end(&reader) < 0 ? ERR_STORAGE : 0;
}

static bool is_later(const struct signal_fact *fact, const struct record *record) {
    return fact->stamp.incarnation > record->incarnation ||
           (fact->stamp.incarnation == record->incarnation && fact->stamp.number > record->number);
}

/* Of two messages for the same place the later sent one stands, in whatever order they came. */
static int record_put(const struct turn_view *view, enum table table, struct bytes key,
                      const struct signal_fact *fact) {
    struct bytes value;
    struct record before;
    int r = store_get(view->txn, table, key, &value);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    if (r == 0 && record_parse(value, &before) < 0) {
        return ERR_STORAGE;
    }
    if (r == 0 && !is_later(fact, &before)) {
        return 0;
    }
    struct buf buf = decision_buf(view, 64 + fact->body.length);
    buf_u8(&buf, RECORD_VERSION);
    buf_i64(&buf, fact->received_ms);
    buf_u64(&buf, fact->stamp.incarnation);
    buf_u64(&buf, fact->stamp.number);
    buf_run(&buf, fact->body);
    if (buf.error < 0) {
        return buf.error;
    }
    store_put(view->txn, table, key, buf_bytes(&buf));
    return 0;
}

static int apply_retention(const struct turn_view *view, struct bytes body) {
    struct reader reader = reader_over(body);
    struct store_cursor cursor;
    uint32_t before = read_u32(&reader);
    if (reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    store_put(view->txn, TABLE_STATE, bytes_from_text("retention"), body);
    int r;
    for (r = store_first(view->txn, TABLE_SIGNALS, &cursor); r == 0; r = store_next(&cursor)) {
        if (be32_read(cursor.key.data + KEY_BYTES - 4) < before) {
            store_delete(view->txn, TABLE_SIGNALS, cursor.key);
        }
    }
    store_cursor_close(&cursor);
    return r == ERR_NOT_FOUND ? 0 : r;
}

int signals_apply(const struct turn_view *view, const struct fact *fact) {
    struct signal_fact parsed;
    if (fact->type == FACT_RETENTION) {
        return apply_retention(view, fact->body);
    }
    int r = fact_parse(fact->body, &parsed);
    if (r < 0) {
        return r;
    }
    inbox_settle(view->txn, &parsed.stamp, REFUSAL_NONE);
    const struct org_id *org = &parsed.stamp.stream.sender.org;
    if (fact->type == FACT_STATUS) {
        return record_put(view, TABLE_STATUS, BYTES_OF(*org), &parsed);
    }
    struct signal_key key = signal_key(org, parsed.as_of_day);
    return record_put(view, TABLE_SIGNALS, BYTES_OF(key), &parsed);
}

/* -- reading -- */

static int find_latest(struct store_txn *view, const struct org_id *org, int32_t until_day,
                       struct record *ret) {
    struct signal_key key = signal_key(org, until_day);
    struct bytes prefix = {.data = key.bytes, .length = sizeof(org->text)};
    struct store_cursor cursor;
    int r = store_seek(view, TABLE_SIGNALS, BYTES_OF(key), &cursor);
    if (r == 0 && !bytes_equal(cursor.key, BYTES_OF(key))) {
        r = store_previous(&cursor);
    } else if (r == ERR_NOT_FOUND) {
        r = store_last(view, TABLE_SIGNALS, &cursor);
    }
    if (r < 0) {
        return r;
    }
    r = store_under(&cursor, prefix) ? record_parse(cursor.value, ret) : ERR_NOT_FOUND;
    store_cursor_close(&cursor);
    return r;
}

int signals_latest(struct store_txn *view, const struct org_id *org, int32_t until_day,
                   struct arena *arena, struct signal_record *ret) {
    struct record record = {0};
    int r = find_latest(view, org, until_day, &record);
    if (r < 0) {
        return r;
    }
    struct signal_record found = {.org = *org, .received_ms = record.received_ms};
    if (signal_decode(record.body, arena, &found.signal) != REFUSAL_NONE) {
        return ERR_NO_MEMORY; /* it decoded when it came */
    }
    *ret = found;
    return 0;
}

int signals_status(struct store_txn *view, const struct org_id *org, struct arena *arena,
                   struct status_record *ret) {
    struct bytes value;
    struct record record = {0};
    int r = store_get(view, TABLE_STATUS, BYTES_OF(*org), &value);
    if (r == 0) {
        r = record_parse(value, &record);
    }
    if (r < 0) {
        return r;
    }
    struct status_record found = {.received_ms = record.received_ms};
    if (status_decode(record.body, arena, &found.status) != REFUSAL_NONE) {
        return ERR_NO_MEMORY;
    }
    *ret = found;
    return 0;
}

/* The first organisation in `table` behind the key. */
static int next_in(struct store_txn *view, enum table table, struct bytes behind,
                   struct org_id *ret) {
    struct store_cursor cursor;
    int r = store_seek(view, table, behind, &cursor);
    if (r < 0) {
        return r;
    }
    memcpy(ret->text, cursor.key.data, sizeof(ret->text));
    store_cursor_close(&cursor);
    return 0;
}

int signals_next_org(struct store_txn *view, const struct org_id *org, struct org_id *ret) {
    struct signal_key key = signal_key(org, -1); /* behind its last day, and its status */
    struct org_id with_figures;
    struct org_id with_status;
    int figures = next_in(view, TABLE_SIGNALS, BYTES_OF(key), &with_figures);
    int status = next_in(view, TABLE_STATUS, BYTES_OF(key), &with_status);
    if (figures < 0 && figures != ERR_NOT_FOUND) {
        return figures;
    }
    if (status < 0) {
        *ret = with_figures;
        return status == ERR_NOT_FOUND ? figures : status;
    }
    bool status_first = figures < 0 || memcmp(&with_status, &with_figures, sizeof(with_status)) < 0;
    *ret = status_first ? with_status : with_figures;
    return 0;
}

/* A node that lost its memory wants the last figures of its register, not ones it had published
 * elsewhere. */
int signals_last_body(struct store_txn *view, const struct org_id *org, struct arena *arena,
                      struct bytes *ret) {
    struct store_cursor cursor;
    int r;
    for (r = store_last_under(view, TABLE_SIGNALS, BYTES_OF(org->text), &cursor);
         r == 0 && store_under(&cursor, BYTES_OF(org->text)); r = store_previous(&cursor)) {
        struct record record;
        r = record_parse(cursor.value, &record);
        if (r < 0) {
            break;
        }
        if (signal_origin(record.body) == FIGURES_ORIGIN_REGISTER) {
            *ret = arena_copy(arena, record.body);
            store_cursor_close(&cursor);
            return ret->data == NULL ? ERR_NO_MEMORY : 0;
        }
    }
    store_cursor_close(&cursor);
    return r == 0 ? ERR_NOT_FOUND : r;
}
