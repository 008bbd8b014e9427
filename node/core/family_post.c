#include <string.h>

#include "node/core/families.h"
#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/crypto/box.h"
#include "shared/crypto/secret.h"
#include "shared/post/outbox.h"

/* Messages about families to the hub, and the notes of what they're about (TABLE_SENT). */

enum { VERSION = 1, NOTE_BYTES_MAX = 64, OP_POSTED = 1, OP_DROPPED = 2, OP_FORGOTTEN = 3 };

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

/* Whether what a message was about has come to its end while it was on its way: the tombstone found
 * no settled copy of it then. */
static int is_of_the_past(const struct node *node, const struct turn_view *view,
                          const struct sent_note *note, bool *ret) {
    const struct family_vault vault = node_family_vault(node);
    struct family_row *row;
    struct item *item;
    int r = 0;
    if (note->kind == MESSAGE_KIND_WITHDRAWAL || note->kind == MESSAGE_KIND_MEMBER_UPDATE) {
        *ret = false; /* a hub put back from its backup must still hear of it */
        return 0;
    }
    if (note->family != 0) {
        r = family_by_number(view->txn, &vault, note->family, view->arena, &row);
    } else if (note->item != 0) {
        r = item_get(view->txn, &vault, note->item, view->arena, &item);
    }
    *ret = r == ERR_NOT_FOUND || r == ERR_CRYPTO;
    return *ret ? 0 : r;
}

int sent_decide_drop(const struct node *node, const struct turn_view *view,
                     const struct sent_note *note, struct decision *ret) {
    struct buf buf = decision_buf(view, 32);
    bool past;
    int r = is_of_the_past(node, view, note, &past);
    if (r < 0) {
        return r;
    }
    buf_u8(&buf, past ? OP_FORGOTTEN : OP_DROPPED);
    buf_raw(&buf, BYTES_OF(note->id));
    return decision_add(ret, NODE_FACT_SENT, &buf);
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
    int r = node_compose(node, view, &draft, &envelope);
    if (r < 0) {
        return r;
    }
    note->id = draft.id;
    note->day = brussels_day(view->now_ms);
    struct buf buf = decision_buf(view, envelope.length + 2 * NOTE_BYTES_MAX);
    buf_raw(&buf, BYTES_OF(head));
    buf_run(&buf, envelope);
    note_write(&buf, note);
    return decision_add(ret, NODE_FACT_SENT, &buf);
}

static int apply_posted(const struct node *node, const struct turn_view *view,
                        struct reader *reader) {
    struct sent_note note;
    (void)read_u8(reader); /* the lane is in the envelope too */
    struct bytes envelope = read_run(reader);
    if (reader->error < 0 || note_read(reader->rest, &note) < 0) {
        return ERR_STORAGE;
    }
    const struct signature signature =
        sign_bytes(node->params.keys.sign_secret, "envelope/v1", envelope);
    note_put(view->txn, 'w', &note);
    return outbox_push(view->txn, envelope, BYTES_OF(signature), view->arena);
}

static int apply_dropped(const struct turn_view *view, struct reader *reader, bool forgotten) {
    struct message_id id;
    read_raw(reader, id.bytes, sizeof(id.bytes));
    if (reader_end(reader) < 0) {
        return ERR_STORAGE;
    }
    const struct family_id_key key = family_id_key('s', &id);
    store_delete(view->txn, TABLE_SENT, BYTES_OF(key));
    return forgotten ? outbox_forget(view->txn, BYTES_OF(id), MESSAGE_KIND_WITHDRAWAL) : 0;
}

int sent_apply(const struct node *node, const struct turn_view *view, const struct fact *fact) {
    struct reader reader = reader_over(fact->body);
    const uint8_t op = read_u8(&reader);
    return op == OP_POSTED ? apply_posted(node, view, &reader)
                           : apply_dropped(view, &reader, op == OP_FORGOTTEN);
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
