#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hub/core/journal.h"
#include "shared/crypto/hash.h"
#include "shared/members/directory.h"
#include "tests/sim/family_model.h"
#include "tests/sim/model_streams.h"

/* What the model reads from frames as they leave their sender. */

struct model_stream *streams_get(struct model_streams *streams, uint64_t incarnation) {
    for (size_t i = 0; i < streams->count; i++) {
        if (streams->list[i].incarnation == incarnation) {
            return &streams->list[i];
        }
    }
    streams->list = realloc(streams->list, (streams->count + 1) * sizeof(*streams->list));
    assert(streams->list != NULL);
    streams->list[streams->count] = (struct model_stream){.incarnation = incarnation};
    return &streams->list[streams->count++];
}

void streams_clear(struct model_streams *streams) {
    for (size_t i = 0; i < streams->count; i++) {
        for (size_t n = 0; n < streams->list[i].count; n++) {
            free((void *)(uintptr_t)streams->list[i].list[n].copy.data);
        }
        free(streams->list[i].list);
    }
    free(streams->list);
    *streams = (struct model_streams){0};
}

void streams_unsend(struct model_streams *streams) {
    for (size_t i = 0; i < streams->count; i++) {
        for (size_t n = 0; n < streams->list[i].count; n++) {
            struct model_message *message = &streams->list[i].list[n];
            free((void *)(uintptr_t)message->copy.data);
            *message =
                (struct model_message){.applied = message->applied, .refusal = message->refusal};
        }
    }
}

struct model_message *stream_message(struct model_stream *stream, uint64_t number) {
    assert(number >= 1 && number <= STREAM_NUMBERS_MAX);
    if (number > stream->room) {
        size_t room = number * 2 + 16;
        stream->list = realloc(stream->list, room * sizeof(*stream->list));
        assert(stream->list != NULL);
        memset(stream->list + stream->room, 0, (room - stream->room) * sizeof(*stream->list));
        stream->room = room;
    }
    stream->count = number > stream->count ? number : stream->count;
    return &stream->list[number - 1];
}

void stream_settle(struct model_stream *stream) {
    while (stream->settled_to < stream->count && stream->list[stream->settled_to].applied) {
        stream->settled_to++;
    }
}

static bool is_emptied(const struct envelope *envelope) {
    return envelope->kind >= MESSAGE_KIND_CONSENT && envelope->kind <= MESSAGE_KIND_ERASED &&
           envelope->body.length == 0 && envelope->expires_ms > 0 &&
           envelope->expires_ms < envelope->created_ms;
}

static void note_posting(struct model *model, struct model_party *party,
                         const struct posting *posting) {
    struct envelope envelope;
    struct signal signal;
    if (envelope_decode(posting->envelope, model->arena, &envelope) != REFUSAL_NONE ||
        (int)envelope.lane >= MODEL_LANES || envelope.number > STREAM_NUMBERS_MAX) {
        return;
    }
    struct model_stream *stream = streams_get(&party->streams[envelope.lane], envelope.incarnation);
    struct model_message *message = stream_message(stream, envelope.number);
    bool is_signal = envelope.kind == MESSAGE_KIND_SIGNAL; /* kept without its padding */
    struct digest body =
        hash_of("body", is_signal ? signal_unpadded(envelope.body) : envelope.body);
    const bool emptied = is_emptied(&envelope);
    message->emptied = message->emptied || emptied;
    if (message->sent) {
        if (party->honest && (!message_id_equal(&message->id, &envelope.id) ||
                              (!emptied && !digest_equal(&message->body, &body)))) {
            model_broken(model, VIOLATION_DOUBLE, "%s sent two messages %llu", party->org.text,
                         (unsigned long long)envelope.number);
        }
        if (party->honest && emptied && model->families != NULL) {
            family_secrets_emptied(model->families, message, party->org.text);
        }
        return;
    }
    message->sent = true;
    message->id = envelope.id;
    message->kind = envelope.kind;
    message->body = body;
    uint8_t *copy = malloc(envelope.body.length + 1);
    assert(copy != NULL);
    memcpy(copy, envelope.body.data, envelope.body.length);
    message->copy = (struct bytes){.data = copy, .length = envelope.body.length};
    if (is_signal && signal_decode(envelope.body, model->arena, &signal) == REFUSAL_NONE) {
        message->as_of_day = signal.as_of_day;
    }
}

