#include "hub/core/family_store.h"

#include <string.h>

#include "hub/core/facts.h"
#include "hub/core/family_codec.h"
#include "hub/core/flag_rows.h"
#include "hub/core/journal.h"
#include "shared/crypto/secret.h"

/* The body of FACT_FAMILY: lookup, change, record key, due, flags that are open, run: the sealed
 * row, envelopes (organisation, run: sealed; an empty one is taken away). */
enum {
    ROW_VERSION = 1,
    FACT_SLACK_BYTES = 128,
    ROW_HEAD_BYTES = 32,
    ENVELOPE_KEY_BYTES = 32 + sizeof(struct org_id),
};

static const char *const row_table = "families";
static const char *const envelope_table = "family_envelopes";

struct digest family_lookup_key(const struct vault_index_key *index,
                                const struct family_handle *handle) {
    return vault_lookup_key(index, row_table, BYTES_OF(*handle));
}

struct envelope_key {
    uint8_t bytes[ENVELOPE_KEY_BYTES];
};

static struct envelope_key envelope_key(const struct digest *lookup, const struct org_id *org) {
    struct envelope_key key;
    memcpy(key.bytes, lookup->bytes, sizeof(lookup->bytes));
    memcpy(key.bytes + sizeof(lookup->bytes), org->text, sizeof(org->text));
    return key;
}

struct due_key {
    uint8_t bytes[8 + 32];
};

static struct due_key due_key(int64_t due_ms, const struct digest *lookup) {
    struct due_key key;
    be64_write(key.bytes, due_ms < 0 ? 0 : (uint64_t)due_ms);
    memcpy(key.bytes + 8, lookup->bytes, sizeof(lookup->bytes));
    return key;
}

/* -- sealing -- */

static int key_get(const struct family_keys *keys, uint64_t id, struct record_key *ret) {
    int r = keys->records.get == NULL ? ERR_NOT_FOUND
                                      : keys->records.get(keys->records.context, id, ret);
    return r == ERR_NOT_FOUND ? ERR_CRYPTO : r;
}

