#include <string.h>

#include "node/core/families.h"
#include "node/core/register_meta.h"
#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/crypto/box.h"
#include "shared/crypto/secret.h"
#include "shared/post/outbox.h"

/* Messages about families to the hub, and the notes of what they're about (TABLE_SENT). */

enum { VERSION = 1, NOTE_BYTES_MAX = 64, OP_POSTED = 1, OP_DROPPED = 2 };

/* -- notes -- */

static void note_write(struct buf *buf, const struct sent_note *note) {
    buf_u8(buf, VERSION);
    buf_raw(buf, BYTES_OF(note->id));
    buf_u32(buf, note->kind);
    buf_u32(buf, note->family);
    buf_u32(buf, note->item);
    buf_raw(buf, BYTES_OF(note->about));
    buf_u32(buf, (uint32_t)note->day);
    buf_u32(buf, note->refusal);
}

static int note_read(struct bytes value, struct sent_note *ret) {
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    *ret = (struct sent_note){.settled = false};
    read_raw(&reader, ret->id.bytes, sizeof(ret->id.bytes));
    ret->kind = (enum message_kind)read_u32(&reader);
    ret->family = read_u32(&reader);
    ret->item = read_u32(&reader);
    read_raw(&reader, ret->about.bytes, sizeof(ret->about.bytes));
    ret->day = (int32_t)read_u32(&reader);
    ret->refusal = (enum refusal)read_u32(&reader);
    return version != VERSION || reader_end(&reader) < 0 ? ERR_STORAGE : 0;
}

static void note_put(struct store_txn *txn, char letter, const struct sent_note *note) {
    uint8_t memory[NOTE_BYTES_MAX];
    struct buf buf = buf_over(memory, sizeof(memory));
    const struct family_id_key key = family_id_key(letter, &note->id);
    note_write(&buf, note);
    store_put(txn, TABLE_SENT, BYTES_OF(key), buf_bytes(&buf));
}

int sent_find(struct store_txn *view, const struct message_id *id, struct sent_note *ret) {
    const struct family_id_key key = family_id_key('w', id);
    struct bytes value;
    int r = store_get(view, TABLE_SENT, BYTES_OF(key), &value);
    return r < 0 ? r : note_read(value, ret);
}

int sent_settle(struct store_txn *txn, const struct message_id *id, enum refusal refusal) {
    const struct family_id_key key = family_id_key('w', id);
    struct sent_note note;
    int r = sent_find(txn, id, &note);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    note.refusal = refusal;
    store_delete(txn, TABLE_SENT, BYTES_OF(key));
    note_put(txn, 's', &note);
    return 0;
}

int sent_settled_next(struct store_txn *view, const struct message_id *after,
                      struct sent_note *ret) {
    const uint8_t first = 's';
    const struct family_id_key seen =
        after == NULL ? (struct family_id_key){0} : family_id_key('s', after);
    struct store_cursor cursor;
    int r = store_seek(view, TABLE_SENT, after == NULL ? BYTES_OF(first) : BYTES_OF(seen), &cursor);
    if (r == 0 && after != NULL && bytes_equal(cursor.key, BYTES_OF(seen))) {
        r = store_next(&cursor);
    }
    if (r < 0) {
        return r;
    }
    if (!store_under(&cursor, BYTES_OF(first))) {
        return ERR_NOT_FOUND;
    }
    r = note_read(cursor.value, ret);
    ret->settled = true;
    return r;
}

int sent_decide_drop(const struct turn_view *view, const struct message_id *id,
                     struct decision *ret) {
    struct buf buf = decision_buf(view, 32);
    buf_u8(&buf, OP_DROPPED);
    buf_raw(&buf, BYTES_OF(*id));
    return decision_add(ret, NODE_FACT_SENT, &buf);
}

/* -- under which key a message waits, and is kept -- */

/* These two name no family, and our entry is everybody's to read. */
static bool is_open(enum message_kind kind) {
    return kind == MESSAGE_KIND_ERASED || kind == MESSAGE_KIND_MEMBER_UPDATE;
}

/* The key of what the message is about: gone with it, so is what we said. A withdrawal must outlive
 * its family's, and a table that has no row of the family has none. */
