#include "hub/core/journal.h"

#include <string.h>

#include "hub/core/facts.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/secret.h"

/* TABLE_JOURNAL_FAMILY: 'f', lookup, be64 sequence -> nothing; 'e', be64 sequence -> be64 sequence
 * of the fact that erased it. */
enum {
    VERSION = 1,
    HEADER_BYTES = 1 + 8 + 2 + 4 + 32 + 32,
    POSITION_BYTES = 1 + 8 + 8 + 32,
    LOOKUP_BYTES = 32,
    FAMILY_KEY_BYTES = 1 + LOOKUP_BYTES + 8,
    ERASED_KEY_BYTES = 1 + 8,
};

struct family_key {
    uint8_t bytes[FAMILY_KEY_BYTES];
};

struct erased_key {
    uint8_t bytes[ERASED_KEY_BYTES];
};

static struct family_key family_key(const uint8_t *lookup, uint64_t sequence) {
    struct family_key key = {{'f'}};
    memcpy(key.bytes + 1, lookup, LOOKUP_BYTES);
    be64_write(key.bytes + 1 + LOOKUP_BYTES, sequence);
    return key;
}

static struct erased_key erased_key(uint64_t sequence) {
    struct erased_key key = {{'e'}};
    be64_write(key.bytes + 1, sequence);
    return key;
}

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

/* -- families -- */

static int key_get(const struct vault_keys *keys, uint64_t id, struct record_key *ret) {
    int r = keys == NULL ? ERR_NOT_FOUND : keys->get(keys->context, id, ret);
    return r == ERR_NOT_FOUND ? ERR_CRYPTO : r;
}