static int open_sealed(const struct family_keys *keys, const struct vault_place *place,
                       struct bytes sealed, struct arena *arena, struct bytes *ret) {
    struct record_key key;
    uint64_t id = 0;
    uint8_t *memory = arena_alloc(arena, sealed.length + 1, 1);
    if (memory == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = vault_key_id(sealed, &id);
    r = r < 0 ? ERR_STORAGE : key_get(keys, id, &key);
    if (r < 0) {
        return r;
    }
    struct buf buf = buf_over(memory, sealed.length);
    r = vault_open(&key, place, sealed, &buf);
    secret_wipe(&key, sizeof(key));
    *ret = buf_bytes(&buf);
    return r;
}

static int seal(const struct family_writing *writing, uint64_t record_key,
                const struct vault_place *place, struct bytes plain, struct bytes *ret) {
    struct record_key key;
    struct aead_nonce nonce;
    size_t size = plain.length + VAULT_OVERHEAD_BYTES;
    uint8_t *memory = arena_alloc(writing->scratch, size, 1);
    if (memory == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = key_get(writing->keys, record_key, &key);
    if (r < 0) {
        return r;
    }
    struct buf buf = buf_over(memory, size);
    rng_fill(writing->view->rng, nonce.bytes, sizeof(nonce.bytes));
    vault_seal(&key, place, plain, &nonce, &buf);
    secret_wipe(&key, sizeof(key));
    *ret = buf_bytes(&buf);
    return buf.error;
}

/* -- reading -- */

struct row {
    int64_t due_ms;
    size_t flag_count;
    const uint8_t *flags; /* ids, borrowed */
    struct bytes sealed;
};

static int row_parse(struct bytes value, struct row *ret) {
    static const uint8_t none[1];
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    ret->due_ms = read_i64(&reader);
    ret->flag_count = read_u8(&reader);
    size_t bytes = ret->flag_count * sizeof(struct message_id);
    if (version != ROW_VERSION || reader.error != 0 || reader.rest.length < bytes) {
        return ERR_STORAGE;
    }
    ret->flags = bytes == 0 ? none : reader.rest.data;
    reader.rest =
        (struct bytes){.data = reader.rest.data + bytes, .length = reader.rest.length - bytes};
    ret->sealed = read_run(&reader);
    return reader_end(&reader) < 0 ? ERR_STORAGE : 0;
}

static int row_get(struct store_txn *view, const struct digest *lookup, struct row *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_FAMILIES, BYTES_OF(*lookup), &value);
    return r < 0 ? r : row_parse(value, ret);
}

int family_get_by_lookup(struct store_txn *view, const struct family_keys *keys,
                         const struct digest *lookup, struct arena *arena, struct family **ret) {
    const struct vault_place place = {.table = row_table, .key = BYTES_OF(*lookup)};
    struct row row;
    struct bytes plain = {0};
    int r = row_get(view, lookup, &row);
    if (r == 0) {
        r = open_sealed(keys, &place, row.sealed, arena, &plain);
    }
    return r < 0 ? r : family_read(plain, arena, ret);
}

int family_get(struct store_txn *view, const struct family_keys *keys,
               const struct family_handle *handle, struct arena *arena, struct family **ret) {
    const struct digest lookup = family_lookup_key(keys->index, handle);
    return family_get_by_lookup(view, keys, &lookup, arena, ret);
}

int family_record_key(struct store_txn *view, const struct digest *lookup, uint64_t *ret) {
    struct row row;
    int r = row_get(view, lookup, &row);
    if (r < 0) {
        return r;
    }
    return vault_key_id(row.sealed, ret) < 0 ? ERR_STORAGE : 0;
}

int family_next(struct store_txn *view, const struct digest *from, struct digest *ret) {
    struct store_cursor cursor;
    int r = store_seek(view, TABLE_FAMILIES, BYTES_OF(*from), &cursor);
    if (r < 0) {
        return r;
    }
    if (cursor.key.length != sizeof(ret->bytes)) {
        return ERR_STORAGE;
    }
    memcpy(ret->bytes, cursor.key.data, sizeof(ret->bytes));
    return 0;
}

struct digest family_lookup_after(struct digest lookup) {
    for (size_t i = sizeof(lookup.bytes); i-- > 0;) {
        if (++lookup.bytes[i] != 0) {
            break;
        }
    }
    return lookup;
}

static int envelope_fresh(const struct family *family, const struct org_id *org,
                          struct sealed *ret) {
    for (size_t i = 0; i < family->envelope_count; i++) {
        if (org_id_equal(&family->envelopes[i].org, org)) {
            *ret = family->envelopes[i].sealed;
            return ret->box.length > 0 ? 0 : ERR_NOT_FOUND;
        }
    }
    return ERR_AGAIN; /* none: what lies in the table stands */
}

int family_envelope_get(struct store_txn *view, const struct family_keys *keys,
                        const struct family *family, const struct org_id *org, struct arena *arena,
                        struct sealed *ret) {
    const struct digest lookup = family_lookup_key(keys->index, &family->handle);
    const struct envelope_key key = envelope_key(&lookup, org);
    const struct vault_place place = {.table = envelope_table, .key = BYTES_OF(key)};
    struct bytes value;
    struct bytes plain = {0};
    int r = envelope_fresh(family, org, ret);
    if (r != ERR_AGAIN) {
        return r;
    }
    r = store_get(view, TABLE_FAMILY_ENVELOPES, BYTES_OF(key), &value);
    if (r == 0) {
        r = open_sealed(keys, &place, value, arena, &plain);
    }
    if (r < 0) {
        return r;
    }
    struct reader reader = reader_over(plain);
    struct sealed sealed = {0};
    read_raw(&reader, sealed.key, sizeof(sealed.key));
    sealed.box = read_run(&reader);
    if (reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    *ret = sealed;
    return 0;
}

/* -- decide -- */

static void flags_write(struct buf *buf, const struct family *family) {
    size_t open = 0;
    for (size_t i = 0; i < family->flag_count; i++) {
        open += family->flags[i].state != FLAG_CLOSED ? 1 : 0;
    }
    buf_u8(buf, (uint8_t)open);
    for (size_t i = 0; i < family->flag_count; i++) {
        uint8_t memory[FLAG_ROW_BYTES_MAX];
        struct buf row = buf_over(memory, sizeof(memory));
        const struct flag_row from = flag_row_of(&family->flags[i]);
        if (from.state != FLAG_CLOSED) {
            flag_row_write(&row, &from);
            buf_raw(buf, BYTES_OF(from.id));
            buf_run(buf, buf_bytes(&row));
        }
    }
}

static int seal_row(const struct family_writing *writing, const struct digest *lookup,
                    const struct family *family, struct bytes *ret) {
    const struct vault_place place = {.table = row_table, .key = BYTES_OF(*lookup)};
    uint8_t *memory = arena_alloc(writing->scratch, FAMILY_ROW_BYTES_MAX, 1);
    if (memory == NULL) {
        return ERR_NO_MEMORY;
    }
    struct buf buf = buf_over(memory, FAMILY_ROW_BYTES_MAX);
    family_write(&buf, family);
    return buf.error < 0 ? buf.error
                         : seal(writing, family->record_key, &place, buf_bytes(&buf), ret);
}

static int seal_envelope(const struct family_writing *writing, const struct digest *lookup,
                         const struct family *family, size_t index, struct bytes *ret) {
    const struct contact_envelope *envelope = &family->envelopes[index];
    const struct envelope_key key = envelope_key(lookup, &envelope->org);
    const struct vault_place place = {.table = envelope_table, .key = BYTES_OF(key)};
    size_t size = sizeof(envelope->sealed.key) + 4 + envelope->sealed.box.length;
    *ret = (struct bytes){0};
    if (envelope->sealed.box.length == 0) {
        return 0;
    }
    uint8_t *memory = arena_alloc(writing->scratch, size, 1);
    if (memory == NULL) {
        return ERR_NO_MEMORY;
    }
    struct buf buf = buf_over(memory, size);
    buf_raw(&buf, BYTES_OF(envelope->sealed.key));
    buf_run(&buf, envelope->sealed.box);
    return seal(writing, family->record_key, &place, buf_bytes(&buf), ret);
}

int family_decide(const struct family_writing *writing, const struct family *family, uint8_t change,
                  struct decision *ret) {
    const struct digest lookup = family_lookup_key(writing->keys->index, &family->handle);
    struct bytes row = {0};
    struct bytes envelopes[2 * CONSENT_ENVELOPES_MAX];
    size_t size = FACT_SLACK_BYTES + family->flag_count * FLAG_ROW_BYTES_MAX;
    size_t count = family->envelope_count;
    if (count > sizeof(envelopes) / sizeof(envelopes[0])) {
        return ERR_TOO_LARGE;
    }
    int r = seal_row(writing, &lookup, family, &row);
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = seal_envelope(writing, &lookup, family, i, &envelopes[i]);
        size += envelopes[i].length + sizeof(struct org_id) + 8;
    }
    if (r < 0) {
        return r;
    }
    struct buf buf = decision_buf(writing->view, size + row.length);
    buf_raw(&buf, BYTES_OF(lookup));
    buf_u8(&buf, change);
    buf_u64(&buf, family->record_key);
    buf_i64(&buf, family->due_ms);
    flags_write(&buf, family);
    buf_run(&buf, row);
    buf_u8(&buf, (uint8_t)count);
    for (size_t i = 0; i < count; i++) {
        org_write(&buf, &family->envelopes[i].org);
        buf_run(&buf, envelopes[i]);
    }
    const struct fact fact = {
        .type = FACT_FAMILY, .body = buf_bytes(&buf), .record_key = family->record_key};
    return buf.error < 0 ? buf.error : decision_push(ret, &fact);
}

static int decide_erased_part(const struct turn_view *view, struct journal_erased *erased,
                              const uint64_t *sequences, size_t count, struct decision *ret) {
    size_t size = 8 * count;
    uint8_t *memory = arena_alloc(view->arena, size + 1, 1);
    if (memory == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        be64_write(memory + 8 * i, sequences[i]);
    }
    erased->sequences = (struct bytes){.data = memory, .length = size};
    struct buf buf = decision_buf(view, size + FACT_SLACK_BYTES);
    journal_erased_write(&buf, erased);
    return decision_add(ret, FACT_FAMILY_ERASED, &buf);
}

int family_decide_erased(const struct turn_view *view, const struct digest *lookup,
                         uint64_t record_key, struct decision *ret) {
    struct journal_erased erased = {.lookup = *lookup, .record_key = record_key};
    uint64_t *sequences = ARENA_ARRAY(view->arena, uint64_t, JOURNAL_ERASED_MAX);
    size_t count = JOURNAL_ERASED_MAX;
    uint64_t from = 0;
    if (sequences == NULL) {
        return ERR_NO_MEMORY;
    }
    for (bool first = true; first || count == JOURNAL_ERASED_MAX; first = false) {
        int r = journal_family(view->txn, lookup, from, JOURNAL_ERASED_MAX, sequences, &count);
        if (r == 0 && (first || count > 0)) {
            r = decide_erased_part(view, &erased, sequences, count, ret);
        }
        if (r < 0) {
            return r;
        }
        from = count > 0 ? sequences[count - 1] + 1 : from;
    }
    return 0;
}

int families_to_shred(struct store_txn *view, uint64_t *ret_keys, size_t limit, size_t *ret_count) {
    struct store_cursor cursor;
    size_t count = 0;
    int r;
    for (r = store_first(view, TABLE_SHRED, &cursor); r == 0 && count < limit;
         r = store_next(&cursor)) {
        if (cursor.key.length != 8) {
            return ERR_STORAGE;
        }
        ret_keys[count++] = be64_read(cursor.key.data);
    }
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    *ret_count = count;
    return 0;
}

/* -- apply -- */

static struct bytes last_key_name(void) {
    return bytes_from_text("record-key-last");
}

int family_last_key(struct store_txn *view, uint64_t *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_STATE, last_key_name(), &value);
    if (r == ERR_NOT_FOUND) {
        *ret = 0;
        return 0;
    }
    if (r == 0 && value.length != 8) {
        return ERR_STORAGE;
    }
    *ret = r == 0 ? be64_read(value.data) : 0;
    return r;
}

