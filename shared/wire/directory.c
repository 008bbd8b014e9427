#include "shared/wire/directory.h"

#include <string.h>

#include "shared/base/err.h"
#include "shared/base/limits.h"
#include "shared/wire/codec.h"
#include "shared/wire/member_codec.h"
#include "shared/wire/shapes.h"

enum { DIRECTORS_MAX = 16, DIRECTORY_ENTRIES_PER_MESSAGE_MAX = 256 };

const char *directory_op_text(enum directory_op_kind kind) {
    switch (kind) {
#define X(name, number, text)                                                                      \
    case name:                                                                                     \
        return text;
        DIRECTORY_OP_LIST(X)
#undef X
    case DIRECTORY_OP_NONE:
    default:
        return NULL;
    }
}

static struct region *check_region(struct check *check, const Vangnet__Region *from) {
    struct region *region = check_array(check, 1, sizeof(*region), 1);
    if (region == NULL) {
        return NULL;
    }
    check_that(check, hub_id_parse(from->hub, &region->hub) == 0, REFUSAL_MALFORMED);
    check_text(check, from->name, region->name, sizeof(region->name));
    check_fixed(check, from->hub_curve, false, region->hub_curve.bytes, PUBLIC_KEY_BYTES);
    check_fixed(check, from->hub_sign, false, region->hub_sign.bytes, PUBLIC_KEY_BYTES);
    region->quorum = from->quorum;
    region->director_count = from->n_directors;
    region->directors =
        check_array(check, from->n_directors, sizeof(*region->directors), DIRECTORS_MAX);
    for (size_t i = 0; i < from->n_directors && region->directors != NULL; i++) {
        check_fixed(check, from->directors[i], false, region->directors[i].bytes, PUBLIC_KEY_BYTES);
    }
    bool sane = region->quorum >= 1 && region->quorum <= region->director_count;
    check_that(check, sane, REFUSAL_MALFORMED);
    return region;
}

static void check_op(struct check *check, const Vangnet__DirectoryOp *from,
                     struct directory_op *ret) {
    ret->kind = (enum directory_op_kind)from->kind;
    check_that(check, directory_op_text(ret->kind) != NULL, REFUSAL_UNKNOWN_VALUE);
    check_org(check, from->organisation, true, &ret->organisation);
    check_text(check, from->reason, ret->reason, sizeof(ret->reason));
    if (from->region != NULL) {
        ret->region = check_region(check, from->region);
    }
    if (from->member != NULL) {
        ret->member = check_array(check, 1, sizeof(*ret->member), 1);
        if (ret->member != NULL) {
            check_member(check, from->member, ret->member);
        }
    }
    if (from->position != NULL) {
        ret->has_position = true;
        ret->position.epoch = from->position->epoch;
        ret->position.sequence = from->position->sequence;
        check_fixed(check, from->position->head, false, ret->position.head.bytes,
                    sizeof(ret->position.head.bytes));
    }
}

enum refusal directory_entry_decode(struct bytes bytes, struct arena *arena,
                                    struct directory_entry *ret) {
    if (bytes.length > DIRECTORY_ENTRY_BYTES_MAX) {
        return REFUSAL_TOO_LARGE;
    }
    ProtobufCMessage *message = NULL;
    enum refusal refusal = codec_unpack(bytes, &shape_directory_entry,
                                        &vangnet__directory_entry__descriptor, arena, &message);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    const Vangnet__DirectoryEntry *from = (const Vangnet__DirectoryEntry *)message;
    struct check check = {.arena = arena};
    struct directory_entry entry = {
        .sequence = from->sequence,
        .time_ms = from->time_ms,
        .op_count = from->n_ops,
    };
    check_fixed(&check, from->previous, false, entry.previous.bytes, sizeof(entry.previous.bytes));
    entry.ops = check_array(&check, from->n_ops, sizeof(*entry.ops), DIRECTORY_OPS_MAX);
    for (size_t i = 0; i < from->n_ops && entry.ops != NULL; i++) {
        check_op(&check, from->ops[i], &entry.ops[i]);
    }
    check_that(&check, entry.sequence > 0 && entry.op_count > 0, REFUSAL_MALFORMED);
    if (check.refusal == REFUSAL_NONE) {
        *ret = entry;
    }
    return check.refusal;
}

