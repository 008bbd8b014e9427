#include "hub/core/tombstones.h"

#include <string.h>

#include "hub/core/families.h"
#include "hub/core/family_codec.h"
#include "hub/core/notices.h"
#include "shared/base/civil.h"
#include "shared/consent/consent.h"

/* Bodies begin with what they're about: 't' a tombstone, 'p' a withdrawal that waits.
 *   tombstone       't', lookup, id, until (0: none stands), since, holders
 *                   'p', lookup, organisation, until, where the handle stood, run: statement,
 *                   run: proof
 *   tombstone-over  't', lookup
 *                   'p', lookup, organisation
 *   erased          stamp, tombstone, organisation */
enum {
    VERSION = 1,
    LOOKUP_BYTES = 32,
    ORG_BYTES = sizeof(struct org_id),
    KEY_BYTES_MAX = 1 + LOOKUP_BYTES + ORG_BYTES,
    DUE_KEY_BYTES_MAX = 8 + LOOKUP_BYTES + 1 + ORG_BYTES,
    STATEMENT_MAX = 512,
    HEAD_BYTES = 160,
    NO_TOMBSTONE = 0,         /* instead of until when: only receipts are asked for */
    WAITING_SLACK_MONTHS = 1, /* beyond the latest end of a consent that's under way now */
};

struct key {
    uint8_t bytes[KEY_BYTES_MAX];
    size_t length;
};

static struct bytes key_bytes(const struct key *key) {
    return (struct bytes){.data = key->bytes, .length = key->length};
}

/* `org` NULL: the lookup alone, for a tombstone or as a prefix. */
static struct key key_of(uint8_t what, const uint8_t *lookup, const struct org_id *org) {
    struct key key = {.bytes = {what}, .length = 1 + LOOKUP_BYTES};
    memcpy(key.bytes + 1, lookup, LOOKUP_BYTES);
    if (org != NULL) {
        memcpy(key.bytes + key.length, org->text, ORG_BYTES);
        key.length += ORG_BYTES;
    }
    return key;
}

/* The entry of TABLE_FAMILY_DUE: instant, lookup, then what it is and whose. */
static void due_write(struct buf *buf, int64_t due_ms, const struct key *key) {
    buf_u64(buf, due_ms < 0 ? 0 : (uint64_t)due_ms);
    buf_raw(buf, (struct bytes){.data = key->bytes + 1, .length = LOOKUP_BYTES});
    buf_u8(buf, key->bytes[0]);
    buf_raw(buf, (struct bytes){.data = key->bytes + 1 + LOOKUP_BYTES,
                                .length = key->length - 1 - LOOKUP_BYTES});
}

static void due_set(struct store_txn *txn, int64_t due_ms, const struct key *key, bool stands) {
    uint8_t memory[DUE_KEY_BYTES_MAX];
    struct buf buf = buf_over(memory, sizeof(memory));
    due_write(&buf, due_ms, key);
    if (stands) {
        store_put(txn, TABLE_FAMILY_DUE, buf_bytes(&buf), (struct bytes){0});
    } else {
        store_delete(txn, TABLE_FAMILY_DUE, buf_bytes(&buf));
    }
}

int tombstone_stands(struct store_txn *view, const struct digest *lookup, bool *ret) {
    const struct key key = key_of('t', lookup->bytes, NULL);
    struct bytes value;
    int r = store_get(view, TABLE_TOMBSTONES, key_bytes(&key), &value);
    *ret = r == 0;
    return r == ERR_NOT_FOUND ? 0 : r;
}

/* -- a tombstone and who must answer it -- */

struct erasure_key {
    uint8_t bytes[sizeof(struct message_id) + ORG_BYTES];
};

static struct erasure_key erasure_key(const struct message_id *tombstone,
                                      const struct org_id *org) {
    struct erasure_key key;
    memcpy(key.bytes, tombstone->bytes, sizeof(tombstone->bytes));
    memcpy(key.bytes + sizeof(tombstone->bytes), org->text, ORG_BYTES);
    return key;
}

/* Of who left, leaving says what becomes of its data; but it may join again, with all that it had:
 * what is told waits for that. */
static int is_node(const struct turn_view *view, const struct org_id *org, bool *ret) {
    struct member_standing standing;
    int r = member_standing(view->txn, org, &standing);
    *ret = r == 0 && standing.role == MEMBER_ROLE_NODE;
    return r == ERR_NOT_FOUND ? 0 : r;
}

