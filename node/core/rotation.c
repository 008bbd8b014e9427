#include "node/core/rotation.h"

#include <string.h>

#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/members/directory.h"

/* TABLE_META "rotate/seal" and "rotate/contact": a key on its way into the directory. The notes of
 * such messages carry in `item` which of the two it is. */

enum { VERSION = 1, PENDING_BYTES_MAX = 64, NOTE_SEALING = 1, NOTE_CONTACT = 2 };

struct pending {
    struct curve_public key;
    int32_t from_day;
    int32_t until_day;
    uint64_t head; /* the entry that it was composed on */
};

static struct bytes name_of(bool contact) {
    return bytes_from_text(contact ? "rotate/contact" : "rotate/seal");
}

static int pending_get(struct store_txn *view, bool contact, struct pending *ret) {
    struct bytes value;
    struct pending pending;
    int r = store_get(view, TABLE_META, name_of(contact), &value);
    if (r < 0) {
        return r;
    }
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    read_raw(&reader, pending.key.bytes, sizeof(pending.key.bytes));
    pending.from_day = (int32_t)read_u32(&reader);
    pending.until_day = (int32_t)read_u32(&reader);
    pending.head = read_u64(&reader);
    if (version != VERSION || reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    *ret = pending;
    return 0;
}

/* Body of NODE_FACT_KEYS: which, then the value; nothing behind it: over. */
static int decide_pending(const struct turn_view *view, bool contact, const struct pending *pending,
                          struct decision *ret) {
    struct buf buf = decision_buf(view, PENDING_BYTES_MAX);
    buf_u8(&buf, contact);
    if (pending != NULL) {
        buf_u8(&buf, VERSION);
        buf_raw(&buf, BYTES_OF(pending->key));
        buf_u32(&buf, (uint32_t)pending->from_day);
        buf_u32(&buf, (uint32_t)pending->until_day);
        buf_u64(&buf, pending->head);
    }
    return decision_add(ret, NODE_FACT_KEYS, &buf);
}

int rotation_apply(const struct turn_view *view, const struct fact *fact) {
    struct reader reader = reader_over(fact->body);
    const bool contact = read_u8(&reader) != 0;
    if (reader.error < 0) {
        return ERR_STORAGE;
    }
    if (reader.rest.length == 0) {
        store_delete(view->txn, TABLE_META, name_of(contact));
    } else {
        store_put(view->txn, TABLE_META, name_of(contact), reader.rest);
    }
    return 0;
}

/* -- the entry -- */

static int compose(struct node *node, const struct turn_view *view, bool contact,
                   const struct pending *pending, struct bytes *ret) {
    struct member member = {.name = ""};
    struct directory_op op = {.kind =
                                  contact ? DIRECTORY_OP_ROTATE_CONTACT : DIRECTORY_OP_ROTATE_SEAL,
                              .organisation = node->params.own.org,
                              .member = &member};
    const struct directory_draft draft = {.now_ms = view->now_ms, .ops = &op, .op_count = 1};
    const struct directory_signer signer = {.public_key = node->params.keys.sign_public,
                                            .secret = node->params.keys.sign_secret};
    struct bytes entry = {0};
    if (contact) {
        memcpy(member.contact.bytes, pending->key.bytes, sizeof(member.contact.bytes));
        member.contact_from_day = pending->from_day;
    } else {
        memcpy(member.seal.bytes, pending->key.bytes, sizeof(member.seal.bytes));
        member.seal_until_day = pending->until_day;
    }
    int r = directory_compose(view->txn, &draft, view->arena, &entry);
    return r < 0 ? r : directory_sign(entry, &signer, 1, view->arena, ret);
}

static int decide_entry(struct node *node, const struct turn_view *view, bool contact,
                        struct pending *pending, struct decision *ret) {
    struct sent_note note = {.kind = MESSAGE_KIND_MEMBER_UPDATE,
                             .item = contact ? NOTE_CONTACT : NOTE_SEALING};
    struct directory_checked checked;
    struct directory_head head;
    struct bytes bytes = {0};
    int r = directory_head(view->txn, &head);
    if (r == 0) {
        r = compose(node, view, contact, pending, &bytes);
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
    pending->head = head.sequence;
    r = decide_pending(view, contact, pending, ret);
    return r < 0 ? r : family_post(node, view, bytes, &note, ret);
}

int rotation_decide(struct node *node, const struct turn_view *view, const struct command *command,
                    struct decision *ret) {
    const struct keys_rotate_arguments *arguments = command->arguments;
    struct pending before;
    struct pending pending = {
        .key = arguments->key, .from_day = arguments->from_day, .until_day = arguments->until_day};
    struct node_standing own;
    int r = node_standing(node, view->txn, &own);
    if (r < 0) {
        return r;
    }
    if (!own.known || !own.active) {
        ret->refusal = REFUSAL_NOT_MEMBER;
        return 0;
    }
    r = pending_get(view->txn, arguments->contact, &before);
    if (r != ERR_NOT_FOUND) {
        ret->refusal = REFUSAL_WRONG_MOVE;
        return r;
    }
    r = decide_entry(node, view, arguments->contact, &pending, ret);
    return r < 0 || ret->refusal != REFUSAL_NONE
               ? r
               : node_result(view, ret, "{\"entry\":%llu}", (unsigned long long)pending.head + 1);
}

/* -- what became of it -- */

static bool came_too_late(enum refusal refusal) {
    return refusal == REFUSAL_BROKEN_CHAIN || refusal == REFUSAL_TOO_FAR_AHEAD;
}

int rotation_settled(struct node *node, const struct turn_view *view, const struct sent_note *note,
                     struct decision *ret) {
    const bool contact = note->item == NOTE_CONTACT;
    struct pending pending;
    struct directory_head head;
    int r = pending_get(view->txn, contact, &pending);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    if (!came_too_late(note->refusal)) {
        return decide_pending(view, contact, NULL, ret);
    }
    r = directory_head(view->txn, &head);
    if (r < 0) {
        return r;
    }
    if (head.sequence == pending.head) {
        return ERR_AGAIN; /* the entry that came first is on its way to us */
    }
    r = decide_entry(node, view, contact, &pending, ret);
    if (r == 0 && ret->refusal != REFUSAL_NONE) { /* the shell makes another */
        ret->refusal = REFUSAL_NONE;
        return decide_pending(view, contact, NULL, ret);
    }
    return r;
}

/* -- what is due -- */

static int is_due(struct store_txn *view, bool contact, int32_t due_day, int32_t today, bool *ret) {
    struct pending pending;
    int r = pending_get(view, contact, &pending);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    *ret = r == ERR_NOT_FOUND && today >= due_day;
    return 0;
}

static int due_of(struct store_txn *view, const struct membership *own, int64_t now_ms,
                  struct node_keys_due *ret) {
    const int32_t today = brussels_day(now_ms);
    const int32_t joined_day = brussels_day(own->since_ms);
    const int32_t until_day = own->member.seal_until_day;
    const int32_t from_day = own->member.contact_from_day;
    struct node_keys_due due = {.sealing = false};
    int r = is_due(view, false, until_day != 0 ? until_day : joined_day + SEALING_KEY_DAYS, today,
                   &due.sealing);
    if (r == 0) {
        r = is_due(view, true, (from_day != 0 ? from_day : joined_day) + CONTACT_KEY_DAYS, today,
                   &due.contact);
    }
    if (r == 0) {
        *ret = due;
    }
    return r;
}

int node_keys_due(struct node *node, int64_t now_ms, struct node_keys_due *ret) {
    struct store_txn *view;
    struct arena *arena;
    struct membership own;
    int r = arena_new(DUE_ARENA_BYTES, &arena);
    if (r < 0) {
        return r;
    }
    r = store_begin_read(node->params.store, &view);
    if (r < 0) {
        arena_free(arena);
        return r;
    }
    *ret = (struct node_keys_due){.sealing = false};
    r = member_get(view, &node->params.own.org, arena, &own);
    if (r == 0 && own.active && !node->clock_halted) {
        r = due_of(view, &own, now_ms, ret);
    }
    store_abort(view);
    arena_free(arena);
    return r == ERR_NOT_FOUND ? 0 : r;
}