enum refusal signed_entry_decode(struct bytes bytes, struct arena *arena,
                                 struct signed_entry *ret) {
    ProtobufCMessage *message = NULL;
    enum refusal refusal = codec_unpack(bytes, &shape_signed_entry,
                                        &vangnet__signed_entry__descriptor, arena, &message);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    const Vangnet__SignedEntry *from = (const Vangnet__SignedEntry *)message;
    struct check check = {.arena = arena};
    struct signed_entry entry = {
        .entry = check_bytes(&check, from->entry),
        .signature_count = from->n_signatures,
    };
    entry.signatures =
        check_array(&check, from->n_signatures, sizeof(*entry.signatures), DIRECTORS_MAX);
    for (size_t i = 0; i < from->n_signatures && entry.signatures != NULL; i++) {
        check_fixed(&check, from->signatures[i]->key, false, entry.signatures[i].key.bytes,
                    PUBLIC_KEY_BYTES);
        check_fixed(&check, from->signatures[i]->signature, false, entry.signatures[i].signature,
                    SIGNATURE_BYTES);
    }
    if (check.refusal == REFUSAL_NONE) {
        *ret = entry;
    }
    return check.refusal;
}

enum refusal join_application_decode(struct bytes bytes, struct arena *arena,
                                     struct join_application *ret) {
    ProtobufCMessage *message = NULL;
    enum refusal refusal = codec_unpack(bytes, &shape_join_application,
                                        &vangnet__join_application__descriptor, arena, &message);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    const Vangnet__JoinApplication *from = (const Vangnet__JoinApplication *)message;
    struct check check = {.arena = arena};
    struct join_application application = {.now_ms = from->now_ms};
    check_org(&check, from->organisation, false, &application.organisation);
    check_that(&check, hub_id_parse(from->hub, &application.hub) == 0, REFUSAL_MALFORMED);
    check_that(&check, from->member != NULL, REFUSAL_MALFORMED);
    if (from->member != NULL) {
        check_member(&check, from->member, &application.member);
    }
    if (check.refusal == REFUSAL_NONE) {
        *ret = application;
    }
    return check.refusal;
}

enum refusal directory_decode(struct bytes body, struct arena *arena, struct bytes **ret_entries,
                              size_t *ret_count) {
    ProtobufCMessage *message = NULL;
    enum refusal refusal =
        codec_unpack(body, &shape_directory, &vangnet__directory__descriptor, arena, &message);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    const Vangnet__Directory *from = (const Vangnet__Directory *)message;
    struct check check = {.arena = arena};
    struct bytes *entries =
        check_array(&check, from->n_entries, sizeof(*entries), DIRECTORY_ENTRIES_PER_MESSAGE_MAX);
    for (size_t i = 0; i < from->n_entries && entries != NULL; i++) {
        entries[i] = check_bytes(&check, from->entries[i]);
    }
    if (check.refusal == REFUSAL_NONE) {
        *ret_entries = entries;
        *ret_count = from->n_entries;
    }
    return check.refusal;
}

static ProtobufCBinaryData *data_array(const struct bytes *runs, size_t count,
                                       struct arena *arena) {
    ProtobufCBinaryData *list = ARENA_ARRAY(arena, ProtobufCBinaryData, count);
    for (size_t i = 0; i < count && list != NULL; i++) {
        list[i] = codec_data(runs[i]);
    }
    return list;
}

static Vangnet__Region *region_message(const struct region *region, struct arena *arena) {
    Vangnet__Region *message = ARENA_NEW(arena, Vangnet__Region);
    ProtobufCBinaryData *directors =
        ARENA_ARRAY(arena, ProtobufCBinaryData, region->director_count);
    if (message == NULL || directors == NULL) {
        return NULL;
    }
    vangnet__region__init(message);
    for (size_t i = 0; i < region->director_count; i++) {
        directors[i] = codec_data(BYTES_OF(region->directors[i]));
    }
    message->hub = codec_text(region->hub.text);
    message->name = codec_text(region->name);
    message->quorum = region->quorum;
    message->n_directors = region->director_count;
    message->directors = directors;
    message->hub_curve = codec_data(BYTES_OF(region->hub_curve));
    message->hub_sign = codec_data(BYTES_OF(region->hub_sign));
    return message;
}

