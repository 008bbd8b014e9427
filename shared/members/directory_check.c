#include <string.h>

#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/members/chain.h"
#include "shared/members/directory.h"
#include "shared/members/members.h"
#include "shared/members/parts.h"
#include "shared/members/record.h"

/* One entry under judgement. Each step either finds a refusal or leaves it at none; its negative
 * result means that the world failed and nothing can be said. */
struct judge {
    struct store_txn *view;
    struct arena *arena;
    struct chain_head head;
    struct region region;
    struct signed_entry signed_entry;
    struct directory_entry entry;
    enum refusal refusal;
};

static void refuse_unless(struct judge *judge, bool holds, enum refusal refusal) {
    if (!holds && judge->refusal == REFUSAL_NONE) {
        judge->refusal = refusal;
    }
}

static int judge_known_number(struct judge *judge) {
    struct digest known;
    int r = directory_hash_at(judge->view, judge->entry.sequence, &known);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? ERR_STORAGE : r;
    }
    struct digest hash = directory_entry_hash(&judge->entry.previous, judge->signed_entry.entry);
    judge->refusal = digest_equal(&hash, &known) ? REFUSAL_STALE : REFUSAL_BROKEN_CHAIN;
    return 0;
}

static int judge_place(struct judge *judge) {
    const struct directory_entry *entry = &judge->entry;
    int r = chain_head_get(judge->view, &judge->head);
    if (r < 0) {
        return r;
    }
    if (entry->sequence <= judge->head.sequence) {
        return judge_known_number(judge);
    }
    bool next = entry->sequence == judge->head.sequence + 1;
    refuse_unless(judge, next, REFUSAL_TOO_FAR_AHEAD);
    bool follows = digest_equal(&entry->previous, &judge->head.hash);
    refuse_unless(judge, follows, REFUSAL_BROKEN_CHAIN);
    refuse_unless(judge, instant_valid(entry->time_ms), REFUSAL_MALFORMED);
    bool in_time =
        entry->sequence == 1 || entry->time_ms >= judge->head.time_ms - DIRECTORY_BACK_MS;
    refuse_unless(judge, in_time, REFUSAL_CLOCK_OFF);
    return 0;
}

static void judge_signatures(struct judge *judge) {
    const struct signed_entry *entry = &judge->signed_entry;
    for (size_t i = 0; i < entry->signature_count && judge->refusal == REFUSAL_NONE; i++) {
        struct sign_public key;
        struct signature signature;
        memcpy(key.bytes, entry->signatures[i].key.bytes, sizeof(key.bytes));
        memcpy(signature.bytes, entry->signatures[i].signature, sizeof(signature.bytes));
        bool good = sign_check(&key, "directory/v1", entry->entry, &signature);
        refuse_unless(judge, good, REFUSAL_BAD_SIGNATURE);
    }
}

static bool signed_by(const struct judge *judge, const struct public_key *key) {
    for (size_t i = 0; i < judge->signed_entry.signature_count; i++) {
        if (bytes_equal(BYTES_OF(judge->signed_entry.signatures[i].key), BYTES_OF(*key))) {
            return true;
        }
    }
    return false;
}

/* Counts directors, not signatures: who signs twice counts once. */
static bool signed_by_quorum(const struct judge *judge) {
    uint32_t count = 0;
    for (size_t i = 0; i < judge->region.director_count; i++) {
        count += signed_by(judge, &judge->region.directors[i]) ? 1 : 0;
    }
    return count >= judge->region.quorum;
}

static bool signed_by_who_must(const struct judge *judge, const struct directory_op *op,
                               const struct public_key *organisation_key) {
    bool directors = signed_by_quorum(judge);
    bool organisation = organisation_key != NULL && signed_by(judge, organisation_key);
    switch (op_signers(op->kind)) {
    case SIGNERS_DIRECTORS:
        return directors;
    case SIGNERS_DIRECTORS_AND_ORGANISATION:
        return directors && organisation;
    case SIGNERS_DIRECTORS_OR_ORGANISATION:
        return directors || organisation;
    case SIGNERS_ORGANISATION:
        return organisation;
    }
    return false;
}

