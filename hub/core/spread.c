#include <string.h>

#include "hub/core/notices.h"
#include "hub/core/state.h"
#include "shared/base/limits.h"
#include "shared/crypto/hash.h"
#include "shared/post/outbox.h"

/* The directory on its way to the members: entry by entry as it grows, whole for who joins, and
 * again from where it stands for who lost its store or was put back from a backup. */

enum {
    ENTRIES_PER_MESSAGE = 16,
    ENTRIES_BYTES_MAX = 64 << 10, /* far below ENVELOPE_BODY_BYTES_MAX, whatever the entries */
};

/* From the entry and the recipient: the same in every replay. */
static struct message_id directory_message_id(const struct digest *hash,
                                              const struct org_id *recipient) {
    struct hash state;
    struct message_id id;
    hash_begin(&state, "directory-message/v1");
    hash_run(&state, BYTES_OF(*hash));
    hash_run(&state, BYTES_OF(*recipient));
    struct digest digest = hash_end(&state);
    memcpy(id.bytes, digest.bytes, sizeof(id.bytes));
    return id;
}

struct delivery {
    const struct turn_view *view;
    struct address own;
    struct address to;
    int64_t now_ms;
    struct bytes next; /* the entry behind the last one, where it's only decided yet */
    uint64_t next_sequence;
};

static int deliver(const struct delivery *delivery, const struct bytes *entries, size_t count,
                   const struct digest *last_hash) {
    const struct turn_view *view = delivery->view;
    struct stream stream = {
        .sender = delivery->own, .recipient = delivery->to, .lane = LANE_URGENT};
    struct outbox_draft draft = {
        .kind = MESSAGE_KIND_DIRECTORY,
        .id = directory_message_id(last_hash, &delivery->to.org),
        .created_ms = delivery->now_ms,
    };
    struct bytes envelope = {0};
    int r = directory_head(view->txn, &draft.directory);
    if (r == 0) {
        r = directory_encode(entries, count, view->arena, &draft.body);
    }
    if (r == 0) {
        r = outbox_compose(view->txn, &stream, &draft, view->arena, &envelope);
    }
    return r < 0 ? r : outbox_push(view->txn, envelope, (struct bytes){0}, view->arena);
}

/* One who comes back has an empty inbox: what waited for it goes, and numbers begin at 1 again. */
static int begin_anew(const struct delivery *delivery) {
    const struct turn_view *view = delivery->view;
    struct stream stream = {
        .sender = delivery->own, .recipient = delivery->to, .lane = LANE_URGENT};
    struct outbox_state state;
    struct outbox_settled settled;
    int r = outbox_state(view->txn, &stream, &state);
    if (r < 0 || state.last_number == 0) {
        return r;
    }
    struct receipt all = {
        .lane = LANE_URGENT, .incarnation = state.incarnation, .contiguous = state.last_number};
    r = outbox_settle(view->txn, &(struct outbox_receipt){.stream = &stream, .receipt = &all},
                      view->arena, &settled);
    return r < 0 ? r : outbox_restart(view->txn, &stream, state.incarnation + 1, NULL);
}

static int entry_at(const struct delivery *delivery, uint64_t sequence, struct bytes *ret) {
    if (delivery->next.length > 0 && sequence == delivery->next_sequence) {
        *ret = delivery->next;
        return 0;
    }
    return directory_entry_at(delivery->view->txn, sequence, ret);
}

/* As many entries from `first` on as one message holds; at least one. */
static int gather(const struct delivery *delivery, uint64_t first, uint64_t last,
                  struct bytes *entries, size_t *ret_count) {
    size_t count = 0;
    size_t bytes = 0;
    while (count < ENTRIES_PER_MESSAGE && first + count <= last) {
        struct bytes entry;
        int r = entry_at(delivery, first + count, &entry);
        if (r < 0) {
            return r;
        }
        bytes += entry.length;
        if (count > 0 && bytes > ENTRIES_BYTES_MAX) {
            break;
        }
        entries[count] = arena_copy(delivery->view->arena, entry);
        if (entries[count++].data == NULL) {
            return ERR_NO_MEMORY;
        }
    }
    *ret_count = count;
    return 0;
}

