#include "node/core/register.h"

#include <string.h>

#include "shared/base/buf.h"
#include "shared/base/civil.h"
#include "shared/crypto/secret.h"

enum { CASE_VERSION = 1 };

/* -- one case -- */

static bool text_ends(const char *text, size_t size) {
    return memchr(text, '\0', size) != NULL;
}

static bool day_known(int32_t day) {
    return day == REGISTER_DAY_NONE || day_valid(day);
}

bool register_case_valid(const struct register_case *one) {
    struct service_id service;
    struct language language;
    bool texts = text_ends(one->id, sizeof(one->id)) && one->id[0] != '\0' &&
                 text_ends(one->service.text, sizeof(one->service.text)) &&
                 text_ends(one->language.code, sizeof(one->language.code));
    if (!texts || (one->service.text[0] != '\0' && service_id_parse(one->service.text, &service)) ||
        (one->language.code[0] != '\0' && language_parse(one->language.code, &language))) {
        return false;
    }
    bool reason =
        one->close_reason == CLOSE_REASON_NONE || close_reason_text(one->close_reason) != NULL;
    return reason && one->nis.code <= 99999 && day_valid(one->asked_day) &&
           day_known(one->first_appointment_day) && day_known(one->last_contact_day) &&
           day_known(one->closed_day);
}

static void case_write(struct buf *buf, const struct register_case *one) {
    buf_u8(buf, CASE_VERSION);
    buf_text(buf, one->id);
    buf_u32(buf, one->nis.code);
    buf_text(buf, one->service.text);
    buf_raw(buf, BYTES_OF(one->language.code));
    buf_u32(buf, (uint32_t)one->asked_day);
    buf_u32(buf, (uint32_t)one->first_appointment_day);
    buf_u32(buf, (uint32_t)one->last_contact_day);
    buf_u32(buf, (uint32_t)one->closed_day);
    buf_u8(buf, (uint8_t)one->close_reason);
    buf_u64(buf, one->worker);
}

static int case_read(struct bytes bytes, struct register_case *ret) {
    struct reader reader = reader_over(bytes);
    struct register_case one = {.id = ""};
    uint8_t version = read_u8(&reader);
    read_text(&reader, one.id, sizeof(one.id));
    one.nis.code = read_u32(&reader);
    read_text(&reader, one.service.text, sizeof(one.service.text));
    read_raw(&reader, one.language.code, sizeof(one.language.code));
    one.asked_day = (int32_t)read_u32(&reader);
    one.first_appointment_day = (int32_t)read_u32(&reader);
    one.last_contact_day = (int32_t)read_u32(&reader);
    one.closed_day = (int32_t)read_u32(&reader);
    one.close_reason = (enum close_reason)read_u8(&reader);
    one.worker = read_u64(&reader);
    if (version != CASE_VERSION || reader_end(&reader) < 0) {
        return ERR_CRYPTO;
    }
    *ret = one;
    return 0;
}

struct register_key register_key(const struct vault_index_key *index, uint64_t generation,
                                 const char *id) {
    struct register_key key;
    struct digest hash = vault_lookup_key(index, table_name(TABLE_REGISTER), bytes_from_text(id));
    be64_write(key.bytes, generation);
    memcpy(key.bytes + 8, hash.bytes, sizeof(hash.bytes));
    return key;
}

void register_seal(const struct record_key *key, const struct register_key *place,
                   const struct register_case *one, struct buf *out) {
    uint8_t memory[REGISTER_CASE_BYTES_MAX];
    struct buf plain = buf_over(memory, sizeof(memory));
    struct vault_place at = {.table = table_name(TABLE_REGISTER), .key = BYTES_OF(*place)};
    case_write(&plain, one);
    /* The place tells generation and case: nothing else is ever sealed there. */
    struct aead_nonce nonce = vault_nonce(key, &at, be64_read(place->bytes), buf_bytes(&plain));
    vault_seal(key, &at, buf_bytes(&plain), &nonce, out);
    secret_wipe(memory, sizeof(memory));
}

int register_open(const struct record_key *key, struct bytes place, struct bytes sealed,
                  struct register_case *ret) {
    uint8_t memory[REGISTER_CASE_BYTES_MAX];
    struct buf plain = buf_over(memory, sizeof(memory));
    struct vault_place at = {.table = table_name(TABLE_REGISTER), .key = place};
    int r = vault_open(key, &at, sealed, &plain);
    r = r < 0 ? ERR_CRYPTO : case_read(buf_bytes(&plain), ret);
    secret_wipe(memory, sizeof(memory));
    return r;
}

/* -- one generation -- */

int register_each(struct store_txn *view, const struct vault_keys *keys,
                  const struct register_generation *generation,
                  const struct register_visitor *visitor) {
    struct record_key key;
    struct register_case one;
    struct store_cursor cursor;
    uint8_t prefix[8];
    be64_write(prefix, generation->generation);
    int r = keys->get(keys->context, generation->record_key, &key);
    if (r < 0) {
        return r;
    }
    for (r = store_seek(view, TABLE_REGISTER, BYTES_OF(prefix), &cursor);
         r == 0 && store_under(&cursor, BYTES_OF(prefix)); r = store_next(&cursor)) {
        r = register_open(&key, cursor.key, cursor.value, &one);
        if (r == 0) {
            r = visitor->visit(visitor->context, &one);
        }
        if (r < 0) {
            break;
        }
    }
    secret_wipe(&one, sizeof(one));
    secret_wipe(&key, sizeof(key));
    return r == ERR_NOT_FOUND ? 0 : r;
}