static Vangnet__Position *position_message(const struct position *position, struct arena *arena) {
    Vangnet__Position *message = ARENA_NEW(arena, Vangnet__Position);
    if (message == NULL) {
        return NULL;
    }
    vangnet__position__init(message);
    message->epoch = position->epoch;
    message->sequence = position->sequence;
    message->head = codec_data(BYTES_OF(position->head));
    return message;
}

static Vangnet__DirectoryOp *op_message(const struct directory_op *op, struct arena *arena) {
    Vangnet__DirectoryOp *message = ARENA_NEW(arena, Vangnet__DirectoryOp);
    if (message == NULL) {
        return NULL;
    }
    vangnet__directory_op__init(message);
    message->kind = op->kind;
    message->organisation = codec_text(op->organisation.text);
    message->reason = codec_text(op->reason);
    message->region = op->region == NULL ? NULL : region_message(op->region, arena);
    message->member = op->member == NULL ? NULL : member_message(op->member, arena);
    message->position = op->has_position ? position_message(&op->position, arena) : NULL;
    bool full = (op->region != NULL && message->region == NULL) ||
                (op->member != NULL && message->member == NULL) ||
                (op->has_position && message->position == NULL);
    return full ? NULL : message;
}

int directory_entry_encode(const struct directory_entry *entry, struct arena *arena,
                           struct bytes *ret) {
    Vangnet__DirectoryEntry message = VANGNET__DIRECTORY_ENTRY__INIT;
    Vangnet__DirectoryOp **ops = ARENA_ARRAY(arena, Vangnet__DirectoryOp *, entry->op_count);
    if (ops == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < entry->op_count; i++) {
        ops[i] = op_message(&entry->ops[i], arena);
        if (ops[i] == NULL) {
            return ERR_NO_MEMORY;
        }
    }
    message.sequence = entry->sequence;
    message.previous = codec_data(BYTES_OF(entry->previous));
    message.time_ms = entry->time_ms;
    message.n_ops = entry->op_count;
    message.ops = ops;
    int r = codec_pack(&message.base, arena, ret);
    return r == 0 && ret->length > DIRECTORY_ENTRY_BYTES_MAX ? ERR_TOO_LARGE : r;
}

int signed_entry_encode(const struct signed_entry *entry, struct arena *arena, struct bytes *ret) {
    Vangnet__SignedEntry message = VANGNET__SIGNED_ENTRY__INIT;
    size_t count = entry->signature_count;
    Vangnet__EntrySignature **list = ARENA_ARRAY(arena, Vangnet__EntrySignature *, count);
    Vangnet__EntrySignature *all = ARENA_ARRAY(arena, Vangnet__EntrySignature, count);
    if (list == NULL || all == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        vangnet__entry_signature__init(&all[i]);
        all[i].key = codec_data(BYTES_OF(entry->signatures[i].key));
        all[i].signature = codec_data(BYTES_OF(entry->signatures[i].signature));
        list[i] = &all[i];
    }
    message.entry = codec_data(entry->entry);
    message.n_signatures = count;
    message.signatures = list;
    return codec_pack(&message.base, arena, ret);
}

int join_application_encode(const struct join_application *application, struct arena *arena,
                            struct bytes *ret) {
    Vangnet__JoinApplication message = VANGNET__JOIN_APPLICATION__INIT;
    message.organisation = codec_text(application->organisation.text);
    message.member = member_message(&application->member, arena);
    message.now_ms = application->now_ms;
    message.hub = codec_text(application->hub.text);
    return message.member == NULL ? ERR_NO_MEMORY : codec_pack(&message.base, arena, ret);
}

int directory_encode(const struct bytes *entries, size_t count, struct arena *arena,
                     struct bytes *ret) {
    Vangnet__Directory message = VANGNET__DIRECTORY__INIT;
    message.n_entries = count;
    message.entries = data_array(entries, count, arena);
    return message.entries == NULL ? ERR_NO_MEMORY : codec_pack(&message.base, arena, ret);
}
