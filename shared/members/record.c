#include "shared/members/record.h"

#include <string.h>

#include "shared/base/buf.h"
#include "shared/base/limits.h"

enum {
    RECORD_VERSION = 1,
    RECORD_HEAD_BYTES = 1 + 1 + 1 + 8 + 8 + 2 * PUBLIC_KEY_BYTES,
    KEY_NAME_BYTES = 1 + PUBLIC_KEY_BYTES,
};

static struct bytes org_name(const struct org_id *org) {
    return bytes_from_text(org->text);
}

static int read_standing(struct bytes value, struct member_standing *ret) {
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    enum record_state state = (enum record_state)read_u8(&reader);
    struct member_standing standing = {
        .active = state == RECORD_ACTIVE,
        .left = state == RECORD_LEFT,
        .revoked = state == RECORD_REVOKED,
    };
    standing.role = (enum member_role)read_u8(&reader);
    standing.since_ms = read_i64(&reader);
    standing.entry = read_u64(&reader);
    read_raw(&reader, standing.sign.bytes, sizeof(standing.sign.bytes));
    read_raw(&reader, standing.curve.bytes, sizeof(standing.curve.bytes));
    bool known = standing.active || standing.left || standing.revoked;
    if (reader.error < 0 || version != RECORD_VERSION || !known) {
        return ERR_STORAGE;
    }
    *ret = standing;
    return 0;
}

static int read_member(struct bytes value, struct arena *arena, struct member *ret) {
    struct bytes encoded = {
        .data = value.data + RECORD_HEAD_BYTES,
        .length = value.length - RECORD_HEAD_BYTES,
    };
    enum refusal refusal = member_decode(encoded, arena, ret);
    if (refusal == REFUSAL_NO_ROOM) {
        return ERR_NO_MEMORY;
    }
    return refusal == REFUSAL_NONE ? 0 : ERR_STORAGE;
}

static int read_membership(struct bytes key, struct bytes value, struct arena *arena,
                           struct membership *ret) {
    struct member_standing standing;
    struct membership membership = {0};
    int r = read_standing(value, &standing);
    if (r < 0) {
        return r;
    }
    if (key.length > ORG_ID_MAX) {
        return ERR_STORAGE;
    }
    memcpy(membership.org.text, key.data, key.length);
    r = read_member(value, arena, &membership.member);
    if (r < 0) {
        return r;
    }
    membership.active = standing.active;
    membership.left = standing.left;
    membership.revoked = standing.revoked;
    membership.since_ms = standing.since_ms;
    membership.entry = standing.entry;
    *ret = membership;
    return 0;
}

int member_get(struct store_txn *view, const struct org_id *org, struct arena *arena,
               struct membership *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_MEMBERS, org_name(org), &value);
    if (r < 0) {
        return r;
    }
    return read_membership(org_name(org), value, arena, ret);
}

int member_standing(struct store_txn *view, const struct org_id *org, struct member_standing *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_MEMBERS, org_name(org), &value);
    if (r < 0) {
        return r;
    }
    return read_standing(value, ret);
}

int member_is_active(struct store_txn *view, const struct org_id *org, bool *ret) {
    struct member_standing standing;
    int r = member_standing(view, org, &standing);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    *ret = r == 0 && standing.active;
    return 0;
}

int members_first(struct store_txn *view, struct arena *arena, struct members_cursor *cursor,
                  struct membership *ret) {
    int r = store_first(view, TABLE_MEMBERS, &cursor->at);
    return r < 0 ? r : read_membership(cursor->at.key, cursor->at.value, arena, ret);
}

int members_next(struct members_cursor *cursor, struct arena *arena, struct membership *ret) {
    int r = store_next(&cursor->at);
    return r < 0 ? r : read_membership(cursor->at.key, cursor->at.value, arena, ret);
}