static int seal(const struct turn_view *view, const struct fact *fact, uint64_t sequence,
                const struct vault_keys *keys, struct bytes *ret) {
    struct record_key key;
    uint8_t place_key[8];
    size_t size = fact->body.length + VAULT_OVERHEAD_BYTES;
    uint8_t *memory = arena_alloc(view->arena, size, 1);
    if (memory == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = key_get(keys, fact->record_key, &key);
    if (r < 0) {
        return r;
    }
    be64_write(place_key, sequence);
    const struct vault_place place = {.table = "journal", .key = BYTES_OF(place_key)};
    const struct aead_nonce nonce = vault_nonce(&key, &place, sequence, fact->body);
    struct buf buf = buf_over(memory, size);
    vault_seal(&key, &place, fact->body, &nonce, &buf);
    secret_wipe(&key, sizeof(key));
    *ret = buf_bytes(&buf);
    return buf.error;
}

int journal_open(const struct journal_record *record, const struct vault_keys *keys,
                 struct arena *arena, struct fact *ret) {
    struct record_key key;
    uint8_t place_key[8];
    uint64_t id = 0;
    uint8_t *memory = arena_alloc(arena, record->body.length + 1, 1);
    if (memory == NULL) {
        return ERR_NO_MEMORY;
    }
    struct buf buf = buf_over(memory, record->body.length + 1);
    if (record->type != FACT_FAMILY) {
        buf_raw(&buf, record->body);
        *ret = (struct fact){.type = record->type, .body = buf_bytes(&buf)};
        return 0;
    }
    int r = vault_key_id(record->body, &id);
    r = r < 0 ? ERR_STORAGE : key_get(keys, id, &key);
    if (r < 0) {
        return r;
    }
    be64_write(place_key, record->sequence);
    const struct vault_place place = {.table = "journal", .key = BYTES_OF(place_key)};
    r = vault_open(&key, &place, record->body, &buf);
    secret_wipe(&key, sizeof(key));
    *ret = (struct fact){.type = record->type, .body = buf_bytes(&buf), .record_key = id};
    return r;
}

int journal_family(struct store_txn *view, const struct digest *lookup, uint64_t from, size_t limit,
                   uint64_t *ret_sequences, size_t *ret_count) {
    const struct family_key first = family_key(lookup->bytes, from);
    const struct bytes prefix = {.data = first.bytes, .length = 1 + LOOKUP_BYTES};
    struct store_cursor cursor;
    size_t count = 0;
    int r;
    for (r = store_seek(view, TABLE_JOURNAL_FAMILY, BYTES_OF(first), &cursor);
         r == 0 && count < limit && store_under(&cursor, prefix); r = store_next(&cursor)) {
        if (cursor.key.length != FAMILY_KEY_BYTES) {
            return ERR_STORAGE;
        }
        ret_sequences[count++] = be64_read(cursor.key.data + 1 + LOOKUP_BYTES);
    }
    *ret_count = count;
    return r == ERR_NOT_FOUND ? 0 : r;
}

void journal_erased_write(struct buf *buf, const struct journal_erased *erased) {
    buf_raw(buf, BYTES_OF(erased->lookup));
    buf_u64(buf, erased->record_key);
    buf_run(buf, erased->sequences);
}

int journal_erased_read(struct bytes body, struct journal_erased *ret) {
    struct reader reader = reader_over(body);
    read_raw(&reader, ret->lookup.bytes, sizeof(ret->lookup.bytes));
    ret->record_key = read_u64(&reader);
    ret->sequences = read_run(&reader);
    return reader_end(&reader) < 0 || ret->sequences.length % 8 != 0 ? ERR_STORAGE : 0;
}

/* The bodies go with the fact that says so. */
static int erase(struct store_txn *txn, const struct fact *fact, uint64_t sequence) {
    struct journal_erased erased;
    uint8_t by[8];
    int r = journal_erased_read(fact->body, &erased);
    be64_write(by, sequence);
    for (size_t at = 0; r == 0 && at < erased.sequences.length; at += 8) {
        uint64_t gone = be64_read(erased.sequences.data + at);
        const struct family_key family = family_key(erased.lookup.bytes, gone);
        const struct erased_key key = erased_key(gone);
        store_delete(txn, TABLE_JOURNAL_BODY,
                     (struct bytes){.data = erased.sequences.data + at, .length = 8});
        store_delete(txn, TABLE_JOURNAL_FAMILY, BYTES_OF(family));
        store_put(txn, TABLE_JOURNAL_FAMILY, BYTES_OF(key), BYTES_OF(by));
    }
    return r;
}

/* What stands beside the record for its family's sake. */
static int index_family(struct store_txn *txn, const struct fact *fact, uint64_t sequence) {
    if (fact->type == FACT_FAMILY_ERASED) {
        return erase(txn, fact, sequence);
    }
    if (fact->type == FACT_FAMILY) {
        const struct family_key key = family_key(fact->body.data, sequence);
        store_put(txn, TABLE_JOURNAL_FAMILY, BYTES_OF(key), (struct bytes){0});
    }
    return 0;
}

int journal_append(const struct turn_view *view, const struct fact *fact,
                   const struct vault_keys *keys) {
    struct position position;
    uint8_t salt[JOURNAL_SALT_BYTES];
    struct bytes body = fact->body;
    const bool family = fact->type == FACT_FAMILY;
    int r = journal_position(view->txn, &position);
    if (r == 0 && (family != (fact->record_key != 0) || (family && body.length < LOOKUP_BYTES))) {
        r = ERR_STORAGE;
    }
    if (r == 0 && family) {
        r = seal(view, fact, position.sequence + 1, keys, &body);
    }
    if (r < 0) {
        return r;
    }
    rng_fill(view->rng, salt, sizeof(salt));
    struct journal_record record = {
        .sequence = position.sequence + 1,
        .time_ms = view->now_ms,
        .type = fact->type,
        .length = (uint32_t)body.length,
        .commitment = commit_to(BYTES_OF(salt), body),
        .body = body,
    };
    record.head = chain(&position.head, &record);
    r = record_write(view, &record, salt);
    if (r == 0) {
        r = index_family(view->txn, fact, record.sequence);
    }
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

static int header_get(struct store_txn *view, uint64_t sequence, struct journal_record *ret) {
    uint8_t key[8];
    struct bytes header;
    be64_write(key, sequence);
    int r = store_get(view, TABLE_JOURNAL, BYTES_OF(key), &header);
    return r < 0 ? r : record_parse(BYTES_OF(key), header, ret);
}

/* The salt stands before `ret`. */
static int body_get(struct store_txn *view, uint64_t sequence, struct bytes *ret) {
    uint8_t key[8];
    struct bytes body;
    be64_write(key, sequence);
    int r = store_get(view, TABLE_JOURNAL_BODY, BYTES_OF(key), &body);
    if (r == 0 && body.length < JOURNAL_SALT_BYTES) {
        r = ERR_STORAGE;
    }
    if (r == 0) {
        *ret = (struct bytes){.data = body.data + JOURNAL_SALT_BYTES,
                              .length = body.length - JOURNAL_SALT_BYTES};
    }
    return r;
}

static bool names(const struct journal_erased *erased, uint64_t sequence) {
    size_t low = 0;
    size_t high = erased->sequences.length / 8;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint64_t at = be64_read(erased->sequences.data + 8 * middle);
        if (at == sequence) {
            return true;
        }
        low = at < sequence ? middle + 1 : low;
        high = at < sequence ? high : middle;
    }
    return false;
}

/* Whether a later fact says that the record's body was erased. */
static bool is_erased(struct store_txn *view, const struct journal_record *record) {
    const struct erased_key key = erased_key(record->sequence);
    struct journal_record later;
    struct journal_erased erased;
    struct bytes by;
    return record->type == FACT_FAMILY &&
           store_get(view, TABLE_JOURNAL_FAMILY, BYTES_OF(key), &by) == 0 && by.length == 8 &&
           be64_read(by.data) > record->sequence &&
           header_get(view, be64_read(by.data), &later) == 0 && later.type == FACT_FAMILY_ERASED &&
           body_get(view, later.sequence, &later.body) == 0 &&
           journal_erased_read(later.body, &erased) == 0 && names(&erased, record->sequence);
}

int journal_read(struct store_txn *view, uint64_t sequence, struct journal_record *ret) {
    struct journal_record record;
    int r = header_get(view, sequence, &record);
    if (r < 0) {
        return r;
    }
    r = body_get(view, sequence, &record.body);
    record.erased = r == ERR_NOT_FOUND && is_erased(view, &record);
    if (r < 0 && !record.erased) {
        return r == ERR_NOT_FOUND ? ERR_STORAGE : r;
    }
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
    struct bytes content;
    int r = body_get(view, record->sequence, &content);
    bool erased = is_erased(view, record);
    if (r == ERR_NOT_FOUND && erased) {
        return NULL;
    }
    if (r < 0) {
        return "a body is missing";
    }
    if (erased) {
        return "an erased body is still there";
    }
    struct bytes salt = {.data = content.data - JOURNAL_SALT_BYTES, .length = JOURNAL_SALT_BYTES};
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
