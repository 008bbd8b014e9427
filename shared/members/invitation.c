#include "shared/members/invitation.h"

#include <string.h>

#include "shared/base/buf.h"
#include "shared/crypto/hash.h"

enum {
    RECORD_VERSION = 1,
    RECORD_BYTES_MAX =
        1 + 32 + 4 + ORG_ID_MAX + 8 + 8 + 4 + USER_ID_MAX + 1 + 1 + 4 + ORG_ID_MAX + 32,
    NAME_OF_INVITATION = 'i',
    NAME_OF_PENDING = 'p',
    NAME_BYTES = 1 + 16,
};

struct digest invitation_key(const uint8_t secret[static INVITATION_SECRET_BYTES]) {
    return hash_of("invitation/v1",
                   (struct bytes){.data = secret, .length = INVITATION_SECRET_BYTES});
}

struct digest invitation_proof(const struct digest *key, struct bytes application) {
    return hash_keyed(BYTES_OF(*key), "join/v1", application);
}

struct digest join_application_hash(struct bytes application) {
    return hash_of("join-application/v1", application);
}

static void invitation_name(const struct invitation_id *id, uint8_t ret[static NAME_BYTES]) {
    ret[0] = NAME_OF_INVITATION;
    memcpy(ret + 1, id->bytes, sizeof(id->bytes));
}

void invitation_put(struct store_txn *txn, const struct invitation_record *record) {
    uint8_t name[NAME_BYTES];
    uint8_t memory[RECORD_BYTES_MAX];
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_u8(&buf, RECORD_VERSION);
    buf_raw(&buf, BYTES_OF(record->key));
    buf_text(&buf, record->org.text);
    buf_i64(&buf, record->made_ms);
    buf_i64(&buf, record->expires_ms);
    buf_text(&buf, record->made_by.text);
    buf_u8(&buf, record->approve_at_once ? 1 : 0);
    buf_u8(&buf, (uint8_t)record->state);
    buf_text(&buf, record->used_by.text);
    buf_raw(&buf, BYTES_OF(record->application));
    invitation_name(&record->id, name);
    store_put(txn, TABLE_INVITATIONS, BYTES_OF(name), buf_bytes(&buf));
}

static int read_record(struct bytes name, struct bytes value, struct invitation_record *ret) {
    struct invitation_record record = {0};
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    read_raw(&reader, record.key.bytes, sizeof(record.key.bytes));
    read_text(&reader, record.org.text, sizeof(record.org.text));
    record.made_ms = read_i64(&reader);
    record.expires_ms = read_i64(&reader);
    read_text(&reader, record.made_by.text, sizeof(record.made_by.text));
    record.approve_at_once = read_u8(&reader) != 0;
    record.state = (enum invitation_state)read_u8(&reader);
    read_text(&reader, record.used_by.text, sizeof(record.used_by.text));
    read_raw(&reader, record.application.bytes, sizeof(record.application.bytes));
    bool known = record.state >= INVITATION_OPEN && record.state <= INVITATION_WITHDRAWN;
    if (reader_end(&reader) < 0 || version != RECORD_VERSION || !known ||
        name.length != NAME_BYTES) {
        return ERR_STORAGE;
    }
    memcpy(record.id.bytes, name.data + 1, sizeof(record.id.bytes));
    *ret = record;
    return 0;
}

int invitation_get(struct store_txn *view, const struct invitation_id *id,
                   struct invitation_record *ret) {
    uint8_t name[NAME_BYTES];
    struct bytes value;
    invitation_name(id, name);
    int r = store_get(view, TABLE_INVITATIONS, BYTES_OF(name), &value);
    return r < 0 ? r : read_record(BYTES_OF(name), value, ret);
}

/* What the cursor stands on, or the end where that is of another kind. */
static int record_here(const struct store_cursor *at, struct invitation_record *ret) {
    const uint8_t kind = NAME_OF_INVITATION;
    return store_under(at, BYTES_OF(kind)) ? read_record(at->key, at->value, ret) : ERR_NOT_FOUND;
}

