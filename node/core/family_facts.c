#include <string.h>

#include "node/core/families.h"
#include "node/core/family_codec.h"
#include "node/core/register_meta.h"
#include "shared/crypto/secret.h"

/* Rows, items and our own records as facts: sealed in decide, so that apply only puts bytes where
 * the fact says. */

enum { FACT_SLACK_BYTES = 256 + VAULT_OVERHEAD_BYTES, KEYS_FOR_WITHDRAWALS = 8 };

struct family_vault node_family_vault(const struct node *node) {
    return (struct family_vault){.records = node->params.keys.records,
                                 .index = node->params.keys.index};
}

/* -- numbers and keys -- */

int node_take_key(struct node *node, uint64_t *ret) {
    return node_keys_left(node) <= KEYS_FOR_WITHDRAWALS ? ERR_AGAIN : node_take_last_key(node, ret);
}

int node_take_last_key(struct node *node, uint64_t *ret) {
    struct key_range *range = node->pool;
    if (node->pool_count == 0) {
        return ERR_AGAIN;
    }
    *ret = range->next++;
    if (--range->left == 0) {
        node->pool_count--;
        memmove(range, range + 1, node->pool_count * sizeof(*range));
    }
    return 0;
}

/* The number after the last one given, in the store or by a fact of this decision: the bodies of
 * both facts begin with it. */
static int next_number(const struct turn_view *view, enum table table, uint16_t fact,
                       const struct decision *so_far, uint32_t *ret) {
    struct bytes value;
    uint32_t last = 0;
    int r = store_get(view->txn, table, bytes_from_text("l"), &value);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    if (r == 0 && value.length != 4) {
        return ERR_STORAGE;
    }
    last = r == 0 ? be32_read(value.data) : 0;
    for (size_t i = 0; i < so_far->fact_count; i++) {
        const struct fact *before = &so_far->facts[i];
        if (before->type == fact && be32_read(before->body.data) > last) {
            last = be32_read(before->body.data);
        }
    }
    *ret = last + 1;
    return 0;
}

/* Appends the sealed value as a run. */
static int seal(struct node *node, const struct turn_view *view, uint64_t record_key,
                const struct vault_place *place, const struct buf *plain, struct buf *out) {
    struct record_key key;
    struct aead_nonce nonce;
    const struct vault_keys *records = &node->params.keys.records;
    if (plain->error < 0) {
        return plain->error;
    }
    int r = records->get(records->context, record_key, &key);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? ERR_CRYPTO : r;
    }
    struct buf sealed = decision_buf(view, plain->length + VAULT_OVERHEAD_BYTES);
    rng_fill(view->rng, nonce.bytes, sizeof(nonce.bytes));
    vault_seal(&key, place, buf_bytes(plain), &nonce, &sealed);
    secret_wipe(&key, sizeof(key));
    buf_run(out, buf_bytes(&sealed));
    return sealed.error;
}

/* -- under which key something lies -- */

/* What stands in the bodies before the sealed value. */
enum {
    FAMILY_HEAD_BYTES = 4 + sizeof(struct digest) + 2 * (1 + sizeof(struct digest)),
    ITEM_HEAD_BYTES = 4 + sizeof(struct message_id) + sizeof(struct digest) + 1,
};

/* The value in a fact of this decision; ERR_NOT_FOUND: none of that number. */
static int sealed_by_fact(const struct decision *so_far, uint16_t type, uint32_t number,
                          struct bytes *ret) {
    const size_t head = type == NODE_FACT_FAMILY ? FAMILY_HEAD_BYTES : ITEM_HEAD_BYTES;
    for (size_t i = 0; i < so_far->fact_count; i++) {
        const struct bytes body = so_far->facts[i].body;
        if (so_far->facts[i].type == type && be32_read(body.data) == number) {
            struct reader reader =
                reader_over((struct bytes){.data = body.data + head, .length = body.length - head});
            *ret = read_run(&reader);
            return 0;
        }
    }
    return ERR_NOT_FOUND;
}

