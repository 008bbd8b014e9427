#include "hub/core/journal.h"

#include <string.h>

#include "shared/base/buf.h"
#include "shared/crypto/hash.h"

enum { VERSION = 1, HEADER_BYTES = 1 + 8 + 2 + 4 + 32 + 32, POSITION_BYTES = 1 + 8 + 8 + 32 };

static struct bytes position_key(void) {
    return bytes_from_text("journal");
}

static struct digest chain(const struct digest *before, const struct journal_record *record) {
    struct hash hash;
    hash_begin(&hash, "journal/v1");
    hash_run(&hash, BYTES_OF(*before));
    hash_u64(&hash, record->sequence);
    hash_u64(&hash, (uint64_t)record->time_ms);
    hash_u64(&hash, record->type);
    hash_u64(&hash, record->length);
    hash_run(&hash, BYTES_OF(record->commitment));
    return hash_end(&hash);
}

static struct digest commit_to(struct bytes salt, struct bytes body) {
    return hash_keyed(salt, "journal-body/v1", body);
}

static void position_write(struct store_txn *txn, const struct position *position) {
    uint8_t memory[POSITION_BYTES];
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_u8(&buf, VERSION);
    buf_u64(&buf, position->epoch);
    buf_u64(&buf, position->sequence);
    buf_raw(&buf, BYTES_OF(position->head));
    store_put(txn, TABLE_META, position_key(), buf_bytes(&buf));
}

void journal_begin(struct store_txn *txn, uint64_t epoch) {
    struct position position = {.epoch = epoch};
    position_write(txn, &position);
}

int journal_position(struct store_txn *view, struct position *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_META, position_key(), &value);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? ERR_STORAGE : r;
    }
    struct reader reader = reader_over(value);
    struct position position = {0};
    uint8_t version = read_u8(&reader);
    position.epoch = read_u64(&reader);
    position.sequence = read_u64(&reader);
    read_raw(&reader, position.head.bytes, sizeof(position.head.bytes));
    if (version != VERSION || reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    *ret = position;
    return 0;
}

static int record_write(const struct turn_view *view, const struct journal_record *record,
                        const uint8_t *salt) {
    uint8_t key[8];
    uint8_t memory[HEADER_BYTES];
    be64_write(key, record->sequence);
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_u8(&buf, VERSION);
    buf_i64(&buf, record->time_ms);
    buf_u16(&buf, record->type);
    buf_u32(&buf, record->length);
    buf_raw(&buf, BYTES_OF(record->commitment));
    buf_raw(&buf, BYTES_OF(record->head));
    store_put(view->txn, TABLE_JOURNAL, BYTES_OF(key), buf_bytes(&buf));
    size_t size = JOURNAL_SALT_BYTES + record->body.length;
    uint8_t *salted = arena_alloc(view->arena, size, 1);
    if (salted == NULL) {
        return ERR_NO_MEMORY;
    }
    buf = buf_over(salted, size);
    buf_raw(&buf, (struct bytes){.data = salt, .length = JOURNAL_SALT_BYTES});
    buf_raw(&buf, record->body);
    store_put(view->txn, TABLE_JOURNAL_BODY, BYTES_OF(key), buf_bytes(&buf));
    return 0;
}

int journal_append(const struct turn_view *view, const struct fact *fact) {
    struct position position;
    uint8_t salt[JOURNAL_SALT_BYTES];
    int r = journal_position(view->txn, &position);
    if (r < 0) {
        return r;
    }
    rng_fill(view->rng, salt, sizeof(salt));
    struct journal_record record = {
        .sequence = position.sequence + 1,
        .time_ms = view->now_ms,
        .type = fact->type,
        .length = (uint32_t)fact->body.length,
        .commitment = commit_to(BYTES_OF(salt), fact->body),
        .body = fact->body,
    };
    record.head = chain(&position.head, &record);
    r = record_write(view, &record, salt);
    if (r < 0) {
        return r;
    }
    position.sequence = record.sequence;
    position.head = record.head;
    position_write(view->txn, &position);
    return 0;
}