static int holders_told(const struct turn_view *view, const struct tombstone_draft *draft,
                        const struct org_id **ret, size_t *ret_count) {
    const struct org_id **told = ret;
    size_t count = 0;
    for (size_t i = 0; i < draft->holder_count; i++) {
        bool stands = false;
        int r = is_node(view, &draft->holders[i], &stands);
        if (r < 0) {
            return r;
        }
        if (stands && count < FAMILY_HOLDERS_MAX) {
            told[count++] = &draft->holders[i];
        }
    }
    *ret_count = count;
    return 0;
}

int tombstones_decide(struct hub *hub, const struct turn_view *view,
                      const struct tombstone_draft *draft, struct decision *ret) {
    const struct org_id *told[FAMILY_HOLDERS_MAX];
    size_t count = 0;
    struct tombstone tombstone = {
        .handle = *draft->handle, .basis = draft->basis, .at_ms = view->now_ms};
    rng_fill(view->rng, tombstone.id.bytes, sizeof(tombstone.id.bytes));
    int r = holders_told(view, draft, told, &count);
    if (r < 0) {
        return r;
    }
    struct buf buf = decision_buf(view, HEAD_BYTES + count * (ORG_BYTES + 1));
    buf_u8(&buf, 't');
    buf_raw(&buf, BYTES_OF(*draft->lookup));
    buf_raw(&buf, BYTES_OF(tombstone.id));
    /* By a clock that is ahead, and halted, its end seems to have passed. */
    bool stands = draft->until_ms > view->now_ms || hub->clock_halted;
    buf_i64(&buf, stands ? draft->until_ms : NO_TOMBSTONE);
    buf_i64(&buf, view->now_ms);
    buf_u8(&buf, (uint8_t)count);
    for (size_t i = 0; i < count; i++) {
        org_write(&buf, told[i]);
    }
    r = decision_add(ret, FACT_TOMBSTONE, &buf);
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = notices_post_tombstone(hub, view, told[i], &tombstone, ret);
    }
    return r;
}

int tombstones_decide_over(const struct turn_view *view, struct bytes due_key,
                           struct decision *ret) {
    struct buf buf = decision_buf(view, KEY_BYTES_MAX);
    if (due_key.length <= 8 + LOOKUP_BYTES) {
        return ERR_STORAGE;
    }
    buf_u8(&buf, due_key.data[8 + LOOKUP_BYTES]);
    buf_raw(&buf, (struct bytes){.data = due_key.data + 8, .length = LOOKUP_BYTES});
    buf_raw(&buf, (struct bytes){.data = due_key.data + 8 + LOOKUP_BYTES + 1,
                                 .length = due_key.length - 8 - LOOKUP_BYTES - 1});
    return decision_add(ret, FACT_TOMBSTONE_OVER, &buf);
}

int tombstones_decide_erased(const struct turn_view *view, const struct office_mail *mail,
                             struct decision *ret) {
    struct erased erased;
    struct bytes value;
    ret->refusal = erased_decode(mail->envelope.body, view->arena, &erased);
    if (ret->refusal != REFUSAL_NONE) {
        return arena_judged(ret->refusal);
    }
    const struct erasure_key key = erasure_key(&erased.tombstone, &mail->envelope.sender.org);
    int r = store_get(view->txn, TABLE_ERASURES, BYTES_OF(key), &value);
    if (r == ERR_NOT_FOUND) {
        return families_taken(view, mail, ret);
    }
    if (r < 0) {
        return r;
    }
    struct buf buf = decision_buf(view, HEAD_BYTES + 2 * sizeof(struct address));
    stamp_write(&buf, &mail->stamp);
    buf_raw(&buf, BYTES_OF(erased.tombstone));
    org_write(&buf, &mail->envelope.sender.org);
    return decision_add(ret, FACT_ERASED, &buf);
}

/* -- withdrawals that wait for their consent -- */

static struct key count_key(const struct org_id *org) {
    struct key key = {.bytes = "waiting/", .length = 8};
    memcpy(key.bytes + key.length, org->text, ORG_BYTES);
    key.length += ORG_BYTES;
    return key;
}

static int waiting_count(struct store_txn *view, const struct org_id *org, uint64_t *ret) {
    const struct key key = count_key(org);
    struct bytes value;
    int r = store_get(view, TABLE_STATE, key_bytes(&key), &value);
    if (r == 0 && value.length != 8) {
        return ERR_STORAGE;
    }
    *ret = r == 0 ? be64_read(value.data) : 0;
    return r == ERR_NOT_FOUND ? 0 : r;
}