static int key_that_opens(const struct node *node, struct bytes sealed, uint64_t *ret) {
    const struct vault_keys *records = &node->params.keys.records;
    struct record_key key;
    uint64_t id;
    if (vault_key_id(sealed, &id) < 0) {
        return ERR_STORAGE;
    }
    int r = records->get(records->context, id, &key);
    if (r == 0) {
        secret_wipe(&key, sizeof(key));
        *ret = id;
    }
    return r;
}

int family_row_key(const struct node *node, const struct turn_view *view, uint32_t number,
                   const struct decision *so_far, uint64_t *ret) {
    const struct family_number_key at = family_number_key(number);
    struct bytes lookup;
    struct bytes sealed;
    int r = sealed_by_fact(so_far, NODE_FACT_FAMILY, number, &sealed);
    if (r == ERR_NOT_FOUND) {
        r = store_get(view->txn, TABLE_CARDS, BYTES_OF(at), &lookup);
        r = r < 0 ? r : store_get(view->txn, TABLE_CARDS, lookup, &sealed);
    }
    return r < 0 ? r : key_that_opens(node, sealed, ret);
}

int item_row_key(const struct node *node, const struct turn_view *view, uint32_t number,
                 const struct decision *so_far, uint64_t *ret) {
    const struct family_number_key at = family_number_key(number);
    struct bytes sealed;
    int r = sealed_by_fact(so_far, NODE_FACT_ITEM, number, &sealed);
    if (r == ERR_NOT_FOUND) {
        r = store_get(view->txn, TABLE_ITEMS, BYTES_OF(at), &sealed);
    }
    return r < 0 ? r : key_that_opens(node, sealed, ret);
}

/* -- families -- */

static bool has_case(const struct family_row *row) {
    return row->support.exists && row->support.follows_case;
}

/* Which case pointed at the row before and doesn't now. */
static int left_case(struct node *node, const struct turn_view *view, const struct family_row *row,
                     struct digest *ret, bool *ret_left) {
    const struct family_vault vault = node_family_vault(node);
    struct family_row *before;
    int r = family_find(view->txn, &vault, &row->handle, view->arena, &before);
    *ret_left = false;
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    *ret_left = has_case(before) &&
                (!has_case(row) || strcmp(before->support.case_id, row->support.case_id) != 0);
    *ret = family_case_lookup(&vault, before->support.case_id);
    return 0;
}

static void write_case(struct buf *buf, bool has, const struct digest *lookup) {
    buf_u8(buf, has);
    buf_raw(buf, BYTES_OF(*lookup));
}

static int number_row(struct node *node, const struct turn_view *view, struct family_row *row,
                      const struct decision *so_far) {
    int r = 0;
    if (row->record_key == 0) {
        r = node_take_key(node, &row->record_key);
    }
    if (r == 0 && row->number == 0) {
        r = next_number(view, TABLE_CARDS, NODE_FACT_FAMILY, so_far, &row->number);
    }
    return r;
}

int family_decide_row(struct node *node, const struct turn_view *view, struct family_row *row,
                      struct decision *ret) {
    const struct family_vault vault = node_family_vault(node);
    const struct digest lookup = family_lookup(&vault, &row->handle);
    const struct digest now = family_case_lookup(&vault, row->support.case_id);
    const struct vault_place place = {.table = table_name(TABLE_CARDS), .key = BYTES_OF(lookup)};
    struct digest before = {0};
    bool left = false;
    int r = number_row(node, view, row, ret);
    if (r == 0) {
        r = left_case(node, view, row, &before, &left);
    }
    if (r < 0) {
        return r;
    }
    struct buf plain = decision_buf(view, FAMILY_ROW_BYTES_MAX);
    struct buf buf = decision_buf(view, FAMILY_ROW_BYTES_MAX + FACT_SLACK_BYTES);
    family_row_encode(row, &plain);
    buf_u32(&buf, row->number);
    buf_raw(&buf, BYTES_OF(lookup));
    write_case(&buf, left, &before);
    write_case(&buf, has_case(row), &now);
    r = seal(node, view, row->record_key, &place, &plain, &buf);
    return r < 0 ? r : decision_add(ret, NODE_FACT_FAMILY, &buf);
}