static int choose_seal(struct node *node, const struct turn_view *view,
                       const struct sent_note *note, const struct decision *so_far,
                       struct outbox_seal *ret) {
    const bool withdrawal = note->kind == MESSAGE_KIND_WITHDRAWAL;
    int r = ERR_NOT_FOUND;
    *ret = (struct outbox_seal){.alone = false};
    if (is_open(note->kind)) {
        return 0;
    }
    if (!withdrawal && note->family != 0) {
        r = family_row_key(node, view, note->family, so_far, &ret->record_key);
    }
    if (!withdrawal && r == ERR_NOT_FOUND && note->item != 0) {
        r = item_row_key(node, view, note->item, so_far, &ret->record_key);
    }
    if (r != ERR_NOT_FOUND) {
        return r;
    }
    ret->alone = true;
    return withdrawal ? node_take_last_key(node, &ret->record_key)
                      : node_take_key(node, &ret->record_key);
}

/* -- posting -- */

int family_post(struct node *node, const struct turn_view *view, struct bytes body,
                struct sent_note *note, struct decision *ret) {
    const enum lane lane = post_kind_find(note->kind)->lane;
    const uint8_t head[] = {OP_POSTED, (uint8_t)lane};
    struct node_draft draft = {.kind = note->kind,
                               .body = body,
                               .ahead = decision_count(ret, NODE_FACT_SENT, BYTES_OF(head))};
    struct bytes envelope = {0};
    struct outbox_seal seal;
    int r = choose_seal(node, view, note, ret, &seal);
    if (r == 0) {
        r = node_compose(node, view, &draft, &envelope);
    }
    if (r < 0) {
        return r;
    }
    note->id = draft.id;
    note->day = brussels_day(view->now_ms);
    struct buf buf = decision_buf(view, envelope.length + 2 * NOTE_BYTES_MAX);
    buf_raw(&buf, BYTES_OF(head));
    buf_u64(&buf, seal.record_key);
    buf_u8(&buf, seal.alone);
    buf_run(&buf, envelope);
    note_write(&buf, note);
    return decision_add(ret, NODE_FACT_SENT, &buf);
}

static int apply_posted(const struct node *node, const struct turn_view *view,
                        struct reader *reader) {
    const struct outbox_keys keys = node_outbox_keys(node);
    struct outbox_seal seal;
    struct sent_note note;
    (void)read_u8(reader); /* the lane is in the envelope too */
    seal.record_key = read_u64(reader);
    seal.alone = read_u8(reader) != 0;
    const struct bytes envelope = read_run(reader);
    if (reader->error < 0 || note_read(reader->rest, &note) < 0) {
        return ERR_STORAGE;
    }
    const struct signature signature = sign_bytes(keys.sign, ENVELOPE_DOMAIN, envelope);
    const struct posting posting = {.envelope = envelope, .signature = BYTES_OF(signature)};
    note_put(view->txn, 'w', &note);
    register_key_used(view->txn, seal.record_key);
    return outbox_push_sealed(view->txn, &posting, &keys, &seal, view->arena);
}

static int apply_dropped(const struct turn_view *view, struct reader *reader) {
    struct message_id id;
    read_raw(reader, id.bytes, sizeof(id.bytes));
    const struct family_id_key key = family_id_key('s', &id);
    store_delete(view->txn, TABLE_SENT, BYTES_OF(key));
    return reader_end(reader) < 0 ? ERR_STORAGE : 0;
}

int sent_apply(const struct node *node, const struct turn_view *view, const struct fact *fact) {
    struct reader reader = reader_over(fact->body);
    return read_u8(&reader) == OP_POSTED ? apply_posted(node, view, &reader)
                                         : apply_dropped(view, &reader);
}

/* -- statements -- */

int family_prove(const struct turn_view *view, const struct family_statement *statement,
                 struct bytes *ret_body) {
    struct signature signature;
    const struct proven proven =
        consent_prove(statement->key, statement->domain, statement->statement, &signature);
    return proven_encode(&proven, view->arena, ret_body);
}

int family_prove_support(const struct turn_view *view, const struct family_row *row,
                         const struct support *said, struct proven *ret) {
    struct sign_public public_key;
    struct sign_secret secret;
    struct bytes statement = {0};
    struct signature *signature = ARENA_NEW(view->arena, struct signature);
    int r = signature == NULL ? ERR_NO_MEMORY : support_encode(said, view->arena, &statement);
    if (r < 0) {
        return r;
    }
    presence_keys(&row->presence, &public_key, &secret);
    *ret = consent_prove(&secret, SUPPORT_DOMAIN, statement, signature);
    secret_wipe(&secret, sizeof(secret));
    return 0;
}