static int record_parse(struct bytes key, struct bytes value, struct journal_record *ret) {
    struct reader reader = reader_over(value);
    struct journal_record record = {0};
    if (key.length != 8) {
        return ERR_STORAGE;
    }
    uint8_t version = read_u8(&reader);
    record.sequence = be64_read(key.data);
    record.time_ms = read_i64(&reader);
    record.type = read_u16(&reader);
    record.length = read_u32(&reader);
    read_raw(&reader, record.commitment.bytes, sizeof(record.commitment.bytes));
    read_raw(&reader, record.head.bytes, sizeof(record.head.bytes));
    if (version != VERSION || reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    *ret = record;
    return 0;
}

int journal_read(struct store_txn *view, uint64_t sequence, struct journal_record *ret) {
    uint8_t key[8];
    struct bytes header;
    struct bytes body;
    struct journal_record record;
    be64_write(key, sequence);
    int r = store_get(view, TABLE_JOURNAL, BYTES_OF(key), &header);
    if (r < 0) {
        return r;
    }
    r = record_parse(BYTES_OF(key), header, &record);
    if (r < 0) {
        return r;
    }
    r = store_get(view, TABLE_JOURNAL_BODY, BYTES_OF(key), &body);
    if (r < 0 || body.length < JOURNAL_SALT_BYTES) {
        return r < 0 && r != ERR_NOT_FOUND ? r : ERR_STORAGE;
    }
    record.body = (struct bytes){.data = body.data + JOURNAL_SALT_BYTES,
                                 .length = body.length - JOURNAL_SALT_BYTES};
    *ret = record;
    return 0;
}

/* NULL where the record holds after `before`. */
static const char *fault_of(struct store_txn *view, const struct journal_record *record,
                            uint64_t expected, const struct digest *before) {
    if (record->sequence != expected) {
        return "a record is missing";
    }
    struct digest head = chain(before, record);
    if (!digest_equal(&head, &record->head)) {
        return "a header doesn't fit the chain";
    }
    uint8_t key[8];
    struct bytes body;
    be64_write(key, record->sequence);
    if (store_get(view, TABLE_JOURNAL_BODY, BYTES_OF(key), &body) < 0 ||
        body.length < JOURNAL_SALT_BYTES) {
        return "a body is missing";
    }
    struct bytes salt = {.data = body.data, .length = JOURNAL_SALT_BYTES};
    struct bytes content = {.data = body.data + JOURNAL_SALT_BYTES,
                            .length = body.length - JOURNAL_SALT_BYTES};
    struct digest commitment = commit_to(salt, content);
    bool holds = content.length == record->length && digest_equal(&commitment, &record->commitment);
    return holds ? NULL : "a body was altered";
}

int journal_verify(struct store_txn *view, struct journal_verdict *ret) {
    struct journal_verdict verdict = {0};
    struct position position;
    struct digest head = {0};
    struct store_cursor cursor;
    int r = journal_position(view, &position);
    if (r < 0) {
        return r;
    }
    for (r = store_first(view, TABLE_JOURNAL, &cursor); r == 0; r = store_next(&cursor)) {
        struct journal_record record;
        if (record_parse(cursor.key, cursor.value, &record) < 0) {
            verdict.reason = "a header can't be read";
        } else {
            verdict.reason = fault_of(view, &record, verdict.records + 1, &head);
        }
        if (verdict.reason != NULL) {
            verdict.broken_at = verdict.records + 1;
            break;
        }
        head = record.head;
        verdict.records++;
    }
    store_cursor_close(&cursor);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    bool whole = verdict.records == position.sequence && digest_equal(&head, &position.head);
    if (verdict.broken_at == 0 && !whole) {
        verdict.broken_at = verdict.records + 1;
        verdict.reason = "the journal ends before its position";
    }
    *ret = verdict;
    return 0;
}

int journal_holds(struct store_txn *view, const struct position *position, bool *ret) {
    struct position own;
    int r = journal_position(view, &own);
    if (r < 0) {
        return r;
    }
    *ret = false;
    if (own.epoch != position->epoch || position->sequence > own.sequence) {
        return 0;
    }
    if (position->sequence == 0) {
        *ret = digest_is_zero(&position->head);
        return 0;
    }
    struct journal_record record;
    r = journal_read(view, position->sequence, &record);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    *ret = digest_equal(&record.head, &position->head);
    return 0;
}