int register_find(struct store_txn *view, const struct vault_keys *keys,
                  const struct vault_index_key *index, const char *id, struct register_case *ret) {
    struct register_generation standing;
    struct record_key record_key;
    struct bytes sealed;
    int r = register_standing(view, &standing, NULL);
    if (r < 0) {
        return r;
    }
    struct register_key key = register_key(index, standing.generation, id);
    r = store_get(view, TABLE_REGISTER, BYTES_OF(key), &sealed);
    if (r == 0) {
        r = keys->get(keys->context, standing.record_key, &record_key);
    }
    if (r < 0) {
        return r;
    }
    r = register_open(&record_key, BYTES_OF(key), sealed, ret);
    secret_wipe(&record_key, sizeof(record_key));
    return r;
}

/* -- two generations -- */

struct walk {
    struct record_key key;
    struct store_cursor cursor;
    uint8_t prefix[8];
    bool there; /* the cursor stands at a row of this generation */
    struct register_case one;
};

/* What a move of the cursor found. */
static int walk_arrive(struct walk *walk, int moved) {
    walk->there = moved == 0 && store_under(&walk->cursor, BYTES_OF(walk->prefix));
    if (!walk->there) {
        return moved == ERR_NOT_FOUND ? 0 : moved;
    }
    return register_open(&walk->key, walk->cursor.key, walk->cursor.value, &walk->one);
}

static int walk_begin(struct store_txn *view, const struct vault_keys *keys,
                      const struct register_generation *generation, struct walk *walk) {
    int r = keys->get(keys->context, generation->record_key, &walk->key);
    if (r < 0) {
        return r;
    }
    be64_write(walk->prefix, generation->generation);
    return walk_arrive(walk,
                       store_seek(view, TABLE_REGISTER, BYTES_OF(walk->prefix), &walk->cursor));
}

static int walk_next(struct walk *walk) {
    return walk_arrive(walk, store_next(&walk->cursor));
}

/* Below 0: the old one's case comes first. */
static int walk_compare(const struct walk *old, const struct walk *new) {
    if (!old->there || !new->there) {
        return old->there ? -1 : 1;
    }
    return memcmp(old->cursor.key.data + 8, new->cursor.key.data + 8, REGISTER_KEY_BYTES - 8);
}

static unsigned changes_of(const struct register_case *before, const struct register_case *after) {
    bool was_open = before != NULL && before->closed_day == REGISTER_DAY_NONE;
    bool is_open = after != NULL && after->closed_day == REGISTER_DAY_NONE;
    if (after == NULL) {
        return was_open ? REGISTER_VANISHED : 0;
    }
    if (before == NULL) {
        return REGISTER_OPENED | (is_open ? 0 : REGISTER_CLOSED);
    }
    unsigned what = was_open && !is_open ? REGISTER_CLOSED : 0;
    what |= !was_open && is_open ? REGISTER_REOPENED : 0;
    /* REGISTER_DAY_NONE is below every day. */
    what |= after->last_contact_day > before->last_contact_day ? REGISTER_CONTACTED : 0;
    bool moved =
        before->nis.code != 0 && after->nis.code != 0 && before->nis.code != after->nis.code;
    return what | (moved ? REGISTER_MOVED : 0);
}

static int tell(const struct register_listener *listener, const struct register_case *before,
                const struct register_case *after) {
    struct register_change change = {
        .what = changes_of(before, after), .before = before, .after = after};
    return change.what == 0 ? 0 : listener->hear(listener->context, &change);
}

static int merge(struct walk *old, struct walk *new, const struct register_listener *listener,
                 uint64_t *cases) {
    while (old->there || new->there) {
        int order = walk_compare(old, new);
        const struct register_case *before = order <= 0 ? &old->one : NULL;
        const struct register_case *after = order >= 0 ? &new->one : NULL;
        int r = tell(listener, before, after);
        if (r == 0 && before != NULL) {
            r = walk_next(old);
        }
        if (r == 0 && after != NULL) {
            (*cases)++;
            r = walk_next(new);
        }
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int register_diff(struct store_txn *view, const struct vault_keys *keys,
                  const struct register_pair *pair, const struct register_listener *listener,
                  uint64_t *ret_cases) {
    struct walk old = {.there = false};
    struct walk new = {.there = false};
    uint64_t cases = 0;
    int r = pair->old == NULL ? 0 : walk_begin(view, keys, pair->old, &old);
    if (r == ERR_NOT_FOUND) {
        r = 0;
    }
    if (r == 0) {
        r = walk_begin(view, keys, pair->new, &new);
    }
    if (r == 0) {
        r = merge(&old, &new, listener, &cases);
    }
    secret_wipe(&old, sizeof(old));
    secret_wipe(&new, sizeof(new));
    if (r == 0) {
        *ret_cases = cases;
    }
    return r;
}
