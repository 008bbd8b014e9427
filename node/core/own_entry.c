#include "node/core/own_entry.h"

#include "shared/members/directory.h"

/* TABLE_META by kind: an entry on its way. The notes of such messages carry in `item` which kind it
 * is. */

enum { VERSION = 2, HEADER_BYTES = 16 };

static struct bytes name_of(enum own_entry_kind kind) {
    switch (kind) {
    case OWN_ENTRY_SEAL:
        return bytes_from_text("rotate/seal");
    case OWN_ENTRY_CONTACT:
        return bytes_from_text("rotate/contact");
    case OWN_ENTRY_HOURS:
    default:
        return bytes_from_text("hours");
    }
}

static enum directory_op_kind op_of(enum own_entry_kind kind) {
    switch (kind) {
    case OWN_ENTRY_SEAL:
        return DIRECTORY_OP_ROTATE_SEAL;
    case OWN_ENTRY_CONTACT:
        return DIRECTORY_OP_ROTATE_CONTACT;
    case OWN_ENTRY_HOURS:
    default:
        return DIRECTORY_OP_HOURS;
    }
}

int own_entry_get(struct store_txn *view, enum own_entry_kind kind, struct arena *arena,
                  struct own_entry *ret) {
    struct bytes value;
    struct own_entry entry = {.kind = kind};
    int r = store_get(view, TABLE_META, name_of(kind), &value);
    if (r < 0) {
        return r;
    }
    struct reader reader = reader_over(value);
    const uint8_t version = read_u8(&reader);
    entry.waits = read_u8(&reader) != 0;
    entry.head = read_u64(&reader);
    if (version != VERSION || reader.error < 0 ||
        member_decode(reader.rest, arena, &entry.part) != REFUSAL_NONE) {
        return ERR_STORAGE;
    }
    *ret = entry;
    return 0;
}

/* Body of NODE_FACT_KEYS: the kind, then the value; nothing behind it: over. */
static int decide_kept(const struct turn_view *view, const struct own_entry *entry,
                       struct decision *ret) {
    struct bytes part = {0};
    int r = member_encode(&entry->part, view->arena, &part);
    if (r < 0) {
        return r;
    }
    struct buf buf = decision_buf(view, HEADER_BYTES + part.length);
    buf_u8(&buf, (uint8_t)entry->kind);
    buf_u8(&buf, VERSION);
    buf_u8(&buf, entry->waits);
    buf_u64(&buf, entry->head);
    buf_raw(&buf, part);
    return decision_add(ret, NODE_FACT_KEYS, &buf);
}

static int decide_over(const struct turn_view *view, enum own_entry_kind kind,
                       struct decision *ret) {
    struct buf buf = decision_buf(view, HEADER_BYTES);
    buf_u8(&buf, (uint8_t)kind);
    return decision_add(ret, NODE_FACT_KEYS, &buf);
}

int own_entry_apply(const struct turn_view *view, const struct fact *fact) {
    struct reader reader = reader_over(fact->body);
    const enum own_entry_kind kind = (enum own_entry_kind)read_u8(&reader);
    if (reader.error < 0) {
        return ERR_STORAGE;
    }
    if (reader.rest.length == 0) {
        store_delete(view->txn, TABLE_META, name_of(kind));
    } else {
        store_put(view->txn, TABLE_META, name_of(kind), reader.rest);
    }
    return 0;
}

/* -- the entry -- */

/* An entry about hours replaces all of them. */
static int add_hours(struct node *node, const struct turn_view *view, struct member *part) {
    struct membership own;
    int r = member_get(view->txn, &node->params.own.org, view->arena, &own);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r; /* directory_check refuses it */
    }
    part->walk_in = own.member.walk_in;
    part->walk_in_count = own.member.walk_in_count;
    part->sitting = own.member.sitting;
    part->sitting_count = own.member.sitting_count;
    return 0;
}

static int compose(struct node *node, const struct turn_view *view, const struct own_entry *entry,
                   struct bytes *ret) {
    struct member part = entry->part;
    struct directory_op op = {
        .kind = op_of(entry->kind), .organisation = node->params.own.org, .member = &part};
    const struct directory_draft draft = {.now_ms = view->now_ms, .ops = &op, .op_count = 1};
    const struct directory_signer signer = {.public_key = node->params.keys.sign_public,
                                            .secret = node->params.keys.sign_secret};
    struct bytes unsigned_entry = {0};
    int r = entry->kind == OWN_ENTRY_HOURS ? add_hours(node, view, &part) : 0;
    if (r == 0) {
        r = directory_compose(view->txn, &draft, view->arena, &unsigned_entry);
    }
    return r < 0 ? r : directory_sign(unsigned_entry, &signer, 1, view->arena, ret);
}

int own_entry_post(struct node *node, const struct turn_view *view, struct own_entry *entry,
                   struct decision *ret) {
    struct sent_note note = {.kind = MESSAGE_KIND_MEMBER_UPDATE, .item = (uint32_t)entry->kind};
    struct directory_checked checked;
    struct directory_head head;
    struct bytes bytes = {0};
    int r = directory_head(view->txn, &head);
    if (r == 0) {
        r = compose(node, view, entry, &bytes);
    }
    if (r == 0) {
        r = directory_check(view->txn, bytes, view->arena, &checked);
    }
    if (r < 0) {
        return r;
    }
    ret->refusal = checked.refusal;
    if (checked.refusal != REFUSAL_NONE) {
        return 0;
    }
    entry->head = head.sequence;
    entry->waits = false;
    r = decide_kept(view, entry, ret);
    return r < 0 ? r : family_post(node, view, bytes, &note, ret);
}

int own_entry_wait(const struct turn_view *view, struct own_entry *entry, struct decision *ret) {
    entry->waits = true;
    return decide_kept(view, entry, ret);
}

/* -- what became of it -- */

static bool came_too_late(enum refusal refusal) {
    return refusal == REFUSAL_BROKEN_CHAIN || refusal == REFUSAL_TOO_FAR_AHEAD;
}

static bool stands_or_will(enum refusal refusal) {
    return refusal == REFUSAL_NONE || came_too_late(refusal);
}

int own_entry_settled(struct node *node, const struct turn_view *view, const struct sent_note *note,
                      struct decision *ret) {
    const enum own_entry_kind kind = (enum own_entry_kind)note->item;
    struct own_entry entry;
    struct directory_head head;
    int r = own_entry_get(view->txn, kind, view->arena, &entry);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    r = directory_head(view->txn, &head);
    if (r < 0) {
        return r;
    }
    if (stands_or_will(note->refusal) && head.sequence == entry.head) {
        return ERR_AGAIN; /* ours, or the one that came first, is on its way to us */
    }
    if (!came_too_late(note->refusal) && !entry.waits) {
        return decide_over(view, kind, ret);
    }
    r = own_entry_post(node, view, &entry, ret);
    if (r == 0 && ret->refusal != REFUSAL_NONE) { /* its maker makes another */
        ret->refusal = REFUSAL_NONE;
        return decide_over(view, kind, ret);
    }
    return r;
}
