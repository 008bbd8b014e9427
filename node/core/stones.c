#include "node/core/stones.h"

#include <string.h>

#include "node/core/family_codec.h"
#include "node/core/register_meta.h"
#include "shared/base/civil.h"
#include "shared/crypto/secret.h"
#include "shared/post/outbox.h"

enum {
    VERSION = 1,
    RECEIPTS_A_TICK = 16,
    REMNANT_BYTES_MAX = sizeof(struct sign_public) + FAMILY_ROW_BYTES_MAX,
    OP_CAME = 1,
    OP_DONE = 2,
    OP_FORGOTTEN = 3,
};

struct stone_key stone_key(char letter, const struct digest *lookup) {
    struct stone_key key = {.bytes = {(uint8_t)letter}};
    memcpy(key.bytes + 1, lookup->bytes, sizeof(lookup->bytes));
    return key;
}

int stone_stands(const struct node *node, struct store_txn *view,
                 const struct family_handle *handle, bool *ret) {
    const struct family_vault vault = node_family_vault(node);
    const struct digest lookup = family_lookup(&vault, handle);
    const struct stone_key key = stone_key('h', &lookup);
    struct bytes value;
    int r = store_get(view, TABLE_STONES, BYTES_OF(key), &value);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    *ret = r == 0;
    return 0;
}

/* -- erasing -- */

/* One erasure under way in a decide. */
struct erasure {
    struct node *node;
    const struct turn_view *view;
    const struct tombstone *tombstone; /* id zeros: none came */
    struct digest lookup;
    struct family_row *row; /* NULL: none */
    const struct item **items;
    size_t item_count;
    size_t item_room;
    uint64_t record_shred; /* the key of our own record's full text; 0: none */
    int failed;
};

static int keep_item(void *context, const struct item *item) {
    struct erasure *erasure = context;
    struct arena *arena = erasure->view->arena;
    if (erasure->item_count == erasure->item_room) {
        size_t room = erasure->item_room == 0 ? 8 : 2 * erasure->item_room;
        const struct item **items = ARENA_ARRAY(arena, const struct item *, room);
        if (items == NULL) {
            return ERR_NO_MEMORY;
        }
        if (erasure->item_count > 0) {
            memcpy(items, erasure->items, erasure->item_count * sizeof(items[0]));
        }
        erasure->items = items;
        erasure->item_room = room;
    }
    struct item *copy = ARENA_NEW(arena, struct item);
    if (copy == NULL) {
        return ERR_NO_MEMORY;
    }
    *copy = (struct item){.number = item->number,
                          .record_key = item->record_key,
                          .id = item->id,
                          .handle = item->handle};
    erasure->items[erasure->item_count++] = copy;
    return 0;
}

static enum consent_state state_of_basis(enum withdrawal_basis basis) {
    switch (basis) {
    case WITHDRAWAL_CARD:
    case WITHDRAWAL_PAPER:
        return CONSENT_WITHDRAWN;
    case WITHDRAWAL_NEW_CARD:
        return CONSENT_SUPERSEDED;
    case WITHDRAWAL_BASIS_NONE:
    default:
        return CONSENT_EXPIRED;
    }
}

static bool has_ended(const struct consent_record *record) {
    const enum consent_state last = record->event_count == 0
                                        ? CONSENT_STATE_NONE
                                        : record->events[record->event_count - 1].state;
    return last == CONSENT_WITHDRAWN || last == CONSENT_SUPERSEDED || last == CONSENT_EXPIRED;
}

void consent_record_end(struct consent_record *record, const struct consent_event *end) {
    if (has_ended(record)) {
        return;
    }
    if (record->event_count == CONSENT_EVENTS_MAX) { /* the oldest stays: that it was given */
        memmove(&record->events[1], &record->events[2],
                (CONSENT_EVENTS_MAX - 2) * sizeof(record->events[0]));
        record->event_count--;
    }
    record->events[record->event_count++] = *end;
}

/* What stays is that there was a consent, to what, from when to when, taken by whom, and the token
 * with the commitment: no words of the family's and nobody's name. The full text goes with the key
 * that it was sealed under. */