/* The directory from entry `first` on, in messages of a few: all of it for a newcomer. */
static int deliver_from(const struct delivery *delivery, uint64_t first, uint64_t last) {
    struct bytes entries[ENTRIES_PER_MESSAGE];
    size_t count = 0;
    for (uint64_t sequence = first; sequence <= last; sequence += count) {
        struct digest hash;
        int r = gather(delivery, sequence, last, entries, &count);
        if (r == 0) {
            r = directory_hash_at(delivery->view->txn, sequence + count - 1, &hash);
        }
        if (r == 0) {
            r = deliver(delivery, entries, count, &hash);
        }
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static bool joins(const struct directory_entry *entry, const struct org_id *org) {
    for (size_t i = 0; i < entry->op_count; i++) {
        if (entry->ops[i].kind == DIRECTORY_OP_JOIN &&
            org_id_equal(&entry->ops[i].organisation, org)) {
            return true;
        }
    }
    return false;
}

static int spread_to(const struct spread *spread, const struct org_id *org) {
    struct delivery delivery = {
        .view = spread->view,
        .own = spread->own,
        .to = {.org = *org, .hub = spread->own.hub},
        .now_ms = spread->now_ms,
    };
    struct peer *peer = spread->hub == NULL ? NULL : peers_find(spread->hub->peers, org);
    if (peer != NULL) {
        peer->has_post = true;
    }
    if (joins(spread->entry, org)) {
        int r = begin_anew(&delivery);
        return r < 0 ? r : deliver_from(&delivery, 1, spread->head.sequence);
    }
    return deliver(&delivery, &spread->signed_entry, 1, &spread->head.hash);
}

/* To every member that stands after the entry; who was just revoked gets nothing more. The ids are
 * gathered first: writing while a cursor walks is dear. */
int spread_entry(const struct spread *spread) {
    struct members_cursor cursor;
    struct membership membership;
    const struct turn_view *view = spread->view;
    struct org_id *orgs = ARENA_ARRAY(view->arena, struct org_id, MEMBERS_MAX);
    size_t count = 0;
    if (orgs == NULL) {
        return ERR_NO_MEMORY;
    }
    int r;
    for (r = members_first(view->txn, view->arena, &cursor, &membership); r == 0;
         r = members_next(&cursor, view->arena, &membership)) {
        if (membership.active && membership.member.role == MEMBER_ROLE_NODE) {
            orgs[count++] = membership.org;
        }
    }
    if (r != ERR_NOT_FOUND) {
        return r;
    }
    for (size_t i = 0; i < count; i++) {
        r = spread_to(spread, &orgs[i]);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

/* -- a last word -- */

int spread_farewell(const struct hub *hub, struct store_txn *view, const struct farewell *farewell,
                    struct arena *arena) {
    const struct address to = {.org = *farewell->org, .hub = hub->own.hub};
    const struct stream stream = {.sender = hub->own, .recipient = to, .lane = LANE_URGENT};
    struct outbox_draft draft = {.kind = MESSAGE_KIND_DIRECTORY, .created_ms = hub->now_ms};
    struct packet packet = {.content = PACKET_POSTING};
    struct bytes frame = {0};
    struct digest hash;
    int r = directory_hash_at(view, farewell->sequence, &hash);
    if (r == 0) {
        draft.id = directory_message_id(&hash, farewell->org);
        r = directory_head(view, &draft.directory);
    }
    if (r == 0) {
        r = directory_encode(&farewell->signed_entry, 1, arena, &draft.body);
    }
    if (r == 0) {
        r = outbox_compose(view, &stream, &draft, arena, &packet.posting.envelope);
    }
    if (r == 0) {
        r = packet_encode(&packet, arena, &frame);
    }
    return r < 0 ? r : hub->params.links.send(hub->params.links.context, &to, frame);
}

/* -- again -- */

/* The first message of the directory that waits; tombstones stand on the same lane. */
static int find_waiting(const struct turn_view *view, const struct stream *stream,
                        struct outbox_item *ret) {
    uint64_t number = 0;
    int r;
    while ((r = outbox_find(view->txn, stream, number, ret)) == 0 &&
           ret->kind != MESSAGE_KIND_DIRECTORY) {
        number = ret->number + 1;
    }
    return r;
}

/* The first entry that waits in the member's outbox; 0: nothing waits. */
static int first_waiting(const struct turn_view *view, const struct stream *stream, uint64_t *ret) {
    struct outbox_item item;
    struct packet packet;
    struct envelope envelope;
    struct bytes *entries;
    size_t count;
    struct signed_entry signed_entry;
    struct directory_entry entry;
    int r = find_waiting(view, stream, &item);
    if (r < 0) {
        *ret = 0;
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    if (packet_decode(item.packet, view->arena, &packet) != REFUSAL_NONE ||
        envelope_decode(packet.posting.envelope, view->arena, &envelope) != REFUSAL_NONE ||
        directory_decode(envelope.body, view->arena, &entries, &count) != REFUSAL_NONE ||
        count == 0 || signed_entry_decode(entries[0], view->arena, &signed_entry) != REFUSAL_NONE ||
        directory_entry_decode(signed_entry.entry, view->arena, &entry) != REFUSAL_NONE) {
        return ERR_NO_MEMORY; /* our own bytes: only a full arena can stop them */
    }
    *ret = entry.sequence;
    return 0;
}

/* How many messages deliver_from makes of them. */
static int count_messages(const struct delivery *delivery, uint64_t first, uint64_t last,
                          uint64_t *ret) {
    struct bytes entries[ENTRIES_PER_MESSAGE];
    size_t count = 0;
    *ret = 0;
    for (uint64_t sequence = first; sequence <= last; sequence += count) {
        int r = gather(delivery, sequence, last, entries, &count);
        if (r < 0) {
            return r;
        }
        ++*ret;
    }
    return 0;
}

static int post_again(const struct hub *hub, const struct turn_view *view,
                      const struct outbox_item *item, const struct outbox_state *state,
                      uint64_t number, struct decision *ret) {
    struct packet packet;
    struct envelope envelope;
    if (packet_decode(item->packet, view->arena, &packet) != REFUSAL_NONE ||
        envelope_decode(packet.posting.envelope, view->arena, &envelope) != REFUSAL_NONE) {
        return ERR_NO_MEMORY; /* our own bytes: only a full arena can stop them */
    }
    envelope.incarnation = state->incarnation + 1;
    envelope.number = number;
    return notices_post_again(hub, view, &envelope, ret);
}

/* The stream begins anew with the directory; what else waits on it comes behind. Of more than a
 * decision holds the receipts stay on the red list. */
static int tombstones_again(const struct hub *hub, const struct turn_view *view,
                            const struct stream *stream, uint64_t directory_messages,
                            struct decision *ret) {
    struct outbox_state state;
    struct outbox_item item;
    uint64_t number = directory_messages;
    int r = outbox_state(view->txn, stream, &state);
    if (r == 0) {
        r = outbox_find(view->txn, stream, 0, &item);
    }
    while (r == 0 && ret->fact_count < DECISION_FACTS_MAX) {
        if (item.kind == MESSAGE_KIND_TOMBSTONE) {
            r = post_again(hub, view, &item, &state, ++number, ret);
        }
        r = r < 0 ? r : outbox_find(view->txn, stream, item.number + 1, &item);
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

int spread_decide_again(const struct hub *hub, const struct turn_view *view,
                        const struct stream *stream, uint64_t theirs, struct decision *ret) {
    struct directory_head head;
    uint64_t waiting = 0;
    int r = directory_head(view->txn, &head);
    if (r < 0 || theirs >= head.sequence || view->short_of_room) {
        return r;
    }
    r = first_waiting(view, stream, &waiting);
    if (r < 0 || (waiting != 0 && waiting <= theirs + 1)) {
        return r;
    }
    struct buf buf = decision_buf(view, 2 * sizeof(struct address) + 16);
    buf_raw(&buf, BYTES_OF(stream->sender.hub));
    buf_raw(&buf, BYTES_OF(stream->recipient.org));
    buf_u64(&buf, theirs + 1);
    const struct delivery delivery = {.view = view};
    uint64_t messages = 0;
    r = decision_add(ret, FACT_DIRECTORY_AGAIN, &buf);
    if (r == 0) {
        r = count_messages(&delivery, theirs + 1, head.sequence, &messages);
    }
    return r < 0 ? r : tombstones_again(hub, view, stream, messages, ret);
}

/* Whoever is in an entry twice isn't sure to be told of it. */
static bool joins_as_node(const struct directory_entry *entry, const struct directory_op *op) {
    size_t about = 0;
    for (size_t i = 0; i < entry->op_count; i++) {
        about += org_id_equal(&entry->ops[i].organisation, &op->organisation) ? 1 : 0;
    }
    return op->kind == DIRECTORY_OP_JOIN && op->member != NULL &&
           op->member->role == MEMBER_ROLE_NODE && about == 1;
}

int spread_decide_joined(const struct hub *hub, const struct turn_view *view,
                         const struct directory_entry *entry, struct bytes signed_entry,
                         struct decision *ret) {
    const struct delivery delivery = {
        .view = view, .next = signed_entry, .next_sequence = entry->sequence};
    for (size_t i = 0; i < entry->op_count; i++) {
        const struct stream stream = {
            .sender = hub->own,
            .recipient = {.org = entry->ops[i].organisation, .hub = hub->own.hub},
            .lane = LANE_URGENT};
        uint64_t messages = 0;
        if (!joins_as_node(entry, &entry->ops[i])) {
            continue;
        }
        int r = count_messages(&delivery, 1, entry->sequence, &messages);
        if (r == 0) {
            r = tombstones_again(hub, view, &stream, messages, ret);
        }
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int spread_apply_again(const struct turn_view *view, const struct fact *fact) {
    struct reader reader = reader_over(fact->body);
    struct delivery delivery = {.view = view, .own = {.org = HUB_ORG}, .now_ms = view->now_ms};
    struct directory_head head;
    read_raw(&reader, delivery.own.hub.text, sizeof(delivery.own.hub.text));
    read_raw(&reader, delivery.to.org.text, sizeof(delivery.to.org.text));
    uint64_t first = read_u64(&reader);
    if (reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    delivery.to.hub = delivery.own.hub;
    int r = directory_head(view->txn, &head);
    if (r == 0) {
        r = begin_anew(&delivery);
    }
    return r < 0 ? r : deliver_from(&delivery, first, head.sequence);
}