int invitation_first(struct store_txn *view, struct invitation_cursor *cursor,
                     struct invitation_record *ret) {
    const uint8_t kind = NAME_OF_INVITATION;
    int r = store_seek(view, TABLE_INVITATIONS, BYTES_OF(kind), &cursor->at);
    return r < 0 ? r : record_here(&cursor->at, ret);
}

int invitation_next(struct invitation_cursor *cursor, struct invitation_record *ret) {
    int r = store_next(&cursor->at);
    return r < 0 ? r : record_here(&cursor->at, ret);
}

struct pending_name {
    uint8_t bytes[1 + ORG_ID_MAX];
    size_t length;
};

static struct pending_name pending_name(const struct org_id *org) {
    struct pending_name name = {.length = 1 + strlen(org->text)};
    name.bytes[0] = NAME_OF_PENDING;
    memcpy(name.bytes + 1, org->text, name.length - 1);
    return name;
}

static struct bytes name_bytes(const struct pending_name *name) {
    return (struct bytes){.data = name->bytes, .length = name->length};
}

int pending_put(struct store_txn *txn, const struct pending_join *pending, struct arena *arena) {
    const struct pending_name name = pending_name(&pending->org);
    size_t size = 1 + sizeof(pending->invitation) + 8 + 4 + pending->application.length;
    uint8_t *memory = arena_alloc(arena, size, 1);
    if (memory == NULL) {
        return ERR_NO_MEMORY;
    }
    struct buf buf = buf_over(memory, size);
    buf_u8(&buf, RECORD_VERSION);
    buf_raw(&buf, BYTES_OF(pending->invitation));
    buf_i64(&buf, pending->received_ms);
    buf_run(&buf, pending->application);
    store_put(txn, TABLE_INVITATIONS, name_bytes(&name), buf_bytes(&buf));
    return 0;
}

static int read_pending(struct bytes name, struct bytes value, struct arena *arena,
                        struct pending_join *ret) {
    struct pending_join pending = {0};
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    read_raw(&reader, pending.invitation.bytes, sizeof(pending.invitation.bytes));
    pending.received_ms = read_i64(&reader);
    struct bytes application = read_run(&reader);
    if (reader_end(&reader) < 0 || version != RECORD_VERSION || name.length < 2 ||
        name.length > 1 + ORG_ID_MAX) {
        return ERR_STORAGE;
    }
    memcpy(pending.org.text, name.data + 1, name.length - 1);
    pending.application = arena_copy(arena, application);
    if (pending.application.data == NULL) {
        return ERR_NO_MEMORY;
    }
    *ret = pending;
    return 0;
}

int pending_get(struct store_txn *view, const struct org_id *org, struct arena *arena,
                struct pending_join *ret) {
    const struct pending_name name = pending_name(org);
    struct bytes value;
    int r = store_get(view, TABLE_INVITATIONS, name_bytes(&name), &value);
    return r < 0 ? r : read_pending(name_bytes(&name), value, arena, ret);
}

void pending_delete(struct store_txn *txn, const struct org_id *org) {
    const struct pending_name name = pending_name(org);
    store_delete(txn, TABLE_INVITATIONS, name_bytes(&name));
}

static int pending_here(const struct store_cursor *at, struct arena *arena,
                        struct pending_join *ret) {
    const uint8_t kind = NAME_OF_PENDING;
    return store_under(at, BYTES_OF(kind)) ? read_pending(at->key, at->value, arena, ret)
                                           : ERR_NOT_FOUND;
}

int pending_first(struct store_txn *view, struct arena *arena, struct pending_cursor *cursor,
                  struct pending_join *ret) {
    const uint8_t kind = NAME_OF_PENDING;
    int r = store_seek(view, TABLE_INVITATIONS, BYTES_OF(kind), &cursor->at);
    return r < 0 ? r : pending_here(&cursor->at, arena, ret);
}

int pending_next(struct pending_cursor *cursor, struct arena *arena, struct pending_join *ret) {
    int r = store_next(&cursor->at);
    return r < 0 ? r : pending_here(&cursor->at, arena, ret);
}