static bool stands_alone(enum directory_op_kind kind) {
    return kind == DIRECTORY_OP_JOIN || kind == DIRECTORY_OP_LEAVE || kind == DIRECTORY_OP_REVOKE;
}

static bool same_key(const struct public_key *a, const struct public_key *b) {
    return bytes_equal(BYTES_OF(*a), BYTES_OF(*b));
}

/* Operations are judged by the members as they were before the entry, so none may depend on one
 * before it. */
static void judge_beside_earlier(struct judge *judge, size_t index) {
    const struct directory_op *op = &judge->entry.ops[index];
    bool curve = op->kind == DIRECTORY_OP_JOIN || op->kind == DIRECTORY_OP_ROTATE_CURVE;
    bool sign = op->kind == DIRECTORY_OP_JOIN || op->kind == DIRECTORY_OP_ROTATE_SIGN;
    for (size_t i = 0; i < index; i++) {
        const struct directory_op *earlier = &judge->entry.ops[i];
        bool same_org = org_id_equal(&op->organisation, &earlier->organisation);
        bool hinders =
            op->kind == earlier->kind || stands_alone(op->kind) || stands_alone(earlier->kind);
        refuse_unless(judge, !same_org || !hinders, REFUSAL_NOT_ALLOWED);
        if (earlier->member == NULL || op->member == NULL) {
            continue;
        }
        bool taken = (curve && same_key(&op->member->curve, &earlier->member->curve)) ||
                     (sign && same_key(&op->member->sign, &earlier->member->sign));
        refuse_unless(judge, !taken, REFUSAL_EXISTS);
    }
}

static int judge_key(struct judge *judge, enum key_purpose purpose, const struct public_key *key) {
    struct org_id owner;
    int r = record_key_get(judge->view, purpose, key, &owner);
    if (r == ERR_NOT_FOUND) {
        return 0;
    }
    refuse_unless(judge, r < 0, REFUSAL_EXISTS);
    return r;
}

static int judge_new_keys(struct judge *judge, const struct directory_op *op) {
    int r = 0;
    if (op->kind == DIRECTORY_OP_JOIN || op->kind == DIRECTORY_OP_ROTATE_CURVE) {
        r = judge_key(judge, KEY_CURVE, &op->member->curve);
    }
    if (r == 0 && (op->kind == DIRECTORY_OP_JOIN || op->kind == DIRECTORY_OP_ROTATE_SIGN)) {
        r = judge_key(judge, KEY_SIGN, &op->member->sign);
    }
    return r;
}

static int judge_room(struct judge *judge, size_t index) {
    uint64_t count;
    int r = store_count(judge->view, TABLE_MEMBERS, &count);
    if (r < 0) {
        return r;
    }
    for (size_t i = 0; i < index; i++) {
        count += judge->entry.ops[i].kind == DIRECTORY_OP_JOIN ? 1 : 0;
    }
    refuse_unless(judge, count < MEMBERS_MAX, REFUSAL_NO_ROOM);
    return 0;
}

static int judge_join(struct judge *judge, size_t index) {
    const struct directory_op *op = &judge->entry.ops[index];
    struct member_standing standing;
    refuse_unless(judge, !org_id_equal(&op->organisation, &HUB_ORG), REFUSAL_NOT_ALLOWED);
    int r = member_standing(judge->view, &op->organisation, &standing);
    if (r == ERR_NOT_FOUND) {
        r = judge_room(judge, index);
    } else if (r == 0) {
        refuse_unless(judge, !standing.active, REFUSAL_EXISTS);
    }
    refuse_unless(judge, signed_by_who_must(judge, op, NULL), REFUSAL_NOT_ALLOWED);
    return r;
}