static int bare_record(struct erasure *erasure, struct decision *ret) {
    const struct family_vault vault = node_family_vault(erasure->node);
    const struct tombstone *tombstone = erasure->tombstone;
    const struct consent_event end = {.state = state_of_basis(tombstone->basis),
                                      .at_ms = tombstone->at_ms,
                                      .basis = tombstone->basis};
    struct consent_kept *kept;
    int r =
        consent_find(erasure->view->txn, &vault, &tombstone->handle, erasure->view->arena, &kept);
    if (r < 0) {
        return r == ERR_NOT_FOUND || r == ERR_CRYPTO ? 0 : r;
    }
    if (kept->record.teach_back[0] == '\0') {
        return 0; /* it's bare already: no record is without those words */
    }
    consent_record_end(&kept->record, &end);
    secret_wipe(kept->record.teach_back, sizeof(kept->record.teach_back));
    secret_wipe(kept->record.present, sizeof(kept->record.present));
    secret_wipe(kept->record.interpreter_desk, sizeof(kept->record.interpreter_desk));
    erasure->record_shred = kept->record_key;
    kept->record_key = 0;
    return consent_decide_kept(erasure->node, erasure->view, kept, erasure->record_shred, ret);
}

static int find(struct erasure *erasure) {
    const struct family_vault vault = node_family_vault(erasure->node);
    const struct turn_view *view = erasure->view;
    erasure->lookup = family_lookup(&vault, &erasure->tombstone->handle);
    int r = family_find(view->txn, &vault, &erasure->tombstone->handle, view->arena, &erasure->row);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    return item_each_of(view->txn, &vault, &erasure->tombstone->handle, view->arena, keep_item,
                        erasure);
}

/* -- what we say ourselves of a family whose new card is still on its way -- */

static void remnant_write(const struct family_row *row, struct buf *out) {
    struct sign_public public_key;
    struct sign_secret secret;
    struct family_row bare = {.support = row->support};
    presence_keys(&row->presence, &public_key, &secret);
    secret_wipe(&secret, sizeof(secret));
    memset(&bare.support.said.handle, 0, sizeof(bare.support.said.handle));
    buf_raw(out, BYTES_OF(public_key));
    family_row_encode(&bare, out);
}

static int remnant_read(struct bytes plain, struct remnant *ret) {
    struct reader reader = reader_over(plain);
    struct family_row row;
    struct sign_public public_key;
    read_raw(&reader, public_key.bytes, sizeof(public_key.bytes));
    int r = reader.error < 0 ? ERR_STORAGE : family_row_decode(reader.rest, &row);
    if (r < 0) {
        return r;
    }
    ret->support = row.support;
    ret->presence = public_key;
    return 0;
}

/* Sealed under a key of its own. 0 keys: nothing to keep. */
static int seal_remnant(struct erasure *erasure, uint64_t *ret_key, struct buf *out) {
    const struct family_row *row = erasure->row;
    struct record_key key;
    struct aead_nonce nonce;
    *ret_key = 0;
    const bool moves = row != NULL && row->support.exists && !row->support_moved &&
                       row->support.said.state != SUPPORT_ENDED &&
                       erasure->tombstone->basis == WITHDRAWAL_NEW_CARD;
    if (!moves) {
        buf_run(out, (struct bytes){0});
        return 0;
    }
    const struct vault_keys *records = &erasure->node->params.keys.records;
    int r = node_take_key(erasure->node, ret_key);
    if (r == 0) {
        r = records->get(records->context, *ret_key, &key);
    }
    if (r < 0) {
        return r == ERR_NOT_FOUND ? ERR_CRYPTO : r;
    }
    const struct stone_key at = stone_key('m', &erasure->lookup);
    const struct vault_place place = {.table = table_name(TABLE_STONES), .key = BYTES_OF(at)};
    struct buf plain = decision_buf(erasure->view, REMNANT_BYTES_MAX);
    struct buf sealed = decision_buf(erasure->view, REMNANT_BYTES_MAX + VAULT_OVERHEAD_BYTES);
    remnant_write(row, &plain);
    rng_fill(erasure->view->rng, nonce.bytes, sizeof(nonce.bytes));
    if (plain.error == 0) {
        vault_seal(&key, &place, buf_bytes(&plain), &nonce, &sealed);
    }
    secret_wipe(&key, sizeof(key));
    buf_run(out, buf_bytes(&sealed));
    return plain.error < 0 ? plain.error : sealed.error;
}