static void put_last(const struct turn_view *view, enum table table, uint32_t number) {
    struct bytes value;
    uint8_t last[4];
    int r = store_get(view->txn, table, bytes_from_text("l"), &value);
    if (r == 0 && value.length == 4 && be32_read(value.data) >= number) {
        return;
    }
    be32_write(last, number);
    store_put(view->txn, table, bytes_from_text("l"), BYTES_OF(last));
}

/* A case that was linked to another family since stays linked to that one. */
static void unlink_case(const struct turn_view *view, const struct digest *at_case,
                        const struct digest *lookup) {
    struct bytes value;
    int r = store_get(view->txn, TABLE_CARD_CASES, BYTES_OF(*at_case), &value);
    if (r == 0 && bytes_equal(value, BYTES_OF(*lookup))) {
        store_delete(view->txn, TABLE_CARD_CASES, BYTES_OF(*at_case));
    }
}

static int apply_family(const struct turn_view *view, struct reader *reader) {
    struct digest lookup;
    struct digest left;
    struct digest now;
    const struct family_number_key number = family_number_key(read_u32(reader));
    read_raw(reader, lookup.bytes, sizeof(lookup.bytes));
    bool has_left = read_u8(reader) != 0;
    read_raw(reader, left.bytes, sizeof(left.bytes));
    bool has_now = read_u8(reader) != 0;
    read_raw(reader, now.bytes, sizeof(now.bytes));
    struct bytes sealed = read_run(reader);
    if (reader_end(reader) < 0) {
        return ERR_STORAGE;
    }
    register_sealed_used(view->txn, sealed);
    store_put(view->txn, TABLE_CARDS, BYTES_OF(lookup), sealed);
    store_put(view->txn, TABLE_CARDS, BYTES_OF(number), BYTES_OF(lookup));
    put_last(view, TABLE_CARDS, be32_read(number.bytes + 1));
    if (has_left) {
        unlink_case(view, &left, &lookup);
    }
    if (has_now) {
        store_put(view->txn, TABLE_CARD_CASES, BYTES_OF(now), BYTES_OF(lookup));
    }
    return 0;
}

/* -- items -- */

/* The lookup under which a family's items are found. */
static void write_family(const struct node *node, struct buf *buf,
                         const struct family_handle *handle) {
    const struct family_vault vault = node_family_vault(node);
    const struct digest lookup = family_lookup(&vault, handle);
    buf_raw(buf, BYTES_OF(lookup));
}

static bool about_family(const struct item *item) {
    static const struct family_handle nobody;
    return !family_handle_equal(&item->handle, &nobody);
}

/* `ret_left`: the family that it was about and isn't any more; zeros: none. */
static int number_item(struct node *node, const struct turn_view *view, struct item *item,
                       const struct decision *so_far, struct family_handle *ret_left) {
    const struct family_vault vault = node_family_vault(node);
    struct item *before;
    int r = item_by_id(view->txn, &vault, &item->id, view->arena, &before);
    if (r == 0) {
        bool forgotten = !about_family(item) && about_family(before);
        *ret_left = forgotten ? before->handle : *ret_left;
        item->number = before->number;
        item->record_key = before->record_key;
        return forgotten ? node_take_key(node, &item->record_key) : 0;
    }
    if (r != ERR_NOT_FOUND) {
        return r;
    }
    r = node_take_key(node, &item->record_key);
    return r < 0 ? r : next_number(view, TABLE_ITEMS, NODE_FACT_ITEM, so_far, &item->number);
}

int item_decide(struct node *node, const struct turn_view *view, struct item *item,
                struct decision *ret) {
    struct family_handle left = {{0}};
    int r = number_item(node, view, item, ret, &left);
    if (r < 0) {
        return r;
    }
    const bool about = about_family(item);
    const struct family_number_key key = family_number_key(item->number);
    const struct vault_place place = {.table = table_name(TABLE_ITEMS), .key = BYTES_OF(key)};
    struct buf plain = decision_buf(view, FAMILY_ITEM_BYTES_MAX);
    struct buf buf = decision_buf(view, FAMILY_ITEM_BYTES_MAX + FACT_SLACK_BYTES);
    family_item_encode(item, &plain);
    buf_u32(&buf, item->number);
    buf_raw(&buf, BYTES_OF(item->id));
    write_family(node, &buf, about ? &item->handle : &left);
    buf_u8(&buf, about);
    r = seal(node, view, item->record_key, &place, &plain, &buf);
    return r < 0 ? r : decision_add(ret, NODE_FACT_ITEM, &buf);
}

