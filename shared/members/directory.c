#include "shared/members/directory.h"

#include "shared/base/buf.h"
#include "shared/crypto/hash.h"
#include "shared/members/chain.h"

#include <string.h>

enum {
    CHAIN_VERSION = 1,
    CHAIN_HEAD_BYTES = 1 + 8 + 32 + 8 + 1 + 8 + 8 + 32,
    ENTRY_HEAD_BYTES = 1 + 32,
};

static const char sign_domain[] = "directory/v1";

struct digest directory_entry_hash(const struct digest *previous, struct bytes entry_bytes) {
    struct hash hash;
    hash_begin(&hash, "directory-chain/v1");
    hash_run(&hash, BYTES_OF(*previous));
    hash_run(&hash, entry_bytes);
    return hash_end(&hash);
}

int chain_head_get(struct store_txn *view, struct chain_head *ret) {
    uint8_t key[8];
    struct bytes value;
    struct chain_head head = {0};
    be64_write(key, 0);
    int r = store_get(view, TABLE_DIRECTORY, BYTES_OF(key), &value);
    if (r == ERR_NOT_FOUND) {
        *ret = head;
        return 0;
    }
    if (r < 0) {
        return r;
    }
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    head.sequence = read_u64(&reader);
    read_raw(&reader, head.hash.bytes, sizeof(head.hash.bytes));
    head.time_ms = read_i64(&reader);
    head.restored = read_u8(&reader) != 0;
    head.position.epoch = read_u64(&reader);
    head.position.sequence = read_u64(&reader);
    read_raw(&reader, head.position.head.bytes, sizeof(head.position.head.bytes));
    if (reader_end(&reader) < 0 || version != CHAIN_VERSION) {
        return ERR_STORAGE;
    }
    *ret = head;
    return 0;
}

void chain_head_put(struct store_txn *txn, const struct chain_head *head) {
    uint8_t key[8];
    uint8_t memory[CHAIN_HEAD_BYTES];
    struct buf buf = buf_over(memory, sizeof(memory));
    be64_write(key, 0);
    buf_u8(&buf, CHAIN_VERSION);
    buf_u64(&buf, head->sequence);
    buf_raw(&buf, BYTES_OF(head->hash));
    buf_i64(&buf, head->time_ms);
    buf_u8(&buf, head->restored ? 1 : 0);
    buf_u64(&buf, head->position.epoch);
    buf_u64(&buf, head->position.sequence);
    buf_raw(&buf, BYTES_OF(head->position.head));
    store_put(txn, TABLE_DIRECTORY, BYTES_OF(key), buf_bytes(&buf));
}

int chain_entry_put(struct store_txn *txn, const struct chain_head *head, struct bytes signed_bytes,
                    struct arena *arena) {
    uint8_t key[8];
    size_t size = ENTRY_HEAD_BYTES + signed_bytes.length;
    uint8_t *memory = arena_alloc(arena, size, 1);
    if (memory == NULL) {
        return ERR_NO_MEMORY;
    }
    struct buf buf = buf_over(memory, size);
    buf_u8(&buf, CHAIN_VERSION);
    buf_raw(&buf, BYTES_OF(head->hash));
    buf_raw(&buf, signed_bytes);
    be64_write(key, head->sequence);
    store_put(txn, TABLE_DIRECTORY, BYTES_OF(key), buf_bytes(&buf));
    return 0;
}

static int entry_get(struct store_txn *view, uint64_t sequence, struct digest *ret_hash,
                     struct bytes *ret_bytes) {
    uint8_t key[8];
    struct bytes value;
    if (sequence == 0) {
        return ERR_NOT_FOUND;
    }
    be64_write(key, sequence);
    int r = store_get(view, TABLE_DIRECTORY, BYTES_OF(key), &value);
    if (r < 0) {
        return r;
    }
    if (value.length < ENTRY_HEAD_BYTES || value.data[0] != CHAIN_VERSION) {
        return ERR_STORAGE;
    }
    memcpy(ret_hash->bytes, value.data + 1, sizeof(ret_hash->bytes));
    *ret_bytes = (struct bytes){
        .data = value.data + ENTRY_HEAD_BYTES,
        .length = value.length - ENTRY_HEAD_BYTES,
    };
    return 0;
}