/* A node says how far it has the directory: its store must have it. */
static void check_node_receipts(struct model *model, struct model_party *party,
                                const struct acknowledgement *acknowledgement,
                                struct store *store) {
    for (size_t i = 0; i < acknowledgement->receipt_count; i++) {
        const struct receipt *receipt = &acknowledgement->receipts[i];
        struct model_directory *directory = &party->directory;
        if (receipt->lane != LANE_URGENT || receipt->contiguous <= directory->acked_to) {
            continue;
        }
        if (receipt->contiguous > directory->count) {
            model_broken(model, VIOLATION_FORGED, "%s acknowledges what it never got",
                         party->org.text);
            return;
        }
        struct store_txn *view;
        struct directory_head head = {0};
        if (store_begin_read(store, &view) < 0 || directory_head(view, &head) < 0) {
            model_broken(model, VIOLATION_ERROR, "%s's store can't be read", party->org.text);
            return;
        }
        store_abort(view);
        uint64_t leads_to = 0;
        for (uint64_t number = directory->acked_to; number < receipt->contiguous; number++) {
            uint64_t entry = directory->leads_to[number]; /* 0: a tombstone */
            leads_to = entry > leads_to ? entry : leads_to;
        }
        directory->acked_to = receipt->contiguous;
        directory->held_to = leads_to > directory->held_to ? leads_to : directory->held_to;
        if (head.sequence < leads_to) {
            model_broken(model, VIOLATION_LOST, "%s lacks entry %llu", party->org.text,
                         (unsigned long long)leads_to);
        }
    }
}

void model_node_sent(struct model *model, int index, struct bytes frame, struct store *store) {
    struct model_party *party = &model->parties[index];
    struct packet packet;
    struct acknowledgement acknowledgement;
    arena_reset(model->arena);
    if (packet_decode(frame, model->arena, &packet) != REFUSAL_NONE) {
        if (party->honest) {
            model_broken(model, VIOLATION_ERROR, "%s sent what doesn't decode", party->org.text);
        }
        return;
    }
    if (packet.content == PACKET_POSTING) {
        note_posting(model, party, &packet.posting);
    } else if (packet.content == PACKET_ACKNOWLEDGEMENT && party->honest &&
               acknowledgement_decode(packet.acknowledgement.acknowledgement, model->arena,
                                      &acknowledgement) == REFUSAL_NONE) {
        check_node_receipts(model, party, &acknowledgement, store);
    }
}

static void check_receipt(struct model *model, struct model_party *party,
                          const struct receipt *receipt) {
    if ((int)receipt->lane >= MODEL_LANES || !party->honest) {
        return;
    }
    struct model_stream *stream = streams_get(&party->streams[receipt->lane], receipt->incarnation);
    uint64_t highest = receipt->contiguous + 1 + 8 * receipt->beyond_bytes;
    for (uint64_t number = stream->acked_to + 1; number <= highest; number++) {
        bool covered = number <= receipt->contiguous;
        if (number >= receipt->contiguous + 2) {
            uint64_t bit = number - receipt->contiguous - 2;
            covered = (receipt->beyond[bit / 8] >> (bit % 8) & 1) != 0;
        }
        if (!covered) {
            continue;
        }
        struct model_message *message = stream_message(stream, number);
        message->acked = true;
        if (!message->applied) {
            model_broken(model, VIOLATION_LOST, "%s's message %llu on lane %d", party->org.text,
                         (unsigned long long)number, (int)receipt->lane);
            return;
        }
    }
    stream->acked_to =
        receipt->contiguous > stream->acked_to ? receipt->contiguous : stream->acked_to;
}