int stone_remnant(const struct node *node, const struct turn_view *view,
                  const struct family_handle *old, struct remnant *ret) {
    const struct family_vault vault = node_family_vault(node);
    const struct digest lookup = family_lookup(&vault, old);
    const struct stone_key at = stone_key('m', &lookup);
    const struct vault_place place = {.table = table_name(TABLE_STONES), .key = BYTES_OF(at)};
    struct remnant found = {.record_key = 0};
    struct record_key key;
    struct bytes sealed;
    int r = store_get(view->txn, TABLE_STONES, BYTES_OF(at), &sealed);
    if (r < 0) {
        return r;
    }
    if (vault_key_id(sealed, &found.record_key) < 0) {
        return ERR_STORAGE;
    }
    r = vault.records.get(vault.records.context, found.record_key, &key);
    if (r < 0) {
        return r;
    }
    struct buf plain = decision_buf(view, sealed.length);
    r = vault_open(&key, &place, sealed, &plain);
    secret_wipe(&key, sizeof(key));
    if (r == 0) {
        r = remnant_read(buf_bytes(&plain), &found);
    }
    if (r == 0) {
        *ret = found;
    }
    return r;
}

/* -- facts -- */

static int decide_came(struct erasure *erasure, struct decision *ret) {
    const struct turn_view *view = erasure->view;
    struct buf buf = decision_buf(view, REMNANT_BYTES_MAX + 256);
    uint64_t remnant_key;
    buf_u8(&buf, OP_CAME);
    buf_raw(&buf, BYTES_OF(erasure->tombstone->id));
    buf_raw(&buf, BYTES_OF(erasure->tombstone->handle));
    buf_raw(&buf, BYTES_OF(erasure->lookup));
    buf_u32(&buf, (uint32_t)(brussels_day(view->now_ms) + STONE_DAYS));
    int r = seal_remnant(erasure, &remnant_key, &buf);
    return r < 0 ? r : decision_add(ret, NODE_FACT_STONE, &buf);
}

static int decide_gone(struct erasure *erasure, struct decision *ret) {
    const struct family_gone gone = {
        .row = erasure->row, .items = erasure->items, .item_count = erasure->item_count};
    const bool nothing = erasure->row == NULL && erasure->item_count == 0;
    return nothing ? 0 : family_decide_gone(erasure->node, erasure->view, &gone, ret);
}

int stones_take(struct node *node, const struct turn_view *view, const struct tombstone *tombstone,
                struct decision *ret) {
    struct erasure erasure = {.node = node, .view = view, .tombstone = tombstone};
    int r = find(&erasure);
    if (r == 0) {
        r = bare_record(&erasure, ret);
    }
    if (r == 0) {
        r = decide_gone(&erasure, ret);
    }
    return r < 0 ? r : decide_came(&erasure, ret); /* the last: it looks which keys are queued */
}

int stones_erase_family(struct node *node, const struct turn_view *view, uint32_t number,
                        struct decision *ret) {
    const struct family_vault vault = node_family_vault(node);
    struct family_row *row;
    int r = family_by_number(view->txn, &vault, number, view->arena, &row);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    const struct tombstone own = {
        .handle = row->handle, .basis = WITHDRAWAL_CARD, .at_ms = view->now_ms};
    return stones_take(node, view, &own, ret);
}

/* -- the receipt, once the keys are gone -- */