static int note_key(struct store_txn *txn, uint64_t record_key) {
    uint64_t last;
    uint8_t value[8];
    int r = family_last_key(txn, &last);
    if (r == 0 && record_key > last) {
        be64_write(value, record_key);
        store_put(txn, TABLE_STATE, last_key_name(), BYTES_OF(value));
    }
    return r;
}

/* What stands beside the row, by what the row itself says of it. */
static int beside_delete(struct store_txn *txn, const struct digest *lookup) {
    struct message_id flags[FAMILY_FLAGS_MAX];
    struct row row;
    int r = row_get(txn, lookup, &row);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    if (row.flag_count > FAMILY_FLAGS_MAX) {
        return ERR_STORAGE;
    }
    memcpy(flags, row.flags, row.flag_count * sizeof(flags[0])); /* before the first write */
    const struct due_key due = due_key(row.due_ms, lookup);
    store_delete(txn, TABLE_FAMILY_DUE, BYTES_OF(due));
    for (size_t i = 0; i < row.flag_count; i++) {
        store_delete(txn, TABLE_FLAGS, BYTES_OF(flags[i]));
    }
    return 0;
}

static int flags_apply(struct store_txn *txn, struct reader *reader, struct buf *row) {
    size_t count = read_u8(reader);
    buf_u8(row, (uint8_t)count);
    for (size_t i = 0; i < count; i++) {
        struct message_id id = {0};
        read_raw(reader, id.bytes, sizeof(id.bytes));
        struct bytes flag = read_run(reader);
        if (reader->error != 0) {
            return ERR_STORAGE;
        }
        buf_raw(row, BYTES_OF(id));
        store_put(txn, TABLE_FLAGS, BYTES_OF(id), flag);
    }
    return 0;
}