static int judge_change(struct judge *judge, const struct directory_op *op) {
    struct member_standing standing;
    int r = member_standing(judge->view, &op->organisation, &standing);
    if (r == ERR_NOT_FOUND) {
        judge->refusal = REFUSAL_NOT_FOUND;
        return 0;
    }
    if (r < 0) {
        return r;
    }
    refuse_unless(judge, !standing.revoked, REFUSAL_REVOKED);
    refuse_unless(judge, standing.active, REFUSAL_NOT_MEMBER);
    refuse_unless(judge, signed_by_who_must(judge, op, &standing.sign), REFUSAL_NOT_ALLOWED);
    return 0;
}

static int judge_op(struct judge *judge, size_t index) {
    const struct directory_op *op = &judge->entry.ops[index];
    judge->refusal = op_parts_check(op);
    judge_beside_earlier(judge, index);
    if (judge->refusal != REFUSAL_NONE) {
        return 0;
    }
    if (op->kind == DIRECTORY_OP_FOUND || op->kind == DIRECTORY_OP_RESTORE) {
        refuse_unless(judge, signed_by_who_must(judge, op, NULL), REFUSAL_NOT_ALLOWED);
        return 0;
    }
    int r = op->kind == DIRECTORY_OP_JOIN ? judge_join(judge, index) : judge_change(judge, op);
    if (r < 0 || judge->refusal != REFUSAL_NONE) {
        return r;
    }
    return judge_new_keys(judge, op);
}

/* The first entry is judged by the directors that it names itself. */
static int judge_region(struct judge *judge) {
    const struct directory_op *first = &judge->entry.ops[0];
    bool founding = judge->entry.sequence == 1;
    for (size_t i = 0; i < judge->entry.op_count; i++) {
        bool found = judge->entry.ops[i].kind == DIRECTORY_OP_FOUND;
        refuse_unless(judge, found == (founding && i == 0), REFUSAL_NOT_ALLOWED);
    }
    refuse_unless(judge, !founding || judge->entry.op_count == 1, REFUSAL_NOT_ALLOWED);
    refuse_unless(judge, !founding || first->region != NULL, REFUSAL_MALFORMED);
    if (judge->refusal != REFUSAL_NONE) {
        return 0;
    }
    if (founding) {
        judge->region = *first->region;
        return 0;
    }
    return directory_region(judge->view, judge->arena, &judge->region);
}

static int judge_entry(struct judge *judge) {
    int r = judge_place(judge);
    if (r < 0 || judge->refusal != REFUSAL_NONE) {
        return r;
    }
    r = judge_region(judge);
    if (r < 0 || judge->refusal != REFUSAL_NONE) {
        return r;
    }
    judge_signatures(judge);
    for (size_t i = 0; i < judge->entry.op_count && judge->refusal == REFUSAL_NONE; i++) {
        r = judge_op(judge, i);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int directory_check(struct store_txn *view, struct bytes signed_bytes, struct arena *arena,
                    struct directory_checked *ret) {
    struct judge judge = {.view = view, .arena = arena};
    /* What nobody signed is passed on too, so it has a bound. */
    if (signed_bytes.length > SIGNED_ENTRY_BYTES_MAX) {
        *ret = (struct directory_checked){.refusal = REFUSAL_TOO_LARGE};
        return 0;
    }
    judge.refusal = signed_entry_decode(signed_bytes, arena, &judge.signed_entry);
    if (judge.refusal == REFUSAL_NONE) {
        judge.refusal = directory_entry_decode(judge.signed_entry.entry, arena, &judge.entry);
    }
    if (judge.refusal == REFUSAL_NO_ROOM) {
        return ERR_NO_MEMORY; /* the arena is full: says nothing of the entry */
    }
    if (judge.refusal == REFUSAL_NONE) {
        int r = judge_entry(&judge);
        if (r < 0) {
            return r;
        }
    }
    struct directory_checked checked = {.refusal = judge.refusal};
    if (judge.refusal == REFUSAL_NONE) {
        checked.entry = judge.entry;
        checked.hash = directory_entry_hash(&judge.entry.previous, judge.signed_entry.entry);
    }
    *ret = checked;
    return 0;
}