static int waiting_count_add(struct store_txn *txn, const struct org_id *org, bool more) {
    const struct key key = count_key(org);
    uint64_t count;
    uint8_t value[8];
    int r = waiting_count(txn, org, &count);
    if (r < 0 || (!more && count == 0)) {
        return r;
    }
    count = more ? count + 1 : count - 1;
    be64_write(value, count);
    if (count == 0) {
        store_delete(txn, TABLE_STATE, key_bytes(&key));
    } else {
        store_put(txn, TABLE_STATE, key_bytes(&key), BYTES_OF(value));
    }
    return 0;
}

/* Where the handle stands in the statement; false unless just once. */
static bool handle_place(struct bytes statement, const struct family_handle *handle, size_t *ret) {
    const uint8_t *at =
        memmem(statement.data, statement.length, handle->bytes, sizeof(handle->bytes));
    if (at == NULL) {
        return false;
    }
    size_t behind = (size_t)(at - statement.data) + sizeof(handle->bytes);
    *ret = (size_t)(at - statement.data);
    return memmem(statement.data + behind, statement.length - behind, handle->bytes,
                  sizeof(handle->bytes)) == NULL;
}

int waiting_decide(const struct turn_view *view, const struct digest *lookup,
                   const struct withdrawal *withdrawal, const struct proven *proven,
                   struct decision *ret) {
    const struct key key = key_of('p', lookup->bytes, &withdrawal->org);
    uint64_t waiting = 0;
    struct bytes value;
    size_t place = 0;
    int r = store_get(view->txn, TABLE_TOMBSTONES, key_bytes(&key), &value);
    if (r != ERR_NOT_FOUND) {
        return r; /* the first one stays */
    }
    r = waiting_count(view->txn, &withdrawal->org, &waiting);
    if (r < 0 || waiting >= WAITING_PER_MEMBER_MAX || proven->statement.length > STATEMENT_MAX ||
        proven->proof.length != SIGNATURE_BYTES ||
        !handle_place(proven->statement, &withdrawal->handle, &place)) {
        return r;
    }
    uint32_t end = consent_end_month_max(brussels_day(view->now_ms)) + WAITING_SLACK_MONTHS;
    struct bytes statement = arena_copy(view->arena, proven->statement);
    if (statement.data == NULL) {
        return ERR_NO_MEMORY;
    }
    memset((uint8_t *)statement.data + place, 0, sizeof(withdrawal->handle.bytes));
    struct buf buf = decision_buf(view, HEAD_BYTES + statement.length + SIGNATURE_BYTES);
    buf_u8(&buf, 'p');
    buf_raw(&buf, BYTES_OF(*lookup));
    buf_raw(&buf, BYTES_OF(withdrawal->org));
    buf_i64(&buf, consent_end_ms(end));
    buf_u32(&buf, (uint32_t)place);
    buf_run(&buf, statement);
    buf_run(&buf, proven->proof);
    return decision_add(ret, FACT_TOMBSTONE, &buf);
}

struct waiting {
    int64_t until_ms;
    uint32_t place;
    struct bytes statement;
    struct bytes proof;
};

static int waiting_parse(struct bytes value, struct waiting *ret) {
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    ret->until_ms = read_i64(&reader);
    ret->place = read_u32(&reader);
    ret->statement = read_run(&reader);
    ret->proof = read_run(&reader);
    bool whole = reader_end(&reader) == 0 && version == VERSION &&
                 ret->statement.length >= sizeof(struct family_handle) &&
                 ret->place <= ret->statement.length - sizeof(struct family_handle);
    return whole ? 0 : ERR_STORAGE;
}

static int waiting_check(const struct turn_view *view, const struct waiting *waiting,
                         const struct consent_token *token, struct waiting_found *ret) {
    struct withdrawal withdrawal;
    struct sign_public key;
    struct bytes statement = arena_copy(view->arena, waiting->statement);
    if (statement.data == NULL) {
        return ERR_NO_MEMORY;
    }
    memcpy((uint8_t *)statement.data + waiting->place, token->handle.bytes,
           sizeof(token->handle.bytes));
    enum refusal refusal = withdrawal_decode(statement, view->arena, &withdrawal);
    if (refusal != REFUSAL_NONE) {
        return arena_judged(refusal);
    }
    bool card = withdrawal.basis == WITHDRAWAL_CARD;
    memcpy(key.bytes, card ? token->family_key : token->presence_key, sizeof(key.bytes));
    const struct proven proven = {.statement = statement, .proof = waiting->proof};
    if (consent_proved(&proven, WITHDRAWAL_DOMAIN, &key)) {
        *ret = (struct waiting_found){.found = true, .basis = withdrawal.basis};
    }
    return 0;
}