static int envelopes_apply(struct store_txn *txn, const struct digest *lookup,
                           struct reader *reader) {
    size_t count = read_u8(reader);
    for (size_t i = 0; i < count; i++) {
        const struct org_id org = org_read(reader);
        const struct envelope_key key = envelope_key(lookup, &org);
        struct bytes sealed = read_run(reader);
        if (sealed.length > 0) {
            store_put(txn, TABLE_FAMILY_ENVELOPES, BYTES_OF(key), sealed);
        } else {
            store_delete(txn, TABLE_FAMILY_ENVELOPES, BYTES_OF(key));
        }
    }
    return reader_end(reader) < 0 ? ERR_STORAGE : 0;
}

static int apply_family(const struct turn_view *view, struct bytes body) {
    struct reader reader = reader_over(body);
    struct digest lookup = {0};
    size_t size = ROW_HEAD_BYTES + body.length;
    uint8_t *memory = arena_alloc(view->arena, size, 1);
    if (memory == NULL) {
        return ERR_NO_MEMORY;
    }
    struct buf row = buf_over(memory, size);
    read_raw(&reader, lookup.bytes, sizeof(lookup.bytes));
    (void)read_u8(&reader); /* what changed it: for who reads the journal */
    uint64_t record_key = read_u64(&reader);
    int64_t due_ms = read_i64(&reader);
    int r = beside_delete(view->txn, &lookup);
    if (r == 0) {
        r = note_key(view->txn, record_key);
    }
    buf_u8(&row, ROW_VERSION);
    buf_i64(&row, due_ms);
    if (r == 0) {
        r = flags_apply(view->txn, &reader, &row);
    }
    if (r < 0) {
        return r;
    }
    buf_run(&row, read_run(&reader));
    store_put(view->txn, TABLE_FAMILIES, BYTES_OF(lookup), buf_bytes(&row));
    if (due_ms != INT64_MAX) {
        const struct due_key due = due_key(due_ms, &lookup);
        store_put(view->txn, TABLE_FAMILY_DUE, BYTES_OF(due), (struct bytes){0});
    }
    return envelopes_apply(view->txn, &lookup, &reader);
}