/* What was forgotten of a family isn't opened in an older copy either: its key goes. */
static void shred_replaced(const struct turn_view *view, struct bytes key, struct bytes sealed) {
    struct bytes before;
    uint64_t old_key;
    uint64_t new_key;
    if (store_get(view->txn, TABLE_ITEMS, key, &before) == 0 &&
        vault_key_id(before, &old_key) == 0 && vault_key_id(sealed, &new_key) == 0 &&
        old_key != new_key) {
        register_list_add(view->txn, "shred/", old_key);
    }
}

static int apply_item(const struct turn_view *view, struct reader *reader) {
    static const uint8_t here = 1;
    struct message_id id;
    struct digest lookup;
    uint8_t number[4];
    be32_write(number, read_u32(reader));
    read_raw(reader, id.bytes, sizeof(id.bytes));
    read_raw(reader, lookup.bytes, sizeof(lookup.bytes));
    bool about = read_u8(reader) != 0;
    struct bytes sealed = read_run(reader);
    if (reader_end(reader) < 0) {
        return ERR_STORAGE;
    }
    const struct family_number_key key = family_number_key(be32_read(number));
    const struct family_id_key by_id = family_id_key('i', &id);
    const struct family_item_key by_family = family_item_key(&lookup, be32_read(number));
    if (about) {
        store_put(view->txn, TABLE_ITEMS, BYTES_OF(by_family), BYTES_OF(here));
    } else {
        store_delete(view->txn, TABLE_ITEMS, BYTES_OF(by_family));
    }
    shred_replaced(view, BYTES_OF(key), sealed);
    register_sealed_used(view->txn, sealed);
    store_put(view->txn, TABLE_ITEMS, BYTES_OF(key), sealed);
    store_put(view->txn, TABLE_ITEMS, BYTES_OF(by_id), BYTES_OF(number));
    put_last(view, TABLE_ITEMS, be32_read(number));
    return 0;
}

int item_decide_gone(struct node *node, const struct turn_view *view, const struct item *item,
                     struct decision *ret) {
    const struct family_gone gone = {.items = &item, .item_count = 1};
    return family_decide_gone(node, view, &gone, ret);
}

/* -- what goes -- */

int family_decide_gone(struct node *node, const struct turn_view *view,
                       const struct family_gone *gone, struct decision *ret) {
    const struct family_vault vault = node_family_vault(node);
    const struct family_row *row = gone->row;
    struct buf buf = decision_buf(view, 256 + gone->item_count * 96);
    buf_u32(&buf, row == NULL ? 0 : row->number);
    if (row != NULL) {
        const struct digest lookup = family_lookup(&vault, &row->handle);
        const struct digest at_case = family_case_lookup(&vault, row->support.case_id);
        buf_u64(&buf, row->record_key);
        buf_raw(&buf, BYTES_OF(lookup));
        write_case(&buf, has_case(row), &at_case);
    }
    for (size_t i = 0; i < gone->item_count; i++) {
        buf_u32(&buf, gone->items[i]->number);
        buf_u64(&buf, gone->items[i]->record_key);
        buf_raw(&buf, BYTES_OF(gone->items[i]->id));
        write_family(node, &buf, &gone->items[i]->handle);
    }
    return decision_add(ret, NODE_FACT_FAMILY_GONE, &buf);
}

static int apply_row_gone(const struct turn_view *view, uint32_t number, struct reader *reader) {
    struct digest lookup;
    struct digest at_case;
    uint64_t record_key = read_u64(reader);
    read_raw(reader, lookup.bytes, sizeof(lookup.bytes));
    bool linked = read_u8(reader) != 0;
    read_raw(reader, at_case.bytes, sizeof(at_case.bytes));
    if (reader->error < 0) {
        return ERR_STORAGE;
    }
    const struct family_number_key key = family_number_key(number);
    store_delete(view->txn, TABLE_CARDS, BYTES_OF(key));
    store_delete(view->txn, TABLE_CARDS, BYTES_OF(lookup));
    if (linked) {
        unlink_case(view, &at_case, &lookup);
    }
    register_list_add(view->txn, "shred/", record_key);
    return 0;
}