int waiting_find(const struct turn_view *view, const struct digest *lookup,
                 const struct consent_token *token, struct waiting_found *ret) {
    const struct key prefix = key_of('p', lookup->bytes, NULL);
    struct store_cursor cursor;
    int r;
    *ret = (struct waiting_found){0};
    for (r = store_seek(view->txn, TABLE_TOMBSTONES, key_bytes(&prefix), &cursor);
         r == 0 && store_under(&cursor, key_bytes(&prefix)) && !ret->found;
         r = store_next(&cursor)) {
        struct waiting waiting;
        int failed = waiting_parse(cursor.value, &waiting);
        failed = failed < 0 ? failed : waiting_check(view, &waiting, token, ret);
        if (failed < 0) {
            return failed;
        }
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

/* -- apply -- */

/* Of a handle whose tombstone stands nothing needs to wait any more. */
static int waiting_delete_all(struct store_txn *txn, const uint8_t *lookup) {
    const struct key prefix = key_of('p', lookup, NULL);
    struct store_cursor cursor;
    int r;
    for (r = store_seek(txn, TABLE_TOMBSTONES, key_bytes(&prefix), &cursor);
         r == 0 && store_under(&cursor, key_bytes(&prefix)); r = store_next(&cursor)) {
        struct waiting waiting;
        struct org_id org;
        if (cursor.key.length != KEY_BYTES_MAX || waiting_parse(cursor.value, &waiting) < 0) {
            return ERR_STORAGE;
        }
        memcpy(org.text, cursor.key.data + 1 + LOOKUP_BYTES, ORG_BYTES);
        const struct key key = key_of('p', lookup, &org);
        due_set(txn, waiting.until_ms, &key, false);
        store_delete(txn, TABLE_TOMBSTONES, key_bytes(&key));
        int failed = waiting_count_add(txn, &org, false);
        if (failed < 0) {
            return failed;
        }
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

static int apply_tombstone(const struct turn_view *view, struct reader *reader) {
    struct digest lookup = {0};
    struct message_id id = {0};
    uint8_t memory[HEAD_BYTES];
    uint8_t since[8];
    read_raw(reader, lookup.bytes, sizeof(lookup.bytes));
    read_raw(reader, id.bytes, sizeof(id.bytes));
    int64_t until_ms = read_i64(reader);
    be64_write(since, (uint64_t)read_i64(reader));
    size_t count = read_u8(reader);
    for (size_t i = 0; i < count; i++) {
        const struct org_id org = org_read(reader);
        const struct erasure_key owed = erasure_key(&id, &org);
        store_put(view->txn, TABLE_ERASURES, BYTES_OF(owed), BYTES_OF(since));
    }
    if (reader_end(reader) < 0) {
        return ERR_STORAGE;
    }
    if (until_ms != NO_TOMBSTONE) {
        const struct key key = key_of('t', lookup.bytes, NULL);
        struct buf buf = buf_over(memory, sizeof(memory));
        buf_u8(&buf, VERSION);
        buf_raw(&buf, BYTES_OF(id));
        buf_i64(&buf, until_ms);
        store_put(view->txn, TABLE_TOMBSTONES, key_bytes(&key), buf_bytes(&buf));
        due_set(view->txn, until_ms, &key, true);
    }
    return waiting_delete_all(view->txn, lookup.bytes);
}

static int apply_waiting(const struct turn_view *view, struct reader *reader) {
    struct digest lookup = {0};
    struct org_id org = {0};
    uint8_t memory[HEAD_BYTES + STATEMENT_MAX + SIGNATURE_BYTES];
    struct buf buf = buf_over(memory, sizeof(memory));
    read_raw(reader, lookup.bytes, sizeof(lookup.bytes));
    read_raw(reader, org.text, sizeof(org.text));
    int64_t until_ms = read_i64(reader);
    uint32_t place = read_u32(reader);
    struct bytes statement = read_run(reader);
    struct bytes proof = read_run(reader);
    buf_u8(&buf, VERSION);
    buf_i64(&buf, until_ms);
    buf_u32(&buf, place);
    buf_run(&buf, statement);
    buf_run(&buf, proof);
    if (reader_end(reader) < 0 || buf.error < 0) {
        return ERR_STORAGE;
    }
    const struct key key = key_of('p', lookup.bytes, &org);
    store_put(view->txn, TABLE_TOMBSTONES, key_bytes(&key), buf_bytes(&buf));
    due_set(view->txn, until_ms, &key, true);
    return waiting_count_add(view->txn, &org, true);
}

static int apply_over(const struct turn_view *view, struct bytes body) {
    struct bytes value;
    struct org_id org = {0};
    struct waiting waiting = {0};
    bool tombstone = body.length == 1 + LOOKUP_BYTES && body.data[0] == 't';
    if (!tombstone && (body.length != KEY_BYTES_MAX || body.data[0] != 'p')) {
        return ERR_STORAGE;
    }
    int r = store_get(view->txn, TABLE_TOMBSTONES, body, &value);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    if (tombstone) {
        struct reader reader = reader_over(value);
        struct message_id id;
        (void)read_u8(&reader);
        read_raw(&reader, id.bytes, sizeof(id.bytes));
        waiting.until_ms = read_i64(&reader);
        r = reader_end(&reader);
    } else {
        memcpy(org.text, body.data + 1 + LOOKUP_BYTES, ORG_BYTES);
        r = waiting_parse(value, &waiting);
    }
    if (r < 0) {
        return ERR_STORAGE;
    }
    const struct key key = key_of(body.data[0], body.data + 1, tombstone ? NULL : &org);
    due_set(view->txn, waiting.until_ms, &key, false);
    store_delete(view->txn, TABLE_TOMBSTONES, key_bytes(&key));
    return tombstone ? 0 : waiting_count_add(view->txn, &org, false);
}

static int apply_erased(const struct turn_view *view, struct bytes body) {
    struct reader reader = reader_over(body);
    struct stamp stamp;
    struct message_id tombstone = {0};
    stamp_read(&reader, &stamp);
    read_raw(&reader, tombstone.bytes, sizeof(tombstone.bytes));
    const struct org_id org = org_read(&reader);
    if (reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    const struct erasure_key key = erasure_key(&tombstone, &org);
    store_delete(view->txn, TABLE_ERASURES, BYTES_OF(key));
    inbox_settle(view->txn, &stamp, REFUSAL_NONE);
    return 0;
}

int tombstones_apply(const struct turn_view *view, const struct fact *fact) {
    struct reader reader = reader_over(fact->body);
    switch ((int)fact->type) {
    case FACT_TOMBSTONE:
        return read_u8(&reader) == 't' ? apply_tombstone(view, &reader)
                                       : apply_waiting(view, &reader);
    case FACT_TOMBSTONE_OVER:
        return apply_over(view, fact->body);
    case FACT_ERASED:
        return apply_erased(view, fact->body);
    default:
        return ERR_UNSUPPORTED;
    }
}

/* -- the red list -- */

static int erasure_parse(const struct store_cursor *cursor, struct erasure_row *ret) {
    const size_t id_bytes = sizeof(ret->tombstone.bytes);
    if (cursor->key.length != id_bytes + ORG_BYTES || cursor->value.length != 8) {
        return ERR_STORAGE;
    }
    memcpy(ret->tombstone.bytes, cursor->key.data, id_bytes);
    memcpy(ret->org.text, cursor->key.data + id_bytes, ORG_BYTES);
    ret->since_ms = (int64_t)be64_read(cursor->value.data);
    return 0;
}

/* As store_first or store_next said; of who is no member nothing can be asked. */
static int erasure_seek(struct erasure_cursor *cursor, int r, struct erasure_row *ret) {
    struct erasure_row row;
    bool member = false;
    for (; r == 0; r = store_next(&cursor->at)) {
        r = erasure_parse(&cursor->at, &row);
        r = r < 0 ? r : member_is_active(cursor->view, &row.org, &member);
        if (r < 0) {
            return r;
        }
        if (member) {
            *ret = row;
            return 0;
        }
    }
    return r;
}

int erasure_first(struct store_txn *view, struct erasure_cursor *cursor, struct erasure_row *ret) {
    cursor->view = view;
    return erasure_seek(cursor, store_first(view, TABLE_ERASURES, &cursor->at), ret);
}

int erasure_next(struct erasure_cursor *cursor, struct erasure_row *ret) {
    return erasure_seek(cursor, store_next(&cursor->at), ret);
}