int directory_head(struct store_txn *view, struct directory_head *ret) {
    struct chain_head head;
    int r = chain_head_get(view, &head);
    if (r < 0) {
        return r;
    }
    *ret = (struct directory_head){.sequence = head.sequence, .hash = head.hash};
    return 0;
}

int directory_restored(struct store_txn *view, struct position *ret) {
    struct chain_head head;
    int r = chain_head_get(view, &head);
    if (r < 0) {
        return r;
    }
    if (!head.restored) {
        return ERR_NOT_FOUND;
    }
    *ret = head.position;
    return 0;
}

int directory_entry_at(struct store_txn *view, uint64_t sequence, struct bytes *ret) {
    struct digest hash;
    return entry_get(view, sequence, &hash, ret);
}

int directory_hash_at(struct store_txn *view, uint64_t sequence, struct digest *ret) {
    struct digest hash;
    struct bytes bytes;
    int r = entry_get(view, sequence, &hash, &bytes);
    if (r < 0) {
        return r;
    }
    *ret = hash;
    return 0;
}

int directory_region(struct store_txn *view, struct arena *arena, struct region *ret) {
    struct bytes bytes;
    struct signed_entry signed_entry;
    struct directory_entry entry;
    int r = directory_entry_at(view, 1, &bytes);
    if (r < 0) {
        return r;
    }
    enum refusal refusal = signed_entry_decode(bytes, arena, &signed_entry);
    if (refusal == REFUSAL_NONE) {
        refusal = directory_entry_decode(signed_entry.entry, arena, &entry);
    }
    if (refusal != REFUSAL_NONE) {
        return refusal == REFUSAL_NO_ROOM ? ERR_NO_MEMORY : ERR_STORAGE;
    }
    if (entry.ops[0].region == NULL) {
        return ERR_STORAGE;
    }
    *ret = *entry.ops[0].region;
    return 0;
}

int directory_compose(struct store_txn *view, const struct directory_draft *draft,
                      struct arena *arena, struct bytes *ret) {
    struct chain_head head;
    int r = chain_head_get(view, &head);
    if (r < 0) {
        return r;
    }
    const struct directory_entry entry = {
        .sequence = head.sequence + 1,
        .previous = head.hash,
        .time_ms = draft->now_ms > head.time_ms ? draft->now_ms : head.time_ms,
        .ops = draft->ops,
        .op_count = draft->op_count,
    };
    return directory_entry_encode(&entry, arena, ret);
}

static struct entry_signature signature_by(const struct directory_signer *signer,
                                           struct bytes entry_bytes) {
    struct entry_signature made;
    struct signature signature = sign_bytes(signer->secret, sign_domain, entry_bytes);
    memcpy(made.key.bytes, signer->public_key.bytes, sizeof(made.key.bytes));
    memcpy(made.signature, signature.bytes, sizeof(made.signature));
    return made;
}

int directory_sign(struct bytes entry_bytes, const struct directory_signer *signers, size_t count,
                   struct arena *arena, struct bytes *ret) {
    struct entry_signature *signatures = ARENA_ARRAY(arena, struct entry_signature, count);
    if (signatures == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        signatures[i] = signature_by(&signers[i], entry_bytes);
    }
    const struct signed_entry entry = {
        .entry = entry_bytes,
        .signatures = signatures,
        .signature_count = count,
    };
    return signed_entry_encode(&entry, arena, ret);
}

int directory_cosign(struct bytes signed_bytes, const struct directory_signer *signer,
                     struct arena *arena, struct bytes *ret) {
    struct signed_entry entry;
    enum refusal refusal = signed_entry_decode(signed_bytes, arena, &entry);
    if (refusal != REFUSAL_NONE) {
        return refusal == REFUSAL_NO_ROOM ? ERR_NO_MEMORY : ERR_MALFORMED;
    }
    size_t count = entry.signature_count;
    struct entry_signature *signatures = ARENA_ARRAY(arena, struct entry_signature, count + 1);
    if (signatures == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        signatures[i] = entry.signatures[i];
    }
    signatures[count] = signature_by(signer, entry.entry);
    entry.signatures = signatures;
    entry.signature_count = count + 1;
    return signed_entry_encode(&entry, arena, ret);
}