static int apply_gone(const struct turn_view *view, struct reader *reader) {
    uint32_t number = read_u32(reader);
    int r = number == 0 ? 0 : apply_row_gone(view, number, reader);
    if (r < 0) {
        return r;
    }
    while (reader->rest.length > 0 && reader->error == 0) {
        struct message_id id;
        struct digest lookup;
        const uint32_t at = read_u32(reader);
        uint64_t record_key = read_u64(reader);
        read_raw(reader, id.bytes, sizeof(id.bytes));
        read_raw(reader, lookup.bytes, sizeof(lookup.bytes));
        const struct family_number_key key = family_number_key(at);
        const struct family_id_key by_id = family_id_key('i', &id);
        const struct family_item_key by_family = family_item_key(&lookup, at);
        store_delete(view->txn, TABLE_ITEMS, BYTES_OF(by_family));
        store_delete(view->txn, TABLE_ITEMS, BYTES_OF(key));
        store_delete(view->txn, TABLE_ITEMS, BYTES_OF(by_id));
        register_list_add(view->txn, "shred/", record_key);
    }
    return reader_end(reader) < 0 ? ERR_STORAGE : 0;
}

/* -- our own records -- */

int consent_decide_kept(struct node *node, const struct turn_view *view, struct consent_kept *kept,
                        uint64_t shred, struct decision *ret) {
    const struct family_vault vault = node_family_vault(node);
    const struct digest lookup = family_lookup(&vault, &kept->handle);
    const struct vault_place place = {.table = table_name(TABLE_CONSENTS), .key = BYTES_OF(lookup)};
    int r = kept->record_key == 0 ? node_take_key(node, &kept->record_key) : 0;
    if (r < 0) {
        return r;
    }
    struct buf plain = decision_buf(view, FAMILY_CONSENT_BYTES_MAX);
    struct buf buf = decision_buf(view, FAMILY_CONSENT_BYTES_MAX + FACT_SLACK_BYTES);
    family_consent_encode(kept, &plain);
    buf_raw(&buf, BYTES_OF(lookup));
    buf_u64(&buf, shred);
    r = seal(node, view, kept->record_key, &place, &plain, &buf);
    return r < 0 ? r : decision_add(ret, NODE_FACT_CONSENT, &buf);
}

int consent_decide_gone(struct node *node, const struct turn_view *view,
                        const struct consent_kept *kept, struct decision *ret) {
    const struct family_vault vault = node_family_vault(node);
    const struct digest lookup = family_lookup(&vault, &kept->handle);
    struct buf buf = decision_buf(view, FACT_SLACK_BYTES);
    buf_raw(&buf, BYTES_OF(lookup));
    buf_u64(&buf, kept->record_key);
    buf_run(&buf, (struct bytes){0});
    return decision_add(ret, NODE_FACT_CONSENT, &buf);
}

static int apply_consent(const struct turn_view *view, struct reader *reader) {
    struct digest lookup;
    read_raw(reader, lookup.bytes, sizeof(lookup.bytes));
    uint64_t shred = read_u64(reader);
    struct bytes sealed = read_run(reader);
    if (reader_end(reader) < 0) {
        return ERR_STORAGE;
    }
    if (sealed.length == 0) {
        store_delete(view->txn, TABLE_CONSENTS, BYTES_OF(lookup));
    } else {
        register_sealed_used(view->txn, sealed);
        store_put(view->txn, TABLE_CONSENTS, BYTES_OF(lookup), sealed);
    }
    if (shred != 0) {
        register_list_add(view->txn, "shred/", shred);
    }
    return 0;
}

int family_facts_apply(const struct turn_view *view, const struct fact *fact) {
    struct reader reader = reader_over(fact->body);
    switch ((int)fact->type) {
    case NODE_FACT_FAMILY:
        return apply_family(view, &reader);
    case NODE_FACT_FAMILY_GONE:
        return apply_gone(view, &reader);
    case NODE_FACT_ITEM:
        return apply_item(view, &reader);
    case NODE_FACT_CONSENT:
        return apply_consent(view, &reader);
    default:
        return ERR_UNSUPPORTED;
    }
}