int members_count(struct store_txn *view, uint64_t *ret) {
    struct store_cursor cursor;
    uint64_t count = 0;
    int r = store_first(view, TABLE_MEMBERS, &cursor);
    for (; r == 0; r = store_next(&cursor)) {
        struct member_standing standing;
        int read = read_standing(cursor.value, &standing);
        if (read < 0) {
            return read;
        }
        count += standing.active ? 1 : 0;
    }
    if (r != ERR_NOT_FOUND) {
        return r;
    }
    *ret = count;
    return 0;
}

int record_get(struct store_txn *view, const struct org_id *org, struct arena *arena,
               struct record *ret) {
    struct membership membership;
    int r = member_get(view, org, arena, &membership);
    if (r < 0) {
        return r;
    }
    *ret = (struct record){
        .state = membership.active    ? RECORD_ACTIVE
                 : membership.revoked ? RECORD_REVOKED
                                      : RECORD_LEFT,
        .since_ms = membership.since_ms,
        .entry = membership.entry,
        .member = membership.member,
    };
    return 0;
}

int record_put(struct store_txn *txn, const struct org_id *org, const struct record *record,
               struct arena *arena) {
    struct bytes encoded;
    int r = member_encode(&record->member, arena, &encoded);
    if (r < 0) {
        return r;
    }
    size_t size = RECORD_HEAD_BYTES + encoded.length;
    uint8_t *memory = arena_alloc(arena, size, 1);
    if (memory == NULL) {
        return ERR_NO_MEMORY;
    }
    struct buf buf = buf_over(memory, size);
    buf_u8(&buf, RECORD_VERSION);
    buf_u8(&buf, (uint8_t)record->state);
    buf_u8(&buf, (uint8_t)record->member.role);
    buf_i64(&buf, record->since_ms);
    buf_u64(&buf, record->entry);
    buf_raw(&buf, BYTES_OF(record->member.sign));
    buf_raw(&buf, BYTES_OF(record->member.curve));
    buf_raw(&buf, encoded);
    store_put(txn, TABLE_MEMBERS, org_name(org), buf_bytes(&buf));
    return 0;
}

static void key_name(enum key_purpose purpose, const struct public_key *key,
                     uint8_t ret[static KEY_NAME_BYTES]) {
    ret[0] = (uint8_t)purpose;
    memcpy(ret + 1, key->bytes, PUBLIC_KEY_BYTES);
}

void record_key_put(struct store_txn *txn, enum key_purpose purpose, const struct public_key *key,
                    const struct org_id *org) {
    uint8_t name[KEY_NAME_BYTES];
    uint8_t memory[1 + 4 + ORG_ID_MAX];
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_u8(&buf, RECORD_VERSION);
    buf_text(&buf, org->text);
    key_name(purpose, key, name);
    store_put(txn, TABLE_MEMBER_KEYS, BYTES_OF(name), buf_bytes(&buf));
}

int record_key_get(struct store_txn *view, enum key_purpose purpose, const struct public_key *key,
                   struct org_id *ret) {
    uint8_t name[KEY_NAME_BYTES];
    struct bytes value;
    struct org_id org = {0};
    key_name(purpose, key, name);
    int r = store_get(view, TABLE_MEMBER_KEYS, BYTES_OF(name), &value);
    if (r < 0) {
        return r;
    }
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    read_text(&reader, org.text, sizeof(org.text));
    if (reader_end(&reader) < 0 || version != RECORD_VERSION) {
        return ERR_STORAGE;
    }
    *ret = org;
    return 0;
}

int member_by_curve_key(struct store_txn *view, const struct public_key *key, struct org_id *ret) {
    struct org_id org;
    struct member_standing standing;
    int r = record_key_get(view, KEY_CURVE, key, &org);
    if (r < 0) {
        return r;
    }
    r = member_standing(view, &org, &standing);
    if (r < 0) {
        return r;
    }
    bool current = bytes_equal(BYTES_OF(standing.curve), BYTES_OF(*key));
    if (standing.revoked || (standing.active && !current)) {
        return ERR_DENIED;
    }
    if (!standing.active) {
        return ERR_NOT_FOUND;
    }
    *ret = org;
    return 0;
}