/* What waits: version, the last key that must be gone. */
static int keys_gone(struct store_txn *view, struct bytes value, bool *ret) {
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    uint64_t last = read_u64(&reader);
    uint64_t first;
    size_t count;
    if (version != VERSION || reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    int r = register_to_shred(view, &first, 1, &count);
    if (r == 0) {
        *ret = count == 0 || first > last;
    }
    return r;
}

static int decide_receipt(struct node *node, const struct turn_view *view,
                          const struct message_id *id, struct decision *ret) {
    const struct erased erased = {.tombstone = *id, .at_ms = view->now_ms};
    struct sent_note note = {.kind = MESSAGE_KIND_ERASED, .about = *id};
    struct bytes body = {0};
    struct buf buf = decision_buf(view, 32);
    int r = erased_encode(&erased, view->arena, &body);
    if (r == 0) {
        r = family_post(node, view, body, &note, ret);
    }
    buf_u8(&buf, OP_DONE);
    buf_raw(&buf, BYTES_OF(*id));
    return r < 0 ? r : decision_add(ret, NODE_FACT_STONE, &buf);
}

int stones_decide_due(struct node *node, const struct turn_view *view, struct decision *ret) {
    const uint8_t open = 'o';
    struct store_cursor cursor;
    size_t count = 0;
    int r;
    for (r = store_seek(view->txn, TABLE_STONES, BYTES_OF(open), &cursor);
         r == 0 && count < RECEIPTS_A_TICK && store_under(&cursor, BYTES_OF(open));
         r = store_next(&cursor)) {
        struct message_id id;
        bool gone;
        if (cursor.key.length != sizeof(struct family_id_key)) {
            return ERR_STORAGE;
        }
        memcpy(id.bytes, cursor.key.data + 1, sizeof(id.bytes));
        int failed = keys_gone(view->txn, cursor.value, &gone);
        if (failed == 0 && gone) {
            failed = decide_receipt(node, view, &id, ret);
            count++;
        }
        if (failed < 0) {
            return failed;
        }
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

int stone_decide_forgotten(const struct turn_view *view, struct bytes key, uint64_t shred,
                           struct decision *ret) {
    struct buf buf = decision_buf(view, 64);
    buf_u8(&buf, OP_FORGOTTEN);
    buf_u64(&buf, shred);
    buf_run(&buf, key);
    return decision_add(ret, NODE_FACT_STONE, &buf);
}

int stone_decide_moved(struct node *node, const struct turn_view *view,
                       const struct family_handle *old, uint64_t record_key, struct decision *ret) {
    const struct family_vault vault = node_family_vault(node);
    const struct digest lookup = family_lookup(&vault, old);
    const struct stone_key key = stone_key('m', &lookup);
    return stone_decide_forgotten(view, BYTES_OF(key), record_key, ret);
}

/* -- apply -- */

/* The receipt waits until no key up to this one is queued any more: those of this erasure, and
 * those that went before for the same family (an end that we saw by ourselves, an item that was
 * forgotten). */
static int put_owed(const struct turn_view *view, const struct message_id *tombstone) {
    static const struct message_id none;
    const struct family_id_key open = family_id_key('o', tombstone);
    uint8_t memory[1 + 8];
    struct buf buf = buf_over(memory, sizeof(memory));
    uint64_t last;
    if (message_id_equal(tombstone, &none)) {
        return 0;
    }
    int r = register_last_to_shred(view->txn, &last);
    if (r < 0) {
        return r;
    }
    buf_u8(&buf, VERSION);
    buf_u64(&buf, last);
    store_put(view->txn, TABLE_STONES, BYTES_OF(open), buf_bytes(&buf));
    return 0;
}

static int apply_came(const struct node *node, const struct turn_view *view,
                      struct reader *reader) {
    const struct outbox_keys keys = node_outbox_keys(node);
    struct message_id id;
    struct family_handle handle;
    struct digest lookup;
    uint8_t until[4];
    read_raw(reader, id.bytes, sizeof(id.bytes));
    read_raw(reader, handle.bytes, sizeof(handle.bytes));
    read_raw(reader, lookup.bytes, sizeof(lookup.bytes));
    be32_write(until, read_u32(reader));
    const struct bytes remnant = read_run(reader);
    if (reader_end(reader) < 0) {
        return ERR_STORAGE;
    }
    const struct stone_key by_handle = stone_key('h', &lookup);
    const struct stone_key own = stone_key('m', &lookup);
    store_put(view->txn, TABLE_STONES, BYTES_OF(by_handle), BYTES_OF(until));
    if (remnant.length > 0) {
        register_sealed_used(view->txn, remnant);
        store_put(view->txn, TABLE_STONES, BYTES_OF(own), remnant);
    }
    /* A hub put back from its backup must still hear of a withdrawal. */
    int r = outbox_forget(view->txn, &keys, BYTES_OF(handle), MESSAGE_KIND_WITHDRAWAL, view->arena);
    return r < 0 ? r : put_owed(view, &id);
}

static int apply_forgotten(const struct turn_view *view, struct reader *reader) {
    uint64_t shred = read_u64(reader);
    struct bytes key = read_run(reader);
    if (reader_end(reader) < 0) {
        return ERR_STORAGE;
    }
    store_delete(view->txn, TABLE_STONES, key);
    if (shred != 0) {
        register_list_add(view->txn, "shred/", shred);
    }
    return 0;
}

int stones_apply(const struct node *node, const struct turn_view *view, const struct fact *fact) {
    struct reader reader = reader_over(fact->body);
    struct message_id id;
    switch (read_u8(&reader)) {
    case OP_CAME:
        return apply_came(node, view, &reader);
    case OP_DONE:
        read_raw(&reader, id.bytes, sizeof(id.bytes));
        const struct family_id_key open = family_id_key('o', &id);
        store_delete(view->txn, TABLE_STONES, BYTES_OF(open));
        return reader_end(&reader) < 0 ? ERR_STORAGE : 0;
    case OP_FORGOTTEN:
        return apply_forgotten(view, &reader);
    default:
        return ERR_STORAGE;
    }
}