static void check_acknowledgement(struct model *model, struct model_party *party,
                                  struct bytes bytes) {
    struct acknowledgement acknowledgement;
    if (acknowledgement_decode(bytes, model->arena, &acknowledgement) != REFUSAL_NONE) {
        model_broken(model, VIOLATION_ERROR, "the hub's acknowledgement doesn't decode");
        return;
    }
    const struct position *position = &acknowledgement.position;
    if (position->sequence != model->seen || !digest_equal(&position->head, &model->head)) {
        model_broken(model, VIOLATION_LOST, "the hub tells of position %llu, it has %llu",
                     (unsigned long long)position->sequence, (unsigned long long)model->seen);
    }
    for (size_t i = 0; i < acknowledgement.receipt_count; i++) {
        check_receipt(model, party, &acknowledgement.receipts[i]);
    }
}

static void note_directory(struct model *model, struct model_party *party,
                           const struct posting *posting) {
    struct envelope envelope;
    struct bytes *entries;
    size_t count;
    struct signed_entry opened;
    struct directory_entry entry;
    if (envelope_decode(posting->envelope, model->arena, &envelope) != REFUSAL_NONE) {
        model_broken(model, VIOLATION_ERROR, "the hub's message doesn't decode");
        return;
    }
    if (envelope.lane != LANE_URGENT) {
        return;
    }
    bool stone = envelope.kind == MESSAGE_KIND_TOMBSTONE;
    if (!stone &&
        (directory_decode(envelope.body, model->arena, &entries, &count) != REFUSAL_NONE ||
         count == 0 ||
         signed_entry_decode(entries[count - 1], model->arena, &opened) != REFUSAL_NONE ||
         directory_entry_decode(opened.entry, model->arena, &entry) != REFUSAL_NONE)) {
        model_broken(model, VIOLATION_ERROR, "the hub's directory message doesn't decode");
        return;
    }
    struct model_directory *directory = &party->directory;
    if (envelope.number <= directory->count) {
        return;
    }
    directory->leads_to =
        realloc(directory->leads_to, envelope.number * sizeof(*directory->leads_to));
    assert(directory->leads_to != NULL);
    for (uint64_t number = directory->count + 1; number < envelope.number; number++) {
        directory->leads_to[number - 1] = 0;
    }
    directory->leads_to[envelope.number - 1] = stone ? 0 : entry.sequence;
    directory->count = envelope.number;
}

void model_hub_sent(struct model *model, int index, struct bytes frame, struct store *store) {
    struct model_party *party = &model->parties[index];
    struct packet packet;
    model_journal(model, store);
    arena_reset(model->arena);
    if (model->families != NULL) {
        family_secrets_frame(model->families, frame);
    }
    if (packet_decode(frame, model->arena, &packet) != REFUSAL_NONE) {
        model_broken(model, VIOLATION_ERROR, "the hub sent what doesn't decode");
        return;
    }
    switch (packet.content) {
    case PACKET_WELCOME:
        if (packet.welcome.acknowledgement.acknowledgement.length > 0) {
            check_acknowledgement(model, party, packet.welcome.acknowledgement.acknowledgement);
        }
        break;
    case PACKET_ACKNOWLEDGEMENT:
        check_acknowledgement(model, party, packet.acknowledgement.acknowledgement);
        break;
    case PACKET_POSTING:
        note_directory(model, party, &packet.posting);
        break;
    case PACKET_LOOK_REPLY:
        break;
    case PACKET_HELLO:
    case PACKET_JOIN_REQUEST:
    case PACKET_JOIN_ANSWER:
    case PACKET_LOOK_REQUEST:
    default:
        model_broken(model, VIOLATION_ERROR, "the hub sent a packet of content %d",
                     (int)packet.content);
        break;
    }
}