/* -- sealing to others, opening what was sealed to us -- */

int family_member(const struct turn_view *view, const struct org_id *org, struct membership *ret,
                  enum refusal *ret_refusal) {
    int r = member_get(view->txn, org, view->arena, ret);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    *ret_refusal = r == 0 && ret->active ? REFUSAL_NONE : REFUSAL_UNKNOWN_RECIPIENT;
    return 0;
}

static bool is_no_key(const struct public_key *key) {
    static const struct public_key none;
    return memcmp(key, &none, sizeof(none)) == 0;
}

int family_seal_contact(const struct turn_view *view, const struct contact_draft *draft,
                        const struct membership *to, struct sealed *ret,
                        enum refusal *ret_refusal) {
    struct contact contact = {.has_presence = draft->presence != NULL};
    struct curve_public key;
    uint8_t seed[32];
    size_t length = strlen(draft->text);
    if (length > CONTACT_TEXT_BYTES_MAX || is_no_key(&to->member.contact)) {
        *ret_refusal =
            length > CONTACT_TEXT_BYTES_MAX ? REFUSAL_TOO_LARGE : REFUSAL_UNKNOWN_RECIPIENT;
        return 0;
    }
    memcpy(contact.text, draft->text, length);
    if (draft->presence != NULL) {
        contact.presence = *draft->presence;
    }
    memcpy(key.bytes, to->member.contact.bytes, sizeof(key.bytes));
    rng_fill(view->rng, seed, sizeof(seed));
    int r = contact_seal(&contact, &key, seed, view->arena, ret);
    secret_wipe(&contact, sizeof(contact));
    *ret_refusal = r == ERR_CRYPTO ? REFUSAL_UNKNOWN_RECIPIENT : REFUSAL_NONE;
    return r == ERR_CRYPTO ? 0 : r;
}

int family_seal(const struct turn_view *view, struct bytes plain, const struct membership *to,
                struct sealed *ret, enum refusal *ret_refusal) {
    struct curve_public key;
    uint8_t seed[32];
    if (is_no_key(&to->member.seal)) {
        *ret_refusal = REFUSAL_UNKNOWN_RECIPIENT;
        return 0;
    }
    uint8_t *box = arena_alloc(view->arena, plain.length + BOX_OVERHEAD_BYTES, 1);
    if (box == NULL) {
        return ERR_NO_MEMORY;
    }
    memcpy(key.bytes, to->member.seal.bytes, sizeof(key.bytes));
    memcpy(ret->key, key.bytes, sizeof(ret->key));
    rng_fill(view->rng, seed, sizeof(seed));
    int r = box_seal(&key, seed, plain, box);
    ret->box = (struct bytes){.data = box, .length = plain.length + BOX_OVERHEAD_BYTES};
    *ret_refusal = r == ERR_CRYPTO ? REFUSAL_UNKNOWN_RECIPIENT : REFUSAL_NONE;
    return r == ERR_CRYPTO ? 0 : r;
}

static int secret_of(const struct node *node, const struct sealed *sealed,
                     struct curve_secret *ret) {
    const struct sealing_keys *keys = &node->params.keys.sealing;
    return keys->get == NULL ? ERR_NOT_FOUND : keys->get(keys->context, sealed->key, ret);
}

int node_open_contact(const struct node *node, const struct sealed *sealed, struct contact *ret) {
    struct curve_secret secret;
    int r = secret_of(node, sealed, &secret);
    if (r < 0) {
        return r;
    }
    r = contact_open(sealed, &secret, ret);
    secret_wipe(&secret, sizeof(secret));
    return r;
}

int node_unseal(const struct node *node, const struct turn_view *view, const struct sealed *sealed,
                struct bytes *ret) {
    struct curve_secret secret;
    if (sealed->box.length < BOX_OVERHEAD_BYTES) {
        return ERR_CRYPTO;
    }
    size_t length = sealed->box.length - BOX_OVERHEAD_BYTES;
    uint8_t *plain = arena_alloc(view->arena, length == 0 ? 1 : length, 1);
    if (plain == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = secret_of(node, sealed, &secret);
    if (r < 0) {
        return r;
    }
    r = box_open(&secret, sealed->box, plain);
    secret_wipe(&secret, sizeof(secret));
    if (r == 0) {
        *ret = (struct bytes){.data = plain, .length = length};
    }
    return r;
}
