#include "shared/members/chain.h"
#include "shared/members/directory.h"
#include "shared/members/parts.h"
#include "shared/members/record.h"

/* The region's own keys may never become a member's. */
static void apply_found(struct store_txn *txn, const struct region *region) {
    record_key_put(txn, KEY_CURVE, &region->hub_curve, &HUB_ORG);
    record_key_put(txn, KEY_SIGN, &region->hub_sign, &HUB_ORG);
    for (size_t i = 0; i < region->director_count; i++) {
        record_key_put(txn, KEY_SIGN, &region->directors[i], &HUB_ORG);
    }
}

static void put_new_keys(struct store_txn *txn, const struct directory_op *op) {
    if (op->kind == DIRECTORY_OP_JOIN || op->kind == DIRECTORY_OP_ROTATE_CURVE) {
        record_key_put(txn, KEY_CURVE, &op->member->curve, &op->organisation);
    }
    if (op->kind == DIRECTORY_OP_JOIN || op->kind == DIRECTORY_OP_ROTATE_SIGN) {
        record_key_put(txn, KEY_SIGN, &op->member->sign, &op->organisation);
    }
}

static enum record_state state_after(enum directory_op_kind kind) {
    if (kind == DIRECTORY_OP_LEAVE) {
        return RECORD_LEFT;
    }
    return kind == DIRECTORY_OP_REVOKE ? RECORD_REVOKED : RECORD_ACTIVE;
}

static int apply_member(struct store_txn *txn, const struct directory_op *op,
                        const struct chain_head *head, struct arena *arena) {
    struct record record = {0};
    if (op->kind != DIRECTORY_OP_JOIN) {
        int r = record_get(txn, &op->organisation, arena, &record);
        if (r < 0) {
            return r == ERR_NOT_FOUND ? ERR_STORAGE : r;
        }
    }
    enum record_state state = state_after(op->kind);
    if (record.state != state) {
        record.state = state;
        record.since_ms = head->time_ms;
    }
    record.entry = head->sequence;
    op_merge(op, &record.member);
    put_new_keys(txn, op);
    return record_put(txn, &op->organisation, &record, arena);
}

static int apply_op(struct store_txn *txn, const struct directory_op *op, struct chain_head *head,
                    struct arena *arena) {
    if (op->kind == DIRECTORY_OP_FOUND) {
        if (op->region == NULL) {
            return ERR_STORAGE;
        }
        apply_found(txn, op->region);
        return 0;
    }
    if (op->kind == DIRECTORY_OP_RESTORE) {
        head->restored = true;
        head->position = op->position;
        return 0;
    }
    bool carries = op->kind != DIRECTORY_OP_LEAVE && op->kind != DIRECTORY_OP_REVOKE;
    if (carries && op->member == NULL) {
        return ERR_STORAGE;
    }
    return apply_member(txn, op, head, arena);
}

int directory_apply(struct store_txn *txn, struct bytes signed_bytes, struct arena *arena) {
    struct signed_entry signed_entry;
    struct directory_entry entry;
    struct chain_head head;
    enum refusal refusal = signed_entry_decode(signed_bytes, arena, &signed_entry);
    if (refusal == REFUSAL_NONE) {
        refusal = directory_entry_decode(signed_entry.entry, arena, &entry);
    }
    if (refusal != REFUSAL_NONE) {
        return refusal == REFUSAL_NO_ROOM ? ERR_NO_MEMORY : ERR_STORAGE;
    }
    int r = chain_head_get(txn, &head);
    if (r < 0) {
        return r;
    }
    head.sequence = entry.sequence;
    head.hash = directory_entry_hash(&entry.previous, signed_entry.entry);
    head.time_ms = entry.time_ms;
    /* First, for the bytes may lie in the transaction, where the next write ends them. */
    r = chain_entry_put(txn, &head, signed_bytes, arena);
    for (size_t i = 0; i < entry.op_count && r == 0; i++) {
        r = apply_op(txn, &entry.ops[i], &head, arena);
    }
    if (r < 0) {
        return r;
    }
    chain_head_put(txn, &head);
    return 0;
}
