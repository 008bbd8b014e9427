#include <string.h>

#include "shared/crypto/secret.h"
#include "shared/post/outbox_inside.h"

/* How one message lies in TABLE_OUTBOX, and as a copy: how it's kept, kind, id, when it was made,
 * and the packet, or the sealed record of it. The record's place is the message's id, so that it
 * can be moved without being opened. */

/* On disk: never change. The first was the only one once, as a version. */
enum cover { COVER_NONE = 1, COVER_SHARED_KEY = 2, COVER_OWN_KEY = 3 };

enum { ITEM_HEAD_BYTES = 64, EXPIRED_MS = 1 };

static struct vault_place place_of(const struct message_id *id) {
    return (struct vault_place){.table = table_name(TABLE_OUTBOX), .key = BYTES_OF(*id)};
}

int outbox_item_parse(struct bytes value, struct outbox_item *ret) {
    struct reader reader = reader_over(value);
    const uint8_t cover = read_u8(&reader);
    ret->kind = (enum message_kind)read_u32(&reader);
    read_raw(&reader, ret->id.bytes, sizeof(ret->id.bytes));
    ret->created_ms = read_i64(&reader);
    ret->packet = read_run(&reader);
    ret->seal = (struct outbox_seal){.alone = cover == COVER_OWN_KEY};
    if (reader_end(&reader) < 0 || cover < COVER_NONE || cover > COVER_OWN_KEY) {
        return ERR_STORAGE;
    }
    const bool sealed = cover != COVER_NONE;
    return sealed && vault_key_id(ret->packet, &ret->seal.record_key) < 0 ? ERR_STORAGE : 0;
}

/* -- in -- */

/* The nonce is made of what is sealed: the same message under another number has another one. */
static int seal(const struct outbox_putting *to, const struct envelope *envelope,
                struct bytes packet, struct buf *out) {
    const struct vault_place place = place_of(&envelope->id);
    const struct vault_keys *records = &to->keys->records;
    struct record_key key;
    int r = records->get(records->context, to->seal->record_key, &key);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? ERR_CRYPTO : r;
    }
    const struct aead_nonce nonce = vault_nonce(&key, &place, envelope->number, packet);
    buf_u32(out, (uint32_t)(packet.length + VAULT_OVERHEAD_BYTES));
    vault_seal(&key, &place, packet, &nonce, out);
    secret_wipe(&key, sizeof(key));
    return out->error;
}

static enum cover cover_of(const struct outbox_seal *seal) {
    if (seal->record_key == 0) {
        return COVER_NONE;
    }
    return seal->alone ? COVER_OWN_KEY : COVER_SHARED_KEY;
}

int outbox_item_put(const struct outbox_putting *to, const struct envelope *envelope,
                    const struct posting *posting) {
    const struct packet packet = {.content = PACKET_POSTING, .posting = *posting};
    const enum cover cover = cover_of(to->seal);
    struct bytes encoded;
    int r = packet_encode(&packet, to->arena, &encoded);
    if (r < 0) {
        return r;
    }
    const size_t size = ITEM_HEAD_BYTES + VAULT_OVERHEAD_BYTES + encoded.length;
    uint8_t *memory = arena_alloc(to->arena, size, 1);
    if (memory == NULL) {
        return ERR_NO_MEMORY;
    }
    struct buf buf = buf_over(memory, size);
    buf_u8(&buf, (uint8_t)cover);
    buf_u32(&buf, envelope->kind);
    buf_raw(&buf, BYTES_OF(envelope->id));
    buf_i64(&buf, envelope->created_ms);
    if (cover == COVER_NONE) {
        buf_run(&buf, encoded);
    } else {
        r = seal(to, envelope, encoded, &buf);
    }
    if (r < 0) {
        return r;
    }
    const struct stream_message_key message = stream_message_key(to->key, envelope->number);
    store_put(to->txn, TABLE_OUTBOX, BYTES_OF(message), buf_bytes(&buf));
    return 0;
}

/* -- out -- */

int outbox_item_open(const struct outbox_item *item, const struct outbox_keys *keys,
                     struct arena *arena, struct bytes *ret) {
    const struct vault_place place = place_of(&item->id);
    struct record_key key;
    if (item->seal.record_key == 0) {
        *ret = item->packet;
        return 0;
    }
    if (keys == NULL) {
        return ERR_STORAGE; /* another party's store */
    }
    int r = keys->records.get(keys->records.context, item->seal.record_key, &key);
    if (r < 0) {
        return r;
    }
    uint8_t *memory = arena_alloc(arena, item->packet.length, 1);
    struct buf plain = buf_over(memory, memory == NULL ? 0 : item->packet.length);
    r = memory == NULL ? ERR_NO_MEMORY : vault_open(&key, &place, item->packet, &plain);
    secret_wipe(&key, sizeof(key));
    if (r == 0) {
        *ret = buf_bytes(&plain);
    } else if (r == ERR_CRYPTO) {
        r = ERR_NOT_FOUND; /* another key has that number now: this one's is gone */
    } else if (r != ERR_NO_MEMORY) {
        r = ERR_STORAGE;
    }
    return r;
}

struct envelope outbox_item_emptied(const struct outbox_item *item, const struct stream *stream,
                                    uint64_t incarnation) {
    return (struct envelope){
        .version = WIRE_VERSION,
        .sender = stream->sender,
        .recipient = stream->recipient,
        .lane = stream->lane,
        .incarnation = incarnation,
        .number = item->number,
        .id = item->id,
        .created_ms = item->created_ms,
        .expires_ms = EXPIRED_MS,
        .kind = item->kind,
    };
}

static int packet_emptied(const struct outbox_end *end, const struct outbox_item *item,
                          struct bytes *ret) {
    struct outbox_state state;
    struct packet packet = {.content = PACKET_POSTING};
    int r = outbox_state(end->view, end->stream, &state);
    if (r < 0) {
        return r;
    }
    const struct envelope envelope = outbox_item_emptied(item, end->stream, state.incarnation);
    r = envelope_encode(&envelope, end->arena, &packet.posting.envelope);
    if (r < 0) {
        return r;
    }
    const struct signature signature =
        sign_bytes(end->keys->sign, ENVELOPE_DOMAIN, packet.posting.envelope);
    packet.posting.signature = BYTES_OF(signature);
    return packet_encode(&packet, end->arena, ret);
}

int outbox_packet(const struct outbox_end *end, const struct outbox_item *item, struct bytes *ret) {
    int r = outbox_item_open(item, end->keys, end->arena, ret);
    return r == ERR_NOT_FOUND ? packet_emptied(end, item, ret) : r;
}

void outbox_item_spend(struct store_txn *txn, const struct outbox_item *item,
                       const struct outbox_keys *keys) {
    if (item->seal.alone && keys != NULL) {
        keys->spent(txn, item->seal.record_key);
    }
}

int outbox_decode_error(enum refusal refusal) {
    if (refusal == REFUSAL_TOO_LARGE) {
        return ERR_TOO_LARGE;
    }
    return refusal == REFUSAL_NO_ROOM ? ERR_NO_MEMORY : ERR_STORAGE;
}