static int apply_erased(const struct turn_view *view, struct bytes body) {
    struct store_txn *txn = view->txn;
    struct journal_erased erased;
    struct store_cursor cursor;
    uint8_t key[8];
    int r = journal_erased_read(body, &erased);
    if (r == 0) {
        r = beside_delete(txn, &erased.lookup);
    }
    if (r == 0) {
        r = note_key(txn, erased.record_key);
    }
    if (r < 0) {
        return r;
    }
    store_delete(txn, TABLE_FAMILIES, BYTES_OF(erased.lookup));
    for (r = store_seek(txn, TABLE_FAMILY_ENVELOPES, BYTES_OF(erased.lookup), &cursor);
         r == 0 && store_under(&cursor, BYTES_OF(erased.lookup)); r = store_next(&cursor)) {
        store_delete(txn, TABLE_FAMILY_ENVELOPES, cursor.key);
    }
    if (erased.record_key != 0) {
        be64_write(key, erased.record_key);
        store_put(txn, TABLE_SHRED, BYTES_OF(key), (struct bytes){0});
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

static int apply_shredded(const struct turn_view *view, struct bytes body) {
    for (size_t at = 0; at + 8 <= body.length; at += 8) {
        struct bytes key = {.data = body.data + at, .length = 8};
        store_delete(view->txn, TABLE_SHRED, key);
    }
    return body.length % 8 == 0 ? 0 : ERR_STORAGE;
}

int family_store_apply(const struct turn_view *view, const struct fact *fact) {
    switch ((int)fact->type) {
    case FACT_FAMILY:
        return apply_family(view, fact->body);
    case FACT_FAMILY_ERASED:
        return apply_erased(view, fact->body);
    case FACT_SHREDDED:
        return apply_shredded(view, fact->body);
    case FACT_FLAG_ROW:
        return flag_row_apply(view, fact->body);
    default:
        return ERR_UNSUPPORTED;
    }
}
